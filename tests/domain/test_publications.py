"""What supporters tell: with the signature, after it, and when it is shown."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import publications, signing, story_tallies, supporters
from petition.domain.publications import NotCounted
from petition.domain.signing import OtherKind
from petition.errors import WordsChanged
from petition.models import (
    CallKind,
    PublishedStory,
    Signature,
    Story,
    StoryLicence,
    StoryState,
    StoryWords,
)
from tests.factories import SUZIE, confirm, make_call, sign

DREAM = StoryWords(
    CallKind.DREAM, "fr", "Une culture ouverte.", {"horizon_year": 2030}, StoryLicence.CC_BY, "Suzie", True
)


def tell(session: Session, **changes: Any) -> Signature:
    """Return a confirmed signature with a story that may be published."""
    return confirm(session, make_call(session, kind=CallKind.DREAM), **{"story": DREAM} | changes)


def publish(session: Session, signature: Signature) -> Story:
    """Approve the story of a signature, and show it."""
    story = session.scalars(select(Story).where(Story.signature_id == signature.id)).one()
    story.state = StoryState.APPROVED
    publications.publish(session, story)
    session.commit()
    return story


def shown(session: Session) -> list[tuple[str, str, str]]:
    """Return text, language and country of what the public sees; the tally says the same."""
    assert story_tallies.drift(session) == []
    rows = session.execute(select(PublishedStory.text, PublishedStory.language, PublishedStory.country))
    return [(text, language, country) for text, language, country in rows]


def test_a_story_waits_for_a_moderator_once_its_signature_counts(session: Session) -> None:
    call = make_call(session, kind=CallKind.DREAM)
    waiting = sign(session, call, story=DREAM)
    assert waiting.story
    assert waiting.story.state == StoryState.TOLD

    signature = confirm(session, call, story=DREAM)

    session.expire_all()
    assert signature.story
    assert (signature.story.state, signature.told, signature.story.revision) == (StoryState.WAITING, DREAM, 1)
    assert shown(session) == []


def test_without_consent_a_story_is_its_authors_alone(session: Session) -> None:
    signature = tell(session, story=StoryWords(CallKind.DREAM, "fr", "Une culture ouverte."))

    assert signature.story
    assert (signature.story.state, signature.story.consent_version) == (StoryState.TOLD, None)
    with pytest.raises(NotCounted):
        publications.publish(session, signature.story)


def test_each_word_of_a_story_is_part_of_the_version(session: Session) -> None:
    words = [
        DREAM,
        StoryWords(CallKind.DREAM, "fr", "Une culture ouverte.", {"horizon_year": 2031}, StoryLicence.CC_BY, "Suzie"),
        StoryWords(CallKind.DREAM, "fr", "Une culture ouverte.", {"horizon_year": 2030}, StoryLicence.CC0, "Suzie"),
        StoryWords(CallKind.DREAM, "fr", "Une culture ouverte.", {"horizon_year": 2030}, StoryLicence.CC_BY, None),
        StoryWords(CallKind.DREAM, "de", "Une culture ouverte.", {"horizon_year": 2030}, StoryLicence.CC_BY, "Suzie"),
        None,
    ]
    call = make_call(session, kind=CallKind.DREAM)

    assert len({sign(session, call, story=told).version for told in words}) == len(words)


def test_the_form_of_another_kind_of_call_is_refused(session: Session) -> None:
    make_call(session, kind=CallKind.DREAM)

    (refusal,) = signing.sign(session, [SUZIE])

    assert isinstance(refusal, OtherKind)
    assert refusal.kind == CallKind.DREAM


def test_what_is_published_goes_when_the_signature_is_withdrawn_and_comes_back_with_it(session: Session) -> None:
    signature = tell(session)
    publish(session, signature)
    assert shown(session) == [("Une culture ouverte.", "fr", "NL")]

    supporters.withdraw(session, signature)
    session.commit()
    assert shown(session) == []

    supporters.restore(session, signature)
    session.commit()
    assert shown(session) == [("Une culture ouverte.", "fr", "NL")]


def test_what_is_published_goes_when_everything_is_erased(session: Session) -> None:
    signature = tell(session)
    publish(session, signature)

    supporters.erase(session, signature)
    session.commit()

    assert shown(session) == []
    assert session.scalars(select(Story)).all() == []


def test_a_country_that_is_corrected_is_that_of_the_story_too(session: Session) -> None:
    signature = tell(session)
    publish(session, signature)

    supporters.correct(session, signature, shown=signature.version, country=None)
    session.commit()

    assert shown(session) == [("Une culture ouverte.", "fr", "")]


def change(session: Session, signature: Signature, text: str = "Une culture plus ouverte.", **how: Any) -> Story:
    """Let the author write another text."""
    words = StoryWords(CallKind.DREAM, "fr", text, {}, StoryLicence.CC_BY, "Suzie")
    supporters.tell(session, signature, shown=signature.version, words=words, **how)
    session.commit()
    assert signature.story
    return signature.story


def test_what_was_approved_stays_while_the_new_text_waits(session: Session) -> None:
    signature = tell(session)
    at = publish(session, signature).id

    story = change(session, signature)

    assert (story.id, story.state, story.revision) == (at, StoryState.WAITING, 2)
    assert shown(session) == [("Une culture ouverte.", "fr", "NL")]
    before = session.get_one(PublishedStory, at).published_at
    publish(session, signature)
    assert shown(session) == [("Une culture plus ouverte.", "fr", "NL")]
    assert session.get_one(PublishedStory, at).published_at == before


def test_what_was_approved_goes_at_once_where_the_author_says_so(session: Session) -> None:
    signature = tell(session)
    publish(session, signature)

    change(session, signature, stays=False)

    assert shown(session) == []


def test_a_story_that_is_taken_back_is_its_authors_alone(session: Session) -> None:
    signature = tell(session)
    publish(session, signature)

    supporters.tell(session, signature, shown=signature.version, words=StoryWords(CallKind.DREAM, "fr", "Mine."))
    session.commit()

    assert shown(session) == []
    assert signature.story
    assert (signature.story.state, signature.story.text) == (StoryState.TOLD, "Mine.")


def test_a_change_that_names_other_words_changes_nothing(session: Session) -> None:
    signature = tell(session)
    before = signature.version
    change(session, signature)

    with pytest.raises(WordsChanged):
        supporters.tell(session, signature, shown=before, words=None)
    session.rollback()

    assert signature.story
    assert signature.story.text == "Une culture plus ouverte."


def test_a_reason_from_before_is_its_authors_alone_until_they_change_it(session: Session) -> None:
    signature = confirm(session, make_call(session))
    signature.reason = "My grandmother."
    session.commit()
    assert signature.told == StoryWords(CallKind.PETITION, "en", "My grandmother.")

    words = StoryWords(CallKind.PETITION, "en", "My grandmother.", {}, StoryLicence.CC0)
    supporters.tell(session, signature, shown=signature.version, words=words)
    session.commit()

    session.refresh(signature)
    assert [signature.reason, signature.told] == [None, words]
    assert signature.story
    assert signature.story.state == StoryState.WAITING


def test_many_stories_are_counted_by_language_and_country(session: Session) -> None:
    call = make_call(session, kind=CallKind.DREAM)
    for number, (country, language) in enumerate([("FR", "fr"), ("FR", "fr"), ("DE", "fr"), (None, "de")]):
        words = StoryWords(CallKind.DREAM, language, f"Dream {number}", {}, StoryLicence.CC_BY)
        publish(session, confirm(session, call, email=f"{number}@example.org", country=country, story=words))

    assert publications.published(session, call.id) == [("de", "", 1), ("fr", "DE", 1), ("fr", "FR", 2)]
