//! The other faces: what is in the spreadsheets and the long table is in the JSON, and nothing else.

use super::fixtures::{self, *};
use calamine::{Data, Ods, Reader, Xlsx};
use counterpart::disclosure::findings::Findings;
use counterpart::report::{Face, Report};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Cursor;

/// Sheets by name, in order, their cells as a reader has them.
type Sheets = Vec<(String, Vec<Vec<Data>>)>;

fn cells<R: Reader<Cursor<Vec<u8>>>>(mut file: R) -> Sheets {
    let names = file.sheet_names();
    let read = |name: String| {
        let range = file.worksheet_range(&name).ok().unwrap();
        assert_eq!(
            range.start(),
            Some((0, 0)),
            "{name} begins in its first cell"
        );
        (name, range.rows().map(<[Data]>::to_vec).collect())
    };
    names.into_iter().map(read).collect()
}

fn xlsx(report: &Report) -> Sheets {
    let bytes = report.face(Face::Xlsx).unwrap();
    cells(Xlsx::new(Cursor::new(bytes)).unwrap())
}

fn ods(report: &Report) -> Sheets {
    let bytes = report.face(Face::Ods).unwrap();
    cells(Ods::new(Cursor::new(bytes)).unwrap())
}

/// The long table: a map from heading to cell for each row.
fn csv(report: &Report) -> Vec<BTreeMap<String, String>> {
    let bytes = report.face(Face::Csv).unwrap();
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    reader.deserialize().map(Result::unwrap).collect()
}

/// Every number below.
fn leaves(value: &Value, into: &mut Vec<f64>) {
    match value {
        Value::Number(n) => into.push(n.as_f64().unwrap()),
        Value::Array(list) => list.iter().for_each(|v| leaves(v, into)),
        Value::Object(map) => map.values().for_each(|v| leaves(v, into)),
        _ => {}
    }
}

fn released_numbers(report: &Report) -> Vec<f64> {
    let mut numbers = Vec::new();
    leaves(&serde_json::from_str(&report.json()).unwrap(), &mut numbers);
    numbers
}

fn numbers(sheets: &Sheets) -> Vec<f64> {
    let cells = sheets.iter().flat_map(|(_, rows)| rows).flatten();
    let number = |cell: &Data| match cell {
        Data::Float(x) => Some(*x),
        Data::Int(n) => Some(*n as f64),
        _ => None,
    };
    cells.filter_map(number).collect()
}

fn words(sheets: &Sheets) -> Vec<&str> {
    let cells = sheets.iter().flat_map(|(_, rows)| rows).flatten();
    cells
        .filter_map(|c| match c {
            Data::String(words) => Some(words.as_str()),
            _ => None,
        })
        .collect()
}

/// Under each policy there is.
fn reports(findings: &Findings) -> [Report; 2] {
    [
        Report::new(fixtures::released(findings.clone())),
        Report::new(fixtures::controlled(findings.clone())),
    ]
}

#[test]
fn no_number_is_in_a_face_that_is_not_in_the_json() {
    let mut seen = 0;
    for (name, findings) in all() {
        for report in reports(&findings) {
            let released = released_numbers(&report);
            for (face, found) in [
                ("xlsx", numbers(&xlsx(&report))),
                ("ods", numbers(&ods(&report))),
                (
                    "csv",
                    csv(&report)
                        .iter()
                        .flat_map(|r| ["value", "low", "high", "people"].map(|c| r[c].clone()))
                        .filter_map(|cell| (!cell.is_empty()).then(|| cell.parse().unwrap()))
                        .collect(),
                ),
            ] {
                for x in found {
                    seen += 1;
                    assert!(
                        released.contains(&x),
                        "{name}: {x} of {face} was not released"
                    );
                }
            }
        }
    }
    assert!(seen > 1_000, "{seen}");
}

#[test]
fn both_workbooks_hold_the_same_cells() {
    for (name, findings) in all() {
        for report in reports(&findings) {
            let (x, o) = (xlsx(&report), ods(&report));
            assert_eq!(x.len(), o.len(), "{name}");
            for ((sheet, x), (other, o)) in x.iter().zip(&o) {
                assert_eq!(sheet, other, "{name}");
                let said = |rows: &[Vec<Data>]| -> Vec<Vec<String>> {
                    let row = |r: &Vec<Data>| r.iter().map(ToString::to_string).collect();
                    rows.iter().map(row).collect()
                };
                assert_eq!(said(x), said(o), "{name}: {sheet}");
            }
        }
    }
}

