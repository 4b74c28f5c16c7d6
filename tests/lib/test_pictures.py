"""Whatever is uploaded becomes a picture of ours or is refused, in bounded memory and time."""

import subprocess
import sys
import time
from io import BytesIO
from threading import Event, Thread
from typing import IO

import pytest
from PIL import Image

from petition.lib import pictures
from tests.picture_files import ACCEPTED, REFUSED, SRGB, exif, saved, scene

# Of files that are odd Pillow warns; in the platform nobody hears it.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


def prepare(content: bytes) -> pictures.Prepared:
    return pictures.prepare(BytesIO(content))


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def is_red(image: Image.Image, x: float, y: float) -> bool:
    red, _green, blue = image.convert("RGB").getpixel((int(image.width * x), int(image.height * y)))  # type: ignore[misc]
    return bool(red > blue)


@pytest.mark.parametrize("kind", ACCEPTED)
def test_a_picture_becomes_two_of_ours_without_what_else_was_in_the_file(kind: str) -> None:
    began = time.monotonic()

    made = prepare(ACCEPTED[kind]())

    page, social = opened(made.webp), opened(made.social)
    assert (page.format, page.size) == ("WEBP", (made.width, made.height))
    assert max(page.size) <= 1600
    assert (social.format, social.size, social.mode) == ("JPEG", (1200, 630), "RGB")
    assert not {"exif", "icc_profile", "comment", "xmp"} & (page.info.keys() | social.info.keys())
    assert b"script" not in made.webp + made.social
    assert getattr(page, "n_frames", 1) == 1
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_picture_of_ours_is_refused_for_a_reason_that_can_be_told(kind: str) -> None:
    made, reasons = REFUSED[kind]
    content = made()
    began = time.monotonic()

    with pytest.raises(pictures.PictureRefused) as refused:
        prepare(content)

    assert refused.value.reason in reasons
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95])
def test_a_file_that_is_cut_is_refused(format_name: str, share: float) -> None:
    noise = Image.effect_noise((900, 600), 80).convert("RGB")
    content = saved(format_name, noise)

    with pytest.raises(pictures.PictureRefused):
        prepare(content[: int(len(content) * share)])


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_damage_anywhere_is_never_more_than_a_refusal(format_name: str) -> None:
    content = saved(format_name, Image.effect_noise((300, 240), 80).convert("RGB"), exif=exif(6), icc_profile=SRGB)

    for at in range(0, len(content), max(1, len(content) // 50)):
        damaged = content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]
        try:
            prepare(damaged)
        except pictures.PictureRefused:
            continue


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stands_upright_as_its_camera_says(orientation: int) -> None:
    # What a camera that was held so stores of the scene.
    back = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    stored = scene() if back is None else scene().transpose(back)

    made = opened(prepare(saved("JPEG", stored, exif=exif(orientation))).webp)

    assert made.size == (1600, 1000)
    assert [is_red(made, x, y) for x, y in ((0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8))] == [True] + [False] * 3


def test_colours_are_brought_to_those_of_screens() -> None:
    red = Image.new("RGB", (400, 300), (220, 30, 30))
    # A profile that calls red what others call blue.
    swapped = SRGB.replace(b"rXYZ", b"-XYZ", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"-XYZ", b"bXYZ", 1)

    for format_name in ("JPEG", "PNG", "WEBP", "AVIF"):
        assert is_red(opened(prepare(saved(format_name, red)).webp), 0.5, 0.5)
        assert not is_red(opened(prepare(saved(format_name, red, icc_profile=swapped)).webp), 0.5, 0.5)


def test_sixteen_bits_keep_their_greys() -> None:
    grey = Image.new("I;16", (400, 300), 0x8000)

    red, _green, _blue = opened(prepare(saved("PNG", grey)).webp).getpixel((9, 9))  # type: ignore[misc]

    assert 124 <= red <= 132


def test_what_is_transparent_is_white() -> None:
    made = prepare(saved("PNG", Image.new("RGBA", (400, 300), (0, 0, 0, 0))))

    assert opened(made.webp).getpixel((200, 150)) == (255, 255, 255)


def test_a_picture_is_made_smaller_and_never_larger() -> None:
    assert prepare(saved("JPEG", scene(size=(4000, 3000))))[1:3] == (1600, 1200)
    assert prepare(saved("JPEG", scene(size=(640, 480))))[1:3] == (640, 480)
    assert prepare(saved("JPEG", scene(size=(1000, 3000))))[1:3] == (533, 1600)


def test_a_tall_picture_is_shared_whole_and_a_wide_one_fills() -> None:
    tall = opened(prepare(saved("PNG", Image.new("RGB", (600, 900), (250, 250, 0)))).social)
    wide = opened(prepare(saved("PNG", Image.new("RGB", (900, 600), (250, 250, 0)))).social)

    assert tall.getpixel((600, 5))[0] > 240 and tall.getpixel((30, 300))[0] < 200  # type: ignore[index]
    assert wide.getpixel((5, 5))[0] > 240  # type: ignore[index]


def test_equal_pictures_become_equal_files() -> None:
    assert prepare(saved("PNG")) == prepare(saved("PNG"))


class Waiting(BytesIO):
    """A file whose content is not read before the test says so."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.is_read, self.goes_on = Event(), Event()

    def read(self, size: int | None = -1) -> bytes:
        self.is_read.set()
        self.goes_on.wait(10)
        return super().read(size)


def test_one_picture_at_a_time_is_worked_on_and_who_waits_too_long_is_told() -> None:
    first: IO[bytes] = Waiting(saved("PNG"))
    assert isinstance(first, Waiting)
    thread = Thread(target=pictures.prepare, args=(first,))
    thread.start()
    assert first.is_read.wait(10)

    with pytest.raises(pictures.PicturesBusy):
        pictures.prepare(BytesIO(saved("PNG")), patience=0.05)

    first.goes_on.set()
    thread.join()
    assert prepare(saved("PNG")).width == 1600


BOUND = """
import resource, sys
from io import BytesIO
from PIL import Image
from petition.lib import pictures
made = BytesIO(sys.stdin.buffer.read())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    print(pictures.prepare(made)[1:3])
except pictures.PictureRefused as refused:
    print(refused.reason)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize(
    ("kind", "megabytes"),
    [
        ("30,000 × 30,000", 40),
        ("a zip bomb as PNG", 40),
        ("texts that unpack to gigabytes", 150),
        ("a profile that unpacks to a gigabyte", 40),
        ("a ribbon", 40),
    ],
)
def test_a_bomb_takes_hardly_any_memory(kind: str, megabytes: int) -> None:
    assert grown(REFUSED[kind][0]()) < megabytes


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_the_largest_pictures_take_no_more_memory_than_we_say(format_name: str) -> None:
    mode = "RGBA" if format_name == "PNG" else "RGB"
    options = {"WEBP": {"method": 0}, "AVIF": {"speed": 10}}.get(format_name, {})

    assert grown(saved(format_name, scene(mode, (8000, 5000)), **options)) < 700


def grown(content: bytes) -> int:
    """Return by how many megabytes a process of its own grows while it works on a picture."""
    ran = subprocess.run([sys.executable, "-c", BOUND], input=content, capture_output=True, check=True)
    return int(ran.stdout.splitlines()[-1]) // 1024
