"""Calls leave as files and come back as drafts; what is published changes by nothing but publishing."""

import tomllib
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from petition.models import (
    AuditEntry,
    Call,
    CallAlias,
    CallRevision,
    CallState,
    CallText,
    CallVersion,
    Campaign,
    Membership,
    Organiser,
    Team,
)
from tests import factories
from tests.cli.test_commands import petition, settings_of_a_site

__all__ = ["settings_of_a_site"]

Site = dict[str, str]
PUBLISHED = "keep-culture-open"


@pytest.fixture
def site(settings_of_a_site: Site, session: Session) -> Site:
    """Give a site with the demo content."""
    assert petition(settings_of_a_site, "load-demo").returncode == 0
    return settings_of_a_site


def file(site: Site, source: str) -> str:
    """Write a file and return its name."""
    Path(site["PETITION_DATA_DIR"], "call.toml").write_text(source, "utf-8")
    return "call.toml"


def export(site: Site, *arguments: str) -> str:
    answer = petition(site, "export-call", *arguments)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def words(session: Session) -> dict[tuple[int, str], tuple[str, ...]]:
    """Return all that the public reads of every call."""
    session.rollback()
    session.expire_all()
    columns = [column.name for column in CallText.__table__.columns]
    return {
        (t.call_id, t.language): tuple(str(getattr(t, c)) for c in columns) for t in session.scalars(select(CallText))
    }


def test_out_in_and_out_again_is_the_same_and_leaves_no_draft(site: Site, session: Session) -> None:
    for slug in (PUBLISHED, "keep-culture-open-2013"):
        first = export(site, slug)
        before = session.scalars(select(CallRevision.id)).all()

        assert petition(site, "import-call", file(site, first)).returncode == 0

        assert export(site, slug) == first
        session.rollback()
        assert session.scalars(select(CallRevision.id)).all() == before


def test_a_file_makes_a_new_call_a_draft_that_comes_out_the_same(site: Site, session: Session) -> None:
    source = export(site, PUBLISHED).replace(f'slug = "{PUBLISHED}"', 'slug = "another"')

    answer = petition(site, "import-call", file(site, source))

    assert (answer.returncode, answer.stderr) == (0, "")
    assert export(site, "another") == source
    session.rollback()
    call = session.scalars(select(Call).where(Call.slug == "another")).one()
    assert (call.state, call.version) == (CallState.DRAFT, 0)
    assert session.scalars(select(CallText).where(CallText.call_id == call.id)).all() == []


def test_a_call_from_before_the_format_comes_out_and_in_too(settings_of_a_site: Site, session: Session) -> None:
    factories.make_call(session)
    source = export(settings_of_a_site, "open-culture")
    assert tomllib.loads(source)["texts"]["fr"]["addressees"] == [{"name": "The Parliament", "kind": "institution"}]

    answer = petition(settings_of_a_site, "import-call", file(settings_of_a_site, source))

    assert "says the same already" in answer.stdout


def test_a_dry_run_says_what_would_change_and_changes_nothing(site: Site, session: Session) -> None:
    source = export(site, PUBLISHED).replace("lasting funds", "enduring funds").replace("Merci.", "Un grand merci.")
    before = session.scalars(select(CallRevision.id)).all()

    answer = petition(site, "import-call", file(site, source), "--dry-run")

    assert answer.returncode == 0
    assert answer.stdout == f"Another draft of {PUBLISHED}, which changes texts.en.ask, texts.fr.thanks.\n"
    session.rollback()
    assert session.scalars(select(CallRevision.id)).all() == before


def test_no_command_changes_published_words_silently(site: Site, session: Session) -> None:
    before = words(session)
    source = export(site, PUBLISHED).replace("lasting funds", "no funds at all")

    saved = petition(site, "import-call", file(site, source))
    published = petition(site, "import-call", "call.toml", "--publish")
    loaded = petition(site, "load-demo")

    assert (saved.returncode, published.returncode, loaded.returncode) == (0, 1, 0)
    assert "only as a correction" in published.stderr
    assert words(session) == before
    assert export(site, PUBLISHED, "--draft") == source
    assert set(session.scalars(select(CallVersion.number))) == {1}


def test_words_published_by_a_file_are_a_version_that_nothing_loads_over(site: Site, session: Session) -> None:
    source = export(site, PUBLISHED).replace("Merci.", "Un grand merci.")
    call_id = session.scalar(select(Call.id).where(Call.slug == PUBLISHED))

    published = petition(site, "import-call", file(site, source), "--publish")
    assert published.returncode == 0, published.stderr
    after = words(session)
    assert [petition(site, "load-demo").returncode for _ in range(2)] == [0, 0]

    assert words(session) == after
    assert "Un grand merci." in " ".join(after[call_id or 0, "fr"])
    versions = session.scalars(select(CallVersion).where(CallVersion.call_id == call_id).order_by(CallVersion.number))
    old, new = (version.texts["fr"]["thanks"] for version in versions)
    assert ("Un grand merci." in old, "Un grand merci." in new) == (False, True)
    assert session.scalar(select(Call.changed_at).where(Call.id == call_id))


def test_the_demo_leaves_alone_what_somebody_wrote_there_since(site: Site, session: Session) -> None:
    session.execute(update(CallText).values(body="Rewritten by an organiser."))
    session.execute(update(Call).values(hashtag="#Rewritten"))
    session.execute(update(Campaign).values(accent="ink"))
    session.commit()
    before = words(session)

    assert petition(site, "load-demo").returncode == 0

    assert words(session) == before
    assert set(session.scalars(select(Call.hashtag))) == {"#Rewritten"}
    assert set(session.scalars(select(Campaign.accent))) == {"ink"}


