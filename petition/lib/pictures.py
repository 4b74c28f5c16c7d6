"""Turns a picture that somebody uploaded into two of our own making: one for pages, one to be shared.

Whatever else was in the file stays behind: metadata, other frames, and what was hidden before, after or between them.
"""

import struct
import warnings
import zlib
from enum import StrEnum
from io import BytesIO
from threading import Lock
from typing import IO, NamedTuple

from PIL import Image, ImageCms, ImageFilter, ImageOps

from petition.errors import Overloaded, PetitionError

MAX_PICTURE_BYTES = 10_000_000
MAX_PIXELS = 40_000_000
# A picture is at least so many pixels wide and high, and not more than so many times longer one way than the other.
MIN_SIDE = 200
MAX_RATIO = 4
# The longer side of what we make for pages, and all of what is shared.
PAGE_SIDE = 1600
SOCIAL_SIZE = (1200, 630)

# So many seconds somebody waits while the picture of somebody else is worked on.
PATIENCE = 10.0

_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
_MAX_PROFILE_BYTES = 4_000_000
_WHITE = (255, 255, 255)
# With less of a picture than this left, it is shown whole, on a ground made of itself.
_MIN_CROP = 0.6
# What Pillow raises for files that are not what they say; of what it can live with it warns.
_FAULTS = (
    OSError,
    ValueError,
    SyntaxError,
    LookupError,
    TypeError,
    EOFError,
    OverflowError,
    RuntimeError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
warnings.filterwarnings("ignore", module=r"PIL\.")

# Decoding takes up to 16 bytes a pixel, so one picture at a time in each process.
_turn = Lock()


class Refusal(StrEnum):
    """Why a picture is not taken."""

    EMPTY = "empty"
    TOO_MANY_BYTES = "too_many_bytes"
    UNKNOWN_FORMAT = "unknown_format"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"
    TOO_NARROW = "too_narrow"
    DAMAGED = "damaged"


class PictureRefused(PetitionError):
    """Raised for a file that is no picture we take."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason = reason


class PicturesBusy(Overloaded):
    """Raised when other pictures keep this process busy for longer than PATIENCE."""


class Prepared(NamedTuple):
    """A picture as we keep it: a WebP with its size in pixels, and a JPEG of SOCIAL_SIZE; both sRGB, no metadata."""

    webp: bytes
    width: int
    height: int
    social: bytes


def prepare(file: IO[bytes], patience: float = PATIENCE, *, min_side: int = MIN_SIDE) -> Prepared:
    """Return what we make of a JPEG, PNG, WebP or AVIF that stands at the beginning of a file.

    Its first frame counts, upright as its EXIF says, on white where it is transparent; it gets smaller, never larger.
    Takes up to 650 MB of memory and some seconds for MAX_PIXELS. Raises PictureRefused, and PicturesBusy after
    ``patience`` seconds.
    """
    size = file.seek(0, 2)
    if size == 0:
        raise PictureRefused(Refusal.EMPTY)
    if size > MAX_PICTURE_BYTES:
        raise PictureRefused(Refusal.TOO_MANY_BYTES)
    file.seek(0)
    if not _turn.acquire(timeout=patience):
        raise PicturesBusy
    try:
        return _prepare(file, min_side)
    finally:
        _turn.release()


def beside(words: bytes, social: bytes, left: int) -> bytes:
    """Return a card of SOCIAL_SIZE as a JPEG, with the middle of a picture from pixel ``left`` to its edge."""
    with Image.open(BytesIO(words)) as card, Image.open(BytesIO(social)) as picture:
        width, height = SOCIAL_SIZE
        made = card.convert("RGB")
        made.paste(ImageOps.fit(picture, (width - left, height)), (left, 0))
    return _jpeg(made)


def _prepare(file: IO[bytes], min_side: int) -> Prepared:
    picture = _decoded(_opened(file, min_side))
    made = BytesIO()
    picture.save(made, "WEBP", quality=82, method=4)
    return Prepared(made.getvalue(), *picture.size, _jpeg(_social(picture)))


def _opened(file: IO[bytes], min_side: int) -> Image.Image:
    """Return a picture of which no more than the header was read, and the size found right."""
    try:
        picture = Image.open(file, formats=_FORMATS)
    except Image.DecompressionBombError:
        raise PictureRefused(Refusal.TOO_MANY_PIXELS) from None
    except _FAULTS:
        raise PictureRefused(Refusal.UNKNOWN_FORMAT) from None
    short, long = sorted(picture.size)
    if short * long > MAX_PIXELS:
        raise PictureRefused(Refusal.TOO_MANY_PIXELS)
    if short < min_side:
        raise PictureRefused(Refusal.TOO_SMALL)
    if long > MAX_RATIO * short:
        raise PictureRefused(Refusal.TOO_NARROW)
    return picture


def _decoded(picture: Image.Image) -> Image.Image:
    """Return a picture in sRGB, upright and as small as pages need it, with nothing besides its pixels."""
    try:
        profile, orientation = picture.info.get("icc_profile"), _orientation(picture)
        # A JPEG need not be decoded larger than it is used.
        picture.draft(None, (2 * PAGE_SIDE, 2 * PAGE_SIDE))
        picture.load()
        small = _small(picture)
    except _FAULTS:
        raise PictureRefused(Refusal.DAMAGED) from None
    upright = small.transpose(orientation) if orientation is not None else small
    opaque = _srgb(_on_white(upright), profile)
    # Of what came with the file nothing is left in a new one.
    clean = Image.new("RGB", opaque.size)
    clean.paste(opaque)
    return clean


def _small(picture: Image.Image) -> Image.Image:
    """Return a picture of eight bits a colour whose longer side is PAGE_SIDE at most."""
    if picture.mode.startswith("I;16") or picture.mode in {"I", "F"}:
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    if picture.mode == "P" or "transparency" in picture.info:
        picture = picture.convert("RGBA")
    elif picture.mode not in {"L", "LA", "RGB", "RGBA", "CMYK"}:
        picture = picture.convert("RGB")
    if max(picture.size) > PAGE_SIDE:
        picture.thumbnail((PAGE_SIDE, PAGE_SIDE), reducing_gap=2.0)
    return picture


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _orientation(picture: Image.Image) -> Image.Transpose | None:
    """Return how to turn a picture upright, as its EXIF says; unreadable EXIF says nothing."""
    try:
        return _TURNS.get(picture.getexif().get(0x0112, 1))
    except _FAULTS:
        return None


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode not in {"LA", "RGBA"}:
        return picture
    ground = Image.new("RGBA", picture.size, (*_WHITE, 255))
    return Image.alpha_composite(ground, picture.convert("RGBA")).convert("RGB")


def _srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Return a picture with its colours in sRGB; a profile that is broken, huge or of another kind is passed over."""
    if profile and len(profile) <= _MAX_PROFILE_BYTES:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            made = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, *_FAULTS):
            made = None
        if made:
            return made
    return picture.convert("RGB")


def _social(picture: Image.Image) -> Image.Image:
    """Return a picture in SOCIAL_SIZE: filled if most of it stays, or else whole, on a soft ground made of itself."""
    width, height = SOCIAL_SIZE
    ours, theirs = width / height, picture.width / picture.height
    filled = ImageOps.fit(picture, SOCIAL_SIZE)
    if min(ours, theirs) / max(ours, theirs) >= _MIN_CROP:
        return filled
    ground = filled.resize((width // 8, height // 8)).filter(ImageFilter.GaussianBlur(6)).resize(SOCIAL_SIZE)
    ground = Image.blend(ground, Image.new("RGB", SOCIAL_SIZE, (28, 27, 25)), 0.45)
    whole = ImageOps.contain(picture, SOCIAL_SIZE)
    ground.paste(whole, ((width - whole.width) // 2, (height - whole.height) // 2))
    return ground


def _jpeg(picture: Image.Image) -> bytes:
    made = BytesIO()
    picture.save(made, "JPEG", quality=84, optimize=True, progressive=True)
    return made.getvalue()
