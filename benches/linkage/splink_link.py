"""The same linkage by Splink (DuckDB): clean, train, link, best link per row of the cohort.

    python splink_link.py --register persons.parquet --cohort cohort.csv --out links.csv
                          [--save MODEL.json | --model MODEL.json]

Uses whichever of our columns both files have. Its own recommended comparisons, term-frequency
adjustments, the several blocking rules its guides advise for candidates and for training.
"""

import argparse
import re
import unicodedata
from pathlib import Path

import duckdb
import pandas as pd
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

# Pairs below it are nobody's best link but by chance; low, for the best F1 of any threshold.
LEAST_WEIGHT = -20

FIELDS = ["forename", "surname", "dob", "sex", "postcode", "pnc_id", "prison_number"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--register", type=Path, required=True)
    parser.add_argument("--cohort", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--save", type=Path, help="write the trained model there")
    parser.add_argument("--model", type=Path, help="use this trained model")
    args = parser.parse_args()
    connection = duckdb.connect()
    connection.execute("set threads = 2")
    api = DuckDBAPI(connection)
    fields = tables(connection, args.register, args.cohort)
    register, cohort = (api.register(name, dataset_display_name=f"the_{name}") for name in ("register", "cohort"))
    model = str(args.model) if args.model else settings(fields)
    linker = Linker([cohort, register], model, log_level=None)
    if not args.model:
        train(linker, fields)
    if args.save:
        linker.misc.save_model_to_json(str(args.save), overwrite=True)
    pairs = linker.inference.predict(threshold_match_weight=LEAST_WEIGHT)
    best(connection, pairs.physical_name, args.out)


def tables(connection, register, cohort):
    """Cleans both files alike into the tables `register` and `cohort`; the fields they share."""
    source = f"read_parquet('{register}')"
    if register.suffix == ".csv":
        source = f"read_csv('{register}', all_varchar = true)"
    held = {d[0] for d in connection.execute(f"select * from {source} limit 0").description}
    rows = pd.read_csv(cohort, dtype=str, keep_default_na=False)
    fields = [f for f in FIELDS if f in held and f in rows.columns]
    cleaned = pd.DataFrame({"unique_id": (rows.index + 2).astype(str)})
    for field in fields:
        cleaned[field] = rows[field].map(CLEAN[field])
    connection.register("cohort_rows", cleaned)
    connection.execute(f"create table cohort as select unique_id, {derived(fields)} from cohort_rows")
    connection.unregister("cohort_rows")
    in_sql = ", ".join(f"{SQL[f]} as {f}" for f in fields)
    connection.execute(
        f"create table register as select unique_id, {derived(fields)} from "
        f"(select cast(person_id as varchar) as unique_id, {in_sql} from {source})"
    )
    return fields


def derived(fields):
    return ", ".join(fields) + ", forename || ' ' || surname as full_name"


def name_of(text):
    """Small letters, no accents or marks; hyphens are spaces."""
    text = unicodedata.normalize("NFKD", text.strip().lower())
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = re.sub(r"[^\w\s-]", "", text)
    return re.sub(r"[\s-]+", " ", text).strip() or None


def forename_of(text):
    """Initials and names after the first are not the register's."""
    name = name_of(text)
    return name and re.sub(r" .$", "", name)


def dob_of(text):
    text = text.strip()
    if re.fullmatch(r"\d{8}", text):
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return text
    for form in ("%d/%m/%Y", "%d/%m/%y", "%d.%m.%Y", "%d-%m-%Y", "%d %b %Y"):
        day = pd.to_datetime(text, format=form, errors="coerce")
        if not pd.isna(day):
            year = day.year - 100 if day.year > 2020 else day.year
            return f"{year:04}-{day.month:02}-{day.day:02}"
    # 31 February, in digits.
    parts = re.fullmatch(r"(\d\d?)[/.-](\d\d?)[/.-](\d{4})", text)
    return f"{parts[3]}-{int(parts[2]):02}-{int(parts[1]):02}" if parts else None


def sex_of(text):
    return text.strip().upper()[:1] or None


def postcode_of(text):
    text = re.sub(r"\s", "", text.upper())
    unit = re.fullmatch(r"([A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})", text)
    return f"{unit[1]} {unit[2]}" if unit else text or None


def pnc_of(text):
    """Year of four digits, seven digits, the letter; anything else as it is."""
    text = re.sub(r"\s", "", text.upper())
    parts = re.fullmatch(r"(\d{2}|\d{4})/(\d{1,7})([A-Z]?)", text)
    if not parts:
        return text or None
    year = parts[1]
    if len(year) == 2:
        year = ("20" if int(year) < 40 else "19") + year
    return f"{year}/{int(parts[2]):07}{parts[3]}"


CLEAN = {
    "forename": forename_of,
    "surname": name_of,
    "dob": dob_of,
    "sex": sex_of,
    "postcode": postcode_of,
    "pnc_id": pnc_of,
    "prison_number": lambda text: re.sub(r"\s", "", text.upper()) or None,
}

NAME = (
    "nullif(trim(regexp_replace(regexp_replace(strip_accents(lower({0})), '[^\\w\\s-]', '', 'g'), "
    "'[\\s-]+', ' ', 'g')), '')"
)
# A register is kept in one form: only its names need care.
SQL = {
    "forename": NAME.format("forename"),
    "surname": NAME.format("surname"),
    "dob": "cast(dob as varchar)",
    "sex": "sex",
    "postcode": "postcode",
    "pnc_id": "cast(pnc_id as varchar)",
    "prison_number": "prison_number",
}


def name_comparison(field, other):
    """Splink's levels for a name, with one slip, an initial, half a double name, and the other
    name in its place."""
    return cl.CustomComparison(
        output_column_name=field,
        comparison_levels=[
            cll.NullLevel(field),
            cll.ExactMatchLevel(field, term_frequency_adjustments=True),
            level(f"{field}_l = {other}_r or {other}_l = {field}_r", "in the other's place"),
            cll.JaroWinklerLevel(field, 0.92),
            cll.DamerauLevenshteinLevel(field, 1),
            level(
                f"list_has_any(string_split({field}_l, ' '), string_split({field}_r, ' '))",
                "a part in common",
            ),
            cll.JaroWinklerLevel(field, 0.88),
            level(
                f"least(length({field}_l), length({field}_r)) = 1 and {field}_l[1] = {field}_r[1]",
                "initial",
            ),
            cll.JaroWinklerLevel(field, 0.7),
            cll.ElseLevel(),
        ],
    )


def level(condition, label):
    return {"sql_condition": condition, "label_for_charts": label}


def id_comparison(field):
    return cl.DamerauLevenshteinAtThresholds(field, [1, 2])


def dob_comparison():
    return cl.CustomComparison(
        output_column_name="dob",
        comparison_levels=[
            cll.NullLevel("dob"),
            cll.ExactMatchLevel("dob", term_frequency_adjustments=True),
            level(
                "substr(dob_l, 1, 4) = substr(dob_r, 1, 4) and substr(dob_l, 6, 2) "
                "= substr(dob_r, 9, 2) and substr(dob_l, 9, 2) = substr(dob_r, 6, 2)",
                "day and month changed about",
            ),
            cll.DamerauLevenshteinLevel("dob", 1),
            level(
                "substr(dob_l, 1, 4) = substr(dob_r, 1, 4) and "
                "(substr(dob_l, 6) = '01-01' or substr(dob_r, 6) = '01-01')",
                "the year, and 1 January",
            ),
            level("substr(dob_l, 6) = substr(dob_r, 6)", "same day of another year"),
            cll.DamerauLevenshteinLevel("dob", 2),
            level("substr(dob_l, 1, 4) = substr(dob_r, 1, 4)", "same year"),
            cll.ElseLevel(),
        ],
    )


def postcode_comparison(british):
    """Levels of sector, district and area are Britain's."""
    if not british:
        return cl.DamerauLevenshteinAtThresholds("postcode", [1, 2])
    sector, district, area = (
        [f"regexp_extract(postcode_{side}, '{regex}')" for side in "lr"]
        for regex in (
            cl.PostcodeComparison.SECTOR_REGEX,
            cl.PostcodeComparison.DISTRICT_REGEX,
            cl.PostcodeComparison.AREA_REGEX,
        )
    )
    same = [f"{l} = {r} and {l} != ''" for l, r in (sector, district, area)]
    return cl.CustomComparison(
        output_column_name="postcode",
        comparison_levels=[
            cll.NullLevel("postcode"),
            cll.ExactMatchLevel("postcode"),
            cll.DamerauLevenshteinLevel("postcode", 1),
            level(same[0], "sector"),
            level(same[1], "district"),
            level(same[2], "area"),
            cll.ElseLevel(),
        ],
    )


def settings(fields):
    comparisons = {
        "forename": name_comparison("forename", "surname"),
        "surname": name_comparison("surname", "forename"),
        "dob": dob_comparison(),
        "sex": cl.ExactMatch("sex"),
        "postcode": postcode_comparison("sex" in fields),
        "pnc_id": id_comparison("pnc_id"),
        "prison_number": id_comparison("prison_number"),
    }
    return SettingsCreator(
        link_type="link_only",
        comparisons=[comparisons[f] for f in fields],
        blocking_rules_to_generate_predictions=candidates(fields),
        retain_matching_columns=False,
        em_convergence=0.0001,
        max_iterations=100,
    )


def candidates(fields):
    """Wide: on these files it is the candidates left out, not the weights, that cost recall."""
    swapped = (
        "l.dob = substr(r.dob, 1, 4) || '-' || substr(r.dob, 9, 2) || '-' || substr(r.dob, 6, 2)"
    )
    rules = [
        block_on("dob"),
        block_on("forename", "surname"),
        "l.forename = r.surname and l.surname = r.forename",
        block_on("surname", "substr(dob, 1, 4)"),
        block_on("surname", "substr(dob, 6, 5)"),
        block_on("forename", "substr(dob, 1, 7)"),
        block_on("forename", "substr(dob, 6, 5)"),
        block_on("forename", "substr(dob, 1, 4)", "substr(dob, 9, 2)"),
        swapped + " and substr(l.surname, 1, 1) = substr(r.surname, 1, 1)",
        block_on("substr(forename, 1, 3)", "substr(surname, 1, 3)", "substr(dob, 1, 4)"),
    ]
    if "postcode" in fields:
        rules += [
            block_on("postcode"),
            block_on("surname", "substr(forename, 1, 1)", "substr(postcode, 1, 3)"),
        ]
    rules += [block_on(f) for f in ("pnc_id", "prison_number") if f in fields]
    return rules


def train(linker, fields):
    certain = [block_on("forename", "surname", "dob")]
    if "pnc_id" in fields:
        certain.append(block_on("pnc_id", "surname"))
    if "postcode" in fields:
        certain += [block_on("postcode", "dob"), block_on("postcode", "forename", "surname")]
    linker.training.estimate_probability_two_random_records_match(certain, recall=0.85)
    linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    sessions = [("dob",), ("forename", "surname")]
    if "postcode" in fields:
        sessions.append(("postcode",))
    for session in sessions:
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*session), record_sample_proportion=1.0
        )


def best(connection, pairs, out):
    columns = {d[0] for d in connection.execute(f"select * from {pairs} limit 0").description}
    weight = "match_weight" if "match_weight" in columns else "match_probability"
    # The cohort stands on one side or the other, by the alphabet of the tables' names.
    swap = "source_dataset_l = 'the_cohort'"
    connection.execute(
        f"""copy (
            with sided as (
                select case when {swap} then unique_id_l else unique_id_r end as row,
                       case when {swap} then unique_id_r else unique_id_l end as person_id,
                       match_probability as probability, {weight} as weight
                from {pairs})
            select row, person_id, probability from sided
            qualify row_number() over (partition by row order by weight desc, person_id) = 1
            order by cast(row as integer)
        ) to '{out}' (header, delimiter ',')"""
    )


if __name__ == "__main__":
    main()
