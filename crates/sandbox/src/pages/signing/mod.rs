//! The signing page: code, identity, documents, signature, and the return to the application.

mod end;
mod shown;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use end::leave;
use shown::{Visitor, problems, show_stage};

use crate::handle::World;
use crate::render::Problem;
use crate::vendors::Query;
use crate::world::{
    ActOutcome, Attempt, Context, Ending, Envelope, Opening, Reason, Refused, State as Everything, Visit,
};

pub(super) fn routes() -> Router<World> {
    Router::new()
        .route("/sign/{token}", get(open))
        // Applications put this address together themselves.
        .route("/s/{token}", get(open))
        .route("/session/{id}", get(show).post(act))
        .route("/session/{id}/documents/{number}", get(open_document))
}

/// Whether the page is shown in a frame. Every current browser reports this.
fn is_framed(headers: &HeaderMap) -> bool {
    let destination = headers.get("sec-fetch-dest").and_then(|value| value.to_str().ok());
    matches!(destination, Some("iframe" | "frame" | "embed" | "object"))
}

/// Opens a link. The page itself has another address, because opening may use up the link.
async fn open(State(world): State<World>, Path(token): Path<String>, headers: HeaderMap) -> Response {
    let mut state = world.lock();
    match state.open_link(&token) {
        Opening::Session(id) => Redirect::to(&format!("/session/{id}")).into_response(),
        Opening::UsedUp(link) => {
            let visit = Visit { envelope: link.envelope, terms: link.terms, ..Visit::default() };
            leave(&state, &visit, Ending::LinkUsedUp, is_framed(&headers))
        }
        Opening::Unknown => end::unknown(&state),
    }
}

/// The visit of a session, or the answer for one that has ended.
fn visit(
    state: &mut Everything,
    id: &str,
    framed: bool,
    action: Option<&str>,
) -> Result<Visit, Box<Response>> {
    let visit = state.visit(id).ok_or_else(|| end::unknown(state))?;
    let Some(ending) = visit.ended else { return Ok(visit) };
    // A button pressed twice: the browser follows the second answer.
    let goes_on = visit.times_out || action.is_some_and(|action| leads_to(action, ending));
    Err(Box::new(match goes_on {
        true => leave(state, &visit, ending, framed),
        false => end::over(state, &visit, ending),
    }))
}

