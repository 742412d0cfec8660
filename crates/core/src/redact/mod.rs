//! Untrusted text made safe: secrets by value, by name and by shape, and control characters. Errors, cassettes and
//! traces of HTTP use it; a cassette puts its placeholders where an error has [`REDACTED`].

use std::borrow::Cow;
use std::ops::Range;

mod escape;
mod names;
mod secrets;
mod text;
mod unknown;

pub(crate) use escape::has_harmful;
pub use escape::{clip, escape_control, is_harmful, shortened};
pub use names::{Names, plain};
pub use secrets::{REDACTED, occurrences, redact};
pub use text::{RedactedText, Segment};
pub use unknown::{Sign, overlap, spot, walk};

pub(crate) use escape::sentence;
pub(crate) use secrets::WIDEST;
pub(crate) use unknown::{redact_members, redact_unknown};

/// A value whose `Debug` shows its type only, or these of its members.
#[doc(hidden)]
#[macro_export]
macro_rules! hidden {
    ($name:ident $(<$parameter:tt>)? { $($member:ident),* }) => {
        impl $(<$parameter>)? std::fmt::Debug for $name $(<$parameter>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))
                    $(.field(stringify!($member), &self.$member))*
                    .finish_non_exhaustive()
            }
        }
    };
    ($name:ident) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    };
}
pub use hidden;

/// A text in its pieces: those that are one of these parts, which are in order and do not overlap, with the part's
/// number, and those between them without.
pub fn cut(
    text: &str,
    parts: impl IntoIterator<Item = Range<usize>>,
) -> impl Iterator<Item = (Option<usize>, &str)> {
    let mut pieces = Vec::new();
    let mut at = 0;
    for (nth, part) in parts.into_iter().enumerate() {
        pieces.push((None, text.get(at..part.start).unwrap_or_default()));
        at = part.end;
        pieces.push((Some(nth), text.get(part).unwrap_or_default()));
    }
    pieces.push((None, text.get(at..).unwrap_or_default()));
    pieces.into_iter()
}

/// A text with something else in place of these parts; see [`cut`].
#[must_use]
pub fn splice<'t>(text: &'t str, parts: Vec<Range<usize>>, by: &str) -> Cow<'t, str> {
    if parts.is_empty() {
        return Cow::Borrowed(text);
    }
    cut(text, parts).map(|(part, kept)| if part.is_some() { by } else { kept }).collect()
}
