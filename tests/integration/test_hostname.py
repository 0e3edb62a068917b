# SPDX-License-Identifier: GPL-3.0-or-later
"""Is the certificate for the name that was asked? By the rules of RFC 9525, as OpenSSL applies them."""

import pytest

from pki import NOW, common_name, dns, ip
from plugin import CRITICAL, OK, UNKNOWN, check, has, run, run_json

AT = f"--at=@{NOW}"


@pytest.fixture
def judge_name(pki, start):
    """judge_name(name, SAN entries...): the state of a server with such a certificate, by its name alone."""

    def judge_it(asked, *names, subject=common_name("subject.example.test")):
        server = start.bare([pki.leaf(subject, names=names), pki.intermediate])
        result = run_json("-H", asked, *options(pki, server))
        assert result.findings_of("hostname"), result.stdout
        assert result.problems() <= {"hostname"}, result.stdout
        assert result.state == result.state_of("hostname")
        return result.state

    return judge_it


@pytest.mark.parametrize("asked, san", [
    ("www.example.test", "www.example.test"),
    ("WWW.Example.TEST", "www.example.test"),
    ("www.example.test", "WWW.EXAMPLE.TEST"),
    ("www.example.test", "*.example.test"),
    ("WWW.example.test", "*.Example.test"),
    ("www.example.test.", "www.example.test"),
    ("a_b.example.test", "a_b.example.test"),
])
def test_name_matches(judge_name, asked, san):
    assert judge_name(asked, dns("other.example.test"), dns(san)) == "OK"


@pytest.mark.parametrize("asked, san", [
    ("example.test", "*.example.test"),
    ("a.b.example.test", "*.example.test"),
    ("a.b.example.test", "*.*.example.test"),
    ("www.example.test", "wwwXexample.test"),
    ("wwwXexample.test", "www.example.test"),
    ("www.example.test", "www.*.test"),
    ("www.example.test", "w*w.example.test.org"),
    ("example.test", "*.test"[1:]),
    ("www.example.test", ".example.test"),
    ("www.example.test", "example.test"),
    ("www.example.test.evil.test", "www.example.test"),
    ("www.example.test", "www.example.test.evil.test"),
    ("www.example.test", b"www.example.test\0.evil.test"),
    ("www.example.test", ".*"),
    ("www.example.test", "www.example.tes."),
    ("www.example.test", "*"),
    ("xn--wgv71a119e.jp", "xn--*.jp"),
])
def test_name_does_not_match(judge_name, asked, san):
    assert judge_name(asked, dns("other.example.test"), dns(san)) == "CRITICAL"


def test_common_name_counts_only_without_dns_names(judge_name):
    subject = common_name("www.example.test")
    assert judge_name("www.example.test", subject=subject) == "OK"
    assert judge_name("www.example.test", dns("other.example.test"), subject=subject) == "CRITICAL"


@pytest.mark.parametrize("asked, names, state", [
    ("192.0.2.7", [ip("192.0.2.7")], "OK"),
    ("192.0.2.7", [ip("192.0.2.8")], "CRITICAL"),
    ("192.0.2.7", [dns("192.0.2.7")], "CRITICAL"),
    ("2001:db8::7", [ip("2001:db8::7")], "OK"),
    ("2001:DB8:0:0:0:0:0:7", [ip("2001:db8::7")], "OK"),
    ("[2001:db8::7]", [ip("2001:db8::7")], "OK"),
    ("2001:db8::7", [ip("2001:db8::8")], "CRITICAL"),
    ("2001:db8::7", [dns("2001:db8::7")], "CRITICAL"),
])
def test_ip_address(judge_name, asked, names, state):
    assert judge_name(asked, *names) == state


def test_ip_address_is_not_matched_against_the_common_name(judge_name):
    assert judge_name("192.0.2.7", subject=common_name("192.0.2.7")) == "CRITICAL"


def test_mismatch_is_told(pki, start):
    leaf = pki.leaf("b.example.test", names=[dns("b.example.test"), dns("c.example.test")])
    server = start.openssl([leaf, pki.intermediate])
    result = check("-H", "www.example.test", *options(pki, server))
    assert result.problems() == {"hostname"}
    assert "www.example.test" in result.headline
    assert has(r"\bname\b|not (valid )?for", result.headline)
    assert "b.example.test" in result.text and "c.example.test" in result.text


