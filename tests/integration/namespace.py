# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a command in namespaces of its own: with another /etc/hosts or /etc/resolv.conf, and, if asked,
with a loopback network that has nothing but a name server of the test's choice.

As a program (started by unshare): namespace.py [--bind FILE=OVER]... [--dns silent|nxdomain|none] -- COMMAND
"""

import argparse
import fcntl
import os
import socket
import struct
import subprocess
import sys
import threading


def _unshare(*flags):
    # A user that is not root becomes root of a user namespace, where the kernel lets it.
    user = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    return ["unshare", *user, "--mount", *flags]


def missing():
    """Why namespaces cannot be used here, or None."""
    try:
        done = subprocess.run([*_unshare("--net"), "true"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, timeout=10)
    except FileNotFoundError:
        return "unshare is not installed"
    if done.returncode == 0:
        return None
    return "no mount and network namespaces here: " + done.stderr.decode("utf-8", "replace").strip()


class Maker:
    def __init__(self, directory):
        self.directory = directory

    def __call__(self, hosts=None, resolv=None, dns=None):
        """A command prefix. dns: None keeps the network; silent, nxdomain or none is a private one."""
        arguments = []
        switch = self._write("nsswitch.conf", "hosts: files dns\n")
        arguments += ["--bind", f"{switch}=/etc/nsswitch.conf"]
        if dns is not None and resolv is None:
            resolv = "nameserver 127.0.0.1\n"
        for text, name in ((hosts, "hosts"), (resolv, "resolv.conf")):
            if text is not None:
                arguments += ["--bind", f"{self._write(name, text)}=/etc/{name}"]
        if dns is not None:
            arguments += ["--dns", dns]
        flags = [] if dns is None else ["--net"]
        return [*_unshare(*flags), sys.executable, os.path.abspath(__file__), *arguments, "--"]

    def _write(self, name, text):
        path = self.directory / f"namespace-{name}"
        path.write_text(text)
        path.chmod(0o644)
        return path


def _loopback_up():
    interface_up, set_flags = 1, 0x8914  # IFF_UP, SIOCSIFFLAGS
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, set_flags, struct.pack("16sh14x", b"lo", interface_up))


def _answer(query, kind):
    """No such name (RFC 1035, rcode 3): the question with another header."""
    return query[:2] + struct.pack(">HHHHH", 0x8183, 1, 0, 0, 0) + _question(query)


def _question(query):
    end = 12
    while query[end]:
        end += query[end] + 1
    return query[12:end + 5]


def _name_server(kind):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))

    def serve():
        while True:
            query, client = server.recvfrom(4096)
            if kind == "nxdomain":
                server.sendto(_answer(query, kind), client)

    threading.Thread(target=serve, daemon=True).start()
    return server


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bind", action="append", default=[])
    parser.add_argument("--dns", choices=["silent", "nxdomain", "none"])
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    for bind in options.bind:
        source, over = bind.split("=", 1)
        subprocess.run(["mount", "--bind", source, os.path.realpath(over)], check=True)
    keep = None
    if options.dns:
        _loopback_up()
        if options.dns != "none":
            keep = _name_server(options.dns)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    code = subprocess.run(command).returncode
    del keep
    sys.exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main()
