# SPDX-License-Identifier: GPL-3.0-or-later
"""-f: what a certificate file can hold, and what it may be instead."""

import os
import shutil
import subprocess

import pytest

from pki import DAY, NOW, issue, pem
from plugin import CRITICAL, OK, UNKNOWN, WARNING, check, has, run, run_json

AT = f"--at=@{NOW}"
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


def targets(result):
    return {target["target"]: target for target in result.json["targets"]}


# --- Good files --------------------------------------------------------------------------------


def test_pem(pki, write):
    result = check("-f", write("leaf.pem", pki.leaf()), AT)
    assert result.code == WARNING
    assert "leaf.pem" in result.headline
    assert result.perfdata["days_to_expiry"].value == 20


@pytest.mark.parametrize("name", ["leaf.der", "leaf.cer", "leaf"])
def test_der(pki, write, name):
    result = check("-f", write(name, pki.leaf().der), AT)
    assert result.code == WARNING
    assert result.perfdata["days_to_expiry"].value == 20


def test_pem_as_people_have_it(pki, write):
    """Text before and after, Windows line ends, a key in the same file, a "TRUSTED CERTIFICATE"."""
    leaf = pki.leaf()
    described = subprocess.run(["openssl", "x509", "-text"], input=leaf.pem.encode(), stdout=subprocess.PIPE, check=True).stdout
    assert check("-f", write("text.pem", described), AT).code == WARNING
    assert check("-f", write("crlf.pem", leaf.pem.replace("\n", "\r\n")), AT).code == WARNING
    assert check("-f", write("key-first.pem", leaf.key_pem, leaf), AT).code == WARNING
    assert check("-f", write("key-last.pem", leaf, leaf.key_pem), AT).code == WARNING
    assert check("-f", write("no-newline.pem", leaf.pem.rstrip("\n")), AT).code == WARNING
    assert check("-f", write("bom.pem", b"\xef\xbb\xbf" + leaf.pem.encode()), AT).code == WARNING
    trusted = subprocess.run(["openssl", "x509", "-trustout"], input=leaf.pem.encode(), stdout=subprocess.PIPE, check=True).stdout
    assert check("-f", write("trusted.pem", trusted), AT).code == WARNING


def test_chain_is_one_target(pki, write):
    leaf, intermediate = pki.chain()
    for name, order in (("chain.pem", [leaf, intermediate]), ("full.pem", [leaf, intermediate, pki.root])):
        result = check("-f", write(name, *order), AT)
        assert len(result.json["targets"]) == 1
        assert result.perfdata["days_to_expiry"].value == 20


def test_bundle_of_unrelated_certificates(pki, write):
    """Each is judged by itself, and the worst is named first."""
    fresh = issue("fresh.example.test", not_before=NOW - DAY, not_after=NOW + 89 * DAY)
    due = issue("due.example.test")
    expired = issue("expired.example.test", not_before=NOW - 92 * DAY, not_after=NOW - 2 * DAY)
    result = check("-f", write("bundle.pem", fresh, due, expired), AT, targets=3)
    assert result.code == CRITICAL
    assert sorted(target["state"] for target in result.json["targets"]) == ["CRITICAL", "OK", "WARNING"]
    assert "expired.example.test" in result.headline
    for name in ("due.example.test", "expired.example.test"):
        assert name in result.text
    days = sorted(item.value for label, item in result.perfdata.items() if label.endswith("days_to_expiry"))
    assert days == [-2, 20, 89]


