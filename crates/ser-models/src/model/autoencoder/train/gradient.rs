//! Loss and gradient of a network of rectified units.
//!
//! ```text
//! z_l = a_(l−1) W_l + b_l     a_l = max(0, z_l)        loss = mean (a_L − x)²
//! g_L = 2 (a_L − x) / n       g_(l−1) = g_l W_lᵀ where z_(l−1) ≥ 0, elsewhere 0
//! ∂/∂W_l = a_(l−1)ᵀ g_l       ∂/∂b_l = 1ᵀ g_l                n: rows × columns
//! ```
//!
//! The numbers are those of the gradient that candle records, to the bit: products are candle's, and the rest keeps its order of operations. What candle
//! records also multiplies out the gradients of the input and of the column of ones, and adds each gradient to zeros of its own.

use candle_core::{Device, Error, Storage, Tensor};

use super::Layer;

/// The loss of a batch, and its gradient by weights and bias of each layer, in the order of the layers. `linear` are the layers without rectification.
pub(super) fn gradient(
    layers: &[Layer],
    linear: [usize; 2],
    input: &Tensor,
    target: &Tensor,
    ones: &Tensor,
) -> Result<(Tensor, Vec<Tensor>), Error> {
    let mut inputs = vec![input.clone()];
    let mut sums = Vec::with_capacity(layers.len());
    for (number, layer) in layers.iter().enumerate() {
        let product = inputs[number].matmul(&layer.weight.detach())?;
        let z = read(&product, |product| {
            read(&layer.bias, |bias| {
                let mut z = Vec::with_capacity(product.len());
                for row in product.chunks_exact(bias.len()) {
                    z.extend(row.iter().zip(bias).map(|(p, b)| p + b));
                }
                z
            })
        })??;
        let a = match linear.contains(&number) {
            true => z.clone(),
            false => z.iter().map(|z| z.max(0.0)).collect(),
        };
        inputs.push(Tensor::from_vec(a, product.dims(), &Device::Cpu)?);
        sums.push(z);
    }
    let output = &inputs[layers.len()];
    let loss = candle_nn::loss::mse(output, target)?;
    let share = (1.0 / output.elem_count() as f64) as f32;
    let g = read(output, |output| {
        read(target, |target| {
            let pairs = output.iter().zip(target);
            pairs.map(|(a, x)| (a - x) * share * 2.0).collect()
        })
    })??;
    let mut g = Tensor::from_vec::<_, f32>(g, output.dims(), &Device::Cpu)?;
    let mut gradients = Vec::with_capacity(2 * layers.len());
    for (number, layer) in layers.iter().enumerate().rev() {
        // Backwards, so that all of them are turned round at the end.
        gradients.push(ones.t()?.matmul(&g)?);
        gradients.push(inputs[number].t()?.matmul(&g)?);
        let Some(before) = number.checked_sub(1) else {
            break;
        };
        g = g.matmul(&layer.weight.detach().t()?)?;
        if !linear.contains(&before) {
            let kept = read(&g, |g| {
                let pairs = g.iter().zip(&sums[before]);
                pairs
                    .map(|(g, z)| g * f32::from(u8::from(*z >= 0.0)))
                    .collect()
            })?;
            g = Tensor::from_vec::<_, f32>(kept, g.dims(), &Device::Cpu)?;
        }
    }
    gradients.reverse();
    Ok((loss, gradients))
}

/// Looks at the values of a tensor that is contiguous and on the processor.
pub(in super::super) fn read<T>(tensor: &Tensor, of: impl FnOnce(&[f32]) -> T) -> Result<T, Error> {
    let (storage, layout) = tensor.storage_and_layout();
    let (Storage::Cpu(storage), Some((from, to))) = (&*storage, layout.contiguous_offsets()) else {
        return Err(Error::Msg("values that are not in a row in memory".into()));
    };
    Ok(of(&storage.as_slice::<f32>()?[from..to]))
}
