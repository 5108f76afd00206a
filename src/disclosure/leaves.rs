//! Every number that leaves, by its place in `report.json`, and the rule it leaves by. What can be
//! done to a number alone is done here, after everything else; a number whose place is not in the
//! table leaves to one digit.

use super::printed::{UNIT, band, digits, on_grid, pool};
use crate::quality::nearest;
use serde_json::{Number, Value, json};
use std::collections::BTreeMap;

/// How a number may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Of the study, the software or the register as a whole: no list changes it.
    Held,
    /// The list alone decides it; whoever sent it can count it.
    List,
    /// People, to the nearest five.
    Count,
    /// People of the pool, to two digits.
    Pool,
    /// Worked out from other numbers that are printed.
    Printed,
    /// On a grid of at least five people's worth, or printed beside such a number.
    Grid,
    /// An error, rounded up to a rung of a ladder, with what rounding adds.
    Error,
    /// p, as one of four bands.
    Band,
    /// To so many significant digits.
    Digits(u8),
    /// To so many decimals.
    Decimals(u8),
}
use Rule::*;

impl Rule {
    /// In words.
    pub fn words(self) -> String {
        match self {
            Held => "of the study, the software or the register; no list changes it".into(),
            List => "of the list alone, which its sender can count".into(),
            Count => format!("people to the nearest {UNIT}"),
            Pool => "people of the pool to two digits".into(),
            Printed => "worked out from other numbers that are printed".into(),
            Grid => format!("to steps of at least {UNIT} people\u{2019}s worth, or beside a number that is"),
            Error => "rounded up, with what rounding adds".into(),
            Band => "one of four bands: below 0.001, 0.01 or 0.05 (written 0.000999, 0.00999, 0.0499), or not (0.05)".into(),
            Digits(n) => format!("to {n} significant digits"),
            Decimals(n) => format!("to {n} decimals"),
        }
    }

    /// The number as the rule has it, as far as a number alone tells.
    fn of(self, x: f64) -> f64 {
        match self {
            Count => x.signum() * nearest(x.abs().round() as u64, UNIT) as f64,
            Pool => pool(x.max(0.0).round() as u64) as f64,
            Band => band(x),
            Digits(n) => digits(x, n.into()),
            Decimals(n) => on_grid(x, 10f64.powi(-i32::from(n))),
            Held | List | Printed | Grid | Error => x,
        }
    }
}

/// Place (`/` before each key, lists left out; `*` for any key, also at the end of one) and rule.
/// The first that fits counts.
const TABLE: &[(&str, Rule)] = &[
    ("run/seed", Held),
    ("disclosure/*", Held),
    ("disclosure/control/*", Held),
    // Counted in `counts`, where the list's own steps are known from the others.
    ("flow/people", Printed),
    ("flow/percent_of_submitted", Printed),
    ("flow/lost/people", Printed),
    ("analyses/flow/people", Count),
    ("analyses/flow/percent_of_submitted", Printed),
    ("analyses/flow/lost/people", Count),
    ("analyses/design/caliper", Held),
    ("analyses/design/ratio", Held),
    ("analyses/design/participants", Count),
    ("analyses/design/participants_matched", Count),
    ("analyses/design/comparison_pool", Pool),
    ("analyses/design/comparison_matched", Pool),
    ("analyses/design/comparison_ess", Digits(2)),
    ("analyses/design/tied", Count),
    ("analyses/design/propensity/iterations", Held),
    ("analyses/design/propensity/c_statistic", Decimals(2)),
    ("analyses/design/propensity/terms/estimate", Grid),
    ("analyses/design/propensity/terms/se", Error),
    ("analyses/balance/mean_treated", Grid),
    ("analyses/balance/mean_pool", Digits(3)),
    ("analyses/balance/mean_matched", Grid),
    ("analyses/balance/smd_before", Printed),
    ("analyses/balance/smd_after", Decimals(2)),
    ("analyses/balance/variance_ratio", Decimals(1)),
    ("analyses/balance/ks", Decimals(2)),
    ("analyses/overlap/edges", Held),
    ("analyses/overlap/participants", Grid),
    ("analyses/overlap/pool", Decimals(2)),
    ("analyses/overlap/matched", Decimals(2)),
    ("analyses/outcomes/treated/people", Count),
    ("analyses/outcomes/treated/mean", Grid),
    ("analyses/outcomes/comparison/people", Pool),
    ("analyses/outcomes/comparison/mean", Grid),
    ("analyses/outcomes/difference/p*", Band),
    ("analyses/outcomes/difference/*", Printed),
    ("analyses/outcomes/adjusted/p*", Band),
    ("analyses/outcomes/adjusted/*", Grid),
    ("analyses/outcomes/second_opinions/p", Band),
    ("analyses/outcomes/second_opinions/*", Grid),
    ("analyses/outcomes/ratio/*", Printed),
    ("analyses/outcomes/ratio/odds_ratio/*", Printed),
    ("analyses/outcomes/number_needed", Printed),
    ("analyses/outcomes/detectable", Printed),
    ("analyses/outcomes/survival/horizon", Held),
    ("analyses/outcomes/survival/asked", Held),
    ("analyses/outcomes/survival/times", Held),
    ("analyses/outcomes/survival/treated/events", Count),
    ("analyses/outcomes/survival/comparison/events", Pool),
    ("analyses/outcomes/survival/*/surv", Grid),
    ("analyses/outcomes/survival/*/low", Printed),
    ("analyses/outcomes/survival/*/high", Printed),
    ("analyses/outcomes/survival/*/at_risk", Digits(1)),
    ("analyses/outcomes/quantiles/shares", Held),
    ("analyses/outcomes/quantiles/*", Digits(2)),
    ("sensitivity/rosenbaum_gamma", Grid),
    ("sensitivity/rosenbaum/gamma", Grid),
    ("sensitivity/rosenbaum/alpha", Held),
    ("sensitivity/rosenbaum/p_without", Band),
    ("sensitivity/rosenbaum/sets", Count),
    ("sensitivity/rosenbaum/informative", Digits(1)),
    ("sensitivity/e_value", Printed),
    ("sensitivity/e_values/*", Printed),
    ("sensitivity/specifications/caliper", Held),
    ("sensitivity/specifications/participants_matched", Count),
    ("sensitivity/specifications/comparison_ess", Digits(2)),
    ("sensitivity/specifications/largest_smd", Decimals(2)),
    ("sensitivity/specifications/*", Grid),
    ("sensitivity/specifications_refused/caliper", Held),
    ("sensitivity/leave_one_out/participants_matched", Count),
    ("sensitivity/leave_one_out/smd", Decimals(2)),
    ("sensitivity/leave_one_out/*", Grid),
    ("sensitivity/placebo/p*", Band),
    ("sensitivity/placebo/*", Grid),
    ("quality/cohort/*", List),
    ("quality/register/records held", Held),
    ("quality/register/people in the comparison pool", Pool),
    ("quality/register/left out of the pool*", Pool),
    ("quality/register/more than one*", Count),
    ("quality/linkage/people looked for", List),
    ("quality/linkage/found on the register, %", Printed),
    ("quality/linkage/*", Count),
    ("quality/facts/part", Printed),
    ("quality/facts/whole", Printed),
    ("quality/facts/percent", Printed),
    ("quality/match_rates/people", Count),
    ("quality/match_rates/found", Count),
    ("quality/match_rates/*", Printed),
    ("quality/linkage_sensitivity/threshold", Held),
    ("quality/linkage_sensitivity/rows/threshold", Held),
    ("quality/linkage_sensitivity/rows/found", Count),
    ("quality/linkage_sensitivity/rows/against_main", Count),
    ("quality/linkage_sensitivity/rows/matched", Count),
    ("quality/linkage_sensitivity/rows/difference/p*", Band),
    ("quality/linkage_sensitivity/rows/difference/*", Grid),
];

