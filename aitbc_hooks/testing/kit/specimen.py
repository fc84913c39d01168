"""The plugin under test, as the checks see it: how to try it, and with which configurations."""

from __future__ import annotations

import contextlib
import functools
import time
import warnings
from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from hypothesis import find, settings
from hypothesis import strategies as st
from jsonschema.validators import Draft7Validator, validator_for

from aitbc_hooks.adapter import PluginHooks
from aitbc_hooks.config.fitting import Fitter
from aitbc_hooks.discovery import has_hookimpls
from aitbc_hooks.errors import AitbcError
from aitbc_hooks.hosting.construction import read_schema, static_schema
from aitbc_hooks.interfaces import BasePlugin, LegacyPluginAdapter
from aitbc_hooks.testing.kit.covering import covering_configs
from aitbc_hooks.testing.kit.outcomes import Inconclusive, Violation
from aitbc_hooks.testing.kit.searching import Clock, search
from aitbc_hooks.testing.kit.trials.presented import presented
from aitbc_hooks.testing.kit.trials.scratch import Scratch
from aitbc_hooks.testing.kit.trials.steps import Step, program
from aitbc_hooks.testing.kit.trials.trial import Trial
from aitbc_hooks.testing.kit.watching.contacts import AnsweringClient
from aitbc_hooks.testing.strategies import UnsatisfiableSchemaError, configs

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator, Sequence

    from hypothesis.strategies import SearchStrategy

__all__ = ["BUDGET", "EXAMPLES", "Specimen"]

_T = TypeVar("_T")

#: Cases that a check tries, unless it is told otherwise.
EXAMPLES: Final = 25
#: Real seconds for one trial from which on fewer are made, and how few at the least.
_SLOW: Final = 0.1
_FEWEST: Final = 5
#: How much the last trial counts for the pace.
_INERTIA: Final = 0.25
#: Real seconds that all checks of one plugin may take.
BUDGET: Final = 60.0


