# SPDX-License-Identifier: GPL-3.0-or-later
"""README.md, the manual page and doc/ say what the program says.

A sample in a document is a block of commands and their output after a line `<!-- sample: NAME -->`.
Each command is run as it stands there, against the servers and files of the scenario NAME below; what
follows `# on` is the day that it is judged as of. Everything has to be the same but how long the run
took and what keys and ports a run draws by lot. After a change of the program's words,
DOCUMENTS_UPDATE=1 writes the samples anew:

    DOCUMENTS_UPDATE=1 make check-integration PYTESTFLAGS='-k documents'
"""

import datetime
import json
import os
import pathlib
import re
import shlex
import shutil

import jsonschema
import pytest

from pki import CA_BEGIN, CA_END, DAY, HOUR, MINUTE, authority, date, issue
from plugin import execute, run_json
from test_client_state import Certbot
from test_documentation import SOURCE, generated

README = SOURCE / "README.md"
JSON_PAGE = SOURCE / "doc" / "json.md"
LIMITS_PAGE = SOURCE / "doc" / "limits.md"
SCHEMA = SOURCE / "doc" / "check_cert_renewal.schema.json"
FINDINGS_PAGE = SOURCE / "doc" / "findings.md"
TABLES = SOURCE / "plugins" / "check_cert_renewal.d"
HOST = "www.example.org"
# Where a package puts the page that the output has links to; this build may have another place.
INSTALLED_FINDINGS = "file:///usr/share/doc/check_cert_renewal/doc/findings.md"
# The documents' addresses (RFC 5737) and those of the servers here.
ADDRESSES = {"192.0.2.10": "127.0.0.1", "192.0.2.11": "127.0.0.2"}

# --- The samples' certificates -----------------------------------------------------------------


def day(text):
    return int(datetime.datetime.fromisoformat(text + "T00:00:00+00:00").timestamp())


ISSUED, ENDS = day("2026-10-01"), day("2026-12-30")
PROXY_ISSUED, PROXY_ENDS = day("2026-11-05"), day("2026-12-20")
DAYS_6 = 160 * HOUR


class World:
    """What the samples talk about: certificates, a file system, a server."""

    def __init__(self, directory):
        self.directory = directory
        self.root = authority("Example Root", serial=0x1001)
        self.issuer = authority("Example Issuer", self.root, serial=0x1002)
        self.anchors = directory / "anchors.pem"
        self.anchors.write_text(self.root.pem)
        self.leaf = self.issue(HOST, ISSUED, ENDS, 0x4A5B01)
        self.chain = [self.leaf, self.issuer]
        self.renewed = self.issue(HOST, day("2026-11-30"), day("2027-02-28"), 0x4A5B07)

    def issue(self, name, begin, end, serial):
        return issue(name, self.issuer, not_before=begin, not_after=end, serial=serial)

    def file(self, path, *texts):
        """A file where the documents say it is, below the directory of the test."""
        at = self.directory / path.lstrip("/")
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text("".join(texts))
        return at

    def chain_file(self, name, *chain):
        self.file(f"/etc/tls/{name}.pem", *(item.pem for item in chain))


def serve(world, start):
    return start.openssl(world.chain)


def serve_other_name(world, start):
    return start.openssl([world.issue("mail.example.org", ISSUED, ENDS, 0x4A5B02), world.issuer])


def serve_without_intermediate(world, start):
    return start.openssl([world.leaf])


def serve_nothing(world, start):
    return start.refusing()


