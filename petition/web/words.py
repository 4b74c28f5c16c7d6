"""What a supporter said, between the row and the forms that change it."""

from typing import Any

from petition.forms import stories
from petition.forms.supporters import StoryForm, WordsForm
from petition.models import CallKind, Signature


def kind_of(signature: Signature) -> CallKind:
    """Return the kind of what was told, else that of the call."""
    return signature.told.kind if signature.told else signature.call.kind


def form_for(signature: Signature, *, with_story: bool = False) -> Any:
    """Return the form filled with what a signature says, and with the version of that; on request with its story."""
    return _form(signature, with_story)(
        signature.language,
        name=signature.name,
        country=signature.country or "",
        show_name=signature.show_name,
        updates=signature.wants_updates,
        version=signature.version,
        **stories.filled(signature.told),
    )


def typed_form(signature: Signature, *, with_story: bool = False) -> Any:
    """Return the same form with what was sent."""
    return _form(signature, with_story)(signature.language)


def _form(signature: Signature, with_story: bool) -> type[Any]:
    return stories.with_story(WordsForm, kind_of(signature)) if with_story else WordsForm


def told(signature: Signature) -> dict[str, Any]:
    """Return what pages need to show what was told."""
    words = signature.told
    return {
        "story_kind": stories.KINDS[kind_of(signature)],
        "details": stories.details_of(words.kind, words.details) if words else [],
        "licences": stories.LICENCE_NAMES,
    }


def story_form(signature: Signature) -> Any:
    """Return the form of the story alone, filled."""
    shown = {"story_language": signature.language, "version": signature.version}
    return _story_class(signature)(formdata=None, **shown | stories.filled(signature.told))


def typed_story(signature: Signature) -> Any:
    """Return the same form with what was sent."""
    return _story_class(signature)(story_language=signature.language)


def _story_class(signature: Signature) -> type[Any]:
    return stories.with_story(StoryForm, kind_of(signature))


def from_form(form: Any) -> dict[str, Any]:
    """Return what was typed by the names of the columns, and as ``shown`` the version of what had been there."""
    return {
        "shown": shown_by(form),
        "name": form.name.data or "",
        "country": form.country.data or None,
        "show_name": form.show_name.data,
        "wants_updates": form.updates.data,
    }


def shown_by(form: Any) -> str:
    """Return the version of the words that the page of a form showed."""
    return (form.version.data or "").partition(".")[0]