class Specimen:
    """The plugin under test.

    Args:
        plugin: A class, a factory that takes the context, an instance, a module or an object with
            hookimpls, a legacy class or object.
        config: A configuration, or a strategy of configurations; by default they are generated
            from the plugin's own schema.
        formats: JSON Schema format -> strategy of texts, for formats of the author's own.
        samples: Argument name -> strategy, for what only the author knows: ``address``,
            ``input_data``, ``training_data``, ``tx_data`` …
        provides: Capabilities that are there while the checks run, such as ``network``.
        api_client: What the plugin gets as ``context.api_client``.
        examples: Cases that a check tries.
        random_seed: One seed gives the same cases every time.
        budget: Real seconds for all checks together.
        where: How the command line names the plugin, for programs that are printed.
        folder: The plugin's own folder, where it is found by its place.
        entry: The module in that folder.
        protected: Folders that the plugin may not remove anything from meanwhile.

    Attributes:
        target: What a host would be given: `plugin`, or its legacy object behind the adapter.
        name: A name for messages.
        on_try: Told of each program before it is tried.
    """

    def __init__(
        self,
        plugin: object,
        *,
        config: Mapping[str, Any] | SearchStrategy[dict[str, Any]] | None = None,
        formats: Mapping[str, SearchStrategy[str]] | None = None,
        samples: Mapping[str, SearchStrategy[Any]] | None = None,
        provides: Iterable[str] = (),
        api_client: object = None,
        examples: int = EXAMPLES,
        random_seed: int = 0,
        budget: float = BUDGET,
        where: str | None = None,
        folder: str | None = None,
        entry: str = "plugin",
        protected: Iterable[str] = (),
    ) -> None:
        self.plugin = plugin
        self.target = presented(plugin)
        self.samples = dict(samples or {})
        self.provides = frozenset(provides)
        self.examples = examples
        self.random_seed = random_seed
        self.clock = Clock(budget)
        self.where = where
        self.folder = folder
        self.entry = entry
        self.on_try: Callable[[str], None] | None = None
        self._config = config
        self._formats = formats
        self._api_client = AnsweringClient() if api_client is None else api_client
        self._protected = tuple(protected)
        self._pace = 0.0
        self._quiet: set[Hashable] = set()
        self._scratch = Scratch()
        self._manager: PluginHooks | None = None

    @functools.cached_property
    def name(self) -> str:
        """A name for messages: what its metadata says, else that of its class or module."""
        named: Any = (
            self.plugin if isinstance(self.plugin, (type, ModuleType)) else type(self.plugin)
        )
        try:
            return str(self.probe.get_metadata().name)  # type: ignore[attr-defined]
        except Exception:  # noqa: BLE001 - whatever is wrong, a check says it
            return str(getattr(self.plugin, "__name__", None) or named.__name__)

    @functools.cached_property
    def probe(self) -> object:
        """An instance that is constructed and nothing else, to ask what the plugin is.

        Raises:
            Violation: It cannot be constructed.
        """

        async def main(trial: Trial) -> object:
            return trial.construct()

        try:
            return self.attempt(main, config={})
        except AitbcError as error:
            if static_schema(self.target) is not None:
                given = self.config
            elif isinstance(self._config, Mapping):
                given = dict(self._config)  # as it is: only an instance could tell the defaults
            else:
                raise Violation(str(error)) from None
            try:
                return self.attempt(main, config=given)
            except (AitbcError, Inconclusive):
                raise Violation(str(error)) from None

    def implements(self, *hooks: str) -> bool:
        """Whether the plugin implements all of these hooks."""
        own = self.registered
        return all(own.implementation(self.probe, hook) is not None for hook in hooks)

    @functools.cached_property
    def registered(self) -> PluginHooks:
        """A hook manager that knows the probe under the name ``probe``, if it fits."""
        manager = PluginHooks()
        with warnings.catch_warnings(), contextlib.suppress(AitbcError):
            warnings.simplefilter("ignore")
            manager.register(self.probe, "probe")
        return manager

    @property
    def is_class_style(self) -> bool:
        """Whether it is written as a class of the interface."""
        return isinstance(self.probe, BasePlugin)

    @property
    def is_foreign(self) -> bool:
        """Whether it was given as an object that knows nothing of the interface."""
        return getattr(self.target, "__module__", None) == presented.__module__

    @property
    def is_legacy(self) -> bool:
        """Whether it is a legacy object behind the adapter."""
        return isinstance(self.probe, LegacyPluginAdapter)

    @property
    def makes_instances(self) -> bool:
        """Whether each load makes an instance of its own."""
        return isinstance(self.target, type) or (
            not isinstance(self.target, (BasePlugin, ModuleType))
            and callable(self.target)
            and not has_hookimpls(self.target)
        )

    # Configurations.

    @functools.cached_property
    def schema(self) -> dict[str, Any]:
        """The schema of its configuration.

        Raises:
            AitbcError: It cannot be had.
        """
        known = static_schema(self.target)
        if known is not None:
            return known
        getter = getattr(self.probe, "get_config_schema", None)
        return read_schema(getter, "plugin") if callable(getter) else {}

    @functools.cached_property
    def configs(self) -> SearchStrategy[dict[str, Any]]:
        """Configurations as the host gives them: allowed by the schema, defaults filled in."""
        if self._config is None:
            try:
                strategy = configs(self.schema, formats=self._formats)
            except UnsatisfiableSchemaError as error:
                raise Inconclusive(f"{error} Pass config= or formats=.") from None
        elif isinstance(self._config, st.SearchStrategy):
            strategy = self._config
        else:
            strategy = st.just(dict(self._config))
        return strategy.map(self._fitted)

    @functools.cached_property
    def config(self) -> dict[str, Any]:
        """The simplest configuration."""
        if self._config is not None and not isinstance(self._config, st.SearchStrategy):
            return self._fitted(dict(self._config))
        if self._config is None and self._allows({}):
            return self._fitted({})
        quick = settings(max_examples=100, database=None, derandomize=True, deadline=None)
        return find(self.configs, lambda _: True, settings=quick)

    @functools.cached_property
    def covering_configs(self) -> list[dict[str, Any]]:
        """Configurations in which every two values of two keys stand together, as far as allowed.

        None where the author has given configurations.
        """
        if self._config is not None:
            return []
        found = covering_configs(self.schema, self._formats)
        return [self._fitted(config) for config in found if self._allows(config)]

    def _allows(self, config: dict[str, Any]) -> bool:
        """Whether the schema allows a configuration, once its defaults are filled in."""
        if not self.schema:
            return True
        validator = validator_for(self.schema, Draft7Validator)(self.schema)
        return bool(validator.is_valid(self._fitted(config)))

    def _fitted(self, config: dict[str, Any]) -> dict[str, Any]:
        return Fitter(self.schema, {}).fit(config) if self.schema else config

    # Trying it.

    def attempt(
        self,
        main: Callable[[Trial], Awaitable[_T]],
        *,
        config: Mapping[str, Any] | None = None,
        schedule: Mapping[int, int] | Callable[[int], int] | None = None,
    ) -> _T:
        """Run `main` with one trial of the plugin; by default with its simplest configuration."""
        config = self.config if config is None else config
        began = time.monotonic()
        try:
            return self._attempt(main, config, schedule)
        finally:
            self._pace += _INERTIA * (time.monotonic() - began - self._pace)

    def _attempt(
        self,
        main: Callable[[Trial], Awaitable[_T]],
        config: Mapping[str, Any],
        schedule: Mapping[int, int] | Callable[[int], int] | None,
    ) -> _T:
        return Trial.run(
            self.target,
            main,
            config=config,
            schedule=schedule,
            name="plugin",
            api_client=self._api_client,
            protected=self._protected,
            scratch=self._scratch,
            quiet=self._quiet,
            hooks=self._hooks(),
        )

    def _hooks(self) -> PluginHooks:
        """Return a hook manager that knows no plugin; making one costs as much as a short life."""
        if self._manager is None or self._manager.get_plugins():
            self._manager = PluginHooks()
        return self._manager

    def play(
        self,
        steps: Iterable[Step],
        *,
        config: Mapping[str, Any] | None = None,
        schedule: Mapping[int, int] | Callable[[int], int] | None = None,
        kinds: Iterable[str] | None = None,
    ) -> Trial:
        """Perform steps on one instance; a violation brings the program that leads to it.

        Args:
            steps: What is done.
            config: The configuration; by default the simplest one.
            schedule: As for `Trial.run`.
            kinds: The kinds of violation that are looked for; by default all.

        Returns:
            The trial, ended.

        Raises:
            Violation: The plugin did not do its part.
        """
        steps = list(steps)
        config = self.config if config is None else config
        ended: list[Trial] = []
        begun: list[Step] = []
        if self.on_try is not None:
            self.on_try(self._program(steps, config, schedule))

        async def main(trial: Trial) -> None:
            ended.append(trial)
            for step in steps:
                begun.append(step)
                await step.perform(trial)

        try:
            self.attempt(main, config=config, schedule=schedule)
        except Violation as violation:
            kind = getattr(violation, "kind", None)  # one of none is always one too many
            if kinds is None or kind is None or kind in {*kinds}:
                shown = self._program(begun, config, schedule)
                raise Violation(violation.message, program=shown) from None
        return ended[0]

    def _program(
        self, steps: Iterable[Step], config: Mapping[str, Any] | None, schedule: object
    ) -> str:
        deviations = None if callable(schedule) else schedule
        return program(
            self.plugin,
            steps,
            where=self.where,
            config=config,
            schedule=cast("Mapping[int, int] | None", deviations),
        )

    def affordable(self, count: int) -> int:
        """Return how many of `count` trials there is time for: fewer of a plugin that is slow.

        What waits for children, threads or sockets takes real time, other plugins' virtual hours
        take none.
        """
        return count if self._pace < _SLOW else max(_FEWEST, int(count * _SLOW / self._pace))

    def each_affordable(self, cases: Sequence[_T]) -> Iterator[_T]:
        """Yield listed cases, as far as there is time for them.

        Raises:
            Inconclusive: The budget is spent.
        """
        for at, case in enumerate(cases):
            self.clock.check()
            if at >= self.affordable(len(cases)):
                return
            yield case

    def for_all(
        self,
        strategy: SearchStrategy[_T],
        test: Callable[[_T], object],
        *,
        examples: int | None = None,
    ) -> None:
        """Try cases, and raise the simplest violation that was found.

        Raises:
            Violation: A case broke the property.
            Inconclusive: No case could be generated, or the budget is spent.
        """
        search(
            strategy,
            test,
            examples=examples or self.examples,
            random_seed=self.random_seed,
            clock=self.clock,
            affordable=self.affordable,
        )
