# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of hours, of days and of decades."""

import pytest

from pki import DAY, HOUR, MINUTE, NOW, issue
from plugin import CRITICAL, OK, WARNING, check, has, run

YEAR = 365 * DAY
SIX_DAYS = 160 * HOUR  # Let's Encrypt's `shortlived`


@pytest.fixture
def judged(write):
    """judged(lifetime, left, ...): the check of a certificate with so much time left."""

    def judged(lifetime, left, *options):
        leaf = issue("www.example.test", not_before=NOW - lifetime, not_after=NOW)
        return check("-f", write("cert.pem", leaf), leaf.at(left), *options)

    return judged


# --- Six days ----------------------------------------------------------------------------------


def test_six_days_raise_no_alarm_while_healthy(judged):
    """Renewed with half of it left, at the latest: each hour until then, and a while after, is OK."""
    for left in range(SIX_DAYS, 67 * HOUR, -HOUR):
        result = judged(SIX_DAYS, left)
        assert result.code == OK, result.stdout


@pytest.mark.parametrize("left, code", [(66 * HOUR + 40 * MINUTE, OK), (66 * HOUR + 40 * MINUTE - 1, WARNING),
                                        (26 * HOUR + 40 * MINUTE, WARNING), (26 * HOUR + 40 * MINUTE - 1, CRITICAL),
                                        (1, CRITICAL), (0, CRITICAL), (-HOUR, CRITICAL)])
def test_six_days_both_sides(judged, left, code):
    assert judged(SIX_DAYS, left).code == code


def test_hours_are_shown(judged):
    result = judged(SIX_DAYS, 47 * HOUR)
    assert result.code == WARNING
    assert has(r"overdue by 33 hours, 47 hours left", result.headline)
    assert has(r"expires 2030-01-01 00:00 UTC", result.headline)
    assert has(r"\b20 hours left", judged(SIX_DAYS, 20 * HOUR).headline)
    assert has(r"\b90 minutes left", judged(SIX_DAYS, 90 * MINUTE).headline)
    assert has(r"expired 5 hours ago", judged(SIX_DAYS, -5 * HOUR).headline)


def test_hours_to_renewal_are_shown(judged):
    result = judged(SIX_DAYS, 100 * HOUR)
    assert result.code == OK
    assert has(r"renewal due in 20 hours", result.headline)


def test_perfdata_has_fractions_of_days(judged):
    result = judged(SIX_DAYS, 100 * HOUR)
    days = result.perfdata["days_to_expiry"]
    assert days.value == pytest.approx(100 / 24, abs=0.006)
    assert days.warn == pytest.approx(66.67 / 24, abs=0.006)
    assert days.crit == pytest.approx(26.67 / 24, abs=0.006)
    assert days.max == pytest.approx(160 / 24, abs=0.006)


def test_traefik_renews_six_days_at_two(judged):
    """Healthy there until two days are left, and a sixth of that less."""
    assert judged(6 * DAY, 2 * DAY, "--client=traefik").code == OK
    assert judged(6 * DAY, 40 * HOUR, "--client=traefik").code == OK
    assert judged(6 * DAY, 40 * HOUR - 1, "--client=traefik").code == WARNING


@pytest.mark.parametrize("limits", [("-w", "25", "-c", "10"), ("-w", "3w", "-c", "1w")])
def test_limits_made_for_90_days_are_told(judged, limits):
    """They can never be OK; what would do is said."""
    result = judged(SIX_DAYS, SIX_DAYS - MINUTE, *limits)
    assert result.code == CRITICAL
    assert has(r"longer than the whole lifetime .* \d+% would do", result.text)


def test_limits_in_hours(judged):
    assert judged(SIX_DAYS, 48 * HOUR, "-w", "48h", "-c", "24h").code == OK
    assert judged(SIX_DAYS, 48 * HOUR - 1, "-w", "48h", "-c", "24h").code == WARNING
    assert judged(SIX_DAYS, 24 * HOUR - 1, "-w", "48h", "-c", "24h").code == CRITICAL


# --- Daily, hourly -----------------------------------------------------------------------------


@pytest.mark.parametrize("lifetime", [DAY, 2 * DAY, 12 * HOUR, HOUR])
def test_renewed_daily_or_more_often(judged, lifetime):
    """Due with half left; WARNING under 5/12, CRITICAL under a sixth."""
    for left, code in ((lifetime, OK), (lifetime // 2, OK), (lifetime * 5 // 12, OK), (lifetime * 5 // 12 - 1, WARNING),
                       (lifetime // 6, WARNING), (lifetime // 6 - 1, CRITICAL)):
        result = judged(lifetime, left)
        assert result.code == code, result.stdout


def test_daily_with_a_day_of_both(judged):
    """Issued each day for two days: at the moment of renewal a day is left, which is healthy."""
    result = judged(2 * DAY, DAY)
    assert result.code == OK
    assert has(r"\b24 hours left", result.headline)


# --- Decades -----------------------------------------------------------------------------------


def test_ten_years(judged):
    """Due 30 days before the end as any other: nobody is warned for three years."""
    lifetime = 10 * YEAR
    assert judged(lifetime, 5 * YEAR).code == OK
    result = judged(lifetime, 25 * DAY)
    assert result.code == OK
    assert judged(lifetime, 25 * DAY - 1).code == WARNING
    assert judged(lifetime, 10 * DAY - 1).code == CRITICAL
    assert has("3000 days left, renewal due in 2970 days", judged(lifetime, 3000 * DAY).headline)


def test_ten_years_by_share(judged):
    assert judged(10 * YEAR, 364 * DAY, "-w", "10%", "-c", "5%").code == WARNING


def test_served_by_a_server(pki, start):
    """The same over the network, with short-lived certificates of a real CA's shape."""
    leaf = pki.leaf(not_before=NOW - SIX_DAYS, not_after=NOW)
    port = start.python([leaf, pki.intermediate]).port
    words = ["-H", "www.example.test", "-I", "127.0.0.1", "-p", port, "-r", pki.root_file]
    assert run(*words, leaf.at(81 * HOUR)).code == OK
    result = run(*words, leaf.at(20 * HOUR))
    assert result.code == CRITICAL
    assert has("overdue by 60 hours|overdue by 3 days", result.headline)
