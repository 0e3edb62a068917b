# SPDX-License-Identifier: GPL-3.0-or-later
"""--output-format=json: every fact and finding, in a documented form with a version."""

import hashlib
import re

import pytest

from pki import DAY, NOW, authority, common_name, date, issue, name, pem
from plugin import STATES, check, execute, run_json

HOST = "www.example.test"
AT = f"--at=@{NOW}"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")


def schema(document):
    """What holds for every document."""
    assert isinstance(document["version"], int)
    assert document["plugin"] == "check_cert_renewal"
    assert document["state"] in STATES
    assert document["exit_code"] == STATES.index(document["state"])
    assert TIME.match(document["judged_at"])
    assert isinstance(document["targets"], list)
    for target in document["targets"]:
        assert isinstance(target["target"], str) and target["target"]
        assert target["state"] in STATES
        assert isinstance(target["text"], str) and target["text"]
        ranks = []
        for finding in target["findings"]:
            assert re.fullmatch(r"[a-z]+(-[a-z]+)*", finding["id"])
            assert finding["state"] in STATES
            assert isinstance(finding["text"], str) and finding["text"]
            ranks.append(["OK", "UNKNOWN", "WARNING", "CRITICAL"].index(finding["state"]))
        assert ranks == sorted(ranks, reverse=True), "worst first"
        assert not ranks or target["state"] == ["OK", "UNKNOWN", "WARNING", "CRITICAL"][ranks[0]]
        for certificate in [*target["served"], *(target["path"] or [])]:
            assert TIME.match(certificate["not_before"]) and TIME.match(certificate["not_after"])
            assert re.fullmatch(r"[0-9a-f]{64}", certificate["sha256"])
    return document


def test_served(pki, start):
    chain = pki.chain()
    server = start.openssl(chain, "-tls1_3")
    document = schema(run_json("-H", HOST, "-I", "127.0.0.1", "-p", server.port, "-r", pki.root_file, AT).json)
    assert document["state"] == "WARNING"
    assert document["judged_at"] == "2030-01-01T00:00:00Z"
    [target] = document["targets"]
    assert HOST in target["target"]
    expiry = target["expiry"]
    assert expiry["days_to_expiry"] == 20 and expiry["days_to_renewal"] == -10
    assert expiry["remaining_seconds"] == 20 * DAY and expiry["lifetime_seconds"] == 90 * DAY
    assert expiry["warning_days"] == 25 and expiry["critical_days"] == 10
    assert expiry["renewal_due"].startswith(date(NOW - 10 * DAY))
    assert {finding["id"] for finding in target["findings"]} >= {"expiry", "trust", "hostname"}
    assert [item["subject"] for item in target["served"]] == [f"CN={HOST}", "CN=Test Intermediate"]
    assert [item["subject"] for item in target["path"]] == [f"CN={HOST}", "CN=Test Intermediate", "CN=Test Root"]
    leaf = target["served"][0]
    assert leaf["issuer"] == "CN=Test Intermediate"
    assert leaf["not_after"].startswith(date(chain[0].not_after))
    assert any(HOST in name for name in leaf["names"])
    assert target["connection"]["address"].startswith("127.0.0.1")
    assert target["connection"]["port"] == server.port
    assert target["connection"]["tls_version"].replace("v", " ").replace("  ", " ") in ("TLS 1.3", "TLS1.3")


def test_facts_agree_with_openssl(pki, write):
    leaf = pki.leaf()
    [target] = schema(run_json("-f", write("leaf.pem", leaf), AT).json)["targets"]
    assert target["served"][0]["sha256"] == hashlib.sha256(leaf.der).hexdigest()
    assert target["served"][0]["key_type"] == "EC" and target["served"][0]["key_bits"] == 256


def test_several_targets(pki, start, write):
    good, refusing = start.openssl(pki.chain()), start.refusing()
    document = schema(run_json("-H", f"{HOST}:{good.port}", "-H", f"b.test:{refusing.port}", "-I", "127.0.0.1", "-r", pki.root_file, AT).json)
    assert document["state"] == "CRITICAL"
    assert len(document["targets"]) == 2
    document = schema(run_json("-f", write("leaf.pem", pki.leaf()), "-f", "/nowhere/missing.pem", AT).json)
    assert document["state"] == "WARNING"
    assert len(document["targets"]) == 2


@pytest.mark.parametrize("arguments", [
    ["-f", "/nowhere/missing.pem"], ["-H", "127.0.0.1", "-p", "1"], ["-H", "a.test:99999"],
])
def test_trouble_is_json_too(arguments):
    schema(run_json(*arguments).json)


def test_nothing_measured_is_null(start):
    [target] = run_json("-H", HOST, "-I", "127.0.0.1", "-p", start.refusing().port).json["targets"]
    assert target["expiry"] is None
    assert target["served"] == []


def test_invalid_text_stays_json(write):
    """Strings that are no UTF-8 are made valid, and numbers stay numbers."""
    leaf = issue(name(("O", b"\xff\xfe\x00\x01\"\\"), ("CN", b"a" * 60000)), names=[])
    schema(run_json("-f", write("leaf.pem", leaf), AT).json)


def test_text_and_json_agree(pki, start):
    short = authority("Short Intermediate", pki.root, not_after=NOW + 5 * DAY)
    server = start.openssl([pki.leaf("other.example.test", issuer=short), short])
    result = check("-H", HOST, "-I", "127.0.0.1", "-p", server.port, AT)
    in_text = [(finding.state, finding.text) for finding in result.findings if finding.state != "OK"]
    in_json = [(finding["state"], finding["text"]) for finding in result.target["findings"] if finding["state"] != "OK"]
    assert [state for state, _ in in_text] == [state for state, _ in in_json]
    for (_, text), (_, said) in zip(in_text, in_json):
        assert said in text


def test_end_with_a_newline(write, pki):
    assert execute("-f", write("leaf.pem", pki.leaf()), "--output-format=json").stdout.endswith("}\n")


def test_no_private_key_and_no_pem_in_it(pki, write):
    text = execute("-f", write("all.pem", pki.leaf(), pki.leaf().key_pem), "--output-format=json").stdout
    assert "PRIVATE" not in text and pem(b"")[:10] not in text
