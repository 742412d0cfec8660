//! Under which names one recipient of an envelope is known.

use std::collections::BTreeSet;

use countersign::{Recipient, RecipientRef};

/// The id, address, phone number and client id of one recipient, as the texts of references. Two recipients with one
/// address count as one person.
pub(crate) struct Person(BTreeSet<String>);

impl Person {
    /// Of the names in each group, which belong to one recipient, those that belong to this one.
    pub(crate) fn new(reference: &RecipientRef, groups: &[Vec<String>]) -> Self {
        let mut names = BTreeSet::from([name(&reference.to_string())]);
        loop {
            let before = names.len();
            for group in groups {
                if group.iter().any(|one| names.contains(one)) {
                    names.extend(group.iter().cloned());
                }
            }
            if names.len() == before {
                return Self(names);
            }
        }
    }

    /// Whether the text of a reference names this person.
    pub(crate) fn is(&self, reference: &str) -> bool {
        self.0.contains(&name(reference))
    }

    /// What may be part of a caller's key.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|name| name.strip_prefix("email:").or_else(|| name.strip_prefix("phone:")))
    }
}

/// The names of a recipient in a list.
pub(crate) fn names(recipient: &Recipient) -> Vec<String> {
    let Recipient { email, phone, client_user_id, .. } = recipient;
    let others = [("email", email), ("phone", phone), ("client", client_user_id)];
    let others =
        others.into_iter().filter_map(|(kind, value)| Some(name(&format!("{kind}:{}", value.as_ref()?))));
    std::iter::once(format!("id:{}", recipient.id)).chain(others).collect()
}

/// The text of a reference without an order, and an address in small letters.
pub(crate) fn name(reference: &str) -> String {
    let Some(address) = reference.strip_prefix("email:") else { return reference.to_owned() };
    let is_order = |order: &str| !order.is_empty() && order.bytes().all(|byte| byte.is_ascii_digit());
    let address = match address.rsplit_once('#') {
        Some((address, order)) if is_order(order) => address,
        _ => address,
    };
    format!("email:{}", address.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_together_is_one_person() {
        let group = |names: &[&str]| names.iter().map(|text| name(text)).collect::<Vec<_>>();
        let groups = [
            group(&["id:2", "client:77"]),
            group(&["id:3", "email:ben@example.com"]),
            group(&["id:1", "email:Anna@example.com"]),
            group(&["email:anna@example.com#2", "id:2"]),
        ];
        let anna = Person::new(&"email:anna@example.com#1".parse().unwrap(), &groups);
        for own in ["id:1", "id:2", "client:77", "email:anna@example.com", "email:ANNA@example.com#7"] {
            assert!(anna.is(own), "{own}");
        }
        assert!(!anna.is("id:3") && !anna.is("email:ben@example.com"));
        assert_eq!(anna.addresses().collect::<Vec<_>>(), ["anna@example.com"]);
    }
}
