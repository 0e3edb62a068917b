# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong options: one clear line that says what is wrong and what is accepted, and exit 3."""

import re

import pytest

from pki import DAY, NOW
from plugin import CRITICAL, OK, UNKNOWN, WARNING, check, clean, execute, has, run
from servers import poll

HOST = "www.example.test"
AT = f"--at=@{NOW}"

BAD_VALUES = {
    "-w": ["", "abc", "20x", "d", "20 d ", "1.2.3", "1e3d", "0x10", "nan", "inf", "-1", "-5d", "%", "-5%", "101%", "20:10", "@", "20::30",
           "@20:10", "20d:", "10%:20%", "20:abc", "1,5", "１０", "20\n", "999999999999999999999d", "--5", "5-"],
    "-c": ["", "abc", "10x", "-1", "150%", "10:5"],
    "--renew-before": ["", "abc", "-1", "101%", "20x", "20:", "@0:20"],
    "--client": ["", "nobody", "CERTBOT ", "certbot,lego"],
    "-t": ["", "0", "-1", "abc", "1x", "nan", "inf", "1e9", "10%"],
    "--at": ["", "abc", "2027", "2027-13-01", "2027-02-30", "2027-00-10", "2027-01-05T25:00:00Z", "2027-01-05T12:60:00Z", "2027-01-05 12:00",
             "@", "@abc", "@12.5x", "tomorrow", "2027-1-5", "@99999999999999999999", "2027-01-05T12:00:00+09", "05.01.2027"],
    "-p": ["", "0", "-1", "65536", "99999", "abc", "443x", "4 43", "0x1bb", "https ", "443,8443"],
    "-P": ["", "nonsense", "HTTPS ", "https,tls"],
    "-I": ["", "300.1.2.3", "127.1", "127.0.0.1:443", "::g", "1.2.3.4/24", "example.test"],
    "--output-format": ["", "xml", "JSON ", "text,json"],
    "-r": ["", "/nowhere/roots.pem"],
    "--sni": ["", "a b"],
}
CASES = [(option, value) for option, values in BAD_VALUES.items() for value in values]


def usage(result, *words):
    """One line, exit 3, and the words."""
    assert result.code == UNKNOWN, str(result)
    assert result.stdout.count("\n") == 1, str(result)
    for word in words:
        assert has(word, result.headline), str(result)
    return result


@pytest.mark.parametrize("option, value", CASES)
def test_bad_value(option, value):
    needs_port = [] if option == "-p" else ["-p", "1"]
    arguments = [option, value] if option.startswith("--") or value == "" or value.startswith("-") else [f"{option}{value}"]
    result = run(*arguments, "-H", "127.0.0.1", *needs_port)
    usage(result)
    name = {"-w": "-w|warning", "-c": "-c|critical", "-t": "timeout", "-p": "port", "-P": "protocol", "-I": "address|-I",
            "-r": "rootcert|anchor"}.get(option, option.lstrip("-"))
    assert has(name, result.headline), str(result)
    if value.strip() and "\n" not in value:
        assert value.strip() in result.headline, "says which value"


@pytest.mark.parametrize("target", ["", "a b", "a:", "a:0", "a:65536", "a:x", ":443", "[::1", "[::1]x", "[::1]:", "[zz]:443", "http://a.test",
                                    "ftp://a.test", "https://", "https:///path", "https://a.test:x/", "https://user@a.test/", ".", "..", ".example.test"])
def test_bad_target(target):
    result = run("-H", target, "-I", "127.0.0.1", "-t1")
    assert result.code == UNKNOWN, str(result)


@pytest.mark.parametrize("target", ["a..b", "@", "*.", "a@b", "-a.test", "*.example.test", "a_b"])
def test_odd_names_are_left_to_verification(pki, start, target):
    """Whether a certificate is for such a name is not for the option parser to say."""
    server = start.openssl(pki.chain())
    result = check("-H", target, "-I", "127.0.0.1", "-p", server.port, "-r", pki.root_file, AT, "-w0", "-c0")
    assert result.code == CRITICAL
    assert result.problems() == {"hostname"}


@pytest.mark.parametrize("arguments", [
    ["-w", "5", "-c", "10"], ["-w", "5d", "-c", "1w"], ["-w", "20%", "-c", "30%"], ["-w", "5:", "-c", "10:"], ["-w", "36h", "-c", "2"],
    ["-w", "1w", "-c", "10:"], ["-w", "@0:5", "-c", "@0:10"],
])
def test_critical_above_warning(arguments):
    usage(run("-f", "x.pem", *arguments), "critical", "warning")


@pytest.mark.parametrize("arguments", [["-w", "10", "-c", "10"], ["-w", "10:", "-c", "5"], ["-w", "1w", "-c", "7"], ["-w", "10", "-c", "20%"]])
def test_limits_that_agree(pki, write, arguments):
    assert run("-f", write("leaf.pem", pki.leaf(not_before=NOW, not_after=NOW + 90 * DAY)), AT, *arguments).code == OK


@pytest.mark.parametrize("arguments, words", [
    ([], ["-H", "-f"]), (["-w", "20"], ["-H"]), (["--nonsense"], ["--nonsense"]), (["-Z"], ["Z"]), (["-H"], ["-H"]),
    (["-H", "a.test", "--port"], ["port"]), (["-4", "-6", "-H", "a.test"], ["-4", "-6"]), (["--selfsigned=yes", "-H", "a.test"], ["selfsigned"]),
    (["--verbose=2", "-H", "a.test"], ["verbose"]),
])
def test_wrong_use(arguments, words):
    usage(run(*arguments), *words)


