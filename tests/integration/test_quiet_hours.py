# SPDX-License-Identifier: GPL-3.0-or-later
"""cert_quiet_hours on real files: what it counts is counted here once more, with sets."""

import collections
import contextlib
import datetime
import gzip
import json
import lzma
import os
import pathlib
import random
import re
import resource
import statistics
import subprocess

import pytest

import icinga2
import nagios
import servers
from plugin import clean, environment
from test_documentation import SOURCE, generated
from test_nagios import certificate, host, host_command

PROGRAM = pathlib.Path(os.environ["CHECK_CERT_RENEWAL"]).resolve().parent.parent / "quiet_hours" / "cert_quiet_hours"
BUILD_HEADER = PROGRAM.parent.parent / "build.h"

BERLIN = "CET-1CEST,M3.5.0,M10.5.0/3"  # Europe/Berlin, without asking for the time zone database
TOKYO = "JST-9"
JST = datetime.timezone(datetime.timedelta(hours=9))
MONDAY = datetime.datetime(2026, 11, 2, tzinfo=JST)
AT = "--at=2026-11-25T02:00:00Z"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
# Requests in an hour of a shop's day.
SHAPE = [8, 5, 4, 2, 3, 5, 9, 15, 20, 24, 26, 28, 30, 28, 26, 25, 24, 24, 26, 28, 27, 20, 15, 10]

Hit = collections.namedtuple("Hit", "time address agent")
Done = collections.namedtuple("Done", "code out err json")


def quiet(*args, tz=TOKYO, stdin=None, at=AT, env=None, limit=None):
    """Runs the program; its output is clean whatever it reads."""
    done = subprocess.run([PROGRAM, *([at] if at else []), *map(str, args)], input=stdin, capture_output=True, timeout=120,
                          env=environment({"TZ": tz, **(env or {})}), preexec_fn=limit)
    out, err = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    assert done.returncode in (0, 3), (done.returncode, out, err)
    assert clean(out) == [] and clean(err) == [], (out, err)
    return Done(done.returncode, out, err, None)


def measure(*args, **more):
    done = quiet(*args, "--output-format=json", **more)
    assert done.code == 0 and done.err == "", done
    return done._replace(json=json.loads(done.out))


def combined(hit):
    return (f'{hit.address} - - [{hit.time.strftime("%d/%b/%Y:%H:%M:%S %z")}] "GET /shop/{hit.time.minute} HTTP/2.0" 200 5124 '
            f'"https://www.example.test/" "{hit.agent}"\n')


def caddy(hit):
    return json.dumps({"level": "info", "ts": hit.time.timestamp(), "logger": "http.log.access",
                       "request": {"remote_ip": hit.address, "headers": {"User-Agent": [hit.agent]}}, "status": 200}) + "\n"


def nginx_json(hit):
    return json.dumps({"time_iso8601": hit.time.isoformat(), "remote_addr": hit.address, "http_user_agent": hit.agent}) + "\n"


def text(hits, form=combined):
    return "".join(map(form, hits)).encode()


@pytest.fixture(scope="module")
def fortnight():
    """Two weeks and a day, quieter on Sundays, with bots at night."""
    lot = random.Random(4)
    hits = []
    for day in range(15):
        for hour, level in enumerate(SHAPE):
            begin = MONDAY + datetime.timedelta(days=day, hours=hour)
            level = level // 2 if day % 7 == 6 else level
            for second in sorted(lot.sample(range(3600), level * 2)):
                hits.append(Hit(begin + datetime.timedelta(seconds=second), f"192.0.2.{lot.randrange(lot.randrange(1, 200))}",
                                CHROME))
            for second in sorted(lot.sample(range(3600), 3)):
                hits.append(Hit(begin + datetime.timedelta(seconds=second), "198.51.100.1", GOOGLE))
    return sorted(hits)


def slot(hit):
    return int(hit.time.timestamp()) // 300


def spread(values):
    return {"min": min(values), "median": statistics.median(values), "max": max(values)}


