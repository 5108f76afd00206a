//! What a register holds, in numbers that name nobody: dictionary, sizes, dates, completeness,
//! quality. No minima, no maxima, no value of an identifier; outcomes show completeness only,
//! because they stay shut until a design is fixed.

use super::dictionary::{Entry, Kind, Role, Table};
use super::parquet::{EVENT_DATE, IDENTIFIERS, PERSON_ID};
use super::{
    ColumnDescription, Description, Fact, ParquetRegister, PersonKey, RegisterError, convert, dates,
};
use crate::identity::{pnc, prison_number};
use crate::numeric::frame::{Column, MISSING};

/// Fewest values of which a mean or a quartile is shown.
const MIN_DESCRIBED: usize = 30;

/// Does an identifier hold to its rules?
type Rule = fn(&str) -> bool;

/// Identifiers with a canonical form, and what is said of those that have none.
const CANONICAL: [(&str, &str, Rule); 2] = [
    (
        "pnc_id",
        "PNC ids that are not YYYY/NNNNNNNC with a right check letter, so compared only as they are written",
        |text| pnc::canonical(text).is_ok(),
    ),
    (
        "prison_number",
        "prison numbers that are not A1234BC, so compared only as they are written",
        |text| prison_number::canonical(text).is_some(),
    ),
];

impl ParquetRegister {
    /// Reads everything once, a column at a time, and describes it.
    ///
    /// # Errors
    /// When the source cannot be read or a column breaks its description.
    pub fn describe(&self) -> Result<Description, RegisterError> {
        let mut persons = convert::keys(&self.persons, PERSON_ID)?;
        persons.sort_unstable();
        let rows = persons.len();
        persons.dedup();
        let (mut owners, event_dates) = match &self.events {
            Some(events) => (
                convert::keys(events, PERSON_ID)?,
                convert::all_days(events, EVENT_DATE)?,
            ),
            None => (Vec::new(), Vec::new()),
        };
        owners.sort_unstable();
        let cut_off = self.dictionary.cut_off;
        let dated = || event_dates.iter().filter(|d| **d <= cut_off);
        let (people, several) = owners_and_repeaters(&owners);

        let unknown = owners.iter().filter(|k| persons.binary_search(k).is_err());
        let late = event_dates.iter().filter(|d| **d > cut_off).count();
        let mut quality = vec![
            Fact::new("persons_rows", "rows of persons", rows, rows).fatal_if(rows == 0),
            Fact::new("events_rows", "rows of events", owners.len(), owners.len())
                .fatal_if(self.events.is_some() && owners.is_empty()),
            Fact::new(
                "person_id_repeated",
                "rows of persons whose person_id stood there before",
                rows - persons.len(),
                rows,
            ),
            Fact::new(
                "person_id_unknown",
                "events of a person_id that persons does not have",
                unknown.count(),
                owners.len(),
            ),
            Fact::new(
                "events_after_cut_off",
                "events dated after the cut-off",
                late,
                owners.len(),
            ),
        ];
        quality.push(self.undescribed());
        quality.extend(self.identifier_facts()?);

        Ok(Description {
            title: self.dictionary.title.clone(),
            source: self.dictionary.source.clone(),
            synthetic: self.dictionary.synthetic,
            made: dates::iso(self.dictionary.made),
            cut_off: dates::iso(cut_off),
            persons: persons.len() as u64,
            events_table: self.events.is_some(),
            linkage_index: self.index_state()?,
            events: owners.len() as u64,
            people_with_events: people,
            people_with_several_events: several,
            first_event: dated().min().map(|d| dates::iso(*d)),
            last_event: dated().max().map(|d| dates::iso(*d)),
            columns: self
                .dictionary
                .columns
                .iter()
                .map(|entry| self.describe_column(entry))
                .collect::<Result<_, _>>()?,
            quality,
        })
    }

    /// Columns the dictionary is silent about: nobody can ask for them.
    fn undescribed(&self) -> Fact {
        let dictionary = &self.dictionary;
        let columns = |table: Table| {
            let there = self.table(table).ok();
            let all = there.into_iter().flat_map(|t| t.columns());
            all.map(move |(name, _)| dictionary.entry(table, name).is_some())
        };
        let described: Vec<bool> = columns(Table::Persons)
            .chain(columns(Table::Events))
            .collect();
        let silent = described.iter().filter(|d| !**d).count();
        Fact::new(
            "columns_undescribed",
            "columns that register.toml does not describe",
            silent,
            described.len(),
        )
    }

