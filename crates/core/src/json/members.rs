//! Reads an object member by member.

/// Reads an object directly into a value, with one arm per known member.
///
/// It expands to a visitor that compares member names in place and copies none. A derived reader fills a struct
/// with a field for every member of the type and moves it several times; lists contain hundreds of such objects.
///
/// ```
/// use countersign_core::json::{Presence, Text};
///
/// #[derive(Default)]
/// struct Person {
///     name: Option<String>,
///     has_code: bool,
///     kept: Vec<(&'static str, String)>,
/// }
///
/// const KEPT: [&str; 2] = ["role", "group"];
///
/// countersign_core::members! {
///     Person, "a person", Person::default(), |person, value| {
///         "name" name: Text => person.name = value.0;
///         "accessCode" code: Presence => person.has_code = value.0;
///         [KEPT] |name|: Text => person.kept.extend(value.0.map(|text| (name, text)));
///     }
/// }
///
/// let person: Person = serde_json::from_str(r#"{"name":"Jo","accessCode":"1","role":"x","more":[1]}"#).unwrap();
/// assert_eq!((person.name.as_deref(), person.has_code), (Some("Jo"), true));
/// assert_eq!(person.kept, [("role", "x".to_owned())]);
/// ```
///
/// The parts are: the type, the description for errors, the initial value, the names for that value and for what
/// was read, and the arms. Each arm has the member's name, a name for the arm, the type to read, and the code that
/// uses it. If the last arm names a list in brackets, it handles the members of that list. All other members are
/// skipped.
#[macro_export]
macro_rules! members {
    (
        $type:ty, $expected:literal, $start:expr, |$into:ident, $value:ident| {
            $($name:literal $arm:ident: $read:ty => $take:expr;)*
            $([$kept:expr] |$kept_name:ident|: $kept_read:ty => $kept_take:expr;)?
        }
    ) => {
        impl<'de> $crate::json::serde::Deserialize<'de> for $type {
            fn deserialize<D: $crate::json::serde::Deserializer<'de>>(from: D) -> ::std::result::Result<Self, D::Error> {
                #[allow(non_camel_case_types, reason = "the arms are named like fields")]
                enum Member {
                    $($arm,)*
                    $(#[doc = stringify!($kept_name)] Kept(&'static str),)?
                    Other,
                }

                impl<'de> $crate::json::serde::Deserialize<'de> for Member {
                    fn deserialize<D: $crate::json::serde::Deserializer<'de>>(
                        from: D,
                    ) -> ::std::result::Result<Self, D::Error> {
                        struct Name;

                        impl $crate::json::serde::de::Visitor<'_> for Name {
                            type Value = Member;

                            fn expecting(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                                f.write_str("a member's name")
                            }

                            fn visit_str<E>(self, name: &str) -> ::std::result::Result<Member, E> {
                                Ok(match name {
                                    $($name => Member::$arm,)*
                                    _ => {
                                        $(if let Some($kept_name) = $kept.iter().find(|kept| **kept == name) {
                                            return Ok(Member::Kept($kept_name));
                                        })?
                                        Member::Other
                                    }
                                })
                            }
                        }

                        from.deserialize_identifier(Name)
                    }
                }

                struct Members;

                impl<'de> $crate::json::serde::de::Visitor<'de> for Members {
                    type Value = $type;

                    fn expecting(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        f.write_str($expected)
                    }

                    fn visit_map<A: $crate::json::serde::de::MapAccess<'de>>(
                        self,
                        mut members: A,
                    ) -> ::std::result::Result<$type, A::Error> {
                        let mut $into = $start;
                        while let Some(member) = members.next_key::<Member>()? {
                            match member {
                                $(Member::$arm => {
                                    let $value = members.next_value::<$read>()?;
                                    $take;
                                })*
                                $(Member::Kept($kept_name) => {
                                    let $value = members.next_value::<$kept_read>()?;
                                    $kept_take;
                                })?
                                Member::Other => {
                                    members.next_value::<$crate::json::serde::de::IgnoredAny>()?;
                                }
                            }
                        }
                        Ok($into)
                    }
                }

                from.deserialize_map(Members)
            }
        }
    };
}
