//! `ser embed`: recordings as points: latents, or standardised features.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;

use super::atomic_write::write_atomically;
use super::claim::claim;
use super::output::{complain, no_formula, print_data, shown, threads};
use super::pipe::{self, find_or_read};
use super::progress::Progress;
use super::{FAILED, Usage};
use ser_features::feature::egemaps::columns::Column;
use ser_features::feature::{FeatureSet, Level};
use ser_models::classify::Ground;
use ser_models::classify::{Answer, Model};
use ser_parallel::for_each_in_order;
use ser_tables::selection;

const EXAMPLES: &str = "\
Examples:
  ser embed recordings/ -o latents.csv
  ser embed recordings/ --what features -o features.csv
        the standardised features, as the model sees them
  ser embed recordings/ --model dae -o latents.csv
        the two latents of the denoising autoencoder of Das et al. (2021)
  ser embed recordings/ --model mine.safetensors -o latents.npy
        an array, rows as in latents.npy.txt

Without -o, csv goes to standard output.";

/// Write recordings as a model sees them: their latent coordinates or standardised features.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Recordings, and folders with recordings.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,

    #[command(flatten)]
    pipe: pipe::Options,

    /// A model made by `ser train`, or one of the paper's inside the program: raw, pca, uae, dae [default: the robust one inside].
    #[arg(long, value_name = "MODEL")]
    model: Option<PathBuf>,

    /// What of them.
    #[arg(long, value_enum, default_value = "latent")]
    what: What,

    /// Only these of the features: names, patterns such as 'F0*', or groups such as pitch, formant, MFCC (`ser features` lists both), separated by commas.
    #[arg(long)]
    columns: Option<String>,

    /// The table (.csv or .npy); it appears when it is complete.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Write names that begin with =, +, - or @ with ' before them, so that a spreadsheet does not run them as formulas.
    #[arg(long)]
    safe_csv: bool,

    /// Number of recordings analysed in parallel [default: one per processor].
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// No progress bar.
    #[arg(short, long)]
    quiet: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum What {
    /// Coordinates in the latent space.
    Latent,
    /// Standardised features.
    Features,
}

/// Embeds.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let model = match &arguments.model {
        Some(path) => Model::named(path)?,
        None => Model::built_in()?,
    };
    let places = match (&arguments.columns, arguments.what) {
        (None, _) => None,
        (Some(_), What::Latent) => bail!(Usage(
            "--columns are of features: add --what features".to_owned()
        )),
        (Some(wanted), What::Features) => Some(chosen(model.columns(), wanted)?),
    };
    let (found, _piped) = find_or_read(&arguments.inputs, &arguments.pipe)?;
    let output = arguments.output.as_deref();
    let _claim = claim(
        output.filter(|path| *path != Path::new("-")),
        found.inputs.iter().map(|input| input.path.as_path()),
    )?;
    let mut failed = found.unreadable.len();
    for (path, reason) in &found.unreadable {
        complain(&shown(&format!("{}: {reason}", path.display())));
    }
    let first = model.measure()?;
    let progress = Progress::new(found.inputs.len(), arguments.quiet);
    let mut rows: Vec<(String, Vec<f64>)> = Vec::new();
    let mut width = 0;
    let work = |measure: &mut ser_models::classify::Measure,
                number: usize|
     -> Result<(Answer, f64, Vec<ser_audio::Warning>), String> {
        let (sound, warnings) = model
            .open_with_warnings(&found.inputs[number].path)
            .map_err(|error| error.to_string())?;
        let measured = measure.measure(&sound).map_err(|error| error.to_string())?;
        Ok((
            model
                .answer(&measured, &Ground::Alone)
                .map_err(|error| error.to_string())?,
            sound.samples.len() as f64 / f64::from(sound.rate_hz),
            warnings,
        ))
    };
    let mut heard_s = 0.0;
    let _ = for_each_in_order(
        found.inputs.len(),
        threads(arguments.threads),
        || first.clone(),
        work,
        |number, outcome| {
            let input = &found.inputs[number];
            match outcome {
                Ok((answer, length, warnings)) => {
                    for warning in warnings {
                        progress.line(&format!("ser: {}: {warning}", input.name));
                    }
                    heard_s += length;
                    let mut point = match arguments.what {
                        What::Latent => answer.latent.unwrap_or_default(),
                        What::Features => match &places {
                            Some(places) => {
                                places.iter().map(|&at| answer.standardised[at]).collect()
                            }
                            None => answer.standardised,
                        },
                    };
                    width = point.len();
                    // Of a model of numbers, its number and interval; no number is not a number.
                    if let (What::Latent, Some(number)) = (arguments.what, answer.number) {
                        let (low, high) = number.interval.unwrap_or((f64::NAN, f64::NAN));
                        point.extend([number.value, low, high]);
                    }
                    let name = match arguments.safe_csv {
                        true => no_formula(&input.name),
                        false => input.name.clone(),
                    };
                    rows.push((name, point));
                }
                Err(reason) => {
                    failed += 1;
                    progress.line(&format!("ser: {}: {reason}", input.name));
                }
            }
            progress.advance(heard_s);
            ControlFlow::Continue(())
        },
    );
    progress.finish();
    if width == 0 && !rows.is_empty() && model.target().is_none() {
        bail!("a model of raw features has no latent space: --what features gives what it sees");
    }
    let names: Vec<String> = match arguments.what {
        What::Latent => (1..=width)
            .map(|number| format!("latent_{number}"))
            .chain(model.target().into_iter().flat_map(|target| {
                [String::new(), "_low".into(), "_high".into()].map(|end| format!("{target}{end}"))
            }))
            .collect(),
        What::Features => match &places {
            Some(places) => places
                .iter()
                .map(|&at| model.columns()[at].clone())
                .collect(),
            None => model.columns().to_vec(),
        },
    };
    write(arguments, &names, &rows)?;
    Ok(if failed > 0 {
        ExitCode::from(FAILED)
    } else {
        ExitCode::SUCCESS
    })
}

