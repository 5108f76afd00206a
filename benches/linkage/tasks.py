"""The files that are linked: FEBRL 4 in our columns, and synthetic ones of known truth.

Every task is a folder with persons.csv or persons.parquet, cohort.csv and truth.csv.
"""

import csv
import re
import subprocess

# What of FEBRL 4's columns becomes which of ours; its social security number stands in for the
# PNC id. Its addresses have no column here, for neither side.
FEBRL_COLUMNS = {
    "given_name": "forename",
    "surname": "surname",
    "date_of_birth": "dob",
    "postcode": "postcode",
    "soc_sec_id": "pnc_id",
}
FEBRL_TASKS = {
    "FEBRL 4": ["forename", "surname", "dob", "postcode", "pnc_id"],
    "FEBRL 4, names, birth date, postcode": ["forename", "surname", "dob", "postcode"],
    "FEBRL 4, names and birth date": ["forename", "surname", "dob"],
}


def febrl4(name, source, folder):
    """5,000 people and their 5,000 damaged copies (Christen 2008), with the fields of the task."""
    columns = FEBRL_TASKS[name]
    folder.mkdir(parents=True, exist_ok=True)
    held = list(febrl_rows(source / "dataset4a.csv"))
    known = list(febrl_rows(source / "dataset4b.csv"))
    write(folder / "persons.csv", ["person_id", *columns], ([i, *pick(r, columns)] for i, r in held))
    write(folder / "cohort.csv", columns, (pick(r, columns) for _, r in known))
    truth = ([n, i, "plain"] for n, (i, _) in enumerate(known, start=2))
    write(folder / "truth.csv", ["row", "person_id", "kind"], truth)
    return folder


def pick(row, columns):
    return [row[c] for c in columns]


def febrl_rows(file):
    """Number of the person, and the row in our columns."""
    with open(file, newline="", encoding="utf-8") as text:
        for row in csv.DictReader(text, skipinitialspace=True):
            ours = {our: row[their].strip() for their, our in FEBRL_COLUMNS.items()}
            day = ours["dob"]
            if len(day) == 8:
                ours["dob"] = f"{day[:4]}-{day[4:6]}-{day[6:]}"
            yield re.search(r"\d+", row["rec_id"])[0], ours


def write(file, header, rows):
    with open(file, "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


MIXES = ("typical", "hard")


def synthetic(ours, folder, people, register, seed, with_ids, mix):
    """Made by `counterpart synth linkage`; the register of a seed is the same whatever the list."""
    command = [ours, "synth", "linkage", "--people", people, "--register-people", register]
    command += ["--seed", seed, "--errors", mix, "--out", folder] + ([] if with_ids else ["--without-ids"])
    subprocess.run([str(c) for c in command], check=True)
    return folder
