# SPDX-License-Identifier: GPL-3.0-or-later
"""contrib/checkmk: the local check, run as the agent runs it, on servers of this machine. Its output is
taken apart as Checkmk's documentation of local checks says."""

import datetime
import os
import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from pki import DAY, dns, name
from plugin import CRITICAL, OK, UNKNOWN, WARNING, clean, path as plugin, run

CONTRIB = Path(__file__).parents[2] / "contrib" / "checkmk"
LOCAL_CHECK = CONTRIB / "cert_renewal"
LINE = re.compile(r'([0-3]) (?:"([^"\']+)"|([^ "\']+)) ([^ ]+) (.*)')
METRIC = re.compile(r"([A-Za-z0-9_]+)=(-?[0-9.]+)((?:;-?[0-9.]*)*)")
HOST = "www.example.test"


@dataclass
class Service:
    state: int
    metrics: dict  # the numbers after '=', None for an empty one
    text: str
    details: list


def seconds(date):
    return int(datetime.datetime.fromisoformat(f"{date}T00:00:00+00:00").timestamp())


def parse(output):
    """Service by name, as Checkmk's agent section `local` has them."""
    services = {}
    for line in output.removesuffix("\n").split("\n"):
        assert clean(line) == [], line
        match = LINE.fullmatch(line)
        assert match, line
        state, quoted, bare, metrics, text = match.groups()
        found = {}
        for item in [] if metrics == "-" else metrics.split("|"):
            metric = METRIC.fullmatch(item)
            assert metric and metric[1] not in found, line
            found[metric[1]] = [float(number) if number else None for number in (metric[2] + metric[3]).split(";")]
        summary, *details = text.split("\\n")
        assert "\\" not in text.replace("\\n", ""), line
        services[quoted or bare] = Service(int(state), found, summary, details)
    return services


@pytest.fixture
def local_check(tmp_path):
    configuration = tmp_path / "cert_renewal.cfg"

    def local_check(*lines, use=None, mode=0o644, raw=False):
        if lines:
            configuration.write_text("\n".join([f"plugin={use or plugin()}", *lines, ""]), "utf-8")
            configuration.chmod(mode)
        done = subprocess.run([LOCAL_CHECK], capture_output=True, timeout=60,
                              env={"PATH": os.environ["PATH"], "LC_ALL": "C", "MK_CONFDIR": str(tmp_path)})
        assert (done.returncode, done.stderr) == (0, b""), done
        output = done.stdout.decode("utf-8")
        return output if raw else parse(output)

    return local_check


def test_states(pki, start, local_check):
    """Each state of a real server, with the plugin's own words and numbers."""
    chain = pki.chain()
    server, refused = start.openssl(chain), start.refusing()

    def line(service, left, port=server.port, more=""):
        return f'"{service}" -H {HOST} -I 127.0.0.1 -p {port} -r {pki.root_file} {chain[0].at(left)} {more}'

    services = local_check(line("Certificate fine", 62 * DAY), line("Certificate late", 20 * DAY),
                           line("Certificate nearly over", 8 * DAY), line("Certificate over", -2 * DAY),
                           line("Nobody there", 20 * DAY, refused.port), "", "# a comment",
                           line("Wrong option", 20 * DAY, more="-w 20days"))
    assert list(services) == ["Certificate fine", "Certificate late", "Certificate nearly over", "Certificate over",
                              "Nobody there", "Wrong option"]
    assert [service.state for service in services.values()] == [OK, WARNING, CRITICAL, CRITICAL, CRITICAL, UNKNOWN]
    assert services["Certificate late"].metrics["days_to_expiry"] == [20, 25, 10, None, 90]
    assert services["Certificate late"].metrics["days_to_renewal"] == [-10]
    assert services["Certificate over"].metrics["days_to_expiry"] == [-2, 25, 10, None, 90]
    assert 0 <= services["Certificate fine"].metrics["response_time"][0] < 10
    assert list(services["Nobody there"].metrics) == ["response_time"]
    assert services["Wrong option"].metrics == {}
    assert "20days" in services["Wrong option"].text

    late = run("-H", HOST, "-I", "127.0.0.1", "-p", server.port, "-r", pki.root_file, chain[0].at(20 * DAY))
    assert services["Certificate late"].text == late.headline
    assert services["Certificate late"].details == [f"[{item.state}] {item.text}" for item in late.findings]


