//! The register of data-sharing agreements: who shares what with whom, on what ground, until when.
//! A list is handed in under one that is live; its worker refuses columns that it does not cover.

use super::agreement::{Basis, is_reference};
use super::model::{AgreementId, OrganisationId};
use super::problem::Problem;
use crate::cohort::Field;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Columns beside those the reader knows: they come along and are never read.
pub const OTHER_COLUMNS: &str = "other";
/// Characters of a text about an agreement.
const MOST_TEXT: usize = 1_000;

/// What an agreement says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// As both sides call it: a number, nobody's name. Unique within the organisation.
    #[schema(min_length = 1, max_length = 100)]
    pub reference: String,
    /// Who shares with whom.
    #[schema(min_length = 1, max_length = 1000)]
    pub parties: String,
    /// What for.
    #[schema(min_length = 1, max_length = 1000)]
    pub purpose: String,
    /// On what ground.
    pub lawful_basis: Basis,
    /// The columns that may be shared, by the names of the empty list; `other` for columns that are
    /// not read.
    #[schema(min_items = 1)]
    pub fields: Vec<String>,
    /// How long what is kept, and where.
    #[schema(min_length = 1, max_length = 1000)]
    pub retention: String,
    /// The first day, ISO 8601.
    #[serde(with = "iso")]
    #[schema(value_type = String, format = Date)]
    pub starts: Date,
    /// The last day.
    #[serde(with = "iso")]
    #[schema(value_type = String, format = Date)]
    pub ends: Date,
}

/// Days as ISO 8601.
mod iso {
    use jiff::civil::Date;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(day: &Date, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(day)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
        let text = String::deserialize(from)?;
        let plain = text.len() == 10;
        let day = text.parse().ok().filter(|_| plain);
        day.ok_or_else(|| D::Error::custom("a day is written 2026-11-24"))
    }
}

/// Who signs.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Who hands lists in.
    Provider,
    /// Who holds the register.
    Department,
}

impl Side {
    /// Both.
    pub const ALL: [Side; 2] = [Side::Provider, Side::Department];

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Side::Provider => "the provider",
            Side::Department => "the department",
        }
    }
}

/// A sign-off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Signature {
    /// For whom.
    pub side: Side,
    /// The account that signed.
    pub by: String,
    /// Milliseconds since 1970.
    pub at: i64,
}

/// An agreement in the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Sharing {
    /// Its id.
    #[schema(value_type = String)]
    pub id: AgreementId,
    /// Whose it is.
    #[schema(value_type = String)]
    pub organisation: OrganisationId,
    /// What it says.
    #[serde(flatten)]
    pub terms: Terms,
    /// Who signed.
    pub signatures: Vec<Signature>,
    /// When it was ended before its last day, milliseconds since 1970.
    pub ended_at: Option<i64>,
}

/// How an agreement stands on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Lists may be handed in under it.
    Live,
    /// It waits for signatures.
    Unsigned(Vec<Side>),
    /// Its first day is to come.
    NotYet(Date),
    /// Its last day is past.
    Over(Date),
    /// Somebody ended it.
    Ended,
}

impl Standing {
    /// One word.
    pub const fn name(&self) -> &'static str {
        match self {
            Standing::Live => "live",
            Standing::Unsigned(_) => "unsigned",
            Standing::NotYet(_) => "not_yet",
            Standing::Over(_) => "over",
            Standing::Ended => "ended",
        }
    }

    /// In words, after "the agreement ".
    pub fn words(&self) -> String {
        match self {
            Standing::Live => "is live".into(),
            Standing::Unsigned(sides) => {
                let who: Vec<&str> = sides.iter().map(|s| s.words()).collect();
                format!("waits for the signature of {}", who.join(" and of "))
            }
            Standing::NotYet(day) => format!("begins on {day}"),
            Standing::Over(day) => format!("was over after {day}"),
            Standing::Ended => "was ended".into(),
        }
    }
}

