"""Chat completions of the reference endpoint: request validation and response objects."""
