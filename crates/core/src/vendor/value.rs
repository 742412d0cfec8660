//! The possible values of a fact, and how they are written in `vendor.toml`.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use serde::de::{DeserializeOwned, Error as _, Unexpected};
use serde::{Deserialize, Deserializer, Serialize};

use crate::model::word::words;
use crate::vendor::conduct::Evidence;

/// A statement about a vendor, with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact<T> {
    /// The value.
    pub value: T,
    /// The evidence.
    pub evidence: Evidence,
    /// The source: a public page, issue or test. In the file, it can also be a key of `[sources]`.
    pub source: String,
    /// The condition, or the closest alternative. May be empty.
    #[serde(default)]
    pub note: String,
}

/// Yes, no, or not documented; in the file `true`, `false` or `"unknown"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Maybe(pub Option<bool>);

/// A maximum, or no documented one; in the file a number or `"none"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Limit(pub Option<u32>);

/// A set of characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Characters(pub String);

/// Separated by spaces; a space by its name.
impl fmt::Display for Characters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, character) in self.0.chars().enumerate() {
            f.write_str(if place == 0 { "" } else { " " })?;
            match character {
                ' ' => f.write_str("space")?,
                other => write!(f, "{other}")?,
            }
        }
        Ok(())
    }
}

/// The lifetime of a link. In the file, one duration for a fixed lifetime, all three, or `"recipient"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkLife {
    /// Until the recipient's own expiry, which each reply names if there is one.
    Recipient,
    /// From its creation.
    #[serde(untagged)]
    Span(LinkSpan),
}

impl LinkLife {
    /// The lifetime from the creation of a link, if that is what limits it.
    pub fn span(self) -> Option<LinkSpan> {
        if let Self::Span(span) = self { Some(span) } else { None }
    }
}

/// The lifetime of a link from its creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkSpan {
    /// The default lifetime.
    #[serde(deserialize_with = "duration")]
    pub usual: Duration,
    /// The shortest lifetime that can be requested.
    #[serde(deserialize_with = "duration")]
    pub shortest: Duration,
    /// The longest lifetime that can be requested.
    #[serde(deserialize_with = "duration")]
    pub longest: Duration,
}

/// From the shortest to the longest allowed time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// The shortest.
    #[serde(deserialize_with = "duration")]
    pub shortest: Duration,
    /// The longest.
    #[serde(deserialize_with = "duration")]
    pub longest: Duration,
}

/// A limit for a short time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Burst {
    /// The number of calls.
    pub calls: u32,
    /// The time in which they are allowed.
    #[serde(deserialize_with = "duration")]
    pub within: Duration,
}

words! {
    /// A kind of character that an access code must contain.
    Need {
        Letter = "letter", "letter";
        Digit = "digit", "digit";
        /// Neither letter nor digit.
        Special = "special", "special character";
    }
}

/// The shortest way to give a locked signer new attempts at this vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnlockBy {
    /// Resending the signing request.
    Resend,
    /// A new access code.
    NewCode,
}

const UNITS: [(&str, u64, &str); 4] =
    [("d", 86_400, "day"), ("h", 3_600, "hour"), ("m", 60, "minute"), ("s", 1, "second")];

/// Parses a duration: `90s`, `5m`, `2h` or `180d`, or several in a row such as `1h30m`. `None` for zero and for
/// invalid text.
///
/// Written here instead of using a crate: no months and years, which have no fixed length.
#[must_use]
pub fn read_duration(text: &str) -> Option<Duration> {
    let mut seconds: u64 = 0;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (number, behind) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let behind = behind.trim_start();
        let (unit, behind) =
            UNITS.iter().find_map(|(name, unit, _)| Some((unit, behind.strip_prefix(name)?)))?;
        seconds = seconds.checked_add(number.parse::<u64>().ok()?.checked_mul(*unit)?)?;
        rest = behind.trim_start();
    }
    Some(Duration::from_secs(seconds)).filter(|time| !time.is_zero())
}

/// A duration in words, in the largest unit without a remainder: `5 minutes`, `180 days`.
#[must_use]
pub fn say(time: Duration) -> String {
    let (count, word) = counted(time);
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// Two durations in words: `1 to 180 days`, `60 seconds to 20 minutes`.
#[must_use]
pub fn say_range(from: Duration, to: Duration) -> String {
    let ((count, word), (_, other)) = (counted(from), counted(to));
    if word == other { format!("{count} to {}", say(to)) } else { format!("{} to {}", say(from), say(to)) }
}

fn counted(time: Duration) -> (u64, &'static str) {
    let seconds = time.as_secs();
    let fits = UNITS.iter().find(|(_, unit, _)| seconds >= *unit && seconds.is_multiple_of(*unit));
    let (_, unit, word) = fits.unwrap_or(&("s", 1, "second"));
    (seconds / unit, word)
}

pub(super) fn duration<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(from)?;
    read_duration(&text).ok_or_else(|| {
        D::Error::invalid_value(Unexpected::Str(&text), &"a duration such as 90s, 5m, 2h or 180d")
    })
}