impl Sharing {
    /// How it stands on a day.
    pub fn standing(&self, today: Date) -> Standing {
        if self.ended_at.is_some() {
            return Standing::Ended;
        }
        let signed = |side: &Side| self.signatures.iter().any(|s| s.side == *side);
        let missing: Vec<Side> = Side::ALL.into_iter().filter(|s| !signed(s)).collect();
        if today > self.terms.ends {
            Standing::Over(self.terms.ends)
        } else if !missing.is_empty() {
            Standing::Unsigned(missing)
        } else if today < self.terms.starts {
            Standing::NotYet(self.terms.starts)
        } else {
            Standing::Live
        }
    }

    /// For a data protection impact assessment: what is shared, why, for how long, what is done to
    /// keep it safe; Markdown.
    pub fn assessment(&self, organisation: &str, today: Date) -> String {
        let t = &self.terms;
        let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut out = format!(
            "# Data-sharing agreement {}\n\nFor a data protection impact assessment. Written on {today}; the agreement {}.\n\n\
             ## Who and why\n\n- Provider: {}\n- Parties: {}\n- Purpose: {}\n- Lawful basis (UK GDPR, Article 6(1)): {}\n\
             - From {} to {}\n- Retention: {}\n\n## What is shared\n\n| Column | What it is |\n|---|---|\n",
            line(&t.reference),
            self.standing(today).words(),
            line(organisation),
            line(&t.parties),
            line(&t.purpose),
            t.lawful_basis.words(),
            t.starts,
            t.ends,
            line(&t.retention),
        );
        for name in &t.fields {
            let what =
                field_of(name).map_or("columns that come along and are not read", what_it_is);
            out += &format!("| {name} | {what} |\n");
        }
        out += "\n## Sign-offs\n\n";
        for side in Side::ALL {
            let signed = self.signatures.iter().find(|s| s.side == side);
            out += &match signed {
                Some(s) => format!("- {}: {} on {}\n", side.words(), s.by, day_of(s.at)),
                None => format!("- {}: not signed\n", side.words()),
            };
        }
        out += "\n## What is done to keep it safe\n\n\
             - The list is never written to a disk; it is in one process that has no network and is ended when the answer is there.\n\
             - What the list left behind is looked for with planted marks in memory, files, log and database before a certificate of erasure is signed.\n\
             - Each certificate has a place in a public ledger, and can be verified without this service.\n\
             - Reports leave after disclosure control alone; small numbers are withheld and rounded.\n\
             - Columns that this agreement does not cover are refused.\n";
        out
    }
}

/// The day of a moment, in UTC.
pub fn day_of(ms: i64) -> Date {
    let at = jiff::Timestamp::from_millisecond(ms).unwrap_or_default();
    at.to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// The field of a name.
fn field_of(name: &str) -> Option<Field> {
    Field::ALL.into_iter().find(|f| f.name() == name)
}

/// What a column holds.
pub fn what_it_is(field: Field) -> &'static str {
    match field {
        Field::Forename | Field::Surname => "a name",
        Field::Dob => "date of birth",
        Field::Sex => "sex",
        Field::Ethnicity => "ethnic group (special category data)",
        Field::Postcode => "postcode of the last known address",
        Field::PncId => "police identifier (criminal offence data)",
        Field::PrisonNumber => "prison number (criminal offence data)",
        Field::Start => "day the programme began for the person",
        Field::End => "day it ended",
        Field::Completed => "whether the person completed it",
        Field::Site => "where the person took part",
    }
}

