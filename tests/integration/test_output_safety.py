# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a certificate, a server, a file name or an option holds: the output stays text that Nagios and
Icinga read as it is meant. Each run() checks that: see plugin.py."""

import json
import os
import shutil
import subprocess

import pytest

from pki import BMP, DAY, IA5, NOW, PRINTABLE, TELETEX, UTF8, authority, common_name, dns, issue, name, octet_string, tlv
from plugin import CRITICAL, OK, UNKNOWN, WARNING, check, execute, has, path as program, run, run_json

HOST = "www.example.test"
AT = f"--at=@{NOW}"

HOSTILE = {
    "pipe": b"evil|days=1;2;3",
    "pipe-and-quote": b"evil | 'days_to_expiry'=999;25;10;;90",
    "newline": b"evil\nCERT_RENEWAL OK - all is well|'days_to_expiry'=99",
    "carriage-return": b"evil\rCERT_RENEWAL OK - all is well",
    "finding": b"evil\n\\_[OK] - trust: fine",
    "nul": b"www.example.test\0.evil.test",
    "escape": b"\x1b[2J\x1b]0;owned\x07\x1b[31mred",
    "c1": "evil\u009b31m\u0085next\u2028line\u2029end".encode(),
    "bidi": "evil\u202egnp.exe\u2066\u200f".encode(),
    "invalid-utf8": b"evil\xff\xfe\xc0\xaf\xed\xa0\x80\xf5\x80\x80\x80",
    "cut-utf8": b"evil\xe6\x97",
    "overlong-nul": b"evil\xc0\x80",
    "backspace": b"good\x08\x08\x08\x08evil\x7f",
    "tab": b"evil\tevil",
    "shell": b"$(touch /tmp/x)`id`;&<>\"'~",
    "format": b"%s%n%x%1000000d",
    "macro": b"$USER1$ $HOSTADDRESS$",
    "html": b"<script>alert(1)</script>",
    "long": b"A" * 60000,
    "long-utf8": "証".encode() * 20000,
    "long-newlines": b"\n" * 60000,
    "empty": b"",
}
# OpenSSL takes no certificate with a UTF8String that is none.
UNDECODABLE = {"invalid-utf8", "cut-utf8", "overlong-nul"}
TAGS = {"utf8": UTF8, "printable": PRINTABLE, "teletex": TELETEX, "ia5": IA5}


def honest(result):
    """No trace of what the certificate wanted to say in the plugin's name."""
    assert "all is well" not in result.first or result.first.startswith("CERT_RENEWAL " + result.state)
    for line in result.stdout.split("\n")[1:]:
        assert not line.startswith("CERT_RENEWAL")
    days = [item.value for label, item in result.perfdata.items() if label.endswith("days_to_expiry")]
    assert set(days) <= {20.0, -2.0, 80.0}, days
    return result


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("verbose", [[], ["-v"], ["-vv"]])
def test_subject(pki, write, kind, verbose):
    leaf = pki.leaf(name(("O", HOSTILE[kind]), ("CN", HOSTILE[kind])), names=[dns(HOST)])
    result = honest(check("-f", write("leaf.pem", leaf), AT, *verbose))
    if kind in UNDECODABLE:
        assert result.problems() in ({"file"}, {"expiry"})
    else:
        assert result.code == WARNING
        assert result.perfdata["days_to_expiry"].value == 20


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("tag", TAGS)
def test_subject_in_every_string_type(write, kind, tag):
    leaf = issue(common_name(HOSTILE[kind], TAGS[tag]), names=[])
    result = honest(run("-f", write("leaf.pem", leaf), AT, "-v"))
    assert result.code == WARNING or (result.code == UNKNOWN and tag == "utf8" and kind in UNDECODABLE)


@pytest.mark.parametrize("content", [b"\x00e\x00\n\x00|", b"\xd8\x00", b"\x00", "日本".encode("utf-16-be")])
def test_bmp_string(write, content):
    honest(run("-f", write("leaf.pem", issue(common_name(content, BMP), names=[])), AT, "-v"))


@pytest.mark.parametrize("kind", HOSTILE)
def test_served(pki, start, kind):
    """Subject, names and issuer at once, from a server: mismatch and distrust quote them."""
    issuer = authority(common_name(HOSTILE[kind][:6000]))
    leaf = issue(common_name(HOSTILE[kind]), issuer, names=[dns(HOSTILE[kind][:20000])])
    server = start.bare([leaf])
    result = honest(check("-H", HOST, "-I", "127.0.0.1", "-p", server.port, "-r", pki.root_file, AT, "-v"))
    assert result.code == CRITICAL
    if kind in UNDECODABLE:
        assert result.problems() & {"handshake", "trust"}
    else:
        assert {"hostname", "trust", "expiry"} <= result.problems()


@pytest.mark.parametrize("kind", HOSTILE)
def test_chain_member(pki, start, kind):
    """The name of an intermediate that ends early is quoted."""
    middle = authority(common_name(HOSTILE[kind][:30000]), pki.root, not_after=NOW - 2 * DAY)
    server = start.bare([pki.leaf(issuer=middle), middle])
    result = honest(check("-H", HOST, "-I", "127.0.0.1", "-p", server.port, "-r", pki.root_file, AT))
    assert result.code == CRITICAL
    assert result.problems() & ({"handshake", "trust"} if kind in UNDECODABLE else {"chain-expiry"})


