"""What a behaviour is, and the list of all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from support.hostile.connection import Connection

Play = Callable[[Connection], Awaitable[None]]

JUDGED = frozenset({1})
"""The run judges something, and the endpoint is not conformant."""
REFUSED = frozenset({4})
"""The run ends with the first request, and says why."""
EITHER = JUDGED | REFUSED | {5}
"""A limit of the run may come first."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A way to treat connections, and what a run has to make of it.

    `later` are the exit codes allowed if only the first request is answered well; None if that is
    not tried. `first` is a regular expression for what is printed if already the first request
    meets the behaviour; None if that is not tried. `first_codes` are the exit codes for that.
    The ceilings are seconds and megabytes (10^6 bytes).
    """

    name: str
    says: str
    play: Play
    first: str | None
    first_codes: frozenset[int]
    later: frozenset[int] | None
    seconds: float
    megabytes: float
    scheme: str
    """`http`, or `https` if the endpoint is called that and is not, or `tls` if it is."""
    accept_after: float | None
    """Seconds before each connection is accepted."""

    @property
    def family(self) -> str:
        """What is before the slash in the name."""
        return self.name.partition("/")[0]


ALL: dict[str, Behaviour] = {}
"""Every behaviour by its name."""


class Family:
    """Names and registers the behaviours of one kind."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(
        self,
        first: str | None = None,
        *,
        first_codes: frozenset[int] = REFUSED,
        later: frozenset[int] | None = JUDGED,
        seconds: float = 120.0,
        megabytes: float = 250.0,
        scheme: str = "http",
        accept_after: float | None = None,
    ) -> Callable[[Play], Play]:
        """Register a function as a behaviour; its name and its docstring describe it."""

        def register(play: Play) -> Play:
            name = f"{self.name}/{play.__name__.replace('_', '-')}"  # type: ignore[attr-defined]
            assert name not in ALL, name
            assert play.__doc__, name
            says = play.__doc__.strip()
            limits = (seconds, megabytes, scheme, accept_after)
            ALL[name] = Behaviour(name, says, play, first, first_codes, later, *limits)
            return play

        return register

    def each(
        self, played: dict[str, tuple[str, Play]], first: str | None = None, **how: object
    ) -> None:
        """Register several that differ in what they send: by name, a sentence and a function."""
        for name, (says, play) in played.items():

            def named(connection: Connection, play: Play = play) -> Awaitable[None]:
                return play(connection)

            named.__name__, named.__doc__ = name, says
            self(first, **how)(named)  # type: ignore[arg-type]
