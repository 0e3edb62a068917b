#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares what a check costs with the least that the same work can cost.

The least is a small C program that does the work with OpenSSL and nothing else (floor.c,
floor_bundle.c), or, for what an option adds, the plugin without it, or, for logs, mawk. Both are run in turn against the same server in one run of this script, and only
ratios are judged: they carry over from machine to machine, times do not.

Exit: 0 every row is inside its limit, 1 a row is over, 2 nothing can be said (a program, the server
or a run failed; a run that answers anything but what is expected is an error, not a figure).
"""

import argparse
import collections
import contextlib
import datetime
import glob
import json
import os
import random
import re
import shutil
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time

# The pool: addresses of loopback, the last of which answers late.
POOL = [f"127.0.0.{number}" for number in range(1, 65)]
POOL_LATE = 1.0  # seconds
POOL_WORDS = [word for address in POOL for word in ("-I", address)]

# A case is one piece of work done by the plugin and by a floor program (or by the plugin in another
# way). Words in braces are filled
# in at the run: {port} of the server, {pool} of the pool, {home} of the run's files, {dir} of trust anchors, {bundle}, {count} of its
# certificates. `states`: the exit codes that are an answer; `answer`: what stdout has to match.
# `program`: what is measured, `runs`: the most of each for CPU time and memory.
Case = collections.namedtuple("Case", "plugin states answer floor floor_args floor_answer program runs",
                              defaults=["plugin", None])
MAWK_COUNT = """
{ hour = substr($4, 14, 2); requests[hour]++; if (!((hour, $1) in seen)) { seen[hour, $1]; visits[hour]++ } }
END { for (hour = 0; hour < 24; hour++) { h = sprintf("%02d", hour); print h, visits[h], requests[h] } }
"""
ADDRESS = ["-H", "www.example.test", "-I", "127.0.0.1", "-p", "{port}", "-r", "{dir}"]
OK_80_DAYS = r"\ACERT_RENEWAL OK - .*\bdays_to_expiry'?=(79|80)(\.\d+)?;"
CASES = {
    "address": Case(
        ADDRESS, {0}, OK_80_DAYS,
        "floor", ["127.0.0.1", "{port}", "www.example.test", "{dir}"], r"\A(79|80) days left\n\Z"),
    "name": Case(
        ["-H", "localhost", "-p", "{port}", "-r", "{dir}"],
        {0}, OK_80_DAYS,
        "floor", ["localhost", "{port}", "localhost", "{dir}"], r"\A(79|80) days left\n\Z"),
    # Some of a system's own certificates may be near their end: any state but UNKNOWN will do.
    "bundle": Case(
        ["-f", "{bundle}"],
        {0, 1, 2}, r"\ACERT_RENEWAL (OK|WARNING|CRITICAL) - .*\b{count}\b",
        "floor_bundle", ["{bundle}"], r"\A{count} certificates, soonest end .+\n\Z"),
    # The certificate was recorded by the run that warms the caches. One line: it says nothing of the
    # history.
    "history": Case(
        [*ADDRESS, "--history={home}/history.db"], {0}, OK_80_DAYS + r"[^\n]*\n\Z",
        "plugin", ADDRESS, OK_80_DAYS),
    "pool": Case(
        ["-H", "www.example.test", "-p", "{pool}", "-r", "{dir}", *POOL_WORDS],
        {0}, OK_80_DAYS + rf".*\baddresses'?={len(POOL)}\b",
        "plugin", ["-H", "www.example.test", "-p", "{pool}", "-r", "{dir}", "-I", POOL[-1]], OK_80_DAYS),
    # A day's log: different addresses and requests in each hour, by mawk, the awk that Debian has, and by
    # cert_quiet_hours, which counts them in each window of 40 minutes too, and finds the bots.
    "quiet": Case(
        ["--window=40m", "--utc", "--at=2026-11-25", "{log}"], {0}, r"\nCounted: ",
        "mawk", [MAWK_COUNT, "{log}"], r"\A00 \d+ \d+\n(.+\n)*23 \d+ \d+\n\Z", "quiet_hours", 5),
}

# The rows of the table: text, case, measure, the most that plugin / floor may be.
Row = collections.namedtuple("Row", "text case measure limit")
ROWS = [
    Row("one check by address", "address", "instructions", 1.10),
    Row("one check by address", "address", "cpu", 1.15),
    Row("one check by address", "address", "memory", 1.20),
    Row("one check by name", "name", "instructions", 1.10),
    Row("one check by name", "name", "cpu", 1.15),
    Row("one check by name", "name", "memory", 1.20),
    Row("the system's bundle", "bundle", "instructions", 1.20),
    Row("the system's bundle", "bundle", "cpu", 1.20),
    Row("--history, unchanged", "history", "instructions", 1.10),
    Row("64 addresses, one late", "pool", "elapsed", 1.20),
    Row("64 addresses, one late", "pool", "instructions", 26),
    Row("a log, mawk's count", "quiet", "cpu", 0.20),
    Row("a log, mawk's count", "quiet", "memory", 0.50),
]

# Other plugins, shown for comparison where they are installed, never judged. They do less (the
# first two verify nothing). Text, program, arguments, whether it is one process (callgrind).
Peer = collections.namedtuple("Peer", "text program args single")
PEERS = [
    Peer("check_http -C", "check_http",
         ["-S", "--sni", "-C", "10", "-H", "www.example.test", "-I", "127.0.0.1", "-p", "{port}"],
         True),
    Peer("check_curl -C", "check_curl",
         ["-S", "--sni", "-C", "10", "-H", "www.example.test", "-I", "127.0.0.1", "-p", "{port}"],
         True),
    Peer("check_ssl_cert", "check_ssl_cert",
         ["-H", "www.example.test", "--resolve", "127.0.0.1", "-p", "{port}", "-r", "{root}",
          "--ignore-sct", "--ignore-ocsp"], False),
]
PEER_PATH = ["/usr/lib/nagios/plugins", "/usr/libexec/nagios/plugins",
             "/usr/lib64/nagios/plugins", "/usr/local/libexec", "/usr/local/libexec/nagios"]

CALLGRIND_RUNS = 3
ELAPSED_RUNS = 5
PEER_RUNS = 10
RUN_TIMEOUT = 120  # seconds; a bound on a hang, not a limit that is judged
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C"}


class Fault(Exception):
    """Nothing can be said; the text says why."""


def run(command, cwd=None, env=None):
    """Runs a command of the bench itself: anything but exit 0 is a fault. Returns stdout."""
    try:
        done = subprocess.run(command, cwd=cwd, env={**ENVIRONMENT, **(env or {})}, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=RUN_TIMEOUT)
    except (OSError, subprocess.TimeoutExpired) as why:
        raise Fault(f"{command[0]}: {why}") from why
    if done.returncode != 0:
        raise Fault(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr.strip()}")
    return done.stdout


# --- a throw-away PKI ------------------------------------------------------------------------------

CA_CONFIG = """\
[ca]
default_ca = d
[d]
database = index.txt
new_certs_dir = .
rand_serial = yes
unique_subject = no
default_md = sha256
policy = policy
[policy]
commonName = supplied
[req]
distinguished_name = dn
prompt = no
[dn]
CN = unused
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[intermediate]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[leaf]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:www.example.test,DNS:localhost,IP:127.0.0.1
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


