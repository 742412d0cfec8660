//! BoldSign by hand.

use std::sync::Arc;

use countersign::adapters::boldsign::{Boldsign, BoldsignConfig};
use countersign::secrecy::SecretString;
use reqwest::{Method, RequestBuilder};
use serde::{Deserialize, Serialize};

use super::{NO_BODY, USUAL, Vendor, send};

pub(crate) const VENDOR: Vendor = Vendor {
    name: "boldsign",
    provider: |base| {
        let config = BoldsignConfig::new(SecretString::from("bench-key")).with_base_url(base);
        Arc::new(Boldsign::new(config).unwrap())
    },
    exchanges: USUAL,
    more_of_a_list: 0,
    answers: || {
        vec![
            ("get /v1/", "/getembeddedsignlink", 200, LINK.to_owned()),
            ("get /v1/", "", 200, document(9)),
            ("post /v1/", "", 204, String::new()),
            ("patch /v1/", "", 204, String::new()),
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
pub(crate) struct Document {
    document_id: String,
    status: String,
    pub(crate) signer_details: Vec<Signer>,
    #[serde(default)]
    cc_details: Vec<Copied>,
    #[serde(default)]
    document_history: Vec<Event>,
    enable_signing_order: bool,
    disable_emails: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Signer {
    id: String,
    signer_name: String,
    signer_email: String,
    signer_type: String,
    status: String,
    order: i64,
    authentication_type: Option<String>,
    is_authentication_failed: Option<bool>,
    is_delivery_failed: Option<bool>,
    is_viewed: Option<bool>,
    is_reassigned: Option<bool>,
    delivery_mode: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Copied {
    email_address: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    action: String,
    email: Option<String>,
    timestamp: i64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Link {
    sign_link: String,
}

#[derive(Debug, Serialize)]
struct Empty {}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct NewCode<'c> {
    access_code: &'c str,
}

impl ByHand {
    pub(crate) fn new(url: &str) -> Self {
        Self { http: super::http(), url: format!("{url}/v1/document") }
    }

    /// A request about the envelope; the values of the benchmark need no encoding.
    fn request(&self, method: Method, route: &str, query: &str) -> RequestBuilder {
        let url = format!("{}/{route}?documentId={}{query}", self.url, crate::calls::ENVELOPE);
        self.http.request(method, url).header("x-api-key", "bench-key")
    }

    pub(crate) async fn list(&self) -> Document {
        let (_, bytes) = send(self.request(Method::GET, "properties", ""), NO_BODY).await;
        let document: Document = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(document.signer_details.len(), 9);
        document
    }

    async fn find(&self, email: &str) -> Signer {
        self.list().await.signer_details.into_iter().find(|signer| signer.signer_email == email).unwrap()
    }

    pub(crate) async fn view(&self, email: &str) -> Link {
        let signer = self.find(email).await;
        let query =
            format!("&SignerEmail={}&RedirectUrl=https://app.example.com/signed", signer.signer_email);
        let (_, bytes) = send(self.request(Method::GET, "getEmbeddedSignLink", &query), NO_BODY).await;
        let link: Link = serde_json::from_slice(&bytes).unwrap();
        assert!(link.sign_link.starts_with("https://"));
        link
    }

    pub(crate) async fn resend(&self, email: &str) {
        let signer = self.find(email).await;
        let query = format!("&receiverEmails={}", signer.signer_email);
        send(self.request(Method::POST, "remind", &query), Some(&Empty {})).await;
    }

    pub(crate) async fn change(&self, email: &str, access_code: &str) {
        let signer = self.find(email).await;
        let query = format!("&EmailId={}&ZOrder={}", signer.signer_email, signer.order);
        send(self.request(Method::PATCH, "changeAccessCode", &query), Some(&NewCode { access_code })).await;
    }
}

const LINK: &str = r#"{"signLink":"https://app.boldsign.com/document/sign/?documentId=5e29dc8d&auth=0123456789abcdef0123456789abcdef"}"#;

/// A document as BoldSign lays it out, about a KB per signer: half of it is fields that are not read here, and the
/// history has two entries per signer.
fn document(count: usize) -> String {
    let field = |n: usize| {
        serde_json::json!({
            "id": format!("Signature{n}"), "type": "Signature", "value": "", "font": "Helvetica", "isRequired": true,
            "isReadOnly": false, "lineHeight": 15, "fontSize": 13, "fontHexColor": "#000000", "pageNumber": 1,
            "bounds": {"x": 100.0, "y": 120.5, "width": 120.0, "height": 20.0}
        })
    };
    let signer = |n: usize| {
        serde_json::json!({
            "id": format!("9f8e7d6c-0000-4000-8000-{n:012}"), "signerName": format!("Anna Signer {n}"),
            "signerRole": "", "signerEmail": format!("anna{n}@example.com"), "status": "NotCompleted",
            "enableAccessCode": true, "isAuthenticationFailed": false, "enableEmailOTP": false,
            "authenticationType": "AccessCode", "isDeliveryFailed": false, "isViewed": false, "order": n,
            "signerType": "Signer", "hostEmail": "", "hostName": "", "isReassigned": false, "privateMessage": "",
            "allowFieldConfiguration": false, "locale": "EN", "signType": "Single", "groupId": "",
            "phoneNumber": null, "idVerification": null, "kba": null, "recipientNotificationSettings": null,
            "authenticationRetryCount": null, "enableQes": null, "deliveryMode": "Email",
            "authenticationSettings": null, "groupSigners": null,
            "formFields": [field(n)]
        })
    };
    let events = |n: usize| {
        [("Sent", 1_795_000_000), ("Viewed", 1_795_000_600)].map(|(action, at)| {
            serde_json::json!({
                "id": format!("5c1a{n}"), "name": format!("Anna Signer {n}"), "email": format!("anna{n}@example.com"),
                "action": action, "timestamp": at, "ipaddress": "192.0.2.1"
            })
        })
    };
    let signers: Vec<_> = (1..=count).map(signer).collect();
    let history: Vec<_> = (1..=count).flat_map(events).collect();
    serde_json::json!({
        "documentId": "5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001", "brandId": "", "messageTitle": "Lease",
        "documentDescription": "", "status": "InProgress", "files": [{"documentName": "lease.pdf", "order": 1}],
        "senderDetail": {"name": "Sender", "emailAddress": "sender@example.com", "isViewed": false},
        "signerDetails": signers, "ccDetails": [], "documentHistory": history, "createdDate": 1_795_000_000,
        "expiryDate": 1_800_000_000, "enableSigningOrder": false, "disableEmails": false, "isDeleted": false,
        "inEditingMode": false, "displayStatus": "Waiting for others", "declineMessage": null, "revokeMessage": null
    })
    .to_string()
}
