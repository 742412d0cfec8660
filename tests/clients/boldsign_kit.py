"""The BoldSign client as a program would use it, and short ways to say what the tests say often."""

import json
from contextlib import contextmanager

import boldsign
import pytest
from boldsign import (
    AccessCodeDetails,
    DocumentApi,
    DocumentCC,
    DocumentProperties,
    DocumentSigner,
    DocumentSignerDetails,
    FormField,
    Rectangle,
    ReminderMessage,
    RevokeDocument,
    SendForSign,
)
from boldsign.exceptions import ApiException

from sandbox import Sandbox

ORDINARY = {
    "boldsign_hourly_limit": 1_000_000,
    "boldsign_rate_limits": "recorded",
    "boldsign_creation_delay_seconds": 0,
    "boldsign_creation_fails": False,
}
PDF = b"%PDF-1.4\n%%EOF\n"


def signer(name: str, order: int = 1, code: str | None = None, **more) -> DocumentSigner:
    """A signer, with an access code if one is given."""
    code_fields = {"authentication_type": "AccessCode", "authentication_code": code} if code else {}
    return DocumentSigner(
        name=name,
        email_address=more.pop("email", f"{name.split()[0].lower()}@example.com"),
        signer_type="Signer",
        signer_order=order,
        form_fields=[
            FormField(
                id="sign",
                field_type="Signature",
                page_number=1,
                bounds=Rectangle(x=50, y=50, width=125, height=25),
                is_required=True,
            )
        ],
        **code_fields,
        **more,
    )


class BoldSign:
    """An account as one API key, or one OAuth token, sees it."""

    def __init__(self, url: str, api_key: str | None = None, access_token: str | None = None):
        configuration = boldsign.Configuration(host=url, api_key=api_key, access_token=access_token)
        self.client = boldsign.ApiClient(configuration)
        self.documents = DocumentApi(self.client)

    def send(self, *signers: DocumentSigner, copies: list[str] = (), multipart: bool = False, **more) -> str:
        """Sends a document and comes back at once, as the API does: the document may not exist yet."""
        # The client makes multipart of whatever has files, and JSON of the rest.
        content = {"files": [PDF]} if multipart else {"file_urls": ["https://files.example/contract.pdf"]}
        request = SendForSign(
            title="Please sign",
            signers=list(signers),
            cc=[DocumentCC(email_address=address) for address in copies],
            enable_embedded_signing=True,
            **content,
            **more,
        )
        return self.documents.send_document(send_for_sign=request).document_id

    def properties(self, document: str) -> DocumentProperties:
        return self.documents.get_properties(document)

    def person(self, document: str, email: str, order: int | None = None) -> DocumentSignerDetails:
        (found,) = [
            person
            for person in self.properties(document).signer_details
            if person.signer_email == email and order in (None, person.order)
        ]
        return found

    def actions(self, document: str) -> list[str]:
        """What the audit trail says has happened."""
        return [entry.action for entry in self.properties(document).document_history]

    def link(self, document: str, email: str, **more) -> str:
        return self.documents.get_embedded_sign_link(document, signer_email=email, **more).sign_link

    def remind(self, document: str, *emails: str, message: str = "Please have a look"):
        """Reminds the named, or everybody who is due if none is named."""
        # The client wants the message object, though the API does not.
        self.documents.remind_document(
            document, receiver_emails=list(emails) or None, reminder_message=ReminderMessage(message=message)
        )

    def new_code(self, document: str, email: str, order: int | None, code: str):
        self.documents.change_access_code(document, AccessCodeDetails(access_code=code), email_id=email, z_order=order)

    def revoke(self, document: str, message: str = "Superseded"):
        self.documents.revoke_document(document, RevokeDocument(message=message))


# Another name than the module's.
@pytest.fixture(name="boldsign")
def account(sandbox: Sandbox) -> BoldSign:
    access = sandbox.access()["boldsign"]
    return BoldSign(access["base_url"], access["api_key"])


@contextmanager
def refused(status: int, field: str | None = None):
    """The call inside is refused with that status. A field name asks for a validation problem about it; otherwise the
    body, where there is one, is the vendor's plain error object."""
    with pytest.raises(ApiException) as caught:
        yield caught
    error = caught.value
    assert error.status == status, error.body
    body = json.loads(error.body) if error.body else {}
    if field:
        assert body["status"] == status and body["title"] and body["type"]
        assert [text for name, texts in body["errors"].items() if name.lower() == field.lower() for text in texts]
    elif body:
        assert body["error"]
