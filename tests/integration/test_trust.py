# SPDX-License-Identifier: GPL-3.0-or-later
"""Is there a path to a trust anchor? Chains of every shape, served and in files."""

import subprocess

import pytest

from pki import DAY, NOW, authority, date, ec_key, issue
from plugin import CRITICAL, OK, UNKNOWN, WARNING, check, has, run

AT = f"--at=@{NOW}"
HOST = "www.example.test"


@pytest.fixture
def serve(pki, start):
    """serve(chain, options...): the check of a server with this chain, trusting the test's root."""

    def check_it(chain, *options, root=pki.root_file, host=HOST):
        server = start.openssl(chain)
        anchors = ["-r", root] if root else []
        return check("-H", host, "-I", "127.0.0.1", "-p", server.port, *anchors, AT, "-w0", "-c0", *options)

    return check_it


def other_root():
    return authority("Other Root")


def test_complete_chain(pki, serve):
    assert serve(pki.chain()).code == OK


def test_chain_with_the_root(pki, serve):
    assert serve([*pki.chain(), pki.root]).code == OK


def test_leaf_directly_under_the_root(pki, serve):
    assert serve([pki.leaf(issuer=pki.root)]).code == OK


def test_long_chain(pki, serve):
    issuers = [pki.root]
    for depth in range(6):
        issuers.append(authority(f"Intermediate {depth}", issuers[-1]))
    assert serve([pki.leaf(issuer=issuers[-1]), *reversed(issuers[1:])]).code == OK


def test_wrong_order(pki, serve):
    issuers = [pki.root]
    for depth in range(3):
        issuers.append(authority(f"Intermediate {depth}", issuers[-1]))
    leaf = pki.leaf(issuer=issuers[-1])
    assert serve([leaf, *issuers[1:]]).code == OK
    assert serve([leaf, issuers[2], issuers[3], issuers[0], issuers[1]]).code == OK


def test_extra_certificates(pki, serve):
    strangers = [other_root(), pki.leaf("stranger.example.test"), authority("Other Intermediate", other_root())]
    leaf, intermediate = pki.chain()
    assert serve([leaf, *strangers, intermediate]).code == OK
    assert serve([leaf, leaf, intermediate, intermediate]).code == OK


def test_extra_expired_certificate_outside_the_path(pki, serve):
    """An old intermediate that no client uses is not this certificate's trouble."""
    old = authority("Old Intermediate", other_root(), not_after=NOW - DAY)
    assert serve([*pki.chain(), old]).code == OK


def test_unknown_issuer(pki, serve):
    root = other_root()
    intermediate = authority("Other Intermediate", root)
    result = serve([pki.leaf(issuer=intermediate), intermediate])
    assert result.code == CRITICAL
    assert result.problems() == {"trust"}
    assert has(r"issuer|authority|CA\b", result.text_of("trust"))
    assert "Other Root" in result.text_of("trust")


def test_untrusted_root_in_the_chain(pki, serve):
    root = other_root()
    intermediate = authority("Other Intermediate", root)
    result = serve([pki.leaf(issuer=intermediate), intermediate, root])
    assert result.problems() == {"trust"}
    assert "Other Root" in result.text_of("trust")


def test_missing_intermediate_is_named(pki, serve):
    result = serve([pki.leaf()])
    assert result.code == CRITICAL
    assert result.problems() == {"trust"}
    assert has(r"intermediate.*missing|missing.*intermediate", result.text_of("trust"))
    assert "Test Intermediate" in result.text_of("trust")
    assert "Test Intermediate" in result.text


def test_missing_upper_intermediate_is_named(pki, serve):
    upper = authority("Upper Intermediate", pki.root)
    lower = authority("Lower Intermediate", upper)
    result = serve([pki.leaf(issuer=lower), lower])
    assert result.problems() == {"trust"}
    assert "Upper Intermediate" in result.text_of("trust")


def test_wrong_intermediate(pki, serve):
    """Renewed under a new intermediate, but the old one is still sent."""
    new = authority("New Intermediate", pki.root)
    result = serve([pki.leaf(issuer=new), pki.intermediate])
    assert result.problems() == {"trust"}
    assert "New Intermediate" in result.text_of("trust")


def test_self_signed(serve):
    result = serve([issue(HOST)])
    assert result.code == CRITICAL
    assert result.problems() == {"trust"}
    assert has(r"self-signed", result.text_of("trust"))
    assert has(r"self-signed", result.headline)


@pytest.mark.parametrize("option", ["-s", "--selfsigned"])
def test_self_signed_accepted(serve, option):
    result = serve([issue(HOST)], option)
    assert result.code == OK
    # everything else still counts
    assert serve([issue("other.example.test")], option).problems() == {"hostname"}
    assert serve([issue(HOST, not_after=NOW - DAY)], option).problems() == {"expiry"}


def test_self_signed_option_accepts_nothing_else(pki, serve):
    root = other_root()
    assert serve([pki.leaf()], "-s").problems() == {"trust"}
    assert serve([pki.leaf(issuer=root), root], "-s").problems() == {"trust"}


