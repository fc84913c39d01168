"""Write the reference pages from the code: ``python docs/generate.py``.

A test holds that the pages are what this writes (tests/test_docs.py).
"""

from __future__ import annotations

import inspect
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import aitbc_hookspecs
from aitbc_hooks.errors import CODES
from aitbc_hooks.lifecycle import NOTHING_TO_DO, TABLE, Operation
from aitbc_hooks.testing.kit import CHECKS, UNTESTED

if TYPE_CHECKING:
    from types import ModuleType

    from aitbc_hooks.testing.kit import Check

HERE = Path(__file__).parent
_NOTE = "<!-- Written by docs/generate.py; change the code, then run it. -->\n"

_LIFECYCLE = """{note}
# Lifecycle

```mermaid
stateDiagram-v2
    [*] --> UNLOADED
    UNLOADED --> LOADING: load
    LOADING --> LOADED: initialize() is True
    LOADING --> ERROR
    LOADED --> ACTIVE: start() is True
    LOADED --> ERROR
    ACTIVE --> INACTIVE: stop() is True
    ACTIVE --> ERROR
    INACTIVE --> ACTIVE: start() is True
    INACTIVE --> ERROR
    LOADED --> UNLOADING: unload
    INACTIVE --> UNLOADING: unload
    ERROR --> UNLOADING: unload
    UNLOADING --> UNLOADED: cleanup()
```

| from | operation | to on success | to on failure | the plugin's methods |
|---|---|---|---|---|
{rows}

An operation that has nothing left to do returns True and calls nothing:

| operation | in |
|---|---|
{idle}

Any other pair raises `LifecycleError` (`AITBC-L01`), which names what is legal; nothing is called.

- Success is `True` and nothing else. `False`, `None`, `1`, an exception, `SystemExit` and a passed
  deadline are failures; `KeyboardInterrupt` propagates once the failure is recorded.
- `stop()` is owed once for each `start()` that returned True. `cleanup()` is owed once for each
  instance whose `initialize()` was entered, whatever happened since; a failed `stop()` never skips
  it. A fresh load makes a fresh instance. `cleanup()` never has to call `self.stop()`, and may not:
  an operation on a plugin from inside its own transition would wait for itself (`AITBC-L02`). What
  both have to do goes into a third method.
- Each method has 30 s unless the configuration says otherwise (`timeouts`), then 5 s to end after
  its cancellation. A method that ignores that is abandoned, and nothing of its instance is called
  again.
- Operations on one plugin take turns, first come first served, and are judged when their turn has
  come. Different plugins proceed at the same time.
- Cancelling a caller before the method was entered has no effect at all. Inside `initialize`,
  `start` and `stop` the method is cancelled, and its actual result decides the status. An unload
  that has begun completes; it begins when the plugins that need it have stopped. Stopping the
  host completes too. Then `CancelledError` is raised.
- A [reload](reload.md) is the unload of one instance and the load of another, in another order: the
  old one's `cleanup()` comes last, and where the new one fails, the old one is started again.
- Hook calls and [events](events.md) are let in after `start()` has returned True, and kept out
  before `stop()` is entered.
- An object that is registered as it is (an instance, a module) belongs to one host at a time; each
  load enters it again, unless an earlier call of it was abandoned.
- While a plugin is ACTIVE, so is everything that it needs: starting starts what is needed first,
  stopping and unloading stop what needs it first. An optional dependency (`?name`) starts first if
  it is enabled; of two plugins that conflict (`!name`) only one is ACTIVE
  ([all forms](resolution.md)).
- A host starts dependencies first, then by `priority` (1 to 100, lower first), then by name;
  plugins that do not need one another start at the same time. It stops and unloads in the reverse
  order: a plugin after those that need it and after those of a higher priority number, plugins of
  one priority at the same time.
"""


_CHECKS = """{note}
# The checks of the conformance kit

{count} checks, each of one sentence of the contract. MUST, SHOULD and MAY are those of RFC 2119: a
plugin is conformant if it fails no MUST; failures of a SHOULD are advisories. A check that does not
concern a plugin is N/A with the reason, one that could not be decided is INCONCLUSIVE.
[How to run them](../certify.md).

"""


def errors() -> str:
    """Return the page of error codes."""
    rows = "\n".join(f"| `{code}` | {meaning} |" for code, meaning in CODES.items())
    return f"""{_NOTE}
# Error codes

Every error and every recorded failure has one of these codes. A code never changes its meaning.
The message beside it says which plugin it happened to, what was expected and what was seen.

| code | meaning |
|---|---|
{rows}
"""


