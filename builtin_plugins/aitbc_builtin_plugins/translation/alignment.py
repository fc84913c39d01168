"""Which word translates which: IBM Model 1, learnt by expectation maximisation, in both directions.

Brown et al., "The Mathematics of Statistical Machine Translation" (1993), section 4. Model 1
knows no positions, so ties between equally probable words go to the one nearest the diagonal.
Every sum runs in the order of the examples, which makes the result independent of hash seeds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

__all__ = ["NULL", "Check", "Links", "Table", "align", "lexical_table"]

#: The invisible word of every sentence that words without a counterpart come from.
NULL: Final = ""
ITERATIONS: Final = 6
_NEIGHBOURS: Final = tuple((i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j)

Words: TypeAlias = Sequence[str]
Pair: TypeAlias = tuple[Words, Words]
#: source word -> target word -> probability of the target word, given the source word.
Table: TypeAlias = dict[str, dict[str, float]]
#: (source position, target position)
Links: TypeAlias = set[tuple[int, int]]
#: Called often during a long computation; ends it by raising.
Check: TypeAlias = Callable[[], None]


def lexical_table(pairs: Sequence[Pair], check: Check) -> Table:
    """Learn the probability of each target word, given each source word or `NULL`."""
    table: Table = {NULL: {}}
    for source, target in pairs:
        for word in (NULL, *source):
            table.setdefault(word, {}).update(dict.fromkeys(target, 1.0))
    for _ in range(ITERATIONS):
        table = _improved(table, pairs, check)
    return table


def _improved(table: Table, pairs: Sequence[Pair], check: Check) -> Table:
    counts: Table = {word: dict.fromkeys(row, 0.0) for word, row in table.items()}
    for source, target in pairs:
        check()
        rows = [(table[word], counts[word]) for word in (NULL, *source)]
        for word in target:
            total = sum(row[word] for row, _ in rows)
            for row, count in rows:
                count[word] += row[word] / total
    for row in counts.values():
        total = sum(row.values())
        for word in row:
            row[word] /= total
    return counts


def align(source: Words, target: Words, forward: Table, backward: Table) -> Links:
    """Link the words of one pair of sentences.

    Links that both directions agree on are kept; then links of one direction are added where they
    touch such a link and serve a word that has none ("grow-diag", Koehn et al. 2003).
    """
    there = {(i, j) for j, i in _best_links(source, target, forward)}
    back = set(_best_links(target, source, backward))
    either = there | back
    links = there & back
    served = {i for i, _ in links}, {j for _, j in links}
    queue = deque(sorted(links))
    while queue:
        i, j = queue.popleft()
        for di, dj in _NEIGHBOURS:
            near = (i + di, j + dj)
            wanted = near[0] not in served[0] or near[1] not in served[1]
            if wanted and near in either:
                links.add(near)
                served[0].add(near[0])
                served[1].add(near[1])
                queue.append(near)
    return links


def _best_links(source: Words, target: Words, table: Table) -> list[tuple[int, int]]:
    """Return (target position, source position) of each target word that NULL does not explain."""
    links = []
    for j, word in enumerate(target):
        chances = [round(table[candidate][word], 12) for candidate in source]
        best = max(chances)
        if best < round(table[NULL][word], 12):
            continue
        nearest = min(
            (index for index, chance in enumerate(chances) if chance == best),
            key=lambda index: abs(index / len(source) - j / len(target)),
        )
        links.append((j, nearest))
    return links
