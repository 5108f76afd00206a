//! How many people who are somebody else agree as a pair does: what a match is weighed against.
//!
//! # Formula
//! For a person with given values and a pattern γ of agreement,
//!
//! ```text
//! rate(γ) = N ∏ u_f(γ_f)  +  Σ_A h_A ∏_{f ∉ A} u_f(γ_f)
//! ```
//!
//! The first term is chance: N persons whose fields agree independently of one another, where u of
//! an equal value is that value's own frequency in the register (term frequency), and both names
//! together are never rarer than the register itself has them. The second is kinship: h_A persons
//! for each one share the fields A for a reason (families an address and a surname, twins the
//! birthday too, a father and a son both names), the rest by chance. Sets A are of the fields that
//! are equal; fields missing on a side drop out. Identifiers are unique, and so agree among
//! different people only by mistake: in a share `borrowed` of the people that have one.

use super::compare::{Field, Pattern, level};
use super::model::{
    Hand, KIN_FIELDS, KIN_SETS, LinkageModel, RELATED, Writing, group, namesakes, weighs,
};
use crate::identity::Record;
use crate::register::{Interned, RegisterIndex};
use std::collections::{BTreeMap, HashMap};

/// Somebody, with how frequent their own values are in the register. Not printable.
#[derive(Clone, Copy)]
pub(super) struct Who<'a> {
    pub record: Record<'a>,
    ids: Interned,
    crossed: Interned,
    /// Frequency of forename, surname, date of birth, postcode.
    frequency: [f64; 4],
    /// How forename and surname are written.
    writing: [Writing; 2],
}

/// Rates of agreement of people of a register with others.
pub(super) struct Rates<'a> {
    pub index: &'a RegisterIndex,
    pub model: &'a LinkageModel,
    people: f64,
    rows: f64,
    namesakes: Namesakes,
    /// Share of women among those whose sex the register knows.
    women: f64,
    /// Share of the rows whose forename begins with a letter.
    initials: BTreeMap<char, f64>,
}

/// What a rate is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    /// u of each field, of the values themselves where they are equal.
    pub u: [f64; 7],
    /// Both names together are more frequent than the product of the two, by this factor.
    pub both_names: f64,
    /// People who agree by chance.
    pub chance: f64,
    /// People who agree by chance or kinship.
    pub total: f64,
    /// Of those, for each relative of the sets [`RELATED`]: how many agree in the rest too.
    pub related: [f64; RELATED.len()],
}

