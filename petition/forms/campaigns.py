"""The forms in which organisers write a campaign."""

from typing import cast

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Form, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired

from petition.forms.accents import ACCENT_NAMES
from petition.forms.editors import Editor, Typed, labels, languages_in
from petition.forms.written import (
    ChoiceField,
    Contact,
    Hashtag,
    Line,
    Markdown,
    Paragraphs,
    Slug,
    country_choices,
    language_choices,
    language_field,
)
from petition.models import CampaignContent


class StartCampaignForm(FlaskForm):
    """The little that a campaign begins with."""

    title = StringField(_("Name"), [DataRequired(_("Please write a name.")), Line(120)])
    hashtag = StringField(_("Hashtag"), [DataRequired(_("Please write a hashtag.")), Hashtag()])
    language = language_field(_("Language"), language_choices(), is_required=True)


class CampaignForm(FlaskForm):
    """What is not in a language; the address stays once the public has seen it."""

    base = HiddenField("")
    hashtag = StringField(_("Hashtag"), [DataRequired(_("Please write a hashtag.")), Hashtag()])
    slug = StringField(_("Address"), [Slug()])
    language = language_field(_("Main language"))
    accent = ChoiceField(_("Colour"), ACCENT_NAMES.items(), is_open=True)
    organiser_name = StringField(_("Who asks"), [Line(120)])
    organiser_country = ChoiceField(_("Country"))
    organiser_contact = StringField(_("Contact"), [Contact()])

    def __init__(
        self,
        typed: Typed | None,
        content: CampaignContent,
        *,
        base: int,
        language: str,
        reserved: set[str],
        slug_stays: bool,
    ) -> None:
        super().__init__(typed, data={**content, "base": base})
        self.organiser_country.choices = country_choices(language)
        self.reserved, self.slug_stays = reserved, slug_stays
        if slug_stays:
            self.slug.data, self.reserved = content["slug"], set()


class CampaignTextForm(Form):
    """The words of a campaign in one language."""

    title = StringField(_("Name"), [Line(120)])
    summary = TextAreaField(_("In two sentences"), [Paragraphs(1000)])
    body = TextAreaField(_("About the campaign"), [Markdown()])


class CampaignEditor(Editor[CampaignForm, CampaignTextForm]):
    """The editor of a campaign, from what was typed or else from what is saved."""

    def __init__(self, main: CampaignForm, typed: Typed | None, before: CampaignContent) -> None:
        def new_text(code: str) -> CampaignTextForm:
            return CampaignTextForm(typed, prefix=f"{code}-", data=before["texts"].get(code))

        super().__init__(main, languages_in(typed, before["texts"]), new_text)

    def content(self) -> CampaignContent:
        """Return the campaign that was typed, once it is valid."""
        values = {name: value for name, value in self.main.data.items() if name not in {"base", "csrf_token"}}
        texts = {code: {name: value or "" for name, value in text.data.items()} for code, text in self.texts.items()}
        return cast("CampaignContent", {**values, "texts": texts})


# What fields are called, by their names.
LABELS = labels(CampaignForm, CampaignTextForm)
