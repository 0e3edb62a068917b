# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares plugins/npcommon with the library of a built Monitoring Plugins 3 source tree.

The tree is the one that the environment variable MONITORING_PLUGINS_TREE names. Both libraries get
the same driver (tests/unit/np_driver.c), compiled here. Where the upstream library does something
else than its own guidelines say, that is in a table here with both answers: ours has to be the
guidelines', upstream's may be either, so that a tree with the fault repaired passes too.
"""

import os
import pathlib
import subprocess

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
DRIVER = SOURCE / "tests/unit/np_driver.c"
NPCOMMON = SOURCE / "plugins/npcommon"
ARCHIVES = ("plugins/libnpcommon.a", "lib/libmonitoringplug.a", "gl/libgnu.a")
COMPILE = ["-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-g"]

VALUES = "-1e12 -20.5 -2.5 -2 -1.5 -1 -0.5 0 0.5 1.5 2 2.5 9.999 10 10.001 20 20.001 1e12"

# What both have to read alike, and to judge alike for each of VALUES.
GOOD_RANGES = [
    "10:", "0:", "-1:", "10:20", "0:20", "10:10", "@10:20", "@0:20", "@10:", "@~:", "~:",
    "-2:-1", "-20:10", "1.5:2.5", "@1.5:2.5", "-1:2.5", ".5:5.", "0:0",
]

# range, values, alerts by the guidelines, what upstream is known to answer instead
DIFFERENT_RANGES = [
    # A bare number is 0 to that number; upstream makes the start infinite.
    ("10", "-1 0 9 11", "1001", "0001"),
    ("@10", "-1 0 9 11", "0110", "1110"),
    # Both ends belong to the range; upstream leaves the end out where the start is infinite.
    ("~:10", "9.9 10 10.1", "001", "011"),
    ("@~:10", "9.9 10 10.1", "110", "100"),
    # Upstream compares two doubles by their bits, so two negative ones the wrong way round.
    ("-2.5:-1.5", "-3 -2 -1", "101", "111"),
    ("-1.5:2.5", "-2 -1 2 3", "1001", "0101"),
    # Upstream takes a leading zero for octal.
    ("010:", "8 9 10", "110", "000"),
]

# Nothing that the guidelines describe. Upstream takes most of them for something.
BAD_RANGES = [
    "", ":", "@", "@:", ":10", "~", "~5:10", "x", "10x", "10:20x", "x:10", "1.5x", "1:2:3", " 10",
    "10 ", "+5", "1e3", "0x10", "nan", "inf", "-inf:", "1,5", "20:10", "@20:10", "-5", "-", ".",
    "99999999999999999999", "-99999999999999999999:",
]

# label, unit, value, warning, critical, minimum, maximum. No bare numbers as ranges: see above.
PERFDATA = [
    ("days_to_expiry", "", "20.42", "25:", "10:", "", "90"),
    ("days_to_expiry", "", "-9.58", "", "", "", ""),
    ("time", "s", "0.012", "", "", "", ""),
    ("a b", "%", "100", "@0:20", "~:5", "0", "100"),
    ("x", "B", "1e15", "1.5:2.25", "-1.5:", "-4.5", ""),
    ("x", "c", "0", "", "1:2", "", "7"),
    ("x", "", "0.0000001", "0:5", "", "0", ""),
    ("x", "", "123456789.123456789", "", "", "", "9223372036854775807"),
]

INI = """\
# comment
; comment

[check_other]
a line without the sign
=

[check_cert_renewal]
hostname=www.example.jp
 warning = 20:\t