# --- Served ------------------------------------------------------------------------------------


def options(pki, server):
    return ["-I", server.address, "-p", server.port, "-r", pki.root_file, AT, "-w0", "-c0"]


def test_served_name(pki, start):
    server = start.openssl(pki.chain())
    assert check("-H", "www.example.test", *options(pki, server)).code == OK
    result = check("-H", "other.example.test", *options(pki, server))
    assert result.code == CRITICAL
    assert result.problems() == {"hostname"}


def test_international_name(pki, start):
    """日本語.jp is xn--wgv71a119e.jp to a certificate."""
    server = start.openssl(pki.chain("xn--wgv71a119e.jp"))
    for asked in ("日本語.jp", "xn--wgv71a119e.jp", "日本語。jp"):
        result = check("-H", asked, *options(pki, server))
        assert result.code == OK, result.stdout
    result = check("-H", "日本.jp", *options(pki, server))
    assert result.problems() == {"hostname"}


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_international_name_in_any_locale(pki, start, locale):
    server = start.openssl(pki.chain("xn--wgv71a119e.jp"))
    assert run("-H", "日本語.jp", *options(pki, server), env={"LC_ALL": locale}).code == OK


def test_international_wildcard(pki, start):
    server = start.openssl(pki.chain("star", names=[dns("*.xn--wgv71a119e.jp")]))
    assert run("-H", "www.日本語.jp", *options(pki, server)).code == OK


@pytest.mark.parametrize("bad", ["a" * 64 + ".example.test", ".".join(["a" * 60] * 5), "a..example.test", "xn--\u00e4.test"])
def test_impossible_names_are_told(bad):
    """A name that cannot exist is a mistake of the caller, or at best a name that is not there."""
    result = run("-H", bad, "-I", "127.0.0.1", "-p", "1")
    assert result.code in (CRITICAL, UNKNOWN)


def test_ip_target_is_matched_against_ip_entries(pki, start):
    good = start.openssl(pki.chain("ip", names=[ip("127.0.0.1")]))
    assert check("-H", "127.0.0.1", *options(pki, good)[2:]).code == OK
    bad = start.openssl(pki.chain("ip", names=[dns("127.0.0.1")]))
    assert check("-H", "127.0.0.1", *options(pki, bad)[2:]).problems() == {"hostname"}


def test_an_ip_target_sends_no_sni(pki, start):
    """RFC 6066, 3: literal addresses are not permitted in server_name."""
    seen = []
    context = start.context(pki.chain("CN", names=[ip("127.0.0.1")]))
    context.sni_callback = lambda tls, server_name, ctx: seen.append(server_name)
    server = start.python(context)
    assert run("-H", "127.0.0.1", *options(pki, server)[2:]).code == OK
    assert run("-H", "ip", *options(pki, server)).code == CRITICAL
    assert seen == [None, "ip"]


def test_sni_chooses_the_certificate(pki, start, tmp_path):
    """nginx with two names on one port: each gets its own certificate, and a third the default one."""
    blocks = []
    for host in ("www.example.test", "b.example.test"):
        chain = pki.chain(host)
        cert, key = tmp_path / f"{host}.pem", tmp_path / f"{host}.key"
        cert.write_text("".join(item.pem for item in chain))
        key.write_text(chain[0].key_pem)
        blocks.append((host, cert, key))
    server = start.nginx(blocks)
    base = ["-I", "127.0.0.1", "-p", server.port, "-r", pki.root_file, AT, "-w0", "-c0"]
    assert check("-H", "www.example.test", *base).code == OK
    assert check("-H", "b.example.test", *base).code == OK
    result = check("-H", "c.example.test", *base)
    assert result.problems() == {"hostname"}
    assert check("-H", "c.example.test", "--sni", "b.example.test", *base).code == OK
    result = check("-H", "www.example.test", "--sni", "b.example.test", *base)
    assert result.code == OK  # the name verified is the one sent
    result = check("-H", "www.example.test", "--sni", "d.example.test", *base)
    assert result.problems() == {"hostname"} and "d.example.test" in result.text


def test_trailing_dot_is_not_sent(pki, start):
    seen = []
    context = start.context(pki.chain())
    context.sni_callback = lambda tls, server_name, ctx: seen.append(server_name)
    server = start.python(context)
    assert run("-H", "www.example.test.", *options(pki, server)).code == OK
    assert seen == ["www.example.test"]
