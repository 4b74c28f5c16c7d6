"""The house stays as docs/architecture.md draws it: arrows point down, each rule has its place.

If one of these stops you, move the code; do not edit the test.
"""

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = [
    ["errors", "terms"],
    ["lib"],
    ["config", "db"],
    ["models"],
    ["forms", "domain"],
    ["http", "mail"],
    ["web", "jobs"],
    ["cli"],
    ["app"],
]
HEIGHT = {name: height for height, floor in enumerate(FLOORS) for name in floor}
GROUND = ["errors", "terms", "config", "lib"]
SERVANTS = {"audit", "letters", "links", "publications", "story_cards", "story_tallies", "telling", "totals"}
CLOCK = re.compile(r"\b(date|datetime)\.(now|utcnow|today)$|^time\.(time|time_ns|localtime|gmtime|ctime)$")


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {name_of(path): path for path in sorted((ROOT / "petition").rglob("*.py"))}
TREES = {name: ast.parse(path.read_text(), str(path)) for name, path in FILES.items()}
OTHERS = [path for folder in ("migrations", "tests", "bench") for path in sorted((ROOT / folder).rglob("*.py"))]


def imports(tree: ast.AST) -> Iterator[str]:
    """Give the modules that a file imports, each by its full name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in FILES else node.module for name in inner)


OURS = {name: {target for target in imports(tree) if target in FILES} - {name} for name, tree in TREES.items()}
ARROWS = [(source, target) for source, targets in OURS.items() for target in sorted(targets)]


def floor(name: str) -> str:
    """Give the floor of a module: ``domain`` for ``petition.domain.signing``."""
    return f"{name}..".split(".")[1]


def feature(name: str) -> str:
    """Give the feature of a module: ``signing`` for ``petition.domain.signing``."""
    return f"{name}..".split(".")[2]


def where(*floors: str) -> dict[str, ast.Module]:
    return {name: tree for name, tree in TREES.items() if floor(name) in floors}


def test_every_module_stands_on_a_floor() -> None:
    homeless = [name for name in FILES if floor(name) not in {*HEIGHT, "", "__main__"}]

    assert homeless == []


def test_arrows_point_down() -> None:
    wrong = [
        f"{source} imports {target}"
        for source, target in ARROWS
        if floor(source) != floor(target) and not may_import(floor(source), floor(target))
    ]

    assert wrong == []


def may_import(source: str, target: str) -> bool:
    """Say whether one floor may use another; the package itself, a docstring, is no floor."""
    if "" in {source, target}:
        return False
    if source == "__main__":
        return target == "cli"
    if target == "app":
        return source == "cli"
    return HEIGHT[target] < HEIGHT[source]


def test_nobody_imports_in_a_circle() -> None:
    # `static_order` raises CycleError, and that names the circle.
    list(TopologicalSorter(OURS).static_order())


def test_features_do_not_import_features() -> None:
    wrong = [
        f"{source} imports {target}"
        for source, target in ARROWS
        if floor(source) == floor(target) == "domain" and feature(target) not in SERVANTS
    ]

    assert wrong == []


def test_nobody_imports_pages() -> None:
    # `web/site.py` finds them.
    pages = {name for name, tree in where("web").items() if blueprints(tree)}
    wrong = [f"{source} imports {target}" for source, target in ARROWS if target in pages]

    assert wrong == []


def test_the_plumbing_and_the_small_things_know_no_petition() -> None:
    below = {"http": {"http", "db", "lib", "errors", "config"}, "lib": {"lib", "errors"}}
    wrong = [
        f"{source} imports {target}"
        for source, target in ARROWS
        if floor(source) in below and floor(target) not in {"", *below[floor(source)]}
    ]

    assert wrong == []


def test_pages_write_no_query() -> None:
    wrong = [
        f"{name}:{node.lineno}"
        for name, tree in where("web", "http").items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and re.fullmatch(
            r"(sqlalchemy\.)?(select|update|delete|insert|text)|session\.(execute|scalars?|get|add|query)",
            ast.unparse(node.func),
        )
    ]

    assert wrong == []


def test_only_pages_jobs_commands_and_the_group_commit_end_a_transaction() -> None:
    wrong = [
        f"{name}:{node.lineno}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"commit", "begin"}
        and floor(name) not in {"web", "jobs", "cli"}
        # One writes for many threads, the others in transactions of their own: a failed request counts too, and the
        # session is written when the page's own transaction is over.
        and name not in {"petition.db.group_commit", "petition.http.rate_counter", "petition.http.sessions"}
    ]

    assert wrong == []


def test_no_module_is_named_after_nothing() -> None:
    nothing = {
        "base",
        "common",
        "data",
        "handlers",
        "helpers",
        "managers",
        "misc",
        "objects",
        "services",
        "stuff",
        "tools",
        "utils",
    }
    wrong = [name for name in FILES if set(name.rpartition(".")[2].split("_")) & nothing]

    assert wrong == ["petition.models.base"]


def test_tables_come_from_the_package_and_inside_it_from_the_file_beside() -> None:
    files = {name for name in FILES if name.startswith("petition.models.")} - {"petition.models.base"}
    wrong = [
        f"{source} imports {target}"
        for source, target in ARROWS
        if (target in files and floor(source) != "models")
        or (target == "petition.models" and floor(source) == "models")
    ]

    assert wrong == []


def test_parents_have_no_lists_of_children() -> None:
    wrong = [
        f"{name}:{node.lineno}"
        for name, tree in where("models").items()
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign)
        and re.search(r"list|set|Sequence", ast.unparse(node.annotation))
        and "relationship(" in ast.unparse(node)
    ]

    assert wrong == []


def test_rules_and_tables_know_no_flask() -> None:
    wrong = [
        f"{name} imports {target}"
        for name, tree in where("domain", "models", "db", *GROUND).items()
        for target in imports(tree)
        if target.split(".")[0].split("_")[0] in {"flask", "werkzeug"}
    ]

    assert wrong == []


def test_rules_and_forms_never_commit() -> None:
    wrong = [
        f"{name}:{node.lineno}"
        for name, tree in where("domain", "forms", "models", *GROUND).items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    ]

    assert wrong == []


def test_only_the_clock_reads_the_clock() -> None:
    wrong = [
        f"{name}: {ast.unparse(node)}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if name != "petition.lib.clock" and reads_the_clock(node)
    ]

    assert wrong == []


def reads_the_clock(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.module == "time" and not {alias.name for alias in node.names} <= {"sleep", "monotonic"}
    return isinstance(node, ast.Attribute) and bool(CLOCK.search(ast.unparse(node)))


def test_who_may_see_a_page_stands_under_its_blueprint() -> None:
    wrong = [name for name, tree in where("web").items() if blueprints(tree) and not is_guarded(tree)]

    assert wrong == []


def blueprints(tree: ast.Module) -> list[ast.Assign]:
    return [
        node for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("Blueprint(")
    ]


def is_guarded(tree: ast.Module) -> bool:
    after = [ast.unparse(tree.body[tree.body.index(node) + 1]) for node in blueprints(tree)]
    return all(line.startswith("bp.before_request(access.") for line in after)


@pytest.mark.parametrize("path", [*FILES.values(), *OTHERS], ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_short_and_imports_at_its_top(path: Path) -> None:
    text = path.read_text()
    tree = ast.parse(text)
    inner = [
        node.lineno
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    assert inner == []
    assert "TYPE_CHECKING" not in {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert len(text.splitlines()) <= 300


def test_packages_hold_one_docstring() -> None:
    packages = {name: tree for name, tree in TREES.items() if FILES[name].name == "__init__.py"}
    wrong = [
        name
        for name, tree in packages.items()
        if not ast.get_docstring(tree) or (len(tree.body) > 1 and name not in {"petition.models", "petition.db"})
    ]

    assert wrong == []


def test_migrations_stand_in_one_line() -> None:
    paths = sorted((ROOT / "migrations" / "versions").glob("*.py"))
    constants = [dict(re.findall(r"^(\w*revision)\b.*= (.+)$", path.read_text(), re.MULTILINE)) for path in paths]
    revisions = [ast.literal_eval(found["revision"]) for found in constants]

    assert [path.name[:4] for path in paths] == [f"{number:04}" for number in range(1, len(paths) + 1)]
    assert [ast.literal_eval(found["down_revision"]) for found in constants] == [None, *revisions][:-1]
