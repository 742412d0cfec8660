//! Finds the files of a crate that import each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

type Module = Vec<String>;

/// `pub use child::{A, B};` in any visibility: the name belongs to the child, and the line is no dependency.
static EXPORT: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bpub(?:\([a-z]+\))?\s+use\s+([^;]+);"));
/// A path that begins at the crate, at the module above or in a child. Brackets are read by [`tree`].
static START: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:^|[^:\w])(\w+)::"));
static CHILD: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^\s*(?:pub(?:\([a-z]+\))?\s+)?mod\s+(\w+);"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern")
}

/// One file: what it declares, what it hands on, and its code without comments, tests and exports.
struct Source {
    name: String,
    children: Vec<String>,
    exports: BTreeMap<String, Module>,
    code: String,
}

/// The names that a file exports itself, not those of modules that are written in it.
pub(crate) fn exports(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).expect("a source file");
    // Inner modules are indented.
    let code: String = text
        .lines()
        .filter(|line| !line.starts_with("    pub"))
        .fold(String::new(), |all, line| all + line.split("//").next().unwrap_or_default() + "\n");
    let names =
        |found: regex::Captures<'_>| tree(&found[1]).into_iter().map(|(_, name)| name).collect::<Vec<_>>();
    EXPORT.captures_iter(&code).flat_map(names).collect()
}

/// The rings among the source files of a crate: each with the imports that make it, as `from -> to`.
pub(crate) fn rings(src: &Path) -> Vec<Vec<String>> {
    let sources = sources(src);
    let edges: BTreeMap<&str, BTreeSet<&str>> = sources
        .iter()
        .map(|(module, source)| (source.name.as_str(), imports(module, source, &sources)))
        .collect();
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        edges.keys().map(|from| (*from, reachable(from, &edges))).collect();
    let mut rings: Vec<Vec<String>> = Vec::new();
    let mut done = BTreeSet::new();
    for (file, behind) in &reached {
        if !behind.contains(file) || done.contains(file) {
            continue;
        }
        let ring: BTreeSet<&str> =
            behind.iter().copied().filter(|other| reached[other].contains(file)).collect();
        done.extend(ring.iter().copied());
        let mut within = Vec::new();
        for from in &ring {
            within.extend(edges[from].intersection(&ring).map(|to| format!("{from} -> {to}")));
        }
        rings.push(within);
    }
    rings
}

fn reachable<'s>(from: &str, edges: &BTreeMap<&'s str, BTreeSet<&'s str>>) -> BTreeSet<&'s str> {
    let mut found = BTreeSet::new();
    let mut next: Vec<&str> = edges[from].iter().copied().collect();
    while let Some(file) = next.pop() {
        if found.insert(file) {
            next.extend(edges[file].iter().copied());
        }
    }
    found
}

fn sources(src: &Path) -> BTreeMap<Module, Source> {
    let mut files = Vec::new();
    super::sources(src, &mut files);
    let read = |path: &std::path::PathBuf| {
        let name = path.strip_prefix(src).expect("below").to_string_lossy().into_owned();
        let mut module: Module = name.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        module.pop_if(|last| ["mod", "lib", "main"].contains(&last.as_str()));
        let text = std::fs::read_to_string(path).expect("a source file");
        let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let code: String =
            text.lines().flat_map(|line| [line.split("//").next().unwrap_or_default(), "\n"]).collect();
        let children: Vec<String> = CHILD.captures_iter(&code).map(|found| found[1].to_owned()).collect();
        let mut exports = BTreeMap::new();
        for found in EXPORT.captures_iter(&code) {
            for (path, name) in tree(&found[1]) {
                let path =
                    if path.first().is_some_and(|first| first == "self") { path[1..].to_vec() } else { path };
                exports.insert(name, path);
            }
        }
        let code = EXPORT.replace_all(&code, "").into_owned();
        (module, Source { name, children, exports, code })
    };
    files.iter().map(read).collect()
}

/// The paths of a `use` tree (or of a path in an expression), each with the name that it gives.
fn tree(text: &str) -> Vec<(Module, String)> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_alphanumeric() || "_:".contains(c))).unwrap_or(text.len());
    let (path, rest) = text.split_at(end);
    let segments: Module = path.split("::").filter(|one| !one.is_empty()).map(str::to_owned).collect();
    if rest.starts_with('*') {
        return vec![(segments, "*".to_owned())];
    }
    if !(path.is_empty() || path.ends_with("::")) || !rest.starts_with('{') {
        let alias = rest.trim_start().strip_prefix("as ").map(|alias| alias.trim().to_owned());
        return segments.last().cloned().map(|last| (segments, alias.unwrap_or(last))).into_iter().collect();
    }
    let (mut depth, mut from, mut found) = (0, 1, Vec::new());
    for (at, c) in rest.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if (c == ',' && depth == 1) || depth == 0 {
            for (path, name) in tree(&rest[from..at]) {
                found
                    .push((segments.iter().cloned().chain(path).filter(|one| one != "self").collect(), name));
            }
            from = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    found
}

/// The files that a file needs.
fn imports<'s>(module: &Module, source: &Source, sources: &'s BTreeMap<Module, Source>) -> BTreeSet<&'s str> {
    let mut needed = BTreeSet::new();
    for found in START.captures_iter(&source.code) {
        let first = found.get(1).expect("a group");
        let above = module.len().saturating_sub(1);
        let start = match first.as_str() {
            "crate" => &module[..0],
            "super" => &module[..above],
            "self" => &module[..],
            child if source.children.iter().any(|one| one == child) => &module[..],
            _ => continue,
        };
        for (path, _) in tree(&source.code[first.start()..]) {
            let skip = usize::from(["crate", "super", "self"].contains(&first.as_str()));
            let mut path: Module = path[skip..].to_vec();
            let mut at = start.to_vec();
            while path.first().is_some_and(|one| one == "super") {
                at.pop();
                path.remove(0);
            }
            needed.insert(place(&at, &path, sources));
        }
    }
    needed.remove(source.name.as_str());
    needed
}

/// The file in which what a path names is written, exports followed.
fn place<'s>(at: &Module, path: &[String], sources: &'s BTreeMap<Module, Source>) -> &'s str {
    let source = &sources[at];
    let Some((first, rest)) = path.split_first() else { return &source.name };
    let below: Module = at.iter().chain([first]).cloned().collect();
    if sources.contains_key(&below) && !(rest.is_empty() && source.exports.contains_key(first)) {
        return place(&below, rest, sources);
    }
    match source.exports.get(first) {
        Some(export) if export.first().is_some_and(|one| source.children.contains(one)) => {
            place(at, export, sources)
        }
        Some(export) if export.first().is_some_and(|one| one == "crate") => {
            place(&Vec::new(), &export[1..], sources)
        }
        Some(export) if export.first().is_some_and(|one| one == "super") => {
            place(&at[..at.len().saturating_sub(1)].to_vec(), &export[1..], sources)
        }
        _ => &source.name,
    }
}
