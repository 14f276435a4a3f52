"""The page of tools/bench suite, and its plots: SVG, written as text."""

from html import escape

BAR, GAP, LEFT, WIDTH = 14, 4, 110, 640
COLOURS = ("#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#a463f2", "#9c6b4e", "#97bbf5", "#9498a0")


def milliseconds(seconds):
    return f"{1000 * seconds:.0f}" if seconds >= 0.01 else f"{1000 * seconds:.2f}"


def megabytes(count):
    return f"{count / 2**20:.0f}"


def markdown(head, rows):
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def table(result):
    head = ["scenario", "p50 ms", "p95", "p99", "CPU ms", "of it system", "peak MB", "1 thread, p50 ms", "its peak MB",
            "speed-up", "efficiency", "models: loads, hits"]
    rows = []
    for one in result["scenarios"]:
        many, single = one["all_threads"], one["one_thread"]
        rows.append([one["name"], *(milliseconds(many[key]) for key in (
            "wall_p50_s", "wall_p95_s", "wall_p99_s", "cpu_p50_s", "system_p50_s")), megabytes(many["peak_bytes"]),
            milliseconds(single["wall_p50_s"]), megabytes(single["peak_bytes"]), f"{one['speed_up']:.2f}",
            f"{one['efficiency']:.2f}", f"{one['model_loads']}, {one['model_hits']}"])
    return markdown(head, rows)


def caches(result):
    told = [one for one in result["scenarios"] if one["cache"]]
    if not told:
        return "This build tells nothing of a cache in its results.\n"
    return "".join(f"- {one['name']}: {one['cache']}\n" for one in told)


def bars(title, rows, unit):
    """Horizontal bars: rows of (label, [(series, value)])."""
    longest = max((value for _, series in rows for _, value in series), default=1) or 1
    height = 30 + sum(len(series) * BAR + GAP for _, series in rows)
    drawn, top = [], 24
    for label, series in rows:
        drawn.append(text(LEFT - 6, top + len(series) * BAR / 2 + 4, label, "end"))
        for i, (name, value) in enumerate(series):
            length = (WIDTH - LEFT - 90) * value / longest
            drawn.append(f'<rect x="{LEFT}" y="{top}" width="{length:.1f}" height="{BAR - 2}" fill="{COLOURS[i]}">'
                         f"<title>{escape(name)}</title></rect>")
            drawn.append(text(LEFT + length + 4, top + BAR - 4, f"{value:.3g} {unit} {name}"))
            top += BAR
        top += GAP
    return picture(title, drawn, height)


def stacks(title, rows):
    """One bar a row, all of one length, split by shares: rows of (label, {part: value})."""
    drawn, top = [], 24
    for label, parts in rows:
        whole, x = sum(parts.values()) or 1, LEFT
        drawn.append(text(LEFT - 6, top + 14, label, "end"))
        for i, (name, value) in enumerate(sorted(parts.items(), key=lambda part: -part[1])[: len(COLOURS)]):
            length = (WIDTH - LEFT - 10) * value / whole
            share = f"{name} {100 * value / whole:.0f} %"
            drawn.append(f'<rect x="{x:.1f}" y="{top}" width="{length:.1f}" height="20" fill="{COLOURS[i]}">'
                         f"<title>{escape(share)}</title></rect>")
            if length > 6 * len(share):
                drawn.append(text(x + 3, top + 14, share))
            x += length
        top += 26
    return picture(title, drawn, top + 6)


def text(x, y, words, anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def picture(title, drawn, height):
    body = "\n".join([text(LEFT, 15, title), *drawn])
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif" '
            f'font-size="11">\n<rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n')


def plots(result):
    """{what the file's name ends in: SVG}"""
    threads, all_of_them = result["threads"], result["scenarios"]
    wall = [(one["name"], [(f"{threads} threads", one["all_threads"]["wall_p50_s"]),
                           ("1 thread", one["one_thread"]["wall_p50_s"])]) for one in all_of_them]
    memory = [(one["name"], [("", one["all_threads"]["peak_bytes"] / 2**20)]) for one in all_of_them]
    stages = [(one["name"], short(one["stages"])) for one in all_of_them if one["stages"]]
    made = {"wall": bars("Wall time, median", wall, "s"), "memory": bars("Peak resident memory", memory, "MB")}
    if stages:
        made["stages"] = stacks("Where the time goes, all threads, without waiting", stages)
    return made


def short(stages):
    return {name.replace("org.giflab.", ""): value for name, value in stages.items() if name != "wait"}


def write(result, output):
    about = result["machine"]
    drawn = plots(result)
    for name, svg in drawn.items():
        output.with_name(f"{output.name}-{name}.svg").write_text(svg, encoding="utf-8")
    rounds = result["scenarios"][0]["all_threads"]["rounds"] if result["scenarios"] else 0
    lines = [
        f"# Whole runs: {about['cpu']}, {about['cores']} cores",
        "",
        f"{result['begun']} UTC, Linux {about['kernel']}, load {about['load']:.1f} at the beginning. {result['note']}",
        "",
        f"`tools/bench suite{' --quick' if result['quick'] else ''}`: {rounds} rounds over all scenarios, with "
        f"{result['threads']} threads and with one. p95 and p99 of so few are the largest or nearly. CPU is user and "
        "system time; efficiency is CPU / (threads x wall), the speed-up one thread's time over all threads' in the "
        "same round. Peak memory is the largest of all rounds.",
        "",
        table(result),
        *(f"![{name}]({output.name}-{name}.svg)" for name in drawn),
        "",
        "Scenarios:",
        "",
        *(f"- {one['name']}: {one['about']}; {one['pairs']} pairs of pictures" for one in result["scenarios"]),
        *(f"- {name}: skipped: {why}" for name, why in result["skipped"].items()),
        "",
        caches(result),
    ]
    output.with_suffix(".md").write_text("\n".join(lines), encoding="utf-8")