async fn show(State(world): State<World>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let mut state = world.lock();
    let framed = is_framed(&headers);
    let visit = match visit(&mut state, &id, framed, None) {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    let visitor = Visitor { session: &id, visit: &visit };
    stage(&mut state, &visitor, Vec::new(), &Query::default())
}

/// The page for the current step of the visit.
fn stage(state: &mut Everything, visitor: &Visitor<'_>, problems: Vec<Problem>, form: &Query) -> Response {
    let shown =
        state.on(&visitor.visit.envelope, |env, context| show_stage(env, context, visitor, problems, form));
    shown.unwrap_or_else(|refused| end::refused(state, visitor.visit, &refused, None))
}

async fn act(
    State(world): State<World>,
    Path(id): Path<String>,
    headers: HeaderMap,
    form: String,
) -> Response {
    let mut state = world.lock();
    let framed = is_framed(&headers);
    let form = Query::parse(Some(&form));
    let action = form.text("action");
    let visit = match visit(&mut state, &id, framed, Some(action)) {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    let done = state.on(&visit.envelope, |env, context| perform(env, context, visit.at, &form));
    let wrong = matches!(done, Ok(Step::WrongCode));
    if let Some(session) = state.links.session(&id) {
        session.wrong_code = wrong;
    }
    let visitor = Visitor { session: &id, visit: &visit };
    match done {
        // Redirects to another request, so that reloading the page does not repeat the action.
        Ok(Step::Stay | Step::WrongCode) => Redirect::to(&format!("/session/{id}")).into_response(),
        Ok(Step::Again(problems)) => stage(&mut state, &visitor, problems, &form),
        Ok(Step::Failed(attempt)) => end::failed(&state, &visitor, attempt),
        Ok(Step::Leave(ending)) => {
            state.links.end_session(&id, ending);
            leave(&state, &visit, ending, framed)
        }
        Err(refused) if matches!(refused.reason, Reason::CodeNeeded | Reason::IdCheckNeeded) => {
            Redirect::to(&format!("/session/{id}")).into_response()
        }
        Err(refused) => end::refused(&state, &visit, &refused, attempt(action)),
    }
}

/// Whether this action can have ended a visit this way.
fn leads_to(action: &str, ending: Ending) -> bool {
    match ending {
        Ending::Signed | Ending::OnlyViewed => action == "sign",
        Ending::FinishedLater => action == "later",
        Ending::Declined => action == "decline",
        Ending::CodeFailed => matches!(action, "code" | "no_code"),
        Ending::IdCheckFailed => action == "identity_fail",
        Ending::Exception => action == "exception",
        Ending::FaxPending => action == "fax",
        Ending::Reassigned => action == "reassign",
        Ending::LinkUsedUp | Ending::SessionTimeout => false,
    }
}

/// What follows an action.
enum Step {
    Stay,
    WrongCode,
    Again(Vec<Problem>),
    Failed(Attempt),
    Leave(Ending),
}

/// The purpose of the action, if a vendor has a word for its failure.
fn attempt(action: &str) -> Option<Attempt> {
    match action {
        "sign" | "fail_sign" => Some(Attempt::Sign),
        "decline" | "fail_decline" => Some(Attempt::Decline),
        "reassign" | "fail_reassign" => Some(Attempt::Reassign),
        _ => None,
    }
}

fn perform(env: &mut Envelope, context: &mut Context<'_>, at: usize, form: &Query) -> Result<Step, Refused> {
    let (action, name) = (form.text("action"), Some(form.text("name")));
    let tricks = env.vendor.traits().tricks.iter().any(|(name, _)| name == action);
    match action {
        "code" | "sign" | "decline" | "reassign" => {
            let problems = problems(env, at, form)?;
            if !problems.is_empty() {
                return Ok(Step::Again(problems));
            }
        }
        _ => {}
    }
    match action {
        "code" => {
            context.enter_code(env, at, form.get("code").unwrap_or_default()).map(|answer| match answer {
                ActOutcome::CodeWrong => Step::WrongCode,
                ActOutcome::Locked => Step::Leave(Ending::CodeFailed),
                _ => Step::Stay,
            })
        }
        "no_code" if env.vendor.traits().offers_giving_up_the_code => {
            context.give_up_code(env, at).map(Step::Leave)
        }
        "identity_pass" | "identity_fail" => {
            let ending = context.check_identity(env, at, action == "identity_pass");
            ending.map(|ending| ending.map_or(Step::Stay, Step::Leave))
        }
        "sign" => context.sign(env, at, name).map(Step::Leave),
        "later" => context.finish_later(env, at, name).map(Step::Leave),
        "decline" => context.decline(env, at, form.text("reason")).map(Step::Leave),
        "reassign" => {
            context.reassign(env, at, form.text("other_name"), form.text("other_email")).map(Step::Leave)
        }
        "timeout" if tricks => Ok(Step::Leave(Ending::SessionTimeout)),
        "exception" if tricks => Ok(Step::Leave(Ending::Exception)),
        "fax" if tricks => Ok(Step::Leave(Ending::FaxPending)),
        "fail_sign" | "fail_decline" | "fail_reassign" if tricks => {
            Ok(attempt(action).map_or(Step::Stay, Step::Failed))
        }
        _ => Ok(Step::Stay),
    }
}

/// One document, for recipients who may read it.
async fn open_document(State(world): State<World>, Path((id, number)): Path<(String, usize)>) -> Response {
    let mut state = world.lock();
    let Some(visit) = state.visit(&id) else { return end::unknown(&state) };
    if let Some(ending) = visit.ended {
        return end::over(&state, &visit, ending);
    }
    let found = state.on(&visit.envelope, |env, _| {
        env.check_may_read(visit.at)?;
        let document = number.checked_sub(1).and_then(|place| env.documents.get(place));
        Ok::<_, Refused>(document.and_then(|document| Some((document.kind, document.content.clone()?))))
    });
    match found {
        Ok(Some((kind, content))) => file(kind, &content),
        Ok(None) => end::unknown(&state),
        Err(refused) => end::refused(&state, &visit, &refused, None),
    }
}

/// Only content that a browser shows without running anything is shown; other content is saved.
fn file(kind: &'static str, content: &[u8]) -> Response {
    let shows = kind != "application/octet-stream";
    let headers = [
        (header::CONTENT_TYPE, if kind == "text/plain" { "text/plain; charset=utf-8" } else { kind }),
        (header::CONTENT_DISPOSITION, if shows { "inline" } else { "attachment" }),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (StatusCode::OK, headers, content.to_vec()).into_response()
}
