"""A document's life at BoldSign, with the vendor's own client: sent, listed, opened by a link, signed, revoked."""

import datetime
import json

import pytest
from boldsign import PhoneNumber

from boldsign_kit import refused, signer
from browser import open_link

DAY = 24 * 3600


def two_signers():
    return signer("Anna Ott", 1, "anna-1"), signer("Ben Uhl", 2, "ben-1")


@pytest.fixture(params=["json", "multipart"])
def multipart(request) -> bool:
    return request.param == "multipart"


class TestSend:
    def test_takes_json_and_multipart_alike(self, boldsign, multipart):
        document = boldsign.send(
            *two_signers(),
            copies=["copy@example.com"],
            multipart=multipart,
            enable_signing_order=True,
            disable_emails=True,
            message="Übermorgen, bitte",
            labels=["one", "two"],
            meta_data={"case": "4711"},
        )
        properties = boldsign.properties(document)
        assert properties.document_id == document
        assert properties.message_title == "Please sign"
        assert properties.document_description == "Übermorgen, bitte"
        assert (properties.enable_signing_order, properties.disable_emails) == (True, True)
        assert properties.labels == ["one", "two"]
        assert properties.meta_data == {"case": "4711"}
        assert [(p.signer_name, p.signer_email, p.order) for p in properties.signer_details] == [
            ("Anna Ott", "anna@example.com", 1),
            ("Ben Uhl", "ben@example.com", 2),
        ]
        assert [copy.email_address for copy in properties.cc_details] == ["copy@example.com"]

    def test_the_document_is_made_in_the_background(self, boldsign, sandbox, multipart):
        sandbox.change(boldsign_creation_delay_seconds=30)
        document = boldsign.send(*two_signers(), multipart=multipart)
        with refused(403):
            boldsign.properties(document)
        with refused(403) as caught:
            boldsign.link(document, "anna@example.com")
        assert "Invalid Document ID" in caught.value.body
        sandbox.advance(31)
        assert boldsign.properties(document).document_id == document
        assert boldsign.link(document, "anna@example.com")

    def test_a_document_whose_making_failed_never_appears(self, boldsign, sandbox):
        sandbox.change(boldsign_creation_fails=True)
        document = boldsign.send(*two_signers())
        sandbox.advance(3600)
        with refused(403):
            boldsign.properties(document)
        listed = boldsign.documents.list_documents(page=1, page_size=100).result
        assert document not in [record.document_id for record in listed]

    def test_is_listed_once_it_is_made(self, boldsign):
        document = boldsign.send(*two_signers())
        records = boldsign.documents.list_documents(page=1, page_size=100)
        (found,) = [record for record in records.result if record.document_id == document]
        assert found.message_title == "Please sign"
        assert [p.signer_email for p in found.signer_details] == ["anna@example.com", "ben@example.com"]
        assert records.page_details.total_records_count >= 1


class TestProperties:
    def test_a_signer_who_has_done_nothing_yet(self, boldsign):
        document = boldsign.send(*two_signers(), signer("Cleo Roth", 3), enable_signing_order=True)
        anna, cleo = (boldsign.person(document, f"{name}@example.com") for name in ("anna", "cleo"))
        assert boldsign.properties(document).status == "InProgress"
        assert (anna.status, anna.signer_type, anna.is_viewed, anna.is_delivery_failed) == (
            "NotCompleted",
            "Signer",
            False,
            False,
        )
        assert (anna.authentication_type, anna.enable_access_code) == ("AccessCode", True)
        assert anna.is_authentication_failed is False
        assert (cleo.authentication_type, cleo.enable_access_code) == ("None", False)

    def test_authentication_has_failed_not_failed_or_is_not_asked_for(self, boldsign, sandbox):
        document = boldsign.send(*two_signers(), signer("Cleo Roth", 3))
        for _ in range(3):
            sandbox.act(document, "anna@example.com", "enter_code", code="wrong")
        # The client makes false of null, so its model does not show the third value.
        raw = json.loads(boldsign.documents.get_properties_with_http_info(document).raw_data)
        assert [p["isAuthenticationFailed"] for p in raw["signerDetails"]] == [True, False, None]

    def test_follows_what_a_signer_does(self, boldsign, sandbox):
        document = boldsign.send(*two_signers())
        sandbox.act(document, "anna@example.com", "enter_code", code="anna-1")
        sandbox.act(document, "anna@example.com", "open")
        assert boldsign.person(document, "anna@example.com").is_viewed is True
        assert boldsign.person(document, "ben@example.com").is_viewed is False
        sandbox.act(document, "anna@example.com", "sign", new_name=None)
        assert boldsign.person(document, "anna@example.com").status == "Completed"
        assert boldsign.properties(document).status == "InProgress"
        sandbox.act(document, "ben@example.com", "enter_code", code="ben-1")
        sandbox.act(document, "ben@example.com", "decline", reason="Wrong price")
        properties = boldsign.properties(document)
        assert (properties.status, properties.decline_message) == ("Declined", "Wrong price")
        assert boldsign.person(document, "ben@example.com").status == "Declined"
        assert {"Sent", "Viewed", "Signed", "Declined"} <= set(boldsign.actions(document))

    def test_times_are_whole_unix_seconds(self, boldsign, sandbox):
        document = boldsign.send(*two_signers())
        properties = boldsign.properties(document)
        for seconds in (properties.created_date, properties.activity_date, properties.document_history[0].timestamp):
            assert isinstance(seconds, int) and abs(sandbox.now() - seconds) < 120
        assert properties.expiry_date > sandbox.now()

    def test_one_person_may_sign_twice(self, boldsign):
        document = boldsign.send(signer("Anna Ott", 1), signer("Anna Ott", 2), enable_signing_order=True)
        assert [p.order for p in boldsign.properties(document).signer_details] == [1, 2]


