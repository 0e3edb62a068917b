# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that are not there, that misbehave at any step, or that are old: what is said of them."""

import ssl
import time

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from pki import DAY, NOW, authority, dns, ec_key, integer, issue, pem, rsa_key, sequence
from plugin import CRITICAL, OK, WARNING, check, has
from servers import alert, server_flight

HOST = "www.example.test"
AT = f"--at=@{NOW}"


def at(server, *more):
    return ["-H", HOST, "-I", "127.0.0.1", "-p", server.port, AT, "-t", "5", *more]


def only(result, finding_id):
    """That finding is all that is wrong, and it is in the headline."""
    assert result.code == CRITICAL, str(result)
    assert result.problems() == {finding_id}, str(result)
    assert HOST in result.headline
    assert "days_to_expiry" not in result.perfdata, "nothing was measured"
    assert len(result.findings) == 1
    return result.headline + "\n" + result.text


# --- Not there ---------------------------------------------------------------------------------


def test_refused(start):
    server = start.refusing()
    words = only(check(*at(server)), "unreachable")
    assert has("refused", words) and "127.0.0.1" in words and str(server.port) in words


def test_refused_ipv6(start, ipv6):
    server = start.refusing("::1")
    words = only(check("-H", HOST, "-I", "::1", "-p", server.port), "unreachable")
    assert has("refused", words) and "::1" in words


def test_connect_never_answered(start):
    words = only(check(*at(start.blackhole())[:-1], "0.5"), "unreachable")
    assert has(r"connect", words) and has(r"timed? ?out|no answer|within", words)
    assert "127.0.0.1" in words


# --- Answers that are no TLS -------------------------------------------------------------------

