//! No import circles: within each crate, modules use each other in one direction only.
//!
//! Every `use` and every path that begins with `crate`, `self` or `super` is followed, through re-exports, to the file that it reaches; tests do not
//! count, nor do a folder's module and the files in it, which may use each other. What remains is a graph of files, and it may have no circle.
//!
//! What reaches itself is on a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A module as the names on the way to it; the crate is the empty one.
type Module = Vec<String>;

#[test]
fn modules_use_each_other_in_one_direction_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = vec![root.join("src")];
    for member in std::fs::read_dir(root.join("crates")).unwrap() {
        sources.push(member.unwrap().path().join("src"));
    }
    sources.sort();
    let mut found = Vec::new();
    let mut uses = 0;
    for source in sources {
        let graph = graph(&source);
        uses += graph.values().map(BTreeSet::len).sum::<usize>();
        let name = source.strip_prefix(root).unwrap().display().to_string();
        for circle in circles(&graph) {
            let names: Vec<String> = circle.iter().map(|module| module.join("/")).collect();
            found.push(format!("{name}: {}", names.join(", ")));
        }
    }
    // A reading that finds nothing would be content with anything.
    assert!(uses > 500, "{uses} uses found");
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_circle_is_found_through_re_exports_and_not_in_tests() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("lib.rs", "pub mod a;\nmod b;\nmod c;\npub use c::Third;\n");
    write("a.rs", "use crate::b::{self, inner::{Second}};\n");
    write("b/mod.rs", "mod inner;\n");
    write("b/inner.rs", "fn f(_: crate::Third) {}\n");
    let tests = "#[cfg(test)]\nmod tests {\n    use crate::a::First;\n}\n";
    write(
        "c.rs",
        &format!("{tests}#[test]\nfn f() {{\n    crate::a::g();\n}}\n"),
    );
    assert_eq!(circles(&graph(folder.path())), Vec::<Vec<Module>>::new());
    write("c.rs", "// use crate::b;\nuse crate::{a::First};\n");
    let names = |path: &str| path.split('/').map(String::from).collect::<Module>();
    let expected = ["a", "b/inner", "c"].map(names).to_vec();
    assert_eq!(circles(&graph(folder.path())), [expected]);
}

/// Which files a file uses.
fn graph(source: &Path) -> BTreeMap<Module, BTreeSet<Module>> {
    let texts: BTreeMap<Module, String> = files(source)
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let relative = path.strip_prefix(source).unwrap().with_extension("");
            let parts = relative.iter().map(|part| part.to_string_lossy().into());
            let mut module: Module = parts.collect();
            if ["mod", "lib", "main"].contains(&module.last().unwrap().as_str()) {
                module.pop();
            }
            (module, without_tests(&text))
        })
        .filter(|(module, _)| !module.iter().any(|part| part == "tests"))
        .collect();
    let mut exported = BTreeMap::new();
    let mut graph = BTreeMap::new();
    for (module, text) in &texts {
        for (path, public) in uses(text) {
            if let Some(full) = resolved(&texts, module, &path)
                && public
            {
                let name = path.rsplit("::").next().unwrap_or_default();
                exported.insert((module.clone(), name.to_string()), full);
            }
        }
    }
    for (module, text) in &texts {
        let mut targets = BTreeSet::new();
        let is_folder = texts
            .keys()
            .any(|other| other.len() > module.len() && other.starts_with(module));
        for (path, public) in uses(text) {
            // A folder's face names its files.
            if public && is_folder {
                continue;
            }
            let full = resolved(&texts, module, &path);
            targets.extend(full.and_then(|full| file_of(&texts, &exported, full)));
        }
        targets.retain(|target| !target.starts_with(module) && !module.starts_with(target));
        graph.insert(module.clone(), targets);
    }
    graph
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The text without comments and without what is compiled for tests only.
fn without_tests(text: &str) -> String {
    let line = |line: &str| line.split("//").next().unwrap_or_default().to_string();
    let mut text: String = text.lines().map(|l| line(l) + "\n").collect();
    while let Some(start) = text.find("#[cfg(test)]").or_else(|| text.find("#[test]")) {
        let after = &text[start..];
        let end = match (after.find('{'), after.find(';')) {
            (Some(brace), semicolon) if semicolon.is_none_or(|at| brace < at) => {
                let mut depth = 0;
                let close = after.char_indices().find(|(at, c)| {
                    depth += match c {
                        '{' => 1,
                        '}' => -1,
                        _ => 0,
                    };
                    *at >= brace && depth == 0
                });
                close.map_or(after.len(), |(at, _)| at + 1)
            }
            (_, Some(semicolon)) => semicolon + 1,
            _ => after.len(),
        };
        text.replace_range(start..start + end, "");
    }
    text
}

