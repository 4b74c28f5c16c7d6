"""When what has failed is tried again, and when it is given up."""

from datetime import timedelta
from typing import NamedTuple


class RetryPlan(NamedTuple):
    """Minutes until each next try, the last of them again and again, and after how long the tries after them end."""

    pauses: tuple[int, ...]
    try_for: timedelta = timedelta(hours=72)

    def pause(self, attempts: int) -> timedelta:
        """Return how long to wait after so many attempts, 1 at least."""
        return timedelta(minutes=self.pauses[min(attempts, len(self.pauses)) - 1])

    def is_over(self, attempts: int, age: timedelta) -> bool:
        """Whether nothing is tried any more after so many attempts in this time."""
        return attempts > len(self.pauses) and age >= self.try_for


USUAL = RetryPlan((1, 2, 4, 8, 16, 32, 60))
# It may have arrived, so each try may be one more copy.
IN_DOUBT = RetryPlan((1, 60, 24 * 60))
# Refused for its content or its sender: four tries in a day, in which an operator may mend that.
REFUSED = RetryPlan((10, 2 * 60, 22 * 60), timedelta(days=1))
