//! Values that people type: times such as `90s`, `15m`, `12h`, `2d`, and several in a row such as `1h30m`; and words
//! with a meaning of their own.

use std::time::Duration;

use countersign::AuthenticationMethod;

const EXPECTED: &str = "a number and a unit: 90s, 15m, 12h, 2d, or several such as 1h30m";

/// Reads a time of at least one second. Own rather than a crate: twenty lines, no months and years (which have no fixed
/// length), and messages that say what would be right.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let mut seconds: u64 = 0;
    let mut rest = text;
    if rest.is_empty() {
        return Err(format!("is empty; expected {EXPECTED}"));
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, behind) = rest.split_at(digits);
        if number.is_empty() {
            return Err(format!("has no number where one is needed; expected {EXPECTED}"));
        }
        let mut letters = behind.chars();
        let unit = match letters.next() {
            Some('s') => 1,
            Some('m') => 60,
            Some('h') => 3_600,
            Some('d') => 86_400,
            Some(_) => return Err(format!("has an unknown unit; expected {EXPECTED}")),
            None => return Err(format!("has no unit; expected {EXPECTED}")),
        };
        let part = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
        seconds = part
            .and_then(|part| seconds.checked_add(part))
            .ok_or_else(|| "is longer than can be counted".to_owned())?;
        rest = letters.as_str();
    }
    if seconds == 0 {
        return Err("is no time at all; expected at least 1s".to_owned());
    }
    Ok(Duration::from_secs(seconds))
}

/// How the application identified the signer. Vendors have more words than we name, hence `other:`; a word without it
/// is checked, so that a slip does not end up in a certificate of completion.
pub(super) fn authentication_method(text: &str) -> Result<AuthenticationMethod, String> {
    let plain = text.to_ascii_lowercase().replace(['-', '_'], "");
    match plain.as_str() {
        "none" => Ok(AuthenticationMethod::None),
        "email" => Ok(AuthenticationMethod::Email),
        "password" => Ok(AuthenticationMethod::Password),
        "sso" | "singlesignon" => Ok(AuthenticationMethod::SingleSignOn),
        "biometric" => Ok(AuthenticationMethod::Biometric),
        "knowledge" | "knowledgebased" => Ok(AuthenticationMethod::KnowledgeBased),
        "paper" | "paperdocuments" => Ok(AuthenticationMethod::PaperDocuments),
        "certificate" => Ok(AuthenticationMethod::Certificate),
        _ => match text.split_once(':') {
            Some(("other", word)) if !word.trim().is_empty() => Ok(AuthenticationMethod::Other(word.to_owned())),
            _ => Err("is not known; expected none, email, password, sso, biometric, knowledge, paper, certificate, \
                      or other:WORD in the vendor's word"
                .to_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn units_and_sums() {
        let seconds = |text| duration(text).map(|time| time.as_secs());
        assert_eq!(seconds("90s"), Ok(90));
        assert_eq!(seconds("15m"), Ok(900));
        assert_eq!(seconds("12h"), Ok(43_200));
        assert_eq!(seconds("2d"), Ok(172_800));
        assert_eq!(seconds("1h30m"), Ok(5_400));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, word) in [
            ("", "empty"),
            ("90", "no unit"),
            ("s", "no number"),
            ("-5m", "no number"),
            ("5 m", "unknown unit"),
            ("5w", "unknown unit"),
            ("5µs", "unknown unit"),
            ("0d", "no time"),
            ("99999999999999999999d", "longer"),
            ("18446744073709551615s1s", "longer"),
        ] {
            let message = duration(text).expect_err(text);
            assert!(message.contains(word), "{text}: {message}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,12}") {
            let _ = duration(&text);
        }

        #[test]
        fn days_hours_minutes_seconds_add_up(d in 0u64..1000, h in 0u64..1000, m in 0u64..1000, s in 1u64..1000) {
            let read = duration(&format!("{d}d{h}h{m}m{s}s")).expect("a time");
            prop_assert_eq!(read.as_secs(), d * 86_400 + h * 3_600 + m * 60 + s);
        }
    }

    #[test]
    fn known_words_in_any_spelling_and_other_words_on_request() {
        assert_eq!(authentication_method("SSO"), Ok(AuthenticationMethod::SingleSignOn));
        assert_eq!(authentication_method("single-sign-on"), Ok(AuthenticationMethod::SingleSignOn));
        assert_eq!(
            authentication_method("other:Kerberos"),
            Ok(AuthenticationMethod::Other("Kerberos".into()))
        );
        assert!(authentication_method("Kerberos").is_err());
        assert!(authentication_method("other:").is_err());
    }
}
