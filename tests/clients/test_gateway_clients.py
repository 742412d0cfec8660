"""The main job through clients that are generated from the gateway's document, and type-checked."""

import sys

import pytest

from gateway_kit import Gateway, python_client, run, typescript_client


@pytest.fixture
def gateway():
    gateway = Gateway()
    yield gateway
    gateway.close()


def test_the_python_client_does_the_main_job(gateway: Gateway):
    folder = python_client()
    run(sys.executable, "-m", "mypy", "--strict", ".", folder=folder)
    told = run(
        *(sys.executable, "story.py", gateway.url, gateway.sandbox, gateway.envelope),
        folder=folder,
        COUNTERSIGN_KEY=gateway.key,
    )
    assert told == "told\n"


def test_the_typescript_client_does_the_main_job(gateway: Gateway):
    programs = typescript_client()
    story = ("node", programs / "story.js", gateway.url, gateway.sandbox, gateway.envelope)
    assert run(*story, COUNTERSIGN_KEY=gateway.key) == "told\n"
    example = ("node", programs / "unlock.mjs", gateway.url, gateway.locked, "email:anna@example.com", "Anna3456")
    assert run(*example, COUNTERSIGN_KEY=gateway.key).startswith("http")


def test_the_official_library_for_node_accepts_what_goes_out(gateway: Gateway):
    events = ("node", typescript_client() / "events.js", gateway.url)
    assert run(*events, COUNTERSIGN_KEY=gateway.key) == "told\n"
