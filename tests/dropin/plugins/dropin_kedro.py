"""A plugin of kedro that is installed beside it."""

from __future__ import annotations

from dropin_notes import note, note_manager
from kedro.framework.hooks import hook_impl


class InstalledHooks:
    """Watches a run; its answer to `before_node_run` changes what a node is given."""

    @hook_impl
    def after_context_created(self, context):
        note_manager(context._hook_manager)

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self, run_params, pipeline, catalog):
        note(f"before the run of {len(pipeline.nodes)} nodes")

    @hook_impl
    def before_node_run(self, node, inputs):
        note(f"before {node.name}")
        return {"numbers": [*inputs["numbers"], 10]} if "numbers" in inputs else None

    @hook_impl(wrapper=True)
    def after_node_run(self, node, outputs):
        result = yield
        note(f"after {node.name}: {outputs}")
        return result

    @hook_impl
    def on_pipeline_error(self, error):
        note(f"failed with {error}")


hooks = InstalledHooks()
