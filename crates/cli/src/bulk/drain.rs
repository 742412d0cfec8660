//! Decides whether an envelope is still open, from its own status and its recipients.

use countersign::{
    Client, EnvelopeStatus, ErrorKind, ListRecipients, Recipient, RecipientStatus, Recipients, Result, Role,
    Timestamp,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// At least one recipient still has to act.
    Open,
    /// Not sent yet: a draft, or scheduled for later.
    NotSent,
    /// All recipients have signed or read.
    Done,
    /// A recipient declined, or the envelope was voided or expired.
    Closed,
    /// The vendor reports no such envelope, or none that this account may see.
    NotFound,
    /// The list does not show it.
    Unclear,
}

impl State {
    /// Whether the envelope has ended for good.
    pub(super) fn is_over(self) -> bool {
        matches!(self, State::Done | State::Closed)
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            State::Open => "open",
            State::NotSent => "not sent",
            State::Done => "done",
            State::Closed => "closed",
            State::NotFound => "not found",
            State::Unclear => "unclear",
        }
    }
}

/// What the results file stores about an envelope: no recipient ids, because they may be addresses.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Found {
    pub(super) state: State,
    /// How many recipients still have to act.
    pub(super) awaited: usize,
    /// When the envelope expires, if the vendor reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expires_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Awaited {
    pub(super) recipient: String,
    pub(super) status: String,
}

pub(super) async fn look(client: &Client, request: ListRecipients) -> Result<(Found, Vec<Awaited>)> {
    match client.list_recipients(&request).await {
        Ok(list) => Ok(judge(&list)),
        Err(error) if error.kind() == ErrorKind::EnvelopeNotFound => {
            let found = Found { state: State::NotFound, awaited: 0, expires_at: None };
            Ok((found, Vec::new()))
        }
        Err(error) => Err(error),
    }
}

/// If in doubt, an envelope is open: closing an account too early loses it.
fn judge(list: &Recipients) -> (Found, Vec<Awaited>) {
    let actors: Vec<&Recipient> = list.recipients.iter().filter(|one| one.role != Role::CarbonCopy).collect();
    let awaited: Vec<&Recipient> = actors.iter().copied().filter(|one| is_awaited(one)).collect();
    let has = |status: &RecipientStatus| actors.iter().any(|one| one.status == *status);
    let ended = [RecipientStatus::Declined, RecipientStatus::Expired, RecipientStatus::Revoked];
    let not_asked = || actors.iter().all(|one| one.status == RecipientStatus::Waiting);
    let state = match &list.envelope_status {
        Some(EnvelopeStatus::Completed) => State::Done,
        Some(EnvelopeStatus::Draft) => State::NotSent,
        Some(status) if status.is_final() => State::Closed,
        _ if ended.iter().any(has) => State::Closed,
        _ if awaited.is_empty() && has(&RecipientStatus::Signed) => State::Done,
        _ if awaited.is_empty() => State::Unclear,
        None if not_asked() => State::NotSent,
        _ => State::Open,
    };
    let awaited = if state.is_over() { Vec::new() } else { awaited };
    let found = Found { state, awaited: awaited.len(), expires_at: list.expires_at };
    let told = |one: &Recipient| Awaited {
        recipient: one.id.as_str().to_owned(),
        status: one.status.as_str().to_owned(),
    };
    (found, awaited.into_iter().map(told).collect())
}

/// A recipient who handed over to another one has a vendor-specific status and no turn.
fn is_awaited(one: &Recipient) -> bool {
    let handed_over = matches!(one.status, RecipientStatus::Other(_)) && one.in_turn == Some(false);
    !one.status.is_done() && !handed_over
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign::RecipientId;

    fn one(status: RecipientStatus) -> Recipient {
        let mut one = Recipient::new(RecipientId::new("1").expect("an id"), Role::Signer);
        one.status = status;
        one
    }

    fn state(people: Vec<Recipient>) -> (State, usize) {
        let (found, awaited) = judge(&Recipients::new(people, None, None));
        assert_eq!(found.awaited, awaited.len());
        (found.state, found.awaited)
    }

    #[test]
    fn an_envelope_is_over_only_if_all_who_act_are_done_or_it_was_ended() {
        use RecipientStatus as S;
        let mut copy = one(S::Waiting);
        copy.role = Role::CarbonCopy;
        let mut handed_over = one(S::Other("Reassigned".into()));
        handed_over.in_turn = Some(false);
        let strange = one(S::Other("faxpending".into()));
        let cases = [
            (vec![one(S::Signed), copy.clone()], (State::Done, 0)),
            (vec![one(S::Signed), handed_over], (State::Done, 0)),
            (vec![one(S::Signed), one(S::Declined), one(S::Waiting)], (State::Closed, 0)),
            (vec![one(S::Revoked)], (State::Closed, 0)),
            (vec![one(S::Signed), one(S::Waiting)], (State::Open, 1)),
            (vec![one(S::Notified), one(S::Waiting), copy.clone()], (State::Open, 2)),
            (vec![one(S::DeliveryFailed)], (State::Open, 1)),
            (vec![one(S::Signed), strange], (State::Open, 1)),
            (vec![one(S::Waiting), one(S::Waiting)], (State::NotSent, 2)),
            (vec![copy], (State::Unclear, 0)),
            (Vec::new(), (State::Unclear, 0)),
        ];
        for (people, expected) in cases {
            let shown = format!("{people:?}");
            assert_eq!(state(people), expected, "{shown}");
        }
    }
}