#[test]
fn the_results_are_those_of_the_json() {
    for report in reports(&better()) {
        let json: Value = serde_json::from_str(&report.json()).unwrap();
        let outcome = &json["analyses"][0]["outcomes"][0];
        let sheets = xlsx(&report);
        let (_, rows) = sheets.iter().find(|(name, _)| name == "Results").unwrap();
        let head = rows
            .iter()
            .position(|r| r[0] == Data::String("Analysis".into()));
        let (head, first) = (&rows[head.unwrap()], &rows[head.unwrap() + 1]);
        let at = |heading: &str| {
            let column = head.iter().position(|c| *c == Data::String(heading.into()));
            first[column.unwrap_or_else(|| panic!("no column {heading}"))].clone()
        };
        for (heading, place) in [
            ("People in treatment group", "/treated/people"),
            ("Treatment group", "/treated/mean"),
            ("Comparison group", "/comparison/mean"),
            ("Difference", "/difference/estimate"),
            ("Difference, low", "/difference/ci_low"),
            ("Difference, high", "/difference/ci_high"),
        ] {
            let released = outcome.pointer(place).unwrap().as_f64().unwrap();
            assert_eq!(at(heading), Data::Float(released), "{heading}");
        }
        let long = csv(&report);
        let row = long.iter().find(|r| r["measure"] == "difference").unwrap();
        for (column, key) in [
            ("value", "estimate"),
            ("low", "ci_low"),
            ("high", "ci_high"),
        ] {
            let released = outcome["difference"][key].as_f64().unwrap();
            assert_eq!(row[column].parse::<f64>().unwrap(), released, "{column}");
        }
    }
}

#[test]
fn every_sheet_is_a_title_a_few_lines_and_one_full_table() {
    for (name, findings) in all() {
        for report in reports(&findings) {
            let sheets = xlsx(&report);
            let front: Vec<&str> = sheets.iter().take(3).map(|(n, _)| n.as_str()).collect();
            assert_eq!(front, ["Cover", "Contents", "Notes"]);
            for (sheet, rows) in &sheets[1..] {
                let said = Data::String("This worksheet contains one table.".into());
                assert_eq!(rows[1][0], said, "{name}: {sheet}");
                let full = |r: &[Data]| r.iter().all(|c| *c != Data::Empty);
                let head = rows.iter().position(|r| full(r)).unwrap();
                let headings: std::collections::BTreeSet<_> =
                    rows[head].iter().map(ToString::to_string).collect();
                assert_eq!(headings.len(), rows[head].len(), "{sheet}: headings differ");
                for row in &rows[head..] {
                    assert!(full(row), "{name}: a cell of {sheet} is empty");
                }
                for line in &rows[..head] {
                    assert!(line[1..].iter().all(|c| *c == Data::Empty), "{sheet}");
                }
            }
        }
    }
}

#[test]
fn the_contents_name_every_sheet_that_follows() {
    let report = Report::new(controlled(better()));
    let sheets = ods(&report);
    let named: Vec<&str> = sheets[2..].iter().map(|(n, _)| n.as_str()).collect();
    let (_, contents) = &sheets[1];
    let listed: Vec<String> = contents[3..].iter().map(|r| r[0].to_string()).collect();
    assert_eq!(listed, named);
}

#[test]
fn what_is_withheld_is_shorthand_and_the_notes_say_what_it_means() {
    let report = Report::new(controlled(too_small()));
    for sheets in [xlsx(&report), ods(&report)] {
        let (_, results) = sheets.iter().find(|(n, _)| n == "Results").unwrap();
        let row = results.last().unwrap();
        let marks = row.iter().filter(|c| **c == Data::String("[c]".into()));
        assert!(marks.count() >= 9, "{row:?}");
        assert!(row.iter().all(|c| !matches!(c, Data::Float(_))), "{row:?}");
        let (_, notes) = sheets.iter().find(|(n, _)| n == "Notes").unwrap();
        let explained = notes
            .iter()
            .any(|r| r[0] == Data::String("Shorthand [c]".into()));
        assert!(explained);
    }
    let long = csv(&report);
    let results: Vec<_> = long.iter().filter(|r| r["part"] == "results").collect();
    assert!(!results.is_empty());
    for row in results {
        assert!(
            row["value"].is_empty() && row["note"].starts_with("withheld"),
            "{row:?}"
        );
    }
}