def days_from_now(days):
    now = datetime.datetime.now(datetime.timezone.utc)
    return (now + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")


def make_certificate(home, name, subject, issuer, begin, end):
    """Makes NAME.key and NAME.pem in home, signed by issuer (itself: self-signed)."""
    run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout",
         "-out", f"{name}.key"], cwd=home)
    run(["openssl", "req", "-new", "-config", "ca.cnf", "-key", f"{name}.key",
         "-subj", f"/CN={subject}", "-out", f"{name}.csr"], cwd=home)
    sign = ["-selfsign"] if issuer == name else ["-cert", f"{issuer}.pem"]
    run(["openssl", "ca", "-batch", "-notext", "-config", "ca.cnf", *sign,
         "-keyfile", f"{issuer}.key", "-in", f"{name}.csr", "-extensions", name,
         "-startdate", days_from_now(begin), "-enddate", days_from_now(end),
         "-out", f"{name}.pem"], cwd=home)


def make_pki(home):
    """Makes root, intermediate and leaf (80 of 90 days left) and the directory of trust anchors,
    as full as a real one. Returns the number of its certificates."""
    with open(os.path.join(home, "ca.cnf"), "w") as out:
        out.write(CA_CONFIG)
    open(os.path.join(home, "index.txt"), "w").close()
    make_certificate(home, "root", "Bench Root", "root", -400, 3000)
    make_certificate(home, "intermediate", "Bench Intermediate", "root", -390, 1500)
    make_certificate(home, "leaf", "www.example.test", "intermediate", -10, 80)
    with open(os.path.join(home, "chain.pem"), "w") as out:
        for name in ("leaf", "intermediate"):
            with open(os.path.join(home, f"{name}.pem")) as part:
                out.write(part.read())

    anchors = os.path.join(home, "anchors")
    os.mkdir(anchors)
    shutil.copy(os.path.join(home, "root.pem"), os.path.join(anchors, "bench-root.pem"))
    system = re.search(r'"(.*)"', run(["openssl", "version", "-d"])).group(1)
    for path in sorted(glob.glob(os.path.join(system, "certs", "*.pem"))):
        with open(path, errors="replace") as part:
            text = part.read()
        if text.count("-----BEGIN ") == 1:
            with open(os.path.join(anchors, os.path.basename(path)), "w") as out:
                out.write(text)
    run(["openssl", "rehash", anchors])
    return len(glob.glob(os.path.join(anchors, "*.pem")))


