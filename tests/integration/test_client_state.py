# SPDX-License-Identifier: GPL-3.0-or-later
"""--client-state: what renewal clients left on this host, and the cause that follows. The trees are as
each client leaves them; certbot's own are made by certbot in test_acme_end_to_end.py."""

import base64
import datetime
import json
import os

import pytest

from pki import DAY, HOUR, NOW, date
from plugin import CRITICAL, OK, UNKNOWN, WARNING, check, has, run

HOST = "www.example.test"


def utc(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)


def aged(path, when):
    os.utime(path, (when, when))
    return path


# --- The clients' trees ------------------------------------------------------------------------


class Certbot:
    """/etc/letsencrypt and the log directory beside it (certbot 2.1)."""

    name = "certbot"

    def __init__(self, directory, host=HOST):
        self.directory, self.host = directory / "letsencrypt", host
        self.logs = directory / "logs"
        self.count = 0
        for part in ("renewal", f"live/{host}", f"archive/{host}"):
            (self.directory / part).mkdir(parents=True)
        self.logs.mkdir()
        self.path = self.directory

    def keep(self, leaf, issuer, when):
        self.count += 1
        content = {"cert": leaf.pem, "chain": issuer.pem, "fullchain": leaf.pem + issuer.pem, "privkey": leaf.key_pem}
        live = self.directory / "live" / self.host
        for kind, text in content.items():
            archived = self.directory / "archive" / self.host / f"{kind}{self.count}.pem"
            archived.write_text(text)
            aged(archived, when)
            (live / f"{kind}.pem").unlink(missing_ok=True)
            (live / f"{kind}.pem").symlink_to(f"../../archive/{self.host}/{archived.name}")
        lines = ["# renew_before_expiry = 30 days", "version = 2.1.0",
                 f"archive_dir = {self.directory}/archive/{self.host}"]
        lines += [f"{kind} = {live}/{kind}.pem" for kind in content]
        lines += ["", "# Options used in the renewal process", "[renewalparams]",
                  "account = 0aadc5fc6d672063ed8ef58a7dd49534", f"config_dir = {self.directory}",
                  f"logs_dir = {self.logs}", "authenticator = webroot", "key_type = ecdsa", "[[webroot_map]]",
                  f"{self.host} = /var/www"]
        conf = self.directory / "renewal" / f"{self.host}.conf"
        conf.write_text("\n".join(lines) + "\n")
        aged(conf, when)

    def _log(self, when, *entries):
        stamp = f"{utc(when):%Y-%m-%d %H:%M:%S},342"
        lines = [f"{stamp}:DEBUG:certbot._internal.main:certbot version: 2.1.0",
                 f"{stamp}:DEBUG:certbot._internal.main:Arguments: ['-q']",
                 *[f"{stamp}:{entry}" for entry in entries]]
        aged(self._next_log(), when).write_text("\n".join(lines) + "\n")
        aged(self.logs / "letsencrypt.log", when)

    def _next_log(self):
        current = self.logs / "letsencrypt.log"
        if current.exists():
            number = len(list(self.logs.glob("letsencrypt.log.*"))) + 1
            current.rename(self.logs / f"letsencrypt.log.{number}")
        current.touch()
        return current

    def ran(self, when):
        """A run of the timer that had nothing to do."""
        self._log(when, "DEBUG:certbot._internal.renewal:no renewal failures",
                  f"INFO:certbot._internal.renewal:Certificate not yet due for renewal")

    def failed(self, when, reason):
        full = f"{self.directory}/live/{self.host}/fullchain.pem"
        self._log(when, f"ERROR:certbot._internal.renewal:Failed to renew certificate {self.host} with error: {reason}",
                  "DEBUG:certbot._internal.renewal:Traceback was:\nTraceback (most recent call last):\n  File \"x.py\"",
                  "DEBUG:certbot._internal.display.obj:Notifying user: \n- - - -",
                  "ERROR:certbot._internal.renewal:All renewals failed. The following certificates could not be renewed:",
                  f"ERROR:certbot._internal.renewal:  {full} (failure)",
                  "ERROR:certbot._internal.log:1 renew failure(s), 0 parse failure(s)")


