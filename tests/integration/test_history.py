# SPDX-License-Identifier: GPL-3.0-or-later
"""--history: what was seen before, and what follows from it. The history is written by the checks
themselves, in the present; what they wrote is then made older in the file."""

import os
import sqlite3
import stat
import subprocess
import time

import pytest

import namespace
from pki import DAY, HOUR, MINUTE, date, dns
from plugin import CRITICAL, OK, UNKNOWN, WARNING, check, environment, execute, has, path, run

HOST = "www.example.test"
TODAY = int(time.time())
QUARTER = 90 * DAY


def leaf(pki, left, lifetime=QUARTER, subject=HOST, **more):
    """A certificate with so much time left today."""
    return pki.leaf(subject, not_before=TODAY + left - lifetime, not_after=TODAY + left, **more)


class Site:
    """A server whose certificate changes, and the checks of it with one history."""

    def __init__(self, pki, start, file):
        self.pki, self.start, self.file = pki, start, file
        self.server = None

    def serve(self, certificate):
        context = self.start.context([certificate, self.pki.intermediate])
        if self.server is None:
            self.server = self.start.python(context)
        self.server.context = context

    def words(self, *options):
        return ["-H", HOST, "-I", "127.0.0.1", "-p", self.server.port, "-r", self.pki.root_file,
                f"--history={self.file}", *options]

    def see(self, certificate, *options, **more):
        """One check, as text, of a server with that certificate."""
        self.serve(certificate)
        return run(*self.words(*options), **more)

    def check(self, *options, **more):
        """Both outputs; the certificate is one that was seen already."""
        return check(*self.words(*options), **more)

    def query(self, sql, *values):
        with sqlite3.connect(self.file) as database:
            rows = database.execute(sql, values).fetchall()
        database.close()
        return rows

    def age(self, seconds):
        """As if all that is recorded had been that much earlier."""
        self.query("UPDATE seen SET first_seen = first_seen - ?1, last_seen = last_seen - ?1", seconds)

    def came(self, certificate, when):
        """As if that certificate had come then, and the one before had gone."""
        self.query("UPDATE seen SET first_seen = ?1, last_seen = ?1 WHERE not_before = ?2", when, certificate.not_before)

    def serials(self):
        return [row[0].lower().replace(":", "") for row in self.query("SELECT serial FROM seen ORDER BY first_seen")]

    def label(self):
        return f"{HOST}:{self.server.port}"


@pytest.fixture
def site(pki, start, tmp_path):
    return Site(pki, start, tmp_path / "history.db")


def unchanged(problem):
    """Is this what is said where history is not kept?"""
    return has("history is not kept: ", problem)


def text_of(result):
    """What is said of consistency."""
    return "\n".join(finding["text"] for finding in result.findings_of("consistency"))


# --- What is recorded --------------------------------------------------------------------------


def test_what_is_recorded(pki, site):
    certificate = leaf(pki, 80 * DAY)
    result = site.see(certificate)
    assert result.code == OK
    (row,) = site.query("SELECT target, address, sha256, serial, not_before, not_after, first_seen, last_seen FROM seen")
    target, address, sha256, serial, not_before, not_after, first_seen, last_seen = row
    assert (target, address) == (site.label(), "127.0.0.1")
    assert (not_before, not_after) == (certificate.not_before, certificate.not_after)
    assert first_seen == last_seen and TODAY <= first_seen <= time.time()
    recorded = site.check().target["history"]["certificates"]
    assert len(recorded) == 1
    seen = site.check().target["served"][0]
    assert recorded[0]["serial"] == serial == seen["serial"]
    assert sha256.hex() == seen["sha256"]
    assert stat.S_IMODE(os.stat(site.file).st_mode) == 0o600


def test_default_file(pki, site, tmp_path):
    site.serve(leaf(pki, 80 * DAY))
    words = [word for word in site.words() if not str(word).startswith("--history")]
    assert run(*words, "--history", env={"MP_STATE_PATH": str(tmp_path / "state")}).code == OK
    # Nobody made that directory: the check says so, or made it.
    made = list(tmp_path.glob("state/**/*.db"))
    (tmp_path / "state").mkdir(exist_ok=True)
    result = run(*words, "--history", env={"MP_STATE_PATH": str(tmp_path / "state")})
    assert result.code == OK and not has("not kept", result.text)
    assert len(list(tmp_path.glob("state/check_cert_renewal/*.db"))) == 1, made


