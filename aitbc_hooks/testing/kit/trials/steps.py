"""Steps of a trial as data: they are performed, and they are printed as a program."""

from __future__ import annotations

import copy
import inspect
import re
import sys
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
        arguments = [*map(repr, self.arguments)]
        arguments += [f"{key}={value!r}" for key, value in self.keywords.items()]
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
    name, module = named.__qualname__, named.__module__
    first = name.partition(".")[0]
    if "<" in name or module == "__main__" or not _is_importable(module, first):
        name = name.rpartition(".")[2].strip("<>") or "plugin"
        return name, f"{own}\n\n# {name} is the plugin under test."
    call = "" if named is target else "()"
    return name + call, f"{own}\nfrom {module} import {first}"


def _is_importable(module: str, name: str) -> bool:
    found = sys.modules.get(module)
    if found is None or not hasattr(found, name):
        return False
    return inspect.getsourcefile(found) is not None
