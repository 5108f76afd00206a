//! From what was printed about a result to its estimate and standard error.

use super::cell::Printed;
use super::{Problem, Reason};
use crate::comparison::Span;
use serde::Serialize;

/// Half the width of a 95 % interval in standard errors, as published intervals have it.
pub(super) const Z: f64 = 1.96;
/// Comparison people for each participant assumed where only participants are published: in the
/// published intervals that could be checked the comparison group is worth at least this many.
pub const LAB_RATIO: f64 = 10.0;
/// Half-widths may differ from 1.96 standard errors by this share: a t quantile for few people.
const T_SLACK: f64 = 0.15;

/// How a result's estimate and standard error came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Provenance {
    /// Both were given.
    EstimateAndError,
    /// The difference was given; the error is half the interval's width over 1.96.
    EstimateAndInterval,
    /// Only the interval was given: its middle, and half its width over 1.96.
    IntervalOnly,
    /// Rates and numbers of both groups: p(1 - p)/n of each, added.
    RatesAndSizes,
    /// Rates, and the participants' number alone; the comparison group is taken to be worth
    /// [`LAB_RATIO`] times the participants.
    RatesAndParticipants,
    /// A report of this engine.
    Report,
    /// A report with noise added on purpose; its published interval, which allows for the noise.
    NoisyReport,
}

impl Provenance {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Provenance::EstimateAndError => "estimate_and_error",
            Provenance::EstimateAndInterval => "estimate_and_interval",
            Provenance::IntervalOnly => "interval_only",
            Provenance::RatesAndSizes => "rates_and_sizes",
            Provenance::RatesAndParticipants => "rates_and_participants",
            Provenance::Report => "report",
            Provenance::NoisyReport => "noisy_report",
        }
    }

    /// In words, with what is assumed.
    pub fn words(self) -> &'static str {
        match self {
            Provenance::EstimateAndError => "difference and standard error as given",
            Provenance::EstimateAndInterval => {
                "difference as given; standard error from the interval's width"
            }
            Provenance::IntervalOnly => {
                "middle of the published interval; standard error from its width"
            }
            Provenance::RatesAndSizes => "from both groups' rates and numbers",
            Provenance::RatesAndParticipants => {
                "from both groups' rates and the number of participants, assuming a comparison group worth ten times as many"
            }
            Provenance::Report => "from its report",
            Provenance::NoisyReport => {
                "from its report, to which noise was added on purpose; the interval allows for it"
            }
        }
    }
}

/// The numbers of a row, all as shares.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Numbers {
    pub estimate: Option<Printed>,
    pub se: Option<Printed>,
    pub ends: Option<(Printed, Printed)>,
    pub rates: Option<(Printed, Printed)>,
    pub n_treatment: Option<u64>,
    pub n_comparison: Option<u64>,
}

/// What they say.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Recovered {
    pub estimate: f64,
    pub se: f64,
    pub rounding_se: f64,
    pub interval: Span,
    pub provenance: Provenance,
    pub note: String,
}

