# SPDX-License-Identifier: GPL-3.0-or-later
"""contrib/pnp4nagios: the template is included by a real PHP as PNP4Nagios does it, and a real rrdtool draws what
it asks for, from RRD files that hold what the plugin said day by day."""

import json
import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from pki import DAY, NOW
from plugin import run

CONTRIB = Path(__file__).parents[2] / "contrib" / "pnp4nagios"
# What PNP4Nagios 0.6 understands: its process_perfdata.pl.
PERFDATA = re.compile(r"([^=]+)=([\d.\-]+)([\w/%]*);?([\d.\-:~@]+)?;?([\d.\-:~@]+)?;?([\d.\-]+)?;?([\d.\-]+)?;?\s*")
# As PNP4Nagios includes a template: in a method, arrays that begin at 1, output thrown away.
INCLUDE = r"""<?php
error_reporting(E_ALL);
set_error_handler(function ($number, $text, $file, $line) { fwrite(STDERR, "$text in line $line\n"); exit(1); });
class Data {
	function includeTemplate($template, $input) {
		$hostname = $input['hostname'];
		$servicedesc = $input['servicedesc'];
		$def = FALSE;
		$opt = FALSE;
		$ds_name = FALSE;
		foreach ($input['DS'] as $key => $val) {
			$key++;
			foreach (array_keys($val) as $tag) {
				${$tag}[$key] = $val[$tag];
			}
		}
		ob_start();
		include($template);
		ob_end_clean();
		return array('def' => $def, 'opt' => $opt, 'ds_name' => $ds_name);
	}
}
$data = new Data();
$input = json_decode(stream_get_contents(STDIN), true);
$data->includeTemplate($argv[1], $input);
echo json_encode($data->includeTemplate($argv[1], $input));
"""

needs = pytest.mark.skipif(not (shutil.which("php") and shutil.which("rrdtool")),
                           reason="needs php and rrdtool (./bootstrap --tests installs them)")


def rrdtool(*args, stdin=None):
    done = subprocess.run(["rrdtool", *map(str, args)], input=stdin, capture_output=True, timeout=60)
    assert done.returncode == 0 and done.stderr == b"", done
    return done.stdout


def parse(perfdata):
    """(label, value, unit, warn, crit, min, max) as PNP4Nagios takes performance data apart."""
    items = []
    while perfdata:
        match = PERFDATA.match(perfdata)
        assert match, perfdata
        items.append([(group or "") for group in match.groups()])
        items[-1][0] = items[-1][0].replace("'", "")
        perfdata = perfdata[match.end():]
    return items


class Pnp:
    """A service of PNP4Nagios: an RRD file for each value, as check_cert_renewal.cfg says."""

    def __init__(self, directory, hostname="web1", servicedesc="Certificate"):
        """The names are for titles; the files have a harmless one, as in PNP4Nagios."""
        self.directory, self.hostname, self.servicedesc = directory, hostname, servicedesc
        self.last, self.updates = {}, {}
        settings = dict(re.findall(r"^(\w+) = (\w+)$", (CONTRIB / "check_cert_renewal.cfg").read_text(), re.MULTILINE))
        assert settings["RRD_STORAGE_TYPE"] == "MULTIPLE"
        self.heartbeat = settings["RRD_HEARTBEAT"]

    def take(self, when, result):
        self.last = {item[0]: item for item in parse(result.first.partition("|")[2])}
        for label, item in self.last.items():
            self.updates.setdefault(label, []).append(f"{when}:{item[1]}")

    def file(self, label):
        return self.directory / f"service_{re.sub('[ :/]', '_', label)}.rrd"

    def store(self):
        for label, updates in self.updates.items():
            begin = int(updates[0].partition(":")[0]) - 60
            rrdtool("create", self.file(label), "RRA:AVERAGE:0.5:360:5840", "RRA:MIN:0.5:360:5840",
                    "RRA:MAX:0.5:360:5840", f"DS:1:GAUGE:{self.heartbeat}:U:U", f"--start={begin}", "--step=60")
            rrdtool("update", self.file(label), *updates)

    def template(self):
        """What the template makes of it: {label: (options, instructions)}."""
        sources = [{"TEMPLATE": "check_cert_renewal", "RRDFILE": str(self.file(label)), "RRD_STORAGE_TYPE": "MULTIPLE",
                    "RRD_HEARTBEAT": self.heartbeat, "IS_MULTI": "0", "DS": "1", "NAME": label, "LABEL": label,
                    "UNIT": unit, "ACT": value, "WARN": warn, "CRIT": crit, "MIN": low, "MAX": high}
                   for label, value, unit, warn, crit, low, high in self.last.values()]
        program = self.directory / "include.php"
        program.write_text(INCLUDE)
        done = subprocess.run(["php", "-n", program, CONTRIB / "check_cert_renewal.php"], capture_output=True, timeout=60,
                              input=json.dumps({"hostname": self.hostname, "servicedesc": self.servicedesc,
                                                "DS": sources}).encode())
        assert done.returncode == 0 and done.stderr == b"", done
        answer = json.loads(done.stdout)
        assert answer["def"].keys() == answer["opt"].keys() == answer["ds_name"].keys()
        return {answer["ds_name"][key]: (answer["opt"][key], answer["def"][key]) for key in answer["def"]}

    def graph(self, begin, end, opt, definition, more=""):
        """PNP4Nagios writes one line to `rrdtool -`."""
        assert "\n" not in opt + definition
        command = f" graph - --width=500 --height=100{more} --start {begin} --end {end} {opt} {definition}\n"
        return rrdtool("-", stdin=command.encode())

    def picture(self, *args):
        png = self.graph(*args)
        assert png.startswith(b"\x89PNG\r\n\x1a\n"), png[:200]
        width, height = struct.unpack(">II", png[16:24])
        assert width > 500 and height > 100
        return png

    def numbers(self, *args):
        """{legend: values}: what the graph's lines and areas are drawn from."""
        text = self.graph(*args, " --imgformat=JSON").decode()
        answer = json.loads(text[text.index("{"):text.rindex("}") + 1])
        return answer["meta"]["legend"], [dict(enumerate(row)) for row in answer["data"]]


