//! How often a charity's file gets something wrong: every rate in one place.
//!
//! Two mixes have names. `hard` came first: settled before our own linker was measured
//! on them. `typical` is the same mix with every error in names, birthdays, sex and postcodes made rarer
//! by one factor ([`TYPICAL`]), and fewer of those on no register with a relation there
//! ([`TYPICAL_RELATIONS`]); the identifiers stay as bad as they were, about 40 % of PNC ids blank or
//! wrong. Both numbers were set by what Splink reaches on such a file, and by nothing of ours.

/// Error rates of a cohort file made for linkage: the share of people concerned, unless said
/// otherwise, at ordinary care. A careful writer makes fewer of the errors of writing, a careless
/// one more, several in one row: see [`ErrorRates::care`].
///
/// The levels are choices; the reasons for the larger ones stand beside them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ErrorRates {
    /// Shares of careful, ordinary and careless rows.
    pub care_shares: [f64; 3],
    /// What each of these multiplies the rates of writing errors by.
    pub care: [f64; 3],
    /// Of those on no register, per cent: no relation there, brother or sister, father or son of another
    /// forename, twin, father or son of the same name. The last two are rarer in life; enough of
    /// them are made to see what becomes of them.
    pub relations: [f64; 5],

    /// Slip of a finger in the forename: insert, delete, neighbouring key, transpose.
    pub forename_typo: f64,
    /// The same in the surname.
    pub surname_typo: f64,
    /// Written as it sounds (Stephen, Steven), of names that have another spelling.
    pub other_spelling: f64,
    /// Nickname for the full name or the other way round, of forenames that have one: people ask
    /// to be called so, and charities write down what they are called.
    pub nickname: f64,
    /// Only an initial.
    pub initial: f64,
    /// Middle name or initial added after the forename.
    pub middle_added: f64,
    /// Known by another forename: a middle name, or one chosen.
    pub other_forename: f64,
    /// Forename and surname in each other's columns.
    pub swapped_names: f64,
    /// One part only of a double-barrelled surname or forename, of those who have one.
    pub part_of_double: f64,
    /// A woman's surname changed by marriage or its end since the register was written.
    pub married_surname: f64,
    /// A man's surname changed (also a stepfather's name taken).
    pub changed_surname: f64,
    /// Apostrophe, hyphen or accent left out or replaced, of names that have one.
    pub marks_changed: f64,
    /// All in capitals; harmless to whoever compares names without regard to case.
    pub capitals: f64,
    /// All in small letters.
    pub small_letters: f64,

    /// No date of birth.
    pub dob_blank: f64,
    /// Day and month changed about, of days up to the 12th.
    pub dob_swapped: f64,
    /// One digit of the date wrong.
    pub dob_digit: f64,
    /// Year known only: written as 1 January.
    pub dob_first_january: f64,
    /// Another year: one to ten years off, as when an age was asked.
    pub dob_year: f64,
    /// A style other than dd/mm/yyyy.
    pub dob_other_style: f64,

    /// No sex.
    pub sex_blank: f64,
    /// The other sex.
    pub sex_wrong: f64,

    /// Another address than the register's: people move, those who leave prison above all.
    pub moved: f64,
    /// Of those who moved, within the same postcode area.
    pub moved_nearby: f64,
    /// No postcode: no fixed address, or not asked.
    pub postcode_blank: f64,
    /// District or sector only.
    pub postcode_partial: f64,
    /// One character wrong.
    pub postcode_typo: f64,

    /// No PNC id. Blank or wrong together: about 40 %.
    pub pnc_blank: f64,
    /// One digit mistyped, the check letter left as it was.
    pub pnc_digit: f64,
    /// Somebody else's: the line above in another system.
    pub pnc_of_another: f64,
    /// The letter left out.
    pub pnc_without_letter: f64,
    /// Two-digit year, or leading zeros dropped as well: not an error, a way of writing.
    pub pnc_short: f64,
    /// No prison number.
    pub prison_blank: f64,
    /// One digit or letter of the prison number mistyped.
    pub prison_typo: f64,
}