def test_self_signed_as_its_own_trust_anchor(serve, write):
    leaf = issue(HOST)
    assert serve([leaf], root=write("own.pem", leaf)).code == OK


def test_bad_signature(pki, serve):
    leaf = pki.leaf(signer=ec_key())
    result = serve([leaf, pki.intermediate])
    assert result.problems() == {"trust"}
    assert has("signature", result.text_of("trust"))


def test_issuer_of_the_same_name_with_another_key(pki, serve):
    impostor = authority("Test Root")
    intermediate = authority("Test Intermediate", impostor)
    assert "trust" in serve([pki.leaf(issuer=intermediate), intermediate]).problems()


def test_leaf_used_as_an_issuer(pki, serve):
    middle = pki.leaf("middle.example.test")
    assert serve([pki.leaf(issuer=middle), middle, pki.intermediate]).problems() == {"trust"}


def test_path_length(pki, serve):
    lower = authority("Too Deep", pki.intermediate)  # pathlen:0 above
    assert serve([pki.leaf(issuer=lower), lower, pki.intermediate]).problems() == {"trust"}


def test_purpose(pki, serve):
    result = serve(pki.chain(purposes=("clientAuth",)))
    assert result.code == CRITICAL
    assert result.problems() == {"trust"}
    assert has(r"purpose|usage|server", result.text_of("trust"))
    assert serve(pki.chain(purposes=("clientAuth", "serverAuth"))).code == OK
    assert serve(pki.chain(purposes=())).code == OK


# --- Dates of the chain ------------------------------------------------------------------------


def test_expired_intermediate(pki, serve):
    old = authority("Old Intermediate", pki.root, not_after=NOW - 2 * DAY)
    result = serve([pki.leaf(issuer=old), old])
    assert result.code == CRITICAL
    assert result.state_of("chain-expiry") == "CRITICAL"
    assert result.state_of("expiry") == "OK"
    assert "Old Intermediate" in result.text_of("chain-expiry")
    assert has("expired", result.text_of("chain-expiry"))
    assert "Old Intermediate" in result.headline or "Old Intermediate" in result.text


def test_expired_root(serve, write, pki):
    root = authority("Old Root", not_after=NOW - 2 * DAY)
    result = serve([pki.leaf(issuer=root)], root=write("root.pem", root))
    assert result.code == CRITICAL
    assert "Old Root" in result.text


def test_expired_cross_sign_does_not_matter_where_another_path_is(pki, serve):
    """The same intermediate, once under an expired root's signature: the other one is trusted."""
    key = ec_key()
    good = authority("Cross Intermediate", pki.root, key=key)
    old = authority("Cross Intermediate", other_root(), key=key, not_after=NOW - DAY)
    leaf = pki.leaf(issuer=good)
    assert serve([leaf, good, old]).code == OK
    assert serve([leaf, old, good]).code == OK


def limits(pki, start, chain, *options, root=None):
    server = start.openssl(chain)
    return check("-H", HOST, "-I", "127.0.0.1", "-p", server.port, "-r", root or pki.root_file, AT, *options)


def test_intermediate_that_ends_before_the_leaf(pki, start):
    leaf_end = NOW + 80 * DAY
    cases = [(30 * DAY, OK), (20 * DAY, WARNING), (5 * DAY, CRITICAL)]
    for left, state in cases:
        short = authority("Short Intermediate", pki.root, not_after=NOW + left)
        chain = [pki.leaf(issuer=short, not_before=leaf_end - 90 * DAY, not_after=leaf_end), short]
        result = limits(pki, start, chain, "-v")
        assert result.code == state
        assert result.state_of("expiry") == "OK"
        assert result.findings_of("chain-expiry"), result.json
        assert "Short Intermediate" in result.text
        assert date(NOW + left) in result.text
        if state != OK:
            assert result.problems() == {"chain-expiry"}
            assert "Short Intermediate" in result.text_of("chain-expiry")


def test_chain_limits_to_the_second(pki, start):
    leaf_end = NOW + 80 * DAY
    for left, state in ((20 * DAY, OK), (20 * DAY - 1, WARNING), (7 * DAY, WARNING), (7 * DAY - 1, CRITICAL)):
        short = authority("Short Intermediate", pki.root, not_after=NOW + left)
        chain = [pki.leaf(issuer=short, not_before=leaf_end - 90 * DAY, not_after=leaf_end), short]
        assert limits(pki, start, chain, "-w20", "-c7").code == state


def test_root_that_ends_before_the_leaf(pki, start, write):
    root = authority("Short Root", not_after=NOW + 20 * DAY)
    leaf = pki.leaf(issuer=root, not_before=NOW - 10 * DAY, not_after=NOW + 80 * DAY)
    result = limits(pki, start, [leaf], root=write("root.pem", root))
    assert result.code == WARNING
    assert result.problems() == {"chain-expiry"}
    assert "Short Root" in result.text


