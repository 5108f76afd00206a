"""How well people were found: precision, recall, calibration and bias of a file of links, against
the truth.

    python3 benches/linkage/measure.py --truth truth.csv --links LINKS.csv [--json FILE]

Truth: columns row, person_id (empty when not on the register), and any that people are grouped by
(kind, sex, birth_year, heritage, blank). Links: columns row, person_id, probability, the best
candidate of each row; a row without one has an empty person_id or is left out. A link is correct
when its person_id is the true one.
"""

import argparse
import csv
import json
import math
from pathlib import Path

THRESHOLDS = (0.5, 0.9, 0.95, 0.99)
# Bins with fewer links than this say little: one link more moves them by 2 points or more.
LEAST_IN_A_BIN = 50
# The threshold at which who is found is compared between groups.
AT = 0.95


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--truth", type=Path, required=True)
    parser.add_argument("--links", type=Path, required=True)
    parser.add_argument("--json", type=Path, help="also write the numbers there")
    args = parser.parse_args()
    measured = measure(args.truth, args.links)
    if args.json:
        args.json.write_text(json.dumps(measured, indent=2) + "\n")
    print(as_markdown({"links": measured}))


def measure(truth_file, links_file):
    """All the numbers of one file of links."""
    people = joined(truth_file, links_file)
    return {
        "people": len(people),
        "on_register": sum(bool(p["true"]) for p in people),
        "thresholds": [at_threshold(people, t) for t in THRESHOLDS],
        "best": best_f1(people),
        **calibration_of(people),
        "groups": by_group(people),
        "false_links_of_the_absent": absent(people),
    }


def joined(truth_file, links_file):
    with open(links_file, newline="", encoding="utf-8") as file:
        links = {link["row"]: link for link in csv.DictReader(file)}
    people = []
    with open(truth_file, newline="", encoding="utf-8") as file:
        for person in csv.DictReader(file):
            link = links.get(person["row"], {})
            found = link.get("person_id") or ""
            person["true"] = person["person_id"]
            person["found"] = found
            person["p"] = float(link["probability"] or 0) if found else 0.0
            person["right"] = bool(found) and found == person["true"]
            people.append(person)
    unknown = links.keys() - {p["row"] for p in people}
    if unknown:
        raise SystemExit(f"{len(unknown)} rows of {links_file} are not in {truth_file}")
    return people


def scores(right, linked, on_register):
    precision = right / linked if linked else 1.0
    recall = right / on_register if on_register else 0.0
    f1 = 2 * right / (linked + on_register) if linked + on_register else 0.0
    return {"precision": precision, "recall": recall, "f1": f1, "linked": linked}


def at_threshold(people, threshold):
    linked = [p for p in people if p["found"] and p["p"] >= threshold]
    on_register = sum(bool(p["true"]) for p in people)
    return {"threshold": threshold} | scores(
        sum(p["right"] for p in linked), len(linked), on_register
    )


def best_f1(people):
    """Over every threshold, with the labels known: what the ranking alone could reach."""
    linked = sorted((p for p in people if p["found"]), key=lambda p: -p["p"])
    on_register = sum(bool(p["true"]) for p in people)
    best = {"threshold": 1.0} | scores(0, 0, on_register)
    right = 0
    for n, person in enumerate(linked, start=1):
        right += person["right"]
        if n < len(linked) and linked[n]["p"] == person["p"]:
            continue
        here = scores(right, n, on_register)
        if here["f1"] > best["f1"]:
            best = {"threshold": person["p"]} | here
    return best


def calibration_of(people):
    """The bins, and the largest error of one with links enough, with its standard error."""
    bins = calibrated(people)
    solid = [b for b in bins if b["n"] >= LEAST_IN_A_BIN]
    worst = max(solid, key=lambda b: abs(b["error"]), default=None)
    return {"calibration": bins, "worst_bin": worst}


def calibrated(people):
    """Ten bins of the stated probability, and the share that was right in each."""
    bins = [[] for _ in range(10)]
    for person in people:
        if person["found"]:
            bins[min(int(person["p"] * 10), 9)].append(person)
    rows = []
    for k, members in enumerate(bins):
        if not members:
            continue
        stated = sum(p["p"] for p in members) / len(members)
        true = sum(p["right"] for p in members) / len(members)
        # Of the share that is right, were every stated probability exact.
        variance = sum(p["p"] * (1 - p["p"]) for p in members)
        rows.append(
            {
                "from": k / 10,
                "to": (k + 1) / 10,
                "n": len(members),
                "stated": stated,
                "true": true,
                "error": stated - true,
                "standard_error": math.sqrt(variance) / len(members),
            }
        )
    return rows


