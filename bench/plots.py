"""The figures as SVG: workloads side by side, cost against fill level, start-up against size."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402  (the backend is chosen before)

from bench.results import Results  # noqa: E402
from bench.table import allocators  # noqa: E402

FILL = re.compile(r"(?P<allocator>[^/]+)/(?P<workload>filling|scattered)/(?P<rest>.*)/fill:(?P<percent>\d+)")
BARS = ("repeat", "bulk_alloc", "bulk_free", "rand", "oom")


def save(figure: plt.Figure, path: Path) -> Path:
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
    return path


def bars(results: Results, size: str, folder: Path) -> Path | None:
    """Ratios to the floor, a group of bars for each workload and number of CPUs."""
    names = allocators(results)
    rows = [f"{workload}/{size}/cpus:{cpus}" for workload in BARS for cpus in (1, 2)]
    rows = [row for row in rows if any(f"{name}/{row}" in results.figures for name in names)]
    if not rows:
        return None
    figure, axes = plt.subplots(figsize=(1.5 + 1.2 * len(rows), 4.5))
    width = 0.8 / len(names)
    for i, name in enumerate(names):
        heights = [results.ratio(f"{name}/{row}") or 0 for row in rows]
        axes.bar([at + i * width for at in range(len(rows))], heights, width, label=name)
    axes.axhline(1, color="black", linewidth=0.8, linestyle=":")
    axes.set_yscale("log")
    axes.set_ylabel("times the floor of a locked pair")
    axes.set_xticks([at + 0.4 - width / 2 for at in range(len(rows))])
    axes.set_xticklabels([row.replace("/", "\n") for row in rows], fontsize=8)
    axes.legend(fontsize=8)
    return save(figure, folder / f"workloads-{size}.svg")


def lines(results: Results, folder: Path) -> list[Path]:
    """A plot for each size and number of CPUs, a line for each allocator and way of filling."""
    plots: dict[str, dict[str, list[tuple[int, float]]]] = defaultdict(lambda: defaultdict(list))
    for name, measured in results.figures.items():
        match = FILL.fullmatch(name)
        if match:
            line = f"{match['allocator']} {match['workload']}"
            plots[match["rest"]][line].append((int(match["percent"]), measured.ns))
    paths = []
    for rest, of_lines in plots.items():
        figure, axes = plt.subplots(figsize=(7, 4.5))
        for label, points in of_lines.items():
            axes.plot(*zip(*sorted(points)), marker="o", label=label)
        axes.set_xlabel("memory allocated (%)")
        axes.set_ylabel("ns for one allocation and free")
        axes.set_yscale("log")
        axes.set_title(rest)
        axes.legend(fontsize=8)
        paths.append(save(figure, folder / f"filling-{rest.replace('/', '-').replace(':', '')}.svg"))
    return paths


def startup(results: Results, folder: Path) -> Path | None:
    started = [name for name in results.figures if "/init/" in name]
    ratios = {name: results.ratio(name, f"floor/memset_metadata/{name.split('/')[-1]}") for name in started}
    known = {name: ratio for name, ratio in ratios.items() if ratio is not None}
    if not known:
        return None
    figure, axes = plt.subplots(figsize=(7, 1 + 0.35 * len(known)))
    axes.barh(list(known), list(known.values()))
    axes.axvline(3, color="red", linewidth=0.8, linestyle=":")
    axes.set_xscale("log")
    axes.set_xlabel("times a memset of our metadata")
    return save(figure, folder / "init.svg")


def draw(results: Results, folder: Path) -> list[Path]:
    for old in folder.glob("*.svg"):  # of a run that measured something else
        old.unlink()
    matplotlib.rcParams["svg.hashsalt"] = "pmm"  # the same figures give the same file
    made = [*(bars(results, size, folder) for size in ("4k", "2m")), *lines(results, folder)]
    return [path for path in (*made, startup(results, folder)) if path is not None]
