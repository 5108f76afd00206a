//! Study files: TOML to [`Study`], checked once; every refusal names the line, the rule and a way out.

use super::index_event::index_event;
use super::linkage::linkage;
use super::outcome::{outcomes, tells_nothing_of_one, within_follow_up};
use super::raw::{
    RawAnalysis, RawCaliper, RawCovariate, RawMatching, RawPenalty, RawPropensity, RawStudy,
};
use super::{
    AnalysisSpec, Caliper, Covariate, CovariateKind, DisclosurePolicy, MatchSettings, OutcomeSpec,
    PenaltyChoice, PropensitySettings, Study,
};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;

/// What is wrong with a study file.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// The file cannot be read.
    #[error("cannot read study {file}: {reason}")]
    Unreadable {
        /// Which file.
        file: String,
        /// Why.
        reason: String,
    },
    /// A setting is wrong.
    #[error("{file}, line {line}: {message}")]
    Invalid {
        /// Which file.
        file: String,
        /// 1-based line.
        line: usize,
        /// The rule and what to do.
        message: String,
    },
}

/// A rule broken at a place of the file.
pub(super) type Broken = (Range<usize>, String);

impl Study {
    /// Reads and checks a study file.
    ///
    /// # Errors
    /// [`StudyError::Unreadable`] when there is no such file, [`StudyError::Invalid`] with the
    /// line for anything wrong in it.
    pub fn load(path: &Path) -> Result<Study, StudyError> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|e| StudyError::Unreadable {
            file: file.clone(),
            reason: in_words(e.kind()),
        })?;
        let mut study = Study::parse(&file, &text)?;
        if let Some(model) = &mut study.linkage.model {
            let beside = path.with_file_name(&model.name);
            model.text = std::fs::read_to_string(&beside).map_err(|e| StudyError::Unreadable {
                file: format!("{file}: its linkage model {}", beside.display()),
                reason: in_words(e.kind()),
            })?;
        }
        Ok(study)
    }

    /// Checks the text of a study file; `file` only names it in errors.
    ///
    /// # Errors
    /// [`StudyError::Invalid`] with the line.
    ///
    /// ```
    /// use counterpart::study::Study;
    /// let wrong = "id = \"x\"\ntitle = \"X\"\ndomain = \"justice\"\ncaliper = 1\n";
    /// let message = Study::parse("x.toml", wrong).unwrap_err().to_string();
    /// assert!(message.starts_with("x.toml, line 4: unknown setting `caliper`"), "{message}");
    /// ```
    pub fn parse(file: &str, text: &str) -> Result<Study, StudyError> {
        let invalid = |span: Range<usize>, message: String| StudyError::Invalid {
            file: file.to_owned(),
            line: line_of(text, span.start),
            message,
        };
        let raw: RawStudy = toml::from_str(text)
            .map_err(|e| invalid(e.span().unwrap_or(0..0), plain(e.message())))?;
        let digest = Sha256::digest(text.as_bytes());
        let digest = digest.iter().map(|b| format!("{b:02x}")).collect();
        checked(raw, digest).map_err(|(span, message)| invalid(span, message))
    }
}

/// Why a file cannot be read.
fn in_words(kind: ErrorKind) -> String {
    match kind {
        ErrorKind::NotFound => "there is no such file".into(),
        ErrorKind::PermissionDenied => "permission is missing".into(),
        ErrorKind::IsADirectory => "it is a folder".into(),
        ErrorKind::InvalidData => "it is not text in UTF-8".into(),
        other => other.to_string(),
    }
}

/// The parser's message without the names of Rust's types.
fn plain(message: &str) -> String {
    let mut text = message.trim().to_owned();
    for (rust, words) in [
        ("expected u32", "expected a whole number from 0"),
        ("expected u64", "expected a whole number from 0"),
        ("expected usize", "expected a whole number from 0"),
        ("expected i64", "expected a whole number"),
        ("expected f64", "expected a number"),
        ("expected a boolean", "expected true or false"),
        ("expected a sequence", "expected a list in square brackets"),
        ("unknown field", "unknown setting"),
        ("missing field", "missing setting"),
        ("unknown variant", "unknown choice"),
    ] {
        text = text.replace(rust, words);
    }
    text
}

