//! The page: everything of a result in one HTML file that asks nothing of the network.
//!
//! Scripts, styles, figures and data are inside. A content security policy forbids the rest, so that a page opened from disk stays as quiet as it says.
//! Texts that come from data (names of files, speakers, classes) are escaped by the template, and inside scripts by [`script_json`].

use minijinja::{AutoEscape, Environment, Value, context};
use serde::Serialize;

use crate::evaluate::result::{Claim, Evaluation, Experiment, Role, SetScores};
use ser_models::score::interval::Score;
use ser_tables::fixed;

use super::Error;
use super::audio::Audio;
use super::canvas::{INK, PAPER, Width};
use super::contour::Contours;
use super::figure::selection::{
    first_seed, model_name, over_seeds, preparation, scores, set_title, thousands,
};
use super::figure::{Figure, all};
use super::font::{BOLD, REGULAR};
use super::map::{Budget, map};
use super::words::{ETHICS, percent, summary};

/// Plotly.js, basic bundle 4.1.1, MIT (`assets/report/LICENSE-plotly`). A `static`, since the compiler puts a constant into every unit that uses it.
pub static PLOTLY: &str = include_str!("../../../../assets/report/plotly-basic.min.js");
pub(crate) static STYLE: &str = include_str!("../../../../assets/report/page.css");
pub(crate) static THEME: &str = include_str!("../../../../assets/report/theme.js");
const MAP: &str = include_str!("../../../../assets/report/map.js");
const DETAILS: &str = include_str!("../../../../assets/report/details.js");
const TEMPLATE: &str = include_str!("../../../../assets/report/page.html");

/// A page is at most this large without audio; what does not fit is left out and named.
pub const LARGEST: usize = 5_000_000;

/// What goes on the page besides the result.
#[derive(Clone, Debug, Default)]
pub struct Extras<'a> {
    /// Its name; the plan's without one.
    pub title: Option<&'a str>,
    /// Whether recordings can be played.
    pub audio: Audio,
    /// Pitch, loudness and formants of recordings.
    pub contours: &'a [Contours],
    /// Whether a folder also gets its tables as LaTeX.
    pub latex: bool,
}

/// The page of an evaluation.
pub fn page(evaluation: &Evaluation, extras: &Extras<'_>) -> Result<String, Error> {
    let figures = all(evaluation);
    let mut page = String::new();
    for share in [1.0, 0.6, 0.3, 0.1, 0.0] {
        let (text, audio) = within(evaluation, extras, &figures, Budget::of(share))?;
        page = text;
        if page.len() - audio <= LARGEST {
            break;
        }
    }
    Ok(page)
}

/// The page with parts of at most these sizes, and how many of its bytes are audio.
fn within(
    evaluation: &Evaluation,
    extras: &Extras<'_>,
    figures: &[Figure],
    budget: Budget,
) -> Result<(String, usize), Error> {
    let title = extras
        .title
        .map_or_else(|| title(evaluation), str::to_string);
    let map = map(evaluation, &extras.audio, extras.contours, budget);
    let mut left_out = map.left_out;
    let figures = on_page(figures, &evaluation.claims, budget.figures, &mut left_out);
    let corpora: Vec<_> = evaluation.corpora.iter().map(corpus).collect();
    let claims: Vec<_> = evaluation.claims.iter().map(claim).collect();
    let page = render(
        "page.html",
        TEMPLATE,
        context! {
            title, figures, corpora, claims, left_out,
            ethics => ETHICS,
            version => evaluation.ser.clone(),
            classes => evaluation.classes.clone(),
            summary => summary(evaluation),
            warnings => evaluation.warnings.clone(),
            tables => tables(evaluation),
            turns => turns(evaluation),
            parts => parts(evaluation),
            has_map => map.data["experiments"].as_array().is_some_and(|e| !e.is_empty()),
            style => style(), plotly => PLOTLY, scripts => [THEME, DETAILS, MAP],
            data => script_json(&map.data)?,
        },
    )?;
    let audio = map.data["urls"].as_array().into_iter().flatten();
    let embedded = audio
        .filter_map(|u| u.as_str())
        .filter(|u| u.starts_with("data:"));
    Ok((page, embedded.map(str::len).sum()))
}

