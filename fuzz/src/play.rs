//! A call to a vendor whose answers come from the fuzzer.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use countersign::provider::{Context, Descriptor, Provider, Settings};
use countersign::transport::Transport;
use countersign::{
    AccessCode, ChangeAccessCode, Clock, CreateView, EnvelopeId, Error, ErrorKind, ListRecipients, Operation,
    Outcome, Recipient, RecipientRef, Recipients, ResendRecipient, Retry, ReturnUrl, Timestamp,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::answers::{Answers, block_on, case, response};
use crate::{error_is_fit_to_show, hides};

const KEY: &str = "k3y-of-the-fuzzer";
/// The access code that is set.
pub const ACCESS_CODE: &str = "c0de 4 \"fuzz\"";
const SECRETS: [&str; 4] = [KEY, ACCESS_CODE, "c0de 4 \\\"fuzz\\\"", "c0de%204%20%22fuzz%22"];

#[derive(Debug)]
struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_795_348_800).expect("an instant")
    }
}

/// A vendor under test: what `fixtures/<vendor>/stub.toml` says.
#[derive(Debug)]
pub struct Vendor {
    /// The vendor.
    pub descriptor: &'static Descriptor,
    /// How its webhooks are signed.
    pub webhook: Signing,
    provider: Arc<dyn Provider>,
    /// An account that has to sign in first; each has not.
    signed_out: Map<String, Value>,
    /// A good list of recipients, for the calls that read one first.
    list: String,
    /// A recipient on that list.
    recipient: String,
}

/// How a vendor signs its webhooks.
#[derive(Debug, Deserialize)]
pub struct Signing {
    /// The header's name; without one, the value is the URL's query.
    pub header: Option<String>,
    /// The value, with `{stamp}`, `{hex}` or `{base64}` in it.
    pub value: String,
    /// What is signed, with `{stamp}` and `{body}` in it.
    pub signed: String,
    /// Whether a second header of the name is refused, and a stamp that is no time.
    pub single: bool,
}

#[derive(Deserialize)]
struct File {
    recipient: String,
    list: String,
    account: Map<String, Value>,
    signed_out: Map<String, Value>,
    webhook: Signing,
}

/// Every vendor.
pub static VENDORS: LazyLock<Vec<Vendor>> =
    LazyLock::new(|| countersign::vendors().iter().map(|vendor| Vendor::read(vendor)).collect());

fn provider(descriptor: &'static Descriptor, account: &Map<String, Value>) -> Arc<dyn Provider> {
    let settings = Settings::new("accounts.fuzz", account.clone(), None, |_| None);
    (descriptor.build)(&settings).expect("a provider")
}

impl Vendor {
    fn read(descriptor: &'static Descriptor) -> Self {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
        let file = fixtures.join(descriptor.name).join("stub.toml");
        let text =
            std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let File { recipient, list, account, signed_out, webhook } =
            toml::from_str(&text.replace("{key}", KEY)).expect("a stub.toml");
        let provider = provider(descriptor, &account);
        Self { descriptor, webhook, provider, signed_out, list, recipient }
    }

    fn call(&self, word: &str, who: RecipientRef, answers: Answers) -> Result<Option<Recipients>, Error> {
        let operation = match word {
            "view" => Operation::CreateView,
            "resend" | "everyone" => Operation::ResendRecipient,
            "code" | "notify" => Operation::ChangeAccessCode,
            "access" => Operation::SignIn,
            _ => Operation::ListRecipients,
        };
        let transport: Arc<dyn Transport> = Arc::new(answers);
        let cx = Context::new(operation, transport, Arc::new(Noon));
        let envelope = EnvelopeId::new("44444444-0000-4000-8000-000000000001").expect("an id");
        let signed_out = (word == "access").then(|| provider(self.descriptor, &self.signed_out));
        let provider = signed_out.as_ref().unwrap_or(&self.provider);
        block_on(async {
            match operation {
                Operation::CreateView => {
                    let back = ReturnUrl::new("https://app.example.com/done").expect("a URL");
                    let view = provider.create_view(&cx, &CreateView::new(envelope, who, back)).await?;
                    hides("a view's Debug", &format!("{view:?}"), &[view.link.expose()]);
                    Ok(None)
                }
                Operation::ResendRecipient if word == "everyone" => {
                    provider.resend_recipient(&cx, &ResendRecipient::everyone(envelope)).await.map(|_| None)
                }
                Operation::ResendRecipient => {
                    provider.resend_recipient(&cx, &ResendRecipient::new(envelope, who)).await.map(|_| None)
                }
                Operation::ChangeAccessCode => {
                    let code = AccessCode::new(ACCESS_CODE).expect("a code");
                    let request = ChangeAccessCode::new(envelope, who, code).with_notify(word == "notify");
                    provider.change_access_code(&cx, &request).await.map(|_| None)
                }
                Operation::SignIn => provider.check_access(&cx).await.map(|_| None),
                _ => provider.list_recipients(&cx, &ListRecipients::new(envelope)).await.map(Some),
            }
        })
    }
}