selfsigned=
blank =
p=8443
s=
sni=a=b # not a comment
two words=x
[check_cert_renewal2]
no=1
[ spaced ] ; comment
one=1
one=2
[check_cert_renewal]
last=1"""

# %s is the ini file.
ARGUMENTS = [
    [],
    ["-H", "x"],
    ["--extra-opts=@%s"],
    ["--extra-opts", "@%s"],
    ["-v", "--extra-opts=@%s", "-H", "x"],
    ["--extra-opts=spaced@%s"],
    ["--extra-opts=spaced@%s", "-v", "--extra-opts=check_cert_renewal2@%s", "--extra-opts", "@%s"],
    ["-v", "--extra-opts"],
    ["--extra-opts", "-v"],
    ["--extra-opts", "--", "x"],
    ["--extra-opts="],
    ["--extra-opts=spaced"],
    ["--extra-opts", "spaced", "x"],
    ["--extra-optsx", "y"],
]

BAD_INI = {
    "no-section": "a=1\n",
    "no-such-section": "[other]\na=1\n",
    "empty-section": "[check_cert_renewal]\n",
    "no-equals-sign": "[check_cert_renewal]\nselfsigned\n",
    "no-name": "[check_cert_renewal]\n=1\n",
    "empty-file": "",
}


def compile_driver(output, arguments):
    command = [os.environ.get("CC", "cc"), *COMPILE, str(DRIVER), *arguments, "-o", str(output)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return output


@pytest.fixture(scope="module")
def tree():
    name = os.environ.get("MONITORING_PLUGINS_TREE")
    if not name:
        pytest.skip("MONITORING_PLUGINS_TREE is not set: no built Monitoring Plugins tree to compare with")
    path = pathlib.Path(name).resolve()
    missing = [archive for archive in ARCHIVES if not (path / archive).is_file()]
    assert not missing, f"MONITORING_PLUGINS_TREE={name} is not built: {missing} missing"
    return path


@pytest.fixture(scope="module")
def drivers(tree, tmp_path_factory):
    """The driver with our library and with the tree's, in this order."""
    where = tmp_path_factory.mktemp("drivers")
    ours = compile_driver(where / "ours", [f"-I{NPCOMMON}", *map(str, sorted(NPCOMMON.glob("*.c")))])
    includes = ["-isystem", str(tree / "lib"), "-isystem", str(tree / "plugins")]
    theirs = compile_driver(where / "theirs", includes + [str(tree / name) for name in ARCHIVES])
    return ours, theirs


def run(driver, *arguments, text="", environment=None):
    clean = {key: value for key, value in os.environ.items() if not key.startswith("LC_")}
    clean.pop("MP_CONFIG_FILE", None)
    clean.pop("NAGIOS_CONFIG_PATH", None)
    clean.update(environment or {})
    return subprocess.run([driver, *arguments], input=text, env=clean, capture_output=True,
                          text=True, timeout=60, check=False)


def output(driver, *arguments, text=""):
    done = run(driver, *arguments, text=text)
    assert done.returncode == 0, done
    return done.stdout


def ranges(driver, rows):
    """What the driver says of (range, values) pairs: one line for each."""
    lines = output(driver, "range", text="".join(f"{text}\t{values}\n" for text, values in rows))
    lines = lines.splitlines()
    assert len(lines) == len(rows)
    return lines


def test_states(drivers):
    ours, theirs = (output(driver, "states") for driver in drivers)
    assert len(ours.splitlines()) == 16
    assert ours == theirs


def test_good_ranges(drivers):
    ours, theirs = (ranges(driver, [(text, VALUES) for text in GOOD_RANGES]) for driver in drivers)
    assert "refused" not in ours
    assert dict(zip(GOOD_RANGES, ours)) == dict(zip(GOOD_RANGES, theirs))


def test_ranges_that_upstream_judges_in_its_own_way(drivers):
    rows = [(text, values) for text, values, _, _ in DIFFERENT_RANGES]
    ours, theirs = (ranges(driver, rows) for driver in drivers)
    for (text, values, guidelines, upstream), our, their in zip(DIFFERENT_RANGES, ours, theirs):
        assert our.split()[3] == guidelines, (text, values)
        assert their.split()[3] in (guidelines, upstream), (text, values)


