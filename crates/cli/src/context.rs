//! What every command needs: the account that is meant, a client for it, and what is said when one of them is missing.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use countersign::cassette::Tracer;
use countersign::{
    Account, Client, Config, EnvelopeId, EnvelopeRef, Error, ErrorKind, HttpTransport, InvalidValue, Result,
    SystemClock, Transport, Webhook,
};

use crate::args::Global;
use crate::asked::Asked;
use crate::private::{Lines, cannot};
use crate::report::note;

/// A client for the account that owns an envelope. Of `account:envelope` with a configured account only the vendor's id
/// is left; any other id stays as it is, and belongs to the account that was named, or to the default one.
pub(crate) fn at(global: &Global, envelope: &mut EnvelopeId) -> Result<Client> {
    if let Some(replayer) = global.cassette.as_ref().and_then(|cassette| cassette.replayer()) {
        return Client::replaying(replayer);
    }
    let config = Config::load(global.config())?;
    let Some((account, id)) = owner(&config, envelope.as_str()) else {
        if let Some((name, _)) = envelope.as_str().split_once(':').filter(|(name, _)| is_like_a_name(name)) {
            note(&format!(
                "there is no account `{name}`, so all of the envelope's name is taken for the vendor's id\n"
            ));
        }
        let account = config.account(global.account())?;
        global.asked.get_or_init(|| Asked::of(account, &config));
        return client_of(global, account);
    };
    if let Some(other) = global.account().filter(|other| *other != account.name()) {
        let message =
            format!("the envelope names the account `{}`, and `{other}` is named as well", account.name());
        return Err(Error::new(ErrorKind::InvalidRequest, message).with_hint(
            "leave out --account (or the variable COUNTERSIGN_ACCOUNT), or the account in front of the envelope",
        ));
    }
    global.asked.get_or_init(|| Asked::of(account, &config));
    let client = client_of(global, account)?;
    *envelope = id?;
    Ok(client)
}

/// Whether somebody may have meant an account: letters, digits, `-` and `_`.
fn is_like_a_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// The account in front of an envelope, and the vendor's id behind it; `None` where no configured account stands there.
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

/// A client for an account; its exchanges go to a file if that was asked for.
pub(crate) fn client_of(global: &Global, account: &Account) -> Result<Client> {
    if let (None, None) = (&global.trace_http, &global.cassette) {
        return account.client();
    }
    let mut client = Client::builder(account.provider()?).account(account.name());
    if let Some(file) = &global.trace_http {
        client = client.transport(traced(file)?);
    }
    Ok(match &global.cassette {
        Some(cassette) => cassette.client(client),
        None => client.build(),
    })
}

/// The transport of this process for `--trace-http`: each exchange with the vendor becomes a line of JSON in this file, fit
/// to be given to the vendor's support.
///
/// # Errors
/// When the file cannot be written.
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
            note(&format!("the exchange could not be traced ({})\n", error.kind()));
        }
    });
    *shared = Some(Arc::clone(&tracer));
    Ok(tracer)
}

/// The door of the account that was named, or of the default one.
pub(crate) fn webhook(global: &Global) -> Result<Webhook> {
    Config::load(global.config())?.account(global.account())?.webhook()
}

/// The envelope that was named, where no file was.
pub(crate) fn named<T>(value: Option<T>, what: &'static str) -> Result<T> {
    value.ok_or_else(|| Error::new(ErrorKind::InvalidRequest, format!("no {what} is named")))
}

/// Something on this machine that has no kind of its own.
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
