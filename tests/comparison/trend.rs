//! One programme over time: dates, by hand, what always holds, planted truth, what is refused.

use super::*;

fn when(text: &str) -> When {
    When::read(text).unwrap()
}

fn dated(at: &str, estimate: f64, se: f64) -> Dated {
    Dated {
        when: when(at),
        estimate,
        se,
        average: None,
    }
}

#[test]
fn dates_keep_how_exact_they_are() {
    for (text, written, precision, years) in [
        ("2014-07-02", "2014-07-02", Precision::Day, 2014.5),
        (
            " 2014-01 ",
            "2014-01",
            Precision::Month,
            2014.0 + 15.5 / 365.0,
        ),
        ("2013", "2013", Precision::Year, 2013.5),
        (
            "2013/14",
            "2013/14",
            Precision::FinancialYear,
            2013.0 + (90.0 + 182.5) / 365.0,
        ),
        (
            "2013/2014",
            "2013/14",
            Precision::FinancialYear,
            2013.0 + 272.5 / 365.0,
        ),
        (
            "2013-2014",
            "2013/14",
            Precision::FinancialYear,
            2013.0 + 272.5 / 365.0,
        ),
        (
            "1999/00",
            "1999/00",
            Precision::FinancialYear,
            // a leap year's March ends a little later in it
            1999.5 + (90.0 / 365.0 + 91.0 / 366.0) / 2.0,
        ),
        (
            "2012-02-29",
            "2012-02-29",
            Precision::Day,
            2012.0 + 59.5 / 366.0,
        ),
    ] {
        let found = When::read(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(found.to_string(), written);
        assert_eq!(found.precision(), precision);
        assert!(
            (found.years() - years).abs() < 1e-3,
            "{text}: {}",
            found.years()
        );
        assert_eq!(When::read(&found.to_string()), Some(found));
    }
    for text in [
        "",
        "14",
        "2014-13",
        "2014-02-30",
        "2013/15",
        "2013/2015",
        "2013-14",
        "Jan 2014",
        "2014-1",
        "01/02/2014",
        "2014-01-01T00",
        "+201-01",
        "٢٠١٤",
        "2014/",
        "99999",
        "-2014",
        "2014--1",
    ] {
        assert_eq!(When::read(text), None, "{text}");
    }
}

#[test]
fn two_results_are_their_difference() {
    // -0.02 and -0.12, errors 0.03 and 0.04: change -0.1 with error 0.05, z = -2.
    let data = [dated("2015", -0.12, 0.04), dated("2013", -0.02, 0.03)];
    let found = trend(&data, Better::Lower, 0.05).unwrap();
    assert_eq!(found.points[0].when, when("2013"));
    assert!((found.change.estimate + 0.1).abs() < 1e-12);
    assert!((found.change.se - 0.05).abs() < 1e-12);
    assert!((found.change.p - 0.04550026389635842).abs() < 1e-9);
    assert!((found.years - 2.0).abs() < 1e-12);
    assert_eq!((found.verdict, found.residual), (Change::Better, None));
    let worse = trend(&data, Better::Higher, 0.05).unwrap();
    assert_eq!(worse.verdict.words(), "worse");
}

#[test]
fn a_line_of_three_worked_by_hand() {
    // 0, 1, 2 a year apart with errors 1: on a line, so the residual variance is kept at 1. Slope over the whole time 2;
    // shares 0, 1/2, 1 have squares about their mean of 1/2, so its error is sqrt(2); t = sqrt(2), one degree of freedom.
    let data = [
        dated("2011", 0.0, 1.0),
        dated("2012", 1.0, 1.0),
        dated("2013", 2.0, 1.0),
    ];
    let found = trend(&data, Better::Higher, 1.0).unwrap();
    assert!((found.change.estimate - 2.0).abs() < 1e-6, "{found:?}");
    assert!((found.change.se - 2f64.sqrt()).abs() < 1e-6);
    // P(|t| > sqrt 2) with one degree of freedom: 1 - 2 atan(sqrt 2) / pi.
    let p = 1.0 - 2.0 * 2f64.sqrt().atan() / std::f64::consts::PI;
    assert!((found.change.p - p).abs() < 1e-6);
    assert_eq!(found.verdict, Change::CannotTell);
}

#[test]
fn what_may_be_said_follows_from_the_interval() {
    let of = |change: f64, se: f64, better| {
        let data = [dated("2010", 0.0, se), dated("2012", change, se)];
        trend(&data, better, 0.05).unwrap().verdict
    };
    assert_eq!(of(0.1, 0.01, Better::Higher), Change::Better);
    assert_eq!(of(0.1, 0.01, Better::Lower), Change::Worse);
    assert_eq!(of(-0.1, 0.01, Better::Higher), Change::Worse);
    assert_eq!(of(-0.1, 0.01, Better::Lower), Change::Better);
    assert_eq!(of(0.001, 0.01, Better::Lower), Change::NoSign);
    assert_eq!(of(0.001, 0.1, Better::Lower), Change::CannotTell);
}

#[test]
fn the_order_given_does_not_matter() {
    let data = [
        dated("2013/14", -0.05, 0.02),
        dated("2012", -0.01, 0.03),
        dated("2015-06", -0.09, 0.02),
        dated("2016-01-31", -0.08, 0.04),
    ];
    let a = trend(&data, Better::Lower, 0.05).unwrap();
    let mut turned = data.to_vec();
    turned.reverse();
    let b = trend(&turned, Better::Lower, 0.05).unwrap();
    assert_eq!(a.points, b.points);
    assert!((a.change.estimate - b.change.estimate).abs() < 1e-12);
    let years: Vec<f64> = a.points.iter().map(|p| p.when.years()).collect();
    assert!(years.is_sorted());
}

/// No planted change: it is found at most as often as one in twenty allows. A large one is found and named.
#[test]
fn planted_changes_are_found_and_planted_rest_is_not() {
    let mut draw = coverage::Draw::new(5);
    let rounds = 1000;
    // Three results leave one degree of freedom: t has to pass 12.7, which takes a very large change.
    for (k, planted) in [(2, 0.3), (3, 1.0), (6, 0.3)] {
        let (mut false_alarms, mut found) = (0, 0);
        for _ in 0..rounds {
            let mut series = |slope: f64| {
                let data: Vec<_> = (0..k)
                    .map(|i| {
                        let se = 0.02 + 0.005 * f64::from(i % 3);
                        let truth = slope * f64::from(i) / f64::from(k - 1);
                        dated(&(2010 + i).to_string(), truth + se * draw.normal(), se)
                    })
                    .collect();
                trend(&data, Better::Higher, 0.05).unwrap().verdict
            };
            let rest = series(0.0);
            false_alarms += i32::from(matches!(rest, Change::Better | Change::Worse));
            found += i32::from(series(planted) == Change::Better);
        }
        let most = 0.05 + 4.0 * (0.05f64 * 0.95 / f64::from(rounds)).sqrt();
        assert!(
            f64::from(false_alarms) / f64::from(rounds) <= most,
            "{k}: {false_alarms}"
        );
        assert!(f64::from(found) / f64::from(rounds) >= 0.95, "{k}: {found}");
    }
}

#[test]
fn what_has_no_trend_is_refused() {
    let ok = dated("2013", 0.0, 0.1);
    let of = |d: &[Dated]| trend(d, Better::Lower, 0.05).unwrap_err();
    assert_eq!(of(&[]), ComparisonError::TooFew { found: 0, least: 2 });
    let one = std::slice::from_ref(&ok);
    assert_eq!(of(one), ComparisonError::TooFew { found: 1, least: 2 });
    assert_eq!(of(&[ok.clone(), ok.clone()]), ComparisonError::OneTime);
    assert_eq!(
        of(&[ok.clone(), ok.clone(), ok.clone()]),
        ComparisonError::OneTime
    );
    let found = of(&[ok.clone(), dated("2010", 0.0, 0.0)]);
    assert_eq!(found, ComparisonError::StandardError { row: 2 });
    let found = of(&[dated("2016", f64::NAN, 0.1), ok.clone()]);
    assert_eq!(found, ComparisonError::Estimate { row: 1 });
    for matters in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let data = [ok.clone(), dated("2014", 0.0, 0.1)];
        assert_eq!(
            trend(&data, Better::Lower, matters),
            Err(ComparisonError::Margin)
        );
    }
    // Fifty alike: no change, and said so.
    let same: Vec<_> = (0..50)
        .map(|i| dated(&(1960 + i).to_string(), 0.1, 0.05))
        .collect();
    assert_eq!(
        trend(&same, Better::Lower, 0.2).unwrap().verdict,
        Change::NoSign
    );
}