def lifecycle() -> str:
    """Return the page of the lifecycle table."""
    rows = "\n".join(
        "| {sources} | {operation} | {via}{success} | {failure} | {methods} |".format(
            sources=", ".join(sorted(status.name for status in row.sources)),
            operation=row.operation.value,
            via=f"{row.via.name} → " if row.via else "",
            success=row.success.name,
            failure=row.failure.name + (", returns False" if row.failure is row.success else ""),
            methods=", then ".join(
                f"`{method}()`"
                for method in (row.first.value if row.first else None, row.method)
                if method
            ),
        )
        for row in TABLE
    )
    idle = "\n".join(
        f"| {operation.value} | {', '.join(sorted(s.name for s in NOTHING_TO_DO[operation]))} |"
        for operation in Operation
    )
    return _LIFECYCLE.format(note=_NOTE, rows=rows, idle=idle)


def hooks() -> str:
    """Return the page of all hooks."""
    parts = [_NOTE, "# Hooks\n"]
    for module in aitbc_hookspecs.SPEC_MODULES:
        parts.append(f"## {module.__name__.rpartition('.')[2]}\n\n{inspect.getdoc(module)}\n")
        parts += [_hook(name, function) for name, function in specs(module)]
    return "\n".join(parts)


def specs(module: ModuleType) -> list[tuple[str, object]]:
    """Return the hookspecs of a module, in the order in which they are written."""
    marker = aitbc_hookspecs.PROJECT_NAME + "_spec"
    return [(name, value) for name, value in vars(module).items() if hasattr(value, marker)]


def _hook(name: str, function: object) -> str:
    options = {
        key: value
        for key, value in vars(function)[aitbc_hookspecs.PROJECT_NAME + "_spec"].items()
        if value and value != "raise"
    }
    given = ", ".join(f"{key}={value!r}" for key, value in options.items())
    keyword = "async def" if inspect.iscoroutinefunction(function) else "def"
    signature = str(inspect.signature(function)).replace("'", "")  # type: ignore[arg-type]
    return (
        f"### `{name}`\n\n```python\n@hookspec{f'({given})' if given else ''}\n"
        f"{keyword} {name}{signature}\n```\n\n```text\n{inspect.getdoc(function)}\n```\n"
    )


_FAMILIES = {
    "IMP": "Importing",
    "META": "Metadata and construction",
    "HOOK": "Hook implementations",
    "CFG": "Configuration",
    "LIFE": "Lifecycle",
    "HLTH": "Health",
    "EVT": "Events",
    "RES": "What is left behind",
    "LOOP": "The event loop",
    "SCHED": "The order of tasks",
    "ISO": "Isolation",
    "SEC": "Secrets",
    "WRAP": "Hook wrappers",
    "LEG": "Legacy objects",
    "CLI": "Commands",
    "CHAIN": "Blockchains",
    "AI": "Models",
}


def checks() -> str:
    """Return the index of the conformance kit's checks."""
    parts = [_CHECKS.format(note=_NOTE, count=len(CHECKS))]
    for family, heading in _FAMILIES.items():
        rows = [
            f"| [{check.id}]({check.id}.md) | {check.level.value} | {check.title} |"
            for check in CHECKS.values()
            if check.family == family
        ]
        parts.append(f"## {heading}\n\n| check | level | sentence |\n|---|---|---|\n")
        parts.append("\n".join(rows) + "\n\n")
    rows = [f"| {each.id} | {each.sentence} | {each.source} | {each.reason} |" for each in UNTESTED]
    parts.append("## Untested\n\nSentences that no check decides; every report lists them.\n\n")
    parts.append("| | sentence | source | why not |\n|---|---|---|---|\n")
    parts.append("\n".join(rows) + "\n")
    return "".join(parts)


def one_check(check: Check) -> str:
    """Return the page of one check."""
    needs = ", ".join(f"[{need}]({need}.md)" for need in check.needs)
    provides = ", ".join(f"`{name}`" for name in sorted(check.provides))
    facts = [f"**{check.level.value}** · {check.source}"]
    facts += [f"Needs {needs}: while one of them fails, this check says nothing."] * bool(needs)
    facts += [f"Runs where the author declares `provides` {provides}."] * bool(provides)
    facts_text = "\n\n".join(facts)
    return f"""{_NOTE}
# {check.id}: {check.title}

{facts_text}

> {check.sentence}

## Why

{check.why}

## A plugin that fails

```python
{check.example.rstrip()}
```

`Sound` and its like are plugins with nothing wrong, from `aitbc_hooks.testing.kit.sound`.

## How to fix it

{check.fix}
"""


PAGES = {
    "errors.md": errors,
    "lifecycle.md": lifecycle,
    "hooks.md": hooks,
    "checks/README.md": checks,
    **{f"checks/{check.id}.md": partial(one_check, check) for check in CHECKS.values()},
}

if __name__ == "__main__":
    for stale in (HERE / "checks").glob("*.md"):
        stale.unlink()
    (HERE / "checks").mkdir(exist_ok=True)
    for page, write in PAGES.items():
        (HERE / page).write_text(write(), "utf-8")
