# SPDX-License-Identifier: GPL-3.0-or-later
"""What is fetched from a CA that publishes renewal information, and what is said of one that does not
or that misbehaves. Runs ari_fetch() by itself: tests/unit/ari_driver, which ARI_DRIVER names.
"""

import datetime
import json
import os
import pathlib
import ssl
import subprocess
import time

import pytest

import ari_server
import servers
from pki import DAY, HOUR, MINUTE, NOW, authority, dns, ip, issue
from plugin import environment, has

CERTIFICATE_ID = "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"
INFO = f"{ari_server.INFO_PATH}/{CERTIFICATE_ID}"
WINDOW = (NOW + 3 * DAY, NOW + 5 * DAY)
# Far above what any of these takes; a test that wants the time to run out says its own.
TIMEOUT = 20
# Far above what is promised: tells a deadline that is kept from one that is not.
MARGIN = 1.0


@pytest.fixture(scope="session")
def driver():
    beside = pathlib.Path(os.environ["CHECK_CERT_RENEWAL"]).parents[1] / "tests" / "unit" / "ari_driver"
    path = os.environ.get("ARI_DRIVER") or str(beside)
    assert os.access(path, os.X_OK), f"{path}: no such program; `make check` builds it"
    return path


@pytest.fixture
def fetch(driver, pki):
    def fetch(url, *, root=pki.root_file, now=NOW, timeout=TIMEOUT, env=None, prefix=()):
        argv = [*prefix, driver, url, CERTIFICATE_ID, root, str(now), str(timeout)]
        begin = time.monotonic()
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False,
                              env=environment(env))
        assert (done.returncode, done.stderr) == (0, ""), done
        answer = json.loads(done.stdout)
        answer["elapsed"] = time.monotonic() - begin
        assert answer["known"] == (answer["error"] is None), answer
        assert answer["asked_at"] == now
        return answer

    return fetch


@pytest.fixture(scope="module")
def ca_chain(pki):
    return pki.chain("acme.example.test", names=[dns("localhost"), dns("acme.example.test"), ip("127.0.0.1"),
                                                 ip("::1")])


@pytest.fixture
def ca(start, ca_chain):
    """ca(...): a server that is stopped at the end of the test."""

    def make(chain=None, **more):
        more.setdefault("window", WINDOW)
        server = ari_server.AriServer(start.context(chain or ca_chain), **more)
        start.running.append(server)
        return server

    return make


def temporary(answer, now=NOW):
    assert answer["next_poll"] == now + HOUR, answer
    return answer["error"]


def lasting(answer, now=NOW):
    assert answer["next_poll"] == now + 6 * HOUR, answer
    return answer["error"]


# --- Answers -----------------------------------------------------------------------------------


def test_window(fetch, ca):
    server = ca(explanation="https://ca.example/why?a=b", retry_after="7200")
    answer = fetch(server.url)
    assert answer["error"] is None
    assert (answer["start"], answer["end"]) == WINDOW
    assert answer["explanation_url"] == "https://ca.example/why?a=b"
    assert answer["status"] == 200
    assert answer["next_poll"] == NOW + 7200
    assert server.asked_for() == [ari_server.DIRECTORY_PATH, INFO]


def test_requests(fetch, ca):
    server = ca()
    fetch(server.url)
    for request in server.requests:
        assert request.line.startswith("GET /") and request.line.endswith(" HTTP/1.1")
        assert request.headers["host"] == f"127.0.0.1:{server.port}"
        assert request.headers["user-agent"].startswith("check_cert_renewal/")
        assert request.headers["connection"] == "close"


@pytest.mark.parametrize("kind", [ari_server.chunked, ari_server.until_close])
def test_other_framing(fetch, ca, kind):
    server = ca()
    server.renewal_info = kind
    assert fetch(server.url)["start"] == WINDOW[0]


def test_slash_at_the_end(fetch, ca):
    """pebble's renewalInfo ends with a slash, and answers two of them with a redirect."""
    server = ca()
    server.directory = ari_server.body({"renewalInfo": server.base + ari_server.INFO_PATH + "/"})
    assert fetch(server.url)["known"]
    assert server.asked_for()[-1] == INFO


def test_host_in_other_case(fetch, ca):
    server = ca(host="localhost")
    server.directory = ari_server.body(
        {"renewalInfo": f"HTTPS://LocalHost:{server.port}{ari_server.INFO_PATH}"})
    assert fetch(server.url)["known"]


