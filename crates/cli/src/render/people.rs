//! The recipients of an envelope.

use countersign::{AccessCodeState, GroupMember, Recipient, RecipientRef, RecipientStatus, Recipients, Role};

use super::table::{self, moment, safe, safe_or_dash};
use crate::paste::Unlock;

const HEADINGS: [&str; 8] =
    ["id", "name", "reached at", "role", "order", "status", "access code", "embedded"];

/// All recipients as a table, or one below the other if a table would have to break addresses; then additional
/// sentences. Without a width nothing is wrapped.
pub(crate) fn text(list: &Recipients, width: Option<u16>, unlock: &Unlock) -> String {
    if list.recipients.is_empty() {
        return "The envelope has no recipients.\n".to_owned();
    }
    let rows: Vec<[String; 8]> = list.recipients.iter().map(cells).collect();
    let mut text = table::text(u16::MAX, HEADINGS, &rows);
    let widest = text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    if width.is_some_and(|width| widest > usize::from(width)) {
        text = as_blocks(&rows);
    }
    let order = list.current_order.map(|order| format!("; current order: {order}")).unwrap_or_default();
    let line = match &list.envelope_status {
        Some(status) => format!("envelope: {}{order}", safe(status.as_str())),
        // An envelope that may have ended has no current turn.
        None => "envelope: status unknown, it may have ended; --envelope-status requests it".to_owned(),
    };
    let remarks = list.recipients.iter().flat_map(|one| remarks(one, unlock));
    let below: Vec<String> = std::iter::once(line).chain(remarks).collect();
    text.push_str(&format!("\n{}\n", below.join("\n")));
    text
}

fn cells(one: &Recipient) -> [String; 8] {
    [
        safe(one.id.as_str()).into_owned(),
        safe_or_dash(one.name.as_deref()),
        safe_or_dash(one.email.as_deref().filter(|email| !email.is_empty()).or(one.phone.as_deref())),
        safe(one.role.as_str()).replace('_', " "),
        one.order.map_or_else(|| "-".to_owned(), |order| order.to_string()),
        status(one),
        code(one).to_owned(),
        embedded(one),
    ]
}

fn as_blocks(rows: &[[String; 8]]) -> String {
    let line = |(heading, cell): (&str, &String)| format!("{heading:<12}{cell}\n");
    let block = |row: &[String; 8]| -> String {
        HEADINGS.into_iter().zip(row).filter(|(_, cell)| cell.as_str() != "-").map(line).collect()
    };
    rows.iter().map(block).collect::<Vec<_>>().join("\n")
}

fn status(one: &Recipient) -> String {
    let at = match one.status {
        RecipientStatus::Notified => one.sent_at,
        RecipientStatus::Viewed => one.viewed_at,
        RecipientStatus::Signed => one.signed_at,
        RecipientStatus::Declined => one.declined_at,
        _ => None,
    };
    let word = match one.status.as_str() {
        "" => "-".to_owned(),
        word => safe(word).replace('_', " "),
    };
    match at {
        Some(at) => format!("{word} {}", moment(at)),
        None => word,
    }
}

fn code(one: &Recipient) -> &'static str {
    match one.access_code {
        AccessCodeState::NotRequired => "-",
        AccessCodeState::Required => "required",
        AccessCodeState::Failed if one.is_locked() => "FAILED",
        AccessCodeState::Failed => "failed earlier",
        AccessCodeState::Passed => "passed",
        _ => "?",
    }
}

/// Whether they sign within the application, with the application's own id if there is one.
fn embedded(one: &Recipient) -> String {
    match (one.embedded, one.client_user_id.as_deref()) {
        (Some(true), Some(id)) => format!("client:{}", safe(id)),
        (Some(true), None) => "yes".to_owned(),
        (Some(false), _) => "no".to_owned(),
        (None, _) => "-".to_owned(),
    }
}

