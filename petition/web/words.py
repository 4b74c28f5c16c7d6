"""What a supporter said, between the row and the form that changes it."""

from typing import Any

from petition.forms.supporters import WordsForm
from petition.models import Signature


def form_for(signature: Signature) -> WordsForm:
    """Return the form filled with what a signature says, and with the version of that."""
    return WordsForm(
        signature.language,
        name=signature.name,
        country=signature.country or "",
        story=signature.story or "",
        show_name=signature.show_name,
        updates=signature.wants_updates,
        version=signature.version,
    )


def from_form(form: WordsForm) -> dict[str, Any]:
    """Return what was typed by the names of the columns, and as ``shown`` the version of what had been there."""
    return {
        "shown": (form.version.data or "").partition(".")[0],
        "name": form.name.data or "",
        "country": form.country.data or None,
        "story": form.story.data or None,
        "show_name": form.show_name.data,
        "wants_updates": form.updates.data,
    }
