//! The shapes in which a vendor, or something on the way to it, echoes what it was sent.

use bytes::Bytes;
use serde_json::json;

/// A link, a token and a code of the vendor's own making, which no request here has sent.
pub(crate) const LINK: &str = "https://app.vendor.example/Signing/MTRedeem/v1/9a8b7c?slt=L1NK-marked-000001";
/// A token of the vendor's making.
pub(crate) const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJtYXJrZWQiOiJ0b2tlbi0wMDAwMDEifQ.c2lnbmF0dXJlLW9mLTE";
/// Another signer's access code.
pub(crate) const OTHERS_CODE: &str = "Mark3d-others-code";

/// A request in words: its secrets first, then all of it.
pub(crate) struct Echo {
    pub(crate) secrets: Vec<String>,
    pub(crate) all: String,
}

impl Echo {
    fn text(&self) -> String {
        format!("{}\r\n\u{1b}[2J{}", self.secrets.join(" "), self.all)
    }

    /// Something that a header can carry.
    fn word(&self) -> String {
        self.secrets.iter().find(|secret| secret.is_ascii()).cloned().unwrap_or_else(|| "none".to_owned())
    }
}

type Shape = fn(&Echo) -> http::Response<Bytes>;

/// Every shape with a name.
pub(crate) const SHAPES: &[(&str, Shape)] = &[
    ("a page that escapes", |echo| page(500, &html(&echo.text()))),
    ("a page that does not escape", |echo| page(502, &echo.text())),
    ("a page with a link", |_| page(503, &format!("<a href=\"{LINK}\">sign</a> Bearer {TOKEN}"))),
    ("a short text", |echo| text(400, &echo.secrets.join(" "))),
    ("a refusal in words", |echo| refusal(400, &echo.text())),
    ("a refusal in small letters", |echo| refusal(400, &echo.text().to_lowercase())),
    ("a page in capital letters", |echo| page(500, &echo.text().to_uppercase())),
    ("a refusal split by what does not show", |echo| refusal(400, &split(&echo.text()))),
    ("a refusal of nothing but the secret", |echo| refusal(400, &echo.word())),
    ("a refusal of the key", |echo| refusal(401, &echo.text())),
    ("no leave", |echo| refusal(403, &echo.text())),
    ("no such thing", |echo| refusal(404, &echo.text())),
    ("a conflict", |echo| refusal(409, &echo.text())),
    ("a limit", |echo| refusal(429, &echo.text())),
    ("a server error in words", |echo| refusal(500, &echo.text())),
    ("a code that is the secret", |echo| {
        document(400, &json!({"errorCode": echo.word(), "error": echo.word()}))
    }),
    ("members named by secrets", |echo| {
        document(400, &json!({echo.text(): {echo.word(): 1}, "errors": {echo.text(): [echo.text()]}}))
    }),
    ("secrets under their names", |_| {
        let body = json!({"accessCode": OTHERS_CODE, "access_token": TOKEN, "url": LINK, "signLink": LINK});
        document(400, &body)
    }),
    ("a document that is cut off", |_| {
        text(
            400,
            &format!("{{\"signLink\":\"{LINK}\",\"access_token\":\"{TOKEN}\",\"accessCode\":\"{OTHERS_CODE}"),
        )
    }),
    ("a redirect with the secret", |echo| {
        with(302, &[("location", &format!("https://elsewhere.example/?key={}", echo.word()))], Bytes::new())
    }),
    ("a trace id that is the secret", |echo| {
        let word = echo.word();
        with(400, &[("x-docusign-tracetoken", &word), ("x-request-id", &word)], Bytes::from("<html>"))
    }),
    ("an unreadable success", |echo| {
        let word = echo.word();
        with(200, &[("x-docusign-tracetoken", &word), ("x-request-id", &word)], Bytes::from(echo.text()))
    }),
    ("a success that is cut off", |_| text(200, &format!("{{\"url\":\"{LINK}\",\"signLink\":\"{LINK}"))),
    ("a success of other types", |echo| {
        let odd = json!({echo.text(): echo.text()});
        document(
            200,
            &json!({"url": [LINK], "signLink": [LINK], "access_token": [TOKEN], "signers": odd,
            "signerDetails": odd, "recipientUpdateResults": echo.text(), "accounts": odd}),
        )
    }),
    ("a success with arrays named by secrets", |echo| {
        document(200, &json!({echo.word(): [{"recipientId": null}], echo.text(): [{"recipientId": null}]}))
    }),
    ("a success with a link that is none", |_| {
        document(
            200,
            &json!({"url": LINK.replace("https", "ftp"), "signLink": LINK.replace("https", "ftp"), "access_token": "a\nb"}),
        )
    }),
    ("a failure inside a success", |echo| {
        let details = json!({"errorCode": echo.word(), "message": echo.text()});
        document(
            200,
            &json!({"errorDetails": details, "recipientUpdateResults":
            [{"recipientId": "1", "errorDetails": details}]}),
        )
    }),
];

fn refusal(status: u16, echo: &str) -> http::Response<Bytes> {
    document(
        status,
        &json!({"errorCode": "SOME_CODE", "message": echo, "error": echo, "error_description": echo,
            "errors": {"AccessCode": [echo]}, "title": echo, "traceId": echo, "reference_id": echo}),
    )
}

fn document(status: u16, body: &serde_json::Value) -> http::Response<Bytes> {
    with(status, &[("content-type", "application/json")], Bytes::from(body.to_string()))
}

fn page(status: u16, body: &str) -> http::Response<Bytes> {
    with(status, &[("content-type", "text/html")], Bytes::from(format!("<html><pre>{body}</pre></html>")))
}

fn text(status: u16, body: &str) -> http::Response<Bytes> {
    with(status, &[("content-type", "text/plain")], Bytes::copy_from_slice(body.as_bytes()))
}

fn with(status: u16, headers: &[(&str, &str)], body: Bytes) -> http::Response<Bytes> {
    let mut response = http::Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(body).expect("a response")
}

/// With a zero-width space or joiner behind every other character.
fn split(text: &str) -> String {
    let pairs = text.chars().collect::<Vec<_>>();
    pairs
        .chunks(2)
        .zip(['\u{200b}', '\u{200d}'].iter().cycle())
        .flat_map(|(pair, c)| [pair, &[*c]].concat())
        .collect()
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;").replace('\'', "&#39;")
}
