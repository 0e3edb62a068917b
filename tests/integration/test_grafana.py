# SPDX-License-Identifier: GPL-3.0-or-later
"""contrib/grafana: each query of the dashboards is taken out of the JSON, its variables filled in as Grafana
does it, and put to a real InfluxDB and a real graphite-web. These hold what a real Icinga 2 writes: the lines
below are those that its InfluxdbWriter and GraphiteWriter sent (2.13), with other names, numbers and times."""

import json
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from pki import DAY, HOUR
from plugin import run
from timeseries import Graphite, InfluxDB, get

CONTRIB = Path(__file__).parents[2] / "contrib" / "grafana"
DASHBOARDS = {kind: json.loads((CONTRIB / f"certificates-{kind}.json").read_text()) for kind in ("influxdb", "graphite")}
STEP = 6 * HOUR
DAYS_SHOWN = 90
# Variables that Grafana has by itself.
BUILT_IN = {"timeFilter", "__interval"}


# --- The dashboards as files -------------------------------------------------------------------


def objects(node):
    """Every object of a JSON tree."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else []:
        yield from objects(child)


def text_of(target):
    return target.get("query") or target["target"]


def queries(dashboard):
    """(panel's or annotation's title, refId, text) of every query but those of variables."""
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["refId"], text_of(target)
    for annotation in dashboard["annotations"]["list"]:
        yield annotation["name"], annotation["target"]["refId"], text_of(annotation["target"])


def query(dashboard, title, ref="A"):
    found = [text for name, letter, text in queries(dashboard) if (name, letter) == (title, ref)]
    assert len(found) == 1, (title, ref)
    return found[0]


VARIABLE = re.compile(r"\$\{(\w+)(?::(\w+))?\}|\$(\w+)")


# Every query that a dashboard has; below, each is asked.
CHARTS = {("State", "A"), ("Days to expiry", "A"), ("Days to expiry", "B"), ("Days to expiry", "C"),
          ("Days to renewal", "A"), ("Time of the check", "A"), ("Renewals", "Anno"), ("Most urgent first", "A")}
ASKED = {"influxdb": CHARTS, "graphite": CHARTS | {("Days left", "A")}}


@pytest.mark.parametrize("kind", DASHBOARDS)
def test_structure(kind):
    """What Grafana expects of a dashboard to import."""
    dashboard = DASHBOARDS[kind]
    assert dashboard["schemaVersion"] >= 36 and dashboard["id"] is None and dashboard["uid"] and dashboard["title"]
    [source] = dashboard["__inputs"]
    assert (source["type"], source["pluginId"]) == ("datasource", kind)
    for item in objects(dashboard):
        if "datasource" in item:
            assert item["datasource"] == {"type": kind, "uid": "${" + source["name"] + "}"}

    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) and all(panel["title"] for panel in panels)
    used = {panel["type"] for panel in panels}
    assert used == {need["id"] for need in dashboard["__requires"] if need["type"] == "panel"}
    taken = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert cells and not cells & taken and max(x for x, _ in cells) < 24, panel["title"]
        taken |= cells
        refs = [target["refId"] for target in panel["targets"]]
        assert refs and len(set(refs)) == len(refs)
        for override in panel["fieldConfig"]["overrides"]:
            if override["matcher"]["id"] == "byFrameRefID":
                assert override["matcher"]["options"] in refs

    variables = [variable["name"] for variable in dashboard["templating"]["list"]]
    assert variables == ["command", "host", "service"]
    assert {(title, ref) for title, ref, _ in queries(dashboard)} == ASKED[kind]
    texts = [text for _, _, text in queries(dashboard)]
    texts += [variable["query"] for variable in dashboard["templating"]["list"]]
    names = {match[1] or match[3] for text in texts for match in VARIABLE.finditer(text)}
    assert set(variables) <= names <= set(variables) | BUILT_IN
    assert dashboard["uid"] not in [other["uid"] for name, other in DASHBOARDS.items() if name != kind]


# --- What Icinga 2 wrote -----------------------------------------------------------------------


@dataclass
class Service:
    """A service of Icinga 2 whose certificate was perhaps renewed: its perfdata at any time."""

    host: str
    name: str
    labels: dict  # label of the days to expiry: (limits and lifetime by name, [(from when, notAfter), ...])
    renew_before: float = None  # days; None with several targets

    def days(self, label, when):
        return (max(item for item in self.labels[label][1] if item[0] <= when)[1] - when) / DAY

    def state(self, when):
        worst = 0
        for label, (limits, _) in self.labels.items():
            left = self.days(label, when)
            worst = max(worst, 2 if left < limits["crit"] else 1 if left < limits["warn"] else 0)
        return worst


@pytest.fixture(scope="module")
def now():
    # Whole slots of Graphite's archives, so that both databases are asked about the same moments.
    return int(time.time()) // HOUR * HOUR


@pytest.fixture(scope="module")
def services(pki, now, tmp_path_factory):
    """Labels and limits are the plugin's own."""
    directory = tmp_path_factory.mktemp("certificates")

    def labels(*ends, lifetime=90):
        files = []
        for name, end in ends:
            files.append(directory / name)
            files[-1].write_text(pki.leaf(not_before=end - lifetime * DAY, not_after=end).pem)
        found = run(*[word for file in files for word in ("-f", file)], f"--at=@{now}", targets=len(files)).perfdata
        days = {label: item for label, item in found.items() if label.endswith("days_to_expiry")}
        assert len(days) == len(ends)
        return {label.replace(re.sub("[^A-Za-z0-9.-]", "_", f"{directory}/"), ""):
                ({"warn": item.warn, "crit": item.crit, "max": item.max}, [(0, now + round(item.value * DAY))])
                for label, item in days.items()}

    # Renewal failed for 26 days, then worked: 70 days left now.
    repaired = Service("web1.example.org", "cert https", labels(("repaired.pem", now + 70 * DAY)), 30)
    limits, ends = repaired.labels["days_to_expiry"]
    ends[:] = [(0, now - 16 * DAY), (now - 20 * DAY, ends[0][1])]
    # Overdue now, and never renewed.
    overdue = Service("mail.example.org", "cert/imap", labels(("overdue.pem", now + 20 * DAY)), 30)
    short = Service("web1.example.org", "short", labels(("short.pem", now + 13 * DAY), lifetime=45), 15)
    many = Service("web1.example.org", "files", labels(("www.example.org.pem", now + 60 * DAY),
                                                       ("a.shop.www.example.co.jp.pem", now + 5 * DAY)))
    return [repaired, overdue, short, many]


