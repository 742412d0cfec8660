//! What every table of owners has to do.

use std::sync::Arc;

use countersign_core::EnvelopeId;
use countersign_core::store::{Found, Ownership, Scope};

const ID: &str = "5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001";

fn scope(name: &str) -> Scope {
    Scope::new(name).expect("a scope")
}

fn envelope() -> EnvelopeId {
    EnvelopeId::new(ID).expect("an id")
}

async fn owner(table: &dyn Ownership, scope_name: &str) -> Option<String> {
    table.owner(&scope(scope_name), &envelope()).await.expect("an answer")
}

/// An envelope that another account owns is not moved.
pub async fn the_first_account_found_owns_the_envelope(table: Arc<dyn Ownership>) {
    assert_eq!(owner(&*table, "tenant").await, None);
    let found =
        async |account: &str| table.found(&scope("tenant"), &envelope(), account).await.expect("an answer");
    assert_eq!(found("sales").await, Found::Kept);
    assert_eq!(found("sales").await, Found::Kept);
    assert_eq!(found("support").await, Found::OwnedBy("sales".to_owned()));
    assert_eq!(owner(&*table, "tenant").await.as_deref(), Some("sales"));
    let upper = EnvelopeId::new(ID.to_uppercase()).expect("an id");
    let found = table.owner(&scope("tenant"), &upper).await.expect("an answer");
    assert_eq!(found.as_deref(), Some("sales"));
}

/// A tenant does not learn of another one's envelopes.
pub async fn scopes_separate_owners(table: Arc<dyn Ownership>) {
    table.found(&scope("tenant"), &envelope(), "sales").await.expect("kept");
    assert_eq!(owner(&*table, "other").await, None);
    let found = table.found(&scope("other"), &envelope(), "mine").await.expect("an answer");
    assert_eq!(found, Found::Kept);
}