/// Which mix of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Mix {
    /// A case file kept by staff on a computer.
    Typical,
    /// Kept with less care, by people who often learn names and birthdays by ear, of people who
    /// move more.
    Hard,
}

impl Mix {
    /// Its rates.
    pub fn rates(self) -> ErrorRates {
        match self {
            Mix::Typical => ErrorRates {
                relations: TYPICAL_RELATIONS,
                ..ErrorRates::hard().eased(TYPICAL)
            },
            Mix::Hard => ErrorRates::hard(),
        }
    }
}

/// What `typical` multiplies the rates of `hard` by.
pub const TYPICAL: f64 = 0.75;

/// Its relations: one in ten of those on no register has one there.
pub const TYPICAL_RELATIONS: [f64; 5] = [90.0, 6.4, 2.2, 0.7, 0.7];

impl ErrorRates {
    /// With every error in names, date of birth, sex and postcode so many times as frequent (0 to 1). Ways of
    /// writing that are no errors, and the identifiers, stay as they are.
    pub fn eased(self, factor: f64) -> Self {
        let mut eased = self;
        for rate in [
            &mut eased.forename_typo,
            &mut eased.surname_typo,
            &mut eased.other_spelling,
            &mut eased.nickname,
            &mut eased.initial,
            &mut eased.middle_added,
            &mut eased.other_forename,
            &mut eased.swapped_names,
            &mut eased.part_of_double,
            &mut eased.married_surname,
            &mut eased.changed_surname,
            &mut eased.marks_changed,
            &mut eased.dob_blank,
            &mut eased.dob_swapped,
            &mut eased.dob_digit,
            &mut eased.dob_first_january,
            &mut eased.dob_year,
            &mut eased.sex_blank,
            &mut eased.sex_wrong,
            &mut eased.moved,
            &mut eased.postcode_blank,
            &mut eased.postcode_partial,
            &mut eased.postcode_typo,
        ] {
            *rate *= factor;
        }
        eased
    }

    /// The rates of [`Mix::Hard`]: harder than a well-kept case file and easier than paper typed
    /// in by volunteers.
    pub fn hard() -> Self {
        ErrorRates {
            care_shares: [0.55, 0.35, 0.10],
            care: [0.4, 1.0, 4.0],
            relations: [72.0, 18.0, 6.0, 2.0, 2.0],
            forename_typo: 0.035,
            surname_typo: 0.04,
            other_spelling: 0.10,
            nickname: 0.14,
            initial: 0.012,
            middle_added: 0.04,
            other_forename: 0.015,
            swapped_names: 0.010,
            part_of_double: 0.35,
            married_surname: 0.12,
            changed_surname: 0.012,
            marks_changed: 0.5,
            capitals: 0.12,
            small_letters: 0.06,
            dob_blank: 0.025,
            dob_swapped: 0.03,
            dob_digit: 0.02,
            dob_first_january: 0.012,
            dob_year: 0.010,
            dob_other_style: 0.30,
            sex_blank: 0.04,
            sex_wrong: 0.004,
            moved: 0.28,
            moved_nearby: 0.6,
            postcode_blank: 0.08,
            postcode_partial: 0.04,
            postcode_typo: 0.012,
            pnc_blank: 0.30,
            pnc_digit: 0.05,
            pnc_of_another: 0.015,
            pnc_without_letter: 0.03,
            pnc_short: 0.35,
            prison_blank: 0.55,
            prison_typo: 0.03,
        }
    }
}

/// What the register itself lacks or has wrong; its clerks are careful, not perfect.
pub mod register {
    /// Address never recorded.
    pub const POSTCODE_BLANK: f64 = 0.06;
    /// Date of birth never recorded.
    pub const DOB_BLANK: f64 = 0.004;
    /// PNC id never recorded.
    pub const PNC_BLANK: f64 = 0.03;
    /// Never in prison, or before the numbers.
    pub const PRISON_NUMBER_BLANK: f64 = 0.45;
    /// A slip of the finger in a name.
    pub const NAME_TYPO: f64 = 0.006;
    /// Recorded under the nickname, of forenames that have one.
    pub const NICKNAME: f64 = 0.03;
}
