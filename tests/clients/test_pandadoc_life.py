"""A document's life at PandaDoc, with the vendor's own client: created, sent, opened by a session, signed, voided, deleted."""

import contextlib
import hashlib
import hmac
import http.client
import json
import urllib.parse

import pytest
from pandadoc_client.exceptions import ApiTypeError, ApiValueError
from pandadoc_client.model.webhook_subscription_create_request import WebhookSubscriptionCreateRequest
from pandadoc_client.model.webhook_subscription_trigger_enum import WebhookSubscriptionTriggerEnum

from browser import open_link
from pandadoc_kit import PandaDoc, refused
from receiver import Receiver

BACK = "http://127.0.0.1:9/back"

TWO = [("Anna", "Tenant"), ("Ben", "Landlord")]


def consent(access: dict) -> str:
    """The code that the consent page sends to the application."""
    asked = {"response_type": "code", "client_id": access["client_id"], "redirect_uri": BACK, "scope": "read+write"}
    host = urllib.parse.urlsplit(access["app_url"]).netloc
    connection = http.client.HTTPConnection(host, timeout=30)
    form = urllib.parse.urlencode({**asked, "action": "allow"})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    with contextlib.closing(connection):
        connection.request("POST", "/oauth2/authorize", body=form, headers=headers)
        back = urllib.parse.urlsplit(connection.getresponse().headers["Location"])
    return urllib.parse.parse_qs(back.query)["code"][0]


@pytest.fixture
def draft(pandadoc, sandbox) -> str:
    document = pandadoc.create(*TWO).id
    sandbox.advance(3)
    return document


@pytest.fixture
def sent(pandadoc, draft) -> str:
    pandadoc.send(draft, message="Please sign", subject="Your lease")
    return draft


class TestLife:
    @pytest.mark.parametrize("source", [{}, {"url": "https://files.example/lease.pdf"}])
    def test_a_document_is_uploaded_then_a_draft_then_sent(self, pandadoc, sandbox, source):
        made = pandadoc.create(*TWO, **source)
        assert made.status.value == "document.uploaded" and len(made.id) == 22
        assert pandadoc.status(made.id) == "document.uploaded"
        with refused(409) as caught:
            pandadoc.details(made.id)
        assert json.loads(caught.value.body)["status"] == "document.uploaded"
        with refused(409):
            pandadoc.send(made.id)
        sandbox.advance(3)
        assert pandadoc.status(made.id) == "document.draft"
        answer = pandadoc.send(made.id, message="Please sign")
        assert answer.status == "document.sent"
        assert [person.recipient_type for person in answer.recipients] == ["signer", "signer"]
        assert sandbox.mails(made.id) == [("anna@example.com", "request")]

    def test_a_silent_document_mails_no_one(self, pandadoc, sandbox, draft):
        pandadoc.send(draft, silent=True)
        assert sandbox.mails(draft) == []

    def test_the_details_tell_who_has_signed(self, pandadoc, sandbox, sent):
        pandadoc.new_passcode(sent, pandadoc.person(sent, "Anna")["id"], "Simple1")
        sandbox.act(sent, "anna@example.com", "enter_code", code="Simple1")
        sandbox.act(sent, "anna@example.com", "sign")
        anna, ben = pandadoc.details(sent)["recipients"]
        assert (anna["has_completed"], ben["has_completed"]) == (True, False)
        assert anna["signature_date"] and anna["signing_order"] == 1 and anna["roles"] == ["Tenant"]
        assert anna["verification_settings"]["passcode_verification"]["passcode"] == "Simple1"
        assert pandadoc.status(sent) == "document.viewed"
        sandbox.act(sent, "ben@example.com", "sign")
        assert pandadoc.status(sent) == "document.completed"

    def test_the_client_checks_the_types_of_the_details_but_for_today_s_nulls(self, pandadoc, draft):
        with pytest.raises(ApiTypeError) as caught:
            pandadoc.documents.details_document(id=draft)
        assert "verification_settings" in str(caught.value) or "url" in str(caught.value), caught.value

    def test_a_session_opens_the_signing_page(self, pandadoc, sandbox, sent):
        session = pandadoc.session(sent, "anna@example.com")
        access = sandbox.access()["pandadoc"]
        page = open_link(f"{access['app_url']}/s/{session.id}")
        assert page.status == 200 and session.expires_at.endswith("Z")

    def test_voided_and_deleted(self, pandadoc, sent):
        pandadoc.void(sent)
        assert pandadoc.status(sent) == "document.voided"
        with refused(400, "state_error") as caught:
            pandadoc.session(sent, "anna@example.com")
        assert "document.voided status" in caught.value.body
        with refused(409):
            pandadoc.void(sent)
        pandadoc.documents.delete_document(id=sent)
        with refused(404, "request_error"):
            pandadoc.status(sent)