# --- a log -----------------------------------------------------------------------------------------

LOG_SIZE = 200 << 20  # bytes
LOG_VISITORS = 60000


def make_log(path):
    """Writes a day's access log in the Combined Log Format, busy by day and quiet at night."""
    lot = random.Random(1)
    shape = [8, 4, 3, 2, 3, 5, 12, 25, 40, 50, 55, 60, 62, 60, 58, 55, 52, 50, 55, 60, 58, 45, 30, 15]
    visitors = [f"203.{lot.randrange(256)}.{lot.randrange(256)}.{lot.randrange(256)} - - [24/Nov/2026:"
                for _ in range(LOG_VISITORS)]
    agents = [f'"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 '
              'Safari/537.36"\n' for version in range(90, 131)]
    agents += ['"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"\n'] * 4
    pages = [f' +0000] "GET /assets/page-{page}.html HTTP/1.1" 200 {page * 77} "https://www.example.test/page-{page}" '
             for page in range(1000)]
    lines = LOG_SIZE // 233
    with open(path, "w") as out:
        for hour, level in enumerate(shape):
            count = lines * level // sum(shape)
            out.writelines(
                f"{lot.choice(visitors)}{hour:02}:{at * 60 // count:02}:{at * 3600 // count % 60:02}"
                f"{lot.choice(pages)}{lot.choice(agents)}" for at in range(count))


def same_count(quiet, mawk, log):
    """A fault where both programs do not count the same."""
    found = json.loads(run([quiet, "--utc", "--bots=with", "--at=2026-11-25", "--output-format=json", log]))
    ours = "".join(f"{hour['hour']:02} {hour['visits']['max']} {hour['requests']['max']}\n" for hour in found["hours"])
    theirs = run([mawk, MAWK_COUNT, log])
    if ours != theirs:
        raise Fault(f"cert_quiet_hours counts\n{ours}and mawk\n{theirs}")


