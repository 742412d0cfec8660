"""A running `countersign-gateway dev`, and the clients that are generated from the gateway's document."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
DOCUMENT = ROOT / "crates/gateway/openapi.json"
STORIES = HERE / "gateway"
WORK = ROOT / "target/clients"


class Gateway:
    """`dev` on a free port. It plays the vendors, and ends with the test."""

    def __init__(self):
        program = Path(os.environ.get("COUNTERSIGN_GATEWAY", ROOT / "target/debug/countersign-gateway"))
        command = [program, "dev", "--port", "0"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        printed = ""
        while "/v1/events" not in printed:
            line = self._process.stdout.readline()
            assert line, f"the gateway did not start: {printed}"
            printed += line
        self.url = re.search(r"^GATEWAY=(\S+)", printed, re.M).group(1)
        self.key = re.search(r"Bearer ([^']+)'", printed).group(1)
        self.sandbox = re.search(r"(http://\S+)/console", printed).group(1)
        # As `account:id`: of an open envelope and of a locked one.
        self.envelope = re.search(r"/v1/envelopes/(\w+:[^/]+)/recipients", printed).group(1)
        self.locked = re.search(r"/v1/envelopes/(\w+:[^/]+)/unlocks", printed).group(1)

    def close(self):
        self._process.terminate()
        self._process.wait(30)
        self._process.stdout.close()


def run(*command, folder: Path = ROOT, seconds: int = 120, **variables: str) -> str:
    """What a program prints; fails with all that it says."""
    command = [str(part) for part in command]
    assert shutil.which(command[0]), f"{command[0]} is not installed"
    environment = {**os.environ, **variables}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=seconds)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def python_client() -> Path:
    """Generates the package `gateway_client`; returns the folder with it and its story."""
    folder = WORK / "python"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    generator = Path(sys.executable).with_name("openapi-python-client")
    output = folder / "gateway_client"
    said = run(generator, "generate", "--path", DOCUMENT, "--output-path", output, "--meta", "none")
    for warning in ("WARNING", "ERROR", "Unable to"):
        assert warning not in said, said
    shutil.copy(STORIES / "story.py", folder)
    return folder


def typescript_client() -> Path:
    """Generates the types, and compiles the story and the example with them; returns the folder of the programs."""
    folder = WORK / "typescript"
    folder.mkdir(parents=True, exist_ok=True)
    lock = STORIES / "package-lock.json"
    installed = folder / "node_modules/installed.json"
    if not installed.exists() or installed.read_bytes() != lock.read_bytes():
        for file in (lock, STORIES / "package.json"):
            shutil.copy(file, folder)
        run("npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", folder=folder)
        # Last, so that a broken installation is never taken for a finished one.
        shutil.copy(lock, installed)
    stories = (STORIES / name for name in ("tsconfig.json", "story.ts", "events.ts"))
    for file in (*stories, ROOT / "examples/gateway/unlock.mts"):
        shutil.copy(file, folder)
    programs = folder / "node_modules/.bin"
    run(programs / "openapi-typescript", DOCUMENT, "-o", folder / "gateway.d.ts", folder=folder)
    run(programs / "tsc", folder=folder)
    return folder / "out"