fn line_of(text: &str, byte: usize) -> usize {
    1 + text.as_bytes()[..byte.min(text.len())]
        .iter()
        .filter(|&&b| b == b'\n')
        .count()
}

fn checked(raw: RawStudy, digest: String) -> Result<Study, Broken> {
    named(&raw.id, "id", |c| {
        c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_'
    })?;
    for (text, what) in [(&raw.title, "title"), (&raw.domain, "domain")] {
        if text.get_ref().trim().is_empty() {
            return Err((text.span(), format!("`{what}` is empty; say it in words")));
        }
    }
    let eligibility = match raw.eligibility {
        Some(e) => {
            let days = e.get_ref().follow_up_days;
            if days == 0 || days > 36_525 {
                let rule = "`follow_up_days` must be from 1 to 36525 (a hundred years)";
                return Err((e.span(), rule.into()));
            }
            e.into_inner()
        }
        None => Default::default(),
    };
    let linkage = linkage(raw.linkage)?;
    let outcome_spans: Vec<Range<usize>> = raw.outcomes.iter().map(Spanned::span).collect();
    let outcomes = outcomes(raw.outcomes)?;
    let covariates = covariates(raw.covariates, &outcomes)?;
    let propensity = propensity(raw.propensity, &outcomes)?;
    let matching = matching(raw.matching, &outcomes)?;
    let index_event = index_event(raw.index_event, &outcomes)?;
    let analyses = analyses(raw.analyses, &outcomes)?;
    let disclosure = match raw.disclosure {
        Some(d) => {
            let p = d.get_ref();
            if p.mode.guards() && (p.min_matched < 10 || p.min_each_side < 5) {
                let rule = "a controlled policy needs `min_matched` of at least 10 and `min_each_side` \
                            of at least 5; for a table of your own say mode = \"none\"";
                return Err((d.span(), rule.into()));
            }
            if !(p.epsilon > 0.0 && p.epsilon <= 10.0) || p.uses == 0 {
                let rule = "`epsilon` must be above 0 and at most 10, and `uses` at least 1";
                return Err((d.span(), rule.into()));
            }
            if p.min_matched > p.min_submitted {
                let rule = "`min_matched` is above `min_submitted`: nobody could ever pass";
                return Err((d.span(), rule.into()));
            }
            d.into_inner()
        }
        None => DisclosurePolicy::default(),
    };
    for (o, span) in outcomes.iter().zip(outcome_spans) {
        let at = |rule| (span.clone(), rule);
        if disclosure.mode.guards() {
            tells_nothing_of_one(o).map_err(at)?;
        }
        if raw.table.is_none() {
            within_follow_up(o, eligibility.follow_up_days).map_err(at)?;
        }
    }
    Ok(Study {
        id: raw.id.into_inner(),
        title: raw.title.into_inner(),
        domain: raw.domain.into_inner(),
        words: raw.words,
        eligibility,
        index_event,
        linkage,
        covariates,
        propensity,
        matching,
        analyses,
        outcomes,
        disclosure,
        table: raw.table.map(Spanned::into_inner),
        digest,
    })
}

fn named(name: &Spanned<String>, what: &str, allowed: impl Fn(char) -> bool) -> Result<(), Broken> {
    let text = name.get_ref();
    if text.is_empty() || text.len() > 64 || !text.chars().all(allowed) {
        let rule =
            format!("`{what}` must be 1 to 64 lower-case letters, digits, hyphens or underscores");
        return Err((name.span(), rule));
    }
    Ok(())
}

