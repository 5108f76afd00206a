//! How finely a number may be printed: grids and ladders whose steps follow from how many people
//! stand behind it, never from one of them.

use crate::quality::nearest;

/// Counts of people go to the nearest multiple of this.
pub(super) const UNIT: u64 = 5;

/// The next of 1, 2, 5, 10, 20, ... (and 0.5, 0.2, ...) that is not below `x`.
pub(super) fn neat_up(x: f64) -> f64 {
    if !(x.is_finite() && x > 0.0) {
        return 0.0;
    }
    let unit = 10f64.powf(x.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0];
    let found = steps.iter().find(|s| **s * unit >= x * (1.0 - 1e-9));
    tidy(found.unwrap_or(&10.0) * unit)
}

/// To the nearest multiple of `step`; as it is where there is no step.
pub(super) fn on_grid(x: f64, step: f64) -> f64 {
    match step > 0.0 && x.is_finite() {
        true => tidy((x / step).round() * step),
        false => x,
    }
}

/// The multiple of `step` at or below `x`.
pub(super) fn down(x: f64, step: f64) -> f64 {
    match step > 0.0 && x.is_finite() {
        true => tidy((x / step + 1e-9).floor() * step),
        false => x,
    }
}

/// The multiple of `step` at or above `x`.
pub(super) fn up(x: f64, step: f64) -> f64 {
    -down(-x, step)
}

/// Steps a factor of ten on the ladder for something that `n` people stand behind. A standard error
/// moves by `z^2 / 2n` of itself with one person who is `z` standard deviations out; four such moves
/// at z = 3 make a step, so that a person that far out is noticed in one case of four at most.
fn rungs(n: u64) -> f64 {
    let ratio = (18.0 / n.max(1) as f64).exp();
    let rungs = [80.0, 40.0, 20.0, 10.0];
    let fits = |r: &&f64| 10f64.powf(1.0 / **r) >= ratio;
    *rungs.iter().find(fits).unwrap_or(&10.0)
}

/// `x` rounded up to a rung of a ladder of equal ratios: never too small, never by more than a
/// quarter too large.
pub(super) fn ladder_up(x: f64, n: u64) -> f64 {
    if !(x.is_finite() && x > 0.0) {
        return x;
    }
    let rungs = rungs(n);
    digits(10f64.powf((x.log10() * rungs - 1e-6).ceil() / rungs), 3)
}

/// `x` to so many significant digits.
pub(super) fn digits(x: f64, digits: i32) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    let unit = 10f64.powi(x.abs().log10().floor() as i32 + 1 - digits);
    tidy((x / unit).round() * unit)
}

/// People of a pool: to two digits, and never finer than [`UNIT`].
pub(super) fn pool(n: u64) -> u64 {
    let mut unit = 1;
    while n >= 100 * unit {
        unit *= 10;
    }
    nearest(n, unit.max(UNIT))
}

/// Takes the binary noise off the last digits of a number that is on a decimal grid.
pub(super) fn tidy(x: f64) -> f64 {
    let scale = 1e12;
    match x.abs() < 1e3 {
        true => (x * scale).round() / scale,
        false => x,
    }
}

/// Where a p lies, as one number a band: just under 0.001, 0.01 and 0.05, and 0.05 for all that is
/// not below it.
pub(super) fn band(p: f64) -> f64 {
    match p {
        p if p < 0.001 => 0.000_999,
        p if p < 0.01 => 0.009_99,
        p if p < 0.05 => 0.049_9,
        _ => 0.05,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_neat_and_rounding_goes_outwards() {
        let got = [0.05, 0.051, 0.0007, 3.0, 70.0].map(neat_up);
        assert_eq!(got, [0.05, 0.1, 0.001, 5.0, 100.0]);
        assert_eq!((down(-0.0612, 0.005), up(-0.0612, 0.005)), (-0.065, -0.06));
        assert_eq!((down(0.06, 0.005), up(0.06, 0.005)), (0.06, 0.06));
        assert_eq!(on_grid(0.333, 0.05), 0.35);
    }

    #[test]
    fn a_ladder_never_goes_down_and_widens_by_a_quarter_at_most() {
        for n in [30, 60, 100, 300, 1_000, 100_000] {
            for i in 1..500 {
                let x = 0.0013 * f64::from(i);
                let up = ladder_up(x, n);
                assert!(up >= x * 0.995 && up <= x * 1.27, "{n}: {x} to {up}");
            }
        }
        // With a thousand people it costs 3 %, with thirty a quarter at most.
        assert!(ladder_up(0.0101, 1_000) < 0.0104);
        assert_eq!(ladder_up(0.0101, 30), 0.0126);
    }

    #[test]
    fn pools_are_told_to_two_digits() {
        assert_eq!([3, 98, 453, 23_982].map(pool), [5, 100, 450, 24_000]);
        assert_eq!(
            [0.0, 0.000_5, 0.03, 0.05, 0.7].map(band),
            [0.000_999, 0.000_999, 0.049_9, 0.05, 0.05]
        );
    }
}
