//! The operations as data, so that each layer is implemented once.

use std::time::Duration;

use countersign_core::store::{Ending, StoredReply};
use countersign_core::vendor::{CheckAccess, Performing, Request};
use countersign_core::{
    ChangeAccessCode, Context, CreateView, Error, ErrorKind, ListRecipients, Operation, PendingSignIn,
    Provider, ResendRecipient, Timestamp,
};

/// One operation with its request. Public only because [`Plannable`](crate::Plannable) requires it.
pub trait Call: Request {
    /// Whether it is never repeated, whatever its errors allow.
    const ONCE: bool = false;

    /// Whether it can be made under a key: it changes something.
    const KEYED: bool = false;

    /// The call as a value, for transports that need it.
    fn said(&self) -> countersign_core::Call;

    /// The reply of a call under a key, to be recorded.
    fn stored(_reply: &Self::Reply) -> Option<StoredReply> {
        None
    }

    /// The recorded reply, if it belongs to this operation.
    fn recall(_reply: StoredReply) -> Option<Self::Reply> {
        None
    }
}

/// The assumed lifetime of a signing link whose expiry is unknown: the shortest that a vendor gives.
const LINK_LIFE: Duration = Duration::from_secs(5 * 60);

macro_rules! keyed {
    ($($request:ident as $stored:ident;)*) => {
        $(impl Call for $request {
            const KEYED: bool = true;

            fn said(&self) -> countersign_core::Call {
                self.clone().into()
            }

            fn stored(reply: &Self::Reply) -> Option<StoredReply> {
                Some(StoredReply::$stored(reply.clone()))
            }

            fn recall(reply: StoredReply) -> Option<Self::Reply> {
                if let StoredReply::$stored(reply) = reply { Some(reply) } else { None }
            }
        })*
    };
}
keyed! {
    CreateView as View;
    ResendRecipient as Resent;
    ChangeAccessCode as AccessCodeChanged;
}

impl Call for ListRecipients {
    fn said(&self) -> countersign_core::Call {
        self.clone().into()
    }
}

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

/// The ending of a call with this reply.
pub(crate) fn ending(reply: StoredReply, now: Timestamp) -> Ending {
    let keep = match &reply {
        StoredReply::View(view) => view
            .expires_at
            .map_or(LINK_LIFE, |end| Duration::try_from(end.duration_since(now)).unwrap_or_default()),
        _ => Duration::MAX,
    };
    Ending::Reply { reply, keep }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_vendors_links_end_before_a_recorded_one_is_forgotten() {
        for vendor in crate::vendors() {
            let life = vendor.facts.behavior.link_life.as_ref().and_then(|fact| fact.value.span());
            assert!(life.is_none_or(|life| life.usual >= LINK_LIFE), "{}", vendor.name);
        }
    }
}
