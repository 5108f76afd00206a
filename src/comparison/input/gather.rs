//! All files together: one outcome, one direction, each programme once.

use super::{
    Ask, Better, File, GoodFrom, InputError, LeftOut, Place, Problem, Read, Reason, Series, Source,
    SourceKind, Used, report, series, table,
};
use std::collections::BTreeMap;

/// What the files hold about one outcome. Used and left out together are all rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Gathered {
    /// The outcome.
    pub outcome: String,
    /// Which direction is good.
    pub better: Better,
    /// Who said so.
    pub better_from: GoodFrom,
    /// The files.
    pub sources: Vec<Source>,
    /// Results to compare, by name.
    pub used: Vec<Used>,
    /// Results that cannot be, by name.
    pub left_out: Vec<LeftOut>,
    /// Programmes with several results over time, by name.
    pub series: Vec<Series>,
}

/// Name of an outcome where no file gives one.
const UNNAMED: &str = "the outcome";

/// Reads every file and sorts its rows into used and left out.
///
/// # Errors
/// The first row that breaks a rule; outcomes mixed; results that contradict each other; nothing usable.
pub fn gather(files: &[File<'_>], ask: &Ask) -> Result<Gathered, InputError> {
    if files.is_empty() {
        return Err(everywhere(Problem::NoFiles));
    }
    let (sources, mut rows, also) = read_all(files, ask.outcome.as_deref())?;
    one_name(&mut rows, ask);
    let outcome = outcome(&rows, &also, ask.outcome.as_deref())?;
    let total = rows.len();
    let mut left_out = Vec::new();
    let mut fit = Vec::new();
    for row in rows {
        let other = row.outcome.as_ref().filter(|o| !same(o, &outcome));
        let reason = match (other, &row.found) {
            (Some(o), _) => Some(Reason::AnotherOutcome { outcome: o.clone() }),
            (None, Err(reason)) => Some(reason.clone()),
            (None, Ok(_)) => None,
        };
        fit.push((row, reason));
    }
    contradictions(&fit)?;
    let (better, better_from) = direction(&fit, &outcome, ask.better)?;
    let mut kept: Vec<Read> = Vec::new();
    // The same rows in another order must end in the same place.
    fit.sort_by(|(a, _), (b, _)| key(a).cmp(&key(b)));
    for (row, reason) in fit {
        let again = || kept.iter().find(|k| repeats(k, &row));
        let reason = reason.or_else(|| {
            again().map(|k| Reason::Duplicate {
                of: k.place.clone(),
            })
        });
        match reason {
            Some(reason) => left_out.push(leave(row, reason)),
            None => kept.push(row),
        }
    }
    let series = series::of(&kept);
    if !ask.keep_parts {
        kept = whole_programmes(kept, &mut left_out);
    }
    left_out.sort_by(|a, b| (fold(&a.name), &a.place).cmp(&(fold(&b.name), &b.place)));
    if kept.is_empty() {
        let reasons = tally(left_out.iter().map(|l| l.reason.code().to_owned()));
        return Err(everywhere(Problem::NothingUsable {
            rows: total,
            reasons,
        }));
    }
    Ok(Gathered {
        outcome,
        better,
        better_from,
        sources,
        used: names_apart(kept.into_iter().filter_map(used).collect()),
        left_out,
        series,
    })
}

fn everywhere(problem: Problem) -> InputError {
    InputError {
        file: String::new(),
        row: None,
        column: None,
        problem,
    }
}

/// Calls an outcome that is the same by one name: the one asked for, or that of the first report.
fn one_name(rows: &mut [Read], ask: &Ask) {
    let of_report = || {
        rows.iter()
            .find(|r| r.report)
            .and_then(|r| r.outcome.clone())
    };
    let Some(name) = ask.outcome.clone().or_else(of_report) else {
        return;
    };
    for row in rows {
        if let Some(outcome) = &mut row.outcome
            && ask.same_as.iter().any(|s| same(s, outcome))
        {
            outcome.clone_from(&name);
        }
    }
}

/// Sources, rows, and the outcomes that reports have beside their primary one.
type All = (Vec<Source>, Vec<Read>, Vec<String>);

fn read_all(files: &[File<'_>], asked: Option<&str>) -> Result<All, InputError> {
    let (mut sources, mut rows, mut also) = (Vec::new(), Vec::new(), Vec::new());
    for file in files {
        let mut source = Source {
            file: file.name.to_owned(),
            kind: SourceKind::Table,
            rows: 1,
            study: None,
            spec_digest: None,
        };
        if report::looks_like(*file) {
            let report = report::read(*file, asked)?;
            let before = sources.iter().find_map(|s: &Source| s.study.clone());
            if let Some(other) = before.filter(|other| *other != report.study) {
                return Err(InputError {
                    file: file.name.to_owned(),
                    row: None,
                    column: Some("study.id".into()),
                    problem: Problem::OtherStudy {
                        found: report.study,
                        other,
                    },
                });
            }
            source.kind = SourceKind::Report;
            source.study = Some(report.study);
            source.spec_digest = Some(report.spec_digest);
            also.extend(report.outcomes);
            rows.push(report.read);
        } else {
            let read = table::read(*file)?;
            source.rows = read.len();
            rows.extend(read);
        }
        sources.push(source);
    }
    Ok((sources, rows, also))
}

pub(super) fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}

fn same(a: &str, b: &str) -> bool {
    fold(a) == fold(b)
}

/// `a (3), b (1)`, by name.
fn tally(of: impl Iterator<Item = String>) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for one in of {
        *counts.entry(one).or_default() += 1;
    }
    let parts: Vec<String> = counts.iter().map(|(o, n)| format!("{o} ({n})")).collect();
    parts.join(", ")
}

