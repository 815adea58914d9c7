//! A look at the values of a candle tensor, without a copy.

use candle_core::{Error, Storage, Tensor};

/// Looks at the values of a tensor that is contiguous and on the processor.
pub(super) fn read<T>(tensor: &Tensor, of: impl FnOnce(&[f32]) -> T) -> Result<T, Error> {
    let (storage, layout) = tensor.storage_and_layout();
    let (Storage::Cpu(storage), Some((from, to))) = (&*storage, layout.contiguous_offsets()) else {
        return Err(Error::Msg("values that are not in a row in memory".into()));
    };
    Ok(of(&storage.as_slice::<f32>()?[from..to]))
}
