//! Reports of a small result (tests/report/small.py): the numbers of the figures, the page's size, what becomes of hostile names.

#![cfg(feature = "models")]

use ser::evaluate::result::Evaluation;
use ser::report::{Extras, LARGEST, figures, page, write_folder};

fn evaluation() -> Evaluation {
    serde_json::from_str(include_str!("report/small.json")).unwrap()
}

/// The first lines of a figure's numbers.
fn numbers(name: &str, lines: usize) -> String {
    let figures = figures(&evaluation());
    let figure = figures.iter().find(|f| f.name == name).unwrap();
    let text = String::from_utf8(figure.table.csv().unwrap()).unwrap();
    text.lines().take(lines).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_figures_show_these_numbers() {
    insta::assert_snapshot!(numbers("fig2-scores", 7), @r#"
    protocol,model,set,uar,uar_low,uar_high,accuracy,accuracy_low,accuracy_high,recordings,speakers,chance,uar_sd_of_seeds,accuracy_sd_of_seeds,interval
    10 folds; speakers mixed,raw,train,0.6000,0.5500,0.6500,0.6200,0.5700,0.6700,24,4,0.2500,,,"95 % interval, bootstrap over speakers"
    10 folds; speakers mixed,raw,valid,0.5500,0.5000,0.6000,0.5700,0.5200,0.6200,24,4,0.2500,,,"95 % interval, bootstrap over speakers"
    10 folds; speakers mixed,raw,second,0.5000,0.4500,0.5500,0.5200,0.4700,0.5700,12,2,0.2500,,,"95 % interval, bootstrap over speakers"
    10 folds; speakers mixed,pca,train,0.6000,0.5500,0.6500,0.6200,0.5700,0.6700,24,4,0.2500,,,"95 % interval, bootstrap over speakers"
    10 folds; speakers mixed,pca,valid,0.5500,0.5000,0.6000,0.5700,0.5200,0.6200,24,4,0.2500,,,"95 % interval, bootstrap over speakers"
    10 folds; speakers mixed,pca,second,0.5000,0.4500,0.5500,0.5200,0.4700,0.5700,12,2,0.2500,,,"95 % interval, bootstrap over speakers"
    "#);
    insta::assert_snapshot!(numbers("fig3b-confusion-raw", 6), @r#"
    set,model,true,predicted,recordings,share
    "first, held out","88 features, speakers mixed",neutral,neutral,6,1.0000
    "first, held out","88 features, speakers mixed",neutral,sad,0,0.0000
    "first, held out","88 features, speakers mixed",neutral,happy,0,0.0000
    "first, held out","88 features, speakers mixed",neutral,angry,0,0.0000
    "first, held out","88 features, speakers mixed",sad,neutral,0,0.0000
    "#);
    insta::assert_snapshot!(numbers("fig3-triads", 5), @r#"
    triad,model,set,value,low,high,true,predicted,recordings
    N-S-H,dae,train,0.6000,0.5500,0.6500,,,24
    N-S-H,dae,valid,0.5500,0.5000,0.6000,,,24
    N-S-H,dae,second,0.5000,0.4500,0.5500,,,12
    N-S-A,dae,train,0.6000,0.5500,0.6500,,,24
    "#);
    insta::assert_snapshot!(numbers("fig4-latent-dae", 5), @r#"
    panel,file,speaker,class,x,y
    "first, ratings",/data/first/r00.wav,s0,neutral,2.5000,2.5000
    "first, ratings",/data/first/r01.wav,s0,sad,2.1000,2.1000
    "first, ratings",/data/first/r02.wav,s0,happy,3.7000,4.2000
    "first, ratings","/data/first/""<img src=x>'.wav",s0,angry,4.3000,1.5000
    "#);
    insta::assert_snapshot!(numbers("fig4-attribution-latent-dae", 5), @r#"
    class,group,target,n,mean,p5,p25,p50,p75,p95
    neutral,Pitch,dimension 1,5,-0.5000,-0.9000,-0.7000,-0.5000,-0.3000,-0.1000
    neutral,Loudness,dimension 1,5,0.0000,-0.4000,-0.2000,0.0000,0.2000,0.4000
    neutral,HNR,dimension 1,5,0.5000,0.1000,0.3000,0.5000,0.7000,0.9000
    neutral,Pitch,dimension 2,5,-0.5000,-0.9000,-0.7000,-0.5000,-0.3000,-0.1000
    "#);
    insta::assert_snapshot!(numbers("fig5-transfer-raw", 5), @r#"
    train,test,model,alignment,uar,uar_low,uar_high,recordings,speakers,chance
    first,second,raw,none,0.4000,0.3500,0.4500,12,2,0.2500
    first,second,raw,coral,0.4500,0.4000,0.5000,12,2,0.2500
    second,first,raw,none,0.4000,0.3500,0.4500,12,2,0.2500
    second,first,raw,coral,0.4500,0.4000,0.5000,12,2,0.2500
    "#);
}

#[test]
fn a_caption_names_intervals_chance_and_what_n_means() {
    let figures = figures(&evaluation());
    insta::assert_snapshot!(figures[1].caption, @r#"Unweighted average recall (left) and accuracy (right) of a linear support vector classifier on the 88 features and on two-dimensional representations of them; 4 classes. Bars are 95 % intervals (bootstrap over speakers; or Student's t over folds); those over folds are the paper's own, which show how much the folds' models differ, not how other speakers would score. Dashed line: chance, 25 %. n: recordings, sp.: speakers."#);
}

#[test]
fn the_summary_says_it_in_plain_words() {
    let page = page(&evaluation(), &Extras::default()).unwrap();
    let start = page.find("<ul>").unwrap();
    let end = start + page[start..].find("</ul>").unwrap();
    insta::assert_snapshot!(page[start..end].replace("</li>", "\n"), @r#"
    <ul><li>Models were trained to distinguish neutral, sad, happy and angry on recordings of first (24 recordings, 4 speakers). They were also tested on second (12 recordings, 2 speakers).
    <li>On speakers who are not in the training data, the best representation (88 features) recognised 55 % [50, 60] of the recordings of a class, averaged over the classes; chance is 25 %.
    <li>It recognised angry best (80 % [75, 85]) and neutral worst (50 % [45, 55]).
    <li>With the same speakers in training and test, as in the paper&#x27;s protocol, this representation scores 55 % [50, 60]: no difference.
    <li>On corpora that are not in the training data, the best representation scored: second 50 % [45, 55] (88 features). It was picked by these very scores, which are therefore optimistic.
    <li>Of 4 sentences of Das et al. (2021), these data support 1, contradict 1 and leave 1 undecided; 1 could not be tested. Each was tested over speakers and seeds, with p corrected for the number of sentences.
    "#);
}

#[test]
fn a_hostile_name_stays_text() {
    let mut evaluation = evaluation();
    let bad = "</script><script>alert(1)</script><img src=x onerror='a'>\"&";
    evaluation.rows[0].file = format!("/data/{bad}.wav");
    evaluation.rows[0].speaker = Some(bad.into());
    evaluation.warnings.push(bad.into());
    evaluation.corpora[1].name = bad.into();
    let page = page(&evaluation, &Extras::default()).unwrap();
    assert!(!page.contains("<script>alert") && !page.contains("<img src=x onerror"));
    // Two scripts' worth of tags: styles and data are ours alone.
    assert_eq!(page.matches("</script>").count(), 5);
    let start = page.find("id=\"data\">").unwrap() + "id=\"data\">".len();
    let json = &page[start..start + page[start..].find("</script>").unwrap()];
    let data: serde_json::Value = serde_json::from_str(json).unwrap();
    let names = data["rows"]["names"].as_array().unwrap();
    assert!(names.iter().any(|n| n == bad));
}

#[test]
fn a_page_of_many_recordings_stays_below_five_megabytes_and_says_what_it_left_out() {
    let mut evaluation = evaluation();
    let copies = 600;
    let rows = evaluation.rows.clone();
    for copy in 1..copies {
        evaluation.rows.extend(rows.iter().cloned().map(|mut row| {
            row.file = format!("/data/{copy}/{}", &row.file[6..]);
            row
        }));
    }
    for experiment in &mut evaluation.experiments {
        let of_first = experiment.recordings.clone();
        for copy in 1..copies {
            experiment
                .recordings
                .extend(of_first.iter().cloned().map(|mut p| {
                    p.row += copy * rows.len();
                    p
                }));
        }
    }
    let page = page(&evaluation, &Extras::default()).unwrap();
    assert!(page.len() <= LARGEST, "{} bytes", page.len());
    assert!(page.contains("the page omits the map of"));
}

#[test]
fn the_page_asks_nothing_of_the_network() {
    let page = page(&evaluation(), &Extras::default()).unwrap();
    assert!(page.contains("default-src 'none'"));
    for tag in ["<link", "<iframe", "src=\"http", "@import", "url(http"] {
        assert!(!page.contains(tag), "{tag}");
    }
}

#[test]
fn a_folder_holds_each_figure_twice_as_vector_and_as_pixels_with_its_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let written = write_folder(&evaluation(), folder.path(), &Extras::default()).unwrap();
    let count = |end: &str| {
        written
            .iter()
            .filter(|p| p.to_string_lossy().ends_with(end))
            .count()
    };
    assert_eq!(
        [count(".svg"), count(".png"), count(".csv"), count(".html")],
        [28, 28, 14, 1]
    );
    assert!(written.iter().all(|p| p.metadata().unwrap().len() > 0));
}
