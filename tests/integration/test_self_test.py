# SPDX-License-Identifier: GPL-3.0-or-later
"""--self-test: what the installation has for the user that runs it, and the command that repairs it."""

import os
import pathlib
import shlex
import shutil
import stat
import subprocess
import tempfile

import pytest

import namespace
from plugin import CRITICAL, OK, UNKNOWN, WARNING, execute, has, path, run

CHECKS = {"plugin", "user", "OpenSSL", "libuv", "jansson", "SQLite", "libidn2", "trust", "resolver", "state-path",
          "history", "ini-file", "clock", "language"}
USER = "nobody"


def self_test(*options, env=None, prefix=(), program=None):
    """The result, with a dictionary of (state, text) by check."""
    result = run("--self-test", *options, env={"LC_ALL": "C", **(env or {})},
                 prefix=[*prefix, *(["env", "--", program] if program else [])])
    result.checks = {}
    for finding in result.findings:
        name, _, text = finding.text.partition(": ")
        assert name not in result.checks
        result.checks[name] = (finding.state, text)
    assert set(result.checks) == CHECKS, str(result)
    states = [state for state, _ in result.checks.values()]
    order = ["CRITICAL", "WARNING", "OK"]
    assert states == sorted(states, key=order.index), "problems come first"
    assert result.state == states[0]
    assert set(result.perfdata) == {"time"}
    return result


