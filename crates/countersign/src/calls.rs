//! The operations as data, so that each layer is implemented once.

use std::time::Duration;

use countersign_core::store::{Ending, StoredReply};
use countersign_core::vendor::{CheckAccess, Facts, Performing, Request};
use countersign_core::{
    AccessCodeChanged, ChangeAccessCode, Context, CreateView, Error, ErrorKind, Feature, ListRecipients,
    Operation, PendingSignIn, Provider, ResendRecipient, Resent, Result, SigningView, Timestamp,
};

/// One operation with its request. Public only because [`Plannable`](crate::Plannable) requires it.
pub trait Call: Request {
    /// Whether it is never repeated, whatever its errors allow.
    const ONCE: bool = false;

    /// The call as a value, for transports that need it.
    fn said(&self) -> countersign_core::Call;
}

/// A call that can be made under a key: one that changes something.
pub(crate) trait Keyed: Call {
    /// The reply, to be recorded.
    fn ending(reply: &Self::Reply, now: Timestamp) -> Ending;

    /// The recorded reply, if it belongs to this operation.
    fn recall(reply: StoredReply) -> Option<Self::Reply>;
}

/// The assumed lifetime of a signing link whose expiry is unknown: that of the vendor with the shortest one
/// (DocuSign, reference of `createRecipientView`: five minutes).
const LINK_LIFE: Duration = Duration::from_secs(5 * 60);

macro_rules! call {
    ($($request:ty)*) => {
        $(impl Call for $request {
            fn said(&self) -> countersign_core::Call {
                self.clone().into()
            }
        })*
    };
}
call!(CreateView ResendRecipient ChangeAccessCode ListRecipients);

impl Call for CheckAccess {
    fn said(&self) -> countersign_core::Call {
        countersign_core::Call::SignIn
    }
}

/// Completes a user's browser sign-in.
pub(crate) struct FinishSignIn<'q> {
    pub(crate) pending: &'q PendingSignIn,
    pub(crate) query: &'q str,
}

impl Call for FinishSignIn<'_> {
    /// A code works once.
    const ONCE: bool = true;

    fn said(&self) -> countersign_core::Call {
        countersign_core::Call::SignIn
    }
}

impl Request for FinishSignIn<'_> {
    type Reply = ();
    const OPERATION: Operation = Operation::SignIn;

    fn features(&self) -> Vec<Feature> {
        Vec::new()
    }

    fn check(&self, _facts: &Facts) -> Result<()> {
        Ok(())
    }

    fn send<'a>(&'a self, provider: &'a dyn Provider, cx: &'a Context) -> Performing<'a, ()> {
        Box::pin(async move {
            let Some(grant) = provider.code_grant() else {
                let message = "this account does not use browser sign-in";
                return Err(Error::new(ErrorKind::Unsupported, message));
            };
            grant.finish(cx, self.pending, self.query).await
        })
    }
}

impl Keyed for CreateView {
    fn ending(reply: &SigningView, now: Timestamp) -> Ending {
        let life =
            reply.expires_at.map(|end| Duration::try_from(end.duration_since(now)).unwrap_or_default());
        Ending::Reply { reply: StoredReply::View(reply.clone()), keep: life.unwrap_or(LINK_LIFE) }
    }

    fn recall(reply: StoredReply) -> Option<SigningView> {
        if let StoredReply::View(view) = reply { Some(view) } else { None }
    }
}

impl Keyed for ResendRecipient {
    fn ending(reply: &Resent, _now: Timestamp) -> Ending {
        Ending::Reply { reply: StoredReply::Resent(reply.clone()), keep: Duration::MAX }
    }

    fn recall(reply: StoredReply) -> Option<Resent> {
        if let StoredReply::Resent(resent) = reply { Some(resent) } else { None }
    }
}

impl Keyed for ChangeAccessCode {
    fn ending(reply: &AccessCodeChanged, _now: Timestamp) -> Ending {
        Ending::Reply { reply: StoredReply::AccessCodeChanged(reply.clone()), keep: Duration::MAX }
    }

    fn recall(reply: StoredReply) -> Option<AccessCodeChanged> {
        if let StoredReply::AccessCodeChanged(changed) = reply { Some(changed) } else { None }
    }
}
