"""python -m benchmarks: run the cases side by side, print the table, write benchmarks/out/."""

import argparse
import importlib.util
import re
import sys
from pathlib import Path

from . import machine, registry, report, runner, startup


def arguments(argv):
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="tensorgrad beside NumPy and PyTorch")
    add = parser.add_argument
    add("--rounds", type=int, default=9, help="alternating rounds a case (default 9)")
    add("--seconds", type=float, default=0.05, help="of each case in each round (default 0.05)")
    add("--only", metavar="PATTERN", default="", help="cases whose family/name the regular expression finds")
    add("--against", metavar="LIST", help="numpy,torch: what to compare with (default: what is installed)")
    add("--quick", action="store_true", help="no large cases, 3 short rounds, no memory, no start-up")
    add("--threads", type=int, default=machine.default_threads(), help="on every side (default: all CPUs)")
    add("--out", type=Path, default=Path(__file__).parent / "out", help="folder of the JSON and the chart")
    add("--results", action="store_true", help="write benchmarks/RESULTS.md too")
    add("--list", action="store_true", help="name the cases and stop")
    args = parser.parse_args(argv)
    if args.quick:
        args.rounds, args.seconds = min(args.rounds, 3), min(args.seconds, 0.05)
    if args.rounds < 1 or args.threads < 1 or args.seconds < 0:
        parser.error("--rounds and --threads must be at least 1, --seconds not negative")
    try:
        args.only = re.compile(args.only)
    except re.error as error:
        parser.error(f"--only: {error}")
    if args.against is None:
        args.against = [o for o in report.OTHERS if importlib.util.find_spec(o)]
    else:
        args.against = [o for o in args.against.split(",") if o]
    for other in args.against:
        if other not in report.OTHERS:
            parser.error(f"--against: {other!r} is not one of {', '.join(report.OTHERS)}")
        if not importlib.util.find_spec(other):
            parser.error(f"--against: {other} is not installed")
    return args


def run(args, cases):
    """Measure the cases; everything that is to be reported, as plain data."""
    backends = ["tensorgrad", *args.against]
    team = runner.Team(backends, args.threads)
    result = {"machine": machine.facts(args.threads), "versions": {b: team.ask(b, "versions") for b in backends},
              "others": args.against, "rounds": args.rounds, "rows": []}
    for name, version in result["versions"].items():
        if "error" in version:
            sys.exit(f"benchmarks: {name} does not start: {version['error']}")
    result["limits"] = team.ask("tensorgrad", "limits")
    print(report.line(report.header(args.against)))
    for case in cases:
        row = {"case": case.name, "flops": case.flops, "bytes": case.bytes,
               "times": runner.run_case(team, case, args.rounds, args.seconds)}
        if case.memory and not args.quick:
            row["memory"] = {b: runner.peak_memory(b, args.threads, case) for b in backends if b != "numpy"}
        result["rows"].append(row)
        print(report.line(report.cells(row, args.against, result["limits"])), flush=True)
        for backend, answer in row["times"].items():
            if "error" in answer:
                print(f"    {backend}: {answer['error']}", flush=True)
    again = team.ask("tensorgrad", "limits")  # the better of before and after: others may use the machine
    for key in ("flops", "bytes"):
        result["limits"][key] = max(result["limits"][key], again[key])
    team.close()
    if not args.quick:
        result["startup"] = startup.measure([b for b in backends if b != "numpy"], 11)
    return result


def main(argv=None):
    """Exit status: 0, 1 when a case failed under tensorgrad, 2 for a wrong call."""
    args = arguments(argv)
    cases = [c for c in registry.load().values() if args.only.search(c.name) and not (args.quick and c.slow)]
    if not cases:
        sys.stderr.write(f"benchmarks: no case matches {args.only.pattern!r}\n")
        return 2
    if args.list:
        print("\n".join(c.name for c in cases))
        return 0
    result = run(args, cases)
    print()
    for columns in report.memory_lines(result["rows"]):
        print(report.line(columns))
    print("\n".join(report.summary_lines(result)))
    args.out.mkdir(parents=True, exist_ok=True)
    report.write_json(result, args.out / "results.json")
    if args.results:
        (Path(__file__).parent / "RESULTS.md").write_text(report.markdown(result))
    try:
        report.write_chart(result, args.out / "results.png")
    except ImportError as error:
        sys.stderr.write(f"benchmarks: {error}\n")
    return int(any("error" in row["times"].get("tensorgrad", {}) for row in result["rows"]))


if __name__ == "__main__":
    sys.exit(main())
