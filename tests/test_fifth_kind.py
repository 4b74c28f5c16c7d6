"""A fifth kind of call takes a form, a template, a row and a migration: one is added to a copy, and walked through."""

import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns

ROOT = Path(__file__).parents[1]
FORM = '''
class MemoryFields(StoryFields):
    """What somebody remembers."""

    DETAILS = ("place",)

    story = _text(_("Your memory"), 300, _("Please tell us what you remember."))
    place = _line(_("Where?"), terms.LINE_LENGTH)


'''
ROW = """    CallKind.MEMORY: StoryKind(
        MemoryFields, "stories/_memory.html", _("Memory"), _("Your memory"), _("Tell what you remember"), _("Sign")
    ),
"""
TEMPLATE = """{% from '_form.html' import field %}
{% from 'stories/_fields.html' import story_text, publishing %}
{{ story_text(form, text.story_prompt, rows='3') }}
{{ field(form.place) }}
{{ publishing(form) }}
"""
MIGRATION = '''"""A fifth kind of call."""

from alembic import op

revision = "9999"
down_revision = "{newest}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("call", "story", "published_story"):
        with op.batch_alter_table(table, table_kwargs={{"sqlite_autoincrement": table == "story"}}) as batch:
            batch.drop_constraint(op.f(f"ck_{{table}}_callkind"), type_="check")
            kinds = "kind in ('petition', 'dream', 'hero', 'practice', 'memory')"
            batch.create_check_constraint(op.f(f"ck_{{table}}_callkind"), kinds)


def downgrade() -> None:
    raise NotImplementedError
'''
WALK = """
from petition.cli import database
from petition.domain import publications
from petition.lib import tokens
from petition.models import CallKind, PublishedStory
from sqlalchemy import select
from tests import factories
from tests.visitor import press, sign

TOLD = {"story": "The smell of the reading room.", "place": "Riga", "publish": "y", "licence": "cc0", "credit": "Suzie"}


def test_a_memory_goes_from_the_form_to_the_wall(client, stopped_clock, session):
    factories.make_call(session, kind=CallKind.MEMORY)
    assert "Tell what you remember" in client.get("/en/calls/open-culture").text
    refused = sign(client, stopped_clock, kind="memory", story="")
    assert (refused.status_code, "Please tell us what you remember." in refused.text) == (422, True)

    assert sign(client, stopped_clock, kind="memory", **TOLD).status_code == 303
    link = f"/en/confirm/{tokens.make('confirm', factories.signatures(session)[0].link_id)}"
    assert "Riga" in client.get(link).text
    press(client, link)
    story = factories.signatures(session)[0].story
    publications.publish(session, story)
    session.commit()

    for path in ("/en/calls/open-culture/stories", f"/en/stories/{story.id}"):
        assert "The smell of the reading room." in client.get(path).text
    assert "Riga" in client.get(f"/en/stories/{story.id}").text
    assert session.scalars(select(PublishedStory.kind)).one() == "memory"
    assert database.compare(session.get_bind()) == []
"""


def test_a_fifth_kind_needs_its_form_template_row_and_migration_and_nothing_else(tmp_path: Path) -> None:
    for folder in ("petition", "templates", "static", "migrations", "tests", "requirements"):
        copytree(ROOT / folder, tmp_path / folder, ignore=ignore_patterns("__pycache__"))
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    _insert(tmp_path / "petition/forms/stories.py", "@dataclass(frozen=True)\nclass StoryKind", FORM)
    _insert(tmp_path / "petition/forms/stories.py", "    CallKind.PRACTICE: StoryKind(", ROW)
    _insert(tmp_path / "petition/models/calls.py", '    DREAM = "dream"\n', '    MEMORY = "memory"\n')
    (tmp_path / "templates/stories/_memory.html").write_text(TEMPLATE)
    newest = max(path.name for path in (tmp_path / "migrations/versions").glob("[0-9]*.py")).partition("_")[0]
    (tmp_path / "migrations/versions/9999_memories.py").write_text(MIGRATION.format(newest=newest))
    (tmp_path / "tests/test_memories.py").write_text(WALK)

    walked = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_memories.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert walked.returncode == 0, walked.stdout[-4000:] + walked.stderr[-2000:]
    assert "2 passed" in walked.stdout


def _insert(path: Path, before: str, addition: str) -> None:
    source = path.read_text("utf-8")
    assert source.count(before) == 1
    path.write_text(source.replace(before, addition + before), "utf-8")
