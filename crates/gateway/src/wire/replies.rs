//! What callers get.

use countersign::plan::{Plan, PlannedRecipient};
use countersign::provider::UnlockBy;
use countersign::returns::ReturnsTo;
use countersign::{
    AccessCodeChanged, MailExpectation, NoMail, Recipient, RecipientId, Recipients, Resent, ResentTo,
    SigningView, Timestamp, Unlocking,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// The recipients of an envelope.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecipientList {
    /// In the routing order.
    recipients: Vec<RecipientShown>,
    /// The position whose turn it is.
    current_order: Option<u32>,
    /// The status of the envelope, if it was asked for or is known anyway.
    envelope_status: Option<String>,
    /// When the envelope expires, if known.
    expires_at: Option<String>,
    /// When the list was true.
    as_of: Option<String>,
    /// Who told: `vendor`, or the vendor's `webhooks` earlier.
    #[schema(example = "vendor")]
    from: String,
}

/// A recipient.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecipientShown {
    /// Refer to the recipient by `id:` and this.
    id: String,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    /// `signer`, `carbon_copy`, …, or a word of the vendor.
    #[schema(example = "signer")]
    role: String,
    /// The position in the routing order.
    order: Option<u32>,
    in_turn: Option<bool>,
    /// `waiting`, `notified`, `viewed`, `signed`, `declined`, `delivery_failed`, `expired`, `revoked`, or a word of
    /// the vendor.
    #[schema(example = "notified")]
    status: String,
    /// Whether a signing link can be created.
    embedded: Option<bool>,
    client_user_id: Option<String>,
    /// `not_required`, `required`, `failed`, or `passed`.
    #[schema(example = "required")]
    access_code: String,
    /// Whether wrong access codes keep the recipient out: see `unlocks`.
    locked: bool,
    sent_at: Option<String>,
    viewed_at: Option<String>,
    signed_at: Option<String>,
    declined_at: Option<String>,
    decline_reason: Option<String>,
}

fn time(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}

impl RecipientList {
    pub(crate) fn new(list: Recipients, from: &str, as_of: Timestamp) -> Self {
        Self {
            as_of: Some(as_of.to_string()),
            from: from.to_owned(),
            recipients: list.recipients.into_iter().map(RecipientShown::from).collect(),
            current_order: list.current_order,
            envelope_status: list.envelope_status.map(|status| status.as_str().to_owned()),
            expires_at: time(list.expires_at),
        }
    }
}

impl From<Recipient> for RecipientShown {
    fn from(one: Recipient) -> Self {
        Self {
            locked: one.is_locked(),
            id: one.id.as_str().to_owned(),
            name: one.name,
            email: one.email,
            phone: one.phone,
            role: one.role.as_str().to_owned(),
            order: one.order,
            in_turn: one.in_turn,
            status: one.status.as_str().to_owned(),
            embedded: one.embedded,
            client_user_id: one.client_user_id,
            access_code: one.access_code.as_str().to_owned(),
            sent_at: time(one.sent_at),
            viewed_at: time(one.viewed_at),
            signed_at: time(one.signed_at),
            declined_at: time(one.declined_at),
            decline_reason: one.decline_reason,
        }
    }
}

/// A signing link.
#[derive(Serialize, ToSchema)]
pub(crate) struct View {
    /// Redirect the signer's browser to it, at once. Anyone who has it can open the documents.
    #[schema(example = "https://vendor.example.com/sign/…")]
    link: String,
    /// The recipient's id.
    recipient: String,
    expires_at: Option<String>,
    /// Whether it works only once, if that is known.
    single_use: Option<bool>,
    /// Only if the signer does not return to the requested URL: another URL, or `vendor`.
    returns_to: Option<String>,
}

impl From<SigningView> for View {
    fn from(view: SigningView) -> Self {
        Self {
            link: view.link.expose().to_owned(),
            recipient: view.recipient.as_str().to_owned(),
            expires_at: time(view.expires_at),
            single_use: view.single_use,
            returns_to: match view.returns_to {
                ReturnsTo::Fixed(url) => Some(url.as_str().to_owned()),
                ReturnsTo::Vendor => Some("vendor".to_owned()),
                _ => None,
            },
        }
    }
}

/// What a resend did for each recipient.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResentList {
    to: Vec<Done>,
}

impl From<Resent> for ResentList {
    fn from(resent: Resent) -> Self {
        Self { to: resent.to.into_iter().map(Done::from).collect() }
    }
}

/// What a call did for a recipient.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Done {
    /// The recipient's id.
    recipient: String,
    mail: Mail,
    /// `not_needed`, `unlocked`, `still_locked`, or `unverified`.
    #[schema(example = "not_needed")]
    unlocking: String,
    /// Whether the mail contains the access code.
    code_in_mail: bool,
    /// When the mail was sent, by the vendor's log.
    mailed_at: Option<String>,
}

