//! Does the answer rest on one choice? What the other ways of choosing counterparts come to, in
//! sentences. Only those whose groups were alike enough, and that speak for the same people, are
//! asked: the others could not know.

use super::Direction;
use crate::disclosure::findings::{Difference, OutcomeFinding, Sensitivity, Specification};

/// Of the other ways that gave groups alike enough, how many agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreement {
    /// Other ways tried.
    pub tried: usize,
    /// Of them, with groups alike enough.
    pub balanced: usize,
    /// Of those, with the best estimate on the same side.
    pub same_way: usize,
    /// Of those, that come to the same answer: a clear difference on the same side, or none.
    pub same_answer: usize,
    /// Of those, with a clear difference on the other side.
    pub opposite: usize,
    /// What the report's own answer is.
    pub answer: Direction,
}

impl Agreement {
    /// `None` when no other way was tried, or the outcome has no estimate.
    pub fn of(o: &OutcomeFinding, s: &Sensitivity) -> Option<Agreement> {
        let d = o.difference.as_ref()?;
        let others: Vec<&Specification> = s.specifications.iter().filter(|c| !c.chosen).collect();
        if others.is_empty() {
            return None;
        }
        let answer = Direction::of(d);
        let balanced: Vec<&&Specification> = others.iter().filter(|c| comparable(c, s)).collect();
        let count =
            |agrees: &dyn Fn(&Specification) -> bool| balanced.iter().filter(|c| agrees(c)).count();
        Some(Agreement {
            tried: others.len(),
            balanced: balanced.len(),
            same_way: count(&|c| (c.estimate > 0.0) == (d.estimate > 0.0)),
            same_answer: count(&|c| side(c) == answer),
            opposite: count(&|c| side(c).significant() && opposite(c, d)),
            answer,
        })
    }

    /// Does the answer hang on the choice: fewer than three in four of the others come to it, or
    /// one comes clearly to the opposite?
    pub fn hangs_on_the_choice(&self) -> bool {
        self.opposite > 0 || 4 * self.same_answer < 3 * self.balanced
    }

    /// What stands beside the answer itself; nothing when the others agree.
    pub fn caution(&self) -> Option<String> {
        if self.balanced == 0 || !self.hangs_on_the_choice() {
            return None;
        }
        let others = match self.balanced {
            1 => {
                "the one other way of choosing the comparison people that gave groups alike enough"
                    .to_owned()
            }
            n => format!(
                "{n} other ways of choosing the comparison people that gave groups alike enough"
            ),
        };
        let found = match (self.opposite, self.answer.significant()) {
            (0, true) if self.same_answer == 0 => "none shows the same".to_owned(),
            (0, true) => format!("only {} the same", shows(self.same_answer)),
            (0, false) => {
                let clear = self.balanced - self.same_answer;
                format!("{} a clear difference", shows(clear))
            }
            (n, _) => format!("{} a clear difference the other way", shows(n)),
        };
        Some(format!(
            "The answer hangs on how they were compared: of {others}, {found}. Treat it as likely rather than settled."
        ))
    }

    /// All of it, for the section on other choices.
    pub fn sentence(&self) -> String {
        let ways = match self.tried {
            1 => "one other way".to_owned(),
            n => format!("{n} other ways"),
        };
        if self.balanced == 0 {
            return format!(
                "We chose the comparison people in {ways}. None of them gave groups that were alike enough, so they can neither support this answer nor speak against it."
            );
        }
        let of = |n: usize| match n {
            0 => "none".to_owned(),
            n if n == self.balanced => "all".to_owned(),
            n => n.to_string(),
        };
        let one = self.same_answer == 1 && self.balanced > 1;
        let clear = match self.answer {
            Direction::Unclear => format!(
                "{} of them {} the direction unclear too",
                of(self.same_answer),
                if one { "leaves" } else { "leave" }
            ),
            _ => format!(
                "{} of them {} a clear difference in that direction",
                of(self.same_answer),
                if one { "shows" } else { "show" }
            ),
        };
        let caution = if self.hangs_on_the_choice() {
            " So the answer hangs on the choice: treat it as likely rather than settled."
        } else {
            ""
        };
        format!(
            "We chose the comparison people in {ways}; {} gave groups that were alike enough to ask. The best estimate points the same way in {} of these, and {clear}.{caution}",
            if self.balanced == self.tried {
                "all".to_owned()
            } else {
                self.balanced.to_string()
            },
            of(self.same_way)
        )
    }
}

/// Can this way be asked about the answer: were its groups alike enough, and does it speak for the
/// same kind of average of at least half as many participants?
pub fn comparable(c: &Specification, s: &Sensitivity) -> bool {
    let chosen = s.specifications.iter().find(|c| c.chosen);
    let same_people = chosen.is_none_or(|chosen| {
        c.estimand == chosen.estimand && 2 * c.participants_matched >= chosen.participants_matched
    });
    c.balanced() && same_people
}

fn side(c: &Specification) -> Direction {
    match (c.ci_low > 0.0, c.ci_high < 0.0) {
        (true, _) => Direction::Higher,
        (_, true) => Direction::Lower,
        _ => Direction::Unclear,
    }
}

fn opposite(c: &Specification, d: &Difference) -> bool {
    (c.estimate > 0.0) != (d.estimate > 0.0)
}

fn shows(n: usize) -> String {
    match n {
        1 => "one shows".into(),
        n => format!("{n} show"),
    }
}