fn covariates(
    raw: Vec<Spanned<RawCovariate>>,
    outcomes: &[OutcomeSpec],
) -> Result<Vec<Covariate>, Broken> {
    let mut seen = BTreeSet::new();
    raw.into_iter()
        .map(|c| {
            let c = c.into_inner();
            let span = c.column.span();
            let column = c.column.into_inner();
            if !seen.insert(column.clone()) {
                return Err((span, format!("covariate `{column}` is listed twice")));
            }
            refuse_outcome(&column, &span, outcomes, "a covariate")?;
            if c.square && c.kind != CovariateKind::Number {
                let rule = format!("`square` needs kind = \"number\"; `{column}` is not one");
                return Err((span, rule));
            }
            if let Some(spline) = &c.spline
                && (c.kind != CovariateKind::Number || !(2..=7).contains(spline.get_ref()))
            {
                let rule = format!(
                    "`spline` must be from 2 to 7 and needs kind = \"number\"; `{column}` breaks this"
                );
                return Err((spline.span(), rule));
            }
            if c.square && c.spline.is_some() {
                let rule = format!("`{column}` cannot have both a square and a spline; keep one");
                return Err((span, rule));
            }
            Ok(Covariate {
                label: c.label.unwrap_or_else(|| column.clone()),
                column,
                kind: c.kind,
                square: c.square,
                spline: c.spline.map(Spanned::into_inner),
            })
        })
        .collect()
}

/// Nothing measured after the start may shape the design.
pub(super) fn refuse_outcome(
    column: &str,
    span: &Range<usize>,
    outcomes: &[OutcomeSpec],
    role: &str,
) -> Result<(), Broken> {
    let is_outcome = outcomes.iter().any(|o| {
        o.column == column
            || o.given.as_deref() == Some(column)
            || o.exposure.as_deref() == Some(column)
    });
    if is_outcome {
        let rule = format!(
            "`{column}` is an outcome and cannot be {role} too: a design must not see outcomes; remove it here"
        );
        return Err((span.clone(), rule));
    }
    Ok(())
}

fn matching(raw: RawMatching, outcomes: &[OutcomeSpec]) -> Result<MatchSettings, Broken> {
    let mut exact: Vec<String> = Vec::new();
    for e in raw.exact {
        refuse_outcome(e.get_ref(), &e.span(), outcomes, "an exact stratum")?;
        if exact.contains(e.get_ref()) {
            return Err((e.span(), format!("`{}` is listed twice", e.get_ref())));
        }
        exact.push(e.into_inner());
    }
    let caliper = match raw.caliper {
        None => Caliper::Default,
        Some(c) => {
            let span = c.span();
            match c.into_inner() {
                RawCaliper::Width(w) if w.is_finite() && w > 0.0 => Caliper::Width(w),
                RawCaliper::Word(w) if w == "none" => Caliper::None,
                RawCaliper::Word(w) if w == "search" => Caliper::Search,
                _ => {
                    let rule = "`caliper` must be a number above 0, \"none\" or \"search\"";
                    return Err((span, rule.into()));
                }
            }
        }
    };
    let mut columns: Vec<String> = Vec::new();
    for c in raw.columns {
        refuse_outcome(c.get_ref(), &c.span(), outcomes, "matched on")?;
        columns.push(c.into_inner());
    }
    let span_of = |setting: &str| match setting {
        "ratio" => raw.ratio.as_ref().map(Spanned::span),
        "replace" => raw.replace.as_ref().map(Spanned::span),
        "order" => raw.order.as_ref().map(Spanned::span),
        "se" => raw.se.as_ref().map(Spanned::span),
        "subclasses" => raw.subclasses.as_ref().map(Spanned::span),
        "replicates" => raw.replicates.as_ref().map(Spanned::span),
        _ => None,
    };
    let or =
        |given: &Option<Spanned<usize>>, default| given.as_ref().map_or(default, |v| *v.get_ref());
    let default = MatchSettings::new(raw.method);
    let settings = MatchSettings {
        caliper,
        caliper_scale: raw.caliper_scale,
        exact,
        common_support: raw.common_support,
        kernel: raw.kernel,
        weights: raw.weights,
        columns,
        cutpoints: raw.cutpoints.clone(),
        ratio: or(&raw.ratio, default.ratio),
        subclasses: or(&raw.subclasses, default.subclasses),
        replace: raw
            .replace
            .as_ref()
            .map_or(default.replace, |v| *v.get_ref()),
        order: raw.order.as_ref().map(|v| *v.get_ref()),
        se: raw.se.as_ref().map_or(default.se, |v| *v.get_ref()),
        replicates: raw
            .replicates
            .as_ref()
            .map_or(default.replicates, |v| *v.get_ref()),
        ..default
    };
    settings
        .check()
        .map_err(|(setting, rule)| (span_of(setting).unwrap_or(0..0), rule))?;
    Ok(settings)
}