/// Which column is to blame, and the rule it breaks.
pub(super) type Wrong = (&'static str, Problem);

/// Holds the row's numbers against each other, as far as rounding in print lets them be held.
///
/// # Errors
/// Numbers that cannot all be true.
pub(super) fn agree(n: &Numbers) -> Result<(), Wrong> {
    // Decimal fractions are not exact in binary: a hair more than the rounding is allowed.
    let hair = 1e-9;
    if let Some((low, high)) = n.ends {
        if low.value > high.value {
            return Err(("ci_low", Problem::UpsideDown));
        }
        if let Some(e) = n.estimate
            && (e.value < low.value - low.slack() - e.slack() - hair
                || e.value > high.value + high.slack() + e.slack() + hair)
        {
            return Err(("estimate", Problem::EstimateOutside));
        }
        if let Some((t, c)) = n.rates {
            let (d, slack) = (t.value - c.value, t.slack() + c.slack() + hair);
            if d < low.value - low.slack() - slack || d > high.value + high.slack() + slack {
                return Err(("treat_value", Problem::EstimateOutside));
            }
        }
        if let Some(se) = n.se {
            let half = (high.value - low.value) / 2.0;
            let slack = (low.slack() + high.slack()) / 2.0 + Z * se.slack() + hair;
            if (half - Z * se.value).abs() > slack + T_SLACK * Z * se.value {
                return Err(("se", Problem::ErrorDisagrees));
            }
        }
    }
    if let (Some(e), Some((t, c))) = (n.estimate, n.rates) {
        let slack = e.slack() + t.slack() + c.slack() + hair;
        if (e.value - (t.value - c.value)).abs() > slack {
            return Err(("estimate", Problem::Disagrees));
        }
    }
    Ok(())
}

/// Estimate and standard error by the first way that the numbers allow, in the order of
/// [`Provenance`]; what they do not allow is a reason and never a guess.
///
/// # Errors
/// A result without any spread.
pub(super) fn recover(n: &Numbers) -> Result<Result<Recovered, Reason>, Wrong> {
    let half = |(low, high): (Printed, Printed)| (high.value - low.value) / 2.0 / Z;
    if let (Some(e), Some(se)) = (n.estimate, n.se) {
        return made(
            Provenance::EstimateAndError,
            e.value,
            se.value,
            0.0,
            n,
            "se",
        );
    }
    if let Some(ends) = n.ends {
        if let Some(e) = n.estimate {
            let way = Provenance::EstimateAndInterval;
            return made(way, e.value, half(ends), e.rounding(), n, "ci_low");
        }
        let (low, high) = ends;
        // The middle of two numbers rounded apart.
        let rounding = (low.rounding() + high.rounding()) / 4.0;
        let middle = (low.value + high.value) / 2.0;
        let way = Provenance::IntervalOnly;
        return made(way, middle, half(ends), rounding, n, "ci_low");
    }
    let Some((t, c)) = n.rates else {
        return Ok(Err(match n.estimate {
            Some(_) => Reason::NoSizeOrInterval,
            None => Reason::NoRates,
        }));
    };
    let Some(people) = n.n_treatment else {
        return Ok(Err(Reason::NoSizeOrInterval));
    };
    let people = people as f64;
    let (way, others) = match n.n_comparison {
        Some(others) => (Provenance::RatesAndSizes, others as f64),
        None => (Provenance::RatesAndParticipants, LAB_RATIO * people),
    };
    let spread = |p: f64, n: f64| p * (1.0 - p) / n;
    let sampling = spread(t.value, people) + spread(c.value, others);
    let (estimate, rounding) = match n.estimate {
        Some(e) => (e.value, e.rounding()),
        None => (t.value - c.value, t.rounding() + c.rounding()),
    };
    made(way, estimate, sampling.sqrt(), rounding, n, "treat_value")
}

fn made(
    provenance: Provenance,
    estimate: f64,
    sampling: f64,
    rounding: f64,
    n: &Numbers,
    blame: &'static str,
) -> Result<Result<Recovered, Reason>, Wrong> {
    let se = match rounding > 0.0 {
        true => (sampling * sampling + rounding).sqrt(),
        // So that a given error stays what it was, to the last digit.
        false => sampling,
    };
    if !(sampling > 0.0 && (sampling * sampling).is_normal()) {
        return Err((blame, Problem::ZeroVariance));
    }
    let mut note = provenance.words().to_owned();
    if rounding > 0.0 {
        let points = 100.0 * rounding.sqrt();
        note += &format!("; rounding in print adds an error of {points:.2} percentage points");
    }
    let rates = matches!(
        provenance,
        Provenance::RatesAndSizes | Provenance::RatesAndParticipants
    );
    if rates {
        note += match n.estimate {
            Some(_) => "; the difference is the printed one, taken before rates were rounded",
            None => {
                "; the difference is of rounded rates, so the one before rounding may be a little different"
            }
        };
    }
    let interval = match n.ends {
        Some((low, high)) => Span {
            low: low.value,
            high: high.value,
        },
        None => Span {
            low: estimate - Z * se,
            high: estimate + Z * se,
        },
    };
    Ok(Ok(Recovered {
        estimate,
        se,
        rounding_se: rounding.sqrt(),
        interval,
        provenance,
        note,
    }))
}
