# SPDX-License-Identifier: GPL-3.0-or-later
"""Several addresses of one name: each is judged, and their certificates are compared."""

import pytest

from pki import DAY, HOUR, MINUTE, NOW, SECOND
from plugin import CRITICAL, OK, UNKNOWN, WARNING, check, has, run
from servers import PATIENCE

HOST = "www.example.test"


def addresses(count):
    return [f"127.0.0.{number}" for number in range(1, count + 1)]


@pytest.fixture(scope="module")
def old(pki):
    """20 of 90 days are left."""
    return pki.chain()


@pytest.fixture(scope="module")
def new(pki):
    return pki.chain(not_before=NOW - 5 * DAY, not_after=NOW + 85 * DAY)


@pytest.fixture
def pool(start):
    """pool(chain, ...): a server for each on 127.0.0.1, .2, ..., all on one port, which is returned.
    None is an address that refuses."""

    def pool(*chains):
        contexts, port = {}, 0
        for address, chain in zip(addresses(len(chains)), chains):
            if chain is None:
                port = start.refusing(address, port).port
                continue
            if chain[0].der not in contexts:
                contexts[chain[0].der] = start.context(chain)
            port = start.python(contexts[chain[0].der], address, port).port
        return port

    return pool


@pytest.fixture
def each(pki):
    """each(port, count, ...): the check of that many addresses, named by -I."""

    def each(port, count, *options, at=NOW, limits=("-w0", "-c0"), named=None, **more):
        words = [word for address in named or addresses(count) for word in ("-I", address)]
        return check("-H", HOST, "-p", port, *words, "-r", pki.root_file, f"--at=@{at}", *limits, *options, **more)

    return each


def hosts(count):
    return "".join(f"{address} {HOST}\n" for address in addresses(count))


def text_of(result):
    """What is said of consistency, good or bad."""
    return "\n".join(finding["text"] for finding in result.findings_of("consistency"))


# --- Old and new -------------------------------------------------------------------------------


def test_same_everywhere(pool, new, each):
    result = each(pool(new, new, new), 3)
    assert result.code == OK
    assert result.problems() == set()
    assert has("3 addresses, the same certificate", text_of(result))


def test_old_on_some(pool, old, new, each):
    result = each(pool(new, old, new, old), 4)
    assert result.code == WARNING
    assert result.problems() == {"consistency"}
    assert has("2 of 4 addresses still serve the old certificate", result.headline)
    assert "127.0.0.2" in text_of(result) and "127.0.0.4" in text_of(result)
    assert "127.0.0.1" not in text_of(result) and "127.0.0.3" not in text_of(result)
    assert has("new one .* 5 days", text_of(result))


def test_old_on_one(pool, old, new, each):
    result = each(pool(new, new, old), 3)
    assert result.code == WARNING
    assert has("1 of 3 addresses still serves the old certificate: 127.0.0.3", result.headline)


@pytest.mark.parametrize("grace, seconds", [((), HOUR), (("--reload-grace=20m",), 20 * MINUTE),
                                            (("--reload-grace=1d",), DAY)])
def test_both_sides_of_the_grace(pki, pool, old, each, grace, seconds):
    # Dated back by an hour, as Let's Encrypt does.
    fresh = pki.chain(not_before=NOW - HOUR, not_after=NOW - HOUR + 90 * DAY)
    port = pool(fresh, old)
    within = each(port, 2, *grace, at=NOW + seconds)
    assert within.code == OK
    assert has("127.0.0.2", text_of(within))
    after = each(port, 2, *grace, at=NOW + seconds + 1)
    assert after.code == WARNING
    assert after.problems() == {"consistency"}


def test_equally_fresh(pki, pool, each):
    """A certificate per node, made in the same night."""
    chains = [pki.chain(not_before=NOW - 2 * DAY + node * 5 * MINUTE, not_after=NOW + 88 * DAY + node * 5 * MINUTE)
              for node in range(3)]
    result = each(pool(*chains), 3)
    assert result.code == OK
    assert has("different certificates, equally fresh", text_of(result))


def test_many_old_ones_stay_readable(pool, old, new, each):
    """Not every address has room in a first line."""
    result = each(pool(new, *[old] * 39), 40)
    assert result.code == WARNING
    assert has("39 of 40 addresses", result.headline)
    assert "127.0.0.2" in result.headline


