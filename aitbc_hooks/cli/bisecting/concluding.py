"""What a search has come to, in words, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aitbc_hooks.cli.bisecting.searching import Finding, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["conclusion"]

#: Outcome -> what is said, and what to do.
_WORDS: Final[Mapping[Outcome, tuple[str, str]]] = {
    Outcome.WORKS: (
        "The command works with all plugins: there is nothing to find.",
        "make sure that it breaks where it is run like this, and run bisect again.",
    ),
    Outcome.ALWAYS: (
        "The command breaks without any plugin: no plugin is to blame.",
        "run it yourself, and mend what it says; if it needs a plugin, name that: --keep NAME.",
    ),
    Outcome.FLAKY: (
        "The command does not break each time: it did with {names}{along}, and then did not.",
        "find out what else it depends on, or have it try until it breaks, and run bisect again.",
    ),
    Outcome.FOUND: (
        "{names} {breaks}{along}; found in {runs} runs.",
        "report it; until then: aitbc-hooks disable {first}",
    ),
}


def conclusion(found: Finding) -> list[str]:
    """Return the lines that end a search."""
    several = len(found.culprits) > 1
    words = {
        "names": " and ".join(found.culprits),
        "breaks": "break the command together, and not apart" if several else "breaks the command",
        "along": f" (with what is needed: {', '.join(found.along)})" if found.along else "",
        "runs": len(found.runs),
        "first": found.culprits[0] if found.culprits else "",
    }
    said, advice = _WORDS[found.outcome]
    return [said.format_map(words), f"What to do: {advice.format_map(words)}"]
