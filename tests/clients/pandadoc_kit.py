"""The PandaDoc client as a program would use it, and short ways to say what the tests say often. The client is of 2024: it
has no call for reminders, and takes no null where the specification of today has one."""

import json
from contextlib import contextmanager

import pandadoc_client
import pytest
from pandadoc_client.api.document_recipients_api import DocumentRecipientsApi
from pandadoc_client.api.documents_api import DocumentsApi
from pandadoc_client.api.members_api import MembersApi
from pandadoc_client.api.o_auth_2_0_authentication_api import OAuth20AuthenticationApi
from pandadoc_client.api.webhook_subscriptions_api import WebhookSubscriptionsApi
from pandadoc_client.exceptions import ApiException
from pandadoc_client.model.document_create_link_request import DocumentCreateLinkRequest
from pandadoc_client.model.document_create_request import DocumentCreateRequest
from pandadoc_client.model.document_create_request_recipients import DocumentCreateRequestRecipients
from pandadoc_client.model.document_recipient_edit_request import DocumentRecipientEditRequest
from pandadoc_client.model.document_send_request import DocumentSendRequest
from pandadoc_client.model.document_status_change_request import DocumentStatusChangeRequest
from pandadoc_client.model.document_status_request_enum import DocumentStatusRequestEnum
from pandadoc_client.model.recipient_verification_settings import RecipientVerificationSettings
from pandadoc_client.model.recipient_verification_settings_passcode_verification import (
    RecipientVerificationSettingsPasscodeVerification,
)

from sandbox import Sandbox

ORDINARY = {"pandadoc_minute_limit": 1_000_000, "pandadoc_creation_seconds": 3}
VOIDED = 11


class PandaDoc:
    """An account as one API key, or one OAuth token, sees it."""

    def __init__(self, url: str, api_key: str | None = None, access_token: str | None = None):
        configuration = pandadoc_client.Configuration(host=url, access_token=access_token)
        if api_key:
            configuration.api_key["apiKey"] = api_key
            configuration.api_key_prefix["apiKey"] = "API-Key"
        self.client = pandadoc_client.ApiClient(configuration)
        self.documents = DocumentsApi(self.client)
        self.recipients = DocumentRecipientsApi(self.client)
        self.members = MembersApi(self.client)
        self.oauth = OAuth20AuthenticationApi(self.client)
        self.webhooks = WebhookSubscriptionsApi(self.client)

    def create(self, *people: tuple[str, str], name: str = "Lease", **source):
        """A document whose recipients, by first name and role, sign in this order."""
        recipients = [
            DocumentCreateRequestRecipients(
                email=f"{first.lower()}@example.com", first_name=first, last_name="Ott", role=role, signing_order=order
            )
            for order, (first, role) in enumerate(people, 1)
        ]
        source = source or {"template_uuid": "ZPeAfcpzr9aiVs5vqUf6jg"}
        return self.documents.create_document(
            document_create_request=DocumentCreateRequest(name=name, recipients=recipients, **source)
        )

    def send(self, document: str, **more):
        return self.documents.send_document(id=document, document_send_request=DocumentSendRequest(**more))

    def status(self, document: str) -> str:
        return self.documents.status_document(id=document).status

    def details(self, document: str):
        # This client of 2024 takes no null for `verification_settings` and `redirect.url`; the specification of today has
        # one.
        return self.documents.details_document(id=document, _check_return_type=False)

    def person(self, document: str, first: str) -> dict:
        (found,) = [person for person in self.details(document)["recipients"] if person["first_name"] == first]
        return found

    def session(self, document: str, email: str, lifetime: float = 900.0):
        return self.documents.create_document_link(
            id=document, document_create_link_request=DocumentCreateLinkRequest(recipient=email, lifetime=lifetime)
        )

    def new_passcode(self, document: str, recipient: str, passcode: str):
        settings = RecipientVerificationSettings(
            verification_place="before_open",
            passcode_verification=RecipientVerificationSettingsPasscodeVerification(passcode=passcode),
        )
        self.recipients.edit_document_recipient(
            id=document,
            recipient_id=recipient,
            document_recipient_edit_request=DocumentRecipientEditRequest(verification_settings=settings),
        )

    def void(self, document: str):
        self.documents.change_document_status(
            id=document,
            document_status_change_request=DocumentStatusChangeRequest(
                status=DocumentStatusRequestEnum(VOIDED), notify_recipients=False, note="Superseded"
            ),
        )


@pytest.fixture
def pandadoc(sandbox: Sandbox) -> PandaDoc:
    access = sandbox.access()["pandadoc"]
    return PandaDoc(access["base_url"], access["api_key"])


@contextmanager
def refused(status: int, kind: str | None = None):
    """The call inside is refused with that status, and with that `type` if one is given."""
    with pytest.raises(ApiException) as caught:
        yield caught
    error = caught.value
    assert error.status == status, error.body
    if kind:
        assert json.loads(error.body)["type"] == kind, error.body