class AcmeSh:
    """~/.acme.sh, ECC as is the default since 3.0.6."""

    name = "acme.sh"

    def __init__(self, directory, host=HOST):
        self.host = host
        self.path = directory / ".acme.sh"
        self.own = self.path / f"{host}_ecc"
        self.own.mkdir(parents=True)
        (self.path / "account.conf").write_text("AUTO_UPGRADE='0'\n")

    def keep(self, leaf, issuer, when):
        for suffix, text in ((".cer", leaf.pem), (".key", leaf.key_pem)):
            (self.own / f"{self.host}{suffix}").write_text(text)
            aged(self.own / f"{self.host}{suffix}", when)
        (self.own / "fullchain.cer").write_text(leaf.pem + issuer.pem)
        (self.own / "ca.cer").write_text(issuer.pem)
        for name in ("fullchain.cer", "ca.cer"):
            aged(self.own / name, when)
        self.next(when, leaf.not_before + 59 * DAY)

    def next(self, when, due):
        conf = self.own / f"{self.host}.conf"
        conf.write_text("\n".join([
            f"Le_Domain='{self.host}'", "Le_Alt='no'", "Le_Webroot='/var/www'", "Le_Keylength='ec-256'",
            f"Le_CertCreateTime='{when}'", f"Le_CertCreateTimeStr='{utc(when):%Y-%m-%dT%H:%M:%SZ}'",
            f"Le_NextRenewTimeStr='{utc(due):%Y-%m-%dT%H:%M:%SZ}'", f"Le_NextRenewTime='{due}'"]) + "\n")
        aged(conf, when)

    def failed(self, when, reason):
        """What its log has where logging is on."""
        stamp = f"[{utc(when):%a %b %e %H:%M:%S UTC %Y}]"
        log = self.path / "acme.sh.log"
        log.write_text("\n".join(f"{stamp} {line}" for line in [
            "===Starting cron===", f"Renewing: '{self.host}'", "Renewing using Le_API=https://acme.example.test/directory",
            f"{self.host}: Invalid status. {reason}", f"Error, can not get domain token entry {self.host}: {reason}",
            "Please add '--debug' or '--log' to see more information.", f"Error renewing {self.host}_ecc.",
            "===End cron==="]) + "\n")
        aged(log, when)


class Lego:
    """.lego"""

    name = "lego"

    def __init__(self, directory, host=HOST):
        self.host = host
        self.path = directory / ".lego"
        (self.path / "certificates").mkdir(parents=True)
        (self.path / "accounts" / "acme-v02.api.letsencrypt.org").mkdir(parents=True)

    def keep(self, leaf, issuer, when):
        certificates = self.path / "certificates"
        meta = {"domain": self.host, "certUrl": "https://ca.example/cert/1", "certStableUrl": "https://ca.example/cert/1"}
        for suffix, text in (("crt", leaf.pem + issuer.pem), ("issuer.crt", issuer.pem), ("key", leaf.key_pem),
                             ("json", json.dumps(meta, indent="\t"))):
            (certificates / f"{self.host}.{suffix}").write_text(text)
            aged(certificates / f"{self.host}.{suffix}", when)


class Caddy:
    """~/.local/share/caddy"""

    name = "caddy"

    def __init__(self, directory, host=HOST):
        self.host = host
        self.path = directory / "caddy"
        self.own = self.path / "certificates" / "acme-v02.api.letsencrypt.org-directory" / host
        self.own.mkdir(parents=True)

    def keep(self, leaf, issuer, when):
        meta = {"sans": [self.host], "issuer_data": {"url": "https://ca.example/cert/1"}}
        for suffix, text in (("crt", leaf.pem + issuer.pem), ("key", leaf.key_pem), ("json", json.dumps(meta))):
            (self.own / f"{self.host}.{suffix}").write_text(text)
            aged(self.own / f"{self.host}.{suffix}", when)


