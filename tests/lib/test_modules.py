"""Modules that are found, not listed."""

from petition import lib
from petition.lib.modules import import_all


def test_all_modules_of_a_package_are_imported_in_the_order_of_their_names() -> None:
    names = [module.__name__ for module in import_all(lib)]

    assert names == sorted(names)
    assert {"petition.lib.clock", "petition.lib.modules"} <= set(names)
