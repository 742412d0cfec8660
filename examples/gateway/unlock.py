"""Gives a locked signer new attempts, and prints a signing link. Needs Python 3 and nothing else.

COUNTERSIGN_KEY=cs_… python3 unlock.py http://127.0.0.1:8790 sales:ENVELOPE email:anna@example.com NEW-CODE
"""
import http.client, json, os, sys, time, urllib.error, urllib.request, uuid

if len(sys.argv) != 5 or "COUNTERSIGN_KEY" not in os.environ:
    sys.exit(__doc__)
gateway, envelope, recipient, code = sys.argv[1:]


def call(method, path, body=None):
    """Repeats a request under one key until it is done, must not be repeated, or took two minutes."""
    headers = {
        "Authorization": "Bearer " + os.environ["COUNTERSIGN_KEY"],
        "Content-Type": "application/json",
        # Keep it with the job, so that the call is made once even if this process dies.
        "Idempotency-Key": str(uuid.uuid4()),
    }
    data, end, wait = None if body is None else json.dumps(body).encode(), time.monotonic() + 120, 1
    while True:
        request = urllib.request.Request(gateway + path, data, headers, method=method)
        try:
            # The gateway itself gives up after 60 s.
            with urllib.request.urlopen(request, timeout=75) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            # `retry` decides, not the status. What is no JSON is a proxy's: the key makes a repetition safe.
            text = error.read()
            problem = json.loads(text) if "json" in error.headers.get_content_type() else {"retry": True}
        except (OSError, http.client.HTTPException, ValueError) as error:
            problem = {"retry": True, "detail": f"the connection failed: {error}", "outcome": "unknown"}
        pause = problem.get("retry_after_seconds") or wait
        if not problem["retry"] or time.monotonic() + pause > end:
            said = {"detail": "no answer of the gateway", "outcome": "unknown", "hint": "see its log", **problem}
            sys.exit("{detail} (outcome: {outcome})\nnext: {hint}".format(**said))
        time.sleep(pause)
        wait = min(2 * wait, 10)


at = f"/v1/envelopes/{envelope}"
for one in call("GET", f"{at}/recipients")["recipients"]:
    print(one["id"], one["name"], one["status"], "locked" if one["locked"] else "", file=sys.stderr)
unlocked = call("POST", f"{at}/unlocks", {"recipient": recipient, "code": code})
print(f"unlocked by {unlocked['by']}" if unlocked["by"] else "not locked: the code stays as it was", file=sys.stderr)
view = call("POST", f"{at}/views", {"recipient": recipient, "return_url": "https://app.example.com/signed"})
print(view["link"])
