# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Nagios 4 and a real NRPE daemon on loopback, with the files of contrib/nagios, and with a clock
that tests set forward: days go by in a second."""

import contextlib
import dataclasses
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import tempfile
import time

import acme
import plugin
import servers

CONTRIB = pathlib.Path(__file__).resolve().parents[2] / "contrib" / "nagios"
# What a user copies: the objects, but for the example.
OBJECTS = ("commands.cfg", "templates.cfg", "contacts.cfg", "escalations.cfg")
PLUGINS = pathlib.Path("/usr/lib/nagios/plugins")
CGI = pathlib.Path("/usr/lib/cgi-bin/nagios4")
USER = "nagios"  # where the tests run as root: nrpe refuses to be root
PATIENCE = 60  # seconds until a daemon counts as broken: it starts many programs at once


def program(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def missing():
    """Why there can be no Nagios here, or None."""
    lacking = [name for name in ("nagios4", "nrpe", "faketime") if program(name) is None]
    lacking += [str(path) for path in (PLUGINS / "check_nrpe", PLUGINS / "check_tcp", CGI / "status.cgi")
                if not path.exists()]
    return f"not installed: {', '.join(lacking)}" if lacking else None


def replaced(text, old, new):
    """What a user edits in a shipped file has to be there."""
    assert old in text, f"{old!r} is not in:\n{text}"
    return text.replace(old, new)


def unescaped(text):
    """A value of status.dat or of a CGI: Nagios writes a newline as \\n there."""
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], text)


@dataclasses.dataclass
class Mail:
    to: str
    subject: str
    body: str


@contextlib.contextmanager
def place():
    """A directory that another user can get at; pytest's own are closed."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="nagios."))
    directory.chmod(0o755)
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


