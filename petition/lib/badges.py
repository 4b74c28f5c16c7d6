"""Where the words of a badge stand: 240 × 40, the proportions of the smallest counter, whose place a badge holds."""

import textwrap
from typing import NamedTuple

WIDTH, HEIGHT = 240, 40

_PADDING = 12
_MOST_FOR_NUMBER = 128
_NUMBER_SIZE, _LABEL_SIZE = 18.0, 15.0
# Below this size a label is set in two lines.
_SMALL = 10.5
# How wide a character is in the widest of the usual typefaces of systems, as a part of its size.
_BOLD, _PLAIN, _WIDE = 0.7, 0.61, 1.05


class Badge(NamedTuple):
    """The width of the part with the number, sizes of type in pixels, and the lines of the label with their heights."""

    number_width: float
    number_size: float
    label_size: float
    lines: list[tuple[float, str]]

    @property
    def label_x(self) -> float:
        """The middle of the part with the label."""
        return (self.number_width + WIDTH) / 2


def layout(number: str, label: str) -> Badge:
    """Return where a number and what it counts stand, so that neither reaches over its part."""
    number_size = min(_NUMBER_SIZE, (_MOST_FOR_NUMBER - 2 * _PADDING) / _ems(number, _BOLD))
    number_width = round(_ems(number, _BOLD) * number_size + 2 * _PADDING, 1)
    room = WIDTH - number_width - 1.5 * _PADDING
    size = min(_LABEL_SIZE, room / _ems(label, _PLAIN))
    lines = [label]
    if size < _SMALL and " " in label:
        lines = textwrap.wrap(label, max(len(label) * 3 // 5, *map(len, label.split())))[:2]
        size = min(_SMALL + 2, *(room / _ems(line, _PLAIN) for line in lines))
    top = HEIGHT / 2 - (len(lines) - 1) * size * 0.6
    places = [(round(top + row * size * 1.2 + size * 0.35, 1), line) for row, line in enumerate(lines)]
    return Badge(number_width, round(number_size, 2), round(size, 2), places)


def _ems(text: str, usual: float) -> float:
    return max(sum(_WIDE if ord(letter) > 0x2E80 else usual for letter in text), usual)
