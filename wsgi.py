"""The WSGI application, for any server."""

from petition.app import serving

app = serving()
