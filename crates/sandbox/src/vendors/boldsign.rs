//! BoldSign v1.
use crate::world::{Ending, LinkLife, Policy, World};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
const DAY: i64 = 86_400;
pub(crate) const POLICY: Policy = Policy {
    attempts: 3,
    code_ignores_case: false,
    new_code_unlocks: true,
    resend_unlocks: false,
    order_always_enforced: false,
    view_link: LinkLife { seconds: 180 * DAY, openings: None },
    mail_link: LinkLife { seconds: 180 * DAY, openings: None },
    resend_kills_mail_links: false,
    session_idle: 3_600,
    copies_wait_their_turn: false,
    reminders_per_day: Some(1),
    envelope_life: Some(60 * DAY),
};
#[derive(Default)]
pub(crate) struct Office {}
pub(crate) async fn handle(_world: World, _request: Request) -> Response {
    StatusCode::NOT_FOUND.into_response()
}
pub(crate) fn return_url(_url: &str, _envelope: &str, _ending: Ending) -> Option<String> {
    None
}
