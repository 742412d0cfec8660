//! Posting. reqwest, because targets may be behind TLS when others than this machine are allowed, and because it
//! is in the tree already; one connection pool for all webhooks, made when the first one goes.

use std::sync::OnceLock;
use std::time::Duration;

use super::delivery::WebhookRequest;

#[derive(Default)]
pub(crate) struct Poster(OnceLock<Result<reqwest::Client, String>>);

impl Poster {
    /// The receiver's status, or why there is none.
    pub(super) async fn post(&self, request: &WebhookRequest, patience: Duration) -> Result<u16, String> {
        let client = self.0.get_or_init(client).as_ref().map_err(Clone::clone)?;
        let mut out = client.post(&request.url).timeout(patience).body(request.body.expose().to_owned());
        for (name, value) in &request.headers {
            out = out.header(name, value);
        }
        match out.send().await {
            Ok(response) => Ok(response.status().as_u16()),
            Err(error) if error.is_timeout() => Err("no answer in time".to_owned()),
            Err(error) if error.is_connect() => Err("no connection".to_owned()),
            Err(error) => Err(error.without_url().to_string()),
        }
    }
}

fn client() -> Result<reqwest::Client, String> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .build()
        .map_err(|error| error.to_string())
}
