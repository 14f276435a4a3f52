"""Programs run and measured: what the tools beside this file have in common. Python's standard library alone."""

import math
import os
import random
import signal
import time
from dataclasses import dataclass


@dataclass
class Cost:
    """What one run of a program took. Processor time and memory include its children that it waited for."""

    status: int  # exit code, or 128 + the signal
    wall: float  # seconds
    user: float
    system: float
    peak_bytes: int

    @property
    def cpu(self):
        return self.user + self.system


def run(command, output=os.devnull, errors=os.devnull, environment=None):
    """Runs a program, found on PATH, with what it prints in files.

    A child's peak memory begins at that of the process that starts it (execve keeps the larger), so this one must stay
    smaller than what it measures.
    """
    kept = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    files = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, output, kept, 0o644),
        (os.POSIX_SPAWN_OPEN, 2, errors, kept, 0o644),
    ]
    begun = time.monotonic()
    child = os.posix_spawnp(command[0], command, environment or os.environ, file_actions=files)
    try:
        _, status, used = os.wait4(child, 0)
    except BaseException:  # Ctrl-C: nothing stays behind
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    wall = time.monotonic() - begun
    code = os.waitstatus_to_exitcode(status)
    return Cost(code if code >= 0 else 128 - code, wall, used.ru_utime, used.ru_stime, used.ru_maxrss * 1024)


def percentile(values, share):
    """The smallest value that at least this share of the values does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def interval_of_median(values, resamples=2000, confidence=0.95):
    """Where the median lies, by the percentile bootstrap; the same values give the same interval."""
    draw = random.Random(1)
    medians = sorted(median(draw.choices(values, k=len(values))) for _ in range(resamples))
    outside = (1 - confidence) / 2
    return medians[int(outside * resamples)], medians[min(resamples - 1, int((1 - outside) * resamples))]


def machine():
    """What a reader has to know of where the figures are from."""
    about = {"cpu": "unknown", "cores": len(os.sched_getaffinity(0)), "kernel": os.uname().release}
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                about["cpu"] = line.split(":", 1)[1].strip()
                break
    with open("/proc/meminfo", encoding="utf-8") as file:
        about["memory_bytes"] = int(file.readline().split()[1]) * 1024
    about["load"] = os.getloadavg()[0]
    return about
