//! Converts our requests to BoldSign's, and its document to our list of recipients. Pure functions.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use countersign_core::json::{filled, trimmed};
use countersign_core::{
    AccessCode, AccessCodeState, Email, EnvelopeId, EnvelopeStatus, Error, ErrorKind, FieldMap,
    IdentityCheck, Phone, Recipient, RecipientId, RecipientStatus, Recipients, RequestBuilder, Result,
    ReturnUrl, Role, Timestamp, WebhookEvent,
};
use http::Method;

use crate::DESCRIPTOR;
use crate::check::{Address, MUTED, REPEATED_ADDRESS, mark_repeated};
use crate::wire::{self, NewAccessCode, Properties, Reminder, Signer};

/// A signer in a webhook stores under this name the time of their last activity.
pub(crate) const LAST_ACTIVITY: &str = "lastActivityDate";

fn document(method: Method, route: &str) -> RequestBuilder {
    RequestBuilder::new(method, &["v1", "document", route])
}

/// The whole document.
pub(crate) fn properties(envelope: &EnvelopeId) -> RequestBuilder {
    document(Method::GET, "properties").query("documentId", envelope.as_str())
}

/// The cheapest call that needs the credentials: with a token, one that needs no scope beyond those of the four
/// operations.
pub(crate) fn probe(has_scopes: bool) -> RequestBuilder {
    match has_scopes {
        true => document(Method::GET, "list").query("Page", "1").query("PageSize", "1"),
        false => RequestBuilder::new(Method::GET, &["v1", "brand", "list"]),
    }
}

