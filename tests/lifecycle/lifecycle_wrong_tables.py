"""The transition table with one wrong cell, in every way that makes a difference."""

from __future__ import annotations

from itertools import product

import attrs
from lifecycle_rules import RESTING

from aitbc_hooks.interfaces import PluginStatus as S
from aitbc_hooks.lifecycle import LIFECYCLE_METHODS, NOTHING_TO_DO, TABLE, Operation

#: What the driver keeps the table in.
ROWS = "aitbc_hooks.lifecycle.table._BY_OPERATION_AND_SOURCE"
DONE = "aitbc_hooks.lifecycle.table.NOTHING_TO_DO"


def wrong_tables():
    """Yield (operation, what is wrong, the place in the driver, what to put there)."""
    for row in TABLE:
        for field, value in _changes(row):
            rows = [
                attrs.evolve(row, **{field: value}) if other is row else other for other in TABLE
            ]
            index = {(each.operation, source): each for each in rows for source in each.sources}
            yield row.operation, f"{row}: {field}={value}", ROWS, index
    for operation, status in product(Operation, RESTING):
        if (operation, status) not in _LEGAL:
            done = {**NOTHING_TO_DO, operation: NOTHING_TO_DO[operation] ^ {status}}
            yield operation, f"{operation} in {status} is done or not", DONE, done


_LEGAL = {(row.operation, source) for row in TABLE for source in row.sources}
#: Nobody can see a plugin pass through UNLOADING that has no instance.
_INVISIBLE = (Operation.UNLOAD, S.UNLOADED)


def _changes(row):
    """Yield (field, value) of everything that the row might say wrongly."""
    unloads = row.operation is Operation.UNLOAD
    domains = {
        "success": S,
        "failure": S,
        "method": LIFECYCLE_METHODS,
        # The driver reads these where a row says something by them.
        "via": (*S, None) if row.via else (),
        "first": (*Operation, None) if unloads else (),
    }
    for field, domain in domains.items():
        yield from ((field, value) for value in domain if value is not getattr(row, field))
    for status in RESTING:
        pair = (row.operation, status)
        if status in row.sources or (pair not in _LEGAL and pair != _INVISIBLE):
            yield "sources", row.sources ^ {status}
