//! One envelope: its recipients, links, mails and history.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::overview::{Badge, status, subject};
use crate::handle::World;
use crate::pages::inbox::address_of;
use crate::render::{Problem, count, happening, page, state, time, word};
use crate::world::{
    Envelope, EnvelopeStatus, EnvelopeView, IdentityCheck, Link, RecipientView, Refused, Terms, after,
};

#[derive(Template)]
#[template(path = "console/envelope.html")]
struct EnvelopePage {
    now: String,
    here: &'static str,
    id: String,
    subject: String,
    vendor: &'static str,
    status: Badge,
    reason: Option<String>,
    order: &'static str,
    in_flight: bool,
    problems: Vec<Problem>,
    people: Vec<Person>,
    links: Vec<LinkRow>,
    mails: Vec<MailRow>,
    history: Vec<(String, &'static str, String)>,
}

struct Person {
    href: String,
    name: String,
    address: String,
    inbox: String,
    state: &'static str,
    facts: Vec<String>,
    /// Whether the sender can still act on this recipient.
    open: bool,
}

struct LinkRow {
    made: String,
    whose: String,
    way: &'static str,
    state: String,
    /// None if it is no longer valid.
    href: Option<String>,
}

struct MailRow {
    at: String,
    to: String,
    href: String,
    subject: String,
}

#[derive(Template)]
#[template(path = "console/missing.html")]
struct Missing {
    now: String,
    here: &'static str,
}

fn missing(world: &World) -> Response {
    page(StatusCode::NOT_FOUND, &Missing { now: time(world.now()), here: "" })
}

pub(super) async fn show(State(world): State<World>, Path(id): Path<String>) -> Response {
    shown(&world, &id, Vec::new())
}

/// The page, with the problems of a failed action.
fn shown(world: &World, id: &str, problems: Vec<Problem>) -> Response {
    let status_code = if problems.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
    let template = {
        let world = world.lock();
        let now = world.now();
        world.envelope(id).map(|env| {
            let view = EnvelopeView::of(env, now);
            let links = world.links.of(&env.id);
            let link = |(token, link): &(&str, &Link)| link_row(env, link, now, world.signing_url(token));
            let mails = world.mails.iter().filter(|mail| mail.envelope == env.id);
            EnvelopePage {
                now: time(now),
                here: "",
                subject: subject(&view),
                vendor: env.vendor.name(),
                status: status(env.status),
                reason: env.close_reason.clone().filter(|reason| !reason.is_empty()),
                order: if env.ordered { "in order" } else { "all at once" },
                in_flight: env.status.in_flight(),
                problems,
                people: view.recipients.iter().map(|r| person(env, r)).collect(),
                links: links.iter().rev().map(link).collect(),
                mails: mails
                    .rev()
                    .map(|mail| MailRow {
                        at: time(mail.at),
                        to: mail.to.clone(),
                        href: format!("{}#mail-{}", address_of(&mail.to), mail.id),
                        subject: mail.subject.clone(),
                    })
                    .collect(),
                history: env
                    .history
                    .iter()
                    .rev()
                    .map(|one| {
                        let who = one
                            .who
                            .as_ref()
                            .map_or_else(|| "the sender".to_owned(), |(name, _)| name.clone());
                        (time(one.at), happening(one.what), who)
                    })
                    .collect(),
                id: view.id,
            }
        })
    };
    template.map_or_else(|| missing(world), |template| page(status_code, &template))
}

fn person(env: &Envelope, r: &RecipientView) -> Person {
    let address = match (&r.phone, r.email.is_empty()) {
        (Some(phone), true) => format!("{}{}", phone.country_code, phone.number),
        _ => r.email.clone(),
    };
    let mut facts = vec![format!("{}, position {} in the order", word(r.role), r.order)];
    facts.extend(r.embedded.as_ref().map(|id| format!("embedded, the application's id is {id}")));
    if r.locked {
        facts.push("locked after wrong access codes".to_owned());
    } else if r.code_accepted {
        facts.push("access code accepted".to_owned());
    } else if let Some(left) = r.attempts_left {
        facts.push(format!("access code not entered yet, {} left", count(left as usize, "attempt")));
    }
    match r.identity_check {
        IdentityCheck::None => {}
        check => facts.push(format!("identity check {}", word(check))),
    }
    facts.extend(r.decline_reason.as_ref().map(|reason| format!("declined: {reason}")));
    let id = utf8_percent_encode(&r.id, NON_ALPHANUMERIC);
    let href = format!("/console/envelopes/{}/recipients/{id}", env.id);
    let open = env.status.in_flight() && r.role.acts() && r.signed_at.is_none() && r.declined_at.is_none();
    Person {
        open,
        href,
        inbox: address_of(&address),
        name: r.name.clone(),
        address,
        state: state(r.state, r.role),
        facts,
    }
}

fn link_row(env: &Envelope, link: &Link, now: jiff::Timestamp, url: String) -> LinkRow {
    let whose = env.recipients.iter().find(|r| r.guid == link.recipient_guid).map(|r| r.name.clone());
    let opened = if link.opened == 0 {
        "never opened".to_owned()
    } else {
        format!("opened {}", count(link.opened as usize, "time"))
    };
    let (good, end) = match (link.expires_at <= now, link.openings_left) {
        (true, _) => (false, format!("expired on {}", time(link.expires_at))),
        (false, Some(0)) => (false, "used up".to_owned()),
        (false, _) => (true, format!("good until {}", time(link.expires_at))),
    };
    LinkRow {
        made: time(link.made_at),
        whose: whose.unwrap_or_default(),
        way: if link.from_mail { "mail" } else { "an application" },
        state: format!("{opened}, {end}"),
        href: good.then_some(url),
    }
}

#[derive(Deserialize)]
pub(super) struct Void {
    #[serde(default)]
    reason: String,
}

/// Voids the envelope as the sender.
pub(super) async fn void(
    State(world): State<World>,
    Path(id): Path<String>,
    Form(form): Form<Void>,
) -> Response {
    let reason = Some(form.reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    let voided = world.lock().on(&id, |env, context| {
        if env.status.in_flight() {
            context.close(env, EnvelopeStatus::Voided, reason);
        }
        Ok::<_, Refused>(())
    });
    match voided {
        Ok(()) => Redirect::to(&format!("/console/envelopes/{id}")).into_response(),
        Err(_) => missing(&world),
    }
}

/// Creates a link as an application would, and opens it. The visit returns to the console.
pub(super) async fn link(
    State(world): State<World>,
    Path((id, recipient)): Path<(String, String)>,
) -> Response {
    let token = world.lock().on(&id, |env, context| {
        let at = env.position(&recipient)?;
        let return_url = format!("{}/console/returned", context.base_url);
        let terms = Terms { return_url: Some(return_url), ..Terms::default() };
        let expires_at = after(context.now, env.policy.view_link.seconds);
        Ok::<_, Refused>(context.links.make_view_link(
            context.now,
            env,
            env.recipient(at)?,
            terms,
            expires_at,
        ))
    });
    match token {
        Ok(token) => Redirect::to(&format!("/sign/{token}")).into_response(),
        Err(_) => missing(&world),
    }
}

/// Resends the request as the sender, as far as the vendor allows it.
pub(super) async fn again(
    State(world): State<World>,
    Path((id, recipient)): Path<(String, String)>,
) -> Response {
    let asked = world.lock().on(&id, |env, context| {
        let at = env.position(&recipient)?;
        match env.policy.reminders_per_day {
            Some(_) => context.remind(env, &[at], None),
            None => context.resend(env, at),
        }
    });
    answer(&world, &id, asked)
}

#[derive(Deserialize)]
pub(super) struct NewCode {
    #[serde(default)]
    code: String,
}

/// Sets another access code as the sender; an empty one removes the code.
pub(super) async fn code(
    State(world): State<World>,
    Path((id, recipient)): Path<(String, String)>,
    Form(form): Form<NewCode>,
) -> Response {
    let set = world.lock().on(&id, |env, context| {
        let at = env.position(&recipient)?;
        env.check_open(at)?;
        context.set_code(env, at, form.code.trim().into())
    });
    answer(&world, &id, set)
}

fn answer(world: &World, id: &str, done: Result<(), Refused>) -> Response {
    match done {
        Ok(()) => Redirect::to(&format!("/console/envelopes/{id}")).into_response(),
        Err(refused) => shown(world, id, vec![Problem::of("people", &refused)]),
    }
}