# --- the server ------------------------------------------------------------------------------------

class Server:
    """openssl s_server on a free port of 127.0.0.1: TLS 1.3, one client after the other."""

    def __init__(self, home):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = os.path.join(home, "server.log")
        # -www: answers the HTTP request that some of the peers insist on, and reads no stdin.
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                ["openssl", "s_server", "-accept", f"127.0.0.1:{self.port}", "-tls1_3",
                 "-cert", "chain.pem", "-cert_chain", "chain.pem", "-key", "leaf.key",
                 "-www", "-quiet"],
                cwd=home, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self.wait_until_up()
        except BaseException:
            self.stop()
            raise

    def wait_until_up(self):
        until = time.monotonic() + 20
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        with open(self.log, errors="replace") as log:
            raise Fault(f"openssl s_server did not start\n{log.read().strip()}")

    def stop(self):
        self.process.kill()
        self.process.wait()


class Pool:
    """The same certificate at each address of the pool, on one port, in threads of this process."""

    def __init__(self, home):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(os.path.join(home, "chain.pem"), os.path.join(home, "leaf.key"))
        self.listeners = []
        self.port = 0
        try:
            for address in POOL:
                listener = socket.create_server((address, self.port))
                self.listeners.append(listener)
                self.port = listener.getsockname()[1]
        except OSError as why:
            self.stop()
            raise Fault(f"no pool of addresses on loopback: {address}: {why}") from why
        for address, listener in zip(POOL, self.listeners):
            late = POOL_LATE if address == POOL[-1] else 0
            threading.Thread(target=self.serve, args=(listener, late), daemon=True).start()

    def serve(self, listener, late):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return  # stopped
            with client, contextlib.suppress(OSError):
                time.sleep(late)
                client.settimeout(RUN_TIMEOUT)
                with self.context.wrap_socket(client, server_side=True) as tls:
                    tls.recv(1)

    def stop(self):
        for listener in self.listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()


# --- measuring -------------------------------------------------------------------------------------

class Program:
    """A program with its arguments and what it is expected to answer; states None: any answer."""

    def __init__(self, command, states, answer, home, usage):
        self.command, self.states, self.answer = command, states, answer
        self.home, self.usage = home, usage

    def run(self, before):
        command = before + self.command
        try:
            done = subprocess.run(command, env=ENVIRONMENT, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  errors="replace", timeout=RUN_TIMEOUT)
        except (OSError, subprocess.TimeoutExpired) as why:
            raise Fault(f"{self.command[0]}: {why}") from why
        if done.returncode not in self.states or not re.search(self.answer, done.stdout):
            wanted = ", ".join(str(state) for state in sorted(self.states))
            raise Fault(f"{' '.join(self.command)}: exit {done.returncode} (expected: {wanted}), "
                        f"expected output like {self.answer}, got:\n"
                        f"{(done.stdout + done.stderr).strip()[:2000] or '(nothing)'}")
        return done

    def instructions(self):
        done = self.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"])
        found = re.findall(r"Collected\s*:\s*(\d+)", done.stderr)
        if not found:
            raise Fault(f"valgrind gave no count for {self.command[0]}\n{done.stderr.strip()}")
        return sum(map(int, found))  # one for each process

    def elapsed(self):
        begin = time.monotonic()
        self.run([])
        return time.monotonic() - begin

    def used(self):
        """Returns CPU time (user and system) in microseconds and the peak memory in KiB."""
        out = os.path.join(self.home, "used")
        self.run([self.usage, out])
        with open(out) as text:
            user, system, peak = map(int, text.read().split())
        return user + system, peak


Figures = collections.namedtuple("Figures", "instructions cpu memory elapsed")
ALL_BUT_ELAPSED = {"instructions", "cpu", "memory"}


def medians(pairs):
    return tuple(statistics.median(side) for side in zip(*pairs))


