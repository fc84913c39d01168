from __future__ import annotations

import os
import subprocess
import sys


def test_versions_bring_nothing_with_them_but_attrs():
    code = "import attrs, enum, re, sys; before = set(sys.modules); from aitbc_hooks.versions import Requirement; "
    code += "print(*sorted(set(sys.modules) - before))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert all(name.split(".")[0] == "aitbc_hooks" for name in done.stdout.split())
    assert "aitbc_hooks.versions.ranges" in done.stdout.split()


def test_the_start_order_brings_no_solver_with_it():
    code = "import sys; from aitbc_hooks.resolution import start_order; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert "aitbc_hooks.resolution.order" in done.stdout.split()
    assert "aitbc_hooks.resolution.solving" not in done.stdout.split()
