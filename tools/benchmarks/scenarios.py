"""What tools/bench suite runs: commands over files that are made here, and over the corpus where it is."""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Scenario:
    name: str
    about: str
    arguments: list  # of giflab, without --threads
    files: list = field(default_factory=list)
    skipped: str = ""  # why it cannot run here


class Maker:
    """Makes the pictures, once, in a folder that is kept: the same arguments give the same bytes."""

    def __init__(self, synthetic_gif, folder):
        self.program = synthetic_gif
        self.folder = Path(folder).resolve()  # run files look from their own folder
        self.folder.mkdir(parents=True, exist_ok=True)

    def gif(self, width, height, frames, kind, step=1):
        path = self.folder / f"{kind}-{width}x{height}x{frames}-{step}.gif"
        if not path.exists():
            unfinished = path.with_suffix(".part")
            size = [str(width), str(height), str(frames)]
            subprocess.run([self.program, str(unfinished), *size, kind, str(step)], check=True)
            os.replace(unfinished, path)
        return str(path)

    def run_file(self, name, pairs):
        path = self.folder / f"{name}.toml"
        text = "".join(f"[[inputs]]\nreference = {quoted(a)}\ndistorted = {quoted(b)}\n" for a, b in pairs)
        path.write_text(text + '[[outputs]]\nformat = "jsonl"\npath = "-"\n', encoding="utf-8")
        return str(path)


def quoted(path):
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'


def comparison(make, name, about, size, kind, metrics="default", step=24):
    pair = [make.gif(*size, kind), make.gif(*size, kind, step)]
    return Scenario(name, about, ["compare", "--format", "json", "--metrics", metrics, *pair], pair)


def corpus_pairs(corpus, prefix=""):
    """Every original of the corpus with each of its variants, in the order of their names."""
    pairs = []
    for folder in sorted((corpus / "pairs").glob(prefix + "*")):
        original = corpus / (folder.name + ".gif")
        if folder.is_dir() and original.exists():
            pairs += [(original, variant) for variant in sorted(folder.glob("*.gif"))]
    return pairs


def of_corpus(make, corpus, name, about, prefix="", every=1):
    pairs = corpus_pairs(corpus, prefix)[::every] if corpus else []
    if not pairs:
        return Scenario(name, about, [], skipped="there is no corpus beside the checkout (shared/corpus)")
    files = [str(path) for pair in pairs for path in pair]
    # Variants may differ in size from their originals.
    arguments = ["run", make.run_file(name, pairs), "--resize", "distorted:lanczos"]
    return Scenario(name, f"{about}: {len(pairs)} pairs", arguments, files)


def candidates(make, count):
    size = (320, 240, 24)
    original = make.gif(*size, "scene")
    made = [make.gif(*size, "scene", 2 + 2 * i) for i in range(count)]
    arguments = ["run", make.run_file(f"candidates-{count}", [(original, one) for one in made])]
    return Scenario("candidates", f"one original of 320x240, 24 frames, with {count} candidates", arguments,
                    [original, *made])


def every_scenario(make, corpus, quick):
    frames, of_text, of_screen = (5, 6, 10) if quick else (100, 30, 60)
    return [
        comparison(make, "small", "10 frames of 100x100", (100, 100, 10), "scene"),
        comparison(make, "text", f"{of_text} frames of 500x500: a scrolling page, with the metrics of text",
                   (500, 500, of_text), "text", "default,org.giflab.text"),
        comparison(make, "full-hd", f"{frames} frames of 1920x1080", (1920, 1080, frames), "scene"),
        comparison(make, "screen", f"a made-up recording of a window, 800x600, {of_screen} frames",
                   (800, 600, of_screen), "screen"),
        of_corpus(make, corpus, "recordings", "recordings of screens from the corpus", "screen-", 4 if quick else 1),
        of_corpus(make, corpus, "corpus", "the corpus", "", 34 if quick else 1),
        candidates(make, 5 if quick else 30),
    ]


def find_program(build):
    """giflab and synthetic_gif of a build; an error that says what is missing."""
    programs = [Path(build) / "bin" / name for name in ("giflab", "synthetic_gif")]
    for program in programs:
        if not program.exists():
            raise SystemExit(f"{program} is not there: build it with tools/build release program")
    return [str(program) for program in programs]


def find_corpus(root):
    corpus = Path(root).parent / "shared" / "corpus"
    return corpus if corpus.is_dir() else None


def has(program):
    return shutil.which(program) is not None
