"""The answer to "why": a headline, what is known, what stands in the way, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from aitbc_hooks.cli.exits import Status
from aitbc_hooks.cli.reasoning.obstacles import Obstacle
from aitbc_hooks.cli.reasoning.proving import prove
from aitbc_hooks.versions import RequirementKind, canonical_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aitbc_hooks.cli.overview import Listing
    from aitbc_hooks.cli.reasoning.judging import Judge

__all__ = ["Answer", "answer"]

#: Codes of what versions, hosts and other plugins have to do with.
_UNSATISFIED = "AITBC-D"
#: Codes of what the solver can say more about: not of cycles, which are a matter of order.
_PROVABLE = ("AITBC-D01", "AITBC-D03", "AITBC-D04", "AITBC-D05", "AITBC-D06")


@attrs.frozen
class Answer:
    """Why a plugin runs, or does not.

    Attributes:
        plugin: Its name.
        headline: The answer in one sentence.
        facts: What is known of it, in sentences.
        obstacles: What keeps it from running; nothing, if the host runs it.
        proof: Why no set of versions works, a line each; empty where one does.
        advice: What to do.
    """

    plugin: str
    headline: str
    facts: tuple[str, ...]
    obstacles: tuple[Obstacle, ...]
    proof: tuple[str, ...]
    advice: tuple[str, ...]

    @property
    def runs(self) -> bool:
        """Whether the host runs it, at once or when it is needed."""
        return not self.obstacles

    @property
    def status(self) -> Status:
        """The exit status that stands for it."""
        if self.runs:
            return Status.OK
        code = self.obstacles[0].code
        if code.startswith(_UNSATISFIED):
            return Status.UNSATISFIED
        return Status.NOT_FOUND if code in ("AITBC-H02", "AITBC-P01") else Status.FAILED

    def record(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "plugin": self.plugin,
            "runs": self.runs,
            "answer": self.headline,
            "facts": list(self.facts),
            "obstacles": [
                {"code": each.code, "text": each.text, "fix": each.fix} for each in self.obstacles
            ],
            "proof": list(self.proof),
            "advice": list(self.advice),
        }


def answer(judge: Judge, name: str) -> Answer:
    """Return why a plugin runs, or does not; of a name that nobody knows, too.

    Args:
        judge: What is known.
        name: The name, in any case.
    """
    key = canonical_name(name)
    row = judge.known.relations.listings.get(key)
    name = row.name if row else judge.config.listed_name(name) or name
    obstacles = (*judge.obstacles(key), *_idle(judge))
    proof: tuple[str, ...] = ()
    if row is not None and any(obstacle.code in _PROVABLE for obstacle in obstacles):
        refutation = prove(judge, name)
        proof = tuple(str(refutation).splitlines()) if refutation else ()
    facts = tuple(_of_plugin(judge, row) if row else _of_nothing(judge, name))
    advice = tuple(dict.fromkeys(obstacle.fix for obstacle in obstacles))
    if row is not None and not obstacles:
        return _running(judge, row, facts)
    return Answer(name, f"{name} does not run.", facts, obstacles, proof, advice)


def _running(judge: Judge, row: Listing, facts: tuple[str, ...]) -> Answer:
    triggers = _triggers(row)
    earlier = [other.name for other in _eager(judge, row)] if triggers else []
    headline = f"{row.name} runs: the host starts it when it starts itself."
    if triggers:
        headline = f"{row.name} runs when it is needed: it waits for {_or(triggers)}."
    if earlier:
        headline = f"{row.name} runs: {_and(earlier)} cannot start without it."
    advice = f"Nothing has to be done. To stop it: aitbc-hooks disable {row.name}."
    return Answer(row.name, headline, facts, (), (), (advice,))


def _triggers(row: Listing) -> tuple[str, ...]:
    manifest = row.candidate.manifest
    return () if manifest is None or manifest.starts_with_host else manifest.activation


def _eager(judge: Judge, row: Listing) -> Iterator[Listing]:
    """Yield what starts with the host and needs a plugin, directly or not."""
    relations = judge.known.relations
    key = canonical_name(row.name)
    for other in sorted(relations.dependents([key]) - {key}):
        if judge.runs(other) and not _triggers(relations.listings[other]):
            yield relations.listings[other]


def _idle(judge: Judge) -> Iterator[Obstacle]:
    if not judge.config.auto_load:
        origin = judge.config.origin("auto_load")
        text = f"the host starts nothing by itself: auto_load is off by {origin}"
        yield Obstacle("AITBC-H02", text, "Set auto_load to true, or start it in your program.")


def _of_plugin(judge: Judge, row: Listing) -> Iterator[str]:
    """Yield what is known of a plugin that is there."""
    relations, key = judge.known.relations, canonical_name(row.name)
    candidate = row.candidate
    version = f", version {candidate.version}" if candidate.version else ", without a version"
    yield f"It was found as {candidate.source} {candidate.location}{version}."
    for rejected in judge.known.overview.catalogue.rejected:
        if canonical_name(rejected.name) == key:
            yield f"{rejected.source} {rejected.location} is passed over: {rejected.error.message}"
    origin = judge.enabled_by(row.name)
    if row.enabled:
        by = "having been named with -p" if origin is None else origin
        yield f"It is enabled by {'the embedded default' if by == 'default' else by}."
    if triggers := _triggers(row):
        yield f"Its manifest has it wait for {_or(triggers)}."
    needs = [str(link.requirement) for link in relations.asked_by(key)]
    if needs:
        yield f"It asks for {', '.join(needs)}."
    if asking := [relations.name(x.source) for x in relations.asked_of(key) if _is_need(x.kind)]:
        yield f"It is needed by {_and(asking)}."


def _of_nothing(judge: Judge, name: str) -> Iterator[str]:
    """Yield what is known of a name that no plugin has."""
    listed = judge.config.listed_name(name)
    if listed is not None:
        enabled = judge.config.plugins[listed].enabled
        word = "enabled" if enabled else "disabled"
        yield f"It is {word} by {judge.enabled_by(listed)}."
    relations = judge.known.relations
    asking = [relations.name(x.source) for x in relations.asked_of(canonical_name(name))]
    if asking:
        yield f"It is asked for by {_and(sorted(set(asking)))}."
    places = [str(path) for path in judge.config.plugin_paths]
    where = ", ".join([*places, "installed distributions", "the built-in plugins"])
    yield f"Plugins were looked for in {where}."


def _is_need(kind: RequirementKind) -> bool:
    return kind is RequirementKind.NEED


def _or(words: tuple[str, ...]) -> str:
    return " or ".join(words)


def _and(words: list[str]) -> str:
    return " and ".join(words)
