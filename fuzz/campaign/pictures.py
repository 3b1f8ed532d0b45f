"""Pictures for the page, as SVG inside it: charts over time, and the frames at the moment of a failure."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

LETTERS = {"f": "free", "s": "small", "L": "large", "r": "reserved", ".": "hole", "?": "unknown"}
COLUMNS, CELL, GAP = 32, 9, 1
LINE_COLOURS = ("#2f6fde", "#c2410c", "#15803d", "#7c3aed")
INK = "#7a8494"  # readable on white and on black


# ---- frames ----


@dataclass(frozen=True)
class Block:
    """A block as both sides see it."""

    base: int
    allocator: str
    model: str

    @property
    def differing(self) -> int:
        return sum(differs(a, b) for a, b in zip(self.allocator, self.model, strict=True))

    @property
    def title(self) -> str:
        return f"{self.base:#x} to {self.base + (2 << 20) - 1:#x}"


def differs(a: str, b: str) -> bool:
    return a != b and "?" not in (a, b)


def blocks_of(moment: dict[str, Any]) -> list[Block]:
    return [Block(int(b["base"], 16), b["allocator"], b["model"]) for b in moment["blocks"]]


def runs(states: str) -> list[tuple[int, int, str]]:
    """(first, count, state) of neighbours alike, no run longer than its row."""
    found: list[tuple[int, int, str]] = []
    for i, state in enumerate(states):
        if found and found[-1][2] == state and i % COLUMNS:
            found[-1] = (found[-1][0], found[-1][1] + 1, state)
        else:
            found.append((i, 1, state))
    return found


def grid(states: str, other: str, base: int) -> str:
    """512 frames, 32 a row, the lowest at the top left; those that differ from the other side are marked."""
    pitch = CELL + GAP
    width, height = COLUMNS * pitch + GAP, len(states) // COLUMNS * pitch + GAP
    parts = [f'<svg class="frames" viewBox="0 0 {width} {height}" role="img">']
    for first, count, state in runs(states):
        x, y = GAP + first % COLUMNS * pitch, GAP + first // COLUMNS * pitch
        tip = f"{base + first * 4096:#x}: {LETTERS[state]}" + (f", {count} frames" if count > 1 else "")
        parts.append(
            f'<rect class="{LETTERS[state]}" x="{x}" y="{y}" width="{count * pitch - GAP}" height="{CELL}">'
            f"<title>{tip}</title></rect>"
        )
    for column in range(1, COLUMNS):
        parts.append(f'<path class="gap" d="M{column * pitch + GAP / 2} 0V{height}"/>')
    for i, (state, beside) in enumerate(zip(states, other, strict=True)):
        if differs(state, beside):
            x, y = GAP + i % COLUMNS * pitch, GAP + i // COLUMNS * pitch
            size = f'width="{CELL + 1}" height="{CELL + 1}"'
            parts.append(f'<rect class="differs" x="{x - 0.5}" y="{y - 0.5}" {size}/>')
    return "".join(parts) + "</svg>"


def size_text(bytes_: int) -> str:
    for unit, name in ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if bytes_ >= unit:
            return f"{bytes_ / unit:.4g} {name}"
    return f"{bytes_} B"


def layout(moment: dict[str, Any]) -> list[dict[str, Any]]:
    """The address space from bottom to top: what the map says of each stretch, where the two sides differ."""
    top = 1 << 64
    entries = [(int(base, 16), int(length, 16), kind) for base, length, kind in moment["entries"]]
    cuts = sorted({0, *(b for b, _, _ in entries), *(min(b + n, top) for b, n, _ in entries if n)})
    blocks = blocks_of(moment)
    rows: list[dict[str, Any]] = []
    for start, end in zip(cuts, cuts[1:], strict=False):
        kinds = {kind for base, length, kind in entries if base < end and start < base + length}
        kind = "hole" if not kinds else "usable" if kinds == {1} else "reserved"
        wrong = [
            address
            for block in blocks
            for i, (a, b) in enumerate(zip(block.allocator, block.model, strict=True))
            if differs(a, b) and start <= (address := block.base + i * 4096) < end
        ]
        if rows and rows[-1]["kind"] == kind:
            rows[-1]["end"], rows[-1]["wrong"] = end, rows[-1]["wrong"] + len(wrong)
        else:
            rows.append({"start": start, "end": end, "kind": kind, "wrong": len(wrong)})
    for row in rows:
        row["size"] = size_text(row["end"] - row["start"])
        row["weight"] = max(1, (row["end"] - row["start"]).bit_length() - 8)
    return rows


# ---- over time ----


def as_inline(svg: str) -> str:
    """Without what only a file of its own needs, and as wide as its place."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    for size in ("width", "height"):
        svg = re.sub(rf'(<svg[^>]*?) {size}="[^"]*"', r"\1", svg, count=1)
    return svg


def hours(seconds: float) -> tuple[float, str]:
    """A unit in which so much time has small numbers."""
    return (3600.0, "hours") if seconds > 7200 else (60.0, "minutes") if seconds > 180 else (1.0, "seconds")


@lru_cache(maxsize=8)
def chart(lines: tuple[tuple[str, tuple[float, ...]], ...], times: tuple[float, ...], what: str) -> str:
    """Some lines over the same times, drawn by matplotlib; empty while there is nothing to draw."""
    if len(times) < 2:
        return ""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    unit, name = hours(times[-1])
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": what, "font.size": 9}):
        figure = Figure(figsize=(4.6, 2.5))
        axes = figure.add_axes((0.13, 0.18, 0.84, 0.72))
        for (label, values), colour in zip(lines, LINE_COLOURS, strict=False):
            at = [t / unit for t in times]
            axes.step(at, values, where="post", color=colour, linewidth=1.8, label=label)
        axes.set_title(what, loc="left", fontsize=10, color=INK)
        axes.set_xlabel(name, color=INK)
        axes.set_ylim(bottom=0)
        axes.set_xlim(0, times[-1] / unit)
        axes.tick_params(colors=INK, length=3)
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
        axes.grid(axis="y", color=INK, alpha=0.18)
        for side in axes.spines.values():
            side.set_visible(False)
        if len(lines) > 1:  # above, beside the title
            axes.legend(frameon=False, loc="lower right", bbox_to_anchor=(1.02, 0.98), ncol=len(lines),
                        labelcolor=INK, fontsize=9, handlelength=1, columnspacing=1)
        text = io.StringIO()
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    return as_inline(text.getvalue())


def short(value: float) -> str:
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:.3g} {unit}"
    return f"{value:.3g}"


def thinned(samples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Steps of a few per cent: a chart is drawn again only when it would look different."""
    step = max(1, len(samples) // 40)
    return samples[: len(samples) // step * step] if len(samples) > 40 else samples


def charts(samples: list[dict[str, Any]]) -> list[str]:
    samples = thinned(samples)
    times = tuple(sample["seconds"] for sample in samples)
    if not samples:
        return []

    def by_target(key: str) -> tuple[tuple[str, tuple[float, ...]], ...]:
        names = sorted(samples[-1][key])
        return tuple((name, tuple(sample[key].get(name, 0) for sample in samples)) for name in names)

    drawn = [
        chart(by_target("edges"), times, "edges of coverage"),
        chart((("reach", tuple(sample["reach"] for sample in samples)),), times, "reach marks hit"),
        chart((("programs", tuple(sample["executions"] for sample in samples)),), times, "programs run"),
        chart(by_target("inputs"), times, "inputs kept"),
    ]
    return [svg for svg in drawn if svg]