def reference(hits, zone, window):
    """The same as the program counts, the long way: hours and windows by where they begin."""
    people = [hit for hit in hits if hit.agent == CHROME]
    by_slot = collections.defaultdict(list)
    for hit in people:
        by_slot[slot(hit)].append(hit.address)
    first, last = min(map(slot, hits)), max(map(slot, hits))

    def seen(length, wanted):
        found = collections.defaultdict(list)
        for begin in range(first, last + 2 - length):
            when = datetime.datetime.fromtimestamp(begin * 300, zone)
            if wanted(when):
                addresses = [address for at in range(begin, begin + length) for address in by_slot[at]]
                found[when.hour * 12 + when.minute // 5].append((len(set(addresses)), len(addresses)))
        return found

    return seen(12, lambda when: when.minute == 0), seen(window, lambda when: True)


def test_counts_as_sets_do(fortnight, tmp_path):
    log = tmp_path / "access.log"
    log.write_bytes(text(fortnight))
    found = measure("--window=40m", log).json
    hours, windows = reference(fortnight, JST, 8)
    for hour in found["hours"]:
        values = hours[hour["hour"] * 12]
        assert hour["days"] == len(values)
        assert hour["visits"] == spread([visits for visits, _ in values]), hour
        assert hour["requests"] == spread([requests for _, requests in values]), hour
        assert hour["bot_requests"]["median"] == 3 and hour["bot_visits"]["max"] == 1, hour
    best = min((statistics.median(visits for visits, _ in values), statistics.median(requests for _, requests in values),
                max(visits for visits, _ in values), max(requests for _, requests in values)) for values in windows.values())
    day = found["quietest_of_day"]
    hour, minute = map(int, day["begin"].split(":"))
    values = windows[hour * 12 + minute // 5]
    assert (day["visits"]["median"], day["requests"]["median"], day["visits"]["max"], day["requests"]["max"]) == best
    assert day["visits"] == spread([visits for visits, _ in values])
    assert day["requests"] == spread([requests for _, requests in values])
    assert 2 <= hour <= 4, "the quietest time of the shape"
    assert day["next_begin"] == f"2026-11-26T{day['begin']}:00+09:00", "11:00 of the 25th is past it"
    assert found["quietest_of_week"]["day"] == "Sunday"
    assert found["zone"] == "JST, UTC+09:00"
    people = [hit for hit in fortnight if hit.agent == CHROME]
    counted = found["counted"]
    assert counted["requests"] == len(people) and counted["addresses"] == len({hit.address for hit in people})
    assert counted["bot_requests"] == len(fortnight) - len(people)
    assert (counted["visits_are"], counted["standard_error"], counted["in_order"]) == ("exact", 0, True)
    assert (counted["lines"], counted["bad_lines"]) == (len(fortnight), 0)


def packed(tmp_path, name, content):
    path = tmp_path / name
    if name.endswith(".gz"):
        # Two members, as a rotation that appends makes them.
        middle = content.index(b"\n", len(content) // 2) + 1
        content = gzip.compress(content[:middle]) + gzip.compress(content[middle:])
    elif name.endswith(".xz"):
        content = lzma.compress(content)
    elif name.endswith(".zst"):
        content = subprocess.run(["zstd", "-q", "-c"], input=content, stdout=subprocess.PIPE, check=True).stdout
    path.write_bytes(content)
    return path


def built_with(library):
    return f"#define HAVE_{library} 1" in BUILD_HEADER.read_text()


@pytest.mark.parametrize("library", ["ZLIB", "LIBLZMA", "LIBZSTD"])
def test_is_built_to_unpack(library):
    assert built_with(library), "./bootstrap installs it"


def test_rotated_files_in_any_order_are_one_log(fortnight, tmp_path):
    """Plain, gz, xz and zst, and a virtual host's log of its own in another form and zone: as one sorted file."""
    parts = [fortnight[begin:begin + len(fortnight) // 4 + 1] for begin in range(0, len(fortnight), len(fortnight) // 4 + 1)]
    names = ["access.log.4.gz", "access.log.3.xz", "access.log.2.zst", "access.log"]
    for name, part in zip(names, parts):
        packed(tmp_path, name, text(hit for hit in part if hit.time.second % 3))
    others = [hit._replace(time=hit.time.astimezone(datetime.timezone.utc)) for hit in fortnight if hit.time.second % 3 == 0]
    packed(tmp_path, "shop-access.log", text(others[:len(others) // 2], caddy))
    packed(tmp_path, "shop-access.log.0.gz", text(others[len(others) // 2:], nginx_json))
    whole = tmp_path / "whole"
    whole.write_bytes(text(fortnight))
    wanted = measure("-w40m", whole).json
    assert wanted["counted"]["bad_lines"] == 0
    for pattern in ([f"{tmp_path}/*access.log*"], sorted(tmp_path.glob("*access.log*"), reverse=True)):
        found = measure("-w40m", *pattern).json
        assert len(found.pop("files")) == 6
        assert found == {key: value for key, value in wanted.items() if key != "files"}


def test_standard_input_and_named_twice(fortnight, tmp_path):
    log = packed(tmp_path, "access.log", text(fortnight))
    wanted = measure(log).json
    del wanted["files"]
    for content in (text(fortnight), gzip.compress(text(fortnight))):
        found = measure("-", stdin=content).json
        assert [file["path"] for file in found.pop("files")] == ["-"]
        assert found == wanted
    found = measure(log, log, f"{tmp_path}/acc*").json
    assert len(found.pop("files")) == 1
    assert found == wanted


def test_zcat_of_the_newest_first_counts_each_line(fortnight):
    """A log that goes back in itself: hours of each part are right, the step is said."""
    middle = len(fortnight) // 2
    wanted = measure("-", stdin=text(fortnight)).json
    found = measure("-", stdin=text(fortnight[middle:] + fortnight[:middle])).json
    assert found["counted"]["in_order"] is False
    assert found["counted"]["requests"] == wanted["counted"]["requests"]
    assert [hour["requests"] for hour in found["hours"]] == [hour["requests"] for hour in wanted["hours"]]
    differing = [hour["hour"] for hour, other in zip(found["hours"], wanted["hours"]) if hour["visits"] != other["visits"]]
    assert len(differing) <= 1, "only around the step"
    assert "not in the order" in quiet("-", stdin=text(fortnight[middle:] + fortnight[:middle])).out


def test_one_day_says_nothing_of_others(fortnight):
    day = [hit for hit in fortnight if hit.time.day == 4]
    found = measure("-w40m", "-", stdin=text(day)).json
    assert found["several_days"] is False and found["quietest_of_week"] is None
    assert all(hour["days"] == 1 and hour["visits"]["min"] == hour["visits"]["max"] for hour in found["hours"])
    shown = quiet("-w40m", "-", stdin=text(day)).out
    assert "each hour once" in shown and "median" not in shown
    # Half a day: the other half was not seen, unless it is said that it was.
    half = [hit for hit in day if hit.time.hour >= 8]
    found = measure("-w40m", "-", stdin=text(half)).json
    assert [hour["hour"] for hour in found["hours"] if hour["visits"] is None] == list(range(8))
    assert int(found["quietest_of_day"]["begin"][:2]) >= 8
    assert re.search(r"(?m)^03:00 +- +- +-$", quiet("-", stdin=text(half)).out)
    found = measure("-w40m", "--whole-days", "-", stdin=text(half)).json
    assert found["hours"][3]["visits"] == {"min": 0, "median": 0, "max": 0}
    assert int(found["quietest_of_day"]["begin"][:2]) < 8
    assert quiet("-w24h", "-", stdin=text(half)).out.startswith("No 1440 minutes were seen")
    short = quiet("-w24h", "--schedule=nagios", "--host=h", "--service=s", "-", stdin=text(half))
    assert short.code == 3 and short.out == "" and "too short" in short.err
    week = quiet("--fold=week", "-", stdin=text(half))
    assert week.code == 3 and "--fold=week" in week.err


def test_zones_of_lines_and_of_the_clock(fortnight):
    day = [hit for hit in fortnight if hit.time.day == 4]
    mixed = [hit._replace(time=hit.time.astimezone(datetime.timezone(datetime.timedelta(minutes=minutes))))
             for hit, minutes in zip(day, [0, 60, -210, 345] * len(day))]
    assert measure("-", stdin=text(mixed)).json["hours"] == measure("-", stdin=text(day)).json["hours"]
    in_utc = measure("--utc", "-", stdin=text(day)).json
    local = measure("-", stdin=text(day)).json
    assert in_utc["zone"] == "UTC"
    for hour in range(24):
        assert in_utc["hours"][hour]["visits"] == local["hours"][(hour + 9) % 24]["visits"]
    assert "times in UTC." in quiet("--utc", "-", stdin=text(day)).out
    assert "times in JST, UTC+09:00." in quiet("-", stdin=text(day)).out


@pytest.mark.parametrize("begin, hours, special, days", [
    (datetime.datetime(2026, 3, 28, 23), 23, 2, 0),
    (datetime.datetime(2026, 10, 24, 22), 25, 2, 2),
])
def test_clocks_that_change(begin, hours, special, days):
    begin = begin.replace(tzinfo=datetime.timezone.utc)
    hits = [Hit(begin + datetime.timedelta(minutes=5 * at), f"192.0.2.{at % 12}", CHROME) for at in range(12 * hours)]
    found = measure("-", stdin=text(hits), tz=BERLIN).json
    for hour in found["hours"]:
        assert hour["days"] == (days if hour["hour"] == special else 1)
        if hour["days"]:
            assert hour["requests"] == {"min": 12, "median": 12, "max": 12}
            assert hour["visits"] == {"min": 12, "median": 12, "max": 12}


def test_bots_with_and_alone(fortnight):
    day = [hit for hit in fortnight if hit.time.day == 4]
    together = measure("--bots=with", "-", stdin=text(day)).json
    assert together["counted"]["requests"] == len(day) and together["counted"]["bot_requests"] is None
    assert together["hours"][3]["requests"]["max"] == SHAPE[3] * 2 + 3
    alone = measure("--bots=only", "-", stdin=text(day)).json
    assert alone["counted"]["requests"] == 24 * 3 and alone["hours"][3]["visits"]["max"] == 1


def test_a_proxy_is_suspected(fortnight):
    assert "proxy" in quiet("-", stdin=text([hit._replace(address="127.0.0.1") for hit in fortnight])).out
    assert "proxy" not in quiet("-", stdin=text(fortnight)).out


def test_estimates_say_so_and_hold(fortnight):
    lot = random.Random(5)
    begin = MONDAY
    hits = [Hit(begin + datetime.timedelta(seconds=at * 2), f"2001:db8::{lot.randrange(60000):x}", CHROME) for at in range(43200)]
    exact = measure("-w40m", "-", stdin=text(hits)).json
    estimated = measure("-w40m", "--exact=3000", "-", stdin=text(hits)).json
    assert estimated["counted"]["visits_are"] == "estimated" and estimated["counted"]["standard_error"] == 0.0081
    for key in ("hours",):
        for hour, other in zip(exact[key], estimated[key]):
            assert hour["requests"] == other["requests"]
            assert other["visits"]["median"] == pytest.approx(hour["visits"]["median"], rel=0.04)
    assert estimated["counted"]["addresses"] == pytest.approx(exact["counted"]["addresses"], rel=0.04)
    assert "estimated from address 3000 on (HyperLogLog, standard error 0.8 %)" in quiet("--exact=3000", "-", stdin=text(hits)).out


def test_bad_lines_and_files_are_said_and_the_rest_is_read(fortnight, tmp_path):
    day = [hit for hit in fortnight if hit.time.day == 4]
    lines = text(day).splitlines(keepends=True)
    bad = [b"nonsense\n", b"\n", b"\x1b]0;title\x07 \xff\xfe|`\n", b'{"ip":"192.0.2.1"\n',
           b'192.0.2.1 - - [32/Nov/2026:00:00:00 +0900] "GET /" 200 1\n', b'192.0.2.1 - - [01/Jan/9999:00:00:00 +0000] "GET /" 200 1\n',
           b'192.0.2.1 - - [01/Jan/1950:00:00:00 +0000] "GET /" 200 1\n', b"\0\0\0\n"]
    lines[3:3] = bad
    log = tmp_path / "access.log"
    log.write_bytes(b"".join(lines))
    missing = tmp_path / "missing.log"
    (tmp_path / "directory").mkdir()
    whole = gzip.compress(text(day))
    cut = tmp_path / "cut.gz"
    cut.write_bytes(whole[:len(whole) // 2])
    broken = tmp_path / "broken.xz"
    broken.write_bytes(lzma.compress(text(day))[:80] + b"x" * 100)
    bz = tmp_path / "packed.bz2"
    bz.write_bytes(b"BZh91AY&SY")
    found = measure(log, missing, tmp_path / "directory", cut, broken, bz).json
    files = {pathlib.Path(file["path"]).name: file for file in found["files"]}
    assert files["access.log"]["bad_lines"] == len(bad) - 1, "an empty line is no line"
    assert files["access.log"]["first_bad"]["line"] == 4
    assert files["access.log"]["first_bad"]["begins"] == "nonsense"
    assert files["access.log"]["problem"] is None
    assert "No such file" in files["missing.log"]["problem"]
    assert "directory" in files["directory"]["problem"]
    assert "ends in the middle" in files["cut.gz"]["problem"] and files["cut.gz"]["lines"] > 10
    assert "damaged" in files["broken.xz"]["problem"]
    assert "bzcat" in files["packed.bz2"]["problem"]
    shown = quiet(log, missing, cut).out
    assert re.search(r'access\.log: 7 lines were not understood, the first is line 4: there is no time in it: "nonsense"', shown)
    assert "missing.log: not read: No such file" in shown and "cut.gz: read in part: it ends in the middle" in shown
    # Downtimes stay alone on standard output.
    lines = quiet(log, missing, "--schedule=nagios", "--host=h", "--service=s")
    assert lines.out.count("\n") == 1 and "missing.log" in lines.err


def test_nothing_usable():
    for stdin in (b"", b"\n\n", b"no log\n" * 100, b"\0" * 200000, b"{\n"):
        done = quiet("-", stdin=stdin)
        assert done.code == 3 and done.out == "" and "no line of an access log" in done.err
    done = quiet("/nowhere/access.log")
    assert done.code == 3 and "/nowhere/access.log: not read: No such file" in done.err


@pytest.mark.parametrize("words, wanted", [
    (["--window=0"], "5m to 24h"), (["--window=47m"], "5m to 24h"), (["--window=25h"], "5m to 24h"), (["--window=x"], "5m to 24h"),
    (["--bots=no"], "apart, with and only"), (["--fold=month"], "day and week"), (["--exact=0"], "1 to 100000000"),
    (["--exact=1e3"], "1 to 100000000"), (["--output-format=xml"], "text and json"), (["--schedule=zabbix"], "nagios and icinga"),
    (["--schedule=nagios"], "--host and --service"), (["--host=h"], "--schedule"), (["--nonsense"], "--nonsense"), (["-q"], "-q"),
    (["--window"], "needs a value"), (["--schedule=nagios", "--host=h;x", "--service=s"], "semicolon"),
    (["--schedule=nagios", "--host=h", "--service=a\n[0] SHUTDOWN_PROGRAM"], "control character"),
    (["--schedule=nagios", "--host=h", "--service=s", "--output-format=json"], "--output-format"), (["--at=x"], "--at"),
    (["--lang=tlh"], "accepted are en"),
])
def test_wrong_options(words, wanted):
    files = [] if words == ["--window"] else ["-"]
    done = quiet(*files, *words, stdin=b"", at=None)
    assert done.code == 3 and done.out == "" and done.err.count("\n") == 1
    assert done.err.startswith("cert_quiet_hours: ") and wanted in done.err


def test_no_file_help_and_version():
    done = quiet()
    assert done.code == 3 and "no log to read" in done.err
    for word, wanted in (("--help", "--window=DURATION"), ("-V", "cert_quiet_hours")):
        done = quiet(word)
        assert done.code == 0 and wanted in done.out and max(map(len, done.out.splitlines())) <= 80


def test_hostile_lines_never_reach_the_output(fortnight, tmp_path):
    evil = "\x1b[2J\x1b]0;owned\x07\r\u202e<script>|;\u0000"
    day = [hit for hit in fortnight if hit.time.day == 4]
    lines = text([hit._replace(agent=hit.agent + evil) for hit in day])
    lines += (evil + "\n").encode() * 5
    log = tmp_path / "\x1b[31mevil\n.log"
    log.write_bytes(lines)
    for form in (["--output-format=json"], [], ["--schedule=nagios", "--host=h", "--service=s"]):
        done = quiet(*form, log)
        assert done.code == 0 and "\x1b" not in done.out + done.err and "\u202e" not in done.out + done.err


def test_endless_lines_and_absurd_dates_are_bounded(fortnight):
    """In 64 MiB of address space: lines without end, every day from 1995 on, dates at random, nested JSON."""
    day = text([hit for hit in fortnight if hit.time.day == 4])
    lot = random.Random(6)
    dates = b"".join(b'192.0.2.%d - - [%02d/Feb/%d:%02d:00:00 +0000] "GET /" 200 1\n' %
                     (lot.randrange(256), lot.randrange(1, 29), lot.randrange(1, 10000), lot.randrange(24)) for _ in range(20000))
    content = day + b"x" * 3000000 + b"\n" + dates + b'{"a":' * 100000 + b"\n" + b"[" * 200000 + b"\n" + day[:1000] + b"y" * 500000

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (64 << 20, 64 << 20))

    sanitized = b"__asan_init" in PROGRAM.read_bytes()
    found = measure("-", stdin=content, limit=None if sanitized else limit).json
    assert found["files"][0]["first_bad"]["line"] == day.count(b"\n") + 1
    assert "64 KiB" in found["files"][0]["first_bad"]["problem"]
    good = found["counted"]["lines"] - found["counted"]["bad_lines"]
    assert day.count(b"\n") <= good < day.count(b"\n") + 20000


def test_chart_fits_and_falls_back(fortnight):
    day = text([hit for hit in fortnight if hit.time.day == 4])
    for content in (day, text(fortnight)):
        for env, words, block in (({"LC_ALL": "C.UTF-8"}, [], True), ({"LC_ALL": "C.UTF-8"}, ["--ascii"], False), ({"LC_ALL": "C"}, [], False)):
            shown = quiet("-w40m", *words, "-", stdin=content, env=env).out
            rows = re.findall(r"(?m)^[0-2][0-9]:00 .*$", shown)
            assert len(rows) == 24
            assert ("█" in shown) is block and ("#" in shown) is not block
            assert max(map(len, rows)) <= 80
            begin, end = map(int, re.search(r"of the day: (\d\d):\d\d to (\d\d):", shown).groups())
            marked = [int(row[:2]) for row in rows if row.endswith(("◀", "<"))]
            assert marked[0] == begin and marked[-1] in (end, (end - 1) % 24)
    # The longest bar is the loudest hour's.
    bars = {int(row[:2]): row.count("#") for row in re.findall(r"(?m)^[0-2][0-9]:00 .*$", quiet("--ascii", "-", stdin=day).out)}
    assert max(bars, key=bars.get) in (11, 12, 13) and min(bars, key=bars.get) in (2, 3, 4)


def test_schedule_for_nagios(fortnight):
    words = ["--window=40m", "--host=www.example.test", "--service=certificate", "--service=Certificate (shop)"]
    wanted = measure("--window=40m", "-", stdin=text(fortnight)).json
    for fold, key in (("day", "quietest_of_day"), ("week", "quietest_of_week")):
        done = quiet(*words, f"--fold={fold}", "--schedule=nagios", "-", stdin=text(fortnight))
        assert done.code == 0 and done.err == ""
        begin = int(datetime.datetime.fromisoformat(wanted[key]["next_begin"]).timestamp())
        end = int(datetime.datetime.fromisoformat(wanted[key]["next_end"]).timestamp())
        now = int(datetime.datetime(2026, 11, 25, 2, tzinfo=datetime.timezone.utc).timestamp())
        assert end - begin == 2400 and begin >= now
        lines = done.out.splitlines()
        assert len(lines) == 2
        for line, service in zip(lines, ["certificate", "Certificate (shop)"]):
            head, *fields = line.split(";")
            assert head == f"[{now}] SCHEDULE_SVC_DOWNTIME"
            assert fields[:7] == ["www.example.test", service, str(begin), str(end), "1", "0", "2400"]
            assert fields[7] == "cert_quiet_hours" and len(fields) == 9


def test_schedule_for_icinga(fortnight):
    host = 'www" || true || "'
    done = quiet("--window=40m", f"--host={host}", "--service=a", "--service=b", "--schedule=icinga", "-", stdin=text(fortnight))
    body = json.loads(done.out)
    wanted = measure("--window=40m", "-", stdin=text(fortnight)).json["quietest_of_day"]
    assert body["type"] == "Service" and body["fixed"] is True
    assert body["filter_vars"] == {"wanted_host": host, "wanted_services": ["a", "b"]}
    assert host not in body["filter"] and "wanted_host" in body["filter"]
    assert body["start_time"] == datetime.datetime.fromisoformat(wanted["next_begin"]).timestamp()
    assert body["end_time"] - body["start_time"] == 2400
    assert body["author"] and body["comment"]


def test_nagios_takes_the_downtime(fortnight):
    if reason := nagios.missing():
        pytest.skip(reason)
    now = int(datetime.datetime(2026, 11, 25, 2, tzinfo=datetime.timezone.utc).timestamp())
    with nagios.place() as directory, contextlib.closing(nagios.Site(directory, now)) as site:
        daemon = nagios.Nagios(site, "".join([host_command(site), host("www.example.test", directory), *(
            certificate("www.example.test", name, f"host-up!{directory}/down") for name in ("certificate", "shop (2)"))]))
        site.hand_over()
        daemon.start()
        lines = quiet("--window=40m", "--schedule=nagios", "--host=www.example.test", "--service=certificate",
                      "--service=shop (2)", "-", stdin=text(fortnight)).out
        with open(daemon.var / "rw" / "nagios.cmd", "w") as fifo:
            fifo.write(lines)

        def downtimes():
            found = re.findall(r"(?ms)^servicedowntime \{\n(.*?)^\t\}$", (daemon.var / "status.dat").read_text())
            return len(found) == 2 and [dict(line.strip().split("=", 1) for line in body.splitlines()) for body in found]

        taken = servers.poll(downtimes, nagios.PATIENCE)
        assert taken, daemon.log()
    wanted = measure("--window=40m", "-", stdin=text(fortnight)).json["quietest_of_day"]
    for downtime, name in zip(sorted(taken, key=lambda one: one["service_description"]), ("certificate", "shop (2)")):
        assert (downtime["host_name"], downtime["service_description"]) == ("www.example.test", name)
        assert int(downtime["start_time"]) == datetime.datetime.fromisoformat(wanted["next_begin"]).timestamp()
        assert int(downtime["end_time"]) == datetime.datetime.fromisoformat(wanted["next_end"]).timestamp()
        assert (downtime["fixed"], downtime["author"]) == ("1", "cert_quiet_hours")
        assert downtime["comment"].startswith("Repair of the certificate")


class PlainIcinga(icinga2.Daemon):
    """An Icinga with two hosts of two services each, that takes downtimes."""

    def __init__(self, directory, pki):
        super().__init__(directory, pki, "master.example.test")

    def configure(self, directory):
        hosts = "".join(f"""
            object Host "{host}" {{ check_command = "dummy" }}
            object Service "certificate" {{ host_name = "{host}"; check_command = "dummy" }}
            object Service "load \\"5\\"" {{ host_name = "{host}"; check_command = "dummy" }}
        """ for host in ("www.example.test", "shop.example.test"))
        zone = f'object Endpoint "{self.node}" {{ }}\nobject Zone "{self.node}" {{ endpoints = [ "{self.node}" ] }}\n'
        return icinga2.Configuration(directory, self.node, zone + self.listeners() + hosts,
                                     files=["check_cert_renewal.conf"])


def test_icinga_takes_the_downtime(fortnight, tmp_path, pki):
    if reason := icinga2.missing():
        pytest.skip(reason)
    now = datetime.datetime.now(datetime.timezone.utc).strftime("--at=%Y-%m-%dT%H:%M:%SZ")
    stdin = text([hit._replace(time=hit.time.replace(year=2025)) for hit in fortnight])
    words = ["--window=40m", "--schedule=icinga", "--host=shop.example.test", "--service=certificate", '--service=load "5"', "-"]
    body = json.loads(quiet(*words, stdin=stdin, at=now).out)
    daemon = PlainIcinga(tmp_path, pki)
    try:
        more = {key: value for key, value in body.items() if key not in ("type", "filter")}
        daemon.act("schedule-downtime", body["filter"], **more)
        taken = [result["attrs"] for result in daemon.get("/v1/objects/downtimes")["results"]]
    finally:
        daemon.close()
    assert sorted((downtime["host_name"], downtime["service_name"]) for downtime in taken) == [
        ("shop.example.test", "certificate"), ("shop.example.test", 'load "5"')]
    for downtime in taken:
        assert (downtime["start_time"], downtime["end_time"], downtime["fixed"]) == (body["start_time"], body["end_time"], True)
        assert downtime["author"] == "cert_quiet_hours" and downtime["comment"] == body["comment"]


def test_plugin_is_not_linked_with_what_unpacks_logs():
    plugin = pathlib.Path(os.environ["CHECK_CERT_RENEWAL"]).read_bytes()
    for library in (b"libz.so", b"liblzma.so", b"libzstd.so"):
        assert library not in plugin and library in PROGRAM.read_bytes()


def test_json_is_as_documented(fortnight):
    page = (SOURCE / "doc" / "quiet-hours.md").read_text()
    found = measure("-", stdin=text(fortnight)).json

    def fields(title):
        section = re.search(rf"(?ms)^##+ {title}$(.*?)(?=^##|\Z)", page)[1]
        return {name for row in re.findall(r"(?m)^\| (`.*?) \|", section) for name in re.findall(r"`(\w+)`", row)}

    assert fields("JSON") == set(found)
    assert fields("window") == set(found["quietest_of_day"])
    assert fields("hour") == set(found["hours"][0])
    assert fields("spread") == set(found["hours"][0]["visits"])
    assert fields("counted") == set(found["counted"])
    assert fields("file") == set(found["files"][0])


def test_manual_and_completion_have_every_option():
    options = set(re.findall(r"(?m)^ +(?:-\w, )?(--[a-z-]+)", quiet("--help").out))
    assert {"--window", "--schedule", "--help"} <= options
    page = generated("man/cert_quiet_hours.8").replace("\\-", "-")
    assert options <= set(re.findall(r"\\fB(--[a-z-]+)\\fR", page))
    assert not re.search(r"@[A-Z]+@", page)
    for key in re.findall(r'(?m)^KEY\(\w+, "(.*)"\)', (SOURCE / "quiet_hours" / "json_keys.def").read_text()):
        assert re.search(rf"(?m)(^|\s){re.escape(key)}(,|$)", page), f"{key} is not in the manual"


@pytest.mark.parametrize("words, offered", [
    (["--wi"], ["--window"]),
    (["--bots", "="], ["apart", "only", "with"]),
    (["--schedule", "="], ["icinga", "nagios"]),
    (["--window", "=", "40m", "{}/acc"], ["{}/access.log"]),
])
def test_completion(words, offered, tmp_path):
    (tmp_path / "access.log").touch()
    script = generated("completion/cert_quiet_hours") + """
        compopt() { :; } # only works inside of a completion
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        _cert_quiet_hours
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    done = subprocess.run(["bash", "-c", script, "bash", "cert_quiet_hours", *(word.format(tmp_path) for word in words)],
                          capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert sorted(done.stdout.split()) == [word.format(tmp_path) for word in offered]
