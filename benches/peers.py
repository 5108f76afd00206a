"""Ours, R's MatchIt and scikit-learn on the same tables, on this machine, one after the other: CPU
seconds and peak memory of the whole process from CSV to estimate, and what part of theirs ours is.

    python3 benches/peers.py --ours target/release/counterpart [--sizes 2000x100000,2000x1000000]
                             [--repeat 3] [--tables DIR] [--json FILE]

Prints a table in Markdown. It measures and never judges: no time makes it fail. A peer that is not
installed is left out, with a sentence on how to install it.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SIZES = "2000x100000,2000x1000000,10000x1000000"
TREATMENT, OUTCOME = "treat", "reoffended"
REPLICATES, DESIGNS = 1_000, 10
# What a table holds beside the covariates.
NOT_COVARIATES = {"id", TREATMENT, OUTCOME, "reoffences", "days_to_first"}


def main():
    args = arguments()
    commands = {"counterpart": [str(args.ours.resolve())]}
    commands |= {name: command for name, command in peers().items() if command}
    results = []
    for size in args.sizes.split(","):
        people, pool = (int(n) for n in size.split("x"))
        table = make_table(args.ours.resolve(), args.tables, people, pool)
        covariates = covariates_of(table)
        for name, command in commands.items():
            print(f"{size}: {name}", file=sys.stderr)
            run = measure(full_command(name, command, table, covariates), args.repeat)
            results.append({"people": people, "pool": pool, "tool": name, **run})
    report = {"machine": machine(), "repeat": args.repeat, "results": results}
    if "MatchIt (R)" in commands:
        report["bootstrap"] = bootstrap(args)
    if args.json:
        args.json.write_text(json.dumps(report, indent=2) + "\n")
    print(as_markdown(report))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--ours", type=Path, default=HERE.parent / "target/release/counterpart")
    parser.add_argument("--sizes", default=SIZES, help="PEOPLExPOOL,... (default: %(default)s)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; the median counts")
    parser.add_argument("--tables", type=Path, default=HERE.parent / "target/bench-tables")
    parser.add_argument("--json", type=Path, help="also write the numbers there")
    args = parser.parse_args()
    if not args.ours.exists():
        parser.error(f"no {args.ours}: build it with cargo build --release")
    return args


def peers():
    """What can be run here; tells how to install the rest."""
    found = {"MatchIt (R)": None, "scikit-learn": None}
    if works(["Rscript", "-e", "library(MatchIt); library(sandwich)"]):
        found["MatchIt (R)"] = ["Rscript", str(HERE / "peers/matchit.R")]
    else:
        say("R is left out: apt-get install r-base-core r-cran-matchit r-cran-sandwich")
    if works([sys.executable, "-c", "import sklearn, pandas"]):
        found["scikit-learn"] = [sys.executable, str(HERE / "peers/sklearn_match.py")]
    else:
        say("Python is left out: python3 -m pip install scikit-learn pandas")
    return found


def works(command):
    if not shutil.which(command[0]):
        return False
    return subprocess.run(command, capture_output=True, env=environment()).returncode == 0


def make_table(ours, folder, people, pool):
    """The table of that size, made once and kept: seeded, so the same in every run."""
    folder.mkdir(parents=True, exist_ok=True)
    table = folder / f"trial-{people}x{pool}.csv"
    if not table.exists():
        part = table.with_suffix(".part")
        sizes = ["--people", str(people), "--pool", str(pool)]
        command = [ours, "synth", "trial", *sizes, "--seed", "1", "--out", part]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        part.rename(table)
    return table


def covariates_of(table):
    with table.open() as file:
        header = file.readline().strip().split(",")
    return [column for column in header if column not in NOT_COVARIATES]


def full_command(name, command, table, covariates):
    covariates = ",".join(covariates)
    if name != "counterpart":
        return [*command, str(table), TREATMENT, OUTCOME, covariates]
    flags = ["--treatment", TREATMENT, "--outcome", f"{OUTCOME}:binary"]
    return [*command, "analyse", str(table), *flags, "--covariates", covariates, "--out", "{out}"]


def bootstrap(args):
    """1,000 replicates of the whole design, the process from CSV to report, beside ten designs in R
    without the reading; one after the other, as often as the rest, the median counts."""
    people, pool = 2_000, 100_000
    table = make_table(args.ours.resolve(), args.tables, people, pool)
    covariates = covariates_of(table)
    print("bootstrap: 1,000 replicates beside 10 designs in R", file=sys.stderr)
    flags = ["--se", "bootstrap", "--replicates", str(REPLICATES)]
    ours = full_command("counterpart", [str(args.ours.resolve())], table, covariates) + flags
    script = str(HERE / "peers/matchit_designs.R")
    theirs = full_command("R", ["Rscript", script], table, covariates) + [str(DESIGNS)]
    cpu, designs = [], []
    for _ in range(args.repeat):
        cpu.append(measure(ours, 1)["cpu_s"])
        designs.append(json.loads(measure(theirs, 1)["said"])["cpu_s"] / DESIGNS)
    ours, one = statistics.median(cpu), statistics.median(designs)
    return {
        "people": people,
        "pool": pool,
        "replicates": REPLICATES,
        "cpu_s": ours,
        "r_design_cpu_s": round(one, 3),
        "r_designs": round(ours / one, 2),
    }


def measure(command, repeat):
    """Median CPU seconds (its own and the system's on its behalf) and peak memory of the process."""
    cpu, wall, peak = [], [], []
    for _ in range(repeat):
        with tempfile.TemporaryDirectory() as out:
            filled = [part.replace("{out}", out) for part in command]
            usage, seconds, said = run(filled)
        cpu.append(usage.ru_utime + usage.ru_stime)
        wall.append(seconds)
        peak.append(usage.ru_maxrss / 1024)
    return {
        "cpu_s": round(statistics.median(cpu), 3),
        "wall_s": round(statistics.median(wall), 3),
        "peak_mb": round(statistics.median(peak)),
        "said": said,
    }


def run(command):
    """Runs to the end and gives what the system counted for that child alone."""
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        started = time.monotonic()
        child = subprocess.Popen(command, stdout=stdout, stderr=stderr, env=environment())
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.monotonic() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        stdout.seek(0)
        stderr.seek(0)
        if child.returncode != 0:
            sys.exit(f"{command[0]} failed:\n{stderr.read().decode(errors='replace')}")
        last = stdout.read().decode(errors="replace").strip().splitlines()[-1:]
    return usage, seconds, last[0] if last and last[0].startswith("{") else None


def environment():
    """As a user would have it: numpy's library chooses its own kernels for this processor."""
    forced = {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"}
    return {name: value for name, value in os.environ.items() if name not in forced}


def machine():
    """What the numbers were measured on."""
    info = Path("/proc/cpuinfo")
    models = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines()
              if line.startswith("model name")] if info.exists() else []
    return {"cpus": os.cpu_count(), "model": models[0] if models else "unknown"}


def as_markdown(report):
    lines = [
        "| participants x pool | tool | CPU seconds | peak MB | CPU, ours = 1 | memory, ours = 1 |",
        "|---|---|--:|--:|--:|--:|",
    ]
    ours = {(r["people"], r["pool"]): r for r in report["results"] if r["tool"] == "counterpart"}
    for r in report["results"]:
        base = ours[r["people"], r["pool"]]
        lines.append(
            f"| {r['people']:,} x {r['pool']:,} | {r['tool']} | {r['cpu_s']:.2f} "
            f"| {r['peak_mb']:,} | {ratio(r['cpu_s'], base['cpu_s'])} "
            f"| {ratio(r['peak_mb'], base['peak_mb'])} |"
        )
    if made := report.get("bootstrap"):
        lines.append(
            f"\n{made['replicates']:,} bootstrap replicates of the whole design at {made['people']:,} x "
            f"{made['pool']:,}: {made['cpu_s']:.1f} CPU seconds, what R needs for "
            f"{made['r_designs']} designs ({made['r_design_cpu_s']:.2f} each)."
        )
    of = report["machine"]
    lines.append(f"\nMedian of {report['repeat']} on {of['cpus']} CPUs ({of['model']}).")
    return "\n".join(lines)


def ratio(theirs, ours):
    return f"{theirs / ours:.1f}" if ours else "-"


def say(sentence):
    print(sentence, file=sys.stderr)


if __name__ == "__main__":
    main()