def test_system_bundle():
    """Real certificates that nobody here made."""
    if not os.path.exists(BUNDLE):
        pytest.skip(f"{BUNDLE} is not on this machine")
    count = open(BUNDLE, encoding="ascii", errors="replace").read().count("-----BEGIN CERTIFICATE-----")
    result = check("-f", BUNDLE, "--at=2026-06-01", targets=count)
    assert len(result.json["targets"]) == count > 50
    assert all(target["expiry"]["days_to_expiry"] is not None for target in result.json["targets"])
    assert len([label for label in result.perfdata if label.endswith("days_to_expiry")]) == count
    # in fifty years none of them is valid
    result = run("-f", BUNDLE, "--at=2076-06-01", targets=count)
    assert result.code == CRITICAL
    assert has("expired", result.headline) and str(count) in result.headline


def test_system_bundle_agrees_with_openssl():
    if not os.path.exists(BUNDLE):
        pytest.skip(f"{BUNDLE} is not on this machine")
    result = run_json("-f", BUNDLE, AT)
    text = open(BUNDLE, encoding="ascii", errors="replace").read()
    blocks = [block for block in text.split("-----BEGIN CERTIFICATE-----")[1:]]
    served = {target["served"][0]["sha256"]: target["served"][0] for target in result.json["targets"]}
    for block in blocks[:10]:
        out = subprocess.run(["openssl", "x509", "-noout", "-fingerprint", "-sha256", "-enddate", "-dateopt", "iso_8601"],
                             input=("-----BEGIN CERTIFICATE-----" + block).encode(), stdout=subprocess.PIPE, check=True).stdout.decode()
        fields = dict(line.split("=", 1) for line in out.strip().split("\n"))
        digest = fields[next(key for key in fields if key.lower().startswith("sha256"))].replace(":", "").lower()
        assert served[digest]["not_after"] == fields["notAfter"].replace(" ", "T")


def test_several_files(pki, write):
    a, b = write("a.pem", pki.leaf()), write("b.pem", pki.leaf(not_before=NOW, not_after=NOW + 90 * DAY))
    result = check("-f", a, "-f", b, AT, targets=2)
    assert result.code == WARNING
    assert targets(result)[str(a)]["state"] == "WARNING" and targets(result)[str(b)]["state"] == "OK"


def test_glob(pki, write, tmp_path):
    for name in ("one.pem", "two.pem", "three.crt"):
        write(name, pki.leaf())
    result = check("-f", f"{tmp_path}/*.pem", AT, targets=2)
    assert {os.path.basename(name) for name in targets(result)} == {"one.pem", "two.pem"}
    result = check("-f", f"{tmp_path}/[ot]*", AT, targets=3)
    assert len(result.json["targets"]) == 3


def test_directory(pki, write, tmp_path):
    """The certificates of a directory; what is none there is not an error."""
    write("one.pem", pki.leaf())
    write("two.crt", pki.leaf())
    write("key.pem", pki.leaf().key_pem)
    write("README", "These are certificates.\n")
    result = check("-f", tmp_path, AT, targets=2)
    assert result.code == WARNING
    assert {os.path.basename(name) for name in targets(result)} == {"one.pem", "two.crt"}


def test_directory_as_certbot_has_it(pki, tmp_path):
    """live/NAME/{cert,chain,fullchain,privkey}.pem as links to archive/."""
    live, archive = tmp_path / "live" / "www.example.test", tmp_path / "archive"
    live.mkdir(parents=True)
    archive.mkdir()
    leaf, intermediate = pki.chain()
    for name, text in (("cert", leaf.pem), ("chain", intermediate.pem), ("fullchain", leaf.pem + intermediate.pem),
                       ("privkey", leaf.key_pem)):
        (archive / f"{name}1.pem").write_text(text)
        (live / f"{name}.pem").symlink_to(archive / f"{name}1.pem")
    result = check("-f", f"{tmp_path}/live/*/fullchain.pem", AT)
    assert result.code == WARNING
    assert result.target["target"].endswith("live/www.example.test/fullchain.pem")


def test_directory_without_certificates(tmp_path, write):
    write("README", "nothing\n")
    result = check("-f", tmp_path)
    assert result.code == UNKNOWN
    assert has(r"no certificate", result.headline)


