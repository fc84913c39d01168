"""The project's pipelines."""

from __future__ import annotations

from kedro.pipeline import Pipeline, node


def numbers() -> list[int]:
    """Give the numbers."""
    return [1, 2, 3]


def fail(total: int) -> None:
    """Never succeed."""
    raise ValueError(f"too much: {total}")


def register_pipelines() -> dict[str, Pipeline]:
    """Name the pipelines; kedro calls this."""
    adding = Pipeline(
        [
            node(numbers, None, "numbers", name="make"),
            node(sum, "numbers", "total", name="add"),
        ]
    )
    failing = Pipeline([node(fail, "total", None, name="fail")])
    return {"__default__": adding, "failing": adding + failing}
