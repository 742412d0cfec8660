//! Placeholders: maps real values to placeholders, and back.
//!
//! A placeholder is numbered by the order in which its value first appeared, each kind separately, so the same
//! scenario gives the same file with any recipients. Numbers and not hashes: a hash of an address can be guessed.
//! Two values never get one placeholder, since values are looked up by their exact text; what looks like a
//! placeholder is a value as well, and gets the number that its turn gives it, so writing a cassette's values
//! again changes nothing.

use std::collections::HashMap;

use countersign_core::{ExposeSecret, SecretString, words};

words! {
    /// The kinds of placeholders, each numbered for itself.
    Kind {
        Id = "id";
        Name = "name";
        Text = "text";
        Secret = "secret";
        Link = "link";
        Url = "url";
        Int = "int";
        Phone = "phone";
        Ip = "ip";
    }
}

impl Kind {
    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }

    /// Whether values that differ in letter case only stay recognisable as such.
    fn keeps_case(self) -> bool {
        matches!(self, Kind::Id | Kind::Name)
    }
}

/// Who has which number.
#[derive(Default)]
pub(crate) struct Labels {
    /// By what is numbered together.
    numbers: HashMap<&'static str, HashMap<String, usize>>,
    /// The spellings of what has a number, and perhaps a tag, in the order of their appearance.
    spellings: HashMap<(&'static str, usize, Option<usize>), Vec<String>>,
    behind: HashMap<String, SecretString>,
    /// Whether ids stay as they are.
    pub(crate) keep_ids: bool,
}

/// Shows how many and not which.
impl std::fmt::Debug for Labels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Labels({})", self.behind.len())
    }
}

impl Labels {
    /// The placeholder of a value.
    pub(crate) fn label(&mut self, kind: Kind, real: &str) -> String {
        if self.keep_ids && kind == Kind::Id {
            return real.to_owned();
        }
        let key = match (kind.keeps_case(), real.starts_with('{')) {
            // What looks like a spelling of a placeholder belongs to it.
            (true, true) => real.replace('\'', "").to_lowercase(),
            (true, false) => real.to_lowercase(),
            (false, _) => real.to_owned(),
        };
        let number = self.number(kind.as_str(), key);
        let spelling = self.spelling((kind.as_str(), number, None), real);
        let label = match kind {
            Kind::Link => format!("https://link-{number}.example.com/"),
            Kind::Url => {
                let (scheme, tail) = parts(real);
                format!("{scheme}://url-{number}.example.com/{tail}")
            }
            _ => format!("{{{kind}:{number}{}}}", "'".repeat(spelling)),
        };
        self.keep(&label, real);
        label
    }

    /// The pseudonym of an e-mail address: `person-1@example.com`; with a tag `person-1+tag-1@example.com`; other
    /// spellings of the same address as `Person-1@example.com`, so that near misses stay near misses.
    pub(crate) fn address(&mut self, real: &str) -> String {
        let (local, domain) = real.rsplit_once('@').unwrap_or((real, ""));
        let (plain, tag) = local.split_once('+').map_or((local, None), |(plain, tag)| (plain, Some(tag)));
        let person = self.number(PERSON, format!("{plain}@{domain}").to_lowercase());
        let tag = tag.map(|tag| self.number("tag", tag.to_lowercase()));
        let spelling = self.spelling((PERSON, person, tag), real);
        let label = match spelling < 1 << PERSON.len() {
            true => written(person, tag, spelling),
            // More spellings than the word has: a person of their own, rather than one pseudonym for two addresses.
            false => written(self.number(PERSON, format!("spelling {real}")), tag, 0),
        };
        self.keep(&label, real);
        label
    }

    /// The number of a value among those that are numbered together.
    fn number(&mut self, together: &'static str, value: String) -> usize {
        let known = self.numbers.entry(together).or_default();
        let next = known.len() + 1;
        *known.entry(value).or_insert(next)
    }

    fn spelling(&mut self, of: (&'static str, usize, Option<usize>), real: &str) -> usize {
        let known = self.spellings.entry(of).or_default();
        known.iter().position(|one| one == real).unwrap_or_else(|| {
            known.push(real.to_owned());
            known.len() - 1
        })
    }

    /// The value behind a placeholder.
    pub(crate) fn behind(&self, label: &str) -> Option<&str> {
        self.behind.get(label).map(ExposeSecret::expose_secret)
    }

    fn keep(&mut self, label: &str, real: &str) {
        if !self.behind.contains_key(label) {
            self.behind.insert(label.to_owned(), SecretString::from(real));
        }
    }
}

/// What of a link is kept: the scheme, and whether a query or a fragment follows, to which some vendors cannot append.
fn parts(url: &str) -> (&'static str, &'static str) {
    let is_http = url.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("http:"));
    let tail = match (url.contains('?'), url.contains('#')) {
        (true, true) => "?q#f",
        (true, false) => "?q",
        (false, true) => "#f",
        (false, false) => "",
    };
    (if is_http { "http" } else { "https" }, tail)
}

/// The word of a pseudonym whose letter case tells spellings apart.
const PERSON: &str = "person";

/// A pseudonym.
pub(crate) fn written(person: usize, tag: Option<usize>, spelling: usize) -> String {
    let word = spelled(PERSON, spelling);
    match tag {
        Some(tag) => format!("{word}-{person}+tag-{tag}@example.com"),
        None => format!("{word}-{person}@example.com"),
    }
}

/// A text with the case of those letters turned whose bit is set.
pub(crate) fn spelled(text: &str, bits: usize) -> String {
    let mut letter = 0;
    text.chars()
        .map(|c| {
            if !c.is_ascii_alphabetic() {
                return c;
            }
            let turn = letter < usize::BITS && bits >> letter & 1 == 1;
            letter += 1;
            match (turn, c.is_ascii_lowercase()) {
                (false, _) => c,
                (true, true) => c.to_ascii_uppercase(),
                (true, false) => c.to_ascii_lowercase(),
            }
        })
        .collect()
}

/// The parts of a pseudonym: person, tag, spelling.
pub(crate) fn read_address(label: &str) -> Option<(usize, Option<usize>, usize)> {
    let local = label.strip_suffix("@example.com")?;
    let (plain, tag) = match local.split_once('+') {
        Some((plain, tag)) => (plain, Some(tag.strip_prefix("tag-")?.parse().ok()?)),
        None => (local, None),
    };
    let (word, number) = plain.split_once('-')?;
    if !word.eq_ignore_ascii_case(PERSON) {
        return None;
    }
    let bits = word.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_uppercase());
    Some((number.parse().ok()?, tag, bits.map(|(at, _)| 1 << at).sum()))
}
