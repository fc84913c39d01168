"""Command lines for click commands, from what click knows of their parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click
from hypothesis import strategies as st

from aitbc_hooks.testing.strategies.command_values import furnish, words_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from hypothesis.strategies import SearchStrategy

    Line = list[str]
    Lines = SearchStrategy[Line]

__all__ = ["command_lines", "furnish"]

#: How often an option or argument is repeated that may be so.
_TIMES: Final = 3


def command_lines(command: click.Command) -> SearchStrategy[list[str]]:
    """Return arguments that a command takes, without its name.

    Options and arguments have values of their types, required ones are there, and so are those that
    would ask otherwise. Options that only print something, such as ``--help``, are left out; hidden
    ones are not. In a group one subcommand is chosen with its own arguments, several where they
    chain. Names of files are those of a few that `furnish` makes.

    click refuses no such line by itself; a callback, or a parameter type of the author's own, may.

    Args:
        command: The command, or group.
    """
    return _lines(click.Context(command))


def _lines(context: click.Context, *, last: bool = True) -> Lines:
    """Return the lines of a context's command.

    Args:
        context: The context, or one with the same parents.
        last: Whether nothing follows that an argument which is left out would swallow.
    """
    command = context.command
    options = [p for p in command.params if isinstance(p, click.Option) and _is_offered(p)]
    arguments = [p for p in command.params if isinstance(p, click.Argument)]
    prefixes = _prefixes(context)
    final = last and not isinstance(command, click.Group)
    bare = {option for option in options if final and _may_be_bare(option)}
    line = _joined(
        [
            *(_option(option, prefixes, bare=option in bare) for option in options),
            _arguments(arguments, every=not final).map(_protected(prefixes, always=bool(bare))),
            _subcommands(command, context) if isinstance(command, click.Group) else st.just([]),
        ]
    )
    # A line without words would only show the help; "--" changes that, and nothing else.
    return line.map(lambda words: words or ["--"]) if command.no_args_is_help else line


def _is_offered(option: click.Option) -> bool:
    """Return whether an option is more than a request to print something and exit."""
    acts = option.is_eager or option.callback is not None
    return option.prompt is not None or option.expose_value or not (acts and option.is_flag)


def _may_be_bare(option: click.Option) -> bool:
    """Return whether an option's value may be left out."""
    takes_value = not (option.is_flag or option.count or option.prompt)
    return takes_value and bool(option.to_info_dict()["flag_value"])


def _prefixes(context: click.Context) -> frozenset[str]:
    """Return what options begin with: those of a command, and of the groups above it."""
    found = {"-"}
    above: click.Context | None = context
    while above is not None:
        for param in above.command.params:
            if isinstance(param, click.Option):
                found |= {text[0] for text in (*param.opts, *param.secondary_opts)}
        above = above.parent
    return frozenset(found)


def _option(option: click.Option, prefixes: frozenset[str], *, bare: bool) -> Lines:
    once = _once(option, prefixes, bare=bare)
    if option.multiple or option.count:
        once = st.lists(once, min_size=1, max_size=_TIMES).map(_concatenated)
    return once if option.required or option.prompt is not None else st.one_of(st.just([]), once)


def _once(option: click.Option, prefixes: frozenset[str], *, bare: bool) -> Lines:
    spelling = st.sampled_from([*option.opts, *option.secondary_opts])
    alone = spelling.map(lambda name: [name])
    if option.is_flag or option.count:
        return alone
    words = _values(option)
    # Where a value may be left out, click takes what looks like an option for one, even after "=".
    if getattr(option, "_flag_needs_value", True):
        words = words.filter(lambda values: not _looks_like_option(values[0], prefixes))
    if option.nargs != 1:
        return st.builds(lambda name, values: [name, *values], spelling, words)
    given = st.builds(_given, spelling, words, st.booleans())
    return st.one_of(given, alone) if bare else given


def _given(name: str, words: Line, joined: bool) -> Line:  # noqa: FBT001 - drawn
    """Write an option with its value, in one word or in two; click takes any value in both."""
    (word,) = words
    is_short = len(name) == 2  # noqa: PLR2004 - such as -n
    if not joined or (is_short and not word):
        return [name, word]
    return [f"{name}{'' if is_short else '='}{word}"]


def _values(parameter: click.Parameter) -> Lines:
    """Return the words that a parameter takes at once, which may be several."""
    kind: Any = parameter.type
    kinds = kind.types if isinstance(kind, click.Tuple) else [kind] * max(parameter.nargs, 1)
    return st.tuples(*(words_for(parameter, each) for each in kinds)).map(list)


def _arguments(arguments: Sequence[click.Argument], *, every: bool) -> Lines:
    """Return the words of the arguments.

    Args:
        arguments: The arguments.
        every: Whether those that may be left out are there too.
    """
    values = [_repeated(a) if a.nargs < 0 else _values(a) for a in arguments]
    # Words go to arguments by their place: only the last ones can be left out, and none if some
    # other takes as many words as there are.
    required = [index for index, argument in enumerate(arguments) if argument.required]
    least = max(required, default=-1) + 1
    if every or any(argument.nargs < 0 for argument in arguments):
        least = len(values)
    return st.one_of([_joined(values[:count]) for count in range(least, len(values) + 1)])


def _repeated(argument: click.Argument) -> Lines:
    least = 1 if argument.required else 0
    return st.lists(_values(argument), min_size=least, max_size=_TIMES).map(_concatenated)


def _protected(prefixes: frozenset[str], *, always: bool) -> Callable[[Line], Line]:
    """Return what keeps words from being taken for options."""

    def protect(words: Line) -> Line:
        doubtful = always or any(_looks_like_option(word, prefixes) for word in words)
        return ["--", *words] if words and doubtful else words

    return protect


def _looks_like_option(word: str, prefixes: frozenset[str]) -> bool:
    return len(word) > 1 and word[0] in prefixes


def _subcommands(group: click.Group, context: click.Context) -> Lines:
    """Return the names of subcommands with their lines."""
    found: dict[str, click.Context] = {}
    for name in group.list_commands(context):
        if (command := group.get_command(context, name)) is not None:
            found[name] = click.Context(command, parent=context, info_name=name)
    final = st.one_of([_named(name, _lines(sub)) for name, sub in found.items()])
    if group.chain:
        others = [
            _named(name, _lines(sub, last=False))
            for name, sub in found.items()
            if all(param.nargs > 0 for param in sub.command.params)
        ]
        earlier = st.lists(st.one_of(others), max_size=_TIMES - 1).map(_concatenated)
        final = st.builds(list.__add__, earlier if others else st.just([]), final)
    return st.one_of(st.just([]), final) if group.invoke_without_command else final


def _named(name: str, lines: Lines) -> Lines:
    return lines.map(lambda words: [name, *words])


def _joined(lines: Iterable[Lines]) -> Lines:
    return st.tuples(*lines).map(_concatenated)


def _concatenated(lines: Iterable[Line]) -> Line:
    return [word for line in lines for word in line]
