"""`ConformanceSuite`: the checks as a pytest test class, one test for each."""

from __future__ import annotations

import inspect
from types import FunctionType
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from aitbc_hooks.testing.kit.as_tests.concluding import (
    concluded,
    properties,
    untested_label,
    untested_reason,
)
from aitbc_hooks.testing.kit.as_tests.declared import declared
from aitbc_hooks.testing.kit.as_tests.sharing import shared_examination
from aitbc_hooks.testing.kit.checks import CHECKS
from aitbc_hooks.testing.kit.outcomes import Level
from aitbc_hooks.testing.kit.specimen import BUDGET, EXAMPLES
from aitbc_hooks.testing.kit.untested import UNTESTED

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from hypothesis.strategies import SearchStrategy

    from aitbc_hooks.testing.kit.checking import Check

__all__ = ["ConformanceSuite"]


class ConformanceSuite:
    """Base of a test class that has one test for each check of a plugin.

    ::

        class TestMine(ConformanceSuite):
            plugin = MyPlugin

    gives ``TestMine::test_conformance[MUST-LIFE-05]`` and so on. A check that is selected alone
    runs alone, after those that it needs. Failures below `level` are shown as expected failures
    ("advisory: …"). Name a class that is a base of others without ``Test``: pytest then does not
    collect it.

    `aitbc_plugin` and `aitbc_config` are fixtures; a class that overrides them may use fixtures of
    its own, and ``@pytest.mark.parametrize("aitbc_plugin", [A, B])`` on the class examines both.
    The results of one plugin with one configuration are shared by the tests of the class: give
    fixtures that cost time the scope ``class`` or a wider one.

    Attributes:
        plugin: A class, a factory that takes the context, an instance, a module or an object with
            hookimpls, a legacy class or object.
        config: A configuration, or a strategy of configurations; by default they are generated
            from the plugin's own schema.
        formats: JSON Schema format -> strategy of texts.
        samples: Argument name -> strategy, as `Specimen` describes it.
        provides: Capabilities that are there while the checks run, such as ``network``.
        api_client: What the plugin gets as ``context.api_client``.
        level: The lowest level whose failures fail a test.
        seed: Of what is generated.
        examples: Cases that a check tries.
        budget: Real seconds for all checks of one plugin together.
        xfails: Check -> why it is expected to fail. One that passes all the same fails.
        checks: Identifier -> check; by default all.
    """

    plugin: ClassVar[Any] = None
    config: ClassVar[Mapping[str, Any] | SearchStrategy[dict[str, Any]] | None] = None
    formats: ClassVar[Mapping[str, SearchStrategy[str]] | None] = None
    samples: ClassVar[Mapping[str, SearchStrategy[Any]] | None] = None
    provides: ClassVar[Collection[str]] = frozenset()
    api_client: ClassVar[object] = None
    level: ClassVar[Level | str] = Level.MUST
    seed: ClassVar[int] = 0
    examples: ClassVar[int] = EXAMPLES
    budget: ClassVar[float] = BUDGET
    xfails: ClassVar[Mapping[str, str]] = {}
    checks: ClassVar[Mapping[str, Check]] = CHECKS

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        test = inspect.getattr_static(cls, "test_conformance")
        if isinstance(test, FunctionType):
            cls.test_conformance = _placed_at(cls, test)  # type: ignore[method-assign]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make one test for each check. An override has to call it with ``super()``."""
        if "aitbc_check" in metafunc.fixturenames:
            metafunc.parametrize("aitbc_check", _parameters(type(self), metafunc))

    @pytest.fixture
    def aitbc_plugin(self) -> Any:
        """Return the plugin under test."""
        return _plugin_of(type(self))

    @pytest.fixture
    def aitbc_config(self) -> Any:
        """Return the plugin's configuration, or a strategy; None to generate them."""
        return self.config

    def test_conformance(
        self,
        request: pytest.FixtureRequest,
        aitbc_check: str,
        aitbc_plugin: Any,
        aitbc_config: Any,
    ) -> None:
        """Ask for the result of one check."""
        __tracebackhide__ = True
        examination = shared_examination(
            request.node,
            aitbc_plugin,
            aitbc_config,
            self.checks,
            formats=self.formats,
            samples=self.samples,
            provides=self.provides,
            api_client=self.api_client,
            examples=self.examples,
            random_seed=self.seed,
            budget=self.budget,
        )
        result = examination.result(aitbc_check)
        request.node.user_properties.extend(properties(result))
        expected = declared(self.xfails, self.checks).get(aitbc_check)
        concluded(result, level=_level(self.level), expected=expected).conclude()


def _placed_at(cls: type, test: FunctionType) -> FunctionType:
    """Return the test as one that pytest shows at the author's class, not in this module."""
    own = FunctionType(
        test.__code__, test.__globals__, test.__name__, test.__defaults__, test.__closure__
    )
    own.__dict__.update(test.__dict__, place_as=cls)
    own.__doc__, own.__annotations__ = test.__doc__, test.__annotations__
    own.__qualname__ = f"{cls.__qualname__}.{test.__name__}"
    return own


def _parameters(cls: type[ConformanceSuite], metafunc: pytest.Metafunc) -> list[Any]:
    if cls is ConformanceSuite:
        return []  # imported into a module where pytest takes its name for that of a test class
    try:
        declared(cls.xfails, cls.checks)
        _level(cls.level)
    except ValueError as error:
        raise pytest.Collector.CollectError(f"{cls.__qualname__}: {error}") from None
    if not _has_plugin(cls, metafunc):
        raise pytest.Collector.CollectError(
            f"{cls.__qualname__} has no plugin: give it a class attribute `plugin` or a fixture "
            "`aitbc_plugin`. If it is a base of other classes, name it without `Test`."
        )
    tests = [pytest.param(id, id=check.label) for id, check in cls.checks.items()]  # noqa: A001
    return tests + [
        pytest.param(
            sentence.id,
            id=untested_label(sentence),
            marks=pytest.mark.skip(reason=untested_reason(sentence)),
        )
        for sentence in UNTESTED
    ]


def _has_plugin(cls: type[ConformanceSuite], metafunc: pytest.Metafunc) -> bool:
    own = inspect.getattr_static(cls, "aitbc_plugin")
    if _plugin_of(cls) is not None or own is not vars(ConformanceSuite)["aitbc_plugin"]:
        return True
    marks = metafunc.definition.iter_markers("parametrize")
    return any("aitbc_plugin" in _names(*mark.args, **mark.kwargs) for mark in marks)


def _names(argnames: str | Collection[str], *_: object, **__: object) -> list[str]:
    names = argnames.split(",") if isinstance(argnames, str) else argnames
    return [name.strip() for name in names]


def _plugin_of(cls: type[ConformanceSuite]) -> Any:
    """Return the attribute as it was written: a function must not become a bound method."""
    plugin = inspect.getattr_static(cls, "plugin")
    if isinstance(plugin, (staticmethod, classmethod)):
        return plugin.__get__(None, cls)
    return plugin


def _level(level: Level | str) -> Level:
    return Level(level.upper()) if isinstance(level, str) else level