#[test]
fn the_same_findings_give_the_same_bytes() {
    for (name, findings) in all() {
        for face in Face::ALL {
            let once = Report::new(controlled(findings.clone()))
                .face(face)
                .unwrap();
            let again = Report::new(controlled(findings.clone()))
                .face(face)
                .unwrap();
            assert!(once == again, "{name}: {face:?}");
            assert!(face.begins(&once), "{name}: {face:?} begins as its kind");
            assert_eq!(Face::named(face.file_name()), Some(face));
        }
    }
}

/// Titles that somebody with a study file could think of.
const HOSTILE: [&str; 9] = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "<script>alert(1)</script> & \"quotes\" ]]>",
    "#read(\"/etc/passwd\") #import \"x.typ\" $x$ *b* _i_ `c`",
    "\u{202e}\u{5d0}\u{5d1}\u{5d2} \u{627}\u{644}\u{639}\u{631}\u{628}\u{64a}\u{629}",
    "nul \u{0}, bell \u{7}, escape \u{1b}[31m, no character \u{ffff}",
];

/// The first words, one space between them.
fn plain(words: &str) -> String {
    let kept = |c: char| if c.is_control() { ' ' } else { c };
    let words: String = words.chars().map(kept).take(25).collect();
    words
        .replace('\u{ffff}', "")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Everything of a study that is free text, in those words.
pub fn hostile(title: &str) -> Findings {
    let mut f = better();
    f.study.title = title.into();
    f.study.id = title.into();
    for a in &mut f.analyses {
        a.title = title.into();
        a.pool = title.into();
        for o in &mut a.outcomes {
            o.label = title.into();
            o.phrase = title.into();
            o.unit = title.into();
        }
        for b in &mut a.balance {
            b.label = title.into();
        }
        for t in &mut a.design.propensity.terms {
            t.term = title.into();
        }
    }
    f
}

#[test]
fn words_are_never_formulae_nor_mark_up() {
    let long = "very long ".repeat(20_000);
    for title in HOSTILE.into_iter().chain([long.as_str()]) {
        for report in reports(&hostile(title)) {
            let bytes = report.face(Face::Xlsx).unwrap();
            let mut file = Xlsx::new(Cursor::new(bytes)).unwrap();
            for sheet in file.sheet_names() {
                let formulae = file.worksheet_formula(&sheet).unwrap();
                assert!(formulae.used_cells().next().is_none(), "{title}: {sheet}");
            }
            let bytes = report.face(Face::Ods).unwrap();
            let mut file = Ods::new(Cursor::new(bytes)).unwrap();
            for sheet in file.sheet_names() {
                let formulae = file.worksheet_formula(&sheet).unwrap();
                let any = formulae.used_cells().any(|(_, _, f)| !f.is_empty());
                assert!(!any, "{title}: {sheet}");
            }
            for sheets in [xlsx(&report), ods(&report)] {
                let there = words(&sheets)
                    .iter()
                    .any(|w| plain(w).starts_with(&plain(title)));
                assert!(there, "{title:?} is shown as it is");
            }
            let text = String::from_utf8(report.face(Face::Csv).unwrap()).unwrap();
            for record in csv::Reader::from_reader(text.as_bytes()).records() {
                for (i, cell) in record.unwrap().iter().enumerate() {
                    let number = cell.parse::<f64>().is_ok() && [5, 7, 8, 9, 10, 11].contains(&i);
                    let first = cell.chars().next().unwrap_or(' ');
                    assert!(number || !"=+-@\t\r".contains(first), "{cell}");
                }
            }
        }
    }
}

#[test]
fn the_long_table_is_as_its_standard_has_it() {
    let bytes = Report::new(controlled(better())).face(Face::Csv).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.ends_with("\r\n") && !text.starts_with('\u{feff}'));
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    let head = text.lines().next().unwrap();
    assert_eq!(
        head,
        "part,analysis,outcome,group,measure,value,unit,low,high,p,p_holm,people,note"
    );
}

#[test]
fn p_is_a_number_only_where_it_was_released_as_one() {
    let [open, closed] = reports(&better());
    let p = |report: &Report| {
        let long = csv(report);
        let row = long.iter().find(|r| r["measure"] == "difference").unwrap();
        row["p"].clone()
    };
    assert!(p(&open).parse::<f64>().is_ok());
    assert!(["<0.001", "<0.01", "<0.05", "0.05 or more"].contains(&p(&closed).as_str()));
}
