# SPDX-License-Identifier: GPL-3.0-or-later
"""An AppArmor profile as a set of rules (apparmor.d(5)), and what a program asked the kernel for, as
strace tells it. So it is known without a kernel that has AppArmor what the profile would refuse."""

import itertools
import os
import re
from dataclasses import dataclass

from scratch import run

VARIABLE = re.compile(r"^(@\{\w+\})\s*\+?=\s*(.*)$")
RULE = re.compile(r"^(?P<deny>deny\s+)?(?:file\s+)?(?P<path>[/@]\S*)\s+(?P<modes>[a-zA-Z]+)$")
NETWORK = re.compile(r"^network\s+(\w+)\s+(\w+)$")


@dataclass(frozen=True)
class Rule:
    pattern: re.Pattern
    modes: frozenset
    deny: bool


class Profile:
    def __init__(self, path, *options):
        self.variables = {}
        self.rules = []
        self.networks = set()
        self.others = []
        # With its includes in it, and without comments.
        text = run("apparmor_parser", "--preprocess", "--skip-kernel-load", *options, path)
        text = re.sub(r"^\s*#.*$|\s#\s.*$", "", text, flags=re.MULTILINE)
        for match in filter(None, (VARIABLE.match(line.strip()) for line in text.splitlines())):
            self.variables.setdefault(match[1], []).extend(match[2].split())
        body = text[text.index("\nprofile "):]
        for statement in re.split(r",\s*\n", body[body.index("{\n") + 1:body.rindex("}")]):
            self._add(" ".join(statement.split()))

    def _add(self, statement):
        if match := RULE.match(statement):
            for path in self._expanded(match["path"]):
                self.rules.append(Rule(pattern(path), frozenset(match["modes"]), bool(match["deny"])))
        elif match := NETWORK.match(statement):
            self.networks.add(match.groups())
        elif statement:
            self.others.append(statement)

    def _expanded(self, path):
        names = re.findall(r"@\{\w+\}", path)
        if not names:
            return [re.sub("//+", "/", path)]
        values = itertools.product(*(self.variables[name] for name in names))
        return [full for value in values for full in self._expanded(self._fill(path, names, value))]

    @staticmethod
    def _fill(path, names, values):
        for name, value in zip(names, values):
            path = path.replace(name, value, 1)
        return path

    def allows(self, path, mode):
        matching = [rule for rule in self.rules if mode in rule.modes and rule.pattern.fullmatch(path)]
        return any(not rule.deny for rule in matching) and not any(rule.deny for rule in matching)

    def denies(self, path, mode):
        """Says so itself, whatever else allows it."""
        return any(rule.deny and mode in rule.modes and rule.pattern.fullmatch(path) for rule in self.rules)


def pattern(glob):
    """A path of a profile as a regular expression, as AppArmor's parser makes it."""
    out, depth, at = "", 0, 0
    while at < len(glob):
        character = glob[at]
        at += 1
        if character == "*":
            deep = glob.startswith("*", at)
            at += deep
            one = "[^\0]" if deep else "[^/\0]"
            # Between two slashes, or after the last one, there has to be something.
            something = out.endswith("/") and (at == len(glob) or glob[at] == "/")
            out += ("[^/\0]" if something else "") + one + "*"
        elif character == "?":
            out += "[^/\0]"
        elif character == "[":
            end = glob.index("]", at)
            out += glob[at - 1:end + 1]
            at = end + 1
        elif character == "{":
            depth += 1
            out += "(?:"
        elif character == "}":
            depth -= 1
            out += ")"
        elif character == "," and depth > 0:
            out += "|"
        elif character == "\\":
            out += re.escape(glob[at])
            at += 1
        else:
            out += re.escape(character)
    return re.compile(out)


# --- What a program did ------------------------------------------------------------------------

CALL = re.compile(r"^(\w+)\((.*)\)\s+= (-?\d+|\?)(?:<([^>]*)>)?(?: (\w+))?")
TRACED = ("open,openat,openat2,creat,execve,mkdir,mkdirat,mknod,mknodat,unlink,unlinkat,rmdir,rename,renameat,renameat2,"
          "link,linkat,symlink,symlinkat,truncate,ftruncate,chmod,fchmod,fchmodat,chown,fchown,fchownat,mmap,fcntl,"
          "flock,socket,connect")
FD_PATH = re.compile(r"^\d+<(/[^>]*)>")
SOCKETS = {"AF_INET": "inet", "AF_INET6": "inet6", "AF_UNIX": "unix", "AF_NETLINK": "netlink"}
KINDS = {"SOCK_STREAM": "stream", "SOCK_DGRAM": "dgram", "SOCK_RAW": "raw"}


class Trace:
    """What a program used in its root directory: {(path, mode)}, {(family, type)}, and what it started."""

    def __init__(self, root):
        self.root = str(root)
        self.files = set()
        self.networks = set()
        self.programs = []

    def read(self, log, begin):
        """From the start of the program named begin on: what was before is strace's and chroot's."""
        begun = False
        for line in log.read_text(errors="replace").splitlines():
            if not (call := CALL.match(line)):
                continue
            name, arguments, result, path, error = call.groups()
            if name == "execve":
                self.programs.append(re.match(r'"([^"]*)"', arguments)[1])
                begun = begun or self.programs[-1] == begin
            elif begun or begin is None:
                self._note(name, arguments, result, path, error)
        return begun

    def _note(self, name, arguments, result, path, error):
        failed = result.startswith("-")
        refused = error in ("EACCES", "EPERM", "EROFS")
        if name in ("open", "openat", "creat", "openat2"):
            # strace names the file that was opened, behind all links: so does AppArmor.
            if not failed:
                self._use(path, modes_of(arguments, name))
            elif refused:
                self._use(argument_path(arguments), modes_of(arguments, name))
        elif name == "socket":
            family, kind = (part.strip() for part in arguments.split(",")[:2])
            self.networks.add((SOCKETS.get(family, family), KINDS.get(kind.split("|")[0], kind)))
        elif name == "connect":
            unix = re.search(r'AF_UNIX, sun_path="([^"]+)"', arguments)
            if unix and error != "ENOENT":
                self._use(unix[1], "rw")
        elif name == "mmap":
            mapped = re.search(r", \d+<(/[^>]*)>", arguments)
            if mapped and "PROT_EXEC" in arguments:
                self._use(mapped[1], "m")
        elif name in ("fcntl", "flock"):
            if name == "flock" or "SETLK" in arguments:
                self._use(FD_PATH.match(arguments)[1], "k")
        elif fd := FD_PATH.match(arguments):
            self._use(fd[1], "w")
        elif not failed or refused:
            # A directory is made under its name with a slash.
            self._use(argument_path(arguments) + ("/" if name in ("mkdir", "mkdirat") else ""), "w")

    def _use(self, path, modes):
        path = path.removesuffix(" (deleted)").removesuffix("(deleted)")
        path = path.removeprefix(self.root) or "/"
        if os.path.isdir(self.root + path) and not path.endswith("/"):
            path += "/"
        self.files.update((path, mode) for mode in modes)


def argument_path(arguments):
    found = re.search(r'"((?:[^"\\]|\\.)*)"', arguments)
    return found[1]


def modes_of(arguments, name):
    if name == "creat":
        return "w"
    flags = arguments.split('"')[-1]
    modes = "rw" if "O_RDWR" in flags else "w" if "O_WRONLY" in flags else "r"
    return modes + ("w" if "O_CREAT" in flags or "O_TRUNC" in flags else "")