/// The places of the columns that are wanted among a model's.
fn chosen(names: &[String], wanted: &str) -> Result<Vec<usize>> {
    let sets = FeatureSet::ALL.iter();
    let known: Vec<Column> = sets
        .flat_map(|set| set.columns(Level::Functionals))
        .collect();
    let of = |name: &String| known.iter().find(|column| column.name == name).cloned();
    let columns: Option<Vec<Column>> = names.iter().map(of).collect();
    let Some(columns) = columns else {
        bail!("--columns: this model's features are of none of the sets of `ser features`");
    };
    Ok(selection(&columns, wanted).map_err(|reason| Usage(format!("--columns: {reason}")))?)
}

fn write(arguments: &Arguments, names: &[String], rows: &[(String, Vec<f64>)]) -> Result<()> {
    let to_file = arguments.output.as_ref();
    let Some(path) = to_file.filter(|path| *path != Path::new("-")) else {
        return print_data(&String::from_utf8(as_csv(names, rows)?)?);
    };
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("npy") => {
            write_atomically(path, |target| {
                Ok(target.write_all(&as_npy(names.len(), rows))?)
            })?;
            let list: String = rows.iter().map(|(file, _)| format!("{file}\n")).collect();
            write_atomically(
                &PathBuf::from(format!("{}.txt", path.display())),
                |target| Ok(target.write_all(list.as_bytes())?),
            )
        }
        Some("csv") => {
            let bytes = as_csv(names, rows)?;
            write_atomically(path, |target| Ok(target.write_all(&bytes)?))
        }
        _ => bail!("{}: embeddings are written as .csv or .npy", path.display()),
    }
}

fn as_csv(names: &[String], rows: &[(String, Vec<f64>)]) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(std::iter::once("file").chain(names.iter().map(String::as_str)))?;
    for (file, point) in rows {
        writer
            .write_record(std::iter::once(file.clone()).chain(point.iter().map(f64::to_string)))?;
    }
    Ok(writer.into_inner()?)
}

/// NumPy's format 1.0: rows × columns of little-endian f64.
fn as_npy(width: usize, rows: &[(String, Vec<f64>)]) -> Vec<u8> {
    let mut bytes = ser_tables::npy::header("<f8", rows.len(), width).to_vec();
    bytes.extend(
        rows.iter()
            .flat_map(|(_, point)| point.iter().flat_map(|x| x.to_le_bytes())),
    );
    bytes
}
