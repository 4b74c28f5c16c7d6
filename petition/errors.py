"""What can go wrong, in the words of the product; only http/error_pages.py knows status codes."""

from datetime import datetime
from typing import Any


class PetitionError(Exception):
    """Raised for everything that the visitor cannot mend in the form."""


class Explained(PetitionError):
    """Raised where ``sentence`` says, in English, what a program has sent wrong."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotFound(PetitionError):
    """Raised when there is nothing here that the public may see."""


class Gone(PetitionError):
    """Raised when something was published once and has been removed."""


class NotAllowed(PetitionError):
    """Raised when somebody may not do what they ask for."""


class Conflict(PetitionError):
    """Raised when the state of things does not allow what is asked."""


class CallNotOpen(Conflict):
    """Raised when somebody signs or confirms before the opening or after the closing moment."""


class CallPaused(CallNotOpen):
    """Raised when somebody signs while the organisers have paused a call."""


class StaleRevision(Conflict):
    """Raised when a button names another revision of a draft than the newest."""


class WrongPhase(Conflict):
    """Raised when a call does not stand where it would have to for what is asked, such as one that is paused twice."""


class WordsChanged(Conflict):
    """Raised when a button names other words than those that stand now; the page shows these and asks again."""


class EditConflict(Conflict):
    """Raised when somebody else saved the same thing since an editor began from it.

    ``theirs`` is what they saved; ``who`` their name, empty for an operator or a former member; ``when`` the moment.
    """

    def __init__(self, theirs: Any, who: str, when: datetime) -> None:
        super().__init__()
        self.theirs, self.who, self.when = theirs, who, when


class SlugTaken(Conflict):
    """Raised for a name in addresses that another thing has, or had."""


class LastOwner(Conflict):
    """Raised when a team would be left without an owner."""


class Overloaded(PetitionError):
    """Raised when a change would wait too long for its turn; nothing was written, and later it may work."""
