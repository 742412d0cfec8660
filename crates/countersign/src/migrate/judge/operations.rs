//! Links, resends and access codes.

use countersign_core::{Feature, LinkLife};

use super::super::calls::CallUse;
use super::super::lives::say;
use super::super::report::{Topic, Verdict};
use super::super::words::{Argument, Reliance};
use super::Judge;
use super::compare::Expected;

fn yes_or_no(value: &bool) -> String {
    if *value { "yes" } else { "no" }.to_owned()
}

fn known(value: &Option<bool>) -> String {
    value.as_ref().map_or_else(|| "not documented".to_owned(), yes_or_no)
}

impl Judge<'_> {
    pub(super) fn recipient(&mut self, call: &CallUse) {
        let Some(kind) = call.recipient else { return };
        let rows = (self.from.conduct.references, self.to.conduct.references);
        self.saying((Topic::Recipient, kind.title()), &kind, rows, true);
    }

    pub(super) fn arguments(&mut self, call: &CallUse) {
        for argument in &call.arguments {
            if let Some(feature) = argument.feature() {
                self.feature(Topic::Argument, feature, true);
            }
        }
    }

    pub(super) fn create_view(&mut self, call: &CallUse) {
        let (from, to) = (&self.from.conduct.link, &self.to.conduct.link);
        let relies = |reliance| call.relies(reliance);
        self.offered(Feature::CreateView);
        self.life(call);
        self.fact(
            (Topic::Link, "a link opens once only"),
            &from.single_use,
            &to.single_use,
            known,
            Expected::of(relies(Reliance::SingleUse), to.single_use.value),
        );
        self.feature(Topic::Link, Feature::ViewReturnOutcome, relies(Reliance::ReturnOutcome));
        self.fact(
            (Topic::Link, "the return URL may have a query or fragment"),
            &from.return_query,
            &to.return_query,
            yes_or_no,
            Expected::of(call.uses(Argument::ReturnUrlQuery), to.return_query.value),
        );
        self.fact(
            (Topic::Link, "only embedded recipients can be given a link"),
            &from.embedded_only,
            &to.embedded_only,
            yes_or_no,
            Expected::of(relies(Reliance::AnySigner), !to.embedded_only.value),
        );
        self.fact(
            (Topic::Link, "a signer whose address occurs twice can be given a link"),
            &from.repeated_signer,
            &to.repeated_signer,
            yes_or_no,
            Expected::of(relies(Reliance::RepeatedSigner), to.repeated_signer.value),
        );
    }

    fn life(&mut self, call: &CallUse) {
        let (from, to) = (&self.from.conduct.link.life, &self.to.conduct.link.life);
        let chosen = call.uses(Argument::ExpiresIn) && to.value.shortest != to.value.longest;
        let too_long = call.link_dies_within.is_some_and(|most| to.value.shortest > most);
        let too_short = call.link_lives_for.is_some_and(|least| to.value.longest < least);
        let to_be_asked = call.link_dies_within.is_some_and(|most| to.value.usual > most)
            || call.link_lives_for.is_some_and(|least| to.value.usual < least);
        let expected = if too_long || too_short {
            Expected::Unmet
        } else if to_be_asked && !chosen {
            Expected::Unknown
        } else {
            Expected::Nothing
        };
        let show = |life: &LinkLife| {
            let usual = say(life.usual);
            if life.shortest == life.longest {
                format!("{usual}, always")
            } else {
                format!(
                    "{usual}, or {} to {} when asked for (expires_in)",
                    say(life.shortest),
                    say(life.longest)
                )
            }
        };
        self.fact((Topic::Link, "how long a link lives"), from, to, show, expected);
    }

    pub(super) fn resend(&mut self, call: &CallUse) {
        let (from, to) = (&self.from.conduct.resend, &self.to.conduct.resend);
        let relies = |reliance| call.relies(reliance);
        if call.uses(Argument::Everyone) {
            // The feature is judged among the arguments.
        } else {
            self.offered(Feature::ResendOne);
            self.fact(
                (Topic::Mail, "a resend goes to one recipient, not to all parts of an address"),
                &from.one_recipient,
                &to.one_recipient,
                yes_or_no,
                Expected::of(relies(Reliance::OneRecipient), to.one_recipient.value),
            );
        }
        let enough =
            to.per_day.value.is_none_or(|limit| call.resends_per_day.is_none_or(|many| many <= limit));
        self.fact(
            (Topic::Mail, "resends of one envelope in a day"),
            &from.per_day,
            &to.per_day,
            |limit| limit.map_or_else(|| "no limit is documented".to_owned(), |limit| limit.to_string()),
            Expected::of(call.resends_per_day.is_some(), enough),
        );
        let mailed = to.mails_embedded.value;
        let expected = if relies(Reliance::MailToEmbedded) {
            Expected::of(true, mailed)
        } else {
            Expected::of(relies(Reliance::NoMailToEmbedded), !mailed)
        };
        self.fact(
            (Topic::Mail, "signers within the application are mailed"),
            &from.mails_embedded,
            &to.mails_embedded,
            yes_or_no,
            expected,
        );
        // An application that relies on silence keeps it by leaving allow_muted out, which is refused then.
        let silent = !to.mails_muted.value || !call.uses(Argument::AllowMuted);
        self.fact(
            (Topic::Mail, "mails although the envelope's mails are switched off"),
            &from.mails_muted,
            &to.mails_muted,
            yes_or_no,
            Expected::of(relies(Reliance::NoMailWhenMuted), silent),
        );
        self.fact(
            (Topic::Mail, "accepted before the recipient's turn"),
            &from.before_turn,
            &to.before_turn,
            yes_or_no,
            Expected::of(relies(Reliance::BeforeTurn), to.before_turn.value),
        );
        self.fact(
            (Topic::AccessCode, "a resend unlocks a signer"),
            &from.unlocks,
            &to.unlocks,
            known,
            Expected::of(relies(Reliance::Unlocks), to.unlocks.value),
        );
    }

    pub(super) fn change_access_code(&mut self, call: &CallUse) {
        let (from, to) = (&self.from.conduct.access_code, &self.to.conduct.access_code);
        self.offered(Feature::ChangeAccessCode);
        self.fact(
            (Topic::AccessCode, "a code can be set where there was none"),
            &from.first_code,
            &to.first_code,
            yes_or_no,
            Expected::of(call.relies(Reliance::FirstCode), to.first_code.value),
        );
        let (what, from_unlocks, to_unlocks) = if call.uses(Argument::Notify) {
            ("a new code with notify unlocks a signer", &from.unlocks_with_notify, &to.unlocks_with_notify)
        } else {
            ("a new code alone unlocks a signer", &from.unlocks, &to.unlocks)
        };
        self.fact(
            (Topic::AccessCode, what),
            from_unlocks,
            to_unlocks,
            known,
            Expected::of(call.relies(Reliance::Unlocks), to_unlocks.value),
        );
        let characters =
            |all: &&str| if all.is_empty() { "none known".to_owned() } else { (*all).to_owned() };
        self.fact(
            (Topic::AccessCode, "characters that a code must not have"),
            &from.forbidden,
            &to.forbidden,
            characters,
            Expected::Nothing,
        );
        self.fact(
            (Topic::AccessCode, "how long a code may be"),
            &from.longest,
            &to.longest,
            |longest| {
                longest.map_or_else(
                    || "no limit is documented".to_owned(),
                    |longest| format!("{longest} characters"),
                )
            },
            Expected::Nothing,
        );
    }

    /// An operation that the vendor does not have at all is impossible, whatever else may be said of it. Its conditions
    /// are facts of their own.
    pub(super) fn offered(&mut self, feature: Feature) {
        let before = self.changes.len();
        self.feature(Topic::Operation, feature, true);
        if self.changes.last().is_some_and(|change| change.verdict != Verdict::Impossible) {
            self.changes.truncate(before);
        }
    }
}
