"""The main job through the client that openapi-python-client generates. Its types are checked before it runs."""

import json
import os
import sys
import urllib.request
from typing import TypeVar

from gateway_client import AuthenticatedClient
from gateway_client.api.envelopes import create_view, list_recipients, resend, unlock
from gateway_client.models import (
    NewResend,
    NewUnlock,
    NewView,
    Problem,
    RecipientList,
    RecipientShown,
    ResentList,
    Unlocked,
    View,
)

gateway, sandbox, envelope = sys.argv[1:]
client = AuthenticatedClient(base_url=gateway, token=os.environ["COUNTERSIGN_KEY"])
ANNA, BEN = "email:anna@example.com", "email:ben@example.com"
Reply = TypeVar("Reply")


def good(reply: object, kind: type[Reply]) -> Reply:
    assert isinstance(reply, kind), reply
    return reply


def control(method: str, path: str, body: object = None) -> object:
    """Of the sandbox, which plays the vendor and the signers."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{sandbox}/_sandbox{path}", data, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read() or "null")


def anna() -> RecipientShown:
    listed = good(list_recipients.sync(envelope, client=client, countersign_timeout=30), RecipientList)
    return next(one for one in listed.recipients if one.email == "anna@example.com")


assert anna().embedded and not anna().locked

view = NewView(recipient=ANNA, return_url="https://app.example.com/signed")
made = good(create_view.sync(envelope, client=client, body=view, idempotency_key="python-view"), View)
assert made.link.startswith("http")


def remind() -> ResentList:
    body = NewResend(recipient=BEN)
    return good(resend.sync(envelope, client=client, body=body, idempotency_key="python-resend"), ResentList)


def mails() -> int:
    return json.dumps(control("GET", "/outbox")).count(envelope.partition(":")[2])


before, first = mails(), remind()
assert mails() == before + 1
assert remind() == first and mails() == before + 1, "the same key sends no second mail"

vendor_id = envelope.partition(":")[2]
while not anna().locked:
    act = {"act": "enter_code", "code": "Wrong234"}
    control("POST", f"/envelopes/{vendor_id}/recipients/{anna().id}/act", act)
locked = create_view.sync(envelope, client=client, body=view, idempotency_key="python-locked")
assert good(locked, Problem).kind == "recipient_locked", locked
opened = NewUnlock(recipient=ANNA, code="Anna3456")
by = good(unlock.sync(envelope, client=client, body=opened, idempotency_key="python-unlock"), Unlocked).by
assert by == "new_code" and not anna().locked

missing = NewResend(recipient="email:absent@example.com")
problem = good(resend.sync(envelope, client=client, body=missing, idempotency_key="python-absent"), Problem)
assert (problem.status, problem.outcome, problem.retry) == (404, "no_effect", False), problem
print("told")