def test_empty_directory(tmp_path):
    result = check("-f", tmp_path)
    assert result.code == UNKNOWN
    assert has(r"no certificate|empty", result.headline)


def test_glob_without_a_match(tmp_path):
    result = check("-f", f"{tmp_path}/*.pem")
    assert result.code == UNKNOWN
    assert has(r"no (such )?file|match", result.headline)


def test_name_with_glob_characters_that_exists(pki, write):
    """Wildcard certificates are kept in files of that name."""
    path = write("_.[example].test*.pem", pki.leaf())
    assert check("-f", path, AT).code == WARNING


# --- Bad files ---------------------------------------------------------------------------------


def bad(path, words, *more):
    """One clear line, exit 3: and with a good file in the same run, that one is still judged."""
    result = check("-f", path, *more)
    assert result.code == UNKNOWN, str(result)
    assert result.problems() == {"file"}
    assert os.path.basename(str(path)) in result.headline
    assert has(words, result.headline), str(result)
    assert "days_to_expiry" not in result.perfdata
    return result


def test_missing(tmp_path):
    bad(tmp_path / "missing.pem", r"no such file|missing|does not exist")


def test_empty(write):
    bad(write("empty.pem", b""), r"empty|no certificate")


def test_text(write):
    bad(write("text.pem", "Hello, world.\n"), r"no certificate|not a certificate")


def test_random_bytes(write):
    for seed in range(5):
        bad(write(f"random{seed}.pem", bytes((index * 7919 * (seed + 3) >> 3) & 0xFF for index in range(4000))),
            r"no certificate|not a certificate")


@pytest.mark.parametrize("form", ["pkcs8", "ec", "der", "encrypted", "public"])
def test_key_instead_of_a_certificate(pki, write, form):
    key = pki.leaf().key_pem
    commands = {"ec": ["ec"], "der": ["pkey", "-outform", "DER"], "public": ["pkey", "-pubout"],
                "encrypted": ["pkcs8", "-topk8", "-passout", "pass:secret", "-scrypt"]}
    content = key.encode()
    if form != "pkcs8":
        content = subprocess.run(["openssl", *commands[form]], input=content, stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL, check=True).stdout
    result = bad(write("key.pem", content), r"key|no certificate|not a certificate")
    if form in ("pkcs8", "ec", "encrypted"):
        assert has(r"key", result.headline)
    # not a byte of it
    for line in content.decode("latin-1").split("\n"):
        assert len(line) < 20 or line.startswith("---") or line not in result.stdout


def test_request_instead_of_a_certificate(write):
    request = subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                              "-keyout", "/dev/null", "-subj", "/CN=x"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    bad(write("request.pem", request), r"request|no certificate|not a certificate")


def test_truncated_pem(pki, write):
    text = pki.leaf().pem
    for share in (0.1, 0.5, 0.9):
        bad(write("cut.pem", text[:int(len(text) * share)]), r"truncated|damaged|not a certificate|no certificate|cut|end")


