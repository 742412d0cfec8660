//! Ids for recipients, and which of them an address alone does not name.

use std::borrow::Cow;
use std::collections::BTreeSet;

use countersign_core::{Recipient, RecipientId};

/// Says in [`VendorFields::extra`] that other rows have the same address, so that the address alone does not name
/// this one.
pub(crate) const REPEATED_ADDRESS: &str = "repeatedAddress";

/// Says in [`VendorFields::extra`] that other rows have the same address and the same order: no call can tell them
/// apart.
pub(crate) const REPEATED_ORDER: &str = "repeatedOrder";

/// Makes ids and sees to it that none occurs twice.
#[derive(Default)]
pub(crate) struct Ids {
    made: BTreeSet<RecipientId>,
}

impl Ids {
    pub(crate) fn make(&mut self, address: &str, order: Option<i64>) -> RecipientId {
        let text = |address: &str| match order {
            Some(order) => format!("{address}#{order}"),
            None => address.to_owned(),
        };
        let mut count = 1_u64;
        loop {
            let suffix = if count == 1 { String::new() } else { format!("~{count}") };
            // An address that no id can hold (too long, control characters) counts as none.
            let id = RecipientId::new(format!("{}{suffix}", text(address)))
                .or_else(|_| RecipientId::new(format!("{}{suffix}", text("unaddressed"))));
            if let Ok(id) = id
                && self.made.insert(id.clone())
            {
                return id;
            }
            count += 1;
        }
    }
}

/// Marks those who share their address with others.
pub(crate) fn mark_repeated(list: &mut [Recipient]) {
    let mut places: Vec<(Cow<'_, str>, Option<u32>, usize)> = list
        .iter()
        .enumerate()
        .filter_map(|(place, person)| Some((address(person)?, person.order, place)))
        .collect();
    places.sort_unstable();
    let mut marks = Vec::new();
    for same_address in places.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1) {
        for same_order in same_address.chunk_by(|a, b| a.1 == b.1) {
            marks.extend(same_order.iter().map(|(_, _, place)| (*place, same_order.len() > 1)));
        }
    }
    for (place, same_order) in marks {
        let Some(person) = list.get_mut(place) else { continue };
        person.vendor.extra.insert(REPEATED_ADDRESS, "true");
        if same_order {
            person.vendor.extra.insert(REPEATED_ORDER, "true");
        }
    }
}

/// The address without regard to letter case.
fn address(person: &Recipient) -> Option<Cow<'_, str>> {
    let text = person.email.as_deref().or(person.phone.as_deref())?;
    let capitals = text.chars().any(char::is_uppercase);
    Some(if capitals { Cow::Owned(text.to_lowercase()) } else { Cow::Borrowed(text) })
}
