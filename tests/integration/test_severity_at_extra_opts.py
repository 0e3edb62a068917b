# SPDX-License-Identifier: GPL-3.0-or-later
"""--severity changes what a finding means, --extra-opts brings options from an ini file."""

import pytest

from pki import DAY, NOW, authority, issue, rsa_key
from plugin import CRITICAL, OK, UNKNOWN, WARNING, check, has, run

HOST = "www.example.test"
AT = f"--at=@{NOW}"
STATES = {"ok": OK, "warning": WARNING, "critical": CRITICAL, "unknown": UNKNOWN}


# --- --severity --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def troubles(pki, start_module, tmp_path_factory):
    """For each finding a command line on which it, and nothing else, is wrong."""
    start = start_module
    directory = tmp_path_factory.mktemp("files")

    def served(chain, **more):
        server = start.openssl(chain, **more)
        return ["-H", HOST, "-I", "127.0.0.1", "-p", server.port, "-r", pki.root_file, AT, "-w0", "-c0"]

    def silent(connection):
        connection.hello()

    ended = authority("Ended Intermediate", pki.root, not_after=NOW - DAY)
    (directory / "text.pem").write_text("no certificate\n")
    return {
        "expiry": served(pki.chain(not_before=NOW - 92 * DAY, not_after=NOW - 2 * DAY)),
        "not-yet-valid": served(pki.chain(not_before=NOW + DAY, not_after=NOW + 91 * DAY)),
        "chain-expiry": served([pki.leaf(issuer=ended), ended]),
        "weak": served(pki.chain(key=rsa_key(1024)), level=0),
        "hostname": served(pki.chain("other.example.test")),
        "trust": served([issue(HOST)]),
        "unreachable": ["-H", HOST, "-I", "127.0.0.1", "-p", start.refusing().port, AT],
        "handshake": ["-H", HOST, "-I", "127.0.0.1", "-p", start.raw(silent).port, AT],
        "file": ["-f", directory / "text.pem", AT],
    }


FINDINGS = {"expiry": CRITICAL, "not-yet-valid": CRITICAL, "chain-expiry": CRITICAL, "weak": WARNING, "hostname": CRITICAL,
            "trust": CRITICAL, "unreachable": CRITICAL, "handshake": CRITICAL, "file": UNKNOWN}


@pytest.mark.parametrize("finding", FINDINGS)
def test_default(troubles, finding):
    result = check(*troubles[finding])
    assert result.code == FINDINGS[finding]
    assert result.problems() == {finding}


@pytest.mark.parametrize("finding", FINDINGS)
@pytest.mark.parametrize("state", STATES)
def test_severity(troubles, finding, state):
    result = check(*troubles[finding], f"--severity={finding}={state}")
    assert result.code == STATES[state]
    # it is still said
    assert result.findings_of(finding)


@pytest.mark.parametrize("finding", FINDINGS)
def test_ignore(troubles, finding):
    result = check(*troubles[finding], f"--severity={finding}=ignore")
    assert finding not in result.problems()
    if finding in ("unreachable", "handshake", "file"):
        # Nothing was seen, so nothing may be called well.
        assert result.code in (OK, UNKNOWN)
    else:
        assert result.code == OK


@pytest.mark.parametrize("form", [["--severity=hostname=warning,trust=unknown"], ["--severity", "hostname=warning", "--severity", "trust=unknown"],
                                  ["--severity=trust=critical,hostname=warning,trust=unknown"]])
def test_several(start, pki, form):
    server = start.openssl([issue("other.example.test")])
    result = check("-H", HOST, "-I", "127.0.0.1", "-p", server.port, "-r", pki.root_file, AT, "-w0", "-c0", *form)
    assert result.state_of("hostname") == "WARNING" and result.state_of("trust") == "UNKNOWN"
    assert result.code == WARNING


def test_severity_does_not_make_ok_findings_wrong(pki, start):
    server = start.openssl(pki.chain())
    options = [f"--severity={finding}=critical" for finding in FINDINGS]
    assert check("-H", HOST, "-I", "127.0.0.1", "-p", server.port, "-r", pki.root_file, AT, "-w0", "-c0", *options).code == OK


def test_order_of_states(pki, write, tmp_path):
    """Worst first: CRITICAL, WARNING, UNKNOWN, OK."""
    due, fresh, missing = write("due.pem", pki.leaf()), write("fresh.pem", pki.leaf(not_after=NOW + 90 * DAY, not_before=NOW)), tmp_path / "no.pem"
    expired = write("expired.pem", pki.leaf(not_after=NOW - DAY))
    cases = [([fresh], OK), ([fresh, missing], UNKNOWN), ([fresh, missing, due], WARNING), ([missing, due, expired, fresh], CRITICAL)]
    for paths, state in cases:
        result = run(*[option for path in paths for option in ("-f", path)], AT, targets=len(paths))
        assert result.code == state


