//! From the stages' own results to the findings' shape.

use crate::balance::{Design, TermBalance};
use crate::cohort::{Cohort, Step};
use crate::disclosure::findings::*;
use crate::effect::kaplan_meier::KaplanMeier;
use crate::effect::survival::SurvivalFit;
use crate::effect::{
    DETECTABLE, Estimate, Interval, RatioEstimate, number_needed, quantiles::SHARES,
};
use crate::linkage::{Links, Selection};
use crate::matching::{DropReason, Matches};
use crate::register::Events;
use crate::study::{Caliper, CaliperScale, MatchSettings, Method, OutcomeSpec, SeMethod, Study};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Bins of the overlap picture.
const BINS: usize = 30;

/// The attrition from submitted to analysed.
pub(super) fn flow(steps: Vec<Step>, design: &Design) -> Vec<FlowStep> {
    let submitted = steps.first().map_or(0, |s| s.people);
    let steps = steps
        .into_iter()
        .map(|s| FlowStep {
            step: s.step.into(),
            reason: s.reason,
            people: s.people,
            percent_of_submitted: percent(s.people, submitted),
            lost: s
                .lost
                .into_iter()
                .map(|l| Loss {
                    reason: l.reason,
                    people: l.people,
                    remedy: l.remedy,
                })
                .collect(),
        })
        .collect();
    with_analysed(steps, design)
}

/// Adds the last step.
pub(super) fn with_analysed(mut steps: Vec<FlowStep>, design: &Design) -> Vec<FlowStep> {
    let submitted = steps.first().map_or(0, |s| s.people);
    let matches = design.matches();
    let people = matches.participants.len() as u64;
    let mut reasons: BTreeMap<DropReason, u64> = BTreeMap::new();
    for d in &matches.dropped {
        *reasons.entry(d.reason).or_default() += 1;
    }
    steps.push(FlowStep {
        step: "analysed".into(),
        reason: "with at least one counterpart as alike as the records can tell".into(),
        people,
        percent_of_submitted: percent(people, submitted),
        lost: reasons
            .into_iter()
            .map(|(reason, people)| Loss {
                reason: in_words(reason).into(),
                people,
                remedy: None,
            })
            .collect(),
    });
    steps
}

fn in_words(reason: DropReason) -> &'static str {
    match reason {
        DropReason::OutsideSupport => {
            "nobody in the comparison pool was as likely, or as unlikely, to take part"
        }
        DropReason::NobodyWithinCaliper => "nobody in the comparison pool was alike enough",
        DropReason::EmptyStratum => {
            "nobody in the comparison pool agreed on what had to be the same"
        }
        DropReason::AllTaken => "everybody alike enough was already somebody else's counterpart",
    }
}

fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        100.0 * part as f64 / whole as f64
    }
}

/// The design in numbers.
pub(super) fn design(design: &Design) -> DesignSummary {
    let (matches, settings, propensity) =
        (design.matches(), design.settings(), design.propensity());
    let treated = design.treated().iter().filter(|&&t| t).count() as u64;
    DesignSummary {
        estimand: settings.estimand().as_str().into(),
        method: settings.method.as_str().into(),
        caliper: caliper(settings),
        caliper_scale: settings.caliper_scale.as_str().into(),
        replace: settings.replace,
        ratio: (settings.method == Method::Nearest).then_some(settings.ratio),
        exact: settings.exact.clone(),
        propensity: PropensitySummary {
            converged: true,
            iterations: propensity.iterations,
            c_statistic: propensity.c_statistic,
            terms: propensity
                .terms
                .iter()
                .map(|t| Term {
                    term: t.name.clone(),
                    estimate: t.estimate,
                    se: if t.se.is_nan() { 0.0 } else { t.se },
                })
                .collect(),
            removed: propensity.redundant.clone(),
        },
        participants: treated,
        participants_matched: matches.participants.len() as u64,
        comparison_pool: design.treated().len() as u64 - treated,
        comparison_matched: matches.pool_matched() as u64,
        comparison_ess: matches.ess(),
        tied: design.tied(),
    }
}

fn caliper(settings: &MatchSettings) -> Option<f64> {
    match (settings.caliper, settings.caliper_scale) {
        (Caliper::Width(w), _) => Some(w),
        (Caliper::Default, CaliperScale::LpSd) => {
            Some(MatchSettings::default_caliper(settings.method))
        }
        _ => None,
    }
}

