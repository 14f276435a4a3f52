"""tools/bench suite: whole runs of giflab, measured. tools/bench says how to call it."""

import argparse
import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import page
import scenarios
from measured import machine, percentile, run

ROOT = Path(__file__).resolve().parents[2]

# All that a run may be asked for by its environment is taken out, so that one's own settings do not count.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("GIFLAB_")}
MODELS = ROOT.parent / "shared" / "models"


def options():
    parser = argparse.ArgumentParser(prog="tools/bench suite", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less of everything: a minute at most on two cores")
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release", help="folder with bin/giflab")
    parser.add_argument("--rounds", type=int, help="runs of each scenario (9; 3 with --quick)")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="compared with one")
    parser.add_argument("--only", action="append", help="only this scenario (repeatable)")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "benchmarks" / "suite",
                        help="NAME of NAME.json, NAME.md and the plots beside them")
    parser.add_argument("--note", default="", help="a sentence for the page: what else the machine was doing")
    return parser.parse_args()


def command_of(giflab, scenario, threads):
    models = ["--models", str(MODELS)] if MODELS.is_dir() else []
    return [giflab, *scenario.arguments, "--quiet", *models, "--threads", str(threads)]


def accepted(scenario, status):
    """Pairs of the corpus that cannot be compared are cells of a run like others: 4 says that some failed."""
    return status in ((0, 4) if scenario.arguments[0] == "run" else (0,))


def measure(giflab, chosen, threads, rounds):
    """Rounds over all scenarios, so that what else goes on meets them all. {(name, threads): [Cost]}"""
    found = {(scenario.name, count): [] for scenario in chosen for count in sorted({1, threads})}
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        for scenario in chosen:
            for count in sorted({1, threads}):
                cost = run(command_of(giflab, scenario, count), environment=ENVIRONMENT)
                if not accepted(scenario, cost.status):
                    raise SystemExit(f"{scenario.name}: giflab ended with {cost.status}; to see why, call\n"
                                     + " ".join(command_of(giflab, scenario, count)))
                found[scenario.name, count].append(cost)
    return found


def look_inside(giflab, scenario, threads):
    """One more run, not among the timed ones: what giflab itself tells of its models, caches and stages."""
    with tempfile.TemporaryDirectory() as folder:
        output, errors = os.path.join(folder, "output"), os.path.join(folder, "errors")
        command = [*command_of(giflab, scenario, threads), "--profile", "--log-level", "debug"]
        run(command, output, errors, ENVIRONMENT)
        told = Path(errors).read_text(encoding="utf-8", errors="replace")
        rows = documents(Path(output).read_text(encoding="utf-8", errors="replace"))
    pairs = sum((row.get("alignment") or {}).get("pairs", 0) for row in rows)
    if pairs == 0:
        raise SystemExit(f"{scenario.name}: nothing was compared: {told[:500]}")
    models = re.search(r"models: (\d+) loads, (\d+) hits", told)
    caches = [row["cache"] for row in rows if "cache" in row]
    return {
        "pairs": pairs,
        "model_loads": int(models[1]) if models else 0,
        "model_hits": int(models[2]) if models else 0,
        "cache": caches or None,
        "stages": stages_in(told),
    }


def documents(text):
    """One JSON document, or one on each line."""
    try:
        return [json.loads(text)]
    except ValueError:
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def stages_in(profile):
    """{"decode": milliseconds, "call org.giflab.ssim": ...} of what --profile prints; empty without it."""
    lines = profile.splitlines()
    heads = [i for i, line in enumerate(lines) if line.startswith("stage ")]
    if not heads:
        return {}
    stages = {}
    for line in lines[heads[0] + 1 :]:
        columns = re.match(r"(.+?)\s{2,}(\S+)?\s+(\d+)\s+([\d.]+)\s+[\d.]+ %\s+([\d.]+)$", line)
        if not columns:
            break
        stages[" ".join(filter(None, columns.group(1, 2)))] = float(columns[4])
    return stages


def summary(costs):
    walls = [cost.wall for cost in costs]
    return {
        "rounds": len(costs),
        "wall_p50_s": percentile(walls, 0.50),
        "wall_p95_s": percentile(walls, 0.95),
        "wall_p99_s": percentile(walls, 0.99),
        "wall_least_s": min(walls),
        "cpu_p50_s": percentile([cost.cpu for cost in costs], 0.50),
        "system_p50_s": percentile([cost.system for cost in costs], 0.50),
        "peak_bytes": max(cost.peak_bytes for cost in costs),
        "walls_s": walls,
        "cpus_s": [cost.cpu for cost in costs],
    }


def report_of(scenario, found, threads, inside):
    one, many = found[scenario.name, 1], found[scenario.name, threads]
    report = {"name": scenario.name, "about": scenario.about, "one_thread": summary(one), **inside}
    report["all_threads"] = summary(many)
    # The share of the threads that was at work, and how much faster they made it: in each round by itself.
    report["efficiency"] = percentile([cost.cpu / (threads * cost.wall) for cost in many], 0.5)
    report["speed_up"] = percentile([a.wall / b.wall for a, b in zip(one, many)], 0.5)
    return report


def main():
    asked = options()
    giflab, synthetic_gif = scenarios.find_program(asked.build)
    make = scenarios.Maker(synthetic_gif, asked.build / "benchmarks")
    everything = scenarios.every_scenario(make, scenarios.find_corpus(ROOT), asked.quick)
    if unknown := set(asked.only or []) - {scenario.name for scenario in everything}:
        raise SystemExit(f"there is no scenario {unknown.pop()}; there are "
                         + ", ".join(scenario.name for scenario in everything))
    wanted = [one for one in everything if not asked.only or one.name in asked.only]
    for scenario in wanted:
        if scenario.skipped:
            print(f"skipped: {scenario.name}: {scenario.skipped}", file=sys.stderr)
    chosen = [scenario for scenario in wanted if not scenario.skipped]
    about = machine()
    begun = time.strftime("%Y-%m-%d %H:%M", time.gmtime())
    found = measure(giflab, chosen, asked.threads, asked.rounds or (3 if asked.quick else 9))
    result = {
        "schema": "giflab.benchmark/1",
        "begun": begun,
        "machine": about,
        "note": asked.note,
        "quick": asked.quick,
        "threads": asked.threads,
        "scenarios": [report_of(one, found, asked.threads, look_inside(giflab, one, asked.threads)) for one in chosen],
        "skipped": {one.name: one.skipped for one in wanted if one.skipped},
    }
    asked.output.parent.mkdir(parents=True, exist_ok=True)
    asked.output.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    page.write(result, asked.output)
    print(f"{asked.output.with_suffix('.md')} and .json", file=sys.stderr)
    print(page.table(result))


if __name__ == "__main__":
    main()
