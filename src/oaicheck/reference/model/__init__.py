"""The scripted model: tokens, text, tool calls, and values that match a schema."""