/// A signing link. This call has no order, so the address must be unique on the document.
pub(crate) fn sign_link(
    envelope: &EnvelopeId,
    address: Address<'_>,
    valid_till: Option<Timestamp>,
    return_url: &ReturnUrl,
) -> RequestBuilder {
    let out = document(Method::GET, "getEmbeddedSignLink").query("DocumentId", envelope.as_str());
    let mut out = match address {
        Address::Email(email) => out.query("SignerEmail", email),
        Address::Phone(phone) => out
            .query("CountryCode", phone.country_code.unwrap_or_default())
            .query("PhoneNumber", phone.number.unwrap_or_default()),
    };
    if let Some(valid_till) = valid_till {
        out = out.query("SignLinkValidTill", &valid_till.to_string());
    }
    out.query("RedirectUrl", return_url.as_str())
        .simulated_response(|_| r#"{"signLink":"https://planned.invalid/"}"#.to_owned())
}

/// A reminder to the given addresses, at least one: a reminder without addresses goes to everyone.
///
/// The addresses are in the query. BoldSign ignores them in the body, and reminds everyone.
pub(crate) fn remind(
    envelope: &EnvelopeId,
    to: &[Address<'_>],
    message: Option<&str>,
    sender: Option<&Email>,
) -> Result<RequestBuilder> {
    if to.is_empty() {
        return Err(Error::new(ErrorKind::InvalidRequest, "a reminder needs at least one recipient"));
    }
    let mut out = document(Method::POST, "remind").query("documentId", envelope.as_str());
    let mut phones = Vec::new();
    for address in to {
        match address {
            Address::Email(email) => out = out.query("receiverEmails", email),
            Address::Phone(phone) => phones.push(*phone),
        }
    }
    // BoldSign's Python SDK crashes without a body and its Node SDK sends none: both sides accept `{}`.
    let body = Reminder { message, on_behalf_of: sender.map(Email::as_str), reminder_phone_numbers: phones };
    Ok(out.json(&body)?.simulated_response(|_| String::new()))
}

/// A change of the access code. The signer is in the query and the code in the body.
///
/// The order is always sent if the list has one: without it, BoldSign's own clients address different signers.
pub(crate) fn change_access_code(
    envelope: &EnvelopeId,
    address: Address<'_>,
    order: Option<u32>,
    code: &AccessCode,
    sender: Option<&Email>,
) -> Result<RequestBuilder> {
    let mut out = document(Method::PATCH, "changeAccessCode").query("DocumentId", envelope.as_str());
    let mut phone_number = None;
    match address {
        Address::Email(email) => out = out.query("EmailId", email),
        Address::Phone(phone) => phone_number = Some(phone),
    }
    if let Some(order) = order {
        out = out.query("ZOrder", &order.to_string());
    }
    let body =
        NewAccessCode { access_code: code.expose(), phone_number, on_behalf_of: sender.map(Email::as_str) };
    Ok(out.secret(code.secret()).json(&body)?.simulated_response(|_| String::new()))
}

/// All recipients of the document; none is omitted.
///
/// BoldSign accepts none of its own ids for a signer; it accepts the address and the order. So an id is
/// `anna@example.com#2` or `+4912345#1`; for recipients of a copy `cc:anna@example.com`; for a group
/// `group:<id>#1`; for a row without any address, such as a reassigned one, `unaddressed#1`. If two rows would get
/// the same id, the later ones get `~2`, `~3` appended, by their position in the answer.
pub(crate) fn recipients(mut document: Properties) -> Recipients {
    let mut signers = document.signer_details.take().unwrap_or_default();
    let (whole, mut ids) = (Whole::new(&document, &signers), Ids::default());
    let mut list = Vec::with_capacity(signers.len());
    for signer in &mut signers {
        let members = signer.group_signers.take().unwrap_or_default();
        let mut members: Vec<Signer> = members.into_iter().map(|member| of_group(member, signer)).collect();
        list.push(recipient(&whole, signer, false, &mut ids));
        list.extend(members.iter_mut().map(|row| recipient(&whole, row, true, &mut ids)));
    }
    mark_repeated(&mut list);
    tell_history(&document, &mut list);
    list.extend(document.cc_details.iter().flatten().map(|copy| with_copy(copy, &mut ids)));
    Recipients::new(list, whole.current_order(), whole.status).with_expires_at(document.expiry_date.0)
}

/// A member who may sign for a group, as a row: the values of the group's row also apply to the member, except the
/// phone number, which may not be the member's.
fn of_group(member: Signer, group: &Signer) -> Signer {
    Signer {
        id: member.id,
        signer_name: member.signer_name,
        signer_email: member.signer_email,
        status: member.status,
        is_viewed: member.is_viewed,
        is_delivery_failed: member.is_delivery_failed,
        is_authentication_failed: member.is_authentication_failed,
        phone_number: None,
        sign_type: wire::Word::default(),
        ..group.clone()
    }
}

fn recipient(whole: &Whole<'_>, row: &mut Signer, in_group: bool, ids: &mut Ids) -> Recipient {
    let joined = |phone: &wire::Phone| Phone::joined(phone.country_code.as_deref(), phone.number.as_deref());
    let phone = row.phone_number.as_ref().and_then(joined);
    let email = row.signer_email.take().and_then(trimmed);
    let group = || filled(&row.group_id).map(|id| Cow::Owned(format!("group:{id}")));
    let address = email.as_deref().or(phone.as_deref()).map(Cow::Borrowed).or_else(group);
    let id = ids.make(&address.unwrap_or(Cow::Borrowed("unaddressed")), Some(row.order.unwrap_or_default()));
    let role = filled(&row.signer_type.0).map_or(Role::Signer, |word| DESCRIPTOR.facts.words.role.read(word));
    let mut person = Recipient::new(id, role);
    person.phone = phone;
    person.order = row.order.and_then(|order| u32::try_from(order).ok());
    let turn = whole.turn(row);
    person.status = whole.progress(row, turn);
    let past = person.status.is_done() || row.is_reassigned == Some(true) || !whole.is_open();
    person.in_turn = if past { Some(false) } else { turn };
    (person.access_code, person.other_checks) = checks(row);
    person.name = row.signer_name.take();
    person.email = email;
    person.vendor.kind = match in_group {
        true => Cow::Borrowed("groupSigners"),
        false => row.signer_type.0.take().unwrap_or(Cow::Borrowed("Signer")),
    };
    person.vendor.status = row.status.0.take().unwrap_or_default();
    person.vendor.extra = words(whole.document, row);
    person
}

fn with_copy(copy: &wire::Copy, ids: &mut Ids) -> Recipient {
    let email = filled(&copy.email_address);
    let id = ids.make(&format!("cc:{}", email.unwrap_or("unaddressed")), None);
    let mut person = Recipient::new(id, Role::CarbonCopy);
    person.email = email.map(str::to_owned);
    // BoldSign reports only whether they viewed it; and they are never asked to act.
    let viewed = copy.is_viewed == Some(true);
    person.status = if viewed { RecipientStatus::Viewed } else { RecipientStatus::Waiting };
    person.vendor.kind = "ccDetails".into();
    if let Some(viewed) = copy.is_viewed {
        person.vendor.extra.insert("isViewed", flag(viewed));
    }
    person
}

/// Values without a field in our types, by BoldSign's names, sorted by name, which is how they are stored.
fn words(document: &Properties, row: &mut Signer) -> FieldMap {
    let reminders = row.recipient_notification_settings.as_ref().and_then(|told| told.reminders);
    let for_all = document.recipient_notification_settings.as_ref().and_then(|told| told.reminders);
    let phone = row.phone_number.take().unwrap_or_default();
    FieldMap::filled([
        ("authenticationRetryCount", row.authentication_retry_count.map(|count| count.to_string().into())),
        ("authenticationType", row.authentication_type.0.take()),
        ("countryCode", phone.country_code.map(Cow::Owned)),
        ("deliveryMode", row.delivery_mode.0.take()),
        (MUTED, document.disable_emails.filter(|muted| *muted).map(flag)),
        ("displayStatus", document.display_status.clone().map(Cow::Owned)),
        ("groupId", row.group_id.take().map(Cow::Owned)),
        ("hostEmail", row.host_email.take().map(Cow::Owned)),
        ("hostName", row.host_name.take().map(Cow::Owned)),
        ("id", row.id.take().map(Cow::Owned)),
        ("isAuthenticationFailed", row.is_authentication_failed.map(flag)),
        ("isDeliveryFailed", row.is_delivery_failed.map(flag)),
        ("isReassigned", row.is_reassigned.map(flag)),
        ("isViewed", row.is_viewed.map(flag)),
        (LAST_ACTIVITY, row.last_activity_date.0.map(|at| at.as_second().to_string().into())),
        ("phoneNumber", phone.number.map(Cow::Owned)),
        ("recipientNotificationSettings.reminders", reminders.or(for_all).map(flag)),
        ("signType", row.sign_type.0.take()),
        ("signerRole", row.signer_role.take().map(Cow::Owned)),
    ])
}

fn flag(set: bool) -> Cow<'static, str> {
    Cow::Borrowed(if set { "true" } else { "false" })
}

/// Values of the whole document that apply to its signers; computed once for all of them.
struct Whole<'d> {
    document: &'d Properties,
    status: Option<EnvelopeStatus>,
    /// The lowest order with an unfinished signer.
    lowest_open: Option<i64>,
}

