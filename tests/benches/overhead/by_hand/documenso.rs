//! Documenso by hand, with the look into the log that shows whether a mail left.

use reqwest::Method;
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
    id: String,
    status: String,
    pub(crate) recipients: Vec<Recipient>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "read by the parser as an application would have it, and not used further")]
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

    async fn send(&self, method: Method, route: &str, body: Option<&impl Serialize>) -> Vec<u8> {
        let request = self.http.request(method, format!("{}/api/v2/envelope/{route}", self.url));
        let mut request =
            request.header("authorization", "Bearer bench-key").header("accept", "application/json");
        if let Some(body) = body {
            request =
                request.header("content-type", "application/json").body(serde_json::to_vec(body).unwrap());
        }
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success());
        answer.bytes().await.unwrap().into()
    }

    pub(crate) async fn list(&self) -> Envelope {
        let bytes = self.send(Method::GET, crate::calls::ENVELOPE, None::<&()>).await;
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
        let log: Log = serde_json::from_slice(&self.send(Method::GET, &route, None::<&()>).await).unwrap();
        log.data
    }

    pub(crate) async fn resend(&self, email: &str) {
        let id = self.find(email).await.id;
        let newest = self.log(1).await.remove(0).id;
        let body = serde_json::json!({ "envelopeId": crate::calls::ENVELOPE, "recipients": [id] });
        let bytes = self.send(Method::POST, "redistribute", Some(&body)).await;
        assert!(serde_json::from_slice::<Redistributed>(&bytes).unwrap().success);
        let log = self.log(100).await;
        let is_mail = |entry: &&Entry| {
            entry.r#type == "EMAIL_SENT"
                && entry.data["isResending"] == true
                && entry.data["recipientId"] == id
        };
        assert!(log.iter().take_while(|entry| entry.id != newest).any(|entry| is_mail(&entry)));
    }
}
