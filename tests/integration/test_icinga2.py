# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of contrib/icinga2 in a real Icinga 2: what it runs, reads, sends on and mails."""

import json
import re
import subprocess

import pytest

import icinga2
import plugin
from pki import DAY, NOW, authority, common_name, dns
from plugin import CRITICAL, OK, UNKNOWN, WARNING

if icinga2.missing():
    pytest.skip(icinga2.missing(), allow_module_level=True)

HOST = "www.example.test"
HOST_SHOWN = f"{HOST} (ウェブ)"
AT = f"@{NOW}"
OFFICE, ONCALL, LEAD = "office@example.test", "oncall@example.test", "lead@example.test"
# Short enough for a test; the week is one long office day.
CONSTANTS = {
    "CertRenewalCheckInterval": "2s",
    "CertRenewalRetryInterval": "1s",
    "CertRenewalCheckAttempts": "2",
    "CertRenewalReminder": "3s",
    "CertRenewalEscalation": "2s",
    "CertRenewalOfficeHours": "{ " + "; ".join(
        f'{day} = "00:00-24:00"' for day in
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")) + " }",
    "CertRenewalDocs": '"https://docs.example.test/findings.md"',
}
HOSTILE = {
    "shell": "$(touch {marker})`touch {marker}`;touch {marker}&&\"'",
    "html": "<script>alert(1)</script><b>'\"&amp;",
    "macro": "$host.name$ $user.email$ %{marker}",
}


class Scene:
    """The servers that are checked, and the Icinga that checks them."""

    def __init__(self, directory, pki, start):
        self.directory = directory
        self.marker = directory / "marker"
        self.pki = pki
        self.healthy = start.python(pki.chain(HOST, not_before=NOW - 10 * DAY, not_after=NOW + 80 * DAY))
        self.overdue = start.python(pki.chain(HOST, not_before=NOW - 70 * DAY, not_after=NOW + 20 * DAY))
        self.late = start.python(pki.chain(HOST, not_before=NOW - 85 * DAY, not_after=NOW + 5 * DAY))
        # Renewed during the test.
        self.story = start.python(pki.chain(HOST, not_before=NOW - 10 * DAY, not_after=NOW + 80 * DAY))
        self.contexts = {left: start.context(pki.chain(HOST, not_before=NOW - (90 - left) * DAY,
                                                       not_after=NOW + left * DAY)) for left in (20, 90)}
        self.hostile = {name: start.bare([self._hostile(text)]) for name, text in HOSTILE.items()}
        self.file = pki.write("icinga-file.pem", *pki.chain("file.example.test"))
        self.agent = icinga2.Agent(directory / "agent", pki)
        try:
            self.icinga = icinga2.Icinga2(directory / "icinga", pki, self.agent, self._hosts(), CONSTANTS)
        except BaseException:
            self.agent.close()
            raise
        self.icinga.act("reschedule-check", '"line" in service.templates', force=True)

    def close(self):
        self.icinga.close()
        self.agent.close()

    def _hostile(self, text):
        text = text.replace("{marker}", str(self.marker))
        issuer = authority(common_name(text))
        return self.pki.leaf(common_name(text), issuer=issuer, names=[dns(text)])

    def settings(self, server, **more):
        return {"cert_renewal_hostname": HOST, "cert_renewal_port": server.port,
                "cert_renewal_rootcert": self.pki.root_file, "cert_renewal_at": AT, **more}

    def _hosts(self):
        certificates = {
            "healthy": self.settings(self.healthy, business_service="Web shop", criticality="A"),
            "overdue": self.settings(self.overdue),
            "late": self.settings(self.late, business_owner="Verkauf"),
            "story": self.settings(self.story),
            **{f"hostile {name}": self.settings(server) for name, server in self.hostile.items()},
        }
        files = {"disk": {"cert_renewal_file": str(self.file), "cert_renewal_at": AT},
                 "unknown": {"cert_renewal_file": str(self.directory / "missing.pem")}}
        users = "".join(f"object User {icinga2.quote(name)} {{ email = {icinga2.quote(to)}\n"
                        f"vars.cert_renewal = [ {icinga2.quote(name)} ] }}\n"
                        for name, to in (("office", OFFICE), ("oncall", ONCALL), ("escalation", LEAD)))
        return f"""
            object Host "{HOST}" {{
                display_name = {icinga2.quote(HOST_SHOWN)}
                check_command = "dummy"
                address = "127.0.0.1"
                vars.cert_renewal = {icinga2.quote(certificates)}
                vars.cert_renewal_files = {icinga2.quote(files)}
                vars.agent_endpoint = {icinga2.quote(self.agent.node)}
            }}
            {users}
            {self._command_lines()}
        """

    def _command_lines(self):
        """Services whose command line is looked at: by the CheckCommand, and by the one of the Director."""
        text = rendered_basket() + f"""
            object Host "v6.example.test" {{ check_command = "dummy"; address6 = "::1" }}
            object Host "named.example.test" {{ check_command = "dummy"; address = "{HOST}" }}
            template Service "line" {{
                import "cert-renewal"
                vars.cert_renewal_verbose = false
                enable_notifications = false
                check_interval = 1d // see check_now
                retry_interval = 1d
            }}
        """
        for command in ("cert_renewal", "director"):
            for name, (host, variables, _) in COMMAND_LINES.items():
                text += f"object Service {icinga2.quote(f'{command} {name}')} {{\nimport \"line\"\n" \
                        f"host_name = {icinga2.quote(host)}\ncheck_command = {icinga2.quote(command)}\n" + \
                        "".join(f"vars.{key} = {icinga2.quote(value)}\n" for key, value in variables.items()) + "}\n"
        return text


