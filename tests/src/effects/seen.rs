//! What the sandbox's world shows of a job.

use countersign_sandbox::{Act, ActOutcome, Secret, World};

use super::job::{ANNA, NEW_CODE, OLD_CODE, Prepared};

/// Which code the signer has to type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The one from before.
    Old,
    /// The one that the job sets.
    New,
    /// Neither is taken: something went wrong that must not.
    Neither,
}

/// What happened to an envelope since it was prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Mails that went out.
    pub mails: usize,
    /// Signing links that were made.
    pub links: usize,
    /// The code in force.
    pub code: Code,
}

impl Seen {
    /// Whether nothing happened.
    pub fn nothing(self) -> bool {
        self == Seen { mails: 0, links: 0, code: Code::Old }
    }
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let several = |count: usize, word: &str| match count {
            0 => None,
            1 => Some(format!("1 {word}")),
            more => Some(format!("{more} {word}s")),
        };
        let code = match self.code {
            Code::Old => None,
            Code::New => Some("new code".to_owned()),
            Code::Neither => Some("no code works".to_owned()),
        };
        let parts: Vec<String> =
            [several(self.links, "link"), code, several(self.mails, "mail")].into_iter().flatten().collect();
        f.write_str(&if parts.is_empty() { "-".to_owned() } else { parts.join(", ") })
    }
}

/// How many mails an envelope has caused so far.
pub fn mails(world: &World, envelope: &str) -> usize {
    world.outbox().iter().filter(|mail| mail.envelope == envelope).count()
}

/// Looks at the envelope. The code is tried as a signer would, so this is done once, at the end.
pub fn look(world: &World, prepared: &Prepared) -> Seen {
    let envelope = prepared.envelope.as_str();
    let takes = |code: &str| {
        let tried = world.act(envelope, ANNA, Act::EnterCode { code: Secret::new(code) });
        tried.is_ok_and(|result| result.outcome == ActOutcome::CodeAccepted)
    };
    let person =
        world.envelope(envelope).and_then(|view| view.recipients.into_iter().find(|r| r.email == ANNA));
    // A vendor without codes keeps none.
    let code = if person.is_some_and(|person| !person.has_access_code) {
        Code::Old
    } else if takes(NEW_CODE) {
        Code::New
    } else if takes(OLD_CODE) {
        Code::Old
    } else {
        Code::Neither
    };
    let mails = mails(world, envelope).saturating_sub(prepared.mails);
    Seen { mails, links: world.links_made(envelope), code }
}