def compare(ours, floor, runs, measures):
    """Measures both in turn. Returns a Figures of (ours, floor) pairs; None: not among the measures."""
    for program in (ours, floor):
        program.run([])  # warms the caches, and says what is wrong without valgrind's own lines
    counts = elapsed = cpu = peak = None
    if "instructions" in measures:
        counts = medians([(ours.instructions(), floor.instructions()) for _ in range(CALLGRIND_RUNS)])
    if "elapsed" in measures:
        elapsed = medians([(ours.elapsed(), floor.elapsed()) for _ in range(ELAPSED_RUNS)])
    if measures & {"cpu", "memory"}:
        spent, peaks = [0, 0], [[], []]
        for turn in range(runs):
            # Who goes first alternates, so that neither always runs after the other.
            for side in (0, 1) if turn % 2 == 0 else (1, 0):
                time_used, most = (ours, floor)[side].used()
                spent[side] += time_used
                peaks[side].append(most)
        cpu = tuple(total / runs for total in spent)
        peak = tuple(statistics.median(side) for side in peaks)
    return Figures(counts, cpu, peak, elapsed)


UNITS = {"instructions": (1e6, "M"), "cpu": (1e3, "ms"), "memory": (1024, "MiB"), "elapsed": (1, "s")}


def table_line(text, measure, pair, limit):
    scale, unit = UNITS[measure]
    ours, floor = pair
    ratio = ours / floor
    verdict = "" if limit is None else "ok" if ratio <= limit else "over"
    shown = "" if limit is None else f"{limit:.2f}"
    return ratio, (f"{text:<22} {measure:<12} {ours / scale:>9.2f} {floor / scale:>9.2f} {unit:<4}"
                   f"{ratio:>8.3f} {shown:>6}  {verdict}").rstrip()


# --- the run ---------------------------------------------------------------------------------------

def fill(words, values):
    return [re.sub(r"\{(\w+)\}", lambda word: str(values[word.group(1)]), word) for word in words]


def localhost_in_hosts():
    """Whether a name can be resolved here without asking anyone."""
    try:
        with open("/etc/hosts") as hosts:
            lines = [line.split("#")[0].split() for line in hosts]
    except OSError:
        return False
    return any(line[:1] == ["127.0.0.1"] and "localhost" in line[1:] for line in lines)


def check_program(path):
    """A script under callgrind counts its shell; a program not built is better said at once."""
    try:
        with open(path, "rb") as program:
            script = program.read(2) == b"#!"
    except OSError as why:
        raise Fault(f"{path}: {why.strerror}") from why
    if script or not os.access(path, os.X_OK):
        raise Fault(f"{path}: not a program that can be measured")
    return os.path.abspath(path)


def bench_rows(options, values, home):
    """Measures and prints every row. Returns the number of those over their limit."""
    over = 0
    print(f"{'':<22} {'':<12} {'plugin':>9} {'floor':>9} {'':<4}{'ratio':>8} {'limit':>6}")
    for key, case in CASES.items():
        rows = [row for row in ROWS if row.case == key and (not options.only or
                                                            row.case in options.only)]
        if not rows:
            continue
        if key == "name" and not localhost_in_hosts():
            print(f"{rows[0].text:<22} not measured: no 127.0.0.1 localhost in /etc/hosts")
            continue
        if key == "quiet" and options.mawk is None:
            print(f"{rows[0].text:<22} not measured: mawk is not installed")
            continue
        if key == "quiet":
            make_log(values["log"])
            same_count(options.quiet_hours, options.mawk, values["log"])
        plugin = Program([getattr(options, case.program)] + fill(case.plugin, values), case.states,
                         fill([case.answer], values)[0], home, options.usage)
        floor = Program([getattr(options, case.floor)] + fill(case.floor_args, values), {0},
                        fill([case.floor_answer], values)[0], home, options.usage)
        figures = compare(plugin, floor, min(options.runs, case.runs or options.runs),
                          {row.measure for row in rows})
        for row in rows:
            ratio, line = table_line(row.text, row.measure, getattr(figures, row.measure),
                                     row.limit)
            print(line, flush=True)
            over += ratio > row.limit
    return over


