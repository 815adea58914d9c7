//! Processor time of the support vector classifier on a table: `cargo bench --bench svc -- TABLE [smo|liblinear|linfa] [FOLDS]`.
//!
//! The table has the class and the columns, separated by commas, without a head. Prints seconds, steps and rows right. `svc_against_libsvm.py` runs it
//! in turns with scikit-learn.

use ndarray::Array2;
use ser::model::svc::{Parameters, Solver};

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let Some(table) = arguments.first() else {
        println!("svc: no table given, nothing measured");
        return;
    };
    let text = std::fs::read_to_string(table).expect("the table");
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let mut values = line.split(',').map(|v| v.parse::<f64>().expect("a number"));
        y.push(values.next().expect("a class") as usize);
        x.extend(values);
    }
    let x = Array2::from_shape_vec((y.len(), x.len() / y.len()), x).expect("a full table");
    let parameters = Parameters {
        solver: match arguments.get(1).map(String::as_str) {
            Some("liblinear") => Solver::Liblinear,
            // With `--features linfa`.
            Some("linfa") => Solver::Linfa,
            _ => Solver::Smo,
        },
        probability: arguments.get(2).and_then(|folds| folds.parse().ok()),
        ..Parameters::default()
    };
    let classes = y.iter().max().map_or(0, |most| most + 1);
    let checked = parameters.check().expect("settings in their ranges");
    // As often as makes half a second: the clock ticks in milliseconds.
    let (began, mut fits) = (processor_seconds(), 0.0);
    let (svc, seconds) = loop {
        let svc = checked
            .fit(x.view(), &y, classes, None)
            .expect("a classifier");
        fits += 1.0;
        let seconds = processor_seconds() - began;
        if seconds > 0.5 {
            break (svc, seconds / fits);
        }
    };
    let right = x.rows().into_iter().zip(&y);
    let right = right
        .filter(|(row, class)| svc.predict(&row.to_vec()) == **class)
        .count();
    let steps: usize = svc.machines().iter().map(|m| m.iterations).sum();
    let objective: f64 = svc.machines().iter().map(|m| m.objective).sum();
    println!(
        "{seconds:.4} s  {steps} steps  objective {objective:.6}  right {:.4}  converged {}",
        right as f64 / y.len() as f64,
        svc.converged()
    );
}

/// Seconds this process has been on a processor; wall time where Linux does not tell.
fn processor_seconds() -> f64 {
    let wall = || {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.map_or(0.0, |d| d.as_secs_f64())
    };
    // /proc/self/schedstat: nanoseconds on the processor.
    std::fs::read_to_string("/proc/self/schedstat")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse::<f64>().ok())
        .map_or_else(wall, |nanoseconds| nanoseconds / 1e9)
}
