//! `ser explain`: which voice properties a model's decisions come from.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;

use super::atomic_write::write_atomically;
use super::claim::{claim, tables_of};
use super::output::print;
use super::train_and_evaluate::{TableFacts, corpora_named};
use ser_models::explain::attribution::{Explained, explain, random_weights, reference};
use ser_models::explain::deeplift::Rule;
use ser_models::explain::{Distribution, Explanation};
use ser_models::model::Pipeline;
use ser_models::model::file::Saved;
use ser_models::model::training::class_of;
use ser_tables::labelled::Labelled;
use ser_tables::{counted, signed};

const EXAMPLES: &str = "\
Examples:
  ser train data/ --model dae --train emodb -o dae.safetensors
  ser explain dae.safetensors data/ --corpus cremad
  ser explain dae.safetensors data/ --rule reveal-cancel --sanity -o explanation.json

Contributions (DeepLIFT) are relative to a reference: the mean of the neutral recordings classified as neutral. Summed over all columns they equal the difference between a decision value and the reference's; the largest residual is reported. Only correctly classified recordings are explained. On its training rows, an explanation shows what the model learnt, not how it generalises.";

/// Explain a model on a table: the contribution of each feature group to each class and latent dimension.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// A model made by `ser train`.
    #[arg(value_name = "MODEL.safetensors")]
    model: PathBuf,

    /// Tables with labels: folders made by `ser corpus prepare --features`, or csv files.
    #[arg(required = true, value_name = "TABLE")]
    tables: Vec<PathBuf>,

    #[command(flatten)]
    facts: TableFacts,

    /// Only these corpora of the tables.
    #[arg(long, value_name = "CORPUS", value_delimiter = ',')]
    corpus: Option<Vec<String>>,

    /// The class whose mean is the reference.
    #[arg(long, value_name = "CLASS", default_value = "neutral")]
    reference: String,

    /// How contributions pass through nonlinear units.
    #[arg(long, value_enum, default_value = "rescale")]
    rule: RuleName,

    /// Repeat with randomised weights, layer by layer: the pattern should be lost.
    #[arg(long)]
    sanity: bool,

    /// Everything as JSON, recording by recording.
    #[arg(short, long, value_name = "FILE.json")]
    output: Option<PathBuf>,

    /// The distributions as csv: class, group, target, n, mean, quantiles.
    #[arg(long, value_name = "FILE.csv")]
    csv: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum RuleName {
    /// The slope between reference and recording.
    Rescale,
    /// Positive and negative contributions treated separately.
    RevealCancel,
}

impl RuleName {
    fn rule(self) -> Rule {
        match self {
            RuleName::Rescale => Rule::Rescale,
            RuleName::RevealCancel => Rule::RevealCancel,
        }
    }
}

