//! The skeleton of an adapter: its files, and the lines that make it part of the workspace.

use std::fs;
use std::path::{Path, PathBuf};

use crate::name::Name;

const MANIFEST: &str = "crates/countersign/Cargo.toml";
const REGISTRY: &str = "crates/countersign/src/registry.rs";
const SANDBOX: &str = "crates/sandbox/src/vendors/mod.rs";

/// The folders, and the page of the book, that are the vendor's alone.
const OWN: [&str; 4] =
    ["adapters/acme", "fixtures/acme", "crates/sandbox/src/vendors/acme", "docs/src/vendors/acme.md"];

/// The skeleton's files, with `acme` as the name. A test of this crate compiles the adapter unchanged. The manifest has
/// another name here, because cargo would treat its folder as a separate package.
const FILES: [(&str, &str); 16] = [
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
    ("fixtures/acme/effects.toml", include_str!("../template/effects.toml")),
    ("fixtures/acme/stub.toml", include_str!("../template/stub.toml")),
    ("crates/sandbox/src/vendors/acme/mod.rs", include_str!("../template/sandbox/mod.rs")),
    ("crates/sandbox/src/vendors/acme/rules.toml", include_str!("../template/sandbox/rules.toml")),
    ("docs/src/vendors/acme.md", include_str!("../template/page.md")),
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
    let named = |text: &str| {
        let text = text.replace("acme", name.as_str()).replace("Acme", &name.capitalised());
        text.replace("ACME", &name.as_str().to_uppercase())
    };
    if let Some(taken) = OWN.into_iter().map(named).find(|path| root.join(path).exists()) {
        return Err(format!("{taken} already exists"));
    }
    let manifest = read(root, MANIFEST)?;
    if is_taken(&manifest, name) {
        let taken = format!("{MANIFEST} already has a feature or dependency `{name}`");
        return Err(format!("{taken}; choose another name"));
    }
    let changes = [
        (MANIFEST, dependency(&manifest, name)),
        (REGISTRY, registry(&read(root, REGISTRY)?, name)),
        (SANDBOX, sandbox(&read(root, SANDBOX)?, name, &named("ACME, AcmeAccess, AcmeSettings"))),
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

/// A default feature, and the dependency that it enables.
fn dependency(text: &str, name: &Name) -> Option<String> {
    let default = text.lines().find(|line| line.starts_with("default = [\""))?;
    let text = text.replace(default, &default.replace("\"]", &format!("\", \"{name}\"]")));
    let is_vendor = |line: &str| line.contains(" = [\"dep:countersign-");
    let text = behind_last(&text, is_vendor, &format!("{name} = [\"dep:countersign-{name}\"]"))?;
    let last = text.lines().rfind(|line| line.contains("path = \"../../adapters/"))?;
    let (_, known) = last.split_once("version = \"")?;
    let (version, _) = known.split_once('"')?;
    let row = format!(
        "countersign-{name} = {{ version = \"{version}\", path = \"../../adapters/{name}\", optional = true }}"
    );
    behind_last(&text, |line| line == last, &row)
}

/// The line that lists the adapter.
fn registry(text: &str, name: &Name) -> Option<String> {
    let is_vendor = |line: &str| line.trim_start().starts_with('"') && line.ends_with(';');
    behind_last(text, is_vendor, &format!("    \"{name}\" as {name}: countersign_{name}::DESCRIPTOR;"))
}

/// The lines that make its part of the sandbox a module, in the order of the alphabet, and register it.
fn sandbox(text: &str, name: &Name, row: &str) -> Option<String> {
    let module = format!("mod {name};");
    let first = text.lines().find(|line| line.starts_with("mod "))?;
    let text = match *first > *module {
        true => text.replacen(first, &format!("{module}\n{first}"), 1),
        false => behind_last(text, |line| line.starts_with("mod ") && *line < *module, &module)?,
    };
    behind_last(&text, |line| line.ends_with("Settings;"), &format!("            {name}: {row};"))
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
