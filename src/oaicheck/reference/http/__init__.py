"""Requests and replies as values, and how HTTP carries them."""
