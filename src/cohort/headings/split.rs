//! Cells that hold two fields, and fields that stand in several cells.

/// How the numbers of a date are ordered, where somebody has said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateOrder {
    DayFirst,
    MonthFirst,
}

/// Forename(s) and surname of a whole name: `SMITH, John` at the comma; else the last word is the
/// surname. A single word is a surname alone; either may come out blank.
pub(super) fn whole_name(name: &str) -> (&str, &str) {
    let (forename, surname) = match name.split_once([',', ';']) {
        Some((surname, forename)) => (forename, surname),
        None => name.rsplit_once(char::is_whitespace).unwrap_or(("", name)),
    };
    (forename.trim(), surname.trim())
}

/// Months by their number, so that no day can be taken for one.
const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// A date whose numbers stand in that order, written so that it can be read in no other. None: it is
/// not three numbers with the year last, and reads one way as it is.
pub(super) fn in_order(text: &str, order: DateOrder) -> Option<String> {
    let parts: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || "/-.".contains(c))
        .filter(|p| !p.is_empty())
        .collect();
    let [a, b, year, rest @ ..] = parts.as_slice() else {
        return None;
    };
    let small = |t: &str| t.len() <= 2 && t.bytes().all(|b| b.is_ascii_digit());
    if !(small(a) && small(b) && year.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let (day, month) = match order {
        DateOrder::DayFirst => (a, b),
        DateOrder::MonthFirst => (b, a),
    };
    let time = rest.join(" ");
    Some(
        format!("{} {time}", birth([day, month, year]))
            .trim_end()
            .to_owned(),
    )
}

/// Day, month and year in cells of their own as one date; blanks are left out.
pub(super) fn birth([day, month, year]: [&str; 3]) -> String {
    let named = month
        .parse::<usize>()
        .ok()
        .and_then(|m| MONTHS.get(m.checked_sub(1)?))
        .copied();
    match (named, month.parse::<u32>()) {
        (Some(month), _) => [day, month, year].join(" ").trim().to_owned(),
        // No month has that number: a date that no calendar has.
        (None, Ok(_)) if !day.is_empty() && !year.is_empty() => format!("{day}/00/{year}"),
        _ => {
            let parts = [day, month, year].into_iter().filter(|p| !p.is_empty());
            parts.collect::<Vec<_>>().join(" ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_name_is_split_at_its_comma_or_before_its_last_word() {
        for (name, split) in [
            ("SMITH, John", ("John", "SMITH")),
            ("Smith,John Paul", ("John Paul", "Smith")),
            ("John Smith", ("John", "Smith")),
            ("John Paul Smith-Jones", ("John Paul", "Smith-Jones")),
            ("De La Cruz, Ana", ("Ana", "De La Cruz")),
            ("Smith", ("", "Smith")),
            ("Smith,", ("", "Smith")),
        ] {
            assert_eq!(whole_name(name), split, "{name}");
        }
    }

    #[test]
    fn an_order_that_was_said_leaves_no_other_reading() {
        use DateOrder::*;
        for (text, order, read) in [
            ("03/04/1980", MonthFirst, Some("04 mar 1980")),
            ("03/04/1980", DayFirst, Some("03 apr 1980")),
            ("3-4-80", MonthFirst, Some("4 mar 80")),
            ("03/04/1980 00:00", DayFirst, Some("03 apr 1980 00:00")),
            ("13/02/1980", MonthFirst, Some("02/00/1980")),
            ("1980-03-04", MonthFirst, None),
            ("3 April 1980", MonthFirst, None),
            ("29000", MonthFirst, None),
        ] {
            assert_eq!(in_order(text, order).as_deref(), read, "{text}");
        }
    }

    #[test]
    fn a_birth_date_comes_together_from_three_cells() {
        assert_eq!(birth(["3", "4", "1980"]), "3 apr 1980");
        assert_eq!(birth(["3", "April", "1980"]), "3 April 1980");
        assert_eq!(birth(["", "", "1980"]), "1980");
        assert_eq!(birth(["3", "13", "1980"]), "3/00/1980");
        assert_eq!(birth(["", "", ""]), "");
    }
}
