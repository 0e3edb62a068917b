# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the plugin and takes its output apart. Each run is held to what is promised of every output."""

import json
import os
import re
import subprocess
import time
import unicodedata
from dataclasses import dataclass, field

STATES = ["OK", "WARNING", "CRITICAL", "UNKNOWN"]
OK, WARNING, CRITICAL, UNKNOWN = range(4)

FIRST_LINE = re.compile(r"CERT_RENEWAL (OK|WARNING|CRITICAL|UNKNOWN) - ([^|]+?)\s*(?:\|(.*))?\Z")
FINDING = re.compile(r"( *)\\_\[(OK|WARNING|CRITICAL|UNKNOWN)\] - (.+)\Z")
# Monitoring Plugins guidelines, with a threshold as a plain number: Icinga 2 drops any other.
NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
PERFDATA = re.compile(rf"'?(?P<label>[A-Za-z0-9._-]+)'?=(?P<value>{NUMBER})(?P<uom>s|%|B|c)?"
                      rf"(?:;(?P<warn>{NUMBER})?)?(?:;(?P<crit>{NUMBER})?)?"
                      rf"(?:;(?P<min>{NUMBER})?)?(?:;(?P<max>{NUMBER})?)?")
LONGEST_FIRST_LINE = 1024
LONGEST_TEXT = 8192


@dataclass
class Perfdata:
    value: float
    uom: str
    warn: float
    crit: float
    min: float
    max: float


@dataclass
class Finding:
    depth: int
    state: str
    text: str


@dataclass(repr=False)
class Result:
    argv: list
    code: int
    stdout: str
    stderr: str
    elapsed: float
    first: str = ""
    state: str = ""
    headline: str = ""
    perfdata: dict = field(default_factory=dict)
    findings: list = field(default_factory=list)
    json: dict = None

    def __repr__(self):
        return f"{' '.join(map(str, self.argv))}: {self.code}\n{self.stdout}"

    @property
    def text(self):
        """Everything that a person reads: no perfdata."""
        return "\n".join([self.headline, *self.stdout.split("\n")[1:]])

    @property
    def target(self):
        """The JSON of the only target."""
        assert len(self.json["targets"]) == 1, self.json
        return self.json["targets"][0]

    def state_of(self, finding_id, target=None):
        """The worst state of the findings of that id: OK where there is none."""
        found = [finding["state"].upper() for finding in self.findings_of(finding_id, target)]
        return max(found, key=["OK", "UNKNOWN", "WARNING", "CRITICAL"].index, default="OK")

    def findings_of(self, finding_id, target=None):
        return [finding for finding in (target or self.target)["findings"] if finding["id"] == finding_id]

    def text_of(self, finding_id, target=None):
        """What the findings of that id say that are not OK."""
        return "\n".join(finding["text"] for finding in self.findings_of(finding_id, target)
                         if finding["state"].upper() != "OK")

    def problems(self):
        """The ids of the findings that are not OK."""
        return {finding["id"] for finding in self.target["findings"] if finding["state"].upper() != "OK"}


def path():
    return os.environ["CHECK_CERT_RENEWAL"]


def environment(changes=None):
    """The caller's environment without what would change the plugin's answers; in English."""
    env = {key: value for key, value in os.environ.items()
           if key not in ("MP_CONFIG_FILE", "NAGIOS_CONFIG_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "LANGUAGE",
                          "LANG", "LC_ALL", "LC_MESSAGES")}
    env.update(changes or {})
    return env


def execute(*args, env=None, timeout=30, prefix=(), stdin=None):
    """Runs the plugin; the result has code, stdout, stderr and elapsed only."""
    argv = [*prefix, path(), *(arg if isinstance(arg, bytes) else str(arg) for arg in args)]
    begin = time.monotonic()
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          input=stdin, stdin=subprocess.DEVNULL if stdin is None else None,
                          env=environment(env), timeout=timeout)
    elapsed = time.monotonic() - begin
    stdout = done.stdout.decode("utf-8")  # strict: invalid UTF-8 is a failure
    stderr = done.stderr.decode("utf-8", "replace")
    assert stderr == "", f"standard error of {argv}: {stderr}\nstandard output: {stdout}"
    assert done.returncode in range(4), f"{argv} ended with {done.returncode}: {stdout}"
    return Result(argv, done.returncode, stdout, stderr, elapsed)


def clean(text):
    """No control characters but the newline: C0, DEL and C1, nor what ends a line in Unicode."""
    return [character for character in text
            if character != "\n" and (unicodedata.category(character) == "Cc" or character in "\u2028\u2029")]


def parse_perfdata(text):
    items = {}
    rest = text.strip(" ")
    while rest:
        match = PERFDATA.match(rest)
        assert match and (match.end() == len(rest) or rest[match.end()] == " "), f"perfdata: {rest!r} of {text!r}"
        number = {key: float(value) if value else None for key, value in match.groupdict().items()
                  if key in ("value", "warn", "crit", "min", "max")}
        assert match["label"] not in items, f"label twice: {text!r}"
        items[match["label"]] = Perfdata(uom=match["uom"] or "", **number)
        rest = rest[match.end():].lstrip(" ")
    return items


def run(*args, targets=1, **options):
    """Runs the plugin with text output and holds the output to the contract."""
    result = execute(*args, **options)
    about = f"{result.argv}:\n{result.stdout}"
    assert clean(result.stdout) == [], about
    assert result.stdout.endswith("\n"), about
    result.first, *others = result.stdout.removesuffix("\n").split("\n")
    match = FIRST_LINE.match(result.first)
    assert match, about
    result.state, result.headline, perfdata = match.groups()
    assert STATES[result.code] == result.state, about
    assert not any("|" in line for line in others), about
    result.perfdata = parse_perfdata(perfdata or "")
    assert result.first.count("|") == (1 if result.perfdata else 0), about
    for line in others:
        if found := FINDING.match(line):
            result.findings.append(Finding(len(found[1]), found[2], found[3]))
    if targets == 1:
        assert len(result.first.encode()) < LONGEST_FIRST_LINE, about
        assert len(result.stdout.encode()) < LONGEST_TEXT, about
    return result


def run_json(*args, **options):
    """Runs the plugin with --output-format=json."""
    result = execute(*args, "--output-format=json", **options)
    assert clean(result.stdout) == [], result.stdout
    result.json = json.loads(result.stdout)
    result.state = result.json["state"].upper()
    assert STATES[result.code] == result.state, result.stdout
    return result


def check(*args, **options):
    """Both outputs of the same check, which have to agree."""
    result = run(*args, **options)
    options.pop("targets", None)
    result.json = run_json(*args, **options).json
    assert result.json["state"].upper() == result.state, (result.stdout, result.json)
    return result


def judge(*args, **options):
    """The JSON of a check of one target; the text is looked at elsewhere."""
    return run_json(*args, **options)


def has(pattern, text):
    """Does the text have these words? An assertion's helper: case and line breaks do not matter."""
    return re.search(pattern, text, re.IGNORECASE | re.DOTALL) is not None
