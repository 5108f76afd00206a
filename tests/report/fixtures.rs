//! Findings of every sort, built by hand. Intervals and p come from one t statistic, as in the engine.

use counterpart::disclosure::findings::*;
use counterpart::disclosure::{Evidence, Findings, People, Released, release};
use counterpart::study::{Better, DisclosureMode, DisclosurePolicy, OutcomeKind, Words};
use serde_json::json;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Words and figures are held against exact numbers.
pub fn released(findings: Findings) -> Released<Findings> {
    released_in(findings, DisclosureMode::None)
}

/// As they are under control.
pub fn controlled(findings: Findings) -> Released<Findings> {
    released_in(findings, DisclosureMode::Controlled)
}

fn released_in(findings: Findings, mode: DisclosureMode) -> Released<Findings> {
    // Every analysis is about the same people.
    let people = People {
        entered: (0..219).collect(),
        matched: (0..212).collect(),
    };
    let evidence = Evidence {
        people: vec![people; findings.analyses.len()],
        ..Evidence::default()
    };
    let policy = DisclosurePolicy {
        mode,
        ..DisclosurePolicy::default()
    };
    release(findings, &evidence, &policy)
}

pub fn difference(estimate: f64, se: f64, df: f64) -> Difference {
    let t = StudentsT::new(0.0, 1.0, df).unwrap();
    let reach = t.inverse_cdf(0.975) * se;
    Difference {
        estimate,
        se,
        se_method: "matched".into(),
        df,
        ci_low: estimate - reach,
        ci_high: estimate + reach,
        p: 2.0 * (1.0 - t.cdf((estimate / se).abs())),
        p_holm: None,
        percentile: None,
    }
}

/// An outcome with group means `treated` and `comparison` and a standard error.
pub fn outcome(kind: OutcomeKind, treated: f64, comparison: f64, se: f64) -> OutcomeFinding {
    let (name, label, phrase, unit, better) = match kind {
        OutcomeKind::Binary => (
            "reoffended",
            "Reoffending rate",
            "who reoffend within one year",
            "percentage points",
            Better::Lower,
        ),
        OutcomeKind::Count => (
            "reoffences",
            "Reoffending frequency",
            "proven reoffences within one year",
            "reoffences per person",
            Better::Lower,
        ),
        OutcomeKind::Duration => (
            "days_to_first",
            "Days to first reoffence",
            "the first reoffence",
            "days",
            Better::Higher,
        ),
        OutcomeKind::Survival => (
            "time_to_first",
            "Time to first reoffence",
            "the first proven reoffence",
            "days",
            Better::Higher,
        ),
        OutcomeKind::Ordered | OutcomeKind::Categories => (
            "severity: either way",
            "Severity: either way",
            "whose first reoffence was \u{201c}either way\u{201d}",
            "percentage points",
            Better::Neither,
        ),
        OutcomeKind::Continuous => (
            "earnings",
            "Earnings in 1978",
            "earnings in 1978",
            "US dollars",
            Better::Higher,
        ),
    };
    OutcomeFinding {
        name: name.into(),
        kind,
        primary: false,
        unit: unit.into(),
        label: label.into(),
        table: label.into(),
        phrase: phrase.into(),
        better,
        treated: Some(GroupValue {
            people: 212,
            mean: treated,
        }),
        comparison: Some(GroupValue {
            people: 18_430,
            mean: comparison,
        }),
        difference: Some(difference(treated - comparison, se, 211.0)),
        ratio: None,
        no_ratio: None,
        survival: None,
        quantiles: None,
        adjusted: None,
        second_opinions: Vec::new(),
        number_needed: None,
        detectable: Some(2.8 * se),
        can_say: String::new(),
        cannot_say: String::new(),
        suppressed: None,
    }
}