def options():
    """All long options of --help, with whether they take a value: "", "=" or "[="."""
    text = subprocess.run([plugin.path(), "--help"], capture_output=True, text=True).stdout
    found = dict(re.findall(r"(?m)^ +(?:-\w, )?--([A-Za-z0-9-]+)(\[?=?)", text))
    assert {"hostname": "=", "history": "[=", "help": ""}.items() <= found.items()
    return found


def variable(option):
    return "cert_renewal_" + option.lower().replace("-", "_")


def everything():
    """A value for each variable, and each option's name."""
    arguments = {name: kind for name, kind in options().items() if name not in ("help", "version")}
    return {variable(name): f"value of {name}" if kind == "=" or name == "extra-opts" else True
            for name, kind in arguments.items()}, set(arguments)


# name: host, variables, the arguments that have to come (None: see test_every_option)
COMMAND_LINES = {
    "nothing": (HOST, {}, ["--hostname", HOST, "--IP-address", "127.0.0.1"]),
    "v6": ("v6.example.test", {}, ["--hostname", "v6.example.test", "--IP-address", "::1"]),
    "named": ("named.example.test", {}, ["--hostname", "named.example.test"]),
    "v4": ("v6.example.test", {"cert_renewal_use_ipv4": True}, ["--hostname", "v6.example.test", "--use-ipv4"]),
    "pool": (HOST, {"cert_renewal_all_addresses": True}, ["--hostname", HOST, "--all-addresses"]),
    "files": (HOST, {"cert_renewal_file": ["a b.pem", "c;`d`.pem"]}, ["--file", "a b.pem", "--file", "c;`d`.pem"]),
    "file and name": (HOST, {"cert_renewal_file": "a.pem", "cert_renewal_hostname": "x.example.test"},
                      ["--hostname", "x.example.test", "--IP-address", "127.0.0.1", "--file", "a.pem"]),
    "resolved": (HOST, {"cert_renewal_ip_address": []}, ["--hostname", HOST]),
    "names": (HOST, {"cert_renewal_hostname": ["a.test", "b.test"], "cert_renewal_ip_address": []},
              ["--hostname", "a.test", "--hostname", "b.test"]),
    "verbose": (HOST, {"cert_renewal_ip_address": [], "cert_renewal_verbose": 2},
                ["--hostname", HOST, "--verbose", "--verbose"]),
    "history": (HOST, {"cert_renewal_ip_address": [], "cert_renewal_history": True}, ["--hostname", HOST, "--history"]),
    "history in a file": (HOST, {"cert_renewal_ip_address": [], "cert_renewal_history": True,
                                 "cert_renewal_history_file": "/nonexistent/h"},
                          ["--hostname", HOST, "--history=/nonexistent/h"]),
    "everything": (HOST, everything()[0], None),
}
# Presets that the Director cannot have as variables: an empty array is not to be told from none.
DIRECTOR_LINES = [name for name in COMMAND_LINES if "ip_address" not in str(COMMAND_LINES[name][1])]


