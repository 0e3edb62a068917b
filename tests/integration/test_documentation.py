# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual page and the completion are made from the table of options, as --help is: each has every option."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

PROGRAM = pathlib.Path(os.environ["CHECK_CERT_RENEWAL"]).resolve()
BUILD = PROGRAM.parent.parent
SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent


def generated(name):
    """A generated file: of this build, or as the tarball brought it."""
    for top in (BUILD, SOURCE):
        if (top / name).exists():
            return (top / name).read_text()
    pytest.fail(f"{name} has not been generated")


@pytest.fixture(scope="module")
def options():
    result = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True)
    assert result.returncode == 3
    found = set(re.findall(r"(?m)^ +(?:-\w, )?(--[A-Za-z0-9-]+)", result.stdout))
    assert {"--hostname", "--use-ipv4", "--severity", "--help"} <= found
    return found


def test_manual_has_every_option(options):
    page = generated("man/check_cert_renewal.8")
    assert not re.search(r"@[A-Z]+@", page), "a placeholder is left"
    found = {name.replace("\\-", "-") for name in re.findall(r"\\fB(\\-\\-[A-Za-z0-9\\-]+)\\fR", page)}
    assert options <= found


def complete(*words):
    """What bash offers for the last word; the words are those that readline would make."""
    script = generated("completion/check_cert_renewal") + """
        compopt() { :; } # only works inside of a completion
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        _check_cert_renewal
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    done = subprocess.run([bash, "-c", script, "bash", "check_cert_renewal", *words],
                          capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


def test_completion_has_every_option(options):
    assert set(complete("--")) == options


@pytest.mark.parametrize("words, offered", [
    (["--out"], ["--output-format"]),
    (["--output-format", "=", "j"], ["json"]),
    (["--output-format", "te"], ["text"]),
    (["--client", "="], ["caddy", "cert-manager"]),
    (["--severity", "ex"], ["expiry="]),
    (["--severity", "=", "expiry", "="], ["ok", "warning", "critical", "unknown", "ignore"]),
    (["--severity", "=", "expiry", "=", "w"], ["warning"]),
    (["-P", "ht"], ["https"]),
    (["-H", "example.test", "--ti"], ["--timeout"]),
])
def test_completion(words, offered):
    assert set(offered) <= set(complete(*words))


def test_completion_of_files(tmp_path):
    (tmp_path / "leaf.pem").touch()
    assert complete("-f", f"{tmp_path}/le") == [f"{tmp_path}/leaf.pem"]
