# SPDX-License-Identifier: GPL-3.0-or-later
"""Which address is connected to: both families, and every address of a name until one answers."""

import pytest

from pki import NOW, ip
from plugin import CRITICAL, OK, UNKNOWN, check, has, run

HOST = "www.example.test"
AT = f"--at=@{NOW}"


def options(pki, server):
    return ["-p", server.port, "-r", pki.root_file, AT, "-w0", "-c0"]


def test_ipv4(pki, start):
    server = start.openssl(pki.chain())
    assert check("-H", HOST, "-I", "127.0.0.1", *options(pki, server)).code == OK


def test_ipv6(pki, start, ipv6):
    server = start.openssl(pki.chain(), address="::1")
    assert check("-H", HOST, "-I", "::1", *options(pki, server)).code == OK


def test_ipv6_target(pki, start, ipv6):
    server = start.openssl(pki.chain("ip", names=[ip("::1")]), address="::1")
    rest = options(pki, server)[2:]
    assert check("-H", f"[::1]:{server.port}", *rest).code == OK
    assert check("-H", "::1", *options(pki, server)).code == OK
    assert check(f"https://[::1]:{server.port}/path", *rest).code == OK


@pytest.mark.parametrize("form", ["{host}:{port}", "https://{host}:{port}", "https://{host}:{port}/a?b=c",
                                  "HTTPS://{host}:{port}/"])
@pytest.mark.parametrize("with_letter", [True, False])
def test_target_forms(pki, start, form, with_letter):
    server = start.openssl(pki.chain())
    target = form.format(host=HOST, port=server.port)
    letter = ["-H"] if with_letter else []
    result = check(*letter, target, "-I", "127.0.0.1", *options(pki, server)[2:])
    assert result.code == OK
    assert HOST in result.headline


def test_port_in_the_target_contradicts_another_option(pki, start):
    """Nothing is guessed."""
    server = start.openssl(pki.chain())
    result = run("-H", f"{HOST}:{server.port}", "-I", "127.0.0.1", "-p", "1", *options(pki, server)[2:])
    assert result.code == UNKNOWN
    assert has("port", result.headline)
    assert check("-H", f"{HOST}:{server.port}", "-I", "127.0.0.1", *options(pki, server)).code == OK


def test_name_is_resolved(pki, start):
    server = start.openssl(pki.chain("localhost"))
    assert check("-H", "localhost", "-4", *options(pki, server)).code == OK


def test_family_contradicts_address(pki):
    result = run("-H", HOST, "-I", "::1", "-4", "-p", "1")
    assert result.code == UNKNOWN
    result = run("-H", HOST, "-I", "127.0.0.1", "-6", "-p", "1")
    assert result.code == UNKNOWN


def test_family_options_contradict_each_other():
    assert run("-H", HOST, "-4", "-6").code == UNKNOWN


# --- Several addresses of one name -------------------------------------------------------------


def test_refusing_address_does_not_fail_the_check(pki, start, private):
    server = start.openssl(pki.chain())
    for hosts in (f"127.0.0.2 {HOST}\n127.0.0.1 {HOST}\n", f"127.0.0.1 {HOST}\n127.0.0.2 {HOST}\n"):
        result = check("-H", HOST, *options(pki, server), prefix=private(hosts=hosts))
        assert result.code == OK, result.stdout


def test_silent_address_does_not_fail_the_check(pki, start, private):
    """The first address swallows the connection; there is still time for the second."""
    server = start.openssl(pki.chain())
    hole = start.blackhole("127.0.0.3", server.port)
    result = run("-H", HOST, *options(pki, server), "-t", "8",
                 prefix=private(hosts=f"127.0.0.3 {HOST}\n127.0.0.1 {HOST}\n"))
    assert hole and result.code == OK, result.stdout


def test_every_address_refuses(start, private):
    port = start.refusing().port
    result = check("-H", HOST, "-p", port, prefix=private(hosts=f"127.0.0.1 {HOST}\n127.0.0.2 {HOST}\n"))
    assert result.code == CRITICAL
    assert result.problems() == {"unreachable"}
    assert has("refused", result.headline)
    assert "127.0.0.1" in result.text or "127.0.0.2" in result.text


def test_ipv6_refuses_and_ipv4_answers(pki, start, private, ipv6):
    server = start.openssl(pki.chain())
    start.refusing("::1", server.port)
    prefix = private(hosts=f"::1 {HOST}\n127.0.0.1 {HOST}\n")
    assert check("-H", HOST, *options(pki, server), prefix=prefix).code == OK
    assert check("-H", HOST, "-4", *options(pki, server), prefix=prefix).code == OK
    result = check("-H", HOST, "-6", *options(pki, server), prefix=prefix)
    assert result.code == CRITICAL
    assert result.problems() == {"unreachable"}


def test_family_chooses_the_server(pki, start, private, ipv6):
    """One name, one port, two servers: an address family each."""
    four = start.openssl(pki.chain())
    six = start.python(pki.chain("six.example.test"), "::1", port=four.port)
    assert six
    prefix = private(hosts=f"::1 {HOST}\n127.0.0.1 {HOST}\n")
    assert check("-H", HOST, "-4", *options(pki, four), prefix=prefix).code == OK
    assert check("-H", HOST, "-6", *options(pki, four), prefix=prefix).problems() == {"hostname"}


def test_name_without_an_address_of_the_family(start, private):
    result = check("-H", HOST, "-6", "-p", "1", prefix=private(hosts=f"127.0.0.1 {HOST}\n", dns="nxdomain"))
    assert result.code == CRITICAL
    assert result.problems() == {"unreachable"}


def test_name_that_does_not_exist(private):
    result = check("-H", HOST, prefix=private(hosts="127.0.0.1 localhost\n", dns="nxdomain"))
    assert result.code == CRITICAL
    assert result.problems() == {"unreachable"}
    assert has(r"resol|name|address", result.headline) and HOST in result.headline


def test_name_server_that_refuses(private):
    result = check("-H", HOST, prefix=private(hosts="127.0.0.1 localhost\n", dns="none"))
    assert result.code == CRITICAL
    assert result.problems() == {"unreachable"}
    assert has(r"resol|name server|DNS", result.text)
