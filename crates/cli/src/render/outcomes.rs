//! What a view, a resend or a new code came to, in sentences.

use countersign::{AccessCodeChanged, MailExpectation, NoMail, Resent, SigningView, Unlocking};

use super::table::safe;

/// What is known of a link's life.
pub(crate) fn link_life(view: &SigningView) -> String {
    let until = match view.expires_at {
        Some(at) => format!("works until {}", at.strftime("%Y-%m-%d %H:%M:%S UTC")),
        None => "how long it works is not known".to_owned(),
    };
    let often = match view.single_use {
        Some(true) => ", once only",
        Some(false) => ", more than once",
        None => "",
    };
    format!(
        "link for id:{}: {until}{often}; a secret: redirect the signer to it, do not store or mail it\n",
        safe(view.recipient.as_str())
    )
}

/// One sentence per recipient.
pub(crate) fn resent(reply: &Resent) -> String {
    if reply.to.is_empty() {
        return "accepted; nobody is due, so nobody is asked\n".to_owned();
    }
    let line = |one: &countersign::ResentTo| {
        format!(
            "id:{}: accepted; {}{}\n",
            safe(one.recipient.as_str()),
            mail(&one.mail),
            unlocking(one.unlocking)
        )
    };
    reply.to.iter().map(line).collect()
}

/// One sentence.
pub(crate) fn code_changed(reply: &AccessCodeChanged) -> String {
    let mail = match &reply.mail {
        MailExpectation::NotExpected(NoMail::NotAsked) => String::new(),
        other => format!("; {}", mail(other)),
    };
    format!(
        "id:{}: the access code is changed{mail}{}; the vendor does not tell it to the signer, so you have to\n",
        safe(reply.recipient.as_str()),
        unlocking(reply.unlocking)
    )
}

fn mail(mail: &MailExpectation) -> String {
    let why = match mail {
        MailExpectation::Expected => return "a mail is to be expected".to_owned(),
        MailExpectation::NotExpected(why) => why,
        _ => return "whether the vendor sends a mail in this case is not public".to_owned(),
    };
    match why {
        NoMail::NotAsked => "no mail was asked for".to_owned(),
        NoMail::Embedded => "no mail, since they sign within your application: give them a link".to_owned(),
        NoMail::NotInTurn => "no mail now, since others have to act first".to_owned(),
        NoMail::Done => "no mail, since they are done".to_owned(),
        NoMail::NoAddress => "no mail, since they have no address".to_owned(),
        NoMail::Muted => "no mail, since the vendor's mails are switched off here".to_owned(),
        NoMail::DeliveryFailed => {
            "no mail, since the one before did not arrive: correct the address first".to_owned()
        }
        NoMail::Refused(kind) => format!("no mail, since the vendor refused to send one ({})", kind.short()),
        other => format!("no mail ({})", other.as_str()),
    }
}

fn unlocking(unlocking: Unlocking) -> &'static str {
    match unlocking {
        Unlocking::Unlocked => "; the signer has new attempts",
        Unlocking::StillLocked => "; the signer is still locked: see `countersign explain recipient-locked`",
        Unlocking::Unverified => {
            "; whether this gives a locked signer new attempts is not documented: list the recipients to see"
        }
        _ => "",
    }
}
