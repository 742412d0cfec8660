"""Requests made up from the gateway's document: good ones, wrong ones, and some while a vendor fails."""

import json
import re
import sys
from pathlib import Path

from gateway_kit import DOCUMENT, HERE, Gateway, run
from sandbox import Sandbox

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,negative_data_rejection,missing_required_header,unsupported_method"
)


def test_answers_are_as_the_document_says(tmp_path, ordinary):
    gateway = Gateway()
    # So that no request waits for the vendors' limits.
    Sandbox(gateway.sandbox).change(**ordinary)
    try:
        said = run(
            Path(sys.executable).with_name("schemathesis"),
            *("run", DOCUMENT, "--url", gateway.url, "--header", f"Authorization: Bearer {gateway.key}"),
            *("--phases", "examples,coverage,fuzzing", "--checks", CHECKS, "--continue-on-failure"),
            *("--seed", "1", "--max-examples", "25", "--max-time", "45", "--request-timeout", "70", "--no-color", "--warnings", "off"),
            folder=tmp_path,
            PYTHONPATH=str(HERE),
            SCHEMATHESIS_HOOKS="gateway_hooks",
            SANDBOX_URL=gateway.sandbox,
            GATEWAY_ENVELOPES=json.dumps([gateway.envelope, gateway.locked]),
        )
    finally:
        gateway.close()
    operations = sum(len(item) for item in json.loads(DOCUMENT.read_bytes())["paths"].values())
    assert f"Tested: {operations}" in said, said
    assert int(re.search(r"(\d+) generated", said).group(1)) > 1_000, said