def test_a_new_address_that_waits_in_a_draft_is_neither_lost_nor_a_new_call(site: Site, session: Session) -> None:
    petition(site, "import-call", file(site, export(site, PUBLISHED).replace("Merci.", "Un grand merci.")))
    draft = session.scalars(select(CallRevision).order_by(CallRevision.id.desc())).first()
    assert draft is not None
    draft.content = {**draft.content, "slug": "shorter"}
    session.commit()
    source = export(site, PUBLISHED, "--draft").replace("Un grand merci.", "Mille mercis.")

    answer = petition(site, "import-call", file(site, source))

    assert answer.stdout.startswith(f"Another draft of {PUBLISHED}, which changes texts.fr.thanks.")
    session.rollback()
    newest = session.scalars(select(CallRevision).order_by(CallRevision.id.desc())).all()[0]
    assert newest.content["slug"] == "shorter"
    assert "shorter" not in session.scalars(select(Call.slug)).all()


def test_a_new_call_can_be_published_by_its_file(site: Site, session: Session) -> None:
    source = export(site, PUBLISHED).replace(f'slug = "{PUBLISHED}"', 'slug = "another"')

    answer = petition(site, "import-call", file(site, source), "--publish")

    assert answer.returncode == 0, answer.stderr
    assert export(site, "another") == source
    session.rollback()
    call = session.scalars(select(Call).where(Call.slug == "another")).one()
    assert (call.state, call.version) == (CallState.PUBLISHED, 1)


def test_a_call_without_words_is_a_draft_but_is_not_published(site: Site, session: Session) -> None:
    source = 'slug = "empty"\ncampaign = "allezculture"\nkind = "dream"\nlanguage = "en"\n[texts.en]\ntitle = "T"\n'

    refused = petition(site, "import-call", file(site, source), "--publish")
    assert refused.returncode == 1
    assert "lacks words" in refused.stderr
    assert petition(site, "export-call", "empty").returncode == 1

    assert petition(site, "import-call", "call.toml").returncode == 0
    assert export(site, "empty", "--draft")


def test_what_does_not_fit_here_is_told_with_its_line(site: Site, session: Session) -> None:
    source = export(site, PUBLISHED)
    call_id = session.scalar(select(Call.id).where(Call.slug == PUBLISHED))
    session.add(CallAlias(slug="former", call_id=call_id))
    session.add(Campaign(slug="other", hashtag="#Other", language="en"))
    session.commit()

    for old, new, line, sentence in (
        ('"allezculture"', '"nothing"', 3, "There is no campaign nothing."),
        ('"allezculture"', '"other"', 3, f"{PUBLISHED} is a call of the campaign allezculture."),
        (f'slug = "{PUBLISHED}"', 'slug = "former"', 2, "former was the address of another call once"),
        ('kind = "petition"', 'kind = "dream"', 4, f"{PUBLISHED} is published as a petition"),
        ("width = 1200", "width = 1199", 9, "The picture of a published call"),
        ('kind = "petition"', 'kind = "petition"\npicture = "0a"', 5, "The team of the campaign has no such picture"),
        (
            "[image]",
            '[[signatures]]\nname = "M"\ncountry = ""\nlanguage = "en"\nshow_name = true\nhours_ago = 1\n[image]',
            9,
            "Made-up",
        ),
    ):
        answer = petition(site, "import-call", file(site, source.replace(old, new, 1)))
        assert answer.returncode == 1
        assert answer.stderr.startswith(f"call.toml:{line}: {sentence}"), answer.stderr


def test_faults_and_wrong_usage_have_their_exit_codes(site: Site) -> None:
    assert petition(site, "import-call", file(site, "a = = 1")).returncode == 1
    assert petition(site, "import-call", "not-there.toml").returncode == 2
    assert petition(site, "export-call").returncode == 2
    assert petition(site, "export-call", "not-there").returncode == 1


def test_an_import_is_in_the_audit_log(site: Site, session: Session) -> None:
    petition(site, "import-call", file(site, export(site, PUBLISHED).replace("Merci.", "Un grand merci.")))

    session.rollback()
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.actor_id, entry.action, entry.thing) == (None, "import_call", "call")
    assert entry.team_id == session.scalar(select(Team.id))


def test_the_demo_has_a_team_with_one_organiser_of_each_kind(site: Site, session: Session) -> None:
    assert petition(site, "load-demo").returncode == 0

    team = session.scalars(select(Team)).one()
    assert (team.name, team.timezone) == ("Demo museum", "Europe/Amsterdam")
    assert set(session.scalars(select(Campaign.team_id))) == {team.id}
    roles = session.execute(select(Membership.role, Organiser.email).join(Organiser).order_by(Organiser.id)).all()
    assert [(role.value, email) for role, email in roles] == [
        (role, f"{role}@demo.example") for role in ("owner", "editor", "moderator", "analyst")
    ]
    assert set(session.scalars(select(Organiser.password_hash))) == {None}
    # A site that is not the demo gets nobody who could switch it off.
    assert not any(session.scalars(select(Organiser.is_site_owner)))


def test_a_correction_is_published_as_a_version_that_says_why(site: Site, session: Session) -> None:
    source = export(site, PUBLISHED).replace("lasting funds", "enduring funds")

    answer = petition(site, "import-call", file(site, source), "--publish", "--note", "A word was wrong.")

    assert answer.returncode == 0, answer.stderr
    assert export(site, PUBLISHED) == source
    session.rollback()
    newest = session.scalars(select(CallVersion).order_by(CallVersion.number.desc())).all()[0]
    assert (newest.number, newest.is_correction, newest.note) == (2, True, "A word was wrong.")