@pytest.mark.parametrize("name", [":memory:", "file:x?mode=memory", "with blank", "-dash"])
def test_any_file_name(pki, site, tmp_path, name):
    site.file = name
    result = site.see(leaf(pki, 80 * DAY), prefix=["env", "-C", tmp_path])
    assert result.code == OK and not has("not kept", result.text)
    assert (tmp_path / name).stat().st_size > 0


def test_at_another_time_is_not_recorded(pki, site):
    """What would be is not what was seen."""
    site.serve(leaf(pki, 80 * DAY))
    assert site.check(f"--at=@{TODAY + DAY}").code == OK
    assert site.query("SELECT count(*) FROM seen") == [(0,)]


def test_unreachable_is_not_recorded(pki, site, start):
    site.server = start.refusing()
    result = site.check()
    assert result.code == CRITICAL and result.problems() == {"unreachable"}
    assert site.query("SELECT count(*) FROM seen") == [(0,)]


def test_files_are_not_recorded(pki, site, write):
    result = run("-f", write("cert.pem", leaf(pki, 80 * DAY)), f"--history={site.file}")
    assert result.code == OK
    assert site.query("SELECT count(*) FROM seen") == [(0,)]


def test_each_address_has_a_record(pki, site, start):
    old, new = leaf(pki, 20 * DAY), leaf(pki, 88 * DAY)
    site.serve(new)
    start.python([old, pki.intermediate], "127.0.0.2", site.server.port)
    site.check("-I", "127.0.0.2")
    assert site.query("SELECT address, not_after FROM seen ORDER BY address") == [
        ("127.0.0.1", new.not_after), ("127.0.0.2", old.not_after)]


# --- Written only when something changed -------------------------------------------------------


def snapshot(file):
    status = os.stat(file)
    return status.st_ino, status.st_mtime_ns, status.st_ctime_ns, file.read_bytes()


def test_written_only_when_something_changed(pki, site):
    certificate = leaf(pki, 80 * DAY)
    site.see(certificate)
    before = snapshot(site.file)
    with sqlite3.connect(site.file) as watcher:
        version = watcher.execute("PRAGMA data_version").fetchone()
        for _ in range(3):
            assert site.check().code == OK
        assert watcher.execute("PRAGMA data_version").fetchone() == version
    watcher.close()
    assert snapshot(site.file) == before
    assert list(site.file.parent.glob("history.db*")) == [site.file]
    site.see(leaf(pki, 81 * DAY))
    assert snapshot(site.file) != before
    assert len(site.serials()) == 2


def test_last_seen_is_refreshed_once_a_day(pki, site):
    certificate = leaf(pki, 80 * DAY)
    site.see(certificate)
    site.age(DAY - HOUR)
    before = snapshot(site.file)
    site.see(certificate)
    assert snapshot(site.file) == before
    site.age(2 * HOUR)
    site.see(certificate)
    ((first_seen, last_seen),) = site.query("SELECT first_seen, last_seen FROM seen")
    assert last_seen - first_seen >= DAY
    assert last_seen >= TODAY


# --- Renewed -----------------------------------------------------------------------------------


def test_renewed_just_now(pki, site):
    old, new = leaf(pki, 41 * DAY), leaf(pki, 90 * DAY)
    site.see(old)
    site.age(2 * HOUR)
    result = site.see(new)
    assert result.code == OK
    assert has(rf"renewed just now, 11 days before it was due, was valid until {date(old.not_after)}", result.headline)
    assert has(r"90 days left", result.headline)


def test_renewed_some_hours_ago(pki, site):
    site.see(leaf(pki, 41 * DAY))
    site.age(10 * DAY)
    site.see(leaf(pki, 90 * DAY))
    site.age(3 * HOUR)
    result = site.check()
    assert result.code == OK
    assert has(r"renewed 3 hours ago, 11 days before it was due", result.headline)
    assert result.findings_of("renewed")[0]["state"] == "OK"


def test_renewed_late(pki, site):
    site.see(leaf(pki, 20 * DAY))
    site.age(DAY)
    assert has(r"renewed just now, 10 days after it was due", site.see(leaf(pki, 90 * DAY)).headline)


