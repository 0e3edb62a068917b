# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Icinga 2 on loopback with the shipped configuration, everything it writes in one directory."""

import base64
import contextlib
import email
import email.policy
import grp
import http.client
import http.server
import json
import os
import pathlib
import pwd
import re
import shutil
import socketserver
import ssl
import subprocess
import threading
import time
import urllib.parse

import plugin
from servers import PATIENCE, listener, poll, stop

PROGRAM = pathlib.Path(plugin.path()).resolve()
BUILD = PROGRAM.parent.parent
SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
SHIPPED = pathlib.Path("contrib/icinga2")
STARTING = 30  # seconds that a start of the daemon may take on a busy machine


def program():
    return shutil.which("icinga2", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def missing():
    """Why Icinga cannot be run here, or None."""
    if program() is None:
        return "icinga2 is not installed"
    return None if os.path.exists("/proc/self") else "icinga2 needs /proc"


def shipped(name):
    """A file of contrib/icinga2: generated in this build, or of the source tree."""
    for top in (BUILD, SOURCE):
        if (top / SHIPPED / name).exists():
            return top / SHIPPED / name
    raise FileNotFoundError(f"{SHIPPED / name} has not been generated")


def shipped_configuration():
    """Names of the shipped files that Icinga loads: *.conf."""
    return sorted({path.name for top in (BUILD, SOURCE) for path in (top / SHIPPED).glob("*.conf")})


def quote(value):
    """A value of the configuration language."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, list):
        return "[ " + ", ".join(quote(item) for item in value) + " ]"
    if isinstance(value, dict):
        return "{\n" + "".join(f"{quote(key)} = {quote(item)}\n" for key, item in value.items()) + "}"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


class Configuration:
    """A directory with what icinga2 wants: shipped files, with some constants changed, and more text."""

    def __init__(self, directory, node, text, constants=None, zone=None, files=None, examples=()):
        self.directory = directory
        self.node = node
        self.zone = zone or node
        for name in ("etc/cert_renewal", "lib/certs", "log", "cache", "spool", "run"):
            (directory / name).mkdir(parents=True)
        etc = directory / "etc/cert_renewal"
        for name in files or shipped_configuration():
            shutil.copy(shipped(name), etc / name)
        for name in examples:
            shutil.copy(shipped(name), etc / name.removesuffix(".example"))
        if constants:
            self._set(etc / "constants.conf", constants)
        (directory / "etc/icinga2.conf").write_text(
            f"include <itl>\nconst PluginDir = {quote(PROGRAM.parent)}\ninclude \"cert_renewal/*.conf\"\n{text}")

    @staticmethod
    def _set(path, constants):
        text = path.read_text()
        for name, code in constants.items():
            text, count = re.subn(rf"(?ms)^const {name} = (\{{.*?^\}}|[^\n]*)$",
                                  lambda _: f"const {name} = {code}", text)
            assert count == 1, f"{name} is not in constants.conf"
        path.write_text(text)

    def command(self, *options):
        directory = self.directory
        folders = {"ConfigDir": "etc", "DataDir": "lib", "LogDir": "log", "CacheDir": "cache", "SpoolDir": "spool",
                   "InitRunDir": "run"}
        return [program(), "daemon", *(f"-D{name}={directory / folder}" for name, folder in folders.items()),
                f"-DPidPath={directory}/run/icinga2.pid", f"-DNodeName={self.node}", f"-DZoneName={self.zone}",
                "-c", directory / "etc/icinga2.conf", *options]

    @staticmethod
    def environment():
        """Icinga stays the user that runs the tests."""
        user, group = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name
        return plugin.environment({"ICINGA2_USER": user, "ICINGA2_GROUP": group})

    def validate(self):
        return subprocess.run(self.command("-C"), env=self.environment(), stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=STARTING)


class GraphiteSink:
    """What a GraphiteWriter sends: the last value of each path."""

    def __init__(self):
        values = self.values = {}

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                for line in self.rfile:
                    path, value, _ = line.decode().split(" ")
                    values[path] = float(value)

        _serve(self, socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler))

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class InfluxSink:
    """What an InfluxdbWriter sends: the last fields of each set of tags, of its line protocol."""

    TAGS_AND_FIELDS = re.compile(r"((?:\\.|[^ \\])+) ((?:\\.|[^ \\])+) \d+\Z")

    def __init__(self):
        self.points = {}
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                for line in body.splitlines():
                    sink.record(line)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        _serve(self, http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler))

    def record(self, line):
        key, fields = self.TAGS_AND_FIELDS.match(line).groups()
        measurement, *tags = re.split(r"(?<!\\),", key)
        tags = dict(tag.replace("\\", "").split("=", 1) for tag in tags)
        if "metric" in tags:
            self.points[tags["hostname"], tags["service"], tags["metric"]] = {
                name: float(value) for name, value in (field.split("=") for field in fields.split(","))
                if not value.startswith('"')}  # the unit

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def _serve(sink, server):
    server.daemon_threads = True
    sink.server = server
    sink.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


class Daemon:
    """A daemon with its API. A node of a cluster, whose certificates are issued by the root of the PKI."""

    def __init__(self, directory, pki, node):
        self.node = node
        self.password = base64.b16encode(os.urandom(8)).decode()
        self.tls = ssl.create_default_context(cadata=pki.root.pem)
        self.tls.check_hostname = False
        for attempt in range(5):
            with listener() as free:
                self.port = free.getsockname()[1]
            self.directory = directory / f"start{attempt}"
            self.configuration = self.configure(self.directory)
            self._certificate(self.directory / "lib/certs", pki)
            if self._start():
                return
        raise RuntimeError(f"icinga2 did not start: {(self.directory / 'output').read_text()}")

    def configure(self, directory):
        """The Configuration in a directory that is to be made, for self.port."""
        raise NotImplementedError

    def listeners(self):
        return f"""
            object FileLogger "main" {{ path = LogDir + "/icinga2.log" }}
            object ApiListener "api" {{
                bind_host = "127.0.0.1"; bind_port = {self.port}; accept_commands = true
            }}
            object ApiUser "test" {{ password = {quote(self.password)}; permissions = [ "*" ] }}
        """

    def _certificate(self, directory, pki):
        now = int(time.time())
        leaf = pki.leaf(self.node, issuer=pki.root, not_before=now - 86400, not_after=now + 86400,
                        purposes=("serverAuth", "clientAuth"))
        (directory / "ca.crt").write_text(pki.root.pem)
        (directory / f"{self.node}.crt").write_text(leaf.pem)
        (directory / f"{self.node}.key").write_text(leaf.key_pem)

    def _start(self):
        with open(self.directory / "output", "wb") as output:
            self.process = subprocess.Popen(self.configuration.command(), env=self.configuration.environment(),
                                            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        if poll(lambda: self.process.poll() is not None or self._answers(), STARTING) and self._answers():
            return True
        stop(self.process)
        return False

    def _answers(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.get("/v1/status/IcingaApplication")
        return None

    def get(self, path):
        return self._request("GET", path)

    def act(self, action, service_filter, **more):
        """An action of the API on services."""
        done = self._request("POST", f"/v1/actions/{action}", {"type": "Service", "filter": service_filter, **more})
        assert done and done["results"] and all(result["code"] == 200 for result in done["results"]), done

    def _request(self, method, path, body=None):
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=self.tls, timeout=PATIENCE)
        with contextlib.closing(connection):
            token = base64.b64encode(f"test:{self.password}".encode()).decode()
            headers = {"Authorization": f"Basic {token}", "Accept": "application/json"}
            connection.request(method, path, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            text = answer.read()
            return json.loads(text) if answer.status == 200 else None

    def log(self):
        return (self.directory / "log/icinga2.log").read_text()

    def close(self):
        stop(self.process)


def zones(master, agent, address=""):
    """What both nodes have to know; who connects has the address of the other."""
    return f"""
        object Endpoint {quote(master)} {{ }}
        object Endpoint {quote(agent)} {{ {address} }}
        object Zone {quote(master)} {{ endpoints = [ {quote(master)} ] }}
        object Zone {quote(agent)} {{ endpoints = [ {quote(agent)} ]; parent = {quote(master)} }}
    """


class Agent(Daemon):
    """The Icinga of a machine whose files are checked: it has the CheckCommand, and nothing to decide."""

    NODE = "agent.example.test"

    def __init__(self, directory, pki):
        super().__init__(directory, pki, self.NODE)

    def configure(self, directory):
        return Configuration(directory, self.node, zones(Icinga2.NODE, self.node) + self.listeners(),
                             files=["check_cert_renewal.conf"])


class Icinga2(Daemon):
    """The Icinga that checks and notifies: with all shipped files, what its writers sent, what it mailed."""

    NODE = "master.example.test"

    def __init__(self, directory, pki, agent, text, constants):
        self.graphite, self.influx = GraphiteSink(), InfluxSink()
        self.agent, self.text, self.constants = agent, text, constants
        super().__init__(directory, pki, self.NODE)

    def configure(self, directory):
        self.mails_directory = directory / "mails"
        address = f'host = "127.0.0.1"; port = {self.agent.port}'
        text = zones(self.node, self.agent.node, address) + self.listeners() + self._features() + self.text
        configuration = Configuration(
            directory, self.node, text,
            {"CertRenewalMailCommand": quote(shipped("cert_renewal_mail")),
             "CertRenewalSendmail": quote(directory / "sendmail"), **self.constants})
        self.mails_directory.mkdir()
        self._sendmail(directory / "sendmail")
        return configuration

    def _features(self):
        return f"""
            object CheckerComponent "checker" {{ }}
            object NotificationComponent "notification" {{ }}
            object GraphiteWriter "graphite" {{
                host = "127.0.0.1"; port = {self.graphite.port}; enable_send_thresholds = true
            }}
            object InfluxdbWriter "influx" {{
                host = "127.0.0.1"; port = {self.influx.port}; database = "icinga2"
                flush_interval = 1s; flush_threshold = 1; enable_send_thresholds = true
                host_template = {{ measurement = "host"; tags = {{ hostname = "$host.name$" }} }}
                service_template = {{
                    measurement = "cert_renewal"
                    tags = {{ hostname = "$host.name$"; service = "$service.name$" }}
                }}
            }}
        """

    def _sendmail(self, path):
        path.write_text('#!/bin/sh\nset -e\n'
                        f'file=$(mktemp "{self.mails_directory}/XXXXXXXX")\n'
                        'for argument; do printf "X-Argument: %s\\n" "$argument"; done >"$file"\n'
                        'cat >>"$file"\nmv "$file" "$file.mail"\n')
        path.chmod(0o755)

    def service(self, name, host="www.example.test"):
        """The attributes of a service, as the API has them."""
        key = urllib.parse.quote(f"{host}!{name}", safe="")
        answer = self.get(f"/v1/objects/services/{key}")
        assert answer is not None, f"Icinga knows no service {name} on {host}"
        return answer["results"][0]["attrs"]

    def wait(self, name, condition, host="www.example.test", seconds=2 * PATIENCE):
        """Waits until the service's attributes meet the condition."""
        attributes = poll(lambda: (lambda now: now if condition(now) else None)(self.service(name, host)), seconds)
        assert attributes, f"{name}: {self.service(name, host)}"
        return attributes

    def checked(self, name, host="www.example.test"):
        return self.wait(name, lambda now: now["last_check_result"] is not None, host)

    def mails(self, to, *words):
        """The mails to somebody that have all these words in the subject, the oldest first."""
        found = []
        for path in self.mails_directory.glob("*.mail"):
            mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            mail.moment = path.stat().st_mtime
            if mail["To"] == to and all(word in mail["Subject"] for word in words):
                found.append(mail)
        return sorted(found, key=lambda mail: mail.moment)

    def wait_for_mails(self, count, to, *words, seconds=2 * PATIENCE):
        found = poll(lambda: (lambda mails: mails if len(mails) >= count else None)(self.mails(to, *words)), seconds)
        assert found, f"no {count} mails to {to} with {words}; there are: " + \
            "; ".join(path.read_text() for path in self.mails_directory.glob("*.mail"))
        return found

    def close(self):
        super().close()
        self.graphite.close()
        self.influx.close()
