//! One account at one vendor: the client, who asks it for the result of a visit, and who takes its webhooks.

use std::sync::Arc;

use countersign::provider::Feature;
use countersign::returns::{Confirmer, ReturnRoutes, ReturnState};
use countersign::secrecy::SecretString;
use countersign::webhook::Webhook;
use countersign::{
    Account, Client, Clock, CreateView, Email, EnvelopeId, ListRecipients, Origin, Recipient, RecipientRef,
    Result, SigningView,
};

/// An account that contracts are signed with.
#[derive(Debug)]
pub(crate) struct Desk {
    /// The account's name in the configuration.
    pub(crate) name: String,
    /// The vendor's name for users.
    pub(crate) vendor: &'static str,
    pub(crate) client: Client,
    pub(crate) confirmer: Confirmer,
    pub(crate) webhook: Webhook,
}

impl Desk {
    pub(crate) fn open(account: &Account, clock: &Arc<dyn Clock>, secret: SecretString) -> Result<Self> {
        let client =
            Client::builder(account.provider()?).account(account.name()).clock(Arc::clone(clock)).build();
        let title = client.descriptor().facts.title.as_str();
        Ok(Self {
            name: account.name().to_owned(),
            vendor: title.split(' ').next().unwrap_or(title),
            confirmer: Confirmer::new(client.clone()),
            webhook: Webhook::new(client.descriptor(), vec![secret])?.with_account(account.name()),
            client,
        })
    }

    pub(crate) fn supports(&self, feature: Feature) -> bool {
        self.client.descriptor().facts.offers(feature).is_ok()
    }

    /// The signer as the envelope has them now.
    pub(crate) async fn signer(&self, envelope: &EnvelopeId, email: &str) -> Result<Recipient> {
        let list = self.client.list_recipients(&ListRecipients::new(envelope.clone())).await?;
        Ok(RecipientRef::Email(Email::new(email)?).find(&list)?.clone())
    }

    /// A link for this signer. The one return URL has the signer in its path; no one else can make it.
    pub(crate) async fn link(
        &self,
        routes: &ReturnRoutes,
        origin: &Origin,
        envelope: &EnvelopeId,
        signer: Recipient,
    ) -> Result<SigningView> {
        let back = routes.issue(&ReturnState::of(&self.client, envelope.clone(), signer.id.clone()))?;
        let mut request = CreateView::new(envelope.clone(), signer, back);
        // Some vendors have to be told who may show their page in a frame; the others must not be.
        if self.supports(Feature::ViewFrameAncestors) {
            request = request.with_frame_ancestors(vec![origin.clone()]);
        }
        self.client.create_view(&request).await
    }
}