def rendered_basket():
    """The basket's command as the Director deploys it."""
    basket = json.loads(icinga2.shipped("director-basket.json").read_text())
    command = basket["Command"]["cert_renewal"]
    lines = []
    for key, argument in command["arguments"].items():
        lines.append(f"{icinga2.quote(key)} = {{")
        for name, value in argument.items():
            if name == "set_if_format":
                continue
            if isinstance(value, dict):
                value = f"{{{{ {value['body']} }}}}"
            elif name == "set_if" and argument["set_if_format"] == "expression":
                value = f"{{{{ {value} }}}}"
            else:
                value = value if name == "order" else icinga2.quote(value)
            lines.append(f"{name} = {value}")
        lines.append("}")
    return f"object CheckCommand \"director\" {{ command = [ PluginDir + \"/{command['command']}\" ]\n" \
           "arguments = {\n" + "\n".join(lines) + "\n} }\n"


@pytest.fixture(scope="module")
def scene(tmp_path_factory, pki, start_module):
    scene = Scene(tmp_path_factory.mktemp("icinga2"), pki, start_module)
    yield scene
    scene.close()


@pytest.mark.parametrize("examples", [(), ("hosts.conf.example", "zones.conf.example")])
def test_shipped_files_are_valid(tmp_path, examples):
    """With the shipped constants and nothing else."""
    node = "master.example.org"
    # The example has the zones; a single Icinga has one, of its own.
    text = "include <plugins>" if examples else \
        "object Zone ZoneName { endpoints = [ NodeName ] }\nobject Endpoint NodeName { }"
    done = icinga2.Configuration(tmp_path / "icinga", node, text, zone="master", examples=examples).validate()
    assert done.returncode == 0, done.stdout
    complaints = [line for line in done.stdout.splitlines() if re.search(r"\] (warning|critical)/", line)]
    if not examples:  # nothing to apply the rules to
        complaints = [line for line in complaints if "does not match anywhere" not in line]
    assert not complaints, done.stdout
    if examples:
        assert "Instantiated 6 Services" in done.stdout, done.stdout
        assert "Instantiated 18 Notifications" in done.stdout, done.stdout


def timeless(text):
    """Without how long this run took, and without the newline at the end."""
    return re.sub(r"\bin \d+\.\d+ s\b", "in N s", text).rstrip("\n")


@pytest.mark.parametrize("name, state", [("cert-healthy", OK), ("cert-overdue", WARNING), ("cert-late", CRITICAL)])
def test_state_output_and_perfdata(scene, name, state):
    """The API and both streams have what the plugin prints, each value with its warn and crit."""
    server = getattr(scene, name.removeprefix("cert-"))
    direct = plugin.run("-H", HOST, "-I", "127.0.0.1", "-p", server.port, "-r", scene.pki.root_file, f"--at={AT}", "-v")
    service = scene.icinga.wait(name, lambda now: now["state"] == state and now["state_type"] == 1)
    result = service["last_check_result"]
    assert result["state"] == direct.code == state
    assert timeless(result["output"]) == timeless(f"CERT_RENEWAL {direct.state} - {direct.text}")
    read = plugin.parse_perfdata(" ".join(result["performance_data"]))
    expected = direct.perfdata
    assert read.keys() == expected.keys() >= {"days_to_expiry", "days_to_renewal", "time"}
    for label, item in expected.items():
        limits = {"warn": item.warn, "crit": item.crit, "min": item.min, "max": item.max}
        if label != "time":
            assert read[label] == item
        point = icinga2.poll(lambda: scene.icinga.influx.points.get((HOST, name, label)))
        path = f"icinga2.{HOST.replace('.', '_')}.services.{name}.cert_renewal.perfdata.{label}"
        stream = icinga2.poll(lambda: scene.icinga.graphite.values if f"{path}.value" in scene.icinga.graphite.values
                              else None)
        assert point and stream, (label, scene.icinga.influx.points, scene.icinga.graphite.values)
        sent = {key: value for key, value in limits.items() if value is not None}
        assert {key: value for key, value in point.items() if key != "value"} == sent
        assert {key: stream[f"{path}.{key}"] for key in limits if f"{path}.{key}" in stream} == sent
        if label != "time":
            assert point["value"] == stream[f"{path}.value"] == item.value
    assert expected["days_to_expiry"].warn == 25 and expected["days_to_expiry"].crit == 10


