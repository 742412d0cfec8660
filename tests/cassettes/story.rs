//! The main job as a story that can be played at any vendor, by any signers.

use countersign::{
    AccessCode, ChangeAccessCode, Client, CreateView, EnvelopeId, Error, ListRecipients, RecipientRef,
    ResendRecipient, ReturnUrl,
};
use countersign_sandbox::{Act, NewEnvelope, NewRecipient, Secret};
use countersign_tests::Stage;

/// Who is in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cast {
    pub(crate) anna: &'static str,
    pub(crate) bo: &'static str,
    pub(crate) names: [&'static str; 2],
    pub(crate) envelope: &'static str,
    pub(crate) back: &'static str,
    pub(crate) code: &'static str,
    pub(crate) notify: bool,
}

pub(crate) const HERE: Cast = Cast {
    anna: "anna.ek+lease@corp.test",
    bo: "Bo@corp.test",
    names: ["Anna Ek", "Bo Straße"],
    envelope: "5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001",
    back: "https://app.corp.test/signed",
    code: "K7mp4XQ2",
    notify: false,
};

pub(crate) const THERE: Cast = Cast {
    anna: "zoe+x@other.test",
    bo: "zacharias@other.test",
    names: ["Zoë Li", "Zacharias Zett"],
    envelope: "0c7a5a39-1111-4000-8000-0123456789ab",
    back: "https://shop.other.test/back",
    code: "other-code-99",
    notify: false,
};

impl Cast {
    /// All that must not be in a file.
    pub(crate) fn all(&self) -> Vec<&'static str> {
        let Self { anna, bo, names, back, code, .. } = *self;
        vec![anna, bo, names[0], names[1], back, code, "corp.test", "Lease of"]
    }
}

/// Plays it against the sandbox: signs and locks where signers do.
pub(crate) async fn lock_out_at(stage: &Stage, client: &Client, cast: &Cast) -> (EnvelopeId, Vec<String>) {
    let anna = NewRecipient::new(cast.names[0], cast.anna).with_order(1).with_embedded("c-1");
    let bo = NewRecipient::new(cast.names[1], cast.bo).with_order(2).with_embedded("c-2");
    let new = NewEnvelope::new(stage.vendor, "Lease of the flat")
        .with_recipient(anna.with_access_code("1111"))
        .with_recipient(bo.with_access_code("2222"));
    let made = stage.world.make_envelope(new).unwrap();
    let envelope = EnvelopeId::new(made.id).unwrap();
    let act = |who: &str, act: Act| stage.world.act(envelope.as_str(), who, act).unwrap();
    let told = lock_out(client, &envelope, cast, |step| {
        if step == 2 {
            act(cast.anna, Act::EnterCode { code: Secret::new("1111") });
            act(cast.anna, Act::Sign { new_name: None });
            for _ in 0..3 {
                act(cast.bo, Act::EnterCode { code: Secret::new("wrong") });
            }
        }
    })
    .await;
    (envelope, told)
}

/// The calls, and the result of each, in words that name no one.
pub(crate) async fn lock_out(
    client: &Client,
    envelope: &EnvelopeId,
    cast: &Cast,
    between: impl Fn(usize),
) -> Vec<String> {
    let mut told = Vec::new();
    for step in 0..6 {
        between(step);
        told.push(one(client, envelope, cast, step).await);
    }
    told
}

pub(crate) async fn first_steps(
    client: &Client,
    envelope: &EnvelopeId,
    cast: &Cast,
    steps: usize,
) -> Vec<String> {
    let mut told = Vec::new();
    for step in 0..steps.min(6) {
        told.push(one(client, envelope, cast, step).await);
    }
    told
}

async fn one(client: &Client, envelope: &EnvelopeId, cast: &Cast, step: usize) -> String {
    let to = |who: &str| format!("email:{who}").parse::<RecipientRef>().unwrap();
    let view = |who: &str| {
        let mut request = CreateView::new(envelope.clone(), to(who), ReturnUrl::new(cast.back).unwrap());
        if client.descriptor().name == "boldsign" {
            request = request.with_expires_in(std::time::Duration::from_secs(26 * 3600));
        }
        request
    };
    match step {
        0 => {
            let list = client.list_recipients(&ListRecipients::new(envelope.clone())).await;
            told(
                list.map(|list| {
                    list.recipients.iter().map(|r| r.status.as_str().to_owned()).collect::<Vec<_>>()
                }),
            )
        }
        1 => told(client.create_view(&view(cast.anna)).await.map(|view| {
            let left = view.expires_at.unwrap().duration_since(countersign::Timestamp::now()).as_hours();
            (view.link.expose().starts_with("http"), left, view.single_use)
        })),
        2 => told(client.create_view(&view(cast.bo)).await.map(|_| "a link")),
        3 => {
            let code = AccessCode::new(cast.code).unwrap();
            let change = ChangeAccessCode::new(envelope.clone(), to(cast.bo), code).with_notify(cast.notify);
            told(client.change_access_code(&change).await.map(|done| (done.mail, done.unlocking)))
        }
        4 => {
            let resend = ResendRecipient::new(envelope.clone(), to(cast.bo));
            told(
                client
                    .resend_recipient(&resend)
                    .await
                    .map(|done| done.to.into_iter().map(|one| (one.mail, one.unlocking)).collect::<Vec<_>>()),
            )
        }
        _ => told(client.create_view(&view(cast.bo)).await.map(|view| view.single_use)),
    }
}

fn told<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Ok(done) => format!("{done:?}"),
        Err(error) => error.to_string(),
    }
}

/// An error with its details, as users see it.
pub(crate) fn shown(error: &Error) -> String {
    let details = error
        .details()
        .iter()
        .map(|one| format!("\n  {}: {}", one.field, one.present.as_deref().unwrap_or_default()));
    format!("{error}{}\nnext: {}", details.collect::<String>(), error.hint())
}
