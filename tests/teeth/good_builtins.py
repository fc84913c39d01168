"""The plugins that come with the host."""

from __future__ import annotations

from corpus import good
from hypothesis import strategies as st

from aitbc_builtin_plugins.agent_cli.plugin import AgentCLIPlugin
from aitbc_builtin_plugins.bitcoin.plugin import BitcoinPlugin
from aitbc_builtin_plugins.translation.plugin import TranslationAIPlugin

_ADDRESSES = st.sampled_from(
    ["1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"]
)
_SENTENCES = st.sampled_from(["the house", "good morning", "the red car is big", ""])
_PAIR = st.tuples(st.sampled_from(["a house", "two cats"]), st.sampled_from(["una casa", "gatos"]))

good.add(AgentCLIPlugin, id="agent-cli")
# Not every text that its schema takes for a URL is one, and none has a node behind it.
good.add(
    BitcoinPlugin,
    id="bitcoin-integration",
    config={"rpc_url": "http://127.0.0.1:1", "timeout": 1, "poll_interval": 30},
    samples={
        "config": st.just({"rpc_url": "http://127.0.0.1:1", "timeout": 1}),
        "address": _ADDRESSES,
        "contract_address": _ADDRESSES | st.just("*"),
        "event_name": st.just(""),
        "tx_data": st.fixed_dictionaries({"to": _ADDRESSES, "amount": st.just("0.1")}),
    },
)
# Its schema knows a provider that this version does not have.
good.add(
    TranslationAIPlugin,
    id="translation-ai",
    config={"provider": "local"},
    samples={
        "input_data": st.fixed_dictionaries({"text": _SENTENCES}),
        "training_data": st.lists(
            _PAIR.map(lambda pair: {"source": pair[0], "target": pair[1]}), min_size=1, max_size=3
        ),
    },
)
