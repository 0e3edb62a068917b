# SPDX-License-Identifier: GPL-3.0-or-later
"""contrib/nagios in a real Nagios 4 and a real NRPE: who is told of what and when, over three weeks in
which a renewal fails and is repaired; and certificates with names that want to do harm."""

import calendar
import contextlib
import html.parser
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

import nagios
import servers
from pki import DAY, MINUTE, common_name, dns
from plugin import CRITICAL, OK, UNKNOWN, parse_perfdata, run

STOCK = pathlib.Path("/etc/nagios4")


def moment(text):
    """Seconds of 2030-01-04 20:00, in UTC."""
    return calendar.timegm(tuple(map(int, re.findall(r"\d+", text))) + (0,))


@pytest.fixture
def place():
    if reason := nagios.missing():
        pytest.skip(reason)
    with nagios.place() as directory:
        yield directory


@pytest.fixture
def site(place):
    """site(begin): the directory of a Nagios whose clock starts there."""
    with contextlib.ExitStack() as stack:
        def make(begin):
            made = nagios.Site(place, begin)
            stack.callback(made.close)
            return made

        yield make


def poll(condition):
    return servers.poll(condition, nagios.PATIENCE)


def define(kind, **values):
    lines = "".join(f"    {name:<40}{value}\n" for name, value in values.items())
    return f"define {kind} {{\n{lines}}}\n\n"


def host(name, directory):
    """A host that is down once a file says so."""
    return define("host", host_name=name, address="127.0.0.1", check_command=f"host-up!{directory}/down-{name}",
                  check_period="cert-renewal-always", notification_period="cert-renewal-always", check_interval=5,
                  max_check_attempts=1, contact_groups="cert-renewal-on-call")


def host_command(site):
    script = site.script("bin/host-up", '[ ! -e "$1" ] || { echo "is down"; exit 2; }; echo "is up"')
    return define("command", command_name="host-up", command_line=f"{script} $ARG1$")


def certificate(host_name, description, check_command, **more):
    return define("service", use="cert-renewal", host_name=host_name, service_description=description,
                  check_command=check_command, **more)


def said(result):
    """The first line without perfdata."""
    return result.first.split("|")[0].rstrip()


# --- The shipped files -------------------------------------------------------------------------


def test_files_load_beside_the_distributions_own(place):
    """As README.md tells it: into conf.d of a configuration that is there already, without a warning."""
    if not (STOCK / "nagios.cfg").exists():
        pytest.skip(f"no configuration in {STOCK}")
    objects = place / "conf.d" / "cert-renewal"
    objects.mkdir(parents=True)
    for name in (*nagios.OBJECTS, "example.cfg"):
        shutil.copy(nagios.CONTRIB / name, objects)
    settings = (STOCK / "nagios.cfg").read_text() + (nagios.CONTRIB / "main.cfg").read_text()
    settings = nagios.replaced(settings, f"{STOCK}/conf.d", str(place / "conf.d"))
    for line, value in (("resource_file", place / "resource.cfg"), ("check_result_path", place), ("temp_path", place),
                        ("log_file", place / "log"), ("command_file", place / "cmd"), ("lock_file", place / "lock"),
                        ("log_archive_path", place)):
        settings, count = re.subn(rf"(?m)^{line}=.*$", f"{line}={value}", settings)
        assert count == 1, line
    (place / "resource.cfg").write_text(f"$USER1$={nagios.PLUGINS}\n")
    configuration = place / "nagios.cfg"
    configuration.write_text(settings)
    if os.geteuid() == 0:
        shutil.chown(place, nagios.USER)
    done = subprocess.run([nagios.program("nagios4"), "-v", configuration], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=nagios.PATIENCE, check=False)
    assert done.returncode == 0, done.stdout
    assert re.search(r"Total Warnings: 0\s+Total Errors: +0", done.stdout), done.stdout


