# SPDX-License-Identifier: GPL-3.0-or-later
"""Expiry: every form of a limit on both sides of its boundary, to the second, and what is said."""

import re

import pytest

from pki import DAY, HOUR, MINUTE, NOW, SECOND, date, issue, tlv
from plugin import CRITICAL, OK, UNKNOWN, WARNING, check, execute, has, run

YEAR_398 = 398 * DAY


@pytest.fixture(scope="module")
def of_lifetime(tmp_path_factory):
    """of_lifetime(seconds): a certificate with that lifetime that ends at NOW, and its file."""
    directory = tmp_path_factory.mktemp("leaves")
    made = {}

    def make(lifetime):
        if lifetime not in made:
            leaf = issue("www.example.test", not_before=NOW - lifetime, not_after=NOW)
            path = directory / f"{lifetime}.pem"
            path.write_text(leaf.pem)
            made[lifetime] = (leaf, path)
        return made[lifetime]

    return make


# limit, lifetime, seconds: alert when less remains
LIMITS = [
    ("20", 90 * DAY, 20 * DAY),
    ("0.5", 90 * DAY, 12 * HOUR),
    ("12.25", 90 * DAY, 12 * DAY + 6 * HOUR),
    ("2w", 90 * DAY, 14 * DAY),
    ("20d", 90 * DAY, 20 * DAY),
    ("36h", 90 * DAY, 36 * HOUR),
    ("90m", 90 * DAY, 90 * MINUTE),
    ("45s", 90 * DAY, 45 * SECOND),
    ("22%", 90 * DAY, 90 * DAY * 22 // 100),
    ("22%", 47 * DAY, 47 * DAY * 22 // 100),
    ("50%", 160 * HOUR, 80 * HOUR),
    ("12.5%", 160 * HOUR, 20 * HOUR),
    ("20:", 90 * DAY, 20 * DAY),
    ("7.5:", 90 * DAY, 7 * DAY + 12 * HOUR),
]


@pytest.mark.parametrize("limit, lifetime, boundary", LIMITS)
def test_warning_limit(of_lifetime, limit, lifetime, boundary):
    leaf, path = of_lifetime(lifetime)
    options = ["-f", path, "-w", limit, "-c", "1s"]
    assert run(*options, leaf.at(boundary)).code == OK
    assert run(*options, leaf.at(boundary - 1)).code == WARNING


@pytest.mark.parametrize("limit, lifetime, boundary", LIMITS)
def test_critical_limit(of_lifetime, limit, lifetime, boundary):
    leaf, path = of_lifetime(lifetime)
    options = ["-f", path, "-w", limit, "-c", limit]
    assert run(*options, leaf.at(boundary)).code == OK
    assert run(*options, leaf.at(boundary - 1)).code == CRITICAL


# the table of the manual: lifetime, due, warning under, critical under
AUTO = [
    (90 * DAY, 30 * DAY, 25 * DAY, 10 * DAY),
    (100 * DAY, 30 * DAY, 25 * DAY, 10 * DAY),
    (YEAR_398, 30 * DAY, 25 * DAY, 10 * DAY),
    (64 * DAY, 64 * DAY // 3, 64 * DAY * 5 // 18, 64 * DAY // 9),
    (47 * DAY, 15 * DAY + 16 * HOUR, 13 * DAY + 80 * MINUTE, 5 * DAY + 5 * HOUR + 20 * MINUTE),
    (45 * DAY, 15 * DAY, 12 * DAY + 12 * HOUR, 5 * DAY),
    (10 * DAY, 80 * HOUR, 80 * HOUR * 5 // 6, 80 * HOUR // 3),
    (9 * DAY, 108 * HOUR, 90 * HOUR, 36 * HOUR),
    (160 * HOUR, 80 * HOUR, 66 * HOUR + 40 * MINUTE, 26 * HOUR + 40 * MINUTE),
    (6 * DAY, 72 * HOUR, 60 * HOUR, 24 * HOUR),
]


@pytest.mark.parametrize("lifetime, due, warning, critical", AUTO)
@pytest.mark.parametrize("explicit", [[], ["-w", "auto", "-c", "auto", "--renew-before=auto"]])
def test_auto(of_lifetime, lifetime, due, warning, critical, explicit):
    leaf, path = of_lifetime(lifetime)
    assert run("-f", path, *explicit, leaf.at(warning)).code == OK
    assert run("-f", path, *explicit, leaf.at(warning - 1)).code == WARNING
    # The thirds of a second that some lifetimes have belong to neither side.
    assert run("-f", path, *explicit, leaf.at(critical + 1)).code == WARNING
    assert run("-f", path, *explicit, leaf.at(critical - 1)).code == CRITICAL


@pytest.mark.parametrize("lifetime, due, warning, critical", AUTO)
def test_auto_days_to_renewal(of_lifetime, lifetime, due, warning, critical):
    leaf, path = of_lifetime(lifetime)
    for left in (lifetime, due, due - DAY, HOUR):
        perfdata = run("-f", path, leaf.at(left)).perfdata
        assert perfdata["days_to_renewal"].value == pytest.approx((left - due) / DAY, abs=0.006)


@pytest.mark.parametrize("renew_before, due", [
    ("60", 60 * DAY), ("60d", 60 * DAY), ("720h", 30 * DAY), ("1w", 7 * DAY), ("50%", 45 * DAY), ("18", 18 * DAY),
])
def test_renew_before_moves_the_automatic_limits(of_lifetime, renew_before, due):
    leaf, path = of_lifetime(90 * DAY)
    options = ["-f", path, "--renew-before", renew_before]
    assert run(*options, leaf.at(due * 5 // 6)).code == OK
    assert run(*options, leaf.at(due * 5 // 6 - 1)).code == WARNING
    assert run(*options, leaf.at(due // 3)).code == WARNING
    assert run(*options, leaf.at(due // 3 - 1)).code == CRITICAL
    result = run(*options, leaf.at(DAY))
    assert result.perfdata["days_to_renewal"].value == pytest.approx((DAY - due) / DAY, abs=0.006)


def test_renew_before_goes_before_the_client(of_lifetime):
    leaf, path = of_lifetime(90 * DAY)
    options = ["-f", path, "--renew-before=12", "--client=acme.sh", leaf.at(11 * DAY)]
    assert run(*options).code == OK


# limit, seconds left, state as -w, state as -c: ranges are in days and include their bounds
RANGES = [
    ("@0:20", 20 * DAY + 1, OK),
    ("@0:20", 20 * DAY, WARNING),
    ("@0:20", 1 * DAY, WARNING),
    ("10:60", 60 * DAY + 1, WARNING),
    ("10:60", 60 * DAY, OK),
    ("10:60", 10 * DAY, OK),
    ("10:60", 10 * DAY - 1, WARNING),
    ("~:60", 60 * DAY + 1, WARNING),
    ("~:60", 60 * DAY, OK),
    ("@10:20", 20 * DAY + 1, OK),
    ("@10:20", 15 * DAY, WARNING),
    ("@10:20", 10 * DAY - 1, OK),
    ("@~:20", 20 * DAY, WARNING),
    ("@~:20", 20 * DAY + 1, OK),
    ("20:", 20 * DAY, OK),
    ("20:", 20 * DAY - 1, WARNING),
]


@pytest.mark.parametrize("limit, left, state", RANGES)
def test_range(of_lifetime, limit, left, state):
    leaf, path = of_lifetime(90 * DAY)
    assert run("-f", path, "-w", limit, "-c", "1s", leaf.at(left)).code == state


@pytest.mark.parametrize("left, state", [(20 * DAY, OK), (20 * DAY - 1, WARNING), (7 * DAY, WARNING),
                                         (7 * DAY - 1, CRITICAL)])
def test_ranges_for_both(of_lifetime, left, state):
    leaf, path = of_lifetime(90 * DAY)
    assert run("-f", path, "-w", "20:", "-c", "7:", leaf.at(left)).code == state


def test_one_limit_given_leaves_the_other_automatic(of_lifetime):
    leaf, path = of_lifetime(90 * DAY)
    assert run("-f", path, "-w", "40", leaf.at(40 * DAY - 1)).code == WARNING
    assert run("-f", path, "-w", "40", leaf.at(10 * DAY - 1)).code == CRITICAL
    assert run("-f", path, "-c", "12", leaf.at(12 * DAY - 1)).code == CRITICAL
    assert run("-f", path, "-c", "12", leaf.at(25 * DAY - 1)).code == WARNING
    assert run("-f", path, "-c", "12", leaf.at(25 * DAY)).code == OK


def test_expired_is_critical_whatever_the_limits(of_lifetime):
    leaf, path = of_lifetime(90 * DAY)
    assert run("-f", path, "-w", "0", "-c", "0", leaf.at(1)).code == OK
    for limits in (["-w", "0", "-c", "0"], ["-w", "@10:20", "-c", "@10:20"], ["-w", "~:60", "-c", "~:60"]):
        assert run("-f", path, *limits, leaf.at(-1)).code == CRITICAL
        assert run("-f", path, *limits, leaf.at(-400 * DAY)).code == CRITICAL


# --- What is said ------------------------------------------------------------------------------


def test_words_ok(of_lifetime):
    leaf, path = of_lifetime(90 * DAY)
    result = check("-f", path, leaf.at(62 * DAY))
    assert result.code == OK
    assert has(r"\b62 days left", result.headline)
    assert has(r"renewal due in 32 days", result.headline)
    assert date(leaf.not_after - 30 * DAY) in result.headline
    assert "www.example.test" in result.headline or path.name in result.headline


def test_words_overdue(of_lifetime):
    leaf, path = of_lifetime(90 * DAY)
    result = check("-f", path, leaf.at(20 * DAY))
    assert result.code == WARNING
    assert has(r"renewal.* overdue by 10 days", result.headline)
    assert has(r"\b20 days left", result.headline)
    assert date(leaf.not_after) in result.headline
    result = check("-f", path, leaf.at(5 * DAY))
    assert result.code == CRITICAL
    assert has(r"overdue by 25 days", result.headline) and has(r"\b5 days left", result.headline)


def test_words_expired(of_lifetime):
    leaf, path = of_lifetime(90 * DAY)
    result = check("-f", path, leaf.at(-2 * DAY))
    assert result.code == CRITICAL
    assert has(r"expired 2 days ago", result.headline)
    assert date(leaf.not_after) in result.headline


@pytest.mark.parametrize("left, words", [
    (DAY, r"\b(1 day|24 hours) left"), (2 * DAY - 1, r"\b(2 days|4[78] hours) left"),
    (5 * HOUR, r"\b5 hours left"), (1 * HOUR, r"\b(1 hour|60 minutes) left"), (30 * MINUTE, r"\b30 minutes left"),
])
def test_words_on_the_last_day(of_lifetime, left, words):
    """Never "0 days left": somebody has to know whether there is time for lunch."""
    leaf, path = of_lifetime(90 * DAY)
    result = run("-f", path, leaf.at(left))
    assert has(words, result.headline), result.headline
    assert not has(r"\b1 (days|hours|minutes)\b", result.headline)
    assert not has(r"\b0 days left", result.headline)


@pytest.mark.parametrize("left, words", [(-HOUR, r"expired (1 hour|60 minutes) ago"), (-1, r"expired"),
                                         (-DAY, r"expired (1 day|24 hours) ago"), (-400 * DAY, r"expired 400 days ago")])
def test_words_expired_since(of_lifetime, left, words):
    leaf, path = of_lifetime(90 * DAY)
    assert has(words, run("-f", path, leaf.at(left)).headline)


def test_inside_a_limit_but_not_overdue(of_lifetime):
    """A limit above the renewal moment alerts before anything is wrong with renewal: it must not say overdue."""
    leaf, path = of_lifetime(90 * DAY)
    result = run("-f", path, "-w", "45", leaf.at(40 * DAY))
    assert result.code == WARNING
    assert not has("overdue", result.headline)
    assert has(r"\b40 days left", result.headline)


@pytest.mark.parametrize("option", ["-w", "-c"])
@pytest.mark.parametrize("lifetime, limit", [(6 * DAY, "7"), (45 * DAY, "60"), (160 * HOUR, "1w"), (45 * DAY, "50:")])
def test_limit_longer_than_the_lifetime(of_lifetime, option, lifetime, limit):
    leaf, path = of_lifetime(lifetime)
    other = ["-w", limit] if option == "-c" else []
    result = check("-f", path, option, limit, *other, leaf.at(lifetime - MINUTE))
    assert result.code == (WARNING if option == "-w" else CRITICAL)
    assert has(r"lifetime", result.text), result.stdout
    assert re.search(r"\b\d+(\.\d+)?\s?%", result.text), result.stdout


def test_percentage_that_would_do_is_the_automatic_one(of_lifetime):
    leaf, path = of_lifetime(45 * DAY)
    result = run("-f", path, "-w", "60", leaf.at(44 * DAY))
    share = float(re.search(r"(\d+(?:\.\d+)?)\s?%", result.text)[1])
    assert 26.7 < share < 27.8  # at most 5/6 of a third
    assert run("-f", path, "-w", f"{share}%", leaf.at(44 * DAY)).code == OK


def test_limit_within_the_lifetime_is_not_remarked(of_lifetime):
    leaf, path = of_lifetime(45 * DAY)
    assert not has(r"lifetime", run("-f", path, "-w", "45", leaf.at(45 * DAY)).text)


# --- Perfdata ----------------------------------------------------------------------------------


def test_perfdata_is_as_documented(of_lifetime):
    leaf, path = of_lifetime(90 * DAY)
    result = run("-f", path, leaf.at(20 * DAY + 10 * HOUR))
    assert list(result.perfdata)[0] == "days_to_expiry"
    days = result.perfdata["days_to_expiry"]
    assert days.value == pytest.approx(20.4167, abs=0.006)
    assert (days.uom, days.warn, days.crit, days.min, days.max) == ("", 25, 10, None, 90)
    assert result.perfdata["days_to_renewal"].value == pytest.approx(-9.5833, abs=0.006)


@pytest.mark.parametrize("warning, critical, warn, crit", [
    ("20", "7", 20, 7), ("20:", "7:", 20, 7), ("2w", "36h", 14, 1.5), ("50%", "20%", 45, 18), ("auto", "auto", 25, 10),
])
def test_perfdata_limits_are_plain_days(of_lifetime, warning, critical, warn, crit):
    leaf, path = of_lifetime(90 * DAY)
    days = run("-f", path, "-w", warning, "-c", critical, leaf.at(80 * DAY)).perfdata["days_to_expiry"]
    assert days.warn == pytest.approx(warn, abs=0.006)
    assert days.crit == pytest.approx(crit, abs=0.006)


def test_perfdata_of_the_expired(of_lifetime):
    leaf, path = of_lifetime(90 * DAY)
    assert run("-f", path, leaf.at(-2 * DAY)).perfdata["days_to_expiry"].value == pytest.approx(-2)


# --- --at --------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["2029-12-12", "2029-12-12T00:00:00Z", "@1891728000"])
def test_at_forms(of_lifetime, when):
    _, path = of_lifetime(90 * DAY)
    result = run("-f", path, f"--at={when}")
    assert result.perfdata["days_to_expiry"].value == 20


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York", "Pacific/Kiritimati", ":no/such/zone"])
def test_time_zone_changes_nothing(of_lifetime, zone):
    _, path = of_lifetime(90 * DAY)
    arguments = ["-f", path, "--at=2029-12-12", "-v"]
    here = execute(*arguments, env={"TZ": "UTC"}).stdout
    there = execute(*arguments, env={"TZ": zone}).stdout

    def without_time(text):
        return re.sub(r"'?time'?=\S+", "", text)

    assert without_time(here) == without_time(there)


# --- Odd dates ---------------------------------------------------------------------------------


def test_not_yet_valid(write):
    leaf = issue("www.example.test", not_before=NOW, not_after=NOW + 90 * DAY)
    path = write("leaf.pem", leaf)
    assert check("-f", path, f"--at=@{NOW}").code == OK
    result = check("-f", path, f"--at=@{NOW - 1}")
    assert result.code == CRITICAL
    assert result.state_of("not-yet-valid") == "CRITICAL"
    result = check("-f", path, f"--at=@{NOW - 3 * DAY}")
    assert has(r"not (yet )?valid", result.headline)
    assert has(r"3 days", result.headline) or date(NOW) in result.headline
    assert date(NOW) in result.text


@pytest.mark.parametrize("not_after", [
    2524607999,    # 2049-12-31T23:59:59Z, the last UTCTime
    2524608000,    # 2050-01-01T00:00:00Z, the first GeneralizedTime
    4102444800,    # 2100-01-01
    253402300799,  # 9999-12-31T23:59:59Z: "no date" in RFC 5280
])
def test_far_dates(write, not_after):
    leaf = issue("www.example.test", not_before=not_after - 90 * DAY, not_after=not_after)
    path = write("leaf.pem", leaf)
    result = check("-f", path, leaf.at(40 * DAY))
    assert result.code == OK
    assert result.perfdata["days_to_expiry"].value == pytest.approx(40)
    assert run("-f", path, leaf.at(-1)).code == CRITICAL
    result = run("-f", path, f"--at=@{NOW}", "--severity=not-yet-valid=ok")
    assert result.perfdata["days_to_expiry"].value == pytest.approx((not_after - NOW) / DAY, abs=0.006)


def test_end_before_begin(write):
    leaf = issue("www.example.test", not_before=NOW, not_after=NOW - DAY)
    path = write("leaf.pem", leaf)
    for left in (-3 * DAY, -1, 1, 3 * DAY):
        result = check("-f", path, leaf.at(left))
        assert result.code == CRITICAL


def test_begin_is_end(write):
    leaf = issue("www.example.test", not_before=NOW, not_after=NOW)
    path = write("leaf.pem", leaf)
    assert run("-f", path, leaf.at(-1)).code == CRITICAL
    assert run("-f", path, leaf.at(1)).code == CRITICAL


def test_dates_of_the_last_century(write):
    leaf = issue("www.example.test", not_before=-10 * 365 * DAY, not_after=-365 * DAY)
    result = run("-f", write("leaf.pem", leaf), f"--at=@{NOW}")
    assert result.code == CRITICAL
    assert has("expired", result.headline)


@pytest.mark.parametrize("raw", [
    tlv(0x17, b"991332256199Z"), tlv(0x17, b"hello"), tlv(0x17), tlv(0x18, b"20301301000000Z"),
    tlv(0x17, b"300121000000+9999"), tlv(0x18, b"99999999999999Z"), tlv(0x17, b"3001210000\x00\x00Z"),
])
def test_malformed_end(write, raw):
    """A date that is none is never OK, and never a number."""
    leaf = issue("www.example.test", not_before=NOW, raw_not_after=raw)
    result = run("-f", write("leaf.pem", leaf), f"--at=@{NOW}")
    assert result.code in (CRITICAL, UNKNOWN)
    assert "days_to_expiry" not in result.perfdata
