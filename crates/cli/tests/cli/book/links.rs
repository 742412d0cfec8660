//! Links, pictures and files that pages name are there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::pages::{Page, Part, SUMMARY, all, book, page, parts, root};

/// A picture larger than this makes the book slow to open.
const LARGEST_PICTURE: u64 = 100_000;

/// The folders of the repository that pages speak of.
const FOLDERS: [&str; 8] =
    ["adapters/", "crates/", "docs/", "examples/", "fixtures/", "fuzz/", "tests/", ".ci/"];

#[test]
fn every_page_is_in_the_table_of_contents_once() {
    let summary = page(SUMMARY);
    let listed: Vec<String> =
        links(&summary.text).into_iter().map(|link| format!("docs/src/{link}")).collect();
    let unique: BTreeSet<&String> = listed.iter().collect();
    assert_eq!(unique.len(), listed.len(), "{SUMMARY} lists a page twice");
    let pages: BTreeSet<String> = book().into_iter().map(|page| page.path).collect();
    let pages: BTreeSet<&String> = pages.iter().collect();
    let (missing, unknown) = (pages.difference(&unique), unique.difference(&pages));
    assert!(pages == unique, "not in {SUMMARY}: {missing:?}; listed and not there: {unknown:?}");
}

#[test]
fn the_examples_of_every_page_are_tests() {
    const LIST: &str = "tests/src/book.rs";
    let code = std::fs::read_to_string(root().join(LIST)).expect("the list");
    let listed: BTreeSet<&str> =
        code.split('"').skip(1).step_by(2).filter(|path| path.ends_with(".md")).collect();
    let pages: Vec<Page> = book();
    let pages = pages.iter().map(|page| page.path.as_str()).filter(|path| !path.contains("/vendors/"));
    let pages = pages.chain(["README.md"]).collect::<BTreeSet<_>>();
    let (missing, unknown) = (pages.difference(&listed), listed.difference(&pages));
    assert!(pages == listed, "not in {LIST}: {missing:?}; listed and not there: {unknown:?}");
}

#[test]
fn every_vendor_has_a_page() {
    for vendor in countersign::vendors() {
        let text = page(&format!("docs/src/vendors/{}.md", vendor.name)).text;
        assert!(text.contains(&format!("adapters/{}/README.md", vendor.name)), "{}", vendor.name);
        // Examples of the README are tests of the adapter; no test compiles others.
        assert!(!text.contains("```rust"), "{}", vendor.name);
    }
}

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    for page in all() {
        let in_book = page.path.starts_with("docs/src/");
        for link in links(&page.expanded()) {
            if let Err(why) = follow(&page, &link, in_book) {
                broken.push(format!("{}: {link}: {why}", page.path));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Follows a link to a file and to a heading in it. The book, once it is built, has its own pages and pictures only.
fn follow(page: &Page, link: &str, in_book: bool) -> Result<(), String> {
    if ["https://", "http://", "mailto:"].iter().any(|scheme| link.starts_with(scheme)) {
        return Ok(());
    }
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let (file, text) = if path.is_empty() {
        (root().join(&page.path), page.expanded())
    } else {
        let file = page.folder().join(path).canonicalize().map_err(|error| error.to_string())?;
        if in_book && !file.starts_with(root().join("docs/src")) {
            return Err("is not in the book; name the file in code font instead".to_owned());
        }
        let text =
            if path.ends_with(".md") { self::page(&relative(&file)).expanded() } else { String::new() };
        (file, text)
    };
    match anchor {
        Some(anchor) if !headings(&text).contains(anchor) => {
            Err(format!("{} has no such heading", relative(&file)))
        }
        _ => Ok(()),
    }
}

fn relative(file: &Path) -> String {
    file.strip_prefix(root()).unwrap_or(file).display().to_string()
}

/// The anchors of the headings, as GitHub and mdBook make them.
fn headings(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    for part in parts(text) {
        let Part::Line(line) = part else { continue };
        let Some(title) = line.starts_with('#').then(|| line.trim_start_matches('#').trim()) else {
            continue;
        };
        let kept = title.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        let slug: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect::<String>().to_lowercase();
        let mut anchor = slug.clone();
        let mut number = 0;
        while !anchors.insert(anchor) {
            number += 1;
            anchor = format!("{slug}-{number}");
        }
    }
    anchors
}

/// The targets of the links and pictures outside code.
fn links(text: &str) -> Vec<String> {
    let mut targets = Vec::new();
    for part in parts(text) {
        let Part::Line(line) = part else { continue };
        // Every second piece between backticks is code.
        let prose: String =
            line.split('`').enumerate().map(|(n, s)| if n % 2 == 0 { s } else { "code" }).collect();
        for rest in prose.split("](").skip(1) {
            targets.push(rest.split(')').next().unwrap_or_default().to_owned());
        }
    }
    targets
}

#[test]
fn every_block_says_what_it_is() {
    let mut unnamed = Vec::new();
    for page in all() {
        for part in parts(&page.text) {
            if let Part::Block { language: "", text } = part {
                unnamed.push(format!("{}: {}", page.path, text.lines().next().unwrap_or_default()));
            }
        }
    }
    assert!(unnamed.is_empty(), "name the language after ```, such as text or sh: {unnamed:#?}");
}

#[test]
fn every_file_that_a_page_names_is_there() {
    let mut missing = Vec::new();
    for page in all() {
        for named in files(&page.text) {
            if !root().join(&named).exists() {
                missing.push(format!("{}: {named}", page.path));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// The paths of this repository that stand in code font, without those that have a part to fill in.
fn files(text: &str) -> Vec<String> {
    let mut files = Vec::new();
    for part in parts(text) {
        let Part::Line(line) = part else { continue };
        for code in line.split('`').skip(1).step_by(2) {
            let path = code.split([' ', ':']).next().unwrap_or_default();
            let whole = path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
            // The vendor that a reader is about to add.
            let to_be_made = path.contains("signwell");
            if whole && !to_be_made && FOLDERS.iter().any(|folder| path.starts_with(folder)) {
                files.push(path.to_owned());
            }
        }
    }
    files
}

#[test]
fn pictures_are_small_and_shown() {
    let shown: BTreeSet<PathBuf> = all()
        .iter()
        .flat_map(|page| {
            let folder = page.folder();
            links(&page.text).into_iter().filter_map(move |link| folder.join(link).canonicalize().ok())
        })
        .collect();
    let folder = root().join("docs/src/images");
    for entry in std::fs::read_dir(folder).expect("pictures") {
        let entry = entry.expect("a picture");
        let (size, name) = (entry.metadata().expect("its size").len(), entry.file_name());
        assert!(size <= LARGEST_PICTURE, "{name:?} has {size} bytes, more than {LARGEST_PICTURE}");
        assert!(shown.contains(&entry.path()), "no page shows {name:?}");
    }
}

#[test]
fn links_and_headings_are_read_as_they_are_shown() {
    let text = "# A `code` word, twice\n## A code word, twice\n[x](a.md#b) `[no](b.md)` ![p](c.png)\n```sh\n# no\n```\n";
    assert_eq!(links(text), ["a.md#b", "c.png"]);
    assert_eq!(headings(text), ["a-code-word-twice".to_owned(), "a-code-word-twice-1".to_owned()].into());
    assert_eq!(
        files("see `tests/plan.rs` and `tests/<one>.rs`, `crates/cli` and `crates`"),
        ["tests/plan.rs", "crates/cli"]
    );
}