def handle(*arguments):
    return subprocess.run([nagios.CONTRIB / "event-handler", *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=nagios.PATIENCE, check=False)


@pytest.mark.parametrize("state, statetype, runs", [
    ("WARNING", "HARD", True), ("CRITICAL", "HARD", True), ("OK", "HARD", False), ("UNKNOWN", "HARD", False),
    ("WARNING", "SOFT", False), ("CRITICAL", "SOFT", False), ("", "", False)])
def test_event_handler(state, statetype, runs):
    done = handle("/bin/echo", state, statetype, "web1", "$(echo no) shell; `reads` this")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (f"{state} web1 $(echo no) shell; `reads` this\n" if runs else "")


def test_event_handler_is_off_until_it_has_a_program():
    for nothing in ("", "none"):
        assert handle(nothing, "CRITICAL", "HARD", "web1", "cert").returncode == 0
    for wrong in (["echo", "CRITICAL", "HARD", "web1", "cert"], ["/bin/echo", "CRITICAL"], ["/no/such", "CRITICAL", "HARD", "a", "b"]):
        done = handle(*wrong)
        assert done.returncode != 0 and done.stdout == "" and done.stderr != ""


# --- Three weeks -------------------------------------------------------------------------------

FRIDAY_EVENING = moment("2030-01-04 20:00")
WWW, MAIL, FILES, FLEET = "certificate www", "certificate mail", "certificate files", "fleet"
PUSHED = "certificate told by others"
ONCALL, LEFT, WEBMASTER = "cert-renewal-on-call", "cert-renewal-on-call-warnings", "cert-renewal-webmaster"


class Story:
    """web1 has two certificates whose renewal fails; web2's port goes away; web3 is down."""

    def __init__(self, site, pki, start):
        self.site, self.pki, self.start = site, pki, start
        root = site.directory / "root.pem"
        shutil.copy(pki.root_file, root)
        # 25 days are the limit of WARNING: half an hour from the begin.
        self.end = FRIDAY_EVENING + 25 * DAY + 30 * MINUTE
        self.www, self.mail = self.serve("www.example.test"), self.serve("mail.example.test")
        self.gone = self.serve("gone.example.test", self.end + 60 * DAY)
        (site.directory / "live").mkdir()
        self.file = site.directory / "live" / "www.pem"
        self.file.write_text(self.leaf("www.example.test", self.end).pem)
        (site.directory / "fleet.ini").write_text(
            f"[fleet]\nfile={self.file}\nfile={root}\n")
        self.nrpe = nagios.Nrpe(site, {"/etc/letsencrypt/live/*/fullchain.pem": f"{site.directory}/live/*.pem"})
        (site.directory / "down-web3").touch()
        self.handled = site.directory / "handled"
        repair = site.script("bin/repair", f'printf "%s|" "$@" >>{self.handled}; echo >>{self.handled}')
        self.nagios = nagios.Nagios(site, "".join([
            host_command(site), *(host(name, site.directory) for name in ("web1", "web2", "web3")),
            certificate("web1", WWW, f"check_cert_renewal_host!www.example.test!-p {self.www.port} -r {root}", _REPAIR_COMMAND=repair),
            certificate("web1", MAIL, f"check_cert_renewal_mail!mail.example.test!{self.mail.port}!-I 127.0.0.1 -r {root}"),
            certificate("web1", FILES, f"check_cert_renewal_nrpe!check_cert_files!-p {self.nrpe.port}"),
            certificate("web1", FLEET, f"check_cert_renewal_fleet!fleet@{site.directory}/fleet.ini"),
            certificate("web2", WWW, f"check_cert_renewal_host!gone.example.test!-p {self.gone.port} -r {root}"),
            define("service", use="cert-renewal-port", host_name="web2", service_description="https port",
                   check_command=f"check_cert_renewal_port!{self.gone.port}"),
            certificate("web2", PUSHED, "check_cert_renewal!-", active_checks_enabled=0),
            define("servicedependency", use="cert-renewal-port", host_name="web2", service_description="https port",
                   dependent_service_description=f"{WWW},{PUSHED}"),
            certificate("web3", WWW, "check_cert_renewal_host!www.example.test!-p 1"),
        ]))
        site.hand_over()

    def leaf(self, name, end):
        return self.pki.leaf(name, not_before=end - 90 * DAY, not_after=end)

    def context(self, name, end):
        return self.start.context([self.leaf(name, end), self.pki.intermediate])

    def serve(self, name, end=None):
        return self.start.python(self.context(name, end or self.end))

    def renew(self, server, name):
        server.context = self.context(name, self.site.clock.now() + 90 * DAY)

    def states(self, *descriptions):
        return [self.nagios.state("web1", description) for description in descriptions]

    def told(self):
        """Who was told what about the certificates of web1 that are served."""
        return [(contact, service, state) for contact, host_name, service, state in self.nagios.notified()
                if host_name == "web1" and service in (WWW, MAIL)]


def on_friday_renewal_is_overdue(story):
    """Looked at three times before it counts; at night nobody is told, and nobody is called for a WARNING."""
    daemon = story.nagios
    assert story.states(WWW, MAIL, FILES, FLEET) == ["OK;HARD;1"] * 4
    assert daemon.state("web2", WWW) == daemon.state("web2", "https port") == "OK;HARD;1"

    story.gone.close()
    daemon.advance(hours=1)
    assert story.states(WWW, MAIL, FILES, FLEET) == ["WARNING;SOFT;1"] * 4
    for _ in range(2):
        daemon.advance(minutes=1)
    assert daemon.state("web2", "https port") == "CRITICAL;HARD;3"
    daemon.advance(minutes=3)
    assert story.states(WWW, MAIL) == ["WARNING;SOFT;2"] * 2
    assert not story.handled.exists()
    daemon.advance(minutes=5)
    assert story.states(WWW, MAIL, FILES, FLEET) == ["WARNING;HARD;3"] * 4
    assert poll(story.handled.exists)
    assert story.handled.read_text() == f"WARNING|web1|{WWW}|\n"


def port_and_host_speak_for_their_certificates(story):
    daemon = story.nagios
    # Checked once while the port was not certain, then not again.
    assert daemon.state("web2", WWW) == "CRITICAL;SOFT;1"
    # A result that comes from elsewhere is no second alarm either.
    for _ in range(3):
        daemon.command("PROCESS_SERVICE_CHECK_RESULT", "web2", PUSHED, "2", "CERT_RENEWAL CRITICAL - test")
    assert poll(lambda: daemon.state("web2", PUSHED) == "CRITICAL;HARD;3")
    assert daemon.state("web3", WWW).startswith("CRITICAL;HARD;")
    assert daemon.notified() == [(ONCALL, "web2", "https port", "CRITICAL")]


def the_port_comes_back(story):
    story.start.running.remove(story.gone)
    story.gone = story.start.python(story.context("gone.example.test", story.end + 60 * DAY), port=story.gone.port)
    for _ in range(2):
        story.nagios.advance(minutes=5)
    assert story.nagios.state("web2", WWW) == "OK;HARD;1"
    assert story.nagios.notified() == [(ONCALL, "web2", "https port", "OK")]


def on_monday_the_office_hears_of_it(story):
    story.nagios.advance_to(moment("2030-01-07 09:30"))
    assert story.told() == [(WEBMASTER, MAIL, "WARNING"), (WEBMASTER, WWW, "WARNING")]


def on_tuesday_one_is_repaired(story):
    """Only those hear the good news who heard the bad."""
    story.renew(story.mail, "mail.example.test")
    story.nagios.advance_to(moment("2030-01-08 10:00"))
    assert story.states(WWW, MAIL) == ["WARNING;HARD;3", "OK;HARD;1"]
    assert story.told() == [(WEBMASTER, MAIL, "OK"), (WEBMASTER, WWW, "WARNING")]


def on_wednesday_others_hear_of_the_one_that_was_left(story):
    story.nagios.advance_to(moment("2030-01-09 10:30"))
    assert story.told() == [(LEFT, WWW, "WARNING"), (WEBMASTER, WWW, "WARNING")]


def on_a_saturday_night_it_is_critical(story):
    """Ten days are left. On-call is called at once, and again after four hours, but not after three."""
    story.nagios.advance_to(moment("2030-01-19 22:00"))
    assert story.states(WWW) == ["CRITICAL;HARD;3"]
    assert story.told() == [(ONCALL, WWW, "CRITICAL")]
    assert poll(lambda: story.handled.read_text() == f"WARNING|web1|{WWW}|\nCRITICAL|web1|{WWW}|\n")
    story.nagios.advance(hours=3)
    assert story.told() == []
    story.nagios.advance(hours=1)
    assert story.told() == [(ONCALL, WWW, "CRITICAL")]


def on_monday_it_is_renewed(story):
    story.renew(story.www, "www.example.test")
    story.nagios.advance_to(moment("2030-01-21 10:00"))
    assert story.states(WWW, MAIL) == ["OK;HARD;1"] * 2
    assert story.told() == [(contact, WWW, "OK") for contact in (ONCALL, LEFT, WEBMASTER)]


def mails_say_what_is_wrong(story):
    mails = [mail for mail in story.nagios.mails() if f"Service: {WWW}\nHost: web1 (127.0.0.1)\n" in mail.body]
    assert len(mails) == 9
    for mail in mails:
        kind, line = re.fullmatch(r"(PROBLEM|RECOVERY) web1: (CERT_RENEWAL .*)", mail.subject).groups()
        assert mail.body.startswith(line + "\n")
        assert mail.body.endswith("\nWhat to do: /check_cert_renewal/doc/findings.md\n")
        assert mail.to in ("webmaster@localhost", "root@localhost")
    subjects = {mail.subject for mail in mails}
    name = f"www.example.test:{story.www.port}"
    assert f"PROBLEM web1: CERT_RENEWAL CRITICAL - {name}: automatic renewal overdue by 20 days, " \
        "10 days left (expires 2030-01-29)" in subjects
    renewed = [subject for subject in subjects if subject.startswith("RECOVERY")]
    assert len(renewed) == 1 and renewed[0].startswith(f"RECOVERY web1: CERT_RENEWAL OK - {name}: 8")


def perfdata_has_days_and_limits(story):
    """Each result, as it was, with the limits that a graph draws."""
    results = story.nagios.results("web1", WWW)
    assert len(results) == 11
    assert [line["SERVICESTATE"] for line in results] == ["OK"] + ["WARNING"] * 6 + ["CRITICAL"] * 3 + ["OK"]
    assert [line["SERVICESTATETYPE"] for line in results[:4]] == ["HARD", "SOFT", "SOFT", "HARD"]
    for line in results[:-1]:
        perfdata = parse_perfdata(line["SERVICEPERFDATA"])
        days = perfdata["days_to_expiry"]
        assert days.value == pytest.approx((story.end - int(line["TIMET"])) / DAY, abs=0.02)
        assert (days.warn, days.crit, days.max) == (25, 10, 90)
        assert perfdata["days_to_renewal"].value == pytest.approx(days.value - 30, abs=0.011)
        assert perfdata["time"].uom == "s"
    assert parse_perfdata(results[-1]["SERVICEPERFDATA"])["days_to_expiry"].value > 85


def nrpe_hands_everything_through(story):
    """State, each line and perfdata, as the plugin says it on the spot; and into Nagios."""
    asked = story.nrpe.ask("check_cert_files")
    at = f"--at=@{story.site.clock.now()}"
    here = run("-f", f"{story.site.directory}/live/*.pem", at)
    seconds = re.compile(r"'time'=[0-9.]+s")
    assert here.code == asked.returncode == CRITICAL
    assert seconds.sub("", asked.stdout) == seconds.sub("", here.stdout)
    service = story.nagios.service("web1", FILES)
    assert nagios.unescaped(service["plugin_output"]) == said(here)
    assert nagios.unescaped(service["long_plugin_output"]) == "\n".join(here.stdout.splitlines()[1:])
    days = parse_perfdata(service["performance_data"])["days_to_expiry"]
    assert (days.warn, days.crit, days.max) == (25, 10, 90)
    # What is not in the list of commands is not run.
    assert story.nrpe.ask("check_users").returncode == UNKNOWN
    # Nothing listens: UNKNOWN would be as bad as OK.
    refused = subprocess.run([nagios.PLUGINS / "check_nrpe", "-H", "127.0.0.1", "-p", "1", "-c", "check_cert_files"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=nagios.PATIENCE, check=False)
    assert refused.returncode != OK


def test_three_weeks(site, pki, start):
    story = Story(site(FRIDAY_EVENING), pki, start)
    story.nrpe.start()
    story.nagios.start()
    on_friday_renewal_is_overdue(story)
    port_and_host_speak_for_their_certificates(story)
    the_port_comes_back(story)
    on_monday_the_office_hears_of_it(story)
    on_tuesday_one_is_repaired(story)
    on_wednesday_others_hear_of_the_one_that_was_left(story)
    on_a_saturday_night_it_is_critical(story)
    nrpe_hands_everything_through(story)
    on_monday_it_is_renewed(story)
    mails_say_what_is_wrong(story)
    perfdata_has_days_and_limits(story)


# --- Names that want to do harm ----------------------------------------------------------------

# MARK becomes a file that must not come into being; xyzzy must not leave the text of a page.
HARMLESS = "xyzzy.example.org"
HOSTILE = {
    "substitution": "xyzzy$(touch MARK)",
    "backticks": "xyzzy`touch MARK`",
    "semicolon": "xyzzy; touch MARK;",
    "quote": "xyzzy'; touch MARK; echo '",
    "double quote": 'xyzzy"; touch MARK; echo "',
    "pipe": "xyzzy | touch MARK",
    "ampersand": "xyzzy && touch MARK &",
    "newline": "xyzzy\ntouch MARK\n",
    "escape": "xyzzy\\x60touch MARK\\x60\\ntouch MARK",
    "macro": "xyzzy$USER1$ $ADMINEMAIL$ $ARG1$",
    "script": "<script>xyzzy()</script>",
    "image": '"><img src=xyzzy onerror=xyzzy()>',
    "attribute": "' onmouseover='xyzzy()' xyzzy='",
    "entity": "&lt;script&gt;xyzzy&#60;script&#62;",
    "comment": "--><script>xyzzy()</script><!--",
    "override": "xyzzy\u202e\u2066gro.elpmaxe\u2069\u200f",
    "escape sequence": "xyzzy\x1b[2J\x1b]0;owned\x07",
}
# What does harm to a command that is written without care, which shows that the others were looked at.
BITES_A_SHELL = ("substitution", "backticks", "double quote")
HOST = "www.example.test"


class Page(html.parser.HTMLParser):
    """Takes notes of where xyzzy is, besides in text."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.wrong, self.seen, self.open = [], 0, None
        self.feed(text)
        self.close()

    def look(self, what, text):
        if "xyzzy" in text.lower():
            self.wrong.append((what, text))

    def handle_starttag(self, tag, attrs):
        self.open = tag
        self.look("element", tag)
        for name, value in attrs:
            self.look("attribute of " + tag, f"{name}={value}")

    def handle_endtag(self, tag):
        self.open = None

    def handle_data(self, data):
        self.seen += data.count("xyzzy")
        if self.open in ("script", "style"):
            self.look(self.open, data)

    def handle_comment(self, data):
        self.look("comment", data)

    def handle_decl(self, decl):
        self.look("declaration", decl)

    def unknown_decl(self, data):
        self.look("declaration", data)


def test_page_notices():
    """The judge of the pages, judged."""
    for kind in ("script", "image", "comment"):
        assert Page(f"<p>{HOSTILE[kind]}</p>").wrong, kind
    assert Page(f"<p title='{HOSTILE['attribute']}'></p>").wrong
    good = Page("<p>&lt;script&gt;xyzzy()&lt;/script&gt;</p>")
    assert (good.wrong, good.seen) == ([], 1)


def test_hostile_names(site, pki):
    site = site(FRIDAY_EVENING)
    mark = site.directory / "m"
    outputs = {}
    services = [host_command(site), host("web1", site.directory)]
    for kind, text in {"harmless": HARMLESS, **HOSTILE}.items():
        text = text.replace("MARK", str(mark))
        leaf = pki.leaf(common_name(text), names=[dns(text)], not_before=FRIDAY_EVENING - 70 * DAY,
                        not_after=FRIDAY_EVENING + 20 * DAY)
        file = site.directory / f"{kind.replace(' ', '-')}.pem"
        file.write_text(leaf.pem)
        services.append(certificate("web1", kind, f"check_cert_renewal_file!{file}!--sni={HOST} -v",
                                    max_check_attempts=1))
        outputs[kind] = run("-f", file, f"--sni={HOST}", "-v", f"--at=@{FRIDAY_EVENING}")
        assert outputs[kind].code == CRITICAL and "xyzzy" in outputs[kind].first, outputs[kind]
    for kind in BITES_A_SHELL:
        subprocess.run(["sh", "-c", f'echo "{outputs[kind].first}"'], stdout=subprocess.PIPE, check=False)
        assert mark.exists(), kind
        mark.unlink()

    daemon = nagios.Nagios(site, "".join(services))
    site.hand_over()
    daemon.start()
    assert len(daemon.notified()) == len(outputs)
    assert not mark.exists()

    # Each mail came, with what is wrong and with nothing that a shell or a terminal would take up.
    mails = {re.search(r"(?m)^Service: (.*)$", mail.body)[1]: mail for mail in daemon.mails()}
    assert set(mails) == set(outputs)
    for kind, mail in mails.items():
        assert f"certificate is not for {HOST}, but for" in mail.subject, kind
        assert "xyzzy" in mail.subject and mail.body.startswith(mail.subject.split(": ", 1)[1] + "\n\nService: ")
        assert not set("`~$&|'\"<>\x1b\u202e") & set(mail.subject), mail
        assert mail.body.count("\n") == 7, mail

    # What Nagios shows.
    pages = {("status.cgi", "host=all"), ("status.cgi", "servicegroup=cert-renewal&style=detail"),
             ("status.cgi", "host=all&servicestatustypes=16"), ("history.cgi", "host=all"),
             ("notifications.cgi", "contact=all"), ("showlog.cgi", "")}
    pages |= {("extinfo.cgi", f"type=2&host=web1&service={kind.replace(' ', '+')}") for kind in outputs}
    for name, query in sorted(pages):
        page = Page(daemon.page(name, query))
        assert page.wrong == [], (name, query)
        assert page.seen >= (1 if name == "extinfo.cgi" else len(outputs)), (name, query)
    listed = json.loads(daemon.page("statusjson.cgi", "query=servicelist&details=true"))["data"]["servicelist"]["web1"]
    for kind, result in outputs.items():
        # Nagios makes a colon of each semicolon, and reads a backslash in its status file as an escape.
        assert listed[kind]["plugin_output"] == nagios.unescaped(said(result).replace(";", ":")), kind
    assert not mark.exists()