/// Plays one input at a vendor: `list`, `view`, `resend`, `everyone`, `code`, `notify` or `access`, with the answer to
/// the last step from the fuzzer.
pub fn play(vendor: &Vendor, data: &[u8]) {
    let (word, answer) = known(case(data));
    // Everything but the list reads a good list first, so that the fuzzed answer meets the step that matters.
    let first =
        (word != "list" && word != "access").then(|| response(200, format!("\n{}", vendor.list).as_bytes()));
    let who = vendor.recipient.parse().expect("a recipient");
    match vendor.call(word, who, Answers::new(first, answer.clone())) {
        Ok(None) => {}
        Ok(Some(list)) => {
            list_is_whole(&list, answer.body());
            // A list of odd recipients, and each step for them.
            for person in list.recipients.iter().take(4) {
                for word in ["view", "resend", "code"] {
                    let known = RecipientRef::from(person.clone());
                    let result = vendor.call(word, known, Answers::new([], answer.clone()));
                    if let Err(error) = result {
                        judge(word, &error);
                    }
                }
            }
        }
        Err(error) => judge(word, &error),
    }
}

/// Plays an answer that is a refusal.
pub fn play_problem(vendor: &Vendor, data: &[u8]) {
    let (word, mut answer) = known(case(data));
    if answer.status().is_success() {
        *answer.status_mut() = http::StatusCode::BAD_REQUEST;
    }
    let (status, headers, body) = (answer.status().as_u16(), answer.headers().clone(), answer.body().clone());
    let problem = (vendor.descriptor.read_problem)(status, &headers, &body);
    assert_eq!(problem.status, status);
    let list = response(200, format!("\n{}", vendor.list).as_bytes());
    let first = (word != "list" && word != "access").then_some(list);
    let call = |first| {
        let who = vendor.recipient.parse().expect("a recipient");
        vendor.call(word, who, Answers::new(first, answer.clone()))
    };
    // A vendor whose links are read with the list needs no other request, so there the list is refused.
    let refused = call(first).err().or_else(|| call(None).err());
    judge(word, &refused.expect("a refusal is no success"));
}

/// A word that is none is taken for `list`.
fn known<A>((word, answer): (&str, A)) -> (&str, A) {
    const WORDS: [&str; 6] = ["view", "resend", "everyone", "code", "notify", "access"];
    (if WORDS.contains(&word) { word } else { "list" }, answer)
}

fn judge(word: &str, error: &Error) {
    // Only what was sent can be known when it comes back.
    let sent = if matches!(word, "code" | "notify") { SECRETS.as_slice() } else { &SECRETS[..1] };
    error_is_fit_to_show(error, sent);
    let outcome = error.outcome();
    match word {
        "resend" | "everyone" => {
            let again = error.retry() != Retry::Never;
            assert!(
                !(outcome == Outcome::Unknown && again),
                "a mail that may have gone out is offered again"
            );
        }
        "view" | "code" | "notify" => {}
        _ => assert_eq!(outcome, Outcome::NoEffect, "reading has no effect: {error}"),
    }
}

/// Each recipient can be named by the id that the list gives; no access code is in it.
fn list_is_whole(list: &Recipients, body: &Bytes) {
    let debug = format!("{list:?}");
    let document = serde_json::to_string(list).expect("a list is a JSON document");
    for code in access_codes(body) {
        hides("a list", &debug, &[&code]);
        hides("a list's document", &document, &[&code]);
    }
    for person in &list.recipients {
        let named: RecipientRef =
            RecipientRef::Id(person.id.clone()).to_string().parse().expect("an id can be written and read");
        match named.find(list) {
            Ok(found) => assert_eq!(found, person),
            Err(error) => assert_eq!(error.kind(), ErrorKind::RecipientAmbiguous),
        }
        shown_without_harm(person);
    }
}

fn shown_without_harm(person: &Recipient) {
    for text in
        [person.role.to_string(), person.status.to_string(), person.id.to_string(), format!("{person:?}")]
    {
        crate::is_harmless("a recipient", &text);
    }
}

/// Access codes in an answer that stand in it once, so that nothing else can be what is found.
fn access_codes(body: &Bytes) -> Vec<String> {
    fn collect(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    match member {
                        Value::String(text) if name == "accessCode" => found.push(text.clone()),
                        other => collect(other, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    if let Ok(value) = serde_json::from_slice(body) {
        collect(&value, &mut found);
    }
    let text = String::from_utf8_lossy(body);
    found.retain(|code| {
        code.len() >= 6
            && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && text.matches(code.as_str()).count() == 1
            && !"recipients status vendor accessCode".contains(code.as_str())
    });
    found
}
