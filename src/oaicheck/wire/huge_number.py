"""Numbers that are legal JSON, but larger than Python's integers and floats can safely be.

JSON has no limit for numbers (RFC 8259, section 6). Python refuses to convert integers of more than
4,300 digits, because that takes quadratic time, and turns `1e400` into infinity.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, InvalidOperation
from math import isfinite
from typing import Any

MOST_DIGITS = 300
"""An integer with more digits is a huge number. All others can become a finite float."""
_SHOWN = 40


class HugeNumber(float):
    """A JSON number with more digits than `MOST_DIGITS`, or too large for a float, with its text.

    It compares as the number that it is, and sums and differences of integers are exact. For any
    other arithmetic it is infinite, so that nothing raises.
    """

    __slots__ = ("text",)

    text: str

    def __new__(cls, text: str) -> HugeNumber:
        """The number with this JSON text."""
        number = super().__new__(cls, "-inf" if text.startswith("-") else "inf")
        number.text = text
        return number

    @property
    def written_as_integer(self) -> bool:
        """Whether the text has neither a fraction nor an exponent."""
        return self.text.removeprefix("-").isdigit()

    def is_integer(self) -> bool:
        """As for every float of this size, which has no digits left for a fraction."""
        return True

    def __repr__(self) -> str:
        digits = len(self.text)
        return self.text if digits <= _SHOWN else f"{self.text[:_SHOWN]}… ({digits} characters)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return super().__format__(spec) if spec else str(self)

    def __reduce__(self) -> tuple[type[HugeNumber], tuple[str]]:
        return HugeNumber, (self.text,)

    def __hash__(self) -> int:
        return hash(_exact(self))

    def __eq__(self, other: object) -> bool:
        return _compared(operator.eq, self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: float) -> bool:
        return _compared(operator.lt, self, other)

    def __le__(self, other: float) -> bool:
        return _compared(operator.le, self, other)

    def __gt__(self, other: float) -> bool:
        return _compared(operator.gt, self, other)

    def __ge__(self, other: float) -> bool:
        return _compared(operator.ge, self, other)

    def __add__(self, other: float) -> float:
        return _calculated(Context.add, operator.add, self, other)

    def __radd__(self, other: float) -> float:
        return _calculated(Context.add, operator.add, other, self)

    def __sub__(self, other: float) -> float:
        return _calculated(Context.subtract, operator.sub, self, other)

    def __rsub__(self, other: float) -> float:
        return _calculated(Context.subtract, operator.sub, other, self)


def whole_number(text: str) -> int | HugeNumber:
    """The value of a JSON number without a fraction or an exponent."""
    return int(text) if len(text) <= MOST_DIGITS else HugeNumber(text)


def float_number(text: str) -> float:
    """The value of a JSON number with a fraction or an exponent."""
    value = float(text)
    return value if isfinite(value) else HugeNumber(text)


def _exact(number: Any) -> Decimal:
    """The number as a decimal; infinite if even a decimal cannot have such an exponent."""
    text = number.text if isinstance(number, HugeNumber) else number
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("-Infinity" if text.startswith("-") else "Infinity")


def _compared(compare: Callable[[Any, Any], bool], one: HugeNumber, other: object) -> bool:
    if not isinstance(other, int | float):
        return False
    exact = _exact(other)
    return not exact.is_nan() and compare(_exact(one), exact)


def _calculated(
    exactly: Callable[[Context, Any, Any], Decimal],
    roughly: Callable[[float, float], float],
    one: float,
    other: float,
) -> float:
    if not isinstance(one, int | float) or not isinstance(other, int | float):
        return NotImplemented
    if not _is_whole(one) or not _is_whole(other):
        return roughly(float(one), float(other))
    left, right = _exact(one), _exact(other)
    digits = max(left.adjusted(), right.adjusted()) + 2
    context = Context(prec=digits, Emax=MAX_EMAX, Emin=MIN_EMIN)
    return whole_number(str(exactly(context, left, right)))


def _is_whole(number: float) -> bool:
    return number.written_as_integer if isinstance(number, HugeNumber) else isinstance(number, int)
