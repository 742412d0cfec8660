//! The sandbox in a process of its own, told what to do over its control API.

use std::process::Stdio;
use std::time::Duration;

use countersign_sandbox::{EnvelopeView, Fault, NewEnvelope, Options, Sandbox as InProcess};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use super::Failure;

/// Runs the sandbox until the other process is gone.
pub(crate) async fn serve() -> Result<(), Failure> {
    let sandbox = InProcess::start(Options::default()).await?;
    // The run is about faults, not about the published limits.
    sandbox.world().change_settings(|settings| settings.limit_calls(u32::MAX));
    println!("{}", sandbox.url());
    let mut rest = Vec::new();
    tokio::io::stdin().read_to_end(&mut rest).await?;
    Ok(())
}

/// A sandbox in a process of its own; it ends with this.
#[derive(Debug)]
pub(crate) struct Sandbox {
    url: String,
    http: reqwest::Client,
    _process: Child,
}

/// A mail, as far as it is counted.
#[derive(Debug, Deserialize)]
pub(crate) struct MailSeen {
    pub(crate) envelope: String,
    pub(crate) kind: String,
}

impl Sandbox {
    pub(crate) async fn start() -> Result<Self, Failure> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("--serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = process.stdout.take().ok_or("no output")?;
        let url = BufReader::new(output).lines().next_line().await?.ok_or("the sandbox did not start")?;
        let http = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { url, http, _process: process })
    }

    pub(crate) async fn access(&self) -> Result<serde_json::Value, Failure> {
        let answer = self.http.get(format!("{}/_sandbox/access", self.url)).send().await?;
        Ok(serde_json::from_slice(&answer.bytes().await?)?)
    }

    pub(crate) async fn make_envelope(&self, new: &NewEnvelope) -> Result<String, Failure> {
        let answer = self.post("envelopes", serde_json::to_vec(new)?).await?;
        Ok(serde_json::from_slice::<EnvelopeView>(&answer)?.id)
    }

    pub(crate) async fn inject(&self, fault: &Fault) -> Result<(), Failure> {
        self.post("faults", serde_json::to_vec(fault)?).await.map(drop)
    }

    pub(crate) async fn forget_faults(&self) -> Result<(), Failure> {
        self.http.delete(format!("{}/_sandbox/faults", self.url)).send().await?.error_for_status()?;
        Ok(())
    }

    pub(crate) async fn advance(&self, by: Duration) -> Result<(), Failure> {
        let body = serde_json::json!({"advance_seconds": by.as_secs()});
        self.post("clock", body.to_string().into_bytes()).await.map(drop)
    }

    /// Reads the outbox and empties it.
    pub(crate) async fn take_outbox(&self) -> Result<Vec<MailSeen>, Failure> {
        let url = format!("{}/_sandbox/outbox", self.url);
        let answer = self.http.get(&url).send().await?.error_for_status()?.bytes().await?;
        let mails = serde_json::from_slice(&answer)?;
        self.http.delete(&url).send().await?.error_for_status()?;
        Ok(mails)
    }

    async fn post(&self, path: &str, body: Vec<u8>) -> Result<bytes::Bytes, Failure> {
        let request = self.http.post(format!("{}/_sandbox/{path}", self.url)).body(body);
        let answer = request.header("content-type", "application/json").send().await?.error_for_status()?;
        Ok(answer.bytes().await?)
    }
}
