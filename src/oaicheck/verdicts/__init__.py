"""Which check sees which exchange, what becomes of its outcome, and what the gate says."""
