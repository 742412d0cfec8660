//! DocuSign by hand.

use serde::{Deserialize, Serialize};

#[derive(Debug)]
pub(crate) struct ByHand {
    http: reqwest::Client,
    url: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "read by the parser as an application would have it, and not used further")]
pub(crate) struct Envelope {
    pub(crate) signers: Vec<Signer>,
    #[serde(default)]
    carbon_copies: Vec<Signer>,
    current_routing_order: Option<String>,
    recipient_count: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "read by the parser as an application would have it, and not used further")]
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
#[allow(dead_code, reason = "read by the parser as an application would have it, and not used further")]
struct Authentication {
    access_code_result: Option<Outcome>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "read by the parser as an application would have it, and not used further")]
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

    pub(crate) async fn list(&self) -> Envelope {
        let request = self.http.get(format!("{}/recipients", self.url)).bearer_auth("bench-token");
        let answer = request.header("accept", "application/json").send().await.unwrap();
        assert!(answer.status().is_success());
        let envelope: Envelope = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
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
        let request = self.http.post(format!("{}/views/recipient", self.url)).bearer_auth("bench-token");
        let request = request.header("accept", "application/json").header("content-type", "application/json");
        let answer = request.body(serde_json::to_vec(&body).unwrap()).send().await.unwrap();
        assert!(answer.status().is_success());
        let view: View = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        assert!(view.url.starts_with("https://"));
        view
    }

    /// A resend without an access code, a change of it with one.
    pub(crate) async fn update(&self, email: &str, access_code: Option<&str>) {
        let envelope = self.list().await;
        let signer = envelope.signers.iter().find(|signer| signer.email == email).unwrap();
        let resend = if access_code.is_some() { "" } else { "?resend_envelope=true" };
        let body = Update {
            signers: [SignerUpdate {
                recipient_id: &signer.recipient_id,
                name: &signer.name,
                email: access_code.is_none().then_some(&signer.email),
                access_code,
            }],
        };
        let request = self.http.put(format!("{}/recipients{resend}", self.url)).bearer_auth("bench-token");
        let request = request.header("accept", "application/json").header("content-type", "application/json");
        let answer = request.body(serde_json::to_vec(&body).unwrap()).send().await.unwrap();
        assert!(answer.status().is_success());
        let updated: Updated = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        let result = &updated.recipient_update_results[0];
        assert_eq!(result.recipient_id, signer.recipient_id);
        assert!(result.error_details.as_ref().is_none_or(|details| details.error_code == "SUCCESS"));
    }
}
