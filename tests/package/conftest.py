# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures for the tests of the packages. PACKAGES_TARBALL names what `make dist` made; make
check-packages sets it. Everything is built once, in pytest's own directory."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, os.path.dirname(__file__))
sys.path.insert(0, str(SOURCE / "tests/integration"))

import scratch  # noqa: E402

PACKAGE = "monitoring-plugins-cert-renewal"


def pytest_configure(config):
    if not os.access(os.environ.get("PACKAGES_TARBALL", ""), os.R_OK):
        raise pytest.UsageError("PACKAGES_TARBALL has to name the tarball of the sources, as `make "
                                "check-packages` does")
    # Where Debian keeps what only root is expected to run.
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    if "s" not in config.option.reportchars:
        config.option.reportchars += "s"


def build_environment(**more):
    """Without what make hands to what it runs. The project's own checks run the unit tests."""
    env = {key: value for key, value in os.environ.items()
           if key not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKE_TERMOUT", "MAKE_TERMERR", "DESTDIR")}
    return env | {"LC_ALL": "C.UTF-8", "DEB_BUILD_PROFILES": "nocheck"} | more


class DebianPackage:
    def __init__(self, directory):
        self.directory = directory
        self.changes, = directory.glob("*.changes")
        self.deb, = directory.glob(f"{PACKAGE}_*.deb")

    def field(self, name):
        return scratch.run("dpkg-deb", "--field", self.deb, name).strip()

    def contents(self):
        """{path: mode} with / at the end of directories, and "link -> target"."""
        listing = scratch.run("dpkg-deb", "--contents", self.deb)
        return {line.split(None, 5)[5].removeprefix("."): line.split()[0] for line in listing.splitlines()}

    def script(self, name):
        return scratch.run("dpkg-deb", "--info", self.deb, name)


def build_deb(source, *options, **environment):
    jobs = os.sysconf("SC_NPROCESSORS_ONLN")
    env = build_environment(DEB_BUILD_OPTIONS=f"nocheck noautodbgsym parallel={jobs} {environment.pop('extra', '')}", **environment)
    scratch.run("dpkg-buildpackage", "-us", "-uc", *options, cwd=source, env=env)
    return DebianPackage(source.parent)


@pytest.fixture(scope="session")
def tarball():
    return pathlib.Path(os.environ["PACKAGES_TARBALL"]).resolve()


@pytest.fixture(scope="session")
def version(tarball):
    return re.fullmatch(r"check_cert_renewal-(.+)\.tar\.xz", tarball.name)[1]


@pytest.fixture(scope="session")
def deb(tarball, version, tmp_path_factory):
    """Source and binary package, from the tarball."""
    directory = tmp_path_factory.mktemp("deb")
    scratch.run("tar", "-xJf", tarball, cwd=directory)
    return build_deb(directory / f"check_cert_renewal-{version}")


@pytest.fixture(scope="session")
def deb_of_checkout(tmp_path_factory):
    """Binary package from a checkout's files, where this is one: nothing in them is generated."""
    if not (SOURCE / ".git").exists():
        pytest.skip("no checkout, but a tarball: nothing else to build")
    directory = tmp_path_factory.mktemp("checkout") / "source"
    directory.mkdir()
    files = subprocess.run(["git", "-c", f"safe.directory={SOURCE}", "-C", SOURCE, "ls-files", "-z"],
                           stdout=subprocess.PIPE, check=True).stdout
    present = b"\0".join(name for name in files.split(b"\0") if name and (SOURCE / os.fsdecode(name)).exists())
    packed = subprocess.run(["tar", "-C", SOURCE, "--null", "--files-from=-", "-c"], input=present,
                            stdout=subprocess.PIPE, check=True).stdout
    subprocess.run(["tar", "-x", "-C", directory], input=packed, check=True)
    return build_deb(directory, "-b", extra="noopt")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    if os.geteuid() != 0:
        pytest.skip("installing in a root directory of its own needs root")
    return scratch.Root(tmp_path_factory.mktemp("root"))


@pytest.fixture(scope="module")
def dpkg(root, deb):
    words = re.findall(r"[a-z0-9][a-z0-9+.:-]+", re.sub(r"\([^)]*\)", "", deb.field("Depends")))
    return scratch.Dpkg(root, words)


@pytest.fixture(scope="module")
def installed(root, dpkg, deb):
    """A root with the package and the user nagios."""
    root.add_nagios()
    dpkg("--install", deb.deb)
    root.copy_libraries(root.inside("/usr/lib/nagios/plugins/check_cert_renewal"))
    return root
