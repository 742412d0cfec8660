//! A plan for people.

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
        writeln!(f, ": a plan; nothing was changed and nobody was mailed")?;
        if let Some(refusal) = &self.refusal {
            writeln!(f, "\nIt would be refused before anything is sent:")?;
            writeln!(f, "  {}", escape_control(&refusal.to_string()))?;
            writeln!(f, "  next: {}", escape_control(refusal.hint()))?;
        }
        for (nth, step) in self.steps.iter().enumerate() {
            let when = if nth == 0 { "This would be sent" } else { "Then, if the vendor has done that" };
            writeln!(f, "\n{when}; it {}:", does(step.effect()))?;
            request(f, step)?;
        }
        if !self.complete {
            writeln!(f, "\nWhat would follow is not known.")?;
        }
        if !self.people.is_empty() || self.changes_nothing() {
            let accepted = if self.steps.is_empty() { "" } else { ", if the vendor accepts it" };
            writeln!(f, "\nWhat would happen{accepted}")?;
        }
        if self.changes_nothing() {
            writeln!(f, "  nothing is changed, and nobody is mailed")?;
        }
        for one in &self.people {
            writeln!(f, "  {}", person(one, self.link.is_some()))?;
        }
        if let Some(made) = &self.link {
            writeln!(f, "  {}", link(made))?;
        }
        writeln!(f, "\nWhat it costs\n  {}", self.cost())?;
        if !self.conditions.is_empty() {
            writeln!(f, "\nWhat holds at this vendor")?;
        }
        for row in &self.conditions {
            let support = match row.support {
                Support::Native => "",
                Support::Emulated => "in several calls; ",
                Support::Impossible => "impossible; ",
            };
            let evidence = match row.evidence {
                Evidence::Documented => "documented",
                Evidence::Observed => "observed",
                Evidence::Guessed => "a guess",
            };
            let conditions = if row.conditions.is_empty() { "without conditions" } else { row.conditions };
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
            self.reads
        )
    }
}

fn does(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "changes nothing",
        Effect::MintsLink => "makes a link",
        Effect::SetsState => "sets a value",
        Effect::Notifies => "may send something to a person, and is never repeated by itself",
    }
}

fn request(f: &mut fmt::Formatter<'_>, step: &PlannedStep) -> fmt::Result {
    writeln!(f, "  {} {}", step.method(), step.url())?;
    for (name, value) in step.headers() {
        let value = if value.has_blanks() { "<redacted>".to_owned() } else { value.to_string() };
        writeln!(f, "  {name}: {value}")?;
    }
    if let Some(body) = step.body() {
        writeln!(f)?;
        for line in laid_out(body).lines() {
            writeln!(f, "  {line}")?;
        }
    }
    Ok(())
}

/// JSON with a line per member, in the order in which it is sent; anything else as it is.
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
    format!("{who}: {mail}{refused}{}", unlocking(one.unlocking))
}

fn mail(mail: &MailExpectation) -> &'static str {
    let MailExpectation::NotExpected(why) = mail else {
        return match mail {
            MailExpectation::Expected => "is mailed",
            _ => "is perhaps mailed: the vendor's rule for this case is not public",
        };
    };
    match why {
        NoMail::NotAsked => "is not mailed: it was not asked for",
        NoMail::Embedded => "is not mailed, since they sign within your application: give them a link",
        NoMail::NotInTurn => "is not mailed now, since others have to act first",
        NoMail::Done => "is not mailed, since they are done",
        NoMail::NoAddress => "is not mailed, since they have no address",
        NoMail::Muted => "is not mailed, since the vendor's mails are switched off here",
        NoMail::DeliveryFailed => {
            "is not mailed, since the mail before did not arrive: correct the address first"
        }
        NoMail::Refused(_) => "is not mailed, since the vendor would refuse",
        _ => "is not mailed",
    }
}

fn unlocking(unlocking: Unlocking) -> &'static str {
    match unlocking {
        Unlocking::Unlocked => "; they are locked, and get new attempts",
        Unlocking::StillLocked => "; they are locked, and stay so: this vendor unlocks in another way",
        Unlocking::Unverified => "; they are locked, and whether this gives new attempts is not documented",
        _ => "",
    }
}

fn link(made: &PlannedLink) -> String {
    let until = match made.expires_at {
        Some(at) => format!("works until {}, if it is made now", at.strftime("%Y-%m-%d %H:%M:%S UTC")),
        None => "how long it works is not known".to_owned(),
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
            // One member, so that no order is at stake.
            let value = serde_json::json!({"signers": [{"name": text}, {}, [], list, null, true]});
            prop_assert_eq!(indented(&value.to_string()), format!("{value:#}"));
        }
    }
}