class TestPasscodes:
    def test_a_different_passcode_unlocks(self, pandadoc, sandbox, sent):
        anna = pandadoc.person(sent, "Anna")["id"]
        pandadoc.new_passcode(sent, anna, "Simple1")
        for _ in range(3):
            sandbox.act(sent, "anna@example.com", "enter_code", code="wrong")
        assert sandbox.recipient(sent, "anna@example.com")["locked"]
        pandadoc.new_passcode(sent, anna, "Simple2")
        assert not sandbox.recipient(sent, "anna@example.com")["locked"]
        assert sandbox.act(sent, "anna@example.com", "enter_code", code="Simple2")["outcome"] == "code_accepted"

    def test_refusals(self, pandadoc, sandbox, sent):
        anna = pandadoc.person(sent, "Anna")["id"]
        # The client checks the form of a passcode itself, by the same pattern.
        with pytest.raises(ApiValueError):
            pandadoc.new_passcode(sent, anna, "short")
        with refused(404, "request_error"):
            pandadoc.new_passcode(sent, "unknown", "Simple1")
        sandbox.edit_elsewhere(sent)
        with refused(423, "document_locked") as caught:
            pandadoc.new_passcode(sent, anna, "Simple1")
        assert json.loads(caught.value.body)["expires_at"]


class TestAccess:
    def test_the_member_of_the_key(self, pandadoc):
        member = pandadoc.members.details_current_member()
        assert member.role == "Admin" and member.email

    def test_a_wrong_key(self, sandbox):
        stranger = PandaDoc(sandbox.access()["pandadoc"]["base_url"], api_key="wrong")
        with refused(401, "authentication_error"):
            stranger.members.details_current_member()

    def test_tokens_of_a_consent_and_of_a_refresh(self, pandadoc, sandbox, sent):
        access = sandbox.access()["pandadoc"]
        application = {"client_id": access["client_id"], "client_secret": access["client_secret"], "scope": "read+write"}
        code = consent(access)
        first = pandadoc.oauth.access_token(grant_type="authorization_code", code=code, **application)
        assert first.expires_in == 31_535_999 and first.scope == "read+write"
        refresh = {"grant_type": "refresh_token", "refresh_token": first.refresh_token}
        second = pandadoc.oauth.access_token(**refresh, **application)
        with_token = PandaDoc(access["base_url"], access_token=second.access_token)
        assert with_token.status(sent) == "document.sent"
        with refused(400) as caught:
            pandadoc.oauth.access_token(grant_type="authorization_code", code=code, **application)
        assert json.loads(caught.value.body) == {"error": "invalid_grant"}

    def test_a_sandbox_key_is_throttled_per_route(self, sandbox, sent):
        access = sandbox.access()["pandadoc"]
        # To the beginning of a minute of the clock.
        sandbox.advance(61 - int(sandbox.now()) % 60)
        sandbox.change(pandadoc_minute_limit=None)
        slow = PandaDoc(access["base_url"], api_key=access["sandbox_key"])
        for _ in range(10):
            slow.status(sent)
        with refused(429, "throttled"):
            slow.status(sent)
        assert slow.details(sent)["status"] == "document.sent"


class TestWebhooks:
    def test_a_subscription_brings_lists_of_events_signed_in_the_query(self, pandadoc, sandbox, draft):
        receiver = Receiver()
        triggers = [WebhookSubscriptionTriggerEnum(word) for word in ["document_state_changed", "recipient_completed"]]
        own = pandadoc.webhooks.create_webhook_subscription(
            WebhookSubscriptionCreateRequest(name="mine", url=receiver.url, triggers=triggers, payload=[])
        )
        try:
            pandadoc.send(draft)
            headers, body = receiver.next()
            (event,) = json.loads(body)
            assert (event["event"], event["data"]["status"]) == ("document_state_changed", "document.sent")
            assert event["data"]["id"] == draft and headers["X-PandaDoc-Webhook-Event-Id"]
            query = urllib.parse.parse_qs(urllib.parse.urlsplit(receiver.path).query)
            assert query["signature"] == [hmac.new(own.shared_key.encode(), body, hashlib.sha256).hexdigest()]
            (listed,) = pandadoc.webhooks.list_webhook_subscriptions()["items"]
            assert listed.uuid == own.uuid
        finally:
            pandadoc.webhooks.delete_webhook_subscription(id=own.uuid)
            receiver.close()