fn remarks(one: &Recipient, unlock: &Unlock) -> Vec<String> {
    let id = safe(one.id.as_str());
    let mut remarks = Vec::new();
    if one.is_locked() {
        let remedy = unlock.remedy(&RecipientRef::Id(one.id.clone()));
        remarks.push(format!("id:{id} is locked after wrong access codes; {remedy}"));
    }
    if let Some(check) = one.failed_check() {
        remarks.push(format!("id:{id} failed another check: {}", safe(&check.method)));
    }
    if one.code_in_mail {
        remarks.push(format!("id:{id}: the vendor's mails to them contain the access code"));
    }
    if one.role == Role::Seal {
        remarks.push(format!(
            "id:{id} is an electronic seal: the vendor applies it; there is no recipient to mail or to link"
        ));
    }
    if let Some(members) = &one.members {
        let member = |one: &GroupMember| {
            let address = one.email.as_deref().map(|email| format!(" <{}>", safe(email)));
            format!("{}{}", safe_or_dash(one.name.as_deref()), address.unwrap_or_default())
        };
        let members: Vec<String> = members.iter().map(member).collect();
        remarks.push(match members.is_empty() {
            true => format!("id:{id} is a group; the vendor does not list its members"),
            false => format!("id:{id} is a group: {}", members.join(", ")),
        });
    }
    if let Some(reason) = one.decline_reason.as_deref().filter(|reason| !reason.is_empty()) {
        remarks.push(format!("id:{id} declined: {}", safe(reason)));
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign::{EnvelopeStatus, RecipientId};

    fn recipient(id: &str, role: Role) -> Recipient {
        Recipient::new(RecipientId::new(id).expect("an id"), role)
    }

    fn people() -> Recipients {
        let mut anna = recipient("1", Role::Signer);
        anna.name = Some("Anna Müller".into());
        anna.email = Some("anna+tag@example.com".into());
        anna.order = Some(1);
        anna.status = RecipientStatus::Signed;
        anna.signed_at = "2026-11-22T07:05:09Z".parse().ok();
        anna.access_code = AccessCodeState::Passed;
        let mut ben = recipient("2", Role::Signer);
        ben.name = Some("Ben\u{1b}[31m\r\nid:1  forged\u{202e}".into());
        ben.email = Some("ben@example.com".into());
        ben.order = Some(2);
        ben.embedded = Some(true);
        ben.client_user_id = Some("77".into());
        ben.status = RecipientStatus::Notified;
        ben.access_code = AccessCodeState::Failed;
        let mut cora = recipient("3", Role::Other("fancy\u{7}Kind".into()));
        cora.phone = Some("+4912345678".into());
        cora.status = RecipientStatus::Other("faxpending".into());
        cora.decline_reason = Some("no\u{9b}way".into());
        Recipients::new(vec![cora, ben, anna], Some(2), Some(EnvelopeStatus::Sent))
    }

    #[test]
    fn a_table_of_all_recipients() {
        insta::assert_snapshot!(text(&people(), None, &Unlock::default()));
    }

    #[test]
    fn a_narrow_terminal_gets_one_below_the_other() {
        insta::assert_snapshot!(text(&people(), Some(60), &Unlock::default()));
    }

    #[test]
    fn a_seal_and_a_group_are_told_as_what_they_are_and_a_mailed_code_is_told() {
        let seal = recipient("1", Role::Seal);
        let (mut group, mut signer) = (recipient("2", Role::Signer), recipient("3", Role::Signer));
        let member = |name: &str| GroupMember::new(Some(name.into()), Some(format!("{name}@example.com")));
        group.members = Some(vec![member("b1"), member("b2")]);
        signer.code_in_mail = true;
        let text = text(&Recipients::new(vec![seal, group, signer], None, None), None, &Unlock::default());
        for line in [
            "id:1 is an electronic seal: the vendor applies it; there is no recipient to mail or to link\n",
            "id:2 is a group: b1 <b1@example.com>, b2 <b2@example.com>\n",
            "id:3: the vendor's mails to them contain the access code\n",
        ] {
            assert!(text.contains(line), "{text}");
        }
    }

    #[test]
    fn no_recipient() {
        assert_eq!(
            text(&Recipients::new(Vec::new(), None, None), Some(80), &Unlock::default()),
            "The envelope has no recipients.\n"
        );
    }
}
