# SPDX-License-Identifier: GPL-3.0-or-later
"""The AppArmor profile: the installed plugin gets all that it asks for in its many modes, and no more than
it should. What it asks for is what strace saw in a root directory of its own."""

import contextlib
import os
import subprocess

import pytest

import pki as certificates
import servers
from apparmor import TRACED, Profile, Trace, pattern
from conftest import SOURCE
from pki import DAY
from scratch import ENVIRONMENT, run
from test_client_state import CLIENTS

PLUGIN = "/usr/lib/nagios/plugins/check_cert_renewal"
PROFILE = SOURCE / "packaging/apparmor/usr.lib.nagios.plugins.check_cert_renewal"
HOST = "www.example.test"
OTHER_SCRIPT, ENCODED = "b\u00fccher.example", "xn--bcher-kva.example"

# Where each client keeps its files.
HOMES = {"certbot": "/etc", "acme.sh": "/root", "lego": "/root", "caddy": "/root/.local/share",
         "dehydrated": "/var/lib", "traefik": "/etc/traefik", "certmonger": "/var/lib"}


@pytest.fixture(scope="module")
def profile():
    return Profile(PROFILE)


@pytest.fixture(scope="module")
def network(installed, tmp_path_factory):
    """Certificates in the root's places, and servers on loopback that serve them."""
    root = installed
    pki = certificates.PKI(tmp_path_factory.mktemp("pki"))
    leaf = pki.leaf(HOST, names=[certificates.dns(HOST), certificates.dns(ENCODED)])
    renewed = pki.leaf(HOST, not_before=certificates.NOW - DAY)
    root.write("/etc/hosts", f"127.0.0.1 localhost {HOST} {ENCODED}\n::1 {HOST}\n")
    # The anchor as ca-certificates has it: a local file, and links to it.
    root.write("/usr/local/share/ca-certificates/test.crt", pki.root.pem)
    root.write("/usr/share/ca-certificates/test/other.crt", certificates.authority("Other").pem)
    for name in ("/usr/local/share/ca-certificates/test.crt", "/usr/share/ca-certificates/test/other.crt"):
        root.link(f"/etc/ssl/certs/{os.path.basename(name).replace('.crt', '.pem')}", name)
    root.run("openssl", "rehash", "/etc/ssl/certs")
    root.write("/etc/ssl/certs/ca-certificates.crt", pki.root.pem)
    root.write("/etc/ssl/private/www.key", leaf.key_pem)
    root.write("/etc/ssl/www.pem", leaf.pem + pki.intermediate.pem)
    root.write("/etc/pki/tls/certs/www.pem", leaf.pem)
    root.write("/etc/monitoring-plugins/monitoring-plugins.ini", f"[check_cert_renewal]\nfile=/etc/ssl/www.pem\n")
    for kind in CLIENTS:
        home = root.inside(HOMES[kind.name])
        home.mkdir(parents=True, exist_ok=True)
        client = kind(home, HOST)
        client.keep(renewed, pki.intermediate, renewed.not_before)
        if hasattr(client, "failed"):
            client.failed(renewed.not_before, "Detail: no such name")
    # What the trees have of the host's paths is the root's. certbot's log and certmonger's certificates are elsewhere.
    for path in [*root.inside("/etc/letsencrypt/renewal").iterdir(), *root.inside("/var/lib/certmonger/requests").iterdir()]:
        text = path.read_text().replace(str(root.path), "")
        path.write_text(text.replace("/etc/logs", "/var/log/letsencrypt").replace("/var/lib/tls", "/etc/pki/tls/certs"))
    os.rename(root.inside("/etc/logs"), root.inside("/var/log/letsencrypt"))
    os.rename(root.inside("/var/lib/tls/cert.pem"), root.inside("/etc/pki/tls/certs/cert.pem"))
    unknown = certificates.issue(HOST, certificates.authority("Unknown"))
    with contextlib.ExitStack() as running:
        yield [running.enter_context(contextlib.closing(servers.OpenSSLServer(root.inside(f"/srv/{name}"), chain)))
               for name, chain in (("trusted", [leaf, pki.intermediate]), ("unknown", [unknown]))]


class Session:
    """Runs of the installed plugin under strace."""

    def __init__(self, root, directory):
        self.root, self.directory = root, directory
        self.trace = Trace(root.path)
        self.runs = 0

    def __call__(self, *arguments, words=""):
        self.runs += 1
        log = self.directory / f"trace{self.runs}"
        at = [] if "--self-test" in arguments else [f"--at=@{certificates.NOW}"]
        argv = ["strace", "-ff", "-qq", "-y", "-s", "4096", "-e", f"trace={TRACED}", "-o", log,
                "chroot", self.root.path, PLUGIN, *arguments, *([] if "--history" in arguments else at)]
        done = run("sh", "-c", '"$@"; test $? -le 3', "sh", *argv, env=ENVIRONMENT, cwd="/")
        assert words in done, done
        threads = sorted(self.directory.glob(f"trace{self.runs}.*"), key=lambda path: int(path.suffix[1:]))
        assert self.trace.read(threads[0], PLUGIN), "strace saw no start of the plugin"
        for thread in threads[1:]:
            self.trace.read(thread, None)
        return done