def by_group(people):
    """Recall at 0.95 of those on the register, by what might make a difference."""
    groups = {}
    for person in people:
        if not person["true"]:
            continue
        for group in groups_of(person):
            groups.setdefault(group, []).append(person)
    rows = []
    for (by, value), members in sorted(groups.items()):
        n = len(members)
        found = sum(p["right"] and p["p"] >= AT for p in members)
        wrong = sum(bool(p["found"]) and not p["right"] and p["p"] >= AT for p in members)
        share = found / n
        rows.append(
            {
                "by": by,
                "value": value,
                "n": n,
                "recall": share,
                "standard_error": math.sqrt(share * (1 - share) / n),
                "wrong": wrong,
            }
        )
    return rows


def groups_of(person):
    if person.get("sex"):
        yield "sex", person["sex"]
    if person.get("birth_year"):
        age = 2021 - int(person["birth_year"])
        band = next((b for b in (25, 35, 50) if age < b), None)
        names = {25: "under 25", 35: "25 to 34", 50: "35 to 49", None: "50 and over"}
        yield "age in 2021", names[band]
    if person.get("heritage"):
        yield "names", person["heritage"]
    if person.get("kind"):
        yield "kind", person["kind"]
    if "blank" in person:
        for field in person["blank"].split("+"):
            yield "blank", field or "nothing"


def absent(people):
    """Links of people who are on no register, all of them false, by kind and threshold."""
    groups = {}
    for person in people:
        if not person["true"]:
            groups.setdefault(person.get("kind") or "absent", []).append(person)
            groups.setdefault("all", []).append(person)
    return [
        {
            "kind": kind,
            "n": len(members),
            # As many as the stated probabilities themselves lead one to expect, and as there are.
            "stated": sum(p["p"] for p in members),
            "linked": {
                str(t): sum(bool(p["found"]) and p["p"] >= t for p in members) for t in THRESHOLDS
            },
        }
        for kind, members in sorted(groups.items())
    ]


def as_markdown(runs):
    """Tables of several runs side by side: {name: measured}."""
    parts = [accuracy_table(runs), calibration_table(runs), groups_table(runs), absent_table(runs)]
    return "\n\n".join(part for part in parts if part)


def accuracy_table(runs):
    lines = [
        "| run | best F1 | " + " | ".join(f"at {t}: precision / recall" for t in THRESHOLDS) + " |",
        "|---" * (2 + len(THRESHOLDS)) + "|",
    ]
    for name, run in runs.items():
        cells = [f"{t['precision']:.4f} / {t['recall']:.4f}" for t in run["thresholds"]]
        lines.append(f"| {name} | {run['best']['f1']:.4f} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def calibration_table(runs):
    lines = [
        "| stated probability | "
        + " | ".join(f"{name}: stated / true ± s.e. (n)" for name in runs)
        + " |",
        "|---" * (1 + len(runs)) + "|",
    ]
    for k in range(10):
        cells = []
        for run in runs.values():
            bin_ = next((b for b in run["calibration"] if b["from"] == k / 10), None)
            cells.append(bin_cell(bin_))
        if any(cells):
            lines.append(f"| {k / 10:.1f} to {(k + 1) / 10:.1f} | " + " | ".join(cells) + " |")
    worst = [run["worst_bin"] for run in runs.values()]
    cells = [f"{abs(w['error']):.3f} ± {w['standard_error']:.3f}" if w else "" for w in worst]
    lines.append(f"| largest error, n >= {LEAST_IN_A_BIN} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def bin_cell(b):
    if not b:
        return ""
    return f"{b['stated']:.3f} / {b['true']:.3f} ± {b['standard_error']:.3f} ({b['n']})"


def groups_table(runs):
    first = next(iter(runs.values()))["groups"]
    if not first:
        return ""
    lines = [
        f"| found at {AT}, of those on the register | people | "
        + " | ".join(f"{name}: recall (± s.e.), wrong" for name in runs)
        + " |",
        "|---" * (2 + len(runs)) + "|",
    ]
    for i, group in enumerate(first):
        cells = []
        for run in runs.values():
            g = run["groups"][i]
            cells.append(f"{g['recall']:.3f} (± {g['standard_error']:.3f}), {g['wrong']}")
        name = f"{group['by']}: {group['value'].replace('_', ' ')}"
        lines.append(f"| {name} | {group['n']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def absent_table(runs):
    first = next(iter(runs.values()))["false_links_of_the_absent"]
    if not first:
        return ""
    lines = [
        "| not on the register | people | "
        + " | ".join(f"{name}: linked at 0.5 / 0.95 (sum of p)" for name in runs)
        + " |",
        "|---" * (2 + len(runs)) + "|",
    ]
    for i, group in enumerate(first):
        cells = []
        for run in runs.values():
            g = run["false_links_of_the_absent"][i]
            cells.append(f"{g['linked']['0.5']} / {g['linked']['0.95']} ({g['stated']:.1f})")
        lines.append(f"| {group['kind'].replace('_', ' ')} | {group['n']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
