"""How well people are found, ours and Splink's, on the same files, on this machine: accuracy,
calibration, bias, CPU seconds and peak memory of whole processes.

    python3 benches/linkage.py --ours target/release/counterpart [--register 1000000]
        [--cohort 10000] [--tasks febrl,synthetic,pooled] [--mixes typical,hard] [--pooled 3]
        [--splink PYTHON | --no-splink]
        [--tables DIR] [--json FILE]

Prints tables in Markdown. It measures and never judges: no number makes it fail.
"""

import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "target"
sys.path.insert(0, str(HERE / "linkage"))
import measure as measured_by  # noqa: E402
import tasks  # noqa: E402

SMALL = 200


def main():
    args = arguments()
    results = {}
    for name, folder in folders(args):
        print(f"{name}: counterpart", file=sys.stderr)
        runs = {"counterpart": ours(args.ours, folder)}
        if args.splink:
            print(f"{name}: Splink", file=sys.stderr)
            runs["Splink"] = splink(args.splink, folder)
        results[name] = runs
        if args.json:
            args.json.write_text(json.dumps(results, indent=2) + "\n")
    pooled = pooled_calibration(args) if "pooled" in args.tasks else {}
    if args.json:
        args.json.write_text(json.dumps(results | {"pooled": pooled}, indent=2) + "\n")
    print(as_markdown(results, pooled, args.pooled))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--ours", type=Path, default=TARGET / "release/counterpart")
    parser.add_argument("--register", type=int, default=1_000_000, help="people on the register")
    parser.add_argument("--cohort", type=int, default=10_000, help="people of the cohort")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--tasks", default="febrl,synthetic,pooled", help="(default: %(default)s)")
    parser.add_argument("--mixes", default=",".join(tasks.MIXES), help="(default: %(default)s)")
    parser.add_argument("--pooled", type=int, default=3, help="lists for the calibration of ours")
    parser.add_argument("--febrl", type=Path, default=TARGET / "febrl4", help="where its files are")
    parser.add_argument("--splink", type=Path, default=TARGET / "python-linkage/bin/python")
    parser.add_argument("--no-splink", dest="splink", action="store_const", const=None)
    parser.add_argument("--tables", type=Path, default=TARGET / "bench-linkage")
    parser.add_argument("--json", type=Path, help="also write the numbers there")
    args = parser.parse_args()
    if not args.ours.exists():
        parser.error(f"no {args.ours}: build it with cargo build --release")
    if args.splink and not args.splink.exists():
        parser.error(f"no {args.splink}: `make bench-linkage` installs Splink, --no-splink leaves it out")
    args.ours = args.ours.resolve()
    return args


def folders(args):
    """Name and folder of each task, its files made."""
    if "febrl" in args.tasks:
        for i, name in enumerate(tasks.FEBRL_TASKS):
            yield name, tasks.febrl4(name, args.febrl, args.tables / f"febrl4-{i}")
    if "synthetic" in args.tasks:
        for mix, with_ids in kinds(args):
            yield f"{args.cohort:,} x {args.register:,}, {kind(mix, with_ids)}", synthetic(
                args, args.seed, mix, with_ids
            )


def kinds(args):
    return [(mix, with_ids) for mix in args.mixes.split(",") for with_ids in (True, False)]


def kind(mix, with_ids):
    return f"{mix}, {'with' if with_ids else 'without'} ids"


def synthetic(args, seed, mix, with_ids):
    folder = args.tables / f"{mix}-{'ids' if with_ids else 'no-ids'}"
    return tasks.synthetic(args.ours, folder, args.cohort, args.register, seed, with_ids, mix)


def pooled_calibration(args):
    """Of our links alone, over the seeds after the one that is measured, each with a register and a list
    of its own."""
    people = {kind(*k): [] for k in kinds(args)}
    register = args.tables / "register"
    for seed in range(args.seed + 1, args.seed + 1 + args.pooled):
        print(f"seed {seed}: calibration", file=sys.stderr)
        shutil.rmtree(register, ignore_errors=True)
        for mix, with_ids in kinds(args):
            folder = synthetic(args, seed, mix, with_ids)
            if not register.exists():
                run([args.ours, "register", "import", "--persons", persons(folder), "--out", register])
            links = folder / "ours.csv"
            run([args.ours, "link", folder / "cohort.csv", "--register", register]
                + ["--threshold", "0.001", "--out", links])
            people[kind(mix, with_ids)] += measured_by.joined(folder / "truth.csv", links)
    return {name: measured_by.calibration_of(pool) for name, pool in people.items()}


def persons(folder):
    table = folder / "persons.parquet"
    return table if table.exists() else folder / "persons.csv"


def ours(binary, folder):
    """Imports; links, learning from the list itself; trains, and links by the model saved."""
    register, cohort = folder / "register", folder / "cohort.csv"
    shutil.rmtree(register, ignore_errors=True)
    link = [binary, "link", cohort, "--register", register, "--threshold", "0.001"]
    train = [binary, "link", "train", cohort, "--register", register, "--out"]
    model, links, again = folder / "model.toml", folder / "ours.csv", folder / "ours.saved.csv"
    steps = {
        "import": run([binary, "register", "import", "--persons", persons(folder), "--out", register]),
        "train and link": run([*link, "--out", links]),
        "train": run([*train, model]),
        "link by the saved model": run([*link, "--model", model, "--out", again]),
    }
    truth = folder / "truth.csv"
    return {
        "steps": steps,
        "trained": measured_by.measure(truth, links),
        "saved": measured_by.measure(truth, again),
        "small_wall_s": small(link, model, cohort, folder),
        "same_bytes": same_bytes(train, link, folder),
        "index_bytes": sum(f.stat().st_size for f in register.glob("*.index")),
    }


