"""A table that R cannot hold on this machine: 10,000 participants against 5,000,000, 40 covariates,
from a Parquet file through `analyse` to the report. CPU and wall seconds and peak memory of the whole
process, by what the system counted for it.

    python3 benches/large.py --ours target/release/counterpart [--size 10000x5000000] [--tables DIR]

It measures and never judges.
"""

import argparse
import subprocess
import tempfile
from pathlib import Path

from peers import HERE, OUTCOME, TREATMENT, machine, run


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--ours", type=Path, default=HERE.parent / "target/release/counterpart")
    parser.add_argument("--size", default="10000x5000000", help="PEOPLExPOOL (default: %(default)s)")
    parser.add_argument("--tables", type=Path, default=HERE.parent / "target/bench-tables")
    args = parser.parse_args()
    ours, size = str(args.ours.resolve()), args.size
    table = args.tables / f"trial-{size}x40.parquet"
    if not table.exists():
        args.tables.mkdir(parents=True, exist_ok=True)
        people, pool = size.split("x")
        part = table.with_name("part.parquet")
        sizes = ["--people", people, "--pool", pool, "--covariates", "40", "--seed", "1"]
        subprocess.run([ours, "synth", "trial", *sizes, "--out", str(part)], check=True)
        part.rename(table)
    flags = ["--treatment", TREATMENT, "--outcome", f"{OUTCOME}:binary", "--outcome", "reoffences:count"]
    with tempfile.TemporaryDirectory() as out:
        command = [ours, "analyse", str(table), *flags, "--covariates", covariates(), "--out", out]
        usage, seconds, _ = run(command)
    cpu = usage.ru_utime + usage.ru_stime
    print(f"{size}, 40 covariates: {cpu:.1f} CPU seconds, {seconds:.1f} wall, "
          f"peak {usage.ru_maxrss / 1024:,.0f} MB ({machine()['model']})")


def covariates():
    """Two sets of twenty, as `synth trial` names them."""
    names = []
    for first in (0, 1):
        names += [f"number_{10 * first + k:02}" for k in range(1, 11)]
        names += [f"{kind}_{5 * first + k}" for kind in ("flag", "group") for k in range(1, 6)]
    return ",".join(names)


if __name__ == "__main__":
    main()
