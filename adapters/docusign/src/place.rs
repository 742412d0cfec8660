//! Where an account lives, and as whom one signed in: userinfo.

use countersign_core::{
    AccountId, BaseUrl, Connection, Context, Detail, Effect, Error, ErrorKind, RequestBuilder, Result,
    reclassify_auth_error,
};
use http::Method;

use crate::lenient::Object;
use crate::wire::{UserAccount, UserInfo};

/// Finds the host of one account.
#[derive(Debug)]
pub(crate) struct Places {
    account: AccountId,
    oauth: BaseUrl,
    /// Whether the OAuth host was configured to be on this machine: then an API on this machine is believed too.
    local: bool,
}

/// As whom one signed in: the parts of userinfo that matter.
pub(crate) struct Identity {
    pub(crate) base: BaseUrl,
    pub(crate) account: Option<String>,
    pub(crate) user: Option<String>,
}

impl Places {
    pub(crate) fn new(account: AccountId, oauth: BaseUrl, local: bool) -> Self {
        Self { account, oauth, local }
    }

    /// The host of userinfo.
    pub(crate) fn oauth(&self) -> &BaseUrl {
        &self.oauth
    }

    /// The API's host for the account. `connection` leads to userinfo.
    pub(crate) async fn look_up(&self, cx: &Context, connection: &Connection) -> Result<BaseUrl> {
        let info = userinfo(cx, connection).await?;
        self.place(self.account_of(&info)?)
    }

    /// Whose token it is. With a configured host the one of userinfo is not looked at.
    pub(crate) async fn identify(
        &self,
        cx: &Context,
        connection: &Connection,
        base: Option<&BaseUrl>,
    ) -> Result<Identity> {
        let info = userinfo(cx, connection).await?;
        let account = self.account_of(&info)?;
        let base = match base {
            Some(base) => base.clone(),
            None => self.place(account)?,
        };
        Ok(Identity { base, account: account.account_name.clone(), user: info.email.or(info.sub) })
    }

    /// The configured account among those of the user. The short number does not occur in userinfo; with it the
    /// user's only or default account decides.
    fn account_of<'i>(&self, info: &'i UserInfo) -> Result<&'i UserAccount> {
        let wanted = self.account.as_str();
        let named = |account: &&UserAccount| {
            account.account_id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(wanted))
        };
        if let Some(account) = info.accounts().find(named) {
            return Ok(account);
        }
        if wanted.bytes().all(|byte| byte.is_ascii_digit()) {
            let default = info.accounts().find(|account| account.is_default == Some(true));
            match (default, info.accounts.as_slice()) {
                (Some(account), _) | (None, [Object(account)]) => return Ok(account),
                _ => {}
            }
        }
        let theirs = info
            .accounts()
            .map(|account| Detail::new("account of this user", None, account.account_id.clone()))
            .collect();
        Err(Error::new(
            ErrorKind::Config,
            "the user who signs in has no account with the configured `account_id`",
        )
        .with_hint("check `account_id` and `environment`, or sign in as a user of that account")
        .with_details(theirs))
    }

    /// Where the account lives. A token goes nowhere but to DocuSign's own hosts, whatever an answer says.
    fn place(&self, account: &UserAccount) -> Result<BaseUrl> {
        let refused = |message: &'static str| {
            Error::new(ErrorKind::InvalidResponse, message)
                .with_hint("if that host is right, configure it as base_url; no token was sent to it")
        };
        let Some(base) = account.base_uri.as_deref() else {
            return Err(refused("userinfo names no base URL for the account"));
        };
        let base = BaseUrl::new(base).map_err(|_| refused("userinfo names a base URL that is none"))?;
        let host = base.url().host_str().unwrap_or_default();
        let docusign = host == "docusign.net" || host.ends_with(".docusign.net");
        if (base.is_https() && docusign) || (self.local && base.is_loopback()) {
            Ok(without_api_path(&base))
        } else {
            Err(refused("userinfo names a base URL outside https://….docusign.net"))
        }
    }
}

async fn userinfo(cx: &Context, connection: &Connection) -> Result<UserInfo> {
    let out = RequestBuilder::new(Method::GET, &["oauth", "userinfo"]);
    let answer = cx.exchange(connection, Effect::Read, out).await.map_err(reclassify_auth_error)?;
    let Object(info) = answer.json()?;
    Ok(info)
}

/// DocuSign's SDKs call `{host}/restapi` the base path, and its guides show URLs with the version; all forms are taken.
pub(crate) fn without_api_path(base: &BaseUrl) -> BaseUrl {
    base.without_api_path(&["restapi", "v2.1"])
}
