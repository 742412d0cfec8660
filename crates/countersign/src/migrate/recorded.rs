//! Calls out of recordings: what an application really asked for.

use std::path::Path;

use countersign_cassette::{files, load};
use countersign_core::{Descriptor, Error, ErrorKind, Result};

use super::calls::{CallUse, Calls};

/// So many stories are named.
const NAMED_STORIES: usize = 3;

/// One way of calling, how often it was recorded, and in which stories.
struct Seen {
    call: CallUse,
    times: usize,
    stories: Vec<String>,
}

impl Calls {
    /// The calls in a folder's cassettes that were recorded at a vendor: each way of calling once, named by how often it
    /// came and in which stories. A recording tells what was asked for and sent, not what the application relies on: for that,
    /// write a file of calls.
    ///
    /// # Errors
    /// `InvalidRequest` when the folder or a cassette cannot be read, or nothing in it was recorded at this vendor.
    pub fn recorded(folder: &Path, vendor: &Descriptor) -> Result<Self> {
        let mut seen: Vec<Seen> = Vec::new();
        let mut elsewhere: Vec<String> = Vec::new();
        let mut unknown = 0_usize;
        for file in files(folder)? {
            let cassette = load(&file)?;
            if !cassette.vendor.eq_ignore_ascii_case(vendor.name) {
                elsewhere.push(cassette.vendor);
                continue;
            }
            for recorded in &cassette.calls {
                match recorded.call()? {
                    Some(call) => {
                        if let Some(call) = CallUse::of_call(&call) {
                            count(&mut seen, call, &cassette.story);
                        }
                    }
                    None => unknown += 1,
                }
            }
        }
        if seen.is_empty() {
            elsewhere.sort();
            elsewhere.dedup();
            let what = match (unknown, elsewhere.as_slice()) {
                (0, []) => "it has no recorded calls".to_owned(),
                (0, others) => format!("its cassettes are of: {}", others.join(", ")),
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

fn count(seen: &mut Vec<Seen>, call: CallUse, story: &str) {
    let known = seen.iter_mut().find(|one| one.call == call);
    let Some(known) = known else {
        return seen.push(Seen { call, times: 1, stories: vec![story.to_owned()] });
    };
    known.times += 1;
    if !known.stories.iter().any(|known| known == story) {
        known.stories.push(story.to_owned());
    }
}

fn named(seen: Seen) -> CallUse {
    let times = if seen.times == 1 { "once".to_owned() } else { format!("{} times", seen.times) };
    let call = &seen.call;
    let recipient = call.recipient.map(|kind| format!("recipient by {}, ", kind.as_str().replace('_', " ")));
    let arguments: Vec<&str> = call.arguments.iter().map(|argument| argument.as_str()).collect();
    let arguments = if arguments.is_empty() { String::new() } else { format!("{}, ", arguments.join(", ")) };
    let more = match seen.stories.len().saturating_sub(NAMED_STORIES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let stories: Vec<&str> = seen.stories.iter().take(NAMED_STORIES).map(String::as_str).collect();
    let recipient = recipient.unwrap_or_default();
    let name = format!("{recipient}{arguments}{times} in {}{more}", stories.join(", "));
    seen.call.with_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_core::Operation;

    #[test]
    fn equal_calls_are_one_and_a_few_stories_are_named() {
        let mut seen = Vec::new();
        for story in ["a", "b", "a", "c", "d", "e"] {
            count(&mut seen, CallUse::new(Operation::ListRecipients), story);
        }
        count(&mut seen, CallUse::new(Operation::CreateView), "a");
        let names: Vec<Option<String>> = seen.into_iter().map(|one| named(one).name).collect();
        assert_eq!(names, [Some("6 times in a, b, c and 2 more".to_owned()), Some("once in a".to_owned())]);
    }
}
