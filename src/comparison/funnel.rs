//! Which programmes are unlike the others by more than chance explains: the funnel (Spiegelhalter 2005,
//! doi:10.1002/sim.1970). It says who is unlike, never who is first.

use super::{Between, ComparisonError, IntervalKind, ProgrammeResult, Range, check, pool};
use crate::numeric::distribution::{chi_squared_upper_tail, t_quantile};

/// What results are held against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// The average of the results, weighted by inverse variance.
    Pooled,
    /// A value known beforehand, in the results' unit.
    Given(f64),
}

/// How limits widen where programmes differ more than chance explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dispersion {
    /// Not at all.
    None,
    /// Standard errors times the root of phi: all results less exact than said.
    Multiplicative,
    /// tau squared added to each variance: true differences that have nothing to do with size.
    Additive,
}

/// A pair of limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Chance alone puts one in twenty outside.
    P95,
    /// Chance alone puts one in five hundred outside.
    P998,
}

impl Level {
    /// The normal quantile of its upper limit.
    pub fn quantile(self) -> f64 {
        let upper = match self {
            Level::P95 => 0.975,
            Level::P998 => 0.999,
        };
        t_quantile(upper, f64::INFINITY)
    }
}

/// Where a result lies. Above and below are directions on the scale, not verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Within the 95 % limits.
    Within,
    /// Outside those, within the 99.8 % limits.
    Between,
    /// Outside both.
    Outside,
}

impl Place {
    /// What may be said of it.
    pub fn words(self) -> &'static str {
        match self {
            Place::Within => "no more unlike the others than chance explains",
            Place::Between => "somewhat unlike the others; chance alone does this to one in twenty",
            Place::Outside => "unlike the others more than chance explains",
        }
    }

    fn of(z: f64) -> Place {
        if z.abs() > Level::P998.quantile() {
            Place::Outside
        } else if z.abs() > Level::P95.quantile() {
            Place::Between
        } else {
            Place::Within
        }
    }
}

/// One programme in the funnel.
#[derive(Clone, Debug, PartialEq)]
pub struct FunnelPoint {
    /// The programme.
    pub name: String,
    /// Its result.
    pub estimate: f64,
    /// Its standard error.
    pub se: f64,
    /// Distance from the target in standard errors.
    pub z: f64,
    /// The same with over-dispersion allowed for; equal to `z` where there is none.
    pub z_adjusted: f64,
    /// Where it lies by chance alone.
    pub by_chance: Place,
    /// Where it lies once over-dispersion is allowed for: what is told.
    pub place: Place,
}

/// A funnel, in the results' unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Funnel {
    /// What results are held against.
    pub target: f64,
    /// Mean square of the winsorised z scores; 1 by chance.
    pub phi: f64,
    /// p that phi is no more than chance.
    pub phi_p: f64,
    /// Variance between programmes from phi, by moments; used where `over_dispersed` and additive.
    pub tau2: f64,
    /// phi is above 1 by more than chance, at 5 %.
    pub over_dispersed: bool,
    /// How limits were asked to widen.
    pub dispersion: Dispersion,
    /// Each programme, in the order given.
    pub points: Vec<FunnelPoint>,
}

/// Share of z scores drawn in at either end before phi is taken, so that the few that are unlike the others
/// do not hide themselves.
const WINSORISED: f64 = 0.1;

/// Puts results in a funnel.
///
/// With k results, the `k / 10` (rounded down) lowest z scores take the next one's value, the highest likewise; `phi` is their
/// mean square. `k phi` is held against chi-squared with k degrees of freedom, k - 1 where the target is the
/// results' own average; winsorising makes that test cautious. `tau2 = (k phi - (k - 1)) / (W - sum w^2 / W)` with
/// `w = 1 / se^2`, `W` their sum, at least 0. Fewer than ten results are not winsorised; one alone is never over-dispersed. Limits widen only where the test says so, and never narrow.
///
/// # Errors
/// Fewer than two results (one, with a target given), results that are no numbers, a target that is none.
pub fn funnel(
    results: &[ProgrammeResult],
    target: Target,
    dispersion: Dispersion,
) -> Result<Funnel, ComparisonError> {
    let (target, known) = match target {
        Target::Pooled => {
            let pooled = pool(results, Between::Common, IntervalKind::Wald)?;
            (pooled.estimate, 1.0)
        }
        Target::Given(t) if t.is_finite() => (t, 0.0),
        Target::Given(_) => return Err(ComparisonError::Target),
    };
    check(results, 1)?;
    let k = results.len() as f64;
    let z = |r: &ProgrammeResult| (r.estimate - target) / r.se;
    let phi = winsorised(results.iter().map(z).collect())
        .iter()
        .map(|z| z * z)
        .sum::<f64>()
        / k;
    let phi_p = chi_squared_upper_tail(k * phi, k - known);
    let w: f64 = results.iter().map(|r| 1.0 / (r.se * r.se)).sum();
    let w2: f64 = results.iter().map(|r| r.se.powi(-4)).sum();
    // One result has no variance between programmes: W - W2 / W is 0.
    let tau2 = match results.len() {
        1 => 0.0,
        _ => ((k * phi - (k - 1.0)) / (w - w2 / w)).max(0.0),
    };
    let mut funnel = Funnel {
        target,
        phi,
        phi_p,
        tau2,
        over_dispersed: results.len() > 1 && phi > 1.0 && phi_p < 0.05,
        dispersion,
        points: Vec::new(),
    };
    let point = |r: &ProgrammeResult| {
        let z_adjusted = (r.estimate - target) / funnel.error(r.se);
        FunnelPoint {
            name: r.name.clone(),
            estimate: r.estimate,
            se: r.se,
            z: z(r),
            z_adjusted,
            by_chance: Place::of(z(r)),
            place: Place::of(z_adjusted),
        }
    };
    funnel.points = results.iter().map(point).collect();
    Ok(funnel)
}

/// The scores with the outermost at either end drawn in.
fn winsorised(mut z: Vec<f64>) -> Vec<f64> {
    z.sort_by(f64::total_cmp);
    // Rounded down: fewer than ten results stay as they are. A little is added against binary noise in k / 10.
    let ends = (z.len() as f64 * WINSORISED + 1e-9) as usize;
    let (low, high) = (z[ends], z[z.len() - 1 - ends]);
    z.iter().map(|z| z.clamp(low, high)).collect()
}

impl Funnel {
    /// The standard error with over-dispersion allowed for.
    fn error(&self, se: f64) -> f64 {
        match self.dispersion {
            _ if !self.over_dispersed => se,
            Dispersion::None => se,
            Dispersion::Multiplicative => se * self.phi.sqrt(),
            Dispersion::Additive => (se * se + self.tau2).sqrt(),
        }
    }

    /// Do its limits allow for more than chance?
    pub fn widened(&self) -> bool {
        self.over_dispersed && self.dispersion != Dispersion::None
    }

    /// The limits of a result with standard error `se` by chance alone.
    pub fn by_chance(&self, se: f64, level: Level) -> Range {
        self.about(level.quantile() * se)
    }

    /// The limits with over-dispersion allowed for.
    pub fn limits(&self, se: f64, level: Level) -> Range {
        self.about(level.quantile() * self.error(se))
    }

    fn about(&self, half: f64) -> Range {
        Range {
            low: self.target - half,
            high: self.target + half,
        }
    }
}
