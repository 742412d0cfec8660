"""What the sandbox posts, judged by the vendors' own means: BoldSign's client has a check of signatures and a reader of
events; DocuSign publishes a recipe, and its client nothing."""

import base64
import hashlib
import hmac
import json

import pytest
from boldsign.webhook_utility import BoldSignSignatureException, WebhookUtility

from boldsign_kit import signer
from docusign_kit import signer as docusign_signer
from receiver import Receiver

SECRET, OTHER = "whsec_first", "whsec_second"


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def hooked(sandbox, receiver):
    """Has a vendor post to the receiver, until the test ends."""
    hooked = []

    def hook(vendor: str, *secrets: str):
        sandbox.webhooks(vendor, receiver.url, list(secrets))
        hooked.append(vendor)
        return receiver

    yield hook
    for vendor in hooked:
        sandbox.no_webhooks(vendor)


class TestBoldSign:
    def test_the_client_believes_the_signature_and_reads_the_events(self, boldsign, sandbox, hooked):
        receiver = hooked("boldsign", SECRET)
        document = boldsign.send(signer("Anna Ott", 1, "anna-1"))
        sandbox.act(document, "anna@example.com", "enter_code", code="anna-1")
        sandbox.act(document, "anna@example.com", "sign")
        for word in ["Sent", "Viewed", "Signed", "Completed"]:
            headers, body = receiver.next()
            WebhookUtility.validate_signature(body.decode(), headers["X-BoldSign-Signature"], SECRET)
            assert headers[WebhookUtility.BOLD_SIGN_EVENT_HEADER] == word
            event = WebhookUtility.parse_event(body.decode())
            assert event.event.event_type == word
            assert json.loads(body)["data"]["documentId"] == document

    def test_the_client_sees_a_changed_body_and_another_secret(self, boldsign, hooked):
        receiver = hooked("boldsign", SECRET)
        boldsign.send(signer("Anna Ott", 1, "anna-1"))
        headers, body = receiver.next()
        header = headers["X-BoldSign-Signature"]
        for changed, secret in [(body.decode() + " ", SECRET), (body.decode(), OTHER)]:
            with pytest.raises(BoldSignSignatureException):
                WebhookUtility.validate_signature(changed, header, secret)

    def test_while_a_secret_is_changed_either_one_is_right(self, boldsign, hooked):
        receiver = hooked("boldsign", SECRET, OTHER)
        boldsign.send(signer("Anna Ott", 1, "anna-1"))
        headers, body = receiver.next()
        for secret in [SECRET, OTHER]:
            WebhookUtility.validate_signature(body.decode(), headers["X-BoldSign-Signature"], secret)


class TestDocuSign:
    def test_the_published_recipe_makes_the_same_signatures(self, docusign, hooked):
        receiver = hooked("docusign", SECRET, OTHER)
        envelope = docusign.send(docusign_signer("1", "Anna Ott"))
        headers, body = receiver.next()
        # developers.docusign.com, Connect, "How to validate an HMAC signature".
        for number, secret in enumerate([SECRET, OTHER], 1):
            made = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
            assert headers[f"X-DocuSign-Signature-{number}"] == made
        message = json.loads(body)
        assert (message["event"], message["data"]["envelopeId"]) == ("envelope-sent", envelope)
