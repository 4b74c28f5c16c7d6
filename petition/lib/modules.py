"""Finds the modules of a package, so that a feature is there as soon as its files are."""

import pkgutil
from importlib import import_module
from types import ModuleType


def modules(package: ModuleType) -> list[ModuleType]:
    """Import and return the modules that stand in a package, in the order of their names; raises what they raise."""
    names = sorted(found.name for found in pkgutil.iter_modules(package.__path__) if not found.ispkg)
    return [import_module(f"{package.__name__}.{name}") for name in names]
