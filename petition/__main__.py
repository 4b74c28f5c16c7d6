"""``python -m petition`` is the ``petition`` command."""

from petition.cli.main import main

main()
