# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers on loopback, good and bad. Each has a port of its own, and each is stopped by its owner."""

import contextlib
import os
import re
import select
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import threading
import time

PATIENCE = 15  # seconds until a server of ours counts as broken


def address_family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def listener(address="127.0.0.1", port=0, backlog=64):
    sock = socket.socket(address_family(address), socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((address, port))
    sock.listen(backlog)
    return sock


def has_ipv6():
    try:
        listener("::1").close()
        return True
    except OSError:
        return False


def stop(process):
    """Ends a child that this file started."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait(5)


class OpenSSLServer:
    """openssl s_server. The chain is served as it is given, the leaf first."""

    def __init__(self, directory, chain, *options, address="127.0.0.1", key=None, level=None):
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "leaf.pem").write_text(chain[0].pem)
        (directory / "key.pem").write_text((key or chain[0]).key_pem)
        host = f"[{address}]" if ":" in address else address
        argv = ["openssl", "s_server", "-accept", f"{host}:0", "-www", "-cert", directory / "leaf.pem",
                "-key", directory / "key.pem"]
        if chain[1:]:
            (directory / "chain.pem").write_text("".join(item.pem for item in chain[1:]))
            argv += ["-cert_chain", directory / "chain.pem"]
        if level is not None:
            argv += ["-cipher", f"ALL:@SECLEVEL={level}"]
        self.address = address
        self.log = directory / "log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([*argv, *options], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=subprocess.STDOUT)
        self.port = self._wait_for_port()

    def _wait_for_port(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            if match := re.search(rb"^ACCEPT .*:(\d+)\s*$", self.log.read_bytes(), re.MULTILINE):
                return int(match[1])
            time.sleep(0.005)
        stop(self.process)
        raise RuntimeError(f"s_server did not start: {self.log.read_text()}")

    def close(self):
        stop(self.process)


class Nginx:
    """nginx with one server block for each (name, certificate file, key file)."""

    def __init__(self, directory, blocks, protocols="TLSv1.2 TLSv1.3"):
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        for attempt in range(5):
            with listener() as free:
                self.port = free.getsockname()[1]
            if self._start(blocks, protocols):
                return
        raise RuntimeError(f"nginx did not start: {(directory / 'log').read_text()}")

    def _start(self, blocks, protocols):
        listen = f"listen 127.0.0.1:{self.port} ssl"
        servers = "\n".join(f"server {{ {listen}; server_name {name}; ssl_certificate {cert};"
                            f" ssl_certificate_key {key}; return 200 ok; }}" for name, cert, key in blocks)
        temporary = " ".join(f"{kind}_temp_path {self.directory}/{kind};"
                             for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        # Tests may run as root; the workers stay what the master is, so that they can read the files.
        user = "user root;" if os.geteuid() == 0 else ""
        configuration = self.directory / "nginx.conf"
        configuration.write_text(
            f"{user} daemon off; worker_processes 1; pid {self.directory}/pid; error_log stderr notice;\n"
            f"events {{ worker_connections 64; }}\n"
            f"http {{ access_log off; {temporary} ssl_protocols {protocols};\n{servers}\n}}\n")
        with open(self.directory / "log", "wb") as log:
            self.process = subprocess.Popen([nginx_program(), "-c", configuration, "-e", "stderr"],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            if b"start worker process " in (self.directory / "log").read_bytes():
                return True
            time.sleep(0.005)
        stop(self.process)
        return False

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def close(self):
        stop(self.process)


def nginx_program():
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


class Connection:
    """What a handler of RawServer gets: one accepted connection, with waits that end with the server."""

    def __init__(self, sock, stopping):
        self.socket = sock
        self.stopping = stopping

    def send(self, data):
        self.socket.sendall(data)

    def hello(self):
        """Waits for the first bytes of the client, and returns them."""
        return self.socket.recv(65536)

    def wait(self, seconds=PATIENCE):
        """Until the server is stopped, or the seconds are over."""
        return self.stopping.wait(seconds)

    def wait_for_close(self):
        """Until the client hangs up."""
        with contextlib.suppress(OSError):
            while self.socket.recv(65536):
                pass

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class RawServer:
    """Accepts and calls handler(connection) for each connection in a thread of its own."""

    def __init__(self, handler, address="127.0.0.1", port=0):
        self.handler = handler
        self.address = address
        self.stopping = threading.Event()
        self.accepted = 0
        self.socket = listener(address, port)
        self.port = self.socket.getsockname()[1]
        self.wake_read, self.wake_write = os.pipe()
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def _accept(self):
        threads = []
        while not self.stopping.is_set():
            ready, _, _ = select.select([self.socket, self.wake_read], [], [])
            if self.wake_read in ready:
                break
            with contextlib.suppress(OSError):
                sock, _ = self.socket.accept()
                self.accepted += 1
                sock.settimeout(PATIENCE)
                threads.append(threading.Thread(target=self._serve, args=(sock,), daemon=True))
                threads[-1].start()
        for thread in threads:
            thread.join(PATIENCE)

    def _serve(self, sock):
        with sock, contextlib.suppress(OSError):  # the client may hang up at any point
            self.handler(Connection(sock, self.stopping))

    def close(self):
        self.stopping.set()
        os.write(self.wake_write, b"x")
        self.thread.join(PATIENCE)
        self.socket.close()
        os.close(self.wake_read)
        os.close(self.wake_write)


class RefusingPort:
    """A port that nobody else can take and that refuses every connection."""

    def __init__(self, address="127.0.0.1", port=0):
        self.socket = socket.socket(address_family(address), socket.SOCK_STREAM)
        self.socket.bind((address, port))
        self.port = self.socket.getsockname()[1]

    def close(self):
        self.socket.close()


class BlackholePort:
    """A listener with a full queue: a further connect gets no answer at all."""

    def __init__(self, address="127.0.0.1", port=0):
        self.socket = listener(address, port, backlog=0)
        self.port = self.socket.getsockname()[1]
        self.fillers = []
        for _ in range(16):
            filler = socket.socket(address_family(address), socket.SOCK_STREAM)
            self.fillers.append(filler)
            filler.settimeout(0.2)
            try:
                filler.connect((address, self.port))
            except TimeoutError:
                return
        raise RuntimeError("the listen queue does not fill")

    def close(self):
        for sock in [self.socket, *self.fillers]:
            sock.close()


class PythonServer(RawServer):
    """TLS in this process: for chains and keys in files, and for answers that depend on SNI."""

    def __init__(self, context, address="127.0.0.1", port=0):
        self.context = context
        super().__init__(self._handshake, address, port)

    def _handshake(self, connection):
        with contextlib.suppress(ssl.SSLError):
            with self.context.wrap_socket(connection.socket, server_side=True) as tls:
                tls.recv(1)


def server_context(chain_file, key_file):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(chain_file, key_file)
    return context


def server_flight(context, hello):
    """What a real server answers to this ClientHello: ServerHello to Finished."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_side=True)
    incoming.write(hello)
    with contextlib.suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()


def alert(description, level=2):
    """A TLS alert record (RFC 8446, 6)."""
    return struct.pack(">BHHBB", 21, 0x0303, 2, level, description)


def poll(condition, seconds=PATIENCE):
    """Waits for the condition, at most that long; returns what it said last."""
    end = time.monotonic() + seconds
    while not (last := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return last
