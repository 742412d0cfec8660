//! PandaDoc by hand.

use reqwest::{Method, StatusCode};
use serde::{Deserialize, Serialize};

#[derive(Debug)]
pub(crate) struct ByHand {
    http: reqwest::Client,
    url: String,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "read by the parser as an application would have it, and not used further")]
pub(crate) struct Document {
    id: String,
    status: String,
    expiration_date: Option<String>,
    pub(crate) recipients: Vec<Recipient>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "read by the parser as an application would have it, and not used further")]
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

    /// Sends a body, if there is one, and gives the status and the bytes of the answer.
    async fn send(
        &self,
        method: Method,
        route: &str,
        body: Option<&impl Serialize>,
    ) -> (StatusCode, Vec<u8>) {
        let request = self.http.request(method, format!("{}/{route}", self.url));
        let mut request =
            request.header("authorization", "API-Key bench-key").header("accept", "application/json");
        if let Some(body) = body {
            request =
                request.header("content-type", "application/json").body(serde_json::to_vec(body).unwrap());
        }
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success());
        (answer.status(), answer.bytes().await.unwrap().into())
    }

    pub(crate) async fn list(&self) -> Document {
        let (_, bytes) = self.send(Method::GET, "details", None::<&()>).await;
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
        let (_, bytes) = self.send(Method::POST, "session", Some(&body)).await;
        let session: Session = serde_json::from_slice(&bytes).unwrap();
        format!("https://app.pandadoc.com/s/{}", session.id)
    }

    pub(crate) async fn remind(&self, email: &str) {
        let body = serde_json::json!({ "reminders": [{ "recipient_id": self.find(email).await }] });
        let (_, bytes) = self.send(Method::POST, "send-reminder", Some(&body)).await;
        let reminded: Reminded = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(reminded.result[0].email.status, "sent");
    }

    pub(crate) async fn change(&self, email: &str, passcode: &str) {
        let route = format!("recipients/recipient/{}", self.find(email).await);
        let settings = serde_json::json!({
            "verification_place": "before_open", "passcode_verification": { "passcode": passcode }
        });
        let body = serde_json::json!({ "verification_settings": settings });
        let (status, _) = self.send(Method::PATCH, &route, Some(&body)).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
    }
}
