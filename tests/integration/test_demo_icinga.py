# SPDX-License-Identifier: GPL-3.0-or-later
"""make demo-icinga: the whole story, and nothing left behind, also where it is interrupted."""

import os
import pathlib
import re
import signal
import subprocess

import pytest

import icinga2
import plugin

DEMO = icinga2.SOURCE / "tools/demo-icinga"


def environment(directory, **changes):
    contrib = " ".join(str(top / icinga2.SHIPPED) for top in (icinga2.SOURCE, icinga2.BUILD))
    return plugin.environment({"CONTRIB_ICINGA2": contrib, "TMPDIR": str(directory), **changes})


def mentioned(directory):
    """Processes that have to do with the directory."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:  # it has ended
            continue
        if os.fsencode(directory) in words:
            found.append(words)
    return found


@pytest.fixture
def directory(tmp_path):
    """The demo's place for temporary files: empty at the end, and without a process of it."""
    if icinga2.missing():
        pytest.skip(icinga2.missing())
    directory = tmp_path / "temporary"
    directory.mkdir()
    yield directory
    assert icinga2.poll(lambda: not mentioned(directory)), mentioned(directory)
    assert list(directory.iterdir()) == []


def test_story(directory):
    done = subprocess.run(["sh", DEMO], env=environment(directory), stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    events = re.findall(r"(?m)^ +\d+ s  (check +CERT_RENEWAL \w+|mail to [^ ]+: [A-Z]+ [A-Z]+)", done.stdout)
    checks = [event.split()[-1] for event in events if event.startswith("check")]
    assert checks == ["OK", "WARNING", "CRITICAL", "OK"], done.stdout
    webmaster, lead, oncall = (
        [event.split(": ")[1] for event in events if event.startswith(f"mail to {user}@")]
        for user in ("webmaster", "lead", "oncall"))
    assert webmaster == ["PROBLEM WARNING", "RECOVERY OK"]
    assert lead[0] == "PROBLEM WARNING" and lead[-1] == "RECOVERY OK"
    assert oncall == ["PROBLEM CRITICAL", "RECOVERY OK"]


def test_interrupted(directory):
    """As ctrl-C does it: everything in the foreground gets the signal."""
    process = subprocess.Popen(["sh", DEMO], env=environment(directory), stdin=subprocess.DEVNULL, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    with process:
        seen = ""
        for line in process.stdout:
            seen += line
            if "CERT_RENEWAL OK" in line:
                break
        assert mentioned(directory), seen
        os.killpg(process.pid, signal.SIGINT)
        process.stdout.read()
        assert process.wait(60) == 1, seen


def test_without_icinga(tmp_path):
    done = subprocess.run(["sh", DEMO], env=environment(tmp_path, ICINGA2="/nonexistent/icinga2"),
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "./bootstrap --tests" in done.stderr and "icinga2-bin" in done.stderr
    assert done.stdout == "" and list(tmp_path.iterdir()) == []
