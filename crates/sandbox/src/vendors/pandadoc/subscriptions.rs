//! Webhook subscriptions: the sandbox plays one, whose target is that of the vendor's webhooks.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::account::{Key, Subscription};
use super::call::{Answer, ApiError, Call, KNOWN, empty};
use crate::secret::{Secret, unguessable};
use crate::vendors::call::answer;
use crate::vendors::fields::filled;
use crate::vendors::known::NotSimulated;
use crate::world::Vendor;

pub(super) fn create(call: &Call<'_>) -> Answer {
    let body = call.object()?;
    let required =
        |name: &str| filled(&body, name).ok_or_else(|| ApiError::field(name, "This field is required."));
    let (name, url) = (required("name")?, required("url")?);
    let list = |name: &str| -> Vec<String> {
        let all = body.get(name).and_then(Value::as_array).into_iter().flatten();
        all.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (triggers, payload) = (list("triggers"), list("payload"));
    if triggers.is_empty() || !triggers.iter().all(|one| KNOWN.listed("triggers", one) == Some(one)) {
        return Err(ApiError::field("triggers", "A trigger is not a valid choice."));
    }
    // The metadata are always there.
    if let Some(other) = payload.iter().find(|part| *part != "metadata") {
        return Err(NotSimulated::new(format!("the payload `{other}`")).into());
    }
    if call.account.subscription().is_some() || call.key == Key::OtherWorkspace {
        return Err(NotSimulated::new("a second webhook subscription").into());
    }
    let id = call.live.lock().ids.guid();
    let active = body.get("active").and_then(Value::as_bool).unwrap_or(true);
    let shared_key = Secret::new(unguessable());
    if active {
        let set = call.targets.set(Vendor::PANDADOC, &url, &shared_key);
        set.map_err(|refused| ApiError::field("url", &refused.message))?;
    }
    let made = Subscription {
        id,
        name,
        url,
        active,
        triggers,
        payload,
        shared_key,
        status: if active { "ACTIVE" } else { "INACTIVE" },
        workspace_id: "SandboxWorkspaceId0001",
    };
    let shown = json!(made);
    *call.account.subscription() = Some(made);
    answer(StatusCode::CREATED, shown)
}

/// The one that the key sees.
fn own(call: &Call<'_>) -> Option<Subscription> {
    call.account.subscription().clone().filter(|_| call.key != Key::OtherWorkspace)
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    answer(StatusCode::OK, json!({"items": Vec::from_iter(own(call))}))
}

fn find(call: &Call<'_>, id: &str) -> Result<Subscription, ApiError> {
    own(call).filter(|own| own.id == id).ok_or_else(ApiError::not_found)
}

pub(super) fn get(call: &Call<'_>, id: &str) -> Answer {
    answer(StatusCode::OK, json!(find(call, id)?))
}

pub(super) fn delete(call: &Call<'_>, id: &str) -> Answer {
    find(call, id)?;
    call.targets.clear(Vendor::PANDADOC);
    *call.account.subscription() = None;
    empty()
}
