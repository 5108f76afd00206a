//! What a column is: headings in the words charities use, read without regard to case, spaces,
//! punctuation and hidden characters. Every synonym is in this file.

use super::problem::Problem;
use super::table::Table;
use std::collections::HashMap;
use std::sync::LazyLock;

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
}

impl Field {
    /// All of them, in the order of the template.
    pub const ALL: [Field; 9] = [
        Field::Forename,
        Field::Surname,
        Field::Dob,
        Field::Sex,
        Field::Postcode,
        Field::PncId,
        Field::PrisonNumber,
        Field::Start,
        Field::End,
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
        }
    }

    /// Headings that mean this field, in the form [`squeeze`] gives.
    fn synonyms(self) -> &'static [&'static str] {
        match self {
            Field::Forename => &[
                "forename",
                "forenames",
                "firstname",
                "firstnames",
                "first",
                "givenname",
                "givennames",
                "christianname",
            ],
            Field::Surname => &["surname", "surnames", "lastname", "last", "familyname"],
            Field::Dob => &[
                "dob",
                "dateofbirth",
                "birthdate",
                "birthday",
                "born",
                "dateborn",
                "datebirth",
                "bdate",
            ],
            Field::Sex => &["sex", "gender", "sexgender", "gendersex", "legalsex"],
            Field::Postcode => &[
                "postcode",
                "postalcode",
                "zip",
                "zipcode",
                "pcode",
                "homepostcode",
                "addresspostcode",
                "lastpostcode",
                "lastknownpostcode",
            ],
            Field::PncId => &[
                "pnc",
                "pncid",
                "pncno",
                "pncnum",
                "pncnumber",
                "pncidnumber",
                "pncref",
                "policenationalcomputerid",
                "policenationalcomputernumber",
                "policenationalcomputeridpncid",
                "policenationalcomputer",
            ],
            Field::PrisonNumber => &[
                "prisonnumber",
                "prisonno",
                "prisonid",
                "prisonernumber",
                "prisonerno",
                "prisonerid",
                "nomisnumber",
                "nomisno",
                "nomisid",
                "nomis",
                "pnomis",
                "pnomisnumber",
                "nomsnumber",
                "nomsno",
                "nomsid",
                "noms",
                "hmpnumber",
            ],
            Field::Start => &[
                "start",
                "started",
                "startdate",
                "dateofstart",
                "datestarted",
                "startingdate",
                "programmestart",
                "programmestartdate",
                "programmestarted",
                "startofprogramme",
                "dateofprogrammestart",
                "programstart",
                "programstartdate",
                "startofprogram",
                "interventionstart",
                "interventionstartdate",
                "startofintervention",
                "interventiondate",
                "supportstart",
                "supportstartdate",
                "startofsupport",
                "coursestart",
                "coursestartdate",
                "startofcourse",
                "servicestart",
                "servicestartdate",
                "engagementstart",
                "engagementstartdate",
                "joined",
                "datejoined",
                "startdateofprogramme",
                "startdateofintervention",
                "startdateofsupport",
            ],
            Field::End => &[
                "end",
                "ended",
                "enddate",
                "dateofend",
                "dateended",
                "programmeend",
                "programmeenddate",
                "programmeended",
                "endofprogramme",
                "dateofprogrammeend",
                "programend",
                "programenddate",
                "endofprogram",
                "interventionend",
                "interventionenddate",
                "endofintervention",
                "supportend",
                "supportenddate",
                "endofsupport",
                "courseend",
                "courseenddate",
                "endofcourse",
                "serviceend",
                "serviceenddate",
                "engagementend",
                "engagementenddate",
                "left",
                "dateleft",
                "completed",
                "completiondate",
                "datecompleted",
                "enddateofprogramme",
                "enddateofintervention",
                "enddateofsupport",
            ],
        }
    }

    /// Does it say who somebody is? Such a column is never a covariate unasked.
    pub fn identifies(self) -> bool {
        !matches!(self, Field::Sex | Field::Start | Field::End)
    }

    /// The field a heading means.
    pub fn of_heading(heading: &str) -> Option<Field> {
        // Every row is asked whether it repeats the headings, so the synonyms are hashed once.
        static KNOWN: LazyLock<HashMap<&str, Field>> = LazyLock::new(|| {
            let pairs = |f: Field| f.synonyms().iter().map(move |&s| (s, f));
            Field::ALL.into_iter().flat_map(pairs).collect()
        });
        if heading.len() > LONGEST_HEADING {
            return None;
        }
        let squeezed = squeeze(heading);
        let known = |h: &str| KNOWN.get(h).copied();
        known(&squeezed).or_else(|| {
            let bare = WHOSE.iter().find_map(|w| squeezed.strip_prefix(w))?;
            known(bare)
        })
    }
}