@pytest.fixture(scope="module")
def service(pki, tmp_path_factory):
    """65 days of a certificate whose renewal came 12 days late; on some days the server was down."""
    directory = tmp_path_factory.mktemp("pnp")
    first = pki.leaf(not_before=NOW, not_after=NOW + 45 * DAY)
    second = pki.leaf(not_before=NOW + 42 * DAY, not_after=NOW + 87 * DAY)
    files = [pki.write("pnp-first.pem", first), pki.write("pnp-second.pem", second)]
    pnp = Pnp(directory)
    for day in range(1, 65):
        if day not in range(20, 24):
            pnp.take(NOW + day * DAY, run("-f", files[day > 42], f"--at=@{NOW + day * DAY}"))
    pnp.store()
    return pnp


def drawn(pnp, label, begin, end):
    """The values of the instructions called days, ok, late and over, by what they are in the template."""
    opt, definition = pnp.template()[label]
    names = re.findall(r"\b(?:AREA|LINE1):(\w+)", definition)
    legend, rows = pnp.numbers(begin, end, opt, definition)
    assert len(legend) == len(names), (legend, definition)
    return {name: [row[column] for row in rows if row[column] is not None] for column, name in enumerate(names)}


@needs
def test_graphs(service):
    """Each picture is drawn, and drawn from the right values."""
    span = NOW + DAY, NOW + 64 * DAY
    graphs = service.template()
    assert list(graphs) == ["days_to_expiry", "days_to_renewal", "time"]
    for opt, definition in graphs.values():
        service.picture(*span, opt, definition)
    definition = graphs["days_to_expiry"][1]
    assert "HRULE:12.5#" in definition and "HRULE:5#" in definition and "lifetime 45 days" in definition

    values = drawn(service, "days_to_expiry", *span)
    assert min(values["days"]) < 5 and max(values["days"]) > 42
    assert values["ok"] and min(values["ok"]) >= 12.5
    assert values["late"] and 5 <= min(values["late"]) and max(values["late"]) < 12.5
    assert values["over"] and max(values["over"]) < 5
    assert len(values["days"]) == sum(len(values[part]) for part in ("ok", "late", "over"))
    # No value was made up for the days on which the server was down.
    down = drawn(service, "days_to_expiry", NOW + 21 * DAY, NOW + 22 * DAY)
    assert down["days"] == []

    values = drawn(service, "days_to_renewal", *span)
    assert values["due"] and min(values["due"]) >= 0
    assert -12 <= min(values["overdue"]) < -10 and max(values["overdue"]) < 0
    time = drawn(service, "time", *span)["value"]
    assert time and 0 <= min(time) and max(time) < 10


@needs
def test_many_targets_and_hostile_names(pki, write, tmp_path):
    """A graph for each certificate; what Nagios calls a host or service ends no string of rrdtool's."""
    files = [write("www.example.org.pem", pki.leaf(not_before=NOW, not_after=NOW + 90 * DAY)),
             write("a'b:c d|e.pem", pki.leaf(not_before=NOW, not_after=NOW + 45 * DAY))]
    pnp = Pnp(tmp_path, "web1\" --title \"x", "Certificate: 50%' \\\" --end 0")
    for day in range(1, 44):
        pnp.take(NOW + day * DAY, run("-f", files[0], "-f", files[1], f"--at=@{NOW + day * DAY}", targets=2))
    pnp.store()
    graphs = pnp.template()
    assert len(graphs) == 3 and list(graphs)[-1] == "time"
    limits = []
    for label, (opt, definition) in graphs.items():
        pnp.picture(NOW + DAY, NOW + 43 * DAY, opt, definition)
        limits.append(re.findall(r"HRULE:([\d.]+)#", definition))
    assert sorted(limits) == [[], ["12.5", "5"], ["25", "10"]]
    label = next(label for label in graphs if label.endswith("www.example.org.pem_days_to_expiry"))
    assert 46 < min(drawn(pnp, label, NOW + DAY, NOW + 43 * DAY)["days"]) < 48


@needs
def test_nothing_but_time(start, tmp_path):
    """A server that is down from the first day on: the template still has something to draw."""
    refused = start.refusing()
    pnp = Pnp(tmp_path)
    for day in (1, 2):
        pnp.take(NOW + day * DAY, run("-H", "127.0.0.1", "-p", refused.port, f"--at=@{NOW + day * DAY}"))
    pnp.store()
    graphs = pnp.template()
    assert list(graphs) == ["time"]
    pnp.picture(NOW + DAY, NOW + 2 * DAY, *graphs["time"])


def test_readme():
    """PNP4Nagios finds the template by the name of the command: README.md names all of contrib/nagios."""
    [listed] = re.findall(r"for name in ([a-z ]+); do", (CONTRIB / "README.md").read_text())
    commands = (CONTRIB.parent / "nagios" / "commands.cfg").read_text()
    assert set(listed.split()) == set(re.findall(r"command_name\s+check_cert_renewal_(\w+)", commands))
