//! The influence of each person's outcome on an estimate.

/// Values per matched participant, and per pool member in the order of `Matches::pool`, whose
/// weighted means' difference has the estimate's sampling variance.
pub(super) struct Influence {
    pub participants: Vec<f64>,
    pub pool: Vec<f64>,
}

/// A weighted ratio of sums in each arm: mean = sum w y / sum w e. For plain means e = 1.
pub(super) struct Arms<'a> {
    pub y_t: &'a [f64],
    pub e_t: Option<&'a [f64]>,
    pub y_c: &'a [f64],
    pub e_c: Option<&'a [f64]>,
    /// What each participant counts for; adds up to their number.
    pub counts: &'a [f64],
    pub weight: &'a [f64],
}

/// The arms' values.
#[derive(Clone, Copy)]
pub(super) struct ArmMeans {
    pub treated: f64,
    pub comparison: f64,
    /// Mean of e among participants, and weighted in the pool.
    pub base_t: f64,
    pub base_c: f64,
}

impl Arms<'_> {
    pub(super) fn means(&self) -> ArmMeans {
        let n: f64 = self.counts.iter().sum();
        let counted = |v: &[f64]| v.iter().zip(self.counts).map(|(v, g)| v * g).sum::<f64>() / n;
        let base_t = self.e_t.map_or(1.0, counted);
        let total: f64 = self.weight.iter().sum();
        let weighted = |v: &[f64]| {
            v.iter()
                .zip(self.weight)
                .filter(|p| *p.1 > 0.0)
                .map(|(v, w)| v * w)
                .sum::<f64>()
                / total
        };
        let base_c = self.e_c.map_or(1.0, weighted);
        ArmMeans {
            treated: counted(self.y_t) / base_t,
            comparison: weighted(self.y_c) / base_c,
            base_t,
            base_c,
        }
    }

    /// Influence on `a * treated - b * comparison`: a (y - m e) / mean(e), per arm.
    pub(super) fn influence(&self, m: ArmMeans, a: f64, b: f64) -> Influence {
        let arm = |y: &[f64], e: Option<&[f64]>, mean: f64, scale: f64| -> Vec<f64> {
            match e {
                None => y.iter().map(|y| scale * (y - mean)).collect(),
                Some(e) => y
                    .iter()
                    .zip(e)
                    .map(|(y, e)| scale * (y - mean * e))
                    .collect(),
            }
        };
        Influence {
            participants: arm(self.y_t, self.e_t, m.treated, a / m.base_t),
            pool: arm(self.y_c, self.e_c, m.comparison, b / m.base_c),
        }
    }
}
