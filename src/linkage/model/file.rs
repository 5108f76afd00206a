//! The model file: TOML that a person can read, checked when it is read.

use super::group::NAMES;
use super::writing::slots_of;
use super::{
    Calibration, Field, GROUPS, KIN_FIELDS, KIN_SETS, LEVELS, LinkageModel, RELATED, SLOTS,
    TrainedOn,
};
use crate::linkage::compare::level;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The version of the file's form.
const SCHEMA: u32 = 2;
/// How far from 1 a field's probabilities may add up: they are written with nine digits.
const SUM_TOLERANCE: f64 = 1e-6;
/// No probability of a level is 0 or 1: no field alone decides.
const LEAST: f64 = 1e-12;

/// What is wrong with a model file.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// Not the form of a model file.
    #[error("linkage model, line {line}: {message}")]
    Form {
        /// 1-based.
        line: usize,
        /// What the reader says.
        message: String,
    },
    /// A number that is none of its kind.
    #[error("linkage model, `{at}`: {rule}")]
    Number {
        /// Which setting.
        at: String,
        /// The rule it breaks.
        rule: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: u32,
    title: String,
    overlap: f64,
    overlap_of: BTreeMap<String, f64>,
    trained_on: Counts,
    calibration: Line,
    borrowed: Borrowed,
    kin: BTreeMap<String, f64>,
    kin_of_absent: BTreeMap<String, f64>,
    levels: BTreeMap<String, BTreeMap<String, Level>>,
}