def test_severity_of_consistency(pool, old, new, each):
    port = pool(new, old)
    assert each(port, 2, "--severity=consistency=critical").code == CRITICAL
    assert each(port, 2, "--severity=consistency=ignore").code == OK


# --- The worst address decides -----------------------------------------------------------------


def test_the_one_that_ends_first_decides(pool, old, new, each):
    result = each(pool(new, old, new), 3, limits=())
    assert result.code == WARNING
    assert {"expiry", "consistency"} <= result.problems()
    assert has("127.0.0.2", result.text_of("expiry"))
    assert result.perfdata["days_to_expiry"].value == 20
    assert result.perfdata["addresses"].value == 3


def test_expired_on_one(pki, pool, new, each):
    gone = pki.chain(not_before=NOW - 91 * DAY, not_after=NOW - DAY)
    result = each(pool(new, gone), 2, limits=())
    assert result.code == CRITICAL
    assert has("127.0.0.2.* expired 24 hours ago", result.text_of("expiry"))
    assert result.perfdata["days_to_expiry"].value == -1


def test_another_name_on_one(pki, pool, new, each):
    other = pki.chain("other.example.test", not_before=NOW - 2 * DAY, not_after=NOW + 88 * DAY)
    result = each(pool(new, other), 2)
    assert result.code == CRITICAL
    assert result.problems() == {"hostname"}
    assert has("127.0.0.2: certificate is not for", result.text_of("hostname"))


def test_dead_address_is_named_and_the_others_are_judged(pool, old, each):
    result = each(pool(old, None, old), 3, limits=())
    assert result.code == CRITICAL
    assert result.problems() == {"unreachable", "expiry"}
    assert "127.0.0.2" in result.text_of("unreachable") and has("refused", result.text_of("unreachable"))
    assert "127.0.0.2" in result.headline
    assert result.perfdata["days_to_expiry"].value == 20
    assert result.perfdata["addresses"].value == 3


def test_dead_address_does_not_hide_an_old_one(pool, old, new, each):
    result = each(pool(new, None, old), 3, "--severity=unreachable=ok")
    assert result.code == WARNING
    assert has("1 of 2 addresses .*127.0.0.3", text_of(result))


def test_every_dead_address_is_named(pool, new, each):
    result = each(pool(new, None, None, None), 4)
    assert result.code == CRITICAL
    for address in ("127.0.0.2", "127.0.0.3", "127.0.0.4"):
        assert address in result.text_of("unreachable")


def test_all_addresses_dead(pool, each):
    result = each(pool(None, None), 2)
    assert result.code == CRITICAL
    assert result.problems() == {"unreachable"}
    assert "days_to_expiry" not in result.perfdata


def test_every_address_is_in_json(pool, old, new, each):
    result = each(pool(new, None, old), 3)
    endpoints = result.target["endpoints"]
    assert [endpoint["connection"]["attempts"][0]["address"] for endpoint in endpoints] == addresses(3)
    assert endpoints[1]["leaf"] is None and has("refused", endpoints[1]["failure"])
    assert endpoints[0]["leaf"]["serial"] != endpoints[2]["leaf"]["serial"]


def test_one_address_alone_is_compared_with_nothing(pool, old, each):
    result = each(pool(old), 1)
    assert result.code == OK
    assert result.findings_of("consistency") == []
    assert "addresses" not in result.perfdata


def test_same_address_twice(pool, new, each):
    """Named twice by accident: it is one address, not a pool of two."""
    result = each(pool(new), 2, named=["127.0.0.1", "127.0.0.1"])
    assert result.code == OK
    assert result.findings_of("consistency") == []


def test_several_names(pki, pool, each):
    """Every name of the run is looked for at every address."""
    both = pki.chain(HOST, not_before=NOW - DAY, not_after=NOW + 89 * DAY)
    result = each(pool(both, both), 2, "-H", "other.example.test", targets=2)
    assert result.code == CRITICAL
    assert sorted(target["state"] for target in result.json["targets"]) == ["CRITICAL", "OK"]


# --- Found by name -----------------------------------------------------------------------------


def resolved(pki, port, *options, at=NOW, limits=("-w0", "-c0"), **more):
    return check("-H", HOST, "-p", port, "--all-addresses", "-r", pki.root_file, f"--at=@{at}", *limits, *options,
                 **more)


def test_all_addresses(pki, pool, old, new, private):
    result = resolved(pki, pool(new, old, new), prefix=private(hosts=hosts(3)))
    assert result.code == WARNING
    assert has("1 of 3 addresses still serves the old certificate: 127.0.0.2", result.headline)
    assert result.perfdata["addresses"].value == 3


