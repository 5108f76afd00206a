//! The fields a cohort may have.

use super::synonyms::{Meaning, Rank};
use super::words;

/// The fields a cohort may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// Given name(s).
    Forename,
    /// Family name.
    Surname,
    /// Date of birth.
    Dob,
    /// Sex.
    Sex,
    /// Postcode.
    Postcode,
    /// Police National Computer id.
    PncId,
    /// Prison number.
    PrisonNumber,
    /// First day of the programme.
    Start,
    /// Last day of the programme.
    End,
    /// Ethnic group; never needed, and never used to find anybody.
    Ethnicity,
    /// Went through with the programme, yes or no; for studies that look at those who did.
    Completed,
    /// Where somebody took part; for studies that look at each place.
    Site,
}

impl Field {
    /// All of them, in the order of the template.
    pub const ALL: [Field; 12] = [
        Field::Forename,
        Field::Surname,
        Field::Dob,
        Field::Sex,
        Field::Postcode,
        Field::PncId,
        Field::PrisonNumber,
        Field::Start,
        Field::End,
        Field::Ethnicity,
        Field::Completed,
        Field::Site,
    ];

    /// The heading in the template, and the field's name in every message.
    pub fn name(self) -> &'static str {
        match self {
            Field::Forename => "forename",
            Field::Surname => "surname",
            Field::Dob => "dob",
            Field::Sex => "sex",
            Field::Postcode => "postcode",
            Field::PncId => "pnc_id",
            Field::PrisonNumber => "prison_number",
            Field::Start => "programme_start",
            Field::End => "programme_end",
            Field::Ethnicity => "ethnicity",
            Field::Completed => "completed_yes_no",
            Field::Site => "site",
        }
    }

    /// Does it say who somebody is? Such a column is never a covariate unasked.
    pub fn identifies(self) -> bool {
        !matches!(
            self,
            Field::Sex
                | Field::Start
                | Field::End
                | Field::Ethnicity
                | Field::Completed
                | Field::Site
        )
    }

    /// The field a heading surely means.
    pub fn of_heading(heading: &str) -> Option<Field> {
        match words::meaning(heading) {
            Some((Meaning::Field(field), Rank::Sure)) => Some(field),
            _ => None,
        }
    }
}