def small(link, model, cohort, folder):
    """Wall seconds for a charity's usual list against the index that is there: median of five."""
    few = folder / "few.csv"
    few.write_text("".join(cohort.read_text().splitlines(keepends=True)[: SMALL + 1]))
    command = [link[0], "link", few, *link[3:], "--model", model, "--out", folder / "few.links.csv"]
    return statistics.median(run(command)["wall_s"] for _ in range(5))


def same_bytes(train, link, folder):
    """SHA-256 of the model and of the links, by one thread and by two."""
    digests = []
    for threads in ("1", "2"):
        model, links = folder / f"model.{threads}.toml", folder / f"ours.{threads}.csv"
        run([*train, model], threads)
        run([*link, "--out", links], threads)
        digests.append([hashlib.sha256(f.read_bytes()).hexdigest() for f in (model, links)])
    return {"one": digests[0], "two": digests[1], "same": digests[0] == digests[1]}


def splink(python, folder):
    script = HERE / "linkage/splink_link.py"
    command = [python, script, "--register", persons(folder), "--cohort", folder / "cohort.csv"]
    model, links, again = folder / "splink.json", folder / "splink.csv", folder / "splink.saved.csv"
    steps = {
        "train and link": run([*command, "--out", links, "--save", model]),
        "link by the saved model": run([*command, "--out", again, "--model", model]),
    }
    truth = folder / "truth.csv"
    return {
        "steps": steps,
        "trained": measured_by.measure(truth, links),
        "saved": measured_by.measure(truth, again),
    }


def run(command, threads=None):
    """CPU seconds (children included), peak memory of the largest process, wall seconds."""
    environment = dict(os.environ)
    if threads:
        environment["RAYON_NUM_THREADS"] = threads
    log = TARGET / "bench-linkage.log"
    started = time.perf_counter()
    with open(log, "w", encoding="utf-8") as said:
        process = subprocess.Popen(
            [str(c) for c in command], stdout=said, stderr=said, env=environment
        )
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}\n{log.read_text()[-2000:]}")
    return {
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "rss_mb": usage.ru_maxrss / 1024,
        "wall_s": time.perf_counter() - started,
    }


def as_markdown(results, pooled, seeds):
    parts = [machine(), "### Accuracy", accuracy(results), "### Cost", cost(results), alone(results)]
    if not results:
        parts = [machine(), "", "", "", ""]
    for name, runs in results.items():
        sides = {side: run["trained"] for side, run in runs.items()}
        parts += [f"### {name}: calibration", measured_by.calibration_table(sides)]
        if "FEBRL" not in name:
            parts += ["Found, by group:", measured_by.groups_table(sides)]
            parts += ["Linked although on no register:", measured_by.absent_table(sides)]
    if pooled:
        about = f"### Calibration of counterpart, {seeds} seeds together"
        parts[5:5] = [about, measured_by.calibration_table(pooled)]
    return "\n\n".join(part for part in parts if part)


def machine():
    names = {l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")}
    return f"{', '.join(sorted(names)) or 'unknown processor'}, {os.cpu_count()} threads."


def accuracy(results):
    tables = []
    for name, runs in results.items():
        sides = {f"{name}: {side}": run["trained"] for side, run in runs.items()}
        tables.append(measured_by.accuracy_table(sides))
    if not tables:
        return ""
    # One heading for all.
    head, *rest = tables
    return "\n".join([head] + [line for t in rest for line in t.splitlines()[2:]])


def cost(results):
    lines = [
        "| task | tool | trained and linked: CPU s | peak MB | saved model: CPU s | peak MB |",
        "|---|---|---|---|---|---|",
    ]
    for name, runs in results.items():
        totals = {}
        for side, run in runs.items():
            whole = run["steps"]["train and link"]
            saved = run["steps"]["link by the saved model"]
            cpu, rss = whole["cpu_s"], whole["rss_mb"]
            totals[side] = (cpu, rss, saved["cpu_s"], saved["rss_mb"])
            row = f"{cpu:.1f} | {rss:.0f} | {saved['cpu_s']:.1f} | {saved['rss_mb']:.0f}"
            lines.append(f"| {name} | {side} | {row} |")
        if len(totals) == 2:
            ratios = (b / a for a, b in zip(totals["counterpart"], totals["Splink"]))
            lines.append(f"| | Splink's, times ours | {' | '.join(f'{r:.1f}' for r in ratios)} |")
    return "\n".join(lines)


def alone(results):
    lines = [
        "| task | index built once: CPU s | peak MB | index MB "
        f"| {SMALL} rows against it: wall s | one thread and two |",
        "|---|---|---|---|---|---|",
    ]
    for name, runs in results.items():
        run = runs["counterpart"]
        made = run["steps"]["import"]
        same = "same bytes" if run["same_bytes"]["same"] else "OTHER BYTES"
        lines.append(
            f"| {name} | {made['cpu_s']:.1f} | {made['rss_mb']:.0f} | {run['index_bytes'] / 1e6:.0f} "
            f"| {run['small_wall_s']:.2f} | {same} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
