//! A signer returns from the vendor's page through the gateway, which says the outcome in the same words for every
//! vendor.

use std::time::Duration;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderName, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use countersign::returns::{ReturnOutcome, ReturnsTo, SigningReturn};
use countersign::{BaseUrl, CreateView, Error, ReturnUrl, SigningView, Timestamp};
use reqwest::Url;

use crate::directory::{FoundReturn, Return};
use crate::events::Event;
use crate::gateway::Gateway;
use crate::problem::Problem;

/// What is appended to the caller's return URL: the browser's claim, so it has this name.
const CLAIM: &str = "claimed_outcome";

/// How much longer than its link a return is known: time to sign.
const AFTER_LINK: Duration = Duration::from_secs(24 * 60 * 60);

/// How long it is known if the vendor does not say when the link ends.
const WITHOUT_END: Duration = Duration::from_secs(30 * 24 * 60 * 60);

const UNKNOWN: &str = "This address is not known, or no longer. What you did on the signing page counts all the same: \
    you can close this page, or go back to where you came from.";
const AWAY: &str = "This page cannot be shown right now. What you did on the signing page counts all the same: load it \
    again in a moment.";

/// A return that is kept once the link is there. It has no `Debug`: who has the token can go where the signer goes.
pub(super) struct Planned {
    /// The idempotency key.
    key: String,
    token: String,
    target: String,
    reference: String,
    envelope: String,
}

impl Planned {
    /// Makes the gateway the return address of a request of this tenant, account and idempotency key.
    ///
    /// # Errors
    /// `return_host_not_allowed` if the operator does not let the tenant's signers return to that host.
    pub(super) async fn begin(
        gateway: &Gateway,
        [tenant, account, key]: [&str; 3],
        request: &mut CreateView,
    ) -> Result<Self, Problem> {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let Some(public_url) = gateway.public_url() else {
            let detail = "this gateway has no public address to which a signer could return";
            let hint = "leave out `return_through_gateway`, or ask the operator to set `server.public_url`";
            return Err(Problem::new(status, "unsupported", detail, hint));
        };
        let hosts = gateway.directory().return_hosts(tenant).await?;
        let target = request.return_url.as_str().to_owned();
        match read(&target) {
            Some(url) if may_return(&url, &hosts) => {
                if url.query_pairs().any(|(name, _)| name == CLAIM) {
                    let detail = format!("the return URL has a parameter {CLAIM} already");
                    return Err(Problem::new(status, "invalid_request", detail, "leave it out"));
                }
            }
            _ => {
                let detail = "signers may not return through the gateway to the host of this return URL";
                let hint = match hosts.join(", ") {
                    none if none.is_empty() => {
                        "ask the operator to allow a host: countersign-gateway tenant return-hosts".to_owned()
                    }
                    hosts => format!("give an https URL at one of the hosts that are allowed: {hosts}"),
                };
                return Err(Problem::new(status, "return_host_not_allowed", detail, hint));
            }
        }
        let envelope = request.envelope.common().into_owned();
        let reference = request.recipient.to_string();
        let parts = [account, &envelope, key, &target, &reference];
        let token = gateway.directory().return_token(tenant, parts).await?;
        let url = format!("{}/returns/{token}", public_url.as_str());
        request.return_url = ReturnUrl::new(&url).map_err(Error::from)?;
        Ok(Self { key: key.to_owned(), token, target, reference, envelope })
    }

    /// Keeps it, unless the vendor sends the signer elsewhere.
    ///
    /// # Errors
    /// `unavailable` if the database does not answer: a repetition gets the same link. `data_erased` if the envelope or
    /// the recipient was erased since the call began: a repetition makes another link.
    pub(super) async fn keep(
        self,
        gateway: &Gateway,
        [tenant, account]: [&str; 2],
        view: &SigningView,
    ) -> Result<(), Problem> {
        if view.returns_to != ReturnsTo::Requested {
            return Ok(());
        }
        let now = gateway.clock().now();
        let until = match view.expires_at {
            Some(end) => end.max(now).saturating_add(AFTER_LINK),
            None => now.saturating_add(WITHOUT_END),
        };
        let until = until.unwrap_or(Timestamp::MAX);
        let Self { key, token, target, reference, envelope } = self;
        let recipient = view.recipient.as_str().to_owned();
        let to = Return { target, reference, recipient, link_ends: view.expires_at };
        let at = [tenant, account, &envelope];
        if gateway.directory().keep_return(at, &key, &token, &to, until).await? {
            return Ok(());
        }
        let detail = "what is kept about the envelope or the recipient was erased while the link was made";
        let hint = "repeat the request if the recipient should still sign";
        Err(Problem::new(StatusCode::CONFLICT, "data_erased", detail, hint))
    }
}

