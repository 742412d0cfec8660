//! One envelope: its recipients, links, mails and history.

use std::future::{Ready, ready};

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use crate::handle::World;
use crate::render::{self, Frame, Problem, page};
use crate::vendors::Query;
use crate::world::{
    CodeResult, Context, Envelope, EnvelopeStatus, Identity, Link, Mail, Refused, Terms, after,
};

#[derive(Template)]
#[template(path = "console/envelope.html")]
struct EnvelopePage<'a> {
    frame: Frame,
    env: &'a Envelope,
    links: Vec<(&'a str, &'a Link)>,
    mails: Vec<&'a Mail>,
    problems: Vec<Problem>,
}

impl EnvelopePage<'_> {
    /// The name of the recipient whose link it is.
    fn whose(&self, link: &Link) -> &str {
        self.env.recipients.iter().find(|r| r.guid == link.recipient_guid).map_or("", |r| r.name.as_str())
    }
}

#[derive(Template)]
#[template(path = "console/missing.html")]
struct Missing {
    frame: Frame,
}

pub(super) async fn show(State(world): State<World>, Path(id): Path<String>) -> Response {
    shown(&world, &id, Vec::new())
}

/// The page, with the problems of a failed action.
fn shown(world: &World, id: &str, problems: Vec<Problem>) -> Response {
    let state = world.lock();
    let frame = Frame { now: state.now(), here: "" };
    let Some(env) = state.envelope(id) else { return page(StatusCode::NOT_FOUND, &Missing { frame }) };
    let links = state.links.of(&env.id);
    let mails = state.mails.iter().rev().filter(|mail| mail.envelope == env.id).collect();
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
    page(status, &EnvelopePage { frame, env, links, mails, problems })
}

/// Voids the envelope as the sender.
pub(super) async fn void(State(world): State<World>, Path(id): Path<String>, form: String) -> Response {
    let form = Query::parse(Some(&form));
    let reason = Some(form.text("reason").to_owned()).filter(|reason| !reason.is_empty());
    let voided = world.lock().on(&id, |env, context| {
        if env.status.in_flight() {
            context.close(env, EnvelopeStatus::Voided, reason);
        }
        Ok(())
    });
    answer(&world, &id, voided)
}

/// Creates a link as an application would, and opens it. The visit returns to the console.
pub(super) async fn link(
    State(world): State<World>,
    Path((id, recipient)): Path<(String, String)>,
) -> Response {
    let token = world.lock().on(&id, |env, context| {
        let to = env.recipient(env.position(&recipient)?)?;
        let return_url = format!("{}/console/returned", context.base_url);
        let terms = Terms { return_url: Some(return_url), ..Terms::default() };
        let expires_at = after(context.now, env.policy.view_link.seconds);
        Ok::<_, Refused>(context.links.make_view_link(context.now, env, to, terms, expires_at))
    });
    match token {
        Ok(token) => Redirect::to(&format!("/sign/{token}")).into_response(),
        Err(_) => page(StatusCode::NOT_FOUND, &Missing { frame: Frame { now: world.now(), here: "" } }),
    }
}

/// An action of the sender on a recipient: the envelope, the recipient's position in it, and the form.
type Action = fn(&mut Envelope, &mut Context<'_>, usize, &Query) -> Result<(), Refused>;

/// The route of an action on a recipient.
pub(super) fn on_recipient(
    action: Action,
) -> impl Fn(State<World>, Path<(String, String)>, String) -> Ready<Response> + Clone + Send + Sync + 'static
{
    move |State(world), Path((id, recipient)), form| {
        let form = Query::parse(Some(&form));
        let done = world.lock().on(&id, |env, context| {
            let at = env.position(&recipient)?;
            action(env, context, at, &form)
        });
        ready(answer(&world, &id, done))
    }
}

/// Resends the request, as far as the vendor allows it.
pub(super) fn again(
    env: &mut Envelope,
    context: &mut Context<'_>,
    at: usize,
    _: &Query,
) -> Result<(), Refused> {
    match env.policy.reminders_per_day {
        Some(_) => context.remind(env, &[at], None),
        None => context.resend(env, at),
    }
}

/// Sets another access code; an empty one removes the code.
pub(super) fn code(
    env: &mut Envelope,
    context: &mut Context<'_>,
    at: usize,
    form: &Query,
) -> Result<(), Refused> {
    env.check_open(at)?;
    context.set_code(env, at, form.text("code").into())
}

fn answer(world: &World, id: &str, done: Result<(), Refused>) -> Response {
    match done {
        Ok(()) => Redirect::to(&format!("/console/envelopes/{id}")).into_response(),
        Err(refused) => shown(world, id, vec![Problem::of("people", &refused)]),
    }
}
