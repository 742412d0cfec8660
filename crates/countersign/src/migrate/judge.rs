//! The tables of two vendors beside each other. Nothing here knows a vendor: all comes from their facts.

use countersign_core::vendor::{ErrorMapping, FactRow, Facts, Mapping, Mappings};
use countersign_core::{
    EnvelopePart, EnvelopeStage, ErrorKind, Evidence, Feature, Operation, RecipientField, RecipientStatus,
    RefKind, WebhookEvent,
};

use super::budget;
use super::calls::{CallUse, EnvelopeUse};
use super::compare::{Said, compare};
use super::report::{Change, ErrorChange, Row, Topic, Verdict};
use super::words::{Argument, Reliance};

use Operation::{ChangeAccessCode, CreateView, ListRecipients, ResendRecipient};

/// A table of the facts: what it is about, its rows, and how its words are shown.
struct Table<W: 'static>(Topic, fn(&'static Mappings) -> &'static Vec<Mapping<W>>, fn(&W) -> &str);

const REFERENCE: Table<RefKind> = Table(Topic::Recipient, |all| &all.reference, |one| one.title());
const FIELD: Table<RecipientField> = Table(Topic::Field, |all| &all.field, |one| one.title());
const STATUS: Table<RecipientStatus> = Table(Topic::Status, |all| &all.status, |one| one.as_str());
const PART: Table<EnvelopePart> = Table(Topic::Envelope, |all| &all.envelope, |one| one.title());
const STAGE: Table<EnvelopeStage> = Table(Topic::Status, |all| &all.stage, |one| one.title());
const EVENT: Table<WebhookEvent> = Table(Topic::Webhook, |all| &all.event, |one| one.as_str());

/// Two vendors.
#[derive(Clone, Copy)]
pub(super) struct Move {
    pub(super) from: &'static Facts,
    pub(super) to: &'static Facts,
}

impl Move {
    /// A call: everything of it that changes, but its errors. It has no verdict yet.
    pub(super) fn call(self, call: &CallUse) -> Row {
        let mut changes = self.table(&REFERENCE, call.recipient.as_slice(), &[]);
        let features = call.arguments.iter().filter_map(|argument| argument.feature());
        changes.extend(features.filter_map(|feature| self.feature(Topic::Argument, feature, true)));
        changes.extend(self.operation(call));
        // Where there is no such operation, there is nothing else to compare.
        let is_at_both = self.is_at_both(operation_feature(call.operation));
        if is_at_both {
            changes.extend(self.facts(call));
        }
        if call.operation == CreateView {
            changes.extend(self.feature(Topic::Link, Feature::ViewReturnUrl, false));
            let relied = call.relies_on.contains(&Reliance::ReturnOutcome);
            changes.extend(self.feature(Topic::Link, Feature::ViewReturnOutcome, relied));
        }
        if call.operation == ListRecipients {
            let all = if call.reads.is_empty() { RecipientField::ALL } else { &[] };
            changes.extend(self.table(&FIELD, &call.reads, all));
        }
        if call.operation == ListRecipients || !call.statuses.is_empty() {
            changes.extend(self.table(&STATUS, &call.statuses, &RecipientStatus::NAMED));
        }
        let http_calls = budget::http_calls(self.from, self.to, call).filter(|_| is_at_both);
        if let Some(calls) = http_calls {
            let said = |calls: u32| Said::new(calls.to_string(), Evidence::Documented, "");
            changes.extend(compare(Topic::Cost, "HTTP calls", said(calls.from), said(calls.to), false));
        }
        changes.retain(|change| change.verdict != Verdict::Same);
        Row {
            operation: Some(call.operation),
            name: call.name.clone(),
            verdict: Verdict::Same,
            changes,
            http_calls,
        }
    }

    /// Each part gets its verdict, also where it stays the same: the words of both vendors are what the move needs.
    pub(super) fn envelope(self, envelope: &EnvelopeUse) -> Row {
        let EnvelopeUse { name, uses, stages, events } = envelope;
        let mut changes = self.table(&PART, uses, &[]);
        if !stages.is_empty() {
            changes.extend(self.table(&STAGE, stages, EnvelopeStage::ALL));
        }
        if !events.is_empty() {
            changes.extend(self.table(&EVENT, events, &WebhookEvent::NAMED));
        }
        Row { operation: None, name: name.clone(), verdict: Verdict::Same, changes, http_calls: None }
    }

