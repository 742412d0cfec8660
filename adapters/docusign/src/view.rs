//! A link under which an embedded recipient signs.

use std::time::Duration;

use countersign_core::{
    Context, CreateView, Effect, Error, ErrorKind, Recipient, Result, SigningLink, SigningView,
    check_features, explain_unknown_recipient,
};

use crate::capabilities::CAPABILITIES;
use crate::checks::can_view;
use crate::lenient::Object;
use crate::map::{self, Identify};
use crate::wire::ViewUrl;
use crate::{Docusign, Second, is_unknown_recipient};

/// From the issue of a link to its end (reference of `EnvelopeViews: createRecipient`).
const LINK_LIFE: Duration = Duration::from_secs(5 * 60);

impl Docusign {
    pub(crate) async fn view(&self, cx: &Context, request: &CreateView) -> Result<SigningView> {
        check_features(CAPABILITIES, &request.features())?;
        let source = self.look_up(cx, &request.envelope, &request.recipient, can_view).await?;
        let found = source.find(&request.recipient, can_view)?;
        let refusal = match self.mint(cx, request, found.person, Identify::ByName).await {
            Ok(view) => return Ok(view),
            Err(refusal) => refusal,
        };
        match self.reconsider(cx, &request.envelope, found, refusal, can_view).await {
            Second::Explained(error) => Err(error),
            Second::Same(error) => self.by_user_id(cx, request, found.person, error).await,
            Second::Fresh(fresh, list) => match self.mint(cx, request, &fresh, Identify::ByName).await {
                Err(error) if is_unknown_recipient(&error) => {
                    let explained = explain_unknown_recipient(error, &fresh, &list);
                    self.by_user_id(cx, request, &fresh, explained).await
                }
                result => result,
            },
        }
    }

    /// The last try, for the rare envelope whose own values are not recognised: by DocuSign's user id, once.
    async fn by_user_id(
        &self,
        cx: &Context,
        request: &CreateView,
        person: &Recipient,
        explained: Error,
    ) -> Result<SigningView> {
        if map::extra(person, "userId").is_none() {
            return Err(explained);
        }
        match self.mint(cx, request, person, Identify::ByUserId).await {
            // A second "no" adds nothing to the explanation of the first.
            Err(error)
                if matches!(error.kind(), ErrorKind::RecipientNotFound | ErrorKind::InvalidRequest) =>
            {
                Err(explained)
            }
            result => result,
        }
    }

    async fn mint(
        &self,
        cx: &Context,
        request: &CreateView,
        person: &Recipient,
        identify: Identify,
    ) -> Result<SigningView> {
        // Counted from before the call, so that the link never ends sooner than it is said to.
        let asked_at = cx.now();
        let out = map::view(&self.account, request, person, identify)?;
        let answer = self.send(cx, Effect::MintsLink, out).await?;
        let Some(url) = answer.json::<Object<ViewUrl>>()?.0.url else {
            return Err(answer.unreadable("the answer has no `url`"));
        };
        let link = SigningLink::new(url)
            .map_err(|invalid| answer.unreadable(format!("the answer's `url` {}", invalid.problem())))?;
        let mut view = SigningView::new(link, person.id.clone());
        view.expires_at = asked_at.saturating_add(LINK_LIFE).ok();
        view.single_use = Some(true);
        Ok(view)
    }
}
