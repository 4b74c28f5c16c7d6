"""What the accents are called where organisers choose one."""

from flask_babel import lazy_gettext as _

ACCENT_NAMES = {
    "ink": _("Ink"),
    "rust": _("Rust"),
    "sea": _("Sea"),
    "moss": _("Moss"),
    "plum": _("Plum"),
    "poppy": _("Poppy"),
    "ochre": _("Ochre"),
    "violet": _("Violet"),
    "cobalt": _("Cobalt"),
    "jade": _("Jade"),
    "cocoa": _("Cocoa"),
    "slate": _("Slate"),
}
