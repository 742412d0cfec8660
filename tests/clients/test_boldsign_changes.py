"""Reminding signers and changing their access codes at BoldSign, with the vendor's own client."""

from boldsign import AccessCodeDetail, AccessCodeDetails, PhoneNumber, ReminderMessage, RemoveAuthentication

from boldsign_kit import refused, signer
from browser import open_link

DAY = 24 * 3600
PHONE = PhoneNumber(country_code="+49", number="15112345678")


def two_signers():
    return signer("Anna Ott", 1, "anna-1"), signer("Ben Uhl", 2, "ben-1")


def somebody_without_an_address(code: str | None = None):
    return signer("Anna Ott", 1, code, email=None, phone_number=PHONE, delivery_mode="SMS")


class TestRemind:
    def test_only_the_one_who_is_named(self, boldsign, sandbox):
        document = boldsign.send(*two_signers())
        before = sandbox.mails(document)
        boldsign.remind(document, "ben@example.com")
        assert sandbox.mails(document)[len(before) :] == [("ben@example.com", "reminder")]
        assert "Reminder" in boldsign.actions(document)

    def test_everybody_who_has_not_finished_when_nobody_is_named(self, boldsign, sandbox):
        document = boldsign.send(*two_signers(), signer("Cleo Roth", 3))
        sandbox.act(document, "anna@example.com", "enter_code", code="anna-1")
        sandbox.act(document, "anna@example.com", "sign", new_name=None)
        before = sandbox.mails(document)
        boldsign.remind(document)
        assert sorted(sandbox.mails(document)[len(before) :]) == [
            ("ben@example.com", "reminder"),
            ("cleo@example.com", "reminder"),
        ]

    def test_once_a_day_and_again_on_the_next(self, early_in_the_day, boldsign, sandbox):
        document = boldsign.send(*two_signers())
        boldsign.remind(document, "anna@example.com")
        before = sandbox.mails(document)
        with refused(403) as caught:
            boldsign.remind(document, "anna@example.com")
        assert "reminder" in caught.value.body.lower()
        with refused(403):
            # The allowance is the document's, not the person's.
            boldsign.remind(document, "ben@example.com")
        assert sandbox.mails(document) == before
        sandbox.advance(DAY)
        boldsign.remind(document, "anna@example.com")
        assert sandbox.mails(document)[len(before) :] == [("anna@example.com", "reminder")]

    def test_mails_even_where_mails_were_disabled(self, boldsign, sandbox):
        document = boldsign.send(*two_signers(), disable_emails=True)
        assert sandbox.mails(document) == []
        boldsign.remind(document, "anna@example.com")
        assert sandbox.mails(document) == [("anna@example.com", "reminder")]

    def test_somebody_without_an_address_is_texted(self, boldsign, sandbox):
        document = boldsign.send(somebody_without_an_address(), signer("Ben Uhl", 2))
        before = sandbox.mails(document)
        boldsign.documents.remind_document(
            document, reminder_message=ReminderMessage(message="Please", reminder_phone_numbers=[PHONE])
        )
        assert sandbox.mails(document)[len(before) :] == [("+4915112345678", "reminder")]

    def test_an_address_with_a_plus_sign(self, boldsign, sandbox):
        document = boldsign.send(signer("Anna Ott", email="anna+work@example.com"), signer("Ben Uhl"))
        boldsign.remind(document, "anna+work@example.com")
        assert sandbox.mails(document)[-1] == ("anna+work@example.com", "reminder")
        assert [kind for _, kind in sandbox.mails(document)].count("reminder") == 1


class TestAccessCode:
    def test_three_wrong_ones_lock_the_signer_and_a_new_one_unlocks(self, boldsign):
        document = boldsign.send(*two_signers())
        page = open_link(boldsign.link(document, "anna@example.com"))
        for _ in range(3):
            page = page.press("Continue", code="wrong")
        assert boldsign.person(document, "anna@example.com").is_authentication_failed is True
        assert boldsign.person(document, "ben@example.com").is_authentication_failed is False
        assert "AuthenticationFailed" in boldsign.actions(document)

        boldsign.new_code(document, "anna@example.com", 1, "anna-2")
        assert boldsign.person(document, "anna@example.com").is_authentication_failed is False
        assert "AccessCodeChanged" in boldsign.actions(document)
        page = open_link(boldsign.link(document, "anna@example.com"))
        page.press("Continue", code="anna-2").press("Sign")
        assert boldsign.person(document, "anna@example.com").status == "Completed"

    def test_is_not_sent_to_the_signer(self, boldsign, sandbox):
        document = boldsign.send(*two_signers())
        before = sandbox.mails(document)
        boldsign.new_code(document, "anna@example.com", 1, "anna-2")
        assert sandbox.mails(document) == before

    def test_the_order_tells_one_signature_of_a_person_from_the_other(self, boldsign, sandbox):
        document = boldsign.send(
            signer("Anna Ott", 1, "first"), signer("Anna Ott", 2, "second"), enable_signing_order=True
        )
        boldsign.new_code(document, "anna@example.com", 2, "changed")
        sandbox.act(document, "anna@example.com", "enter_code", order=1, code="first")
        sandbox.act(document, "anna@example.com", "sign", order=1, new_name=None)
        sandbox.act(document, "anna@example.com", "enter_code", order=2, code="changed")
        sandbox.act(document, "anna@example.com", "sign", order=2, new_name=None)
        assert boldsign.properties(document).status == "Completed"

    def test_the_number_of_attempts_can_be_chosen(self, boldsign, sandbox):
        document = boldsign.send(signer("Anna Ott", 1, "anna-1", authentication_retry_count=1))
        sandbox.act(document, "anna@example.com", "enter_code", code="wrong")
        anna = boldsign.person(document, "anna@example.com")
        assert (anna.is_authentication_failed, anna.authentication_retry_count) == (True, 1)

    def test_of_somebody_without_an_address(self, boldsign, sandbox):
        document = boldsign.send(somebody_without_an_address(code="anna-1"))
        boldsign.documents.change_access_code(
            document, AccessCodeDetails(access_code="anna-2", phone_number=PHONE), z_order=1
        )
        sandbox.act(document, "", "enter_code", code="anna-2")
        sandbox.act(document, "", "sign", new_name=None)
        assert boldsign.properties(document).status == "Completed"

    def test_a_signer_without_one_can_be_given_one_and_rid_of_it(self, boldsign):
        document = boldsign.send(signer("Anna Ott"))
        boldsign.documents.add_authentication(
            document,
            AccessCodeDetail(authentication_type="AccessCode", email_id="anna@example.com", order=1, access_code="a1"),
        )
        assert boldsign.person(document, "anna@example.com").authentication_type == "AccessCode"
        boldsign.new_code(document, "anna@example.com", 1, "a2")
        boldsign.documents.remove_authentication(document, RemoveAuthentication(email_id="anna@example.com", z_order=1))
        assert boldsign.person(document, "anna@example.com").authentication_type == "None"


def test_on_behalf_of_an_identity(boldsign, sandbox):
    document = boldsign.send(*two_signers(), on_behalf_of="partner@example.com")
    assert boldsign.properties(document).behalf_of.email_address == "partner@example.com"
    boldsign.documents.change_access_code(
        document,
        AccessCodeDetails(access_code="anna-2", on_behalf_of="partner@example.com"),
        email_id="anna@example.com",
        z_order=1,
    )
    sandbox.act(document, "anna@example.com", "enter_code", code="anna-2")
    sandbox.act(document, "anna@example.com", "sign", new_name=None)
    assert boldsign.person(document, "anna@example.com").status == "Completed"
