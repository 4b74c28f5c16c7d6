"""Modules that are found, not listed."""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType


def import_all(package: ModuleType) -> list[ModuleType]:
    """Return all modules directly in a package, in the order of their names; those not imported yet are imported."""
    names = sorted(module.name for module in iter_modules(package.__path__))
    return [import_module(f"{package.__name__}.{name}") for name in names]