@pytest.mark.parametrize("bad", ["trust", "trust=", "=ok", "trust=fine", "trusst=ok", "trust=ok,", "trust=ok,,hostname=ok", "trust:ok", "",
                                 "trust=ok hostname=ok", "TRUST", "trust=0", "expiry=ok=critical"])
def test_bad_severity(bad):
    result = run("-f", "x.pem", f"--severity={bad}")
    assert result.code == UNKNOWN
    assert has("severity", result.headline)


def test_bad_severity_says_what_is_accepted():
    text = run("-f", "x.pem", "--severity=trust=fine").stdout
    for word in ("ok", "warning", "critical", "unknown", "ignore"):
        assert word in text
    text = run("-f", "x.pem", "--severity=trusst=ok").stdout
    for word in FINDINGS:
        assert word in text


# --- --extra-opts ------------------------------------------------------------------------------


@pytest.fixture
def due(pki, write):
    return write("due.pem", pki.leaf())


def test_extra_opts(due, write):
    ini = write("plugins.ini", f"""
# a comment
; another
[check_cert_renewal]
file = {due}
at=@{NOW}
warning = 15
critical= 5

[loose]
file={due}
at=@{NOW}
w=40
c=30

[flags]
hostname=127.0.0.1
port=1
selfsigned=
4=

[severe]
severity=expiry=critical
severity=trust=ok
""")
    assert run(f"--extra-opts=@{ini}").code == OK
    assert run(f"--extra-opts=check_cert_renewal@{ini}").code == OK
    assert run(f"--extra-opts=loose@{ini}").code == CRITICAL
    # The command line comes after the file, and so has the last word.
    assert run(f"--extra-opts=@{ini}", "-w", "21").code == WARNING
    assert run("-w", "21", f"--extra-opts=@{ini}").code == WARNING
    assert run("-f", due, AT, f"--extra-opts=severe@{ini}").code == CRITICAL
    assert run(f"--extra-opts=flags@{ini}").code == CRITICAL


def test_extra_opts_default_file(due, write, tmp_path):
    ini = write("monitoring-plugins.ini", f"[check_cert_renewal]\nfile={due}\nat=@{NOW}\nwarning=15\n\n[other]\nfile={due}\nat=@{NOW}\n")
    assert run("--extra-opts", env={"MP_CONFIG_FILE": str(ini)}).code == OK
    assert run("--extra-opts=other", env={"MP_CONFIG_FILE": str(ini)}).code == WARNING
    assert run("--extra-opts", env={"NAGIOS_CONFIG_PATH": f"/nowhere:{tmp_path}"}).code == OK
    assert run("--extra-opts", "-w", "21", env={"MP_CONFIG_FILE": str(ini)}).code == WARNING


@pytest.mark.parametrize("content, section", [(None, ""), ("", ""), ("[other]\nw=1\n", ""), ("[check_cert_renewal\nw=1\n", ""),
                                              ("[check_cert_renewal]\nw=1\n", "missing"), ("w=1\n", ""), ("[check_cert_renewal]\nnonsense=1\n", ""),
                                              ("[check_cert_renewal]\nw=abc\n", ""), ("[check_cert_renewal]\n=1\n", "")])
def test_bad_extra_opts(due, write, tmp_path, content, section):
    path = tmp_path / "missing.ini" if content is None else write("bad.ini", content)
    result = run("-f", due, AT, f"--extra-opts={section}@{path}")
    assert result.code == UNKNOWN, str(result)
    assert len(result.stdout.split("\n")) == 2, "one line"


def test_extra_opts_without_a_section_for_it_keeps_the_rest_of_the_line(due, write):
    ini = write("plugins.ini", "[check_cert_renewal]\nwarning=15\n")
    assert run("-f", due, AT, f"--extra-opts=@{ini}").code == OK
    assert run("-f", due, AT).code == WARNING


def test_extra_opts_hostile_file(due, write):
    for content in (b"\0" * 5000, b"[check_cert_renewal]\n" + b"w=" + b"1" * 100000 + b"\n", b"[" * 100000, b"\xff\xfe[\n=\n]",
                    b"[check_cert_renewal]\nextra-opts=@/proc/self/cmdline\n"):
        result = run("-f", due, AT, f"--extra-opts=@{write('hostile.ini', content)}")
        assert result.code in (OK, UNKNOWN, WARNING)
