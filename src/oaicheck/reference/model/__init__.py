"""The scripted model: tokens, words, calls and values that fit a schema."""
