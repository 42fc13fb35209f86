"""All faults and variations by name. Importing this module imports every one of them.

An endpoint without deviations needs none, and importing a thousand takes a while.
"""

import difflib
from collections.abc import Iterable, Mapping

from . import faults, variations
from .deviation import Deviation, registered

__all__ = ["faults", "known", "named", "variations"]


def known() -> Mapping[str, Deviation]:
    """All deviations by name."""
    return dict(sorted(registered().items()))


def named(names: Iterable[str]) -> tuple[Deviation, ...]:
    """The deviations with these names, in this order. Raises ValueError for an unknown one."""
    found: list[Deviation] = []
    for name in names:
        if name not in registered():
            near = difflib.get_close_matches(name, registered(), n=5, cutoff=0.4)
            hint = f" Did you mean {', '.join(near)}?" if near else ""
            raise ValueError(f"There is no fault or variation named {name!r}.{hint}")
        found.append(registered()[name])
    return tuple(found)
