//! Adam with decoupled weight decay, in one pass over each variable.
//!
//! ```text
//! m ← β₁ m + (1 − β₁) g        v ← β₂ v + (1 − β₂) g²
//! θ ← (1 − η λ) θ − η · m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε)          β₁ = .9, β₂ = .999, ε = 1e-8
//! ```
//!
//! The numbers are those of [`candle_nn::AdamW`], to the bit. That makes some twenty tensors of each variable at each step, each by itself: of networks as
//! small as these it took half of the training's time.
//!
//! D. P. Kingma & J. Ba (2015), "Adam", ICLR; I. Loshchilov & F. Hutter (2019), "Decoupled weight decay regularization", ICLR.

use candle_nn::ParamsAdamW;

use ser_features::lanes::widest;

/// The optimiser of some variables, which it holds.
pub(super) struct Adam {
    parameters: ParamsAdamW,
    step: i32,
    variables: Vec<Variable>,
}

struct Variable {
    values: Vec<f32>,
    first: Vec<f32>,
    second: Vec<f32>,
}

/// What is the same for all values of a step.
#[derive(Clone, Copy)]
struct Factors {
    first: [f32; 2],
    second: [f32; 2],
    scale: [f32; 2],
    epsilon: f32,
    keep: f32,
    rate: f32,
}

impl Adam {
    /// The optimiser of variables with these values.
    pub fn new(variables: Vec<Vec<f32>>, parameters: ParamsAdamW) -> Adam {
        let variable = |values: Vec<f32>| Variable {
            first: vec![0.0; values.len()],
            second: vec![0.0; values.len()],
            values,
        };
        Adam {
            parameters,
            step: 0,
            variables: variables.into_iter().map(variable).collect(),
        }
    }

    /// The values of each variable as they are now.
    pub fn values(&self) -> Vec<&[f32]> {
        let variables = self.variables.iter();
        variables.map(|variable| &variable.values[..]).collect()
    }

    /// A step down gradients, one for each variable.
    pub fn step(&mut self, gradients: &[Vec<f32>]) {
        let factors = self.factors();
        for (variable, gradient) in self.variables.iter_mut().zip(gradients) {
            variable.step(gradient, factors);
        }
    }

    /// What the next step takes.
    fn factors(&mut self) -> Factors {
        self.step += 1;
        let ParamsAdamW {
            lr,
            beta1,
            beta2,
            eps,
            weight_decay,
        } = self.parameters;
        Factors {
            first: [beta1 as f32, (1.0 - beta1) as f32],
            second: [beta2 as f32, (1.0 - beta2) as f32],
            scale: [beta1, beta2].map(|beta| (1.0 / (1.0 - beta.powi(self.step))) as f32),
            epsilon: eps as f32,
            keep: (1.0 - lr * weight_decay) as f32,
            rate: lr as f32,
        }
    }
}

impl Variable {
    fn step(&mut self, gradient: &[f32], factors: Factors) {
        let (values, first, second) = (&mut self.values, &mut self.first, &mut self.second);
        widest(
            #[inline(always)]
            || {
                let moments = first.iter_mut().zip(second.iter_mut());
                for ((value, (first, second)), &g) in values.iter_mut().zip(moments).zip(gradient) {
                    *first = *first * factors.first[0] + g * factors.first[1];
                    *second = *second * factors.second[0] + g * g * factors.second[1];
                    let (m, v) = (*first * factors.scale[0], *second * factors.scale[1]);
                    let step = m / (v.sqrt() + factors.epsilon);
                    *value = *value * factors.keep - step * factors.rate;
                }
            },
        );
    }
}

#[test]
fn the_steps_are_those_of_candles_optimiser_to_the_bit() {
    use candle_core::{Device, Tensor, Var};
    use candle_nn::{AdamW, Optimizer};
    let start: Vec<f32> = (0..35).map(|i| (i as f32 * 0.37).sin()).collect();
    for weight_decay in [0.0, 0.1] {
        let parameters = ParamsAdamW {
            lr: 1e-2,
            weight_decay,
            ..ParamsAdamW::default()
        };
        let var = Tensor::from_slice(&start, (5, 7), &Device::Cpu).unwrap();
        let var = Var::from_tensor(&var).unwrap();
        let mut candles = AdamW::new(vec![var.clone()], parameters.clone()).unwrap();
        let mut own = Adam::new(vec![start.clone()], parameters);
        let values = || var.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let bits = |values: &[f32]| -> Vec<u32> { values.iter().map(|x| x.to_bits()).collect() };
        for step in 0..20 {
            // A gradient that changes with the step and the values.
            let shifted = (var.as_tensor() - f64::from(step) * 0.01).unwrap();
            let loss = shifted.sqr().unwrap().sqr().unwrap().mean_all().unwrap();
            let gradient = loss.backward().unwrap();
            let by = gradient.get(&var).unwrap().flatten_all().unwrap();
            own.step(&[by.to_vec1::<f32>().unwrap()]);
            candles.step(&gradient).unwrap();
            assert_eq!(bits(own.values()[0]), bits(&values()));
        }
    }
}