@pytest.fixture
def open_directory():
    """A directory that every user can reach, which tmp_path is not."""
    directory = pathlib.Path(tempfile.mkdtemp(dir="/var/tmp"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def state(open_directory):
    """Options and environment under which all is well with the history."""
    directory = open_directory / "state"
    directory.mkdir()
    return {"MP_STATE_PATH": str(directory)}


@pytest.fixture
def installed(open_directory):
    """The plugin where a package would have put it."""
    directory = open_directory / "plugins"
    directory.mkdir()
    return pathlib.Path(shutil.copy(path(), directory / "check_cert_renewal"))


def as_user(user=USER):
    """A command prefix that makes root another user."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    return ["setpriv", f"--reuid={user}", "--regid=nogroup", "--clear-groups"]


def repair(text):
    """Runs the command that the text recommends, without sudo: root needs none."""
    assert os.geteuid() == 0
    subprocess.run(["sh", "-e", "-c", text.split("; repair: ")[1].replace("sudo ", "")], check=True)


def run_installed(installed, *options, env, prefix=()):
    os.environ["CHECK_CERT_RENEWAL"], before = str(installed), path()
    try:
        return self_test(*options, env=env, prefix=prefix)
    finally:
        os.environ["CHECK_CERT_RENEWAL"] = before


def test_all_is_well(installed, state):
    result = run_installed(installed, env=state)
    assert result.code == OK, str(result)
    assert has(r"^self-test passed: version \d+\.\d+\.\d+", result.headline)
    assert str(installed) in result.checks["plugin"][1]
    for library in ("OpenSSL", "libuv", "jansson", "SQLite", "libidn2"):
        assert has(r"^version \d[\w.]+, built with \d", result.checks[library][1]), library
    assert has(r"[1-9]\d* (hashed entries|certificates)", result.checks["trust"][1])
    assert state["MP_STATE_PATH"] in result.checks["state-path"][1]
    assert not os.listdir(state["MP_STATE_PATH"]), "a test changes nothing"


def test_no_history_directory_and_its_repair(installed, open_directory):
    missing = open_directory / "it's gone" / "state"
    env = {"MP_STATE_PATH": str(missing)}
    prefix = as_user()
    result = run_installed(installed, env=env, prefix=prefix)
    assert result.code == WARNING
    state, text = result.checks["history"]
    assert state == "WARNING" and has("no directory", text) and str(missing) in text
    assert text in result.headline
    assert shlex.split(text.split("repair: ")[1])[:7] == ["sudo", "install", "-d", "-m", "0700", "-o", USER]
    repair(text)
    result = run_installed(installed, env=env, prefix=prefix)
    assert result.checks["history"][0] == "OK" and USER in result.checks["history"][1]
    # And it is so: a check writes there. Nothing needs to answer for the history to be opened.
    execute("-H", "localhost", "-I", "127.0.0.1", "-p", "1", "--history", env=env, prefix=prefix)
    assert (missing / "check_cert_renewal" / "history.db").exists()
    result = run_installed(installed, env=env, prefix=prefix)
    assert has(rf"user {USER} can write .*history\.db", result.checks["history"][1])


def test_history_directory_of_another_user(installed, state):
    directory = pathlib.Path(state["MP_STATE_PATH"]) / "check_cert_renewal"
    directory.mkdir()
    prefix = as_user()
    result = run_installed(installed, env=state, prefix=prefix)
    assert result.checks["history"][0] == "WARNING"
    assert has(rf"user {USER} cannot write directory", result.checks["history"][1])
    repair(result.checks["history"][1])
    assert stat.S_IMODE(directory.stat().st_mode) & 0o700 == 0o700
    assert run_installed(installed, env=state, prefix=prefix).code == OK


def test_history_file_of_another_user(installed, state):
    directory = pathlib.Path(state["MP_STATE_PATH"]) / "check_cert_renewal"
    directory.mkdir()
    (directory / "history.db").touch(0o600)
    prefix = as_user()
    shutil.chown(directory, USER)
    result = run_installed(installed, env=state, prefix=prefix)
    assert has(rf"user {USER} cannot read and write .*history\.db", result.checks["history"][1])
    repair(result.checks["history"][1])
    assert run_installed(installed, env=state, prefix=prefix).code == OK


def test_history_behind_a_closed_directory(installed, state):
    closed = pathlib.Path(state["MP_STATE_PATH"])
    (closed / "check_cert_renewal").mkdir()
    prefix = as_user()
    shutil.chown(closed / "check_cert_renewal", USER)
    closed.chmod(0o700)
    result = run_installed(installed, env=state, prefix=prefix)
    assert has("closed to other users", result.checks["history"][1])
    repair(result.checks["history"][1])
    assert run_installed(installed, env=state, prefix=prefix).code == OK


def test_history_file_that_is_named(tmp_path):
    result = self_test(f"--history={tmp_path}/own.db")
    assert result.checks["history"][0] == "OK" and f"{tmp_path}/own.db" in result.checks["history"][1]
    assert not (tmp_path / "own.db").exists()
    other = tmp_path / "other.db"
    other.write_text("no history at all, but a long text" * 100)
    state, text = self_test(f"--history={other}").checks["history"]
    assert state == "WARNING" and has("not a history file", text)
    state, text = self_test(f"--history={tmp_path}").checks["history"]
    assert state == "WARNING" and has("not a file", text)
    state, text = self_test(f"--history={tmp_path}/none/own.db").checks["history"]
    assert state == "WARNING" and has("no directory", text)


def test_a_shared_directory_is_not_given_away(installed, open_directory):
    prefix = as_user()
    result = run_installed(installed, f"--history={open_directory}/own.db", env={}, prefix=prefix)
    text = result.checks["history"][1]
    assert has("cannot write directory", text) and "chown" not in text
    assert f"--history={open_directory}/check_cert_renewal/history.db" in text


@pytest.mark.parametrize("place", ["plugins", "check_cert_renewal"])
def test_plugin_that_other_users_cannot_run(installed, state, place):
    if os.geteuid() != 0:
        pytest.skip("who is not root proves by running it that it can be run")
    closed = installed.parent if place == "plugins" else installed
    closed.chmod(0o700)
    result = run_installed(installed, env=state)
    assert result.code == WARNING
    assert has(f"other users cannot run it, since {closed} is closed", result.checks["plugin"][1])
    repair(result.checks["plugin"][1])
    result = run_installed(installed, env=state)
    assert result.code == OK
    assert run_installed(installed, env=state, prefix=as_user()).checks["user"] == ("OK", f"run as user {USER}")


def test_plugin_that_anybody_can_replace(installed, state):
    installed.parent.chmod(0o777)
    result = run_installed(installed, env=state)
    assert has(f"could replace it, since all may write {installed.parent}", result.checks["plugin"][1])
    installed.parent.chmod(0o755)
    assert run_installed(installed, env=state).code == OK


def test_root_is_told_to_repeat_it_as_the_right_user(installed, state):
    if os.geteuid() != 0:
        pytest.skip("not root")
    assert f"sudo -u nagios {installed} --self-test" in run_installed(installed, env=state).checks["user"][1]


def test_no_trust_anchors(tmp_path, installed, state):
    if reason := namespace.missing():
        pytest.skip(reason)
    user = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    hide = 'for d in /etc/ssl /etc/pki; do test ! -d $d || mount -t tmpfs none $d; done; exec "$@"'
    prefix = ["unshare", *user, "--mount", "sh", "-e", "-c", hide, "sh"]
    env = {**state, "SSL_CERT_DIR": str(tmp_path), "SSL_CERT_FILE": str(tmp_path / "none.pem")}
    result = run_installed(installed, env=env, prefix=prefix)
    assert result.code == CRITICAL
    assert has("^none: no hashed entries in directory", result.checks["trust"][1])
    assert has("ca-certificates", result.headline)


def test_trust_anchors_of_the_environment(pki, tmp_path, installed, state):
    env = {**state, "SSL_CERT_DIR": str(tmp_path), "SSL_CERT_FILE": pki.root_file}
    result = run_installed(installed, env=env)
    assert result.checks["trust"][0] == "OK"
    assert has("openssl rehash", result.checks["trust"][1])
    assert f"1 certificates in bundle {pki.root_file}" in result.checks["trust"][1]
    (tmp_path / "0123abcd.0").write_text(pki.root.pem)
    assert f"1 hashed entries in directory {tmp_path};" in run_installed(installed, env=env).checks["trust"][1]


def test_trust_anchors_that_are_named(pki, tmp_path):
    assert self_test("-r", pki.root_file).checks["trust"] == ("OK", f"-r {pki.root_file} can be used")
    result = self_test("-r", tmp_path / "none.pem")
    assert result.code == CRITICAL and has("none.pem cannot be used: No such file", result.headline)


def test_no_localhost(private, installed, state):
    # Not so where systemd answers for localhost, whatever the hosts file says.
    result = run_installed(installed, env=state, prefix=private(hosts="192.0.2.1 elsewhere\n", dns="nxdomain"))
    assert result.code == WARNING
    assert has("localhost is not found: .*; repair: .*/etc/hosts", result.checks["resolver"][1])


def test_ini_file(tmp_path):
    ini = tmp_path / "plugins.ini"
    state, text = self_test(env={"MP_CONFIG_FILE": str(ini)}).checks["ini-file"]
    assert state == "WARNING" and f"{ini}, named by MP_CONFIG_FILE, cannot be read: No such file" in text
    ini.write_text("[check_cert_renewal]\nself-test=\n")
    state, text = self_test(env={"MP_CONFIG_FILE": str(ini)}).checks["ini-file"]
    assert state == "OK" and f"{ini}, named by MP_CONFIG_FILE, can be read" in text
    assert self_test(env={"NAGIOS_CONFIG_PATH": f"/none:{tmp_path}"}).checks["ini-file"] == ("OK", f"{ini} can be read")
    # The library behind --extra-opts takes the same file.
    assert "self-test" in execute("--extra-opts", env={"NAGIOS_CONFIG_PATH": f"/none:{tmp_path}"}).stdout


@pytest.mark.parametrize("time, told", [("1970-01-02", "CRITICAL"), ("2106-01-01", "CRITICAL"), ("2027-01-01", "OK")])
def test_clock(time, told):
    assert self_test(f"--at={time}").checks["clock"][0] == told


@pytest.mark.parametrize("options, said", [
    (["-H", "www.example.test"], "leave out -H and -f"),
    (["-f", "x.pem"], "leave out -H and -f"),
    (["--output-format=json"], "text output only"),
])
def test_what_does_not_go_together(options, said):
    result = run("--self-test", *options)
    assert result.code == UNKNOWN and said in result.headline


def test_a_hostile_environment_is_cleaned(tmp_path):
    result = self_test(env={"MP_STATE_PATH": "/tmp/\x1b[31m|x=1\n\\_[OK] - y", "MP_CONFIG_FILE": "/a\nb"})
    assert result.code == WARNING