/// The probabilities of a level by name: u, m, and m by how names are written.
type Level = BTreeMap<String, f64>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Counts {
    people: u64,
    candidates: u64,
    register_people: u64,
    iterations: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    offset: f64,
    slope: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Borrowed {
    pnc_id: f64,
    prison_number: f64,
}

impl LinkageModel {
    /// Reads a model file.
    ///
    /// # Errors
    /// When it is not of the form, names something unknown, or its probabilities are none.
    pub fn parse(text: &str) -> Result<LinkageModel, ModelError> {
        let file: File = toml::from_str(text).map_err(|e| form(text, &e))?;
        file.model()
    }

    /// The file of this model: reading it gives the same model, to nine digits.
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        // Writing to a String cannot fail.
        let _ = self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        let t = self.trained_on;
        writeln!(out, "schema = {SCHEMA}")?;
        writeln!(out, "title = {}", toml::Value::from(self.title.as_str()))?;
        writeln!(out, "# share of a file's people who are on the register")?;
        writeln!(out, "overlap = {}", digits(self.overlap))?;
        writeln!(out, "\n[trained_on]\npeople = {}", t.people)?;
        writeln!(out, "candidates = {}", t.candidates)?;
        writeln!(out, "register_people = {}", t.register_people)?;
        writeln!(out, "iterations = {}", t.iterations)?;
        writeln!(
            out,
            "\n# the overlap of those who give no identifier, one of them, both; of women apart\n[overlap_of]"
        )?;
        for (name, overlap) in NAMES.into_iter().zip(self.overlap_of) {
            writeln!(out, "{name} = {}", digits(overlap))?;
        }
        writeln!(
            out,
            "\n# logit(reported) = offset + slope * logit(model)\n[calibration]"
        )?;
        writeln!(out, "offset = {}", digits(self.calibration.offset))?;
        writeln!(out, "slope = {}", digits(self.calibration.slope))?;
        writeln!(
            out,
            "\n# of people with an identifier, how many have somebody else's\n[borrowed]"
        )?;
        writeln!(out, "pnc_id = {}", digits(self.borrowed[0]))?;
        writeln!(out, "prison_number = {}", digits(self.borrowed[1]))?;
        writeln!(
            out,
            "\n# persons, for each one, who share just these fields by kinship, not by chance\n[kin]"
        )?;
        for set in kin_sets() {
            writeln!(out, "{} = {}", kin_name(set), digits(self.kin[set]))?;
        }
        writeln!(
            out,
            "\n# the same of people who are not on the register themselves\n[kin_of_absent]"
        )?;
        for (set, rate) in RELATED.into_iter().zip(self.kin_of_absent) {
            writeln!(out, "{} = {}", kin_name(set), digits(rate))?;
        }
        writeln!(
            out,
            "\n# how often each level occurs among records of two (u) and of one person (m); for names, of\n\
             # those the register has often, seldom and nowhere, of several parts and of an initial"
        )?;
        for field in Field::ALL {
            writeln!(out, "[levels.{}]", field.name())?;
            for level in field.weighed() {
                let (name, f) = (field.levels()[level], field as usize);
                write!(out, "{name} = {{ u = {}", digits(self.u[f][level]))?;
                for (slot, m) in slots_of(field) {
                    write!(out, ", {m} = {}", digits(self.m[slot][level]))?;
                }
                if field == Field::Sex {
                    let namesakes = digits(self.u_sex_namesakes[level]);
                    write!(out, ", u_namesakes = {namesakes}")?;
                }
                writeln!(out, " }}")?;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

/// Nine significant digits, as TOML has numbers.
fn digits(x: f64) -> String {
    let text = format!("{x:.8e}");
    // What was written by the line above is a number.
    let rounded: f64 = text.parse().unwrap_or(x);
    match rounded != 0.0 && !(1e-4..1e7).contains(&rounded.abs()) {
        true => format!("{rounded:e}"),
        false => format!("{rounded:?}"),
    }
}

/// Sets of fields that have a rate of kin: two or more, except both names alone, whose sharers the
/// register itself counts.
pub(in crate::linkage) fn kin_sets() -> impl Iterator<Item = usize> {
    (0..KIN_SETS).filter(|&set| set.count_ones() > 1 && set != 0b0011)
}

fn kin_name(set: usize) -> String {
    let fields = KIN_FIELDS.iter().enumerate();
    let names: Vec<&str> = fields
        .filter(|(bit, _)| set >> bit & 1 == 1)
        .map(|(_, field)| field.name())
        .collect();
    names.join("-")
}

impl File {
    fn model(self) -> Result<LinkageModel, ModelError> {
        if self.schema != SCHEMA {
            let rule = format!("is {}; this program reads {SCHEMA}", self.schema);
            return Err(number("schema", rule));
        }
        let mut model = LinkageModel {
            title: self.title,
            trained_on: TrainedOn {
                people: self.trained_on.people,
                candidates: self.trained_on.candidates,
                register_people: self.trained_on.register_people,
                iterations: self.trained_on.iterations,
            },
            overlap: probability("overlap", self.overlap)?,
            overlap_of: overlaps(self.overlap_of)?,
            m: [[0.0; LEVELS]; SLOTS],
            u: [[0.0; LEVELS]; 7],
            u_sex_namesakes: [0.0; LEVELS],
            kin: [0.0; KIN_SETS],
            kin_of_absent: [0.0; RELATED.len()],
            borrowed: [
                probability("borrowed.pnc_id", self.borrowed.pnc_id)?,
                probability("borrowed.prison_number", self.borrowed.prison_number)?,
            ],
            calibration: calibration(&self.calibration)?,
        };
        let sets: Vec<usize> = kin_sets().collect();
        for (set, rate) in sets.iter().zip(kin("kin", self.kin, &sets)?) {
            model.kin[*set] = rate;
        }
        let absent = kin("kin_of_absent", self.kin_of_absent, &RELATED)?;
        model.kin_of_absent.copy_from_slice(&absent);
        levels(self.levels, &mut model)?;
        Ok(model)
    }
}

fn calibration(line: &Line) -> Result<Calibration, ModelError> {
    let sound = line.offset.is_finite() && line.slope.is_finite() && line.slope > 0.0;
    match sound && line.offset.abs() <= 20.0 && line.slope <= 5.0 {
        true => Ok(Calibration {
            offset: line.offset,
            slope: line.slope,
        }),
        false => Err(number(
            "calibration",
            "the offset lies within 20 of 0, the slope above 0 and up to 5".into(),
        )),
    }
}

/// The overlaps of the groups, in their order.
fn overlaps(mut file: BTreeMap<String, f64>) -> Result<[f64; GROUPS], ModelError> {
    let mut overlaps = [0.0; GROUPS];
    for (overlap, name) in overlaps.iter_mut().zip(NAMES) {
        *overlap = taken("overlap_of", &mut file, name)?;
    }
    match file.is_empty() {
        true => Ok(overlaps),
        false => Err(number("overlap_of", "has a group that is none".into())),
    }
}

/// The rates of the sets, in their order.
fn kin(
    table: &str,
    mut file: BTreeMap<String, f64>,
    sets: &[usize],
) -> Result<Vec<f64>, ModelError> {
    let mut rates = Vec::with_capacity(sets.len());
    for &set in sets {
        let name = kin_name(set);
        let at = format!("{table}.{name}");
        let rate = file
            .remove(&name)
            .ok_or_else(|| number(&at, "is missing".into()))?;
        if !(LEAST..=1e6).contains(&rate) {
            return Err(number(&at, "is a number of persons, above 0".into()));
        }
        rates.push(rate);
    }
    match file.is_empty() {
        true => Ok(rates),
        false => Err(number(table, "has a set of fields that is none".into())),
    }
}

fn levels(
    mut file: BTreeMap<String, BTreeMap<String, Level>>,
    model: &mut LinkageModel,
) -> Result<(), ModelError> {
    for field in Field::ALL {
        let at = format!("levels.{}", field.name());
        let mut given = file
            .remove(field.name())
            .ok_or_else(|| number(&at, "is missing".into()))?;
        for level in field.weighed() {
            let name = field.levels()[level];
            let at = format!("{at}.{name}");
            let mut given = given
                .remove(name)
                .ok_or_else(|| number(&at, "is missing".into()))?;
            model.u[field as usize][level] = taken(&at, &mut given, "u")?;
            for (slot, name) in slots_of(field) {
                model.m[slot][level] = taken(&at, &mut given, &name)?;
            }
            if field == Field::Sex {
                model.u_sex_namesakes[level] = taken(&at, &mut given, "u_namesakes")?;
            }
            if !given.is_empty() {
                return Err(number(&at, "has a number that levels have not".into()));
            }
        }
        if !given.is_empty() {
            return Err(number(&at, "has a level that is none".into()));
        }
    }
    if !file.is_empty() {
        return Err(number("levels", "has a field that is none".into()));
    }
    sums(model)
}

/// A probability, which is taken from those given.
fn taken(at: &str, given: &mut BTreeMap<String, f64>, name: &str) -> Result<f64, ModelError> {
    let at = format!("{at}.{name}");
    let p = given.remove(name);
    probability(&at, p.ok_or_else(|| number(&at, "is missing".into()))?)
}

/// The levels of a field are all there are: their probabilities add up to 1.
fn sums(model: &LinkageModel) -> Result<(), ModelError> {
    let m = super::slots().map(|(slot, field)| ("m", field, &model.m[slot]));
    let u = Field::ALL.map(|field| ("u", field, &model.u[field as usize]));
    let namesakes = [("u_namesakes", Field::Sex, &model.u_sex_namesakes)];
    for (which, field, row) in m.chain(u).chain(namesakes) {
        let sum: f64 = row[field.weighed()].iter().sum();
        if (sum - 1.0).abs() > SUM_TOLERANCE {
            let at = format!("levels.{}", field.name());
            return Err(number(
                &at,
                format!("the {which} add up to {sum:.6}, not 1"),
            ));
        }
    }
    debug_assert!(
        model
            .u
            .iter()
            .all(|row| row[level::MISSING as usize] == 0.0)
    );
    Ok(())
}

fn probability(at: &str, p: f64) -> Result<f64, ModelError> {
    match (LEAST..1.0).contains(&p) {
        true => Ok(p),
        false => Err(number(at, "is a probability, above 0 and below 1".into())),
    }
}

fn number(at: &str, rule: String) -> ModelError {
    ModelError::Number {
        at: at.into(),
        rule,
    }
}

fn form(text: &str, e: &toml::de::Error) -> ModelError {
    let before = e.span().and_then(|s| text.get(..s.start)).unwrap_or("");
    ModelError::Form {
        line: before.matches('\n').count() + 1,
        message: e.message().lines().next().unwrap_or("").to_owned(),
    }
}
