"""The goal that steps up by itself."""

_STEPS = (100, 250, 500)
_NEXT_AT_PERCENT = 90


def goal(total: int) -> int:
    """Return the first of 100, 250, 500, 1,000, 2,500, … of which ``total`` has not reached 90 %."""
    power = 1
    while True:
        for step in _STEPS:
            if total * 100 < step * power * _NEXT_AT_PERCENT:
                return step * power
        power *= 10
