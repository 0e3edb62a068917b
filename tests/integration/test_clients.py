# SPDX-License-Identifier: GPL-3.0-or-later
"""--client: renewal is due by the client's own rule; the automatic limits follow."""

import pytest

from pki import DAY, HOUR, NOW, issue
from plugin import CRITICAL, OK, UNKNOWN, WARNING, execute, has, run

# client, lifetime, due as remaining time
RULES = [
    # certbot 4: a third left, half under 10 days
    ("certbot", 90 * DAY, 30 * DAY),
    ("certbot", 45 * DAY, 15 * DAY),
    ("certbot", 398 * DAY, 398 * DAY // 3),
    ("certbot", 160 * HOUR, 80 * HOUR),
    # acme.sh: 30 days after issuance
    ("acme.sh", 90 * DAY, 60 * DAY),
    ("acme.sh", 45 * DAY, 15 * DAY),
    # lego 5: a third, or half under 10 days
    ("lego", 90 * DAY, 30 * DAY),
    ("lego", 160 * HOUR, 80 * HOUR),
    # Caddy and cert-manager: a third left, however short
    ("caddy", 90 * DAY, 30 * DAY),
    ("caddy", 6 * DAY, 2 * DAY),
    ("cert-manager", 90 * DAY, 30 * DAY),
    ("cert-manager", 6 * DAY, 2 * DAY),
    # Traefik: by steps of the lifetime
    ("traefik", 365 * DAY, 120 * DAY),
    ("traefik", 90 * DAY, 30 * DAY),
    ("traefik", 89 * DAY, 10 * DAY),
    ("traefik", 45 * DAY, 10 * DAY),
    ("traefik", 30 * DAY, 10 * DAY),
    ("traefik", 160 * HOUR, 2 * DAY),
    ("traefik", 6 * DAY, 2 * DAY),
    # win-acme: 55 days after issuance, at the latest 7 days left
    ("win-acme", 90 * DAY, 35 * DAY),
    ("win-acme", 60 * DAY, 7 * DAY),
    ("win-acme", 45 * DAY, 7 * DAY),
]


@pytest.mark.parametrize("client, lifetime, due", RULES)
def test_rule(write, client, lifetime, due):
    leaf = issue("www.example.test", not_before=NOW - lifetime, not_after=NOW)
    options = ["-f", write("leaf.pem", leaf), f"--client={client}"]
    before, after = run(*options, leaf.at(due + DAY)), run(*options, leaf.at(due - HOUR))
    assert before.perfdata["days_to_renewal"].value == pytest.approx(1, abs=0.006)
    assert after.perfdata["days_to_renewal"].value == pytest.approx(-HOUR / DAY, abs=0.006)
    assert run(*options, leaf.at(due * 5 // 6 + 1)).code == OK
    assert run(*options, leaf.at(due * 5 // 6 - 1)).code == WARNING
    assert run(*options, leaf.at(due // 3 + 1)).code == WARNING
    assert run(*options, leaf.at(due // 3 - 1)).code == CRITICAL


def test_ten_of_45_days_is_healthy_with_traefik(write):
    leaf = issue("www.example.test", not_before=NOW - 45 * DAY, not_after=NOW)
    path = write("leaf.pem", leaf)
    assert run("-f", path, leaf.at(10 * DAY)).code == WARNING
    assert run("-f", path, "--client=traefik", leaf.at(10 * DAY)).code == OK


def test_limits_go_before_the_rule(write):
    leaf = issue("www.example.test", not_before=NOW - 90 * DAY, not_after=NOW)
    path = write("leaf.pem", leaf)
    assert run("-f", path, "--client=acme.sh", "-w", "20", "-c", "5", leaf.at(20 * DAY)).code == OK


def test_overdue_counts_from_the_rule(write):
    leaf = issue("www.example.test", not_before=NOW - 90 * DAY, not_after=NOW)
    result = run("-f", write("leaf.pem", leaf), "--client=acme.sh", leaf.at(45 * DAY))
    assert result.code == WARNING
    assert has(r"overdue by 15 days", result.headline) and has(r"\b45 days left", result.headline)


def test_unknown_client_lists_the_known_ones(write):
    result = run("-f", "none.pem", "--client=certbit")
    assert result.code == UNKNOWN
    for client in ("certbot", "acme.sh", "lego", "caddy", "cert-manager", "traefik", "win-acme"):
        assert client in result.stdout


def test_help_lists_the_clients():
    text = execute("--help").stdout
    for client in ("certbot", "acme.sh", "lego", "caddy", "cert-manager", "traefik", "win-acme"):
        assert client in text