fn balance(red: bool) -> Vec<BalanceRow> {
    let row =
        |term: &str, label: &str, t: f64, pool: f64, m: f64, before: f64, after: f64| BalanceRow {
            term: term.into(),
            label: label.into(),
            mean_treated: t,
            mean_pool: pool,
            mean_matched: m,
            smd_before: Some(before),
            smd_after: Some(after),
            variance_ratio: (t > 1.0).then_some(1.04),
            ks: after.abs() / 2.0,
            light: match after.abs() {
                x if x <= 0.05 => "green",
                x if x <= 0.10 => "amber",
                _ => "red",
            }
            .into(),
        };
    vec![
        row(
            "age",
            "Age at the index event (years)",
            31.4,
            36.2,
            31.5,
            -0.46,
            -0.01,
        ),
        row(
            "age^2",
            "Age at the index event (years), squared",
            1071.0,
            1420.0,
            1080.0,
            -0.41,
            -0.012,
        ),
        row("sex: female", "Sex: female", 0.12, 0.16, 0.12, -0.11, 0.0),
        row(
            "offence_group: theft",
            "Index offence: theft",
            0.34,
            0.21,
            0.335,
            0.27,
            0.011,
        ),
        row(
            "offence_group: violence",
            "Index offence: violence",
            0.22,
            0.3,
            0.225,
            -0.19,
            -0.012,
        ),
        row(
            "previous_convictions",
            "Previous convictions",
            12.3,
            7.1,
            11.9,
            0.58,
            0.044,
        ),
        row(
            "risk_score",
            "Risk of reoffending score (0-100)",
            61.0,
            48.2,
            60.1,
            0.72,
            if red { 0.21 } else { 0.048 },
        ),
        row(
            "drugs_need",
            "Drug misuse need",
            0.48,
            0.3,
            0.45,
            0.36,
            if red { 0.16 } else { 0.06 },
        ),
        row(
            "weeks_employed_before",
            "Weeks in work in the year before",
            9.1,
            14.6,
            9.3,
            -0.39,
            -0.014,
        ),
    ]
}

fn overlap() -> Overlap {
    let bins = 24;
    let edges: Vec<f64> = (0..=bins).map(|i| -8.0 + 0.3 * i as f64).collect();
    let bell = |mean: f64, sd: f64| -> Vec<f64> {
        let raw: Vec<f64> = (0..bins)
            .map(|i| (-((edges[i] + 0.15 - mean) / sd).powi(2) / 2.0).exp())
            .collect();
        let sum: f64 = raw.iter().sum();
        raw.iter().map(|x| x / sum).collect()
    };
    Overlap {
        participants: bell(-3.6, 0.9),
        pool: bell(-5.4, 1.1),
        matched: bell(-3.65, 0.92),
        edges: edges.clone(),
    }
}

fn design() -> DesignSummary {
    let term = |term: &str, estimate: f64| Term {
        term: term.into(),
        estimate,
        se: 0.11,
    };
    DesignSummary {
        estimand: "att".into(),
        method: "radius".into(),
        caliper: Some(0.1),
        caliper_scale: "lp-sd".into(),
        replace: true,
        ratio: None,
        exact: vec!["sex".into()],
        propensity: PropensitySummary {
            converged: true,
            iterations: 7,
            c_statistic: 0.74,
            terms: vec![
                term("(Intercept)", -4.31),
                term("age", -0.042),
                term("offence_group: theft", 0.38),
                term("previous_convictions", 0.031),
                term("risk_score", -0.0001),
            ],
            removed: Vec::new(),
        },
        participants: 219,
        participants_matched: 212,
        comparison_pool: 28_911,
        comparison_matched: 18_430,
        comparison_ess: 3120.4,
        tied: 0,
    }
}

fn analysis(outcomes: Vec<OutcomeFinding>) -> Analysis {
    Analysis {
        flow: Vec::new(),
        id: "national".into(),
        title: "Compared with the whole country".into(),
        headline: true,
        pool: "everyone in the register with the same kind of event in the same years".into(),
        design: design(),
        balance: balance(false),
        well_matched: true,
        overlap: Some(overlap()),
        outcomes,
    }
}

