//! Calls out of recordings: what an application really asked for.

use std::collections::BTreeSet;
use std::path::Path;

use countersign_cassette::{files, load};
use countersign_core::{Descriptor, Error, ErrorKind, Result};

use super::calls::{CallUse, Calls};

/// So many stories are named.
const NAMED_STORIES: usize = 3;

impl Calls {
    /// The calls in a folder's cassettes that were recorded at a vendor: each way of calling once, named by how often
    /// it came and in which stories. A recording tells what was asked for and sent, not what the application relies on:
    /// for that, write a file of calls.
    ///
    /// # Errors
    /// `InvalidRequest` when the folder or a cassette cannot be read, or nothing in it was recorded at this vendor.
    pub fn recorded(folder: &Path, vendor: &Descriptor) -> Result<Self> {
        let mut seen: Vec<(CallUse, Vec<String>)> = Vec::new();
        let mut elsewhere = BTreeSet::new();
        let mut unknown = 0_usize;
        for file in files(folder)? {
            let cassette = load(&file)?;
            if !cassette.vendor.eq_ignore_ascii_case(vendor.name) {
                elsewhere.insert(cassette.vendor);
                continue;
            }
            for recorded in &cassette.calls {
                let Some(call) = recorded.call()? else {
                    unknown += 1;
                    continue;
                };
                let Some(call) = CallUse::of_call(&call) else { continue };
                match seen.iter_mut().find(|(known, _)| *known == call) {
                    Some((_, stories)) => stories.push(cassette.story.clone()),
                    None => seen.push((call, vec![cassette.story.clone()])),
                }
            }
        }
        if seen.is_empty() {
            let elsewhere = Vec::from_iter(elsewhere).join(", ");
            let what = match (unknown, elsewhere.as_str()) {
                (0, "") => "it has no recorded calls".to_owned(),
                (0, others) => format!("its cassettes are of: {others}"),
                (unknown, _) => format!("the recording does not know what its {unknown} calls were"),
            };
            let message = format!("{} has no calls to {}: {what}", folder.display(), vendor.name);
            return Err(Error::new(ErrorKind::InvalidRequest, message).with_hint(
                "record some with --record DIR, or write a file of calls: `countersign migrate template`",
            ));
        }
        Ok(Self { calls: seen.into_iter().map(named).collect(), envelopes: Vec::new() })
    }
}

/// With a name that tells how often it came, and in which stories.
fn named((mut call, stories): (CallUse, Vec<String>)) -> CallUse {
    let times = if stories.len() == 1 { "once".to_owned() } else { format!("{} times", stories.len()) };
    let stories = BTreeSet::from_iter(stories);
    let recipient = call.recipient.map(|kind| format!("recipient by {}", kind.as_str().replace('_', " ")));
    let arguments = call.arguments.iter().map(|argument| argument.as_str().to_owned());
    let more = match stories.len().saturating_sub(NAMED_STORIES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let stories: Vec<String> = stories.into_iter().take(NAMED_STORIES).collect();
    let times = format!("{times} in {}{more}", stories.join(", "));
    call.name = Some(recipient.into_iter().chain(arguments).chain([times]).collect::<Vec<_>>().join(", "));
    call
}