def test_hostile_names(pki, local_check, write, tmp_path):
    """What a certificate and a configuration call themselves stays text of one service."""
    evil = "evil\\n0 \"Certificate x\" - fine\n2 Other - bad|a=1;2 $(touch owned) `touch owned` '<b>\\"
    leaf = pki.leaf(name(("CN", evil)), names=[dns(b"evil\n\\n\"'|=1.example.test")])
    file = write("leaf.pem", leaf)
    odd = write("a b'; touch owned.pem", pki.leaf())
    at = leaf.at(20 * DAY)
    services = local_check(f'"Umlaut ü\t \'x\'" -f {file} --sni={HOST} -vv {at}',
                           f'"$(touch owned); `touch owned`" -f "{odd}" {at}',
                           f"Files -f {file} -f \"{odd}\" {at}")
    assert list(services) == ["Umlaut ü x", "$(touch owned); `touch owned`", "Files"]
    assert [service.state for service in services.values()] == [CRITICAL, WARNING, WARNING]
    assert any("evil" in line for line in services["Umlaut ü x"].details)
    assert {"days_to_expiry", "days_to_renewal"} <= set(services["Umlaut ü x"].metrics)
    days = [values for label, values in services["Files"].metrics.items() if label.endswith("_days_to_expiry")]
    assert days == [[20, 25, 10, None, 90]] * 2
    assert not (tmp_path / "owned").exists() and not Path("owned").exists()


def test_wrong_configuration(local_check, tmp_path):
    """A service that is UNKNOWN says what to repair."""
    whole = "Certificate renewal"
    assert "No such file" in local_check()[whole].text
    assert "names no service" in local_check("# nothing")[whole].text
    refused = local_check("A -H x", mode=0o646)
    assert refused[whole].state == UNKNOWN and "everybody" in refused[whole].text

    services = local_check('"not closed -H x', "alone", f"twice -f {tmp_path}/none", "twice -H x", "-H x")
    texts = {label: service.text for label, service in services.items()}
    assert {service.state for service in services.values()} == {UNKNOWN}
    assert "line 2: No closing quotation" in texts[f"{whole} line 2"]
    assert "nothing to check" in texts["alone"]
    assert "the name is taken: twice" in texts[f"{whole} line 5"]
    assert "begins with no service name" in texts[f"{whole} line 6"]
    assert "none" in texts["twice"]


def test_plugin_that_is_broken(local_check, tmp_path):
    """No plugin, and one that dies: UNKNOWN, never OK."""
    assert "No such file" in local_check("A -H x", use=tmp_path / "none")["A"].text
    dying = tmp_path / "dying"
    dying.write_text("#!/bin/sh\necho half an answer\nkill -9 $$\n")
    dying.chmod(0o755)
    service = local_check("A -H x", use=dying)["A"]
    assert service.state == UNKNOWN and "ended with -9" in service.text and service.details == []


def test_readme(pki, start, local_check):
    """The sample in README.md is what comes out, and its configuration is the one that is installed."""
    readme = (CONTRIB / "README.md").read_text()
    chain = pki.chain("www.example.org", not_before=seconds("2026-10-01"), not_after=seconds("2026-12-30"))
    server = start.openssl(chain)
    line = local_check(f'"Certificate www.example.org" -H www.example.org -I 127.0.0.1 -p {server.port} '
                       f"-r {pki.root_file} --at=2026-12-10", raw=True)
    [sample] = [line for line in readme.split("\n") if line.startswith("    1 ")]

    def comparable(line):
        return re.sub(r"response_time=[0-9.]+", "response_time=0.01", line.replace(f"org:{server.port}:", "org:")).strip()
    assert comparable(line) == comparable(sample)

    configuration = [line for line in (CONTRIB / "cert_renewal.cfg").read_text().split("\n") if line.startswith('"')]
    assert configuration and all(f"    {line}\n" in readme for line in configuration)
    options = {word for line in configuration for word in shlex.split(line)[1:] if word.startswith("-")}
    usage = subprocess.run([plugin(), "--help"], capture_output=True, text=True).stdout
    assert all(f"\n  {option}, " in usage for option in options), options