/// A row of balance.
pub(super) fn balance_row(b: &TermBalance) -> BalanceRow {
    BalanceRow {
        term: b.term.clone(),
        label: b.label.clone(),
        mean_treated: b.mean_treated,
        mean_pool: b.mean_pool,
        mean_matched: b.mean_matched,
        smd_before: b.smd_before,
        smd_after: b.smd_after,
        variance_ratio: b.variance_ratio,
        ks: b.ks,
        light: b.light.as_str().into(),
    }
}

/// Histograms of the linear predictor, the outer bins open.
pub(super) fn overlap(design: &Design) -> Overlap {
    let lp = &design.propensity().lp;
    let order = &design.propensity().order;
    let treated = design.treated();
    // Half a percent off each end of everybody, but all of the participants.
    let at = |share: f64| lp[order[(share * (order.len() - 1) as f64) as usize] as usize];
    let (mut low, mut high) = (at(0.005), at(0.995));
    for (&x, _) in lp.iter().zip(treated).filter(|p| *p.1) {
        low = low.min(x);
        high = high.max(x);
    }
    // On a round grid: edges that ended at the last participant would tell one person's score.
    let width = round_width((high - low) / (BINS - 1) as f64);
    let low = (low / width).floor() * width;
    let bins = (((high - low) / width).floor() as usize + 1).min(BINS);
    let bin = |x: f64| (((x - low) / width).max(0.0) as usize).min(bins - 1);
    let mut shares = [vec![0.0; bins], vec![0.0; bins], vec![0.0; bins]];
    for (&x, &t) in lp.iter().zip(treated) {
        shares[usize::from(!t)][bin(x)] += 1.0;
    }
    let matches: &Matches = design.matches();
    for (&row, &w) in matches.pool.iter().zip(&matches.weight) {
        shares[2][bin(lp[row as usize])] += w;
    }
    for group in &mut shares {
        let total: f64 = group.iter().sum();
        group
            .iter_mut()
            .for_each(|s| *s /= total.max(f64::MIN_POSITIVE));
    }
    let [participants, pool, matched] = shares;
    Overlap {
        edges: (0..=bins).map(|b| low + b as f64 * width).collect(),
        participants,
        pool,
        matched,
    }
}

/// The next of 1, 2, 5 times a power of ten.
fn round_width(x: f64) -> f64 {
    let unit = 10f64.powf(x.max(1e-9).log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0];
    steps
        .map(|s| s * unit)
        .into_iter()
        .find(|w| *w >= x)
        .unwrap_or(10.0 * unit)
}

/// An outcome; `found` is the estimate with the number of matched participants.
pub(super) fn outcome(
    spec: &OutcomeSpec,
    found: Option<(&Estimate, u64)>,
    why_not: Option<String>,
) -> OutcomeFinding {
    let estimate = found.map(|f| f.0);
    let significant = estimate.is_some_and(|e| e.difference.p < 0.05);
    OutcomeFinding {
        name: spec.name.clone(),
        kind: spec.kind,
        primary: spec.primary,
        unit: spec.unit.clone(),
        label: spec.label.clone(),
        table: spec.table.clone(),
        phrase: spec.phrase.clone(),
        better: spec.better,
        treated: estimate.map(|e| GroupValue {
            people: e.people_treated,
            mean: e.mean_treated,
        }),
        comparison: estimate.map(|e| GroupValue {
            people: e.people_comparison,
            mean: e.mean_comparison,
        }),
        difference: estimate.map(|e| difference(&e.difference, e.se_method)),
        ratio: estimate.and_then(ratio),
        no_ratio: estimate.and_then(|e| e.no_ratio.clone()),
        survival: estimate.and_then(|e| e.survival.as_ref()).map(curves),
        quantiles: estimate.and_then(quantiles),
        adjusted: None,
        second_opinions: Vec::new(),
        number_needed: found.filter(|_| !significant).and_then(|(e, n)| {
            number_needed(e.difference.estimate, e.difference.se, e.difference.df, n)
        }),
        detectable: estimate.map(|e| DETECTABLE * e.difference.se),
        can_say: String::new(),
        cannot_say: String::new(),
        suppressed: why_not,
    }
}

/// Steps of a curve before disclosure control: a multiple of those that may be released.
const CURVE_STEPS: usize = 48;

