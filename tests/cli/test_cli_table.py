"""Tables and texts for a terminal."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from aitbc_hooks.cli.table import clip, cut_mark, printable, table


def columns(text):
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


@given(st.text())
def test_what_is_printed_is_one_line_without_control_characters(text):
    assert printable(text).isprintable()


@given(st.text(), st.integers(0, 30))
def test_a_clipped_text_fits_and_shows_that_it_was_cut(text, width):
    text = printable(text)
    clipped = clip(text, width)
    assert columns(clipped) <= width
    if columns(text) <= width:
        assert clipped == text
    elif width:
        assert clipped.endswith("…")


@given(st.text(), st.integers(0, 30))
def test_dots_take_the_place_of_an_ellipsis_within_the_width(text, width):
    text = printable(text)
    clipped = clip(text, width, "...")
    assert columns(clipped) <= width
    if columns(text) > width:
        assert clipped.endswith("..."[:width])


def test_an_encoding_without_the_ellipsis_gets_dots_and_cells_as_it_will_show_them():
    assert [cut_mark(name) for name in (None, "utf-8", "ascii")] == ["…", "…", "..."]
    assert table(["A", "B"], [["é", "x" * 9]], width=10, encoding="ascii") == [
        "A     B",
        r"\xe9  x...",
    ]


rows = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.lists(st.text(max_size=8), min_size=n, max_size=n), max_size=5).map(
        lambda rows: (["H"] * n, rows)
    )
)


@given(rows, st.none() | st.integers(1, 30))
def test_a_table_has_a_line_for_each_row_and_keeps_to_the_width(made, width):
    headings, cells = made
    lines = table(headings, cells, width=width)
    assert len(lines) == len(cells) + 1
    assert all(line.isprintable() for line in lines)
    if width is not None:
        assert all(columns(line) <= width for line in lines)


def test_columns_are_aligned_whatever_the_width_of_their_characters():
    assert table(["A", "B"], [["字", "x"], ["abc", "y"]]) == ["A    B", "字   x", "abc  y"]


def test_styles_do_not_change_the_alignment_and_spare_the_headings():
    lines = table(["A", "B"], [["x", "y"]], style=lambda _, cell, padded: f"<{padded}>")
    assert lines == ["A  B", "<x  ><y>"]