    fn identifier_facts(&self) -> Result<Vec<Fact>, RegisterError> {
        let rows = self.persons.rows();
        let mut facts = Vec::new();
        for name in IDENTIFIERS.iter().filter(|n| self.persons.has(n)) {
            facts.push(Fact::new(
                &format!("{name}_blank"),
                &format!("rows of persons without {name}"),
                rows - self.filled(Table::Persons, name)?,
                rows,
            ));
        }
        for (name, label, holds) in CANONICAL {
            if !self.persons.has(name) {
                continue;
            }
            let (mut given, mut invalid) = (0, 0);
            convert::each_text(&self.persons, name, |_, text| {
                given += usize::from(text.is_some());
                invalid += usize::from(text.is_some_and(|id| !holds(id)));
            })?;
            facts.push(Fact::new(&format!("{name}_invalid"), label, invalid, given));
        }
        Ok(facts)
    }

    /// Rows that have a value; blank text is none.
    fn filled(&self, table: Table, column: &str) -> Result<usize, RegisterError> {
        use super::table::Stored;
        let table = self.table(table)?;
        if table.stored(column)? == Stored::Text {
            let mut filled = 0;
            convert::each_text(table, column, |_, text| {
                filled += usize::from(text.is_some())
            })?;
            return Ok(filled);
        }
        Ok(table.rows() - table.read(column)?.null_count())
    }

    fn describe_column(&self, entry: &Entry) -> Result<ColumnDescription, RegisterError> {
        let mut description = ColumnDescription {
            table: entry.table,
            name: entry.name.clone(),
            label: entry.label.clone(),
            kind: entry.kind,
            role: entry.role,
            unit: entry.unit.clone(),
            complete_percent: None,
            levels: None,
            mean: None,
            quartiles: None,
        };
        let rows = self.table(entry.table)?.rows();
        let filled = if entry.role == Role::Covariate && entry.kind != Kind::Date {
            match convert::column(self.events_table()?, entry)? {
                Column::Number(values) => description.describe_numbers(values),
                Column::Category { codes, levels } => {
                    description.levels = Some(levels.len() as u64);
                    codes.iter().filter(|c| **c != MISSING).count()
                }
            }
        } else {
            self.filled(entry.table, &entry.name)?
        };
        if rows > 0 {
            let tenths = (filled as u128 * 1000) / rows as u128;
            description.complete_percent = Some(tenths as f64 / 10.0);
        }
        Ok(description)
    }
}

impl ColumnDescription {
    /// Mean and quartiles; returns how many values there are.
    fn describe_numbers(&mut self, mut values: Vec<f64>) -> usize {
        values.retain(|v| !v.is_nan());
        let n = values.len();
        if n < MIN_DESCRIBED {
            return n;
        }
        let mean = values.iter().sum::<f64>() / n as f64;
        if self.kind == Kind::Flag {
            self.mean = Some((mean * 100.0).round() / 100.0);
            return n;
        }
        self.mean = Some(significant(mean));
        values.sort_unstable_by(f64::total_cmp);
        self.quartiles = Some([0.25, 0.5, 0.75].map(|p| significant(quantile(&values, p))));
        n
    }
}

/// Linear interpolation between order statistics (Hyndman & Fan 1996, type 7).
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let at = p * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    low + (high - low) * at.fract()
}

/// Three significant figures.
fn significant(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    // Through decimal text, so that 0.1 stays 0.1.
    format!("{value:.2e}").parse().unwrap_or(value)
}

/// People who own an event, and those who own more than one; `owners` sorted.
fn owners_and_repeaters(owners: &[PersonKey]) -> (u64, u64) {
    owners
        .chunk_by(|a, b| a == b)
        .fold((0, 0), |(people, several), events| {
            (people + 1, several + u64::from(events.len() > 1))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_three_significant_figures() {
        assert_eq!(significant(123_456.0), 123_000.0);
        assert_eq!(significant(-0.012_345), -0.0123);
        assert_eq!(significant(0.1), 0.1);
        assert_eq!(significant(0.0), 0.0);
    }

    #[test]
    fn quartiles_interpolate() {
        let values = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(quantile(&values, 0.25), 1.75);
        assert_eq!(quantile(&values, 0.5), 2.5);
        assert_eq!(quantile(&[7.0], 0.75), 7.0);
    }
}
