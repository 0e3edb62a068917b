# SPDX-License-Identifier: GPL-3.0-or-later
"""--ari: what the CA's own word on renewal (RFC 9773) does to the verdict. The CA is asked in the
present, so these certificates are of the present; --at judges around its window."""

import base64
import sqlite3
import time

import pytest

import ari_server
from pki import DAY, HOUR, MINUTE, authority, date, dns, ip
from plugin import CRITICAL, OK, UNKNOWN, WARNING, check, has, run

HOST = "www.example.test"
TODAY = int(time.time())
QUARTER = 90 * DAY
WINDOW_END = TODAY + 40 * DAY
DIRECTORY = ari_server.DIRECTORY_PATH


@pytest.fixture(scope="module")
def certificate(pki):
    """80 of 90 days are left."""
    return pki.leaf(HOST, not_before=TODAY - 10 * DAY, not_after=TODAY + 80 * DAY)


@pytest.fixture(scope="module")
def served(pki, certificate, start_module):
    return start_module.python([certificate, pki.intermediate])


@pytest.fixture(scope="module")
def ca_chain(pki):
    return pki.chain("acme.example.test", not_before=TODAY - 10 * DAY, not_after=TODAY + 80 * DAY,
                     names=[dns("localhost"), ip("127.0.0.1")])


@pytest.fixture
def ca(start, ca_chain):
    """ca(window=...): a CA that is stopped at the end of the test."""

    def make(chain=None, window=(WINDOW_END - 2 * DAY, WINDOW_END), **more):
        server = ari_server.AriServer(start.context(chain or ca_chain), window, **more)
        start.running.append(server)
        return server

    return make


@pytest.fixture
def words(pki, served):
    def words(server, *options, at=None, port=None):
        url = server if isinstance(server, str) else server.url
        time_options = [] if at is None else [f"--at=@{at}"]
        return ["-H", HOST, "-I", "127.0.0.1", "-p", port or served.port, "-r", pki.root_file, f"--ari={url}",
                *time_options, *options]

    return words


@pytest.fixture
def ask(words):
    """ask(server, ...): both outputs of the check that asks this CA."""
    return lambda server, *options, at=None, port=None, **more: check(*words(server, *options, at=at, port=port), **more)


