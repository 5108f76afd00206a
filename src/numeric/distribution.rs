//! Student's t and the normal, from statrs, with one Newton step where its inverse is coarse.

use statrs::distribution::{Continuous, ContinuousCDF, Normal, StudentsT};

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
}
