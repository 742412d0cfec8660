//! The results of a view, a resend or a new code, as sentences.

use countersign::{
    AccessCodeChanged, MailExpectation, NoMail, RecipientId, RecipientRef, Resent, SigningView, Unlocking,
};

use countersign::provider::Channel;
use countersign::returns::ReturnsTo;

use super::table::safe;
use crate::paste::Unlock;

pub(crate) fn link_life(view: &SigningView) -> String {
    let until = match view.expires_at {
        Some(at) => format!("works until {}", at.strftime("%Y-%m-%d %H:%M:%S UTC")),
        None => "its lifetime is not known".to_owned(),
    };
    let often = match view.single_use {
        Some(true) => ", once only",
        Some(false) => ", more than once",
        None => "",
    };
    let back = match &view.returns_to {
        ReturnsTo::Fixed(url) => {
            let url = safe(url.as_str());
            format!("after signing the browser goes to {url}, not to the requested return URL\n")
        }
        ReturnsTo::Vendor => {
            "after signing the browser stays at the vendor: the requested return URL is not used\n".to_owned()
        }
        _ => String::new(),
    };
    format!(
        "link for id:{}: {until}{often}; a secret: redirect the signer to it, do not store or mail it\n{back}",
        safe(view.recipient.as_str())
    )
}

pub(crate) fn resent(reply: &Resent, unlock: &Unlock) -> String {
    if reply.to.is_empty() {
        return "accepted; it is no recipient's turn, so no mail is sent\n".to_owned();
    }
    let line = |one: &countersign::ResentTo| {
        format!(
            "id:{}: accepted; {}{}{}\n",
            safe(one.recipient.as_str()),
            mailed(one),
            match (one.code_in_mail, &one.mail) {
                (true, MailExpectation::Expected) => ", and it contains the access code",
                _ => "",
            },
            unlocking(one.unlocking, &one.recipient, unlock)
        )
    };
    reply.to.iter().map(line).collect()
}

pub(crate) fn code_changed(reply: &AccessCodeChanged, unlock: &Unlock) -> String {
    let mail = match &reply.mail {
        MailExpectation::NotExpected(NoMail::NotAsked) => String::new(),
        other => format!("; {}", mail(other)),
    };
    let telling = match (reply.code_in_mail, &reply.mail) {
        (true, MailExpectation::Expected) => "the mail contains the new code",
        (true, _) => "the vendor's mails to this signer contain the code",
        (false, _) => "no mail contains the new code: tell it to the signer yourself",
    };
    format!(
        "id:{}: the access code is changed{mail}{}; {telling}\n",
        safe(reply.recipient.as_str()),
        unlocking(reply.unlocking, &reply.recipient, unlock)
    )
}

fn mailed(one: &countersign::ResentTo) -> String {
    match one.mailed_at.filter(|_| one.mail == MailExpectation::Expected) {
        Some(at) => format!("the vendor's log has the mail, at {}", at.strftime("%Y-%m-%d %H:%M:%S UTC")),
        None => mail(&one.mail),
    }
}

fn mail(mail: &MailExpectation) -> String {
    let why = match mail {
        MailExpectation::Expected => return "a mail is to be expected".to_owned(),
        MailExpectation::NotExpected(why) => why,
        MailExpectation::Partly(not_by, why) => return partly(*not_by, *why),
        _ => return "it is not known whether a mail is sent".to_owned(),
    };
    let why = match why {
        NoMail::NotAsked => "no mail was requested",
        NoMail::Embedded => "no mail, because they sign within your application: give them a link",
        NoMail::NotInTurn => "no mail now, because others have to act first",
        NoMail::Done => "no mail, because they have finished",
        NoMail::NoAddress => "no mail, because they have no address",
        NoMail::Muted => "no mail, because the vendor's mails are switched off here",
        NoMail::DeliveryFailed => {
            "no mail, because the previous one could not be delivered: correct the address first"
        }
        NoMail::NotSent => {
            "no mail: the vendor accepted the request, but its log has none; ask the vendor's administrator"
        }
        NoMail::Refused(kind) => {
            return format!("no mail, because the vendor refused to send one ({})", kind.short());
        }
        other => return format!("no mail ({})", other.as_str()),
    };
    why.to_owned()
}

fn partly(not_by: Channel, why: NoMail) -> String {
    let by_sms = not_by == Channel::Email;
    let (by, not_by) = if by_sms { ("SMS", "e-mail") } else { ("e-mail", "SMS") };
    let why = match why {
        NoMail::Refused(kind) => format!("refused: {}", kind.short()),
        other => other.as_str().replace('_', " "),
    };
    format!("sent by {by}, but not by {not_by} ({why})")
}

fn unlocking(unlocking: Unlocking, recipient: &RecipientId, unlock: &Unlock) -> String {
    match unlocking {
        Unlocking::Unlocked => "; the signer has new attempts".to_owned(),
        Unlocking::StillLocked => {
            format!("; the signer is still locked; {}", unlock.remedy(&RecipientRef::Id(recipient.clone())))
        }
        Unlocking::Unverified => {
            format!("; it is not known whether this gives a locked signer new attempts: {}", unlock.to_see())
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign::ResentTo;

    #[test]
    fn a_code_that_the_vendor_mails_is_not_left_to_the_caller() {
        let id = || RecipientId::new("1").expect("an id");
        let changed = |mail, mailed| {
            let changed = AccessCodeChanged::new(id(), mail, Unlocking::NotNeeded).with_code_in_mail(mailed);
            code_changed(&changed, &Unlock::default())
        };
        assert!(changed(MailExpectation::Expected, true).ends_with("; the mail contains the new code\n"));
        let not_asked = || MailExpectation::NotExpected(NoMail::NotAsked);
        let unknown = changed(MailExpectation::Unknown, true);
        assert!(unknown.ends_with("; the vendor's mails to this signer contain the code\n"));
        // The answer to a reminder may have got lost, whatever the vendor documents.
        assert!(unknown.contains("; it is not known whether a mail is sent;"), "{unknown}");
        for mailed in [true, false] {
            assert!(changed(not_asked(), mailed).ends_with("tell it to the signer yourself\n"));
        }
        let one =
            ResentTo::new(id(), MailExpectation::Expected, Unlocking::NotNeeded).with_code_in_mail(true);
        let text = resent(&Resent::new(vec![one]), &Unlock::default());
        assert_eq!(text, "id:1: accepted; a mail is to be expected, and it contains the access code\n");
    }

    #[test]
    fn a_channel_that_failed_is_told_beside_the_one_that_did_not() {
        let limit = NoMail::Refused(countersign::ErrorKind::QuotaExceeded);
        for (not_by, why, text) in [
            (Channel::Sms, limit, "sent by e-mail, but not by SMS (refused: quota exceeded)"),
            (Channel::Email, NoMail::DeliveryFailed, "sent by SMS, but not by e-mail (delivery failed)"),
        ] {
            let id = RecipientId::new("1").expect("an id");
            let one = ResentTo::new(id, MailExpectation::Partly(not_by, why), Unlocking::NotNeeded);
            let one = one.with_mailed_at(countersign::Timestamp::UNIX_EPOCH);
            let shown = resent(&Resent::new(vec![one]), &Unlock::default());
            assert_eq!(shown, format!("id:1: accepted; {text}\n"));
        }
    }
}
