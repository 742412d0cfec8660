"""Gives a locked signer new attempts, and prints a signing link. Needs Python 3 and nothing else.

COUNTERSIGN_KEY=cs_… python3 unlock.py http://127.0.0.1:8790 sales:ENVELOPE email:anna@example.com NEW-CODE
"""
import json, os, sys, time, urllib.error, urllib.request, uuid

gateway, envelope, recipient, code = sys.argv[1:]


def call(method, path, body=None):
    """Repeats a request under one key until it is done, or must not be repeated."""
    headers = {
        "Authorization": "Bearer " + os.environ["COUNTERSIGN_KEY"],
        "Content-Type": "application/json",
        # Keep it with the job, so that the call is made once even if this process dies.
        "Idempotency-Key": str(uuid.uuid4()),
    }
    data = None if body is None else json.dumps(body).encode()
    for attempt in range(5):
        request = urllib.request.Request(gateway + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            problem = json.load(error)
            # This decides, not the status.
            if not problem["retry"] or attempt == 4:
                sys.exit(f"{problem['detail']} (outcome: {problem['outcome']})\nnext: {problem['hint']}")
            time.sleep(problem["retry_after_seconds"] or 2**attempt)


at = f"/v1/envelopes/{envelope}"
for one in call("GET", f"{at}/recipients")["recipients"]:
    print(one["id"], one["name"], one["status"], "locked" if one["locked"] else "", file=sys.stderr)
unlocked = call("POST", f"{at}/unlocks", {"recipient": recipient, "code": code})
print("unlocked by", unlocked["by"], file=sys.stderr)
view = call("POST", f"{at}/views", {"recipient": recipient, "return_url": "https://app.example.com/signed"})
print(view["link"])
