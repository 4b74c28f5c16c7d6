"""Files for tests of pictures: good ones, bombs, and those that only say they are pictures; made, never stored."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms

from petition.lib.pictures import Refusal

WIDE = (1600, 1000)
SRGB: bytes = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def scene(mode: str = "RGB", size: tuple[int, int] = WIDE) -> Image.Image:
    """Return a picture that is red in its upper left quarter and blue elsewhere."""
    image = Image.new("RGB", size, (20, 40, 200))
    image.paste((220, 30, 30), (0, 0, size[0] // 2, size[1] // 2))
    return image.convert(mode)


def saved(format_name: str, image: Image.Image | None = None, **options: Any) -> bytes:
    made = BytesIO()
    (image or scene()).save(made, format_name, **options)
    return made.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    """Return a PNG of grey pixels that says this size; without chunks it holds no pixels at all."""
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
            *chunks,
            chunk(b"IEND", b""),
        )
    )


def zeros(count: int) -> bytes:
    """Return the deflated form of so many zero bytes, a thousandth of their size."""
    packer, block = zlib.compressobj(9), bytes(1_000_000)
    return b"".join([*(packer.compress(block) for _ in range(count // len(block))), packer.flush()])


def with_chunks(*chunks: bytes) -> bytes:
    """Return a good PNG with these chunks behind its header."""
    good = saved("PNG")
    return good[:33] + b"".join(chunks) + good[33:]


def segments(marker: int, content: bytes) -> bytes:
    """Return a good JPEG with this content in as many segments of a kind as it takes."""
    good, step = saved("JPEG"), 65_000
    parts = [content[at : at + step] for at in range(0, len(content), step)]
    inserted = b"".join(b"\xff" + bytes([marker]) + struct.pack(">H", len(part) + 2) + part for part in parts)
    return good[:2] + inserted + good[2:]


def profile_segments(profile: bytes) -> bytes:
    good, step = saved("JPEG"), 60_000
    parts = [profile[at : at + step] for at in range(0, len(profile), step)]
    made = b""
    for number, part in enumerate(parts, 1):
        content = b"ICC_PROFILE\0" + bytes([number, len(parts)]) + part
        made += b"\xff\xe2" + struct.pack(">H", len(content) + 2) + content
    return good[:2] + made + good[2:]


def exif(orientation: int, padding: int = 0) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010E] = "a" * padding
    return tags.tobytes()


def tiff_in_tiff(depth: int) -> bytes:
    inner = b""
    for _ in range(depth):
        inner = b"\xff\xd8\xff\xe1" + struct.pack(">H", min(len(inner) + 8, 65_000)) + b"Exif\0\0" + inner[:64_000]
    return inner


ACCEPTED: dict[str, Callable[[], bytes]] = {
    "JPEG": lambda: saved("JPEG"),
    "progressive JPEG": lambda: saved("JPEG", progressive=True),
    "grey JPEG": lambda: saved("JPEG", scene("L")),
    "CMYK JPEG": lambda: saved("JPEG", scene("CMYK")),
    "PNG": lambda: saved("PNG"),
    "PNG of 16 bits": lambda: saved("PNG", scene("L").convert("I").point(lambda value: value * 256).convert("I;16")),
    "PNG of black and white": lambda: saved("PNG", scene("1")),
    "palette with transparency": lambda: saved("PNG", scene("P"), transparency=0),
    "grey with alpha": lambda: saved("PNG", scene("LA")),
    "WebP": lambda: saved("WEBP"),
    "animated WebP": lambda: saved("WEBP", save_all=True, append_images=[Image.new("RGB", WIDE)] * 3),
    "animated PNG": lambda: saved("PNG", save_all=True, append_images=[Image.new("RGB", WIDE)] * 3),
    "AVIF": lambda: saved("AVIF", speed=10),
    "HTML and a script behind a JPEG": lambda: saved("JPEG") + b"<html><script>alert(1)</script>",
    "an archive behind a PNG": lambda: saved("PNG") + b"PK\x05\x06" + bytes(18),
    "a script in the comment": lambda: saved("JPEG", comment=b"*/=alert(1);/*<script>"),
    "huge EXIF": lambda: saved("JPEG", exif=exif(1, 60_000)),
    "broken EXIF": lambda: segments(0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff" + b"\xff" * 5_000),
    "EXIF that holds EXIF": lambda: segments(0xE1, b"Exif\0\0" + tiff_in_tiff(300)),
    "a thousand segments": lambda: segments(0xE1, bytes(9_000_000)),
    "broken ICC": lambda: saved("JPEG", icc_profile=b"no profile at all" * 100),
    "huge ICC": lambda: profile_segments(bytes(9_000_000)),
    "an ICC profile for other colours": lambda: saved("JPEG", scene("L"), icc_profile=SRGB),
    "one pixel for many of a low height": lambda: saved("PNG", scene(size=(800, 200))),
}

REFUSED: dict[str, tuple[Callable[[], bytes], set[Refusal]]] = {
    "nothing": (lambda: b"", {Refusal.EMPTY}),
    "more bytes than allowed": (lambda: saved("JPEG") + bytes(10_000_000), {Refusal.TOO_MANY_BYTES}),
    "30,000 × 30,000": (lambda: png(30_000, 30_000, chunk(b"IDAT", zeros(9_000_000))), {Refusal.TOO_MANY_PIXELS}),
    "a zip bomb as PNG": (lambda: png(60_000, 60_000, chunk(b"IDAT", zeros(900_000_000))), {Refusal.TOO_MANY_PIXELS}),
    "2³¹ pixels each way": (lambda: png(2**31 - 1, 2**31 - 1), {Refusal.TOO_MANY_PIXELS, Refusal.UNKNOWN_FORMAT}),
    "no pixels": (lambda: png(0, 0), {Refusal.TOO_SMALL, Refusal.UNKNOWN_FORMAT}),
    "a header alone": (lambda: png(800, 600), {Refusal.DAMAGED}),
    "one row too many": (lambda: png(6_000, 6_000, chunk(b"IDAT", zeros(2_000_000))), {Refusal.DAMAGED}),
    "one pixel": (lambda: saved("PNG", scene(size=(1, 1))), {Refusal.TOO_SMALL}),
    "1 × 40,000": (lambda: png(1, 40_000, chunk(b"IDAT", zeros(1_000_000))), {Refusal.TOO_SMALL}),
    "a ribbon": (lambda: saved("PNG", scene(size=(2_000, 300))), {Refusal.TOO_NARROW}),
    "a vector drawing": (
        lambda: b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        {Refusal.UNKNOWN_FORMAT},
    ),
    "HTML": (lambda: b"<!doctype html><script>alert(1)</script>", {Refusal.UNKNOWN_FORMAT}),
    "a script that begins as a GIF": (lambda: b"GIF89a/*\0\0\0*/=1;alert(1)//", {Refusal.UNKNOWN_FORMAT}),
    "GIF": (lambda: saved("GIF"), {Refusal.UNKNOWN_FORMAT}),
    "TIFF": (lambda: saved("TIFF"), {Refusal.UNKNOWN_FORMAT}),
    "BMP": (lambda: saved("BMP"), {Refusal.UNKNOWN_FORMAT}),
    "ICO": (lambda: saved("ICO", scene(size=(256, 256))), {Refusal.UNKNOWN_FORMAT}),
    "PDF": (lambda: saved("PDF"), {Refusal.UNKNOWN_FORMAT}),
    "PostScript": (lambda: saved("EPS"), {Refusal.UNKNOWN_FORMAT}),
    "PSD": (
        lambda: b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 600, 800, 8, 3) + bytes(100),
        {Refusal.UNKNOWN_FORMAT},
    ),
    "noise": (lambda: bytes(range(256)) * 100, {Refusal.UNKNOWN_FORMAT}),
    "texts that unpack to gigabytes": (
        lambda: with_chunks(*[chunk(b"zTXt", b"a\0\0" + zeros(20_000_000))] * 100),
        {Refusal.UNKNOWN_FORMAT, Refusal.DAMAGED},
    ),
    "a profile that unpacks to a gigabyte": (
        lambda: with_chunks(chunk(b"iCCP", b"a\0\0" + zeros(1_000_000_000))),
        {Refusal.UNKNOWN_FORMAT, Refusal.DAMAGED},
    ),
}