/// A single duration, as the value of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Period(#[serde(deserialize_with = "duration")] pub Duration);

impl<'de> Deserialize<'de> for Maybe {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        or_word(from, "unknown", "expected true, false or \"unknown\"").map(Self)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let number: Option<NonZeroU32> = or_word(from, "none", "expected a number from 1, or \"none\"")?;
        Ok(Self(number.map(NonZeroU32::get)))
    }
}

/// A value, or this word for none.
fn or_word<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    from: D,
    word: &str,
    expected: &str,
) -> Result<Option<T>, D::Error> {
    match toml::Value::deserialize(from)? {
        toml::Value::String(text) if text == word => Ok(None),
        value => value.try_into().map(Some).map_err(|_| D::Error::custom(expected)),
    }
}

impl<'de> Deserialize<'de> for LinkLife {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(from)? {
            toml::Value::String(word) if word == "recipient" => Ok(Self::Recipient),
            toml::Value::String(text) => {
                let life = read_duration(&text)
                    .ok_or_else(|| D::Error::custom("expected a duration such as 5m, or \"recipient\""))?;
                Ok(Self::Span(LinkSpan { usual: life, shortest: life, longest: life }))
            }
            span => span.try_into().map(Self::Span).map_err(D::Error::custom),
        }
    }
}

/// As tables show it.
pub(super) trait Show {
    fn show(&self) -> String;
}

macro_rules! show {
    ($($type:ty: |$it:ident| $shown:expr;)*) => {
        $(impl Show for $type {
            fn show(&self) -> String {
                let $it = self;
                $shown
            }
        })*
    };
}

show! {
    bool: |it| if *it { "yes" } else { "no" }.to_owned();
    Maybe: |it| it.0.map_or_else(|| "not documented".to_owned(), |known| known.show());
    Limit: |it| it.0.map_or_else(|| "no limit is documented".to_owned(), |limit| limit.show());
    u32: |it| it.to_string();
    String: |it| it.clone();
    Characters: |it| if it.0.is_empty() { "none known".to_owned() } else { it.to_string() };
    Period: |it| say(it.0);
    Interval: |it| say_range(it.shortest, it.longest);
    Burst: |it| format!("{} within {}", it.calls, say(it.within));
    LinkLife: |it| match *it {
        LinkLife::Recipient => "until the recipient's own expiry".to_owned(),
        LinkLife::Span(LinkSpan { usual, shortest, longest }) if shortest == longest => {
            format!("{}, always", say(usual))
        }
        LinkLife::Span(LinkSpan { usual, shortest, longest }) => {
            format!("{}, or {} to {} when asked for (expires_in)", say(usual), say(shortest), say(longest))
        }
    };
    Vec<Need>: |it| it.iter().map(|need| need.title()).collect::<Vec<_>>().join(", ");
    UnlockBy: |it| if *it == UnlockBy::Resend { "a resend" } else { "a new access code" }.to_owned();
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_said_in_the_largest_unit_without_a_rest() {
        for (text, said) in [
            ("300s", "5 minutes"),
            ("90s", "90 seconds"),
            ("24h", "1 day"),
            ("180d", "180 days"),
            ("1 m", "1 minute"),
            ("1h30m", "90 minutes"),
            ("1d 12h", "36 hours"),
        ] {
            assert_eq!(say(read_duration(text).unwrap()), said);
        }
        for bad in [
            "",
            "5",
            "m",
            "0s",
            "-1d",
            "1.5h",
            "99999999999999999999d",
            "999999999999999999d",
            "5 weeks",
            "1h30",
            "18446744073709551615s1s",
            "5µs",
        ] {
            assert_eq!(read_duration(bad), None, "{bad}");
        }
        let range = |from, to| say_range(read_duration(from).unwrap(), read_duration(to).unwrap());
        assert_eq!(range("1d", "180d"), "1 to 180 days");
        assert_eq!(range("90s", "20m"), "90 seconds to 20 minutes");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(number in 1u64..10_000, unit in 0usize..4) {
            let (word, seconds, _) = UNITS[unit];
            prop_assert_eq!(read_duration(&format!("{number}{word}")), Some(Duration::from_secs(number * seconds)));
        }
    }
}
