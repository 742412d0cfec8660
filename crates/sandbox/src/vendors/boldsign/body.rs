//! Bodies: JSON of any flavour, or a form whose parts become the same JSON.

use axum::body::Body;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::{StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Call;
use super::error::ApiError;
use crate::vendors::fields::Object;

impl Call<'_> {
    fn content_type(&self) -> &str {
        self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// A JSON object, or an empty one if there is no body at all.
    pub(super) fn optional_object(&self) -> Result<Object, ApiError> {
        match self.body.is_empty() {
            true => Ok(Object::new()),
            false => self.object(),
        }
    }

    /// A JSON object.
    pub(super) fn object(&self) -> Result<Object, ApiError> {
        if !self.content_type().to_ascii_lowercase().starts_with("application/json") {
            return Err(ApiError::plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type"));
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(ApiError::validation("$", "The JSON value could not be converted.")),
            Err(error) => Err(ApiError::validation(
                "$",
                format!(
                    "The body is not JSON. LineNumber: {} | BytePositionInLine: {}.",
                    error.line(),
                    error.column()
                ),
            )),
        }
    }

    /// A JSON object, or the parts of a form in its shape.
    pub(super) async fn object_or_form(&self) -> Result<Object, ApiError> {
        if !self.content_type().to_ascii_lowercase().starts_with("multipart/form-data") {
            return self.object();
        }
        let bad = |_| ApiError::plain(StatusCode::BAD_REQUEST, "The form could not be read.");
        let mut request = Request::new(Body::from(self.body.clone()));
        *request.headers_mut() = self.headers.clone();
        let mut form = Multipart::from_request(request, &())
            .await
            .map_err(|_| ApiError::plain(StatusCode::BAD_REQUEST, "The form could not be read."))?;
        let mut object = Object::new();
        while let Some(part) = form.next_field().await.map_err(bad)? {
            let name = part.name().unwrap_or_default().to_owned();
            let file = part.file_name().map(str::to_owned);
            let bytes = part.bytes().await.map_err(bad)?;
            if name.split('[').next().is_some_and(|base| base.eq_ignore_ascii_case("files")) {
                let file = json!({"fileName": file, "base64": STANDARD.encode(&bytes)});
                push(&mut object, "files", file)?;
                continue;
            }
            let text = String::from_utf8_lossy(&bytes).into_owned();
            add(&mut object, &name, text)?;
        }
        Ok(object)
    }
}

/// Puts a part where the JSON body would have it. Lists come as one part per member.
fn add(object: &mut Object, name: &str, text: String) -> Result<(), ApiError> {
    let base = name.split('[').next().unwrap_or(name);
    let key = name.split_once('[').map(|(_, key)| key.trim_end_matches(']').to_owned());
    let member = match base.to_ascii_lowercase().as_str() {
        "signers" | "cc" => {
            let name = if base.eq_ignore_ascii_case("cc") { "cc" } else { "signers" };
            // One JSON object a part; a list in one part is what the vendor calls an invalid value.
            return match serde_json::from_str::<Value>(&text) {
                Ok(value @ Value::Object(_)) => push(object, name, value),
                _ => {
                    let field = if name == "cc" { "CC" } else { "Signers" };
                    Err(ApiError::validation(field, "Value is invalid"))
                }
            };
        }
        "labels" => return push(object, "labels", text.into()),
        "metadata" => {
            let all = object.entry("metaData").or_insert_with(|| json!({}));
            if let (Some(all), Some(key)) = (all.as_object_mut(), key) {
                all.insert(key, text.into());
            }
            return Ok(());
        }
        _ => text,
    };
    object.insert(base.to_owned(), member.into());
    Ok(())
}

fn push(object: &mut Object, name: &str, value: Value) -> Result<(), ApiError> {
    if let Some(list) = object.entry(name).or_insert_with(|| json!([])).as_array_mut() {
        list.push(value);
    }
    Ok(())
}
