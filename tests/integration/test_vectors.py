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
from plugin import OK, UNKNOWN, run_json
from servers import PythonServer, server_context

FOLDER = os.environ.get("CHECK_CERT_RENEWAL_VECTORS")
ABOUT = {"trust", "hostname", "expiry", "not-yet-valid", "chain-expiry", "unreachable", "handshake", "usage"}


def serve(case):
    """OpenSSL loads no certificate with extensions that it cannot parse: such a one is served without it."""
    chain, key = case / "chain.pem", case / "key.pem"
    try:
        return PythonServer(server_context(chain, key))
    except ssl.SSLError:
        blocks = re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", chain.read_text(), re.DOTALL)
        return BareServer([ssl.PEM_cert_to_DER_cert(block) for block in blocks], load_pem_private_key(key.read_bytes(), None))


def judge(case):
    """None where the plugin's verdict is the expected one, else what it said."""
    def read(name):
        return (case / name).read_text().strip("\n")

    server = serve(case)
    try:
        result = run_json("-H", read("hostname.txt"), "-I", "127.0.0.1", "-p", server.port, "-r", case / "roots.pem",
                          f"--at=@{read('time.txt')}", "-w", "0", "-c", "0", timeout=60)
    except (AssertionError, ValueError) as error:
        return f"output: {error}"
    finally:
        server.close()
    worse = [finding["text"] for finding in result.target["findings"] if finding["state"] != "OK" and finding["id"] in ABOUT]
    if "://" in read("hostname.txt"):
        # As a name it would match nothing; on the command line it is a URL, whose host is checked.
        return None if result.target["verified_name"] in read("hostname.txt").split("/") else "not taken for a URL"
    if read("hostname.txt").startswith("."):
        # OpenSSL takes a name that begins with a dot for a pattern of names below it. The plugin takes no patterns.
        return None if result.code == UNKNOWN else "taken for a pattern"
    if worse and read("hostname.txt") + "." == f"{result.target['verified_name']}..":
        # The dot that makes a name absolute is no part of the name that a certificate is for (RFC 6066, section 3), so a
        # certificate for the name with the dot, as OpenSSL would have it here, is for no name that can be asked for.
        return None
    if read("expect.txt") == "ok":
        return f"expected ok, but: {'; '.join(worse)}" if worse else None
    return "expected a failure, but it is OK" if result.code == OK else None


@pytest.mark.skipif(not FOLDER, reason="CHECK_CERT_RENEWAL_VECTORS names no folder of chain verification cases")
def test_vectors(summary_line):
    folder = pathlib.Path(FOLDER)
    with open(folder / "index.tsv", encoding="utf-8", newline="") as file:
        gates = {row["id"]: row["gate"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    cases = sorted(path.parent for path in folder.glob("*/expect.txt"))
    assert cases and {case.name for case in cases} == set(gates)
    counts, wrong = collections.Counter(), {}
    with concurrent.futures.ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
        for case, said in zip(cases, pool.map(judge, cases)):
            gate = gates[case.name]
            counts[gate] += 1
            if said:
                wrong[case.name] = f"{gate} {case.name}: {said}"
    for gate in sorted(counts):
        failed = sum(gates[name] == gate for name in wrong)
        summary_line(f"vectors, gate {gate}: {counts[gate] - failed} of {counts[gate]} verdicts as expected")
    assert not wrong, f"{len(wrong)} verdicts:\n" + "\n".join(wrong.values())
