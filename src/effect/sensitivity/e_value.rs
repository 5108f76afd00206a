//! E-values: the least risk ratio that something unseen would need with both taking part and the
//! outcome to explain a result away (VanderWeele & Ding 2017, doi:10.7326/M16-2607).

/// Share of people with the event above which it is common, so that odds and hazard ratios are no
/// longer near the risk ratio (the paper's 15 %).
pub const COMMON: f64 = 0.15;

/// E-value of a risk ratio. 1 when there is nothing to explain.
///
/// # Formula
/// `RR + sqrt(RR (RR - 1))` for RR >= 1, of `1 / RR` below.
///
/// ```
/// let e = counterpart::effect::e_value(0.8);
/// assert!((e - 1.809_016_994_374_947).abs() < 1e-12); // RR* = 1.25
/// ```
pub fn e_value(risk_ratio: f64) -> f64 {
    let r = if risk_ratio < 1.0 {
        1.0 / risk_ratio
    } else {
        risk_ratio
    };
    r + (r * (r - 1.0)).sqrt()
}

/// What the risk ratio behind an E-value was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// The risk ratio itself.
    RiskRatio,
    /// A ratio of rates of a count, which the paper takes as it is.
    RateRatio,
    /// The odds ratio as it is, where the outcome is rare.
    OddsRatioRare,
    /// The square root of the odds ratio, where the outcome is common.
    OddsRatioCommon,
    /// The hazard ratio as it is, where the event is rare.
    HazardRatioRare,
    /// `(1 - 0.5^sqrt(HR)) / (1 - 0.5^sqrt(1 / HR))`, where the event is common.
    HazardRatioCommon,
    /// `exp(0.91 d)` of the standardised difference d of means (Chinn 2000).
    StandardisedDifference,
}

impl Basis {
    /// The word used in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Basis::RiskRatio => "risk_ratio",
            Basis::RateRatio => "rate_ratio",
            Basis::OddsRatioRare => "odds_ratio",
            Basis::OddsRatioCommon => "square_root_of_odds_ratio",
            Basis::HazardRatioRare => "hazard_ratio",
            Basis::HazardRatioCommon => "hazard_ratio_as_risk_ratio",
            Basis::StandardisedDifference => "standardised_difference",
        }
    }

    /// The basis of a ratio of this name; `None` for names that are none. `common`: does the event
    /// happen to more than [`COMMON`] of either group?
    pub fn of(ratio: &str, common: bool) -> Option<Basis> {
        match (ratio, common) {
            ("risk_ratio", _) => Some(Basis::RiskRatio),
            ("rate_ratio", _) => Some(Basis::RateRatio),
            ("odds_ratio", false) => Some(Basis::OddsRatioRare),
            ("odds_ratio", true) => Some(Basis::OddsRatioCommon),
            ("hazard_ratio", false) => Some(Basis::HazardRatioRare),
            ("hazard_ratio", true) => Some(Basis::HazardRatioCommon),
            _ => None,
        }
    }

    fn risk_ratio(self, ratio: f64) -> f64 {
        match self {
            Basis::OddsRatioCommon => ratio.sqrt(),
            Basis::HazardRatioCommon => {
                let survived = |root: f64| 1.0 - 0.5f64.powf(root);
                survived(ratio.sqrt()) / survived((1.0 / ratio).sqrt())
            }
            _ => ratio,
        }
    }
}

/// An E-value with what it rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EValue {
    /// What the risk ratio was made from.
    pub basis: Basis,
    /// The (approximate) risk ratio.
    pub risk_ratio: f64,
    /// Its 95 % interval, low.
    pub ci_low: f64,
    /// Its 95 % interval, high.
    pub ci_high: f64,
    /// Of the point.
    pub value: f64,
    /// Of the limit nearest to no difference; 1 when the interval holds no difference.
    pub limit: f64,
}

