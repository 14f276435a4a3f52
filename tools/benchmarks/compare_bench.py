"""tools/compare-bench OLD NEW: is NEW faster?

Of two builds (folders with bin/giflab) both run in turns over the same files, and each pair of neighbouring runs gives
one ratio: what else the machine does meets both. Of two JSON files of `tools/bench suite` the medians are compared;
they are from different sessions, so unpaired figures wander with the machine, and there is no verdict below 10 %.
"""

import argparse
import json
import sys
from pathlib import Path

import scenarios
from measured import interval_of_median, median, percentile, run
from suite import ENVIRONMENT, accepted, command_of

ROOT = Path(__file__).resolve().parents[2]
WANDER = 0.10  # what unpaired medians of a shared machine differ by for no reason


def options():
    parser = argparse.ArgumentParser(prog="tools/compare-bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", metavar="OLD", type=Path)
    parser.add_argument("new", metavar="NEW", type=Path)
    parser.add_argument("--rounds", type=int, default=15, help="pairs of runs of each scenario, 6 or more (15)")
    parser.add_argument("--quick", action="store_true", help="less of everything")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", action="append", help="only this scenario (repeatable)")
    parser.add_argument("--by", choices=("cpu", "wall"), default="cpu", help="what is compared (cpu)")
    parser.add_argument("--json", type=Path, help="also write the ratios to this file")
    return parser.parse_args()


def verdict(low, high):
    """Of an interval of NEW's time over OLD's."""
    if high < 1:
        return "faster"
    return "slower" if low > 1 else "no difference seen"


def one_pair(programs, scenario, asked, new_first):
    """NEW's time over OLD's, one run of each."""
    took = {}
    for which in ("new", "old") if new_first else ("old", "new"):
        cost = run(command_of(programs[which], scenario, asked.threads), environment=ENVIRONMENT)
        if not accepted(scenario, cost.status):
            raise SystemExit(f"{scenario.name}: {programs[which]} ended with {cost.status}")
        took[which] = getattr(cost, asked.by)
    return took["new"] / took["old"]


def paired_ratios(asked, chosen, programs):
    ratios = {scenario.name: [] for scenario in chosen}
    for scenario in chosen:  # the first run of a program reads it from the disk
        one_pair(programs, scenario, asked, False)
    for number in range(asked.rounds):
        print(f"round {number + 1} of {asked.rounds}", file=sys.stderr)
        for scenario in chosen:
            ratios[scenario.name].append(one_pair(programs, scenario, asked, number % 2 == 1))
    return ratios


def compare_builds(asked):
    if asked.rounds < 6:
        raise SystemExit("--rounds: fewer than 6 pairs cannot carry a 95 % interval")
    programs = {"old": scenarios.find_program(asked.old)[0]}
    programs["new"], synthetic_gif = scenarios.find_program(asked.new)
    make = scenarios.Maker(synthetic_gif, asked.new / "benchmarks")
    everything = scenarios.every_scenario(make, scenarios.find_corpus(ROOT), asked.quick)
    chosen = [one for one in everything if not one.skipped and (not asked.only or one.name in asked.only)]
    if not chosen:
        raise SystemExit("--only: there is no such scenario, or it cannot run here")
    ratios = paired_ratios(asked, chosen, programs)
    print(f"{asked.by} time, NEW / OLD, {asked.rounds} pairs of runs with {asked.threads} thread(s)")
    for name, found in ratios.items():
        low, high = interval_of_median(found)
        print(f"{name:12} {median(found):6.3f}   95 % {low:.3f} to {high:.3f}   spread "
              f"{percentile(found, 0.05):.3f} to {percentile(found, 0.95):.3f}   {verdict(low, high)}")
    if asked.json:
        asked.json.write_text(json.dumps({"by": asked.by, "ratios": ratios}, indent=1) + "\n", encoding="utf-8")


def compare_files(asked):
    old, new = (json.loads(path.read_text(encoding="utf-8")) for path in (asked.old, asked.new))
    print("unpaired: from two sessions, whose figures wander by themselves; compare two builds for a verdict")
    for key in ("cpu", "cores"):
        if old["machine"][key] != new["machine"][key]:
            raise SystemExit(f"not the same machine: {key} is {old['machine'][key]} and {new['machine'][key]}")
    if old["quick"] != new["quick"]:
        raise SystemExit("one of the two is of --quick, which compares less")
    before = {one["name"]: one for one in old["scenarios"]}
    for one in new["scenarios"]:
        if one["name"] in before:
            key = asked.by + "_p50_s"
            ratio = one["one_thread"][key] / before[one["name"]]["one_thread"][key]
            said = "no difference seen" if abs(ratio - 1) < WANDER else "faster?" if ratio < 1 else "slower?"
            print(f"{one['name']:12} {ratio:6.3f}   {said}")


def main():
    asked = options()
    kinds = [path.suffix == ".json" and path.is_file() for path in (asked.old, asked.new)]
    if kinds[0] != kinds[1]:
        raise SystemExit("OLD and NEW: two folders with bin/giflab, or two JSON files")
    (compare_files if kinds[0] else compare_builds)(asked)


if __name__ == "__main__":
    main()