/// Bytes beyond which a cell is a text and no heading.
const LONGEST_HEADING: usize = 200;

/// Whose name or number it is says nothing: `client surname`, `service user's dob`.
const WHOSE: [&str; 9] = [
    "participants",
    "participant",
    "serviceusers",
    "serviceuser",
    "clients",
    "client",
    "beneficiary",
    "offender",
    "learner",
];

/// Words a heading may be repeated with in messages. Anything else could be somebody's name in a
/// file without headings, and is called by its position only.
const HARMLESS: [&str; 53] = [
    "address",
    "age",
    "area",
    "attended",
    "borough",
    "case",
    "city",
    "client",
    "code",
    "cohort",
    "comment",
    "comments",
    "completed",
    "contact",
    "county",
    "course",
    "date",
    "disability",
    "email",
    "ethnic",
    "ethnicity",
    "group",
    "hours",
    "id",
    "is",
    "line",
    "middle",
    "mobile",
    "name",
    "nationality",
    "no",
    "notes",
    "number",
    "of",
    "offence",
    "outcome",
    "phone",
    "prison",
    "programme",
    "project",
    "reason",
    "ref",
    "reference",
    "referral",
    "region",
    "service",
    "site",
    "staff",
    "status",
    "telephone",
    "title",
    "town",
    "type",
];

/// Lower case, letters and digits only, without what stands in brackets and a date pattern.
fn squeeze(heading: &str) -> String {
    let mut depth = 0_u32;
    let mut squeezed = String::new();
    for c in heading.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            c if depth == 0 && c.is_alphanumeric() => squeezed.extend(c.to_lowercase()),
            _ => {}
        }
    }
    let patterns = ["ddmmyyyy", "ddmmyy", "dmy"];
    match patterns.iter().find_map(|p| squeezed.strip_suffix(p)) {
        Some(bare) if !bare.is_empty() => bare.to_owned(),
        _ => squeezed,
    }
}

/// How many cells of a row are headings this reader knows.
pub(super) fn known_in(cells: &[impl AsRef<str>]) -> usize {
    let known = |c: &&_| Field::of_heading(AsRef::as_ref(*c)).is_some();
    cells.iter().filter(known).count()
}

/// The headings are among the first rows that are not blank.
pub(super) const HEADING_WITHIN: usize = 10;

/// Where in a table the headings are, and how many of them are known: the most in one row, the
/// first of equals (a repeated heading row is further down). None when no row has one.
pub(super) fn find(table: &Table) -> Option<(usize, usize)> {
    let mut cells = Vec::new();
    let mut best = None;
    for at in 0..table.len().min(HEADING_WITHIN) {
        table.row(at, &mut cells);
        let known = known_in(&cells);
        if known > best.map_or(0, |(_, known)| known) {
            best = Some((at, known));
        }
    }
    best
}

/// Which column holds which field, and what was said of the rest.
pub(super) struct Columns {
    /// Row of the headings.
    pub row: u32,
    /// Columns in that row, blank ones at the end left off.
    pub count: usize,
    /// Cells in that row. A row with more has slipped; notes beside the list have not.
    pub width: usize,
    /// Position by field, in the order of [`Field::ALL`].
    positions: [Option<usize>; 9],
    /// Two columns mean the same.
    pub ambiguous: bool,
    /// Columns not read, as they may be shown: `column 4 (ethnicity)`.
    pub ignored: Vec<String>,
}

