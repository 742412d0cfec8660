//! Queries and path segments, decoded once, with repeated parameters kept.

use percent_encoding::percent_decode_str;

/// A decoded query. Names are matched without regard to case, as both vendors do (inferred from the spellings
/// that their own clients use).
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(query: Option<&str>) -> Self {
        let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        Self(pairs.into_owned().collect())
    }

    /// The first value of a parameter; an empty one counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).find(|value| !value.is_empty())
    }

    pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }
}

/// Percent-decodes one path segment.
pub(crate) fn decode(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_parameters_stay_apart_and_plus_signs_survive() {
        let query = Query::parse(Some("receiverEmails=a%2Bb%40x.com&ReceiverEmails=c%40x.com&empty="));
        assert_eq!(query.all("receiveremails").collect::<Vec<_>>(), ["a+b@x.com", "c@x.com"]);
        assert_eq!(query.get("empty"), None);
        assert_eq!(decode("a%2Fb%20c"), "a/b c");
    }

    proptest::proptest! {
        #[test]
        fn every_value_comes_through(values in proptest::collection::vec(".{1,12}", 0..5)) {
            let pairs = values.iter().map(|value| ("x", value));
            let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
            let query = Query::parse(Some(&text));
            assert_eq!(query.all("X").collect::<Vec<_>>(), values);
        }
    }
}
