//! Ids for recipients, and which of them an address alone does not name.

use std::collections::{BTreeMap, BTreeSet};

use countersign_core::{Recipient, RecipientId};

/// Says in [`VendorWords::extra`] that other rows have the same address, so that the address alone does not name
/// this one.
pub(crate) const REPEATED_ADDRESS: &str = "repeatedAddress";

/// Says in [`VendorWords::extra`] that other rows have the same address and the same order: no call can tell them
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
    type Seen = BTreeMap<String, Vec<Option<u32>>>;
    let address =
        |person: &Recipient| person.email.as_ref().or(person.phone.as_ref()).map(|text| text.to_lowercase());
    let mut seen = Seen::new();
    for person in list.iter() {
        if let Some(address) = address(person) {
            seen.entry(address).or_default().push(person.order);
        }
    }
    for person in list {
        let Some(orders) = address(person).and_then(|address| seen.get(&address)) else { continue };
        let extra = &mut person.vendor.extra;
        if orders.len() > 1 {
            extra.insert(REPEATED_ADDRESS, true.to_string());
        }
        if orders.iter().filter(|order| **order == person.order).count() > 1 {
            extra.insert(REPEATED_ORDER, true.to_string());
        }
    }
}
