//! What the names of members, fields and headers say about their values.

use countersign_core::Names;
use countersign_core::redact::plain;

/// Where a value stands.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place {
    /// Within an answer that refuses, or a member that reports a failure: sentences are the vendor's.
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
    pub(crate) fn below(self, name: &str, names: &Names) -> Self {
        let plain = plain(name);
        Self {
            refusal: self.refusal || plain.contains("error"),
            free: self.free || names.is_free(name),
            own_names: self.own_names || plain == "metadata" || plain == "attributes",
            secret: self.secret || names.is_secret(name),
        }
    }
}

/// Fields of a query that are secret beside those that are secret anywhere.
const ALSO_SECRET: [&str; 3] = ["code", "state", "signature"];
/// Headers that say something about an exchange and nothing about recipients, beside limits and ids.
const HEADERS: [&str; 2] = ["content-type", "retry-after"];
/// Further headers that the vendor's support asks for.
const FOR_SUPPORT: [&str; 4] = ["content-length", "date", "server", "via"];
/// What vendors, and those in front of them, call the id of an exchange.
const IDS: [&str; 7] =
    ["tracetoken", "traceid", "traceparent", "requestid", "correlationid", "cfray", "activityid"];

/// Whether a field of a query is hidden.
pub(crate) fn is_secret_in_query(name: &str, names: &Names) -> bool {
    names.is_secret(name) || ALSO_SECRET.contains(&plain(name).as_str())
}

/// Whether an answer's header says something about the exchange and nothing about recipients.
pub(crate) fn is_telling_header(name: &str, names: &Names) -> bool {
    HEADERS.contains(&name) || names.is_limit(name) || is_exchange_id(name)
}

/// Whether the vendor's support may ask for a header that a cassette leaves out.
pub(crate) fn is_for_support(name: &str) -> bool {
    FOR_SUPPORT.contains(&name)
}

fn is_exchange_id(name: &str) -> bool {
    let plain = plain(name);
    IDS.iter().any(|end| plain.ends_with(end))
}

/// Whether a member holds the name of a person or thing.
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
