"""What kedro reads first; the project's own hooks."""

from __future__ import annotations

import os

from dropin_notes import note
from kedro.framework.hooks import hook_impl


class ProjectHooks:
    """Hooks that belong to the project."""

    @hook_impl(trylast=True)
    def before_pipeline_run(self):
        note("the project, last")

    @hook_impl
    def after_dataset_saved(self, dataset_name, data):
        note(f"saved {dataset_name}: {data}")


HOOKS = (ProjectHooks(),)
DISABLE_HOOKS_FOR_PLUGINS = tuple(os.environ.get("DISABLED", "").split())
