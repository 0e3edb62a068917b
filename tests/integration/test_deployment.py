# SPDX-License-Identifier: GPL-3.0-or-later
"""-H with -f: what lies on disk against what is served."""

import os

import pytest
from cryptography.hazmat.primitives import serialization

from pki import DAY, HOUR, MINUTE, NOW, dns, ec_key
from plugin import CRITICAL, OK, UNKNOWN, WARNING, check, has

HOST = "www.example.test"


@pytest.fixture(scope="module")
def old(pki):
    return pki.leaf()


@pytest.fixture(scope="module")
def new(pki):
    return pki.leaf(not_before=NOW - 5 * DAY, not_after=NOW + 85 * DAY)


@pytest.fixture(scope="module")
def served(pki, old, start_module):
    """The old one is served: 20 of its 90 days are left."""
    return start_module.python([old, pki.intermediate])


@pytest.fixture
def compare(pki, served):
    """compare(path, ...): the check, WARNING only by what is asked of it."""

    def compare(*paths, at=NOW, limits=("-w0", "-c0"), server=served, options=(), **more):
        files = [word for path in paths for word in ("-f", path)]
        return check("-H", HOST, "-I", "127.0.0.1", "-p", server.port, "-r", pki.root_file, *files,
                     f"--at=@{at}", *limits, *options, **more)

    return compare


def aged(path, seconds, now=NOW):
    """The file as it is when it was written that long ago."""
    os.utime(path, (now - seconds, now - seconds))
    return path


def encrypted(leaf):
    return leaf.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                  serialization.BestAvailableEncryption(b"secret"))


def never_shown(key_pem, result):
    """No line of the key is in any output."""
    lines = [line for line in key_pem.splitlines() if line and not line.startswith("-----")]
    for line in lines:
        assert line not in result.stdout and line not in str(result.json)
    assert "PRIVATE KEY" not in result.stdout + str(result.json)


def deployment(result):
    findings = result.findings_of("deployment")
    assert len(findings) == 1, findings
    return findings[0]["text"]


# --- Newer on disk -----------------------------------------------------------------------------


def test_same_certificate(compare, old, write):
    result = compare(write("fullchain.pem", old))
    assert result.code == OK
    assert has("on disk is the one that is served", deployment(result))


def test_newer_for_longer_than_the_grace(compare, new, write):
    path = aged(write("fullchain.pem", new), 3 * DAY)
    result = compare(path)
    assert result.code == WARNING
    assert result.problems() == {"deployment"}
    assert has(r"renewed on disk 3 days ago, but the service still serves the old .*reload it", result.headline)
    assert str(path) in result.text
    assert result.target["disk"]["certificate"]["serial"] != result.target["served"][0]["serial"]


@pytest.mark.parametrize("grace, seconds", [((), HOUR), (("--reload-grace=10m",), 10 * MINUTE),
                                            (("--reload-grace=2",), 2 * DAY)])
def test_both_sides_of_the_grace(compare, new, write, grace, seconds):
    path = write("fullchain.pem", new)
    within = compare(aged(path, seconds), options=grace)
    assert within.code == OK
    assert has("renewed on disk .* ago, not served yet", deployment(within))
    after = compare(aged(path, seconds + 1), options=grace)
    assert after.code == WARNING
    assert has("reload", deployment(after))


@pytest.mark.parametrize("critical", ["auto", "12"])
def test_critical_where_the_served_one_is_inside_its_critical_limit(compare, old, new, write, critical):
    limit = 10 * DAY if critical == "auto" else 12 * DAY
    for left, code in ((limit + 1, WARNING), (limit - 1, CRITICAL)):
        now = old.not_after - left
        path = aged(write("fullchain.pem", new), 2 * HOUR, now)
        result = compare(path, at=now, limits=["-c", critical])
        assert result.code == code, str(result)
        assert result.state_of("deployment") == result.state
        assert has("reload", result.headline)


def test_within_the_grace_the_limits_still_count(compare, old, new, write):
    now = old.not_after - 5 * DAY
    result = compare(aged(write("fullchain.pem", new), MINUTE, now), at=now, limits=[])
    assert result.code == CRITICAL
    assert result.problems() == {"expiry"}


