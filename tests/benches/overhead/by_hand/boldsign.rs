//! BoldSign by hand.

use reqwest::{Method, RequestBuilder};
use serde::{Deserialize, Serialize};

#[derive(Debug)]
pub(crate) struct ByHand {
    http: reqwest::Client,
    url: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "read by the parser as an application would have it, and not used further")]
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
#[allow(dead_code, reason = "read by the parser as an application would have it, and not used further")]
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
#[allow(dead_code, reason = "read by the parser as an application would have it, and not used further")]
struct Copied {
    email_address: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "read by the parser as an application would have it, and not used further")]
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
        self.http.request(method, url).header("x-api-key", "bench-key").header("accept", "application/json")
    }

    pub(crate) async fn list(&self) -> Document {
        let answer = self.request(Method::GET, "properties", "").send().await.unwrap();
        assert!(answer.status().is_success());
        let document: Document = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        assert_eq!(document.signer_details.len(), 9);
        document
    }

    pub(crate) async fn view(&self, email: &str) -> Link {
        let document = self.list().await;
        let signer = document.signer_details.iter().find(|signer| signer.signer_email == email).unwrap();
        let query =
            format!("&SignerEmail={}&RedirectUrl=https://app.example.com/signed", signer.signer_email);
        let answer = self.request(Method::GET, "getEmbeddedSignLink", &query).send().await.unwrap();
        assert!(answer.status().is_success());
        let link: Link = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        assert!(link.sign_link.starts_with("https://"));
        link
    }

    pub(crate) async fn remind(&self, email: &str) {
        let document = self.list().await;
        let signer = document.signer_details.iter().find(|signer| signer.signer_email == email).unwrap();
        let query = format!("&receiverEmails={}", signer.signer_email);
        self.change_with(Method::POST, "remind", &query, &Empty {}).await;
    }

    pub(crate) async fn change(&self, email: &str, access_code: &str) {
        let document = self.list().await;
        let signer = document.signer_details.iter().find(|signer| signer.signer_email == email).unwrap();
        let query = format!("&EmailId={}&ZOrder={}", signer.signer_email, signer.order);
        self.change_with(Method::PATCH, "changeAccessCode", &query, &NewCode { access_code }).await;
    }

    async fn change_with(&self, method: Method, route: &str, query: &str, body: &impl Serialize) {
        let request = self.request(method, route, query).header("content-type", "application/json");
        let answer = request.body(serde_json::to_vec(body).unwrap()).send().await.unwrap();
        assert!(answer.status().is_success());
        answer.bytes().await.unwrap();
    }
}
