"""The DocuSign client as a program would use it, and short ways to say what the tests say often."""

import base64
import json
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from docusign_esign import (
    ApiClient,
    ApiException,
    CarbonCopy,
    CertifiedDelivery,
    Document,
    EnvelopeDefinition,
    EnvelopesApi,
    Recipients,
    RecipientViewRequest,
    Signer,
)
from docusign_esign.client.auth.oauth import OAuthToken
from docusign_esign.client.configuration import Configuration

from sandbox import Sandbox
from tls_front import TlsFront

ORDINARY = {
    "docusign_hourly_limit": 1_000_000,
    "docusign_burst_limit": 1_000_000,
    "docusign_consent": True,
    "docusign_token_life_seconds": 3_600,
}
RETURN_URL = "https://app.example/after"
PDF = base64.b64encode(b"%PDF-1.4\n%%EOF\n").decode()


def signer(recipient_id: str, name: str, order: str = "1", embedded: bool = True, **more) -> Signer:
    """A signer; an embedded one has a client user id and gets no mail."""
    client_user_id = {"client_user_id": f"client-{recipient_id}"} if embedded else {}
    return Signer(
        recipient_id=recipient_id,
        name=name,
        email=f"{name.split()[0].lower()}@example.com",
        routing_order=order,
        **client_user_id,
        **more,
    )


def definition(people: Recipients, status: str = "sent") -> EnvelopeDefinition:
    return EnvelopeDefinition(
        email_subject="Please sign",
        status=status,
        documents=[Document(document_base64=PDF, name="Contract", file_extension="pdf", document_id="1")],
        recipients=people,
    )


def oauth_host(access: dict) -> str:
    """The OAuth host as the client takes it, and as it goes into an assertion as audience: no scheme, no slash."""
    return urlsplit(access["oauth_url"]).netloc


def grant(oauth: ApiClient, access: dict, host: str | None = None, expires_in: int = 600) -> OAuthToken:
    """Signs in by JWT grant."""
    return oauth.request_jwt_user_token(
        client_id=access["integration_key"],
        user_id=access["user_id"],
        oauth_host_name=host or oauth_host(access),
        private_key_bytes=access["private_key_pem"].encode(),
        expires_in=expires_in,
        scopes=["signature", "impersonation"],
    )


class DocuSign:
    """An account as one integration sees it after signing in."""

    def __init__(self, base_uri: str, account: str, token: str):
        self.client = ApiClient(host=f"{base_uri}/restapi", header_name="Authorization", header_value=f"Bearer {token}")
        self.envelopes = EnvelopesApi(self.client)
        self.account = account

    def send(
        self,
        *signers: Signer,
        copies: list[CarbonCopy] = (),
        readers: list[CertifiedDelivery] = (),
        status: str = "sent",
    ) -> str:
        people = Recipients(signers=list(signers), carbon_copies=list(copies), certified_deliveries=list(readers))
        return self.envelopes.create_envelope(self.account, envelope_definition=definition(people, status)).envelope_id

    def people(self, envelope: str) -> Recipients:
        return self.envelopes.list_recipients(self.account, envelope)

    def person(self, envelope: str, recipient_id: str) -> Signer:
        return next(p for p in self.people(envelope).signers if p.recipient_id == recipient_id)

    def status(self, envelope: str) -> str:
        return self.envelopes.get_envelope(self.account, envelope).status

    def view(self, envelope: str, person: Signer, **instead) -> str:
        """A signing link for the person as given; ``instead`` replaces fields of the request."""
        request = {
            "return_url": RETURN_URL,
            "authentication_method": "none",
            "user_name": person.name,
            "email": person.email,
            "client_user_id": person.client_user_id,
        } | instead
        answer = self.envelopes.create_recipient_view(
            self.account, envelope, recipient_view_request=RecipientViewRequest(**request)
        )
        return answer.url

    def update(self, envelope: str, *changes: Signer, resend: bool = False):
        """Sends changed signers; the client wants query booleans as text."""
        query = {"resend_envelope": "true"} if resend else {}
        return self.envelopes.update_recipients(
            self.account, envelope, recipients=Recipients(signers=list(changes)), **query
        ).recipient_update_results

    def new_code(self, envelope: str, person: Signer, code: str, resend: bool = False):
        """Changes an access code the way the reference wants it: current name, no e-mail."""
        change = Signer(recipient_id=person.recipient_id, name=person.name, access_code=code)
        return self.update(envelope, change, resend=resend)


@pytest.fixture(scope="session")
def tls_front(running: Sandbox, tmp_path_factory):
    front = TlsFront(running.url, tmp_path_factory.mktemp("tls"))
    yield front
    front.close()


@pytest.fixture
def oauth(sandbox: Sandbox, tls_front: TlsFront, monkeypatch) -> ApiClient:
    """A client that reaches the OAuth host through the TLS front; tls_front.py says why it has to."""
    configuration = Configuration()
    monkeypatch.setattr(configuration, "proxy", tls_front.proxy)
    monkeypatch.setattr(configuration, "ssl_ca_cert", tls_front.ca_file)
    return ApiClient(oauth_host_name=oauth_host(sandbox.access()["docusign"]))


@pytest.fixture
def access_token(sandbox: Sandbox, oauth: ApiClient) -> str:
    return grant(oauth, sandbox.access()["docusign"]).access_token


@pytest.fixture
def docusign(oauth: ApiClient, access_token: str, monkeypatch) -> DocuSign:
    """Signed in, with the base address and the account that userinfo names."""
    account = oauth.get_user_info(access_token).accounts[0]
    # From here on the client talks to the sandbox itself.
    monkeypatch.setattr(Configuration(), "proxy", None)
    return DocuSign(account.base_uri, account.account_id, access_token)


def succeeded(results) -> bool:
    """Whether every result is a success: no error details, or the code SUCCESS in them."""
    return bool(results) and all(r.error_details is None or r.error_details.error_code == "SUCCESS" for r in results)


@contextmanager
def refused(code: str, *statuses: int):
    """The call inside is refused by the eSignature API in its documented shape."""
    with pytest.raises(ApiException) as caught:
        yield caught
    error = caught.value
    body = json.loads(error.body)
    assert (error.status, body["errorCode"]) in [(status, code) for status in statuses or (400,)], body
    assert set(body) == {"errorCode", "message"} and body["message"]
    assert error.trace_token, "support asks for the trace token, which the client takes from a header"


@contextmanager
def not_granted(status: int, **expected: str):
    """The call inside is refused by the OAuth host; its errors look different from the API's."""
    with pytest.raises(ApiException) as caught:
        yield caught
    assert caught.value.status == status
    body = json.loads(caught.value.body)
    assert expected.items() <= body.items(), body
