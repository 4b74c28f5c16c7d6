"""The forms of accounts: signing in, passwords, names and addresses."""

from collections.abc import Sequence
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from wtforms import EmailField, Field, Form, PasswordField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import DataRequired, InputRequired

from petition import terms
from petition.forms.people import PersonName, strip
from petition.forms.signing import MailAddress
from petition.forms.token import FormToken, LetterForm, PlainForm
from petition.lib import languages, passwords

# What zxcvbn says, in our words; suggestions that ask for tricks are left out.
_WEAKNESSES: dict[str, LazyString] = {
    "Use a few words, avoid common phrases.": _("Use a few words, but no common phrase."),
    "Add another word or two. Uncommon words are better.": _("Add another word or two; uncommon ones are better."),
    "Straight rows of keys are easy to guess.": _("Rows of keys are easy to guess."),
    "Short keyboard patterns are easy to guess.": _("Patterns on the keyboard are easy to guess."),
    'Repeats like "aaa" are easy to guess.': _("Repeated characters are easy to guess."),
    'Repeats like "abcabcabc" are only slightly harder to guess than "abc".': _(
        "Something repeated is hardly harder to guess than once."
    ),
    'Sequences like "abc" or "6543" are easy to guess.': _("Sequences such as “abc” or “6543” are easy to guess."),
    "Recent years are easy to guess.": _("Recent years are easy to guess."),
    "Dates are often easy to guess.": _("Dates are often easy to guess."),
    "This is a top-10 common password.": _("This is one of the most common passwords of all."),
    "This is a top-100 common password.": _("This is one of the most common passwords of all."),
    "This is a very common password.": _("This is a very common password."),
    "This is similar to a commonly used password.": _("This resembles a common password."),
    "A word by itself is easy to guess.": _("A single word is easy to guess."),
    "Names and surnames by themselves are easy to guess.": _("Names are easy to guess."),
    "Common names and surnames are easy to guess.": _("Names are easy to guess."),
    "Capitalization doesn't help very much.": _("Capitals help little."),
    "All-uppercase is almost as easy to guess as all-lowercase.": _("Capitals help little."),
    "Reversed words aren't much harder to guess.": _("Words written backwards help little."),
    "Predictable substitutions like '@' instead of 'a' don't help very much.": _(
        "Replacing characters by similar signs, such as “@” for “a”, helps little."
    ),
}


class NewPassword:
    """Checks the length of a password, and that it is hard to guess for somebody who knows the person a little."""

    def __call__(self, form: Form, field: Field) -> None:
        password, least, most = field.data or "", terms.PASSWORD_MIN_LENGTH, terms.PASSWORD_MAX_LENGTH
        if len(password) < least:
            raise ValidationError(_("Please take at least %(least)s characters; a few words are fine.", least=least))
        if len(password) > most:
            raise ValidationError(_("Please take at most %(most)s characters.", most=most))
        if reasons := passwords.weaknesses(password, getattr(form, "known_words", ())):
            known = [_WEAKNESSES[reason] for reason in reasons if reason in _WEAKNESSES]
            sentences = [_("This password is easy to guess."), *dict.fromkeys(map(str, known))]
            raise ValidationError(" ".join(map(str, sentences)))


class PromptToken(FormToken):
    """A form token that is good at once: a password manager fills in and sends a form faster than a person."""

    def setup_form(self, form: Any) -> list[tuple[str, Any]]:
        fields = super().setup_form(form)
        self.mark = self.RETURNED
        return fields


class StrangerForm(PlainForm):
    """A form for somebody without a session: a form token in its place."""

    class Meta(PlainForm.Meta):
        csrf = True
        csrf_class = PromptToken
        csrf_field_name = "token"


def _new_password(label: LazyString) -> PasswordField:
    return PasswordField(
        label,
        [DataRequired(_("Please choose a password.")), NewPassword()],
        render_kw={"autocomplete": "new-password"},
        description=_(
            "At least %(least)s characters. A few words that do not belong together are easy to remember and hard to guess.",
            least=terms.PASSWORD_MIN_LENGTH,
        ),
    )


def _old_password(label: LazyString) -> PasswordField:
    return PasswordField(
        label, [DataRequired(_("Please type your password."))], render_kw={"autocomplete": "current-password"}
    )


def _name() -> StringField:
    return StringField(
        _("Your name"),
        [DataRequired(_("Please write your name.")), PersonName()],
        filters=[strip],
        description=_("Shown to the members of your teams, not to the public."),
        render_kw={"autocomplete": "name"},
    )


def _email(label: LazyString) -> EmailField:
    return EmailField(label, [DataRequired(_("Please write your e-mail address.")), MailAddress()], filters=[strip])


class SignInForm(StrangerForm):
    """Asks who is there."""

    email = _email(_("Your e-mail address"))
    password = _old_password(_("Your password"))


class ForgottenForm(LetterForm):
    """Asks where to send the way to a new password."""

    email = _email(_("Your e-mail address"))


class _WithKnownWords(PlainForm):
    """A form with a new password; ``known_words`` are what somebody who knows the person would try first."""

    def __init__(self, known_words: Sequence[str] = (), **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.known_words = [*known_words]


class NewPasswordForm(_WithKnownWords):
    """Asks for a new password behind a mailed link, which is proof enough."""

    password = _new_password(_("Your new password"))


class AcceptForm(_WithKnownWords):
    """Asks a new organiser for a name and a password; the secret link of the page is proof enough."""

    name = _name()
    password = _new_password(_("Choose a password"))


class ChangePasswordForm(_WithKnownWords):
    """Asks for the old password and a new one; the first is not there for who has none yet."""

    old_password = _old_password(_("Your password up to now"))
    password = _new_password(_("Your new password"))


class IdentityForm(PlainForm):
    """Asks again who is there."""

    password = _old_password(_("Your password"))


class ProfileForm(PlainForm):
    """Asks for a name and a language."""

    name = _name()
    language = SelectField(
        _("Language of these pages and of our e-mails to you"),
        [InputRequired()],
        choices=[SelectChoice(code, languages.ENDONYMS[code]) for code in languages.INTERFACE],
    )


class AddressForm(PlainForm):
    """Asks for another address."""

    email = _email(_("Your new e-mail address"))
