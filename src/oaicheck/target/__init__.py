"""Where to ask, as whom and within which limits: flags, environment, `oaicheck.toml`."""