fn flow() -> Vec<FlowStep> {
    let loss = |reason: &str, people: u64, remedy: Option<&str>| Loss {
        reason: reason.into(),
        people,
        remedy: remedy.map(str::to_owned),
    };
    let step = |step: &str, reason: &str, people: u64, lost: Vec<Loss>| FlowStep {
        step: step.into(),
        reason: reason.into(),
        people,
        percent_of_submitted: people as f64 / 3.0,
        lost,
    };
    vec![
        step("submitted", "rows in the file", 300, vec![]),
        step(
            "readable",
            "a date or name could not be read",
            298,
            vec![loss(
                "a date of birth could not be read",
                2,
                Some("write dates as day/month/year"),
            )],
        ),
        step(
            "unique",
            "listed more than once",
            291,
            vec![loss("listed more than once", 7, None)],
        ),
        step(
            "found",
            "not found in the register",
            252,
            vec![loss(
                "no match on any identifier",
                39,
                Some("ask for the police or prison number when people join"),
            )],
        ),
        step(
            "with_event",
            "no sentence or release in the year before the programme",
            231,
            vec![loss(
                "no sentence or release in the year before the programme",
                21,
                Some("check the start dates in your file"),
            )],
        ),
        step(
            "followed_up",
            "a full year had not passed",
            219,
            vec![loss(
                "a full year had not passed",
                12,
                Some("send them again next year"),
            )],
        ),
        step(
            "analysed",
            "nobody similar enough in the comparison pool",
            212,
            vec![loss(
                "nobody similar enough in the comparison pool",
                7,
                None,
            )],
        ),
    ]
}

fn findings(analyses: Vec<Analysis>) -> Findings {
    let map = |v: serde_json::Value| v.as_object().unwrap().clone();
    Findings {
        analyses_withheld: Vec::new(),
        schema: SCHEMA.into(),
        study: StudyRef {
            id: "reoffending".into(),
            title: "Proven reoffending within one year".into(),
            domain: "justice".into(),
            spec_digest: "5f2d9c1ae0b8".repeat(5) + "77aa",
            words: Words {
                people: "people".into(),
                support: "support".into(),
                event: "sentence or release".into(),
            },
        },
        run: Run {
            engine_version: "0.1.0".into(),
            seed: 42,
            started: "2026-11-22T10:00:00Z".into(),
            finished: "2026-11-22T10:00:03Z".into(),
            design_digest: "c0ffee12ab34".repeat(5) + "0123",
        },
        flow: flow(),
        analyses,
        sensitivity: Sensitivity::default(),
        quality: Quality {
            cohort: map(
                json!({"rows": 300, "rows_with_problems": 9, "complete": {"date_of_birth": "99%", "police_number": "64%"}}),
            ),
            register: map(json!({"events": 284110, "first_year": 2015, "last_date": "2025-12-31"})),
            linkage: map(
                json!({"found_by_police_number": 171, "found_by_name_and_date_of_birth": 81}),
            ),
            ..Quality::default()
        },
        disclosure: DisclosureRecord {
            policy: "controlled".into(),
            rules_applied: vec!["results need at least 30 matched people".into()],
            suppressed_cells: 0,
            control: None,
        },
        erasure: None,
        warnings: vec![],
        in_context: vec![],
    }
}

fn primary(mut o: OutcomeFinding) -> OutcomeFinding {
    o.primary = true;
    o
}