class Dehydrated:
    """/var/lib/dehydrated"""

    name = "dehydrated"

    def __init__(self, directory, host=HOST):
        self.path = directory / "dehydrated"
        self.own = self.path / "certs" / host
        self.own.mkdir(parents=True)
        (self.path / "accounts").mkdir()

    def keep(self, leaf, issuer, when):
        content = {"cert": leaf.pem, "chain": issuer.pem, "fullchain": leaf.pem + issuer.pem, "privkey": leaf.key_pem}
        for kind, text in content.items():
            dated = self.own / f"{kind}-{when}.pem"
            dated.write_text(text)
            aged(dated, when)
            (self.own / f"{kind}.pem").unlink(missing_ok=True)
            (self.own / f"{kind}.pem").symlink_to(dated.name)
        self.asked(when)

    def asked(self, when):
        """Each attempt leaves its request, whatever comes of it."""
        (self.own / f"cert-{when}.csr").write_text("-----BEGIN CERTIFICATE REQUEST-----\n")
        aged(self.own / f"cert-{when}.csr", when)


class Traefik:
    """acme.json: everything in one file."""

    name = "traefik"

    def __init__(self, directory, host=HOST):
        self.host = host
        self.path = directory / "acme.json"

    def keep(self, leaf, issuer, when):
        def encoded(text):
            return base64.b64encode(text.encode()).decode()

        certificates = [{"domain": {"main": self.host}, "certificate": encoded(leaf.pem + issuer.pem),
                         "key": encoded(leaf.key_pem), "Store": "default"}]
        self.path.write_text(json.dumps({"letsencrypt": {"Account": {"Email": "a@example.test"},
                                                         "Certificates": certificates}}, indent=2))
        aged(self.path, when)


class Certmonger:
    """/var/lib/certmonger, and the certificate where it was asked for."""

    name = "certmonger"

    def __init__(self, directory, host=HOST):
        self.host = host
        self.path = directory / "certmonger"
        self.own = directory / "tls"
        (self.path / "requests").mkdir(parents=True)
        self.own.mkdir()

    def keep(self, leaf, issuer, when):
        (self.own / "cert.pem").write_text(leaf.pem + issuer.pem)
        (self.own / "key.pem").write_text(leaf.key_pem)
        aged(self.own / "cert.pem", when)
        self.request(when, when, "MONITORING")

    def request(self, submitted, now, state, error=None):
        lines = ["id=20260915120000", "key_storage_type=FILE", f"key_storage_location={self.own}/key.pem",
                 "cert_storage_type=FILE", f"cert_storage_location={self.own}/cert.pem", f"template_subject=CN={self.host}",
                 f"state={state}", "autorenew=1", "monitor=1", f"submitted={utc(submitted):%Y%m%d%H%M%S}"]
        lines += [f"ca_error={error}"] if error else []
        path = self.path / "requests" / "20260915120000"
        path.write_text("\n".join(lines) + "\n")
        aged(path, now)


CLIENTS = [Certbot, AcmeSh, Lego, Caddy, Dehydrated, Traefik, Certmonger]
each_client = pytest.mark.parametrize("kind", CLIENTS, ids=[kind.name for kind in CLIENTS])


# --- The checks --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def old(pki):
    """20 of 90 days are left: renewal was due ten days ago."""
    return pki.leaf()


@pytest.fixture(scope="module")
def new(pki):
    return pki.leaf(not_before=NOW - 5 * DAY, not_after=NOW + 85 * DAY)


@pytest.fixture(scope="module")
def old_port(pki, old, start_module):
    return start_module.python([old, pki.intermediate]).port


@pytest.fixture(scope="module")
def new_port(pki, new, start_module):
    return start_module.python([new, pki.intermediate]).port


@pytest.fixture
def ask(pki):
    """ask(path, port, ...): the check with that client's state."""

    def ask(path, port, *options, at=NOW, host=HOST, **more):
        return check("-H", host, "-I", "127.0.0.1", "-p", port, "-r", pki.root_file, f"--at=@{at}",
                     f"--client-state={path}", *options, **more)

    return ask


def first(result):
    """The cause, which has to be the first thing that is said: in the headline, the text and JSON."""
    finding = result.target["findings"][0]
    assert finding["id"] == "cause", result.stdout
    assert result.findings[0].text.startswith("cause: "), result.stdout
    assert finding["text"] in result.headline, result.stdout
    assert len(result.findings_of("cause")) == 1
    return finding["text"]


