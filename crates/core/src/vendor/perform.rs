//! The only way from a request to an adapter: requests that violate the facts are rejected before anything is sent.

use std::future::Future;
use std::pin::Pin;

use super::facts::Facts;
use super::mapping::Coverage;
use super::value::{Interval, LinkSpan, Need, say, say_range};
use crate::error::{Error, ErrorKind, Result};
use crate::http::Context;
use crate::model::{
    AccessCode, AccessCodeChanged, ChangeAccessCode, CreateView, ListRecipients, Operation, RecipientRef,
    Recipients, ResendRecipient, ResendTarget, Resent, ReturnUrl, SigningView,
};
use crate::vendor::conduct::{Feature, RefKind, Support};
use crate::vendor::{Access, Descriptor, Provider};

/// A call to an adapter, in progress.
pub type Performing<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// One of the four requests, or the sign-in.
pub trait Request: Sync {
    /// The reply.
    type Reply: Send;
    /// The operation.
    const OPERATION: Operation;

    /// The features that the vendor must support.
    fn features(&self) -> Vec<Feature> {
        Vec::new()
    }

    /// Checks the request's values against the facts.
    ///
    /// # Errors
    /// The rejection, with what to use instead.
    fn check(&self, facts: &Facts) -> Result<()> {
        let _ = facts;
        Ok(())
    }

    /// Passes the request to the adapter. Call [`perform`] instead, which checks first.
    fn send<'a>(&'a self, provider: &'a dyn Provider, cx: &'a Context) -> Performing<'a, Self::Reply>;
}

/// Checks only whether the credentials work.
#[derive(Debug, Clone, Copy, Default)]
pub struct CheckAccess;

/// A request that complies with all of the vendor's facts. Created by [`check`].
#[derive(Debug)]
pub struct Checked<'r, R>(&'r R);

impl<R: Request> Checked<'_, R> {
    /// Passes the request to the adapter. Errors name the vendor and the operation.
    ///
    /// # Errors
    /// The adapter's.
    pub async fn perform(&self, provider: &dyn Provider, cx: &Context) -> Result<R::Reply> {
        let result = self.0.send(provider, cx).await;
        result.map_err(|error| error.in_operation(provider.descriptor().name, cx.operation()))
    }
}

/// Checks a request against the vendor's facts and passes it to the adapter. Errors name the vendor and the
/// operation.
///
/// # Errors
/// As [`check`], before anything is sent; otherwise the adapter's.
pub async fn perform<R: Request>(provider: &dyn Provider, cx: &Context, request: &R) -> Result<R::Reply> {
    check(provider.descriptor(), request)?.perform(provider, cx).await
}

/// Rejects requests that the vendor does not support or that exceed its limits. Sends nothing. For many requests,
/// check all before performing the first.
///
/// # Errors
/// `Unsupported` for a feature that the vendor or the adapter lacks, including ways to refer to recipients;
/// `AccessCodeRefused` for a code that breaks the vendor's rules; `InvalidRequest` for any other value.
pub fn check<'r, R: Request>(vendor: &'static Descriptor, request: &'r R) -> Result<Checked<'r, R>> {
    let offered = request.features().into_iter().try_for_each(|feature| vendor.facts.offers(feature));
    let checked = offered.and_then(|()| request.check(&vendor.facts));
    checked.map(|()| Checked(request)).map_err(|error| error.in_operation(vendor.name, R::OPERATION))
}

impl Facts {
    /// Rejects a feature that the vendor lacks, or that the adapter does not mention.
    ///
    /// # Errors
    /// `Unsupported`, with the row's reason.
    pub fn offers(&self, feature: Feature) -> Result<()> {
        let row = self.capability(feature);
        if row.is_some_and(|row| row.support != Support::Impossible) {
            return Ok(());
        }
        let message = format!("this vendor does not offer this: {}", feature.title());
        let error = Error::new(ErrorKind::Unsupported, message);
        Err(match row {
            Some(row) if !row.conditions.is_empty() => error.with_hint(row.conditions.clone()),
            _ => error,
        })
    }

    /// Rejects an access code that the vendor does not accept.
    ///
    /// # Errors
    /// `AccessCodeRefused` with the rule that it breaks, without the code.
    pub fn check_code(&self, code: &AccessCode) -> Result<()> {
        let code = code.expose();
        let refused = |problem: String, hint: String| {
            Err(Error::new(ErrorKind::AccessCodeRefused, format!("the access code {problem}"))
                .with_hint(hint))
        };
        let length = code.chars().count();
        let (shortest, longest) = self.code_length();
        if length < shortest || length > longest {
            let allowed = if longest == usize::MAX {
                format!("{shortest} characters or more")
            } else {
                format!("{shortest} to {longest} characters")
            };
            return refused(format!("is {length} characters long"), format!("choose a code of {allowed}"));
        }
        let forbidden = self.behavior.code_forbidden.as_ref().map(|fact| &fact.value);
        if let Some(forbidden) = forbidden.filter(|forbidden| code.contains(|c| forbidden.0.contains(c))) {
            return refused(
                format!("contains one of the characters {forbidden}"),
                format!("choose a code without {forbidden} – letters and digits are always safe"),
            );
        }
        let has = |need: &Need| match need {
            Need::Letter => code.contains(char::is_alphabetic),
            Need::Digit => code.contains(|c: char| c.is_ascii_digit()),
            Need::Special => code.contains(|c: char| !c.is_alphanumeric()),
        };
        let needs = self.behavior.code_needs.iter().flat_map(|fact| &fact.value);
        match needs.into_iter().find(|need| !has(need)) {
            Some(need) => {
                let need = need.title();
                refused(format!("has no {need}"), format!("choose a code with a {need}"))
            }
            None => Ok(()),
        }
    }