/// E-value of a ratio with its interval. `None` where a number is not finite or not above 0.
pub fn from_ratio(basis: Basis, ratio: f64, ci_low: f64, ci_high: f64) -> Option<EValue> {
    let [risk_ratio, low, high] = [ratio, ci_low, ci_high].map(|r| basis.risk_ratio(r));
    let sound = [risk_ratio, low, high]
        .iter()
        .all(|r| r.is_finite() && *r > 0.0);
    let limit = match (low > 1.0, high < 1.0) {
        (true, _) => e_value(low),
        (_, true) => e_value(high),
        _ => 1.0,
    };
    sound.then(|| EValue {
        basis,
        risk_ratio,
        ci_low: low,
        ci_high: high,
        value: e_value(risk_ratio),
        limit,
    })
}

/// E-value of a difference of means.
///
/// # Formula
/// With d = difference / sd and s = se / sd, RR = exp(0.91 d), its interval exp(0.91 d -+ 1.78 s);
/// `sd` is the standard deviation of the outcome, pooled over both groups. `None` without spread.
pub fn from_difference(difference: f64, se: f64, sd: f64) -> Option<EValue> {
    let (d, s) = (difference / sd, se / sd);
    let at = |x: f64| x.exp();
    from_ratio(
        Basis::StandardisedDifference,
        at(0.91 * d),
        at(0.91 * d - 1.78 * s),
        at(0.91 * d + 1.78 * s),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(got: f64, want: f64, tolerance: f64) {
        assert!((got - want).abs() < tolerance, "{got}, not {want}");
    }

    #[test]
    fn the_papers_examples_come_out() {
        // VanderWeele & Ding (2017): Victora et al., RR 3.9 (1.8 to 8.7): 7.26, limit 3.0.
        let e = from_ratio(Basis::RiskRatio, 3.9, 1.8, 8.7).unwrap();
        near(e.value, 7.26, 0.005);
        near(e.limit, 3.0, 0.005);
        // ... and breast feeding with ovarian cancer, RR 0.5 (0.3 to 0.8): 3.4, limit 1.8.
        let e = from_ratio(Basis::RiskRatio, 0.5, 0.3, 0.8).unwrap();
        near(e.value, 3.41, 0.005);
        near(e.limit, 1.81, 0.005);
    }

    #[test]
    fn an_interval_with_no_difference_in_it_needs_nothing_unseen() {
        let e = from_ratio(Basis::RiskRatio, 0.9, 0.7, 1.1).unwrap();
        assert_eq!(e.limit, 1.0);
        assert!(e.value > 1.0);
        assert_eq!(
            from_ratio(Basis::RiskRatio, 1.0, 0.9, 1.1).unwrap().value,
            1.0
        );
    }

    #[test]
    fn common_odds_and_hazards_are_brought_to_risk_ratios() {
        // sqrt(4) = 2: 2 + sqrt(2)
        let e = from_ratio(Basis::OddsRatioCommon, 4.0, 2.25, 9.0).unwrap();
        near(e.value, 2.0 + 2f64.sqrt(), 1e-12);
        near(e.limit, 1.5 + 0.75f64.sqrt(), 1e-12);
        // HR 4: (1 - 0.5^2) / (1 - 0.5^0.5) = 0.75 / 0.292893 = 2.560660
        let e = from_ratio(Basis::HazardRatioCommon, 4.0, 4.0, 4.0).unwrap();
        near(e.risk_ratio, 2.560_660_171_779_821, 1e-12);
        // and the other way about is its inverse
        let e = from_ratio(Basis::HazardRatioCommon, 0.25, 0.25, 0.25).unwrap();
        near(1.0 / e.risk_ratio, 2.560_660_171_779_821, 1e-12);
    }

    #[test]
    fn a_difference_of_means_goes_through_its_standard_deviation() {
        // d = 0.5, s = 0.1: exp(0.455), exp(0.277), exp(0.633)
        let e = from_difference(10.0, 2.0, 20.0).unwrap();
        near(e.risk_ratio, 0.455f64.exp(), 1e-12);
        near(e.ci_low, 0.277f64.exp(), 1e-12);
        near(e.ci_high, 0.633f64.exp(), 1e-12);
        assert!(from_difference(1.0, 1.0, 0.0).is_none());
        assert!(from_ratio(Basis::RateRatio, f64::NAN, 1.0, 2.0).is_none());
        assert!(from_ratio(Basis::RateRatio, 2.0, 0.0, 3.0).is_none());
    }
}