def cause(result):
    """The cause, wherever it is said."""
    (finding,) = result.findings_of("cause")
    return finding["text"]


def never_shown(leaf, result):
    for line in leaf.key_pem.splitlines()[1:-1]:
        assert line not in result.stdout and line not in str(result.json)


# --- Each client -------------------------------------------------------------------------------


@each_client
def test_healthy(pki, tmp_path, ask, new, new_port, kind):
    client = kind(tmp_path)
    client.keep(new, pki.intermediate, NOW - 5 * DAY)
    result = ask(client.path, new_port)
    assert result.code == OK, result.stdout
    assert result.problems() == set()
    assert has(rf"{kind.name} is well", cause(result))
    assert result.target["client_state"]["client"] == kind.name
    assert result.target["client_state"]["problem"] is None
    never_shown(new, result)


@each_client
def test_renewed_but_not_deployed(pki, tmp_path, ask, old, new, old_port, kind):
    client = kind(tmp_path)
    client.keep(old, pki.intermediate, NOW - 70 * DAY)
    client.keep(new, pki.intermediate, NOW - 5 * DAY)
    result = ask(client.path, old_port)
    assert result.code == WARNING, result.stdout
    assert has(rf"{kind.name} has renewed, but the new certificate is not served: reload", first(result))
    never_shown(new, result)


@pytest.mark.parametrize("grace, seconds", [((), HOUR), (("--reload-grace=1d",), DAY)])
def test_not_deployed_long_before_the_limits(pki, tmp_path, start, ask, grace, seconds):
    """Renewed with 31 days left: known after the grace, not days later when a limit alerts."""
    at = NOW - 20 * DAY
    leaf = pki.leaf(not_before=at - 59 * DAY, not_after=at + 31 * DAY)
    client = Certbot(tmp_path)
    # Dated back by an hour, as Let's Encrypt does.
    client.keep(pki.leaf(not_before=at - HOUR, not_after=at - HOUR + 90 * DAY), pki.intermediate, at)
    port = start.python([leaf, pki.intermediate]).port
    for waited, code in ((0, OK), (seconds, OK), (seconds + 1, WARNING)):
        result = ask(client.path, port, *grace, at=at + waited)
        assert result.code == code, result.stdout
        assert has("certbot has renewed, but", cause(result))


@each_client
def test_not_attempted(pki, tmp_path, ask, old, old_port, kind):
    """Overdue, and since then nothing has happened: the timer does not run."""
    client = kind(tmp_path)
    client.keep(old, pki.intermediate, NOW - 70 * DAY)
    result = ask(client.path, old_port)
    assert result.code == WARNING, result.stdout
    assert has(rf"renewal is not attempted: {kind.name} .*timer", first(result))
    assert result.problems() == {"cause", "expiry"}


@each_client
def test_no_certificate_for_the_name(pki, tmp_path, ask, new, new_port, kind):
    client = kind(tmp_path, "other.example.test")
    client.keep(pki.leaf("other.example.test"), pki.intermediate, NOW - 5 * DAY)
    result = ask(client.path, new_port)
    assert result.code == UNKNOWN, result.stdout
    assert has(rf"{kind.name} keeps no certificate for this name", first(result))


@each_client
def test_wildcard_covers_the_name(pki, tmp_path, ask, new, new_port, kind):
    """The certificate says whom it is for, not the client's name for it."""
    client = kind(tmp_path, "example.test")
    client.keep(pki.leaf("*.example.test", not_before=new.not_before, not_after=new.not_after), pki.intermediate,
                NOW - 5 * DAY)
    result = ask(client.path, new_port)
    assert result.code == OK, result.stdout
    assert has("is well", cause(result))


# --- certbot -----------------------------------------------------------------------------------

REASON = "Some challenges have failed."


@pytest.fixture
def certbot(tmp_path, pki, old):
    client = Certbot(tmp_path)
    client.keep(old, pki.intermediate, NOW - 70 * DAY)
    return client


