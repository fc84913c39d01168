"""Steps of a trial for the specialised interfaces: commands, blockchains, models."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from aitbc_hooks.testing.kit.interfaces import chains, models
from aitbc_hooks.testing.kit.interfaces.command_runs import USAGE, Ended, run
from aitbc_hooks.testing.kit.interfaces.commands import (
    Entry,
    Listing,
    ask,
    entries_of,
    require_described,
    require_equal,
    require_groups,
    require_line,
)
from aitbc_hooks.testing.kit.trials.halting import HaltingLoop
from aitbc_hooks.testing.kit.trials.small_host import SmallHost, Wrong
from aitbc_hooks.testing.kit.watching.contacts import AnsweringClient
from aitbc_hooks.testing.strategies import furnish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import click

    from aitbc_hooks.interfaces import PluginContext
    from aitbc_hooks.testing.kit.watching.witness import Witness

__all__ = ["InterfaceSteps"]

_T = TypeVar("_T")


class InterfaceSteps(SmallHost):
    """The steps of `Trial` that call the hooks of the specialised interfaces.

    `network` says whether the plugin may speak to others. Where it may not, who tries gets an
    `OSError`, and a step that cannot do without raises `NotApplicable`.
    """

    witness: Witness
    folder: Path
    _furnished = False

    if TYPE_CHECKING:

        async def call(self, hook: str, **arguments: Any) -> Any:
            """Call a hook; `Trial` does."""

    def _make_context(
        self, folder: Path, config: Mapping[str, Any], api_client: object
    ) -> PluginContext:
        client = AnsweringClient() if api_client is None else api_client
        return super()._make_context(folder, config, client)

    @contextlib.contextmanager
    def offline(self) -> Iterator[None]:
        """Let nobody be reached during the body of the ``with`` statement."""
        before, self.witness.offline = self.witness.offline, True
        try:
            yield
        finally:
            self.witness.offline = before

    # Steps: commands. They run as in a host: in the main thread, while no loop runs.

    async def commands(self) -> list[click.Group]:
        """Ask for the plugin's command groups."""
        return require_groups((await self._ask("get_commands")).value)

    async def entries(self) -> list[Entry]:
        """Ask for all commands, those in groups within groups too."""
        groups = await self.commands()
        walk = functools.partial(entries_of, groups)
        listing = await self._at_rest(functools.partial(ask, walk, "list_commands", self.room))
        return list(listing.value)

    async def expect_same_commands(self) -> None:
        """Ask for the commands twice, and compare."""
        first, second = [await self.entries() for _ in range(2)]
        require_equal(first, second)

    async def expect_silent_commands(self) -> None:
        """Ask for the commands, and look whether something is printed."""
        for hook in ("get_commands", "get_command_help"):
            printed = (await self._ask(hook)).printed
            if printed:
                raise Wrong(
                    "printed", f"{hook}(): expected no output; it printed {printed[:80]!r}."
                )

    async def expect_described(self, *path: str) -> None:
        """Look whether a command and each of its options has a help text."""
        for entry in await self.entries():
            if entry.path == path:
                require_described(entry)

    async def expect_command_help(self) -> None:
        """Look whether the help that is shown beside the commands is one line."""
        require_line((await self._ask("get_command_help")).value)

    async def run_command(self, line: list[str], *, network: bool = False) -> int:
        """Run a command, and return its exit status.

        It runs in a directory of its own, where the files are that `command_lines` names, with an
        empty standard input; it can write below that directory and the plugin's own ones only.
        """
        if not self._furnished:
            self._furnished = True
            self.room.mkdir(exist_ok=True)
            furnish(self.room)
        ended = await self._run(line, network=network)
        if ended.wrong and (network or not ended.unreached):
            raise Wrong("command", f"{ended.line}: expected an exit status; it {ended.wrong}.")
        if ended.strayed is not None:
            raise Wrong(
                "command",
                f"{ended.line}: expected the working directory as it was; it became "
                f"{ended.strayed}.",
            )
        return 1 if ended.status is None else ended.status

    async def expect_help(self, line: list[str]) -> None:
        """Run a command with ``--help``, and look whether it helps."""
        ended = await self._run([*line, "--help"], network=False)
        if ended.wrong or ended.status != 0:
            raise Wrong("help", f"{ended.line}: expected exit status 0; it {ended.how}.")
        if not ended.printed.strip():
            raise Wrong("help", f"{ended.line}: expected a help text; it prints nothing.")

    async def expect_usage_error(self, line: list[str]) -> None:
        """Run a command that is used wrongly, and look whether it says so."""
        ended = await self._run(line, network=False)
        if ended.wrong or ended.status != USAGE:
            raise Wrong("usage", f"{ended.line}: expected exit status 2; it {ended.how}.")

    # Steps: blockchains.

    async def balance(self, address: str, *, network: bool = False) -> dict[str, Any]:
        """Ask for the balance of a well-formed address."""
        return await chains.balance_of(self, address, network=network)

    async def transaction(self, tx_data: dict[str, Any], *, network: bool = False) -> str:
        """Send a well-formed transaction."""
        return await chains.sent_transaction(self, tx_data, network=network)

    async def expect_refusal(self, hook: str, **arguments: Any) -> None:
        """Call a hook with malformed arguments; it has to raise `ValueError` on its own."""
        await chains.expect_refusal(self, hook, arguments)

    async def events(
        self,
        contract_address: str,
        event_name: str,
        from_block: int | None = None,
        *,
        network: bool = False,
        lenient: bool = False,
    ) -> list[dict[str, Any]]:
        """Ask for the events from a block on; if `lenient`, `ValueError` means too large a range."""
        return await chains.events_from(
            self, contract_address, event_name, from_block, network=network, lenient=lenient
        )

    async def expect_ranges_compose(
        self,
        contract_address: str,
        event_name: str,
        *,
        first: int | None,
        split: int,
        network: bool = False,
        lenient: bool = False,
    ) -> None:
        """Compare the events from `first` on with those from `split` on.

        Args:
            contract_address: The contract.
            event_name: The event.
            first: A block, or None.
            split: A later block.
            network: Whether the plugin may speak to others.
            lenient: Whether `ValueError` means a range that is too large.
        """
        await chains.expect_ranges_compose(
            self,
            contract_address,
            event_name,
            first=first,
            split=split,
            network=network,
            lenient=lenient,
        )

    async def connect(self, config: dict[str, Any]) -> bool:
        """Connect to a network that is not there."""
        return await chains.expect_connection(self, config)

    # Steps: models.

    async def predict(
        self, input_data: dict[str, Any], *, network: bool = False
    ) -> dict[str, Any] | None:
        """Make a prediction; None where the model has none."""
        return await models.predicted(self, input_data, network=network)

    async def train(
        self, training_data: list[dict[str, Any]], *, fit: bool = False, network: bool = False
    ) -> bool:
        """Train the model; examples that are `fit` for it have to be learnt."""
        return await models.trained(self, training_data, fit=fit, network=network)

    async def model_info(self) -> dict[str, Any]:
        """Ask the model for its information."""
        return await models.info_of(self)

    async def expect_stable_info(
        self,
        inputs: list[dict[str, Any]],
        *,
        after: list[dict[str, Any]] | None = None,
        network: bool = False,
    ) -> None:
        """Look whether predictions leave the model's information as it is, `after` a training."""
        await models.expect_stable_info(self, inputs, after=after, network=network)

    async def expect_untouched(self, hook: str, *, network: bool = False, **arguments: Any) -> None:
        """Call a hook, and look whether its arguments stay as they are."""
        await models.expect_untouched(self, hook, arguments, network=network)

    # What the steps are made of.

    async def _ask(self, hook: str) -> Listing:
        function = self.hooks.implementation(self.plugin, hook)
        if function is None:
            return Listing(None, "")
        return await self._at_rest(functools.partial(ask, function, hook, self.room))

    async def _run(self, line: list[str], *, network: bool) -> Ended:
        function = self.hooks.implementation(self.plugin, "get_commands")
        runs = functools.partial(run, function or list, line, self.room)
        with self._confined(), contextlib.nullcontext() if network else self.offline():
            ended = await self._at_rest(runs)
        folder = str(self.folder)
        strayed = ended.strayed and ended.strayed.replace(folder, "...")
        return attrs.evolve(ended, wrong=ended.wrong.replace(folder, "..."), strayed=strayed)

    async def _at_rest(self, function: Callable[[], _T]) -> _T:
        loop = asyncio.get_running_loop()
        if not isinstance(loop, HaltingLoop):
            raise TypeError("a trial with commands is made by Trial.run()")
        return await loop.at_rest(function)

    @property
    def room(self) -> Path:
        """The working directory of commands."""
        return self.folder / "room"

    @contextlib.contextmanager
    def _confined(self) -> Iterator[None]:
        """Let the plugin write in its folders only, and where its configuration says."""
        witness = self.witness
        before = witness.folders, witness.confined
        named = tuple(os.path.realpath(path) for path in _absolute_paths(self.context.config))
        witness.folders, witness.confined = (*witness.folders, *named), True
        try:
            yield
        finally:
            witness.folders, witness.confined = before


def _absolute_paths(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if os.path.isabs(value) and "\0" not in value:  # noqa: PTH117 - it stays a text
            yield value
        return
    items = value.values() if isinstance(value, dict) else value
    for item in items if isinstance(value, dict | list) else ():
        yield from _absolute_paths(item)
