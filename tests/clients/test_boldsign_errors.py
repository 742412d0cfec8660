"""What BoldSign refuses, as its own client reports it."""

import pytest
from boldsign import SendForSign
from boldsign.exceptions import ApiException

from boldsign_kit import BoldSign, refused, signer

NO_SUCH = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def document(boldsign) -> str:
    """A document with two signers, the first with an access code."""
    return boldsign.send(signer("Anna Ott", 1, "anna-1"), signer("Ben Uhl", 2))


class TestWhichDocument:
    def test_a_well_formed_id_that_is_not_ours_looks_like_one_not_made_yet(self, boldsign):
        with refused(403):
            boldsign.properties(NO_SUCH)
        with refused(403) as caught:
            boldsign.link(NO_SUCH, "anna@example.com")
        assert "Invalid Document ID" in caught.value.body

    def test_a_new_code_tells_even_a_well_formed_one_to_be_invalid(self, boldsign):
        # The same mistake, another answer: seen in the vendor's own tests.
        with refused(400, field="DocumentId"):
            boldsign.new_code(NO_SUCH, "anna@example.com", 1, "x1")

    def test_a_malformed_id(self, boldsign):
        with refused(400, field="documentId"):
            boldsign.properties("not-an-id")
        with refused(400, field="documentId"):
            boldsign.revoke("not-an-id")
        with refused(400, field="DocumentId"):
            boldsign.new_code("not-an-id", "anna@example.com", 1, "x1")

    def test_an_empty_id(self, boldsign):
        with refused(400, field="documentId"):
            boldsign.properties("")


class TestWhichSigner:
    def test_another_order_is_another_signer(self, boldsign, document, sandbox):
        with refused(403):
            boldsign.new_code(document, "anna@example.com", 2, "stolen")
        # The old code still opens the document.
        sandbox.act(document, "anna@example.com", "enter_code", code="anna-1")
        sandbox.act(document, "anna@example.com", "sign", new_name=None)
        assert boldsign.person(document, "anna@example.com").status == "Completed"

    def test_somebody_who_is_not_on_the_document(self, boldsign, document):
        with refused(403):
            boldsign.new_code(document, "stranger@example.com", 1, "x1")

    def test_a_malformed_address(self, boldsign, document, sandbox):
        with refused(400, field="receiverEmails"):
            boldsign.remind(document, "no-address")
        with refused(400, field="SignerEmail"):
            boldsign.link(document, "no-address")
        assert "reminder" not in [kind for _, kind in sandbox.mails(document)]


class TestWhatIsSent:
    def test_an_empty_code(self, boldsign, document):
        # The client checks the length itself, so the body is given to its lower layer.
        with refused(400, field="AccessCode"):
            boldsign.client.response_deserialize(
                _read(
                    boldsign.client.call_api(
                        *boldsign.client.param_serialize(
                            "PATCH",
                            "/v1/document/changeAccessCode",
                            query_params=[("DocumentId", document), ("EmailId", "anna@example.com"), ("ZOrder", 1)],
                            header_params={"Content-Type": "application/json"},
                            body={"accessCode": ""},
                            auth_settings=["X-API-KEY"],
                        )
                    )
                ),
                {},
            )

    def test_nobody_to_sign(self, boldsign):
        with refused(400, field="Signers"):
            boldsign.documents.send_document(
                send_for_sign=SendForSign(title="Empty", file_urls=["https://files.example/contract.pdf"])
            )


class TestWhereTheDocumentStands:
    def test_a_revoked_document_is_not_reminded_of(self, boldsign, document, sandbox):
        boldsign.revoke(document)
        before = sandbox.mails(document)
        with refused(403):
            boldsign.remind(document, "anna@example.com")
        assert sandbox.mails(document) == before

    def test_a_code_needs_one_to_replace(self, boldsign, document):
        # Which status the vendor gives is in no public source; that it is refused is.
        with pytest.raises(ApiException) as caught:
            boldsign.new_code(document, "ben@example.com", 2, "x1")
        assert caught.value.status in (400, 403)
        assert boldsign.person(document, "ben@example.com").authentication_type == "None"


class TestWhoIsAsking:
    def test_a_wrong_key(self, sandbox, document):
        with refused(401):
            BoldSign(sandbox.access()["boldsign"]["base_url"], "not-a-key").properties(document)

    def test_a_bearer_token_in_place_of_a_key(self, sandbox, document):
        access = sandbox.access()["boldsign"]
        by_token = BoldSign(access["base_url"], access_token=access["bearer_token"])
        assert by_token.properties(document).document_id == document
        with refused(401):
            BoldSign(access["base_url"], access_token="not-a-token").properties(document)

    def test_the_right_key_in_another_region(self, sandbox, document):
        access = sandbox.access()["boldsign"]
        with refused(401):
            BoldSign(access["eu_base_url"], access["api_key"]).properties(document)

    def test_the_region_of_the_key_by_its_own_address(self, sandbox, document):
        api_key = sandbox.access()["boldsign"]["api_key"]
        home = BoldSign(f"{sandbox.url}/regions/us", api_key)
        assert home.properties(document).document_id == document


def test_the_hourly_limit_names_the_time_it_ends(early_in_the_hour, boldsign, document, sandbox):
    # In the form that was recorded the client would wait out the hour by itself: there a refusal has Retry-After.
    sandbox.change(boldsign_hourly_limit=1, boldsign_rate_limits="documented")
    with refused(429) as caught:
        boldsign.properties(document)
        boldsign.properties(document)
    headers = caught.value.headers
    assert headers["X-RateLimit-Limit"] == "1"
    assert headers["X-RateLimit-Remaining"] == "0"
    assert 0 < int(headers["X-RateLimit-Reset"]) - sandbox.now() <= 3600
    sandbox.advance(3600)
    assert boldsign.properties(document).document_id == document


def _read(response):
    response.read()
    return response
