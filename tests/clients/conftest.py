import os
from importlib import import_module
from pathlib import Path

import pytest

from sandbox import Sandbox

# What belongs to one vendor's client is in its kit, fixtures and settings too.
pytest_plugins = sorted(file.stem for file in Path(__file__).parent.glob("*_kit.py"))

HOUR = 3600


@pytest.fixture(scope="session")
def running() -> Sandbox:
    url = os.environ.get("SANDBOX_URL")
    if not url:
        pytest.exit("SANDBOX_URL is not set; start these tests with tests/clients/run", returncode=2)
    return Sandbox(url)


@pytest.fixture(scope="session")
def ordinary() -> dict:
    """The published figures, but limits that no test reaches by accident; those about limits set their own."""
    kits = map(import_module, pytest_plugins)
    return {name: value for kit in kits for name, value in getattr(kit, "ORDINARY", {}).items()}


@pytest.fixture(autouse=True)
def sandbox(running: Sandbox, ordinary: dict) -> Sandbox:
    """The sandbox with its ordinary settings. Envelopes and the clock's offset of earlier tests stay."""
    running.clear_faults()
    running.change(**ordinary)
    return running


@pytest.fixture
def early_in_the_hour(sandbox: Sandbox):
    """For tests that count within an hour: none ends while they run. A test asks for this before it asks for a token,
    which an hour makes worthless."""
    _to_just_after_a_full(HOUR, sandbox)


@pytest.fixture
def early_in_the_day(sandbox: Sandbox):
    """The same for days, which are UTC days."""
    _to_just_after_a_full(24 * HOUR, sandbox)


def _to_just_after_a_full(period: int, sandbox: Sandbox):
    sandbox.advance(period - int(sandbox.now()) % period + 60)
