"""Starting is cheap: what the command line imports at once is bounded."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = ("numpy", "scipy", "sklearn", "pandas", "PIL", "jinja2", "sqlite_utils", "rjieba", "msgspec", "pydantic")


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    code = "import json, sys, creator_kit.cli, creator_kit.cli.app; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = {name.split(".")[0] for name in json.loads(run.stdout)}
    assert not modules & set(HEAVY)