impl<'d> Whole<'d> {
    fn new(document: &'d Properties, signers: &[Signer]) -> Self {
        let words = &DESCRIPTOR.facts.words.envelope_status;
        let status = match document.is_deleted {
            Some(true) => Some(EnvelopeStatus::Deleted),
            _ => filled(&document.status).map(|word| words.read(word)),
        };
        let open = signers.iter().filter(|signer| is_open(signer));
        Self { document, status, lowest_open: open.map(|signer| signer.order.unwrap_or_default()).min() }
    }

    /// Whether the signers before this one have finished; `None` if BoldSign does not report whether the order is
    /// enforced.
    ///
    /// A signer who handed over blocks no one: the row of the signer who took over does.
    fn turn(&self, signer: &Signer) -> Option<bool> {
        let mine = signer.order.unwrap_or_default();
        let held_up =
            self.document.enable_signing_order? && self.lowest_open.is_some_and(|lowest| lowest < mine);
        Some(!held_up)
    }

    /// Whether recipients can sign; true for every unknown status.
    fn is_open(&self) -> bool {
        !self.is_draft() && !self.status.as_ref().is_some_and(EnvelopeStatus::is_final)
    }

    fn is_draft(&self) -> bool {
        self.status == Some(EnvelopeStatus::Draft)
    }

    fn current_order(&self) -> Option<u32> {
        let ordered = self.document.enable_signing_order == Some(true) && self.is_open();
        self.lowest_open.filter(|_| ordered).and_then(|order| u32::try_from(order).ok())
    }

    /// From BoldSign's word; if that is "not completed", from the other members of the row.
    fn progress(&self, row: &Signer, turn: Option<bool>) -> RecipientStatus {
        let word = filled(&row.status.0).unwrap_or_default();
        let is = |known: &str| word.eq_ignore_ascii_case(known);
        if !word.is_empty() && !is("NotCompleted") && !is("None") {
            return DESCRIPTOR.facts.words.recipient_status.read(word);
        }
        if row.is_reassigned == Some(true) {
            RecipientStatus::Other("Reassigned".to_owned())
        } else if row.is_delivery_failed == Some(true) {
            RecipientStatus::DeliveryFailed
        } else if row.is_viewed == Some(true) {
            RecipientStatus::Viewed
        } else if is("None") || turn == Some(false) || self.is_draft() {
            RecipientStatus::Waiting
        } else {
            RecipientStatus::Notified
        }
    }
}

