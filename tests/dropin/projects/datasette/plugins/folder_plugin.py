"""A plugin in the folder that `--plugins-dir` names."""

from __future__ import annotations

from datasette import hookimpl


@hookimpl
def extra_template_vars():
    return {"from_folder": "from the folder", "dropin": "overridden"}
