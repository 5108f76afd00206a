//! The method in words: each term of statistics is explained where it stands.

use crate::disclosure::findings::{Analysis, DesignSummary, Findings};
use crate::report::numbers::{count, fixed};

/// A paragraph a step.
pub fn method(analysis: &Analysis, findings: &Findings) -> Vec<String> {
    let design = &analysis.design;
    let words = &findings.study.words;
    vec![
        question(design, &words.support),
        format!(
            "Each person was given a propensity score: the chance of taking part, judged from {} facts known before the start. Its strength in telling participants from others (the c-statistic, where 0.5 is a coin toss and 1 is perfect) was {}.",
            design.propensity.terms.len().saturating_sub(1),
            fixed(design.propensity.c_statistic, 2)
        ),
        matching(design),
        ties(design),
        format!(
            "Matching used {} of the {} people in the pool. Because some count for more than others, they carry as much information as {} people who count the same (the effective sample size).",
            count(design.comparison_matched),
            count(design.comparison_pool),
            fixed(design.comparison_ess, 0)
        ),
        format!(
            "Standard errors, which say how far chance could move a result, {}. The groups were fixed before any result was read; the fingerprint of that design stands below.",
            standard_error(analysis)
        ),
    ]
    .into_iter()
    .filter(|p| !p.is_empty())
    .collect()
}

/// Whose effect it is.
fn question(design: &DesignSummary, support: &str) -> String {
    let (matched, all) = (
        count(design.participants_matched),
        count(design.participants),
    );
    match design.estimand.as_str() {
        "ato" => format!(
            "The question is what difference {support} made to those for whom it was most open whether they would receive it. Statisticians call this the average effect in the overlap (ATO). The {matched} of {all} participants in it count for more the more undecided it was."
        ),
        other => format!(
            "The question is what difference {support} made to those who received it. Statisticians call this the average effect of treatment on the treated ({}). It speaks for the {matched} of {all} participants who could be matched.",
            other.to_uppercase(),
        ),
    }
}

/// Ties make one-to-one matching hang on the order of rows; the reader should know how many there were.
fn ties(design: &DesignSummary) -> String {
    match design.tied {
        0 => String::new(),
        n => format!(
            "For {} people in the pool the score was exactly the same as another\u{2019}s, so that who was chosen hung on the order of the rows.",
            count(n)
        ),
    }
}

fn matching(design: &DesignSummary) -> String {
    let caliper = match design.caliper {
        Some(width) => format!(
            "within a distance (the caliper) of {} {}",
            trimmed(width),
            scale(&design.caliper_scale)
        ),
        None => "at whatever distance".to_owned(),
    };
    let ratio = design.ratio.unwrap_or(1);
    let chosen = match design.method.as_str() {
        "radius" => format!(
            "For each participant, everyone in the comparison pool with a score {caliper} shares the weight (radius matching). One person may serve several participants."
        ),
        "nearest" => format!(
            "For each participant, the {} with the closest {} {caliper} was taken (nearest-neighbour matching). One person may serve {}.",
            if ratio == 1 {
                "person in the pool".to_owned()
            } else {
                format!("{ratio} people in the pool")
            },
            if ratio == 1 { "score" } else { "scores" },
            if design.replace {
                "several participants"
            } else {
                "only one participant"
            }
        ),
        "weighting" => "Nobody was matched: the people in the pool were given weights under which, taken together, they resemble the participants.".to_owned(),
        other => {
            format!("Counterparts were chosen by the method \u{201c}{other}\u{201d}, {caliper}.")
        }
    };
    match design.exact.is_empty() {
        true => chosen,
        false => format!(
            "{chosen} Counterparts had to agree exactly on {}.",
            design.exact.join(", ")
        ),
    }
}

/// `0.1`, not `0.10`; never rounded to nothing.
fn trimmed(x: f64) -> String {
    format!("{x}")
}

fn scale(name: &str) -> &str {
    match name {
        "lp-sd" => "standard deviations of the score (on the log-odds scale)",
        "lp" => "on the log-odds scale",
        "probability" => "in probability",
        "odds" => "in odds",
        other => other,
    }
}

fn standard_error(analysis: &Analysis) -> String {
    let used = analysis
        .outcomes
        .iter()
        .find_map(|o| o.difference.as_ref())
        .map(|d| d.se_method.as_str());
    match used {
        Some("matched") => "follow Abadie and Imbens (2006), which allows for people in the pool being used more than once".into(),
        Some("lab") => "take the weights as fixed, as the published data labs do".into(),
        Some("stacked") => "count in that the weights were themselves estimated".into(),
        Some("cluster") => "treat each matched set as a cluster".into(),
        Some(other) => format!("were computed by the method \u{201c}{other}\u{201d}"),
        None => "were not needed, as no result could be given".into(),
    }
}

/// How to read the columns of the results.
pub fn reading_the_numbers() -> [(&'static str, &'static str); 4] {
    [
        (
            "Low to high",
            "The 95% confidence interval: if the study were repeated many times, ranges worked out this way would hold the true difference 95 times in 100.",
        ),
        (
            "Significant",
            "Yes when the whole interval lies on one side of zero. Then chance alone is an unlikely explanation. \u{201c}No\u{201d} means that the direction is not clear. It does not show that nothing changed.",
        ),
        (
            "p",
            "How often chance alone would make a gap at least this large, if in truth there were none. Under 0.05 is called significant. It comes from the same sums as the interval, so the two always agree.",
        ),
        (
            "p (Holm)",
            "p for the outcomes that were not named as deciding beforehand, made larger to allow for testing several of them at once.",
        ),
    ]
}
