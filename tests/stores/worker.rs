//! A worker: a process that makes the calls that it reads from its input, and writes how each ended.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use countersign::budget::Budget;
use countersign::ledger::{IdempotencyKey, Ledger};
use countersign::secrecy::SecretString;
use countersign::transport::HttpTransport;
use countersign::{
    AccessCode, ChangeAccessCode, Client, Config, CreateView, EnvelopeId, Error, ListRecipients, Outcome,
    RecipientRef, ResendRecipient, Result, Retry, ReturnUrl,
};
use countersign_postgres::{Postgres, PostgresOptions};
use countersign_sqlite::Sqlite;
use countersign_vault::Vault;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::ledger::ShortLeases;
use crate::said::{ANSWER, Answered, Asked, End, Kind, Setup};
use crate::wire::Wire;

/// Works until its input ends.
pub(crate) async fn run(setup: Setup) {
    let ledger: Arc<dyn Ledger> = Arc::new(ShortLeases {
        inner: open(&setup).await,
        lease: setup.lease,
        marks: setup.marks,
        dies: setup.dies,
        marked: AtomicBool::new(false),
    });
    let config = Config::read(None, setup.variables).unwrap();
    let network = Arc::new(HttpTransport::default());
    let clients: HashMap<&str, Client> = countersign::vendors()
        .iter()
        .map(|vendor| {
            let account = config.account(Some(vendor.name)).unwrap();
            let builder = Client::builder(account.provider().unwrap()).account(account.name());
            let dies =
                setup.dies.and_then(|(moment, kind)| Some((moment, kind, kind.last_step(vendor.name)?)));
            let transport = Arc::new(Wire { inner: Arc::clone(&network), dies });
            (
                vendor.name,
                builder
                    .transport(transport)
                    .ledger(Arc::clone(&ledger))
                    .budget(Budget::default().uncounted())
                    .build(),
            )
        })
        .collect();
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        let asked: Asked = serde_json::from_str(&line).unwrap();
        let client = clients[asked.vendor.as_str()].clone();
        tokio::spawn(async move {
            let end = perform(&client, &asked).await.unwrap_or_else(|error| end_of(&error));
            let answer = serde_json::to_string(&Answered { call: asked.call, end }).unwrap();
            println!("{ANSWER}{answer}");
        });
    }
    std::process::exit(0);
}

/// Opens the store, as soon as a server accepts connections.
async fn open(setup: &Setup) -> Arc<dyn Ledger> {
    if !setup.store.starts_with("postgres:") {
        let vault = Vault::read([&setup.key]).unwrap();
        return Arc::new(Sqlite::open(setup.store.as_ref(), vault).unwrap());
    }
    let options = PostgresOptions::new(SecretString::from(setup.store.as_str()));
    loop {
        let vault = Vault::read([&setup.key]).unwrap();
        match Postgres::connect(&options, vault).await {
            Ok(store) => return Arc::new(store),
            Err(error) if error.retry() == Retry::Never => panic!("{error}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

async fn perform(client: &Client, asked: &Asked) -> Result<End> {
    let client = client.with_key(IdempotencyKey::new(asked.key.as_str())?);
    let envelope = EnvelopeId::new(asked.envelope.as_str())?;
    let anna: RecipientRef = "email:anna@example.com".parse()?;
    let with_code = |notify: bool| {
        Ok::<_, Error>(
            ChangeAccessCode::new(envelope.clone(), anna.clone(), AccessCode::new("New2222")?)
                .with_notify(notify),
        )
    };
    let reply = match asked.kind {
        Kind::List => serde_json::to_string(&client.list_recipients(&ListRecipients::new(envelope)).await?),
        Kind::View => {
            let back = ReturnUrl::new("https://app.example.com/signed")?;
            let view = client.create_view(&CreateView::new(envelope, anna, back)).await?;
            Ok(view.link.expose().to_owned())
        }
        Kind::Code => serde_json::to_string(&client.change_access_code(&with_code(false)?).await?),
        Kind::Resend => {
            let resent = client.resend_recipient(&ResendRecipient::new(envelope, anna)).await?;
            serde_json::to_string(&resent)
        }
        Kind::CodeAndResend => serde_json::to_string(&client.change_access_code(&with_code(true)?).await?),
    };
    Ok(End::Reply(reply.unwrap()))
}

fn end_of(error: &Error) -> End {
    let text = format!("{error}");
    match (error.outcome(), error.retry()) {
        // A call that lost its key before it sent anything learns by a repetition how the other one ended.
        (Outcome::NoEffect, _) | (_, Retry::After(_)) => End::Again(text),
        (Outcome::Unknown, _) => End::Unknown(text),
        _ => End::Failed(text),
    }
}