def test_truncated_der(pki, write):
    der = pki.leaf().der
    for length in (1, 10, len(der) // 2, len(der) - 1):
        bad(write("cut.der", der[:length]), r"truncated|damaged|not a certificate|no certificate|cut|end")


def test_damaged_base64(pki, write):
    lines = pki.leaf().pem.split("\n")
    lines[3] = "!" * 64
    bad(write("damaged.pem", "\n".join(lines)), r"damaged|not a certificate|no certificate|base64")


def test_pem_of_garbage(write):
    bad(write("garbage.pem", pem(b"\x30\x03\x02\x01\x01")), r"damaged|not a certificate|no certificate")


def test_damaged_second_certificate(pki, write):
    """The first is judged, and the damage is said: neither hides the other."""
    leaf, intermediate = pki.chain()
    path = write("chain.pem", leaf, intermediate.pem[:300])
    result = run_json("-f", path, AT)
    found = {finding["id"] for target in result.json["targets"] for finding in target["findings"] if finding["state"] != "OK"}
    assert found == {"expiry", "file"}


def test_every_byte_damaged(pki, write):
    """One byte wrong anywhere: an answer, whatever it is, and no crash."""
    der = pki.leaf().der
    for position in range(0, len(der), max(1, len(der) // 60)):
        damaged = bytearray(der)
        damaged[position] ^= 0xFF
        run("-f", write("damaged.der", bytes(damaged)), AT)


def test_unreadable(pki, write):
    path = write("secret.pem", pki.leaf())
    path.chmod(0)
    prefix = ()
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root reads everything, and setpriv is not installed")
        # root without the right to read what it may not
        prefix = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
    result = run("-f", path, AT, prefix=prefix)
    assert result.code == UNKNOWN
    assert has(r"permission", result.headline) and "secret.pem" in result.headline


def test_unreadable_directory(pki, tmp_path):
    directory = tmp_path / "secret"
    directory.mkdir()
    (directory / "leaf.pem").write_text(pki.leaf().pem)
    directory.chmod(0)
    prefix = []
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root reads everything, and setpriv is not installed")
        prefix = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
    try:
        for asked in (directory, directory / "leaf.pem", f"{directory}/*.pem"):
            result = run("-f", asked, AT, prefix=prefix)
            assert result.code == UNKNOWN
            assert has(r"permission", result.headline), str(result)
    finally:
        directory.chmod(0o700)


def test_link_to_nowhere_and_to_itself(tmp_path):
    (tmp_path / "nowhere.pem").symlink_to(tmp_path / "gone")
    (tmp_path / "loop.pem").symlink_to(tmp_path / "loop.pem")
    bad(tmp_path / "nowhere.pem", r"no such file|missing|does not exist")
    bad(tmp_path / "loop.pem", r"link|loop|level")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/proc/self/mem", "/dev/stdin"])
def test_devices(device):
    """Nothing endless is read to its end."""
    result = run("-f", device, timeout=20)
    assert result.code == UNKNOWN


def test_huge_file(tmp_path):
    path = tmp_path / "huge.pem"
    with open(path, "wb") as file:
        file.truncate(4 << 30)
    bad(path, r"large|big|long|no certificate|not a certificate")


def test_good_file_next_to_bad_ones(pki, write, tmp_path):
    good = write("good.pem", pki.leaf())
    result = check("-f", tmp_path / "missing.pem", "-f", good, "-f", write("empty.pem", b""), AT, targets=3)
    assert result.code == WARNING  # WARNING is worse than UNKNOWN
    by_name = targets(result)
    assert by_name[str(good)]["state"] == "WARNING" and by_name[str(good)]["expiry"]["days_to_expiry"] == 20
    assert [by_name[name]["state"] for name in by_name if name != str(good)] == ["UNKNOWN", "UNKNOWN"]
    result = check("-f", tmp_path / "missing.pem", "-f", good, AT, "-w0", "-c0", targets=2)
    assert result.code == UNKNOWN


def test_file_and_host(pki, start, write):
    """With -H the file is compared with what is served."""
    chain = pki.chain()
    server = start.openssl(chain)
    options = ["-H", "www.example.test", "-I", "127.0.0.1", "-p", server.port, "-r", pki.root_file, AT, "-w0", "-c0"]
    assert check("-f", write("served.pem", *chain), *options).code == OK
    renewed = pki.chain(not_before=NOW - DAY, not_after=NOW + 89 * DAY)
    result = check("-f", write("renewed.pem", *renewed), *options)
    assert result.code == WARNING
    assert result.perfdata["days_to_expiry"].value == 20
    result = check("-f", "/nowhere/missing.pem", *options)
    assert result.code == UNKNOWN
    assert result.perfdata["days_to_expiry"].value == 20 and result.state_of("expiry") == "OK"