def test_without_the_option_one_address_will_do(pki, pool, old, new, private):
    port = pool(new, None, old)
    result = check("-H", HOST, "-p", port, "-r", pki.root_file, f"--at=@{NOW}", "-w0", "-c0",
                   prefix=private(hosts=hosts(3)))
    assert result.code == OK
    assert result.findings_of("consistency") == []


def test_all_addresses_of_both_families(pki, start, old, new, private, ipv6):
    port = start.python(new).port
    start.python(old, "::1", port)
    prefix = private(hosts=f"127.0.0.1 {HOST}\n::1 {HOST}\n")
    result = resolved(pki, port, prefix=prefix)
    assert result.code == WARNING
    assert has("1 of 2 addresses .*::1", result.headline)
    assert resolved(pki, port, "-4", prefix=prefix).code == OK


def test_all_addresses_with_a_dead_one(pki, pool, new, private):
    result = resolved(pki, pool(new, None, new), prefix=private(hosts=hosts(3)))
    assert result.code == CRITICAL
    assert result.problems() == {"unreachable"}
    assert "127.0.0.2" in result.headline
    assert result.perfdata["addresses"].value == 3


def test_all_addresses_of_a_name_that_does_not_exist(private):
    result = check("-H", HOST, "--all-addresses", prefix=private(hosts="127.0.0.1 localhost\n", dns="nxdomain"))
    assert result.code == CRITICAL
    assert result.problems() == {"unreachable"}
    assert has(r"resol|name|address", result.headline)


def test_all_addresses_of_an_address(pki, pool, new):
    """An address is its only one."""
    result = check("-H", "127.0.0.1", "-p", pool(new), "--all-addresses", f"--at=@{NOW}", "-r", pki.root_file,
                   "--severity=hostname=ok")
    assert result.code == OK
    assert result.findings_of("consistency") == []


def test_all_addresses_of_a_silent_name_server(private):
    result = run("-H", HOST, "--all-addresses", "-t", "0.7",
                 prefix=private(hosts="127.0.0.1 localhost\n", dns="silent"))
    assert result.code == CRITICAL
    assert result.elapsed < 5


# --- At the same time --------------------------------------------------------------------------

MANY = 64
SLOW = 1.0 * SECOND


def test_64_addresses(pool, old, new, each):
    result = each(pool(*[new] * (MANY - 1), old), MANY)
    assert result.code == WARNING
    assert has(f"1 of {MANY} addresses still serves .*127.0.0.64", result.headline)
    assert result.perfdata["addresses"].value == MANY
    assert len(result.target["endpoints"]) == MANY


def test_64_addresses_take_as_long_as_the_slowest(pki, start, new):
    """A third of them answers late. One after the other that would be 21 seconds."""
    context = start.context(new)
    port = 0

    def late(server):
        def serve(connection):
            connection.wait(SLOW)
            server_handshake(connection)

        server_handshake = server.handler
        server.handler = serve

    for number, address in enumerate(addresses(MANY)):
        server = start.python(context, address, port)
        port = server.port
        if number % 3 == 2:
            late(server)
    words = [word for address in addresses(MANY) for word in ("-I", address)]
    result = run("-H", HOST, "-p", port, *words, "-r", pki.root_file, f"--at=@{NOW}", "-t", PATIENCE)
    assert result.code == OK
    assert SLOW <= result.elapsed < SLOW + 8
    assert result.perfdata["addresses"].value == MANY


def test_silent_addresses_share_one_deadline(pki, start, new):
    """Each of them takes all of -t; the others are judged all the same."""
    port = start.python(new).port
    for address in addresses(16)[1:]:
        start.blackhole(address, port)
    words = [word for address in addresses(16) for word in ("-I", address)]
    result = run("-H", HOST, "-p", port, *words, "-r", pki.root_file, f"--at=@{NOW}", "-t", "1", "-v")
    assert result.code == CRITICAL
    assert 1 <= result.elapsed < 8
    assert result.perfdata["days_to_expiry"].value == 85
    assert has(r"127\.0\.0\.2\b", result.text)


def test_more_addresses_than_are_checked():
    """None is left out without a word."""
    result = run("-H", HOST, *[word for address in addresses(MANY + 1) for word in ("-I", address)])
    assert result.code == UNKNOWN
    assert has(r"\b64\b", result.headline)
