# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases of time series that dashboards ask: InfluxDB, and graphite-web on whisper files."""

import configparser
import json
import os
import re
import subprocess
import sys
import urllib.parse
import urllib.request

from servers import listener, poll, stop

PATIENCE = 60  # seconds; on a busy machine Django alone takes its time


# These servers are on loopback, whatever proxy the environment names.
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


def get(url, parameters):
    with _open(url, urllib.parse.urlencode(parameters, doseq=True).encode(), timeout=PATIENCE) as answer:
        return json.load(answer)


class InfluxDB:
    def __init__(self, directory):
        self.directory = directory
        for attempt in range(5):
            with listener() as http, listener() as backup:
                self.port, port = http.getsockname()[1], backup.getsockname()[1]
            if self._start(port):
                return
        raise RuntimeError(f"influxd did not start: {(directory / 'log').read_text()}")

    def _start(self, backup_port):
        configuration = self.directory / "influxdb.conf"
        configuration.write_text(f"""
reporting-disabled = true
bind-address = "127.0.0.1:{backup_port}"
[meta]
dir = "{self.directory}/meta"
[data]
dir = "{self.directory}/data"
wal-dir = "{self.directory}/wal"
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:{self.port}"
log-enabled = false
""")
        with open(self.directory / "log", "wb") as log:
            self.process = subprocess.Popen(["influxd", "run", "-config", configuration], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=subprocess.STDOUT)
        poll(lambda: self.process.poll() is not None or b"Listening for signals" in (self.directory / "log").read_bytes(),
             PATIENCE)
        if self.process.poll() is None:
            return True
        stop(self.process)
        return False

    def query(self, text):
        answer = get(f"http://127.0.0.1:{self.port}/query", {"db": "icinga2", "epoch": "s", "q": text})
        [result] = answer["results"]
        assert "error" not in result, (text, result)
        return result.get("series", [])

    def write(self, lines):
        url = f"http://127.0.0.1:{self.port}/write?precision=s&db=icinga2"
        with _open(url, "\n".join(lines).encode(), timeout=PATIENCE) as answer:
            assert answer.status == 204

    def close(self):
        stop(self.process)


GRAPHITE_SETTINGS = """
SECRET_KEY = "test"
ALLOWED_HOSTS = ["*"]
TIME_ZONE = "UTC"
STORAGE_DIR = LOG_DIR = "{0}"
WHISPER_DIR = "{0}/whisper"
INDEX_FILE = "{0}/index"
CARBONLINK_HOSTS = []
DATABASES = {{"default": {{"NAME": "{0}/graphite.db", "ENGINE": "django.db.backends.sqlite3"}}}}
"""
GRAPHITE_SERVER = """
from wsgiref.simple_server import make_server
from graphite.wsgi import application
server = make_server("127.0.0.1", 0, application)
print("port", server.server_port, flush=True)
server.serve_forever()
"""


class Graphite:
    """graphite-web's render API on whisper files, kept as the section of carbon's configuration says."""

    def __init__(self, directory, section, carbon):
        self.directory = directory
        settings = configparser.ConfigParser()
        assert len(settings.read(carbon)) == len(carbon)
        self.settings = settings[section]
        (directory / "test_settings.py").write_text(GRAPHITE_SETTINGS.format(directory))
        (directory / "server.py").write_text(GRAPHITE_SERVER)

    def store(self, series):
        import whisper  # comes with graphite-web
        archives = [whisper.parseRetentionDef(item) for item in self.settings["retentions"].split(",")]
        for name, points in series.items():
            assert re.search(self.settings["pattern"], name), name
            file = self.directory / "whisper" / (name.replace(".", "/") + ".wsp")
            file.parent.mkdir(parents=True, exist_ok=True)
            whisper.create(str(file), archives, float(self.settings["xFilesFactor"]), self.settings["aggregationMethod"])
            whisper.update_many(str(file), points)

    def start(self):
        env = {**os.environ, "GRAPHITE_SETTINGS_MODULE": "test_settings", "DJANGO_SETTINGS_MODULE": "graphite.settings",
               "PYTHONPATH": str(self.directory)}
        with open(self.directory / "log", "wb") as log:
            self.process = subprocess.Popen([sys.executable, self.directory / "server.py"], env=env, cwd=self.directory,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        poll(lambda: self.process.poll() is not None or b"port " in (self.directory / "log").read_bytes(), PATIENCE)
        started = re.search(rb"^port (\d+)\n", (self.directory / "log").read_bytes(), re.MULTILINE)
        if not started:
            stop(self.process)
            raise RuntimeError(f"graphite-web did not start: {(self.directory / 'log').read_text()}")
        self.url = f"http://127.0.0.1:{int(started[1])}"

    def close(self):
        stop(self.process)
