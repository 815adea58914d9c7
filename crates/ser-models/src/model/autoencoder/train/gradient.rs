//! Loss and gradient of a network of rectified units.
//!
//! ```text
//! z_l = a_(l−1) W_l + b_l     a_l = max(0, z_l)        loss = mean (a_L − x)²
//! g_L = 2 (a_L − x) / n       g_(l−1) = g_l W_lᵀ where z_(l−1) ≥ 0, elsewhere 0
//! ∂/∂W_l = a_(l−1)ᵀ g_l       ∂/∂b_l = 1ᵀ g_l                n: rows × columns
//! ```
//!
//! The numbers are those of the gradient that candle records, to the bit: products are candle's ([`super::product`]), and the rest keeps its order of operations.
//! What candle records also multiplies out the gradients of the input and of the column of ones, and adds each gradient to zeros of its own.

use candle_core::Error;
use ser_features::lanes::widest;

use super::product::{Matrix, Products};

/// What a step fills anew, kept from step to step.
#[derive(Default)]
pub(super) struct Gradient {
    /// By weights and bias of each layer, in the order of the layers.
    pub by: Vec<Vec<f32>>,
    layers: Vec<Filled>,
    products: Products,
    /// By the sums of a layer, and of the layer before it.
    g: Vec<f32>,
    before: Vec<f32>,
}

/// What goes through a layer.
#[derive(Default)]
struct Filled {
    product: Vec<f32>,
    sums: Vec<f32>,
    output: Vec<f32>,
}

impl Gradient {
    /// The loss of a batch, row by row, whose output should be `target`. `parameters` are weights (inputs × outputs) and bias of each layer; `linear` are
    /// the layers without rectification.
    pub fn fill(
        &mut self,
        parameters: &[&[f32]],
        linear: [usize; 2],
        input: &[f32],
        target: &[f32],
    ) -> Result<f32, Error> {
        let number_of_layers = parameters.len() / 2;
        self.layers.resize_with(number_of_layers, Filled::default);
        self.by.resize_with(parameters.len(), Vec::new);
        self.forward(parameters, linear, input)?;
        let output = &self.layers[number_of_layers - 1].output;
        let loss = mean_square(output, target);
        let share = (1.0 / output.len() as f64) as f32;
        let pairs = output.iter().zip(target);
        self.g.clear();
        self.g.extend(pairs.map(|(a, x)| (a - x) * share * 2.0));
        for number in (0..number_of_layers).rev() {
            let (weight, outputs) = (parameters[2 * number], parameters[2 * number + 1].len());
            let inputs = weight.len() / outputs;
            let a = match number.checked_sub(1) {
                Some(before) => &self.layers[before].output,
                None => input,
            };
            let g = Matrix::new(&self.g, outputs);
            let by_weight = &mut self.by[2 * number];
            self.products
                .multiply(Matrix::new(a, inputs).turned(), g, by_weight)?;
            column_sums(&self.g, outputs, &mut self.by[2 * number + 1]);
            let Some(before) = number.checked_sub(1) else {
                break;
            };
            let weight = Matrix::new(weight, outputs).turned();
            self.products.multiply(g, weight, &mut self.before)?;
            if !linear.contains(&before) {
                let pairs = self.before.iter_mut().zip(&self.layers[before].sums);
                pairs.for_each(|(g, z)| *g *= f32::from(u8::from(*z >= 0.0)));
            }
            std::mem::swap(&mut self.g, &mut self.before);
        }
        Ok(loss)
    }

    fn forward(
        &mut self,
        parameters: &[&[f32]],
        linear: [usize; 2],
        input: &[f32],
    ) -> Result<(), Error> {
        for number in 0..self.layers.len() {
            let (weight, bias) = (parameters[2 * number], parameters[2 * number + 1]);
            let (done, rest) = self.layers.split_at_mut(number);
            let layer = &mut rest[0];
            let a = Matrix::new(
                done.last().map_or(input, |before| &before.output),
                weight.len() / bias.len(),
            );
            let weight = Matrix::new(weight, bias.len());
            self.products.multiply(a, weight, &mut layer.product)?;
            layer.sums.clear();
            for row in layer.product.chunks_exact(bias.len()) {
                layer.sums.extend(row.iter().zip(bias).map(|(p, b)| p + b));
            }
            layer.output.clear();
            match linear.contains(&number) {
                true => layer.output.extend_from_slice(&layer.sums),
                false => layer.output.extend(layer.sums.iter().map(|z| z.max(0.0))),
            }
        }
        Ok(())
    }
}

/// 1ᵀ g, row after row.
fn column_sums(g: &[f32], columns: usize, sums: &mut Vec<f32>) {
    let mut rows = g.chunks_exact(columns);
    sums.clear();
    sums.extend_from_slice(rows.next().unwrap_or_default());
    widest(
        #[inline(always)]
        || {
            for row in rows {
                sums.iter_mut().zip(row).for_each(|(sum, g)| *sum += g);
            }
        },
    );
}

/// Mean of (a − x)², summed from the first to the last as [`candle_nn::loss::mse`] does.
fn mean_square(output: &[f32], target: &[f32]) -> f32 {
    let pairs = output.iter().zip(target);
    let sum = pairs.fold(0.0_f32, |sum, (a, x)| sum + (a - x) * (a - x));
    sum * (1.0 / output.len() as f64) as f32
}