def test_severity_of_deployment(compare, new, write):
    path = aged(write("fullchain.pem", new), 3 * DAY)
    assert compare(path, options=["--severity=deployment=critical"]).code == CRITICAL
    assert compare(path, options=["--severity=deployment=ignore"]).code == OK


def test_of_several_files_the_newest_counts(compare, old, new, write):
    paths = [write("a.pem", old), aged(write("b.pem", new), 3 * DAY), write("c.pem", old)]
    result = compare(*paths)
    assert result.code == WARNING
    assert result.target["disk"]["path"] == str(paths[1])


# --- Older, other, unreadable ------------------------------------------------------------------


def test_older_on_disk(pki, compare, write):
    result = compare(write("fullchain.pem", pki.leaf(not_before=NOW - 160 * DAY, not_after=NOW - 70 * DAY)))
    assert result.code == OK
    assert has("the file is older than what is served", deployment(result))
    assert has("older than what is served", result.text)


def test_other_names(pki, compare, write):
    result = compare(write("fullchain.pem", pki.leaf("shop.example.test")))
    assert result.code == UNKNOWN
    text = deployment(result)
    assert has("for other names", text) and "shop.example.test" in text and HOST in text


def test_hostile_names(pki, compare, write):
    """Names in a file are outside material too."""
    result = compare(write("fullchain.pem", pki.leaf("x", names=[dns(b"a|b=1\n\x1b[2J\xff.test")])))
    assert result.code == UNKNOWN
    assert has("for other names", deployment(result))


@pytest.mark.parametrize("content, words", [(b"", "empty|no certificate"), (b"\x00\xff" * 500, "not a|no certificate"),
                                            ("-----BEGIN CERTIFICATE-----\nAAAA\n", "certificate"), (None, "no such file")])
def test_not_readable(compare, write, tmp_path, content, words):
    path = tmp_path / "missing.pem" if content is None else write("broken.pem", content)
    result = compare(path)
    assert result.code == UNKNOWN
    assert has(words, deployment(result)) and path.name in deployment(result)


def test_key_given_as_certificate(compare, old, write):
    result = compare(write("privkey.pem", old.key_pem))
    assert result.code == UNKNOWN
    assert has("key", deployment(result))
    never_shown(old.key_pem, result)


def test_expiry_counts_although_the_file_is_unreadable(compare, tmp_path):
    """20 of 90 days are left."""
    result = compare(tmp_path / "missing.pem", limits=[])
    assert result.code == WARNING
    assert has("20 days left", result.headline)


def test_server_does_not_answer(compare, start, new, write):
    path = aged(write("fullchain.pem", new), 3 * DAY)
    result = compare(path, server=start.refusing())
    assert result.code == CRITICAL
    assert "unreachable" in result.problems()


# --- Globs and directories ---------------------------------------------------------------------


def tree(pki, new, tmp_path):
    """live/ as certbot leaves it; the one for HOST is the second of three."""
    for name in ("aaa.example.test", HOST, "zzz.example.test"):
        leaf = new if name == HOST else pki.leaf(name, not_before=NOW - DAY, not_after=NOW + 89 * DAY)
        directory = tmp_path / "live" / name
        directory.mkdir(parents=True)
        (directory / "fullchain.pem").write_text(leaf.pem + pki.intermediate.pem)
        (directory / "chain.pem").write_text(pki.intermediate.pem)
        (directory / "privkey.pem").write_text(leaf.key_pem)
        aged(directory / "fullchain.pem", 3 * DAY)
    return tmp_path / "live"


def test_glob_finds_the_certificate_for_the_name(pki, compare, new, tmp_path):
    live = tree(pki, new, tmp_path)
    result = compare(live / "*" / "fullchain.pem")
    assert result.code == WARNING
    assert result.target["disk"]["path"] == str(live / HOST / "fullchain.pem")
    assert result.target["disk"]["private_key"] == "matches"
    assert len(result.json["targets"]) == 1


def test_directory(pki, compare, new, tmp_path):
    live = tree(pki, new, tmp_path)
    result = compare(live / HOST)
    assert result.code == WARNING
    assert result.problems() == {"deployment"}


