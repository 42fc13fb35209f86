"""The requests of a run: scenarios, the capabilities they need, profiles, and random requests."""
