//! One exchange, as it is written down.

use std::collections::BTreeMap;

use bytes::Bytes;
use countersign::cassette::{is_secret_in_query, is_telling_header, pairs};
use countersign::{Phase, SecretString, Timestamp, TransportError};
use http::HeaderMap;
use serde::Serialize;
use serde_json::Value;

use super::mask::{Masks, is_secret_in_form, secrets_in};

/// Headers that are of use to support, beside those that a cassette keeps.
const HEADERS: [&str; 5] = ["accept", "content-length", "date", "server", "via"];

#[derive(Debug, Serialize)]
pub(super) struct Record {
    at: Timestamp,
    method: String,
    origin: String,
    path: String,
    query: Vec<(String, String)>,
    request_headers: BTreeMap<String, String>,
    request_body: Value,
    /// `null` where no answer came.
    status: Option<u16>,
    response_headers: BTreeMap<String, String>,
    response_body: Value,
    /// Why no answer came; without it and without a status the exchange was let go.
    fault: Option<String>,
    /// Whether the request may have reached the vendor, where no answer came.
    may_have_arrived: Option<bool>,
    pub(super) duration_ms: u64,
    #[serde(skip)]
    secrets: Vec<SecretString>,
}

impl Record {
    /// What is sent.
    pub(super) fn of(request: &http::Request<Bytes>, at: Timestamp, masks: &mut Masks) -> Self {
        let mut secrets = Vec::new();
        for value in request.headers().values().filter(|value| value.is_sensitive()) {
            // A scheme such as `Bearer` stands before the credentials.
            let text = value.to_str().unwrap_or_default();
            secrets.extend([text, text.rsplit(' ').next().unwrap_or(text)].map(SecretString::from));
        }
        let is_form = content_type(request.headers()).starts_with("application/x-www-form-urlencoded");
        let form = if is_form { pairs(&String::from_utf8_lossy(request.body())) } else { Vec::new() };
        let hidden = form.iter().filter(|(name, _)| is_secret_in_form(name));
        secrets.extend(hidden.map(|(_, value)| SecretString::from(value.as_str())));
        secrets_in(request.body(), &mut secrets);
        masks.remember(&secrets);
        let secrets = masks.known();
        let uri = request.uri();
        let (scheme, authority) = (uri.scheme_str().unwrap_or_default(), uri.authority());
        let authority = authority.map_or("", |authority| authority.as_str());
        Self {
            at,
            method: request.method().to_string(),
            origin: format!("{scheme}://{}", authority.rsplit('@').next().unwrap_or(authority)),
            path: masks.path(uri.path(), &secrets),
            query: masks.pairs(&pairs(uri.query().unwrap_or_default()), &secrets, is_secret_in_query),
            request_headers: headers(request.headers(), masks, &secrets),
            request_body: if is_form {
                serde_json::to_value(masks.pairs(&form, &secrets, is_secret_in_form)).unwrap_or_default()
            } else {
                masks.body(request.body(), &secrets)
            },
            status: None,
            response_headers: BTreeMap::new(),
            response_body: Value::Null,
            fault: None,
            may_have_arrived: None,
            duration_ms: 0,
            secrets,
        }
    }

    /// What came back.
    pub(super) fn answered(&mut self, answer: &http::Response<Bytes>, masks: &mut Masks) {
        secrets_in(answer.body(), &mut self.secrets);
        self.status = Some(answer.status().as_u16());
        self.response_headers = headers(answer.headers(), masks, &self.secrets);
        self.response_body = masks.body(answer.body(), &self.secrets);
    }

    /// Why nothing came back. The cause behind it may show an address and is left out.
    pub(super) fn failed(&mut self, error: &TransportError) {
        self.fault = Some(error.to_string());
        self.may_have_arrived = Some(error.phase() == Phase::AfterSending);
    }
}

