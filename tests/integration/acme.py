# SPDX-License-Identifier: GPL-3.0-or-later
"""An ACME CA (pebble), a client (certbot) and a web server (nginx) on loopback, each the real thing."""

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import ssl
import subprocess
import urllib.request

import servers
from pki import CA_BEGIN, CA_END, DAY, dns, ip

PROGRAMS = ("pebble", "pebble-challtestsrv", "certbot", "faketime")
PATIENCE = servers.PATIENCE


def missing():
    """Why there can be no CA here, or None."""
    lacking = [program for program in PROGRAMS if shutil.which(program) is None]
    if servers.nginx_program() is None:
        lacking.append("nginx")
    return f"not installed: {', '.join(lacking)}" if lacking else None


def free_ports(count):
    """Ports that are free now: none of these programs can choose one by itself. Below those that the
    kernel gives to whom asks for any, so that nobody takes them until they are used."""
    ports = []
    for port in random.sample(range(20000, 32000), 200):
        with contextlib.suppress(OSError):
            servers.listener(port=port).close()
            ports.append(port)
        if len(ports) == count:
            return ports
    raise RuntimeError("no free ports")


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class Acme:
    """ca and web are running from the start; root_file has every root that the CA has had."""

    def __init__(self, directory, pki, name, lifetime=90 * DAY):
        self.directory = directory
        self.name = name
        self.lifetime = lifetime
        (self.acme_port, self.management_port, self.dns_port, self.names_port, self.http_port,
         self.tls_port) = free_ports(6)
        self.root_file = directory / "roots.pem"
        self.config = directory / "certbot"
        self.live = self.config / "live" / name
        self.running = []
        self.ca = self.web = None
        self._make_own_certificate(pki)
        try:
            self._start_names()
            self.start_ca()
            self._start_web()
        except BaseException:
            self.close()
            raise

    def close(self):
        for process in reversed(self.running):
            servers.stop(process)

    def _start(self, argv, port, env=None):
        log = self.directory / f"log{len(self.running)}"
        with open(log, "wb") as out:
            process = subprocess.Popen(argv, cwd=self.directory, stdin=subprocess.DEVNULL, stdout=out,
                                       stderr=subprocess.STDOUT, env={**os.environ, **(env or {})})
        process.log = log
        self.running.append(process)
        if not servers.poll(lambda: process.poll() is not None or answers(port)) or process.poll() is not None:
            raise RuntimeError(f"{argv[0]} did not start: {log.read_text(errors='replace')}")
        return process

    # --- The CA --------------------------------------------------------------------------------

    def _make_own_certificate(self, pki):
        """For the CA's own TLS; long, so that a client whose clock is ahead takes it too."""
        own = pki.leaf("localhost", not_before=CA_BEGIN, not_after=CA_END, names=[dns("localhost"), ip("127.0.0.1")])
        (self.directory / "ca.pem").write_text(own.pem + pki.intermediate.pem)
        (self.directory / "ca.key").write_text(own.key_pem)
        self.ca_root = pki.root_file

    def _start_names(self):
        """Every name is 127.0.0.1. All of its listeners but two are off."""
        self._start(["pebble-challtestsrv", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-dns01",
                     f"127.0.0.1:{self.dns_port}", "-management", f"127.0.0.1:{self.names_port}", "-http01", "",
                     "-https01", "", "-tlsalpn01", ""], self.names_port)

    def start_ca(self):
        """A CA that has just come up knows no account, and has a new root."""
        configuration = {"listenAddress": f"127.0.0.1:{self.acme_port}",
                         "managementListenAddress": f"127.0.0.1:{self.management_port}",
                         "certificate": "ca.pem", "privateKey": "ca.key", "httpPort": self.http_port,
                         "tlsPort": self.tls_port, "ocspResponderURL": "", "externalAccountBindingRequired": False,
                         "certificateValidityPeriod": self.lifetime}
        (self.directory / "pebble.json").write_text(json.dumps({"pebble": configuration}))
        self.ca = self._start(["pebble", "-config", "pebble.json", "-dnsserver", f"127.0.0.1:{self.dns_port}"],
                              self.acme_port, {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0",
                                               "PEBBLE_AUTHZREUSE": "0"})
        servers.poll(lambda: answers(self.management_port))
        trust = ssl.create_default_context(cafile=self.ca_root)
        url = f"https://localhost:{self.management_port}/roots/0"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust))
        with opener.open(url, timeout=PATIENCE) as answer, open(self.root_file, "ab") as roots:
            roots.write(answer.read() + b"\n")

    def stop_ca(self):
        servers.stop(self.ca)

    # --- The client ----------------------------------------------------------------------------

    def certbot(self, *arguments, ahead=0):
        """Runs certbot with a clock that is so many days ahead."""
        clock = ["faketime", "-f", f"+{ahead}d"] if ahead else []
        argv = [*clock, "certbot", *arguments, "-n", "--config-dir", self.config, "--work-dir",
                self.directory / "certbot-work", "--logs-dir", self.directory / "certbot-logs", "--server",
                f"https://localhost:{self.acme_port}/dir"]
        environment = {**os.environ, "REQUESTS_CA_BUNDLE": self.ca_root, "no_proxy": "localhost"}
        return subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=120, env=environment, check=False)

    def issue(self, *arguments):
        return self.certbot("certonly", "--agree-tos", "--register-unsafely-without-email", "--webroot", "-w",
                            self.directory / "webroot", "-d", self.name, *arguments)

    def renew(self, *arguments, ahead=0):
        return self.certbot("renew", "--no-random-sleep-on-renew", *arguments, ahead=ahead)

    def forget_account(self):
        shutil.rmtree(self.config / "accounts")

    # --- The web server ------------------------------------------------------------------------

    def _start_web(self):
        """Plain HTTP for the CA's challenges, and, once serve() was called, TLS."""
        (self.directory / "webroot").mkdir()
        (self.directory / "tls.d").mkdir()
        temporary = " ".join(f"{kind}_temp_path {self.directory}/{kind};"
                             for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        user = "user root;" if os.geteuid() == 0 else ""
        (self.directory / "nginx.conf").write_text(
            f"{user} daemon off; worker_processes 1; pid {self.directory}/nginx.pid; error_log stderr notice;\n"
            f"events {{ worker_connections 64; }}\n"
            f"http {{ access_log off; {temporary} ssl_protocols TLSv1.2 TLSv1.3;\n"
            f"server {{ listen 127.0.0.1:{self.http_port}; root {self.directory}/webroot; }}\n"
            f"include {self.directory}/tls.d/*.conf; }}\n")
        self.start_web()

    def start_web(self):
        self.web = self._start([servers.nginx_program(), "-c", self.directory / "nginx.conf", "-e", "stderr"],
                               self.http_port)

    def stop_web(self):
        servers.stop(self.web)

    def serve(self):
        """Serves what certbot keeps in live/."""
        (self.directory / "tls.d" / "site.conf").write_text(
            f"server {{ listen 127.0.0.1:{self.tls_port} ssl; server_name {self.name};"
            f" ssl_certificate {self.live}/fullchain.pem; ssl_certificate_key {self.live}/privkey.pem; return 200 ok; }}\n")
        self.reload()
        assert servers.poll(lambda: answers(self.tls_port))

    def reload(self):
        """Returns when the worker with the old certificate is gone: for a moment both answer."""
        def workers_gone():
            return self.web.log.read_bytes().count(b"exited with code 0")

        before = workers_gone()
        self.web.send_signal(signal.SIGHUP)
        assert servers.poll(lambda: workers_gone() > before)
