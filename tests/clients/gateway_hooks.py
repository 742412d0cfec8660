"""What schemathesis cannot know: ids that exist, and vendors that fail. For some requests only; the others keep what
was made up. Chosen by the content, so that a seed gives the same requests."""

import json
import os
import zlib

import schemathesis

from sandbox import Sandbox

SANDBOX = Sandbox(os.environ["SANDBOX_URL"])
ENVELOPES = json.loads(os.environ["GATEWAY_ENVELOPES"])
RECIPIENTS = ["email:anna@example.com", "email:ben@example.com", "id:1", "email:absent@example.com"]
FAULTS = [
    {"status": 500},
    {"status": 429, "headers": {"Retry-After": "1"}},
    {"status": 401},
    {"status": 200, "body": "<p>"},
    {"status": 503, "after_work": True},
    {"drop": "after_work"},
]


def chosen(content: object, choices: list):
    """One of the choices, or none for one content in four."""
    number = zlib.crc32(json.dumps(content, default=str, sort_keys=True).encode())
    return choices[number // 4 % len(choices)] if number % 4 else None


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    # A deleted account would be missed by all requests that follow.
    accounts = ["docusign", "boldsign"] if context.operation.method != "delete" else ["absent"]
    for name, choices in (("envelope", ENVELOPES), ("account", accounts)):
        if path_parameters and name in path_parameters:
            path_parameters[name] = chosen(path_parameters, choices) or path_parameters[name]
    return path_parameters


@schemathesis.hook
def map_body(context, body):
    if isinstance(body, dict) and (recipient := chosen(body, RECIPIENTS)):
        for part in (body, body.get("request")):
            if isinstance(part, dict) and isinstance(part.get("recipient"), str):
                part["recipient"] = recipient
            if isinstance(part, dict) and isinstance(part.get("code"), str):
                part["code"] = "Anna3456"
        if isinstance(body.get("envelope"), str):
            body["envelope"] = chosen(body, ENVELOPES) or body["envelope"]
    return body


@schemathesis.hook
def before_call(context, case, kwargs):
    SANDBOX.clear_faults()
    if fault := chosen([case.method, case.path, case.body], [*FAULTS, None, None]):
        SANDBOX.fault("", "", **fault)
