//! Documents that are no plain text, as the browser shows them.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::end;
use crate::world::{Ending, Found, Refused, World};

/// One document, for those who may read it.
pub(super) async fn open(State(world): State<World>, Path((id, number)): Path<(String, usize)>) -> Response {
    let mut state = world.lock();
    let visit = match state.visit(&id) {
        Ok(Found::Open(visit)) => visit,
        Ok(Found::TimedOut(visit)) => return end::over(&state, &visit, Ending::SessionTimeout),
        Ok(Found::Over(visit, ending)) => return end::over(&state, &visit, ending),
        Err(_) => return end::unknown(&state),
    };
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

/// Only what a browser shows without running anything is shown; the rest is saved.
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