def history(services, now):
    """(service, time, metric or None for Icinga 2's own, {field: value}), as the writers divide a result."""
    for service in services:
        for when in range(now - DAYS_SHOWN * DAY, now + 1, STEP):
            for label, (limits, _) in service.labels.items():
                yield service, when, label, {"value": service.days(label, when), **limits}
            if service.renew_before:
                days = service.days("days_to_expiry", when)
                yield service, when, "days_to_renewal", {"value": days - service.renew_before}
            yield service, when, "time", {"value": 0.013}
            yield service, when, None, {"state": service.state(when)}


def all_series(services):
    """{(host, service, label)} of the days to expiry."""
    return {(service.host, service.name, label): service for service in services for label in service.labels}


def most_urgent_first(services, now):
    left = {key: service.days(key[2], now) - service.labels[key[2]][0]["crit"] for key, service in all_series(services).items()}
    return sorted(left, key=left.get)


def substitute(text, variables, formats):
    """Variables as Grafana fills them in: ${name}, ${name:format} or $name."""
    def one(match):
        value = variables[match[1] or match[3]]
        return formats[match[2]](value) if match[2] else value
    return VARIABLE.sub(one, text)


# --- InfluxDB ----------------------------------------------------------------------------------


def regex_format(value):
    """Grafana's format `regex`; what stands for All goes in as it is."""
    if value == ".*":
        return value
    escaped = [re.sub(r"[\\^$*+?.()|[\]{}/]", r"\\\g<0>", item) for item in value]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def line_protocol(service, when, metric, fields):
    """As InfluxdbWriter sent it: measurement and tags are Icinga 2's defaults."""
    def escape(text):
        return re.sub(r"[ ,=]", r"\\\g<0>", text)
    tags = f"cert_renewal,hostname={escape(service.host)},service={escape(service.name)}"
    if metric is None:
        return (f"{tags} acknowledgement=0i,current_attempt=1i,downtime_depth=0i,execution_time=0.016414,latency=0.000535,"
                f"max_check_attempts=2i,reachable=true,state={fields['state']}i,state_type=1i {when}")
    unit = 'unit="seconds",' if metric == "time" else ""
    values = ",".join(f"{name}={fields[name]:.6f}" for name in sorted(fields))
    return f"{tags},metric={escape(metric)} {unit}{values} {when}"


