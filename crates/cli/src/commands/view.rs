//! `countersign view`.

use countersign::{CreateView, Ping, Result, SigningView, Timestamp};
use serde::Serialize;

use crate::args::{Global, ViewArgs};
use crate::context;
use crate::render::outcomes;
use crate::report::Report;

/// The link in clear: it is what was asked for.
#[derive(Serialize)]
struct Shown<'v> {
    link: &'v str,
    expires_at: Option<Timestamp>,
    single_use: Option<bool>,
    recipient: &'v str,
}

pub(super) async fn run(global: &Global, args: ViewArgs) -> Result<Report> {
    let mut request = request(args)?;
    let view = context::at(global, &mut request.envelope)?.create_view(&request).await?;
    let SigningView { link, expires_at, single_use, recipient, .. } = &view;
    let shown = Shown {
        link: link.expose(),
        expires_at: *expires_at,
        single_use: *single_use,
        recipient: recipient.as_str(),
    };
    Ok(Report::new(format!("{}\n", link.expose()), &shown).with_notes(outcomes::link_life(&view)))
}

pub(super) fn request(args: ViewArgs) -> Result<CreateView> {
    let mut request = CreateView::new(args.envelope, args.recipient, args.return_url)
        .with_frame_ancestors(args.frame_ancestor)
        .with_message_origins(args.message_origin);
    if let Some(expires_in) = args.expires_in {
        request = request.with_expires_in(expires_in);
    }
    if let Some(method) = args.authentication_method {
        request = request.with_authentication_method(method);
    }
    if let Some(id) = args.assertion_id {
        request = request.with_assertion_id(id);
    }
    if let Some(url) = args.ping_url {
        request = request.with_ping(Ping::new(url, args.ping_every)?);
    }
    Ok(request)
}
