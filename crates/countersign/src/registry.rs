//! The built-in vendors: one line each.

use countersign_core::Descriptor;
#[cfg(feature = "config")]
use countersign_core::{Error, ErrorKind, Result};

macro_rules! registered {
    ($($feature:literal as $module:ident: $adapter:ident::DESCRIPTOR;)*) => {
        static ADAPTERS: &[&Descriptor] = &[$(#[cfg(feature = $feature)] &$adapter::DESCRIPTOR,)*];

        /// The adapters, for applications that create a provider without a configuration file.
        pub mod adapters {
            $(#[cfg(feature = $feature)] pub use $adapter as $module;)*
        }
    };
}

registered! {
    "docusign" as docusign: countersign_docusign::DESCRIPTOR;
    "boldsign" as boldsign: countersign_boldsign::DESCRIPTOR;
    "documenso" as documenso: countersign_documenso::DESCRIPTOR;
    "pandadoc" as pandadoc: countersign_pandadoc::DESCRIPTOR;
}

/// Every built-in vendor, in the order of the documentation.
#[must_use]
pub fn vendors() -> &'static [&'static Descriptor] {
    ADAPTERS
}

/// The built-in vendors and external ones.
///
/// # Errors
/// `Config` if two have the same name, because a configuration could mean either.
#[cfg(feature = "config")]
pub(crate) fn with(others: &[&'static Descriptor]) -> Result<Vec<&'static Descriptor>> {
    let mut all = vendors().to_vec();
    for other in others {
        if all.iter().any(|known| known.name == other.name) {
            let message = format!("the vendor name `{}` is taken", other.name);
            return Err(Error::new(ErrorKind::Config, message)
                .with_hint("use another name in the descriptor of the vendor that you add"));
        }
        all.push(other);
    }
    Ok(all)
}