@pytest.fixture(scope="module")
def influxdb(services, now, tmp_path_factory):
    if not shutil.which("influxd"):
        pytest.skip("influxdb is not installed (./bootstrap --tests installs it)")
    server = InfluxDB(tmp_path_factory.mktemp("influxdb"))
    try:
        server.query("CREATE DATABASE icinga2")
        server.write([line_protocol(*point) for point in history(services, now)])
        # Another check of the same host must not be in the way.
        server.write([f"disk,hostname=web1.example.org,service=disk,metric=days_to_expiry value=1,warn=2,crit=1 {now}"])
        yield server
    finally:
        server.close()


class Influx:
    """The dashboard with values chosen."""

    def __init__(self, server, now, host=".*", service=".*"):
        self.server = server
        self.variables = {"command": "cert_renewal", "host": host, "service": service, "__interval": "1d",
                          "timeFilter": f"time >= {now - DAYS_SHOWN * DAY}000ms and time <= {now}000ms"}

    def ask(self, text):
        return self.server.query(substitute(text, self.variables, {"regex": regex_format, "raw": str}))

    def panel(self, title, ref="A"):
        return self.ask(query(DASHBOARDS["influxdb"], title, ref))

    def series(self, title, ref="A"):
        """{(host, service, label): [(time, value), ...]}"""
        return {(item["tags"]["hostname"], item["tags"]["service"], item["tags"].get("metric")): item["values"]
                for item in self.panel(title, ref)}


def influxdb_variables(influxdb, services, now):
    def values(name, **chosen):
        variable = next(item for item in DASHBOARDS["influxdb"]["templating"]["list"] if item["name"] == name)
        return sorted(value for item in Influx(influxdb, now, **chosen).ask(variable["query"]) for _, value in item["values"])

    assert values("host") == ["mail.example.org", "web1.example.org"]
    assert values("service") == ["cert https", "cert/imap", "files", "short"]
    assert values("service", host=["mail.example.org"]) == ["cert/imap"]


def influxdb_days(influxdb, services, now):
    dashboard, every = Influx(influxdb, now), all_series(services)
    days = dashboard.series("Days to expiry")
    assert days.keys() == every.keys()
    for (host, name, label), service in every.items():
        limits = service.labels[label][0]
        points = days[host, name, label]
        assert len(points) >= DAYS_SHOWN and points[-1][1] == pytest.approx(service.days(label, now), abs=0.1)
        for ref, limit in (("B", "warn"), ("C", "crit")):
            drawn = dashboard.series("Days to expiry", ref)[host, name, label]
            assert {value for _, value in drawn} == {limits[limit]}

    renewal = dashboard.series("Days to renewal")
    assert {key[1] for key in renewal} == {"cert https", "cert/imap", "short"}
    assert renewal["mail.example.org", "cert/imap", "days_to_renewal"][-1][1] == pytest.approx(-10, abs=0.1)
    assert {key[1] for key in dashboard.series("Time of the check")} == {service.name for service in services}

    one = Influx(influxdb, now, ["mail.example.org"], ["cert/imap"]).series("Days to expiry")
    assert list(one) == [("mail.example.org", "cert/imap", "days_to_expiry")]
    two = Influx(influxdb, now, service=["cert/imap", "cert https"]).series("Days to expiry")
    assert {key[1] for key in two} == {"cert/imap", "cert https"}


def influxdb_table(influxdb, services, now):
    [panel] = [panel for panel in DASHBOARDS["influxdb"]["panels"] if panel["type"] == "table"]
    rows = {(item["tags"]["hostname"], item["tags"]["service"], item["tags"]["metric"]):
            dict(zip(item["columns"], item["values"][0])) for item in Influx(influxdb, now).panel(panel["title"])}
    [sort] = panel["options"]["sortBy"]
    assert not sort["desc"]
    assert sorted(rows, key=lambda key: rows[key][sort["displayName"]]) == most_urgent_first(services, now)
    overdue = rows["mail.example.org", "cert/imap", "days_to_expiry"]
    assert {name: round(value, 1) for name, value in overdue.items() if name != "time"} == {
        "until CRITICAL": 10, "until WARNING": -5, "days left": 20, "warning": 25, "critical": 10, "lifetime": 90}
    colored = {override["matcher"]["options"] for override in panel["fieldConfig"]["overrides"]}
    assert colored <= overdue.keys()


