//! Weighted Gram matrices in blocks of rows: the design matrix is never written out whole.

use faer::linalg::matmul::triangular::{BlockStructure, matmul};
use faer::{Accum, MatMut, MatRef, Par};
use ndarray::Array2;
use std::ops::Range;

/// Rows in a block: small enough for a block of 60 columns to stay in the second-level cache.
pub const BLOCK: usize = 512;
/// Chunks a pass is cut into, whatever the number of threads: folded in order, so that the sum
/// has the same bits on any machine.
const CHUNKS: usize = 16;

/// Row ranges of the chunks of a pass over `rows` rows.
pub fn chunks(rows: usize) -> Vec<Range<usize>> {
    let size = rows.div_ceil(CHUNKS).next_multiple_of(BLOCK).max(BLOCK);
    (0..rows)
        .step_by(size)
        .map(|from| from..(from + size).min(rows))
        .collect()
}

/// Adds `block' block` to the lower triangle of `gram` (p x p, column major); `block` is n x p,
/// column major with a column stride of [`BLOCK`].
pub fn accumulate(gram: &mut [f64], block: &[f64], n: usize, p: usize) {
    let x = MatRef::from_column_major_slice_with_stride(&block[..BLOCK * p], n, p, BLOCK);
    let g = MatMut::from_column_major_slice_mut(gram, p, p);
    matmul(
        g,
        BlockStructure::TriangularLower,
        Accum::Add,
        x.transpose(),
        BlockStructure::Rectangular,
        x,
        BlockStructure::Rectangular,
        1.0,
        Par::Seq,
    );
}

/// The whole symmetric matrix from a lower triangle stored by columns.
pub fn symmetric(lower: &[f64], p: usize) -> Array2<f64> {
    Array2::from_shape_fn((p, p), |(i, j)| lower[i.min(j) * p + i.max(j)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gram_worked_by_hand() {
        // X = [[1,2],[3,4],[5,6]]; X'X = [[35,44],[44,56]]
        let mut block = vec![0.0; BLOCK * 2];
        block[..3].copy_from_slice(&[1.0, 3.0, 5.0]);
        block[BLOCK..BLOCK + 3].copy_from_slice(&[2.0, 4.0, 6.0]);
        let mut gram = vec![0.0; 4];
        accumulate(&mut gram, &block, 3, 2);
        let g = symmetric(&gram, 2);
        assert_eq!(g, ndarray::array![[35.0, 44.0], [44.0, 56.0]]);
    }

    #[test]
    fn chunks_cover_every_row_once() {
        for rows in [0, 1, 511, 512, 513, 10_000, 1_000_003] {
            let c = chunks(rows);
            assert!(c.len() <= CHUNKS);
            assert_eq!(c.iter().map(ExactSizeIterator::len).sum::<usize>(), rows);
            assert!(c.windows(2).all(|w| w[0].end == w[1].start));
        }
    }
}
