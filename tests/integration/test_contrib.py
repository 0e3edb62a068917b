# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies in contrib is installed: a new file is not forgotten in the list of the Makefile."""

import pathlib
import re

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent


def listed(variable):
    text = (SOURCE / "Makefile.am").read_text()
    return set(re.search(rf"(?m)^{variable} = ((?:.*\\\n)*.*)$", text)[1].replace("\\", "").split())


def test_every_file_is_installed():
    files = {str(path.relative_to(SOURCE)): path for path in (SOURCE / "contrib").rglob("*")
             if path.is_file() and "__pycache__" not in path.parts}
    data, scripts, generated = (listed(name) for name in (
        "nobase_dist_pkgdata_DATA", "nobase_dist_pkgdata_SCRIPTS", "generated_contrib"))
    assert set(files) - generated == (data | scripts) - {"$(generated_contrib)"}
    assert {name for name, path in files.items() if path.stat().st_mode & 0o111} == scripts
