use countersign::{AccessCode, ChangeAccessCode, Client, CreateView, EnvelopeId, ErrorKind, RecipientRef, ReturnUrl};

/// A link under which the signer signs. Redirect them there at once. A locked signer gets a new access code first.
async fn link(client: &Client, envelope: EnvelopeId, signer: RecipientRef) -> countersign::Result<String> {
    let back = ReturnUrl::new("https://app.example.com/signed")?;
    let request = CreateView::new(envelope.clone(), signer.clone(), back);
    let view = match client.create_view(&request).await {
        Err(error) if error.kind() == ErrorKind::RecipientLocked => {
            let code = AccessCode::new("Fresh7Code")?; // tell the signer this code yourself
            // DocuSign unlocks only with notify; BoldSign sends its one reminder of the day for it.
            client.change_access_code(&ChangeAccessCode::new(envelope, signer, code).with_notify(true)).await?;
            client.create_view(&request).await?
        }
        other => other?,
    };
    Ok(view.link.expose().to_owned())
}
