"""Runs checks on exchanges and turns their outcomes into results, a verdict and an exit code."""
