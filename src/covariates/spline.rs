//! Natural cubic splines: smooth between knots, straight beyond them, K columns for K degrees of
//! freedom.
//!
//! Boundary knots are the least and the largest value, K - 1 interior knots at equally spaced
//! quantiles of the observed (type 7), over participants and others alike: the space that R's
//! `splines::ns(x, K)` spans, so that fitted scores agree. The columns are the number itself and,
//! for each interior knot, the natural spline that is 1 there and 0 at the other knots (de Boor
//! 1978, A Practical Guide to Splines, ch. IV): stable to compute with, and what the balance table
//! shows first is the plain number. A value costs one polynomial of degree 3.

/// The nonlinear columns of one number.
#[derive(Debug, Clone)]
pub(super) struct NaturalSpline {
    low: f64,
    span: f64,
    /// Interior knots, in units of the span.
    interior: Vec<f64>,
    /// Knots left of each piece, and its polynomial in the distance from there, a column after the
    /// other: `left[piece]`, `pieces[column * pieces + piece]`.
    left: Vec<f64>,
    pieces: Vec<[f64; 4]>,
}

impl NaturalSpline {
    /// With knots from the `observed` (sorted; no `NaN`) for `columns` columns, the plain one
    /// included. Knots that coincide are one; `None` when no interior knot is left.
    pub fn new(observed: &[f64], columns: usize) -> Option<NaturalSpline> {
        let (&low, &high) = (observed.first()?, observed.last()?);
        let span = high - low;
        if columns < 2 || span <= 0.0 {
            return None;
        }
        let mut knots = vec![0.0];
        for k in 1..columns {
            let at = (quantile(observed, k as f64 / columns as f64) - low) / span;
            if knots.last().is_none_or(|last| at > *last) && at < 1.0 {
                knots.push(at);
            }
        }
        knots.push(1.0);
        let interior = knots[1..knots.len() - 1].to_vec();
        if interior.is_empty() {
            return None;
        }
        let pieces = (1..=interior.len())
            .flat_map(|j| cardinal(&knots, j))
            .collect();
        knots.pop();
        Some(NaturalSpline {
            low,
            span,
            interior,
            left: knots,
            pieces,
        })
    }

    /// Columns besides the plain one.
    pub fn columns(&self) -> usize {
        self.interior.len()
    }

    /// One of them at `x`, which lies within the boundary knots.
    #[inline(always)]
    pub fn value(&self, column: usize, x: f64) -> f64 {
        let u = (x - self.low) / self.span;
        let mut piece = 0;
        for &knot in &self.interior {
            piece += usize::from(u >= knot);
        }
        let [a, b, c, d] = self.pieces[column * self.left.len() + piece];
        let s = u - self.left[piece];
        a + s * (b + s * (c + s * d))
    }
}

/// R's default quantile (type 7) of sorted values.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let at = share * (sorted.len() - 1) as f64;
    let below = sorted[at.floor() as usize];
    let above = sorted[at.ceil() as usize];
    below + (at - at.floor()) * (above - below)
}

/// The pieces of the natural spline that is 1 at knot `j` and 0 at the others: second derivatives
/// M from `h M_- + 2 (h + h') M + h' M_+ = 6 (slope' - slope)`, by elimination.
fn cardinal(knots: &[f64], j: usize) -> Vec<[f64; 4]> {
    let last = knots.len() - 1;
    let y = |i: usize| f64::from(u8::from(i == j));
    let h: Vec<f64> = knots.windows(2).map(|k| k[1] - k[0]).collect();
    let slope: Vec<f64> = (0..last).map(|i| (y(i + 1) - y(i)) / h[i]).collect();
    let (mut diagonal, mut right) = (vec![1.0; last + 1], vec![0.0; last + 1]);
    for i in 1..last {
        diagonal[i] = 2.0 * (h[i - 1] + h[i]);
        right[i] = 6.0 * (slope[i] - slope[i - 1]);
        if i > 1 {
            let factor = h[i - 1] / diagonal[i - 1];
            diagonal[i] -= factor * h[i - 1];
            right[i] -= factor * right[i - 1];
        }
    }
    let mut m = vec![0.0; last + 1];
    for i in (1..last).rev() {
        m[i] = (right[i] - h[i] * m[i + 1]) / diagonal[i];
    }
    (0..last)
        .map(|i| {
            [
                y(i),
                slope[i] - h[i] * (2.0 * m[i] + m[i + 1]) / 6.0,
                m[i] / 2.0,
                (m[i + 1] - m[i]) / (6.0 * h[i]),
            ]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spline_of_one_interior_knot_worked_by_hand() {
        // In units of the span, knots 0, 1/2, 1 with values 0, 1, 0: slopes 2 and -2, so that M in
        // the middle is 6 (-2 - 2) / 2 = -12 and the first piece is 3 s - 4 s^3: 11/16 at 1/4.
        let spline = NaturalSpline::new(&[0.0, 2.0, 5.0, 7.0, 10.0], 2).unwrap();
        assert_eq!(spline.columns(), 1);
        for (x, want) in [
            (0.0, 0.0),
            (2.5, 11.0 / 16.0),
            (5.0, 1.0),
            (7.5, 11.0 / 16.0),
            (10.0, 0.0),
        ] {
            assert!((spline.value(0, x) - want).abs() < 1e-15, "{x}");
        }
    }

    #[test]
    fn a_spline_is_smooth_at_its_knots_and_straight_at_its_ends() {
        let x: Vec<f64> = (0..200).map(|i| f64::from(i * i) - 50.0).collect();
        let spline = NaturalSpline::new(&x, 6).unwrap();
        assert_eq!(spline.columns(), 5);
        let n = spline.left.len();
        let ends = [spline.interior.clone(), vec![1.0]].concat();
        for column in 0..5 {
            let piece = |i: usize, s: f64| {
                let [a, b, c, d] = spline.pieces[column * n + i];
                [
                    a + s * (b + s * (c + s * d)),
                    b + s * (2.0 * c + 3.0 * s * d),
                    2.0 * c + 6.0 * s * d,
                ]
            };
            for (i, end) in ends.iter().enumerate() {
                let at_end = piece(i, end - spline.left[i]);
                let next = if i + 1 < n {
                    piece(i + 1, 0.0)
                } else {
                    [0.0, at_end[1], 0.0]
                };
                for (a, b) in at_end.iter().zip(next) {
                    assert!((a - b).abs() < 1e-9 * (1.0 + b.abs()), "{column} {i}");
                }
            }
            assert!(piece(0, 0.0)[2].abs() < 1e-12);
        }
    }

    #[test]
    fn knots_that_coincide_are_one() {
        let mut x = vec![0.0; 60];
        x.extend((0..40).map(f64::from));
        let spline = NaturalSpline::new(&x, 5).unwrap();
        assert_eq!(spline.columns(), 1, "three of four quantiles are 0");
        let flag = [vec![0.0; 30], vec![1.0; 30]].concat();
        assert!(NaturalSpline::new(&flag, 4).is_none_or(|s| s.columns() == 1));
        assert!(NaturalSpline::new(&[3.0; 9], 4).is_none());
        assert!(NaturalSpline::new(&[], 4).is_none());
    }
}
