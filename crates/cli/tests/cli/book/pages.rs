//! The pages as text, and their parts.

use std::path::{Path, PathBuf};

/// A page, by its path from the repository's root.
pub(super) struct Page {
    pub(super) path: String,
    pub(super) text: String,
}

/// A line outside code, or a fenced block.
pub(super) enum Part<'p> {
    Line(&'p str),
    Block { language: &'p str, text: String },
}

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository")
}

pub(super) fn page(path: &str) -> Page {
    let text = std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    Page { path: path.to_owned(), text }
}

/// The pages of the book, without its table of contents.
pub(super) fn book() -> Vec<Page> {
    let mut paths = Vec::new();
    collect(&root().join("docs/src"), &mut paths);
    let mut paths: Vec<String> = paths
        .iter()
        .map(|path| path.strip_prefix(root()).expect("a page of the repository").display().to_string())
        .filter(|path| path != SUMMARY)
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "there is no book");
    paths.iter().map(|path| page(path)).collect()
}

pub(super) const SUMMARY: &str = "docs/src/SUMMARY.md";

/// The book and the pages around it.
pub(super) fn all() -> Vec<Page> {
    let mut pages = book();
    let vendors = countersign::vendors().iter().map(|vendor| format!("adapters/{}/README.md", vendor.name));
    let others = ["README.md", "CONTRIBUTING.md", SUMMARY, "fixtures/README.md", "tests/clients/README.md"];
    pages.extend(others.into_iter().map(page));
    pages.extend(vendors.map(|path| page(&path)));
    pages.push(page("examples/embedded-app/README.md"));
    pages
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the book") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "md") {
            into.push(path);
        }
    }
}

impl Page {
    /// Where its relative links begin.
    pub(super) fn folder(&self) -> PathBuf {
        root().join(&self.path).parent().expect("a folder").to_owned()
    }

    /// The page with the files that it includes in the place of the lines that include them, as mdBook makes it.
    pub(super) fn expanded(&self) -> String {
        let mut text = String::new();
        for line in self.text.lines() {
            let included = line.strip_prefix("{{#include ").and_then(|rest| rest.strip_suffix("}}"));
            match included {
                Some(path) => {
                    let file = self.folder().join(path);
                    text += &std::fs::read_to_string(&file)
                        .unwrap_or_else(|error| panic!("{} includes {path}: {error}", self.path));
                }
                None => text += line,
            }
            text.push('\n');
        }
        text
    }
}

/// Lines and fenced blocks, in order. A block within a list is one as well.
pub(super) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut open: Option<(&str, String)> = None;
    for line in text.lines() {
        let fence = line.trim_start().strip_prefix("```");
        match (&mut open, fence) {
            (Some(_), Some(_)) => {
                let (language, text) = open.take().expect("an open block");
                parts.push(Part::Block { language, text });
            }
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, Some(language)) => open = Some((language.trim(), String::new())),
            (None, None) => parts.push(Part::Line(line)),
        }
    }
    assert!(open.is_none(), "a block does not end");
    parts
}
