//! A plan as readable text.

use std::fmt;

use countersign_core::{
    Effect, Evidence, MailExpectation, NoMail, PlannedStep, RedactedText, Support, Unlocking, escape_control,
};

use super::{Plan, PlannedLink, PlannedRecipient};

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.vendor, self.operation)?;
        if let Some(account) = &self.account {
            write!(f, ", account {}", escape_control(account))?;
        }
        writeln!(f, ": a plan; nothing was changed and no mail was sent")?;
        if let Some(refusal) = &self.refusal {
            writeln!(f, "\nThis would be refused before anything is sent:")?;
            writeln!(f, "  {}", escape_control(&refusal.to_string()))?;
            writeln!(f, "  next: {}", escape_control(refusal.hint()))?;
        }
        for (nth, step) in self.steps.iter().enumerate() {
            let when =
                if nth == 0 { "This request would be sent" } else { "Then, if the vendor accepts that" };
            writeln!(f, "\n{when}; it {}:", does(step.effect))?;
            request(f, step)?;
        }
        if !self.complete {
            writeln!(f, "\nThe following requests are not known.")?;
        }
        if !self.people.is_empty() || self.steps.is_empty() {
            let accepted = if self.steps.is_empty() { "" } else { ", if the vendor accepts it" };
            writeln!(f, "\nEffects{accepted}")?;
        }
        if self.steps.is_empty() {
            writeln!(f, "  nothing is changed, and no mail is sent")?;
        }
        for one in &self.people {
            writeln!(f, "  {}", person(one, self.link.is_some()))?;
        }
        if let Some(made) = &self.link {
            writeln!(f, "  {}", link(made))?;
        }
        writeln!(f, "\nCost\n  {}", self.cost())?;
        if !self.conditions.is_empty() {
            writeln!(f, "\nRules of this vendor")?;
        }
        for row in &self.conditions {
            let support = match row.support {
                Support::Native => "",
                Support::Emulated => "in several calls; ",
                Support::Impossible => "impossible; ",
            };
            let evidence = match row.evidence {
                Evidence::Recorded => "recorded",
                Evidence::Documented => "documented",
                Evidence::Observed => "observed",
                Evidence::Guessed => "a guess",
            };
            let conditions = if row.conditions.is_empty() { "without conditions" } else { &row.conditions };
            writeln!(f, "  {}: {support}{conditions} ({evidence})", row.feature.title())?;
        }
        Ok(())
    }
}

impl Plan {
    fn cost(&self) -> String {
        let steps = self.steps.len();
        let left = self.budget_left.map_or_else(String::new, |left| format!("; {left} are left now"));
        let all = self.requests();
        let plural = if all == 1 { "" } else { "s" };
        format!(
            "{all} request{plural} of the account's allowance: {} to read, {steps} to change something{left}",
            self.reads.saturating_add(self.later_reads)
        )
    }
}

fn does(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "changes nothing",
        Effect::MintsLink => "makes a link",
        Effect::SetsState => "sets a value",
        Effect::Notifies => "may send a message to a recipient, and is never repeated automatically",
    }
}

fn request(f: &mut fmt::Formatter<'_>, step: &PlannedStep) -> fmt::Result {
    writeln!(f, "  {} {}", step.method, step.url)?;
    for (name, value) in &step.headers {
        let value = if value.has_blanks() { "<redacted>".to_owned() } else { value.to_string() };
        writeln!(f, "  {name}: {value}")?;
    }
    if let Some(body) = &step.body {
        writeln!(f)?;
        for line in laid_out(body).lines() {
            writeln!(f, "  {line}")?;
        }
    }
    Ok(())
}

/// JSON with one member per line, in the order in which it is sent; anything else unchanged.
fn laid_out(body: &RedactedText) -> String {
    let text = body.filled(|name| format!("<{name}>"));
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
    let text = if is_json { indented(&text) } else { text };
    text.lines().map(escape_control).collect::<Vec<_>>().join("\n")
}