def test_failed_with_the_reason(certbot, ask, old_port):
    certbot.failed(NOW - 6 * HOUR, "HTTPSConnectionPool(host='acme.example.test', port=443): Connection refused")
    result = ask(certbot.path, old_port)
    assert result.code == WARNING
    text = first(result)
    assert has(rf"renewal fails: certbot tried on {date(NOW - 6 * HOUR)}.* and failed: .*Connection refused", text)
    state = result.target["client_state"]
    assert state["last_failed"] is True and has("Connection refused", state["reason"])


def test_hostile_reason(certbot, ask, old_port):
    """A log is outside material too."""
    certbot.failed(NOW - 6 * HOUR, "a|b=1 \x1b[2J\u202e" + "x" * 5000)
    assert has("renewal fails", first(ask(certbot.path, old_port)))


def test_failure_is_critical_where_the_time_is(certbot, ask, old, old_port):
    at = old.not_after - 5 * DAY
    certbot.failed(at - HOUR, REASON)
    result = ask(certbot.path, old_port, at=at)
    assert result.code == CRITICAL
    assert has("renewal fails", first(result))
    assert result.problems() == {"cause", "expiry"}


@pytest.mark.parametrize("left, code", [(29 * DAY + 1, OK), (29 * DAY - 1, WARNING)])
def test_failure_is_a_problem_once_renewal_is_late(certbot, ask, old, old_port, left, code):
    """Before it is due by more than a day, there are tries left; after that it is known days before the limit."""
    at = old.not_after - left
    certbot.failed(at - HOUR, REASON)
    result = ask(certbot.path, old_port, at=at)
    assert result.code == code, result.stdout
    assert has("renewal fails", cause(result))


def test_timer_that_runs_but_does_not_try(certbot, ask, old_port):
    """Its runs leave a log each: the client works, but for this certificate it does nothing."""
    certbot.ran(NOW - 12 * HOUR)
    certbot.ran(NOW - HOUR)
    result = ask(certbot.path, old_port)
    assert result.code == WARNING
    assert has("certbot", first(result))


def test_timer_that_stopped(certbot, ask, old_port):
    certbot.ran(NOW - 15 * DAY)
    assert has(r"renewal is not attempted", first(ask(certbot.path, old_port)))


def test_success_after_a_failure(certbot, pki, ask, new, new_port):
    certbot.failed(NOW - 6 * DAY, REASON)
    certbot.keep(new, pki.intermediate, NOW - 5 * DAY)
    certbot.ran(NOW - HOUR)
    result = ask(certbot.path, new_port)
    assert result.code == OK
    assert has("certbot is well", cause(result))


def test_failure_of_another_certificate(certbot, pki, tmp_path, ask, new, new_port):
    """One log for all of them: the other one's trouble is not this one's."""
    certbot.keep(new, pki.intermediate, NOW - 5 * DAY)
    other = Certbot(tmp_path / "x", "other.example.test")
    other.logs = certbot.logs
    other.failed(NOW - HOUR, REASON)
    result = ask(certbot.path, new_port)
    assert result.code == OK
    assert has("certbot is well", cause(result))


# --- acme.sh -----------------------------------------------------------------------------------


def test_next_renewal_time(tmp_path, pki, ask, new, new_port):
    client = AcmeSh(tmp_path)
    client.keep(new, pki.intermediate, NOW - 5 * DAY)
    result = ask(client.path, new_port)
    assert result.target["client_state"]["next_attempt"] == f"{utc(new.not_before + 59 * DAY):%Y-%m-%dT%H:%M:%SZ}"
    assert has(rf"means to renew on {date(new.not_before + 59 * DAY)}", cause(result))


def test_acme_sh_failed_with_the_reason(tmp_path, pki, ask, old, old_port):
    client = AcmeSh(tmp_path)
    client.keep(old, pki.intermediate, NOW - 70 * DAY)
    client.failed(NOW - HOUR, "Connection refused")
    result = ask(client.path, old_port)
    assert result.code == WARNING
    assert has(r"renewal fails: acme\.sh tried .*Connection refused", first(result))


# --- dehydrated, certmonger --------------------------------------------------------------------


