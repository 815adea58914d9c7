//! The page of a session as a reader meets it: opened from disk in headless Chromium, clicked, listened to, walked through with keys; and that of an hour
//! opens at once.
//!
//! Ignored, since it needs a browser: `cargo test --release --test session_page -- --ignored --nocapture`.

#![cfg(feature = "models")]

mod browser;

mod talk;

use std::path::Path;
use std::time::Instant;

use browser::Browser;
use serde_json::json;
use talk::{RATE, mono, output, ser, spoken, write};

/// A call with a speaker a channel, and its page.
fn page_of_a_call(folder: &Path, more: &[&str]) -> String {
    let mut samples = Vec::new();
    for (clip, speaker) in spoken() {
        samples.extend(vec![0; 22_400]);
        let stereo = |x: i16| if speaker == 0 { [x, 0] } else { [0, x] };
        samples.extend(clip.into_iter().flat_map(stereo));
    }
    let (call, page) = (folder.join("call.wav"), folder.join("call.html"));
    write(&call, &samples, 2);
    let mut command = ser();
    command.arg("report").arg(&call).arg("-o").arg(&page);
    output(
        command
            .arg("--speakers-by-channel=agent,customer")
            .args(more),
    );
    format!("file://{}", page.display())
}

/// Different colours on a canvas: many where something is drawn.
fn colours(browser: &mut Browser, canvas: &str) -> u64 {
    let script = format!(
        "(() => {{ const c = document.getElementById('{canvas}'); const d = new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer); return new Set(d).size; }})()"
    );
    browser.value(&script).as_u64().unwrap()
}

/// The middle of the first turn of a speaker on the canvas.
const FIRST: &str = "(() => { const data = JSON.parse(document.getElementById('data').textContent), box = document.getElementById('course').getBoundingClientRect(); \
                     const t = data.turns[0], x = 92 + (t.start + t.end) / 2 / data.length * (box.width - 92); return [box.left + x, box.top + 8 + 17]; })()";

#[test]
#[ignore = "needs Chromium: cargo test --release --test session_page -- --ignored"]
fn turns_are_clicked_heard_and_walked_through_in_light_dark_and_on_a_phone() {
    let folder = tempfile::tempdir().unwrap();
    let url = page_of_a_call(folder.path(), &[]);
    let mut browser = Browser::start(&folder.path().join("profile"));
    for (width, scheme) in [(1280, "light"), (1280, "dark"), (360, "light")] {
        browser.open(&url, width, scheme);
        let overflow = browser.value("document.documentElement.scrollWidth - innerWidth");
        assert_eq!(overflow, json!(0), "nothing is cut at {width} px");
        let dark = browser.value("getComputedStyle(document.body).backgroundColor");
        assert_eq!(dark == json!("rgb(20, 23, 27)"), scheme == "dark");
        for canvas in ["course", "path"] {
            let colours = colours(&mut browser, canvas);
            assert!(colours > 20, "{canvas}: {colours} colours");
        }
        browser.screenshot(&format!("session-{width}-{scheme}-top.png"));

        // A click shows the turn, and plays it from its beginning.
        browser.value("document.getElementById('course').scrollIntoView({block: 'center'})");
        let at = browser.value(FIRST);
        let at = (at[0].as_f64().unwrap(), at[1].as_f64().unwrap());
        browser.mouse("mousePressed", at);
        browser.mouse("mouseReleased", at);
        browser.wait("document.querySelector('#turn h3') !== null");
        let told = browser.value("document.getElementById('turn').textContent");
        let text = told.as_str().unwrap();
        // The built-in model guesses: bars, and no percentages.
        assert!(text.starts_with("agent: ") && !text.contains('%'), "{told}");
        browser.wait(
            "(() => { const p = document.getElementById('player'), t = JSON.parse(document.getElementById('data').textContent).turns[0]; return !p.hidden && p.currentTime > t.start && p.currentTime < t.end; })()",
        );
        // Playing ends with the turn.
        browser.wait("document.getElementById('player').paused");
        browser.screenshot(&format!("session-{width}-{scheme}-turn.png"));

        // The same with keys alone.
        browser.value("document.getElementById('course').focus()");
        browser.key("ArrowRight");
        let next = browser.value("document.getElementById('turn').textContent");
        assert_ne!(next, told);
        browser.key("Enter");
        browser.wait("!document.getElementById('player').paused");
        browser.value("document.getElementById('player').pause()");

        // The table has a row for each turn.
        browser.value("document.querySelector('#all summary').click()");
        browser.wait("document.querySelectorAll('#all tbody tr').length === JSON.parse(document.getElementById('data').textContent).turns.length");
        let table = browser.value("document.querySelector('#all tbody').textContent");
        let table = table.as_str().unwrap();
        assert!(table.contains("a guess") && !table.contains('%'), "{table}");
        let overflow = browser.value("document.documentElement.scrollWidth - innerWidth");
        assert_eq!(overflow, json!(0), "the table does not widen the page");
    }
    let url = page_of_a_call(folder.path(), &["--no-audio"]);
    browser.open(&url, 1280, "light");
    browser.value("document.getElementById('course').focus()");
    browser.key("ArrowRight");
    browser.wait("document.querySelector('#turn h3') !== null");
    let heard = browser.value(
        "[document.querySelectorAll('#turn button').length, document.getElementById('player').hidden]",
    );
    assert_eq!(heard, json!([0, true]), "nothing is there to play");
    assert!(browser.complaints.is_empty(), "{:#?}", browser.complaints);
}

