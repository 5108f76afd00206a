//! Outcomes in categories, and where values lie.

use crate::kit::{Line, close, estimated, nearest, spec};
use counterpart::effect::quantiles::Quantiles;
use counterpart::effect::{EstimateError, MOST_LEVELS, levels};
use counterpart::numeric::frame::Column;
use counterpart::study::{OutcomeKind::*, OutcomeSpec, SeMethod};

fn words(values: &[&str]) -> Column {
    Column::category(values.iter().map(|v| Some(*v)))
}

fn of(kind: counterpart::study::OutcomeKind, listed: &[&str]) -> OutcomeSpec {
    OutcomeSpec {
        name: "severity".into(),
        label: "Severity".into(),
        phrase: "whose severity was".into(),
        levels: listed.iter().map(|l| (*l).to_owned()).collect(),
        ..spec(kind)
    }
}

#[test]
fn each_level_is_a_yes_or_no_outcome_and_their_shares_add_up_to_everybody() {
    let line = Line::new(&[0.0, 1.0, 2.0, 3.0], &[0.0, 1.0, 2.0, 3.0]);
    let matches = line.matched(&nearest(), 1).unwrap();
    let column = words(&["low", "high", "low", "mid", "high", "low", "mid", "mid"]);
    let listed = of(Ordered, &["low", "mid", "high"]);
    let rows = levels(&listed, &column).unwrap();
    let names: Vec<&str> = rows.iter().map(|l| l.spec.name.as_str()).collect();
    assert_eq!(names, ["severity: low", "severity: mid", "severity: high"]);
    assert_eq!(
        rows[0].spec.phrase,
        "whose severity was \u{201c}low\u{201d}"
    );
    let (mut treated, mut comparison, mut difference) = (0.0, 0.0, 0.0);
    for row in &rows {
        assert!(!row.spec.primary);
        assert_eq!(row.spec.part_of.as_deref(), Some("severity"));
        let e = estimated(Binary, &row.values, &matches, SeMethod::Matched).unwrap();
        treated += e.mean_treated;
        comparison += e.mean_comparison;
        difference += e.difference.estimate;
    }
    close("participants", treated, 1.0, 1e-14);
    close("counterparts", comparison, 1.0, 1e-14);
    close("differences", difference, 0.0, 1e-14);
    // By hand: 2 of 4 against 1 of 4 are low.
    let low = estimated(Binary, &rows[0].values, &matches, SeMethod::Matched).unwrap();
    close("low", low.difference.estimate, 0.25, 1e-15);
}

#[test]
fn numbers_are_levels_by_size_and_words_by_letters() {
    let numbers = Column::Number(vec![10.0, 2.0, 2.0, f64::NAN, -1.0]);
    let rows = levels(&of(Ordered, &[]), &numbers).unwrap();
    let names: Vec<&str> = rows.iter().map(|l| l.spec.name.as_str()).collect();
    assert_eq!(names, ["severity: -1", "severity: 2", "severity: 10"]);
    assert!(
        rows.iter().all(|l| l.values[3].is_nan()),
        "unknown stays unknown"
    );
    assert_eq!(rows[1].values[..3], [0.0, 1.0, 1.0]);
    let rows = levels(&of(Categories, &[]), &words(&["b", "a", "b"])).unwrap();
    assert_eq!(rows[0].spec.name, "severity: a");
    // As the study writes them.
    let rows = levels(&of(Categories, &["2.0", "10", "-1"]), &numbers).unwrap();
    assert_eq!(rows[0].values[..3], [0.0, 1.0, 1.0]);
}

