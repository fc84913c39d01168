"""The manifests of the built-in plugins say what their code says, with nothing left out."""

from __future__ import annotations

import pytest

from aitbc_hooks.discovery import built_in_manifests
from aitbc_hooks.discovery.manifest.structuring import structure
from aitbc_hooks.hosting.describing import describe
from aitbc_hooks.hosting.describing.comparing import compare

MANIFESTS = list(built_in_manifests())


@pytest.mark.parametrize(
    ("folder", "manifest"), MANIFESTS, ids=[manifest.name for _, manifest in MANIFESTS]
)
def test_the_manifest_says_all_that_the_code_says(folder, manifest):
    entry = f"aitbc_builtin_plugins.{folder.name}.{manifest.entry}"
    description = describe({"name": manifest.name, "entry": entry}, deadline=60)
    assert description.problem is None
    found = structure(description.table)
    differences = compare(manifest, found)
    # The schema lies beside the code; what the description has of it comes from there.
    assert [str(each) for each in differences if each.key != "config_schema"] == []
