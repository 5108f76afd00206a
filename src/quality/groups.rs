//! How often each kind of person was found: those not found bend the result when they are of one
//! kind (linkage bias).

use serde::{Deserialize, Serialize};

/// People of one kind, and how many of them were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupCount {
    /// What tells the kinds apart: `Sex`, `Age at the start`.
    pub by: &'static str,
    /// The kind, for tables: `Women`.
    pub group: String,
    /// People looked for.
    pub people: u64,
    /// Of them, found.
    pub found: u64,
}

/// The same as it is shown; numbers are null where they are withheld.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
pub struct MatchRate {
    /// What tells the kinds apart.
    pub by: String,
    /// The kind.
    pub group: String,
    /// People looked for.
    pub people: Option<u64>,
    /// Of them, found.
    pub found: Option<u64>,
    /// 0-100.
    pub percent: Option<f64>,
    /// 95 % interval, low (Wilson 1927).
    pub low: Option<f64>,
    /// High.
    pub high: Option<f64>,
    /// Found clearly less often than the others?
    pub less_often: bool,
    /// Why it is withheld, when it is.
    pub suppressed: Option<String>,
}

/// Standard normal quantile of a 95 % interval.
const Z95: f64 = 1.959_963_984_540_054;
/// Of a 99 % interval: there are a dozen groups, and one in twenty is too often to cry wolf.
const Z99: f64 = 2.575_829_303_548_901;
/// Percentage points from which less often is worth a sentence.
const WORTH_SAYING: f64 = 0.05;

/// Wilson's interval for `k` of `n` (J. Am. Stat. Assoc. 22, 1927), as fractions; `z` is the
/// standard normal quantile. `n` must not be zero.
pub fn wilson(k: u64, n: u64, z: f64) -> (f64, f64) {
    let (k, n) = (k as f64, n as f64);
    let p = k / n;
    let zz = z * z;
    let centre = (p + zz / (2.0 * n)) / (1.0 + zz / n);
    let half = z / (1.0 + zz / n) * (p * (1.0 - p) / n + zz / (4.0 * n * n)).sqrt();
    ((centre - half).max(0.0), (centre + half).min(1.0))
}

/// Are `k` of `n` clearly fewer than `others` of `m`? When the whole of Newcombe's 99 % interval
/// for the difference (hybrid score, Stat. Med. 17, 1998) is below zero and the difference is five
/// percentage points or more.
pub fn clearly_less(k: u64, n: u64, others: u64, m: u64) -> bool {
    if n == 0 || m == 0 {
        return false;
    }
    let (p, q) = (k as f64 / n as f64, others as f64 / m as f64);
    let (_, high) = wilson(k, n, Z99);
    let (low, _) = wilson(others, m, Z99);
    let upper = (p - q) + ((high - p).powi(2) + (q - low).powi(2)).sqrt();
    upper < 0.0 && q - p >= WORTH_SAYING
}

/// Every group as it is shown, nothing withheld: O(groups squared), and there are a dozen.
pub fn rates(groups: &[GroupCount]) -> Vec<MatchRate> {
    groups
        .iter()
        .filter(|g| g.people > 0)
        .map(|g| {
            let rest = groups.iter().filter(|o| o.by == g.by && o.group != g.group);
            let (others, m) = rest.fold((0, 0), |(k, n), o| (k + o.found, n + o.people));
            rate(g, clearly_less(g.found, g.people, others, m))
        })
        .collect()
}

fn rate(g: &GroupCount, less_often: bool) -> MatchRate {
    let (low, high) = wilson(g.found, g.people, Z95);
    MatchRate {
        by: g.by.into(),
        group: g.group.clone(),
        people: Some(g.people),
        found: Some(g.found),
        percent: Some(100.0 * g.found as f64 / g.people as f64),
        low: Some(100.0 * low),
        high: Some(100.0 * high),
        less_often,
        suppressed: None,
    }
}

/// The groups found clearly less often, as a sentence.
pub fn said(rates: &[MatchRate]) -> Option<String> {
    let less: Vec<String> = rates
        .iter()
        .filter(|r| r.less_often && r.suppressed.is_none())
        .map(|r| super::confidence::kind(&r.by, &r.group))
        .collect();
    match less.len() {
        0 => None,
        _ => Some(format!(
            "Some people were found clearly less often than the others ({}), so the result speaks \
             less for them.",
            less.join("; ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(by: &'static str, name: &str, people: u64, found: u64) -> GroupCount {
        GroupCount {
            by,
            group: name.into(),
            people,
            found,
        }
    }

    #[test]
    fn wilsons_interval_worked_by_hand() {
        // 81 of 263 (Newcombe 1998, table I): 0.2553 to 0.3662.
        let (low, high) = wilson(81, 263, Z95);
        assert!((low - 0.2553).abs() < 5e-5 && (high - 0.3662).abs() < 5e-5);
        // 0 of 20: 0 to 0.1611; 20 of 20 is its mirror image.
        let (low, high) = wilson(0, 20, Z95);
        assert!(low == 0.0 && (high - 0.1611).abs() < 5e-5);
        assert!((wilson(20, 20, Z95).0 - 0.8389).abs() < 5e-5);
    }

    #[test]
    fn less_often_is_said_when_it_is_clear_and_large() {
        assert!(clearly_less(60, 100, 360, 400)); // 60 % of 100 against 90 % of 400
        assert!(!clearly_less(8, 10, 360, 400)); // too few to tell
        assert!(!clearly_less(9_200, 10_000, 9_600, 10_000)); // clear, but four points
        assert!(!clearly_less(90, 100, 60, 100));
        assert!(!clearly_less(0, 0, 5, 10));
        let rates = rates(&[
            group("Sex", "Women", 100, 60),
            group("Sex", "Men", 400, 360),
            group("Age", "Under 21", 0, 0),
        ]);
        assert_eq!(rates.len(), 2, "a group of nobody is no row");
        assert!(rates[0].less_often && !rates[1].less_often);
        assert!(said(&rates).unwrap().contains("women"));
        assert_eq!(said(&rates[1..]), None);
    }
}
