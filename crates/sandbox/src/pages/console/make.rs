//! Creates an envelope with a form.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use crate::handle::World;
use crate::render::{Problem, page, time};
use crate::world::{NewEnvelope, NewRecipient, Role, Vendor};

/// How many recipients the form has space for.
const PEOPLE: u32 = 3;

#[derive(Template)]
#[template(path = "console/new.html")]
struct New {
    now: String,
    here: &'static str,
    /// Id, name, and whether it is selected.
    vendors: Vec<(&'static str, &'static str, bool)>,
    subject: String,
    message: String,
    document: String,
    ordered: bool,
    mails: bool,
    people: Vec<Person>,
    problems: Vec<Problem>,
}

/// One recipient as entered.
struct Person {
    number: u32,
    name: String,
    email: String,
    code: String,
    order: String,
    role: String,
    embedded: bool,
    identity: bool,
}

impl Person {
    fn read(form: &HashMap<String, String>, number: u32) -> Self {
        let field = |name: &str| {
            form.get(&format!("{name}-{number}")).map_or_else(String::new, |text| text.trim().to_owned())
        };
        let ticked = |name: &str| form.contains_key(&format!("{name}-{number}"));
        Self {
            number,
            name: field("name"),
            email: field("email"),
            code: field("code"),
            order: field("order"),
            role: field("role"),
            embedded: ticked("embedded"),
            identity: ticked("identity"),
        }
    }

    fn is_blank(&self) -> bool {
        self.name.is_empty() && self.email.is_empty()
    }

    fn problems(&self) -> Vec<Problem> {
        let number = self.number;
        let mut problems = Vec::new();
        if self.name.is_empty() {
            problems.push(Problem::new(
                format!("name-{number}"),
                format!("Enter the name of recipient {number}."),
            ));
        }
        if !self.email.split_once('@').is_some_and(|(local, host)| !local.is_empty() && !host.is_empty()) {
            let text = format!("Enter the e-mail address of recipient {number}, such as kim@example.com.");
            problems.push(Problem::new(format!("email-{number}"), text));
        }
        if !self.order.parse::<u32>().is_ok_and(|order| (1..=99).contains(&order)) {
            let text = format!("The order of recipient {number} must be a number from 1 to 99.");
            problems.push(Problem::new(format!("order-{number}"), text));
        }
        problems
    }

    fn recipient(&self) -> NewRecipient {
        let role = match self.role.as_str() {
            "reviewer" => Role::Reviewer,
            "carbon_copy" => Role::CarbonCopy,
            _ => Role::Signer,
        };
        let mut new = NewRecipient::new(&self.name, &self.email)
            .with_order(self.order.parse().unwrap_or(self.number))
            .with_role(role)
            .with_access_code(self.code.as_str());
        new.identity_check = self.identity;
        if self.embedded { new.with_embedded(format!("console-{}", self.number)) } else { new }
    }
}

fn vendors(chosen: Option<Vendor>) -> Vec<(&'static str, &'static str, bool)> {
    Vendor::all().iter().map(|one| (one.id(), one.name(), chosen == Some(*one))).collect()
}

pub(super) async fn form(State(world): State<World>) -> Response {
    let blank = HashMap::new();
    let mut people: Vec<Person> = (1..=PEOPLE).map(|number| Person::read(&blank, number)).collect();
    for person in &mut people {
        person.order = person.number.to_string();
    }
    let template = New {
        now: time(world.now()),
        here: "new",
        vendors: vendors(Vendor::all().first().copied()),
        subject: "Rental agreement".to_owned(),
        message: String::new(),
        document: String::new(),
        ordered: true,
        mails: true,
        people,
        problems: Vec::new(),
    };
    page(StatusCode::OK, &template)
}

pub(super) async fn make(State(world): State<World>, Form(form): Form<HashMap<String, String>>) -> Response {
    let field = |name: &str| form.get(name).map_or_else(String::new, |text| text.trim().to_owned());
    let mut people: Vec<Person> = (1..=PEOPLE).map(|number| Person::read(&form, number)).collect();
    let mut problems = Vec::new();
    if field("subject").is_empty() {
        problems.push(Problem::new("subject", "Type a subject."));
    }
    let filled = people.iter().filter(|person| !person.is_blank() || person.number == 1);
    problems.extend(filled.flat_map(Person::problems));
    let vendor = Vendor::named(&field("vendor")).or(Vendor::all().first().copied());
    if let (true, Some(vendor)) = (problems.is_empty(), vendor) {
        people.retain(|person| !person.is_blank());
        let mut new = NewEnvelope::new(vendor, field("subject")).with_message(field("message"));
        new.document = Some(field("document")).filter(|text| !text.is_empty());
        new.signing_order = form.contains_key("ordered");
        new.emails_disabled = !form.contains_key("mails");
        new.recipients = people.iter().map(Person::recipient).collect();
        match world.make_envelope(new) {
            Ok(made) => return Redirect::to(&format!("/console/envelopes/{}", made.id)).into_response(),
            Err(refused) => problems.push(Problem::new("name-1", refused.message)),
        }
    }
    let template = New {
        now: time(world.now()),
        here: "new",
        vendors: vendors(vendor),
        subject: field("subject"),
        message: field("message"),
        document: field("document"),
        ordered: form.contains_key("ordered"),
        mails: form.contains_key("mails"),
        people,
        problems,
    };
    page(StatusCode::UNPROCESSABLE_ENTITY, &template)
}