/// The rule of a place, if it has one: `analyses/design/tied`.
///
/// ```
/// use counterpart::disclosure::{Rule, rule};
/// assert_eq!(rule(&["flow", "people"]), Some(Rule::Printed));
/// assert_eq!(rule(&["flow", "names"]), None);
/// ```
pub fn rule(place: &[&str]) -> Option<Rule> {
    let fits = |pattern: &str| {
        let parts: Vec<&str> = pattern.split('/').collect();
        parts.len() == place.len()
            && parts
                .iter()
                .zip(place)
                .all(|(p, at)| match p.strip_suffix('*') {
                    Some(start) => at.starts_with(start),
                    None => p == at,
                })
    };
    TABLE.iter().find(|(p, _)| fits(p)).map(|(_, rule)| *rule)
}

/// The table for a machine: rule in words, places.
pub(super) fn table() -> BTreeMap<String, Vec<String>> {
    let mut table: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (place, rule) in TABLE {
        table.entry(rule.words()).or_default().push((*place).into());
    }
    table
}

/// Does the number at that place keep its rule, as far as a number alone tells? `None` where the
/// place has no rule.
pub fn keeps(place: &[&str], x: f64) -> Option<bool> {
    rule(place).map(|r| (r.of(x) - x).abs() <= 1e-9 * x.abs().max(1e-3))
}

/// Applies the table to everything below `value`, which stands at `place`.
pub(super) fn enforce<'v>(value: &'v mut Value, place: &mut Vec<&'v str>) {
    match value {
        Value::Object(map) => {
            for (key, below) in map.iter_mut() {
                place.push(key.as_str());
                enforce(below, place);
                place.pop();
            }
        }
        Value::Array(list) => {
            for below in list {
                enforce(below, place);
            }
        }
        Value::Number(n) => {
            let kept = of_number(n, rule(place).unwrap_or(Digits(1)));
            *value = kept;
        }
        _ => (),
    }
}

/// A whole number stays one.
fn of_number(n: &Number, rule: Rule) -> Value {
    match (n.as_u64(), n.as_i64(), n.as_f64()) {
        _ if matches!(rule, Held | List | Printed | Grid | Error) => Value::Number(n.clone()),
        (Some(u), _, _) => json!(rule.of(u as f64) as u64),
        (None, Some(i), _) => json!(rule.of(i as f64) as i64),
        (None, None, Some(x)) => json!(rule.of(x)),
        (None, None, None) => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_without_a_rule_leaves_to_one_digit() {
        let mut value = json!({"flow": [{"people": 123, "new": 123, "newer": 0.123}]});
        enforce(&mut value, &mut Vec::new());
        assert_eq!(
            value,
            json!({"flow": [{"people": 123, "new": 100, "newer": 0.1}]})
        );
    }

    #[test]
    fn whole_numbers_stay_whole_and_signed() {
        let mut value = json!({"quality": {"linkage_sensitivity": {"rows": [
            {"found": 203, "against_main": -33}]}}});
        enforce(&mut value, &mut Vec::new());
        let row = &value["quality"]["linkage_sensitivity"]["rows"][0];
        assert_eq!(
            (row["found"].as_u64(), row["against_main"].as_i64()),
            (Some(205), Some(-35))
        );
    }

    #[test]
    fn every_place_of_the_table_is_found_by_itself() {
        for (place, rule_of_it) in TABLE {
            let at: Vec<String> = place.split('/').map(|p| p.replace('*', "zz")).collect();
            let at: Vec<&str> = at.iter().map(String::as_str).collect();
            assert!(rule(&at).is_some(), "{place} {rule_of_it:?}");
        }
    }
}
