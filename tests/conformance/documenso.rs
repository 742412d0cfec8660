//! Makes the envelopes of scenarios at a Documenso server, through its public API.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use bytes::Bytes;
use countersign::SigningLink;
use countersign::provider::{Descriptor, Provider, Settings};
use countersign::secrecy::{ExposeSecret as _, SecretString};
use countersign::transport::{HttpTransport, Limits, Transport, TransportError};
use countersign_testkit::conformance::{
    Account, DECLINE_REASON, EnvelopeMaker, EnvelopeState, Made, Opening, Person, Role, Scenario, Step,
};
use http::{Method, StatusCode, header};
use serde_json::{Map, Value, json};

/// Calls of a minute that are left to others who use the server.
const SPARED: i64 = 100;
const BOUNDARY: &str = "conformance-form";
/// In the subjects of mails that follow a cancellation or a rejection.
const NOTICES: [&str; 2] = ["Cancelled", "Rejection"];
/// One empty page.
const PDF: &str = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
    2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
    3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n\
    xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000052 00000 n \n0000000101 00000 n \n\
    trailer<</Size 4/Root 1 0 R>>\nstartxref\n164\n%%EOF\n";

/// A server that was started for the suite, by the table `server` of the live file:
///
/// - `base_url`: https, or http on this machine;
/// - `api_key` or `api_key_file`: a key of a team that may be used freely;
/// - `other_key` or `other_key_file`: a key of another team; without it, scenarios of another account are left out.
#[derive(Debug)]
pub(crate) struct Server {
    descriptor: &'static Descriptor,
    base_url: String,
    key: SecretString,
    other: Option<SecretString>,
    window: Arc<Window>,
}

impl Server {
    pub(crate) fn new(
        descriptor: &'static Descriptor,
        table: Map<String, Value>,
        folder: &Path,
    ) -> Result<Self, String> {
        let settings = Settings::new("server", table, Some(folder), |_| None);
        let read = || {
            let base_url = settings.host("base_url")?;
            let base_url = base_url.ok_or_else(|| settings.wrong("base_url", "is missing"))?;
            let key = settings.required_secret("api_key", "an API key of the team")?;
            let other = settings.secret("other_key")?;
            settings.finish()?;
            let base_url = base_url.without_api_path(&["api", "v2"]).as_str().to_owned();
            Ok(Self { descriptor, base_url, key, other, window: Arc::default() })
        };
        read().map_err(|error: countersign::Error| format!("{error}; {}", error.hint()))
    }

    /// Each trial has a runtime of its own, so connections are not shared.
    fn transport(&self) -> Paced {
        Paced { inner: HttpTransport::default(), window: Arc::clone(&self.window) }
    }

    fn provider(&self, key: &SecretString) -> Result<Arc<dyn Provider>, String> {
        let auth = json!({"kind": "api_key", "api_key": key.expose_secret()});
        let account = Map::from_iter([
            ("base_url".to_owned(), self.base_url.clone().into()),
            ("auth".to_owned(), auth),
        ]);
        let settings = Settings::new("server", account, None, |_| None);
        (self.descriptor.build)(&settings).map_err(|error| error.to_string())
    }

