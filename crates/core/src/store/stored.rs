//! Replies and errors as bytes that other builds read: JSON with a version.

use std::borrow::Cow;

use secrecy::zeroize::Zeroizing;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, ErrorParts};
use crate::model::{
    AccessCodeChanged, Channel, MailExpectation, NoMail, RecipientId, Resent, ResentTo, ReturnUrl, ReturnsTo,
    SigningLink, SigningView, Timestamp, Unlocking,
};

/// The version of all that this build writes, tokens and sign-ins too, and the only one that it reads. Members that
/// are added later are optional and keep the version.
const VERSION: u32 = 1;

/// The reply of a call under a key. A signing link in it is secret: `Debug` hides it, and a durable ledger seals
/// the bytes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum StoredReply {
    /// Of a call that created a signing link.
    View(SigningView),
    /// Of a resend.
    Resent(Resent),
    /// Of a change of an access code.
    AccessCodeChanged(AccessCodeChanged),
}

/// The error of a call under a key whose outcome is unknown: everything but the error's source and the vendor's
/// body. It may contain names and addresses, so a durable ledger seals the bytes.
#[derive(Debug, Clone)]
pub struct StoredError(Error);

/// The stored bytes are of an unknown version, or damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// Written by a build with another version of the format.
    #[error("the stored value has a version that this build does not read")]
    Version,
    /// Not what a build with this version writes.
    #[error("the stored value is damaged")]
    Damaged,
}

impl From<Unreadable> for Error {
    fn from(unreadable: Unreadable) -> Self {
        Error::new(ErrorKind::Unexpected, unreadable.to_string()).with_source(unreadable)
    }
}

impl StoredReply {
    /// The reply as bytes.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        write(&match self {
            Self::View(view) => Reply::View {
                link: view.link.expose().into(),
                expires_at: view.expires_at,
                single_use: view.single_use,
                recipient: view.recipient.as_str().into(),
                returns_to: match &view.returns_to {
                    ReturnsTo::Requested => None,
                    ReturnsTo::Fixed(url) => Some(url.as_str().into()),
                    ReturnsTo::Vendor => Some(VENDOR_PAGE.into()),
                },
            },
            Self::Resent(resent) => {
                let to = resent.to.iter().map(
                    |ResentTo { recipient, mail, unlocking, code_in_mail, mailed_at }| One {
                        mailed_at: *mailed_at,
                        ..One::of(recipient, mail, *unlocking, *code_in_mail)
                    },
                );
                Reply::Resent { to: to.collect() }
            }
            Self::AccessCodeChanged(AccessCodeChanged { recipient, mail, unlocking, code_in_mail }) => {
                Reply::AccessCodeChanged(One::of(recipient, mail, *unlocking, *code_in_mail))
            }
        })
    }

    /// Reads the bytes back.
    ///
    /// # Errors
    /// [`Unreadable`] for an unknown version, or damaged bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        Ok(match read::<Reply<'_>>(bytes)? {
            Reply::View { link, expires_at, single_use, recipient, returns_to } => {
                let link = SigningLink::new(link.into_owned()).map_err(|_| Unreadable::Damaged)?;
                let mut view = SigningView::new(link, id(&recipient)?);
                (view.expires_at, view.single_use) = (expires_at, single_use);
                view.returns_to = match returns_to.as_deref() {
                    None => ReturnsTo::Requested,
                    Some(VENDOR_PAGE) => ReturnsTo::Vendor,
                    Some(url) => ReturnsTo::Fixed(ReturnUrl::new(url).map_err(|_| Unreadable::Damaged)?),
                };
                Self::View(view)
            }
            Reply::Resent { to } => {
                Self::Resent(Resent::new(to.into_iter().map(One::read).collect::<Result<_, _>>()?))
            }
            Reply::AccessCodeChanged(one) => {
                let ResentTo { recipient, mail, unlocking, code_in_mail, .. } = one.read()?;
                let changed = AccessCodeChanged::new(recipient, mail, unlocking);
                Self::AccessCodeChanged(changed.with_code_in_mail(code_in_mail))
            }
        })
    }
}

impl StoredError {
    /// The error as bytes.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        write(&ErrorParts::of(&self.0))
    }

    /// Reads the bytes back.
    ///
    /// # Errors
    /// [`Unreadable`] for an unknown version, or damaged bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        read::<ErrorParts<'_>>(bytes).map(|parts| Self(parts.into_error()))
    }

    /// The error, without its source.
    pub fn error(&self) -> &Error {
        &self.0
    }

    /// The error, without its source.
    pub fn into_error(self) -> Error {
        self.0
    }
}

impl From<&Error> for StoredError {
    /// Keeps what the bytes keep, so that an error is the same from every ledger.
    fn from(error: &Error) -> Self {
        Self(ErrorParts::of(error).into_error())
    }
}

