"""What a run may take in all: recorded bytes, time, and memory. At its ceiling it stops sending.

Whatever the endpoint does, a run ends, and leaves room on the machine. What was recorded until then
is judged.
"""

from __future__ import annotations

from pathlib import Path

from oaicheck.engine.clock import MACHINE, Time
from oaicheck.target.target import Limits

_UNITS = ((1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB"), (1, "bytes"))


class RunCeiling:
    """Says why a run must stop sending, once it must. Its time begins when it is made.

    `reason` is empty until then, and `option` is the option that allows more.
    """

    def __init__(self, limits: Limits, time: Time = MACHINE) -> None:
        self._limits = limits
        self._time = time
        self._began = time.now()
        self.reason = self.option = ""

    def is_reached(self, recorded: int) -> bool:
        """Whether nothing more may be sent, given how many bytes of bodies are recorded."""
        limits, took = self._limits, self._time.now() - self._began
        if self.reason:
            return True
        if recorded >= limits.run_bytes:
            self.reason = f"{_size(recorded)} of answers were recorded"
            self.option = "--max-run-bytes"
        elif took >= limits.run_time:
            self.reason, self.option = f"the run had taken {took:.0f} s", "--max-run-time"
        elif (used := peak_memory()) >= limits.run_memory:
            self.reason = f"oaicheck had used {_size(used)} of memory"
            self.option = "--max-run-memory"
        return bool(self.reason)

    def remark(self, not_sent: int) -> str:
        """A sentence for the user about so many scenarios."""
        return (
            f"stopped sending: {self.reason}; {not_sent} scenarios not sent; "
            f"{self.option} allows more"
        )


def peak_memory(process: int | str = "self") -> int:
    """The most memory that a process has had, in bytes; 0 if the system does not tell."""
    try:
        status = Path(f"/proc/{process}/status").read_text("ascii", "replace")
    except OSError:
        return 0
    _, _, after = status.partition("VmHWM:")
    return int(after.split()[0]) * 1024 if after else 0


def _size(count: int) -> str:
    unit, name = next(each for each in _UNITS if count >= each[0] or each[0] == 1)
    return f"{count / unit:.3g} {name}"