impl Terms {
    /// Holds them to the rules, tidied.
    ///
    /// # Errors
    /// 422, with the part that breaks one.
    pub fn checked(mut self) -> Result<Terms, Problem> {
        let refused = |rule: String, hint: &str| Err(Problem::unprocessable(rule, hint.to_owned()));
        self.reference = self.reference.trim().to_owned();
        if !is_reference(&self.reference) {
            return refused(
                "`reference` has 1 to 100 characters and no line break".into(),
                "give the number that both sides know the agreement by",
            );
        }
        for (name, text) in [
            ("parties", &mut self.parties),
            ("purpose", &mut self.purpose),
            ("retention", &mut self.retention),
        ] {
            // Of several lines one is made: it is kept as a line.
            *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            if text.is_empty()
                || text.chars().count() > MOST_TEXT
                || text.chars().any(char::is_control)
            {
                return refused(
                    format!("`{name}` has 1 to {MOST_TEXT} characters"),
                    "say it in a sentence or two",
                );
            }
        }
        let known = |name: &String| name == OTHER_COLUMNS || field_of(name).is_some();
        self.fields.sort();
        self.fields.dedup();
        if self.fields.is_empty() || !self.fields.iter().all(known) {
            let names: Vec<&str> = Field::ALL.into_iter().map(Field::name).collect();
            return refused(
                "`fields` names at least one column, and only columns of the empty list".into(),
                &format!("the columns are {}, and {OTHER_COLUMNS}", names.join(", ")),
            );
        }
        match self.starts <= self.ends {
            true => Ok(self),
            false => refused(
                "an agreement does not end before it begins".into(),
                "correct `starts` or `ends`",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn terms() -> Terms {
        Terms {
            reference: " DSA 12 ".into(),
            parties: "Open door\nand the department".into(),
            purpose: "to learn whether it works".into(),
            lawful_basis: Basis::PublicTask,
            fields: vec!["surname".into(), "dob".into(), "dob".into()],
            retention: "the list: until the answer is there".into(),
            starts: date(2026, 1, 1),
            ends: date(2026, 12, 31),
        }
    }

    fn sharing(signed: &[Side]) -> Sharing {
        Sharing {
            id: AgreementId::random(),
            organisation: OrganisationId::random(),
            terms: terms().checked().unwrap(),
            signatures: signed
                .iter()
                .map(|&side| Signature {
                    side,
                    by: "a@example.org".into(),
                    at: 0,
                })
                .collect(),
            ended_at: None,
        }
    }

    #[test]
    fn terms_are_tidied_and_held_to_their_rules() {
        let fine = terms().checked().unwrap();
        assert_eq!(fine.reference, "DSA 12");
        assert_eq!(fine.parties, "Open door and the department");
        assert_eq!(fine.fields, ["dob", "surname"]);
        let broken: [fn(&mut Terms); 6] = [
            |t| t.reference = "".into(),
            |t| t.purpose = " ".into(),
            |t| t.parties = "x".repeat(1_001),
            |t| t.fields.clear(),
            |t| t.fields.push("shoe_size".into()),
            |t| t.ends = date(2025, 1, 1),
        ];
        for breaks in broken {
            let mut terms = terms();
            breaks(&mut terms);
            let problem = terms.checked().unwrap_err();
            assert_eq!(problem.status, 422);
            assert!(!problem.detail.contains("shoe"), "nothing sent is repeated");
        }
    }

    #[test]
    fn it_is_live_between_its_days_when_both_have_signed() {
        let both = sharing(&Side::ALL);
        assert_eq!(both.standing(date(2026, 1, 1)), Standing::Live);
        assert_eq!(both.standing(date(2026, 12, 31)), Standing::Live);
        assert_eq!(
            both.standing(date(2025, 12, 31)),
            Standing::NotYet(date(2026, 1, 1))
        );
        assert_eq!(
            both.standing(date(2027, 1, 1)),
            Standing::Over(date(2026, 12, 31))
        );
        let one = sharing(&[Side::Provider]);
        let standing = one.standing(date(2026, 6, 1));
        assert_eq!(standing, Standing::Unsigned(vec![Side::Department]));
        assert!(standing.words().contains("the department"));
        let mut ended = both;
        ended.ended_at = Some(1);
        assert_eq!(ended.standing(date(2026, 6, 1)), Standing::Ended);
    }

    #[test]
    fn the_assessment_says_all_of_it() {
        let text = sharing(&[Side::Provider]).assessment("Open door", date(2026, 6, 1));
        for part in [
            "DSA 12",
            "Public task",
            "| dob | date of birth |",
            "not signed",
            "2026-12-31",
            "until the answer",
        ] {
            assert!(text.contains(part), "{part}");
        }
    }
}
