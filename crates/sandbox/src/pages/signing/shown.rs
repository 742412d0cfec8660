//! The pages of an open visit: code, identity, documents.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;

use crate::render::{self, Problem, count, framed_page};
use crate::vendors::Query;
use crate::world::{Context, Envelope, Identity, Ping, Recipient, Refused, SENDER_NAME, Visit};

/// Common to all pages of a visit.
pub(super) struct Visitor<'a> {
    pub(super) session: &'a str,
    pub(super) visit: &'a Visit,
}

/// The frame around the content of every page.
pub(super) struct Shell {
    pub(super) vendor: &'static str,
    pub(super) now: Timestamp,
    /// The URL that the page pings while it is open, and the interval in seconds.
    pub(super) ping: Option<Ping>,
}

/// What has to be filled in for the form's action. Nothing is checked for a recipient who may not perform it.
pub(super) fn problems(env: &Envelope, at: usize, form: &Query) -> Result<Vec<Problem>, Refused> {
    let is_empty = |name: &str| form.text(name).is_empty();
    let action = form.text("action");
    if action == "code" {
        let left = attempts(env.check_can_act(at)?);
        let text = format!("Enter the access code that you got from the sender. You have {left}.");
        return Ok(is_empty("code").then(|| Problem::new("code", text)).into_iter().collect());
    }
    let signer = env.check_may_read(at)?;
    let email = form.text("other_email");
    let own = !email.is_empty() && signer.email.eq_ignore_ascii_case(email);
    let needs: &[(bool, &str, &str)] = match action {
        "sign" => &[(signer.role.signs() && is_empty("name"), "name", "Enter the name that you sign with.")],
        "decline" => &[(is_empty("reason"), "reason", "Enter why you decline; the sender reads it.")],
        "reassign" => &[
            (is_empty("other_name"), "other-name", "Enter the new signer’s name."),
            (
                !email.contains('@'),
                "other-email",
                "Enter the new signer’s e-mail address, such as kim@example.com.",
            ),
            (own, "other-email", "This is your own address; enter another one."),
        ],
        _ => &[],
    };
    Ok(needs.iter().filter(|need| need.0).map(|(_, field, text)| Problem::new(*field, *text)).collect())
}

#[derive(Template)]
#[template(path = "signing/code.html")]
struct CodePage<'a> {
    shell: Shell,
    env: &'a Envelope,
    signer: &'a Recipient,
    problems: Vec<Problem>,
}

#[derive(Template)]
#[template(path = "signing/identity.html")]
struct IdentityPage<'a> {
    shell: Shell,
    env: &'a Envelope,
    signer: &'a Recipient,
}

#[derive(Template)]
#[template(path = "signing/documents.html")]
struct DocumentsPage<'a> {
    shell: Shell,
    env: &'a Envelope,
    signer: &'a Recipient,
    heading: &'a str,
    /// In the field for the signature.
    name: &'a str,
    session: &'a str,
    form: &'a Query,
    problems: Vec<Problem>,
}

/// The page for the current step of the visit. Showing the documents marks them as opened.
pub(super) fn show_stage(
    env: &mut Envelope,
    context: &mut Context<'_>,
    visitor: &Visitor<'_>,
    mut problems: Vec<Problem>,
    form: &Query,
) -> Result<Response, Refused> {
    let at = visitor.visit.at;
    let terms = &visitor.visit.terms;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shell = Shell { vendor: env.vendor.name(), now: context.now, ping: terms.ping.clone() };
    let respond = |template: &dyn askama::DynTemplate| framed_page(status, template, terms, "no-referrer");
    let signer = env.check_can_act(at)?;
    if signer.code_pending() {
        if problems.is_empty() && visitor.visit.wrong_code {
            let text = format!("That code is wrong. You have {} left.", attempts(signer));
            problems.push(Problem::new("code", text));
        }
        return Ok(respond(&CodePage { shell, env, signer, problems }));
    }
    if signer.identity == Identity::Pending {
        return Ok(respond(&IdentityPage { shell, env, signer }));
    }
    context.open(env, at)?;
    let (signer, session) = (env.recipient(at)?, visitor.session);
    let heading = if env.subject.is_empty() { "Documents to sign" } else { &env.subject };
    let name = if form.text("action") == "sign" { form.text("name") } else { &signer.name };
    Ok(respond(&DocumentsPage { shell, env, signer, heading, name, session, form, problems }))
}

fn attempts(signer: &Recipient) -> String {
    count(signer.attempts_left(), "attempt")
}
