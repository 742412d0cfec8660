//! The trait of a vendor's adapter, and the facts about a vendor.
//!
//! Applications find here what a vendor supports. An external adapter implements [`Provider`].
//!
//! ```
//! use countersign::provider::{Feature, Support};
//!
//! for vendor in countersign::vendors() {
//!     let links = vendor.facts.capability(Feature::CreateView);
//!     println!("{}: {:?}", vendor.facts.title, links.map(|found| found.support));
//! }
//! ```

pub use countersign_core::error::{Excerpt, Vocabulary, default_kind, redact_body};
pub use countersign_core::http::{Context, DryRun, RequestBuilder, VendorResponse};
pub use countersign_core::model::{
    Effect, FieldMap, TextFileError, read_bytes, read_bytes_from, read_instant, read_text, read_text_from,
    without_mark,
};
pub use countersign_core::vendor::{
    Behavior, Burst, BurstHeaders, CallCount, Capability, Characters, CheckAccess, Checked, Coverage,
    Descriptor, Doubt, ErrorMapping, Fact, FactRow, Facts, FactsError, Found, Host, Interval, Limit,
    LinkLife, Lists, Mapping, Mappings, Maybe, Need, Performing, Period, Provider, Rate, RateHeaders,
    RateReading, RefusalEffect, Refusals, Request, ReturnSpec, ReturnWord, Rule, Settings, UnlockBy,
    WebhookFacts, WordTables, Words, check, explain_unknown_recipient, perform, read_duration, retry_after,
    say, say_range, with_recipient,
};
pub use countersign_core::{
    EnvelopePart, EnvelopeStage, Evidence, Feature, RecipientField, RefKind, Support, json,
};
