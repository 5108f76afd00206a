//! Which column holds which field, and the text of a field in a row.

use super::Field;
use super::mapping::{Assigned, Mapping, Place, name_of};
use super::saved::{Saved, letter};
use super::split::{self, DateOrder};
use super::synonyms::{Meaning, Rank};
use super::words::{harmless, meaning, squeeze};
use crate::cohort::cell;
use crate::cohort::problem::Problem;
use std::borrow::Cow;

/// Which column holds which field, and what was said of the rest.
pub(in crate::cohort) struct Columns {
    /// Row of the headings.
    pub row: u32,
    /// Columns in that row, blank ones at the end left off.
    pub count: usize,
    /// Cells in that row. A row with more has slipped; notes beside the list have not.
    pub width: usize,
    /// Where each field is, in the order of [`Field::ALL`].
    sources: [Option<Source>; Field::ALL.len()],
    /// How the numbers of a date are ordered, where a mapping says so.
    orders: [Option<DateOrder>; Field::ALL.len()],
    /// Two columns mean the same, or a mapping names what is not there.
    pub ambiguous: bool,
    /// Columns not read, as they may be shown: `column 4 (nationality)`.
    pub ignored: Vec<String>,
    /// How they were understood, as a mapping file.
    pub saved: String,
}

/// Where a field's text comes from.
#[derive(Clone, Copy)]
enum Source {
    Column(usize),
    /// The surname, or what is not the surname, of a whole name.
    WholeName(usize),
    /// Day, month and year.
    Parts([usize; 3]),
}

/// A column on the way to being placed.
struct Claim<'m> {
    at: usize,
    meaning: Meaning,
    rank: Rank,
    given: Option<&'m Assigned>,
}

impl Columns {
    /// Reads a heading row, as `mapping` says where it says anything; says what is wrong with it.
    pub fn read(
        row: u32,
        cells: &[&str],
        mapping: Option<&Mapping>,
        problems: &mut Vec<Problem>,
    ) -> Columns {
        let filled = |c: &&str| !cell::clean(c).is_empty();
        let last = cells.iter().rposition(filled);
        let mut columns = Columns {
            row,
            count: last.map_or(0, |at| at + 1),
            width: cells.len(),
            sources: [None; Field::ALL.len()],
            orders: [None; Field::ALL.len()],
            ambiguous: false,
            ignored: Vec::new(),
            saved: String::new(),
        };
        let given = columns.given(cells, mapping, problems);
        let claims = claims(&cells[..columns.count], &given);
        let placed = columns.place(&claims, problems);
        columns.derive(&placed, problems);
        columns.rest(cells, &given, &placed);
        columns
    }

