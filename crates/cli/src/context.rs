//! What every command needs: the selected account, a client for it, and the errors if one is missing.

use std::borrow::Cow;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use countersign::auth::TokenStore;
use countersign::cassette::Tracer;
use countersign::ledger::Ledger;
use countersign::routing::EnvelopeRef;
use countersign::transport::{HttpTransport, Transport};
use countersign::webhook::{SeenStore, Webhook};
use countersign::{Account, Client, Config, EnvelopeId, Error, ErrorKind, InvalidValue, Result, SystemClock};

use crate::args::Global;
use crate::asked::Asked;
use crate::private::{Lines, cannot};
use crate::report::note;
use crate::state::Place;

/// The configuration, with the tokens in the database if there is one.
pub(crate) async fn configuration(global: &Global) -> Result<Config> {
    let config = Config::load(global.config())?;
    let Some(place) = Place::of(&config)? else { return Ok(config) };
    let store = match global.store.get() {
        Some(store) => Arc::clone(store),
        None => {
            let store = place.open().await?;
            Arc::clone(global.store.get_or_init(|| store))
        }
    };
    Ok(config.with_token_store(&(store as Arc<dyn TokenStore>)))
}

/// A client for the account that owns an envelope. `account:envelope` with a configured account is reduced to the
/// vendor's id; any other id stays unchanged and belongs to the selected account, or to the default one.
pub(crate) async fn at(global: &Global, envelope: &mut EnvelopeId) -> Result<Client> {
    if let Some(replayer) = global.cassette.as_ref().and_then(|cassette| cassette.replayer()) {
        return Client::replaying(replayer);
    }
    let config = configuration(global).await?;
    let Some((account, id)) = owner(&config, envelope.as_str()) else {
        if let Some((name, _)) = envelope.as_str().split_once(':').filter(|(name, _)| is_like_a_name(name)) {
            note(&format!(
                "there is no account `{name}`, so the whole name is used as the vendor's envelope id\n"
            ));
        }
        let account = config.account(global.account())?;
        global.asked.get_or_init(|| Asked::of(account, &config));
        return client_of(global, account);
    };
    if let Some(other) = global.account().filter(|other| *other != account.name()) {
        let message =
            format!("the envelope names the account `{}`, but `{other}` is given as well", account.name());
        return Err(invalid(
            message,
            "omit --account (or the variable COUNTERSIGN_ACCOUNT), or the account in front of the envelope",
        ));
    }
    global.asked.get_or_init(|| Asked::of(account, &config));
    let client = client_of(global, account)?;
    *envelope = id?;
    Ok(client)
}

/// Whether this may be meant as an account name: letters, digits, `-` and `_`.
fn is_like_a_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// The account in front of an envelope and the vendor's id after it; `None` if there is no configured account.
pub(crate) fn owner<'c>(
    config: &'c Config,
    envelope: &str,
) -> Option<(&'c Account, std::result::Result<EnvelopeId, InvalidValue>)> {
    let reference: std::result::Result<EnvelopeRef, _> = envelope.parse();
    let account = config.accounts().find(|account| match &reference {
        Ok(reference) => reference.account() == account.name(),
        Err(_) => envelope.strip_prefix(account.name()).is_some_and(|behind| behind.starts_with(':')),
    })?;
    Some((account, reference.map(|reference| reference.envelope().clone())))
}

/// A client for an account; its exchanges are written to a file if requested.
pub(crate) fn client_of(global: &Global, account: &Account) -> Result<Client> {
    let mut client = match (&global.trace_http, &global.cassette) {
        (None, None) => account.client_builder()?,
        _ => Client::builder(account.provider()?).budget(account.budget()?).account(account.name()),
    };
    if let Some(store) = global.store.get() {
        client = client.ledger(Arc::clone(store) as Arc<dyn Ledger>);
    }
    if let Some(file) = &global.trace_http {
        client = client.transport(traced(file)?).attach_call();
    }
    Ok(match &global.cassette {
        Some(cassette) => cassette.client(client),
        None => client.build(),
    })
}

/// The transport of this process for `--trace-http`: writes each exchange with the vendor as a line of JSON to this
/// file, ready to send to the vendor's support.
fn traced(file: &Path) -> Result<Arc<dyn Transport>> {
    static SHARED: Mutex<Option<Arc<Tracer>>> = Mutex::new(None);
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(tracer) = shared.as_ref() {
        return Ok(Arc::clone(tracer) as Arc<dyn Transport>);
    }
    let lines = Lines::open(file).map_err(|error| cannot("written", file, &error))?;
    let tracer = Tracer::new(Arc::new(HttpTransport::default()), Arc::new(SystemClock), move |exchange| {
        // The call goes on without its trace.
        if let Err(error) = lines.add(exchange) {
            note(&format!("the exchange could not be written to the trace file ({})\n", error.kind()));
        }
    });
    *shared = Some(Arc::clone(&tracer));
    Ok(tracer)
}

/// The webhook receiver of the selected account, or of the default one.
pub(crate) async fn webhook(global: &Global, body_limit: Option<u16>) -> Result<Webhook> {
    let mut webhook = configuration(global).await?.account(global.account())?.webhook()?;
    if let Some(store) = global.store.get() {
        webhook = webhook.with_seen(Arc::clone(store) as Arc<dyn SeenStore>);
    }
    Ok(match body_limit {
        Some(mebibytes) => webhook.with_body_limit(usize::from(mebibytes) << 20),
        None => webhook,
    })
}

/// The given envelope, if no file was given.
pub(crate) fn named<T>(value: Option<T>, what: &'static str) -> Result<T> {
    value.ok_or_else(|| Error::new(ErrorKind::InvalidRequest, format!("no {what} is given")))
}

/// The command line, or a file that it names, is wrong.
pub(crate) fn invalid(message: impl Into<Cow<'static, str>>, hint: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidRequest, message).with_hint(hint)
}

/// A problem on this machine that has no kind of its own.
pub(crate) fn unexpected(
    message: impl Into<String>,
    source: impl std::error::Error + Send + Sync + 'static,
) -> Error {
    let message = format!("{} ({source})", message.into());
    Error::new(ErrorKind::Unexpected, message).with_source(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_in_front_of_an_envelope_is_one_that_is_configured() {
        let vendor = countersign::vendors()[0].name.to_owned();
        let config = Config::read(None, [("COUNTERSIGN_ACCOUNTS__ACME__VENDOR".to_owned(), vendor)]);
        let config = config.expect("an account");
        let found = |envelope| {
            let (account, id) = owner(&config, envelope)?;
            let id = id.map_or_else(|invalid| invalid.problem().to_owned(), |id| id.to_string());
            Some(format!("{} {id}", account.name()))
        };
        assert_eq!(found("acme:e1").as_deref(), Some("acme e1"));
        assert_eq!(found("acme:a:b").as_deref(), Some("acme a:b"));
        assert_eq!(found("acme:").as_deref(), Some("acme is empty"));
        for whole in ["e1", "other:e1", "acmes:e1", "a:", ":e1"] {
            assert_eq!(found(whole), None, "{whole}");
        }
    }
}