fn propensity(raw: RawPropensity, outcomes: &[OutcomeSpec]) -> Result<PropensitySettings, Broken> {
    let penalty = match raw.penalty {
        None => PenaltyChoice::None,
        Some(p) => {
            let span = p.span();
            match p.into_inner() {
                RawPenalty::Word(w) if w == "none" => PenaltyChoice::None,
                RawPenalty::Word(w) if w == "firth" => PenaltyChoice::Firth,
                RawPenalty::Ridge { ridge } if ridge.is_finite() && ridge > 0.0 => {
                    PenaltyChoice::Ridge(ridge)
                }
                _ => {
                    let rule = "`penalty` must be \"none\", \"firth\" or { ridge = 0.1 } with a number above 0";
                    return Err((span, rule.into()));
                }
            }
        }
    };
    if let Some(p) = &raw.backward
        && !(*p.get_ref() > 0.0 && *p.get_ref() < 1.0)
    {
        let rule = "`backward` is the p above which a covariate is dropped, between 0 and 1";
        return Err((p.span(), rule.into()));
    }
    for column in raw.scores.iter().chain(&raw.sampling_weights) {
        refuse_outcome(
            column.get_ref(),
            &column.span(),
            outcomes,
            "part of the design",
        )?;
    }
    if let Some(scores) = &raw.scores
        && (penalty != PenaltyChoice::None || raw.backward.is_some())
    {
        let rule = "with `scores` no model is fitted; leave `penalty` and `backward` out";
        return Err((scores.span(), rule.into()));
    }
    Ok(PropensitySettings {
        penalty,
        backward: raw.backward.map(Spanned::into_inner),
        scores: raw.scores.map(Spanned::into_inner),
        score_scale: raw.score_scale,
        sampling_weights: raw.sampling_weights.map(Spanned::into_inner),
    })
}

fn analyses(
    raw: Vec<Spanned<RawAnalysis>>,
    outcomes: &[OutcomeSpec],
) -> Result<Vec<AnalysisSpec>, Broken> {
    let mut seen = BTreeSet::from(["main".to_owned()]);
    raw.into_iter()
        .map(|a| {
            let span = a.span();
            let a = a.into_inner();
            named(&a.id, "id", |c| {
                c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_'
            })?;
            let id = a.id.into_inner();
            if !seen.insert(id.clone()) {
                return Err((span, format!("analysis `{id}` is listed twice")));
            }
            let by_list = a.completed.is_some() || a.each_site;
            if a.only.is_empty() && a.pool.is_empty() && a.pool_shares.is_empty() && !by_list {
                let rule = format!(
                    "analysis `{id}` is the main one over again: say `only`, `pool`, `pool_shares`, `completed` or `each_site`"
                );
                return Err((span, rule));
            }
            let columns = a.only.keys().chain(a.pool.keys()).chain(&a.pool_shares);
            for column in columns {
                refuse_outcome(column, &span, outcomes, "what people are chosen by")?;
            }
            Ok(AnalysisSpec {
                title: a.title.unwrap_or_else(|| id.replace(['_', '-'], " ")),
                id,
                only: a.only,
                pool: a.pool,
                pool_shares: a.pool_shares,
                completed: a.completed,
                each_site: a.each_site,
            })
        })
        .collect()
}
