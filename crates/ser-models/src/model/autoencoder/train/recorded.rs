//! Loss and gradient as candle records them, of any activation.
//!
//! Weights are inputs × outputs, and the bias is a row that a column of ones spreads over the batch: so every tensor, gradients included, is in one piece.
//! Candle's own `Linear` transposes its weight and broadcasts its bias, whose gradients candle then walks element by element: that took more than half
//! of the training's time.

use candle_core::{DType, Device, Error, Tensor, Var};

use super::Activation;
use super::values::read;

/// What a step fills anew.
pub(super) struct Recorded {
    activation: Activation,
    /// By weights and bias of each layer, in the order of the layers.
    pub by: Vec<Vec<f32>>,
}

impl Recorded {
    pub fn new(activation: Activation) -> Recorded {
        Recorded {
            activation,
            by: Vec::new(),
        }
    }

    /// The loss of a batch, row by row, whose output should be `target`. `parameters` are weights (inputs × outputs) and bias of each layer; `linear` are
    /// the layers without activation.
    pub fn fill(
        &mut self,
        parameters: &[&[f32]],
        linear: [usize; 2],
        input: &[f32],
        target: &[f32],
    ) -> Result<f32, Error> {
        let mut variables = Vec::with_capacity(parameters.len());
        for pair in parameters.chunks_exact(2) {
            let outputs = pair[1].len();
            for values in pair {
                let shape = (values.len() / outputs, outputs);
                let tensor = Tensor::from_slice(values, shape, &Device::Cpu)?;
                variables.push(Var::from_tensor(&tensor)?);
            }
        }
        let columns = parameters[0].len() / parameters[1].len();
        let table =
            |rows: &[f32]| Tensor::from_slice(rows, (rows.len() / columns, columns), &Device::Cpu);
        let loss = self.loss(&variables, linear, &table(input)?, &table(target)?)?;
        let gradients = loss.backward()?;
        self.by.resize_with(variables.len(), Vec::new);
        for (by, variable) in self.by.iter_mut().zip(&variables) {
            let gradient = gradients
                .get(variable)
                .ok_or_else(|| Error::Msg("a weight without a gradient".into()))?;
            by.clear();
            read(&gradient.contiguous()?, |values| {
                by.extend_from_slice(values)
            })?;
        }
        loss.to_scalar()
    }

    /// The mean squared error of what becomes of `input`, rows × columns.
    fn loss(
        &self,
        variables: &[Var],
        linear: [usize; 2],
        input: &Tensor,
        target: &Tensor,
    ) -> Result<Tensor, Error> {
        let ones = Tensor::ones((input.dims()[0], 1), DType::F32, &Device::Cpu)?;
        let mut a = input.clone();
        for (number, pair) in variables.chunks_exact(2).enumerate() {
            a = (a.matmul(&pair[0])? + ones.matmul(&pair[1])?)?;
            if !linear.contains(&number) {
                a = match self.activation {
                    Activation::Relu => a.relu()?,
                    Activation::Tanh => a.tanh()?,
                    Activation::Elu => a.elu(1.0)?,
                    Activation::Gelu => a.gelu_erf()?,
                };
            }
        }
        candle_nn::loss::mse(&a, target)
    }
}