#[test]
fn levels_that_cannot_be_told_are_refused_by_rule_and_row() {
    let refused = |spec: &OutcomeSpec, column: &Column| levels(spec, column).err().unwrap();
    let unordered = refused(&of(Ordered, &[]), &words(&["low", "high"]));
    assert!(
        unordered.to_string().contains("list them from lowest"),
        "{unordered}"
    );
    let unlisted = refused(
        &of(Ordered, &["low", "high"]),
        &words(&["low", "secret", "high"]),
    );
    assert!(matches!(unlisted, EstimateError::BadValue { row: 2, .. }));
    assert!(!unlisted.to_string().contains("secret"));
    let half = refused(&of(Categories, &[]), &Column::Number(vec![1.0, 1.5]));
    assert!(half.to_string().contains("whole numbers"), "{half}");
    let endless = refused(&of(Categories, &[]), &Column::Number(vec![f64::INFINITY]));
    assert!(matches!(endless, EstimateError::Unfit { .. }));
    let many = Column::Number((0..=MOST_LEVELS).map(|i| i as f64).collect());
    assert!(matches!(
        refused(&of(Categories, &[]), &many),
        EstimateError::Unfit { .. }
    ));
}

#[test]
fn a_blank_level_of_a_matched_person_is_counted_and_refused() {
    let line = Line::new(&[0.0, 1.0], &[0.0, 1.0]);
    let matches = line.matched(&nearest(), 1).unwrap();
    let column = Column::category([Some("a"), None, Some("b"), Some("a")]);
    let rows = levels(&of(Categories, &[]), &column).unwrap();
    let got = estimated(Binary, &rows[0].values, &matches, SeMethod::Matched);
    assert!(matches!(
        got,
        Err(EstimateError::Missing {
            participants: 1,
            pool: 0,
            ..
        })
    ));
}

#[test]
fn quantiles_by_hand() {
    // 1, 2, 3, 4 with weights 1, 1, 1, 3: shares 1/6, 2/6, 3/6, 1. Half lies exactly up to 3.
    let q = Quantiles::new(&[4.0, 1.0, 3.0, 2.0, 9.0], &[3.0, 1.0, 1.0, 1.0, 0.0]).unwrap();
    assert_eq!(
        [0.1, 0.25, 0.5, 0.75, 0.9].map(|p| q.at(p)),
        [1.0, 2.0, 3.5, 4.0, 4.0]
    );
    // R: quantile(c(3, 1, 4, 1, 5, 9, 2, 6), c(.1, .25, .5, .75, .9), type = 2)
    let q = Quantiles::new(&[3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0], &[1.0; 8]).unwrap();
    assert_eq!(
        [0.1, 0.25, 0.5, 0.75, 0.9].map(|p| q.at(p)),
        [1.0, 1.5, 3.5, 5.5, 9.0]
    );
    assert!(Quantiles::new(&[1.0, f64::NAN], &[0.0, 1.0]).is_none());
}

#[test]
fn medians_of_crowded_values_have_no_interval() {
    let n = 40;
    let line = Line::new(
        &(0..n).map(f64::from).collect::<Vec<_>>(),
        &(0..n).map(f64::from).collect::<Vec<_>>(),
    );
    let matches = line.matched(&nearest(), 1).unwrap();
    // Earnings: most have none.
    let crowded: Vec<f64> = (0..2 * n)
        .map(|i| if i % 5 == 0 { f64::from(i) } else { 0.0 })
        .collect();
    let e = estimated(Continuous, &crowded, &matches, SeMethod::Matched).unwrap();
    let q = e.quantiles.unwrap();
    assert_eq!((q.treated[2], q.comparison[2]), (0.0, 0.0));
    assert_eq!(q.median_difference, None);
    let spread: Vec<f64> = (0..2 * n).map(|i| f64::from((i * 37) % 83)).collect();
    let e = estimated(Continuous, &spread, &matches, SeMethod::Matched).unwrap();
    let q = e.quantiles.unwrap();
    let d = q.median_difference.unwrap();
    close(
        "difference",
        d.estimate,
        q.treated[2] - q.comparison[2],
        1e-14,
    );
    assert!(d.se > 0.0 && d.ci_low < d.estimate && d.estimate < d.ci_high);
}
