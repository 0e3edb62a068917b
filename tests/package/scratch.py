# SPDX-License-Identifier: GPL-3.0-or-later
"""A small root directory, made of copies of the running system's programs and libraries: packages are
installed there and run there, and the host's own database of packages is never touched."""

import os
import re
import shutil
import subprocess

ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root"}

# What maintainer scripts and the smoke test call.
PROGRAMS = ["sh", "cat", "chown", "date", "env", "getent", "grep", "mkdir", "mktemp", "openssl", "rm",
            "rmdir", "sed", "sleep", "stat"]

# What the plugin loads only when it needs it.
LOADED = ["libidn2.so.0", "libsqlite3.so.0"]

NAGIOS = 4321  # user and group


def run(*argv, code=0, **options):
    """Runs a command that has to end with that code; returns what it printed."""
    done = subprocess.run([str(item) for item in argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, text=True, errors="replace", **options)
    assert done.returncode == code, f"{argv} ended with {done.returncode}:\n{done.stdout[-8000:]}"
    return done.stdout


class Root:
    def __init__(self, directory):
        self.path = directory
        directory.chmod(0o755)
        for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
            if os.path.islink(f"/{name}"):
                self._directory(os.path.join("/", os.readlink(f"/{name}")))
                (directory / name).symlink_to(os.readlink(f"/{name}"))
        for name in ("/dev", "/etc/ssl/certs", "/root", "/run", "/usr/share", "/var/log"):
            self._directory(name)
        self._directory("/tmp").chmod(0o1777)
        # A device may be refused, and nothing here reads it.
        (directory / "dev/null").touch(0o666)
        (directory / "dev/null").chmod(0o666)
        for program in PROGRAMS:
            self.copy(shutil.which(program))
        for library in LOADED:
            self.copy(library_path(library))
        self.copy("/etc/ssl/openssl.cnf")
        self.link("/usr/lib/ssl/openssl.cnf", "/etc/ssl/openssl.cnf")
        self.link("/usr/lib/ssl/certs", "/etc/ssl/certs")
        self.write("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
        self.write("/etc/group", "root:x:0:\n")
        self.write("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n")
        self.write("/etc/hosts", "127.0.0.1 localhost\n")
        self.write("/etc/host.conf", "multi on\n")
        self.write("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")

    def _directory(self, path):
        made = self.inside(path)
        made.mkdir(parents=True, exist_ok=True)
        return made

    def inside(self, path):
        """Where the root's own /path lies on the host."""
        return self.path / str(path).lstrip("/")

    def write(self, path, text):
        file = self.inside(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def link(self, path, target):
        file = self.inside(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.symlink_to(target)

    def copy(self, path):
        """A file of the host, under each of its names, with the libraries that it needs."""
        real = os.path.realpath(path)
        for name in {real, os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))}:
            if os.path.islink(name):
                if not os.path.lexists(self.inside(name)):
                    self.link(name, real)
            elif not self.inside(name).exists():
                self.inside(name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(name, self.inside(name))
                self.copy_libraries(name)

    def copy_libraries(self, program):
        done = subprocess.run(["ldd", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for library in re.findall(r"(/\S+) \(0x", done.stdout):
            self.copy(library)

    def add_nagios(self):
        """The user as whom monitoring runs, as Debian's packages make it."""
        for file, line in (("passwd", f"nagios:x:{NAGIOS}:{NAGIOS}::/var/lib/nagios:/bin/sh"),
                           ("group", f"nagios:x:{NAGIOS}:")):
            with open(self.inside(f"/etc/{file}"), "a") as out:
                out.write(line + "\n")

    def run(self, *argv, user=None, code=0, environment=None):
        chroot = ["chroot", *([f"--userspec={user}:{user}"] if user else []), self.path]
        return run(*chroot, *argv, code=code, env=ENVIRONMENT | (environment or {}), cwd="/")

    def files(self):
        """Every path but dpkg's own."""
        return {os.path.join(directory, name).removeprefix(str(self.path))
                for directory, directories, names in os.walk(self.path) for name in directories + names
                if not directory.startswith((str(self.inside("/var/lib/dpkg")), str(self.inside("/var/log"))))}


class Dpkg:
    """dpkg with a database of its own in a root. It knows what the host has of the packages that the
    root's packages depend on, so that dependencies are looked at, not forced."""

    def __init__(self, root, needed):
        self.root = root
        self.database = root.inside("/var/lib/dpkg")
        for name in ("info", "updates", "triggers"):
            (self.database / name).mkdir(parents=True)
        (self.database / "available").touch()
        shutil.copy("/var/lib/dpkg/info/format", self.database / "info")
        known = []
        for package in needed:
            done = subprocess.run(["dpkg-query", "--status", package], stdout=subprocess.PIPE, text=True)
            if done.returncode == 0:
                known.append(done.stdout)
                listing = run("dpkg-query", "--control-path", package, "md5sums").strip()
                for name in (package, os.path.basename(listing).removesuffix(".md5sums")):
                    (self.database / "info" / f"{name}.list").touch()
        (self.database / "status").write_text("\n".join(known))

    def __call__(self, *arguments):
        return run("dpkg", f"--root={self.root.path}", *arguments, env=ENVIRONMENT)

    def state(self, package):
        done = subprocess.run(["dpkg-query", f"--admindir={self.database}", "--show",
                               "--showformat=${db:Status-Status}", package],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return done.stdout or "not-installed"


def library_path(name):
    """Where the dynamic linker finds it."""
    cache = run("ldconfig", "--print-cache", env=ENVIRONMENT)
    found = re.search(rf"^\s*{re.escape(name)} .*=> (\S+)$", cache, re.MULTILINE)
    assert found, f"{name} is not installed"
    return found[1]
