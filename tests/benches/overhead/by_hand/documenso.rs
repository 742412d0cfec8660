//! Documenso by hand, with the look into the log that shows whether a mail left.

use std::sync::Arc;

use countersign::adapters::documenso::{Documenso, DocumensoConfig};
use countersign::secrecy::SecretString;
use reqwest::{Method, RequestBuilder};
use serde::Deserialize;

use super::{NO_BODY, Vendor, send};

pub(crate) const VENDOR: Vendor = Vendor {
    name: "documenso",
    provider: |base| {
        let config = DocumensoConfig::new(base, SecretString::from("bench-key"));
        Arc::new(Documenso::new(config).unwrap())
    },
    // The link is in the list, and a resend looks into the log before and after.
    exchanges: [Some(1), Some(1), Some(4), None],
    // For each of nine recipients: its id, a status of three words, and times that are kept as texts.
    more_of_a_list: 28,
    answers: || {
        vec![
            ("get /api/v2/", "perpage=100 ", 200, log(12)),
            ("get /api/v2/", "perpage=1 ", 200, log(1)),
            ("get /api/v2/", "", 200, envelope(9)),
            ("post /api/v2/", "", 200, r#"{"success":true}"#.to_owned()),
        ]
    },
};

#[derive(Debug)]
pub(crate) struct ByHand {
    http: reqwest::Client,
    url: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Envelope {
    id: String,
    status: String,
    pub(crate) recipients: Vec<Recipient>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Recipient {
    id: u64,
    name: String,
    email: String,
    role: String,
    signing_order: Option<i64>,
    read_status: String,
    signing_status: String,
    send_status: String,
    signed_at: Option<String>,
    expires_at: Option<String>,
    token: String,
}

#[derive(Debug, Deserialize)]
struct Log {
    data: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: String,
    r#type: String,
    data: serde_json::Value,
}

#[derive(Debug, Deserialize)]
struct Redistributed {
    success: bool,
}

impl ByHand {
    pub(crate) fn new(url: &str) -> Self {
        Self { http: super::http(), url: url.to_owned() }
    }

    fn request(&self, method: Method, route: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}/api/v2/envelope/{route}", self.url));
        request.header("authorization", "Bearer bench-key")
    }

    pub(crate) async fn list(&self) -> Envelope {
        let (_, bytes) = send(self.request(Method::GET, crate::calls::ENVELOPE), NO_BODY).await;
        let envelope: Envelope = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(envelope.recipients.len(), 9);
        envelope
    }

    async fn find(&self, email: &str) -> Recipient {
        self.list().await.recipients.into_iter().find(|one| one.email == email).unwrap()
    }

    pub(crate) async fn view(&self, email: &str) -> String {
        format!("{}/sign/{}", self.url, self.find(email).await.token)
    }

    async fn log(&self, entries: usize) -> Vec<Entry> {
        let route = format!("{}/audit-log?perPage={entries}", crate::calls::ENVELOPE);
        let (_, bytes) = send(self.request(Method::GET, &route), NO_BODY).await;
        serde_json::from_slice::<Log>(&bytes).unwrap().data
    }

    pub(crate) async fn resend(&self, email: &str) {
        let id = self.find(email).await.id;
        let newest = self.log(1).await.remove(0).id;
        let body = serde_json::json!({ "envelopeId": crate::calls::ENVELOPE, "recipients": [id] });
        let (_, bytes) = send(self.request(Method::POST, "redistribute"), Some(&body)).await;
        assert!(serde_json::from_slice::<Redistributed>(&bytes).unwrap().success);
        let log = self.log(100).await;
        let is_mail = |entry: &&Entry| {
            entry.r#type == "EMAIL_SENT"
                && entry.data["isResending"] == true
                && entry.data["recipientId"] == id
        };
        assert!(log.iter().take_while(|entry| entry.id != newest).any(|entry| is_mail(&entry)));
    }

    pub(crate) async fn change(&self, _: &str, _: &str) {
        panic!("it has no access codes")
    }
}

/// An envelope as Documenso lays it out: a field of each signer, with its settings, is as much again as the signer.
fn envelope(count: usize) -> String {
    let recipient = |n: usize| {
        serde_json::json!({
            "envelopeId": "envelope_wilixvycrhsdnzcf", "role": "SIGNER", "readStatus": "NOT_OPENED",
            "signingStatus": "NOT_SIGNED", "sendStatus": "SENT", "id": n, "email": format!("anna{n}@example.com"),
            "name": format!("Anna Signer {n}"), "token": format!("{n:020}"), "documentDeletedAt": null,
            "expired": null, "expiresAt": "2027-02-28T22:10:11.815Z", "expirationNotifiedAt": null, "signedAt": null,
            "authOptions": {"accessAuth": [], "actionAuth": []}, "signingOrder": 1, "rejectionReason": null
        })
    };
    let field = |n: usize| {
        serde_json::json!({
            "id": n, "secondaryId": format!("field_{n}"), "envelopeId": "envelope_wilixvycrhsdnzcf",
            "envelopeItemId": "envelope_item_abcdefghijklmnop", "recipientId": n, "type": "SIGNATURE", "page": 1,
            "positionX": "10", "positionY": "10", "width": "20", "height": "5", "customText": "", "inserted": false,
            "fieldMeta": {"type": "signature", "fontSize": 18, "overflow": "crop"}
        })
    };
    let recipients: Vec<_> = (1..=count).map(recipient).collect();
    let fields: Vec<_> = (1..=count).map(field).collect();
    serde_json::json!({
        "type": "DOCUMENT", "status": "PENDING", "source": "DOCUMENT", "visibility": "EVERYONE", "templateType": "PRIVATE",
        "id": "envelope_wilixvycrhsdnzcf", "secondaryId": "document_5", "externalId": null,
        "createdAt": "2026-11-28T22:10:11.717Z", "updatedAt": "2026-11-28T22:10:11.815Z", "completedAt": null,
        "deletedAt": null, "title": "Lease", "authOptions": {"globalAccessAuth": [], "globalActionAuth": []},
        "documentMeta": {"signingOrder": "PARALLEL", "distributionMethod": "EMAIL", "redirectUrl": null, "subject": null,
            "message": null, "timezone": "Etc/UTC", "dateFormat": "yyyy-MM-dd hh:mm a", "language": "en",
            "emailSettings": {"recipientSigningRequest": true, "recipientRemoved": true, "documentCompleted": true}},
        "recipients": recipients, "fields": fields,
        "envelopeItems": [{"id": "envelope_item_abcdefghijklmnop", "title": "lease", "order": 1}]
    })
    .to_string()
}

/// The newest entries of a log: of more than one, the first is the mail to the eighth signer.
fn log(entries: usize) -> String {
    let entry = |n: usize| {
        serde_json::json!({
            "id": format!("cmx0ypw0f{n:03}"), "createdAt": "2026-11-28T22:09:02.031Z", "type": "EMAIL_SENT", "data": {
                "recipientEmail": "anna8@example.com", "recipientName": "Anna Signer 8", "recipientId": 8,
                "recipientRole": "SIGNER", "emailType": "SIGNING_REQUEST", "isResending": true}
        })
    };
    let entries: Vec<_> = (1..=entries).rev().map(entry).collect();
    serde_json::json!({ "data": entries }).to_string()
}
