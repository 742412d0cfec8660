//! Identifiers: repeatable where people compare them, unguessable where they open something.

use uuid::Uuid;

/// Makes GUID-shaped ids from a seed, so that two runs of the same story show the same ids.
#[derive(Debug)]
pub(crate) struct Ids {
    seed: u64,
    next: u64,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, next: 0 }
    }

    pub(crate) fn guid(&mut self) -> String {
        self.next += 1;
        let high = mix(self.seed.wrapping_add(self.next));
        let low = mix(high ^ self.next.rotate_left(17));
        // `Builder` sets version and variant, so that strict readers accept the id as a random UUID.
        let bytes = ((u128::from(high) << 64) | u128::from(low)).to_be_bytes();
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }
}

/// One step of splitmix64: spreads a counter over all bits.
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Random text for everything that is a bearer secret.
pub(crate) fn unguessable() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids_and_secrets_never_repeat() {
        let (mut a, mut b, mut other) = (Ids::new(1), Ids::new(1), Ids::new(2));
        let first = a.guid();
        assert_eq!(first, b.guid());
        assert_ne!(first, a.guid());
        assert_ne!(first, other.guid());
        assert_eq!(first.len(), 36);
        assert_ne!(unguessable(), unguessable());
    }
}