def test_bad_ranges(drivers):
    ours, theirs = (ranges(driver, [(text, "") for text in BAD_RANGES]) for driver in drivers)
    assert set(ours) == {"refused"}
    assert "refused" in theirs


def parse_range(text):
    """(inside, start, end), an end that is infinite being None; None where there is no range."""
    if not text:
        return None
    inside = text.startswith("@")
    start, colon, end = text.lstrip("@").rpartition(":")
    return (inside, None if start == "~" else float(start or 0) if colon else 0.0,
            float(end) if end else None)


def parse_perfdata(line):
    label, _, rest = line.rpartition("=")
    fields = (rest.split(";") + [""] * 4)[:5]
    value = fields[0].rstrip("sBc%")
    numbers = [float(text) if text else None for text in (value, fields[3], fields[4])]
    return {"label": label, "unit": fields[0][len(value):], "numbers": numbers,
            "ranges": [parse_range(fields[1]), parse_range(fields[2])]}


def test_perfdata(drivers):
    text = "".join("\t".join(row) + "\n" for row in PERFDATA)
    ours, theirs = (output(driver, "perfdata", text=text).splitlines() for driver in drivers)
    assert len(ours) == len(PERFDATA)
    assert [parse_perfdata(line) for line in ours] == [parse_perfdata(line) for line in theirs]
    assert not [line for line in ours if line.endswith(";") or "-0;" in line]


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=" ".join)
def test_extra_opts(drivers, tmp_path, arguments):
    path = tmp_path / "file.ini"
    path.write_text(INI)
    words = [word.replace("%s", str(path)) for word in arguments]
    ours, theirs = (run(driver, "opts", *words, environment={"MP_CONFIG_FILE": str(path)})
                    for driver in drivers)
    assert (ours.returncode, ours.stdout) == (theirs.returncode, theirs.stdout)
    assert ours.returncode == 0
    assert "--extra-opts\0" not in ours.stdout and "--extra-opts=" not in ours.stdout


@pytest.mark.parametrize("names", [
    ["first/monitoring-plugins.ini", "first/plugins.ini"],
    ["first/plugins.ini", "first/nagios-plugins.ini"],
    ["first/nagios-plugins.ini", "second/monitoring-plugins.ini"],
    ["second/plugins.ini"],
], ids=" ".join)
def test_search_path(drivers, tmp_path, names):
    for directory in ("first", "second"):
        (tmp_path / directory).mkdir()
    for name in names:
        (tmp_path / name).write_text(f"[check_cert_renewal]\nfile={name}\n")
    environment = {"NAGIOS_CONFIG_PATH": f":/nonexistent:{tmp_path}/first:{tmp_path}/second"}
    for driver in drivers:
        done = run(driver, "opts", "--extra-opts", environment=environment)
        assert (done.returncode, done.stdout) == (0, f"--file={names[0]}\0")


def test_standard_input(drivers):
    for driver in drivers:
        assert output(driver, "opts", "--extra-opts=spaced@-", text=INI) == "--one=1\0--one=2\0"


@pytest.mark.parametrize("name", BAD_INI)
def test_bad_ini(drivers, tmp_path, name):
    path = tmp_path / "bad.ini"
    path.write_text(BAD_INI[name])
    ours, theirs = (run(driver, "opts", f"--extra-opts=@{path}") for driver in drivers)
    assert (ours.returncode, theirs.returncode) == (3, 3)
    assert ours.stdout.startswith("CERT_RENEWAL UNKNOWN - ")
    assert ours.stdout.count("\n") == 1 and str(path) in ours.stdout


def test_missing_ini(drivers):
    for option in ("--extra-opts=@/nonexistent/x.ini", "--extra-opts=@"):
        for driver in drivers:
            assert run(driver, "opts", option).returncode == 3


def test_revision(drivers):
    for driver in drivers:
        line = output(driver, "revision")
        assert line.startswith("check_cert_renewal v1.2.3 (") and line.endswith(")\n")