def serve_plain_http(world, start):
    def answer(connection):
        connection.hello()
        connection.send(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        connection.wait_for_close()
    return start.raw(answer)


def serve_45_days(world, start):
    return start.openssl([world.issue(HOST, PROXY_ISSUED, PROXY_ENDS, 0x4A5B03), world.issuer])


def serve_short_lived(world, start):
    begin = day("2026-10-27")
    return start.openssl([world.issue(HOST, begin, begin + DAYS_6, 0x4A5B04), world.issuer])


def keep_files(world, start):
    world.chain_file(HOST, *world.chain)
    world.chain_file("mail.example.org", world.issue("mail.example.org", day("2026-11-20"), day("2027-02-18"), 0x4A5B05),
               world.issuer)
    world.chain_file("shop.example.org", world.issue("shop.example.org", day("2026-09-12"), day("2026-12-11"), 0x4A5B06),
               world.issuer)
    world.file("/etc/ssl/private/www.key", world.leaf.key_pem)


def renew_on_disk_only(world, start):
    new = world.file(f"/etc/tls/{HOST}.pem", world.renewed.pem, world.issuer.pem)
    os.utime(new, (day("2026-12-07"),) * 2)
    return start.openssl(world.chain)


def deploy_on_one_of_two(world, start):
    server = start.python(world.chain)
    start.python([world.renewed, world.issuer], "127.0.0.2", server.port)
    return server


def leave_a_failed_renewal(world, start):
    for left in ("letsencrypt", "logs"):
        shutil.rmtree(world.directory / "etc" / left, ignore_errors=True)
    client = Certbot(world.directory / "etc", HOST)
    client.keep(world.leaf, world.issuer, ISSUED)
    client.failed(day("2026-12-09") + 18 * HOUR, "Some challenges have failed.")
    return start.openssl(world.chain)


SCENARIOS = {
    "served": serve,
    "hostname": serve_other_name,
    "trust": serve_without_intermediate,
    "unreachable": serve_nothing,
    "handshake": serve_plain_http,
    "45-days": serve_45_days,
    "short-lived": serve_short_lived,
    "files": keep_files,
    "usage": keep_files,
    "deployment": renew_on_disk_only,
    "consistency": deploy_on_one_of_two,
    "cause": leave_a_failed_renewal,
    "forecast": serve,
}

# --- Running them ------------------------------------------------------------------------------

SAMPLE = re.compile(r"(?ms)^<!-- sample: (?P<name>[\w-]+) -->\n\n?```\w*\n(?P<text>.*?)^```$")
COMMAND = re.compile(r"\$ check_cert_renewal (?P<arguments>[^#]*?)(?: +# on (?P<day>[\d-]+))?\Z")


def samples(document):
    return [(match["name"], match["text"]) for match in SAMPLE.finditer(document.read_text())]


def update(document, number, text):
    before = document.read_text()
    match = list(SAMPLE.finditer(before))[number]
    document.write_text(before[:match.start("text")] + text + before[match.end("text"):])


def commands(text):
    """(command line, output) of each command of a sample."""
    parts = re.split(r"(?m)^(?=\$ )", text)
    assert parts[0] == "", f"a sample begins with a command: {text}"
    return [tuple(part.split("\n", 1)) for part in parts[1:]]


def option(arguments, name):
    return arguments[arguments.index(name) + 1] if name in arguments else None


def run_sample(line, world, server):
    """The output of the command, with the documents' paths, ports and addresses in it."""
    match = COMMAND.match(line)
    assert match, f"not a command that can be run: {line}"
    arguments = [ADDRESSES.get(argument, f"{world.directory}{argument}" if argument.startswith("/") else argument)
                 for argument in shlex.split(match["arguments"])]
    port = option(arguments, "-p") or "443"
    if server is not None and "-H" in arguments:
        if option(arguments, "-p"):
            arguments[arguments.index("-p") + 1] = server.port
        else:
            arguments += ["-p", server.port]
        arguments += ["-r", world.anchors]
        arguments += [] if "-I" in arguments else ["-I", "127.0.0.1"]
    if match["day"]:
        arguments.append(f"--at={match['day']}")
    directory = str(world.directory)
    output = execute(*arguments).stdout.replace(directory, "")
    for told, used in ADDRESSES.items():
        output = output.replace(used, told)
    output = output.replace(re.sub(r"[^A-Za-z0-9.-]", "_", directory), "")  # in a label
    output = re.sub(r'\b[a-z]+://[^\s"]*/findings\.md', INSTALLED_FINDINGS, output)
    if server is not None:
        output = output.replace(f":{server.port}", "" if port == "443" else f":{port}")
        output = re.sub(rf'(port"?:? ){server.port}\b', rf"\g<1>{port}", output)
    return output


def same_each_run(output):
    """Without what differs from run to run: how long it took, keys drawn by lot."""
    output = re.sub(r"\b\d+\.\d{3} s\b", "0.000 s", output)
    output = re.sub(r"'time'=[\d.]+s", "'time'=0s", output)
    output = re.sub(r'(?m)(seconds": )[\d.e-]+(,?)$', r"\g<1>0.0\2", output)
    output = re.sub(r"\b[0-9a-f]{64}\b", "sha256", output)
    return re.sub(r"\b[0-9A-F]{2}(:[0-9A-F]{2}){31}\b", "sha256", output)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(tmp_path_factory.mktemp("world"))


ALL_SAMPLES = [pytest.param(document, number, id=f"{document.name}-{number}-{name}")
               for document in (README, LIMITS_PAGE, JSON_PAGE)
               for number, (name, _) in enumerate(samples(document))]


@pytest.mark.parametrize("document, number", ALL_SAMPLES)
def test_sample(world, start, document, number):
    name, text = samples(document)[number]
    server = SCENARIOS[name](world, start)
    pairs = [(line, output, run_sample(line, world, server)) for line, output in commands(text)]
    told = "".join(f"{line}\n{same_each_run(output.rstrip())}\n" for line, output, _ in pairs)
    found = "".join(f"{line}\n{same_each_run(output.rstrip())}\n" for line, _, output in pairs)
    if told != found and os.environ.get("DOCUMENTS_UPDATE"):
        update(document, number, "\n".join(f"{line}\n{output}" for line, _, output in pairs))
        return
    assert told == found


def test_every_state_has_a_sample():
    text = "".join(text for _, text in samples(README) + samples(LIMITS_PAGE))
    for state in ("OK", "WARNING", "CRITICAL", "UNKNOWN"):
        assert f"CERT_RENEWAL {state} - " in text
    assert {name for name, _ in samples(README) + samples(LIMITS_PAGE)} == set(SCENARIOS)


# --- The tables --------------------------------------------------------------------------------


def table_rows(text, first_heading):
    """The cells of the Markdown table whose first column has that heading; code marks dropped."""
    match = re.search(rf"(?m)^\| {re.escape(first_heading)} \|.*\n\| ---.*\n((?:\|.*\n)+)", text)
    assert match, f"no table of {first_heading}"
    return [[cell.strip().replace("`", "") for cell in row.strip("|").split("|")]
            for row in match[1].splitlines()]


def seconds(text):
    """"66 h 40 min" in seconds."""
    units = {"d": DAY, "h": HOUR, "min": MINUTE}
    parts = re.findall(r"(\d+) (d|h|min)\b", text)
    assert parts and re.sub(r"\d+ (d|h|min)\b", "", text).strip() == "", text
    return sum(int(number) * units[unit] for number, unit in parts)


def due_of(write, lifetime, *options):
    leaf = issue(HOST, not_before=ENDS - lifetime, not_after=ENDS)
    result = run_json("-f", write("leaf.pem", leaf), f"--at=@{ENDS - lifetime}", *options)
    return result.target["expiry"]


def documented_limits():
    """The manual's table is compared with this one, so it is enough to run one of them."""
    return table_rows(README.read_text(), "lifetime")


@pytest.mark.parametrize("row", documented_limits(), ids=lambda row: row[0])
def test_table_of_limits(write, row):
    lifetime = row[0].replace(" and more", "").replace("days", "d").replace("hours", "h")
    expiry = due_of(write, seconds(lifetime))
    for cell, key in zip(row[1:], ["renew_before_days", "warning_days", "critical_days"]):
        assert expiry[key] * DAY == pytest.approx(seconds(cell), abs=10), f"{row}: {key}"


def test_limits_in_the_manual():
    page = manual_text()
    for row in documented_limits():
        assert "\t".join(row) in page, f"the manual's table has not {row}"


def definitions(file_name, pattern):
    return re.findall(pattern, (TABLES / file_name).read_text())


def test_every_client(write):
    rows = {row[0]: row for row in table_rows(LIMITS_PAGE.read_text(), "--client")}
    assert list(rows) == definitions("judge/client.def", r'(?m)^CLIENT\("([^"]+)"')
    for name, row in rows.items():
        for cell, lifetime in ((row[2], 90 * DAY), (row[3], 45 * DAY)):
            expiry = due_of(write, lifetime, f"--client={name}")
            by_client = expiry["due_by"] == "client"
            assert cell.endswith("*") != by_client, f"{row}: a star where the rule by lifetime counts"
            assert expiry["renew_before_days"] * DAY == pytest.approx(seconds(cell.rstrip("*"))), row


def test_every_finding():
    states = {"STATE_DEPENDENT": "by the limits"}
    told = [[re.sub(r"\[(.*)\]\(.*\)", r"\1", row[0]), row[1]] for row in table_rows(README.read_text(), "finding")]
    assert told == [[name, states.get(state, state.removeprefix("STATE_"))] for name, state
                    in definitions("judge/finding.def", r'(?m)^FINDING\(\w+, "([^"]+)", (\w+)')]


# --- The page of findings ------------------------------------------------------------------------


def literals(text):
    """The string literals of a row of a table, those that C joins joined."""
    joined = re.findall(r'(?:"(?:[^"\\]|\\.)*"\s*)+', text)
    return ["".join(re.findall(r'"((?:[^"\\]|\\.)*)"', part)).replace('\\"', '"').replace("\\n", "\n") for part in joined]


def explanations():
    rows = definitions("report/explanation.def", r"(?ms)^EXPLANATION\(\s*(\w+),\s*(.*?)\)\n(?=EXPLANATION|\Z)")
    return {name: literals(text) for name, text in rows}


def test_each_finding_is_explained():
    ids = definitions("judge/finding.def", r'(?m)^FINDING\((\w+), "([^"]+)", (\w+)')
    assert [name for name, _, _ in ids] == list(explanations())
    page = FINDINGS_PAGE.read_text().replace("\\_", "_").replace("\\<", "<").replace("\\|", "|").replace("\\*", "*")
    parts = dict(zip(re.findall(r"(?m)^## (.+)$", page), re.split(r"(?m)^## .+$", page)[1:]))
    assert list(parts) == [name for _, name, _ in ids]
    for constant, name, state in ids:
        texts = explanations()[constant]
        assert len(texts) == 4, f"{constant}: {texts}"
        for line in (line for text in texts for line in text.split("\n")):
            assert line in parts[name], f"doc/findings.md is not what the table says (make findings): {line}"
        assert state == "STATE_DEPENDENT" or f"Default state: {state.removeprefix('STATE_')}" in parts[name]
        assert f"(#{name})" in page


def test_output_has_the_link():
    result = run_json("-f", "missing.pem")
    [finding] = result.target["findings"]
    page, anchor = finding["page"].split("#")
    assert page.endswith("findings.md") and anchor == "file" and anchor in anchors(FINDINGS_PAGE)
    assert f"    explained in {page}#file\n" in execute("-f", "missing.pem", "-v").stdout
    assert "explained in" not in execute("-f", "missing.pem").stdout


# --- Options -----------------------------------------------------------------------------------


def option_names():
    """(letter or None, name) of options.def."""
    found = definitions("options.def", r"""(?m)^OPTION\((?:'(.)'|0), "([^"]+)\"""")
    assert len(found) > 15
    return [(letter or None, name) for letter, name in found]


def manual_text():
    """The manual page's source without its marks."""
    text = re.sub(r"\\f[BIRP]|\\f\[\w+\]|\\&", "", generated("man/check_cert_renewal.8"))
    for mark, character in ((r"\-", "-"), (r"\(aq", "'"), (r"\e", "\\"), (r"\(rs", "\\")):
        text = text.replace(mark, character)
    return text


@pytest.mark.parametrize("place", ["manual", "help"])
def test_every_option(place):
    text = manual_text() if place == "manual" else execute("--help").stdout
    for letter, name in option_names():
        assert re.search(rf"(?<![\w-])--{name}\b", text), f"--{name} is not in the {place}"
        assert letter is None or re.search(rf"(?<![\w-])-{letter}, --{name}\b", text), f"-{letter}: {place}"


@pytest.mark.parametrize("document", [README, LIMITS_PAGE, JSON_PAGE, SOURCE / "man" / "check_cert_renewal.8.in"],
                         ids=lambda path: path.name)
def test_no_option_that_is_not_there(document):
    known = {name for _, name in option_names()}
    known |= set(re.findall(r'OPTION\([^,]+, "([\w-]+)"', (SOURCE / "quiet_hours" / "options.def").read_text()))
    others = {"tests", "libexecdir", "localstatedir",  # bootstrap's and configure's
              "deploy-hook", "reloadcmd"}  # certbot's and acme.sh's
    text = document.read_text().replace(r"\-", "-")
    assert set(re.findall(r"(?<![\w-])--([a-z][\w-]*)", text, re.IGNORECASE)) <= known | others


CONVERSION = r"%[.*\w]+"


def words_of_the_program():
    """All string literals of the plugin, those that C joins joined."""
    text = "\n".join(path.read_text() for path in sorted(TABLES.rglob("*.c")))
    return re.sub(r'"\s*\n\s*"', "", text).replace('\\"', '"')


def test_every_message_of_troubleshooting_is_one_of_the_program():
    rows = table_rows(README.read_text(), "message")
    assert len(rows) > 20
    words = words_of_the_program()
    for message, meaning, repair in rows:
        # What differs is a conversion of printf, or the rest of the message.
        pattern = CONVERSION.join(re.escape(part) for part in message.strip("…").split("…"))
        assert re.search(pattern, words), f"no message of the program: {message}"
        assert meaning and repair, message


# --- The manual's own samples, findings and clients ------------------------------------------------


def test_first_lines_in_the_manual_are_samples():
    lines = re.findall(r"(?m)^CERT_RENEWAL .*$", manual_text())
    assert len(lines) >= 4
    known = same_each_run("".join(text for _, text in samples(README) + samples(LIMITS_PAGE)))
    for line in lines:
        assert same_each_run(line) in known, f"not the output of any sample in README.md: {line}"


def test_manual_has_every_finding_and_client():
    text = manual_text()
    for name in (definitions("judge/finding.def", r'(?m)^FINDING\(\w+, "([^"]+)"')
                 + definitions("judge/client.def", r'(?m)^CLIENT\("([^"]+)"')):
        assert re.search(rf"(?m)^{re.escape(name)}\b", text), name


# --- Links -------------------------------------------------------------------------------------


def anchors(document):
    """The anchors that GitHub makes of the headings."""
    headings = re.findall(r"(?m)^#+ (.+)$", re.sub(r"(?ms)^```.*?^```$", "", document.read_text()))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


DOCUMENTS = [*sorted(SOURCE.glob("*.md")), *sorted((SOURCE / "doc").glob("*.md")),
             *sorted((SOURCE / "contrib").rglob("*.md")), *sorted((SOURCE / "packaging").rglob("*.md"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(SOURCE)))
def test_links(document):
    text = re.sub(r"(?ms)^```.*?^```$", "", document.read_text())
    links = re.findall(r"\[[^\]]+\]\(([^)\s]+)\)", text)
    assert links or document not in (README, LIMITS_PAGE, JSON_PAGE, FINDINGS_PAGE)
    for link in links:
        path, _, anchor = link.partition("#")
        if path.startswith("https://"):
            continue
        target = document.parent / path if path else document
        assert target.exists(), f"{document.name}: {link}"
        assert not anchor or anchor in anchors(target), f"{document.name}: {link}"


# --- JSON --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def validator():
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


@pytest.mark.parametrize("scenario", [name for name in SCENARIOS if name not in ("files", "usage")])
def test_json_of_a_host(world, start, validator, scenario):
    server = SCENARIOS[scenario](world, start)
    result = run_json("-H", HOST, "-I", "127.0.0.1", "-p", server.port, "-r", world.anchors, "--at=2026-12-10")
    validator.validate(result.json)


def test_json_of_files(world, validator):
    keep_files(world, None)
    base = world.directory / "etc"
    for arguments in (["-f", base / "tls/*.pem"],
                      ["-f", base / "ssl/private/www.key"],
                      ["-f", base / "missing.pem", "-H", "not a name"],
                      ["-f", base / "missing.pem", "--forecast"],
                      ["-f", base / f"tls/{HOST}.pem", "-r", world.anchors,
                       "--client=certbot", "-w", "@10:20", "--severity=expiry=ok"]):
        validator.validate(run_json(*arguments, "--at=2026-12-10").json)


def test_json_of_several_addresses_and_all_else(world, start, validator, tmp_path):
    server = deploy_on_one_of_two(world, start)
    renewed = world.file(f"/etc/tls/{HOST}.pem", world.renewed.pem, world.renewed.key_pem)
    arguments = ["-H", HOST, "-I", "127.0.0.1", "-I", "127.0.0.2", "-p", server.port, "-r", world.anchors,
                 "-f", renewed, f"--history={tmp_path / 'history'}", "--forecast"]
    run_json(*arguments)  # recorded, since it is judged as of now
    result = run_json(*arguments)
    validator.validate(result.json)
    for field in ("endpoints", "disk", "forecast"):
        assert result.target[field], field
    assert result.target["history"]["certificates"]


def test_json_without_what_was_asked_for(world, start, validator, tmp_path):
    server = start.openssl(world.chain)
    result = run_json("-H", HOST, "-I", "127.0.0.1", "-p", server.port, "-r", world.anchors, "--ari",
                      f"--client-state={tmp_path / 'none'}", f"--history={tmp_path / 'none' / 'history'}",
                      "-f", tmp_path / "none.pem", "--at=2026-12-10")
    validator.validate(result.json)
    for field in ("disk", "history", "ari", "client_state"):
        assert result.target[field]["problem"], field


def test_json_of_odd_dates(write, validator):
    malformed = issue(HOST, raw_not_after=b"\x17\x0dnot a date..Z")
    far = issue(HOST, not_before=CA_BEGIN, not_after=day("9999-12-31"))
    turned = issue(HOST, not_before=CA_END, not_after=CA_BEGIN)
    for leaf in (malformed, far, turned):
        validator.validate(run_json("-f", write("leaf.pem", leaf)).json)


def schema_objects(schema):
    yield from (schema, *schema["definitions"].values())


def test_schema_leaves_nothing_open():
    """A field that the program adds has to be added to the schema, with its meaning."""
    for item in schema_objects(json.loads(SCHEMA.read_text())):
        if item.get("type") == "object":
            assert item["additionalProperties"] is False
            assert item["required"] == list(item["properties"])
            assert all(field.get("description") for field in item["properties"].values()), item


def test_json_page_has_every_field():
    page = JSON_PAGE.read_text()
    for item in schema_objects(json.loads(SCHEMA.read_text())):
        for name, field in item.get("properties", {}).items():
            row = rf"(?m)^\| `{name}` \| .+ \| {re.escape(field['description'])} \|$"
            assert re.search(row, page), f"doc/json.md lacks {name}, or says something else of it"


def test_dates_of_the_samples():
    """The tables and sentences around the samples speak of these days."""
    assert (date(ISSUED), date(ENDS)) == ("2026-10-01", "2026-12-30")