    /// What a table states about the words that an application uses. Without `all`, the application needs them. With
    /// `all`, it tells them apart (if it names none: all of them), so that a branch for a word that is not there is not
    /// reached; words that are new as separate words are shown too, since it cannot know them yet.
    fn table<W: PartialEq>(self, table: &Table<W>, used: &[W], all: &[W]) -> Vec<Change> {
        let Table(topic, rows, title) = table;
        let change = |word: &W| {
            let row = |facts: &'static Facts| rows(&facts.mappings).iter().find(|row| row.what == *word);
            let (from, to) = (Said::mapping(row(self.from)), Said::mapping(row(self.to)));
            let is_new = to.is_exact && !from.is_exact;
            let is_shown = used.is_empty() || used.contains(word) || is_new;
            compare(*topic, title(word), from, to, all.is_empty()).filter(|_| is_shown)
        };
        used.iter().chain(all.iter().filter(|word| !used.contains(word))).filter_map(change).collect()
    }

    fn feature(self, topic: Topic, feature: Feature, relied: bool) -> Option<Change> {
        let said = |facts: &'static Facts| Said::feature(facts.capability(feature));
        compare(topic, feature.title(), said(self.from), said(self.to), relied)
    }

    /// An operation that the vendor does not have at all is impossible, whatever other facts say. Its conditions
    /// are separate facts.
    fn operation(self, call: &CallUse) -> Option<Change> {
        // To everyone is another feature, which is judged among the arguments.
        let feature = operation_feature(call.operation).filter(|_| !call.uses(Argument::Everyone))?;
        let is_news = self.from.offers(feature).is_err();
        self.feature(Topic::Operation, feature, true)
            .filter(|change| change.verdict == Verdict::Impossible || is_news)
    }

    fn is_at_both(self, feature: Option<Feature>) -> bool {
        let is_there = |facts: &Facts| feature.is_none_or(|feature| facts.offers(feature).is_ok());
        is_there(self.from) && is_there(self.to)
    }

    fn facts(self, call: &CallUse) -> Vec<Change> {
        let (from, to) = (self.from.behavior.rows(), self.to.behavior.rows());
        let only_new = to.iter().filter(|row| !from.iter().any(|known| known.name == row.name));
        let mut changes = Vec::new();
        for FactRow { name, title, .. } in from.iter().chain(only_new) {
            let Some(topic) = topic(name, call) else { continue };
            if name.starts_with("return_") && !self.is_at_both(Some(Feature::ViewReturnUrl)) {
                continue;
            }
            let is_it = |row: &&FactRow<'_>| row.name == *name;
            let (was, is) = (from.iter().find(is_it), to.iter().find(is_it));
            let mut said = Said::fact(is);
            said.lack = is.and_then(|row| self.lack(name, &row.value, call));
            changes.extend(compare(topic, title, Said::fact(was), said, true));
        }
        changes
    }

    /// How bad a fact of the new vendor is for what a call says and relies on.
    fn lack(self, name: &str, value: &str, call: &CallUse) -> Option<Verdict> {
        let behavior = &self.to.behavior;
        match name {
            "link_life" => {
                let life = behavior.link_life.as_ref()?.value.span()?;
                let (most, least) = (call.link_dies_within, call.link_lives_for);
                let fits = |shortest, longest| {
                    most.is_none_or(|most| shortest <= most) && least.is_none_or(|least| longest >= least)
                };
                let is_chosen = call.uses(Argument::ExpiresIn) && life.shortest != life.longest;
                let differs = !is_chosen && !fits(life.usual, life.usual);
                let wanted = differs.then_some(Verdict::Differs);
                if fits(life.shortest, life.longest) { wanted } else { Some(Verdict::Impossible) }
            }
            "resend_per_day" => {
                let limit = behavior.resend_per_day.as_ref()?.value;
                let too_often = call.resends_per_day? > limit.times.0?;
                // It is enough if they go to different recipients, which one for everyone does not.
                let may_fit = limit.per_recipient && !call.uses(Argument::Everyone);
                too_often.then_some(if may_fit { Verdict::Differs } else { Verdict::Impossible })
            }
            "return_query" => {
                (call.uses(Argument::ReturnUrlQuery) && value == "no").then_some(Verdict::Impossible)
            }
            // An application that relies on silence keeps it by leaving allow_muted out, which is refused then.
            "resend_mails_muted" if !call.uses(Argument::AllowMuted) => None,
            _ => {
                let wanted = call.relies_on.iter().flat_map(|reliance| reliance.facts());
                let unmet = wanted.filter(|(fact, wanted)| *fact == name && *wanted != value);
                // What is not known is not called impossible.
                let is_known = ["yes", "no"].contains(&value);
                unmet.map(|_| if is_known { Verdict::Impossible } else { Verdict::Differs }).next()
            }
        }
    }