def test_files_by_the_agent(scene):
    """The master asks; the check runs on the other Icinga, which knows the CheckCommand only."""
    for name, state, words in (("cert-file-disk", WARNING, "overdue"), ("cert-file-unknown", UNKNOWN, "missing.pem")):
        service = scene.icinga.wait(name, lambda now: now["last_check_result"] is not None
                                    and now["last_check_result"]["check_source"] == scene.agent.node
                                    and words in now["last_check_result"]["output"])
        assert service["state"] == state


def test_variables_for_dashboards_and_links(scene):
    service = scene.icinga.checked("cert-healthy")
    assert service["notes_url"] == "https://docs.example.test/findings.md"
    assert service["vars"]["business_service"] == "Web shop"
    assert service["vars"]["criticality"] == "A"
    assert service["vars"]["business_owner"] == ""


@pytest.mark.parametrize("command, name", [("cert_renewal", name) for name in COMMAND_LINES] +
                         [("director", name) for name in DIRECTOR_LINES])
def test_command_line(scene, command, name):
    host, _, expected = COMMAND_LINES[name]
    argv = scene.icinga.checked(f"{command} {name}", host)["last_check_result"]["command"]
    assert argv[0] == str(icinga2.PROGRAM)
    if expected is not None:
        assert argv[1:] == expected
        return
    variables, names = everything()
    given = {word.removeprefix("--").split("=")[0] for word in argv[1:] if word.startswith("--")}
    assert given == names
    for option in names:
        if isinstance(text := variables[variable(option)], str):
            assert f"--{option}={text}" in argv or argv[argv.index(f"--{option}") + 1] == text


def test_every_option_has_its_help(scene):
    """Of each argument the description is what --help says."""
    command = scene.icinga.get("/v1/objects/checkcommands/cert_renewal")["results"][0]["attrs"]
    text = " ".join(subprocess.run([plugin.path(), "--help"], capture_output=True, text=True).stdout.split())
    assert len(command["arguments"]) >= len(everything()[1])
    for key, argument in command["arguments"].items():
        assert " ".join(argument["description"].split()) in text, key


def test_basket():
    """Each argument of the Director's command has its field."""
    basket = json.loads(icinga2.shipped("director-basket.json").read_text())
    command = basket["Command"]["cert_renewal"]
    fields = {int(number): field for number, field in basket["Datafield"].items()}
    assert {item["datafield_id"] for item in command["fields"]} == set(fields)
    variables = [field["varname"] for field in fields.values()]
    assert len(set(variables)) == len(variables)
    used = set(re.findall(r"\$(cert_renewal_\w+)\$", json.dumps(command["arguments"])))
    assert set(variables) <= used and used - set(variables) <= {"cert_renewal_targets"}
    kinds = {field["varname"]: field["datatype"].rsplit("DataType", 1)[1] for field in fields.values()}
    assert kinds["cert_renewal_hostname"] == "Array"
    assert kinds["cert_renewal_all_addresses"] == "Boolean"
    assert kinds["cert_renewal_warning"] == "String"
    assert basket["ServiceTemplate"]["cert-renewal"]["check_command"] == command["object_name"]