class Clock:
    """The time that the daemons believe in: as real, but set forward by what a file says."""

    def __init__(self, directory, begin):
        self.file = directory / "clock"
        self.ahead = begin - int(time.time())
        library = subprocess.run(["faketime", "-f", "+0", "sh", "-c", 'echo "$LD_PRELOAD"'], check=True,
                                 stdout=subprocess.PIPE, text=True).stdout.strip()
        self.environment = {"LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(self.file),
                            "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "TZ": "UTC"}
        self.advance(0)

    def advance(self, seconds):
        self.ahead += seconds
        beside = self.file.with_suffix(".new")
        beside.write_text(f"+{self.ahead}\n" if self.ahead >= 0 else f"{self.ahead}\n")
        beside.rename(self.file)

    def now(self):
        return int(time.time()) + self.ahead


class Site:
    """The directory of one Nagios: plugins, configuration and what the daemons write."""

    def __init__(self, directory, begin):
        self.directory = directory
        self.running = []
        for name in ("plugins", "objects", "bin", "mail", "var/spool/checkresults", "var/rw", "var/archives"):
            (directory / name).mkdir(parents=True)
        self.clock = Clock(directory, begin)
        # The plugin is told the time of this clock: some builds of it (sanitizers) do not run with the
        # preloaded library, nrpe does not hand its environment on, and the others do not need it.
        shutil.copy(plugin.path(), directory / "check_cert_renewal")
        self.script("plugins/check_cert_renewal", "unset LD_PRELOAD\n"
                    f'exec {directory}/check_cert_renewal --at=@"$(($(date +%s)$(cat {self.clock.file})))" "$@"')
        for name in ("check_nrpe", "check_tcp"):
            self.script(f"plugins/{name}", f'unset LD_PRELOAD\nexec {PLUGINS / name} "$@"')
        shutil.copy(CONTRIB / "event-handler", directory / "plugins" / "cert_renewal_event_handler")
        (directory / "plugins" / "cert_renewal_event_handler").chmod(0o755)
        # Instead of the system's mail: arguments, each with a NUL after it, then standard input.
        self.script("bin/mail", f'file=$(mktemp {directory}/mail/XXXXXXXX)\n'
                    '{ printf "%s\\0" "$@"; cat; } >"$file" && mv "$file" "$file.mail"')
        self.environment = plugin.environment({
            **self.clock.environment, "PATH": f"{directory}/bin:{os.environ.get('PATH', '/usr/bin:/bin')}"})

    def script(self, name, text):
        path = self.directory / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return path

    def hand_over(self):
        """The files to the user who the daemons become."""
        if os.geteuid() == 0:
            for path in [self.directory, *self.directory.rglob("*")]:
                shutil.chown(path, USER, USER)

    def start(self, argv, log):
        with open(self.directory / log, "ab") as output:
            process = subprocess.Popen([str(arg) for arg in argv], stdin=subprocess.DEVNULL, stdout=output,
                                       stderr=subprocess.STDOUT, env=self.environment, cwd=self.directory)
        self.running.append(process)
        return process

    def close(self):
        for process in reversed(self.running):
            servers.stop(process)


def account():
    return USER if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


class Nrpe:
    """nrpe with the shipped commands; changes are what a user edits in them."""

    def __init__(self, site, changes):
        self.site = site
        self.port, = acme.free_ports(1)
        commands = (CONTRIB / "nrpe.cfg").read_text()
        for old, new in {str(PLUGINS): str(site.directory / "plugins"), **changes}.items():
            commands = replaced(commands, old, new)
        (site.directory / "nrpe.d").mkdir()
        (site.directory / "nrpe.d" / "nrpe.cfg").write_text(commands)
        (site.directory / "nrpe.cfg").write_text(
            f"pid_file={site.directory}/var/nrpe.pid\nlog_file={site.directory}/var/nrpe.log\n"
            f"server_address=127.0.0.1\nserver_port={self.port}\nallowed_hosts=127.0.0.1\n"
            f"nrpe_user={account()}\nnrpe_group={account()}\ndont_blame_nrpe=0\n"
            f"include_dir={site.directory}/nrpe.d\n")

    def start(self):
        self.process = self.site.start([program("nrpe"), "-c", self.site.directory / "nrpe.cfg", "-f"], "var/nrpe.out")
        assert servers.poll(lambda: acme.answers(self.port), PATIENCE), (self.site.directory / "var/nrpe.log").read_text()

    def ask(self, command):
        """check_nrpe, by hand."""
        return subprocess.run([PLUGINS / "check_nrpe", "-H", "127.0.0.1", "-p", str(self.port), "-t", "30", "-c", command],
                              stdout=subprocess.PIPE, text=True, timeout=PATIENCE, check=False)


class Nagios:
    """nagios4 with the shipped objects and settings, and the objects of a test."""

    def __init__(self, site, objects):
        self.site = site
        self.told = 0
        self.var = site.directory / "var"
        for name in OBJECTS:
            shutil.copy(CONTRIB / name, site.directory / "objects")
        (site.directory / "objects" / "test.cfg").write_text(objects)
        (site.directory / "resource.cfg").write_text(f"$USER1$={site.directory}/plugins\n")
        settings = replaced((CONTRIB / "main.cfg").read_text(), "/var/lib/nagios4/", f"{self.var}/")
        self.configuration = site.directory / "nagios.cfg"
        self.configuration.write_text(f"""
log_file={self.var}/nagios.log
cfg_dir={site.directory}/objects
resource_file={site.directory}/resource.cfg
object_cache_file={self.var}/objects.cache
precached_object_file={self.var}/objects.precache
status_file={self.var}/status.dat
status_update_interval=1
nagios_user={account()}
nagios_group={account()}
check_external_commands=1
command_file={self.var}/rw/nagios.cmd
lock_file={self.var}/nagios.lock
temp_file={self.var}/nagios.tmp
temp_path={self.var}
check_result_path={self.var}/spool/checkresults
query_socket={self.var}/rw/nagios.qh
log_archive_path={self.var}/archives
log_rotation_method=n
retain_state_information=0
use_syslog=0
check_for_updates=0
check_workers=2
max_service_check_spread=1
service_inter_check_delay_method=n
host_inter_check_delay_method=n
# The clock jumps by days on purpose: nothing to make up for.
time_change_threshold=1000000000
# Nor has a check hung that was started before a jump.
service_check_timeout=100000000
host_check_timeout=100000000
event_handler_timeout=100000000
notification_timeout=100000000
enable_notifications=1
date_format=iso8601
""" + settings)
        (site.directory / "cgi.cfg").write_text(
            f"main_config_file={self.configuration}\nphysical_html_path=/usr/share/nagios4/htdocs\n"
            "url_html_path=/nagios4\nuse_authentication=0\ndefault_user_name=guest\n"
            # As Nagios and Debian ship it.
            "escape_html_tags=1\nresult_limit=0\nrefresh_rate=90\n")

    def start(self):
        process = self.site.start([program("nagios4"), self.configuration], "var/nagios.out")
        fifo = self.var / "rw" / "nagios.cmd"
        servers.poll(lambda: fifo.is_fifo() or process.poll() is not None, PATIENCE)
        assert fifo.is_fifo(), self.log()
        self.settle()

    def log(self):
        return "\n".join(path.read_text(errors="replace")
                         for path in (self.var / "nagios.out", self.var / "nagios.log") if path.exists())

    # --- Time ----------------------------------------------------------------------------------

    def advance(self, days=0, hours=0, minutes=0):
        """Sets the clock forward, and returns when all checks that are due by then have a result."""
        self.site.clock.advance(((days * 24 + hours) * 60 + minutes) * 60)
        self.command("SAVE_STATE_INFORMATION")  # any command wakes the daemon
        self.settle()

    def advance_to(self, moment):
        self.advance(minutes=(moment - self.site.clock.now()) // 60 + 1)

    def settle(self):
        begin = self.site.clock.now()

        def settled():
            info, services = self.status()
            return info and int(info["created"]) > begin and all(
                int(service["next_check"]) > int(info["created"]) for service in services.values()
                if service["active_checks_enabled"] == "1")

        assert servers.poll(settled, PATIENCE), f"{self.log()}\n{self.status()}"

    # --- What Nagios knows ---------------------------------------------------------------------

    def status(self):
        """status.dat: info, and the services by (host, description)."""
        info, services = {}, {}
        with contextlib.suppress(FileNotFoundError):
            for kind, body in re.findall(r"(?ms)^(\w+) \{\n(.*?)^\t\}$", (self.var / "status.dat").read_text()):
                values = dict(line.strip().split("=", 1) for line in body.splitlines() if "=" in line)
                if kind == "info":
                    info = values
                elif kind == "servicestatus":
                    services[values["host_name"], values["service_description"]] = values
        return info, services

    def service(self, host, description):
        return self.status()[1][host, description]

    def state(self, host, description):
        """As the log writes it: WARNING;SOFT;2"""
        service = self.service(host, description)
        return ";".join([["OK", "WARNING", "CRITICAL", "UNKNOWN"][int(service["current_state"])],
                         ["SOFT", "HARD"][int(service["state_type"])], service["current_attempt"]])

    def results(self, host, description):
        """The lines of the perfdata file for a service, each as a dictionary."""
        lines = [dict(item.split("::", 1) for item in line.split("\t"))
                 for line in (self.var / "service-perfdata").read_text().splitlines()]
        return [line for line in lines if (line["HOSTNAME"], line["SERVICEDESC"]) == (host, description)]

    def notified(self):
        """Who was told of what since this was last asked: (contact, host, service, type), of the log."""
        found = re.findall(r"(?m)^\[\d+\] SERVICE NOTIFICATION: ([^;]*);([^;]*);([^;]*);([^;]*);", self.log())
        new, self.told = found[self.told:], len(found)
        return sorted(new)

    def mails(self):
        """All that was sent, once it is as much as the log has."""
        expected = len(re.findall(r"(?m)^\[\d+\] SERVICE NOTIFICATION: ", self.log()))
        sent = []

        def all_sent():
            sent[:] = (self.site.directory / "mail").glob("*.mail")
            return len(sent) == expected

        assert servers.poll(all_sent, PATIENCE), f"{len(sent)} of {expected} mails\n{self.log()}"
        mails = []
        for path in sent:
            option, subject, to, body = path.read_text().split("\0")
            assert option == "-s"
            mails.append(Mail(to, subject, body))
        return mails

    def command(self, *words):
        """An external command."""
        with open(self.var / "rw" / "nagios.cmd", "w", encoding="utf-8") as fifo:
            fifo.write(f"[{self.site.clock.now()}] {';'.join(words)}\n")

    def verify(self, configuration=None):
        """nagios4 -v"""
        return subprocess.run([program("nagios4"), "-v", configuration or self.configuration], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False)

    def page(self, name, query):
        """Runs a CGI as a web server does; returns what the browser gets."""
        environment = {**self.site.environment, "REQUEST_METHOD": "GET", "QUERY_STRING": query, "REMOTE_USER": "guest",
                       "NAGIOS_CGI_CONFIG": str(self.site.directory / "cgi.cfg")}
        done = subprocess.run([CGI / name], env=environment, stdout=subprocess.PIPE, timeout=PATIENCE, check=True)
        _, _, body = done.stdout.replace(b"\r\n", b"\n").partition(b"\n\n")
        return body.decode()
