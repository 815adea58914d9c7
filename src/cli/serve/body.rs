//! What a POST request brings: one recording as it is, or several as `multipart/form-data`.
//!
//! ```text
//! --boundary CRLF  headers CRLF CRLF  content CRLF --boundary … --boundary--          (RFC 7578, RFC 2046 §5.1)
//! ```

use std::time::Instant;

use tiny_http::Request;

use super::Limits;
use super::reply::Problem;

/// Recordings in one request at most.
const MOST: usize = 1000;

/// A recording that was sent.
#[derive(Debug, PartialEq)]
pub struct Sent {
    /// Its file name; empty where the client gave none.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Whether a request took longer than it may.
pub fn took_too_long(limits: &Limits, began: Instant) -> Result<(), Problem> {
    match began.elapsed() > limits.time {
        true => Err(Problem::Time(limits.time.as_secs())),
        false => Ok(()),
    }
}

/// Reads the recordings of a request.
pub fn recordings(
    request: &mut Request,
    limits: &Limits,
    began: Instant,
) -> Result<Vec<Sent>, Problem> {
    let header = |name: &'static str| {
        let found = request.headers().iter().find(|h| h.field.equiv(name));
        found.map(|h| h.value.as_str().to_string())
    };
    let kind = header("Content-Type").unwrap_or_default();
    let bytes = read_body(request, limits, began)?;
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("multipart/form-data") {
        let boundary = boundary(&kind).ok_or_else(|| {
            Problem::Request("the Content-Type of multipart/form-data names no boundary".into())
        })?;
        return parts(&bytes, &boundary);
    }
    if bytes.is_empty() {
        return Err(Problem::Request(
            "the body is empty; send a recording".into(),
        ));
    }
    Ok(vec![Sent {
        name: String::new(),
        bytes,
    }])
}

/// The whole body, within the limits.
fn read_body(request: &mut Request, limits: &Limits, began: Instant) -> Result<Vec<u8>, Problem> {
    let large = || {
        let limit = limits.bytes / 1_000_000;
        Problem::Large(format!("the body is larger than {limit} MB"))
    };
    if request
        .body_length()
        .is_some_and(|length| length as u64 > limits.bytes)
    {
        return Err(large());
    }
    let (mut bytes, mut block) = (Vec::new(), vec![0; 1 << 16]);
    loop {
        let read = request
            .as_reader()
            .read(&mut block)
            .map_err(|_| Problem::Request("the body ended early".into()))?;
        if read == 0 {
            return Ok(bytes);
        }
        bytes.extend_from_slice(&block[..read]);
        if bytes.len() as u64 > limits.bytes {
            return Err(large());
        }
        took_too_long(limits, began)?;
    }
}

/// The boundary in a Content-Type.
fn boundary(kind: &str) -> Option<String> {
    let found = kind.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("boundary")
            .then(|| value.trim().trim_matches('"').to_string())
    })?;
    // RFC 2046: one to seventy characters.
    (1..=70).contains(&found.len()).then_some(found)
}

/// The files among the parts of a form; fields without a file name are passed over.
fn parts(body: &[u8], boundary: &str) -> Result<Vec<Sent>, Problem> {
    let malformed = || Problem::Request("the multipart body is malformed".into());
    let (delimiter, mut files) = (format!("\r\n--{boundary}"), Vec::new());
    let delimiter = delimiter.as_bytes();
    // The first delimiter stands at the beginning, without the line break before it.
    let mut rest = if body.starts_with(&delimiter[2..]) {
        &body[delimiter.len() - 2..]
    } else {
        let at = find(body, delimiter).ok_or_else(malformed)?;
        &body[at + delimiter.len()..]
    };
    while !rest.starts_with(b"--") {
        let line_end = find(rest, b"\r\n").ok_or_else(malformed)?;
        let part = &rest[line_end..];
        let end = find(part, delimiter).ok_or_else(malformed)?;
        let (part, after) = (&part[..end], &part[end + delimiter.len()..]);
        let head_end = find(part, b"\r\n\r\n").ok_or_else(malformed)?;
        let head = String::from_utf8_lossy(&part[..head_end]);
        if let Some(name) = file_name(&head) {
            files.push(Sent {
                name,
                bytes: part[head_end + 4..].to_vec(),
            });
        }
        if files.len() > MOST {
            return Err(Problem::Large(format!("more than {MOST} recordings")));
        }
        rest = after;
    }
    if files.is_empty() {
        return Err(Problem::Request(
            "the form holds no file; send recordings as parts with a file name".into(),
        ));
    }
    Ok(files)
}

/// The file name of a part, without folders.
fn file_name(head: &str) -> Option<String> {
    let line = head.lines().find(|line| {
        line.to_ascii_lowercase()
            .starts_with("content-disposition:")
    })?;
    let (_, value) = line.split_once("filename=\"")?;
    let name = value.split('"').next()?;
    let plain = name.rsplit(['/', '\\']).next().unwrap_or(name);
    Some(plain.to_string())
}

/// Where one slice first stands in another.
fn find(within: &[u8], wanted: &[u8]) -> Option<usize> {
    within
        .windows(wanted.len())
        .position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &[u8] = b"--x\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; \
        filename=\"C:\\tmp\\a.wav\"\r\nContent-Type: audio/wav\r\n\r\nRI\r\n--FF\r\n\r\n--x--\r\n";

    #[test]
    fn files_of_a_form_are_found_with_their_names_and_every_byte() {
        let sent = Sent {
            name: "a.wav".into(),
            bytes: b"RI\r\n--FF\r\n".to_vec(),
        };
        assert_eq!(parts(FORM, "x").unwrap(), [sent]);
    }

    #[test]
    fn a_form_cut_anywhere_is_refused_and_never_panics() {
        for end in 0..FORM.len() - 4 {
            assert!(parts(&FORM[..end], "x").is_err(), "{end}");
        }
    }

    #[test]
    fn a_boundary_is_read_with_and_without_quotes() {
        assert_eq!(
            boundary("multipart/form-data; charset=utf-8; Boundary=\"a b\"").as_deref(),
            Some("a b")
        );
        assert_eq!(
            boundary("multipart/form-data;boundary=ab").as_deref(),
            Some("ab")
        );
        assert_eq!(boundary("multipart/form-data; boundary="), None);
    }
}
