//! A vendor as data, and the one place that enforces the data.
//!
//! An adapter's `vendor.toml` states each fact once, with evidence and source: [`Facts`]. [`perform`] checks a
//! request against them before the adapter is called, so no adapter repeats a limit in code.

mod behavior;
pub(crate) mod conduct;
mod facts;
mod limit;
mod load;
mod mapping;
mod perform;
mod provider;
mod rate;
mod refusals;
mod setting_value;
mod settings;
mod signing_return;
mod value;
mod with_recipient;
mod words;

pub use behavior::{Behavior, FactRow};
pub use facts::{Capability, Facts, FactsError, Host, ReturnSpec, ReturnWord, SignatureReach, WebhookFacts};
pub use limit::{ResendLimit, Route, RouteLimit};
pub use mapping::{CallCount, Coverage, ErrorMapping, Mapping, Mappings};
pub use perform::{CheckAccess, Checked, Performing, Request, check, perform};
pub use provider::{Access, Descriptor, Operations, Provider};
pub use rate::{BurstHeaders, Rate, RateHeaders, RateReading, retry_after};
pub(crate) use rate::{LONGEST, until};
pub use refusals::{RefusalEffect, Refusals, Rule};
pub use setting_value::nearest;
pub use settings::Settings;
pub use signing_return::SigningReturn;
pub use value::{
    Burst, Characters, Fact, Interval, Limit, LinkLife, LinkSpan, Maybe, Need, Period, UnlockBy,
    read_duration, say, say_range,
};
pub use with_recipient::{Doubt, Found, Lists, explain_unknown_recipient, with_recipient};
pub use words::{WordTables, Words};
