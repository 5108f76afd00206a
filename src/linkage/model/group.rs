//! Groups of a file's people who are on the register more and less often.
//!
//! Whoever was never convicted has no identifier to give, so that a row without one is nobody's on
//! the register more often; and a register knows one sex more often than the other. What a row
//! gives is known before anybody is compared with it: the overlap is one for each group, all of
//! them the same until a file says otherwise.

use crate::identity::Record;

/// How many groups there are: by sex, and by which of the two identifiers is given.
pub(in crate::linkage) const GROUPS: usize = 8;

/// What model files call them.
pub(super) const NAMES: [&str; GROUPS] = [
    "no_identifier",
    "pnc_id",
    "prison_number",
    "both_identifiers",
    "women_no_identifier",
    "women_pnc_id",
    "women_prison_number",
    "women_both_identifiers",
];

/// The group of a row.
pub(in crate::linkage) fn group(row: &Record<'_>) -> usize {
    usize::from(!row.pnc_id.is_empty())
        | usize::from(!row.prison_number.is_empty()) << 1
        | usize::from(row.sex == b'F') << 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Dob;

    #[test]
    fn a_row_is_grouped_by_what_it_gives() {
        let row = |sex, pnc_id, prison_number| Record {
            forename: "john",
            surname: "smith",
            dob: Dob::MISSING,
            sex,
            postcode: "",
            pnc_id,
            prison_number,
        };
        for (record, name) in [
            (row(0, "", ""), "no_identifier"),
            (row(b'M', "2003/1234567Q", ""), "pnc_id"),
            (row(b'F', "", "A1234BC"), "women_prison_number"),
            (
                row(b'F', "2003/1234567Q", "A1234BC"),
                "women_both_identifiers",
            ),
        ] {
            assert_eq!(NAMES[group(&record)], name);
        }
    }
}