def info_path(certificate):
    """Where the CA is asked: the issuer's key identifier and the serial, each as base64url."""
    def encoded(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    serial = certificate.der[certificate.der.index(b"\xa0\x03\x02\x01\x02\x02") + 5:]
    return f"{ari_server.INFO_PATH}/{encoded(certificate.issuer.key_id)}.{encoded(serial[2:2 + serial[1]])}"


def text_of(result):
    return "\n".join(finding["text"] for finding in result.findings_of("ari"))


# --- The window --------------------------------------------------------------------------------


def test_window_ahead(ask, ca, certificate):
    server = ca()
    result = ask(server)
    assert result.code == OK
    assert server.asked_for() == [DIRECTORY, info_path(certificate)] * 2
    assert result.target["expiry"]["due_by"] == "ari"
    assert result.target["ari"]["window_end"] == ari_server.timestamp(WINDOW_END)
    assert result.target["ari"]["problem"] is None
    assert has(rf"renewal due in \d+ days \({date(WINDOW_END)}\), as the CA suggests", result.headline)
    assert has(rf"the CA suggests renewal by {date(WINDOW_END)}", text_of(result))


def test_due_is_the_end_of_the_window(ask, ca, certificate):
    result = ask(ca(), at=WINDOW_END - 5 * DAY)
    assert result.perfdata["days_to_renewal"].value == pytest.approx(5, abs=0.006)
    assert result.target["expiry"]["renew_before_days"] == pytest.approx((certificate.not_after - WINDOW_END) / DAY)


def test_both_sides_of_the_grace(ask, ca):
    """A client that looks twice a day may be a day late."""
    server = ca()
    for late in (0, HOUR, DAY):
        result = ask(server, at=WINDOW_END + late)
        assert result.code == OK, result.stdout
    result = ask(server, at=WINDOW_END + DAY + 1)
    assert result.code == WARNING
    assert {"ari"} <= result.problems() <= {"ari", "expiry"}
    assert has(rf"the CA wanted it renewed by {date(WINDOW_END)}", result.text_of("ari"))


def test_grace_of_a_short_lifetime(pki, start, ask, ca):
    """A twentieth of six days: 7 hours and 12 minutes."""
    end = TODAY + 3 * DAY
    port = start.python(pki.chain(HOST, not_before=TODAY - HOUR, not_after=TODAY + 6 * DAY - HOUR)).port
    server = ca(window=(end - HOUR, end))
    grace = 6 * DAY // 20
    assert ask(server, at=end + grace, port=port).code == OK
    result = ask(server, at=end + grace + 1, port=port)
    assert result.code == WARNING and "ari" in result.problems()


def test_critical_under_a_third(ask, ca, certificate):
    server = ca()
    due = certificate.not_after - WINDOW_END
    assert ask(server, at=certificate.not_after - due // 3 - 1).code == WARNING
    assert ask(server, at=certificate.not_after - due // 3 + 1).code == CRITICAL


def test_window_moved_into_the_past(ask, ca):
    """The CA has to replace certificates en masse: it says why, and nobody goes there."""
    server = ca(window=(TODAY - 3 * DAY, TODAY - 2 * DAY))
    server.explanation = f"{server.base}/incident?id=7"
    result = ask(server)
    assert result.code == WARNING
    assert "ari" in result.problems()
    assert has("wanted it renewed by .* ago", result.text)
    assert server.explanation in result.text
    assert result.target["ari"]["explanation_url"] == server.explanation
    assert not [asked for asked in server.asked_for() if "incident" in asked]


def test_window_in_the_past_within_the_grace(ask, ca):
    server = ca(window=(TODAY - 2 * DAY, TODAY - HOUR))
    result = ask(server)
    assert result.code == OK
    assert result.problems() == set()


def test_hostile_explanation(ask, ca):
    """Outside material as any other."""
    server = ca(window=(TODAY - 3 * DAY, TODAY - 2 * DAY), explanation="https://x/|a=b\n\x1b[2J\u202e" + "y" * 3000)
    result = ask(server)
    assert result.code == WARNING and "ari" in result.problems()


def test_severity_of_ari(ask, ca):
    server = ca(window=(TODAY - 3 * DAY, TODAY - 2 * DAY))
    result = ask(server, "--severity=ari=critical")
    assert result.code == CRITICAL and "ari" in result.problems()


# --- What goes before it -----------------------------------------------------------------------


def test_what_goes_before(ask, ca):
    server = ca()
    assert ask(server, "--client=certbot").target["expiry"]["due_by"] == "ari"
    assert ask(server, "--renew-before=30").target["expiry"]["due_by"] == "option"


def test_fixed_limits_stay(ask, ca):
    result = ask(ca(), "-w", "70", "-c", "60", at=TODAY + 15 * DAY)
    assert result.code == WARNING
    assert result.problems() == {"expiry"}


# --- Failures ----------------------------------------------------------------------------------

FAILURES = {
    "directory 404": ("directory", ari_server.status(404), "status 404"),
    "directory 500": ("directory", ari_server.status(500), "status 500"),
    "directory is no JSON": ("directory", ari_server.not_json, "JSON"),
    "directory without renewalInfo": ("directory", ari_server.body({"newOrder": "x"}), "no renewalInfo"),
    "404": ("renewal_info", ari_server.status(404), "status 404"),
    "500": ("renewal_info", ari_server.status(500), "status 500"),
    "429": ("renewal_info", ari_server.status(429, "Retry-After: 60"), "status 429"),
    "redirect": ("renewal_info", ari_server.redirect, "status 302"),
    "no JSON": ("renewal_info", ari_server.not_json, "JSON"),
    "no window": ("renewal_info", ari_server.body({}), "suggestedWindow"),
    "window that ends before it starts": ("renewal_info", ari_server.body({"suggestedWindow": {
        "start": "2027-01-02T00:00:00Z", "end": "2027-01-01T00:00:00Z"}}), "does not end after"),
    "no HTTP": ("renewal_info", ari_server.raw(b"220 mail.example.test ESMTP\r\n\r\n"), "not HTTP"),
    "endless": ("renewal_info", ari_server.endless_body, "too large"),
    "endless line": ("renewal_info", ari_server.endless_line, "too l"),
    "cut off": ("renewal_info", ari_server.cut_off, "ends early"),
    "reset": ("renewal_info", ari_server.reset, "reset|broke|ends early"),
}


def no_answer(ask, words, server, said, *options, state=OK):
    """The verdict is the one without the CA's word; why there is none is said with -v and in JSON only."""
    result = ask(server, *options)
    assert result.code == state, result.stdout
    assert result.target["expiry"]["due_by"] == "lifetime"
    assert result.state_of("ari") == "OK"
    assert has(said, result.target["ari"]["problem"]), result.target["ari"]
    assert not has(said, result.text) and not has(r"\bari\b", result.text), result.stdout
    loud = run(*words(server, "-v", *options))
    assert loud.code == state
    assert has(rf"\[OK\] - ari: [^\n]*{said}", loud.text), loud.stdout
    return result


@pytest.mark.parametrize("failure", FAILURES)
def test_failure_changes_no_state(ask, words, ca, failure):
    part, answer, said = FAILURES[failure]
    server = ca()
    setattr(server, part, answer)
    no_answer(ask, words, server, said)


def test_refused(ask, words, start):
    no_answer(ask, words, f"https://127.0.0.1:{start.refusing().port}/directory", "refused")


def test_name_that_does_not_exist(ask, words, private):
    prefix = private(hosts="127.0.0.1 localhost\n")
    result = ask("https://acme.invalid/directory", prefix=prefix)
    assert result.code == OK and result.target["ari"]["problem"] is not None


def test_not_trusted(ask, words, ca):
    """The CA's server has to prove who it is."""
    stranger = authority("Other Root")
    no_answer(ask, words, ca([authority("127.0.0.1", stranger, names=[ip("127.0.0.1")])]), "certificate|trust|verif")


def test_another_name(ask, words, pki, ca):
    chain = pki.chain("other.example.test", not_before=TODAY - DAY, not_after=TODAY + DAY)
    no_answer(ask, words, ca(chain), "certificate|name|mismatch")


def test_expired_certificate_of_the_ca(ask, words, pki, ca):
    chain = pki.chain("x", names=[ip("127.0.0.1")], not_before=TODAY - 9 * DAY, not_after=TODAY - DAY)
    no_answer(ask, words, ca(chain), "expired")


def test_plain_http(ask, words, start):
    server = start.raw(lambda connection: connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    no_answer(ask, words, f"https://127.0.0.1:{server.port}/directory", "TLS|handshake")


@pytest.mark.parametrize("kind", [ari_server.silent, ari_server.drip])
@pytest.mark.parametrize("part", ["directory", "renewal_info"])
def test_within_the_timeout(words, ca, kind, part):
    server = ca()
    setattr(server, part, kind)
    result = run(*words(server, "-t", "0.8", "-v"))
    assert result.code == OK, result.stdout
    assert 0.7 <= result.elapsed < 5
    assert has(r"\[OK\] - ari: .*in time", result.text)


def test_failure_beside_a_problem(pki, start, ask, words, ca):
    """WARNING by the lifetime stays WARNING."""
    port = start.python(pki.chain(HOST, not_before=TODAY - 70 * DAY, not_after=TODAY + 20 * DAY)).port
    server = ca()
    server.renewal_info = ari_server.status(500)
    result = ask(server, port=port)
    assert result.code == WARNING
    assert result.problems() == {"expiry"}


# --- Not asked ---------------------------------------------------------------------------------


def test_expired_certificate(pki, start, ask, ca):
    port = start.python(pki.chain(HOST, not_before=TODAY - 92 * DAY, not_after=TODAY - 2 * DAY)).port
    server = ca()
    result = ask(server, port=port)
    assert result.code == CRITICAL and "expiry" in result.problems()
    assert server.asked_for() == []
    assert has("not asked for an expired", result.target["ari"]["problem"])


def test_no_certificate(ask, start, ca):
    server = ca()
    result = ask(server, port=start.refusing().port)
    assert result.code == CRITICAL and result.problems() == {"unreachable"}
    assert server.asked_for() == []


def test_unknown_ca(pki, served):
    """Nobody is asked at random."""
    words = ["-H", HOST, "-I", "127.0.0.1", "-p", served.port, "-r", pki.root_file, "--ari"]
    result = check(*words)
    assert result.code == OK
    assert has("no ACME directory is known for this issuer", result.target["ari"]["problem"])
    assert has(r"\[OK\] - ari: .*--ari=URL", run(*words, "-v").text)


def test_files_have_no_ca_to_ask(ask, words, ca, certificate, write):
    server = ca()
    result = run("-f", write("cert.pem", certificate), f"--ari={server.url}")
    assert result.code == OK
    assert server.asked_for() == []


@pytest.mark.parametrize("url", ["", "http://127.0.0.1/directory", "ftp://127.0.0.1/", "https://", "https://a b/", "acme"])
def test_wrong_url(url):
    result = run("-H", HOST, f"--ari={url}")
    assert result.code == UNKNOWN
    assert has("--ari", result.headline) and has("https", result.headline)


# --- Kept in the history -----------------------------------------------------------------------


class Memory:
    def __init__(self, file):
        self.file = file
        self.option = f"--history={file}"

    def query(self, sql, *values):
        with sqlite3.connect(self.file) as database:
            rows = database.execute(sql, values).fetchall()
        database.close()
        return rows

    def poll_was_due(self):
        self.query("UPDATE renewal_info SET next_poll = ?", TODAY - 1)


@pytest.fixture
def memory(tmp_path):
    return Memory(tmp_path / "history.db")


@pytest.mark.parametrize("retry_after, wait", [("7200", 2 * HOUR), ("1", MINUTE), ("864000", DAY), (None, 6 * HOUR),
                                               ("soon", 6 * HOUR)])
def test_kept_until_the_next_poll(words, ca, memory, retry_after, wait):
    server = ca(retry_after=retry_after)
    for _ in range(3):
        result = run(*words(server, memory.option))
        assert result.code == OK and has("as the CA suggests", result.headline)
    assert len(server.asked_for()) == 2  # the directory and the answer, once
    ((next_poll, asked_at),) = memory.query("SELECT next_poll, asked_at FROM renewal_info")
    assert next_poll - asked_at == wait
    memory.poll_was_due()
    server.window = (TODAY - 3 * DAY, TODAY - 2 * DAY)
    assert run(*words(server, memory.option)).code == WARNING
    assert len(server.asked_for()) == 4


def test_without_history_each_check_asks(words, ca):
    server = ca()
    for _ in range(2):
        run(*words(server))
    assert len(server.asked_for()) == 4


def test_last_word_stands_while_the_ca_does_not_answer(words, ask, ca, memory):
    server = ca()
    run(*words(server, memory.option))
    memory.poll_was_due()
    server.renewal_info = ari_server.status(500)
    result = ask(server, memory.option)
    assert result.code == OK
    assert result.target["expiry"]["due_by"] == "ari"
    asked = len(server.asked_for())
    run(*words(server, memory.option))
    assert len(server.asked_for()) == asked  # the next poll was put off


def test_failure_is_not_repeated_at_once(words, ca, memory):
    server = ca()
    server.renewal_info = ari_server.status(404)
    for _ in range(3):
        assert run(*words(server, memory.option)).code == OK
    assert len(server.asked_for()) == 2
    assert has(r"\[OK\] - ari: ", run(*words(server, memory.option, "-v")).text)


def test_answer_is_of_one_certificate(pki, start, words, ca, memory):
    """After a renewal the CA is asked about the new one."""
    server = ca()
    run(*words(server, memory.option))
    renewed = pki.leaf(HOST, not_before=TODAY - HOUR, not_after=TODAY - HOUR + QUARTER)
    port = start.python([renewed, pki.intermediate]).port
    run(*words(server, memory.option, port=port))
    assert server.asked_for()[-1] == info_path(renewed)
    assert memory.query("SELECT count(*) FROM renewal_info") == [(2,)]


def test_history_that_cannot_be_kept(words, ca, memory):
    """Then the CA is asked each time."""
    memory.file.write_bytes(b"no database" * 100)
    server = ca()
    for _ in range(2):
        result = run(*words(server, memory.option))
        assert result.code == OK and has("as the CA suggests", result.headline)
    assert len(server.asked_for()) == 4


def test_several_targets_are_asked_at_the_same_time(pki, start, words, ca):
    """Each has its own -t; one silent CA does not use up the others' time."""
    server = ca()
    server.renewal_info = ari_server.silent
    others = []
    for number in range(4):
        name = f"site{number}.example.test"
        leaf = pki.leaf(name, not_before=TODAY - DAY, not_after=TODAY + 89 * DAY)
        others += ["-H", f"{name}:{start.python([leaf, pki.intermediate]).port}"]
    line = [word for word in words(server, "-t", "1") if word not in ("-p",)]
    port = line.pop(line.index("127.0.0.1") + 1)
    line[1] = f"{HOST}:{port}"
    result = run(*line, *others, targets=5)
    assert result.code == OK, result.stdout
    assert result.elapsed < 6
