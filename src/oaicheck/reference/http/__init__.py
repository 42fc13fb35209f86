"""Requests and replies as values, and what HTTP does to them."""
