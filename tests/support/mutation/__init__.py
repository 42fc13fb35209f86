"""Mutation of the judges: are the tests and the deviations able to notice a judge that is wrong?

    PYTHONPATH=tests python -m support.mutation [FILE ...]

See docs/mutation.md.
"""
