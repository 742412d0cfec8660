"""What DocuSign refuses, as its own client reports it."""

import json

import pytest
from docusign_esign import ApiException, Envelope, Signer

from docusign_kit import DocuSign, refused, signer, succeeded

NO_SUCH = "00000000-0000-4000-8000-000000000000"


def void(docusign: DocuSign, envelope: str):
    docusign.envelopes.update(
        docusign.account, envelope, envelope=Envelope(status="voided", voided_reason="Superseded")
    )


def two_signers():
    return signer("1", "Anna Ott"), signer("2", "Ben Uhl", order="2")


class TestWhoTheViewIsFor:
    def test_a_name_from_before_the_signer_changed_it(self, docusign, sandbox):
        envelope = docusign.send(*two_signers())
        stale = docusign.person(envelope, "1")
        docusign.view(envelope, stale)
        sandbox.act(envelope, "anna@example.com", "finish_later", new_name="Anna Maria Ott")
        with refused("UNKNOWN_ENVELOPE_RECIPIENT"):
            docusign.view(envelope, stale)
        fresh = docusign.person(envelope, "1")
        assert fresh.name == "Anna Maria Ott"
        assert docusign.view(envelope, fresh)

    def test_a_name_from_before_the_signer_signed_with_another(self, docusign, sandbox):
        envelope = docusign.send(*two_signers())
        stale = docusign.person(envelope, "1")
        sandbox.act(envelope, "anna@example.com", "sign", new_name="Anna Maria Ott")
        assert docusign.person(envelope, "1").name == "Anna Maria Ott"
        with refused("UNKNOWN_ENVELOPE_RECIPIENT"):
            docusign.view(envelope, stale)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"user_name": "Somebody Else"},
            {"email": "other@example.com"},
            {"client_user_id": "client-2"},
        ],
        ids=lambda wrong: next(iter(wrong)),
    )
    def test_each_of_the_three_fields_has_to_match(self, docusign, wrong):
        envelope = docusign.send(*two_signers())
        with refused("UNKNOWN_ENVELOPE_RECIPIENT"):
            docusign.view(envelope, docusign.person(envelope, "1"), **wrong)

    def test_a_client_user_id_for_somebody_who_has_none(self, docusign):
        envelope = docusign.send(signer("1", "Anna Ott", embedded=False))
        with refused("UNKNOWN_ENVELOPE_RECIPIENT"):
            docusign.view(envelope, docusign.person(envelope, "1"), client_user_id="client-1")

    def test_somebody_who_is_not_embedded_for_the_sender(self, docusign):
        envelope = docusign.send(signer("1", "Anna Ott", embedded=False))
        with refused("ACCOUNT_NOT_AUTHORIZED_FOR_ENVELOPE"):
            docusign.view(envelope, docusign.person(envelope, "1"))

    def test_a_recipient_id_in_place_of_the_user_id(self, docusign):
        envelope = docusign.send(*two_signers())
        with refused("INVALID_USERID"):
            docusign.view(envelope, docusign.person(envelope, "1"), user_name=None, email=None, user_id="1")

    def test_somebody_whose_turn_has_not_come(self, docusign):
        envelope = docusign.send(*two_signers())
        with refused("RECIPIENT_NOT_IN_SEQUENCE"):
            docusign.view(envelope, docusign.person(envelope, "2"))

    def test_no_return_url(self, docusign):
        envelope = docusign.send(*two_signers())
        with refused("INVALID_REQUEST_PARAMETER"):
            docusign.view(envelope, docusign.person(envelope, "1"), return_url=None)

    def test_no_request_at_all(self, docusign):
        # The client sends {} for "nothing", so what is missing are the fields.
        envelope = docusign.send(*two_signers())
        with refused("INVALID_REQUEST_PARAMETER"):
            docusign.envelopes.create_recipient_view(docusign.account, envelope)

    @pytest.mark.parametrize("body", [["a list"], '{"signers": []}'], ids=["list", "text"])
    def test_a_body_that_is_no_object(self, docusign, body):
        envelope = docusign.send(*two_signers())
        with refused("INVALID_REQUEST_BODY"):
            docusign.envelopes.update_recipients(docusign.account, envelope, recipients=body)


