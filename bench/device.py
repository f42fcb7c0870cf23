#!/usr/bin/env python3
"""Measures the kernels on a card beside copies on that card: `device.py BENCH_DEVICE`.

Prints a table, writes it to bench/results/<card>.md, and exits with 1 where a target is missed.
Without a card it exits with 7 and says so. torch.topk is measured too where this Python has a torch
that sees the card (`make cuda`, then .venv/bin/python bench/device.py …).
"""
import datetime
import pathlib
import re
import subprocess
import sys

RESULTS = pathlib.Path(__file__).resolve().parent / "results"

# The least bandwidth of a kernel, as a part of the copy's.
TARGETS = {r"mix, degree": 0.90, r"mix \+ momentum": 0.85}
TOP_K_TARGET = 5  # times as fast as torch.topk


def torch_topk_s():
    """Seconds of torch.topk of |x|, unsorted; None where there is no torch with a card."""
    try:
        import torch
    except ImportError:
        return None
    if not torch.cuda.is_available():
        return None
    x = torch.empty(25_000_000, device="cuda").uniform_(-1, 1)
    k = x.numel() // 100

    def call():
        return torch.topk(x.abs(), k, sorted=False)

    for _ in range(3):
        call()
    fastest = float("inf")
    for _ in range(10):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        call()
        end.record()
        end.synchronize()
        fastest = min(fastest, start.elapsed_time(end) / 1e3)
    return fastest


def target_of(name):
    return next((least for pattern, least in TARGETS.items() if re.match(pattern, name)), None)


def main():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} BENCH_DEVICE")
    done = subprocess.run([sys.argv[1]], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(done.returncode)
    card, *lines = done.stdout.splitlines()
    card = card.removeprefix("# ")
    rows, missed = [], []
    top_k_s = None
    for line in lines:
        name, size, kernel_s, copy_s = line.split("\t")
        kernel, copy = (int(size) / float(s) / 1e9 for s in (kernel_s, copy_s))
        least = target_of(name)
        reached = least is None or kernel / copy >= least
        if not reached:
            missed.append(name)
        if name.startswith("top-k"):
            top_k_s = float(kernel_s)
        rows.append(f"| {name} | {1e6 * float(kernel_s):.1f} | {kernel:.0f} | {copy:.0f} | "
                    f"{kernel / copy:.2f} | {'' if least is None else f'{least:.2f}'}"
                    f"{'' if reached else ' MISSED'} |")
    baseline = torch_topk_s()
    if baseline is None:
        top_k = "torch.topk: NOT MEASURED, this Python has no torch that sees the card."
    else:
        times = baseline / top_k_s
        top_k = (f"torch.topk(|x|, sorted=False) of the same size: {1e6 * baseline:.1f} µs; "
                 f"top-k is {times:.1f} times as fast (target {TOP_K_TARGET}).")
        if times < TOP_K_TARGET:
            missed.append("top-k against torch.topk")
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    table = "\n".join([
        f"# Kernels on {card}", "",
        f"Measured {now} by bench/device.py: vectors of 25,000,000 numbers; a call, the bytes that it",
        "must read and write at least a second, and those of a copy on the card of as many, in turns.",
        "Staging stands beside one copy between the card and pinned memory.",
        "", "| kernel | µs | GB/s | copy GB/s | ratio | target |", "|---|---|---|---|---|---|", *rows,
        "", top_k, ""])
    print(table)
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / (re.sub(r"[^a-z0-9]+", "-", card.lower()).strip("-") + ".md")
    file.write_text(table)
    print(f"written to {file}")
    if missed:
        sys.exit(f"Missing a target: {', '.join(missed)}")


if __name__ == "__main__":
    main()
