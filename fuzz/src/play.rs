//! A call to a vendor whose answers come from the fuzzer.

use std::sync::Arc;

use bytes::Bytes;
use countersign::adapters::{boldsign, docusign};
use countersign::{
    AccessCode, AccountId, BaseUrl, ChangeAccessCode, Clock, Context, CreateView, EnvelopeId, Error,
    ErrorKind, ListRecipients, Operation, Outcome, Provider, Recipient, RecipientRef, Recipients,
    ResendRecipient, Retry, ReturnUrl, SecretString, Timestamp, Transport,
};

use crate::answers::{Answers, block_on, case, response};
use crate::must::{error_is_fit_to_show, hides};

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

/// A vendor under test.
#[derive(Debug)]
pub struct Vendor {
    provider: Arc<dyn Provider>,
    /// An account that has to sign in first, and has not.
    signed_out: fn() -> Arc<dyn Provider>,
    /// A good list of recipients, for the calls that read one first.
    list: &'static str,
    /// Somebody on that list.
    somebody: &'static str,
}

impl Vendor {
    /// DocuSign with a fixed token.
    #[must_use]
    pub fn docusign() -> Self {
        let token = docusign::Credentials::Token(SecretString::from(KEY));
        let account = AccountId::new("cccccccc-0000-4000-8000-000000000001").expect("an account");
        let base = BaseUrl::new("https://demo.docusign.net").expect("a base URL");
        let config = docusign::DocusignConfig::new(account, token).with_base_url(base);
        Self {
            provider: Arc::new(docusign::Docusign::new(config).expect("a provider")),
            signed_out: || {
                let account = AccountId::new("cccccccc-0000-4000-8000-000000000001").expect("an account");
                let token = docusign::Credentials::Token(SecretString::from(KEY));
                let config = docusign::DocusignConfig::new(account, token);
                Arc::new(docusign::Docusign::new(config).expect("a provider"))
            },
            list: r#"{"signers":[{"recipientId":"1","name":"Jo","email":"jo@example.com","clientUserId":"77",
                "routingOrder":"1","status":"sent","accessCode":"x"}],"currentRoutingOrder":"1"}"#,
            somebody: "id:1",
        }
    }

    /// BoldSign with an API key.
    #[must_use]
    pub fn boldsign() -> Self {
        let config = boldsign::BoldsignConfig::new(SecretString::from(KEY));
        Self {
            provider: Arc::new(boldsign::Boldsign::new(config).expect("a provider")),
            signed_out: || {
                let (client_id, client_secret) = ("id".to_owned(), SecretString::from(KEY));
                let credentials = boldsign::Credentials::ClientCredentials { client_id, client_secret };
                let config = boldsign::BoldsignConfig::with_credentials(credentials);
                Arc::new(boldsign::Boldsign::new(config).expect("a provider"))
            },
            list: r#"{"documentId":"d","status":"InProgress","enableSigningOrder":true,"signerDetails":[
                {"signerName":"Jo","signerEmail":"jo@example.com","status":"NotCompleted","order":1,
                "signerType":"Signer","authenticationType":"AccessCode","enableAccessCode":true}]}"#,
            somebody: "email:jo@example.com",
        }
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
        let signed_out = (word == "access").then(self.signed_out);
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
    let who = vendor.somebody.parse().expect("a recipient");
    match vendor.call(word, who, Answers::new(first, answer.clone())) {
        Ok(None) => {}
        Ok(Some(list)) => {
            list_is_whole(&list, answer.body());
            // A list of odd people, and each step for them.
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
    let problem = (vendor.provider.descriptor().read_problem)(status, &headers, &body);
    assert_eq!(problem.status, status);
    let first = response(200, format!("\n{}", vendor.list).as_bytes());
    let first = (word != "list" && word != "access").then_some(first);
    let who = vendor.somebody.parse().expect("a recipient");
    let error = vendor.call(word, who, Answers::new(first, answer)).expect_err("a refusal is no success");
    judge(word, &error);
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

/// Everybody can be named by the id that the list gives; nobody's access code is in it.
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
        crate::must::is_harmless("a recipient", &text);
    }
}

/// Access codes in an answer that stand in it once, so that nothing else can be what is found.
fn access_codes(body: &Bytes) -> Vec<String> {
    fn collect(value: &serde_json::Value, found: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(members) => {
                for (name, member) in members {
                    match member {
                        serde_json::Value::String(text) if name == "accessCode" => found.push(text.clone()),
                        other => collect(other, found),
                    }
                }
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
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
