//! A client with options for its calls.

use std::fmt;
use std::sync::Arc;

use countersign_core::{
    AccessCodeChanged, ChangeAccessCode, CreateView, ListRecipients, Recipients, ResendRecipient, Resent,
    Result, SigningView,
};

use crate::layers::{Shared, run, run_keyed};
use crate::options::CallOptions;

/// A client with options for its calls. Created by [`Client::with`](crate::Client::with) and
/// [`Client::with_key`](crate::Client::with_key).
///
/// Its calls fail as those of the client. With a key, a call is performed once, even if it is requested repeatedly, and
/// has further errors:
///
/// - The same key and the same request return the recorded reply, without a call. While the first call is running,
///   the others wait for it.
/// - A different request under the same key is rejected as `InvalidRequest`. Keys belong to the account's
///   [`Scope`](crate::ledger::Scope): the same key for another account is another key.
/// - A call that failed without effect, or was refused, frees the key. So does a call that may have created a link,
///   because one more link is harmless.
/// - If a call may only have changed an access code, the same request is performed again.
/// - A call that may have sent a message is not repeated: its error is returned, marked as not retryable, until
///   [`Client::resolve`](crate::Client::resolve) records what really happened.
///
/// The [`Ledger`](crate::ledger::Ledger) decides how long replies are kept; signing links are never kept longer than
/// they work.
#[derive(Clone)]
pub struct ClientWith {
    shared: Arc<Shared>,
    options: CallOptions,
}

impl fmt::Debug for ClientWith {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientWith")
            .field("vendor", &self.shared.provider.descriptor().name)
            .field("account", &self.shared.name)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl ClientWith {
    pub(crate) fn new(shared: Arc<Shared>, options: CallOptions) -> Self {
        Self { shared, options }
    }

    /// As [`Client::create_view`](crate::Client::create_view). A recorded link may already have been used.
    pub async fn create_view(&self, request: &CreateView) -> Result<SigningView> {
        run_keyed(&self.shared, request, &self.options).await
    }

    /// As [`Client::resend_recipient`](crate::Client::resend_recipient).
    pub async fn resend_recipient(&self, request: &ResendRecipient) -> Result<Resent> {
        run_keyed(&self.shared, request, &self.options).await
    }

    /// As [`Client::change_access_code`](crate::Client::change_access_code).
    pub async fn change_access_code(&self, request: &ChangeAccessCode) -> Result<AccessCodeChanged> {
        run_keyed(&self.shared, request, &self.options).await
    }

    /// As [`Client::list_recipients`](crate::Client::list_recipients). Reading needs no key, so a key is not used.
    pub async fn list_recipients(&self, request: &ListRecipients) -> Result<Recipients> {
        run(&self.shared, request, self.options.deadline).await
    }
}
