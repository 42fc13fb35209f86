"""An endpoint that behaves badly on purpose, in hundreds of ways, and what a run makes of it.

Everything is written byte by byte to sockets: nothing here uses the reference endpoint. All of it
is harmless, and bounded in size.
"""
