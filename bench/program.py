"""Runs the built program and says what that took."""

import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
KITH = os.environ.get("KITH", str(ROOT / "build/release/kith"))


@dataclasses.dataclass
class Run:
    wall_s: float    # from start to exit
    cpu_s: float     # of all its threads
    peak_mib: float  # most memory resident
    start_s: float   # from start to the record of round 0
    networks: list   # the records "event": "network"
    nodes: list      # the records "event": "evaluation"


@dataclasses.dataclass
class Command:
    wall_s: float
    cpu_s: float
    peak_mib: float
    output: str


def command(*words, of=KITH):
    """Runs a command of the program to its end."""
    with tempfile.TemporaryFile() as output:
        begin_s = time.monotonic()
        process = subprocess.Popen([of, *map(str, words)], stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.monotonic() - begin_s
        if status != 0:
            raise SystemExit(f"{of} failed on {' '.join(map(str, words))}")
        output.seek(0)
        return Command(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024,
                       output.read().decode())


def run(config, *arguments):
    """Runs `config`, a dict, in a folder of its own, which is removed."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="kith-bench-"))
    try:
        (folder / "run.json").write_text(json.dumps(config))
        metrics = folder / "out/metrics-0.jsonl"
        started = []
        begin_s = time.monotonic()
        process = subprocess.Popen([KITH, "run", str(folder / "run.json"), "--out",
                                    str(folder / "out"), "--quiet", *arguments])
        watching = threading.Event()

        def watch():
            while not watching.wait(0.001):
                if metrics.exists() and metrics.stat().st_size > 0:
                    started.append(time.monotonic() - begin_s)
                    return

        watcher = threading.Thread(target=watch)
        watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.monotonic() - begin_s
        watching.set()
        watcher.join()
        if status != 0:
            raise SystemExit(f"{KITH} failed on {json.dumps(config)}")
        with open(metrics) as lines:
            records = [json.loads(line) for line in lines]
        by_event = {event: [record for record in records if record["event"] == event]
                    for event in ("network", "evaluation")}
        return Run(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024,
                   started[0] if started else wall_s, by_event["network"],
                   by_event["evaluation"])
    finally:
        shutil.rmtree(folder)


class Report:
    """Lines of figures with their targets."""

    def __init__(self):
        self.reached = True

    def line(self, what, value, unit, target=None, note=""):
        """`target` is the most that `value` may be."""
        text = f"{what:<58} {value:10.4g} {unit:<8}"
        if target is not None:
            self.reached &= value <= target
            text += f" <= {target:<6g} {'reached' if value <= target else 'MISSED'}"
        print(text + (f"   {note}" if note else ""), flush=True)
