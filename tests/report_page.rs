//! The page as a reader meets it: opened from disk in headless Chromium, pointed at, clicked, filtered, walked through with keys.
//!
//! Ignored, since it needs a browser: `cargo test --test report_page -- --ignored`.

#![cfg(feature = "models")]

mod browser;

use browser::Browser;
use serde_json::{Value, json};

use ser::evaluate::result::Evaluation;
use ser::report::{Audio, Contours, Extras, page};

/// A small result, one of whose files has a hostile name.
fn evaluation() -> Evaluation {
    serde_json::from_str(include_str!("report/small.json")).unwrap()
}

/// Middle of the mark that stands alone at the far left of the map.
const LEFTMOST: &str = "(() => { const marks = [...document.querySelectorAll('#plot .scatterlayer .point')].map(p => p.getBoundingClientRect()); \
                        const m = marks.reduce((a, b) => b.left < a.left ? b : a); return [m.left + m.width / 2, m.top + m.height / 2]; })()";

#[test]
#[ignore = "needs Chromium: cargo test --test report_page -- --ignored"]
fn the_page_answers_pointer_keys_and_filters_in_light_dark_and_on_a_phone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.html");
    let evaluation = evaluation();
    let contours = Contours {
        row: 3,
        hop_s: 0.01,
        pitch_hz: vec![200.0; 100],
        loudness: vec![1.0; 100],
        formants_hz: [vec![500.0; 100], vec![1500.0; 100], vec![2500.0; 100]],
    };
    let extras = Extras {
        title: Some("</title><script>document.broken = true</script>"),
        audio: Audio::Link {
            folder: folder.path().into(),
        },
        contours: std::slice::from_ref(&contours),
        latex: false,
    };
    std::fs::write(&file, page(&evaluation, &extras).unwrap()).unwrap();
    let url = format!("file://{}", file.display());
    let mut browser = Browser::start(&folder.path().join("profile"));
    for (width, scheme) in [(1280, "light"), (1280, "dark"), (390, "light")] {
        browser.open(&url, width, scheme);
        browser.wait("document.querySelectorAll('#plot .point').length > 20");
        assert_eq!(browser.value("document.broken === undefined"), json!(true));
        let overflow = browser.value("document.documentElement.scrollWidth - innerWidth");
        assert_eq!(overflow, json!(0), "nothing is cut at {width} px");
        let dark = browser.value("getComputedStyle(document.body).backgroundColor");
        assert_eq!(dark == json!("rgb(20, 23, 27)"), scheme == "dark");
        browser.screenshot(&format!("page-{width}-{scheme}-top.png"));
        browser.value("document.getElementById('plot').scrollIntoView({block: 'center'})");

        // Pointing names the recording; the hostile file name is shown as it is.
        let at = browser.value(LEFTMOST);
        let at = (at[0].as_f64().unwrap(), at[1].as_f64().unwrap());
        browser.mouse("mouseMoved", (at.0 + 3.0, at.1));
        browser.mouse("mouseMoved", at);
        browser.wait("document.querySelector('#plot .hoverlayer .hovertext') !== null");
        let hint = browser.value("document.querySelector('#plot .hoverlayer').textContent");
        let hint = hint.as_str().unwrap();
        assert!(
            hint.contains("<img src=x>") && hint.contains("label angry") && hint.contains('%'),
            "{hint}"
        );

        // A click opens the details, with contours and contributions.
        browser.mouse("mousePressed", at);
        browser.mouse("mouseReleased", at);
        browser.wait("document.querySelectorAll('#details .chart').length === 2");
        let told = browser.value("document.getElementById('details').textContent");
        assert!(told.as_str().unwrap().contains("\"<img src=x>'.wav"));
        assert_eq!(
            browser.value("document.querySelector('#details img')"),
            Value::Null
        );
        browser.screenshot(&format!("page-{width}-{scheme}-map.png"));

        // The same with keys alone.
        browser.value("document.getElementById('plot').focus()");
        browser.key("ArrowRight");
        let next = browser.value("document.getElementById('here').textContent");
        assert!(next.as_str().unwrap().contains("label"), "{next}");
        browser.key("Enter");
        browser.wait("document.activeElement.id === 'details'");

        // Filters leave what was asked for.
        let filter = "(() => { const f = document.getElementById('f-corpus'); f.value = 'second'; f.dispatchEvent(new Event('input', {bubbles: true})); return document.getElementById('count').textContent; })()";
        let count = browser.value(filter);
        assert!(
            count
                .as_str()
                .unwrap()
                .starts_with("12 of 36 recordings shown"),
            "{count}"
        );
        let filter = "(() => { document.querySelector('#f-class input').click(); return document.getElementById('count').textContent; })()";
        let count = browser.value(filter);
        assert!(
            count
                .as_str()
                .unwrap()
                .starts_with("9 of 36 recordings shown"),
            "{count}"
        );
    }
    // The choice of theme goes before the system's.
    browser.value(
        "document.getElementById('theme').click(); document.getElementById('theme').click()",
    );
    let dark = browser.value("getComputedStyle(document.body).backgroundColor");
    assert_eq!(dark, json!("rgb(20, 23, 27)"));
    assert!(browser.complaints.is_empty(), "{:#?}", browser.complaints);
}
