//! What the names of members, fields and headers say of their values: those of any vendor, and those that a vendor's
//! facts add.

/// Names whose values are secrets at any vendor, compared without case and separators.
const SECRET: [&str; 11] = [
    "token",
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "bearertoken",
    "codeverifier",
    "signingurl",
    "url",
    "authorization",
    "cookie",
    "setcookie",
];
/// How names of secrets end.
const SECRET_ENDS: [&str; 5] = ["assertion", "secret", "privatekey", "apikey", "password"];
/// What precedes `code` in the name of a code that gives access.
const CODES: [&str; 4] = ["access", "authentication", "pass", "verification"];

/// Members whose texts are personal data, or were typed by someone.
const PERSONAL: [&str; 8] =
    ["phone", "number", "note", "notes", "company", "description", "value", "originalvalue"];
/// How the names of such members end.
const PERSONAL_ENDS: [&str; 10] = [
    "name",
    "phonenumber",
    "countrycode",
    "reason",
    "ipaddress",
    "subject",
    "title",
    "blurb",
    "body",
    "message",
];
/// Below these an application keeps what it likes, so that nothing in it can be known to be harmless.
const FREE: [&str; 5] = ["metadata", "labels", "tags", "tabs", "attributes"];

/// Which names of members, fields and headers say that a value is a secret, personal, an application's own, or reports
/// a rate limit. Case and separators do not matter.
///
/// A vendor's facts have its own names beside those of any vendor. Where the vendor is not known, [`Names::generic`]
/// are wider than a list, so that they cover the usual kinds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    secret: Vec<String>,
    personal: Vec<String>,
    free: Vec<String>,
    limits: Vec<String>,
}

static GENERIC: Names =
    Names { secret: Vec::new(), personal: Vec::new(), free: Vec::new(), limits: Vec::new() };

impl Names {
    /// A vendor's names.
    pub(crate) fn new(secret: &[String], personal: &[String], free: &[String], limits: &[&str]) -> Self {
        let all = |names: &[String]| names.iter().map(|name| plain(name)).collect();
        Self {
            secret: all(secret),
            personal: all(personal),
            free: all(free),
            limits: limits.iter().map(|name| plain(name)).collect(),
        }
    }

    /// The names of any vendor.
    #[must_use]
    pub fn generic() -> &'static Self {
        &GENERIC
    }

    /// Whether the value of a member, a form field or a header is a secret: codes, tokens, keys, links.
    pub fn is_secret(&self, name: &str) -> bool {
        let name = plain(name);
        let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
        SECRET.contains(&name.as_str())
            || ends(&SECRET_ENDS)
            || name.strip_suffix("code").is_some_and(|kind| CODES.iter().any(|code| kind.ends_with(code)))
            || (name.ends_with("link") && name.contains("sign"))
            || self.secret.contains(&name)
    }

    /// Whether a member's text is personal data, or was typed by someone: names, notes, numbers.
    pub fn is_personal(&self, name: &str) -> bool {
        let name = plain(name);
        // A role is the sender's word for a place, not for a recipient.
        (PERSONAL_ENDS.iter().any(|end| name.ends_with(end)) && name != "rolename")
            || PERSONAL.contains(&name.as_str())
            || self.personal.contains(&name)
    }

    /// Whether an application keeps what it likes below a member.
    pub fn is_free(&self, name: &str) -> bool {
        let name = plain(name);
        FREE.contains(&name.as_str()) || name.ends_with("fields") || self.free.contains(&name)
    }

    /// Whether a header reports a rate limit.
    pub fn is_limit(&self, name: &str) -> bool {
        let name = plain(name);
        name.contains("ratelimit") || self.limits.contains(&name)
    }
}

/// A name without case and separators.
#[must_use]
pub fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vendors_names_count_beside_those_of_any_vendor() {
        let list = |name: &str| vec![name.to_owned()];
        let names = Names::new(&list("magicWord"), &list("motto"), &list("drawers"), &["x-left"]);
        type Is = fn(&Names, &str) -> bool;
        let all: [(Is, &str, &str); 4] = [
            (Names::is_secret, "Magic_Word", "accessCode"),
            (Names::is_personal, "motto", "emailSubject"),
            (Names::is_free, "Drawers", "customFields"),
            (Names::is_limit, "X-Left", "X-Rate-Limit-Reset"),
        ];
        for (is, own, any) in all {
            assert!(is(&names, own) && is(&names, any), "{own}, {any}");
            assert!(is(Names::generic(), any) && !is(Names::generic(), own), "{own}, {any}");
        }
    }

    #[test]
    fn without_a_vendor_the_usual_kinds_are_covered() {
        let secret = [
            "accessCode",
            "authenticationCode",
            "passcode",
            "X-API-KEY",
            "client_secret",
            "clientAssertion",
            "signLink",
            "embeddedSigningLink",
            "Set-Cookie",
        ];
        for name in secret {
            assert!(Names::generic().is_secret(name), "{name}");
        }
        for name in ["errorCode", "countryCode", "postalCode", "tokenType", "link", "status", "designlinks"] {
            assert!(!Names::generic().is_secret(name), "{name}");
        }
        assert!(!Names::generic().is_personal("roleName"));
    }
}
