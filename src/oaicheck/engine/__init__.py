"""The engine: sends scenarios to a target and records the responses. It does not judge them."""
