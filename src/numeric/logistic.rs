//! The logistic function in a form that fills wide registers: no branch and no call in it.

/// 1.5 x 2^52: added to a number and taken away again, it leaves the nearest whole number, which
/// then stands in the lowest bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// ln 2 in two parts, the first with zeros at its end, so that whole multiples of it are exact.
const LN_2: (f64, f64) = (0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10);
/// Beyond this the logistic function is 0 or 1 to the last digit that matters here.
const FAR: f64 = 700.0;

/// `e^x` to two units in the last place for x in -700..700, beyond which x is cut.
///
/// # Formula
/// `e^x = 2^k e^r` with k the whole number nearest to x / ln 2, so that |r| <= ln 2 / 2, and
/// the first fourteen terms of the series of e^r.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    // Not `clamp`, which keeps the compiler from wide registers.
    let x = if x > FAR { FAR } else { x };
    let x = if x < -FAR { -FAR } else { x };
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let k = shifted - ROUND;
    let r = (x - k * LN_2.0) - k * LN_2.1;
    // By pairs, so that no sum waits long for another.
    let (r2, pair) = (r * r, |a: f64, b: f64| a + b * r);
    let r4 = r2 * r2;
    let low = pair(1.0, 1.0) + pair(1.0 / 2.0, 1.0 / 6.0) * r2;
    let middle = pair(1.0 / 24.0, 1.0 / 120.0) + pair(1.0 / 720.0, 1.0 / 5_040.0) * r2;
    let high = pair(1.0 / 40_320.0, 1.0 / 362_880.0)
        + pair(1.0 / 3_628_800.0, 1.0 / 39_916_800.0) * r2
        + pair(1.0 / 479_001_600.0, 1.0 / 6_227_020_800.0) * r4;
    let sum = low + (middle + high * r4) * r4;
    // The exponent of 2^k, made of the bits of k.
    let power = f64::from_bits(shifted.to_bits().wrapping_add(1_023) << 52);
    sum * power
}

/// `1 / (1 + e^-x)`: a probability from log odds.
#[inline(always)]
pub fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_library_to_two_units_in_the_last_place() {
        let mut x: f64 = -699.9;
        while x < 699.0 {
            let (ours, theirs) = (exp(x), x.exp());
            assert!((ours / theirs - 1.0).abs() <= 2.0 * f64::EPSILON, "{x}");
            x += 0.0371;
        }
        assert_eq!(exp(0.0), 1.0);
    }

    #[test]
    fn far_out_it_is_0_and_1() {
        assert!(logistic(-1e300) < 1e-300);
        assert_eq!(logistic(1e300), 1.0);
        assert_eq!(logistic(0.0), 0.5);
    }
}
