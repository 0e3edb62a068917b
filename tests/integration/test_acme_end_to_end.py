# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole story with the real parts: pebble as the CA, certbot as the client, nginx as the service."""

import calendar
import time

import pytest
from cryptography import x509

import acme
from pki import DAY, HOUR, MINUTE
from plugin import CRITICAL, OK, WARNING, check, execute, has
from servers import poll

HOST = "shop.example.test"


@pytest.fixture
def site(pki, tmp_path):
    if reason := acme.missing():
        pytest.skip(reason)
    site = acme.Acme(tmp_path, pki, HOST)
    yield site
    site.close()


def succeeded(done):
    assert done.returncode == 0, done.stdout
    return done


def begin_of(path):
    """notBefore of the first certificate there."""
    return calendar.timegm(x509.load_pem_x509_certificate(path.read_bytes()).not_valid_before.timetuple())


class Checks:
    def __init__(self, site, history):
        self.site = site
        self.words = ["-H", HOST, "-I", "127.0.0.1", "-p", site.tls_port, "-r", site.root_file,
                      f"--history={history}"]

    def plain(self, *options):
        return check(*self.words, *options)

    def deployed(self, *options):
        return self.plain("-f", self.site.live.parent / "*" / "fullchain.pem", *options)

    def whole(self, *options):
        return self.deployed(f"--client-state={self.site.config}", *options)

    def shown(self):
        return execute(*self.words, "--show-history").stdout


def test_story(site, tmp_path):
    checks = Checks(site, tmp_path / "history.db")

    # Issued, and healthy.
    succeeded(site.issue())
    site.serve()
    result = checks.whole()
    assert result.code == OK, result.stdout
    assert result.problems() == set()
    assert has("90 days left, renewal due in 60 days", result.headline)
    assert result.target["disk"]["private_key"] == "matches"
    assert has("certbot.*well", "\n".join(finding["text"] for finding in result.findings_of("cause")))

    # The timer works, and has nothing to do yet.
    succeeded(site.renew())
    assert checks.whole().code == OK

    # Renewed on disk, but nobody told nginx.
    first_begin = begin_of(site.live / "cert.pem")
    assert poll(lambda: int(time.time()) > first_begin)  # the next one has to begin later
    succeeded(site.renew("--force-renewal"))
    assert checks.deployed().code == OK  # within the grace
    two_hours_on = f"--at=@{int(time.time()) + 2 * HOUR}"
    result = checks.deployed(two_hours_on)
    assert result.code == WARNING
    assert result.problems() == {"deployment"}
    assert has("renewed on disk 2 hours ago, but the service still serves the old .*reload it",
               result.headline)
    result = checks.whole(two_hours_on)
    assert result.code == WARNING
    assert result.target["findings"][0]["id"] == "cause"
    assert has("certbot has renewed, .*not served", result.headline)

    # Reloaded: the proof.
    site.reload()
    result = checks.whole()
    assert result.code == OK
    assert has("renewed just now, 60 days before it was due, was valid until", result.headline)
    assert has("90 days left", result.headline)
    assert has("2 certificates seen", checks.shown())

    # The CA is gone; 65 days on the client's timer tries.
    begin = begin_of(site.live / "cert.pem")
    site.stop_ca()
    failed = site.renew(ahead=65)
    assert failed.returncode != 0 and has("refused", failed.stdout), failed.stdout
    for on, code in ((65 * DAY - MINUTE, OK), (65 * DAY + MINUTE, WARNING), (70 * DAY, WARNING), (85 * DAY, CRITICAL)):
        result = checks.plain(f"--at=@{begin + on}")
        assert result.code == code, result.stdout
        # With the client's own word it is known before the limits say so, and why.
        result = checks.whole(f"--at=@{begin + on}")
        assert result.code == max(code, WARNING), result.stdout
        assert result.target["findings"][0]["id"] == "cause"
        assert has("renewal fails: certbot tried .* and failed.*refused", result.headline), result.stdout
    assert has("overdue by 25 days, 5 days left", result.text_of("expiry"))

    # Repaired: a CA that has come up anew knows no account.
    site.start_ca()
    failed = site.renew("--force-renewal")
    assert failed.returncode != 0
    assert has("renewal fails: certbot", checks.whole(f"--at=@{begin + 70 * DAY}").headline)
    site.forget_account()
    succeeded(site.issue("--force-renewal"))
    site.reload()
    result = checks.whole()
    assert result.code == OK, result.stdout
    assert result.problems() == set()
    assert has("renewed just now", result.headline)
    assert has("3 certificates seen", checks.shown())


def test_the_reason_that_the_ca_gives(site, tmp_path):
    """The CA cannot reach the web server: what it says is what an administrator needs at night."""
    checks = Checks(site, tmp_path / "history.db")
    succeeded(site.issue())
    site.serve()
    begin = begin_of(site.live / "cert.pem")
    site.stop_web()
    failed = site.renew("--force-renewal")
    assert failed.returncode != 0, failed.stdout
    site.start_web()
    result = checks.whole(f"--at=@{begin + 70 * DAY}")
    assert result.code == WARNING
    assert has("renewal fails: certbot tried .* and failed", result.headline)
    assert has("connection", result.target["client_state"]["reason"]), result.target["client_state"]


def test_timer_that_does_not_run(site, tmp_path):
    """Nothing failed: nobody tried."""
    checks = Checks(site, tmp_path / "history.db")
    succeeded(site.issue())
    site.serve()
    begin = begin_of(site.live / "cert.pem")
    result = checks.whole(f"--at=@{begin + 70 * DAY}")
    assert result.code == WARNING
    assert result.target["findings"][0]["id"] == "cause"
    assert has("renewal is not attempted: .*timer", result.headline)
