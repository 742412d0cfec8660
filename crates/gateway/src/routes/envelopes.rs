//! The operations on an envelope.

use std::time::Duration;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use countersign::ledger::{Resolution, Scope};
use countersign::provider::{Descriptor, UnlockBy};
use countersign::{
    ChangeAccessCode, Error, ErrorKind, ListRecipients, Recipient, RecipientRef, ResendRecipient, Timestamp,
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::extract::{
    Body, Caller, EnvelopesRead, EnvelopesWrite, Key, OwnEnvelope, TimeLimit, ViewsWrite, envelope,
};
use crate::gateway::Gateway;
use crate::problem::Problem;
use crate::routes::returns::Planned;
use crate::wire::{
    Done, NewAccessCode, NewPlan, NewResend, NewUnlock, NewView, PlanShown, RecipientList, ResentList,
    Unlocked, View,
};

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Seconds: what the vendor's webhooks told is good enough if it is not older. Otherwise, and without it, the
    /// vendor is asked.
    #[serde(default)]
    max_age: Option<u32>,
}

/// Lists the recipients of an envelope and their status.
#[utoipa::path(
    get, path = "/v1/envelopes/{envelope}/recipients", operation_id = "listRecipients", tag = "envelopes",
    params(("envelope" = String, Path,
            description = "`account:id`: the account's name or id, and the vendor's id of the envelope"),
        ListQuery,
        ("Countersign-Timeout" = Option<u64>, Header, description = "Seconds", minimum = 1, maximum = 300)),
    responses((status = 200, description = "Who is on it", body = RecipientList),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn list_recipients(
    State(gateway): State<Gateway>,
    at: OwnEnvelope<EnvelopesRead>,
    TimeLimit(options): TimeLimit,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<RecipientList>, Problem> {
    let query = query.map_err(|_| {
        let (detail, hint) = ("the query is invalid", "give max_age in whole seconds, or omit it");
        Problem::new(StatusCode::BAD_REQUEST, "query_invalid", detail, hint)
    })?;
    let now = gateway.clock().now();
    if let Some(age) = query.0.max_age {
        let known = gateway.directory().known(&at.caller.tenant, &at.account, at.envelope.as_str()).await?;
        let not_before = now.checked_sub(Duration::from_secs(age.into())).unwrap_or(Timestamp::MIN);
        if let Some((list, as_of)) = known.and_then(|known| known.recipients(not_before)) {
            return Ok(Json(RecipientList::new(list, "webhooks", as_of)));
        }
    }
    let request = ListRecipients::new(at.envelope).with_envelope_status();
    let list = at.client.with(options).list_recipients(&request).await?;
    Ok(Json(RecipientList::new(list, "vendor", now)))
}

/// Creates a signing link for one recipient.
#[utoipa::path(
    post, path = "/v1/envelopes/{envelope}/views", operation_id = "createView", tag = "envelopes",
    params(("envelope" = String, Path, description = "`account:id`"),
        ("Idempotency-Key" = String, Header, description = "Quoted or bare"),
        ("Countersign-Timeout" = Option<u64>, Header, description = "Seconds", minimum = 1, maximum = 300)),
    request_body = NewView,
    responses((status = 201, description = "A link", body = View),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn create_view(
    State(gateway): State<Gateway>,
    at: OwnEnvelope<ViewsWrite>,
    Key(key): Key,
    TimeLimit(options): TimeLimit,
    Body(body): Body<NewView>,
) -> Result<(StatusCode, Json<View>), Problem> {
    let mut request = body.request(&at.envelope)?;
    let tenant = &at.caller.tenant;
    let planned = match body.return_through_gateway {
        true => Some(Planned::begin(&gateway, [tenant, &at.account, key.as_str()], &mut request).await?),
        false => None,
    };
    let client = at.client.with(options).with_key(key.clone());
    let call = async move { client.create_view(&request).await };
    let view = gateway.run_keyed(tenant, &key, call).await?;
    if let Some(planned) = planned {
        planned.keep(&gateway, [tenant, &at.account], &view).await?;
    }
    Ok((StatusCode::CREATED, Json(view.into())))
}

/// Resends the signing request.
#[utoipa::path(
    post, path = "/v1/envelopes/{envelope}/resends", operation_id = "resend", tag = "envelopes",
    params(("envelope" = String, Path, description = "`account:id`"),
        ("Idempotency-Key" = String, Header, description = "Quoted or bare"),
        ("Countersign-Timeout" = Option<u64>, Header, description = "Seconds", minimum = 1, maximum = 300)),
    request_body = NewResend,
    responses((status = 200, description = "What it did for each", body = ResentList),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn resend(
    State(gateway): State<Gateway>,
    at: OwnEnvelope<EnvelopesWrite>,
    Key(key): Key,
    TimeLimit(options): TimeLimit,
    Body(body): Body<NewResend>,
) -> Result<Json<ResentList>, Problem> {
    let request = body.request(&at.envelope)?;
    let client = at.client.with(options).with_key(key.clone());
    let call = async move { client.resend_recipient(&request).await };
    Ok(Json(gateway.run_keyed(&at.caller.tenant, &key, call).await?.into()))
}

/// Changes a recipient's access code.
#[utoipa::path(
    put, path = "/v1/envelopes/{envelope}/access-code", operation_id = "changeAccessCode", tag = "envelopes",
    params(("envelope" = String, Path, description = "`account:id`"),
        ("Idempotency-Key" = String, Header, description = "Quoted or bare"),
        ("Countersign-Timeout" = Option<u64>, Header, description = "Seconds", minimum = 1, maximum = 300)),
    request_body = NewAccessCode,
    responses((status = 200, description = "What it did", body = Done),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn change_access_code(
    State(gateway): State<Gateway>,
    at: OwnEnvelope<EnvelopesWrite>,
    Key(key): Key,
    TimeLimit(options): TimeLimit,
    Body(body): Body<NewAccessCode>,
) -> Result<Json<Done>, Problem> {
    let request = body.request(&at.envelope)?;
    let client = at.client.with(options).with_key(key.clone());
    let call = async move { client.change_access_code(&request).await };
    Ok(Json(gateway.run_keyed(&at.caller.tenant, &key, call).await?.into()))
}

/// Gives a recipient who typed wrong access codes new attempts, in the vendor's shortest way.
///
/// A recipient who is not locked gets nothing, a `code` is not set, and the key stays unused.
#[utoipa::path(
    post, path = "/v1/envelopes/{envelope}/unlocks", operation_id = "unlock", tag = "envelopes",
    params(("envelope" = String, Path, description = "`account:id`"),
        ("Idempotency-Key" = String, Header, description = "Quoted or bare"),
        ("Countersign-Timeout" = Option<u64>, Header, description = "Seconds", minimum = 1, maximum = 300)),
    request_body = NewUnlock,
    responses((status = 200, description = "What it did", body = Unlocked),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn unlock(
    State(gateway): State<Gateway>,
    at: OwnEnvelope<EnvelopesWrite>,
    Key(key): Key,
    TimeLimit(options): TimeLimit,
    Body(body): Body<NewUnlock>,
) -> Result<Json<Unlocked>, Problem> {
    let recipient: RecipientRef = body.recipient.parse().map_err(Error::from)?;
    let (code, sender) = (body.code()?, body.sender()?);
    // A repetition finds the recipient unlocked, and gets the recorded reply all the same.
    let scope = Scope::of_account(Some(&at.caller.tenant));
    let earlier = gateway.ledger().find(&scope, &key).await?;
    if earlier.is_none_or(|call| call.found == Some(Resolution::DidNotHappen)) {
        let request = ListRecipients::new(at.envelope.clone());
        let list = at.client.with(options.clone()).list_recipients(&request).await?;
        let found = recipient.find(&list)?;
        if !is_locked(found, at.client.descriptor())? {
            return Ok(Json(Unlocked::not_needed(&found.id, code.is_some())));
        }
    }
    let by = at.client.descriptor().facts.behavior.unlock_by.as_ref().map(|fact| fact.value);
    let by = by.ok_or_else(|| {
        Error::new(ErrorKind::Unsupported, "it is not known what gives a signer new attempts at this vendor")
    })?;
    let client = at.client.with(options).with_key(key.clone());
    let tenant = &at.caller.tenant;
    Ok(Json(match code {
        Some(code) => {
            // Where a mail unlocks, a new code alone may not.
            let mut request =
                ChangeAccessCode::new(at.envelope, recipient, code).with_notify(by == UnlockBy::Resend);
            request.on_behalf_of = sender;
            let call = async move { client.change_access_code(&request).await };
            Unlocked::by(UnlockBy::NewCode, gateway.run_keyed(tenant, &key, call).await?.into())
        }
        None if by == UnlockBy::NewCode => {
            let message = "at this vendor only a new access code gives a signer new attempts";
            return Err(Error::new(ErrorKind::InvalidRequest, message).with_hint("add `code`").into());
        }
        None => {
            let mut request = ResendRecipient::new(at.envelope, recipient);
            request.on_behalf_of = sender;
            let call = async move { client.resend_recipient(&request).await };
            let resent = gateway.run_keyed(tenant, &key, call).await?;
            let nothing = || Error::new(ErrorKind::InvalidResponse, "the reply names no recipient");
            Unlocked::by(UnlockBy::Resend, resent.to.into_iter().next().ok_or_else(nothing)?.into())
        }
    }))
}

/// Whether wrong access codes keep the recipient out.
///
/// # Errors
/// `RecipientLocked` if another check does, which this does not help against.
fn is_locked(recipient: &Recipient, vendor: &Descriptor) -> Result<bool, Error> {
    let may_be = vendor.facts.may_be_locked(recipient);
    let Some(check) = recipient.failed_check().filter(|_| !may_be) else { return Ok(may_be) };
    let message = format!("the signer failed the check {}, not the access code", check.method);
    let error = Error::new(ErrorKind::RecipientLocked, message);
    Err(match &vendor.facts.behavior.check_unlock_by {
        Some(fact) => error.with_hint(format!("at {} the remedy is: {}", vendor.name, fact.value)),
        None => error,
    })
}

/// Says what a call would do. Only reads are made, so it needs no key.
#[utoipa::path(
    post, path = "/v1/plans", operation_id = "plan", tag = "envelopes",
    request_body = NewPlan,
    responses((status = 200, description = "What it would do", body = PlanShown),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn plan(
    State(gateway): State<Gateway>,
    caller: Caller<EnvelopesRead>,
    Body(body): Body<NewPlan>,
) -> Result<Json<PlanShown>, Problem> {
    let (client, account, at) = envelope(&gateway, &caller, body.envelope()).await?;
    let plan = match body {
        NewPlan::CreateView { request, .. } => {
            let mut call = request.request(&at)?;
            if request.return_through_gateway {
                // Without a key: what a plan shows opens nothing.
                Planned::begin(&gateway, [&caller.tenant, &account, ""], &mut call).await?;
            }
            client.plan(&call).await?
        }
        NewPlan::ResendRecipient { request, .. } => client.plan(&request.request(&at)?).await?,
        NewPlan::ChangeAccessCode { request, .. } => client.plan(&request.request(&at)?).await?,
    };
    Ok(Json(plan.into()))
}