/// Explains.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let _claim = claim(
        [&arguments.output, &arguments.csv]
            .into_iter()
            .flatten()
            .map(PathBuf::as_path),
        tables_of(&arguments.tables)
            .iter()
            .chain([&arguments.model])
            .map(PathBuf::as_path),
    )?;
    let saved = Saved::read(&arguments.model)?;
    let target = saved.pipeline.target();
    let (table, numbers) = match arguments.facts.open_numbered(&arguments.tables, target) {
        // Numbers are explained also where nobody knows the true ones.
        Err(_) if target.is_some() => arguments.facts.open_numbered(&arguments.tables, None)?,
        opened => opened?,
    };
    let names = match &arguments.corpus {
        Some(asked) => Some(corpora_named(&table.rows, asked)?),
        None => None,
    };
    let wanted = |corpus: &String| names.as_ref().is_none_or(|names| names.contains(corpus));
    let numbers: Vec<usize> = (0..table.rows.len())
        .filter(|&row| wanted(&table.rows[row].corpus))
        .map(|row| numbers[row])
        .collect();
    let table = table.filtered(|_, row| wanted(&row.corpus));
    saved.check(&table)?;
    if let Some(target) = target {
        return number(arguments, &saved.pipeline, target, (&table, &numbers));
    }
    let explained = right(&saved.pipeline, &table);
    if explained.rows.is_empty() {
        bail!(
            "the model gets none of the recordings right that have one of its classes ({})",
            saved.pipeline.classes.join(", ")
        );
    }
    let class = saved
        .pipeline
        .classes
        .iter()
        .position(|class| *class == arguments.reference);
    let Some(class) = class else {
        bail!(
            "--reference {}: the model's classes are {}",
            arguments.reference,
            saved.pipeline.classes.join(", ")
        );
    };
    let of_class = explained.classes.iter().filter(|of| **of == class).count();
    let told = match of_class {
        0 => format!(
            "mean of all {} recordings predicted rightly (none is {})",
            explained.rows.len(),
            arguments.reference
        ),
        n => format!(
            "mean of the {n} {} recordings predicted as such",
            arguments.reference
        ),
    };
    let rule = arguments.rule.rule();
    let origin = reference(&explained, Some(class)).context("there is nothing to refer to")?;
    let explanation = explain(&saved.pipeline, &explained, &origin, &told, rule);
    if let Some(path) = &arguments.output {
        let file = ExplanationFile::new(
            &explanation,
            &saved.pipeline.classes,
            &explained,
            &table,
            &numbers,
        );
        write_atomically(path, |target| Ok(serde_json::to_writer(target, &file)?))?;
    }
    if let Some(path) = &arguments.csv {
        write_atomically(path, |target| write_csv(&explanation, target))?;
    }
    let mut text = render(&explanation, &saved.pipeline.classes);
    if arguments.sanity {
        text.push_str("\nWith random weights, from the last layer backwards: rank correlation with the explanation (0: the pattern is lost)\n");
        for stage in random_weights(
            &saved.pipeline,
            &explained,
            &origin,
            rule,
            saved.pipeline.seed,
        ) {
            text.push_str(&format!(
                "  {:<10} {}, of magnitudes {}\n",
                stage.randomised,
                signed(stage.signed, 2),
                signed(stage.magnitude, 2)
            ));
        }
    }
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Explains a model of numbers over all recordings of a table, relative to their mean.
fn number(
    arguments: &Arguments,
    pipeline: &Pipeline,
    target: &str,
    (table, numbers): (&Labelled, &[usize]),
) -> Result<ExitCode> {
    let rows: Vec<usize> = (0..table.rows.len()).collect();
    let explained = Explained {
        z: pipeline.normaliser.transform(table, &rows),
        classes: vec![0; rows.len()],
        rows,
    };
    let count = explained.rows.len();
    let origin = reference(&explained, None).context("there is nothing to explain")?;
    let told = format!("mean of all {count} recordings");
    let explanation = explain(pipeline, &explained, &origin, &told, arguments.rule.rule());
    if let Some(path) = &arguments.output {
        let file =
            ExplanationFile::new(&explanation, &pipeline.classes, &explained, table, numbers);
        write_atomically(path, |target| Ok(serde_json::to_writer(target, &file)?))?;
    }
    if let Some(path) = &arguments.csv {
        write_atomically(path, |target| write_csv(&explanation, target))?;
    }
    let mut of: Vec<&Distribution> = explanation
        .distributions
        .iter()
        .filter(|distribution| distribution.target == target)
        .collect();
    of.sort_by(|a, b| b.mean_abs.total_cmp(&a.mean_abs));
    let mut text = format!(
        "Contributions to {target} relative to the {}; rule {}; they add up to within {:.0e}\n\n{target}: {}; mean magnitude [5 %, 95 % of contributions]\n",
        explanation.reference,
        explanation.rule,
        explanation.completeness,
        counted(count, "recording")
    );
    for distribution in of.iter().take(12) {
        let [low, _, _, _, high] = distribution.quantiles.map(|at| signed(at, 3));
        text.push_str(&format!(
            "  {:<28} {:.3} [{low}, {high}]\n",
            distribution.group, distribution.mean_abs
        ));
    }
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// An explanation as JSON: with the recordings by name, in place of their numbers among those that were looked at.
#[derive(serde::Serialize)]
struct ExplanationFile<'a> {
    #[serde(flatten)]
    explanation: Explanation,
    /// The recordings explained.
    rows: Vec<ExplainedRecording<'a>>,
}