    /// A kind that newly occurs has to be handled; one that no longer occurs leaves a branch that is not reached.
    pub(super) fn errors(self, calls: &[CallUse]) -> Vec<ErrorChange> {
        let said = |facts: &'static Facts, operation: Operation, kind: ErrorKind| {
            let mut rows = facts.mappings.error.iter();
            match rows.find(|row| row.operation == operation && row.kind == kind) {
                Some(row) => Said::new(format!("occurs: {}", row.when), row.evidence, ""),
                None => Said::new("does not occur", Evidence::Recorded, "").lacking(false, ""),
            }
        };
        let mut errors: Vec<ErrorChange> = Vec::new();
        for kind in ErrorKind::ALL.iter().filter(|kind| !ErrorMapping::EVERYWHERE.contains(kind)) {
            let is_told_apart = calls.iter().any(|call| call.errors.contains(kind));
            let is_called = |operation: &Operation| {
                self.is_at_both(operation_feature(*operation))
                    && calls.iter().any(|call| call.operation == *operation)
            };
            for operation in Operation::ALL.iter().copied().filter(is_called) {
                let (from, mut to) = (said(self.from, operation, *kind), said(self.to, operation, *kind));
                if to.lack.is_some() && is_told_apart {
                    to.way = "a branch for it is not reached any more";
                }
                let change = compare(Topic::Error, kind.as_str(), from, to, false);
                let Some(change) = change.filter(|change| change.verdict != Verdict::Same) else { continue };
                let key = |change: &Change| (change.what.clone(), change.from.clone(), change.to.clone());
                match errors.iter_mut().find(|known| key(&known.change) == key(&change)) {
                    Some(known) => {
                        known.operations.push(operation);
                        known.change.evidence = known.change.evidence.max(change.evidence);
                    }
                    None => errors.push(ErrorChange { operations: vec![operation], change }),
                }
            }
        }
        errors
    }
}

/// The feature without which there is no such operation.
fn operation_feature(operation: Operation) -> Option<Feature> {
    Some(match operation {
        ListRecipients => Feature::ListRecipients,
        CreateView => Feature::CreateView,
        ResendRecipient => Feature::ResendOne,
        ChangeAccessCode => Feature::ChangeAccessCode,
        _ => return None,
    })
}

/// What a fact is about: the names of facts begin with their subject.
fn subject(name: &str) -> Option<(Operation, Topic)> {
    Some(match name.split('_').next()? {
        "link" | "return" | "ping" => (CreateView, Topic::Link),
        "resend" if name == "resend_unlocks" => (ResendRecipient, Topic::AccessCode),
        "resend" => (ResendRecipient, Topic::Mail),
        "code" => (ChangeAccessCode, Topic::AccessCode),
        "polling" => (ListRecipients, Topic::Cost),
        _ => return None,
    })
}

/// What a fact is about, if it says something of such a call.
fn topic(name: &str, call: &CallUse) -> Option<Topic> {
    let (operation, topic) = subject(name)?;
    let matters = match name {
        "ping_interval" => call.uses(Argument::Ping),
        "resend_one_recipient" => !call.uses(Argument::Everyone),
        "code_unlocks" => !call.uses(Argument::Notify),
        "code_unlocks_with_notify" => call.uses(Argument::Notify),
        _ => true,
    };
    Some(topic).filter(|_| operation == call.operation && matters)
}

#[cfg(test)]
mod tests {
    use countersign_core::vendor::Behavior;

    /// The facts that say nothing of a single call. Any other is compared: its name has to begin with a subject.
    const OF_NO_CALL: [&str; 6] =
        ["burst", "calls_per_hour", "check_unlock_by", "guid_ids", "trial_calls_per_hour", "unlock_by"];

    #[test]
    fn no_fact_is_left_out() {
        let facts = serde_json::to_value(Behavior::default()).unwrap();
        let all = facts.as_object().unwrap().keys();
        let left_out: Vec<_> = all.filter(|name| super::subject(name).is_none()).collect();
        assert_eq!(left_out, OF_NO_CALL);
    }
}
