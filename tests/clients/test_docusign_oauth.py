"""Signing in at DocuSign by JWT grant, and asking userinfo where the account lives."""

import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from docusign_esign import ApiException

from docusign_kit import DocuSign, grant, not_granted, oauth_host, refused, signer

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def access(sandbox) -> dict:
    return sandbox.access()["docusign"]


def test_a_grant_gives_a_bearer_token_for_an_hour_and_no_refresh_token(oauth, access):
    token = grant(oauth, access)
    assert token.token_type == "Bearer"
    assert token.access_token
    # The client reads the number as text.
    assert token.expires_in == "3600"
    assert token.refresh_token is None


def test_the_audience_may_be_the_demo_environments_host(oauth, access):
    # The TLS front takes the connection to that host; nothing leaves the machine.
    assert grant(oauth, access, host="account-d.docusign.com").access_token


def test_each_grant_gives_a_token_that_works(oauth, access):
    tokens = [grant(oauth, access).access_token for _ in range(2)]
    for token in tokens:
        assert oauth.get_user_info(token).sub == access["user_id"]


def test_userinfo_names_the_account_and_its_base_address(oauth, access, access_token):
    info = oauth.get_user_info(access_token)
    assert info.sub == access["user_id"]
    assert info.name and "@" in info.email
    (account,) = [account for account in info.accounts if account.is_default.lower() == "true"]
    assert account.account_id == access["account_id"]
    assert account.base_uri == access["base_url"]


def test_the_wrong_key(oauth, access):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with not_granted(400, error="invalid_grant", error_description="no_valid_keys_or_signatures"):
        grant(oauth, access | {"private_key_pem": key.decode()})


def test_an_unknown_integration_key(oauth, access):
    with not_granted(400, error="invalid_grant", error_description="issuer_not_found"):
        grant(oauth, access | {"integration_key": NOBODY})


def test_an_unknown_user(oauth, access):
    with not_granted(400, error="invalid_grant", error_description="user_not_found"):
        grant(oauth, access | {"user_id": NOBODY})


def test_an_assertion_that_has_run_out(oauth, access):
    with not_granted(400, error="invalid_grant", error_description="expired_client_token"):
        grant(oauth, access, expires_in=-600)


def test_an_assertion_for_the_host_that_was_called(oauth, access):
    # The TLS front hands every host's requests to the sandbox; the client writes the host into the assertion.
    assert grant(oauth, access, host="docusign.test").access_token


def test_consent_is_asked_for_until_it_is_given(oauth, access, sandbox):
    sandbox.change(docusign_consent=False)
    with not_granted(400, error="consent_required"):
        grant(oauth, access)
    sandbox.change(docusign_consent=True)
    assert grant(oauth, access).access_token


def test_a_json_body_is_no_grant(oauth, access):
    with not_granted(400, error="unsupported_grant_type"):
        oauth.rest_client.POST(
            f"https://{oauth_host(access)}/oauth/token",
            headers={"Content-Type": "application/json"},
            body={"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "x.y.z"},
        )


def test_an_access_token_that_has_run_out(docusign, oauth, access_token, sandbox):
    envelope = docusign.send(signer("1", "Anna Ott"))
    sandbox.advance(3601)
    with refused("AUTHORIZATION_INVALID_TOKEN", 401):
        docusign.people(envelope)
    with pytest.raises(ApiException) as caught:
        oauth.get_user_info(access_token)
    # Strange, and so observed: the answer to a dead token at userinfo.
    assert caught.value.status == 401
    body = json.loads(caught.value.body)
    assert body["error"] == "internal_server_error" and body["reference_id"]


def test_a_new_grant_after_the_first_ran_out(docusign, oauth, access, sandbox):
    envelope = docusign.send(signer("1", "Anna Ott"))
    sandbox.advance(3601)
    again = DocuSign(access["base_url"], access["account_id"], grant(oauth, access).access_token)
    assert again.people(envelope).recipient_count == "1"