@pytest.fixture(scope="module")
def used(installed, network, tmp_path_factory):
    """What the plugin asked for in all these runs."""
    allowed = subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], stderr=subprocess.PIPE, text=True)
    if allowed.returncode != 0:
        pytest.skip(f"no program can be traced here: {allowed.stderr.strip()}")
    trusted, unknown = network
    session = Session(installed, tmp_path_factory.mktemp("traces"))
    served = ["-H", HOST, "-p", str(trusted.port)]
    session(*served, "-v", "-v", words="trusted by")
    session(*served, "--output-format=json", words='"trust"')
    session(*served, "--all-addresses", "--forecast")
    session("-H", HOST, "-p", str(unknown.port), words="trust")
    session("-H", OTHER_SCRIPT, "-p", str(trusted.port), words="20 days left")
    session("-H", "nowhere.example", "-t", "3", words="unreachable")
    session(*served, f"--ari=https://{HOST}:{trusted.port}/directory")
    session(*served, "-r", "/etc/ssl/certs")
    for _ in range(2):
        session(*served, "--history")
    session(*served, "--history", "--show-history")
    session("-f", "/etc/ssl/www.pem", "-f", "/etc/ssl/certs", "-f", "/etc/pki/tls/certs/*.pem")
    session("--extra-opts", words="/etc/ssl/www.pem")
    session(*served, "-f", f"/etc/letsencrypt/live/{HOST}", words="renewed on disk")
    for kind in CLIENTS:
        directory = "acme.json" if kind.name == "traefik" else {
            "certbot": "letsencrypt", "acme.sh": ".acme.sh", "lego": ".lego"}.get(kind.name, kind.name)
        session(*served, f"--client-state={HOMES[kind.name]}/{directory}", "-v", words=kind.name)
    usage = session("--help")
    for option in ("--self-test", "--lang=ja"):
        if option.split("=")[0] in usage:
            session(option, *([] if option == "--self-test" else served))
    return session


def test_parsed():
    printed = run("apparmor_parser", "--skip-kernel-load", "--skip-read-cache", "--skip-cache", PROFILE)
    assert "rror" not in printed


def test_everything_asked_for_is_allowed(profile, used):
    refused = {(path, mode) for path, mode in used.trace.files if not profile.allows(path, mode)}
    assert {path for path, mode in refused if not profile.denies(path, mode)} == set()
    # Of what it denies the plugin can do without: the keys beside certificates.
    assert all(path.endswith(".key") or "/privkey" in path for path, mode in refused), refused
    assert used.trace.networks <= profile.networks


def test_what_was_asked_for_is_what_was_meant(used):
    """The runs above did reach what they were made for."""
    files = used.trace.files
    assert {("/var/lib/check_cert_renewal/history.db", mode) for mode in "rwk"} <= files
    assert ("/var/lib/check_cert_renewal/history.db-journal", "w") in files
    for path in ("/etc/hosts", "/etc/ssl/certs/ca-certificates.crt", "/etc/traefik/acme.json",
                 "/usr/local/share/ca-certificates/test.crt", f"/etc/letsencrypt/archive/{HOST}/fullchain1.pem",
                 f"/etc/letsencrypt/archive/{HOST}/privkey1.pem", "/var/log/letsencrypt/letsencrypt.log",
                 f"/root/.acme.sh/{HOST}_ecc/{HOST}.conf", "/etc/monitoring-plugins/monitoring-plugins.ini"):
        assert (path, "r") in files, path
    for library in ("libidn2.so", "libsqlite3.so"):
        assert any(library in path and mode == "m" for path, mode in files)
    assert {("inet", "stream"), ("inet", "dgram")} <= used.trace.networks


def test_starts_no_program(profile, used):
    assert set(used.trace.programs) <= {PLUGIN, *(f"{directory}/chroot" for directory in ENVIRONMENT["PATH"].split(":"))}
    assert [rule for rule in profile.rules if not rule.deny and "x" in rule.modes] == []
    assert [rule for rule in profile.others if rule.startswith(("capability", "mount", "change_profile"))] == []


@pytest.mark.parametrize("path, mode", [
    ("/etc/shadow", "r"), ("/root/.ssh/id_ed25519", "r"), ("/root/.bash_history", "r"), ("/etc/ssl/private/www.key", "r"),
    ("/etc/ssl/private/", "r"), ("/etc/letsencrypt/archive/www.example.test/privkey1.pem", "r"),
    ("/etc/letsencrypt/accounts/ca/directory/1/private_key.json", "r"), ("/root/.acme.sh/www/www.key", "r"),
    ("/var/lib/caddy/.local/share/caddy/certificates/ca/www/www.key", "r"), ("/etc/ssl/www.pem", "w"),
    ("/etc/letsencrypt/archive/www.example.test/fullchain1.pem", "w"), ("/etc/hosts", "w"), ("/tmp/file", "w"),
    ("/var/lib/check_cert_renewal/other", "w"), ("/var/lib/nagios/file", "w"), ("/usr/lib/nagios/plugins/other", "w"),
    ("/srv/file", "r"),
])
def test_no_more_than_that(profile, path, mode):
    assert not profile.allows(path, mode)


@pytest.mark.parametrize("glob, matching, others", [
    ("/a/*", ["/a/b"], ["/a/", "/a/b/c", "/a/b/"]),
    ("/a/**", ["/a/b", "/a/b/c", "/a/b/"], ["/a/", "/a"]),
    ("/a/{,**}", ["/a/", "/a/b", "/a/b/c"], ["/a", "/ab"]),
    ("/a/*/b{1,2}", ["/a/x/b1", "/a/x/b2"], ["/a//b1", "/a/x/b3", "/a/x/b"]),
    ("/a/[bc]?.d", ["/a/bx.d", "/a/cx.d"], ["/a/b.d", "/a/dx.d", "/a/bxxd"]),
])
def test_patterns(glob, matching, others):
    assert [path for path in matching + others if pattern(glob).fullmatch(path)] == matching
