"""The built-in plugin ``bitcoin-integration``; its class is `plugin.BitcoinPlugin`."""