def influxdb_states(influxdb, services, now):
    states = Influx(influxdb, now).series("State")
    assert len(states) == len(services)
    assert {value for _, value in states["web1.example.org", "cert https", None]} == {0, 1, 2}
    assert states["mail.example.org", "cert/imap", None][-1][1] == 1
    [panel] = [panel for panel in DASHBOARDS["influxdb"]["panels"] if panel["type"] == "state-timeline"]
    [mapping] = panel["fieldConfig"]["defaults"]["mappings"]
    assert [mapping["options"][str(state)]["text"] for state in range(4)] == ["OK", "WARNING", "CRITICAL", "UNKNOWN"]


def influxdb_renewals(influxdb, services, now):
    """One event, at the first check after the renewal, with a text."""
    [annotation] = DASHBOARDS["influxdb"]["annotations"]["list"]
    assert text_of(annotation["target"]).count("$timeFilter") == 1  # Grafana fills in only the first
    [series] = Influx(influxdb, now).panel("Renewals", "Anno")
    [event] = [dict(zip(series["columns"], row)) for row in series["values"]]
    assert event["time"] == now - 20 * DAY and event["renewed"] > 80
    target = annotation["target"]
    assert [event[name] for name in [target["textColumn"], *target["tagsColumn"].split(",")]] == [
        "cert https", "web1.example.org", "days_to_expiry"]
    assert Influx(influxdb, now, ["mail.example.org"]).panel("Renewals", "Anno") == []


def test_influxdb(influxdb, services, now):
    """One test, so that tests side by side share the server."""
    for check in (influxdb_variables, influxdb_days, influxdb_table, influxdb_states, influxdb_renewals):
        check(influxdb, services, now)


# --- Graphite ----------------------------------------------------------------------------------

def glob_format(value):
    """Grafana's format `glob`."""
    return value if value == "*" else value[0] if len(value) == 1 else "{" + ",".join(value) + "}"


def graphite_escape(text):
    """GraphiteWriter on names of hosts and services."""
    return re.sub(r"[ ./\\]", "_", text)


@pytest.fixture(scope="module")
def graphite(services, now, tmp_path_factory):
    pytest.importorskip("graphite", reason="graphite-web is not installed (./bootstrap --tests installs it)")
    server = Graphite(tmp_path_factory.mktemp("graphite"), "check_cert_renewal",
                      [CONTRIB / "storage-schemas.conf", CONTRIB / "storage-aggregation.conf"])
    series = {}
    for service, when, metric, fields in history(services, now):
        stem = f"icinga2.{graphite_escape(service.host)}.services.{graphite_escape(service.name)}.cert_renewal."
        for leaf, value in fields.items():
            name = f"metadata.{leaf}" if metric is None else f"perfdata.{re.sub(r'[ /]', '_', metric)}.{leaf}"
            series.setdefault(stem + name, []).append((when, value))
    server.store(series)
    server.start()
    yield server
    server.close()


class Graph:
    """The dashboard with values chosen."""

    def __init__(self, server, now, host="*", service="*"):
        self.server, self.now = server, now
        self.variables = {"command": "cert_renewal", "host": host, "service": service}

    def text(self, text):
        return substitute(text, self.variables, {"glob": glob_format, "raw": str})

    def series(self, title, ref="A", points=1000):
        """{name: [(value, time), ...]} without what was not measured."""
        answer = get(f"{self.server.url}/render", {
            "target": self.text(query(DASHBOARDS["graphite"], title, ref)), "format": "json", "maxDataPoints": points,
            "from": self.now - DAYS_SHOWN * DAY, "until": self.now + 1})
        found = {item["target"]: [point for point in item["datapoints"] if point[0] is not None] for item in answer}
        assert len(found) == len(answer), found.keys()
        return found


def graphite_names(services):
    """{name in the legend: (host, service, label)}"""
    return {f"{graphite_escape(host)} {graphite_escape(name)} {re.sub('_?days_to_expiry$', '', label)}": (host, name, label)
            for host, name, label in all_series(services)}


