"""What a range means, clause by clause, by the order of `semver` and by comparing parts."""

from __future__ import annotations

import re

import pytest

semver = pytest.importorskip("semver", reason="semver is missing; the extra dev has it")


def allows(text, version_text, *, prereleases=False):
    """Whether a range, well-formed, allows a version."""
    version = semver.Version.parse(version_text).replace(build=None)
    clauses = [clause.strip() for clause in text.split(",")] if text.strip() else []
    if version.prerelease and not prereleases and not names(clauses, version):
        return False
    return all(holds(clause, version) for clause in clauses)


def names(clauses, version):
    return any(
        "-" in clause
        and not clause.startswith("!=")
        and core(semver.Version.parse(clause.lstrip("<>=^~ "))) == core(version)
        for clause in clauses
    )


def core(version):
    return version.major, version.minor, version.patch


def holds(clause, version):
    if clause == "*":
        return True
    op, written = re.fullmatch(r"(>=|<=|==|!=|>|<|\^|~)?\s*(.*)", clause).groups()
    parts = [int(part) for part in re.match(r"[\d.]*\d", written)[0].split(".")]
    wild = written.endswith(("x", "X", "*"))
    pre = written.partition("-")[2].partition("+")[0]
    low = semver.Version(*parts, *[0] * (3 - len(parts)), prerelease=pre or None)
    same = {count: core(version)[:count] == core(low)[:count] for count in (1, 2, 3)}
    if wild or (op is None and len(parts) < 3):
        inside = same[min(len(parts), 2)] and version >= low
        return not inside if op == "!=" else inside
    if op == "^":
        kept = next((i for i, part in enumerate(parts) if part), len(parts) - 1) + 1
        return version >= low and same[kept]
    if op == "~":
        return version >= low and same[min(len(parts), 2)]
    if op == "<":
        return version < low and (bool(pre) or core(version) != core(low))
    order = version.compare(low)
    return {">=": order >= 0, "<=": order <= 0, ">": order > 0, "!=": order != 0}.get(
        op, order == 0
    )
