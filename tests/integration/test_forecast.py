# SPDX-License-Identifier: GPL-3.0-or-later
"""--forecast: what becomes of limits and rhythm when lifetimes shrink."""

import sqlite3
import time

import pytest

from pki import DAY, NOW, issue
from plugin import OK, WARNING, check, has, run

LIFETIMES = [100, 64, 47, 45, 6]
HOLDS, IMPOSSIBLE = "holds", "rhythm impossible"
ALWAYS, HEALTHY = "alerts always", "alerts on healthy certificates"


@pytest.fixture
def forecast(write):
    """forecast(options...): the verdicts for the five lifetimes, and the text."""
    path = write("cert.pem", issue("www.example.test", not_before=NOW - 30 * DAY, not_after=NOW + 60 * DAY))

    def forecast(*options):
        result = check("-f", path, f"--at=@{NOW}", "--forecast", *options)
        rows = result.target["forecast"]
        assert [row["lifetime_days"] for row in rows] == LIFETIMES
        return [row["verdict"] for row in rows], result

    return forecast


def lines(result):
    return [line for line in result.stdout.splitlines() if line.startswith("forecast, lifetime ")]


def test_automatic_limits_hold(forecast):
    verdicts, result = forecast()
    assert verdicts == [HOLDS] * 5
    assert result.code == OK
    said = lines(result)
    assert [line.split(":")[0] for line in said] == [f"forecast, lifetime {days} days" for days in LIFETIMES]
    assert has("due 15 days before the end, warning under 13 days", said[3])
    assert has("due 3 days before the end", said[4])


def test_not_shown_unless_asked_for(write):
    path = write("cert.pem", issue("www.example.test", not_before=NOW - 30 * DAY, not_after=NOW + 60 * DAY))
    result = check("-f", path, f"--at=@{NOW}", "-vv")
    assert result.target["forecast"] is None and lines(result) == []


def test_limit_of_30_days(forecast):
    """This limit would warn on every healthy 45-day certificate."""
    verdicts, result = forecast("-w", "30", "-c", "10")
    assert verdicts == [HOLDS, HEALTHY, HEALTHY, HEALTHY, ALWAYS]
    assert has("warning limit of 30 days would alert on every healthy certificate, which is renewed 15 days",
               lines(result)[3])
    assert has("10 days is longer than the lifetime|30 days is longer than the lifetime", lines(result)[4])


@pytest.mark.parametrize("limit, verdict", [("15", HOLDS), ("15.01", HEALTHY), ("45", HEALTHY), ("45.01", ALWAYS)])
def test_both_sides_for_45_days(forecast, limit, verdict):
    """A healthy one is renewed with 15 days left."""
    assert forecast("-w", limit, "-c", "1")[0][LIFETIMES.index(45)] == verdict


def test_critical_limit(forecast):
    verdicts, result = forecast("-w", "30", "-c", "20")
    assert verdicts[LIFETIMES.index(45)] == HEALTHY
    assert has("critical limit of 20 days", lines(result)[3])


def test_share_of_the_lifetime(forecast):
    assert forecast("-w", "25%", "-c", "10%")[0] == [HOLDS] * 5
    assert forecast("-w", "40%", "-c", "10%")[0] == [HEALTHY] * 4 + [HOLDS]


def test_duration_and_range(forecast):
    assert forecast("-w", "2w", "-c", "1d")[0] == [HOLDS] * 4 + [ALWAYS]
    assert forecast("-w", "14:", "-c", "1:")[0] == [HOLDS] * 4 + [ALWAYS]


def test_renew_before(forecast):
    verdicts, result = forecast("--renew-before=30")
    assert verdicts == [HOLDS] * 4 + [IMPOSSIBLE]
    assert has("renewing 30 days before the end is impossible", lines(result)[4])
    assert forecast("--renew-before=33%")[0] == [HOLDS] * 5


@pytest.mark.parametrize("client, verdicts", [
    ("certbot", [HOLDS] * 5),
    ("caddy", [HOLDS] * 5),
    ("traefik", [HOLDS] * 5),
    ("certbot-3", [HOLDS] * 4 + [IMPOSSIBLE]),
    ("lego-4", [HOLDS] * 4 + [IMPOSSIBLE]),
    ("win-acme", [HOLDS] * 4 + [IMPOSSIBLE]),
    ("acme.sh", [HOLDS] * 4 + [IMPOSSIBLE]),
    ("acme.sh-60", [HOLDS] * 2 + [IMPOSSIBLE] * 3),
])
def test_client_rule(forecast, client, verdicts):
    assert forecast(f"--client={client}")[0] == verdicts


def test_client_rule_that_comes_too_late(forecast):
    """60 days after issuance a 45-day certificate has ended."""
    assert has("renewing 15 days after the end is too late", lines(forecast("--client=acme.sh-60")[1])[3])


def test_limit_against_a_client_rule(forecast):
    """Traefik renews with ten days left: 15 would warn for five days of each cycle."""
    verdicts, _ = forecast("--client=traefik", "-w", "15", "-c", "5")
    assert verdicts[LIFETIMES.index(45)] == HEALTHY
    assert forecast("--client=traefik", "-w", "10", "-c", "5")[0][LIFETIMES.index(45)] == HOLDS


def test_forecast_changes_no_state(forecast, write):
    path = write("due.pem", issue("www.example.test"))
    with_it, without = (run("-f", path, f"--at=@{NOW}", *options) for options in (["--forecast"], []))
    assert with_it.code == without.code == WARNING
    assert with_it.headline == without.headline


def test_learned_rhythm(pki, start, tmp_path):
    """Renewals with 40 days left fit 45-day certificates, not those of 6 days."""
    today, file = int(time.time()), tmp_path / "history.db"
    begins = [today - 100 * DAY, today - 50 * DAY, today]
    server = None
    for begin in begins:
        leaf = pki.leaf(not_before=begin, not_after=begin + 90 * DAY)
        context = start.context([leaf, pki.intermediate])
        server = server or start.python(context)
        server.context = context
        words = ["-H", "www.example.test", "-I", "127.0.0.1", "-p", server.port, "-r", pki.root_file,
                 f"--history={file}"]
        run(*words)
    with sqlite3.connect(file) as database:
        database.execute("UPDATE seen SET first_seen = not_before, last_seen = not_before")
    database.close()
    result = check(*words, leaf.at(60 * DAY), "--forecast")
    assert [row["verdict"] for row in result.target["forecast"]] == [HOLDS] * 4 + [IMPOSSIBLE]
    assert result.target["forecast"][0]["renew_before_days"] == pytest.approx(36)


def test_several_targets(write):
    paths = [write(f"{name}.pem", issue(name, not_before=NOW - 30 * DAY, not_after=NOW + 60 * DAY)) for name in "ab"]
    result = run("-f", paths[0], "-f", paths[1], f"--at=@{NOW}", "--forecast", targets=2)
    assert result.stdout.count("forecast, lifetime 45 days") == 2