NO_TLS = {
    "http": (b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n<html>Bad Request</html>", r"\bHTTP\b"),
    "http-1.0": (b"HTTP/1.0 200 OK\r\n\r\nhello", r"\bHTTP\b"),
    "ssh": (b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", r"\bSSH\b"),
    "smtp": (b"220 mail.example.test ESMTP Postfix\r\n", r"\bSMTP\b|220|STARTTLS"),
    "ftp": (b"220 (vsFTPd 3.0.3)\r\n", r"\bFTP\b|220|STARTTLS|not TLS|no TLS"),
    "imap": (b"* OK [CAPABILITY IMAP4rev1 STARTTLS] Dovecot ready.\r\n", r"\bIMAP\b|STARTTLS|not TLS|no TLS"),
    "pop3": (b"+OK Dovecot ready.\r\n", r"\bPOP3?\b|STARTTLS|not TLS|no TLS"),
    "garbage": (bytes(range(128, 256)) * 4, r"(not|no) TLS|does not speak TLS|other than TLS|something else"),
    "zeros": (bytes(1000), r"(not|no) TLS|does not speak TLS|other than TLS|something else"),
    "newlines": (b"\r\n" * 200, r"(not|no) TLS|does not speak TLS|other than TLS|something else"),
}


@pytest.mark.parametrize("kind", NO_TLS)
def test_no_tls_after_the_hello(start, kind):
    answer, words = NO_TLS[kind]

    def serve(connection):
        connection.hello()
        connection.send(answer)
        connection.wait_for_close()

    assert has(words, only(check(*at(start.raw(serve))), "handshake"))


@pytest.mark.parametrize("kind", NO_TLS)
def test_no_tls_at_once(start, kind):
    answer, words = NO_TLS[kind]

    def serve(connection):
        connection.send(answer)
        connection.wait_for_close()

    assert has(words, only(check(*at(start.raw(serve))), "handshake"))


def test_endless_garbage(start):
    def serve(connection):
        while True:
            connection.send(b"x" * 65536)

    only(check(*at(start.raw(serve))), "handshake")


def test_echo(start):
    """A server that answers with what it got, as inetd's echo does."""
    def serve(connection):
        connection.send(connection.hello())
        connection.wait_for_close()

    only(check(*at(start.raw(serve))), "handshake")


# --- Connections that end ----------------------------------------------------------------------


def test_closed_at_once(start):
    for _ in range(5):  # more than one order of events is possible
        words = only(check(*at(start.raw(lambda connection: None))), "handshake")
        assert has(r"closed|hung up|reset", words)


def test_reset_at_once(start):
    for _ in range(5):
        words = only(check(*at(start.raw(lambda connection: connection.reset()))), "handshake")
        assert has(r"reset|closed", words)


def test_closed_after_the_hello(start):
    words = only(check(*at(start.raw(lambda connection: connection.hello()))), "handshake")
    assert has(r"closed|hung up", words)


def test_reset_after_the_hello(start):
    def serve(connection):
        connection.hello()
        connection.reset()

    assert has(r"reset", only(check(*at(start.raw(serve))), "handshake"))


@pytest.fixture
def flight_server(pki, start):
    """flight_server(after, version): sends a part of a real server's first flight, then calls after."""
    context = start.context(pki.chain())

    def make(share, after):
        def serve(connection):
            flight = server_flight(context, connection.hello())
            connection.send(flight[:max(1, int(len(flight) * share))])
            after(connection)
        return start.raw(serve)

    return make


@pytest.mark.parametrize("share", [0.001, 0.05, 0.5])
def test_closed_in_the_handshake(flight_server, share):
    words = only(check(*at(flight_server(share, lambda connection: None))), "handshake")
    assert has(r"closed|hung up|reset", words)


def late(result):
    """Near the end of the handshake the certificate is known, and may be judged; it is not the trouble."""
    assert result.code == CRITICAL
    assert result.problems() - {"expiry"} == {"handshake"}, str(result)
    return result.headline


def test_closed_late_in_the_handshake(flight_server, pki):
    server = flight_server(0.97, lambda connection: None)
    assert has(r"closed|hung up|reset", late(check(*at(server, "-r", pki.root_file))))


def test_stalled_late_in_the_handshake(flight_server, pki):
    server = flight_server(0.97, lambda connection: connection.wait_for_close())
    words = late(check(*at(server)[:-1], "0.5", "-r", pki.root_file))
    assert has("handshake", words) and has(r"timed? ?out|no answer|within|finish|stop", words)


def test_key_that_the_server_does_not_have(pki, start):
    """The certificate of somebody else, without its key: what is shown is not proved."""
    server = start.raw(lambda connection: None)
    server.handler = forged(start, pki)
    result = check(*at(server, "-r", pki.root_file))
    assert result.code == CRITICAL
    assert "handshake" in result.problems()


def forged(start, pki):
    """Serves a genuine flight with a byte of the CertificateVerify's signature changed (TLS 1.2: of the
    ServerKeyExchange's)."""
    context = start.context(pki.chain())
    context.maximum_version = ssl.TLSVersion.TLSv1_2

    def serve(connection):
        flight = bytearray(server_flight(context, connection.hello()))
        flight[-20] ^= 0x55  # in front of ServerHelloDone (9 bytes)
        connection.send(bytes(flight))
        connection.wait_for_close()

    return serve


@pytest.mark.parametrize("share", [0.05, 0.5])
def test_reset_in_the_handshake(flight_server, share):
    def after(connection):
        time.sleep(0.05)  # so that the client has read what was sent
        connection.reset()

    assert has(r"reset", only(check(*at(flight_server(share, after))), "handshake"))


def test_garbage_in_the_handshake(flight_server):
    only(check(*at(flight_server(0.5, lambda connection: connection.send(b"\0" * 4096)))), "handshake")


@pytest.mark.parametrize("share", [0.001, 0.05, 0.5])
def test_stalled_in_the_handshake(flight_server, share):
    """Half a ServerHello, or all but the last bytes: then nothing."""
    server = flight_server(share, lambda connection: connection.wait_for_close())
    words = only(check(*at(server)[:-1], "0.5"), "handshake")
    assert has("handshake", words) and has(r"timed? ?out|no answer|within|finish", words)


# --- Alerts ------------------------------------------------------------------------------------

ALERTS = {
    10: r"unexpected.message", 20: r"bad.record|MAC", 40: r"handshake.failure|cipher|no common|agree", 42: r"bad.certificate",
    46: r"certificate.unknown", 47: r"illegal.parameter", 48: r"unknown.CA|certificate", 49: r"access.denied", 50: r"decode.error",
    51: r"decrypt.error", 70: r"protocol.version|TLS version|too old", 71: r"insufficient.security", 80: r"internal.error",
    86: r"86|inappropriate.fallback", 90: r"cancel", 109: r"missing.extension", 112: r"unrecognized.name|does not know|no such name",
    115: r"115|PSK", 120: r"application.protocol|ALPN", 200: r"200|alert",
}


@pytest.mark.parametrize("number", ALERTS)
def test_fatal_alert(start, number):
    def serve(connection):
        connection.hello()
        connection.send(alert(number))
        connection.wait_for_close()

    words = only(check(*at(start.raw(serve))), "handshake")
    assert has(ALERTS[number], words), words


def test_alert_then_reset(start):
    def serve(connection):
        connection.hello()
        connection.send(alert(40))
        time.sleep(0.05)
        connection.reset()

    assert has(r"alert|handshake.failure|refused", only(check(*at(start.raw(serve))), "handshake"))


# --- A client certificate is required ----------------------------------------------------------


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
@pytest.mark.parametrize("require", [["-Verify", "2", "-verify_return_error"], ["-verify", "2"]])
def test_client_certificate(pki, start, version, require):
    """The server's own certificate is judged whether the server lets us in or not."""
    server = start.openssl(pki.chain(), version, *require, "-CAfile", pki.root_file)
    result = check(*at(server, "-r", pki.root_file, "-w0", "-c0"), "-v")
    assert result.perfdata["days_to_expiry"].value == 20
    assert result.state_of("expiry") == "OK"
    assert result.state_of("trust") == "OK" and result.findings_of("trust")
    assert result.state_of("hostname") == "OK" and result.findings_of("hostname")
    assert result.target["served"]
    if require[0] == "-Verify":
        assert has(r"client certificate|certificate (is )?(required|from the client)|requires a", result.text), str(result)
    result = check(*at(server, "-r", pki.root_file))
    assert result.code == WARNING
    assert has("overdue by 10 days", result.headline)


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_client_certificate_and_everything_wrong(start, version, pki):
    leaf = issue("other.example.test", not_before=NOW - 92 * DAY, not_after=NOW - 2 * DAY)
    server = start.openssl([leaf], version, "-Verify", "2", "-verify_return_error", "-CAfile", pki.root_file)
    result = check(*at(server, "-r", pki.root_file))
    assert result.code == CRITICAL
    assert {"expiry", "hostname", "trust"} <= result.problems()


# --- Old and weak servers are looked at --------------------------------------------------------


def weak(result, words):
    assert result.code == WARNING, str(result)
    assert result.problems() == {"weak"}, str(result)
    assert result.perfdata["days_to_expiry"].value == 20
    assert has(words, result.text_of("weak")), str(result)


def look(pki, server, *more, root=None):
    return check(*at(server, "-r", root or pki.root_file, "-w0", "-c0", *more))


@pytest.mark.parametrize("option, words", [("-tls1", r"TLS ?v?1(\.0)?\b"), ("-tls1_1", r"TLS ?v?1\.1")])
def test_old_protocol(pki, start, option, words):
    weak(look(pki, start.openssl(pki.chain(), option, level=0)), words)


@pytest.mark.parametrize("option", ["-tls1_2", "-tls1_3"])
def test_current_protocol_is_not_weak(pki, start, option):
    assert look(pki, start.openssl(pki.chain(), option)).code == OK


@pytest.mark.parametrize("bits", [1024, 1536])
def test_small_rsa_key(pki, start, bits):
    weak(look(pki, start.openssl(pki.chain(key=rsa_key(bits)), level=0)), rf"RSA.*{bits}|{bits}.*RSA")


def test_small_rsa_key_512(pki, start):
    """Too small for a TLS 1.3 signature; TLS 1.2 still takes it."""
    weak(look(pki, start.openssl(pki.chain(key=rsa_key(512)), "-tls1_2", level=0)), r"512")


def test_small_ec_key(pki, start):
    weak(look(pki, start.openssl(pki.chain(key=ec_key(ec.SECP192R1)), "-tls1_2", "-named_curve", "P-256", level=0)), r"192")


@pytest.mark.parametrize("key", [ec_key(ec.SECP224R1), ec_key(ec.SECP384R1), ec_key(ec.SECP521R1)])
def test_ec_keys_that_will_do(pki, start, key):
    assert look(pki, start.openssl(pki.chain(key=key), "-tls1_2", level=0)).code == OK


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_rsa_keys_that_will_do(pki, start, bits):
    assert look(pki, start.openssl(pki.chain(key=rsa_key(bits)), level=0)).code == OK


def test_rsa_2048_is_the_floor(pki, start):
    weak(look(pki, start.openssl(pki.chain(key=rsa_key(2047)), level=0)), r"2047")


def test_sha1_leaf(pki, start):
    weak(look(pki, start.openssl(pki.chain(digest="sha1"), level=0)), r"SHA-?1")


def test_sha1_intermediate(pki, start):
    old = authority("Old Intermediate", pki.root, digest="sha1")
    weak(look(pki, start.openssl([pki.leaf(issuer=old), old], level=0)), r"SHA-?1.*Old Intermediate|Old Intermediate.*SHA-?1")


def test_small_intermediate_key(pki, start):
    old = authority("Old Intermediate", pki.root, key=rsa_key(1024))
    weak(look(pki, start.openssl([pki.leaf(issuer=old), old], level=0)), r"1024")


def test_md5_leaf(pki, start, write):
    root = authority("RSA Root", key=rsa_key(2048, 1))
    server = start.openssl([pki.leaf(issuer=root, digest="md5")], level=0)
    weak(look(pki, server, root=write("root.pem", root)), r"MD5")


@pytest.mark.parametrize("digest", ["sha1", "md5"])
def test_a_roots_signature_does_not_matter(pki, start, write, digest):
    root = authority("Old Root", key=rsa_key(2048, 1), digest=digest)
    path = write("root.pem", root)
    assert look(pki, start.openssl([pki.leaf(issuer=root), root], level=0), root=path).code == OK


def test_weak_and_self_signed(pki, start):
    """Weakness hides no distrust."""
    for options in ({"key": rsa_key(1024)}, {"digest": "sha1"}, {"key": rsa_key(1024), "digest": "sha1"}):
        result = look(pki, start.openssl([issue(HOST, **options)], level=0))
        assert result.code == CRITICAL, str(result)
        assert result.problems() >= {"trust"}, str(result)
        assert has("self-signed", result.text_of("trust"))


def test_weak_and_unknown_issuer(pki, start):
    other = authority("Other Root", key=rsa_key(1024))
    for chain in ([pki.leaf(issuer=other, digest="sha1")], [pki.leaf(issuer=other, key=rsa_key(1024, 1)), other]):
        result = look(pki, start.openssl(chain, level=0))
        assert result.code == CRITICAL and "trust" in result.problems(), str(result)


def test_everything_weak_and_wrong(pki, start):
    """SSL of 2005: all is read and reported."""
    leaf = issue("other.example.test", key=rsa_key(1024), digest="sha1", not_before=NOW - 92 * DAY, not_after=NOW - 2 * DAY)
    result = look(pki, start.openssl([leaf], "-tls1", level=0))
    assert result.code == CRITICAL
    assert result.problems() == {"expiry", "hostname", "trust", "weak"}


@pytest.mark.parametrize("cipher", ["AES128-SHA", "AES256-SHA", "DHE-RSA-AES128-SHA", "ECDHE-RSA-AES128-SHA"])
def test_old_ciphers(pki, start, cipher):
    """RSA key exchange and CBC: outdated, but the certificate can be read."""
    server = start.openssl(pki.chain(key=rsa_key(2048)), "-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0")
    result = look(pki, server)
    assert result.code in (OK, WARNING)
    assert result.problems() <= {"weak"}


def test_small_diffie_hellman_group(pki, start, tmp_path):
    """A 1024-bit group, as old appliances have it (RFC 2409, group 2, written as DH parameters)."""
    prime = int("FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
                "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
                "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF", 16)
    parameters = tmp_path / "dh.pem"
    parameters.write_text(pem(sequence(integer(prime), integer(2)), "DH PARAMETERS"))
    server = start.openssl(pki.chain(key=rsa_key(2048)), "-tls1_2", "-cipher", "DHE-RSA-AES128-SHA:@SECLEVEL=0",
                           "-dhparam", parameters)
    assert look(pki, server).problems() <= {"weak"}


def test_legacy_renegotiation_only_server(pki, start):
    server = start.openssl(pki.chain(), "-tls1_2", "-no_renegotiation")
    assert look(pki, server).code == OK


# --- Good servers of another kind --------------------------------------------------------------


def test_hello_retry_request(pki, start):
    """The server wants another group than the one offered first."""
    assert look(pki, start.openssl(pki.chain(), "-tls1_3", "-groups", "P-521")).code == OK


def test_server_that_closes_after_the_handshake(pki, start):
    context = start.context(pki.chain())
    assert look(pki, start.python(context)).code == OK


def test_slow_but_complete(pki, start):
    """A real handshake in small pieces."""
    context = start.context(pki.chain())

    def serve(connection):
        flight = server_flight(context, connection.hello())
        for begin in range(0, len(flight), 97):
            connection.send(flight[begin:begin + 97])
            time.sleep(0.01)
        connection.wait_for_close()

    assert look(pki, start.raw(serve)).code == OK


def test_two_thousand_names(pki, start):
    names = [dns(f"host{number}.example.test") for number in range(2000)] + [dns(HOST)]
    result = look(pki, start.openssl(pki.chain(names=names)), "-v")
    assert result.code == OK


# --- Several targets ---------------------------------------------------------------------------


def test_one_targets_trouble_does_not_hide_another(pki, start):
    good, refusing = start.openssl(pki.chain()), start.refusing()
    silent = start.raw(lambda connection: connection.wait_for_close())
    result = check("-H", f"{HOST}:{good.port}", "-H", f"{HOST}:{refusing.port}", "-H", f"b.example.test:{silent.port}",
                   "-H", f"c.example.test:{good.port}", "-I", "127.0.0.1", "-r", pki.root_file, AT, "-w0", "-c0",
                   "-t", "1", targets=4)
    assert result.code == CRITICAL
    states = {target["target"]: target["state"] for target in result.json["targets"]}
    assert len(states) == 4 and sorted(states.values()) == ["CRITICAL", "CRITICAL", "CRITICAL", "OK"]
    problems = [{finding["id"] for finding in target["findings"] if finding["state"] != "OK"}
                for target in result.json["targets"]]
    assert sorted(map(sorted, problems)) == [[], ["handshake"], ["hostname"], ["unreachable"]]
    assert "4" in result.headline and "3" in result.headline
    assert f"www.example.test_{good.port}_days_to_expiry" in result.perfdata or any(
        label.startswith("www.example.test") and label.endswith("days_to_expiry") for label in result.perfdata)
