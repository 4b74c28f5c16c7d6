"""Forms in UTF-8 only: in any other encoding names would be recorded with letters lost."""

from io import BytesIO
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from flask import Request
from werkzeug.datastructures import MultiDict
from werkzeug.formparser import FormDataParser

from petition.errors import PetitionError
from petition.http.request_body import IN_MEMORY


class NotUtf8(PetitionError):
    """Raised where a form is read whose text is not UTF-8, such as Latin-1 from an old program."""


class _Utf8FormParser(FormDataParser):
    """Reads bodies whole, except long ones with files, and refuses those in which Werkzeug would replace bytes."""

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> Any:
        """Return stream, form and files; raises NotUtf8."""
        if mimetype == "multipart/form-data" and (content_length or 0) > IN_MEMORY:
            _stream, form, files = super().parse(stream, mimetype, content_length, options)
            if _has_replaced(form):
                raise NotUtf8
            return stream, form, files
        body = stream.read()
        if mimetype == "application/x-www-form-urlencoded" and not _is_utf8(unquote_to_bytes(body)):
            raise NotUtf8
        _stream, form, files = super().parse(BytesIO(body), mimetype, content_length, options)
        # A part of a multipart body may be a file of any bytes, so only the texts are looked at.
        if _has_replaced(form) and not _is_utf8(body):
            raise NotUtf8
        return stream, form, files


class Utf8Request(Request):
    """A request whose ``form`` raises NotUtf8 rather than give text with letters lost."""

    form_data_parser_class = _Utf8FormParser


def _has_replaced(form: MultiDict[str, str]) -> bool:
    return any("\ufffd" in text for pair in form.items(multi=True) for text in pair)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