#[test]
#[ignore = "needs Chromium: cargo test --release --test session_page -- --ignored"]
fn the_page_of_a_recording_gives_a_guess_without_percentages() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("clip.html");
    let clip = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/speech/14a01Na.flac");
    output(ser().arg("report").arg(&clip).arg("-o").arg(&page));
    let mut browser = Browser::start(&folder.path().join("profile"));
    browser.open(&format!("file://{}", page.display()), 1280, "light");
    browser.wait("document.querySelectorAll('#guess .probability').length === 4");
    let bars = browser.value(
        "[...document.querySelectorAll('#guess .probability')].map((bar) => bar.textContent).join()",
    );
    assert_eq!(bars, json!("neutral,sad,happy,angry"));
}

#[test]
#[ignore = "needs Chromium, and takes a minute: cargo test --release --test session_page -- --ignored --nocapture"]
fn the_page_of_an_hour_opens_within_two_seconds_and_is_below_fifteen_megabytes() {
    let folder = tempfile::tempdir().unwrap();
    let (wav, page) = (
        folder.path().join("hour.wav"),
        folder.path().join("hour.html"),
    );
    let hour: Vec<i16> = mono()
        .into_iter()
        .cycle()
        .take(3600 * RATE as usize)
        .collect();
    write(&wav, &hour, 1);
    let begun = Instant::now();
    output(ser().arg("report").arg(&wav).arg("-o").arg(&page));
    let made_s = begun.elapsed().as_secs_f64();
    let megabytes = page.metadata().unwrap().len() as f64 / 1e6;
    let mut browser = Browser::start(&folder.path().join("profile"));
    let mut opened = Vec::new();
    for width in [1280, 1280, 360] {
        let begun = Instant::now();
        browser.open(&format!("file://{}", page.display()), width, "light");
        // Two frames later what was drawn first is on the screen.
        browser.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))");
        opened.push(begun.elapsed().as_secs_f64());
        assert!(colours(&mut browser, "course") > 20);
    }
    browser.screenshot("session-hour.png");
    println!("made in {made_s:.1} s, {megabytes:.2} MB, opened in {opened:.2?} s");
    assert!(megabytes < 15.0, "{megabytes}");
    assert!(opened.iter().all(|&s| s < 2.0), "{opened:?}");
    assert!(browser.complaints.is_empty(), "{:#?}", browser.complaints);
}
