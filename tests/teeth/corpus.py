"""Good plugins: what real authors write, correct by the contract, in as many styles as there are.

The conformance kit must find no MUST failure in any of them, whatever the seed; what it finds all
the same is a fault of the kit. None of them is written to please it.

`load` imports the modules ``good_*.py`` of this folder, each of which enters its plugins::

    @good()
    class Heartbeat(BasePlugin): ...

    good.add(create_plugin, id="mailer", example={"host": "localhost"})

To add a plugin, write it there and enter it; what it does that looks like a fault and is none
belongs into its docstring.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["GOOD", "Good", "good", "load"]

_FOLDER: Final = Path(__file__).parent
_T = TypeVar("_T")


@attrs.frozen(eq=False)
class Good:
    """One good plugin.

    Attributes:
        id: The plugin's name, the same as in its metadata.
        target: What a host takes: a class, a factory, a module or an object with hookimpls; a
            `Path` is the folder of a plugin.
        config: None lets the configurations be generated from the plugin's schema; a dict, or a
            Hypothesis strategy of dicts, stands in their place, where a schema cannot say enough.
        example: One configuration, for a test that wants no more.
        provides: What is there for the plugin to use: ``network``, a chain that answers.
        samples: Argument of a specialised interface -> a Hypothesis strategy of values that no
            generator can know, such as an address that is well formed.
    """

    id: str
    target: object
    config: Any = None
    example: Mapping[str, Any] = attrs.field(factory=dict)
    provides: frozenset[str] = attrs.field(factory=frozenset, converter=frozenset)
    samples: Mapping[str, Any] = attrs.field(factory=dict)


#: The plugins of the modules that have been imported; `load` imports all of them.
GOOD: Final[list[Good]] = []


class _Corpus:
    """Enters plugins, as a decorator or by `add`."""

    def __call__(self, **fields: Any) -> Callable[[_T], _T]:
        """Enter what is decorated, with the fields of `Good`."""

        def enter(target: _T) -> _T:
            self.add(target, **fields)
            return target

        return enter

    def add(
        self,
        target: object,
        *,
        id: str | None = None,  # noqa: A002 - the name of the field
        config: Any = None,
        example: Mapping[str, Any] | None = None,
        provides: Iterable[str] = (),
        samples: Mapping[str, Any] | None = None,
    ) -> None:
        """Enter a plugin; a class ``RetryingFeed`` is called ``retrying-feed`` by default."""
        name = id or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", target.__name__).lower()
        known = {each.id for each in GOOD}
        assert name not in known, f"two good plugins are called {name!r}"
        if example is None:
            example = config if isinstance(config, dict) else {}
        GOOD.append(Good(name, target, config, example, provides, samples or {}))


good: Final = _Corpus()


def load() -> list[Good]:
    """Import every module of good plugins, and return the plugins by name."""
    for path in sorted(_FOLDER.glob("good_*.py")):
        importlib.import_module(path.stem)
    return sorted(GOOD, key=lambda each: each.id)
