//! A browser without a screen: requests, and what can be read in a page.

use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};

pub(crate) struct Browser {
    origin: String,
    http: Client,
}

/// The result of a request.
pub(crate) struct Page {
    pub(crate) status: u16,
    /// Where it was found.
    pub(crate) path: String,
    pub(crate) text: String,
    location: Option<String>,
}

impl Browser {
    pub(crate) fn at(origin: &str) -> Self {
        Self { origin: origin.to_owned(), http: Client::builder().redirect(Policy::none()).build().unwrap() }
    }

    fn url(&self, to: &str) -> String {
        if to.starts_with('/') { format!("{}{to}", self.origin) } else { to.to_owned() }
    }

    pub(crate) async fn get(&self, to: &str) -> Page {
        self.page(self.http.get(self.url(to))).await
    }

    pub(crate) async fn post(&self, to: &str, form: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self.http.post(self.url(to)).body(body);
        self.page(request.header("content-type", "application/x-www-form-urlencoded")).await
    }

    pub(crate) async fn head(&self, to: &str) -> u16 {
        self.http.head(self.url(to)).send().await.unwrap().status().as_u16()
    }

    async fn page(&self, request: RequestBuilder) -> Page {
        let response = request.send().await.unwrap();
        let (status, path) = (response.status().as_u16(), response.url().path().to_owned());
        let header =
            |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let location = header("location");
        let is_page = header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        let kept = header("cache-control");
        let page = Page { status, path, text: response.text().await.unwrap(), location };
        if is_page {
            assert_eq!(kept.as_deref(), Some("no-store"), "{}", page.path);
            page.is_well_made();
        }
        page
    }
}

impl Page {
    /// The address that it sends the browser to.
    pub(crate) fn goes_to(&self) -> String {
        assert_eq!(self.status, 303, "{}: {}", self.path, self.text);
        self.location.clone().unwrap()
    }

    /// The text between two marks, the first time.
    pub(crate) fn between(&self, begin: &str, end: &str) -> &str {
        let (_, rest) = self.text.split_once(begin).unwrap_or_else(|| panic!("no {begin} in {}", self.text));
        rest.split_once(end).unwrap().0
    }

    pub(crate) fn heading(&self) -> String {
        self.between("<h1>", "</h1>").to_owned()
    }

    pub(crate) fn proof(&self) -> String {
        self.between("data-proof=\"", "\"").to_owned()
    }

    /// What every page must have for those who do not see it, or see it small.
    fn is_well_made(&self) {
        for (mark, times) in [
            ("<html lang=\"en\">", 1),
            ("<title>", 1),
            ("name=\"viewport\"", 1),
            ("<h1>", 1),
            ("<main id=\"main\"", 1),
            ("href=\"#main\"", 1),
        ] {
            assert_eq!(self.text.matches(mark).count(), times, "{mark} in {}", self.path);
        }
    }
}