fn outcome(rows: &[Read], also: &[String], asked: Option<&str>) -> Result<String, InputError> {
    let mut present: Vec<&String> = rows.iter().filter_map(|r| r.outcome.as_ref()).collect();
    present.sort_by_key(|o| fold(o));
    let listed = || tally(present.iter().map(|o| (*o).clone()));
    match asked {
        Some(asked) => match present.iter().find(|o| same(o, asked)) {
            Some(found) => Ok((*found).clone()),
            None if present.is_empty() => Ok(asked.trim().to_owned()),
            None => {
                let all = present.into_iter().chain(also).cloned();
                Err(everywhere(Problem::NoSuchOutcome(tally(all))))
            }
        },
        None => {
            let first = present.first().map(|o| (*o).clone());
            match first {
                None => Ok(UNNAMED.to_owned()),
                Some(first) if present.iter().all(|o| same(o, &first)) => Ok(first),
                Some(_) => Err(everywhere(Problem::MixedOutcomes(listed()))),
            }
        }
    }
}

/// The same programme, outcome and date with other numbers cannot both be true. Reports are told apart
/// by their designs and have no dates.
fn contradictions(rows: &[(Read, Option<Reason>)]) -> Result<(), InputError> {
    let mut seen: BTreeMap<(String, String, String), &Read> = BTreeMap::new();
    let some = |r: &Read| matches!(r.found, Err(Reason::SomeOnly));
    for (row, _) in rows.iter().filter(|(r, _)| !r.report && !some(r)) {
        let part = |t: &Option<String>| t.as_deref().map_or(String::new(), fold);
        let key = (fold(&row.name), part(&row.outcome), part(&row.published));
        let Some(first) = seen.get(&key) else {
            seen.insert(key, row);
            continue;
        };
        if first.numbers != row.numbers {
            return Err(InputError {
                file: row.place.file.clone(),
                row: Some(row.place.row),
                column: None,
                problem: Problem::Contradiction {
                    file: first.place.file.clone(),
                    row: first.place.row,
                },
            });
        }
    }
    Ok(())
}

