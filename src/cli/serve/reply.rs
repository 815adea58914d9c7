//! What goes back: a document with its type, or a problem (RFC 9457) with its status.

use std::io::Write;

use tiny_http::{Method, Request, StatusCode};

/// A document.
pub struct Reply {
    /// Its media type.
    pub kind: &'static str,
    /// Its bytes.
    pub body: Vec<u8>,
    /// What it may do in a browser.
    pub policy: &'static str,
}

impl Reply {
    /// An answer, which is no page and may do nothing.
    pub fn data(kind: &'static str, body: Vec<u8>) -> Reply {
        Reply {
            kind,
            body,
            policy: "default-src 'none'",
        }
    }
}

/// Why a request is not answered.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The request makes no sense.
    #[error("{0}")]
    Request(String),
    /// No token, or another one.
    #[error("a token is needed: send `Authorization: Bearer TOKEN`")]
    Token,
    /// The request names a host, or comes from a page, that is not this server.
    #[error("this server answers only under a loopback name, and only its own pages")]
    Host,
    /// There is nothing of this name.
    #[error("there is nothing at this address; /openapi.json describes what there is")]
    Nothing,
    /// Another method is needed.
    #[error("use {0} here")]
    Method(&'static str),
    /// Too much was sent, or what was sent holds too much.
    #[error("{0}")]
    Large(String),
    /// It took too long.
    #[error("the request took longer than {0} s")]
    Time(u64),
    /// What was sent is no recording that can be analysed.
    #[error("{0}")]
    Recording(String),
    /// Too many requests at the same time.
    #[error("too many requests at the same time; try again in a second")]
    Busy,
}

impl Problem {
    fn status(&self) -> (u16, &'static str) {
        match self {
            Problem::Request(_) => (400, "Bad request"),
            Problem::Token => (401, "Token needed"),
            Problem::Host => (403, "Forbidden"),
            Problem::Nothing => (404, "Not found"),
            Problem::Method(_) => (405, "Method not allowed"),
            Problem::Time(_) => (408, "Took too long"),
            Problem::Large(_) => (413, "Too large"),
            Problem::Recording(_) => (422, "Recording cannot be analysed"),
            Problem::Busy => (503, "Busy"),
        }
    }
}

/// Sends a reply. A client that has gone is no error.
pub fn send(request: Request, outcome: Result<Reply, Problem>) {
    let mut headers = vec![
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cache-Control", "no-cache"),
    ];
    let (status, reply) = match outcome {
        Ok(reply) => (200, reply),
        Err(problem) => {
            let (status, title) = problem.status();
            match problem {
                Problem::Token => headers.push(("WWW-Authenticate", "Bearer")),
                Problem::Method(method) => headers.push(("Allow", method)),
                Problem::Busy => headers.push(("Retry-After", "1")),
                _ => {}
            }
            let body = serde_json::json!({ "title": title, "status": status, "detail": problem.to_string() });
            let body = body.to_string().into_bytes();
            (status, Reply::data("application/problem+json", body))
        }
    };
    headers.push(("Content-Type", reply.kind));
    headers.push(("Content-Security-Policy", reply.policy));
    // tiny_http may queue a connection behind one that a browser keeps open, where it waits for minutes; so none is kept.
    headers.push(("Connection", "close"));
    let mut head = format!("HTTP/1.1 {status} {}\r\n", phrase(status));
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += &format!("Content-Length: {}\r\n\r\n", reply.body.len());
    let whole = *request.method() != Method::Head;
    let mut to = request.into_writer();
    let _ = to
        .write_all(head.as_bytes())
        .and_then(|()| to.write_all(if whole { &reply.body } else { &[] }))
        .and_then(|()| to.flush());
}

/// The reason phrase of a status.
fn phrase(status: u16) -> &'static str {
    StatusCode(status).default_reason_phrase()
}
