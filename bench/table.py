"""The one table that the benchmark prints: each line a ratio, with what it is a ratio of."""

import json
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

_TESTS = {"≥": float.__ge__, "≤": float.__le__, "=": float.__eq__}


@dataclass(frozen=True)
class Line:
    """One figure: what was measured, what it is compared with, and what was wanted (``≥ 0.4``)."""

    what: str
    database: str
    measured: float
    reference: float
    unit: str
    against: str
    wanted: str = ""

    @property
    def ratio(self) -> float:
        """The measured figure as a share of the reference."""
        return self.measured / self.reference if self.reference else 0.0

    @property
    def verdict(self) -> str:
        """Whether what was wanted was reached; empty when nothing was."""
        sign, _, number = self.wanted.partition(" ")
        return "" if not sign else "yes" if _TESTS[sign](self.ratio, float(number)) else "NO"


@dataclass
class Table:
    """The lines so far, and what could not be measured and why."""

    lines: list[Line] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def add(  # noqa: PLR0917 - they stand in the order of the columns
        self, what: str, database: str, measured: float, reference: float, unit: str, against: str, wanted: str = ""
    ) -> None:
        """Add a line and show it at once, because the whole takes long."""
        line = Line(what, database, float(measured), float(reference), unit, against, wanted)
        self.lines.append(line)
        self.say(f"{database}: {what}: {line.measured:,.6g} {unit} / {line.reference:,.6g} = {line.ratio:.3f}")

    def skip(self, what: str, reason: str) -> None:
        """Note loudly what is missing from the table."""
        self.skipped.append(f"{what}: {reason}")
        self.say(f"SKIPPED {what}: {reason}")

    def say(self, sentence: str) -> None:
        """Tell those who wait how far it is."""
        print(f"[{time.monotonic() - self.began:5.0f} s] {sentence}", file=sys.stderr, flush=True)

    def print(self) -> None:
        """Print the table."""
        rows = [("", "database", "ratio", "wanted", "reached", "measured", "reference", "")]
        rows += [
            (line.what, line.database, f"{line.ratio:.3f}", line.wanted, line.verdict, _figure(line.measured),
             _figure(line.reference), f"{line.unit}; reference: {line.against}")
            for line in self.lines
        ]  # fmt: skip
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        for row in rows:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        for sentence in self.skipped:
            print(f"NOT MEASURED  {sentence}")

    def save(self, path: Path) -> None:
        """Write everything as JSON."""
        lines = [asdict(line) | {"ratio": line.ratio, "reached": line.verdict} for line in self.lines]
        path.write_text(json.dumps({"lines": lines, "skipped": self.skipped}, indent=2, ensure_ascii=False) + "\n")


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
