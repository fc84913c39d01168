"""The files that mypy and pyright check leave no hook out."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aitbc_hooks.dispatch.typed import Addressed, Hooks
from aitbc_hookspecs import SPEC_MODULES

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
FACES = {"hook": Hooks, "plugin": Addressed}
DRIVERS = {
    name
    for module in SPEC_MODULES
    for name, function in vars(module).items()
    if getattr(function, "aitbc_spec", {}).get("driver_only")
}


def hooks_of(face: str, *, taking_arguments: bool = False) -> set[tuple[str, str]]:
    return {
        (face, name)
        for name, method in inspect.getmembers(FACES[face], inspect.isfunction)
        if not name.startswith("_")
        and len(inspect.signature(method).parameters) > int(taking_arguments)
    }


def statements(path: str, function: str | None = None) -> Iterator[ast.stmt]:
    for node in ast.parse((HERE / path).read_text("utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from node.body if function in (None, node.name) else []


def used(statement: ast.stmt) -> set[tuple[str, str]]:
    """Return the hooks in a statement, each with the name of the face that it is looked up in."""
    return {
        (node.value.id, node.attr)
        for node in ast.walk(statement)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }


def used_wrongly(function: str) -> set[tuple[str, str]]:
    found = [used(statement) for statement in statements("wrong_calls_typing.py", function)]
    return {hook for hooks in found for hook in hooks}


EVERY = hooks_of("hook") | hooks_of("plugin")


@pytest.mark.parametrize("hook", sorted(EVERY), ids=".".join)
def test_a_right_call_of_every_hook_has_its_type_asserted(hook: tuple[str, str]) -> None:
    sources = [
        ast.unparse(statement)
        for statement in statements("right_calls_typing.py")
        if hook in used(statement)
    ]
    assert any(source.startswith(("assert_type(", "await gives_nothing(")) for source in sources)


TAKING = hooks_of("hook", taking_arguments=True), hooks_of("plugin", taking_arguments=True)


@pytest.mark.parametrize(
    ("function", "hooks"),
    [
        ("arguments_by_position", TAKING[0]),
        ("missing_arguments", TAKING[0] | TAKING[1]),
        ("unknown_arguments", EVERY),
        ("arguments_of_wrong_types", TAKING[0] | TAKING[1]),
        ("hooks_that_only_the_driver_calls", {(face, name) for face in FACES for name in DRIVERS}),
        (
            "hooks_of_one_plugin_called_on_all",
            {("hook", name) for _, name in EVERY} - hooks_of("hook"),
        ),
    ],
)
def test_every_kind_of_mistake_is_made_with_every_hook(
    function: str, hooks: set[tuple[str, str]]
) -> None:
    assert used_wrongly(function) == hooks


def test_every_mistake_is_silenced_by_name() -> None:
    path = "wrong_calls_typing.py"
    lines = (HERE / path).read_text("utf-8").splitlines()
    mistakes = [lines[statement.lineno - 1] for statement in statements(path) if used(statement)]
    assert [line for line in mistakes if "# type: ignore[" not in line] == []
