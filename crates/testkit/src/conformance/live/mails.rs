//! Where the mails of a server can be read: a mail catcher, a program, or a maildir.

use std::path::{Path, PathBuf};
use std::process::Command;

use bytes::Bytes;
use countersign_core::{Limits, Transport};
use serde::Deserialize;
use serde_json::Value;

/// Stands for the address whose mails are asked for.
const TO: &str = "{to}";

/// Where the mails of a server can be read. What it gives is only searched for addresses, so any form will do.
///
/// | key | value |
/// | --- | --- |
/// | `url` | a URL that answers JSON: a list of mails, or an object that has one. `{to}` in it is replaced by an address. Mailpit: `http://127.0.0.1:8025/api/v1/search?query=to:{to}`; Inbucket (with `INBUCKET_MAILBOXNAMING=full`): `http://127.0.0.1:9000/api/v1/mailbox/{to}` |
/// | `command` | a program and its arguments, which prints such JSON; `{to}` is replaced in them |
/// | `maildir` | a folder with `new` and `cur`, or with a file for each mail |
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MailSink {
    /// A mail catcher's API: https, or http on this machine.
    Url(String),
    /// A program.
    Command(Vec<String>),
    /// Files.
    Maildir(PathBuf),
}

impl MailSink {
    /// The texts of all mails to an address but those with one of these words.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub(crate) async fn to(
        &self,
        address: &str,
        but: &[&str],
        transport: &dyn Transport,
    ) -> Result<Vec<String>, String> {
        let failed = |error: &dyn std::fmt::Display| format!("the mails cannot be read ({self:?}): {error}");
        let mut all = match self {
            Self::Url(url) => {
                let to: String = url::form_urlencoded::byte_serialize(address.as_bytes()).collect();
                let request = http::Request::get(url.replace(TO, &to)).body(Bytes::new());
                let request = request.map_err(|error| failed(&error))?;
                let answer = transport.send(request, &Limits::default()).await;
                let answer = answer.map_err(|error| failed(&error))?;
                listed(answer.body()).map_err(|error| failed(&error))?
            }
            Self::Command(words) => {
                let mut words = words.iter().map(|word| word.replace(TO, address));
                let program = words.next().ok_or_else(|| failed(&"no program is named"))?;
                let output = Command::new(program).args(words).output().map_err(|error| failed(&error))?;
                if !output.status.success() {
                    return Err(failed(&String::from_utf8_lossy(&output.stderr)));
                }
                listed(&output.stdout).map_err(|error| failed(&error))?
            }
            Self::Maildir(folder) => files(folder).map_err(|error| failed(&error))?,
        };
        let address = address.to_lowercase();
        all.retain(|mail| {
            mail.to_lowercase().contains(&address) && !but.iter().any(|word| mail.contains(word))
        });
        Ok(all)
    }
}

/// The members of the list, or of all lists in the object: Mailpit's has one of tags beside the mails.
fn listed(json: &[u8]) -> Result<Vec<String>, String> {
    let json: Value = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    let lists: Vec<&Vec<Value>> = match &json {
        Value::Object(members) => members.values().filter_map(Value::as_array).collect(),
        other => other.as_array().into_iter().collect(),
    };
    if lists.is_empty() {
        return Err("the JSON has no list of mails".to_owned());
    }
    Ok(lists.into_iter().flatten().map(ToString::to_string).collect())
}

fn files(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut mails = Vec::new();
    let parts = ["new", "cur"].map(|part| folder.join(part));
    let parts: Vec<&Path> = parts.iter().map(PathBuf::as_path).filter(|part| part.is_dir()).collect();
    for part in if parts.is_empty() { vec![folder] } else { parts } {
        for file in std::fs::read_dir(part)? {
            let path = file?.path();
            if path.is_file() {
                let text = String::from_utf8_lossy(&std::fs::read(path)?).into_owned();
                // A long line of quoted-printable goes on after an equals sign.
                mails.push(text.replace("=\r\n", "").replace("=\n", ""));
            }
        }
    }
    Ok(mails)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Fixed(&'static str);

    #[async_trait::async_trait]
    impl Transport for Fixed {
        async fn send(
            &self,
            request: http::Request<Bytes>,
            _: &Limits,
        ) -> Result<http::Response<Bytes>, countersign_core::TransportError> {
            assert_eq!(request.uri(), "http://127.0.0.1:8025/search?query=to:ann%40r1.example.com");
            Ok(http::Response::new(Bytes::from_static(self.0.as_bytes())))
        }
    }

    #[tokio::test]
    async fn mails_are_found_by_their_address_in_any_form() {
        let (to, none) = ("ann@r1.example.com", &Fixed(""));
        let catcher = MailSink::Url("http://127.0.0.1:8025/search?query=to:{to}".to_owned());
        for (json, wanted) in [
            (r#"{"total": 2, "messages": [{"To": [{"Address": "Ann@r1.example.com"}]}, {"To": []}]}"#, Ok(1)),
            (r#"{"Tags": ["x"], "messages": [{"To": "ann@r1.example.com"}], "tags": []}"#, Ok(1)),
            (r#"[{"to": ["<ann@r1.example.com>"]}, {"to": "ann@r1.example.com"}]"#, Ok(2)),
            (r#"[{"To": "ann@r1.example.com", "Subject": "Lease Cancelled"}]"#, Ok(0)),
            ("[]", Ok(0)),
            ("{}", Err(())),
            ("<html>", Err(())),
        ] {
            let found = catcher.to(to, &["Cancelled"], &Fixed(json)).await;
            assert_eq!(found.map(|mails| mails.len()).map_err(|_| ()), wanted, "{json}");
        }
        let print = |script: &str| ["sh", "-c", script, "{to}"].map(str::to_owned).to_vec();
        let program = MailSink::Command(print(r#"echo "[\"to $0\", \"to bo\"]""#));
        assert_eq!(program.to(to, &[], none).await.unwrap(), [r#""to ann@r1.example.com""#]);
        let fails = MailSink::Command(print("echo not today >&2; exit 1"));
        assert!(fails.to(to, &[], none).await.unwrap_err().contains("not today"));

        let folder = std::env::temp_dir().join(format!("countersign-maildir-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("new")).unwrap();
        std::fs::write(folder.join("new/1"), "To: Ann <ann@r1.example.com>\r\n\r\nsign/TO=\r\nKEN").unwrap();
        std::fs::write(folder.join("new/2"), "To: bo@r1.example.com\r\n\r\n").unwrap();
        let mails = MailSink::Maildir(folder.clone()).to(to, &[], none).await;
        std::fs::remove_dir_all(folder).unwrap();
        assert!(
            mails.as_ref().is_ok_and(|mails| mails.len() == 1 && mails[0].contains("sign/TOKEN")),
            "{mails:?}"
        );
    }
}
