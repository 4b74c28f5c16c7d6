"""How long and how much is measured."""

import csv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Plan:
    """The sizes of everything; ``Plan.quick()`` takes a few minutes and is only a first look."""

    seconds: int = 8
    rounds: int = 3
    connections: tuple[int, ...] = (16, 128)
    crowd: int = 1_000_000
    letters: int = 20_000
    peak_seconds: float = 60
    peak_rate: float = 400
    equal: int = 2000
    sign_ins: int = 500
    loss_seconds: float = 30
    memory_minutes: float = 10
    smtp_sink: str = ""
    faulty_smtp: Path | None = None


QUICK = Plan(
    seconds=1,
    rounds=1,
    connections=(16,),
    crowd=50_000,
    letters=1500,
    peak_seconds=6,
    equal=150,
    sign_ins=60,
    loss_seconds=5,
    memory_minutes=0.25,
)


def peak_of(curve: Path) -> float:
    """Return ten times the busiest minute of a signing curve, a CSV of (minute, signatures), by the second."""
    with curve.open(newline="") as file:
        lines = list(csv.reader(file))
    return max(float(line[1]) for line in lines[1:]) * 10 / 60
