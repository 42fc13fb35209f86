"""The target: endpoint, key and limits, from flags, the environment and `oaicheck.toml`."""