def graphite_variables(graphite, services, now):
    def values(name, **chosen):
        variable = next(item for item in DASHBOARDS["graphite"]["templating"]["list"] if item["name"] == name)
        expand = re.fullmatch(r"expand\((.*)\)", Graph(graphite, now, **chosen).text(variable["query"]))
        results = get(f"{graphite.url}/metrics/expand", {"query": expand[1]})["results"]
        return sorted({re.search(variable["regex"].strip("/"), result)[1] for result in results})

    assert values("host") == ["mail_example_org", "web1_example_org"]
    assert values("service") == ["cert_https", "cert_imap", "files", "short"]
    assert values("service", host=["mail_example_org"]) == ["cert_imap"]
    assert values("service", host=["mail_example_org", "web1_example_org"]) == ["cert_https", "cert_imap", "files", "short"]


def graphite_days(graphite, services, now):
    dashboard, names = Graph(graphite, now), graphite_names(services)
    days = dashboard.series("Days to expiry")
    limits = {ref: dashboard.series("Days to expiry", ref) for ref in "BC"}
    assert days.keys() == names.keys()
    assert len(limits["B"]) == len(limits["C"]) == len(names)
    for shown, (host, name, label) in names.items():
        service = all_series(services)[host, name, label]
        assert len(days[shown]) >= DAYS_SHOWN and days[shown][-1][0] == pytest.approx(service.days(label, now), abs=0.3)
        for ref, limit, suffix in (("B", "warn", "WARNING"), ("C", "crit", "CRITICAL")):
            assert {value for value, _ in limits[ref][f"{shown} {suffix}"]} == {service.labels[label][0][limit]}

    renewal = dashboard.series("Days to renewal")
    assert renewal.keys() == {"web1_example_org cert_https", "mail_example_org cert_imap", "web1_example_org short"}
    assert renewal["mail_example_org cert_imap"][-1][0] == pytest.approx(-10, abs=0.3)
    assert len(dashboard.series("Time of the check")) == len(services)

    one = Graph(graphite, now, ["mail_example_org"], ["cert_imap"]).series("Days to expiry")
    assert list(one) == ["mail_example_org cert_imap "]
    two = Graph(graphite, now, service=["cert_imap", "cert_https"]).series("Days to expiry")
    assert len(two) == 2


def graphite_tables(graphite, services, now):
    dashboard, names = Graph(graphite, now), graphite_names(services)
    for title, column in (("Most urgent first", "until CRITICAL"), ("Days left", "days left")):
        [panel] = [panel for panel in DASHBOARDS["graphite"]["panels"] if panel["title"] == title]
        assert panel["options"]["sortBy"] == [{"displayName": column, "desc": False}]
        assert column in panel["transformations"][-1]["options"]["renameByName"].values()
    last = {name: points[-1][0] for name, points in dashboard.series("Most urgent first", points=100).items()}
    assert [names[name] for name in sorted(last, key=last.get)] == most_urgent_first(services, now)
    assert last["mail_example_org cert_imap "] == pytest.approx(10, abs=0.1)
    left = {name: points[-1][0] for name, points in dashboard.series("Days left", points=100).items()}
    assert left["mail_example_org cert_imap "] == pytest.approx(20, abs=0.1)
    assert left.keys() == names.keys()


def graphite_states(graphite, services, now):
    states = Graph(graphite, now).series("State")
    assert len(states) == len(services)
    assert {value for value, _ in states["web1_example_org cert_https"]} == {0, 1, 2}
    assert states["mail_example_org cert_imap"][-1][0] == 1
    # Where several checks fall into one point the worst is shown, not a state between two.
    few = Graph(graphite, now).series("State", points=7)
    assert {value for points in few.values() for value, _ in points} <= {0, 1, 2}


def graphite_renewals(graphite, services, now):
    """One event in the hour of the renewal; Grafana asks for 100 points."""
    events = {name: points for name, points in Graph(graphite, now).series("Renewals", "Anno", points=100).items() if points}
    [[name, [[value, when]]]] = events.items()
    assert name == "web1_example_org cert_https  renewed" and value > 80
    assert now - 20 * DAY - 1 * DAY <= when <= now - 20 * DAY + HOUR
    assert not any(Graph(graphite, now, ["mail_example_org"]).series("Renewals", "Anno").values())


def test_graphite(graphite, services, now):
    """One test, so that tests side by side share the server."""
    for check in (graphite_variables, graphite_days, graphite_tables, graphite_states, graphite_renewals):
        check(graphite, services, now)