/// The paths that a text uses, and whether it passes them on.
fn uses(text: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut body = String::new();
    let word = |c: char| c.is_alphanumeric() || c == '_';
    while let Some(at) = rest.find("use ") {
        let (before, after) = rest.split_at(at);
        body.push_str(before);
        let end = after.find(';').unwrap_or(after.len());
        if !before.ends_with(word) {
            let line = before.rsplit('\n').next().unwrap_or_default();
            let public = line.trim_start().starts_with("pub");
            let paths = expanded(&after["use ".len()..end]);
            found.extend(paths.into_iter().map(|path| (path, public)));
        }
        rest = &after[end..];
    }
    body.push_str(rest);
    for start in ["crate::", "super::", "self::"] {
        for (at, _) in body.match_indices(start) {
            if body[..at].ends_with(|c| word(c) || c == ':') {
                continue;
            }
            let end = body[at..].find(|c| !word(c) && c != ':');
            let path = &body[at..at + end.unwrap_or(body.len() - at)];
            found.push((path.trim_end_matches(':').to_string(), false));
        }
    }
    found
}

/// `a::{b, c::{d}}` as `a::b` and `a::c::d`.
fn expanded(tree: &str) -> Vec<String> {
    let tree: String = tree.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((head, rest)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        return vec![path.trim().trim_end_matches("::self").to_string()];
    };
    let body = rest.rsplit_once('}').map_or(rest, |(body, _)| body);
    let mut depth = 0;
    let branches = body.split(|c| {
        depth += match c {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        c == ',' && depth == 0
    });
    let branches: Vec<&str> = branches
        .filter(|branch| !branch.trim().is_empty())
        .collect();
    let whole = branches
        .into_iter()
        .map(|branch| format!("{head}{}", branch.trim()));
    whole.flat_map(|path| expanded(&path)).collect()
}

/// A path from the crate's root on; none if it leads out of the crate.
fn resolved(texts: &BTreeMap<Module, String>, module: &Module, path: &str) -> Option<Module> {
    let mut parts: Vec<&str> = path.split("::").collect();
    let mut base = match parts[0] {
        "crate" => Vec::new(),
        "self" | "super" => module.clone(),
        first => {
            let child: Module = module.iter().cloned().chain([first.to_string()]).collect();
            if !texts.contains_key(&child) {
                return None;
            }
            parts.insert(0, "self");
            module.clone()
        }
    };
    while parts.first() == Some(&"super") {
        base.pop();
        parts.remove(0);
    }
    if ["crate", "self"].contains(parts.first()?) {
        parts.remove(0);
    }
    base.extend(parts.iter().map(|part| part.to_string()));
    Some(base)
}

/// The file that a full path lies in, followed through what folders pass on.
fn file_of(
    texts: &BTreeMap<Module, String>,
    exported: &BTreeMap<(Module, String), Module>,
    mut full: Module,
) -> Option<Module> {
    for _ in 0..8 {
        let length = (0..=full.len())
            .rev()
            .find(|&n| texts.contains_key(&full[..n]))?;
        let module = full[..length].to_vec();
        let passed = full.get(length).map(|name| (module.clone(), name.clone()));
        match passed.and_then(|key| exported.get(&key)) {
            Some(target) if *target != full => {
                full = target.iter().chain(&full[length + 1..]).cloned().collect();
            }
            _ => return Some(module),
        }
    }
    None
}

/// Sets of modules each of which reaches every other.
fn circles(graph: &BTreeMap<Module, BTreeSet<Module>>) -> Vec<Vec<Module>> {
    let reached = |from: &Module| {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&Module> = graph.get(from).into_iter().flatten().collect();
        while let Some(module) = open.pop() {
            if seen.insert(module.clone()) {
                open.extend(graph.get(module).into_iter().flatten());
            }
        }
        seen
    };
    let reach: BTreeMap<&Module, BTreeSet<Module>> = graph
        .keys()
        .map(|module| (module, reached(module)))
        .collect();
    let mut found: Vec<Vec<Module>> = Vec::new();
    for (module, reached) in &reach {
        if !reached.contains(*module) || found.iter().flatten().any(|known| known == *module) {
            continue;
        }
        let back = reached
            .iter()
            .filter(|other| reach.get(other).is_some_and(|from| from.contains(*module)));
        found.push(back.cloned().collect());
    }
    found
}
