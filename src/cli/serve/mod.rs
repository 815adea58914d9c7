//! `ser serve`: the page in the browser from inside the program, and its answers for other programs on the machine.
//!
//! ```text
//! GET  /                 the page, which computes in the browser and connects to nothing
//! GET  /openapi.json     the description of what follows
//! POST /v1/extract       features of recordings, as `ser extract` gives them
//! POST /v1/classify      answers about recordings, as `ser classify --json` gives them
//! ```
//!
//! It listens on the loopback interface; on any other address requests need a token. Requests are limited in size, in length of audio, in time and in
//! number; a loopback server answers only requests that name it by a loopback name, so that no web page can reach it under a name of its own.

mod body;
mod reply;
mod routes;
mod site;

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use ser_models::classify::Model;
use tiny_http::{Request, Server};

use reply::{Problem, Reply};

const EXAMPLES: &str = "\
Examples:
  ser serve --open  the page, in your browser
  curl --data-binary @voice.wav 'http://127.0.0.1:7878/v1/classify?explain=true'
  curl -F file=@a.wav -F file=@b.flac 'http://127.0.0.1:7878/v1/extract?format=csv'
  curl --data-binary @voice.wav 'http://127.0.0.1:7878/v1/extract?columns=pitch,jitter&quality=true'
  ser serve --address 0.0.0.0 --token-file token.txt
        reachable from other machines, with `Authorization: Bearer …`

The page computes in the browser and sends nothing, not even to this server. /openapi.json describes the two POST requests; their values are those of `ser extract` and `ser classify`, bit for bit. Connections are not encrypted: put a reverse proxy in front where they leave the machine.";

/// Serve the page and an HTTP interface on this machine.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The address to listen on; any but a loopback address needs a token.
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,

    /// The port to listen on; 0 lets the system choose one.
    #[arg(long, value_name = "PORT", default_value_t = 7878)]
    port: u16,

    /// A file with the token that POST requests must bring as `Authorization: Bearer TOKEN`; at least 16 characters.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,

    /// Open the page in the browser.
    #[arg(long)]
    open: bool,

    /// The largest request body, in megabytes.
    #[arg(long, value_name = "MB", default_value_t = 64)]
    max_size: u64,

    /// The longest recording, in minutes.
    #[arg(long, value_name = "MINUTES", default_value_t = 30)]
    max_minutes: u32,

    /// The longest time that a request may take, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    max_seconds: u64,

    /// Number of requests answered in parallel [default: four per processor].
    #[arg(long, value_name = "N")]
    max_requests: Option<NonZeroUsize>,
}

/// What a request may ask for at most.
#[derive(Clone, Copy, Debug)]
struct Limits {
    bytes: u64,
    audio_s: f64,
    time: Duration,
    requests: usize,
}

/// What all requests share.
struct Shared {
    model: Model,
    limits: Limits,
    token: Option<String>,
    /// Whether only loopback names are answered.
    loopback: bool,
    running: AtomicUsize,
}

/// Serves until the process ends.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let token = arguments.token_file.as_ref().map(token).transpose()?;
    let loopback = arguments.address.is_loopback();
    if !loopback && token.is_none() {
        bail!(
            "{} can be reached from other machines, so a token is needed: add --token-file FILE",
            arguments.address
        );
    }
    let asked = SocketAddr::new(arguments.address, arguments.port);
    let server = Server::http(asked)
        .map_err(|error| anyhow::anyhow!("cannot listen on {asked}: {error}"))?;
    let address = server
        .server_addr()
        .to_ip()
        .context("the server has no IP address")?;
    let shared = Arc::new(Shared {
        model: Model::built_in()?,
        limits: Limits {
            bytes: arguments.max_size * 1_000_000,
            audio_s: f64::from(arguments.max_minutes) * 60.0,
            time: Duration::from_secs(arguments.max_seconds),
            requests: arguments
                .max_requests
                .map_or_else(|| 4 * super::output::threads(None), NonZeroUsize::get),
        },
        token,
        loopback,
        running: AtomicUsize::new(0),
    });
    let url = format!("http://{address}/");
    let mut out = std::io::stdout().lock();
    writeln!(out, "{url}").and_then(|()| out.flush())?;
    drop(out);
    if arguments.open {
        open(&url)?;
    }
    for request in server.incoming_requests() {
        answer(request, &shared);
    }
    Ok(ExitCode::SUCCESS)
}

/// Answers a request on a thread of its own, or declines at once where too many run.
fn answer(request: Request, shared: &Arc<Shared>) {
    if shared.running.fetch_add(1, Ordering::AcqRel) >= shared.limits.requests {
        shared.running.fetch_sub(1, Ordering::AcqRel);
        // What was sent is read to its end before the reply, so not here, where the next request waits.
        std::thread::spawn(move || reply::send(request, Err(Problem::Busy)));
        return;
    }
    let shared = Arc::clone(shared);
    std::thread::spawn(move || {
        let mut request = request;
        let outcome = routes::reply(&mut request, &shared);
        shared.running.fetch_sub(1, Ordering::AcqRel);
        reply::send(request, outcome);
    });
}

/// The token in a file, without the line break at its end.
fn token(path: &PathBuf) -> Result<String> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let token = text.trim();
    if token.len() < 16 || !token.chars().all(|c| c.is_ascii_graphic()) {
        bail!(
            "{}: a token has at least 16 printable ASCII characters and no spaces",
            path.display()
        );
    }
    Ok(token.to_string())
}

/// Opens an address with what the system opens addresses with.
fn open(url: &str) -> Result<()> {
    let (program, before): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("cmd", &["/C", "start", ""])
    } else {
        ("xdg-open", &[])
    };
    Command::new(program)
        .args(before)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .map(|_| ())
        .with_context(|| format!("cannot run {program}; open {url} yourself"))
}
