//! Selects the requests that a fault applies to.

use bytes::Bytes;

/// Selects the requests that a fault applies to: by method, by a part of the path, and by their number among the
/// matching ones.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct When {
    method: Option<String>,
    path: String,
    first: usize,
    times: Option<usize>,
}

impl When {
    /// Every request.
    pub fn any() -> Self {
        Self::default()
    }

    /// Requests with this method, compared without letter case.
    pub fn method(method: &str) -> Self {
        Self { method: Some(method.to_owned()), ..Self::default() }
    }

    /// Only requests whose path contains this text, encoded as in the URL. The query is not checked.
    pub fn path(mut self, contains: &str) -> Self {
        contains.clone_into(&mut self.path);
        self
    }

    /// Only the request with this number, counted from 1 among the matching ones; 0 means 1.
    pub fn nth(mut self, number: usize) -> Self {
        self.first = number;
        self.times = Some(1);
        self
    }

    /// Only this many requests, from the first or from [`When::nth`] on.
    pub fn times(mut self, times: usize) -> Self {
        self.times = Some(times);
        self
    }

    pub(crate) fn fits(&self, request: &http::Request<Bytes>) -> bool {
        self.method.as_deref().is_none_or(|method| method.eq_ignore_ascii_case(request.method().as_str()))
            && request.uri().path().contains(&self.path)
    }

    pub(crate) fn befalls(&self, number: usize) -> bool {
        let first = self.first.max(1);
        number >= first && self.times.is_none_or(|times| number - first < times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(when: &When, method: &str, url: &str) -> bool {
        when.fits(&http::Request::builder().method(method).uri(url).body(Bytes::new()).expect("a request"))
    }

    #[test]
    fn method_and_path_must_both_fit() {
        let when = When::method("put").path("/recipients");
        assert!(fits(&when, "PUT", "https://a.example/v1/recipients?x=1"));
        assert!(!fits(&when, "GET", "https://a.example/v1/recipients"));
        assert!(!fits(&when, "PUT", "https://a.example/v1/views?next=/recipients"));
        assert!(fits(&When::any(), "DELETE", "https://a.example/"));
    }

    #[test]
    fn numbers_choose_one_some_or_all() {
        let chosen = |when: &When| (1..=5).filter(|number| when.befalls(*number)).collect::<Vec<_>>();
        assert_eq!(chosen(&When::any()), [1, 2, 3, 4, 5]);
        assert_eq!(chosen(&When::any().nth(3)), [3]);
        assert_eq!(chosen(&When::any().times(2)), [1, 2]);
        assert_eq!(chosen(&When::any().nth(2).times(2)), [2, 3]);
        assert_eq!(chosen(&When::any().times(0)), Vec::<usize>::new());
    }
}
