//! PandaDoc by hand.

use std::sync::Arc;

use countersign::adapters::pandadoc::{Credentials, Pandadoc, PandadocConfig};
use countersign::secrecy::SecretString;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::Deserialize;

use super::{NO_BODY, USUAL, Vendor, send};

pub(crate) const VENDOR: Vendor = Vendor {
    name: "pandadoc",
    provider: |base| {
        let key = Credentials::ApiKey(SecretString::from("bench-key"));
        let config = PandadocConfig::new(key, "com").unwrap().with_base_url(base);
        Arc::new(Pandadoc::new(config).unwrap())
    },
    exchanges: USUAL,
    // The names of nine recipients are put together.
    more_of_a_list: 28,
    answers: || {
        vec![
            ("get /public/v1/", "", 200, details(9)),
            ("post /public/v1/", "/session ", 201, SESSION.to_owned()),
            ("post /public/v1/", "/send-reminder ", 200, REMINDED.to_owned()),
            ("patch /public/v1/", "", 204, String::new()),
        ]
    },
};

#[derive(Debug)]
pub(crate) struct ByHand {
    http: reqwest::Client,
    url: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Document {
    id: String,
    status: String,
    expiration_date: Option<String>,
    pub(crate) recipients: Vec<Recipient>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Recipient {
    id: String,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    recipient_type: String,
    signing_order: Option<i64>,
    has_completed: bool,
    signature_date: Option<String>,
    verification_settings: Option<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Session {
    id: String,
}

#[derive(Debug, Deserialize)]
struct Reminded {
    result: Vec<One>,
}

#[derive(Debug, Deserialize)]
struct One {
    email: Channel,
}

#[derive(Debug, Deserialize)]
struct Channel {
    status: String,
}

impl ByHand {
    pub(crate) fn new(url: &str) -> Self {
        Self { http: super::http(), url: format!("{url}/public/v1/documents/{}", crate::calls::ENVELOPE) }
    }

    fn request(&self, method: Method, route: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}/{route}", self.url));
        request.header("authorization", "API-Key bench-key")
    }

    pub(crate) async fn list(&self) -> Document {
        let (_, bytes) = send(self.request(Method::GET, "details"), NO_BODY).await;
        let document: Document = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(document.recipients.len(), 9);
        document
    }

    /// The id of the only recipient with this address.
    async fn find(&self, email: &str) -> String {
        let recipients = self.list().await.recipients;
        recipients.into_iter().find(|one| one.email.as_deref() == Some(email)).unwrap().id
    }

    pub(crate) async fn view(&self, email: &str) -> String {
        self.find(email).await;
        let body = serde_json::json!({ "recipient": email });
        let (_, bytes) = send(self.request(Method::POST, "session"), Some(&body)).await;
        let session: Session = serde_json::from_slice(&bytes).unwrap();
        format!("https://app.pandadoc.com/s/{}", session.id)
    }

    pub(crate) async fn resend(&self, email: &str) {
        let body = serde_json::json!({ "reminders": [{ "recipient_id": self.find(email).await }] });
        let (_, bytes) = send(self.request(Method::POST, "send-reminder"), Some(&body)).await;
        let reminded: Reminded = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(reminded.result[0].email.status, "sent");
    }

    pub(crate) async fn change(&self, email: &str, passcode: &str) {
        let route = format!("recipients/recipient/{}", self.find(email).await);
        let settings = serde_json::json!({
            "verification_place": "before_open", "passcode_verification": { "passcode": passcode }
        });
        let body = serde_json::json!({ "verification_settings": settings });
        let (status, _) = send(self.request(Method::PATCH, &route), Some(&body)).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
    }
}

const SESSION: &str = r#"{"id":"QYCPtavst3DqqBK72ZRtbF","expires_at":"2026-11-22T11:00:00.000000Z"}"#;

const REMINDED: &str = r#"{"result":[{"recipient_id":"00000000000000000008","email":{"status":"sent","sent_at":"2026-11-22T10:00:00.000000Z"}}]}"#;

/// A document as PandaDoc lays it out: a signer takes about half a KB, and as much again has fields that no one here
/// reads.
fn details(count: usize) -> String {
    let recipient = |n: usize| {
        serde_json::json!({
            "id": format!("{n:020}"), "contact_id": format!("9{n:019}"), "first_name": "Anna",
            "last_name": format!("Signer {n}"), "email": format!("anna{n}@example.com"), "phone": null,
            "recipient_type": "signer", "signing_order": null, "type": "recipient", "role": "", "roles": [],
            "has_completed": false, "signature_date": null,
            "shared_link": "https://app.pandadoc.com/document/v2?token=0123456789abcdef0123456789abcdef",
            "delivery_methods": {"email": true, "sms": false}, "redirect": {"is_enabled": false, "url": null},
            "verification_settings": {"verification_place": "before_open",
                "passcode_verification": {"passcode": "Old-2345"}}, "avatar": null
        })
    };
    let field = |n: usize| {
        serde_json::json!({
            "uuid": format!("5c1a1c1a-0000-4000-8000-{n:012}"), "name": format!("Signature{n}"), "title": "",
            "placeholder": "", "value": {}, "type": "signature", "merge_field": null, "field_id": format!("f{n}"),
            "assigned_to": {"id": format!("{n:020}"), "email": format!("anna{n}@example.com"), "type": "recipient"},
            "settings": {"required": true}
        })
    };
    let recipients: Vec<_> = (1..=count).map(recipient).collect();
    let fields: Vec<_> = (1..=count).map(field).collect();
    serde_json::json!({
        "id": "5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001", "name": "Lease", "status": "document.sent",
        "date_created": "2026-11-22T10:00:00.000000Z", "date_sent": "2026-11-22T10:01:00.000000Z",
        "expiration_date": "2027-01-21T10:01:00.000000Z", "version": "2", "recipients": recipients,
        "fields": fields, "tokens": [], "metadata": {}, "tags": [], "lock": null
    })
    .to_string()
}