fn justice_others() -> Vec<OutcomeFinding> {
    let mut frequency = outcome(OutcomeKind::Count, 1.214, 1.462, 0.082);
    frequency.difference.as_mut().unwrap().p_holm = Some(0.008);
    let mut days = outcome(OutcomeKind::Duration, 125.3, 117.4, 9.8);
    days.number_needed = Some(1240);
    days.difference.as_mut().unwrap().p_holm = Some(0.42);
    let mut custody = outcome(OutcomeKind::Binary, 0.142, 0.171, 0.024);
    custody.name = "custody".into();
    custody.label = "Custody rate".into();
    custody.phrase = "who are sentenced to custody for a reoffence within one year".into();
    custody.number_needed = Some(562);
    custody.difference.as_mut().unwrap().p_holm = Some(0.42);
    let mut rare = outcome(OutcomeKind::Binary, 0.01, 0.012, 0.006);
    rare.name = "indictable".into();
    rare.label = "Reoffending with an indictable-only first offence".into();
    rare.phrase = "whose first reoffence is triable only in the Crown Court".into();
    rare.suppressed = Some("fewer than 10 people in a group had this outcome".into());
    rare.difference = None;
    rare.treated = None;
    rare.comparison = None;
    vec![frequency, days, custody, rare]
}

/// Significant, and in the good direction; other choices tried.
pub fn better() -> Findings {
    let mut main = primary(outcome(OutcomeKind::Binary, 0.3774, 0.4551, 0.021));
    main.ratio = Some(Ratio {
        kind: "risk_ratio".into(),
        estimate: 0.829,
        log_se: 0.05,
        ci_low: 0.75,
        ci_high: 0.92,
        odds_ratio: Some(Box::new(Ratio {
            kind: "odds_ratio".into(),
            estimate: 0.73,
            log_se: 0.08,
            ci_low: 0.61,
            ci_high: 0.86,
            odds_ratio: None,
        })),
    });
    main.adjusted = Some(difference(-0.074, 0.02, 211.0));
    let mut outcomes = vec![main];
    outcomes.extend(justice_others());
    let mut regional = analysis(vec![primary(outcome(
        OutcomeKind::Binary,
        0.3774,
        0.4312,
        0.035,
    ))]);
    regional.id = "regional".into();
    regional.title = "Compared with the same region".into();
    regional.headline = false;
    regional.pool = "people of the same region".into();
    let mut f = findings(vec![analysis(outcomes), regional]);
    let spec = |method: &str, caliper: Option<f64>, estimate: f64, reach: f64| Specification {
        method: method.into(),
        caliper,
        estimate,
        ci_low: estimate - reach,
        ci_high: estimate + reach,
        participants_matched: 212,
        chosen: (method, caliper) == ("radius", Some(0.1)),
        estimand: "att".into(),
        largest_smd: Some(if caliper.is_none() { 0.18 } else { 0.04 }),
        comparison_ess: Some(2040.0),
        note: None,
    };
    let without = |label: &str, estimate: f64| LeftOut {
        left_out: label.to_lowercase(),
        label: label.into(),
        estimate,
        ci_low: estimate - 0.041,
        ci_high: estimate + 0.041,
        smd: Some(0.12),
        participants_matched: 212,
    };
    f.sensitivity = Sensitivity {
        rosenbaum_gamma: Some(1.31),
        e_value: Some(1.7),
        placebo: vec![PlaceboFinding {
            name: "weeks_before".into(),
            label: "Earlier weeks in work".into(),
            kind: OutcomeKind::Continuous,
            unit: "weeks".into(),
            estimate: Some(-0.4),
            ci_low: Some(-1.5),
            ci_high: Some(0.7),
            p: Some(0.48),
            p_holm: Some(0.48),
            suppressed: None,
        }],
        specifications_refused: vec![RefusedSpecification {
            method: "exact".into(),
            caliper: None,
            reason: "no participant has a counterpart".into(),
        }],
        leave_one_out: vec![without("Drug misuse need", -0.071), without("Sex", -0.079)],
        specifications: vec![
            spec("radius", Some(0.1), -0.0777, 0.041),
            spec("radius", Some(0.05), -0.0741, 0.043),
            spec("radius", Some(0.2), -0.0802, 0.04),
            spec("nearest", Some(0.2), -0.0523, 0.047),
            spec("nearest", None, -0.0611, 0.066),
        ],
        ..Sensitivity::default()
    };
    f.analyses_withheld = vec![WithheldAnalysis {
        id: "women".into(),
        title: "Women".into(),
        reason: "it has fewer than 30 participants".into(),
    }];
    f.erasure = Some(ErasureRef {
        certificate_id: "2026-11-22-0007".into(),
        digest: "deadbeef0123".repeat(5) + "4567",
    });
    f.warnings = vec![Warning {
        code: "small_link_rate".into(),
        message: "39 of 300 people were not found in the register. If they differ from the others, the result may not hold for them.".into(),
    }];
    f
}