#[derive(Serialize)]
struct Versioned<'a, T> {
    v: u32,
    #[serde(flatten)]
    value: &'a T,
}

#[derive(Deserialize)]
struct VersionOnly {
    v: u32,
}

/// A value as JSON with a version.
pub(crate) fn write(value: &impl Serialize) -> Zeroizing<Vec<u8>> {
    // Only maps with keys other than text cannot be written, and there are none.
    Zeroizing::new(serde_json::to_vec(&Versioned { v: VERSION, value }).unwrap_or_default())
}

/// Reads what [`write`] wrote.
pub(crate) fn read<'b, T: Deserialize<'b>>(bytes: &'b [u8]) -> Result<T, Unreadable> {
    let VersionOnly { v } = serde_json::from_slice(bytes).map_err(|_| Unreadable::Damaged)?;
    if v != VERSION {
        return Err(Unreadable::Version);
    }
    serde_json::from_slice(bytes).map_err(|_| Unreadable::Damaged)
}

fn id(text: &str) -> Result<RecipientId, Unreadable> {
    RecipientId::new(text).map_err(|_| Unreadable::Damaged)
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
enum Reply<'a> {
    View {
        link: Cow<'a, str>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        single_use: Option<bool>,
        recipient: Cow<'a, str>,
        /// A URL or [`VENDOR_PAGE`]; absent if the signer returns where the caller asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        returns_to: Option<Cow<'a, str>>,
    },
    Resent {
        to: Vec<One<'a>>,
    },
    AccessCodeChanged(One<'a>),
}

/// The result for one recipient.
#[derive(Serialize, Deserialize)]
struct One<'a> {
    recipient: Cow<'a, str>,
    /// `expected`, `partly`, `unknown`, or why none is expected.
    mail: Cow<'a, str>,
    /// The channel that failed, and why, if `partly`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    not_by: Option<(Cow<'a, str>, Cow<'a, str>)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused_as: Option<Cow<'a, str>>,
    unlocking: Cow<'a, str>,
    #[serde(default)]
    code_in_mail: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mailed_at: Option<Timestamp>,
}

impl<'a> One<'a> {
    fn of(
        recipient: &'a RecipientId,
        mail: &MailExpectation,
        unlocking: Unlocking,
        code_in_mail: bool,
    ) -> Self {
        let (mail, not_by, why) = match mail {
            MailExpectation::Expected => ("expected", None, None),
            MailExpectation::Unknown => ("unknown", None, None),
            MailExpectation::Partly(channel, why) => {
                ("partly", Some((channel.as_str().into(), why.as_str().into())), Some(*why))
            }
            MailExpectation::NotExpected(why) => (why.as_str(), None, Some(*why)),
        };
        Self {
            recipient: recipient.as_str().into(),
            mail: mail.into(),
            not_by,
            refused_as: why.and_then(NoMail::refused_as).map(|kind| kind.as_str().into()),
            unlocking: unlocking.as_str().into(),
            code_in_mail,
            mailed_at: None,
        }
    }

    /// Words of a newer build become the most cautious known ones.
    fn read(self) -> Result<ResentTo, Unreadable> {
        let refused_as = self.refused_as.unwrap_or_default();
        let why = |word: &str| match word {
            "refused" => {
                let known = ErrorKind::ALL.iter().copied().find(|kind| kind.as_str() == refused_as);
                Some(NoMail::Refused(known.unwrap_or(ErrorKind::Unexpected)))
            }
            word => NO_MAIL.into_iter().find(|why| why.as_str() == word),
        };
        let partly = || {
            let (channel, word) = self.not_by.as_ref()?;
            let channel = Channel::ALL.iter().find(|known| known.as_str() == channel)?;
            Some(MailExpectation::Partly(*channel, why(word)?))
        };
        let mail = match &*self.mail {
            "expected" => Some(MailExpectation::Expected),
            "partly" => partly(),
            word => why(word).map(MailExpectation::NotExpected),
        };
        let mail = mail.unwrap_or(MailExpectation::Unknown);
        let known = Unlocking::ALL.iter().copied().find(|known| known.as_str() == self.unlocking);
        let unlocking = known.unwrap_or(Unlocking::Unverified);
        let mut read =
            ResentTo::new(id(&self.recipient)?, mail, unlocking).with_code_in_mail(self.code_in_mail);
        read.mailed_at = self.mailed_at;
        Ok(read)
    }
}

/// In place of a URL: the signer stays at the vendor.
const VENDOR_PAGE: &str = "vendor";

const NO_MAIL: [NoMail; 8] = [
    NoMail::NotAsked,
    NoMail::Embedded,
    NoMail::NotInTurn,
    NoMail::Done,
    NoMail::NoAddress,
    NoMail::Muted,
    NoMail::DeliveryFailed,
    NoMail::NotSent,
];

#[cfg(test)]
mod tests;
