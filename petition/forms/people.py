"""The name of a person, as people type it."""

from flask_babel import lazy_gettext as _
from wtforms import Field, Form, ValidationError

from petition import terms
from petition.lib import names, texts


def strip(value: str | None) -> str | None:
    """Return what was typed without the white space around it."""
    return value.strip() if value else value


_UNSHOWABLE = _("Please use letters only: your name contains a character that cannot be shown.")


class PersonName:
    """Repairs what was pasted, and checks that it can be the name of a person, for a page and for a spreadsheet."""

    def __call__(self, form: Form, field: Field) -> None:
        name = field.data = texts.line(field.data or "")
        if len(name) > terms.NAME_LENGTH:
            raise ValidationError(_("Please shorten your name to %(most)s characters.", most=terms.NAME_LENGTH))
        for is_wrong, sentence in (
            (texts.has_unshowable(name), _UNSHOWABLE),
            (texts.has_piled_marks(name), _("Please use fewer accents: too many marks are piled on one letter.")),
            (names.has_email(name), _("Please leave e-mail addresses out of your name: it may be shown.")),
            (names.has_url(name), _("Please leave web addresses out of your name.")),
            (names.looks_like_formula(name), _("Your name cannot begin with = + - or @.")),
            (not names.has_letter(name), _("Please write a name with at least one letter.")),
        ):
            if is_wrong:
                raise ValidationError(sentence)
