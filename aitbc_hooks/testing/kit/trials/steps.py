"""Steps of a trial as data: they are performed, and they are printed as a program."""

from __future__ import annotations

import copy
import inspect
import keyword
import re
import sys
from enum import Enum
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aitbc_hooks.testing.kit.trials.trial import Trial

__all__ = ["CYCLE", "LOAD", "START", "STOP", "UNLOAD", "Step", "program"]


@attrs.frozen
class Step:
    """One operation of a trial.

    Attributes:
        name: The method of `Trial`.
        arguments: Its positional arguments.
        keywords: Its keyword arguments.
    """

    name: str
    arguments: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = attrs.field(factory=dict)

    async def perform(self, trial: Trial) -> None:
        """Do it.

        Raises:
            Violation: The plugin did not do its part.
        """
        arguments, keywords = copy.deepcopy((self.arguments, dict(self.keywords)))
        await getattr(trial, self.name)(*arguments, **keywords)

    def __str__(self) -> str:
        arguments = [*map(_written, self.arguments)]
        arguments += [f"{key}={_written(value)}" for key, value in self.keywords.items()]
        return f"await trial.{self.name}({', '.join(arguments)})"


LOAD: Final = Step("load")
START: Final = Step("start")
STOP: Final = Step("stop")
UNLOAD: Final = Step("unload")
#: What the repr of a value may begin with -> the line that brings it in.
_VALUES: Final = {
    "datetime": "import datetime",
    "Decimal": "from decimal import Decimal",
    "inf": "from math import inf",
    "nan": "from math import nan",
    "PluginStatus": "from aitbc.plugins import PluginStatus",
}
#: A whole life.
CYCLE: Final = (LOAD, START, STOP, UNLOAD)


def program(
    target: object,
    steps: Iterable[Step],
    *,
    where: str | None = None,
    config: Mapping[str, Any] | None = None,
    schedule: Mapping[int, int] | None = None,
) -> str:
    """Return the steps as a program that an author can paste and run.

    Args:
        target: The plugin.
        steps: What is done to one instance of it.
        where: How the command line names it (a path or a name); None if it is imported.
        config: Its configuration.
        schedule: Where not the first ready task step is run: number of the choice -> its index.
    """
    name, imports = _imported(target, where)
    options = "".join(
        f", {key}={value!r}" for key, value in (("config", config), ("schedule", schedule)) if value
    )
    body = "\n".join(f"    {step}" for step in steps)
    imports = "\n".join([*_imports_of_values(body + options), imports])
    return (
        f"{imports}\n\n\nasync def main(trial):\n{body or '    pass'}\n\n\n"
        f"Trial.run({name}, main{options})\n"
    )


def _written(value: object) -> str:
    """Return a value as Python has it; other than its repr for members of an enumeration."""
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if type(value) is dict:
        return f"{{{', '.join(f'{_written(key)}: {_written(of)}' for key, of in value.items())}}}"
    if type(value) is list:
        return f"[{', '.join(map(_written, value))}]"
    return repr(value)


def _imports_of_values(text: str) -> list[str]:
    """Return the lines that bring in what the values in a program are written with."""
    return [line for word, line in _VALUES.items() if re.search(rf"\b{word}\b", text)]


def _imported(target: object, where: str | None) -> tuple[str, str]:
    """Return the plugin's name in the program, and the lines that bring it in."""
    if where is not None:
        return "plugin", (
            f"from aitbc_hooks.testing import Trial, find_plugin\n\nplugin = find_plugin({where!r})"
        )
    own = "from aitbc_hooks.testing import Trial"
    if isinstance(target, ModuleType):
        return target.__name__, f"{own}\nimport {target.__name__}"
    named: Any = target if hasattr(target, "__qualname__") else type(target)
    *_, last = named.__qualname__.split(".")
    if not _is_importable(named):
        says = named is target and last.isidentifier() and not keyword.iskeyword(last)
        name = last if says else "plugin"
        return name, f"{own}\n\n# {name} is the plugin under test."
    call = "" if named is target else "()"
    first = named.__qualname__.partition(".")[0]
    return named.__qualname__ + call, f"{own}\nfrom {named.__module__} import {first}"


def _is_importable(named: Any) -> bool:
    """Return whether a class or function is what is found under its name in its module."""
    module = found = sys.modules.get(named.__module__)
    for part in named.__qualname__.split("."):
        found = getattr(found, part, None)
    if module is None or found is not named or module.__name__ == "__main__":
        return False
    return inspect.getsourcefile(module) is not None
