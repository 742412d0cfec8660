"""The sandbox's control interface: what no vendor offers. Signers act, the clock moves, the outbox is read."""

import datetime
import json
import urllib.request


class Sandbox:
    def __init__(self, url: str):
        self.url = url.rstrip("/")

    def access(self) -> dict:
        """Where each vendor is played, and the credentials made for this run."""
        return self._call("GET", "/access")

    def recipient(self, envelope: str, email: str, order: int | None = None) -> dict:
        """One recipient as the sandbox itself sees it."""
        found = [
            person
            for person in self._call("GET", f"/envelopes/{envelope}")["recipients"]
            if person["email"] == email and order in (None, person["order"])
        ]
        assert len(found) == 1, f"{email} (order {order}) is in the envelope {len(found)} times"
        return found[0]

    def act(self, envelope: str, email: str, act: str, order: int | None = None, **more) -> dict:
        """Does something in a recipient's place: enter_code, open, sign, decline, finish_later."""
        recipient = self.recipient(envelope, email, order)["id"]
        return self._call("POST", f"/envelopes/{envelope}/recipients/{recipient}/act", {"act": act, **more})

    def edit_elsewhere(self, envelope: str):
        """Somebody edits the envelope in the vendor's application, until this sandbox ends."""
        self._call("POST", f"/envelopes/{envelope}/edit")

    def mails(self, envelope: str) -> list[tuple[str, str]]:
        """Who was written to about an envelope, and why, oldest first."""
        return [(mail["to"], mail["kind"]) for mail in self._call("GET", "/outbox") if mail["envelope"] == envelope]

    def now(self) -> float:
        """The sandbox's time in Unix seconds."""
        return datetime.datetime.fromisoformat(self._call("GET", "/clock")["now"]).timestamp()

    def advance(self, seconds: int):
        self._call("POST", "/clock", {"advance_seconds": seconds})

    def change(self, **settings):
        return self._call("PATCH", "/settings", settings)

    def fault(self, method: str, path_contains: str, **fault):
        """The next call of that kind meets the fault."""
        self._call("POST", "/faults", {"method": method, "path_contains": path_contains, "times": 1, "fault": fault})

    def clear_faults(self):
        self._call("DELETE", "/faults")

    def webhooks(self, vendor: str, url: str, secrets: list[str]):
        """From now on the vendor posts there."""
        self._call("PUT", f"/webhooks/targets/{vendor}", {"url": url, "secrets": secrets})

    def no_webhooks(self, vendor: str):
        self._call("DELETE", f"/webhooks/targets/{vendor}")

    def _call(self, method: str, path: str, body: dict | None = None):
        request = urllib.request.Request(
            f"{self.url}/_sandbox{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None
