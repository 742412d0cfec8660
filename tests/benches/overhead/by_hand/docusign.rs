//! DocuSign by hand.

use std::sync::Arc;

use countersign::AccountId;
use countersign::adapters::docusign::{Credentials, Docusign, DocusignConfig};
use countersign::secrecy::SecretString;
use reqwest::{Method, RequestBuilder};
use serde::{Deserialize, Serialize};

use super::{NO_BODY, USUAL, Vendor, send};

pub(crate) const VENDOR: Vendor = Vendor {
    name: "docusign",
    provider: |base| {
        let credentials = Credentials::Token(SecretString::from("bench-token"));
        let config = DocusignConfig::new(AccountId::new("acct").unwrap(), credentials).with_base_url(base);
        Arc::new(Docusign::new(config).unwrap())
    },
    exchanges: USUAL,
    more_of_a_list: 0,
    answers: || {
        vec![
            ("get /restapi/", "/recipients", 200, recipients(9)),
            ("get /restapi/", "", 200, ENVELOPE.to_owned()),
            ("post /restapi/", "", 201, VIEW.to_owned()),
            ("put /restapi/", "", 200, UPDATED.to_owned()),
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
    pub(crate) signers: Vec<Signer>,
    #[serde(default)]
    carbon_copies: Vec<Signer>,
    current_routing_order: Option<String>,
    recipient_count: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Signer {
    recipient_id: String,
    recipient_id_guid: Option<String>,
    user_id: Option<String>,
    name: String,
    email: String,
    client_user_id: Option<String>,
    routing_order: Option<String>,
    status: String,
    delivery_method: Option<String>,
    declined_reason: Option<String>,
    sent_date_time: Option<String>,
    delivered_date_time: Option<String>,
    signed_date_time: Option<String>,
    declined_date_time: Option<String>,
    recipient_authentication_status: Option<Authentication>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Authentication {
    access_code_result: Option<Outcome>,
}

#[derive(Debug, Deserialize)]
struct Outcome {
    status: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ViewRequest<'v> {
    return_url: &'v str,
    authentication_method: &'v str,
    user_name: &'v str,
    email: &'v str,
    client_user_id: &'v str,
    recipient_id: &'v str,
}

#[derive(Debug, Serialize)]
struct Update<'v> {
    signers: [SignerUpdate<'v>; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SignerUpdate<'v> {
    recipient_id: &'v str,
    name: &'v str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'v str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_code: Option<&'v str>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Updated {
    recipient_update_results: Vec<UpdateResult>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateResult {
    recipient_id: String,
    error_details: Option<ErrorDetails>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ErrorDetails {
    error_code: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct View {
    pub(crate) url: String,
}

impl ByHand {
    pub(crate) fn new(url: &str) -> Self {
        let url = format!("{url}/restapi/v2.1/accounts/acct/envelopes/{}", crate::calls::ENVELOPE);
        Self { http: super::http(), url }
    }

    fn request(&self, method: Method, route: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/{route}", self.url)).bearer_auth("bench-token")
    }

    pub(crate) async fn list(&self) -> Envelope {
        let (_, bytes) = send(self.request(Method::GET, "recipients"), NO_BODY).await;
        let envelope: Envelope = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(envelope.signers.len(), 9);
        envelope
    }

    pub(crate) async fn view(&self, email: &str) -> View {
        let envelope = self.list().await;
        let signer = envelope.signers.iter().find(|signer| signer.email == email).unwrap();
        let body = ViewRequest {
            return_url: "https://app.example.com/signed",
            authentication_method: "None",
            user_name: &signer.name,
            email: &signer.email,
            client_user_id: signer.client_user_id.as_deref().unwrap(),
            recipient_id: &signer.recipient_id,
        };
        let (_, bytes) = send(self.request(Method::POST, "views/recipient"), Some(&body)).await;
        let view: View = serde_json::from_slice(&bytes).unwrap();
        assert!(view.url.starts_with("https://"));
        view
    }

    pub(crate) async fn resend(&self, email: &str) {
        self.update(email, None).await;
    }

    pub(crate) async fn change(&self, email: &str, access_code: &str) {
        self.update(email, Some(access_code)).await;
    }

    async fn update(&self, email: &str, access_code: Option<&str>) {
        let envelope = self.list().await;
        let signer = envelope.signers.iter().find(|signer| signer.email == email).unwrap();
        let route = if access_code.is_some() { "recipients" } else { "recipients?resend_envelope=true" };
        let body = Update {
            signers: [SignerUpdate {
                recipient_id: &signer.recipient_id,
                name: &signer.name,
                email: access_code.is_none().then_some(&signer.email),
                access_code,
            }],
        };
        let (_, bytes) = send(self.request(Method::PUT, route), Some(&body)).await;
        let updated: Updated = serde_json::from_slice(&bytes).unwrap();
        let result = &updated.recipient_update_results[0];
        assert_eq!(result.recipient_id, signer.recipient_id);
        assert!(result.error_details.as_ref().is_none_or(|details| details.error_code == "SUCCESS"));
    }
}

const ENVELOPE: &str = r#"{"envelopeId":"5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001","status":"sent"}"#;

const VIEW: &str = r#"{"url":"https://demo.docusign.net/Signing/MTRedeem/v1/5e29dc8d?slt=0123456789abcdef0123456789abcdef"}"#;

const UPDATED: &str =
    r#"{"recipientUpdateResults":[{"recipientId":"8","errorDetails":{"errorCode":"SUCCESS","message":""}}]}"#;

/// Signers as the vendor lays them out, about half a KB each.
pub(crate) fn recipients(count: usize) -> String {
    let signer = |n: usize| {
        serde_json::json!({
            "creationReason": "sender", "isBulkRecipient": "false", "requireUploadSignature": "false",
            "name": format!("Anna Signer {n}"), "firstName": "Anna", "lastName": format!("Signer {n}"),
            "email": format!("anna{n}@example.com"), "recipientId": n.to_string(),
            "recipientIdGuid": format!("0a1b2c3d-0000-4000-8000-{n:012}"), "requireIdLookup": "false",
            "userId": format!("9f8e7d6c-0000-4000-8000-{n:012}"), "clientUserId": format!("client-{n}"),
            "routingOrder": "1", "note": "", "status": "sent", "completedCount": "0",
            "deliveryMethod": "email", "totalTabCount": "2", "recipientType": "signer",
            "sentDateTime": "2026-11-22T10:00:00.1230000Z",
            "recipientAuthenticationStatus": {"accessCodeResult": {"status": "Passed", "eventTimestamp": "2026-11-22T10:00:00.1230000Z"}}
        })
    };
    let signers: Vec<_> = (1..=count).map(signer).collect();
    serde_json::json!({
        "signers": signers, "agents": [], "editors": [], "intermediaries": [], "carbonCopies": [],
        "certifiedDeliveries": [], "inPersonSigners": [], "seals": [], "witnesses": [], "notaries": [],
        "recipientCount": count.to_string(), "currentRoutingOrder": "1"
    })
    .to_string()
}