def test_wildcard_certificate_covers_the_name(pki, compare, write):
    path = aged(write("fullchain.pem", pki.leaf("*.example.test", not_before=NOW - DAY, not_after=NOW + DAY)), 3 * DAY)
    assert has("reload", deployment(compare(path)))


def test_glob_without_a_certificate_for_the_name(pki, compare, write, tmp_path):
    for name in "abc":
        write(f"{name}.pem", pki.leaf(f"{name}.example.test"))
    result = compare(tmp_path / "*.pem")
    assert result.code == UNKNOWN
    assert has("for other names", deployment(result))


def test_glob_without_files(compare, tmp_path):
    result = compare(tmp_path / "*.pem")
    assert result.code == UNKNOWN
    assert has("no certificate|no such file|matches nothing", deployment(result))


def test_link_to_the_archive(compare, new, tmp_path):
    """certbot's live/ is links: the file behind it tells when it was renewed."""
    archived = tmp_path / "fullchain2.pem"
    archived.write_text(new.pem)
    (tmp_path / "fullchain.pem").symlink_to(archived)
    aged(archived, 3 * DAY)
    assert has("renewed on disk 3 days ago", compare(tmp_path / "fullchain.pem").headline)


# --- The private key beside it -----------------------------------------------------------------


def where(place):
    """The file that each client keeps the key in, beside its certificate."""
    return {"certbot": ("fullchain.pem", "privkey.pem"), "lego": (f"{HOST}.crt", f"{HOST}.key"),
            "acme.sh": ("fullchain.cer", f"{HOST}.key")}[place]


@pytest.mark.parametrize("place", ["certbot", "lego", "acme.sh"])
def test_key_beside_the_file(compare, old, write, place):
    certificate, key = where(place)
    path = write(certificate, old)
    write(key, old.key_pem)
    result = compare(path)
    assert result.code == OK
    assert result.target["disk"]["private_key"] == "matches"
    never_shown(old.key_pem, result)


@pytest.mark.parametrize("place", ["certbot", "lego", "acme.sh"])
def test_key_that_differs(compare, old, new, write, place):
    certificate, key = where(place)
    path = write(certificate, old)
    write(key, new.key_pem)
    result = compare(path)
    assert result.code == WARNING
    assert has("private key beside .* does not belong to its certificate", result.headline)
    assert result.target["disk"]["private_key"] == "differs"
    never_shown(new.key_pem, result)


@pytest.mark.parametrize("key_first", [True, False])
def test_key_in_the_same_file(compare, old, new, write, key_first):
    def together(leaf, key):
        return write("all.pem", *([key, leaf] if key_first else [leaf, key]))

    assert compare(together(old, old.key_pem)).code == OK
    result = compare(together(old, new.key_pem))
    assert result.code == WARNING
    assert result.target["disk"]["private_key"] == "differs"
    never_shown(new.key_pem, result)


def test_key_that_differs_is_said_beside_what_is_not_deployed(compare, old, new, write):
    path = aged(write("fullchain.pem", new), 3 * DAY)
    write("privkey.pem", old.key_pem)
    result = compare(path)
    assert result.code == WARNING
    assert has("reload", result.text_of("deployment")) and has("private key", result.text_of("deployment"))


@pytest.mark.parametrize("same_file", [True, False])
def test_encrypted_key_is_passed_over(compare, old, new, write, same_file):
    """Nobody is asked for a passphrase, and nothing is said of it."""
    key = encrypted(new)
    path = write("fullchain.pem", old, key) if same_file else write("fullchain.pem", old)
    if not same_file:
        write("privkey.pem", key)
    result = compare(path)
    assert result.code == OK
    assert result.target["disk"]["private_key"] == "not found"


def test_traditional_encrypted_key_is_passed_over(compare, old, write):
    key = ec_key().private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
                                 serialization.BestAvailableEncryption(b"secret"))
    path = write("fullchain.pem", old)
    write("privkey.pem", key)
    result = compare(path)
    assert (result.code, result.target["disk"]["private_key"]) == (OK, "not found")


@pytest.mark.parametrize("content", [b"", b"\xff" * 100, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_broken_key_is_passed_over(compare, old, write, content):
    path = write("fullchain.pem", old)
    write("privkey.pem", content)
    assert compare(path).code == OK