class TestWhereTheEnvelopeStands:
    def test_somebody_who_has_signed_is_refused_inside_a_success(self, docusign, sandbox):
        envelope = docusign.send(*two_signers())
        sandbox.act(envelope, "anna@example.com", "sign", new_name=None)
        before = sandbox.mails(envelope)
        (result,) = docusign.new_code(envelope, docusign.person(envelope, "1"), "late-1", resend=True)
        assert result.recipient_id == "1"
        assert result.error_details.error_code == "RECIPIENT_UPDATE_FAILED"
        assert result.error_details.message
        assert not succeeded([result])
        assert sandbox.mails(envelope) == before

    def test_one_refused_does_not_stop_the_other(self, docusign, sandbox):
        envelope = docusign.send(*two_signers())
        sandbox.act(envelope, "anna@example.com", "sign", new_name=None)
        results = docusign.update(
            envelope,
            Signer(recipient_id="1", name="Anna Ott", access_code="x1"),
            Signer(recipient_id="2", name="Ben Uhl", access_code="x2"),
        )
        assert {r.recipient_id: succeeded([r]) for r in results} == {"1": False, "2": True}
        sandbox.act(envelope, "ben@example.com", "enter_code", code="x2")
        assert sandbox.recipient(envelope, "ben@example.com")["code_accepted"]

    def test_a_voided_envelope_takes_nothing_more(self, docusign):
        envelope = docusign.send(*two_signers())
        anna = docusign.person(envelope, "1")
        void(docusign, envelope)
        assert docusign.status(envelope) == "voided"
        with refused("ENVELOPE_INVALID_STATUS"):
            docusign.new_code(envelope, anna, "late-1")
        with refused("ENVELOPE_INVALID_STATUS"):
            docusign.envelopes.update(docusign.account, envelope, resend_envelope="true")
        with refused("ENVELOPE_INVALID_STATUS"):
            docusign.view(envelope, anna)
        with refused("ENVELOPE_CANNOT_VOID_INVALID_STATE"):
            void(docusign, envelope)

    def test_a_completed_envelope_takes_nothing_more(self, docusign, sandbox):
        envelope = docusign.send(signer("1", "Anna Ott"))
        sandbox.act(envelope, "anna@example.com", "sign", new_name=None)
        with refused("ENVELOPE_INVALID_STATUS"):
            docusign.new_code(envelope, docusign.person(envelope, "1"), "late-1")
        with refused("ENVELOPE_CANNOT_VOID_INVALID_STATE"):
            void(docusign, envelope)

    def test_a_draft_has_no_view(self, docusign):
        envelope = docusign.send(signer("1", "Anna Ott"), status="created")
        with refused("ENVELOPE_INVALID_STATUS"):
            docusign.view(envelope, docusign.person(envelope, "1"))

    def test_a_blank_envelope_id_is_taken_for_a_search(self, docusign):
        with refused("INVALID_REQUEST_PARAMETER") as caught:
            docusign.envelopes.update(docusign.account, "", resend_envelope="true")
        assert b"from_date" in caught.value.body

    def test_an_unknown_envelope(self, docusign):
        # Sources differ on the status.
        with refused("ENVELOPE_DOES_NOT_EXIST", 400, 404):
            docusign.people(NO_SUCH)
        with refused("ENVELOPE_DOES_NOT_EXIST", 400, 404):
            docusign.view(NO_SUCH, signer("1", "Anna Ott"))
        with refused("ENVELOPE_DOES_NOT_EXIST", 400, 404):
            docusign.update(NO_SUCH, signer("1", "Anna Ott"), resend=True)


class TestWhoIsAsking:
    def test_a_made_up_token(self, docusign, sandbox):
        other = DocuSign(sandbox.url, docusign.account, "not-a-token")
        with refused("AUTHORIZATION_INVALID_TOKEN", 401):
            other.people(NO_SUCH)

    def test_no_token(self, docusign):
        del docusign.client.default_headers["Authorization"]
        with refused("USER_AUTHENTICATION_FAILED", 401):
            docusign.people(NO_SUCH)

    def test_somebody_elses_account(self, docusign):
        envelope = docusign.send(signer("1", "Anna Ott"))
        docusign.account = NO_SUCH
        with pytest.raises(ApiException) as caught:
            docusign.people(envelope)
        # Public sources name all three and give no status for certain.
        assert json.loads(caught.value.body)["errorCode"] in {
            "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT",
            "USER_LACKS_MEMBERSHIP",
            "ACCOUNT_DOES_NOT_EXIST_IN_SYSTEM",
        }


class TestLimits:
    def test_the_hourly_limit_names_the_time_it_ends(self, early_in_the_hour, docusign, sandbox):
        envelope = docusign.send(signer("1", "Anna Ott"))
        sandbox.change(docusign_hourly_limit=1)
        with refused("HOURLY_APIINVOCATION_LIMIT_EXCEEDED", 429, 400) as caught:
            docusign.people(envelope)
            docusign.people(envelope)
        headers = caught.value.headers
        assert headers["X-RateLimit-Limit"] == "1"
        assert headers["X-RateLimit-Remaining"] == "0"
        reset = int(headers["X-RateLimit-Reset"])
        assert 0 < reset - sandbox.now() <= 3600, "seconds of the Unix epoch, at the top of the hour"
        assert reset % 3600 == 0

    def test_the_burst_limit_ends_after_half_a_minute(self, docusign, sandbox):
        envelope = docusign.send(signer("1", "Anna Ott"))
        sandbox.advance(31)
        sandbox.change(docusign_burst_limit=1)
        with refused("BURST_APIINVOCATION_LIMIT_EXCEEDED", 429, 400) as caught:
            docusign.people(envelope)
            docusign.people(envelope)
        assert caught.value.headers["X-BurstLimit-Remaining"] == "0"
        sandbox.advance(31)
        assert docusign.people(envelope).recipient_count == "1"


class TestTheEdge:
    def test_html_from_the_gateway_reaches_the_caller_unparsed(self, docusign, sandbox):
        envelope = docusign.send(signer("1", "Anna Ott"))
        page = "<html><body>Bad Gateway</body></html>"
        sandbox.fault("GET", "/recipients", status=502, body=page, content_type="text/html", headers={})
        with pytest.raises(ApiException) as caught:
            docusign.people(envelope)
        assert (caught.value.status, caught.value.body) == (502, page.encode())
        assert docusign.people(envelope).recipient_count == "1"
