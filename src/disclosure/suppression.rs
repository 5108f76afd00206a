//! What can be worked out of a number that is withheld, from everything that is printed: two linear
//! programmes a cell, the least and the most that it can be (Fischetti & Salazar 2001,
//! doi:10.1287/mnsc.47.7.1008.9814, the attacker's side of it).
//!
//! Cost: tables here have a dozen cells; a programme takes well under a millisecond.

use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, Variable};

/// Half of what a count to the nearest five may be off by either way.
pub(super) const HALF: f64 = 2.5;

/// Counts, what is printed of each, and how they add up.
#[derive(Debug, Default)]
pub(super) struct Cells {
    bounds: Vec<(f64, f64)>,
    sums: Vec<Vec<(usize, f64)>>,
}

impl Cells {
    /// A count of which nothing is printed, but that it is one of at most `most` people.
    pub fn hidden(&mut self, most: u64) -> usize {
        self.within(0.0, most as f64)
    }

    /// A count printed to the nearest five.
    pub fn rounded(&mut self, printed: u64) -> usize {
        let x = printed as f64;
        self.within((x - HALF).max(0.0), x + HALF)
    }

    /// A count of which somebody knows that much.
    pub fn within(&mut self, low: f64, high: f64) -> usize {
        self.bounds.push((low, high.max(low)));
        self.bounds.len() - 1
    }

    /// These are together what that one is.
    pub fn add_up(&mut self, parts: &[usize], whole: usize) {
        let mut sum: Vec<(usize, f64)> = parts.iter().map(|&p| (p, 1.0)).collect();
        sum.push((whole, -1.0));
        self.sums.push(sum);
    }

    /// Least and most that a count can be. Where the programme cannot be solved, nothing is taken for
    /// hidden: no width at all.
    pub fn interval(&self, cell: usize) -> (f64, f64) {
        let at = |direction| {
            let mut problem = Problem::new(direction);
            let cells: Vec<Variable> = self
                .bounds
                .iter()
                .enumerate()
                .map(|(i, &b)| problem.add_var(if i == cell { 1.0 } else { 0.0 }, b))
                .collect();
            for sum in &self.sums {
                let mut of = LinearExpr::empty();
                for &(i, sign) in sum {
                    of.add(cells[i], sign);
                }
                problem.add_constraint(of, ComparisonOp::Eq, 0.0);
            }
            problem.solve().ok().map(|s| s.objective())
        };
        match (
            at(OptimizationDirection::Minimize),
            at(OptimizationDirection::Maximize),
        ) {
            (Some(low), Some(high)) => (low, high),
            _ => (0.0, 0.0),
        }
    }

    /// Is it known to no closer than that?
    pub fn protected(&self, cell: usize, width: f64) -> bool {
        let (low, high) = self.interval(cell);
        high - low >= width - 1e-6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_hidden_among_printed_ones_is_known_to_their_rounding() {
        // 12 of 40: the others print as 15 and 15, the whole as 40.
        let mut cells = Cells::default();
        let whole = cells.rounded(40);
        let others = [cells.rounded(15), cells.rounded(15)];
        let hidden = cells.hidden(40);
        cells.add_up(&[others[0], others[1], hidden], whole);
        let (low, high) = cells.interval(hidden);
        assert!((low - 2.5).abs() < 1e-6 && (high - 17.5).abs() < 1e-6);
        assert!(cells.protected(hidden, 15.0) && !cells.protected(hidden, 15.1));
    }

    #[test]
    fn a_second_table_that_shares_a_total_narrows_it() {
        // A hidden count, which is also the rest of a whole known exactly.
        let mut cells = Cells::default();
        let hidden = cells.hidden(100);
        let known = [cells.within(60.0, 60.0), cells.within(100.0, 100.0)];
        let other = cells.rounded(35);
        cells.add_up(&[known[0], hidden], known[1]);
        assert_eq!(cells.interval(hidden), (40.0, 40.0));
        cells.add_up(&[other, hidden], known[1]);
        assert!(!cells.protected(hidden, 1.0), "impossible is not hidden");
    }
}
