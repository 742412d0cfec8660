//! The simulated vendors. Each is a folder; its module and its line in `each_vendor` register it.

mod account;
#[cfg(test)]
#[path = "../../../xtask/template/sandbox/mod.rs"]
#[allow(unreachable_pub, reason = "a vendor's module that is registered nowhere")]
mod acme;
mod boldsign;
mod call;
mod code_grant;
mod documenso;
mod docusign;
mod fields;
mod known;
mod meter;
mod pandadoc;
mod played;

use std::collections::HashMap;
use std::io;
use std::sync::LazyLock;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::world::{Traits, Vendor};

pub use boldsign::RateLimits;
pub(crate) use call::{Call, Targets};
pub(crate) use fields::Query;
pub use played::Configuration;
pub(crate) use played::{Attempt, Played, Start};

/// Calls a macro with the simulated vendors.
macro_rules! each_vendor {
    ($then:ident) => {
        $then! {
            docusign: DOCUSIGN, DocusignAccess, DocusignSettings;
            boldsign: BOLDSIGN, BoldsignAccess, BoldsignSettings;
            documenso: DOCUMENSO, DocumensoAccess, DocumensoSettings;
            pandadoc: PANDADOC, PandadocAccess, PandadocSettings;
        }
    };
}
pub(crate) use each_vendor;

macro_rules! rules {
    ($vendor:ident) => {
        include_str!(concat!(stringify!($vendor), "/rules.toml"))
    };
}

macro_rules! register {
    ($($vendor:ident: $handle:ident, $access:ident, $settings:ident;)+) => {
        $(pub use $vendor::{$access, $settings};)+

        impl Vendor {
            $(
                #[doc = concat!("The vendor with the id `", stringify!($vendor), "`.")]
                pub const $handle: Self = Self::new(stringify!($vendor));
            )+
        }

        const ALL: &[Vendor] = &[$(Vendor::$handle),+];

        /// The rules of each vendor, from its folder.
        pub(crate) const RULES: &[(Vendor, &str)] =
            &[$((Vendor::$handle, rules!($vendor))),+];

        /// One account at each vendor.
        pub(crate) struct Accounts {
            $(pub(crate) $vendor: $vendor::Account),+
        }

        impl Accounts {
            /// Generates keys. Slow the first time, so not for the event loop.
            pub(crate) fn start(start: &Start<'_>) -> io::Result<Self> {
                Ok(Self { $($vendor: $vendor::Account::start(start)?),+ })
            }

            pub(crate) fn all(&self) -> impl Iterator<Item = &dyn Played> {
                [$(&self.$vendor as &dyn Played),+].into_iter()
            }

            pub(crate) fn settings(&self) -> Settings {
                Settings { $($vendor: self.$vendor.settings().clone()),+ }
            }

            pub(crate) fn set(&self, settings: Settings) {
                $(*self.$vendor.settings() = settings.$vendor;)+
            }
        }

        /// The settings that can be changed while the sandbox runs. In JSON each name begins with the vendor's.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Settings {
            $(
                #[doc = concat!("Limits and switches of [`Vendor::", stringify!($handle), "`].")]
                pub $vendor: $settings
            ),+
        }

        impl Settings {
            /// Allows this many calls per hour at each vendor, and at least as many in a burst.
            pub fn limit_calls(&mut self, hourly: u32) {
                $(self.$vendor.limit_calls(hourly);)+
            }
        }

        impl Serialize for Settings {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let parts = [$((stringify!($vendor), serde_json::to_value(&self.$vendor))),+];
                let mut all = Map::new();
                for (vendor, part) in parts {
                    let part = part.map_err(serde::ser::Error::custom)?;
                    for (name, value) in part.as_object().into_iter().flatten() {
                        all.insert(format!("{vendor}_{name}"), value.clone());
                    }
                }
                all.serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for Settings {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let mut all = Map::deserialize(deserializer)?;
                let settings = Self { $($vendor: part(&mut all, stringify!($vendor)).map_err(D::Error::custom)?),+ };
                match all.keys().next() {
                    None => Ok(settings),
                    Some(name) => Err(D::Error::custom(format!("unknown field `{name}`"))),
                }
            }
        }
    };
}

