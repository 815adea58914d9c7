//! The page's files, from inside the program.

/// What the page may do: run its own scripts and their WebAssembly, and connect to nothing.
pub const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src data: blob:; \
    media-src blob:; worker-src 'self'; connect-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// What the worker that keeps the page for offline use may do: ask this server for the page's files, and nothing else.
const KEEPER_POLICY: &str = "default-src 'none'; connect-src 'self'";

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const JSON: &str = "application/json";

macro_rules! files {
    ($($name:literal $kind:ident $path:literal,)*) => {
        &[("plotly.js", SCRIPT, ser_study::report::PLOTLY), $(($name, $kind, include_str!(concat!("../../../", $path)))),*]
    };
}

/// Name, media type and text of each file.
static FILES: &[(&str, &str, &str)] = files! {
    "" HTML "bindings/web/page/index.html",
    "report.css" STYLE "assets/report/page.css",
    "page.css" STYLE "bindings/web/page/page.css",
    "words.js" SCRIPT "assets/report/words.js",
    "theme.js" SCRIPT "assets/report/theme.js",
    "recording.js" SCRIPT "assets/report/recording.js",
    "main.js" SCRIPT "bindings/web/page/main.js",
    "engine.js" SCRIPT "bindings/web/page/engine.js",
    "sources.js" SCRIPT "bindings/web/page/sources.js",
    "worker.js" SCRIPT "bindings/web/page/worker.js",
    "worklet.js" SCRIPT "bindings/web/page/worklet.js",
    "microphone.js" SCRIPT "bindings/web/page/microphone.js",
    "live.js" SCRIPT "bindings/web/page/live.js",
    "answer.js" SCRIPT "bindings/web/page/answer.js",
    "timeline.js" SCRIPT "bindings/web/page/timeline.js",
    "latent.js" SCRIPT "bindings/web/page/latent.js",
    "clouds.js" SCRIPT "bindings/web/page/clouds.js",
    "save.js" SCRIPT "bindings/web/page/save.js",
    "input.js" SCRIPT "bindings/web/page/input.js",
    "keyboard.js" SCRIPT "bindings/web/page/keyboard.js",
    "sw.js" SCRIPT "bindings/web/page/sw.js",
    "ser_web.js" SCRIPT "assets/web/ser_web.js",
    "wasm.js" SCRIPT "assets/web/wasm.js",
    "openapi.json" JSON "src/cli/serve/openapi.json",
};

/// A file by its name.
pub fn file(name: &str) -> Option<super::Reply> {
    let (_, kind, text) = FILES.iter().find(|(known, ..)| *known == name)?;
    Some(super::Reply {
        kind,
        body: text.as_bytes().to_vec(),
        policy: if name == "sw.js" {
            KEEPER_POLICY
        } else {
            POLICY
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str) -> &'static str {
        FILES.iter().find(|(known, ..)| *known == name).unwrap().2
    }

    #[test]
    fn every_file_that_the_page_names_is_inside_and_kept_offline() {
        let kept = text("sw.js");
        for (name, kind, _) in FILES {
            if !name.is_empty() && *kind != JSON && *name != "sw.js" {
                assert!(kept.contains(&format!("\"{name}\"")), "{name}");
            }
        }
        for (_, _, source) in FILES.iter().filter(|(name, kind, _)| {
            *kind == SCRIPT && !["plotly.js", "wasm.js", "ser_web.js"].contains(name)
        }) {
            for part in source.split("\"./").skip(1) {
                let name = part.split('"').next().unwrap();
                assert!(file(name).is_some(), "{name}");
            }
        }
    }

    #[test]
    fn the_page_and_the_server_forbid_the_same() {
        let policy = POLICY.replace("; frame-ancestors 'none'", "");
        assert!(text("").contains(&format!("content=\"{policy}\"")));
    }
}
