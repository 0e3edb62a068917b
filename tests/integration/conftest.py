# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures for the tests of the real binary. CHECK_CERT_RENEWAL names it; make check sets it."""

import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))

import baretls  # noqa: E402
import namespace  # noqa: E402
import pki as certificates  # noqa: E402
import servers  # noqa: E402

# Lines that tests want in the summary.
summary = []


def pytest_configure(config):
    program = os.environ.get("CHECK_CERT_RENEWAL")
    if not program:
        raise pytest.UsageError("CHECK_CERT_RENEWAL is not set: it has to name the plugin's binary, "
                                "as `make check` does")
    if not os.access(program, os.X_OK):
        raise pytest.UsageError(f"CHECK_CERT_RENEWAL={program}: no such program; build it first")
    os.environ["CHECK_CERT_RENEWAL"] = os.path.abspath(program)
    # A skipped test says why.
    if "s" not in config.option.reportchars:
        config.option.reportchars += "s"


def pytest_terminal_summary(terminalreporter):
    for line in summary:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def summary_line():
    return summary.append


@pytest.fixture(scope="session")
def pki(tmp_path_factory):
    return certificates.PKI(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def write(tmp_path):
    """Writes certificates (as PEM), text or bytes to a file of this test and returns its path."""

    def write(file_name, *items):
        path = tmp_path / file_name
        path.write_bytes(b"".join(certificates.encode(item) for item in items))
        return path

    return write


class Starter:
    """Starts servers and stops them all at the end."""

    def __init__(self, directory):
        self.directory = directory
        self.running = []

    def _keep(self, server):
        self.running.append(server)
        return server

    def openssl(self, chain, *options, **more):
        directory = self.directory / f"server{len(self.running)}"
        return self._keep(servers.OpenSSLServer(directory, chain, *options, **more))

    def nginx(self, blocks, **more):
        if servers.nginx_program() is None:
            pytest.skip("nginx is not installed")
        return self._keep(servers.Nginx(self.directory / f"server{len(self.running)}", blocks, **more))

    def python(self, chain_or_context, address="127.0.0.1", port=0):
        context = chain_or_context
        if isinstance(context, list):
            context = self.context(context)
        return self._keep(servers.PythonServer(context, address, port))

    def context(self, chain):
        """An ssl context that serves the chain as it is given."""
        base = self.directory / f"context{len(self.running)}"
        chain_file, key_file = base.with_suffix(".pem"), base.with_suffix(".key")
        chain_file.write_text("".join(item.pem for item in chain))
        key_file.write_text(chain[0].key_pem)
        return servers.server_context(chain_file, key_file)

    def bare(self, chain):
        """As openssl, for certificates that OpenSSL refuses to load."""
        return self._keep(baretls.BareServer([item.der for item in chain], chain[0].key))

    def raw(self, handler, **more):
        return self._keep(servers.RawServer(handler, **more))

    def refusing(self, *args):
        return self._keep(servers.RefusingPort(*args))

    def blackhole(self, *args):
        return self._keep(servers.BlackholePort(*args))

    def close(self):
        for server in reversed(self.running):
            server.close()


@pytest.fixture
def start(tmp_path):
    starter = Starter(tmp_path)
    yield starter
    starter.close()


@pytest.fixture(scope="module")
def start_module(tmp_path_factory):
    """As start, for servers that all tests of one file share."""
    starter = Starter(tmp_path_factory.mktemp("servers"))
    yield starter
    starter.close()


@pytest.fixture(scope="session")
def ipv6():
    if not servers.has_ipv6():
        pytest.skip("this machine has no IPv6 on loopback")


@pytest.fixture
def private(tmp_path):
    """private(hosts=..., resolv=...): a command prefix that runs the plugin with these files as its own."""
    reason = namespace.missing()
    if reason:
        pytest.skip(reason)
    return namespace.Maker(tmp_path)
