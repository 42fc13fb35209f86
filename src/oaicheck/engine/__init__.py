"""The engine: sends scenarios to a target and records what comes back. It judges nothing."""
