//! Enumerations of our own words, each with a stable name.

/// A closed set of words. Those for tables also have a title, which is the first line of their documentation.
#[doc(hidden)]
#[macro_export]
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$row:meta])* $variant:ident = $word:literal, $title:literal;)* }) => {
        $crate::words! {
            $(#[$doc])*
            $name { $(#[doc = concat!($title, ".")] #[doc = ""] $(#[$row])* $variant = $word;)* }
        }

        impl $name {
            /// A label for tables.
            pub fn title(self) -> &'static str {
                match self { $($name::$variant => $title,)* }
            }
        }
    };
    ($(#[$doc:meta])* $name:ident { $($(#[$row:meta])* $variant:ident = $word:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[non_exhaustive]
        pub enum $name { $($(#[$row])* #[serde(rename = $word)] $variant,)* }

        impl $name {
            /// All values, in the order of the documentation.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The stable word in files and JSON.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// A set of words that leaves room for those of vendors: `Other` keeps what has no name here.
macro_rules! open_words {
    (
        $(#[$doc:meta])* $name:ident { $($(#[$row:meta])* $variant:ident = $word:literal;)* }
        $(#[$other:meta])* Other
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name { $($(#[$row])* $variant,)* $(#[$other])* Other(String) }

        impl $name {
            /// All words with a name, in the order of the documentation.
            pub const NAMED: [$name; [$($word),*].len()] = [$($name::$variant),*];

            /// The stable word, or the vendor's for `Other`.
            pub fn as_str(&self) -> &str {
                match self { $($name::$variant => $word,)* $name::Other(word) => word }
            }
        }

        /// Control characters in a vendor's own word are escaped.
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&crate::redact::escape_control(self.as_str()))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = String::deserialize(deserializer)?;
                let named = Self::NAMED.into_iter().find(|named| named.as_str() == word);
                Ok(named.unwrap_or(Self::Other(word)))
            }
        }
    };
}

/// Open words in JSON: the word itself, which reads back.
macro_rules! open_words_in_json {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}
pub(crate) use {open_words, open_words_in_json, words};
