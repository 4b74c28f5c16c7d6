"""What can go wrong, in the words of the product; only web/errors.py knows status codes."""


class PetitionError(Exception):
    """Raised for everything that the visitor cannot mend in the form."""


class NotFound(PetitionError):
    """Raised when there is nothing here that the public may see."""


class Gone(PetitionError):
    """Raised when something was published once and has been removed."""


class NotAllowed(PetitionError):
    """Raised when somebody may not do what they ask for."""


class Conflict(PetitionError):
    """Raised when the state of things does not allow what is asked."""
