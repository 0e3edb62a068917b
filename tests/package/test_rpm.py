# SPDX-License-Identifier: GPL-3.0-or-later
"""The RPM: built as far as a Debian system can, from the tarball and from nothing else."""

import os
import pathlib

import pytest

from conftest import SOURCE, build_environment
from scratch import run

SPEC = "packaging/rpm/nagios-plugins-cert-renewal.spec"
RPMLINTRC = SOURCE / "packaging/rpm/nagios-plugins-cert-renewal.rpmlintrc"
BUILT_ON_DEBIAN = SOURCE / "tests/package/rpmlint.toml"

# What a checkout needs, and the tarball does not.
NOT_NEEDED = ["aclocal", "autoconf", "autoheader", "automake", "autoreconf", "git", "msgfmt",
              "po4a", "po4a-translate", "xgettext"]


class Rpm:
    def __init__(self, path, log, called):
        self.path, self.log, self.called = path, log, called

    def query(self, *arguments):
        return run("rpm", "--query", "--package", *arguments, self.path)


@pytest.fixture(scope="module")
def rpm(tarball, tmp_path_factory):
    directory = tmp_path_factory.mktemp("rpm")
    called = directory / "called"
    called.touch()
    for name in NOT_NEEDED:
        program = directory / "programs" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\necho \"$0 $*\" >>{called}\nexit 1\n")
        program.chmod(0o755)
    # This host has no database of RPM packages, so it cannot know what is installed.
    log = run("rpmbuild", "-tb", "--nodeps", "--without", "tests", "--define", f"_topdir {directory}",
              "--define", "optflags -O0", "--define", f"_smp_mflags -j{os.sysconf('SC_NPROCESSORS_ONLN')}", tarball,
              env=build_environment(PATH=f"{directory}/programs:{os.environ['PATH']}"))
    built, = (directory / "RPMS").glob("*/nagios-plugins-cert-renewal-[0-9]*.rpm")
    return Rpm(built, log, called)


def rpmlint(*paths):
    return run("rpmlint", "--strict", "--config", BUILT_ON_DEBIAN, "--rpmlintrc", RPMLINTRC, *paths)


def test_rpmlint(rpm):
    assert "0 errors, 0 warnings" in rpmlint(SOURCE / SPEC, rpm.path)


def test_files_are_listed_once(rpm):
    assert "File listed twice" not in rpm.log


def test_built_from_the_tarball_alone(rpm):
    assert rpm.called.read_text() == ""


def test_contents(rpm, version):
    assert rpm.query("--queryformat", "%{VERSION}") == version
    files = rpm.query("--list").split()
    plugin, = (path for path in files if pathlib.PurePath(path).name == "check_cert_renewal" and "plugins/" in path)
    assert plugin == run("rpm", "--eval", "%{_libdir}/nagios/plugins/check_cert_renewal").strip()
    assert any(path.startswith("/usr/share/man/man8/check_cert_renewal.8") for path in files)
    assert "/usr/share/bash-completion/completions/check_cert_renewal" in files
    assert "/usr/bin/cert_quiet_hours" in files
    for language in ("de", "fr", "ja"):
        assert f"/usr/share/locale/{language}/LC_MESSAGES/check_cert_renewal.mo" in files
        assert any(path.startswith(f"/usr/share/man/{language}/man8/check_cert_renewal.8") for path in files)
    assert "/usr/share/check_cert_renewal/contrib/icinga2/check_cert_renewal.conf" in files
    # Made when it is installed, for the user that is there then.
    assert "/var/lib/check_cert_renewal g" in rpm.query("--queryformat", r"[%{FILENAMES} %{FILEFLAGS:fflags}\n]").split("\n")
    assert any(path.endswith("/COPYING") for path in rpm.query("--licensefiles").split())
    assert any(path.endswith("/doc/upgrading.md") for path in rpm.query("--docfiles").split())


def test_dependencies(rpm):
    """What is loaded when it is needed, under the name that rpm finds libraries by."""
    recommended = rpm.query("--recommends").split("\n")
    linked = rpm.query("--requires")
    mark = "()(64bit)" if "()(64bit)" in linked else ""
    for name in ("ca-certificates", f"libidn2.so.0{mark}", f"libsqlite3.so.0{mark}"):
        assert name in recommended
    assert "libuv.so.1" in linked and "libsqlite3" not in linked
    # What is ready for Checkmk needs it, the plugin does not.
    assert "python" not in linked
