# SPDX-License-Identifier: GPL-3.0-or-later
"""The longest lifetime that the CA/Browser Forum allows for the issue date (SC-081v3), under a public
root only. The test's root is made a public one by being in the system's directory (SSL_CERT_DIR)."""

import subprocess

import pytest

import namespace
from pki import DAY, HOUR, authority, issue
from plugin import OK, WARNING, check, has

HOST = "www.example.test"
YEAR = 365 * DAY
# Seconds since the epoch of midnight UTC
DATES = {"2020-09-01": 1598918400, "2026-03-15": 1773532800, "2027-03-15": 1805068800, "2029-03-15": 1868227200}


@pytest.fixture(scope="module")
def root():
    """Long enough for all dates."""
    return authority("Test Root", not_before=DATES["2020-09-01"] - 5 * YEAR, not_after=DATES["2029-03-15"] + 30 * YEAR)


@pytest.fixture(scope="module")
def system(root, tmp_path_factory):
    """The environment in which the root is one of the system's."""
    directory = tmp_path_factory.mktemp("anchors")
    (directory / "root.pem").write_text(root.pem)
    subprocess.run(["openssl", "rehash", directory], check=True)
    return {"SSL_CERT_DIR": str(directory), "SSL_CERT_FILE": str(directory / "none")}


@pytest.fixture
def judged(root, system, start):
    """judged(not_before, lifetime, ...): the check of such a certificate, halfway."""

    def judged(begin, lifetime, *options, env=system, issuer=root):
        leaf = issue(HOST, issuer, not_before=begin, not_after=begin + lifetime)
        port = start.python([leaf]).port
        return check("-H", HOST, "-I", "127.0.0.1", "-p", port, f"--at=@{begin + lifetime // 2}", "-w0", "-c0",
                     *options, env=env)

    return judged


@pytest.mark.parametrize("begin, days", [
    (DATES["2020-09-01"] - 1, 825),
    (DATES["2020-09-01"], 398),
    (DATES["2026-03-15"] - 1, 398),
    (DATES["2026-03-15"], 200),
    (DATES["2027-03-15"] - 1, 200),
    (DATES["2027-03-15"], 100),
    (DATES["2029-03-15"] - 1, 100),
    (DATES["2029-03-15"], 47),
    (DATES["2029-03-15"] + YEAR, 47),
])
def test_both_sides_of_the_limit_by_issue_date(judged, begin, days):
    assert judged(begin, days * DAY).code == OK
    result = judged(begin, days * DAY + 1)
    assert result.code == WARNING
    assert result.problems() == {"lifetime"}
    assert has(rf"longer than the {days} days that the CA/Browser Forum allows", result.headline)


def test_words(judged):
    result = judged(DATES["2026-03-15"], 398 * DAY)
    assert has("lifetime of 398 days is longer than the 200 days .* issue date", result.text_of("lifetime"))
    assert judged(DATES["2026-03-15"], 398 * DAY, "--severity=lifetime=ignore").code == OK


def test_named_root_is_not_public(judged, root, write):
    """-r names a CA of one's own: what it may issue is its own business."""
    result = judged(DATES["2027-03-15"], 398 * DAY, "-r", write("root.pem", root))
    assert result.code == OK
    assert result.findings_of("lifetime") == []


def test_named_directory_is_not_public(judged, system):
    assert judged(DATES["2027-03-15"], 398 * DAY, "-r", system["SSL_CERT_DIR"]).code == OK


def test_unknown_root_is_not_public(judged):
    other = authority("Other Root", not_before=DATES["2020-09-01"], not_after=DATES["2029-03-15"] + 30 * YEAR)
    result = judged(DATES["2027-03-15"], 398 * DAY, issuer=other)
    assert result.problems() == {"trust"}


def test_ten_years_of_an_internal_ca(judged, root, write):
    """Healthy in the middle of its life, and warned of as any other at its end."""
    anchors = ["-r", write("root.pem", root)]
    assert judged(DATES["2026-03-15"], 10 * YEAR, *anchors).code == OK
    assert has("lifetime of 3650 days", judged(DATES["2026-03-15"], 10 * YEAR).text_of("lifetime"))


@pytest.fixture
def private_anchors(root, system, start, tmp_path):
    """As judged, where the root lies in /usr/local/share/ca-certificates."""
    if reason := namespace.missing():
        pytest.skip(reason)
    local = tmp_path / "local"
    local.mkdir()
    (local / "own.crt").write_text(root.pem)

    def judged(begin, lifetime):
        leaf = issue(HOST, root, not_before=begin, not_after=begin + lifetime)
        port = start.python([leaf]).port
        # /usr/local is there everywhere; what is below it may not be.
        prefix = ["unshare", "--map-root-user", "--mount", "sh", "-c",
                  'mount -t tmpfs tmpfs /usr/local/share && mkdir /usr/local/share/ca-certificates && '
                  'cp "$1" /usr/local/share/ca-certificates/ && shift && exec "$@"', "sh", local / "own.crt"]
        return check("-H", HOST, "-I", "127.0.0.1", "-p", port, f"--at=@{begin + lifetime // 2}", "-w0", "-c0",
                     env=system, prefix=prefix)

    return judged


def test_root_that_the_administrator_added(judged, root, private_anchors):
    """A system's own place for local CAs: such a root is in its directory too, but is not public."""
    result = judged(DATES["2027-03-15"], 398 * DAY)
    assert result.code == WARNING
    result = private_anchors(DATES["2027-03-15"], 398 * DAY)
    assert result.code == OK
    assert result.findings_of("lifetime") == []


def test_expired_and_not_yet_valid_ones_too(root, system, start):
    """The lifetime is wrong at any time; there are worse findings then."""
    begin = DATES["2027-03-15"]
    leaf = issue(HOST, root, not_before=begin, not_after=begin + YEAR)
    port = start.python([leaf]).port
    for at in (begin - HOUR, begin + YEAR + HOUR):
        result = check("-H", HOST, "-I", "127.0.0.1", "-p", port, f"--at=@{at}", env=system)
        assert "lifetime" in result.problems()
