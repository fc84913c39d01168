"""Print the tests that judge a module of the kit's oracles, one a line, as pytest names them.

For a module of checks: the examples of its checks, what is planted for them, the sound plugin that
they leave alone, and the tests of their own. For one that watches: the tests of trials.

    python .ci/mutation/tests_of.py MODULE
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = ["tests/teeth"]

from planted import every_fault

from aitbc_hooks.testing.kit import CHECKS

_WATCHING = {
    "activity",
    "contacts",
    "holdings",
    "saying",
    "stalling",
    "succession",
    "surroundings",
    "twins",
}
_SOUND = {"ai": "SoundAI", "blockchain": "SoundChain", "cli": "SoundCLI"}
_EXAMPLES = "tests/testing/test_conformance_checks.py"
_GATE = "tests/teeth/test_teeth_gate.py"


def main(module: str) -> None:
    if module in _WATCHING:
        for name in ("watching", "trial", "parts"):
            print(f"tests/testing/test_conformance_{name}.py")
        if module in ("activity", "succession"):
            print("tests/testing/test_conformance_lifecycle.py")
        return
    checks = [each for each in CHECKS.values() if each.examine.__module__.endswith(f".{module}")]
    ids = {each.id for each in checks}
    print(f"{_EXAMPLES}::test_a_sound_plugin_fails_nothing[{_SOUND.get(module, 'Sound')}]")
    for check in checks:
        name = "test_the_example_of_a_check_fails_it_and_nothing_that_it_needs"
        print(f"{_EXAMPLES}::{name}[{check.label}]")
    for fault in every_fault():
        if ids & set(fault.killers) and not fault.risky:
            name = "test_a_planted_fault_is_found_by_a_check_that_is_meant_to"
            print(f"{_GATE}::{name}[{fault.id}]")
    for path in sorted(Path("tests/testing").glob(f"test_conformance_{module}*.py")):
        print(path)


main(*sys.argv[1:])
