"""The item that somebody chose in Europeana, in a form."""

from typing import Any

from wtforms import StringField

from petition.lib import europeana_records


class ItemField(StringField):
    """Holds the id of an item; whatever is none is left out, for nobody types it."""

    def process_formdata(self, valuelist: Any) -> None:
        """Take an id, or the address of a page of Europeana."""
        self.data = europeana_records.find_id(valuelist[0]) or "" if valuelist else ""
