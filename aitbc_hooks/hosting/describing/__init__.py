"""Finding out what a plugin is by loading it in a process that is thrown away.

describe_all(candidates, index)   # in the host: `asking`
python -m aitbc_hooks.hosting.describing.answering   # in the process: one question, one answer
"""

from aitbc_hooks.hosting.describing.asking import (
    Description,
    describe,
    describe_all,
    untried,
)

__all__ = ["Description", "describe", "describe_all", "untried"]