fn read(target: &str) -> Option<Url> {
    Url::parse(target).ok()
}

/// Whether the operator lets signers return there: https, or http on this machine, at one of the hosts.
fn may_return(url: &Url, hosts: &[String]) -> bool {
    let origin = BaseUrl::new(&url.origin().ascii_serialization());
    origin.is_ok_and(|origin| {
        origin.may_carry_credentials() && hosts.iter().any(|host| host == origin.authority())
    })
}

/// Sends a signer who returns from the vendor's page on to the `return_url` of the view.
///
/// `claimed_outcome` is appended. A browser may open it again.
#[utoipa::path(
    get, path = "/returns/{token}", operation_id = "followReturn", tag = "returns", security(()),
    params(("token" = String, Path, description = "As the gateway gave it to the vendor")),
    responses(
        (status = 303, description = "To the return URL of the view",
            headers(("Location" = String, description = "The return URL with `claimed_outcome`"))),
        (status = 404, description = "A page: the token is not known, or no longer", body = String,
            content_type = "text/html"),
        (status = 503, description = "A page: the database is away", body = String, content_type = "text/html")),
)]
pub(super) async fn follow_return(
    State(gateway): State<Gateway>,
    token: Result<Path<String>, PathRejection>,
    method: Method,
    uri: Uri,
) -> Response {
    let Ok(Path(token)) = token else { return page(StatusCode::NOT_FOUND, UNKNOWN) };
    let found = match gateway.directory().find_return(&token, gateway.clock().now()).await {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(%error, "a signer who returned cannot be sent on");
            return page(StatusCode::SERVICE_UNAVAILABLE, AWAY);
        }
    };
    let Some(found) = found else { return page(StatusCode::NOT_FOUND, UNKNOWN) };
    // The operator may have taken the host back since the link was made.
    let url = read(&found.to.target).filter(|url| may_return(url, &found.hosts));
    let Some(mut url) = url else { return page(StatusCode::NOT_FOUND, UNKNOWN) };
    let claim = claimed(&found.vendor, &uri.to_string());
    url.query_pairs_mut().append_pair(CLAIM, &claim);
    // A program that only looks where the address leads is no signer.
    if method == Method::GET
        && let Err(error) = record(&gateway, found, claim).await
    {
        // The signer is more important than the event, which is only a claim.
        tracing::warn!(%error, "the return of a signer is no event");
    }
    let headers = [(header::LOCATION, url.as_str()), (header::REFERRER_POLICY, "no-referrer")];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// The outcome of a visit, as the browser claims. Nothing else of its query is used: anyone can write it.
fn claimed(vendor: &str, url: &str) -> String {
    let vendor = countersign::vendors().iter().find(|one| one.name == vendor);
    match vendor.and_then(|vendor| SigningReturn::read(vendor, url).outcome) {
        None => "not_reported".to_owned(),
        Some(ReturnOutcome::Other(_)) => "other".to_owned(),
        Some(outcome) => outcome.to_string(),
    }
}

/// Writes an event, once for each outcome that is claimed after a link: a key may be used again when its link has
/// ended.
async fn record(gateway: &Gateway, found: FoundReturn, claim: String) -> Result<(), Error> {
    let mut event = Event::of_gateway("browser.returned");
    let link = found.to.link_ends.map(|end| end.to_string()).unwrap_or_default();
    let once = format!("browser.returned:{}:{link}:{claim}", found.id);
    event.shown.account = Some(found.account);
    event.shown.vendor = Some(found.vendor);
    event.shown.envelope = Some(found.envelope);
    event.shown.recipient = Some(found.to.recipient);
    event.shown.claimed_outcome = Some(claim);
    if gateway.directory().add_event(&found.tenant, &once, event, None, gateway.clock().now()).await? {
        gateway.wake();
    }
    Ok(())
}

/// A page without anything of the caller's.
fn page(status: StatusCode, text: &str) -> Response {
    const HEADERS: [(HeaderName, &str); 3] = [
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Signing</title>\n<main><p>{text}</p></main>\n</html>\n"
    );
    (status, HEADERS, Html(html)).into_response()
}