/// Whether to expect a mail.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Mail {
    /// `null` if it is not known.
    expected: Option<bool>,
    /// `email` or `sms`, if no message left by that channel, although one left by the other.
    not_by: Option<String>,
    /// `not_asked`, `embedded`, `not_in_turn`, `done`, `no_address`, `muted`, `delivery_failed`, `not_sent`, or
    /// `refused`.
    why_not: Option<String>,
    /// The kind of the vendor's refusal.
    refused_as: Option<String>,
}

impl From<&MailExpectation> for Mail {
    fn from(mail: &MailExpectation) -> Self {
        let (expected, not_by, why) = match mail {
            MailExpectation::Expected => (Some(true), None, None),
            MailExpectation::Partly(channel, why) => (Some(true), Some(*channel), Some(*why)),
            MailExpectation::NotExpected(why) => (Some(false), None, Some(*why)),
            _ => (None, None, None),
        };
        Self {
            expected,
            not_by: not_by.map(|channel| channel.as_str().to_owned()),
            why_not: why.map(|why| why.as_str().to_owned()),
            refused_as: why.and_then(NoMail::refused_as).map(|kind| kind.as_str().to_owned()),
        }
    }
}

impl From<ResentTo> for Done {
    fn from(one: ResentTo) -> Self {
        Self {
            recipient: one.recipient.as_str().to_owned(),
            mail: Mail::from(&one.mail),
            unlocking: one.unlocking.as_str().to_owned(),
            code_in_mail: one.code_in_mail,
            mailed_at: time(one.mailed_at),
        }
    }
}

impl From<AccessCodeChanged> for Done {
    fn from(changed: AccessCodeChanged) -> Self {
        let one = ResentTo::new(changed.recipient, changed.mail, changed.unlocking);
        Self::from(one.with_code_in_mail(changed.code_in_mail))
    }
}

/// What gave the recipient new attempts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Unlocked {
    /// `resend`, `new_code`, or `null` if the recipient was not locked and nothing was sent.
    #[schema(example = "new_code")]
    by: Option<String>,
    /// Whether the `code` of the request was set; `null` if it had none.
    code_set: Option<bool>,
    done: Done,
}

impl Unlocked {
    pub(crate) fn by(way: UnlockBy, done: Done) -> Self {
        let word = match way {
            UnlockBy::Resend => "resend",
            UnlockBy::NewCode => "new_code",
        };
        let code_set = (way == UnlockBy::NewCode).then_some(true);
        Self { by: Some(word.to_owned()), code_set, done }
    }

    pub(crate) fn not_needed(recipient: &RecipientId, has_code: bool) -> Self {
        let mail = MailExpectation::NotExpected(NoMail::NotAsked);
        let code_set = has_code.then_some(false);
        Self { by: None, code_set, done: ResentTo::new(recipient.clone(), mail, Unlocking::NotNeeded).into() }
    }
}

/// What a call would do. Only reads were made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanShown {
    vendor: String,
    operation: String,
    /// Why the call would be refused; there are no steps then.
    refusal: Option<Problem>,
    /// How many requests only read.
    reads: u32,
    /// The requests that would be sent, in order.
    steps: Vec<PlanStep>,
    /// Whether the steps are complete.
    complete: bool,
    /// The effects by recipient.
    recipients: Vec<PlanRecipient>,
    /// How many requests of the account's allowance are left, as last reported.
    budget_left: Option<u64>,
}

/// A request that would be sent, without its secrets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanStep {
    /// `read`, `mints_link`, `sets_state`, or `notifies`.
    #[schema(example = "notifies")]
    effect: String,
    method: String,
    url: String,
    body: Option<String>,
}

/// The effect on one recipient.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanRecipient {
    name: Option<String>,
    email: Option<String>,
    would: Done,
}

impl From<PlannedRecipient> for PlanRecipient {
    fn from(one: PlannedRecipient) -> Self {
        let done = ResentTo::new(one.recipient, one.mail, one.unlocking).with_code_in_mail(one.code_in_mail);
        Self { name: one.name, email: one.email, would: done.into() }
    }
}

impl From<Plan> for PlanShown {
    fn from(plan: Plan) -> Self {
        let steps = plan.steps.iter().map(|step| PlanStep {
            effect: step.effect.as_str().to_owned(),
            method: step.method.to_string(),
            url: step.url.to_string(),
            body: step.body.as_ref().map(ToString::to_string),
        });
        Self {
            vendor: plan.vendor.to_owned(),
            operation: plan.operation.to_owned(),
            refusal: plan.refusal.map(Problem::from),
            reads: plan.reads,
            steps: steps.collect(),
            complete: plan.complete,
            recipients: plan.people.into_iter().map(PlanRecipient::from).collect(),
            budget_left: plan.budget_left,
        }
    }
}
