//! How strong something unseen would have to be.

/// E-value of a risk ratio: the least risk ratio that an unseen common cause would need with both
/// taking part and the outcome to explain the result away (VanderWeele & Ding 2017,
/// doi:10.7326/M16-2607). 1 when there is nothing to explain.
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
