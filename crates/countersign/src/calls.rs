//! The operations as data, so that each layer is written once.

use std::future::Future;
use std::hash::Hash;
use std::pin::Pin;
use std::time::Duration;

use countersign_core::{
    Access, AccessCodeChanged, ChangeAccessCode, Context, CreateView, Error, ErrorKind, Feature,
    ListRecipients, Operation, PendingSignIn, Provider, Recipients, ResendRecipient, Resent, Result,
    SigningView, Timestamp,
};

use crate::ledger::{Ending, Reply};

pub(crate) type Sending<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// One operation with its request. Public only as what [`Plannable`](crate::Plannable) rests on.
pub trait Call: Sync {
    /// What comes back.
    type Reply: Send;
    /// What it is for.
    const OPERATION: Operation;
    /// Whether it is never repeated, whatever its errors say.
    const ONCE: bool = false;

    /// What the vendor must be able to do.
    fn features(&self) -> Vec<Feature>;

    /// The call as a value, for transports that want to know.
    fn said(&self) -> countersign_core::Call;

    /// Hands the request to the adapter.
    fn send<'a>(&'a self, provider: &'a dyn Provider, cx: &'a Context) -> Sending<'a, Self::Reply>;
}

/// A call that may be made under a key: one that changes something.
pub(crate) trait Keyed: Call + Hash {
    /// The reply, to be recorded.
    fn ending(reply: &Self::Reply, now: Timestamp) -> Ending;

    /// The reply out of a record, if it is one of this operation.
    fn recall(reply: Reply) -> Option<Self::Reply>;
}

/// How long a signing link is believed to live when its end is not known: as long as the shortest-lived of the
/// vendors' links (DocuSign, reference of `createRecipientView`: five minutes).
const LINK_LIFE: Duration = Duration::from_secs(5 * 60);

macro_rules! call {
    ($request:ty, $reply:ty, $operation:ident, $method:ident, $features:expr) => {
        impl Call for $request {
            type Reply = $reply;
            const OPERATION: Operation = Operation::$operation;

            fn features(&self) -> Vec<Feature> {
                let features: fn(&Self) -> Vec<Feature> = $features;
                features(self)
            }

            fn said(&self) -> countersign_core::Call {
                self.clone().into()
            }

            fn send<'a>(&'a self, provider: &'a dyn Provider, cx: &'a Context) -> Sending<'a, $reply> {
                provider.$method(cx, self)
            }
        }
    };
}

call!(CreateView, SigningView, CreateView, create_view, CreateView::features);
call!(ResendRecipient, Resent, ResendRecipient, resend_recipient, ResendRecipient::features);
call!(ChangeAccessCode, AccessCodeChanged, ChangeAccessCode, change_access_code, ChangeAccessCode::features);
call!(ListRecipients, Recipients, ListRecipients, list_recipients, |_| vec![Feature::ListRecipients]);

/// Signs in.
pub(crate) struct CheckAccess;

impl Call for CheckAccess {
    type Reply = Access;
    const OPERATION: Operation = Operation::SignIn;

    fn features(&self) -> Vec<Feature> {
        Vec::new()
    }

    fn said(&self) -> countersign_core::Call {
        countersign_core::Call::SignIn
    }

    fn send<'a>(&'a self, provider: &'a dyn Provider, cx: &'a Context) -> Sending<'a, Access> {
        provider.check_access(cx)
    }
}

/// Ends the sign-in of a person in a browser.
pub(crate) struct FinishSignIn<'q> {
    pub(crate) pending: &'q PendingSignIn,
    pub(crate) query: &'q str,
}

impl Call for FinishSignIn<'_> {
    type Reply = ();
    const OPERATION: Operation = Operation::SignIn;
    /// A code works once.
    const ONCE: bool = true;

    fn features(&self) -> Vec<Feature> {
        Vec::new()
    }

    fn said(&self) -> countersign_core::Call {
        countersign_core::Call::SignIn
    }

    fn send<'a>(&'a self, provider: &'a dyn Provider, cx: &'a Context) -> Sending<'a, ()> {
        Box::pin(async move {
            let Some(grant) = provider.code_grant() else {
                let message = "nobody signs in to this account with a browser";
                return Err(Error::new(ErrorKind::Unsupported, message));
            };
            grant.finish(cx, self.pending, self.query).await
        })
    }
}

impl Keyed for CreateView {
    fn ending(reply: &SigningView, now: Timestamp) -> Ending {
        let usual = now.saturating_add(LINK_LIFE).unwrap_or(now);
        Ending::Reply(Reply::View(reply.clone()), Some(reply.expires_at.unwrap_or(usual)))
    }

    fn recall(reply: Reply) -> Option<SigningView> {
        if let Reply::View(view) = reply { Some(view) } else { None }
    }
}

impl Keyed for ResendRecipient {
    fn ending(reply: &Resent, _now: Timestamp) -> Ending {
        Ending::Reply(Reply::Resent(reply.clone()), None)
    }

    fn recall(reply: Reply) -> Option<Resent> {
        if let Reply::Resent(resent) = reply { Some(resent) } else { None }
    }
}

impl Keyed for ChangeAccessCode {
    fn ending(reply: &AccessCodeChanged, _now: Timestamp) -> Ending {
        Ending::Reply(Reply::AccessCodeChanged(reply.clone()), None)
    }

    fn recall(reply: Reply) -> Option<AccessCodeChanged> {
        if let Reply::AccessCodeChanged(changed) = reply { Some(changed) } else { None }
    }
}
