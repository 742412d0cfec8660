//! What the names of members, fields and headers say about what stands under them.

use countersign_core::is_secret_member;

/// Where a value stands.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place {
    /// Within an answer that refuses, or a member that tells of a failure: sentences are the vendor's.
    pub(crate) refusal: bool,
    /// Below a member in which an application keeps what it likes.
    pub(crate) free: bool,
    /// Below a member whose members the application names.
    pub(crate) own_names: bool,
    /// Below a member that holds a secret.
    pub(crate) secret: bool,
}

impl Place {
    /// Below a member.
    pub(crate) fn below(self, name: &str) -> Self {
        Self {
            refusal: self.refusal || is_error(name),
            free: self.free || is_free(name),
            own_names: self.own_names || has_own_names(name),
            secret: self.secret || is_secret_member(name),
        }
    }
}

/// Fields of a query that are secret beside those that are secret anywhere.
const ALSO_SECRET: [&str; 3] = ["code", "state", "signature"];
/// Members whose texts belong to people, beside names.
const PERSONAL: [&str; 15] = [
    "phone",
    "number",
    "reason",
    "note",
    "notes",
    "privatemessage",
    "emailbody",
    "emailblurb",
    "emailsubject",
    "messagetitle",
    "subject",
    "title",
    "company",
    "ipaddress",
    "description",
];
/// Members whose texts somebody typed, where they are no vendor's sentence.
const TYPED: [&str; 4] = ["message", "value", "originalvalue", "assertionid"];
/// Below these an application keeps what it likes, so that nothing in it can be known to be harmless.
const FREE: [&str; 9] = [
    "metadata",
    "customfields",
    "textcustomfields",
    "listcustomfields",
    "labels",
    "tags",
    "formfields",
    "tabs",
    "attributes",
];
/// Headers that say something about an exchange and nothing about people, beside limits and ids.
const HEADERS: [&str; 2] = ["content-type", "retry-after"];
/// Further headers that the vendor's support asks for.
const FOR_SUPPORT: [&str; 4] = ["content-length", "date", "server", "via"];
/// How the names of headers about rate limits begin.
const LIMITS: [&str; 3] = ["x-ratelimit-", "x-burstlimit-", "ratelimit"];
/// What vendors, and those in front of them, call the id of an exchange.
const IDS: [&str; 7] =
    ["tracetoken", "traceid", "traceparent", "requestid", "correlationid", "cfray", "activityid"];

/// A name without case and separators.
pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Whether a member's text belongs to a person: names, notes, numbers.
pub(crate) fn is_personal(name: &str) -> bool {
    let name = plain(name);
    let ends = ["name", "phonenumber", "countrycode", "reason", "ipaddress"];
    // A role is the sender's word for a place, not for a person.
    (ends.iter().any(|end| name.ends_with(end)) && name != "rolename") || PERSONAL.contains(&name.as_str())
}

/// Whether a member's text was typed by somebody.
pub(crate) fn is_typed(name: &str) -> bool {
    TYPED.contains(&plain(name).as_str())
}

/// Whether a field of a query is hidden.
pub(crate) fn is_secret_in_query(name: &str) -> bool {
    is_secret_member(name) || ALSO_SECRET.contains(&plain(name).as_str())
}

/// Whether an answer's header says something about the exchange and nothing about people.
pub(crate) fn is_telling_header(name: &str) -> bool {
    HEADERS.contains(&name) || is_limit(name) || is_exchange_id(name)
}

/// Whether the vendor's support may ask for a header that a cassette leaves out.
pub(crate) fn is_for_support(name: &str) -> bool {
    FOR_SUPPORT.contains(&name)
}

/// Whether a header tells of a rate limit.
pub(crate) fn is_limit(name: &str) -> bool {
    LIMITS.iter().any(|start| name.starts_with(start))
}

fn is_exchange_id(name: &str) -> bool {
    let plain = plain(name);
    IDS.iter().any(|end| plain.ends_with(end))
}

/// Whether a member holds the name of somebody or something.
pub(crate) fn is_name(name: &str) -> bool {
    let name = plain(name);
    name.ends_with("name") && name != "rolename"
}

/// Whether a member holds a phone number or a part of one.
pub(crate) fn is_phone(name: &str) -> bool {
    let name = plain(name);
    ["phone", "phonenumber", "number"].contains(&name.as_str()) || name.ends_with("phonenumber")
}

pub(crate) fn is_country_code(name: &str) -> bool {
    plain(name).ends_with("countrycode")
}

/// Whether what is below a member is the application's own.
pub(crate) fn is_free(name: &str) -> bool {
    FREE.contains(&plain(name).as_str())
}

/// Whether the application names the members below a member.
pub(crate) fn has_own_names(name: &str) -> bool {
    ["metadata", "attributes"].contains(&plain(name).as_str())
}

/// Whether a member names something by an id.
pub(crate) fn is_id(name: &str) -> bool {
    let name = plain(name);
    ["id", "guid", "uuid", "key", "reference"].iter().any(|end| name.ends_with(end)) || is_exchange_id(&name)
}

/// Whether a member holds one of the vendor's words, which may have spaces.
pub(crate) fn is_word(name: &str) -> bool {
    let name = plain(name);
    ["status", "type", "mode", "action", "kind", "role", "code"].iter().any(|end| name.ends_with(end))
}

/// Whether a member tells of a failure.
pub(crate) fn is_error(name: &str) -> bool {
    plain(name).contains("error")
}