def test_intermediate_that_ends_with_or_after_the_leaf_is_silent(pki, start):
    for more in (0, DAY):
        same = authority("Same End", pki.root, not_after=NOW + 20 * DAY + more)
        result = limits(pki, start, [pki.leaf(issuer=same), same])
        assert result.problems() == {"expiry"}


def test_intermediate_not_yet_valid(pki, serve):
    early = authority("Early Intermediate", pki.root, not_before=NOW + DAY)
    result = serve([pki.leaf(issuer=early), early])
    assert result.code == CRITICAL
    assert "Early Intermediate" in result.text


# --- The leaf is what the server proved to own -------------------------------------------------


def test_another_certificate_of_the_same_name_is_not_the_leaf(pki, serve):
    good = pki.leaf()
    expired = pki.leaf(not_before=NOW - 92 * DAY, not_after=NOW - 2 * DAY)
    result = serve([expired, good, pki.intermediate])
    assert result.code == CRITICAL
    assert result.problems() == {"expiry"}
    assert result.perfdata["days_to_expiry"].value == -2
    result = serve([good, expired, pki.intermediate])
    assert result.code == OK
    assert result.perfdata["days_to_expiry"].value == 20


def test_a_name_match_further_up_does_not_count(pki, serve):
    good = pki.leaf()
    result = serve([pki.leaf("other.example.test"), good, pki.intermediate])
    assert result.problems() == {"hostname"}


def test_a_trusted_stranger_further_up_does_not_count(pki, serve):
    good, intermediate = pki.chain()
    assert "trust" in serve([issue(HOST), good, intermediate]).problems()


def test_everything_is_reported_together(pki, serve):
    root = other_root()
    leaf = pki.leaf("other.example.test", issuer=root, not_before=NOW - 92 * DAY, not_after=NOW - 2 * DAY)
    result = serve([leaf])
    assert result.problems() == {"expiry", "hostname", "trust"}
    states = [finding["state"].upper() for finding in result.target["findings"]]
    ranks = [["OK", "UNKNOWN", "WARNING", "CRITICAL"].index(state) for state in states]
    assert ranks == sorted(ranks, reverse=True)
    # The text has a line for each, problems first.
    assert len([finding for finding in result.findings if finding.state == "CRITICAL"]) >= 3


# --- -r ----------------------------------------------------------------------------------------


@pytest.fixture
def hashed(pki, tmp_path):
    directory = tmp_path / "anchors"
    directory.mkdir()
    (directory / "root.pem").write_text(pki.root.pem)
    subprocess.run(["openssl", "rehash", directory], check=True, stderr=subprocess.DEVNULL)
    return directory


def test_hashed_directory(pki, serve, hashed):
    assert serve(pki.chain(), root=hashed).code == OK
    root = other_root()
    assert serve([pki.leaf(issuer=root)], root=hashed).problems() == {"trust"}


def test_empty_directory_trusts_nobody(pki, start, tmp_path):
    (tmp_path / "empty").mkdir()
    server = start.openssl(pki.chain())
    result = run("-H", HOST, "-I", "127.0.0.1", "-p", server.port, "-r", tmp_path / "empty", AT)
    assert result.code in (CRITICAL, UNKNOWN)


def test_anchor_file_with_several(pki, serve, write):
    assert serve(pki.chain(), root=write("anchors.pem", other_root(), pki.root, other_root())).code == OK


def test_system_store_does_not_trust_the_tests_root(pki, serve):
    assert serve(pki.chain(), root=None).problems() == {"trust"}


def test_given_anchors_replace_the_systems(pki, serve, write, hashed):
    """-r names all that is trusted, even where the environment names others."""
    server_chain = pki.chain()
    assert serve(server_chain, root=write("other.pem", other_root())).problems() == {"trust"}


@pytest.mark.parametrize("content", [None, b"", b"nothing here\n", "key"])
def test_bad_anchor_file(pki, serve, write, tmp_path, content):
    path = tmp_path / "missing.pem" if content is None else \
        write("bad.pem", pki.root.key_pem if content == "key" else content)
    result = run("-H", HOST, "-I", "127.0.0.1", "-p", "1", "-r", path)
    assert result.code == UNKNOWN
    assert path.name in result.headline


# --- Files -------------------------------------------------------------------------------------


def test_file_trust_is_judged_only_with_anchors(pki, write):
    path = write("leaf.pem", pki.leaf())
    assert check("-f", path, AT, "-w0", "-c0").code == OK
    result = check("-f", path, "-r", pki.root_file, AT, "-w0", "-c0")
    assert result.problems() == {"trust"}
    assert "Test Intermediate" in result.text_of("trust")
    assert check("-f", write("chain.pem", *pki.chain()), "-r", pki.root_file, AT, "-w0", "-c0").code == OK


def test_file_chain_expiry(pki, write):
    short = authority("Short Intermediate", pki.root, not_after=NOW + 5 * DAY)
    leaf = pki.leaf(issuer=short, not_before=NOW - 10 * DAY, not_after=NOW + 80 * DAY)
    result = check("-f", write("chain.pem", leaf, short), AT)
    assert result.code == CRITICAL
    assert result.problems() == {"chain-expiry"}
