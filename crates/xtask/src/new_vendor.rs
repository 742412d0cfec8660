//! The skeleton of an adapter: its files, and the lines that make it part of the workspace.

use std::fs;
use std::path::{Path, PathBuf};

use crate::edit::{behind_last, into_array};
use crate::name::Name;

/// The skeleton's files, with `acme` in place of the name. They are compiled as they stand by a test of this crate.
const FILES: [(&str, &str); 8] = [
    ("adapters/acme/Cargo.toml", include_str!("../template/Cargo.toml")),
    ("adapters/acme/README.md", include_str!("../template/README.md")),
    ("adapters/acme/src/lib.rs", include_str!("../template/src/lib.rs")),
    ("adapters/acme/src/wire.rs", include_str!("../template/src/wire.rs")),
    ("adapters/acme/src/map.rs", include_str!("../template/src/map.rs")),
    ("adapters/acme/src/error.rs", include_str!("../template/src/error.rs")),
    ("adapters/acme/src/auth.rs", include_str!("../template/src/auth.rs")),
    ("fixtures/acme/conformance.toml", include_str!("../template/conformance.toml")),
];

/// What was done.
#[derive(Debug)]
pub struct Made {
    /// New files, from the workspace's root.
    pub files: Vec<String>,
    /// Files that have new lines.
    pub changed: Vec<&'static str>,
}

/// Makes the adapter in a workspace. All is found out before anything is written.
///
/// # Errors
/// Says what stands in the way: the adapter is there already, or a file does not look as expected.
pub fn make(root: &Path, name: &Name) -> Result<Made, String> {
    let named = |text: &str| text.replace("acme", name.as_str()).replace("Acme", &name.capitalised());
    for folder in ["adapters", "fixtures"] {
        if root.join(folder).join(name.as_str()).exists() {
            return Err(format!("{folder}/{name} is there already"));
        }
    }
    let manifest = read(root, "crates/countersign/Cargo.toml")?;
    if is_taken(&manifest, name) {
        let taken = format!("crates/countersign/Cargo.toml has a feature or dependency `{name}` already");
        return Err(format!("{taken}; choose another name"));
    }
    let changes = [
        ("Cargo.toml", workspace(&read(root, "Cargo.toml")?, name)),
        ("crates/countersign/Cargo.toml", dependency(&manifest, name)),
        (
            "crates/countersign/src/registry.rs",
            registry(&read(root, "crates/countersign/src/registry.rs")?, name),
        ),
    ];
    let changes = changes.map(|(file, text)| {
        text.map(|text| (file, text))
            .ok_or_else(|| format!("{file} does not look as expected; see adapters/TEMPLATE.md"))
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

/// The workspace's members, and the path of the new one.
fn workspace(text: &str, name: &Name) -> Option<String> {
    let member = format!("adapters/{name}");
    let text = into_array(text, "members", "\"adapters/", &member)?;
    let text = behind_last(&text, |line| line.starts_with("    \"adapters/"), &format!("    \"{member}\","))?;
    let is_adapter = |line: &str| line.starts_with("countersign-") && line.contains("path = \"adapters/");
    behind_last(&text, is_adapter, &format!("countersign-{name} = {{ path = \"{member}\" }}"))
}

/// Whether the name is a key already: a second one would leave a manifest that nothing can read any more.
fn is_taken(manifest: &str, name: &Name) -> bool {
    let rest = |line: &str| line.strip_prefix(name.as_str()).map(|rest| rest.trim_start().to_owned());
    manifest.lines().filter_map(rest).any(|rest| rest.starts_with(['=', '.']))
}

/// The first two of the three lines: a feature, which is not a default one, and the dependency that it switches on.
fn dependency(text: &str, name: &Name) -> Option<String> {
    let is_vendor = |line: &str| line.contains(" = [\"dep:countersign-");
    let text = behind_last(text, is_vendor, &format!("{name} = [\"dep:countersign-{name}\"]"))?;
    let is_adapter =
        |line: &str| line.starts_with("countersign-") && line.contains("workspace = true, optional = true");
    behind_last(&text, is_adapter, &format!("countersign-{name} = {{ workspace = true, optional = true }}"))
}

/// The third.
fn registry(text: &str, name: &Name) -> Option<String> {
    let row = format!("    #[cfg(feature = \"{name}\")]\n    &countersign_{name}::DESCRIPTOR,");
    behind_last(text, |line| line.trim_end().ends_with("::DESCRIPTOR,"), &row)
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
