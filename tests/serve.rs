//! `ser serve` answers as the command line does, and declines what it should.

#![cfg(feature = "serve")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use assert_cmd::cargo::cargo_bin;

const CLIP: &str = "assets/speech/03a02Wc.flac";

/// A running server.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(arguments: &[&str]) -> Server {
        let mut child = Command::new(cargo_bin("ser"))
            .args(["serve", "--port", "0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let address = line.trim().trim_start_matches("http://");
        let address = address.trim_end_matches('/').to_string();
        Server { child, address }
    }

    /// Sends a request (HTTP/1.0, so that long answers are not sent in chunks) and gives status, head and body.
    fn ask(&self, start: &str, headers: &str, body: &[u8]) -> (u16, String, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let host = if headers.contains("Host:") {
            String::new()
        } else {
            format!("Host: {}\r\n", self.address)
        };
        let length = body.len();
        let head = format!(
            "{start} HTTP/1.0\r\n{host}Connection: close\r\nContent-Length: {length}\r\n{headers}\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        // A server that declines early may close before it has read everything.
        let _ = stream.write_all(body);
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply);
        let at = reply.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&reply[..at]).to_string();
        let status = head[9..12].parse().unwrap();
        (status, head, reply[at + 4..].to_vec())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn cli(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(cargo_bin("ser"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success());
    output.stdout
}

#[test]
fn answers_are_those_of_the_command_line_to_the_byte() {
    let (server, clip) = (Server::start(&[]), std::fs::read(CLIP).unwrap());
    for (query, arguments) in [
        ("", &[][..]),
        ("&explain=true", &["--explain"]),
        ("&window=1&hop=0.25", &["--window", "1s", "--hop", "250ms"]),
    ] {
        let start = format!("POST /v1/classify?name={CLIP}{query}");
        let (status, _, body) = server.ask(&start, "", &clip);
        assert_eq!(status, 200);
        let native = cli(&[&["classify", CLIP, "--json"], arguments].concat());
        assert_eq!(String::from_utf8(body), String::from_utf8(native));
    }
    for set in ["eGeMAPSv02", "GeMAPSv01b", "eGeMAPS-ser"] {
        for level in ["functionals", "lld"] {
            let start = format!("POST /v1/extract?name={CLIP}&set={set}&level={level}&format=csv");
            let (status, _, body) = server.ask(&start, "", &clip);
            assert_eq!(status, 200);
            let native = cli(&["extract", CLIP, "--set", set, "--level", level, "--quiet"]);
            assert_eq!(String::from_utf8(body), String::from_utf8(native));
        }
    }
}

#[test]
fn columns_frame_times_and_quality_are_those_of_the_command_line() {
    let (server, clip) = (Server::start(&[]), std::fs::read(CLIP).unwrap());
    let ask = |query: &str| {
        let start = format!("POST /v1/extract?name={CLIP}&{query}");
        let (status, _, body) = server.ask(&start, "", &clip);
        assert_eq!(status, 200, "{query}: {}", String::from_utf8_lossy(&body));
        body
    };
    for (query, arguments) in [
        ("columns=F0*,jitter", &["--columns", "F0*,jitter"][..]),
        (
            "columns=Formant%202&level=lld",
            &["--columns", "Formant 2", "--level", "lld"],
        ),
        (
            "frame_times=start&level=lld",
            &["--frame-times=start", "--level", "lld"],
        ),
        (
            "frame_times=centre&columns=pitch&level=lld",
            &[
                "--frame-times=centre",
                "--columns",
                "pitch",
                "--level",
                "lld",
            ],
        ),
    ] {
        let native = cli(&[&["extract", CLIP, "--quiet"], arguments].concat());
        let text = String::from_utf8(ask(&format!("{query}&format=csv")));
        assert_eq!(text, String::from_utf8(native), "{query}");
    }
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("quality.jsonl");
    cli(&[
        "extract",
        CLIP,
        "--quiet",
        "--quality",
        list.to_str().unwrap(),
    ]);
    let mut native: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&list).unwrap()).unwrap();
    let rows: serde_json::Value =
        serde_json::from_slice(&ask("quality=true&columns=jitter")).unwrap();
    let fields = native.as_object_mut().unwrap();
    for field in ["file", "start", "end"] {
        // 0 in one is 0.0 in the other.
        let own = fields.remove(field).unwrap();
        assert!(own == rows[0][field] || own.as_f64() == rows[0][field].as_f64());
    }
    assert_eq!(rows[0]["quality"], native);
    assert_eq!(rows[0].as_object().unwrap().len(), 3 + 2 + 1);
}

