//! The page as a reader meets it: opened from disk in headless Chromium, pointed at, clicked, filtered, walked through with keys.
//!
//! Ignored, since it needs a browser: `cargo test --test report_page -- --ignored`, with `CHROMIUM` naming the program where it is not called
//! `chromium`. With `SER_SCREENSHOTS` naming a folder, what was seen is kept there. The browser is spoken to by the DevTools protocol through two pipes
//! (JSON messages that end in a zero byte), so that no driver is needed.

#![cfg(feature = "models")]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use base64::Engine;
use serde_json::{Value, json};

use ser::evaluate::result::Evaluation;
use ser::report::{Audio, Contours, Extras, page};

/// A browser with one page.
struct Browser {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    session: Option<String>,
    sent: u64,
    /// Errors of the console and requests that left the disk.
    complaints: Vec<String>,
}

impl Browser {
    /// Starts the browser; its descriptors 3 and 4 are our pipes.
    fn start(profile: &Path) -> Browser {
        let program = std::env::var("CHROMIUM").unwrap_or_else(|_| "chromium".into());
        let arguments = "--headless=new --no-sandbox --disable-gpu --hide-scrollbars --no-first-run --remote-debugging-pipe";
        let line = format!(
            r#"exec "$1" {arguments} --user-data-dir="$2" about:blank 3<&0 4>&1 </dev/null >/dev/null 2>/dev/null"#
        );
        let mut child = Command::new("sh")
            .args(["-c", &line, "sh", &program])
            .arg(profile)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh starts");
        let (to, from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut browser = Browser {
            child,
            to,
            from: BufReader::new(from),
            session: None,
            sent: 0,
            complaints: Vec::new(),
        };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = browser.call("Target.attachToTarget", attach);
        browser.session = Some(session["sessionId"].as_str().unwrap().to_string());
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        // A page in the background draws no frames, and hints never show.
        browser.call("Page.bringToFront", json!({}));
        browser.call(
            "Emulation.setFocusEmulationEnabled",
            json!({"enabled": true}),
        );
        browser
    }

    /// Calls a method and gives its result; what the page complains of meanwhile is kept.
    fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.sent += 1;
        let mut message = json!({"id": self.sent, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.to.write_all(message.to_string().as_bytes()).unwrap();
        self.to.write_all(&[0]).unwrap();
        loop {
            let answer = self.receive();
            if answer["id"] == json!(self.sent) {
                assert!(
                    answer.get("error").is_none(),
                    "{method}: {}",
                    answer["error"]
                );
                return answer["result"].clone();
            }
        }
    }

    fn receive(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.from.read_until(0, &mut bytes).unwrap();
        assert!(
            bytes.pop() == Some(0),
            "the browser has gone; is CHROMIUM right?"
        );
        let event: Value = serde_json::from_slice(&bytes).unwrap();
        let parameters = &event["params"];
        match event["method"].as_str() {
            Some("Runtime.exceptionThrown") => self.complaints.push(parameters.to_string()),
            Some("Runtime.consoleAPICalled") if parameters["type"] == "error" => {
                self.complaints.push(parameters.to_string())
            }
            Some("Log.entryAdded") if parameters["entry"]["level"] == "error" => {
                self.complaints.push(parameters.to_string())
            }
            Some("Network.requestWillBeSent") => {
                let url = parameters["request"]["url"].as_str().unwrap_or("");
                if !["file:", "data:", "blob:", "about:"]
                    .iter()
                    .any(|scheme| url.starts_with(scheme))
                {
                    self.complaints.push(format!("asks the network for {url}"));
                }
            }
            _ => {}
        }
        event
    }

    /// Opens a page of this width, light or dark, and waits until it is drawn.
    fn open(&mut self, url: &str, width: u32, scheme: &str) {
        let size =
            json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500});
        self.call("Emulation.setDeviceMetricsOverride", size);
        let scheme = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.call("Emulation.setEmulatedMedia", scheme);
        self.call("Page.navigate", json!({"url": url}));
        while self.receive()["method"] != "Page.loadEventFired" {}
    }

    /// The value of an expression in the page; promises are awaited.
    fn value(&mut self, expression: &str) -> Value {
        let call = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let answer = self.call("Runtime.evaluate", call);
        assert!(
            answer.get("exceptionDetails").is_none(),
            "{expression}: {answer}"
        );
        answer["result"]["value"].clone()
    }

    /// Waits until an expression is true, at most ten seconds.
    fn wait(&mut self, expression: &str) {
        let script = format!(
            "new Promise(done => {{ const end = Date.now() + 10000; const look = () => {{ if ({expression}) done(true); else if (Date.now() > end) done(false); else setTimeout(look, 30); }}; look(); }})"
        );
        assert_eq!(self.value(&script), json!(true), "never: {expression}");
    }

    fn mouse(&mut self, kind: &str, (x, y): (f64, f64)) {
        let button = if kind == "mouseMoved" { "none" } else { "left" };
        self.call(
            "Input.dispatchMouseEvent",
            json!({"type": kind, "x": x, "y": y, "button": button, "clickCount": 1}),
        );
    }

    fn key(&mut self, key: &str) {
        let code = match key {
            "Enter" => 13,
            "ArrowLeft" => 37,
            "ArrowRight" => 39,
            _ => 0,
        };
        for kind in ["rawKeyDown", "keyUp"] {
            let event =
                json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code});
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// Keeps what is seen, if a folder is named.
    fn screenshot(&mut self, name: &str) {
        let Ok(folder) = std::env::var("SER_SCREENSHOTS") else {
            return;
        };
        let picture = self.call("Page.captureScreenshot", json!({"format": "png"}));
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(picture["data"].as_str().unwrap())
            .unwrap();
        std::fs::write(Path::new(&folder).join(name), bytes).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

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