fn content_type(headers: &HeaderMap) -> &str {
    headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn headers(headers: &HeaderMap, masks: &mut Masks, secrets: &[SecretString]) -> BTreeMap<String, String> {
    let mut shown = BTreeMap::new();
    for (name, value) in headers {
        let name = name.as_str();
        let wanted = HEADERS.contains(&name) || is_telling_header(name);
        if wanted && !value.is_sensitive() {
            shown.insert(name.to_owned(), masks.text(&String::from_utf8_lossy(value.as_bytes()), secrets));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign::{TransportFault, escape_control};

    const PLANTED: [&str; 9] = [
        "K3y-of-the-account",
        "t0ken-of-the-user",
        "C0de-23",
        "C0de \"q\" 99",
        "l1nk-of-anna",
        "4ssertion.of.us",
        "cl1ent-secret",
        "Anna Zoë",
        "anna.zoe",
    ];

    fn shown(record: &Record) -> String {
        let text = serde_json::to_string(record).expect("JSON");
        for secret in PLANTED {
            let inside = serde_json::to_string(secret).expect("JSON");
            assert!(!text.contains(secret) && !text.contains(inside.trim_matches('"')), "{secret}: {text}");
        }
        assert_eq!(text, escape_control(&text));
        serde_json::to_string_pretty(record).expect("JSON")
    }

    fn exchange(
        request: http::request::Builder,
        body: &str,
        answer: http::response::Builder,
        back: &str,
    ) -> String {
        let mut masks = Masks::default();
        let mut request = request.body(Bytes::from(body.to_owned())).expect("a request");
        for name in ["authorization", "x-api-key"] {
            if let Some(value) = request.headers_mut().get_mut(name) {
                value.set_sensitive(true);
            }
        }
        let mut record = Record::of(&request, Timestamp::UNIX_EPOCH, &mut masks);
        record.answered(&answer.body(Bytes::from(back.to_owned())).expect("an answer"), &mut masks);
        shown(&record)
    }

    #[test]
    fn a_change_of_a_code_shows_who_differs_and_no_code() {
        let request = http::Request::put(
            "https://u:cl1ent-secret@api.example.com/v1/envelopes/5e29dc8d/recipients?resend=true",
        )
        .header("authorization", "Bearer t0ken-of-the-user")
        .header("content-type", "application/json");
        let body = r#"{"signers":[{"recipientId":"1","name":"Anna Zoë","accessCode":"C0de \"q\" 99"}]}"#;
        let answer = http::Response::builder()
            .status(400)
            .header("content-type", "application/json")
            .header("x-acme-tracetoken", "5e29dc8d-54bb")
            .header("x-ratelimit-remaining", "12")
            .header("set-cookie", "session=C0de-23")
            .header("x-forwarded-for", "anna.zoe@example.com");
        let back = r#"{"errorCode":"BAD","message":"code C0de \"q\" 99 of anna.zoe@example.com (t0ken-of-the-user) is bad: https://app.example.com/s?t=l1nk-of-anna",
            "signers":[{"name":"Anna Zoë","userName":"Anna  Zoe","email":"anna.zoe@example.com","accessCode":"C0de-23","phoneNumber":"49123","deliveryMethod":"email"}]}"#;
        insta::assert_snapshot!(exchange(request, body, answer, back));
    }

    #[test]
    fn a_key_an_address_in_the_query_and_a_link_that_was_asked_for() {
        let request = http::Request::get(
            "https://api.example.com/v1/document/getLink?documentId=d-1&signerEmail=anna.zoe%2Bx%40example.com&redirectUrl=https%3A%2F%2Fapp.example.com%2Fback%3Ft%3DC0de-23",
        )
        .header("x-api-key", "K3y-of-the-account");
        let answer = http::Response::builder().header("x-request-id", "r-1");
        let back = r#"{"signLink":"https://app.example.com/sign?token=l1nk-of-anna","note":"sign with K3y-of-the-account"}"#;
        insta::assert_snapshot!(exchange(request, "", answer, back));
    }

    #[test]
    fn a_sign_in_shows_neither_what_was_sent_nor_what_was_got() {
        let request = http::Request::post("https://account.example.com/oauth/token")
            .header("content-type", "application/x-www-form-urlencoded");
        let body = "grant_type=urn%3Ajwt&assertion=4ssertion.of.us&client_secret=cl1ent-secret&code=C0de-23&scope=sign";
        let back = r#"{"access_token":"t0ken-of-the-user","token_type":"Bearer","expires_in":3600,"debug":"4ssertion.of.us"}"#;
        insta::assert_snapshot!(exchange(request, body, http::Response::builder(), back));
    }

    #[test]
    fn a_page_in_place_of_an_answer_and_a_body_that_is_cut() {
        let request =
            || http::Request::put("https://api.example.com/x").header("x-api-key", "K3y-of-the-account");
        let body = r#"{"newAccessCode":"C0de-23","accessCode":"C0de-23"}"#;
        let page =
            "<html>\u{1b}[2Jcode C0de-23 for anna.zoe@example.com; X-API-KEY: K3y-of-the-account</html>";
        let text = exchange(request(), body, http::Response::builder().status(502), page);
        let cut = r#"{"accessCode":"C0de-23","signLink":"https://app.example.com/l1nk-of-anna"#;
        let text = format!("{text}\n{}", exchange(request(), body, http::Response::builder(), cut));
        insta::assert_snapshot!(text);
    }

    #[test]
    fn no_answer_is_told_as_such() {
        let request = http::Request::get("https://api.example.com/x").body(Bytes::new()).expect("a request");
        let mut record = Record::of(&request, Timestamp::UNIX_EPOCH, &mut Masks::default());
        record.failed(
            &TransportError::new(TransportFault::Timeout, Phase::AfterSending).with_source("l1nk-of-anna"),
        );
        assert!(shown(&record).contains("\"may_have_arrived\": true"));
    }

    #[test]
    fn a_code_that_was_set_is_taken_out_of_later_answers() {
        let mut masks = Masks::default();
        let body = Bytes::from(r#"{"accessCode":"C0de-23"}"#);
        let set = http::Request::put("https://api.example.com/x").body(body).expect("a request");
        let _ = Record::of(&set, Timestamp::UNIX_EPOCH, &mut masks);
        let list = http::Request::get("https://api.example.com/x").body(Bytes::new()).expect("a request");
        let mut record = Record::of(&list, Timestamp::UNIX_EPOCH, &mut masks);
        let answer = http::Response::new(Bytes::from(r#"{"message":"still C0de-23"}"#));
        record.answered(&answer, &mut masks);
        assert!(shown(&record).contains("still [redacted]"));
    }
}