/// A recording explained.
#[derive(serde::Serialize)]
struct ExplainedRecording<'a> {
    /// Its row in the tables as they are, from 0; contributions name it by this.
    row: usize,
    file: &'a str,
    corpus: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    speaker: Option<&'a str>,
    /// Its class, which the model gives it too.
    class: &'a str,
}

impl<'a> ExplanationFile<'a> {
    fn new(
        explanation: &Explanation,
        classes: &'a [String],
        explained: &Explained,
        table: &'a Labelled,
        numbers: &[usize],
    ) -> ExplanationFile<'a> {
        let mut explanation = explanation.clone();
        for contribution in &mut explanation.recordings {
            contribution.row = numbers[contribution.row];
        }
        let recordings = explained.rows.iter().zip(&explained.classes);
        let recording = |(&row, &class): (&usize, &usize)| ExplainedRecording {
            row: numbers[row],
            file: &table.rows[row].file,
            corpus: &table.rows[row].corpus,
            speaker: table.rows[row].speaker.as_deref(),
            class: &classes[class],
        };
        ExplanationFile {
            explanation,
            rows: recordings.map(recording).collect(),
        }
    }
}

/// The recordings that the model gets right.
fn right(pipeline: &Pipeline, table: &Labelled) -> Explained {
    let labelled = (0..table.rows.len())
        .filter_map(|row| Some((row, class_of(table, row, &pipeline.classes)?)));
    let labelled: Vec<(usize, usize)> = labelled
        .filter(|(row, _)| table.features(*row).iter().all(|x| x.is_finite()))
        .collect();
    let rows: Vec<usize> = labelled.iter().map(|(row, _)| *row).collect();
    let latents = pipeline.embed(table, &rows);
    let hits = labelled
        .iter()
        .zip(latents.outer_iter())
        .filter(|((_, class), latent)| pipeline.predict(*latent) == *class);
    let (rows, classes): (Vec<usize>, Vec<usize>) = hits.map(|(labelled, _)| *labelled).unzip();
    Explained {
        z: pipeline.normaliser.transform(table, &rows),
        rows,
        classes,
    }
}

/// The strongest groups of each class.
fn render(explanation: &Explanation, classes: &[String]) -> String {
    let mut text = format!(
        "Contributions relative to the {}; rule {}; they add up to within {:.0e}\n",
        explanation.reference, explanation.rule, explanation.completeness
    );
    for class in classes {
        let mut of: Vec<&Distribution> = explanation
            .distributions
            .iter()
            .filter(|d| d.class == *class && d.target == *class)
            .collect();
        of.sort_by(|a, b| b.mean.abs().total_cmp(&a.mean.abs()));
        let n = of.first().map_or(0, |d| d.n);
        text.push_str(&format!(
            "\n{class}: {}; to its decision value, mean [5 %, 95 %]\n",
            counted(n, "recording")
        ));
        for distribution in of.iter().take(8).filter(|d| d.n > 0) {
            let [low, _, _, _, high] = distribution.quantiles.map(|at| signed(at, 3));
            text.push_str(&format!(
                "  {:<28} {} [{low}, {high}]\n",
                distribution.group,
                signed(distribution.mean, 3)
            ));
        }
    }
    text
}

fn write_csv(explanation: &Explanation, target: &mut dyn Write) -> Result<()> {
    let mut writer = csv::Writer::from_writer(target);
    writer.write_record([
        "class",
        "group",
        "target",
        "n",
        "mean",
        "mean_magnitude",
        "q05",
        "q25",
        "q50",
        "q75",
        "q95",
    ])?;
    for d in &explanation.distributions {
        let mut record = vec![
            d.class.clone(),
            d.group.clone(),
            d.target.clone(),
            d.n.to_string(),
            d.mean.to_string(),
            d.mean_abs.to_string(),
        ];
        record.extend(d.quantiles.iter().map(f64::to_string));
        writer.write_record(&record)?;
    }
    writer.flush()?;
    Ok(())
}