class TestSignLink:
    def test_asks_for_the_code_signs_and_brings_back_the_document_id(self, boldsign):
        document = boldsign.send(*two_signers())
        link = boldsign.link(document, "anna@example.com", redirect_url="https://app.example/after")
        page = open_link(link).press("Continue", code="anna-1").press("Sign")
        assert page.left_to == f"https://app.example/after?documentId={document}"
        assert boldsign.person(document, "anna@example.com").status == "Completed"

    def test_is_told_in_the_audit_trail(self, boldsign):
        document = boldsign.send(signer("Anna Ott"))
        page = open_link(boldsign.link(document, "anna@example.com"))
        assert "GeneratedEmbeddedSignLink" in boldsign.actions(document)
        page.press("Sign")
        assert "EmbeddedSigned" in boldsign.actions(document)

    def test_a_return_url_with_a_query_gets_a_second_question_mark(self, boldsign):
        document = boldsign.send(signer("Anna Ott"))
        link = boldsign.link(document, "anna@example.com", redirect_url="https://app.example/after?email=a")
        assert open_link(link).press("Sign").left_to == f"https://app.example/after?email=a?documentId={document}"

    def test_without_a_return_url_the_signer_stays(self, boldsign):
        document = boldsign.send(signer("Anna Ott"))
        page = open_link(boldsign.link(document, "anna@example.com")).press("Sign")
        assert (page.status, page.left_to) == (200, None)
        assert boldsign.properties(document).status == "Completed"

    def test_lives_as_long_as_was_asked(self, boldsign, sandbox):
        document = boldsign.send(signer("Anna Ott"))
        until = datetime.datetime.fromtimestamp(sandbox.now() + 2 * DAY, datetime.UTC)
        link = boldsign.link(document, "anna@example.com", sign_link_valid_till=until)
        sandbox.advance(2 * DAY - 600)
        assert _offers(open_link(link), "Sign")
        sandbox.advance(1200)
        assert not _offers(open_link(link), "Sign")

    def test_a_time_in_the_past_is_accepted(self, boldsign):
        # The vendor's own tests do this and get a link.
        document = boldsign.send(signer("Anna Ott"))
        assert boldsign.link(
            document,
            "anna@example.com",
            sign_link_valid_till=datetime.datetime(2023, 1, 1, tzinfo=datetime.UTC),
        )

    def test_for_somebody_without_an_address(self, boldsign):
        phone = PhoneNumber(country_code="+49", number="15112345678")
        document = boldsign.send(signer("Anna Ott", email=None, phone_number=phone, delivery_mode="SMS"))
        answer = boldsign.documents.get_embedded_sign_link(
            document, country_code=phone.country_code, phone_number=phone.number
        )
        open_link(answer.sign_link).press("Sign")
        (anna,) = boldsign.properties(document).signer_details
        assert (anna.status, anna.phone_number, anna.delivery_mode) == ("Completed", phone, "SMS")

    def test_an_address_with_a_plus_sign(self, boldsign):
        document = boldsign.send(signer("Anna Ott", email="anna+work@example.com"))
        open_link(boldsign.link(document, "anna+work@example.com")).press("Sign")
        assert boldsign.person(document, "anna+work@example.com").status == "Completed"


def test_revoking_ends_the_document(boldsign):
    document = boldsign.send(*two_signers())
    link = boldsign.link(document, "anna@example.com")
    boldsign.revoke(document, "Wrong version")
    properties = boldsign.properties(document)
    assert (properties.status, properties.revoke_message) == ("Revoked", "Wrong version")
    assert not _offers(open_link(link), "Continue")


def test_the_whole_story(boldsign, sandbox):
    """The first signs; the second is locked out, gets a new code and a reminder, and signs; nobody is asked twice."""
    document = boldsign.send(*two_signers(), enable_signing_order=True)
    page = open_link(boldsign.link(document, "anna@example.com"))
    page.press("Continue", code="anna-1").press("Sign")

    page = open_link(boldsign.link(document, "ben@example.com"))
    for _ in range(3):
        page = page.press("Continue", code="guess")
    assert boldsign.person(document, "ben@example.com").is_authentication_failed is True

    boldsign.new_code(document, "ben@example.com", 2, "ben-2")
    boldsign.remind(document, "ben@example.com")
    page = open_link(boldsign.link(document, "ben@example.com"))
    page.press("Continue", code="ben-2").press("Sign")

    properties = boldsign.properties(document)
    assert properties.status == "Completed"
    assert {p.status for p in properties.signer_details} == {"Completed"}
    mails = [mail for mail in sandbox.mails(document) if mail[1] in ("request", "reminder")]
    assert mails == [
        ("anna@example.com", "request"),
        ("ben@example.com", "request"),
        ("ben@example.com", "reminder"),
    ]


def _offers(page, button: str) -> bool:
    return page.left_to is None and f">{button}<" in page.text