impl Columns {
    /// Reads a heading row; says what is wrong with it.
    pub fn read(row: u32, cells: &[&str], problems: &mut Vec<Problem>) -> Columns {
        let blank = |c: &&str| super::cell::clean(c).is_empty();
        let count = cells
            .iter()
            .rposition(|c| !blank(c))
            .map_or(0, |last| last + 1);
        let mut columns = Columns {
            row,
            count,
            width: cells.len(),
            positions: [None; 9],
            ambiguous: false,
            ignored: Vec::new(),
        };
        for (at, cell) in cells[..count].iter().enumerate() {
            match Field::of_heading(cell) {
                Some(field) => columns.place(field, at, problems),
                None => columns.ignore(at, cell, problems),
            }
        }
        columns
    }

    fn place(&mut self, field: Field, at: usize, problems: &mut Vec<Problem>) {
        let slot = &mut self.positions[field as usize];
        let Some(first) = *slot else {
            *slot = Some(at);
            return;
        };
        self.ambiguous = true;
        let name = field.name();
        problems.push(Problem::error(
            self.row,
            Some(&format!("column {}", at + 1)),
            format!("columns {} and {} both mean {name}", first + 1, at + 1),
            format!(
                "keep the column that holds the participant's {name} and rename or delete the other"
            ),
        ));
    }

    fn ignore(&mut self, at: usize, cell: &str, problems: &mut Vec<Problem>) {
        let place = format!("column {}", at + 1);
        let squeezed = squeeze(cell);
        if ["name", "fullname", "participantname", "clientname", "names"]
            .contains(&squeezed.as_str())
        {
            problems.push(Problem::warning(
                self.row,
                Some(&place),
                "one column for the whole name is not read",
                "make two columns, forename and surname",
            ));
        }
        let lower = super::cell::clean(cell).to_lowercase();
        let words: Vec<&str> = lower
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| !w.is_empty())
            .collect();
        let harmless = !words.is_empty() && words.iter().all(|w| HARMLESS.contains(w));
        self.ignored.push(match harmless {
            true => format!("{place} ({})", words.join(" ")),
            false => place,
        });
    }

    /// Position of a field.
    pub fn position(&self, field: Field) -> Option<usize> {
        self.positions[field as usize]
    }

    /// Is there a column for it?
    pub fn has(&self, field: Field) -> bool {
        self.position(field).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_read_in_the_words_charities_use() {
        for (heading, field) in [
            ("Forename", Field::Forename),
            ("First Name(s)", Field::Forename),
            ("GIVEN NAMES", Field::Forename),
            ("\u{FEFF}last_name", Field::Surname),
            ("Family\u{00A0}name *", Field::Surname),
            ("D.O.B.", Field::Dob),
            ("Date of Birth (dd/mm/yyyy)", Field::Dob),
            ("date of birth dd/mm/yyyy", Field::Dob),
            ("Gender", Field::Sex),
            ("Post Code", Field::Postcode),
            ("Police National Computer ID (PNC ID)", Field::PncId),
            ("PNC/ID", Field::PncId),
            ("NOMIS no.", Field::PrisonNumber),
            ("Prisoner  number", Field::PrisonNumber),
            ("Start of\nprogramme", Field::Start),
            ("Service User's DOB", Field::Dob),
            ("Intervention end date", Field::End),
        ] {
            assert_eq!(Field::of_heading(heading), Some(field), "{heading}");
        }
        for heading in [
            "",
            "name",
            "Smith",
            "01/02/1980",
            "dd/mm/yyyy",
            "startle",
            "(dob)",
        ] {
            assert_eq!(Field::of_heading(heading), None, "{heading}");
        }
    }

    #[test]
    fn no_heading_means_two_fields() {
        let mut seen = std::collections::HashSet::new();
        for field in Field::ALL {
            for synonym in field.synonyms() {
                assert!(seen.insert(synonym), "{synonym}");
                assert_eq!(squeeze(synonym), *synonym);
            }
        }
    }

    #[test]
    fn unknown_headings_are_repeated_only_when_every_word_is_harmless() {
        let cells = ["dob", "Ethnic group", "Winifred", "Case ref: 1181", ""];
        let mut problems = Vec::new();
        let columns = Columns::read(1, &cells, &mut problems);
        assert_eq!(
            columns.ignored,
            ["column 2 (ethnic group)", "column 3", "column 4"]
        );
        assert_eq!(columns.count, 4);
        assert!(problems.is_empty());
    }
}
