//! What is counted.

/// Some of a number of things.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// Those that have it.
    pub part: u64,
    /// All of them.
    pub whole: u64,
}

impl Share {
    /// `part` of `whole`; never more than all of them.
    pub fn new(part: u64, whole: u64) -> Share {
        Share {
            part: part.min(whole),
            whole,
        }
    }

    /// 0-100; `None` of nothing.
    pub fn percent(self) -> Option<f64> {
        (self.whole > 0).then(|| 100.0 * self.part as f64 / self.whole as f64)
    }

    /// Both counts to the nearest multiple of `unit`.
    fn banded(self, unit: u64) -> Share {
        Share::new(nearest(self.part, unit), nearest(self.whole, unit))
    }
}

/// The counts behind the twelve answers; a share of nothing is one that could not be measured.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured {
    /// Rows of the list somebody can be made of, of all rows of people.
    pub rows_usable: Share,
    /// Cells of the list that keep the rules of their column, of those filled in.
    pub cells_valid: Share,
    /// Names and dates of birth filled in, of those there could be.
    pub identity_filled: Share,
    /// Programme starts within the register's time, of the people looked for.
    pub starts_covered: Share,
    /// People found with the event the programme followed, of the people found.
    pub with_event: Share,
    /// Events of the register dated no later than the last day it has recorded, of all events.
    pub events_possible: Share,
    /// Covariates known, of those there could be among everybody compared.
    pub covariates_known: Share,
    /// People whose follow-up is recorded, of those with the event.
    pub followed_up: Share,
    /// People who enter the comparison, of the people in the list.
    pub spoken_for: Share,
    /// Links expected to be right, of all links (the expectation to the nearest whole link).
    pub links_right: Share,
    /// People found, of the people looked for.
    pub found: Share,
    /// Events within half a year of the programme's start, of the people who enter the comparison.
    pub events_near: Share,
    /// How often each kind of person was found.
    pub groups: Vec<super::GroupCount>,
}

impl Measured {
    /// Every count to the nearest multiple of `unit`, but those of groups, which have rules of their
    /// own.
    pub fn banded(&self, unit: u64) -> Measured {
        let of = |s: Share| s.banded(unit);
        Measured {
            rows_usable: of(self.rows_usable),
            cells_valid: of(self.cells_valid),
            identity_filled: of(self.identity_filled),
            starts_covered: of(self.starts_covered),
            with_event: of(self.with_event),
            events_possible: of(self.events_possible),
            covariates_known: of(self.covariates_known),
            followed_up: of(self.followed_up),
            spoken_for: of(self.spoken_for),
            links_right: of(self.links_right),
            found: of(self.found),
            events_near: of(self.events_near),
            groups: self.groups.clone(),
        }
    }
}

/// `n` to the nearest multiple of `unit`, halves up.
pub fn nearest(n: u64, unit: u64) -> u64 {
    (n + unit / 2) / unit * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_go_to_the_nearest_five() {
        let got: Vec<u64> = [0, 2, 3, 7, 8, 12, 13].map(|n| nearest(n, 5)).into();
        assert_eq!(got, [0, 0, 5, 5, 10, 10, 15]);
        assert_eq!(Share::new(98, 99).banded(5), Share::new(100, 100));
    }
}