/// The style, with the figures' font inside: another font would be wider than their layout believes.
fn style() -> String {
    let face = |weight: &str, bytes: &[u8]| {
        let url = super::audio::data_url("font/ttf", bytes);
        format!("@font-face{{font-family:Arimo;font-weight:{weight};src:url({url})}}\n")
    };
    face("400", REGULAR) + &face("700", BOLD) + STYLE
}

/// Fills a template whose texts are escaped unless they say otherwise.
pub(crate) fn render(name: &str, template: &str, values: Value) -> Result<String, Error> {
    let wrong = |e: minijinja::Error| Error::Page(e.to_string());
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template(name, template).map_err(wrong)?;
    environment
        .get_template(name)
        .and_then(|t| t.render(values))
        .map_err(wrong)
}

/// JSON that can stand inside `<script>`: no "<" in it, so neither "</script" nor "<!--" whatever the texts hold.
pub(crate) fn script_json(value: &impl Serialize) -> Result<String, Error> {
    let json = serde_json::to_string(value).map_err(|e| Error::Page(e.to_string()))?;
    Ok(json
        .replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029"))
}

fn title(evaluation: &Evaluation) -> String {
    match evaluation.plan.title.trim() {
        "" => "Speech emotion: evaluation".into(),
        title => title.into(),
    }
}

/// How early a figure is given room: first those of the whole study and those that show the paper's sentences, then further representations, and
/// last further views of latent spaces.
fn rank(name: &str, claims: &[Claim]) -> usize {
    let of_a_model = ["raw", "pca", "uae", "dae"]
        .iter()
        .any(|model| name.ends_with(&format!("-{model}")));
    match name {
        _ if !of_a_model || claims.iter().any(|claim| claim.figure == name) => 0,
        name if name.starts_with("fig4-latent") => 2,
        _ => 1,
    }
}

/// Figures as the page shows them: drawn in its ink, in both widths, as many as there is room for.
fn on_page(
    figures: &[Figure],
    claims: &[Claim],
    budget: usize,
    left_out: &mut Vec<String>,
) -> Vec<Value> {
    const TWICE: usize = 100_000;
    let mut order: Vec<usize> = (0..figures.len()).collect();
    let first = figures
        .iter()
        .position(|f| f.name.starts_with("fig4-latent"));
    order.sort_by_key(|&i| match Some(i) == first {
        true => 0,
        false => rank(&figures[i].name, claims),
    });
    let mut used = 0;
    let mut list = Vec::new();
    let mut without = Vec::new();
    for index in order {
        let figure = &figures[index];
        let [narrow, mut wide] = [Width::Single, Width::Double].map(|w| themed(figure.svg(w)));
        // Thousands of points twice would cost more than they show: one width then serves all screens.
        if wide.len() > TWICE {
            wide.clear();
        }
        if used + narrow.len() + wide.len() > budget {
            without.push(format!("“{}”", figure.title));
            continue;
        }
        used += narrow.len() + wide.len();
        let (title, caption) = (figure.title.clone(), figure.caption.clone());
        let value = context! { id => figure.name.clone(), title, caption, narrow, wide };
        list.push((index, value));
    }
    if !without.is_empty() {
        left_out.push(format!(
            "figures that `ser report -o FOLDER` writes: {}",
            without.join(", ")
        ));
    }
    list.sort_by_key(|(index, _)| *index);
    list.into_iter().map(|(_, value)| value).collect()
}

/// The same drawing in the page's colours: ink follows the text, paper is left out.
fn themed(svg: &str) -> String {
    let quoted = |attribute: &str, colour: &str| format!("{attribute}=\"{colour}\"");
    svg.replace(&quoted("fill", INK), &quoted("fill", "currentColor"))
        .replace(&quoted("stroke", INK), &quoted("stroke", "currentColor"))
        .replace(&quoted("fill", PAPER), &quoted("fill", "none"))
        .replace(&quoted("stroke", PAPER), &quoted("stroke", "var(--paper)"))
        // Its name is beside it as a heading; as a child it would hang at the pointer as a hint.
        .replacen("<title>", "<desc>", 1)
        .replacen("</title>", "</desc>", 1)
}

fn corpus(corpus: &crate::evaluate::result::CorpusSummary) -> Value {
    let classes: Vec<String> = corpus
        .per_class
        .iter()
        .map(|c| format!("{} {}", c.class, thousands(c.rows)))
        .collect();
    context! {
        name => corpus.name.clone(),
        role => if corpus.role == Role::Train { "training" } else { "test" },
        rows => thousands(corpus.rows),
        speakers => if corpus.speakers == 0 { "unknown".to_string() } else { corpus.speakers.to_string() },
        removed => corpus.removed,
        classes => classes.join(", "),
    }
}

fn claim(claim: &Claim) -> Value {
    context! {
        number => claim.number, sentence => claim.sentence.clone(), place => claim.place.clone(), test => claim.test.clone(),
        figure => claim.figure.clone(), verdict => claim.verdict.name(), strength => claim.strength().trim_start_matches(": ").to_string(),
        evidence => claim.evidence.clone(),
    }
}

/// One table per protocol, preparation and set of classes; over all seeds, where there are several.
fn tables(evaluation: &Evaluation) -> Vec<Value> {
    let mut groups: Vec<(String, Vec<&Experiment>)> = Vec::new();
    for experiment in first_seed(evaluation) {
        let seeds = match over_seeds(evaluation, experiment) {
            Some(over) => format!("mean ± standard deviation of {} seeds", over.seeds.len()),
            None => format!("seed {}", experiment.seed),
        };
        let head = format!(
            "{}: {}; outliers: {}; {seeds}",
            experiment.classes.join(", "),
            preparation(evaluation, experiment),
            experiment.outliers,
        );
        match groups.iter_mut().find(|g| g.0 == head) {
            Some(group) => group.1.push(experiment),
            None => groups.push((head, vec![experiment])),
        }
    }
    let row = |e: &Experiment, s: &SetScores| {
        let recall: Vec<String> = s.recall.iter().map(percent).collect();
        let (uar, accuracy) = match s.over_seeds {
            Some(spread) => (
                with_spread(&s.uar, spread.uar),
                with_spread(&s.accuracy, spread.accuracy),
            ),
            None => (percent(&s.uar), percent(&s.accuracy)),
        };
        context! {
            model => model_name(&e.model), set => set_title(evaluation, &s.set), uar, accuracy,
            f1 => percent(&s.macro_f1), recall, n => thousands(s.recordings), speakers => s.speakers, method => s.uar.method.to_string(),
        }
    };
    groups
        .into_iter()
        .map(|(head, experiments)| {
            let classes = experiments[0].classes.clone();
            let chance = experiments[0]
                .scores
                .first()
                .map_or(0.0, |s| 100.0 * s.chance);
            let method = scores(evaluation, experiments[0])
                .first()
                .map(|s| s.uar.method.to_string());
            let rows: Vec<_> = experiments
                .iter()
                .flat_map(|e| {
                    scores(evaluation, e)
                        .iter()
                        .map(|s| row(e, s))
                        .collect::<Vec<_>>()
                })
                .collect();
            context! { head, classes, rows, method, chance => format!("{chance:.0} %") }
        })
        .collect()
}

/// Scores by gender and by speaker.
fn parts(evaluation: &Evaluation) -> Vec<Value> {
    let of = |parts: &crate::evaluate::result::SubsetScores| {
        let worst = parts.parts.iter().find(|part| part.part == parts.worst)?;
        let listed: Vec<String> = parts
            .parts
            .iter()
            .map(|part| format!("{} {}", part.part, percent(&part.uar)))
            .collect();
        Some(context! {
            set => set_title(evaluation, &parts.set), model => model_name(&parts.model), by => parts.by.clone(),
            worst => parts.worst.clone(), uar => percent(&worst.uar), n => worst.recordings,
            gap => parts.gap.as_ref().map_or(String::new(), percent),
            // Each of many speakers is in the JSON.
            all => if listed.len() > 4 { format!("{} speakers", listed.len()) } else { listed.join("; ") },
        })
    };
    evaluation.parts.iter().filter_map(of).collect()
}

/// 52 % ± 1.3 [49, 55].
fn with_spread(score: &Score, sd: f64) -> String {
    let text = percent(score);
    let (value, rest) = text.split_once(" %").unwrap_or((&text, ""));
    format!("{value} % ± {:.1}{rest}", 100.0 * sd)
}

/// Numbers of the latent spaces: rotation and silhouette.
fn turns(evaluation: &Evaluation) -> Vec<Value> {
    let whole = first_seed(evaluation).filter(|e| e.classes.len() == evaluation.classes.len());
    let degrees = |v: f64| fixed(v, 0).replace('-', "−");
    let ends = |interval: Option<(f64, f64)>| {
        interval.map_or(String::new(), |(low, high)| {
            format!(" [{}, {}]", degrees(low), degrees(high))
        })
    };
    let mut rows = Vec::new();
    for experiment in whole {
        let (model, protocol) = (
            model_name(&experiment.model),
            preparation(evaluation, experiment),
        );
        let over = over_seeds(evaluation, experiment).map_or(&[][..], |over| &over.rotation);
        for turn in over {
            let sd = turn
                .sd_deg
                .map_or(String::new(), |sd| format!(" ± {sd:.0}"));
            rows.push(context! {
                model => model.clone(), protocol => protocol.clone(), corpus => turn.corpus.clone(),
                angle => format!("{}°{sd}{}", degrees(turn.angle_deg), ends(turn.interval_deg)),
                of => format!("mean magnitude over {} seeds", turn.seeds), scale => "",
                mirror => format!("in {} of {} seeds", turn.mirrored, turn.seeds), residual => format!("{:.0} %", 100.0 * turn.residual),
            });
        }
        for turn in experiment.latent.iter().flat_map(|l| &l.rotation) {
            rows.push(context! {
                model => model.clone(), protocol => protocol.clone(), corpus => turn.corpus.clone(),
                angle => format!("{}°{}", degrees(turn.angle_deg), ends(turn.interval_deg)), scale => format!("{:.2}", turn.scale),
                of => format!("seed {}, first fold", experiment.seed),
                mirror => if turn.reflection { "yes" } else { "no" }, residual => format!("{:.0} %", 100.0 * turn.residual),
            });
        }
    }
    rows
}

#[test]
fn json_cannot_leave_its_script() {
    let json = script_json(&"</script><!--\u{2028}").unwrap();
    assert_eq!(json, "\"\\u003c/script>\\u003c!--\\u2028\"");
}

#[test]
fn a_template_escapes_what_it_is_given() {
    let html = render("x.html", "<p>{{ v }}</p>", context! { v => "<b>\"'&" }).unwrap();
    assert_eq!(html, "<p>&lt;b&gt;&quot;&#x27;&amp;</p>");
}

#[test]
fn figures_that_show_a_sentence_are_given_room_before_other_views() {
    let evaluation: Evaluation =
        serde_json::from_str(include_str!("../../../../tests/report/small.json")).unwrap();
    let mut claims = evaluation.claims.clone();
    claims[0].figure = "fig5-transfer-pca".into();
    let rank = |name: &str| rank(name, &claims);
    assert_eq!(rank("fig2-scores"), 0);
    assert_eq!(rank("fig5-transfer-pca"), 0);
    assert_eq!(rank("fig5-transfer-raw"), 1);
    assert_eq!(rank("fig4-latent-pca"), 2);
}