def test_more_certificates_than_can_be_kept(pki, start):
    """What the network can make us keep has a bound; what is beyond is said."""
    server = start.bare([pki.leaf(), *[authority(common_name("x" * 60000)) for _ in range(20)]])
    result = honest(check("-H", HOST, "-I", "127.0.0.1", "-p", server.port, "-r", pki.root_file, AT))
    assert result.code == CRITICAL
    assert result.problems() == {"handshake"}


@pytest.mark.parametrize("chain", [[], [b""], [b"\x30\x00"], [b"|" * 1000], [b"\x30\x84\xff\xff\xff\xff"]])
def test_served_bytes_that_are_no_certificate(pki, start, chain):
    server = start.bare([pki.leaf()])
    server.chain = chain
    result = honest(check("-H", HOST, "-I", "127.0.0.1", "-p", server.port, "-r", pki.root_file, AT))
    assert result.code == CRITICAL
    assert result.problems() == {"handshake"}


def test_bare_server_is_a_good_server(pki, start):
    """What the tests above show is the certificates' doing."""
    server = start.bare(pki.chain())
    assert check("-H", HOST, "-I", "127.0.0.1", "-p", server.port, "-r", pki.root_file, AT, "-w0", "-c0").code == OK


def test_many_hostile_names(pki, start):
    names = [dns(value[:200]) for value in HOSTILE.values()] * 40
    server = start.openssl(pki.chain(names=names))
    result = honest(check("-H", HOST, "-I", "127.0.0.1", "-p", server.port, "-r", pki.root_file, AT, "-vvv"))
    assert result.problems() >= {"hostname"}


def test_odd_general_names(pki, write):
    """An IP entry of a wrong length, an email address, a URI, an otherName, an unknown tag."""
    names = [tlv(0x87, b"\x7f\0\0"), tlv(0x87, b""), tlv(0x81, b"a|b\n@example.test"), tlv(0x86, b"https://|\x1b"),
             tlv(0xA0, octet_string(b"|")), tlv(0x8F, b"\n|"), dns(b"")]
    honest(run("-f", write("leaf.pem", pki.leaf(names=names)), AT, "-vvv"))


def test_huge_serial(pki, write):
    honest(run("-f", write("leaf.pem", pki.leaf(serial=1 << 8 * 20000)), AT, "-vvv"))
    honest(run("-f", write("negative.pem", pki.leaf(serial=-1)), AT, "-vvv"))


@pytest.mark.parametrize("kind", HOSTILE)
def test_banner(start, kind):
    def serve(connection):
        connection.send(b"220 " + HOSTILE[kind] + b"\r\n")
        connection.wait_for_close()

    server = start.raw(serve)
    result = honest(check("-H", HOST, "-I", "127.0.0.1", "-p", server.port))
    assert result.problems() == {"handshake"}


@pytest.mark.parametrize("kind", [kind for kind in HOSTILE if b"\0" not in HOSTILE[kind] and len(HOSTILE[kind]) < 200])
def test_file_name(pki, tmp_path, kind):
    base = os.fsencode(tmp_path) + b"/" + HOSTILE[kind].replace(b"/", b"_") + b".pem"
    with open(base, "wb") as file:
        file.write(pki.leaf().pem.encode())
    assert honest(check(b"-f" + base, AT)).code == WARNING
    # as one of several: then it is in the label too
    result = honest(check(b"-f" + base, "-f", tmp_path / "missing.pem", AT, targets=2))
    assert result.code == WARNING
    honest(check("-f", tmp_path, AT))
    honest(run(b"-f" + base + b".missing"))


@pytest.mark.parametrize("kind", [kind for kind in HOSTILE if b"\0" not in HOSTILE[kind]])
@pytest.mark.parametrize("option", ["-H", "--sni", "-I", "-p", "-P", "-w", "-c", "--renew-before", "--client", "-r", "--severity",
                                    "-t", "--at", "--output-format", "--extra-opts=", "-f", "--nonsense="])
def test_option_value(kind, option):
    value = option.encode() + HOSTILE[kind] if option.endswith("=") else None
    arguments = [value] if value else [option, HOSTILE[kind]]
    target = {"-H": ["-I", "127.0.0.1"], "-f": []}.get(option, ["-H", "127.0.0.1"])
    port = [] if option == "-p" else ["-p", "1"]
    result = honest(run(*arguments, *target, *port, "-t1"))
    assert result.code in (CRITICAL, UNKNOWN)


