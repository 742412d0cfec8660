//! One attempt to deliver an event, and when the next one is due.

use std::sync::OnceLock;
use std::time::Duration;

use countersign::provider::retry_after;
use countersign::redact::shortened;
use countersign::{Error, ErrorKind, Result, Timestamp};
use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;

use super::signature::SigningSecret;
use super::target::{Guard, PrivateHosts, check_url};

/// How long an attempt may take.
const TIMEOUT: Duration = Duration::from_secs(15);

/// How much of an answer is read: it is not used, and a connection whose answer was read can be used again.
const MOST: usize = 64 * 1024;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// The example schedule of Standard Webhooks 1.0, in seconds: the first attempt at once, and the pauses before the
/// others.
const PAUSES: [u64; 10] =
    [0, 5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

/// An endpoint that accepts nothing for this long is switched off.
pub(crate) const GIVE_UP_AFTER: Duration = Duration::from_secs(5 * 24 * HOUR);

/// What an attempt sends.
#[derive(Debug)]
pub(crate) struct Message<'a> {
    /// The event's id, the same at every attempt.
    pub(crate) id: &'a str,
    pub(crate) body: &'a [u8],
    /// All of them sign, so that a receiver may have any.
    pub(crate) secrets: &'a [SigningSecret],
    pub(crate) now: Timestamp,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// A status of 2xx.
    Accepted(u16),
    /// 410: the receiver wants no more.
    Gone,
    /// Anything else, and what the receiver says about the next attempt.
    Failed { status: Option<u16>, why: String, after: Option<Duration> },
}

/// Sends events. TLS is set up with the first of them.
#[derive(Debug)]
pub(crate) struct Sender {
    private: PrivateHosts,
    client: OnceLock<Client>,
}

impl Sender {
    pub(crate) fn new(private: PrivateHosts) -> Self {
        Self { private, client: OnceLock::new() }
    }

    pub(crate) fn private(&self) -> &PrivateHosts {
        &self.private
    }

    fn client(&self) -> Result<&Client> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let builder = Client::builder()
            .redirect(Policy::none())
            // A proxy would connect to addresses that nothing here has checked.
            .no_proxy()
            .dns_resolver(Guard(self.private.clone()))
            .timeout(TIMEOUT)
            .user_agent(concat!("countersign-gateway/", env!("CARGO_PKG_VERSION")));
        let client = builder.build().map_err(|error| {
            Error::new(ErrorKind::Unexpected, "TLS cannot be set up").with_source(error.without_url())
        })?;
        Ok(self.client.get_or_init(|| client))
    }

    /// Sends a message once.
    ///
    /// # Errors
    /// `Unexpected` if this machine cannot send at all.
    pub(crate) async fn send(&self, url: &str, message: &Message<'_>) -> Result<Attempt> {
        // Once more, because the operator may allow less than before.
        let url = match check_url(url, &self.private) {
            Ok(url) => url,
            Err(error) => return Ok(failed(None, error.message().to_owned(), None)),
        };
        let seconds = message.now.as_second();
        let signatures: Vec<String> =
            message.secrets.iter().map(|secret| secret.sign(message.id, seconds, message.body)).collect();
        let request = self
            .client()?
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", message.id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signatures.join(" "))
            .body(message.body.to_vec());
        let mut answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return Ok(failed(None, reason(&error), None)),
        };
        let status = answer.status().as_u16();
        let mut read = 0;
        while let Ok(Some(chunk)) = answer.chunk().await {
            read += chunk.len();
            if read >= MOST {
                break;
            }
        }
        Ok(match status {
            200..=299 => Attempt::Accepted(status),
            410 => Attempt::Gone,
            300..=399 => failed(Some(status), "it redirects, which is not followed".to_owned(), None),
            429 | 502..=504 => {
                let after = retry_after(None, answer.headers(), message.now);
                failed(Some(status), format!("it answered {status}"), after)
            }
            _ => failed(Some(status), format!("it answered {status}"), None),
        })
    }
}

fn failed(status: Option<u16>, why: String, after: Option<Duration>) -> Attempt {
    Attempt::Failed { status, why, after }
}

/// Why there was no answer, without the URL.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} s", TIMEOUT.as_secs());
    }
    // The innermost cause is the one that helps: `connection refused`, `invalid peer certificate`.
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    shortened(&format!("no connection: {cause}")).into_owned()
}

/// The pause after this many attempts, up to 10 % longer or shorter so that deliveries which failed together do not
/// come back together. `None` if no attempt is left. What the receiver asked for counts if it is longer.
pub(crate) fn pause(attempts: u32, asked: Option<Duration>, random: u16) -> Option<Duration> {
    let seconds = *PAUSES.get(attempts as usize)?;
    // 900 to 1100 thousandths.
    let share = 900 + u64::from(random) % 201;
    let pause = Duration::from_millis(seconds * share);
    Some(asked.map_or(pause, |asked| asked.max(pause)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_attempts_within_four_days_with_ten_per_cent_of_jitter() {
        assert_eq!(pause(1, None, 0), Some(Duration::from_millis(4_500)));
        assert_eq!(pause(1, None, 200), Some(Duration::from_millis(5_500)));
        assert_eq!(pause(9, None, 100), Some(Duration::from_secs(24 * HOUR)));
        assert_eq!(pause(10, None, 100), None);
        let whole: Duration = (1..10).filter_map(|attempts| pause(attempts, None, 200)).sum();
        assert!(whole < GIVE_UP_AFTER, "{whole:?}");
        let asked = Some(Duration::from_secs(60));
        assert_eq!(pause(1, asked, 0), asked);
        assert_eq!(pause(2, asked, 0), Some(Duration::from_secs(270)));
    }
}