#[test]
fn a_form_may_bring_many_recordings() {
    let (server, clip) = (Server::start(&[]), std::fs::read(CLIP).unwrap());
    let mut form = Vec::new();
    for name in ["a.flac", "b.flac"] {
        let head = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        );
        form.extend([head.as_bytes(), &clip, b"\r\n"].concat());
    }
    form.extend(b"--edge--\r\n");
    let kind = "Content-Type: multipart/form-data; boundary=edge\r\n";
    let (status, _, body) = server.ask("POST /v1/extract", kind, &form);
    let rows: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (status, &rows[0]["file"], &rows[1]["file"]),
        (200, &"a.flac".into(), &"b.flac".into())
    );
    assert_eq!(rows[0].as_object().unwrap().len(), 3 + 88);
}

#[test]
fn what_is_wrong_has_its_status_and_a_sentence() {
    let server = Server::start(&["--max-size", "1"]);
    let large = vec![0; 1_000_001];
    for (start, headers, body, expected) in [
        ("POST /v1/classify", "", &b"this is no recording"[..], 422),
        ("POST /v1/classify", "", b"", 400),
        ("POST /v1/classify?windw=1", "", b"x", 400),
        ("POST /v1/classify?window=1", "", b"x", 400),
        ("POST /v1/extract?set=none", "", b"x", 400),
        ("POST /v1/extract?columns=nothing", "", b"x", 400),
        ("POST /v1/extract?frame_times=start", "", b"x", 400),
        ("POST /v1/extract?level=lld&frame_times=end", "", b"x", 400),
        ("POST /v1/extract?level=lld&quality=true", "", b"x", 400),
        ("POST /v1/extract?format=csv&quality=true", "", b"x", 400),
        (
            "POST /v1/extract",
            "Content-Type: multipart/form-data\r\n",
            b"x",
            400,
        ),
        ("GET /v1/extract", "", b"", 405),
        ("POST /", "", b"", 405),
        ("GET /etc/passwd", "", b"", 404),
        ("POST /v1/extract", "", &large, 413),
        ("GET /", "Host: evil.example\r\n", b"", 403),
        (
            "POST /v1/extract",
            "Origin: https://evil.example\r\n",
            b"x",
            403,
        ),
    ] {
        let (status, head, body) = server.ask(start, headers, body);
        assert_eq!(status, expected, "{start}");
        assert!(head.contains("application/problem+json"), "{start}");
        let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem["status"], expected);
        assert!(problem["detail"].as_str().unwrap().len() > 8);
    }
}

#[test]
fn the_page_is_inside_and_forbids_every_connection() {
    let server = Server::start(&[]);
    let (status, head, body) = server.ask("GET /", "", b"");
    assert_eq!(status, 200);
    assert!(head.contains("connect-src 'none'"));
    assert!(String::from_utf8(body).unwrap().contains("main.js"));
    assert_eq!(server.ask("GET /wasm.js", "", b"").0, 200);
    let (_, _, description) = server.ask("GET /openapi.json", "", b"");
    let description: serde_json::Value = serde_json::from_slice(&description).unwrap();
    assert!(description["paths"]["/v1/classify"]["post"].is_object());
}

#[test]
fn an_address_that_others_reach_needs_a_token() {
    let refused = Command::new(cargo_bin("ser"))
        .args(["serve", "--address", "0.0.0.0", "--port", "0"])
        .output()
        .unwrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--token-file"));
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, "a-token-of-some-length\n").unwrap();
    let server = Server::start(&["--token-file", token.to_str().unwrap()]);
    let clip = std::fs::read(CLIP).unwrap();
    assert_eq!(server.ask("POST /v1/extract", "", &clip).0, 401);
    let wrong = "Authorization: Bearer a-token-of-other-length\r\n";
    assert_eq!(server.ask("POST /v1/extract", wrong, &clip).0, 401);
    let right = "Authorization: Bearer a-token-of-some-length\r\n";
    assert_eq!(server.ask("POST /v1/extract", right, &clip).0, 200);
}
