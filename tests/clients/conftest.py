import os

import pytest
from docusign_esign import ApiClient
from docusign_esign.client.configuration import Configuration as DocusignConfiguration

from boldsign_kit import BoldSign
from docusign_kit import DocuSign, grant, oauth_host
from pandadoc_kit import PandaDoc
from sandbox import Sandbox
from tls_front import TlsFront

HOUR = 3600

# The published figures, but limits that no test reaches by accident; those about limits set their own.
ORDINARY = {
    "docusign_hourly_limit": 1_000_000,
    "docusign_burst_limit": 1_000_000,
    "docusign_consent": True,
    "docusign_token_life_seconds": 3_600,
    "boldsign_hourly_limit": 1_000_000,
    "boldsign_rate_limits": "recorded",
    "boldsign_creation_delay_seconds": 0,
    "boldsign_creation_fails": False,
    "pandadoc_minute_limit": 1_000_000,
    "pandadoc_creation_seconds": 3,
}


@pytest.fixture(scope="session")
def running() -> Sandbox:
    url = os.environ.get("SANDBOX_URL")
    if not url:
        pytest.exit("SANDBOX_URL is not set; start these tests with tests/clients/run", returncode=2)
    return Sandbox(url)


@pytest.fixture(autouse=True)
def sandbox(running: Sandbox) -> Sandbox:
    """The sandbox with its ordinary settings. Envelopes and the clock's offset of earlier tests stay."""
    running.clear_faults()
    running.change(**ORDINARY)
    return running


@pytest.fixture
def early_in_the_hour(sandbox: Sandbox):
    """For tests that count within an hour: none ends while they run. A test asks for this before it asks for a token,
    which an hour makes worthless."""
    _to_just_after_a_full(HOUR, sandbox)


@pytest.fixture
def early_in_the_day(sandbox: Sandbox):
    """The same for days, which are UTC days."""
    _to_just_after_a_full(24 * HOUR, sandbox)


def _to_just_after_a_full(period: int, sandbox: Sandbox):
    sandbox.advance(period - int(sandbox.now()) % period + 60)


@pytest.fixture(scope="session")
def tls_front(running: Sandbox, tmp_path_factory):
    front = TlsFront(running.url, tmp_path_factory.mktemp("tls"))
    yield front
    front.close()


@pytest.fixture
def oauth(sandbox: Sandbox, tls_front: TlsFront, monkeypatch) -> ApiClient:
    """A DocuSign client that reaches the OAuth host through the TLS front; tls_front.py says why it has to."""
    configuration = DocusignConfiguration()
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
    monkeypatch.setattr(DocusignConfiguration(), "proxy", None)
    return DocuSign(account.base_uri, account.account_id, access_token)


@pytest.fixture
def boldsign(sandbox: Sandbox) -> BoldSign:
    access = sandbox.access()["boldsign"]
    return BoldSign(access["base_url"], access["api_key"])


@pytest.fixture
def pandadoc(sandbox: Sandbox) -> PandaDoc:
    access = sandbox.access()["pandadoc"]
    return PandaDoc(access["base_url"], access["api_key"])
