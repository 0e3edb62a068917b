# SPDX-License-Identifier: GPL-3.0-or-later
"""-t is one deadline over resolving, connecting and the handshake: it is kept, and the step is named.

The upper bounds are far above what is promised: they tell a deadline that is kept from one that is not.
"""

import os
import time

import pytest

from pki import NOW
from plugin import CRITICAL, UNKNOWN, has, run
from servers import server_flight

HOST = "www.example.test"
MARGIN = 1.0


def kept(seconds, *args, **options):
    result = run(*args, "-t", f"{seconds}", **options)
    assert result.code == CRITICAL, str(result)
    assert seconds - 0.05 <= result.elapsed < seconds + MARGIN, result.elapsed
    assert has(r"timed? ?out|no answer|within|after", result.headline), str(result)
    return result


def at(server):
    return ["-H", HOST, "-I", "127.0.0.1", "-p", server.port]


def test_silent_name_server(private):
    result = kept(0.7, "-H", HOST, prefix=private(hosts="127.0.0.1 localhost\n", dns="silent"))
    assert has(r"resol|name server|address", result.headline)
    assert result.findings[0].text.startswith("unreachable") or has("unreachable", result.text)


def test_silent_connect(start):
    assert has("connect", kept(0.7, *at(start.blackhole())).headline)


@pytest.mark.parametrize("seconds", [0.3, 1, 2])
def test_silent_handshake(start, seconds):
    server = start.raw(lambda connection: connection.wait_for_close())
    assert has("handshake|TLS", kept(seconds, *at(server)).headline)


def test_silent_after_half_a_hello(pki, start):
    context = start.context(pki.chain())

    def serve(connection):
        connection.send(server_flight(context, connection.hello())[:40])
        connection.wait_for_close()

    assert has("handshake|TLS", kept(0.7, *at(start.raw(serve))).headline)


def test_one_byte_at_a_time(pki, start):
    """Progress does not prolong the deadline."""
    context = start.context(pki.chain())

    def serve(connection):
        for byte in server_flight(context, connection.hello()):
            connection.send(bytes([byte]))
            if connection.wait(0.1):
                return

    assert has("handshake|TLS", kept(1, *at(start.raw(serve))).headline)


def test_endless_handshake(start):
    """Valid records without end (TLS 1.2 HelloRequest) are neither progress nor a reason to grow."""
    def serve(connection):
        connection.hello()
        while not connection.wait(0.001):
            connection.send(b"\x16\x03\x03\x00\x04\x00\x00\x00\x00" * 100)

    result = run(*at(start.raw(serve)), "-t", "1")
    assert result.code == CRITICAL
    assert result.elapsed < 1 + MARGIN


def test_flood_of_records(start):
    """As many as no handshake takes, faster than they are read: given up long before the time is over."""
    def serve(connection):
        connection.hello()
        while not connection.wait(0):
            connection.send(b"\x16\x03\x03\x00\x04\x00\x00\x00\x00" * 20000)

    result = run(*at(start.raw(serve)), "-t", "20")
    assert result.code == CRITICAL
    assert has("records without end", result.headline)


def test_all_addresses_share_the_deadline(start, private):
    hole = start.blackhole()
    hosts = "".join(f"127.0.0.1 {HOST}\n" if last == 1 else f"127.0.0.{last} {HOST}\n" for last in (1, 2, 3))
    others = [start.blackhole(f"127.0.0.{last}", hole.port) for last in (2, 3)]
    assert others
    kept(1, "-H", HOST, "-p", hole.port, prefix=private(hosts=hosts))


def test_several_targets_run_at_the_same_time(start):
    """Each has its own deadline; eight silent ones do not take eight times as long."""
    silent = [start.raw(lambda connection: connection.wait_for_close()) for _ in range(8)]
    names = [option for number, server in enumerate(silent) for option in ("-H", f"host{number}.test:{server.port}")]
    result = run(*names, "-I", "127.0.0.1", "-t", "1", targets=8)
    assert result.code == CRITICAL
    assert result.elapsed < 1 + 2 * MARGIN


def test_several_names_with_a_silent_name_server(private):
    """More names than the thread pool that resolves them has threads."""
    names = [option for number in range(9) for option in ("-H", f"host{number}.example.test")]
    result = run(*names, "-t", "1", targets=9, prefix=private(hosts="127.0.0.1 localhost\n", dns="silent"))
    assert result.code == CRITICAL
    assert result.elapsed < 1 + 2 * MARGIN


@pytest.mark.parametrize("timeout", ["0.4", "0.4s", "400e-3"])
def test_forms_of_the_timeout(start, timeout):
    server = start.raw(lambda connection: connection.wait_for_close())
    result = run(*at(server), "-t", timeout)
    if timeout == "400e-3":
        assert result.code in (CRITICAL, UNKNOWN)
    else:
        assert result.code == CRITICAL and result.elapsed < 0.4 + MARGIN


def test_time_in_perfdata(start):
    server = start.raw(lambda connection: connection.wait_for_close())
    perfdata = run(*at(server), "-t", "0.5", f"--at=@{NOW}").perfdata
    assert perfdata["time"].uom == "s" and 0.4 < perfdata["time"].value < 0.5 + MARGIN


def test_a_fifo_is_no_place_to_wait(tmp_path):
    os.mkfifo(tmp_path / "fifo.pem")
    begin = time.monotonic()
    result = run("-f", tmp_path / "fifo.pem", "-t", "1")
    assert result.code == UNKNOWN
    assert time.monotonic() - begin < 1 + MARGIN