def test_ambiguous_abbreviation():
    usage(run("--s", "-H", "a.test"))


def test_address_with_two_hosts_is_meant_for_both(pki, start):
    server = start.openssl(pki.chain())
    result = check("-H", HOST, "-H", "b.example.test", "-I", "127.0.0.1", "-p", server.port, "-r", pki.root_file, AT, "-w0", "-c0", targets=2)
    assert [target["state"] for target in result.json["targets"]] == ["OK", "CRITICAL"]


def test_good_targets_next_to_bad_ones_are_judged(pki, start, write, tmp_path):
    """A bad target is UNKNOWN and does not keep the others from being judged."""
    server = start.openssl(pki.chain())
    host = ["-H", f"{HOST}:{server.port}", "-I", "127.0.0.1", "-r", pki.root_file, AT]
    file = ["-f", write("good.pem", pki.leaf()), AT]
    cases = [(["-H", "b.test:99999"], host), (["-H", "http://b.test/"], host), (["-H", "a b"], host),
             (["-f", tmp_path / "missing.pem"], file), (["-f", write("empty.pem", b"")], file), (["-f", tmp_path / "empty-glob*"], file)]
    for bad, good in cases:
        result = check(*bad, *good, "-w0", "-c0", targets=2)
        assert result.code == UNKNOWN, str(result)
        assert sorted(target["state"] for target in result.json["targets"]) == ["OK", "UNKNOWN"]
        assert any(label.endswith("days_to_expiry") for label in result.perfdata)
        assert run(*bad, *good, targets=2).code == WARNING


def test_same_target_twice(pki, start):
    server = start.openssl(pki.chain())
    result = run("-H", HOST, "-H", HOST, "-I", "127.0.0.1", "-p", server.port, "-r", pki.root_file, AT, targets=2)
    assert result.code == WARNING


@pytest.mark.parametrize("option", ["-V", "--version"])
def test_version(option):
    result = execute(option)
    assert result.code == UNKNOWN
    assert re.match(r"check_cert_renewal v?\d+\.\d+", result.stdout)
    assert clean(result.stdout) == []


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help(option):
    result = execute(option)
    assert result.code == UNKNOWN
    for long_name in ("hostname", "IP-address", "port", "protocol", "sni", "file", "warning", "critical", "renew-before", "client", "rootcert",
                      "severity", "selfsigned", "timeout", "at", "output-format", "extra-opts", "verbose", "version", "help"):
        assert f"--{long_name}" in result.stdout, long_name
    for letter in "HIpP46fwcrstvVh":
        assert re.search(rf"(^|\s)-{letter}\b", result.stdout), letter
    for finding in ("expiry", "not-yet-valid", "chain-expiry", "weak", "hostname", "trust", "unreachable", "handshake", "file", "usage"):
        assert finding in result.stdout


def test_long_and_short_options_are_the_same(pki, start):
    server = start.openssl(pki.chain())
    short = ["-H", HOST, "-I", "127.0.0.1", "-p", server.port, "-P", "https", "-r", pki.root_file, "-w", "15", "-c", "5", "-t", "5", "-4", "-s", "-v"]
    names = {"-H": "--hostname", "-I": "--IP-address", "-p": "--port", "-P": "--protocol", "-r": "--rootcert", "-w": "--warning",
             "-c": "--critical", "-t": "--timeout", "-s": "--selfsigned", "-v": "--verbose"}
    long = [names.get(argument, argument) for argument in short]
    assert check(*short, AT).code == check(*long, AT).code == OK


def test_protocol_tls_is_tls_on_any_port(pki, start):
    server = start.openssl(pki.chain())
    assert check("-H", HOST, "-I", "127.0.0.1", "-P", "tls", "-p", server.port, "-r", pki.root_file, AT, "-w0", "-c0").code == OK


def test_verbose_shows_the_findings_that_are_ok(pki, start):
    server = start.openssl(pki.chain())
    options = ["-H", HOST, "-I", "127.0.0.1", "-p", server.port, "-r", pki.root_file, AT, "-w0", "-c0"]
    quiet, verbose, more = run(*options), run(*options, "-v"), run(*options, "-vv")
    assert not quiet.findings
    assert {finding.text.split(":")[0] for finding in verbose.findings} >= {"expiry", "trust", "hostname"}
    assert "Test Intermediate" in verbose.text and HOST in verbose.text
    assert len(quiet.stdout) < len(verbose.stdout) < len(more.stdout)
    assert "Test Root" in more.text


def test_renewed_and_reloaded(pki, start, tmp_path):
    """The story of the plugin: overdue, repaired, and proved to be."""
    old = pki.chain()
    new = pki.chain(not_before=NOW, not_after=NOW + 90 * DAY)
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"

    def install(chain):
        cert.write_text("".join(item.pem for item in chain))
        key.write_text(chain[0].key_pem)

    install(old)
    server = start.nginx([(HOST, cert, key)])
    options = ["-H", HOST, "-I", "127.0.0.1", "-p", server.port, "-r", pki.root_file, AT]
    assert run(*options).code == WARNING
    install(new)
    assert run(*options).code == WARNING  # renewed, not reloaded
    server.reload()

    def repaired():
        result = run(*options)  # the old worker may still answer for a moment
        return result if result.code == OK else None

    result = poll(repaired)
    assert result and result.perfdata["days_to_expiry"].value == 90