def test_story_with_escalation(scene):
    """OK, renewal fails, WARNING to the office, escalated, repaired: the recovery goes to both."""
    icinga, service = scene.icinga, "Certificate story"
    icinga.wait("cert-story", lambda now: now["state"] == OK and now["last_check_result"] is not None)
    scene.story.context = scene.contexts[20]
    office = icinga.wait_for_mails(1, OFFICE, "PROBLEM WARNING", service)
    assert "automatic renewal overdue" in office[0].get_content()
    lead = icinga.wait_for_mails(1, LEAD, "PROBLEM WARNING", service)
    assert lead[0].moment - office[0].moment > 1, "escalated at once"
    scene.story.context = scene.contexts[90]
    icinga.wait("cert-story", lambda now: now["state"] == OK)
    for to in (OFFICE, LEAD):
        icinga.wait_for_mails(1, to, "RECOVERY OK", service)
    assert not icinga.mails(ONCALL, service)


def test_critical_goes_to_oncall_at_once_and_again(scene):
    service = "Certificate late"
    mails = scene.icinga.wait_for_mails(2, ONCALL, "PROBLEM CRITICAL", service)
    assert not scene.icinga.mails(OFFICE, service)
    body = mails[0].get_content()
    assert body.startswith("CERT_RENEWAL CRITICAL - ")
    assert "Owner: Verkauf\n" in body
    assert "What to do: https://docs.example.test/findings.md#expiry\n" in body
    assert mails[0].get_all("X-Argument") == ["-oi", "-f", "icinga@localhost", "--", ONCALL]


def test_acknowledgement(scene):
    """Who was told of the problem is told that somebody is on it, in the words that were typed."""
    scene.icinga.wait("cert-file-disk", lambda now: now["state"] == WARNING and now["state_type"] == 1)
    comment = f"Neues Zertifikat bestellt; `touch {scene.marker}` $(touch {scene.marker}) $host.name$ <b>日本</b>"
    scene.icinga.act("acknowledge-problem", 'service.name == "cert-file-disk"', author="Web & Co", comment=comment,
                     notify=True)
    mail = scene.icinga.wait_for_mails(1, OFFICE, "ACKNOWLEDGEMENT WARNING", "Certificate files disk")[0]
    assert f"\nComment by Web & Co: {comment}\n" in mail.get_content()
    assert scene.icinga.service("cert-file-disk")["acknowledgement"] == 1
    assert not scene.marker.exists()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_do_no_harm(scene, name):
    """What a server calls itself arrives as text, in Icinga and in the mail, and nothing of it is run."""
    text = HOSTILE[name].replace("{marker}", str(scene.marker))
    service = f"Certificate hostile {name}"
    result = scene.icinga.wait(f"cert-hostile {name}", lambda now: now["state_type"] == 1)["last_check_result"]
    assert result["state"] == CRITICAL
    server = scene.hostile[name]
    direct = plugin.run("-H", HOST, "-I", "127.0.0.1", "-p", server.port, "-r", scene.pki.root_file, f"--at={AT}", "-v")
    assert text in direct.text, "the plugin does not quote the name: this test would show nothing"
    mail = scene.icinga.wait_for_mails(1, ONCALL, "PROBLEM CRITICAL", service)[0]
    body = mail.get_content()
    assert text in result["output"] and text in body
    assert timeless(result["output"]) == timeless(f"CERT_RENEWAL CRITICAL - {direct.text}")
    assert timeless(body).startswith(timeless(result["output"]) + "\n\nHost: ")
    assert mail["Subject"] == f"PROBLEM CRITICAL: {service} on {HOST_SHOWN}"
    assert mail.get_content_type() == "text/plain"
    assert not scene.marker.exists()


def test_log_has_no_complaints(scene):
    """Neither about our objects nor about the performance data."""
    for name in ("cert-healthy", "cert-overdue", "cert-late"):
        scene.icinga.checked(name)
    complaints = [line for line in scene.icinga.log().splitlines()
                  if re.search(r"\] (warning|critical)/", line) and "ApiListener" not in line]
    assert not complaints, "\n".join(complaints)