fn is_open(signer: &Signer) -> bool {
    let finished = filled(&signer.status.0).is_some_and(|word| word.eq_ignore_ascii_case("Completed"));
    !finished && signer.is_reassigned != Some(true)
}

/// The access code, and the alternative identity check. `false` means "enabled and not failed", which does not mean
/// that it was passed.
fn checks(row: &Signer) -> (AccessCodeState, Vec<IdentityCheck>) {
    let failed = row.is_authentication_failed == Some(true);
    let told = filled(&row.authentication_type.0).filter(|word| !word.eq_ignore_ascii_case("None"));
    let method = match told {
        Some(word) => word,
        None if row.enable_access_code == Some(true) => "AccessCode",
        None if row.enable_email_otp == Some(true) => "EmailOTP",
        None => return (AccessCodeState::NotRequired, Vec::new()),
    };
    if !method.eq_ignore_ascii_case("AccessCode") {
        return (AccessCodeState::NotRequired, vec![IdentityCheck::new(method, failed)]);
    }
    (if failed { AccessCodeState::Failed } else { AccessCodeState::Required }, Vec::new())
}

/// What the audit trail records about single recipients: when they viewed, signed or declined, and why.
///
/// The recipients' rows in `properties` have no such times. An entry identifies a recipient by e-mail only, so it
/// is used if that e-mail occurs once among the signers.
fn tell_history(document: &Properties, list: &mut [Recipient]) {
    // The document has one reason. With two recipients who declined, its author is unknown.
    let mut decliners = list.iter_mut().filter(|person| person.status == RecipientStatus::Declined);
    if let (Some(decliner), None) = (decliners.next(), decliners.next()) {
        decliner.decline_reason = document.decline_message.clone().filter(|text| !text.trim().is_empty());
    }
    let sender = document.sender_detail.as_ref().and_then(|sender| sender.email_address.as_deref());
    let words = &DESCRIPTOR.facts.words.history;
    for event in document.document_history.iter().flatten() {
        let told = event.action.0.as_deref().and_then(|action| words.get(action));
        let (Some(told), Some(at), Some(email)) = (told, event.timestamp.0, &event.email) else { continue };
        // A sender who also signs views the document in both roles.
        let email = email.trim();
        let by_sender = sender.is_some_and(|sender| sender.eq_ignore_ascii_case(email));
        for person in list.iter_mut() {
            let theirs = person.email.as_deref().is_some_and(|theirs| theirs.eq_ignore_ascii_case(email));
            if !theirs || person.vendor.extra.contains_key(REPEATED_ADDRESS) {
                continue;
            }
            match (told, &person.status) {
                (WebhookEvent::RecipientSigned, RecipientStatus::Signed) => {
                    person.signed_at = person.signed_at.max(Some(at));
                }
                (WebhookEvent::RecipientDeclined, RecipientStatus::Declined) => {
                    person.declined_at = person.declined_at.max(Some(at));
                }
                (WebhookEvent::RecipientViewed, _) if !by_sender => {
                    person.viewed_at = Some(person.viewed_at.map_or(at, |known| known.min(at)));
                }
                _ => {}
            }
        }
    }
}

/// Creates unique ids.
#[derive(Default)]
struct Ids(BTreeSet<RecipientId>);

impl Ids {
    fn make(&mut self, address: &str, order: Option<i64>) -> RecipientId {
        let mut count = 1_u64;
        loop {
            let id = |address: &str| {
                let mut text = String::with_capacity(address.len() + 8);
                text.push_str(address);
                if let Some(order) = order {
                    let _ = write!(text, "#{order}");
                }
                if count > 1 {
                    let _ = write!(text, "~{count}");
                }
                RecipientId::new(text)
            };
            // An address that cannot be an id (too long, control characters) counts as none.
            if let Ok(id) = id(address).or_else(|_| id("unaddressed"))
                && self.0.insert(id.clone())
            {
                return id;
            }
            count += 1;
        }
    }
}
