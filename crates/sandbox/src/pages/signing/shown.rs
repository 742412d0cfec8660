//! The pages of an open visit: code, identity, documents.

use std::collections::HashMap;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use crate::render::{Problem, count, framed_page, time};
use crate::world::{Context, Document, Envelope, Identity, Ping, Recipient, Refused, SENDER_NAME, Visit};

/// Common to all pages of a visit.
pub(super) struct Visitor<'a> {
    pub(super) session: &'a str,
    pub(super) visit: &'a Visit,
}

/// The frame around the content of every page.
pub(super) struct Shell {
    pub(super) vendor: &'static str,
    pub(super) now: String,
    /// The URL that the page pings while it is open, and the interval in seconds.
    pub(super) ping: Option<Ping>,
}

/// The values entered in the forms.
#[derive(Default)]
pub(super) struct Typed {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) reason: String,
    pub(super) other_name: String,
    pub(super) other_email: String,
    pub(super) declining: bool,
    pub(super) reassigning: bool,
}

impl Typed {
    pub(super) fn read(form: &HashMap<String, String>, action: &str) -> Self {
        let field = |name: &str| form.get(name).cloned().unwrap_or_default();
        Self {
            code: field("code"),
            name: field("name"),
            reason: field("reason"),
            other_name: field("other_name"),
            other_email: field("other_email"),
            declining: action == "decline",
            reassigning: action == "reassign",
        }
    }

    /// What has to be filled in for this action. Nothing is checked for a recipient who may not perform it.
    pub(super) fn problems(&self, env: &Envelope, at: usize, action: &str) -> Result<Vec<Problem>, Refused> {
        let empty = |text: &str| text.trim().is_empty();
        if action == "code" {
            let recipient = env.check_can_act(at)?;
            let none = empty(&self.code).then(|| {
                Problem::new(
                    "code",
                    format!(
                        "Enter the access code that you got from the sender. You have {}.",
                        attempts(recipient)
                    ),
                )
            });
            return Ok(none.into_iter().collect());
        }
        let recipient = env.check_may_read(at)?;
        let mut problems = Vec::new();
        let mut needs = |missing: bool, field: &str, text: &str| {
            if missing {
                problems.push(Problem::new(field, text));
            }
        };
        match action {
            "sign" => needs(
                recipient.role.signs() && empty(&self.name),
                "name",
                "Enter the name that you sign with.",
            ),
            "decline" => needs(empty(&self.reason), "reason", "Enter why you decline; the sender reads it."),
            "reassign" => {
                let email = self.other_email.trim();
                needs(empty(&self.other_name), "other-name", "Enter the new signer’s name.");
                needs(
                    !email.contains('@'),
                    "other-email",
                    "Enter the new signer’s e-mail address, such as kim@example.com.",
                );
                let own = recipient.email.eq_ignore_ascii_case(email);
                needs(
                    own && !email.is_empty(),
                    "other-email",
                    "This is your own address; enter another one.",
                );
            }
            _ => {}
        }
        Ok(problems)
    }
}

#[derive(Template)]
#[template(path = "signing/code.html")]
struct CodePage {
    shell: Shell,
    sender: &'static str,
    subject: String,
    name: String,
    attempts: String,
    problems: Vec<Problem>,
    gives_up: bool,
}

#[derive(Template)]
#[template(path = "signing/identity.html")]
struct IdentityPage {
    shell: Shell,
    sender: &'static str,
    subject: String,
    name: String,
}

#[derive(Template)]
#[template(path = "signing/documents.html")]
struct DocumentsPage<'a> {
    shell: Shell,
    sender: &'static str,
    heading: &'a str,
    message: &'a str,
    name: String,
    documents: Vec<Shown<'a>>,
    signs: bool,
    reassigns: bool,
    typed: &'a Typed,
    problems: Vec<Problem>,
    tricks: &'static [(String, String)],
}

/// One document as the page shows it.
struct Shown<'a> {
    name: &'a str,
    text: Option<&'a str>,
    readable: bool,
    href: String,
    size: String,
}

/// The page for the current step of the visit. Showing the documents marks them as opened.
pub(super) fn show_stage(
    env: &mut Envelope,
    context: &mut Context<'_>,
    visitor: &Visitor<'_>,
    problems: Vec<Problem>,
    typed: &Typed,
) -> Result<Response, Refused> {
    let at = visitor.visit.at;
    let terms = &visitor.visit.terms;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shell = Shell { vendor: env.vendor.name(), now: time(context.now), ping: terms.ping.clone() };
    let recipient = env.check_can_act(at)?.clone();
    let (subject, name) = (env.subject.clone(), recipient.name.clone());
    let respond = |template: &dyn askama::DynTemplate| framed_page(status, template, terms, "no-referrer");
    if recipient.code_pending() {
        let gives_up = env.vendor.traits().offers_giving_up_the_code;
        let problems = match problems.is_empty() && visitor.visit.wrong_code {
            true => vec![Problem::new(
                "code",
                format!("That code is wrong. You have {} left.", attempts(&recipient)),
            )],
            false => problems,
        };
        let attempts = format!("You have {}.", attempts(&recipient));
        let sender = SENDER_NAME;
        return Ok(respond(&CodePage { shell, sender, subject, name, attempts, problems, gives_up }));
    }
    if recipient.identity == Identity::Pending {
        return Ok(respond(&IdentityPage { shell, sender: SENDER_NAME, subject, name }));
    }
    context.open(env, at)?;
    let fresh = Typed { name: name.clone(), ..Typed::default() };
    let documents = env.documents.iter().enumerate();
    Ok(respond(&DocumentsPage {
        shell,
        sender: SENDER_NAME,
        heading: if subject.is_empty() { "Documents to sign" } else { &subject },
        message: &env.message,
        name,
        documents: documents.map(|(place, document)| shown(document, place, visitor.session)).collect(),
        signs: recipient.role.signs(),
        reassigns: env.policy.signers_may_reassign,
        typed: if problems.is_empty() { &fresh } else { typed },
        problems,
        tricks: &env.vendor.traits().tricks,
    }))
}

fn attempts(recipient: &Recipient) -> String {
    count(recipient.max_attempts.saturating_sub(recipient.wrong_codes) as usize, "attempt")
}

fn shown<'a>(document: &'a Document, place: usize, session: &str) -> Shown<'a> {
    let bytes = document.content.as_ref().map_or(0, |content| content.len());
    Shown {
        name: &document.name,
        text: document.text(),
        readable: document.content.is_some(),
        href: format!("/session/{session}/documents/{}", place + 1),
        size: if bytes < 1_000 { format!("{bytes} bytes") } else { format!("{} kB", bytes / 1_000) },
    }
}