/// Breaks and indents JSON that has no white space outside its texts.
fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    let mut chars = json.chars().peekable();
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    while let Some(c) = chars.next() {
        match c {
            _ if in_text => {
                out.push(c);
                in_text = escaped || c != '"';
                escaped = !escaped && c == '\\';
            }
            '{' | '[' => {
                out.push(c);
                if let Some(end) = chars.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(end);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => {
                in_text = c == '"';
                out.push(c);
            }
        }
    }
    out
}

fn person(one: &PlannedRecipient, link: bool) -> String {
    let mut who = format!("id:{}", escape_control(one.recipient.as_str()));
    if let Some(name) = one.name.as_deref().filter(|name| !name.is_empty()) {
        who.push_str(&format!(" {}", escape_control(name)));
    }
    let shown = one.email.as_deref().filter(|email| !email.is_empty() && !who.contains(email));
    if let Some(email) = shown {
        who.push_str(&format!(" <{}>", escape_control(email)));
    }
    let mail = if link { "gets no mail: the link comes back to you" } else { mail(&one.mail) };
    let refused = match one.mail {
        MailExpectation::NotExpected(NoMail::Refused(kind)) => format!(" ({})", kind.short()),
        _ => String::new(),
    };
    let code = match (one.code_in_mail, &one.mail) {
        (true, MailExpectation::Expected) => ", with the access code in the mail",
        _ => "",
    };
    format!("{who}: {mail}{refused}{code}{}", unlocking(one.unlocking))
}

fn mail(mail: &MailExpectation) -> &'static str {
    use MailExpectation::{Expected, NotExpected, Partly};
    match mail {
        Expected | Partly(..) => "is mailed",
        NotExpected(NoMail::NotAsked) => "gets no mail: none was requested",
        NotExpected(NoMail::Embedded) => {
            "gets no mail, because they sign within your application: give them a link"
        }
        NotExpected(NoMail::NotInTurn) => "gets no mail now, because others have to act first",
        NotExpected(NoMail::Done) => "gets no mail, because they have finished",
        NotExpected(NoMail::NoAddress) => "gets no mail, because they have no address",
        NotExpected(NoMail::Muted) => "gets no mail, because the vendor's mails are switched off here",
        NotExpected(NoMail::DeliveryFailed) => {
            "gets no mail, because the previous one could not be delivered: correct the address first"
        }
        NotExpected(NoMail::NotSent) => "gets no mail, by the vendor's log",
        NotExpected(NoMail::Refused(_)) => "gets no mail, because the vendor would refuse to send one",
        NotExpected(_) => "gets no mail",
        _ => "may get a mail: the vendor does not document this case",
    }
}

fn unlocking(unlocking: Unlocking) -> &'static str {
    match unlocking {
        Unlocking::Unlocked => "; they are locked, and this unlocks them",
        Unlocking::StillLocked => "; they are locked and stay locked: this vendor unlocks another way",
        Unlocking::Unverified => "; if they are locked, it is not known whether this unlocks them",
        _ => "",
    }
}

fn link(made: &PlannedLink) -> String {
    let until = match made.expires_at {
        Some(at) => format!("works until {}, if it is created now", at.strftime("%Y-%m-%d %H:%M:%S UTC")),
        None => "its lifetime is not known".to_owned(),
    };
    let often = match made.single_use {
        Some(true) => ", once only",
        Some(false) => ", more than once",
        None => "",
    };
    format!("a link for id:{}: {until}{often}", escape_control(made.recipient.as_str()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_laid_out_as_a_json_writer_would(text in any::<String>(), list in proptest::collection::vec(any::<u8>(), 0..3)) {
            // One member, so the order does not matter.
            let value = serde_json::json!({"signers": [{"name": text}, {}, [], list, null, true]});
            prop_assert_eq!(indented(&value.to_string()), format!("{value:#}"));
        }
    }
}
