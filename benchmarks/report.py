"""What a run looks like: the table, the figures that sum it up, the JSON, the chart and RESULTS.md."""

import json
import math

OTHERS = ("numpy", "torch")


def ratio(row, other):
    """How many times longer `other` takes than tensorgrad; None where one of them has no time."""
    mine, theirs = row["times"].get("tensorgrad", {}).get("seconds"), row["times"].get(other, {}).get("seconds")
    return theirs / mine if mine and theirs else None


def share(row, limits):
    """("peak" or "memory", the part of the machine's limit that tensorgrad reaches), or None."""
    seconds = row["times"].get("tensorgrad", {}).get("seconds")
    if not seconds:
        return None
    if row["flops"]:
        return "peak", row["flops"] / seconds / limits["flops"]
    return ("memory", row["bytes"] / seconds / limits["bytes"]) if row["bytes"] and limits["bytes"] else None


def summary(rows, other):
    """The geometric mean of the ratios, the lowest one and its case, how many are under 1, and how many there are."""
    ratios = {row["case"]: r for row in rows if (r := ratio(row, other)) is not None}
    if not ratios:
        return None
    worst = min(ratios, key=ratios.get)
    mean = math.exp(sum(map(math.log, ratios.values())) / len(ratios))
    return {"mean": mean, "worst": ratios[worst], "worst_case": worst,
            "below": sum(r < 1 for r in ratios.values()), "cases": len(ratios)}


def duration(seconds):
    """1.23 ms and the like."""
    for unit, scale in (("s ", 1), ("ms", 1e-3), ("us", 1e-6), ("ns", 1e-9)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds:.1g} s "


def cells(row, others, limits):
    """The row as text: case, time, ratio to each other, share."""
    mine = row["times"].get("tensorgrad", {})
    part = share(row, limits)
    ratios = [f"{r:.2f}x" if (r := ratio(row, o)) is not None else "" for o in others]
    return [row["case"], duration(mine["seconds"]) if "seconds" in mine else "failed", *ratios,
            f"{100 * part[1]:.0f} % {part[0]}" if part else ""]


def header(others):
    return ["case", "tensorgrad", *(f"{o} takes" for o in others), "of the limit"]


def line(columns):
    return "  ".join([f"{columns[0]:<46}", *(f"{c:>14}" for c in columns[1:])])


def summary_lines(result):
    """The whole run in a few lines."""
    rows, out = result["rows"], []
    for other in result["others"]:
        s = summary(rows, other)
        if s:
            out.append(f"{other}: {s['mean']:.2f}x in the geometric mean of {s['cases']} cases; worst "
                       f"{s['worst']:.2f}x ({s['worst_case']}); {s['below']} below 1x")
    limits = result["limits"]
    out.append(f"limits: {limits['flops'] / 1e9:.0f} GFLOP/s (FMA, float32), {limits['bytes'] / 1e9:.1f} GB/s (triad), "
               f"{limits['isa']}, {result['machine']['threads']} threads")
    start = result.get("startup")
    if start:
        times = ", ".join(f"{name} {1e3 * t:.0f} ms" for name, t in start["import"].items())
        out.append(f"import over bare Python: {times}; wheel {start['wheel'] / 2**20:.2f} MB")
    return out


def memory_lines(rows):
    """Peak resident memory of the training steps."""
    measured = [row for row in rows if row.get("memory")]
    if not measured:
        return []
    backends = list(measured[0]["memory"])
    out = [["peak memory of a training step", *backends]]
    for row in measured:
        peaks = [row["memory"].get(b) for b in backends]
        out.append([row["case"], *("failed" if p is None else f"{p / 2**20:.0f} MB" for p in peaks)])
    return out


def markdown(result):
    """RESULTS.md: machine, versions, the tables."""
    machine, versions, limits = result["machine"], result["versions"], result["limits"]
    rows, others = result["rows"], result["others"]

    def table(lines):
        return ["| " + " | ".join(columns) + " |" for columns in (lines[0], ["---"] * len(lines[0]), *lines[1:])]

    text = ["# Results", "",
            f"`python -m benchmarks --results` on {machine['cpu']}, {machine['threads']} threads, "
            f"{machine['memory'] / 2**30:.0f} GiB, {machine['system']}; Python {machine['python']}, "
            + ", ".join(f"{name} {v['version']}" for name, v in versions.items())
            + f"; {limits['isa']} kernels by {limits['compiler']}.", "",
            f"Each case ran in {result['rounds']} alternating rounds, one process a backend, equal threads. Times "
            "are medians; \"takes\" is the other's time over tensorgrad's; \"of the limit\" is the share of the FMA "
            "peak or of the triad's bandwidth, measured in the same run.", "",
            *(f"- {s}" for s in summary_lines(result)), "",
            *table([header(others), *(cells(row, others, limits) for row in rows)])]
    memory = memory_lines(rows)
    if memory:
        text += ["", *table(memory)]
    return "\n".join(text) + "\n"


def write_json(result, path):
    """Everything that was measured."""
    path.write_text(json.dumps(result, indent=1) + "\n")


def write_chart(result, path):
    """Ratios as bars on a logarithmic axis, a line at 1."""
    try:
        import matplotlib
    except ImportError as error:
        raise ImportError("the chart needs matplotlib: pip install 'tensorgrad-cpu[viz]'") from error
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    rows, others = result["rows"][::-1], result["others"]
    figure, axes = plt.subplots(figsize=(9, 1.5 + 0.22 * len(rows)), layout="constrained")
    height = 0.8 / max(1, len(others))
    for k, other in enumerate(others):
        at = [i + (k - (len(others) - 1) / 2) * height for i in range(len(rows))]
        lengths = [(ratio(row, other) or math.nan) - 1 for row in rows]
        axes.barh(at, lengths, height, left=1, label=f"against {other}")
    axes.set_xscale("log")
    axes.axvline(1, color="black", linewidth=1)
    axes.set_yticks(range(len(rows)), [row["case"] for row in rows], fontsize=7)
    axes.set_ylim(-1, len(rows))
    axes.set_xlabel("times as long as tensorgrad")
    if others:
        axes.legend(loc="lower right")
    figure.savefig(path, dpi=120)
    plt.close(figure)