def test_dehydrated_failed(tmp_path, pki, ask, old, old_port):
    """A request without a certificate."""
    client = Dehydrated(tmp_path)
    client.keep(old, pki.intermediate, NOW - 70 * DAY)
    client.asked(NOW - HOUR)
    result = ask(client.path, old_port)
    assert result.code == WARNING
    assert has("renewal fails: dehydrated tried", first(result))


def test_certmonger_failed_with_the_reason(tmp_path, pki, ask, old, old_port):
    client = Certmonger(tmp_path)
    client.keep(old, pki.intermediate, NOW - 70 * DAY)
    client.request(NOW - HOUR, NOW - HOUR, "CA_UNREACHABLE", "Error 7 connecting to https://ipa.example.test/ipa/json")
    result = ask(client.path, old_port)
    assert result.code == WARNING
    assert has(r"renewal fails: certmonger tried .*Error 7 connecting", first(result))


# --- Several addresses, and what is wrong with the path ----------------------------------------


def test_deployed_on_some_addresses(tmp_path, pki, start, ask, old, new):
    client = Certbot(tmp_path)
    client.keep(new, pki.intermediate, NOW - 5 * DAY)
    port = start.python([new, pki.intermediate]).port
    start.python([old, pki.intermediate], "127.0.0.2", port)
    result = ask(client.path, port, "-I", "127.0.0.2", "-w0", "-c0")
    assert result.code == WARNING
    assert has("deployed on some addresses", first(result))
    assert "consistency" in result.problems() and "127.0.0.2" in result.text


@pytest.mark.parametrize("what", ["missing", "empty directory", "empty file", "not a client's", "a file of random bytes"])
def test_nothing_to_read(tmp_path, ask, new_port, what):
    # Far below the other tests' directories: a file may lie deep in a client's tree, which is looked for above it.
    path = tmp_path / "a" / "b" / "c" / "state"
    path.parent.mkdir(parents=True)
    if what == "empty directory":
        path.mkdir()
    elif what == "not a client's":
        path.mkdir()
        (path / "notes.txt").write_text("hello\n")
    elif what != "missing":
        path.write_bytes(b"" if what == "empty file" else os.urandom(5000))
    result = ask(path, new_port)
    assert result.code == UNKNOWN
    assert has("state cannot be read", first(result))
    assert result.target["client_state"]["problem"] is not None


def test_verdict_stands_although_nothing_can_be_read(tmp_path, ask, old_port):
    result = ask(tmp_path / "missing", old_port)
    assert result.code == WARNING
    assert result.problems() == {"cause", "expiry"}


@pytest.mark.parametrize("content", ["", "[", "[]", "{}", '{"letsencrypt": {"Certificates": null}}',
                                     '{"letsencrypt": {"Certificates": [{"domain": {"main": 7}, "certificate": "!"}]}}'])
def test_broken_acme_json(tmp_path, ask, new_port, content):
    # Far below, as above.
    directory = tmp_path / "a" / "b" / "c"
    directory.mkdir(parents=True)
    (directory / "acme.json").write_text(content)
    result = ask(directory / "acme.json", new_port)
    assert result.code == UNKNOWN
    assert has("cannot be read|keeps no certificate", first(result))


def test_broken_certificate(certbot, ask, old_port):
    (certbot.directory / "archive" / HOST / "cert1.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n")
    (certbot.directory / "archive" / HOST / "fullchain1.pem").write_text("")
    result = ask(certbot.path, old_port)
    assert result.code == WARNING and "cause" in result.problems()


def test_unreachable_service(certbot, start, ask):
    """The client is well; nothing is served."""
    result = ask(certbot.path, start.refusing().port)
    assert result.code == CRITICAL
    assert "unreachable" in result.problems()


def test_severity_of_the_cause(certbot, ask, old_port):
    certbot.failed(NOW - HOUR, REASON)
    assert ask(certbot.path, old_port, "--severity=cause=critical").code == CRITICAL
    result = ask(certbot.path, old_port, "--severity=cause=ignore")
    assert result.code == WARNING and result.problems() == {"expiry"}


def test_files_have_no_cause(certbot, write, old):
    result = run("-f", write("cert.pem", old), f"--client-state={certbot.path}", f"--at=@{NOW}")
    assert result.code == WARNING
