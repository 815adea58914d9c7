//! The page: everything of a result in one HTML file that asks nothing of the network.
//!
//! Scripts, styles, figures and data are inside. A content security policy forbids the rest, so that a page opened from disk stays as quiet as it says.
//! Texts that come from data (names of files, speakers, classes) are escaped by the template, and inside scripts by [`script_json`].

use minijinja::{AutoEscape, Environment, Value, context};
use serde::Serialize;

use crate::evaluate::result::{Evaluation, Experiment, Role, SetScores};

use super::Error;
use super::audio::Audio;
use super::canvas::{INK, PAPER, Width};
use super::contour::Contours;
use super::figure::selection::{model_name, preparation, set_title, thousands};
use super::figure::{Figure, all};
use super::font::{BOLD, REGULAR};
use super::map::{Budget, map};
use super::words::{ETHICS, percent, summary};

/// Plotly.js, basic bundle 4.1.1, MIT (`assets/report/LICENSE-plotly`).
pub(crate) const PLOTLY: &str = include_str!("../../../../assets/report/plotly-basic.min.js");
pub(crate) const STYLE: &str = include_str!("../../../../assets/report/page.css");
pub(crate) const THEME: &str = include_str!("../../../../assets/report/theme.js");
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
    let figures = on_page(figures, budget.figures, &mut left_out);
    let corpora: Vec<_> = evaluation.corpora.iter().map(corpus).collect();
    let claims: Vec<_> = evaluation
        .claims
        .iter()
        .map(|c| context! { number => c.number, claim => c.claim.clone(), verdict => c.verdict.name(), evidence => c.evidence.clone() })
        .collect();
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

/// Figures as the page shows them: drawn in its ink, in both widths, as many as there is room for; second views of a latent space come last.
fn on_page(figures: &[Figure], budget: usize, left_out: &mut Vec<String>) -> Vec<Value> {
    const TWICE: usize = 100_000;
    let mut order: Vec<usize> = (0..figures.len()).collect();
    let first = figures
        .iter()
        .position(|f| f.name.starts_with("fig4-latent"));
    order.sort_by_key(|&i| figures[i].name.starts_with("fig4-latent") && Some(i) != first);
    let mut used = 0;
    let mut list = Vec::new();
    for index in order {
        let figure = &figures[index];
        let [narrow, mut wide] = [Width::Single, Width::Double].map(|w| themed(figure.svg(w)));
        // Thousands of points twice would cost more than they show: one width then serves all screens.
        if wide.len() > TWICE {
            wide.clear();
        }
        if used + narrow.len() + wide.len() > budget {
            left_out.push(format!(
                "the figure “{}”, which is in the folder",
                figure.title
            ));
            continue;
        }
        used += narrow.len() + wide.len();
        let (title, caption) = (figure.title.clone(), figure.caption.clone());
        let value = context! { id => figure.name.clone(), title, caption, narrow, wide };
        list.push((index, value));
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
        role => if corpus.role == Role::Train { "learnt from" } else { "tested on" },
        rows => thousands(corpus.rows),
        speakers => if corpus.speakers == 0 { "unknown".to_string() } else { corpus.speakers.to_string() },
        removed => corpus.removed,
        classes => classes.join(", "),
    }
}

/// One table per protocol, preparation and set of classes, of all seeds.
fn tables(evaluation: &Evaluation) -> Vec<Value> {
    let mut groups: Vec<(String, Vec<&Experiment>)> = Vec::new();
    for experiment in &evaluation.experiments {
        let head = format!(
            "{}: {}; outliers: {}; seed {}",
            experiment.classes.join(", "),
            preparation(evaluation, experiment),
            experiment.outliers,
            experiment.seed
        );
        match groups.iter_mut().find(|g| g.0 == head) {
            Some(group) => group.1.push(experiment),
            None => groups.push((head, vec![experiment])),
        }
    }
    let row = |e: &Experiment, s: &SetScores| {
        let recall: Vec<String> = s.recall.iter().map(percent).collect();
        context! {
            model => model_name(&e.model), set => set_title(evaluation, &s.set), uar => percent(&s.uar), accuracy => percent(&s.accuracy),
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
            let rows: Vec<_> = experiments
                .iter()
                .flat_map(|e| e.scores.iter().map(|s| row(e, s)).collect::<Vec<_>>())
                .collect();
            context! { head, classes, rows, chance => format!("{chance:.0} %") }
        })
        .collect()
}

/// Numbers of the latent spaces: rotation and silhouette.
fn turns(evaluation: &Evaluation) -> Vec<Value> {
    let whole = evaluation
        .experiments
        .iter()
        .filter(|e| e.classes.len() == evaluation.classes.len());
    let mut rows = Vec::new();
    for experiment in whole {
        for turn in experiment.latent.iter().flat_map(|l| &l.rotation) {
            let degrees = |v: f64| format!("{v:.0}").replace('-', "−");
            let interval = turn.interval_deg.map_or(String::new(), |(low, high)| {
                format!(" [{}, {}]", degrees(low), degrees(high))
            });
            rows.push(context! {
                model => model_name(&experiment.model), protocol => preparation(evaluation, experiment), corpus => turn.corpus.clone(),
                angle => format!("{}°{interval}", degrees(turn.angle_deg)), scale => format!("{:.2}", turn.scale),
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