    async fn call(
        &self,
        transport: &dyn Transport,
        method: Method,
        route: &str,
        kind: Option<&str>,
        body: String,
    ) -> Result<Value, String> {
        let mut request = http::Request::builder()
            .method(method)
            .uri(format!("{}/api/v2/envelope/{route}", self.base_url))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key.expose_secret()));
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let request = request.body(Bytes::from(body)).map_err(|error| error.to_string())?;
        let answer = transport.send(request, &Limits::default()).await.map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(answer.body());
        match answer.status() {
            StatusCode::OK => serde_json::from_str(&text).map_err(|error| format!("{route}: {error}")),
            status => Err(format!("{route}: {status}: {text}")),
        }
    }

    async fn post(&self, transport: &dyn Transport, route: &str, body: Value) -> Result<Value, String> {
        self.call(transport, Method::POST, route, Some("application/json"), body.to_string()).await
    }

    async fn get(&self, transport: &dyn Transport, envelope: &str) -> Result<Value, String> {
        self.call(transport, Method::GET, envelope, None, String::new()).await
    }

    /// Reads the envelope until the server has done in the background what it does.
    async fn wait(
        &self,
        transport: &dyn Transport,
        envelope: &str,
        is_done: impl Fn(&Value) -> bool + Send,
    ) -> Result<Value, String> {
        for _ in 0..50 {
            let read = self.get(transport, envelope).await?;
            if is_done(&read) {
                return Ok(read);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Err(format!("{envelope} has not become what was asked for in 10 seconds"))
    }

    /// Opens a link as a browser does, without scripts: whether it leads to the documents.
    async fn open(&self, made: &Made, link: &str) -> Result<Opening, String> {
        let mut url = link.to_owned();
        for _ in 0..5 {
            let request = http::Request::get(&url).body(Bytes::new()).map_err(|error| error.to_string())?;
            let answer = made.transport.send(request, &Limits::default()).await;
            let answer = answer.map_err(|error| format!("the link: {error}"))?;
            let Some(next) = answer.headers().get(header::LOCATION).and_then(|next| next.to_str().ok())
            else {
                let is_shown = answer.status() == StatusCode::OK;
                return is_shown.then_some(Opening::Works).ok_or(format!("the link: {}", answer.status()));
            };
            if next.ends_with("/expired") {
                return Ok(Opening::UsedUp);
            }
            url = if next.starts_with('/') { format!("{}{next}", self.base_url) } else { next.to_owned() };
        }
        Err("the link leads from one page to the next".to_owned())
    }
}

#[async_trait]
impl EnvelopeMaker for Server {
    fn excludes(&self, scenario: &Scenario) -> Option<String> {
        let story = &scenario.story;
        if story.account == Account::Other && self.other.is_none() {
            return Some("the live file has no `other_key`, a key of another team".to_owned());
        }
        let reason = |step: &Step| match step {
            Step::Signs { .. } | Step::Leaves { .. } => {
                Some("signing takes a browser; the public API has no call for it")
            }
            Step::Bounces { .. } => Some("only the server's mail server can refuse an address"),
            Step::Expires | Step::Waits { .. } => {
                Some("a recipient's time is a day at least, which a run does not wait for")
            }
            Step::CallsUsedUp => Some("the calls of a minute belong to all who use the server"),
            Step::TokenExpires => Some("a key is not revoked through the API"),
            Step::IsEdited => Some("an editor locks nothing"),
            Step::LocksOut { .. } | Step::TypesCode { .. } | Step::ChangesCode { .. } => {
                Some("there are no access codes")
            }
            _ => None,
        };
        story.before.iter().chain(&story.after).find_map(reason).map(str::to_owned)
    }

    async fn make(&self, scenario: &Scenario, title: &str) -> Result<Made, String> {
        let story = &scenario.story;
        let transport: Arc<dyn Transport> = Arc::new(self.transport());
        let key = match (story.account, &self.other) {
            (Account::Other, Some(other)) => other.clone(),
            (Account::WrongKey, _) => SecretString::from("api_0000000000000000"),
            _ => self.key.clone(),
        };
        let payload = payload(scenario, title).to_string();
        let form = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"payload\"\r\nContent-Type: application/json\r\n\r\n\
             {payload}\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"lease.pdf\"\r\n\
             Content-Type: application/pdf\r\n\r\n{PDF}\r\n--{BOUNDARY}--\r\n"
        );
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let created = self.call(transport.as_ref(), Method::POST, "create", Some(&kind), form).await?;
        let id = created["id"].as_str().ok_or("the new envelope has no id")?;
        let mut made = Made::new(id.to_owned(), self.provider(&key)?, transport);
        made.notices = &NOTICES;
        made.secrets = vec![self.key.clone(), key];
        if story.envelope.state != EnvelopeState::Draft
            && let Err(problem) = self.send(scenario, &mut made).await
        {
            self.delete(&made).await?;
            return Err(problem);
        }
        Ok(made)
    }

    async fn happen(
        &self,
        made: &Made,
        step: &Step,
        link: Option<&SigningLink>,
    ) -> Result<Option<Opening>, String> {
        let (transport, envelope) = (made.transport.as_ref(), made.envelope.as_str());
        match step {
            Step::Opens { who } => {
                let token = made.tokens.get(who).ok_or("the recipient has no token")?;
                self.open(made, &format!("{}/sign/{}", self.base_url, token.expose_secret())).await?;
            }
            Step::OpensLink { .. } => {
                let link = link.ok_or("the call returned no link")?;
                return self.open(made, link.expose()).await.map(Some);
            }
            Step::Declines { who } => {
                let read = self.get(transport, envelope).await?;
                let token = made.tokens.get(who).ok_or("the recipient has no token")?.expose_secret();
                let rows = read["recipients"].as_array().into_iter().flatten();
                let row = rows.into_iter().find(|row| row["token"] == token).ok_or("no such recipient")?;
                let body = json!({"envelopeId": envelope, "reason": DECLINE_REASON});
                self.post(transport, &format!("recipient/{}/reject", row["id"]), body).await?;
                // The envelope says so once it is sealed, which takes a second, or fails; the recipient says so at once.
                let is_theirs = |row: &Value| row["token"] == token && row["signingStatus"] == "REJECTED";
                let is_rejected = |read: &Value| {
                    read["recipients"].as_array().is_some_and(|rows| rows.iter().any(is_theirs))
                };
                self.wait(transport, envelope, is_rejected).await?;
            }
            Step::Voids => {
                self.post(transport, "cancel", json!({"envelopeId": envelope})).await?;
            }
            other => return Err(format!("this backend does not know the step {other:?}")),
        }
        Ok(None)
    }

    async fn delete(&self, made: &Made) -> Result<(), String> {
        let body = json!({"envelopeId": made.envelope});
        self.post(made.transport.as_ref(), "delete", body).await.map(|_| ())
    }
}

