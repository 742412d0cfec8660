//! Tokens that no header can carry are no tokens.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use countersign_boldsign::{Boldsign, BoldsignConfig, Credentials};
use countersign_core::{EnvelopeId, ErrorKind, ListRecipients, Operation, Provider, SecretString, TokenSlot};
use countersign_testkit::{FakeClock, Script};

#[tokio::test]
async fn a_token_that_no_header_can_carry_is_an_unreadable_answer_and_is_not_kept() {
    for token in ["marked\ntoken", "marked\u{0}", "marked tökén", "marked token"] {
        let script = Script::new();
        script.json(200, &serde_json::json!({"access_token": token, "expires_in": 3600}));
        let credentials = Credentials::ClientCredentials {
            client_id: "id".to_owned(),
            client_secret: SecretString::from("marked-secret"),
            tokens: TokenSlot::memory(),
        };
        let account = Boldsign::new(BoldsignConfig::with_credentials(credentials)).unwrap();
        let clock = Arc::new(FakeClock::at("2026-11-22T10:00:00Z"));
        let cx = script.context(Operation::ListRecipients, &clock);
        let request = ListRecipients::new(EnvelopeId::new("d").unwrap());
        let error = account.list_recipients(&cx, &request).await.expect_err("no token");
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{error}");
        assert!(!format!("{error:?}").contains("marked"), "{error:?}");
        assert_eq!(script.finish().len(), 1);
    }
}
