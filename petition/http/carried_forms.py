"""A form that was sent when its author had to sign in first: it waits in the session, and comes back to nobody else."""

import secrets
from typing import NamedTuple

from flask import current_app, request
from flask import session as flask_session
from itsdangerous import BadData, URLSafeTimedSerializer

# The hidden field by which a form that came back says which one it was.
FIELD = "carried_form"
_MOST = 3
_CSRF = "csrf_token"


class CarriedForm(NamedTuple):
    """Where a form was sent, and its fields as they were typed, without the token of the session that showed it."""

    path: str
    fields: list[tuple[str, str]]


def author() -> int | None:
    """Return the id of the person to whose session the form at hand was shown, in whatever state that session is now.

    None when its token is not ours. Flask-WTF signs the token, and ``RowSession.sign_in`` lets it begin with the id.
    """
    serializer = URLSafeTimedSerializer(str(current_app.secret_key), salt="wtf-csrf-token")
    try:
        user_id, _, _rest = str(serializer.loads(request.form.get(_CSRF, ""))).partition(".")
    except BadData:
        return None
    return int(user_id) if user_id.isascii() and user_id.isdecimal() else None


def keep(user_id: int) -> str:
    """Keep the form at hand for its author; returns the key under which ``find`` gives it. Three are kept at most."""
    key = secrets.token_urlsafe(8)
    fields = [[name, value] for name, value in request.form.items(multi=True) if name not in {_CSRF, FIELD}]
    form = {"author": user_id, "path": request.full_path.rstrip("?"), "fields": fields}
    earlier = list(flask_session.get("carried", {}).items())[1 - _MOST :]
    flask_session["carried"] = dict(earlier) | {key: form}
    return key


def find(key: str, user_id: int) -> CarriedForm | None:
    """Return a form that was kept for this person, or None."""
    form = flask_session.get("carried", {}).get(key)
    if form is None or form["author"] != user_id:
        return None
    return CarriedForm(form["path"], [(name, value) for name, value in form["fields"]])


def drop_returned() -> None:
    """Forget a form that has come back with the request at hand."""
    carried = flask_session.get("carried", {})
    key = request.form.get(FIELD)
    if key in carried:
        flask_session["carried"] = {other: form for other, form in carried.items() if other != key}
