//! The skeleton of an adapter: its files, and the lines that make it part of the workspace.

use std::fs;
use std::path::{Path, PathBuf};

use crate::name::Name;

/// The skeleton's files, with `acme` as the name. A test of this crate compiles them unchanged. The manifest has
/// another name here, because cargo would treat its folder as a separate package.
const FILES: [(&str, &str); 11] = [
    ("adapters/acme/Cargo.toml", include_str!("../template/manifest.toml")),
    ("adapters/acme/README.md", include_str!("../template/README.md")),
    ("adapters/acme/vendor.toml", include_str!("../template/vendor.toml")),
    ("adapters/acme/src/lib.rs", include_str!("../template/src/lib.rs")),
    ("adapters/acme/src/wire.rs", include_str!("../template/src/wire.rs")),
    ("adapters/acme/src/map.rs", include_str!("../template/src/map.rs")),
    ("adapters/acme/src/check.rs", include_str!("../template/src/check.rs")),
    ("adapters/acme/src/error.rs", include_str!("../template/src/error.rs")),
    ("adapters/acme/src/auth.rs", include_str!("../template/src/auth.rs")),
    ("adapters/acme/src/webhook.rs", include_str!("../template/src/webhook.rs")),
    ("fixtures/acme/conformance.toml", include_str!("../template/conformance.toml")),
];

/// The result.
#[derive(Debug)]
pub struct Made {
    /// New files, relative to the workspace's root.
    pub files: Vec<String>,
    /// Files that have new lines.
    pub changed: Vec<&'static str>,
}

/// Creates the adapter in a workspace. Everything is checked before anything is written.
///
/// # Errors
/// Fails if the adapter already exists, or a file does not look as expected.
pub fn make(root: &Path, name: &Name) -> Result<Made, String> {
    let named = |text: &str| text.replace("acme", name.as_str()).replace("Acme", &name.capitalised());
    for folder in ["adapters", "fixtures"] {
        if root.join(folder).join(name.as_str()).exists() {
            return Err(format!("{folder}/{name} already exists"));
        }
    }
    let manifest = read(root, "crates/countersign/Cargo.toml")?;
    if is_taken(&manifest, name) {
        let taken = format!("crates/countersign/Cargo.toml already has a feature or dependency `{name}`");
        return Err(format!("{taken}; choose another name"));
    }
    let changes = [
        ("crates/countersign/Cargo.toml", dependency(&manifest, name)),
        (
            "crates/countersign/src/registry.rs",
            registry(&read(root, "crates/countersign/src/registry.rs")?, name),
        ),
    ];
    let changes = changes.map(|(file, text)| {
        text.map(|text| (file, text)).ok_or_else(|| {
            format!("{file} does not look as expected; see docs/src/develop/adding-a-vendor.md")
        })
    });
    let changes = changes.into_iter().collect::<Result<Vec<_>, _>>()?;
    let mut files = Vec::new();
    for (path, text) in FILES {
        let path = named(path);
        write(&root.join(&path), &named(text))?;
        files.push(path);
    }
    for (file, text) in &changes {
        write(&root.join(file), text)?;
    }
    Ok(Made { files, changed: changes.into_iter().map(|(file, _)| file).collect() })
}

/// Whether the name is already a key: a second one would make the manifest invalid.
fn is_taken(manifest: &str, name: &Name) -> bool {
    let rest = |line: &str| line.strip_prefix(name.as_str()).map(|rest| rest.trim_start().to_owned());
    manifest.lines().filter_map(rest).any(|rest| rest.starts_with(['=', '.']))
}

/// The first two of the three lines: an optional feature, and the dependency that it enables.
fn dependency(text: &str, name: &Name) -> Option<String> {
    let is_vendor = |line: &str| line.contains(" = [\"dep:countersign-");
    let text = behind_last(text, is_vendor, &format!("{name} = [\"dep:countersign-{name}\"]"))?;
    let last = text.lines().rfind(|line| line.contains("path = \"../../adapters/"))?;
    let (_, known) = last.split_once("version = \"")?;
    let (version, _) = known.split_once('"')?;
    let row = format!(
        "countersign-{name} = {{ version = \"{version}\", path = \"../../adapters/{name}\", optional = true }}"
    );
    behind_last(&text, |line| line == last, &row)
}

/// The third.
fn registry(text: &str, name: &Name) -> Option<String> {
    let is_vendor = |line: &str| line.trim_start().starts_with('"') && line.ends_with(';');
    behind_last(text, is_vendor, &format!("    \"{name}\" as {name}: countersign_{name}::DESCRIPTOR;"))
}

fn read(root: &Path, file: &str) -> Result<String, String> {
    fs::read_to_string(root.join(file)).map_err(|error| format!("{file} cannot be read ({})", error.kind()))
}

fn write(path: &PathBuf, text: &str) -> Result<(), String> {
    let cannot = |error: std::io::Error| format!("{} cannot be written ({})", path.display(), error.kind());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(cannot)?;
    }
    fs::write(path, text).map_err(cannot)
}

/// Inserts lines after the last matching line; `None` if none matches.
fn behind_last(text: &str, fits: impl Fn(&str) -> bool, new: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.iter().rposition(|line| fits(line))?;
    let mut out = String::with_capacity(text.len() + new.len() + 1);
    for (nth, line) in lines.into_iter().enumerate() {
        out.push_str(line);
        out.push('\n');
        if nth == last {
            out.push_str(new);
            out.push('\n');
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_new_differs() {
        let text = "a\nb = 1\nb = 2\nc\n";
        assert_eq!(
            behind_last(text, |line| line.starts_with("b"), "b = 3").unwrap(),
            "a\nb = 1\nb = 2\nb = 3\nc\n"
        );
        assert_eq!(behind_last(text, |line| line.starts_with("x"), "y"), None);
    }
}
