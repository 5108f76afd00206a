//! The register's data dictionary, `register.toml`: what every column is.

use super::register::RegisterPlan;
use super::table::Kind;
use std::fmt::Write;

/// Last day the synthetic register has recorded.
pub const CUT_OFF: &str = "2025-12-31";
/// Day of the extract. Fixed, like everything else here: the same seed makes the same bytes.
pub const MADE: &str = "2026-01-31";

/// One column of the dictionary.
pub struct Entry {
    /// `persons` or `events`.
    pub table: &'static str,
    /// Name.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// `text`, `date`, `number`, `flag`, `category` or `count`.
    pub kind: &'static str,
    /// `key`, `identifier`, `date`, `covariate` or `outcome`.
    pub role: &'static str,
    /// Unit or values allowed; empty when there is none.
    pub unit: &'static str,
}

impl Entry {
    /// How the column is stored.
    pub fn stored(&self) -> Kind {
        match (self.role, self.kind) {
            ("key", _) => Kind::Key,
            (_, "date") => Kind::Date,
            (_, "text" | "category") => Kind::Text,
            _ => Kind::Int,
        }
    }
}

macro_rules! columns {
    ($($table:literal $role:literal: $($name:literal $kind:literal $label:literal $unit:literal),+;)+) => {
        /// Every column, in the order of the tables.
        pub const COLUMNS: &[Entry] = &[$($(Entry {
            table: $table, name: $name, label: $label, kind: $kind, role: $role, unit: $unit,
        }),+),+];
    };
}

columns! {
    "persons" "key":
        "person_id" "number" "Pseudonymous key" "";
    "persons" "identifier":
        "forename" "text" "Forename" "",
        "surname" "text" "Surname" "",
        "dob" "date" "Date of birth" "",
        "sex" "category" "Sex" "F, M",
        "postcode" "text" "Postcode" "",
        "pnc_id" "text" "Police National Computer id" "YYYY/NNNNNNNC",
        "prison_number" "text" "Prison number" "A1234BC";
    "events" "key":
        "person_id" "number" "Pseudonymous key" "";
    "events" "date":
        "event_date" "date" "Release from custody, or start of a community or suspended sentence" "";
    "events" "covariate":
        "age" "number" "Age at the index event" "years",
        "sex" "category" "Sex" "F, M",
        "ethnicity" "category" "Ethnic group" "asian, black, mixed, other, white",
        "uk_national" "flag" "UK national" "",
        "offence_group" "category" "Index offence" "burglary, drugs, fraud, motoring, public_order, robbery, sexual, theft, violence",
        "sentence_type" "category" "Sentence type" "community, custody, suspended",
        "sentence_days" "number" "Sentence length" "days",
        "previous_convictions" "count" "Previous convictions" "convictions",
        "previous_custody" "count" "Previous custodial sentences" "sentences",
        "age_first_offence" "number" "Age at first offence" "years",
        "risk_score" "number" "Risk of reoffending score" "0-100",
        "accommodation_need" "flag" "Accommodation need" "",
        "drugs_need" "flag" "Drug misuse need" "",
        "alcohol_need" "flag" "Alcohol misuse need" "",
        "mental_health_need" "flag" "Mental health need" "",
        "weeks_employed_before" "number" "Weeks in work in the year before" "weeks",
        "benefit_weeks_before" "number" "Weeks on out-of-work benefit in the year before" "weeks",
        "region" "category" "Region of the address" "";
    "events" "outcome":
        "reoffended" "flag" "Proven reoffence within one year" "",
        "reoffences" "count" "Proven reoffences within one year" "reoffences",
        "custody" "flag" "Custody for a reoffence within one year" "",
        "indictable" "flag" "First reoffence triable only in the Crown Court" "",
        "either_way" "flag" "First reoffence triable either way" "",
        "summary" "flag" "First reoffence a summary offence" "",
        "severity" "number" "Severity of the first reoffence (ordered; 0 = none)" "grade 0-5",
        "employed_at_12_months" "flag" "In work twelve months after" "",
        "weeks_in_work_12_months" "count" "Weeks in work in the year after" "weeks",
        "earnings_12_months" "number" "Earnings in the year after" "pounds",
        "reoffences_indictable" "count" "Proven reoffences within one year triable only in the Crown Court" "reoffences",
        "reoffences_either_way" "count" "Proven reoffences within one year triable either way" "reoffences",
        "reoffences_summary" "count" "Proven reoffences within one year that are summary offences" "reoffences",
        "custodial_sentences" "count" "Custodial sentences for reoffences within one year" "sentences",
        "days_to_first" "number" "Days to the first reoffence (empty when there is none)" "days";
}

/// The dictionary as TOML.
pub fn text(plan: &RegisterPlan) -> String {
    let mut out = format!(
        "# Nobody in this register exists. Made by: counterpart synth register --people {} --seed {} --effect {}\n\
         title = \"Synthetic justice and employment register\"\n\
         source = \"counterpart synth register\"\n\
         made = \"{MADE}\"\n\
         cut_off = \"{CUT_OFF}\"\n\
         synthetic = true\n",
        plan.people, plan.seed, plan.effect
    );
    for c in COLUMNS {
        // Writing to a String cannot fail; labels hold no quotes.
        let _ = write!(
            out,
            "\n[[columns]]\ntable = \"{}\"\nname = \"{}\"\nlabel = \"{}\"\nkind = \"{}\"\nrole = \"{}\"\n",
            c.table, c.name, c.label, c.kind, c.role
        );
        if !c.unit.is_empty() {
            let _ = writeln!(out, "unit = \"{}\"", c.unit);
        }
    }
    out
}
