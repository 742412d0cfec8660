//! The rules for new work.

use countersign_core::InvalidValue;
use sha2::{Digest, Sha256};

/// A rule for new work. Rules are tried in order; the first that matches decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    tenant: Option<String>,
    percent: u8,
    account: String,
}

impl Rule {
    /// All work that reaches this rule goes to an account.
    #[must_use]
    pub fn all(account: impl Into<String>) -> Self {
        Self { tenant: None, percent: 100, account: account.into() }
    }

    /// This percentage of the keys that reach this rule goes to an account, always the same keys.
    ///
    /// A key matches if the first eight bytes of `SHA-256(account, 0x00, key)`, as a big-endian number, modulo 100,
    /// are less than `percent`. So a growing share only adds keys, a shrinking one only removes some, and shares of
    /// other accounts do not change. This stays the same in all versions of the library.
    ///
    /// # Errors
    /// [`InvalidValue`] for more than 100 percent.
    pub fn share(percent: u8, account: impl Into<String>) -> Result<Self, InvalidValue> {
        if percent > 100 {
            return Err(InvalidValue::new("share", format!("is {percent} percent"), "0 to 100 percent"));
        }
        Ok(Self { tenant: None, percent, account: account.into() })
    }

    /// Only for the work of one tenant.
    #[must_use]
    pub fn of_tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    /// The account.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Whether the rule matches this work.
    pub fn takes(&self, tenant: &str, key: &str) -> bool {
        self.tenant.as_deref().is_none_or(|wanted| wanted == tenant)
            && (self.percent == 100 || place(&self.account, key) < u64::from(self.percent))
    }
}

/// The value of a key for an account, 0 to 99.
fn place(account: &str, key: &str) -> u64 {
    let digest = Sha256::new().chain_update(account).chain_update([0]).chain_update(key).finalize();
    let number = digest.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    number % 100
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_places_are_those_of_every_version() {
        let places: Vec<u64> = ["", "order-1", "order-2", "ключ"].map(|key| place("new", key)).to_vec();
        // Computed independently of this code, with Python's hashlib.
        assert_eq!(places, [97, 37, 11, 64]);
    }

    #[test]
    fn a_share_is_about_what_it_says() {
        for percent in [1, 10, 50, 90] {
            let rule = Rule::share(percent, "new").unwrap();
            let taken = (0..20_000).filter(|nth| rule.takes("t", &format!("order-{nth}"))).count();
            let share = taken as f64 / 200.0;
            assert!((share - f64::from(percent)).abs() < 1.5, "{percent} became {share}");
        }
    }

    #[test]
    fn shares_of_two_accounts_do_not_fall_together() {
        let (a, b) = (Rule::share(50, "a").unwrap(), Rule::share(50, "b").unwrap());
        let both = (0..10_000)
            .filter(|nth| a.takes("t", &nth.to_string()) && b.takes("t", &nth.to_string()))
            .count();
        assert!((2_300..2_700).contains(&both), "{both}");
    }

    #[test]
    fn more_than_all_is_refused() {
        assert_eq!(
            Rule::share(101, "new").unwrap_err().to_string(),
            "share is 101 percent; expected 0 to 100 percent"
        );
    }

    proptest! {
        #[test]
        fn a_share_that_grows_only_adds_keys(key in "\\PC{0,30}", less in 0_u8..=100, more in 0_u8..=100) {
            let (less, more) = (less.min(more), less.max(more));
            let takes = |percent| Rule::share(percent, "new").unwrap().takes("t", &key);
            prop_assert!(!takes(0) && takes(100));
            prop_assert!(!takes(less) || takes(more));
            prop_assert_eq!(takes(more), takes(more));
        }

        #[test]
        fn a_rule_of_a_tenant_takes_nobody_elses_work(tenant in "[a-c]", key in "[a-z]{1,8}") {
            prop_assert_eq!(Rule::all("x").of_tenant("a").takes(&tenant, &key), tenant == "a");
        }
    }
}
