# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's package: built, looked at, installed, used, upgraded, removed and purged."""

import os
import re
import shutil

import pytest

from conftest import PACKAGE, SOURCE
from scratch import NAGIOS, run

PLUGIN = "/usr/lib/nagios/plugins/check_cert_renewal"
DOCUMENTS = f"/usr/share/doc/{PACKAGE}"
STATE = "/var/lib/check_cert_renewal"
COMMANDS = "/etc/nagios-plugins/config/cert_renewal.cfg"


def lintian(*arguments):
    # Experimental tags are guesses.
    root = ["--allow-root"] if os.geteuid() == 0 else []
    return run("lintian", *root, "--no-cfg", "--display-info", "--fail-on=error,warning,info", *arguments)


def test_lintian(deb):
    assert lintian(deb.changes) == ""


def test_version_is_the_projects(deb, version):
    assert deb.field("Version") == version


def test_dependencies(deb):
    assert re.search(r"\blibssl3\w* \(>=", deb.field("Depends"))
    assert re.search(r"\blibuv1\w* \(>=", deb.field("Depends"))
    # What is loaded when it is needed: nothing else finds these.
    for name in ("ca-certificates", "libidn2-0", "libsqlite3-0"):
        assert re.search(rf"(^|, ){name}\b", deb.field("Recommends"))
        assert name not in deb.field("Depends")


def test_contents(deb):
    contents = deb.contents()
    assert contents[PLUGIN] == "-rwxr-xr-x"
    assert "/usr/share/man/man8/check_cert_renewal.8.gz" in contents
    assert "/usr/share/bash-completion/completions/check_cert_renewal" in contents
    assert {"/usr/bin/cert_quiet_hours", "/usr/share/man/man8/cert_quiet_hours.8.gz"} <= set(contents)
    assert "/usr/share/apparmor/extra-profiles/usr.lib.nagios.plugins.check_cert_renewal" in contents
    assert "/usr/share/check_cert_renewal/contrib/icinga2/check_cert_renewal.conf" in contents
    for language in ("de", "fr", "ja"):
        assert f"/usr/share/locale/{language}/LC_MESSAGES/check_cert_renewal.mo" in contents
        assert f"/usr/share/man/{language}/man8/check_cert_renewal.8.gz" in contents
    for name in ("README.Debian", "README.md", "changelog.gz", "copyright", "doc/json.md",
                 "doc/check_cert_renewal.schema.json", "doc/upgrading.md"):
        assert f"{DOCUMENTS}/{name}" in contents
    # A short one is not compressed.
    assert {f"{DOCUMENTS}/NEWS", f"{DOCUMENTS}/NEWS.gz"} & contents.keys()
    assert deb.script("conffiles").split() == [COMMANDS]
    # Nothing outside of the places that are for packages.
    assert [path for path in contents if not f"{path}/".startswith(("/usr/", "/etc/nagios-plugins/", "/etc/"))
            and path != "/"] == []
    assert [path for path in contents if path.startswith(("/usr/local", "/usr/libexec"))] == []


def test_checkout_gives_the_same_package(deb, deb_of_checkout):
    assert deb_of_checkout.contents() == deb.contents()
    assert deb_of_checkout.field("Version") == deb.field("Version")


def owner(root, path):
    status = root.inside(path).stat()
    return status.st_uid, status.st_gid, status.st_mode & 0o7777


def test_life_of_a_package(root, dpkg, deb):
    before = root.files()
    dpkg("--install", deb.deb)
    assert dpkg.state(PACKAGE) == "installed"
    root.copy_libraries(root.inside(PLUGIN))
    assert owner(root, STATE) == (0, 0, 0o700)

    # The user as whom monitoring runs comes later: the next configuration finds it.
    root.add_nagios()
    dpkg("--install", deb.deb)
    assert owner(root, STATE) == (NAGIOS, NAGIOS, 0o700)

    # As an autopkgtest does, but as that user: with a history in the package's own directory.
    shutil.copy(SOURCE / "debian/tests/smoke", root.inside("/tmp/smoke"))
    printed = root.run("sh", "/tmp/smoke", user="nagios")
    assert "CERT_RENEWAL WARNING - " in printed
    history = f"{STATE}/history.db"
    assert owner(root, history) == (NAGIOS, NAGIOS, 0o600)

    # What an administrator chose stays in an upgrade.
    os.chown(root.inside(STATE), 1234, 1234)
    root.inside(STATE).chmod(0o750)
    dpkg("--install", deb.deb)
    assert owner(root, STATE) == (1234, 1234, 0o750)

    # Removed, configuration and history stay.
    dpkg("--remove", PACKAGE)
    assert not root.inside(PLUGIN).exists()
    assert root.inside(COMMANDS).exists()
    assert root.inside(history).exists()

    dpkg("--purge", PACKAGE)
    assert dpkg.state(PACKAGE) == "not-installed"
    libraries = {path for path in root.files() - before if path.startswith(("/usr/lib/", "/lib")) and ".so" in path}
    assert root.files() - before - libraries - {"/tmp/smoke"} == set()


@pytest.mark.parametrize("script", ["postinst", "postrm"])
def test_scripts_are_plain(deb, script):
    text = deb.script(script)
    assert text.startswith("#!/bin/sh\n")
    assert "#DEBHELPER#" not in text
    run("sh", "-n", "-c", text)
