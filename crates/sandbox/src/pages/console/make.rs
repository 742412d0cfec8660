//! Creates an envelope with a form.

use std::fmt::Display;
use std::ops::RangeInclusive;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use crate::handle::World;
use crate::render::{self, Frame, Problem, page};
use crate::vendors::Query;
use crate::world::{NewEnvelope, NewRecipient, Role, Vendor};

/// The recipients that the form has space for.
const PEOPLE: RangeInclusive<u32> = 1..=3;

/// What a new form contains.
const BLANK: &str = "subject=Rental agreement&ordered=on&mails=on&order-1=1&order-2=2&order-3=3";

#[derive(Template)]
#[template(path = "console/new.html")]
struct New<'a> {
    frame: Frame,
    form: &'a Query,
    /// The id of the selected vendor.
    vendor: &'static str,
    people: RangeInclusive<u32>,
    problems: Vec<Problem>,
}

/// A field of one recipient.
fn field<'a>(form: &'a Query, name: &str, number: impl Display) -> &'a str {
    form.text(&format!("{name}-{number}"))
}

/// The selected vendor, or else the first one.
fn vendor(form: &Query) -> Option<Vendor> {
    Vendor::named(form.text("vendor")).or(Vendor::all().first().copied())
}

fn problems(form: &Query, number: u32) -> Vec<Problem> {
    let email = field(form, "email", number).split_once('@');
    let order = field(form, "order", number).parse::<u32>();
    let texts = [
        ("name", field(form, "name", number).is_empty(), format!("Enter the name of recipient {number}.")),
        (
            "email",
            !email.is_some_and(|(local, host)| !local.is_empty() && !host.is_empty()),
            format!("Enter the e-mail address of recipient {number}, such as kim@example.com."),
        ),
        (
            "order",
            !order.is_ok_and(|order| (1..=99).contains(&order)),
            format!("The order of recipient {number} must be a number from 1 to 99."),
        ),
    ];
    let wrong = texts.into_iter().filter(|(_, wrong, _)| *wrong);
    wrong.map(|(name, _, text)| Problem::new(format!("{name}-{number}"), text)).collect()
}

fn recipient(form: &Query, number: u32) -> NewRecipient {
    let field = |name| field(form, name, number);
    let mut new = NewRecipient::new(field("name"), field("email"))
        .with_order(field("order").parse().unwrap_or(number))
        .with_access_code(field("code"));
    new.role = match field("role") {
        "reviewer" => Role::Reviewer,
        "carbon_copy" => Role::CarbonCopy,
        _ => Role::Signer,
    };
    new.identity_check = !field("identity").is_empty();
    new.embedded = (!field("embedded").is_empty()).then(|| format!("console-{number}"));
    new
}

fn shown(world: &World, status: StatusCode, form: &Query, problems: Vec<Problem>) -> Response {
    let frame = Frame { now: world.now(), here: "new" };
    let vendor = vendor(form).map_or("", Vendor::id);
    page(status, &New { frame, form, vendor, people: PEOPLE, problems })
}

pub(super) async fn form(State(world): State<World>) -> Response {
    shown(&world, StatusCode::OK, &Query::parse(Some(BLANK)), Vec::new())
}

pub(super) async fn make(State(world): State<World>, form: String) -> Response {
    let form = Query::parse(Some(&form));
    let has = |name: &str| !form.text(name).is_empty();
    let filled = |number: &u32| has(&format!("name-{number}")) || has(&format!("email-{number}"));
    let mut found = Vec::new();
    if !has("subject") {
        found.push(Problem::new("subject", "Type a subject."));
    }
    found.extend(PEOPLE.filter(|number| *number == 1 || filled(number)).flat_map(|n| problems(&form, n)));
    if let (true, Some(vendor)) = (found.is_empty(), vendor(&form)) {
        let mut new = NewEnvelope::new(vendor, form.text("subject"));
        new.message = form.text("message").to_owned();
        new.document = Some(form.text("document").to_owned()).filter(|text| !text.is_empty());
        (new.signing_order, new.emails_disabled) = (has("ordered"), !has("mails"));
        new.recipients = PEOPLE.filter(filled).map(|number| recipient(&form, number)).collect();
        match world.make_envelope(new) {
            Ok(made) => return Redirect::to(&format!("/console/envelopes/{}", made.id)).into_response(),
            Err(refused) => found.push(Problem::new("name-1", refused.message)),
        }
    }
    shown(&world, StatusCode::UNPROCESSABLE_ENTITY, &form, found)
}