def bench_peers(options, values, home):
    case = CASES["address"]
    floor = Program([options.floor] + fill(case.floor_args, values), {0}, case.floor_answer, home,
                    options.usage)
    print("\nFor comparison, by address, not judged:")
    for peer in PEERS:
        path = shutil.which(peer.program, path=os.pathsep.join(
            PEER_PATH + os.environ.get("PATH", "").split(os.pathsep)))
        if path is None:
            print(f"{peer.text:<22} not installed")
            continue
        ours = Program([path] + fill(peer.args, values), {0}, "OK", home, options.usage)
        try:
            measures = ALL_BUT_ELAPSED if peer.single else ALL_BUT_ELAPSED - {"instructions"}
            figures = compare(ours, floor, min(PEER_RUNS, options.runs), measures)
        except Fault as why:
            print(f"{peer.text:<22} not measured: {str(why).splitlines()[-1]}")
            continue
        for measure, pair in figures._asdict().items():
            if pair is not None:
                print(table_line(peer.text, measure, pair, None)[1], flush=True)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--plugin", required=True, help="check_cert_renewal")
    parser.add_argument("--floor", required=True, help="floor, built from floor.c")
    parser.add_argument("--floor-bundle", required=True, help="built from floor_bundle.c")
    parser.add_argument("--quiet-hours", required=True, help="cert_quiet_hours")
    parser.add_argument("--usage", help="built from usage.c; default: beside the floor")
    parser.add_argument("--bundle", default="/etc/ssl/certs/ca-certificates.crt",
                        help="bundle of certificates to read (%(default)s)")
    parser.add_argument("--runs", type=int, default=200,
                        help="runs of each for CPU time and memory (%(default)s)")
    parser.add_argument("--only", action="append", choices=sorted(CASES),
                        help="measure this case alone; may repeat")
    options = parser.parse_args()
    if options.runs < 1:
        parser.error("--runs: at least 1")
    if options.usage is None:
        options.usage = os.path.join(os.path.dirname(os.path.abspath(options.floor)), "usage")
    return options


def bench(options):
    for name in ("plugin", "floor", "floor_bundle", "quiet_hours", "usage"):
        setattr(options, name, check_program(getattr(options, name)))
    options.mawk = shutil.which("mawk", path=ENVIRONMENT["PATH"])
    for program in ("valgrind", "openssl"):
        if shutil.which(program, path=ENVIRONMENT["PATH"]) is None:
            raise Fault(f"{program} is not installed")
    try:
        with open(options.bundle, errors="replace") as bundle:
            count = len(re.findall(r"^-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----", bundle.read(),
                                   re.MULTILINE))
    except OSError as why:
        raise Fault(f"{options.bundle}: {why.strerror}; name another with --bundle") from why

    with tempfile.TemporaryDirectory(prefix="bench-") as home:
        anchors = make_pki(home)
        with contextlib.ExitStack() as stack:
            server = Server(home)
            stack.callback(server.stop)
            pool = Pool(home)
            stack.callback(pool.stop)
            values = {"port": server.port, "pool": pool.port, "home": home,
                      "dir": os.path.join(home, "anchors"),
                      "root": os.path.join(home, "root.pem"), "bundle": options.bundle,
                      "count": count, "log": os.path.join(home, "access.log")}
            print(f"{anchors} trust anchors, {count} certificates in the bundle, "
                  f"{options.runs} runs of each")
            over = bench_rows(options, values, home)
            if not options.only:
                bench_peers(options, values, home)
    return over


def main():
    # So that being stopped also stops the server and removes the directory.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    try:
        over = bench(parse_options())
    except Fault as why:
        sys.stdout.flush()
        print(f"bench: {why}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 2
    print(f"\n{over} over the limit" if over else "\nall inside their limits")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
