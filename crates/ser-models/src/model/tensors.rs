//! What a safetensors file holds, its header read once: texts of the metadata by their key, and tensors by their name.
//!
//! [`SafeTensors::deserialize`] keeps the metadata to itself, so whoever wants both reads the header twice. That of a classifier is 175 KB of JSON: each
//! reading is a thirtieth of the instructions from the start of the program to its first answer.

use safetensors::SafeTensorError;
use safetensors::tensor::{Metadata, SafeTensors, TensorView};

/// The bytes of a file, and where everything is in them.
pub(crate) struct Tensors<'a> {
    header: Metadata,
    data: &'a [u8],
}

impl<'a> Tensors<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// Bytes of no such file, or of one that is cut off.
    pub fn read(bytes: &'a [u8]) -> Result<Self, SafeTensorError> {
        /// The length of the header stands before it.
        const LENGTH: usize = 8;
        let (length, header) = SafeTensors::read_metadata(bytes)?;
        Ok(Self {
            header,
            data: &bytes[LENGTH + length..],
        })
    }

    /// The text with this key.
    pub fn text(&self, key: &str) -> Option<&str> {
        let texts = self.header.metadata().as_ref();
        texts?.get(key).map(String::as_str)
    }

    /// The tensor of this name.
    pub fn tensor(&self, name: &str) -> Option<TensorView<'a>> {
        let info = self.header.info(name)?;
        let data = self.data.get(info.data_offsets.0..info.data_offsets.1)?;
        TensorView::new(info.dtype, info.shape.clone(), data).ok()
    }
}