    /// Rejects a return URL that the vendor does not accept: with an unsupported query, or too long.
    ///
    /// # Errors
    /// `InvalidRequest` with the rule that it breaks.
    pub fn check_return_url(&self, url: &ReturnUrl) -> Result<()> {
        let behavior = &self.behavior;
        let query = behavior.return_query.as_ref().filter(|fact| !fact.value);
        if let Some(fact) = query.filter(|_| url.has_query_or_fragment()) {
            let message = "the return URL has a query or fragment, which this vendor does not accept";
            return Err(invalid(message.to_owned(), fact.note.clone()));
        }
        let length = url.as_str().len();
        if let Some(most) = behavior.return_longest.as_ref().map(|fact| fact.value)
            && u64::try_from(length).unwrap_or(u64::MAX) > u64::from(most)
        {
            let hint =
                format!("give an absolute http or https URL of at most {most} characters without user info");
            return Err(invalid(format!("the return URL is {length} characters long"), hint));
        }
        Ok(())
    }

    /// The minimum and the maximum length of an access code, if the vendor has such rules.
    pub fn code_length(&self) -> (usize, usize) {
        let number = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let longest = self.behavior.code_longest.as_ref().and_then(|fact| fact.value.0);
        let shortest = self.behavior.code_shortest.as_ref().map_or(1, |fact| number(fact.value));
        (shortest, longest.map_or(usize::MAX, number))
    }

    /// Rejects a way to refer to recipients that the vendor lacks.
    fn check_reference(&self, reference: &RecipientRef) -> Result<()> {
        let kind = reference.kind();
        // A recipient from a list is found by the values in the list.
        let Some(row) = self.mappings.reference(kind).filter(|_| kind != RefKind::Known) else {
            return Ok(());
        };
        match &row.coverage {
            Coverage::No(way) => {
                let message = format!("this vendor does not offer this: {}", kind.title());
                Err(Error::new(ErrorKind::Unsupported, message).with_hint(way.clone()))
            }
            _ => Ok(()),
        }
    }
}

fn invalid(message: String, hint: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidRequest, message).with_hint(hint.into())
}

macro_rules! requests {
    ($($request:ident => $reply:ident, $send:ident, $features:expr, $check:expr;)*) => {
        $(impl Request for $request {
            type Reply = $reply;
            const OPERATION: Operation = Operation::$request;

            fn features(&self) -> Vec<Feature> {
                $features(self)
            }

            fn check(&self, facts: &Facts) -> Result<()> {
                $check(self, facts)
            }

            fn send<'a>(&'a self, provider: &'a dyn Provider, cx: &'a Context) -> Performing<'a, $reply> {
                provider.$send(cx, self)
            }
        })*
    };
}

requests! {
    CreateView => SigningView, create_view, CreateView::features, check_view;
    ResendRecipient => Resent, resend_recipient, ResendRecipient::features,
        |request: &ResendRecipient, facts: &Facts| match &request.target {
            ResendTarget::One(reference) => facts.check_reference(reference),
            ResendTarget::Everyone => Ok(()),
        };
    ChangeAccessCode => AccessCodeChanged, change_access_code, ChangeAccessCode::features,
        |request: &ChangeAccessCode, facts: &Facts| {
            facts.check_reference(&request.recipient)?;
            facts.check_code(&request.code)
        };
    ListRecipients => Recipients, list_recipients, |_| vec![Feature::ListRecipients], |_, _| Ok(());
}

fn check_view(request: &CreateView, facts: &Facts) -> Result<()> {
    let behavior = &facts.behavior;
    facts.check_reference(&request.recipient)?;
    facts.check_return_url(&request.return_url)?;
    let out_of_range = |value: String, shortest, longest| {
        Err(invalid(value, format!("give {}", say_range(shortest, longest))))
    };
    let span = behavior.link_life.as_ref().and_then(|fact| fact.value.span());
    if let (Some(life), Some(LinkSpan { shortest, longest, .. })) = (request.expires_in, span)
        && !(shortest..=longest).contains(&life)
    {
        let message = format!("the link's lifetime (expires_in) is {} s", life.as_secs());
        return out_of_range(message, shortest, longest);
    }
    let every = behavior.ping_interval.as_ref().map(|fact| fact.value);
    if let (Some(ping), Some(Interval { shortest, longest })) = (&request.ping, every)
        && !(shortest..=longest).contains(&ping.every)
    {
        return out_of_range(format!("the ping interval is {}", say(ping.every)), shortest, longest);
    }
    Ok(())
}

impl Request for CheckAccess {
    type Reply = Access;
    const OPERATION: Operation = Operation::SignIn;

    fn send<'a>(&'a self, provider: &'a dyn Provider, cx: &'a Context) -> Performing<'a, Access> {
        provider.check_access(cx)
    }
}