def test_renewed_after_it_had_expired(pki, site):
    site.see(leaf(pki, -2 * DAY))
    site.age(DAY)
    assert has(rf"renewed just now, 32 days after .* valid until {date(TODAY - 2 * DAY)}", site.see(leaf(pki, 90 * DAY)).headline)


def test_news_for_a_day(pki, site):
    site.see(leaf(pki, 41 * DAY))
    site.age(10 * DAY)
    site.see(leaf(pki, 90 * DAY))
    site.age(DAY - 5 * MINUTE)
    assert has("renewed", site.check().headline)
    site.age(10 * MINUTE)
    result = site.check()
    assert result.findings_of("renewed") == []
    assert not has("renewed .* ago", result.headline)


def test_renewed_is_said_beside_a_problem(pki, site):
    """The repair is proved even where something else is wrong."""
    site.see(leaf(pki, 20 * DAY))
    site.age(DAY)
    result = site.see(leaf(pki, 90 * DAY, subject="other.example.test"))
    assert result.code == CRITICAL
    assert has("not for", result.headline) and has("renewed just now", result.headline)


def test_first_certificate_is_no_renewal(pki, site):
    assert not has("renewed just now", site.see(leaf(pki, 90 * DAY)).text)
    assert not has("renewed just now", site.see(leaf(pki, 90 * DAY)).text)


# --- Rollback ----------------------------------------------------------------------------------


def test_rollback(pki, site):
    old, new = leaf(pki, 41 * DAY), leaf(pki, 89 * DAY)
    site.see(old)
    site.age(3 * DAY)
    assert site.see(new).code == OK
    site.age(3 * DAY)
    for _ in range(2):
        result = site.see(old)
        assert result.code == WARNING
        assert has(rf"an older certificate is back.*{date(new.not_before)}.*{date(old.not_before)}", result.headline)
        assert has("41 days left", result.headline)
    assert site.check().problems() == {"rollback"}
    assert site.check("--severity=rollback=critical").code == CRITICAL
    assert site.see(new).code == OK
    assert site.check().problems() == set()


def test_nodes_that_renew_in_the_same_night_are_no_rollback(pki, site):
    """Behind one address two nodes answer in turn, each with a certificate of its own."""
    nodes = [leaf(pki, 85 * DAY), leaf(pki, 85 * DAY + 6 * HOUR)]
    for _ in range(2):
        for certificate in nodes:
            result = site.see(certificate)
            assert result.code == OK, result.stdout
            assert not has("older certificate", result.text)


def test_a_tenth_of_the_lifetime_tells_rounds_apart(pki, site):
    new = leaf(pki, 80 * DAY)
    site.see(new)
    for apart, code in ((9 * DAY, OK), (9 * DAY + MINUTE, WARNING)):
        assert site.see(leaf(pki, 80 * DAY - apart)).code == code


def test_rollback_is_by_address(pki, site, start):
    """What one address had says nothing of another one."""
    old, new = leaf(pki, 41 * DAY), leaf(pki, 89 * DAY)
    site.serve(new)
    start.python([old, pki.intermediate], "127.0.0.2", site.server.port)
    site.check("-I", "127.0.0.2", "--severity=consistency=ignore")
    assert site.check("-I", "127.0.0.2", "--severity=consistency=ignore").problems() == set()


# --- Consistency, watched ----------------------------------------------------------------------


def test_grace_counts_from_when_it_came(pki, site, start):
    """CAs date certificates back, and an issued one may wait: what counts is when it was first seen."""
    old, new = leaf(pki, 20 * DAY), leaf(pki, 88 * DAY)
    site.serve(old)
    start.python([old, pki.intermediate], "127.0.0.2", site.server.port)
    options = ["-I", "127.0.0.2", "-w0", "-c0"]
    site.check(*options)
    site.age(5 * DAY)
    site.serve(new)
    result = site.check(*options)
    assert result.code == OK
    assert has("1 of 2 addresses", result.text)
    assert not has("2 days", text_of(result))
    site.age(2 * HOUR)
    result = site.check(*options)
    assert result.code == WARNING
    assert result.problems() == {"consistency"}


# --- Learned rhythm ----------------------------------------------------------------------------


def renewals(pki, site, *remaining, lifetime=QUARTER):
    """A past in which each certificate was replaced with so much time left; the last one is served."""
    chain = [leaf(pki, lifetime, lifetime=lifetime)]
    for left in reversed(remaining):
        end = chain[0].not_before + left  # of the one before
        chain.insert(0, pki.leaf(HOST, not_before=end - lifetime, not_after=end))
    for certificate in chain:
        site.see(certificate)
    for certificate in chain:
        site.came(certificate, certificate.not_before)
    return chain[-1]


