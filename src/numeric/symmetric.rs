//! Small symmetric systems: which columns are redundant, solve, invert. p is the number of columns
//! of a design, tens to hundreds, so plain O(p^3) loops serve.

use ndarray::{Array1, Array2};

/// A Cholesky factor L of a symmetric positive definite matrix, A = L L'.
#[derive(Debug, Clone)]
pub struct Cholesky {
    lower: Array2<f64>,
}

/// Columns that add nothing to the ones before them: the share of their sum of squares that is
/// left after projecting on the earlier kept ones is below `tolerance`. Left to right, so later
/// columns give way to earlier ones.
pub fn redundant_columns(gram: &Array2<f64>, tolerance: f64) -> Vec<usize> {
    redundant_beside(gram, &gram.diag().to_vec(), tolerance)
}

/// As [`redundant_columns`], what is left compared with `size`, one a column: the sums of squares
/// before something was projected out of `gram`.
pub fn redundant_beside(gram: &Array2<f64>, size: &[f64], tolerance: f64) -> Vec<usize> {
    let p = gram.nrows();
    let mut lower = Array2::<f64>::zeros((p, p));
    let mut redundant = Vec::new();
    for j in 0..p {
        let mut left = gram[[j, j]];
        for k in 0..j {
            left -= lower[[j, k]] * lower[[j, k]];
        }
        if left <= tolerance * size[j] {
            redundant.push(j);
            continue;
        }
        let pivot = left.sqrt();
        lower[[j, j]] = pivot;
        for i in j + 1..p {
            let mut v = gram[[i, j]];
            for k in 0..j {
                v -= lower[[i, k]] * lower[[j, k]];
            }
            lower[[i, j]] = v / pivot;
        }
    }
    redundant
}

impl Cholesky {
    /// Factors `a`, reading its lower triangle; `None` when it is not positive definite.
    pub fn new(a: &Array2<f64>) -> Option<Self> {
        let p = a.nrows();
        let mut lower = Array2::<f64>::zeros((p, p));
        for j in 0..p {
            for i in j..p {
                let mut v = a[[i, j]];
                for k in 0..j {
                    v -= lower[[i, k]] * lower[[j, k]];
                }
                if i > j {
                    lower[[i, j]] = v / lower[[j, j]];
                } else if v > 0.0 && v.is_finite() {
                    lower[[j, j]] = v.sqrt();
                } else {
                    return None;
                }
            }
        }
        Some(Cholesky { lower })
    }

    /// L, its upper triangle zero.
    pub fn lower(&self) -> &Array2<f64> {
        &self.lower
    }

    /// ln det A.
    pub fn log_determinant(&self) -> f64 {
        2.0 * self.lower.diag().iter().map(|d| d.ln()).sum::<f64>()
    }

    /// x with A x = b.
    pub fn solve(&self, b: &Array1<f64>) -> Array1<f64> {
        let l = &self.lower;
        let p = b.len();
        let mut x = b.clone();
        for i in 0..p {
            for k in 0..i {
                x[i] -= l[[i, k]] * x[k];
            }
            x[i] /= l[[i, i]];
        }
        for i in (0..p).rev() {
            for k in i + 1..p {
                x[i] -= l[[k, i]] * x[k];
            }
            x[i] /= l[[i, i]];
        }
        x
    }

    /// L^-1 b, in place.
    pub fn solve_lower(&self, b: &mut [f64]) {
        for i in 0..b.len() {
            let mut v = b[i];
            for (k, x) in b[..i].iter().enumerate() {
                v -= self.lower[[i, k]] * x;
            }
            b[i] = v / self.lower[[i, i]];
        }
    }

    /// The inverse of A.
    pub fn inverse(&self) -> Array2<f64> {
        let p = self.lower.nrows();
        let mut inverse = Array2::zeros((p, p));
        for j in 0..p {
            let mut unit = Array1::zeros(p);
            unit[j] = 1.0;
            inverse.column_mut(j).assign(&self.solve(&unit));
        }
        inverse
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn solves_a_system_worked_by_hand() {
        let a = array![[4.0, 2.0], [2.0, 3.0]];
        let c = Cholesky::new(&a).unwrap();
        let x = c.solve(&array![8.0, 7.0]);
        assert!((x[0] - 1.25).abs() < 1e-15 && (x[1] - 1.5).abs() < 1e-15);
        let inverse = c.inverse();
        assert!((inverse[[0, 0]] - 0.375).abs() < 1e-15);
        assert!((c.log_determinant() - 8f64.ln()).abs() < 1e-15);
        assert!(Cholesky::new(&array![[1.0, 2.0], [2.0, 1.0]]).is_none());
    }

    #[test]
    fn the_later_of_two_equal_columns_is_redundant() {
        let x = array![
            [1.0, 2.0, 1.0, 3.0],
            [1.0, 5.0, 1.0, 6.0],
            [1.0, 7.0, 1.0, 8.0]
        ];
        // third = first; fourth = first + second
        assert_eq!(redundant_columns(&x.t().dot(&x), 1e-11), vec![2, 3]);
    }
}
