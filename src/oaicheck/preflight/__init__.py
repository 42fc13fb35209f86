"""What comes before collection: the options, the target, the first requests.

A mistake in them is reported before the suites are imported and before a report folder is made.
Importing a module of this room imports neither pytest nor an HTTP client, except `hooks`.
"""
