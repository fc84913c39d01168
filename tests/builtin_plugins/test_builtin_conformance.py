"""The plugins that the package brings hold to the contract that it asks of others."""

from __future__ import annotations

import pytest

from aitbc_builtin_plugins.agent_cli.plugin import AgentCLIPlugin
from aitbc_builtin_plugins.bitcoin.plugin import BitcoinPlugin
from aitbc_builtin_plugins.translation.plugin import TranslationAIPlugin
from aitbc_hooks.testing.kit import Level, Outcome, conformance


@pytest.mark.parametrize("plugin", [AgentCLIPlugin, BitcoinPlugin, TranslationAIPlugin])
def test_a_built_in_plugin_keeps_every_must_and_should(plugin, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    report = conformance(plugin, examples=5)
    unkept = {
        result.id: result.detail
        for result in report.results
        if result.level in (Level.MUST, Level.SHOULD)
        and result.outcome in (Outcome.FAIL, Outcome.INCONCLUSIVE)
    }
    assert unkept == {}