impl Server {
    /// Sends the draft, and waits until those whose turn it is were mailed.
    async fn send(&self, scenario: &Scenario, made: &mut Made) -> Result<(), String> {
        let transport = Arc::clone(&made.transport);
        self.post(transport.as_ref(), "distribute", json!({"envelopeId": made.envelope})).await?;
        made.invited = match scenario.story.envelope.mails {
            false => 0,
            true if is_sequential(scenario) => 1,
            true => {
                let is_invited =
                    |person: &&Person| person.role != Role::CarbonCopy && !person.email.is_empty();
                scenario.story.people.iter().filter(is_invited).count()
            }
        };
        let is_mailed = |row: &&Value| row["role"] != "CC" && row["sendStatus"] == "SENT";
        let invited = made.invited;
        let all_mailed = |read: &Value| {
            read["recipients"].as_array().is_some_and(|rows| rows.iter().filter(is_mailed).count() >= invited)
        };
        let read = self.wait(transport.as_ref(), &made.envelope, all_mailed).await?;
        // Recipients have ids in the order in which they were given.
        let mut rows: Vec<&Value> = read["recipients"].as_array().into_iter().flatten().collect();
        rows.sort_by_key(|row| row["id"].as_u64());
        let token = |row: &Value| SecretString::from(row["token"].as_str().unwrap_or_default());
        let keys = scenario.story.people.iter().map(|person| person.key.clone());
        made.tokens = keys.zip(rows.into_iter().map(token)).collect::<BTreeMap<_, _>>();
        Ok(())
    }
}

/// With equal orders, Documenso's mails and pages do not agree on whose turn it is.
fn is_sequential(scenario: &Scenario) -> bool {
    let orders = || scenario.story.people.iter().map(|person| person.order);
    orders().min() != orders().max()
}

fn payload(scenario: &Scenario, title: &str) -> Value {
    let field = |at: usize| json!({"type": "SIGNATURE", "page": 1, "positionX": 10, "positionY": 10 + 10 * at, "width": 20, "height": 5});
    let row = |(at, person): (usize, &Person)| {
        let role = match person.role {
            Role::CarbonCopy => "CC",
            Role::Reviewer => "APPROVER",
            _ => "SIGNER",
        };
        let fields: Vec<Value> = if role == "CC" { Vec::new() } else { vec![field(at)] };
        json!({"name": person.name, "email": person.email, "role": role, "signingOrder": person.order, "fields": fields})
    };
    json!({
        "title": title,
        "type": "DOCUMENT",
        "recipients": scenario.story.people.iter().enumerate().map(row).collect::<Vec<_>>(),
        "meta": {
            "signingOrder": if is_sequential(scenario) { "SEQUENTIAL" } else { "PARALLEL" },
            "distributionMethod": if scenario.story.envelope.mails { "EMAIL" } else { "NONE" },
        },
    })
}

/// What is left of the current minute, by the last answer: calls, and the minute's end in Unix seconds.
#[derive(Debug, Default)]
struct Window(Mutex<Option<(i64, u64)>>);

impl Window {
    fn note(&self, headers: &http::HeaderMap) {
        let number = |name: &str| headers.get(name)?.to_str().ok()?.parse::<i64>().ok();
        if let (Some(left), Some(end)) = (number("x-ratelimit-remaining"), number("x-ratelimit-reset")) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((left, end.unsigned_abs()));
        }
    }

    /// How long to leave the rest of the minute to others.
    fn pause(&self, now: u64) -> Option<Duration> {
        let (left, end) = (*self.0.lock().unwrap_or_else(PoisonError::into_inner))?;
        // A second more, because clocks differ.
        let rest = end.checked_sub(now).map(|rest| Duration::from_secs(rest.min(60) + 1));
        rest.filter(|_| left < SPARED)
    }
}

/// Waits for the next minute when this one's calls are nearly used up.
#[derive(Debug)]
struct Paced {
    inner: HttpTransport,
    window: Arc<Window>,
}

#[async_trait]
impl Transport for Paced {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: &Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        if let Some(pause) = self.window.pause(now) {
            tokio::time::sleep(pause).await;
        }
        let answer = self.inner.send(request, limits).await?;
        self.window.note(answer.headers());
        Ok(answer)
    }
}

#[test]
fn the_end_of_a_minute_is_waited_for_when_few_calls_are_left() {
    let window = Window::default();
    assert_eq!(window.pause(1_000), None, "nothing is known yet");
    for (left, end, wanted) in
        [("100", "1030", None), ("99", "1030", Some(31)), ("0", "999", None), ("0", "9999", Some(61))]
    {
        let mut headers = http::HeaderMap::new();
        headers.insert("x-ratelimit-remaining", left.parse().unwrap());
        headers.insert("x-ratelimit-reset", end.parse().unwrap());
        window.note(&headers);
        assert_eq!(window.pause(1_000), wanted.map(Duration::from_secs), "{left} {end}");
    }
}