def test_label_of_several_targets(pki, start, write, ipv6):
    """Icinga 2 takes "::" in a label for a prefix of all later labels, and splits at the first "="."""
    server = start.openssl(pki.chain(), address="::1")
    result = run("-H", f"[::1]:{server.port}", "-H", f"localhost:{server.port}", "-I", "::1", AT, "-r", pki.root_file, targets=2)
    labels = [label for label in result.perfdata if label.endswith("days_to_expiry")]
    assert len(labels) == 2
    assert not any("::" in label for label in result.perfdata)
    result = run("-f", write("a=b'c d|::.pem", pki.leaf()), "-f", write("b.pem", pki.leaf()), AT, targets=2)
    labels = [label for label in result.perfdata if label.endswith("days_to_expiry")]
    assert any(label.endswith("a_b_c_d___.pem_days_to_expiry") for label in labels)


def test_labels_do_not_depend_on_the_other_targets(pki, write):
    paths = [write(f"{letter}.pem", pki.leaf()) for letter in "abc"]

    def labels(*chosen):
        result = run(*[option for path in chosen for option in ("-f", path)], AT, targets=len(chosen))
        return {label for label in result.perfdata if label.endswith("days_to_expiry")}

    assert labels(*paths) > labels(*paths[:2])
    assert labels(paths[1], paths[0]) == labels(paths[0], paths[1])


# --- Locales -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def german(tmp_path_factory):
    """An environment whose locale has decimal commas."""
    if shutil.which("localedef") is None or not os.path.exists("/usr/share/i18n/locales/de_DE"):
        pytest.skip("no localedef with its sources here (package locales)")
    directory = tmp_path_factory.mktemp("locale")
    subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", directory / "de_DE.UTF-8"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    env = {"LOCPATH": str(directory), "LC_ALL": "de_DE.UTF-8", "LANGUAGE": "en"}
    comma = subprocess.run(["locale", "decimal_point"], env={**os.environ, **env}, stdout=subprocess.PIPE).stdout
    assert comma == b",\n"
    return env


def test_decimal_commas_in_the_output(pki, write, german):
    path = write("leaf.pem", pki.leaf())
    at = f"--at=@{NOW + 12345}"
    result = check("-f", path, at, "-v", env=german)
    assert result.perfdata["days_to_expiry"].value == pytest.approx(20 - 12345 / DAY, abs=0.006)
    assert result.target["expiry"]["days_to_expiry"] == pytest.approx(20 - 12345 / DAY, abs=0.006)
    plain = execute("-f", path, at, "--output-format=json", env={"LC_ALL": "C"}).stdout
    there = execute("-f", path, at, "--output-format=json", env=german).stdout
    assert {**json.loads(plain), "seconds": 0} == {**json.loads(there), "seconds": 0}


def test_decimal_points_in_the_input(pki, write, german):
    path = write("leaf.pem", pki.leaf())
    left = [f"--at=@{NOW + 20 * DAY - 12 * 3600 + 1}"]
    assert run("-f", path, "-w", "0.5", "-c", "0.25", *left, env=german).code == WARNING
    assert run("-f", path, "-w", "0.4", "-c", "0.25", *left, env=german).code == OK
    assert run("-f", path, "-w", "0.5:", "-c", "0.25:", *left, env=german).code == WARNING
    assert run("-f", path, "-w", "0.5%", "-c", "0.25%", *left, env=german).code == OK
    assert run("-f", path, "-w", "0,5", *left, env=german).code == UNKNOWN


@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "POSIX", "no_SUCH.locale"])
def test_other_locales(pki, start, locale):
    server = start.openssl(pki.chain(common_name("証明書|\n"), names=[dns(HOST)]))
    result = check("-H", HOST, "-I", "127.0.0.1", "-p", server.port, "-r", pki.root_file, AT, "-v", env={"LC_ALL": locale})
    assert result.code == WARNING


# --- The reader goes away ----------------------------------------------------------------------


def test_closed_output(pki, write):
    """A monitoring server that stops reading: no crash, and nothing on standard error."""
    path = write("leaf.pem", pki.leaf())
    for target in ("/dev/full", None):
        if target:
            with open(target, "wb") as out:
                done = subprocess.run([program(), "-f", path, AT], stdout=out, stderr=subprocess.PIPE, timeout=10)
        else:
            done = subprocess.run([program(), "-f", path, AT], stderr=subprocess.PIPE, timeout=10,
                                  preexec_fn=lambda: os.close(1))
        assert done.returncode in (1, 3)
        assert b"Sanitizer" not in done.stderr


def test_no_output_is_longer_with_verbose(pki, start):
    """-vvv of a chain of long names is still under 8 KiB."""
    issuers = [pki.root]
    for depth in range(5):
        issuers.append(authority(common_name(f"{depth}" + "x" * 3000), issuers[-1]))
    leaf = pki.leaf(common_name("y" * 3000), issuer=issuers[-1], names=[dns(f"{n}.{'z' * 60}.test") for n in range(500)])
    server = start.openssl([leaf, *reversed(issuers[1:])])
    result = run_json("-H", "0." + "z" * 60 + ".test", "-I", "127.0.0.1", "-p", server.port, "-r", pki.root_file, AT)
    assert result.code == WARNING
    result = run("-H", "0." + "z" * 60 + ".test", "-I", "127.0.0.1", "-p", server.port, "-r", pki.root_file, AT, "-vvv")
    assert result.code == WARNING and has("overdue by 10 days", result.headline)
