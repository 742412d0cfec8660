"""An envelope's life at DocuSign, with the vendor's own client: the four operations, and what signers do in between."""

import re
import uuid

from docusign_esign import CarbonCopy, CertifiedDelivery, Recipients, Signer

from browser import open_link
from docusign_kit import RETURN_URL, definition, refused, signer, succeeded


def two_signers():
    return (
        signer("1", "Anna Ott", access_code="anna-1"),
        signer("2", "Ben Uhl", order="2", access_code="ben-1"),
    )


def everything_in(value):
    """Every value in a JSON document that is neither an object nor an array."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from everything_in(inner)
    else:
        yield value


class TestCreate:
    def test_answers_with_the_summary(self, docusign):
        answer, status, _ = docusign.envelopes.create_envelope_with_http_info(
            docusign.account, envelope_definition=definition(Recipients(signers=list(two_signers())))
        )
        assert status == 201
        assert uuid.UUID(answer.envelope_id)
        assert answer.status == "sent"
        assert answer.uri == f"/envelopes/{answer.envelope_id}"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z", answer.status_date_time)

    def test_a_draft_is_not_sent_to_anybody(self, docusign, sandbox):
        envelope = docusign.send(signer("1", "Anna Ott", embedded=False), status="created")
        assert docusign.status(envelope) == "created"
        assert docusign.person(envelope, "1").status == "created"
        assert sandbox.mails(envelope) == []

    def test_only_those_whose_turn_it_is_are_written_to(self, docusign, sandbox):
        envelope = docusign.send(
            signer("1", "Anna Ott", embedded=False),
            signer("2", "Ben Uhl"),
            signer("3", "Cleo Roth", order="2", embedded=False),
        )
        assert sandbox.mails(envelope) == [("anna@example.com", "request")]


class TestList:
    def test_every_number_and_boolean_is_a_string(self, docusign):
        envelope = docusign.send(*two_signers())
        raw = docusign.envelopes.list_recipients(docusign.account, envelope, _preload_content=False).json()
        assert {type(value) for value in everything_in(raw)} <= {str}
        assert raw["recipientCount"] == "2"
        assert raw["currentRoutingOrder"] == "1"

    def test_so_is_it_in_the_other_answers(self, docusign):
        envelope = docusign.send(*two_signers())
        api, account = docusign.envelopes, docusign.account
        changed = Recipients(signers=[Signer(recipient_id="1", name="Anna Ott", access_code="new-1")])
        for answer in (
            api.get_envelope(account, envelope, _preload_content=False),
            api.update_recipients(account, envelope, recipients=changed, _preload_content=False),
            api.update(account, envelope, resend_envelope="true", _preload_content=False),
        ):
            body = answer.json()
            # The one null of an envelope.
            assert body.pop("anySigner", None) is None
            assert {type(value) for value in everything_in(body)} <= {str}

    def test_tells_people_as_they_were_given(self, docusign):
        envelope = docusign.send(*two_signers())
        anna, ben = sorted(docusign.people(envelope).signers, key=lambda p: int(p.routing_order))
        assert (anna.recipient_id, anna.name, anna.email) == ("1", "Anna Ott", "anna@example.com")
        assert (anna.client_user_id, ben.client_user_id) == ("client-1", "client-2")
        assert (anna.status, ben.status) == ("sent", "created")
        assert (anna.routing_order, ben.routing_order) == ("1", "2")
        assert anna.recipient_id_guid != ben.recipient_id_guid and uuid.UUID(anna.recipient_id_guid)
        assert uuid.UUID(anna.user_id)
        assert anna.signed_date_time is None and ben.declined_date_time is None

    def test_comes_with_the_envelope_as_well(self, docusign):
        envelope = docusign.send(*two_signers())
        answer = docusign.envelopes.get_envelope(docusign.account, envelope, include="recipients")
        assert [p.name for p in answer.recipients.signers] == ["Anna Ott", "Ben Uhl"]
        assert answer.recipients.current_routing_order == "1"

    def test_a_remote_signer_has_no_client_user_id(self, docusign):
        envelope = docusign.send(signer("1", "Anna Ott", embedded=False))
        assert docusign.person(envelope, "1").client_user_id is None

    def test_a_copy_has_its_own_array(self, docusign):
        copy = CarbonCopy(recipient_id="9", name="Dora Zink", email="dora@example.com", routing_order="2")
        envelope = docusign.send(signer("1", "Anna Ott"), copies=[copy])
        people = docusign.people(envelope)
        assert [p.name for p in people.signers] == ["Anna Ott"]
        assert [p.name for p in people.carbon_copies] == ["Dora Zink"]
        assert people.recipient_count == "2"

    def test_follows_the_routing_order(self, docusign, sandbox):
        envelope = docusign.send(*two_signers())
        sandbox.act(envelope, "anna@example.com", "enter_code", code="anna-1")
        sandbox.act(envelope, "anna@example.com", "sign", new_name=None)
        assert docusign.people(envelope).current_routing_order == "2"
        assert docusign.person(envelope, "1").status == "completed"
        assert docusign.person(envelope, "1").signed_date_time
        assert docusign.person(envelope, "2").status == "sent"


class TestView:
    def test_gives_a_link_that_asks_for_the_code_and_signs(self, docusign, sandbox):
        envelope = docusign.send(*two_signers())
        page = open_link(docusign.view(envelope, docusign.person(envelope, "1")))
        page = page.press("Continue", code="anna-1")
        assert docusign.person(envelope, "1").status == "delivered"
        # The vendor says nothing of passed checks while nobody has failed one.
        assert docusign.person(envelope, "1").recipient_authentication_status is None
        assert sandbox.recipient(envelope, "anna@example.com")["code_accepted"]
        page = page.press("Sign")
        assert page.left_to.startswith(RETURN_URL)
        assert page.returned["event"] == "signing_complete"
        assert docusign.person(envelope, "1").status == "completed"

    def test_keeps_the_query_of_the_return_url(self, docusign):
        envelope = docusign.send(signer("1", "Anna Ott"))
        link = docusign.view(envelope, docusign.person(envelope, "1"), return_url=f"{RETURN_URL}?order=7&x=a%26b")
        assert open_link(link).press("Sign").returned == {
            "order": "7",
            "x": "a&b",
            "event": "signing_complete",
        }

    def test_the_user_id_identifies_as_well(self, docusign):
        envelope = docusign.send(signer("1", "Anna Ott"))
        anna = docusign.person(envelope, "1")
        link = docusign.view(envelope, anna, user_name=None, email=None, user_id=anna.user_id)
        assert open_link(link).press("Sign").returned["event"] == "signing_complete"

    def test_finishing_later_leaves_it_signable(self, docusign):
        envelope = docusign.send(signer("1", "Anna Ott"))
        anna = docusign.person(envelope, "1")
        assert open_link(docusign.view(envelope, anna)).press("Finish later").returned["event"] == "cancel"
        assert docusign.person(envelope, "1").status == "delivered"
        assert open_link(docusign.view(envelope, anna)).press("Sign").returned["event"] == "signing_complete"
        assert docusign.status(envelope) == "completed"

    def test_declining_ends_the_envelope(self, docusign):
        envelope = docusign.send(signer("1", "Anna Ott"))
        page = open_link(docusign.view(envelope, docusign.person(envelope, "1")))
        assert page.press("Decline", reason="Wrong price").returned["event"] == "decline"
        anna = docusign.person(envelope, "1")
        assert (anna.status, anna.declined_reason) == ("declined", "Wrong price")
        assert anna.declined_date_time
        assert docusign.status(envelope) == "declined"

    def test_somebody_with_nothing_to_sign_has_viewed(self, docusign):
        reader = CertifiedDelivery(
            recipient_id="1", name="Anna Ott", email="anna@example.com", routing_order="1", client_user_id="client-1"
        )
        envelope = docusign.send(signer("2", "Ben Uhl", order="2"), readers=[reader])
        (anna,) = docusign.people(envelope).certified_deliveries
        assert open_link(docusign.view(envelope, anna)).press("Finish viewing").returned["event"] == "viewing_complete"
        assert docusign.people(envelope).certified_deliveries[0].status == "completed"

    def test_a_session_ends_after_twenty_idle_minutes(self, docusign, sandbox):
        envelope = docusign.send(signer("1", "Anna Ott"))
        page = open_link(docusign.view(envelope, docusign.person(envelope, "1")))
        sandbox.advance(20 * 60 + 1)
        assert page.press("Sign").returned["event"] == "session_timeout"
        assert docusign.person(envelope, "1").status == "delivered"

    def test_a_link_opens_once(self, docusign):
        envelope = docusign.send(signer("1", "Anna Ott"))
        link = docusign.view(envelope, docusign.person(envelope, "1"))
        assert open_link(link).left_to is None
        assert open_link(link).returned["event"] == "ttl_expired"

    def test_a_link_lives_five_minutes(self, docusign, sandbox):
        envelope = docusign.send(signer("1", "Anna Ott"))
        anna = docusign.person(envelope, "1")
        early, late = docusign.view(envelope, anna), docusign.view(envelope, anna)
        sandbox.advance(290)
        assert open_link(early).left_to is None
        sandbox.advance(11)
        assert open_link(late).returned["event"] == "ttl_expired"


class TestResend:
    def test_to_one_person_writes_to_that_person_only(self, docusign, sandbox):
        envelope = docusign.send(signer("1", "Anna Ott", embedded=False), signer("2", "Ben Uhl", embedded=False))
        before = sandbox.mails(envelope)
        ben = Signer(recipient_id="2", name="Ben Uhl", email="ben@example.com")
        results = docusign.update(envelope, ben, resend=True)
        assert succeeded(results) and [r.recipient_id for r in results] == ["2"]
        assert {to for to, _ in sandbox.mails(envelope)[len(before) :]} == {"ben@example.com"}

    def test_of_the_whole_envelope_writes_to_those_who_are_due(self, docusign, sandbox):
        envelope = docusign.send(
            signer("1", "Anna Ott", embedded=False),
            signer("2", "Ben Uhl", embedded=False),
            signer("3", "Cleo Roth", order="2", embedded=False),
        )
        sandbox.act(envelope, "anna@example.com", "sign", new_name=None)
        before = sandbox.mails(envelope)
        # No envelope is given, so the client sends the body {}.
        docusign.envelopes.update(docusign.account, envelope, resend_envelope="true")
        assert [to for to, _ in sandbox.mails(envelope)[len(before) :]] == ["ben@example.com"]

    def test_without_the_flag_nobody_is_written_to(self, docusign, sandbox):
        envelope = docusign.send(signer("1", "Anna Ott", embedded=False))
        before = sandbox.mails(envelope)
        assert succeeded(docusign.update(envelope, Signer(recipient_id="1", name="Anna Ott")))
        assert sandbox.mails(envelope) == before

    def test_an_address_in_the_request_makes_a_correction_mail(self, docusign, sandbox):
        envelope = docusign.send(signer("1", "Anna Ott", embedded=False))
        change = Signer(recipient_id="1", name="Anna Ott", email="anna.ott@example.com")
        assert succeeded(docusign.update(envelope, change))
        assert sandbox.mails(envelope)[-1] == ("anna.ott@example.com", "correction")
        assert docusign.person(envelope, "1").email == "anna.ott@example.com"


class TestAccessCode:
    def test_can_be_changed_while_the_envelope_is_out(self, docusign, sandbox):
        envelope = docusign.send(signer("1", "Anna Ott", embedded=False, access_code="old-1"))
        before = sandbox.mails(envelope)
        assert succeeded(docusign.new_code(envelope, docusign.person(envelope, "1"), "new-1"))
        assert sandbox.mails(envelope) == before, "a new code alone is no reason to write"
        sandbox.act(envelope, "anna@example.com", "enter_code", code="new-1")
        assert sandbox.recipient(envelope, "anna@example.com")["code_accepted"]

    def test_three_wrong_ones_lock_the_signer(self, docusign):
        envelope = docusign.send(*two_signers())
        page = open_link(docusign.view(envelope, docusign.person(envelope, "1")))
        for _ in range(2):
            page = page.press("Continue", code="wrong")
            assert page.left_to is None
        assert page.press("Continue", code="wrong").returned["event"] == "access_code_failed"
        anna = docusign.person(envelope, "1")
        assert anna.recipient_authentication_status.access_code_result.status == "Failed"
        assert anna.status == "sent", "the status does not show the failure"
        with refused("ACTIVATION_FAILED"):
            docusign.view(envelope, anna)

    def test_a_resend_with_a_new_code_unlocks(self, docusign, sandbox):
        envelope = docusign.send(*two_signers())
        for _ in range(3):
            sandbox.act(envelope, "anna@example.com", "enter_code", code="wrong")
        anna = docusign.person(envelope, "1")
        assert succeeded(docusign.new_code(envelope, anna, "anna-2", resend=True))
        page = open_link(docusign.view(envelope, anna))
        page = page.press("Continue", code="anna-1")
        assert "anna-2" not in page.text
        page = page.press("Continue", code="anna-2")
        assert page.press("Sign").returned["event"] == "signing_complete"

    def test_a_resend_of_the_envelope_unlocks_with_the_old_code(self, docusign, sandbox):
        envelope = docusign.send(*two_signers())
        for _ in range(3):
            sandbox.act(envelope, "anna@example.com", "enter_code", code="wrong")
        docusign.envelopes.update(docusign.account, envelope, resend_envelope="true")
        page = open_link(docusign.view(envelope, docusign.person(envelope, "1")))
        assert page.press("Continue", code="anna-1").press("Sign").returned["event"] == "signing_complete"


def test_the_whole_story(docusign, sandbox):
    """The first signs; the second is locked out, gets a new code, and signs; nobody is asked twice."""
    envelope = docusign.send(
        signer("1", "Anna Ott", embedded=False, access_code="anna-1"),
        signer("2", "Ben Uhl", order="2", access_code="ben-1"),
    )
    sandbox.act(envelope, "anna@example.com", "enter_code", code="anna-1")
    sandbox.act(envelope, "anna@example.com", "sign", new_name=None)

    page = open_link(docusign.view(envelope, docusign.person(envelope, "2")))
    for _ in range(3):
        page = page.press("Continue", code="guess")
    assert page.returned["event"] == "access_code_failed"

    ben = docusign.person(envelope, "2")
    with refused("ACTIVATION_FAILED"):
        docusign.view(envelope, ben)
    assert succeeded(docusign.new_code(envelope, ben, "ben-2", resend=True))
    page = open_link(docusign.view(envelope, ben)).press("Continue", code="ben-2")
    assert page.press("Sign").returned["event"] == "signing_complete"

    assert docusign.status(envelope) == "completed"
    assert {p.status for p in docusign.people(envelope).signers} == {"completed"}
    asked = [to for to, kind in sandbox.mails(envelope) if kind != "completed"]
    assert asked == ["anna@example.com"], "the embedded signer gets no mail, and the one who signed no second one"
