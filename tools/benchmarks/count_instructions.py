"""tools/count-instructions: a gate on instruction counts, which are the same however busy the machine is.

Short comparisons at level 1 with one thread run under valgrind's callgrind. Counted is what giflab and each of its
modules execute themselves, without the dynamic loader and libraries. A count that grew by more than the tolerance is a
failure; what got less is told, for --accept to put down.

The kernels choose their vectors by CPUID. Valgrind shows programs a processor of its own, which ends at AVX2, so AVX2
code runs wherever the real one has AVX2 too; elsewhere nothing is compared. The same goes where the build's compiler is
not the table's. Exit codes: 0 fine, 1 more instructions, 77 skipped for the reason that is printed.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import scenarios

ROOT = Path(__file__).resolve().parents[2]
TABLE = Path(__file__).with_name("instructions.json")
TOLERANCE = 0.03
SMALLEST = 200_000  # instructions: of fewer, the tolerance is of this many
UNUSED = 1_000  # what a module takes that is loaded and measures nothing
SKIPPED = 77

# All that giflab brings but lpips, whose weights are elsewhere, and ocr, nearly all of which is Tesseract's.
EVERY_METRIC = (
    "default,alpha,banding,blockiness,blur,butteraugli,cambi,classic,disposal,dither,edge_similarity,freezing,fsim,"
    "loop_seam,mdsi,noise,pumping,sharpness_ratio,spatial_information,ssimulacra2,temporal,temporal_information,text,"
    "texture_similarity,vif")

# Pictures small enough for seconds under valgrind, large enough that the work on pixels shows.
CASES = {
    "scene": (["--metrics", "default"], (112, 96, 3, "scene")),
    "screen": (["--metrics", EVERY_METRIC], (96, 96, 2, "screen")),
    "other size": (["--metrics", "ssim", "--resize", "distorted:lanczos"], (96, 64, 3, "text"), (64, 48, 3, "text")),
}


def skip(why):
    print(f"skipped: {why}")
    raise SystemExit(SKIPPED)


def compilers_of(binary):
    """As they have written themselves into a program or module: {"GCC: (Debian 12.2.0-14) 12.2.0"}."""
    told = subprocess.run(["readelf", "-p", ".comment", binary], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"\]\s+(\S.*)", told))


def compiler_of(build, giflab):
    """The one that everything is of: libraries that were linked in may bring others along."""
    modules = sorted((build / "lib" / "giflab" / "1").glob("*.so"))
    return "; ".join(sorted(set.intersection(*map(compilers_of, [giflab, *modules]))))


def has_avx2():
    return "avx2" in Path("/proc/cpuinfo").read_text(encoding="utf-8").split()


def counts_in(path, build):
    """{module: instructions of its own} of a callgrind file; what is not of the build goes uncounted."""
    names, counts = {}, Counter()
    module, of_callee = None, False
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if named := re.match(r"ob=\((\d+)\)(?: (.*))?$", line):
            if named[2]:
                names[named[1]] = named[2]
            module = names[named[1]]
        elif named := re.match(r"cob=\((\d+)\) (.*)$", line):
            names[named[1]] = named[2]
        elif line.startswith("calls="):
            of_callee = True  # the next line has what the callee took
        elif line[:1] in "+-*0123456789" and line:
            if not of_callee and module and Path(module).is_relative_to(build):
                counts[Path(module).stem] += int(line.split()[1])
            of_callee = False
    return counts


def count(giflab, build, make, case):
    how, first, *others = case
    second = others[0] if others else first
    files = [make.gif(*first), make.gif(*second, 24)]
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C"}
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "callgrind")
        ended = subprocess.run(
            ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={told}", giflab, "compare", "--quiet",
             "--in-process", "--opt-level", "1", "--threads", "1", "--device", "cpu", *how, *files],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        if ended.returncode != 0:
            raise SystemExit(f"giflab under valgrind ended with {ended.returncode}: {ended.stderr.strip()}")
        counts = counts_in(told, build)
        return {module: counts[module] for module in sorted(counts) if counts[module] > UNUSED}


def judge(case, before, now):
    """Lines of what changed, and whether something grew."""
    lines, grew = [], False
    for module in sorted(before.keys() | now.keys()):
        was, is_now = before.get(module, 0), now.get(module, 0)
        allowed = TOLERANCE * max(was, SMALLEST)
        if abs(is_now - was) <= allowed:
            continue
        grew |= is_now > was
        change = f"{100 * (is_now / was - 1):+.1f} %" if was else "new"
        word = "MORE" if is_now > was else "less"
        lines.append(f"{word}: {case}: {module}: {is_now:,} instructions, {was:,} before ({change})")
    return lines, grew


def options():
    parser = argparse.ArgumentParser(prog="tools/count-instructions", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release", help="folder with bin/giflab")
    parser.add_argument("--accept", action="store_true", help="put the counts down as those to keep to")
    parser.add_argument("--table", type=Path, default=TABLE)
    return parser.parse_args()


def main():
    asked = options()
    build = asked.build.resolve()
    giflab, synthetic_gif = scenarios.find_program(build)
    for needed in ("valgrind", "readelf"):
        if not scenarios.has(needed):
            skip(f"{needed} is not installed")
    if not has_avx2():
        skip("this processor has no AVX2, for which the counts are")
    compiler = compiler_of(build, giflab)
    kept = json.loads(asked.table.read_text(encoding="utf-8")) if asked.table.exists() else None
    if not asked.accept:
        if not kept:
            skip(f"{asked.table} is not there: --accept writes it")
        if kept["compiler"] != compiler:
            skip(f"the counts are of {kept['compiler']}, this build is of {compiler}")
    make = scenarios.Maker(synthetic_gif, build / "benchmarks")
    counted = {name: count(giflab, build, make, case) for name, case in CASES.items()}
    for name, counts in counted.items():
        print(f"{name}: {sum(counts.values()):,} instructions in {len(counts)} modules")
    if asked.accept:
        table = {"compiler": compiler, "counts": counted}
        asked.table.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
        return
    judged = [judge(name, kept["counts"].get(name, {}), counts) for name, counts in counted.items()]
    print("".join(line + "\n" for lines, _ in judged for line in lines), end="")
    if any(grew for _, grew in judged):
        print("If that is what the change costs, tools/count-instructions --accept puts it down.")
        sys.exit(1)


if __name__ == "__main__":
    main()
