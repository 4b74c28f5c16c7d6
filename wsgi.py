"""The WSGI application, for any server."""

from petition.app import create_app

app = create_app()
