"""The command ``aitbc-hooks``: one file per group of commands, each imported when it is used."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

_COMPLETE = "_AITBC_HOOKS_COMPLETE"


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave the process.

    Args:
        args: The arguments; by default those of the process.

    Raises:
        SystemExit: Always; `aitbc_hooks.cli.exits` has the statuses.
    """
    from aitbc_hooks.cli.exits import guarded, leave  # noqa: PLC0415 - importing this is free
    from aitbc_hooks.cli.root import NAME, root  # noqa: PLC0415 - as above
    from aitbc_hooks.cli.session import Session  # noqa: PLC0415 - as above

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if instruction := os.environ.get(_COMPLETE):
        from click.shell_completion import shell_complete  # noqa: PLC0415 - for a shell only

        sys.exit(shell_complete(root, {}, NAME, _COMPLETE, instruction))
    session = Session()
    status = guarded(sys.argv[1:] if args is None else args, session)
    leave(status, session.leftovers)