/// Significant, and in the bad direction.
pub fn worse() -> Findings {
    findings(vec![analysis(vec![primary(outcome(
        OutcomeKind::Binary,
        0.52,
        0.4551,
        0.026,
    ))])])
}

/// The interval holds zero.
pub fn cannot_tell() -> Findings {
    let mut main = primary(outcome(OutcomeKind::Binary, 0.437, 0.4551, 0.035));
    main.number_needed = Some(3071);
    let mut outcomes = vec![main];
    outcomes.extend(justice_others());
    findings(vec![analysis(outcomes)])
}

/// Too few people.
pub fn too_small() -> Findings {
    let mut main = primary(outcome(OutcomeKind::Binary, 0.0, 0.0, 0.1));
    main.treated = None;
    main.comparison = None;
    main.difference = None;
    main.detectable = None;
    main.suppressed = Some("fewer than 30 people could be matched".into());
    let mut f = findings(vec![analysis(vec![main])]);
    f.disclosure.suppressed_cells = 3;
    f
}

/// Red lights.
pub fn not_matched() -> Findings {
    let mut f = better();
    f.analyses.truncate(1);
    f.analyses[0].well_matched = false;
    f.analyses[0].balance = balance(true);
    f
}

/// Another domain, a researcher's own table, one continuous outcome.
pub fn employment() -> Findings {
    let mut main = primary(outcome(OutcomeKind::Continuous, 6349.1, 4554.8, 671.0));
    main.treated.as_mut().unwrap().people = 185;
    main.comparison.as_mut().unwrap().people = 260;
    let mut work = outcome(OutcomeKind::Binary, 0.757, 0.646, 0.044);
    work.name = "in_work".into();
    work.label = "In work in 1978".into();
    work.phrase = "who are in work in 1978".into();
    work.better = Better::Higher;
    work.difference.as_mut().unwrap().p_holm = Some(0.012);
    let mut a = analysis(vec![main, work]);
    a.title = "Table of one's own".into();
    a.design.method = "nearest".into();
    a.design.ratio = Some(1);
    a.design.replace = false;
    let mut f = findings(vec![a]);
    f.study.title = "A job programme and earnings".into();
    f.study.domain = "employment".into();
    f.study.words = Words {
        people: "workers".into(),
        support: "training".into(),
        event: "entry to the programme".into(),
    };
    f.flow = vec![
        FlowStep {
            step: "submitted".into(),
            reason: "rows with treatment 1".into(),
            people: 185,
            percent_of_submitted: 100.0,
            lost: vec![],
        },
        FlowStep {
            step: "analysed".into(),
            reason: "".into(),
            people: 185,
            percent_of_submitted: 100.0,
            lost: vec![],
        },
    ];
    f.quality = Quality::default();
    f.disclosure = DisclosureRecord {
        policy: "none".into(),
        rules_applied: vec![],
        suppressed_cells: 0,
        control: None,
    };
    f
}

/// Each with a file name.
pub fn all() -> Vec<(&'static str, Findings)> {
    vec![
        ("better", better()),
        ("worse", worse()),
        ("cannot-tell", cannot_tell()),
        ("too-small", too_small()),
        ("not-matched", not_matched()),
        ("employment", employment()),
    ]
}