def days_to_renewal(result):
    return result.perfdata["days_to_renewal"].value


@pytest.mark.parametrize("remaining", [(40 * DAY, 45 * DAY), (45 * DAY, 40 * DAY), (40 * DAY, 41 * DAY, 45 * DAY),
                                       (10 * DAY, 12 * DAY)])
def test_learned_rhythm(pki, site, remaining):
    """The smallest, less a tenth; the limits follow. In whichever direction from the rule's 30 days."""
    last = renewals(pki, site, *remaining)
    due = min(remaining) * 9 // 10
    for left, code in ((due * 5 // 6 + 1, OK), (due * 5 // 6 - 1, WARNING), (due // 3 + 1, WARNING),
                       (due // 3 - 1, CRITICAL)):
        result = site.check(last.at(left))
        assert result.code == code, result.stdout
        assert days_to_renewal(result) == pytest.approx((left - due) / DAY, abs=0.006)
        assert has(rf"usually renews {min(remaining) // DAY} days before the end", result.headline)
        assert result.target["expiry"]["due_by"] == "history"


def test_one_renewal_teaches_nothing(pki, site):
    last = renewals(pki, site, 60 * DAY)
    result = site.check(last.at(25 * DAY + 1))
    assert (result.code, result.target["expiry"]["due_by"]) == (OK, "lifetime")
    assert site.check(last.at(25 * DAY - 1)).code == WARNING
    assert not has("usually", result.text)


def test_certificates_of_another_lifetime_teach_nothing(pki, site):
    """From 90 to 47 days: the old rhythm is not that of the new ones."""
    renewals(pki, site, 30 * DAY, 30 * DAY)
    short = leaf(pki, 47 * DAY, lifetime=47 * DAY)
    site.see(short)
    assert site.check(short.at(20 * DAY)).target["expiry"]["due_by"] == "lifetime"


def test_renewed_after_expiry_teaches_nothing(pki, site):
    """An outage is no rhythm."""
    last = renewals(pki, site, -3 * DAY, 30 * DAY)
    assert site.check(last.at(40 * DAY)).target["expiry"]["due_by"] == "lifetime"


def test_what_goes_before_the_rhythm(pki, site):
    last = renewals(pki, site, 40 * DAY, 45 * DAY)
    at = last.at(29 * DAY)
    assert site.check(at).code == WARNING
    assert site.check(at, "--client=certbot").target["expiry"]["due_by"] == "history"
    result = site.check(at, "--renew-before=20")
    assert (result.code, result.target["expiry"]["due_by"]) == (OK, "option")
    assert site.check(at, "-w", "10", "-c", "5").code == OK


# --- --show-history ----------------------------------------------------------------------------


def test_show_history(pki, site):
    old, new = leaf(pki, 20 * DAY), leaf(pki, 90 * DAY)
    site.see(old)
    site.age(DAY)
    site.see(new)
    shown = execute(*site.words("--show-history"))
    assert shown.code == OK
    lines = shown.stdout.splitlines()
    assert lines[0] == f"{site.label()}: 2 certificates seen"
    assert date(old.not_after) in lines[2] and date(new.not_after) in lines[3]
    for line in lines[2:]:
        assert "127.0.0.1" in line
    assert "|" not in shown.stdout


def test_show_history_does_not_check(pki, site, start):
    site.see(leaf(pki, 20 * DAY))
    accepted, before = site.server.accepted, snapshot(site.file)
    execute(*site.words("--show-history"))
    assert site.server.accepted == accepted
    assert snapshot(site.file) == before


def test_show_history_of_an_unknown_target(pki, site):
    site.see(leaf(pki, 20 * DAY))
    shown = execute("-H", "unknown.example.test", f"--history={site.file}", "--show-history")
    assert shown.code == OK
    assert has(r"unknown\.example\.test: 0 certificates", shown.stdout)


def test_show_history_of_a_broken_file(write):
    result = run("-H", HOST, f"--history={write('history.db', b'no database' * 1000)}", "--show-history")
    assert result.code == UNKNOWN
    assert has("not a history file", result.headline)


# --- Trouble: the verdict is given, it is said, nothing is lost --------------------------------


def troubled(site, certificate, words, **more):
    """A check whose history is not kept, for that reason: the verdict is that of the certificate."""
    site.serve(certificate)
    result = site.check(**more)
    assert result.code == WARNING, result.stdout
    assert has("20 days left", result.headline)
    assert result.problems() == {"expiry"}
    said = result.findings_of("history")
    assert len(said) == 1 and unchanged(said[0]["text"]) and has(words, said[0]["text"]), result.stdout
    assert unchanged(result.text), result.stdout
    assert result.target["history"]["problem"] is not None
    return result


@pytest.mark.parametrize("content", [b"no database" * 1000, b"SQLite format 3\0" + b"\xff" * 8000])
def test_no_database(pki, site, content):
    site.file.write_bytes(content)
    troubled(site, leaf(pki, 20 * DAY), "not a history file|damaged")
    assert site.file.read_bytes() == content


def test_damaged(pki, site):
    for days in range(60):
        site.see(leaf(pki, (20 + days) * DAY))
    content = bytearray(site.file.read_bytes())
    for at in range(4096 + 8, len(content), 4096):
        content[at:at + 2000] = b"\xff" * 2000
    site.file.write_bytes(content)
    troubled(site, leaf(pki, 20 * DAY), "damaged|not a history file")
    assert site.file.read_bytes() == bytes(content)


def test_cut_off(pki, site):
    for days in range(60):
        site.see(leaf(pki, (20 + days) * DAY))
    content = site.file.read_bytes()[:5000]
    site.file.write_bytes(content)
    troubled(site, leaf(pki, 20 * DAY), "damaged|not a history file|cannot be read")
    assert site.file.read_bytes() == content


def test_newer_schema(pki, site):
    site.see(leaf(pki, 80 * DAY))
    site.query("PRAGMA user_version = 99")
    content = site.file.read_bytes()
    troubled(site, leaf(pki, 20 * DAY), "newer version")
    assert site.file.read_bytes() == content


def test_database_of_another_program(pki, site):
    site.query("CREATE TABLE mail (id INTEGER)")
    content = site.file.read_bytes()
    troubled(site, leaf(pki, 20 * DAY), "another program")
    assert site.file.read_bytes() == content


def test_directory(pki, site, tmp_path):
    site.file = tmp_path
    troubled(site, leaf(pki, 20 * DAY), "not a file")


def test_missing_directory(pki, site, tmp_path):
    site.file = tmp_path / "missing" / "history.db"
    troubled(site, leaf(pki, 20 * DAY), "cannot be made|no such file")


@pytest.fixture
def mounted(tmp_path):
    """mounted(script): a command prefix that runs this in a mount namespace first; the command runs after
    it, as `run`."""
    if reason := namespace.missing():
        pytest.skip(reason)

    def mounted(script, *values):
        user = () if os.geteuid() == 0 else ("--user", "--map-root-user")
        lines = f"""
            set -e
            trouble() {{ {script}
            }}
            run() {{ code=0; "$@" || code=$?; }}
            first=$1; second=$2; shift 2
            trouble "$first" "$second"
            run "$@"
            if command -v after >/dev/null; then after "$first" "$second"; fi
            exit $code
            """
        first, second = [*values, "", ""][:2]
        return ["unshare", *user, "--mount", "sh", "-c", lines, "sh", first, second]

    return mounted


def test_read_only(pki, site, mounted):
    """What was recorded is still used; what is new is not kept, and that is said."""
    old, new = leaf(pki, 20 * DAY), leaf(pki, 89 * DAY)
    site.see(new)
    content = site.file.read_bytes()
    prefix = mounted('mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"', site.file.parent)
    site.serve(new)
    result = site.check(prefix=prefix)  # nothing to write
    assert result.code == OK and result.findings_of("history") == []
    site.serve(old)
    result = site.check(prefix=prefix)
    assert result.code == WARNING
    assert "rollback" in result.problems()
    assert unchanged(result.text) and has("cannot be written", result.text)
    assert site.file.read_bytes() == content


def test_read_only_and_not_there(pki, site, mounted):
    prefix = mounted('mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"', site.file.parent)
    troubled(site, leaf(pki, 20 * DAY), "read-only", prefix=prefix)
    assert not site.file.exists()


def held_to_permissions():
    """A command prefix: also root has to keep to the mode of a file, as those who run checks have to."""
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []


def test_not_readable(pki, site):
    site.see(leaf(pki, 80 * DAY))
    site.file.chmod(0)
    troubled(site, leaf(pki, 20 * DAY), "permission", prefix=held_to_permissions())


@pytest.mark.parametrize("whole_directory", [True, False])
def test_not_writable(pki, site, whole_directory):
    old, new = leaf(pki, 20 * DAY), leaf(pki, 89 * DAY)
    site.see(new)
    locked = site.file.parent if whole_directory else site.file
    mode = locked.stat().st_mode
    locked.chmod(0o500 if whole_directory else 0o400)
    site.serve(old)
    try:
        result = site.check(prefix=held_to_permissions())
    finally:
        locked.chmod(mode)
    assert result.code == WARNING
    assert "rollback" in result.problems()
    assert unchanged(result.text) and has("cannot be (written|opened)", result.text)
    assert site.query("SELECT not_after FROM seen") == [(new.not_after,)]


@pytest.mark.parametrize("first", [True, False])
def test_full_disk(pki, site, mounted, tmp_path, first):
    """A file system without a free page, with and without a history on it."""
    kept = tmp_path / "kept"
    kept.mkdir()
    if not first:
        site.see(leaf(pki, 25 * DAY))
        (kept / "history.db").write_bytes(site.file.read_bytes())
    full = tmp_path / "full"
    full.mkdir()
    site.file = full / "history.db"
    prefix = mounted("""
        mount -t tmpfs -o size=256k tmpfs "$1"
        test ! -e "$2/history.db" || cp "$2/history.db" "$1/"
        cat /dev/zero >"$1/filler" 2>/dev/null || true
        after() { test ! -e "$1/history.db" || cp "$1/history.db" "$2/history.db"; }
        """, full, kept)
    troubled(site, leaf(pki, 20 * DAY), "space", prefix=prefix)
    if not first:
        site.file = kept / "history.db"
        assert site.query("PRAGMA integrity_check") == [("ok",)]
        assert site.query("SELECT not_after FROM seen") == [(TODAY + 25 * DAY,)]


def test_locked_by_another_program(pki, site):
    """Somebody's backup holds the file for longer than a check can wait."""
    site.see(leaf(pki, 80 * DAY))
    holder = sqlite3.connect(site.file, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        troubled(site, leaf(pki, 20 * DAY), "busy")
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert site.query("SELECT count(*) FROM seen") == [(1,)]


# --- Many at once ------------------------------------------------------------------------------


def test_many_checks_at_once(pki, site):
    """Each gives its verdict, and each has kept what it saw or says that it has not."""
    count = 24
    certificate = leaf(pki, 80 * DAY, subject="*.example.test", names=[dns("*.example.test")])
    site.serve(certificate)
    names = [f"site{number}.example.test" for number in range(count)]
    argv = [[path(), *map(str, site.words()), "-H", name] for name in names]
    # The fixture's own -H is another target in each of them: all write the same row.
    running = [subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment())
               for words in argv]
    outputs = [process.communicate(timeout=60)[0] for process in running]
    kept = 0
    for process, output, name in zip(running, outputs, names):
        assert process.returncode == OK, output
        found = site.query("SELECT count(*) FROM seen WHERE target = ?", f"{name}:{site.server.port}") == [(1,)]
        assert found or has("not kept: .*busy", output), output
        kept += found
    assert kept > 0
    assert site.query("SELECT count(*) FROM seen WHERE target = ?", site.label()) == [(1,)]
    assert site.query("PRAGMA integrity_check") == [("ok",)]


def test_killed_at_any_moment(pki, site):
    """Whatever was recorded before is still there, and the next check goes on."""
    first = leaf(pki, 80 * DAY)
    site.see(first)
    recorded = set(site.serials())
    for milliseconds in range(0, 40, 2):
        site.serve(leaf(pki, 81 * DAY))
        process = subprocess.Popen([path(), *map(str, site.words())], stdout=subprocess.DEVNULL, env=environment())
        try:
            process.wait(milliseconds / 1000)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert recorded <= set(site.serials())
        recorded = set(site.serials())
    result = site.see(first)
    assert result.code == OK and not has("not kept", result.text)
    assert site.query("PRAGMA integrity_check") == [("ok",)]