    /// What the mapping says of each column. A heading that is not there, or there twice, is a problem.
    fn given<'m>(
        &mut self,
        cells: &[&str],
        mapping: Option<&'m Mapping>,
        problems: &mut Vec<Problem>,
    ) -> Vec<Option<&'m Assigned>> {
        let mut given = vec![None; cells.len()];
        for assigned in mapping.into_iter().flat_map(|m| &m.columns) {
            let places: Vec<usize> = match &assigned.place {
                Place::Position(at) => (*at < cells.len()).then_some(*at).into_iter().collect(),
                Place::Heading(_, heading) => (0..cells.len())
                    .filter(|&at| squeeze(cells[at]) == *heading)
                    .collect(),
            };
            match places.as_slice() {
                [at] => given[*at] = Some(assigned),
                _ if assigned.meaning.is_none() => {
                    places.iter().for_each(|&at| given[at] = Some(assigned))
                }
                found => {
                    self.ambiguous = true;
                    let what = match (&assigned.place, found.is_empty()) {
                        (Place::Heading(..), true) => "a heading that is not in the file",
                        (Place::Position(_), true) => "a column beyond the last of the file",
                        (_, false) => "a heading that stands above several columns",
                    };
                    problems.push(Problem::error(
                        self.row,
                        None,
                        format!("the mapping file names {what} (its line {})", assigned.line),
                        "correct that line of the mapping file, or the heading in the list",
                    ));
                }
            }
        }
        given
    }

    /// One column a meaning: as the mapping says, else what says so surely, else what is likely.
    fn place<'c, 'm>(
        &mut self,
        claims: &'c [Claim<'m>],
        problems: &mut Vec<Problem>,
    ) -> Vec<&'c Claim<'m>> {
        let mut placed: Vec<&Claim> = Vec::new();
        for claim in claims {
            if placed.iter().any(|p| p.meaning == claim.meaning) {
                continue;
            }
            let same = || claims.iter().filter(|c| c.meaning == claim.meaning);
            let best = |c: &&Claim| (c.given.is_none(), c.rank == Rank::Likely);
            let Some(chosen) = same().min_by_key(best) else {
                continue;
            };
            for other in same().filter(|c| c.at != chosen.at && best(c) == best(&chosen)) {
                self.ambiguity(chosen, other, problems);
            }
            placed.push(chosen);
        }
        for claim in &placed {
            if let (Meaning::Field(field), Rank::Likely, None) =
                (claim.meaning, claim.rank, claim.given)
            {
                let name = field.name();
                problems.push(Problem::warning(
                    self.row,
                    Some(&format!("column {}", claim.at + 1)),
                    format!("read as {name}, as no other column says so"),
                    format!("rename the column {name} if that is right; if not, add such a column"),
                ));
            }
        }
        placed
    }

    fn ambiguity(&mut self, first: &Claim, other: &Claim, problems: &mut Vec<Problem>) {
        self.ambiguous = true;
        let name = name_of(first.meaning);
        problems.push(Problem::error(
            self.row,
            Some(&format!("column {}", other.at + 1)),
            format!(
                "columns {} and {} both mean {name}",
                first.at + 1,
                other.at + 1
            ),
            format!(
                "keep the column that holds the participant's {name} and rename or delete the other"
            ),
        ));
    }

    /// Fields to their columns; a whole name and the parts of a birth date stand in where a field has
    /// no column of its own.
    fn derive(&mut self, placed: &[&Claim], problems: &mut Vec<Problem>) {
        let at = |wanted: Meaning| placed.iter().find(|c| c.meaning == wanted).map(|c| c.at);
        for claim in placed {
            if let Meaning::Field(field) = claim.meaning {
                self.sources[field as usize] = Some(Source::Column(claim.at));
                self.orders[field as usize] = claim.given.and_then(|g| g.order);
            }
        }
        if let (Some(d), Some(m), Some(y)) = (
            at(Meaning::DobDay),
            at(Meaning::DobMonth),
            at(Meaning::DobYear),
        ) {
            self.sources[Field::Dob as usize].get_or_insert(Source::Parts([d, m, y]));
        }
        let Some(whole) = at(Meaning::FullName) else {
            return;
        };
        let place = format!("column {}", whole + 1);
        let (forename, surname) = (self.has(Field::Forename), self.has(Field::Surname));
        let (rule, remedy) = match (forename, surname) {
            (true, true) => return,
            (false, true) => {
                self.sources[Field::Forename as usize] = Some(Source::Column(whole));
                (
                    "read as the forename, as there is a column for the surname and none for it",
                    "rename the column forename if that is right",
                )
            }
            _ => {
                for field in [Field::Forename, Field::Surname] {
                    self.sources[field as usize].get_or_insert(Source::WholeName(whole));
                }
                (
                    "one column for the whole name: what stands before a comma is read as the surname, else the last word",
                    "nothing to do if that is right; if not, make two columns, forename and surname",
                )
            }
        };
        problems.push(Problem::warning(self.row, Some(&place), rule, remedy));
    }

    /// The columns that are not read, and the mapping that says all this.
    fn rest(&mut self, cells: &[&str], given: &[Option<&Assigned>], placed: &[&Claim]) {
        let mut saved = Saved::new();
        for (at, heading) in cells[..self.count].iter().enumerate() {
            let claim = placed.iter().find(|c| c.at == at && self.reads(at));
            match (claim, given[at]) {
                (Some(claim), assigned) => {
                    saved.read(heading, claim.meaning, assigned);
                    continue;
                }
                (None, Some(assigned)) => saved.ignored(assigned),
                (None, None) => saved.unknown(at),
            }
            let place = format!("column {}", at + 1);
            let like = || meaning(heading).map(|(m, _)| format!("like {}", name_of(m)));
            self.ignored.push(match harmless(heading).or_else(like) {
                Some(words) => format!("{place} ({words})"),
                None => place,
            });
        }
        self.saved = saved.finish();
    }

    /// Is the column any field's?
    fn reads(&self, at: usize) -> bool {
        self.sources.iter().flatten().any(|source| match source {
            Source::Column(c) | Source::WholeName(c) => *c == at,
            Source::Parts(parts) => parts.contains(&at),
        })
    }

    /// Position of a field; of several columns, the first.
    pub fn position(&self, field: Field) -> Option<usize> {
        self.sources[field as usize].map(|source| match source {
            Source::Column(at) | Source::WholeName(at) => at,
            Source::Parts([day, ..]) => day,
        })
    }

    /// Is there a column for it?
    pub fn has(&self, field: Field) -> bool {
        self.sources[field as usize].is_some()
    }

    /// The text of a field in a row, cleaned; none when blank or without a column.
    pub fn text<'c>(&self, field: Field, cells: &[&'c str]) -> Option<Cow<'c, str>> {
        let clean = |at: usize| {
            let text = cell::clean(cells.get(at)?);
            (!cell::is_blank(&text)).then_some(text)
        };
        let text = match self.sources[field as usize]? {
            Source::Column(at) => match self.orders[field as usize] {
                None => clean(at),
                Some(order) => {
                    clean(at).map(|text| split::in_order(&text, order).map_or(text, Cow::Owned))
                }
            },
            Source::WholeName(at) => clean(at).map(|name| {
                let (forename, surname) = split::whole_name(&name);
                let part = if field == Field::Surname {
                    surname
                } else {
                    forename
                };
                Cow::Owned(part.to_owned())
            }),
            Source::Parts(parts) => {
                let part = |at: usize| clean(at).unwrap_or_default();
                let [day, month, year] = parts.map(part);
                Some(Cow::Owned(split::birth([&day, &month, &year])))
            }
        };
        text.filter(|t| !t.is_empty())
    }

    /// The letter of the column a problem is about, so that people find the cell.
    pub fn locate(&self, problems: &mut [Problem]) {
        let of_field = |name: &str| {
            let field = Field::ALL.into_iter().find(|f| f.name() == name)?;
            self.position(field)
        };
        let numbered = |name: &str| {
            name.strip_prefix("column ")?
                .parse::<usize>()
                .ok()?
                .checked_sub(1)
        };
        for p in problems {
            let named = p.column.as_deref();
            let at = named.and_then(|name| of_field(name).or_else(|| numbered(name)));
            p.letter = at.map(letter);
        }
    }
}

/// What each column means: as given, else as recognised.
fn claims<'m>(cells: &[&str], given: &[Option<&'m Assigned>]) -> Vec<Claim<'m>> {
    let claim = |(at, cell): (usize, &&str)| {
        let given = given[at];
        let (meaning, rank) = match given {
            Some(assigned) => (assigned.meaning?, Rank::Sure),
            None => meaning(cell)?,
        };
        Some(Claim {
            at,
            meaning,
            rank,
            given,
        })
    };
    cells.iter().enumerate().filter_map(claim).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_headings_are_repeated_only_when_every_word_is_harmless() {
        let cells = ["dob", "National group", "Winifred", "Case ref: 1181", ""];
        let mut problems = Vec::new();
        let columns = Columns::read(1, &cells, None, &mut problems);
        assert_eq!(
            columns.ignored,
            ["column 2 (national group)", "column 3", "column 4"]
        );
        assert_eq!(columns.count, 4);
        assert!(problems.is_empty());
        assert!(!columns.saved.contains("Winifred") && columns.saved.contains("Column C"));
    }
}
