"""Cases for the checks of the specialised interfaces, and trying them."""

from __future__ import annotations

from decimal import Decimal
from math import inf, nan
from typing import TYPE_CHECKING, Any, Final, TypeVar

from hypothesis import find, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException

from aitbc_hooks.testing.kit.outcomes import NotApplicable
from aitbc_hooks.testing.kit.trials.steps import LOAD, START, UNLOAD
from aitbc_hooks.testing.strategies import payload_keys, payloads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hypothesis.strategies import SearchStrategy

    from aitbc_hooks.testing.kit.specimen import Specimen
    from aitbc_hooks.testing.kit.trials.steps import Step

__all__ = [
    "QUICK",
    "inputs",
    "malformed_addresses",
    "malformed_transactions",
    "network_of",
    "sample",
    "simplest",
    "sound_transactions",
    "training_sets",
    "try_all",
    "try_malformed",
]

_T = TypeVar("_T")

#: For one case that fits.
QUICK: Final = settings(max_examples=100, database=None, derandomize=True, deadline=None)

#: No network has such addresses.
_NO_ADDRESSES: Final = ("", " ", "\n", "\t\t", "\x00", "no address", "0" * 1000)
_NO_TEXTS: Final[tuple[Any, ...]] = (None, 1, True, [], {})
_NO_AMOUNTS: Final[tuple[Any, ...]] = (
    *(None, True, "", " ", "many", [], {}),
    *(-1, -0.5, "-1", Decimal("-0.01")),
    *(nan, inf, "NaN", "Infinity", Decimal("NaN"), Decimal("-Infinity")),
)


def try_all(
    specimen: Specimen,
    cases: SearchStrategy[_T],
    steps_of: Callable[[_T], Iterable[Step]],
    *,
    first: Iterable[_T] = (),
    examples: int | None = None,
) -> None:
    """Try cases, each in a life of its own.

    Args:
        specimen: The plugin.
        cases: Where cases come from.
        steps_of: Returns what is done between `start()` and the end.
        first: Cases that are tried in any event, before.
        examples: How many are tried; as many as usual by default.

    Raises:
        Violation: A case broke the property.
        NotApplicable: Each of them needs something that is not there.
    """
    reasons: list[NotApplicable] = []
    answered: list[bool] = []

    def try_one(case: _T) -> None:
        try:
            specimen.play([LOAD, START, *steps_of(case), UNLOAD])
        except NotApplicable as reason:
            reasons.append(reason)
        else:
            answered.append(True)

    for case in first:
        specimen.clock.check()
        try_one(case)
    specimen.for_all(cases, try_one, examples=examples)
    if reasons and not answered:
        raise reasons[0]


def network_of(specimen: Specimen) -> dict[str, bool]:
    """Return the keyword of those steps that may use a network."""
    return {"network": True} if "network" in specimen.provides else {}


def sample(specimen: Specimen, *names: str) -> list[SearchStrategy[Any]]:
    """Return the author's own strategies.

    Raises:
        NotApplicable: One of them is not given.
    """
    missing = [f"{name!r}: ..." for name in names if name not in specimen.samples]
    if missing:
        raise NotApplicable(f"needs samples={{{', '.join(missing)}}}.")
    return [specimen.samples[name] for name in names]


def malformed_addresses(address: str | None = None) -> list[str]:
    """Return texts that are no address in any network; some are close to one that is given."""
    if address is None:
        return list(_NO_ADDRESSES)
    # What only surrounds an address may be taken away by a plugin that is kind to its callers.
    middle = len(address) // 2
    inside = [f"{address[:middle]}{mark}{address[middle:]}" for mark in (" ", "\x00", "\n")]
    return [*_NO_ADDRESSES, f"{address} {address}", *(inside if middle else ())]


def malformed_transactions(sound: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Return transactions that lack something, or have something impossible in its place."""
    generic: list[dict[str, Any]] = [{}, {"amount": 1}]
    generic += ({"to": address, "amount": 1} for address in _NO_ADDRESSES)
    if sound is None:
        return generic
    receivers = [*_NO_TEXTS, *malformed_addresses(sound["to"])]
    return [
        *generic,
        *({key: value for key, value in sound.items() if key != lost} for lost in ("to", "amount")),
        *({**sound, "to": receiver} for receiver in receivers),
        *({**sound, "amount": amount} for amount in _NO_AMOUNTS),
    ]


def sound_transactions(specimen: Specimen) -> SearchStrategy[dict[str, Any]] | None:
    """Return transactions that nothing is wrong with, as far as the author gives what they need."""
    own = specimen.samples.get("tx_data")
    if own is not None:
        # A network of other keys is not to be paid by leaving out one that it does not know.
        return own.filter(lambda tx_data: {"to", "amount"} <= tx_data.keys())
    addresses = specimen.samples.get("address")
    return None if addresses is None else addresses.map(lambda to: {"to": to, "amount": 1})


def try_malformed(
    specimen: Specimen,
    sound: SearchStrategy[_T] | None,
    spoilt: Callable[..., list[_T]],
    steps_of: Callable[[_T], Iterable[Step]],
) -> None:
    """Try all ways in which the simplest argument can be malformed, and some of others.

    Args:
        specimen: The plugin.
        sound: Where arguments come from that are well formed; None where nobody knows.
        spoilt: Returns malformed ones that are close to one.
        steps_of: Returns what is done with a malformed one.

    Raises:
        Violation: One of them is not refused.
        NotApplicable: What becomes of them needs something that is not there.
    """
    model = None if sound is None else simplest(sound)
    first = spoilt() if model is None else spoilt(model)
    others = (
        st.sampled_from(first)
        if sound is None or model is None
        else sound.flatmap(lambda argument: st.sampled_from(spoilt(argument)))
    )
    try_all(specimen, others, steps_of, first=first)


def simplest(strategy: SearchStrategy[_T]) -> _T | None:
    """Return the simplest case; None where there is none."""
    try:
        return find(strategy, lambda _: True, settings=QUICK)
    except HypothesisException:  # a filter lets nothing through
        return None


def inputs(specimen: Specimen) -> SearchStrategy[dict[str, Any]]:
    """Return inputs of a model: the author's own, or JSON payloads with keys that its code knows."""
    own = specimen.samples.get("input_data")
    if own is not None:
        return own
    methods = [getattr(specimen.probe, name, None) for name in ("predict", "train")]
    keys = st.one_of([payload_keys(method) for method in methods if method is not None])
    return payloads(keys=keys)


def training_sets(specimen: Specimen) -> SearchStrategy[list[dict[str, Any]]]:
    """Return examples to train with: the author's own, or any JSON payloads."""
    own = specimen.samples.get("training_data")
    return st.lists(inputs(specimen), max_size=4) if own is None else own
