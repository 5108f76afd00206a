//! Student's t, the normal, chi-squared and F, from statrs, with Newton steps where its inverse is coarse.

use statrs::distribution::{
    ChiSquared, Continuous, ContinuousCDF, FisherSnedecor, Normal, StudentsT,
};

/// `P(T > t)` for Student's t with `df` degrees of freedom; the normal when `df` is infinite.
pub fn t_upper_tail(t: f64, df: f64) -> f64 {
    // statrs panics on these.
    if t.is_nan() {
        return f64::NAN;
    }
    if t.is_infinite() {
        return if t > 0.0 { 0.0 } else { 1.0 };
    }
    match StudentsT::new(0.0, 1.0, df) {
        Ok(d) if df.is_finite() => d.sf(t),
        _ => Normal::standard().sf(t),
    }
}

/// Two-sided p of a t statistic; `NaN` for a statistic that is none (0 / 0).
pub fn t_two_sided(t: f64, df: f64) -> f64 {
    // Not `min`, which would make 1 of NaN.
    (2.0 * t_upper_tail(t.abs(), df)).clamp(0.0, 1.0)
}

/// Quantile of Student's t, `p` in (0, 1), `df` > 0; the normal when `df` is infinite.
///
/// statrs inverts the incomplete beta, which loses digits for large `df`; Newton steps on its own
/// distribution function bring them back.
///
/// ```
/// let q = counterpart::numeric::distribution::t_quantile(0.975, 10.0);
/// assert!((q - 2.228138851986275).abs() < 1e-12);
/// ```
pub fn t_quantile(p: f64, df: f64) -> f64 {
    if p < 0.5 {
        return -t_quantile(1.0 - p, df);
    }
    let normal = Normal::standard();
    let mut q = normal.inverse_cdf(p);
    let Ok(d) = StudentsT::new(0.0, 1.0, df) else {
        return q;
    };
    if !df.is_finite() {
        return q;
    }
    if df < 1e6 {
        q = d.inverse_cdf(p);
    }
    for _ in 0..4 {
        let step = (d.sf(q) - (1.0 - p)) / d.pdf(q);
        if !step.is_finite() {
            break;
        }
        q += step;
    }
    q
}

/// `P(X > x)` for chi-squared with `df` > 0 degrees of freedom; 1 at and below 0, `NaN` without a distribution.
pub fn chi_squared_upper_tail(x: f64, df: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    ChiSquared::new(df).map_or(f64::NAN, |d| d.sf(x))
}

/// Quantile of chi-squared, `p` in (0, 1), `df` > 0; `NaN` without a distribution.
///
/// ```
/// let q = counterpart::numeric::distribution::chi_squared_quantile(0.95, 1.0);
/// assert!((q - 3.841458820694124).abs() < 1e-12);
/// ```
pub fn chi_squared_quantile(p: f64, df: f64) -> f64 {
    let Ok(d) = ChiSquared::new(df) else {
        return f64::NAN;
    };
    let mut q = d.inverse_cdf(p);
    for _ in 0..6 {
        let next = q - (d.cdf(q) - p) / d.pdf(q);
        if !(next > 0.0 && next.is_finite()) {
            break;
        }
        q = next;
    }
    q
}

/// `P(F > f)` for Fisher's F; chi-squared over its degrees of freedom when `below` is infinite, `NaN`
/// without a distribution.
pub fn f_upper_tail(f: f64, above: f64, below: f64) -> f64 {
    if f <= 0.0 {
        return 1.0;
    }
    if below.is_infinite() {
        return chi_squared_upper_tail(f * above, above);
    }
    // statrs answers nothing at infinity.
    if f.is_infinite() {
        return 0.0;
    }
    FisherSnedecor::new(above, below).map_or(f64::NAN, |d| d.sf(f))
}

/// `P(Z < z)` for the standard normal, by the incomplete gamma function: statrs's error function is good
/// to eleven digits only.
pub fn normal_below(z: f64) -> f64 {
    // statrs answers nothing at infinity, and any number where there is none.
    if z.is_nan() || z.is_infinite() {
        return if z.is_nan() {
            z
        } else {
            f64::from(u8::from(z > 0.0))
        };
    }
    let beyond = chi_squared_upper_tail(z * z, 1.0) / 2.0;
    if z < 0.0 { beyond } else { 1.0 - beyond }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_agree_with_r() {
        // qt(p, df) of R 4.2.2
        for (p, df, want) in [
            (0.975, 1.0, 12.706204736174694),
            (0.975, 184.0, 1.972940542389358),
            (0.975, 431.0, 1.9654833203397433),
            (0.975, 100_000.0, 1.9599877075346088),
            (0.995, 59.0, 2.6617587521629673),
        ] {
            let q = t_quantile(p, df);
            assert!(
                (q - want).abs() < 1e-10 * want,
                "qt({p}, {df}) = {q}, not {want}"
            );
        }
    }

    #[test]
    fn tails_agree_with_r() {
        // 2 * pt(-abs(t), df) of R 4.2.2
        assert!((t_two_sided(2.0, 10.0) - 0.07338803477074039).abs() < 1e-13);
        assert!((t_two_sided(-1.0, 215.0) - 0.318_434_643_422_667_6).abs() < 1e-13);
        assert_eq!(t_two_sided(f64::NEG_INFINITY, 5.0), 0.0);
        assert_eq!(t_two_sided(1e200, 5.0), 0.0);
        assert!(t_two_sided(f64::NAN, 5.0).is_nan());
    }

    #[test]
    fn chi_squared_and_f_agree_with_r() {
        // qchisq(p, df), pchisq(x, df, lower = FALSE) and pf(f, a, b, lower = FALSE) of R
        for (p, df, want) in [
            (0.025, 23.0, 11.68855192245244),
            (0.975, 23.0, 38.0756272503558),
            (0.025, 1.0, 0.0009820691171752562),
        ] {
            let q = chi_squared_quantile(p, df);
            assert!((q - want).abs() < 1e-10 * want, "qchisq({p}, {df}) = {q}");
        }
        assert!((chi_squared_upper_tail(3.0, 2.0) - 0.2231301601484298).abs() < 1e-13);
        assert!((f_upper_tail(3.0, 2.0, 21.0) - 0.07144684752812226).abs() < 1e-12);
        assert_eq!(
            f_upper_tail(3.0, 2.0, f64::INFINITY),
            chi_squared_upper_tail(6.0, 2.0)
        );
        // pnorm(x)
        for (z, want) in [
            (-1.959963984540054, 0.025),
            (1.959963984540054, 0.975),
            (-6.0, 9.865876450376982e-10),
            (0.0, 0.5),
            (f64::NEG_INFINITY, 0.0),
            (f64::INFINITY, 1.0),
        ] {
            let p = normal_below(z);
            assert!(
                (p - want).abs() <= 1e-12 * want.max(1e-3),
                "pnorm({z}) = {p}"
            );
        }
        assert!(normal_below(f64::NAN).is_nan());
    }
}