impl<'a> Rates<'a> {
    /// For the people given; one pass over the register's names.
    pub fn new(index: &'a RegisterIndex, model: &'a LinkageModel, people: &[Who<'_>]) -> Rates<'a> {
        Rates {
            index,
            model,
            people: (index.people() as f64).max(1.0),
            rows: f64::from(index.rows().max(1)),
            namesakes: Namesakes::count(index, people),
            women: women(index),
            initials: initials(index),
        }
    }

    /// The least share of any sex.
    pub fn least_sex(&self) -> f64 {
        self.women.min(1.0 - self.women)
    }

    /// The rate of a pattern of agreement with a row of the register, or with another row of the
    /// same file (`None`), among `others` people.
    pub fn of(&self, who: &Who<'_>, pattern: Pattern, row: Option<u32>, others: f64) -> Rate {
        let mut u = [1.0; 7];
        for field in Field::ALL {
            if weighs(field, pattern.level(field)) {
                u[field as usize] = self.u(who, field, pattern, row);
            }
        }
        let both_names = self.both_names(who, pattern, &u);
        let borrowed = self.borrowed(pattern);
        let besides =
            u[Field::Sex as usize] * u[Field::PncId as usize] * u[Field::PrisonNumber as usize];
        let four: f64 = KIN_FIELDS.iter().map(|&f| u[f as usize]).product::<f64>() * both_names;
        let kin = self.kin(pattern, &u);
        // An identifier copied from somebody's row: whose it is does not depend on how many people
        // there are.
        let (others, besides) = match borrowed {
            Some(share) => (1.0, besides * share),
            None => (others, besides),
        };
        let related = RELATED.map(|set| match may_be_kin(set, pattern) {
            true => beyond(set, &u) * besides,
            false => 0.0,
        });
        Rate {
            u,
            both_names,
            chance: others * four * besides,
            total: (others * four + kin) * besides,
            related,
        }
    }

    /// Among everybody on the register.
    pub fn of_row(&self, who: &Who<'_>, pattern: Pattern, row: u32) -> Rate {
        self.of(who, pattern, Some(row), self.people)
    }

    fn u(&self, who: &Who<'_>, field: Field, pattern: Pattern, row: Option<u32>) -> f64 {
        let level = pattern.level(field);
        let general = match (field, namesakes(pattern)) {
            (Field::Sex, true) => self.model.u_sex_namesakes[usize::from(level)],
            (Field::Sex, false) => self.sex(who, level),
            _ => self.model.u(field, level),
        };
        let own = |at: usize| who.frequency[at].max(1.0 / self.rows);
        match (field, level) {
            (Field::Forename, level::forename::SWAPPED) => self.crossed(who),
            (Field::Forename, level::EXACT) => own(0),
            (Field::Surname, level::EXACT) => own(1),
            (Field::Dob, level::EXACT) => own(2),
            (Field::Postcode, level::EXACT) => own(3),
            // Identifiers agree by mistake, which the share borrowed counts.
            (Field::PncId | Field::PrisonNumber, level::EXACT) => 1.0,
            (Field::Forename, level::forename::INITIAL)
                if who.hand(false).forename == Writing::Initial =>
            {
                let all = (who.record.forename.chars().next()).and_then(|c| self.initials.get(&c));
                all.map_or(general, |share| share.max(general))
            }
            // Those who have a name like it are at least those who have this one.
            (Field::Forename, l) if l != level::forename::DIFFERENT => {
                general.max(row.map_or(0.0, |row| {
                    let id = self.index.ids(row).forename;
                    f64::from(self.index.forename_count(id)) / self.rows
                }))
            }
            (Field::Surname, l) if l != level::surname::DIFFERENT => {
                general.max(row.map_or(0.0, |row| {
                    let id = self.index.ids(row).surname;
                    f64::from(self.index.surname_count(id)) / self.rows
                }))
            }
            _ => general,
        }
    }

    /// How many have the sex that is asked for, and not that of somebody in general.
    fn sex(&self, who: &Who<'_>, level: u8) -> f64 {
        let women = (who.record.sex == b'F') == (level == level::EXACT);
        if women { self.women } else { 1.0 - self.women }
    }

    /// Frequency of the two names the other way about.
    fn crossed(&self, who: &Who<'_>) -> f64 {
        let share = |count: u32| f64::from(count.max(1)) / self.rows;
        let product = share(self.index.forename_count(who.crossed.forename))
            * share(self.index.surname_count(who.crossed.surname));
        product.max(self.namesakes.others(who.crossed) / self.people)
    }

    /// How much more frequent both names are together than by chance.
    fn both_names(&self, who: &Who<'_>, pattern: Pattern, u: &[f64; 7]) -> f64 {
        let equal = |field| pattern.level(field) == level::EXACT;
        if !equal(Field::Forename) || !equal(Field::Surname) {
            return 1.0;
        }
        let product = u[Field::Forename as usize] * u[Field::Surname as usize];
        (self.namesakes.others(who.ids) / self.people / product).max(1.0)
    }

    /// Share of people who have an identifier of another's, when the pattern has such an equality.
    fn borrowed(&self, pattern: Pattern) -> Option<f64> {
        let share = self.model.borrowed[borrowed(pattern)?];
        let both = pattern.level(Field::PncId) == level::EXACT
            && pattern.level(Field::PrisonNumber) == level::EXACT;
        Some(if both { share * BOTH_BORROWED } else { share })
    }

    fn kin(&self, pattern: Pattern, u: &[f64; 7]) -> f64 {
        let sets = (0..KIN_SETS).filter(|&set| self.model.kin[set] > 0.0);
        sets.filter(|&set| may_be_kin(set, pattern))
            .map(|set| self.model.kin[set] * beyond(set, u))
            .sum()
    }
}

/// Are the fields of a set equal, as far as they are known, and one at least known?
fn may_be_kin(set: usize, pattern: Pattern) -> bool {
    let mut any = false;
    for (bit, &field) in KIN_FIELDS.iter().enumerate() {
        match (set >> bit & 1, pattern.level(field)) {
            (0, _) | (_, level::MISSING) => {}
            (_, level::EXACT) => any = true,
            _ => return false,
        }
    }
    any
}

/// Which identifier's share of mistakes a pattern with an equal identifier is weighed against.
pub(super) fn borrowed(pattern: Pattern) -> Option<usize> {
    let equal = |field| pattern.level(field) == level::EXACT;
    if equal(Field::PncId) {
        Some(0)
    } else {
        equal(Field::PrisonNumber).then_some(1)
    }
}

/// Of those who have one wrong identifier, how many have both from the same person.
pub(super) const BOTH_BORROWED: f64 = 0.2;

/// Chance of the fields that kin of this set do not share by kinship.
pub(super) fn beyond(set: usize, u: &[f64; 7]) -> f64 {
    let fields = KIN_FIELDS.iter().enumerate();
    fields
        .filter(|(bit, _)| set >> bit & 1 == 0)
        .map(|(_, &field)| u[field as usize])
        .product()
}

impl<'a> Who<'a> {
    /// Looks up a record's values.
    pub fn new(record: Record<'a>, index: &RegisterIndex) -> Who<'a> {
        let known = |id: Option<u32>| id.unwrap_or(0);
        let ids = Interned {
            forename: known(index.forename_id(record.forename)),
            surname: known(index.surname_id(record.surname)),
            postcode: known(index.postcode_id(record.postcode)),
        };
        let rows = f64::from(index.rows().max(1));
        let count = |id: u32, count: u32| if id == 0 { 0 } else { count };
        let share = |id: u32, count: u32| match id {
            0 => 0.0,
            _ => f64::from(count) / rows,
        };
        Who {
            record,
            ids,
            crossed: Interned {
                forename: known(index.forename_id(record.surname)),
                surname: known(index.surname_id(record.forename)),
                postcode: 0,
            },
            frequency: [
                share(ids.forename, index.forename_count(ids.forename)),
                share(ids.surname, index.surname_count(ids.surname)),
                f64::from(index.dob_count(record.dob)) / rows,
                share(ids.postcode, index.postcode_count(ids.postcode)),
            ],
            writing: [
                Writing::of(
                    record.forename,
                    count(ids.forename, index.forename_count(ids.forename)),
                    rows,
                ),
                Writing::of(
                    record.surname,
                    count(ids.surname, index.surname_count(ids.surname)),
                    rows,
                ),
            ],
        }
    }

    /// How likely somebody is on the register before anybody is looked for.
    pub fn overlap(&self, model: &LinkageModel) -> f64 {
        model.overlap_of[group(&self.record)]
    }

    /// Which m-probabilities a pair with somebody has.
    pub fn hand(&self, woman: bool) -> Hand {
        let [forename, surname] = self.writing;
        Hand {
            woman,
            forename,
            surname,
        }
    }
}

/// Rows whose sex is looked at: a share of them to half a point.
const SEX_SAMPLE: u32 = 20_000;
/// No sex is so rare that it says everything.
const LEAST_SEX: f64 = 0.02;

/// Share of women among the rows with a sex, of as many rows at equal distances.
fn women(index: &RegisterIndex) -> f64 {
    let step = (index.rows() / SEX_SAMPLE).max(1) as usize;
    let [mut women, mut known] = [0.0; 2];
    for row in (0..index.rows()).step_by(step) {
        let sex = index.record(row).sex;
        women += f64::from(u8::from(sex == b'F'));
        known += f64::from(u8::from(sex != 0));
    }
    // Half a man and half a woman before any is seen.
    ((women + 0.5) / (known + 1.0)).clamp(LEAST_SEX, 1.0 - LEAST_SEX)
}

/// Share of the rows whose forename begins with each letter.
fn initials(index: &RegisterIndex) -> BTreeMap<char, f64> {
    let mut shares = BTreeMap::new();
    let rows = f64::from(index.rows().max(1));
    for id in 1..index.forenames() {
        if let Some(initial) = index.forename(id).chars().next() {
            *shares.entry(initial).or_insert(0.0) += f64::from(index.forename_count(id)) / rows;
        }
    }
    shares
}

/// How many rows of the register have a forename and a surname together.
struct Namesakes(HashMap<(u32, u32), u32>);

impl Namesakes {
    fn count(index: &RegisterIndex, people: &[Who<'_>]) -> Namesakes {
        let mut counts: HashMap<(u32, u32), u32> = HashMap::new();
        let mut wanted = vec![false; index.surnames() as usize];
        for ids in people.iter().flat_map(|who| [who.ids, who.crossed]) {
            if ids.forename != 0 && ids.surname != 0 {
                counts.insert((ids.forename, ids.surname), 0);
                wanted[ids.surname as usize] = true;
            }
        }
        for row in 0..index.rows() {
            let ids = index.ids(row);
            if wanted[ids.surname as usize]
                && let Some(n) = counts.get_mut(&(ids.forename, ids.surname))
            {
                *n += 1;
            }
        }
        Namesakes(counts)
    }

    /// Rows with both names, but one: whoever is being weighed is not counted against themselves.
    fn others(&self, ids: Interned) -> f64 {
        let count = self.0.get(&(ids.forename, ids.surname)).copied();
        f64::from(count.unwrap_or(0).saturating_sub(1))
    }
}