fn curves(fit: &SurvivalFit) -> SurvivalCurves {
    let times: Vec<f64> = (0..=CURVE_STEPS)
        .map(|k| fit.horizon * k as f64 / CURVE_STEPS as f64)
        .collect();
    let of = |curve: &KaplanMeier| {
        let bands: Vec<(f64, f64)> = times.iter().map(|&t| curve.band(t)).collect();
        SurvivalCurve {
            surv: times.iter().map(|&t| curve.survival(t)).collect(),
            low: bands.iter().map(|b| b.0).collect(),
            high: bands.iter().map(|b| b.1).collect(),
            events: times.iter().map(|&t| curve.events(t)).collect(),
            at_risk: times.iter().map(|&t| curve.at_risk(t)).collect(),
        }
    };
    SurvivalCurves {
        horizon: fit.horizon,
        asked: fit.asked.filter(|_| fit.cut_short()),
        treated: of(&fit.treated),
        comparison: of(&fit.comparison),
        times,
    }
}

fn quantiles(e: &Estimate) -> Option<QuantilesFinding> {
    let q = e.quantiles.as_ref()?;
    let median = q.median_difference.as_ref();
    Some(QuantilesFinding {
        shares: SHARES.to_vec(),
        treated: q.treated.to_vec(),
        comparison: q.comparison.to_vec(),
        median_difference: median.map(|d| difference(d, e.se_method)),
    })
}

pub(super) fn difference(i: &Interval, method: SeMethod) -> Difference {
    Difference {
        estimate: i.estimate,
        se: i.se,
        se_method: method.as_str().into(),
        df: i.df,
        ci_low: i.ci_low,
        ci_high: i.ci_high,
        p: i.p,
        p_holm: None,
        percentile: None,
    }
}

fn ratio(e: &Estimate) -> Option<Ratio> {
    let (first, rest) = e.ratios.split_first()?;
    let mut ratio = exponential(first);
    ratio.odds_ratio = rest.first().map(|r| Box::new(exponential(r)));
    Some(ratio)
}

fn exponential(r: &RatioEstimate) -> Ratio {
    Ratio {
        kind: r.kind.into(),
        estimate: r.log.estimate.exp(),
        log_se: r.log.se,
        ci_low: r.log.ci_low.exp(),
        ci_high: r.log.ci_high.exp(),
        odds_ratio: None,
    }
}

/// The file in numbers.
pub(super) fn file_quality(cohort: &Cohort) -> Map<String, Value> {
    let q = &cohort.quality;
    let mut map = Map::new();
    map.insert("rows of people".into(), json!(q.rows));
    for f in q.fields.iter().filter(|f| f.column) {
        map.insert(
            format!("{}: filled in, %", f.field),
            json!(f.complete_percent(q.rows).round()),
        );
        if f.valid < f.filled {
            map.insert(
                format!("{}: valid of those, %", f.field),
                json!(f.valid_percent().floor()),
            );
        }
    }
    map.insert(
        "problems found in the file".into(),
        json!(cohort.problems.len() as u64 + cohort.problems_unlisted),
    );
    map
}

/// The links in numbers.
pub(super) fn link_quality(links: &Links, people: usize) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("people looked for".into(), json!(people));
    map.insert(
        "found on the register, %".into(),
        json!(percent(links.linked.len() as u64, people as u64).round()),
    );
    for (key, n) in &links.by_key {
        let key = match key {
            crate::study::LinkageKey::PncId => "found by PNC id",
            crate::study::LinkageKey::PrisonNumber => "found by prison number",
            crate::study::LinkageKey::NameAndDob => "found by name and date of birth",
        };
        map.insert(key.into(), json!(n));
    }
    if links.by_probability > 0 {
        map.insert("found by probability".into(), json!(links.by_probability));
    }
    map
}

/// The register in numbers.
pub(super) fn register_quality(
    events: &Events,
    selection: &Selection,
    study: &Study,
) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("records held".into(), json!(events.person.len()));
    map.insert(
        "recorded up to".into(),
        json!(crate::cohort::iso(events.cut_off)),
    );
    let event = &study.words.event;
    map.insert(
        format!("more than one {event} in the window: people"),
        json!(selection.several),
    );
    map.insert(
        format!("more than one {event} in the window: the one taken"),
        json!(study.index_event.several.in_words()),
    );
    map.insert(
        "people in the comparison pool".into(),
        json!(selection.pool.len()),
    );
    for l in &selection.pool_lost {
        map.insert(
            format!("left out of the pool: {}", l.reason),
            json!(l.people),
        );
    }
    map
}