def test_ipv6(fetch, ca, ipv6):
    server = ca(host="::1", address="::1")
    assert fetch(server.url)["known"]
    assert server.requests[0].headers["host"] == f"[::1]:{server.port}"


def test_second_address(fetch, ca, private):
    """An address that refuses does not hide the next one."""
    server = ca(host="acme.example.test")
    prefix = private(hosts="127.0.0.3 acme.example.test\n127.0.0.1 acme.example.test\n")
    assert fetch(server.url, prefix=prefix)["known"]


def test_window_in_the_past(fetch, ca):
    server = ca(window=(NOW - 2 * DAY, NOW - DAY))
    assert fetch(server.url)["end"] == NOW - DAY


@pytest.mark.parametrize("retry_after, wait", [
    (None, 6 * HOUR),
    ("soon", 6 * HOUR),
    ("1", MINUTE),
    ("864000", DAY),
    (f"{datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=NOW + 5000):%a, %d %b %Y %H:%M:%S GMT}", 5000),
])
def test_retry_after(fetch, ca, retry_after, wait):
    assert fetch(ca(retry_after=retry_after).url)["next_poll"] == NOW + wait


def test_proxy_of_the_environment_is_not_used(fetch, ca):
    env = {name: "http://127.0.0.1:1" for name in ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY")}
    assert fetch(ca().url, env=env)["known"]


# --- Statuses ----------------------------------------------------------------------------------

PARTS = pytest.mark.parametrize("part", ["directory", "renewal_info"])


@PARTS
@pytest.mark.parametrize("code", [201, 204, 301, 400, 403, 404, 410])
def test_lasting_status(fetch, ca, part, code):
    server = ca()
    # Retry-After is for temporary errors and answers.
    setattr(server, part, ari_server.status(code, "Retry-After: 60"))
    answer = fetch(server.url)
    assert has(f"status {code}", lasting(answer))
    assert has("directory" if part == "directory" else "renewal information", answer["error"])
    assert answer["status"] == code


@PARTS
@pytest.mark.parametrize("code", [429, 500, 502, 503, 504, 599])
def test_temporary_status(fetch, ca, part, code):
    server = ca()
    setattr(server, part, ari_server.status(code))
    answer = fetch(server.url)
    assert has(f"status {code}", temporary(answer))
    assert answer["status"] == code


@pytest.mark.parametrize("retry_after, wait", [
    ("60", HOUR), ("3600", HOUR), ("7200", 2 * HOUR), ("864000", DAY), ("soon", 6 * HOUR)])
@pytest.mark.parametrize("code", [429, 503])
def test_temporary_status_with_retry_after(fetch, ca, code, retry_after, wait):
    """Never sooner than the CA asks, nor than the back-off."""
    server = ca()
    server.renewal_info = ari_server.status(code, f"Retry-After: {retry_after}")
    assert fetch(server.url)["next_poll"] == NOW + wait


@PARTS
def test_redirect_is_not_followed(fetch, ca, part):
    server = ca()
    setattr(server, part, ari_server.redirect)
    assert has("status 302.*redirect.*not followed", lasting(fetch(server.url)))
    assert "/elsewhere" not in server.asked_for()


# --- Content -----------------------------------------------------------------------------------


@PARTS
def test_not_json(fetch, ca, part):
    server = ca()
    setattr(server, part, ari_server.not_json)
    assert has("not valid JSON", lasting(fetch(server.url)))


def window(start, end):
    return {"suggestedWindow": {"start": start, "end": end}}


@pytest.mark.parametrize("content, words", [
    ({}, "no suggestedWindow"),
    ([], "not a JSON object"),
    ({"suggestedWindow": {}}, "start and end"),
    (window("2030-01-01", "2030-01-02"), "RFC 3339"),
    (window("2030-01-02T00:00:00Z", "2030-01-02T00:00:00Z"), "does not end after"),
    (window("2030-01-02T00:00:00Z", "2030-01-01T00:00:00Z"), "does not end after"),
])
def test_wrong_window(fetch, ca, content, words):
    server = ca()
    server.renewal_info = ari_server.body(content)
    assert has(words, lasting(fetch(server.url)))


def test_directory_without_renewal_info(fetch, ca):
    server = ca()
    server.directory = ari_server.body({"newOrder": server.base + "/order"})
    assert has("no renewalInfo", lasting(fetch(server.url)))


@pytest.mark.parametrize("base, words", [
    ("http://127.0.0.1:PORT/renewal-info", "not an https:// URL"),
    ("/renewal-info", "not an https:// URL"),
    ("https://127.0.0.2:PORT/renewal-info", "another server"),
    ("https://localhost:PORT/renewal-info", "another server"),
    ("https://127.0.0.1/renewal-info", "another server"),
    ("https://127.0.0.1:PORT@127.0.0.2/renewal-info", "URL"),
    ("https://user@127.0.0.1:PORT/renewal-info", "host name"),
    ("https://127.0.0.1:PORT/renewal-info#", "path"),
    ("https://127.0.0.1:PORT/x HTTP/1.1\r\nX: y", "path"),
    ("https://127.0.0.1:PORT/" + "x" * 1100, "too long"),
    ("https://127.0.0.1:PORT/" + "x" * 60000, "too long"),
    ("", "not an https:// URL"),
    (3, "no renewalInfo"),
    (None, "no renewalInfo"),
])
def test_renewal_info_elsewhere(fetch, ca, base, words):
    server = ca()
    value = base.replace("PORT", str(server.port)) if isinstance(base, str) else base
    server.directory = ari_server.body({"renewalInfo": value})
    assert has(words, lasting(fetch(server.url)))
    assert server.asked_for() == [ari_server.DIRECTORY_PATH]


@pytest.mark.parametrize("url", ["", "http://127.0.0.1/directory", "127.0.0.1", "https://", "https://a b/",
                                 "https://127.0.0.1:0/"])
def test_wrong_directory_url(fetch, url):
    assert has("URL", lasting(fetch(url)))


# --- HTTP --------------------------------------------------------------------------------------


@PARTS
@pytest.mark.parametrize("answer, words", [
    (ari_server.endless_body, "too large"),
    (ari_server.endless_chunks, "too large"),
    (ari_server.endless_line, "too long"),
    (ari_server.huge_header, "too large"),
    (ari_server.body(b" " * 65537), "too large"),
    (ari_server.raw(b"220 mail.example.test ESMTP\r\n\r\n"), "not HTTP"),
    (ari_server.raw(b"\x00" * 100 + b"\n"), "control characters"),
    (ari_server.raw(b""), "ends early"),
    (ari_server.raw(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), "Content-Length"),
    (ari_server.cut_off, "ends early"),
])
def test_broken_http(fetch, ca, part, answer, words):
    server = ca()
    setattr(server, part, answer)
    assert has(words, lasting(fetch(server.url)))


def test_largest_body(fetch, ca):
    server = ca()
    content = json.dumps(ari_server.renewal_info(server)).encode()
    server.renewal_info = ari_server.body(content + b" " * (65536 - len(content)))
    assert fetch(server.url)["known"]


# --- Time --------------------------------------------------------------------------------------


def kept(answer, seconds):
    assert seconds - 0.05 <= answer["elapsed"] < seconds + MARGIN, answer
    return temporary(answer)


@PARTS
@pytest.mark.parametrize("kind", [ari_server.silent, ari_server.drip])
def test_slow_answer(fetch, ca, part, kind):
    server = ca()
    setattr(server, part, kind)
    assert has("answer.*not done in time", kept(fetch(server.url, timeout=0.7), 0.7))


def test_one_deadline_for_both_requests(fetch, ca):
    server = ca()

    def late(request):
        request.connection.wait(0.5)
        ari_server.good_directory(request)

    server.directory = late
    server.renewal_info = ari_server.silent
    assert has("renewal information", kept(fetch(server.url, timeout=0.8), 0.8))


def test_silent_connect(fetch, start):
    url = f"https://127.0.0.1:{start.blackhole().port}/directory"
    assert has("no answer in time", kept(fetch(url, timeout=0.7), 0.7))


def test_silent_handshake(fetch, start):
    server = start.raw(lambda connection: connection.wait_for_close())
    answer = fetch(f"https://127.0.0.1:{server.port}/directory", timeout=0.7)
    assert has("TLS handshake.*in time", kept(answer, 0.7))


def test_silent_name_server(fetch, private):
    prefix = private(hosts="127.0.0.1 localhost\n", dns="silent")
    answer = fetch("https://acme.example.test/directory", timeout=0.7, prefix=prefix)
    assert has("name server", temporary(answer))
    assert answer["elapsed"] < 0.7 + MARGIN + 1  # the namespace starts an interpreter too


# --- Connections -------------------------------------------------------------------------------


def test_no_such_name(fetch, private):
    prefix = private(hosts="127.0.0.1 localhost\n", dns="nxdomain")
    assert has("no address", lasting(fetch("https://acme.example.test/directory", prefix=prefix)))


def test_refused(fetch, start):
    url = f"https://127.0.0.1:{start.refusing().port}/directory"
    assert has("cannot connect.*refused", lasting(fetch(url)))


@PARTS
def test_reset_in_the_answer(fetch, ca, part):
    server = ca()
    setattr(server, part, ari_server.reset)
    assert has("reset", temporary(fetch(server.url)))


def test_reset_in_the_handshake(fetch, start):
    def serve(connection):
        connection.hello()
        connection.reset()

    url = f"https://127.0.0.1:{start.raw(serve).port}/directory"
    assert has("reset|closed", temporary(fetch(url)))


def test_closed_at_once(fetch, start):
    url = f"https://127.0.0.1:{start.raw(lambda connection: None).port}/directory"
    assert has("reset|closed", temporary(fetch(url)))


def test_closed_in_the_handshake(fetch, start):
    server = start.raw(lambda connection: connection.hello())
    assert has("closed", temporary(fetch(f"https://127.0.0.1:{server.port}/directory")))


# --- TLS ---------------------------------------------------------------------------------------


def test_plain_http(fetch, start):
    def serve(connection):
        connection.hello()
        connection.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        connection.wait_for_close()

    assert has("does not speak TLS", lasting(fetch(f"https://127.0.0.1:{start.raw(serve).port}/directory")))


def test_alert(fetch, start):
    def serve(connection):
        connection.hello()
        connection.send(servers.alert(40))
        connection.wait_for_close()

    answer = fetch(f"https://127.0.0.1:{start.raw(serve).port}/directory")
    assert has("refuses TLS.*handshake failure", lasting(answer))


def ca_leaf(issuer, **options):
    return issue("acme.example.test", issuer, names=[dns("localhost"), ip("127.0.0.1")], **options)


def test_unknown_root(fetch, ca):
    root = authority("Unknown Root")
    server = ca([ca_leaf(root), root])
    assert has("not trusted", lasting(fetch(server.url)))
    assert server.asked_for() == []


def test_self_signed(fetch, ca):
    server = ca([ca_leaf(None)])
    assert has("not trusted.*self.signed", lasting(fetch(server.url)))


@pytest.mark.parametrize("options, words", [
    ({"not_after": NOW - DAY}, "expired"),
    ({"not_before": NOW + DAY, "not_after": NOW + 10 * DAY}, "not yet valid"),
    ({"purposes": ("clientAuth",)}, "purpose"),
])
def test_unusable_certificate(fetch, pki, ca, options, words):
    server = ca([ca_leaf(pki.intermediate, **options), pki.intermediate])
    assert has(f"not trusted.*{words}", lasting(fetch(server.url)))
    assert server.asked_for() == []


def test_certificate_for_another_name(fetch, pki, ca):
    server = ca(pki.chain("other.example.test", names=[dns("other.example.test"), ip("127.0.0.2")]))
    assert has("not trusted.*mismatch", lasting(fetch(server.url)))
    assert has("not trusted.*mismatch", lasting(fetch(server.url.replace("127.0.0.1", "localhost"))))


def test_missing_intermediate(fetch, ca, ca_chain):
    assert has("not trusted.*issuer", lasting(fetch(ca(ca_chain[:1]).url)))


def test_system_store(fetch, pki, ca):
    """Without a path of trust anchors: the system's directory, then its bundle."""
    env = {"SSL_CERT_DIR": "/nonexistent", "SSL_CERT_FILE": pki.root_file}
    assert fetch(ca().url, root="-", env=env)["known"]
    env["SSL_CERT_FILE"] = str(pki.write("other-root.pem", authority("Other Root")))
    assert has("not trusted", lasting(fetch(ca().url, root="-", env=env)))


def test_missing_trust_anchors(fetch, ca):
    assert has("trust anchors.*No such file", lasting(fetch(ca().url, root="/nonexistent")))


# Python does not like the old versions, which are the point here.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("version", ["TLSv1_1", "TLSv1_2", "TLSv1_3"])
def test_tls_versions(fetch, ca, version):
    server = ca()
    server.context.minimum_version = ssl.TLSVersion.TLSv1
    server.context.maximum_version = ssl.TLSVersion[version]
    answer = fetch(server.url)
    if version == "TLSv1_1":
        assert has("TLS", lasting(answer))
    else:
        assert answer["known"], answer
