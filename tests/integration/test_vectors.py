# SPDX-License-Identifier: GPL-3.0-or-later
"""Chains of public test suites, each served by a TLS server and judged as a host.

CHECK_CERT_RENEWAL_VECTORS names a folder with a folder per case: chain.pem (as a server sends it, leaf
first), key.pem, roots.pem, hostname.txt, hosttype.txt, time.txt (seconds since the epoch), expect.txt
(ok or fail); and index.tsv with a header: id, gate, ... .
"""

import collections
import concurrent.futures
import csv
import os
import pathlib
import re
import ssl

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from baretls import BareServer
from plugin import OK, run_json
from servers import PythonServer, server_context

FOLDER = os.environ.get("CHECK_CERT_RENEWAL_VECTORS")
ABOUT = {"trust", "hostname", "expiry", "not-yet-valid", "chain-expiry", "unreachable", "handshake", "usage"}
# With nothing else wrong the certificate was not even looked at.
UNSEEN = {"unreachable", "handshake"}


def serve(case):
    """OpenSSL loads no certificate with extensions that it cannot parse: such a one is served without it."""
    chain, key = case / "chain.pem", case / "key.pem"
    try:
        return PythonServer(server_context(chain, key))
    except ssl.SSLError:
        blocks = re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", chain.read_text(), re.DOTALL)
        return BareServer([ssl.PEM_cert_to_DER_cert(block) for block in blocks], load_pem_private_key(key.read_bytes(), None))


def meant(hostname, result):
    """Why the plugin's verdict differs on purpose from the suite's, which calls OpenSSL with the bare name; or None."""
    name = result.target["verified_name"]
    if "://" in hostname and name in hostname.split("/"):
        return "a URL on the command line, whose host is checked"
    if hostname.startswith(".") and result.problems() == {"usage"}:
        return "a pattern of names to OpenSSL, and no name: the plugin takes no patterns"
    if hostname == f"{name}." and result.problems() == {"hostname"}:
        # RFC 6066, section 3
        return "a certificate for a name with the dot that makes it absolute is for no name that can be asked for"
    return None


def judge(case):
    """(what is wrong with the plugin's verdict or None, why that is meant or None)"""
    def read(name):
        return (case / name).read_text().strip("\n")

    server = serve(case)
    try:
        result = run_json("-H", read("hostname.txt"), "-I", "127.0.0.1", "-p", server.port, "-r", case / "roots.pem",
                          f"--at=@{read('time.txt')}", "-w", "0", "-c", "0", timeout=60)
    except (AssertionError, ValueError) as error:
        return f"output: {error}", None
    finally:
        server.close()
    wrong = None
    if read("expect.txt") == "ok":
        worse = [finding["text"] for finding in result.target["findings"] if finding["state"] != "OK" and finding["id"] in ABOUT]
        wrong = f"expected ok, but: {'; '.join(worse)}" if worse else None
    elif result.code == OK:
        wrong = "expected a failure, but it is OK"
    elif not result.problems() - UNSEEN:
        wrong = f"expected a failure of the certificate, but: {result.target['text']}"
    return wrong, meant(read("hostname.txt"), result) if wrong else None


@pytest.mark.skipif(not FOLDER, reason="CHECK_CERT_RENEWAL_VECTORS names no folder of chain verification cases")
def test_vectors(summary_line):
    folder = pathlib.Path(FOLDER)
    with open(folder / "index.tsv", encoding="utf-8", newline="") as file:
        gates = {row["id"]: row["gate"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    cases = sorted(path.parent for path in folder.glob("*/expect.txt"))
    assert cases and {case.name for case in cases} == set(gates)
    counts, agreed, on_purpose, wrong = (collections.Counter(), collections.Counter(), [], [])
    with concurrent.futures.ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
        for case, (said, reason) in zip(cases, pool.map(judge, cases)):
            gate = gates[case.name]
            counts[gate] += 1
            if said is None:
                agreed[gate] += 1
            elif reason:
                on_purpose.append(case.name)
            else:
                wrong.append(f"{gate} {case.name}: {said}")
    for gate in sorted(counts):
        differ = sum(gates[name] == gate for name in on_purpose)
        summary_line(f"vectors, gate {gate}: {agreed[gate]} of {counts[gate]} verdicts as expected, {differ} differ on purpose")
    assert not wrong, f"{len(wrong)} verdicts:\n" + "\n".join(wrong)
    assert not [name for name in on_purpose if gates[name] == "must"]