fn direction(
    rows: &[(Read, Option<Reason>)],
    outcome: &str,
    asked: Option<Better>,
) -> Result<(Better, GoodFrom), InputError> {
    if let Some(good) = asked {
        return Ok((good, GoodFrom::Asked));
    }
    let about = |r: &&(Read, Option<Reason>)| !matches!(r.1, Some(Reason::AnotherOutcome { .. }));
    let mut said = rows.iter().filter(about).filter_map(|(r, _)| r.good);
    if let Some(first) = said.next() {
        return match said.all(|g| g == first) {
            true => Ok((first, GoodFrom::Files)),
            false => Err(everywhere(Problem::DirectionsDiffer)),
        };
    }
    let name = fold(outcome).replace('-', "");
    let offending = ["reoffen", "reconvi", "offence", "custody", "reimprison"];
    match offending.iter().any(|w| name.contains(w)) {
        true => Ok((Better::Lower, GoodFrom::Name)),
        false => Err(everywhere(Problem::DirectionUnknown)),
    }
}

/// What rows are ordered by before anything is done with them.
fn key(r: &Read) -> (String, &str, Option<&String>, &str, &Place) {
    let name = fold(&r.name);
    (name, &r.name, r.published.as_ref(), &r.numbers, &r.place)
}

/// The same result again: a row repeated, or a report of the very same design.
fn repeats(a: &Read, b: &Read) -> bool {
    let dated = a.published == b.published && same(&a.name, &b.name);
    a.numbers == b.numbers && a.report == b.report && (dated || a.report)
}

fn leave(row: Read, reason: Reason) -> LeftOut {
    LeftOut {
        name: row.name,
        place: row.place,
        reason,
    }
}

/// Whose programme it is: the name without what stands in brackets or after a dash.
/// A report whose programme is not known is one of its own.
fn owner(row: &Read) -> String {
    let mut name = fold(&row.name);
    if row.report {
        match &row.programme {
            Some(programme) => name = fold(programme),
            None => return format!("report {}", row.place.file),
        }
    }
    let end = [" (", " - ", " \u{2013} "]
        .iter()
        .filter_map(|mark| name.find(mark))
        .min();
    name[..end.unwrap_or(name.len())].trim().to_owned()
}

/// Of rows about one owner's programmes the widest: most people, then the smallest error.
fn whole_programmes(rows: Vec<Read>, left_out: &mut Vec<LeftOut>) -> Vec<Read> {
    let error = |r: &Read| r.found.as_ref().map_or(f64::INFINITY, |f| f.se);
    // By place in the list: two reports may have one name.
    let mut widest: BTreeMap<String, usize> = BTreeMap::new();
    for (i, row) in rows.iter().enumerate() {
        let best = widest.entry(owner(row)).or_insert(i);
        let wider = row
            .n_treatment
            .cmp(&rows[*best].n_treatment)
            .then(error(&rows[*best]).total_cmp(&error(row)));
        if wider.is_gt() {
            *best = i;
        }
    }
    let places: Vec<Place> = rows.iter().map(|r| r.place.clone()).collect();
    let mut kept = Vec::new();
    for (i, row) in rows.into_iter().enumerate() {
        match widest.get(&owner(&row)) {
            Some(&of) if of != i => {
                let of = places[of].clone();
                left_out.push(leave(row, Reason::PartOf { of }));
            }
            _ => kept.push(row),
        }
    }
    kept
}

fn used(row: Read) -> Option<Used> {
    let found = row.found.ok()?;
    Some(Used {
        name: row.name,
        kind: row.kind,
        published: row.published,
        place: row.place,
        n_treatment: row.n_treatment,
        n_comparison: row.n_comparison,
        estimate: found.estimate,
        se: found.se,
        rounding_se: found.rounding_se,
        interval: found.interval,
        provenance: found.provenance,
        note: found.note,
        clients: row.clients,
    })
}

/// One name a result: the date, and where that does not do the place, is put behind it.
fn names_apart(mut used: Vec<Used>) -> Vec<Used> {
    for by_date in [true, false] {
        let names: Vec<String> = used.iter().map(|u| u.name.trim().to_owned()).collect();
        for (i, u) in used.iter_mut().enumerate() {
            if names.iter().filter(|n| **n == names[i]).count() < 2 {
                continue;
            }
            match (by_date, &u.published) {
                (true, Some(date)) => u.name += &format!(" ({date})"),
                (true, None) => {}
                (false, _) => u.name += &format!(" ({}, row {})", u.place.file, u.place.row),
            }
        }
    }
    used
}