each_vendor!(register);

/// Selects the members whose names begin with the vendor's.
fn part<T: for<'de> Deserialize<'de>>(all: &mut Map<String, Value>, vendor: &str) -> serde_json::Result<T> {
    let mut part = Map::new();
    for (name, value) in std::mem::take(all) {
        match name.strip_prefix(vendor).and_then(|name| name.strip_prefix('_')) {
            Some(own) => part.insert(own.to_owned(), value),
            None => all.insert(name, value),
        };
    }
    serde_json::from_value(part.into())
}

impl Accounts {
    pub(crate) fn get(&self, vendor: Vendor) -> Option<&dyn Played> {
        self.all().find(|account| account.vendor() == vendor)
    }

    /// The vendor of a path.
    pub(crate) fn of_path(&self, path: &str) -> Option<&dyn Played> {
        let first = path.split('/').nth(1)?.to_ascii_lowercase();
        self.all().find(|account| account.vendor().traits().paths.contains(&first))
    }
}

impl Vendor {
    /// Every simulated vendor.
    pub fn all() -> &'static [Self] {
        ALL
    }

    /// Its own rules, of which nothing is known if they cannot be read; a test of `rules` reads them.
    pub(crate) fn traits(self) -> &'static Traits {
        static OF_EACH: LazyLock<HashMap<Vendor, Traits>> = LazyLock::new(|| {
            RULES.iter().filter_map(|(vendor, text)| Some((*vendor, Traits::parse(text).ok()?))).collect()
        });
        static NONE: LazyLock<Traits> = LazyLock::new(Traits::default);
        OF_EACH.get(&self).unwrap_or(&NONE)
    }

    /// The one with this [`id`](Self::id).
    pub fn named(id: &str) -> Option<Self> {
        ALL.iter().copied().find(|vendor| vendor.id().eq_ignore_ascii_case(id))
    }
}

impl<'de> Deserialize<'de> for Vendor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        Self::named(&id)
            .ok_or_else(|| D::Error::custom(format!("the sandbox does not simulate a vendor `{id}`")))
    }
}

/// The beginning of a new vendor, which the tests compile here.
#[cfg(test)]
impl Vendor {
    const ACME: Self = Self::new("acme");
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Start<'_> =
        Start { base_url: "http://127.0.0.1:1", seed: 7, now: jiff::Timestamp::UNIX_EPOCH };

    /// The names in braces of an account's texts.
    fn named(traits: &Traits) -> impl Iterator<Item = &str> {
        let rows = traits.shown.iter().chain(&traits.configuration).chain(traits.sign_ins.values().flatten());
        rows.flat_map(|(_, text)| text.split('{').skip(1)).map(|rest| rest.split_once('}').unwrap().0)
    }

    #[test]
    fn the_texts_of_an_account_name_what_it_has() {
        let acme = Traits::parse(include_str!("../../../xtask/template/sandbox/rules.toml")).unwrap();
        let account = acme::Account::start(&START).unwrap();
        let accounts = Accounts::start(&START).unwrap();
        let all = accounts.all().map(|account| (account, account.vendor().traits()));
        for (account, traits) in all.chain([(&account as &dyn Played, &acme)]) {
            let access = account.access();
            assert!(named(traits).count() > 2, "{}", account.vendor().id());
            for name in named(traits) {
                assert!(access[name].is_string(), "{}: {name}", account.vendor().id());
            }
        }
    }

    #[test]
    fn a_new_vendor_begins_with_an_account() {
        let account = acme::Account::start(&START).unwrap();
        account.settings().limit_calls(9);
        assert_eq!(account.settings().hourly_limit, Some(9));
        assert_eq!(account.issue_token(START.now).expose(), account.access.api_key.expose());
        assert_eq!((account.vendor().id(), account.too_large().status().as_u16()), ("acme", 413));
    }
}
