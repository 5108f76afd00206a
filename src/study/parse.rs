//! Study files: TOML to [`Study`], checked once; every refusal names the line, the rule and a way out.

use super::raw::{RawCaliper, RawCovariate, RawMatching, RawOutcome, RawStudy};
use super::{
    Caliper, CaliperScale, Covariate, CovariateKind, DisclosureMode, MatchSettings, Method,
    OutcomeKind, OutcomeSpec, SeMethod, Study,
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
type Broken = (Range<usize>, String);

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
        Study::parse(&file, &text)
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
    if let Some(l) = &raw.linkage
        && l.get_ref().keys.is_empty()
    {
        let rule =
            "`keys` is empty: name at least one way of finding people, such as `name_and_dob`";
        return Err((l.span(), rule.into()));
    }
    let outcomes = outcomes(raw.outcomes)?;
    let covariates = covariates(raw.covariates, &outcomes)?;
    let matching = matching(raw.matching, &outcomes)?;
    let disclosure = match raw.disclosure {
        Some(d) => {
            let p = d.get_ref();
            if p.mode == DisclosureMode::Controlled && (p.min_matched < 10 || p.min_each_side < 5) {
                let rule = "a controlled policy needs `min_matched` of at least 10 and `min_each_side` \
                            of at least 5; for a table of your own say mode = \"none\"";
                return Err((d.span(), rule.into()));
            }
            if p.min_matched > p.min_submitted {
                let rule = "`min_matched` is above `min_submitted`: nobody could ever pass";
                return Err((d.span(), rule.into()));
            }
            d.into_inner()
        }
        None => Default::default(),
    };
    Ok(Study {
        id: raw.id.into_inner(),
        title: raw.title.into_inner(),
        domain: raw.domain.into_inner(),
        words: raw.words,
        eligibility,
        index_event: raw.index_event.map(Spanned::into_inner).unwrap_or_default(),
        linkage: raw.linkage.map(Spanned::into_inner).unwrap_or_default(),
        covariates,
        matching,
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
            Ok(Covariate {
                label: c.label.unwrap_or_else(|| column.clone()),
                column,
                kind: c.kind,
                square: c.square,
            })
        })
        .collect()
}

/// Nothing measured after the start may shape the design.
fn refuse_outcome(
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

fn outcomes(raw: Vec<Spanned<RawOutcome>>) -> Result<Vec<OutcomeSpec>, Broken> {
    let mut seen = BTreeSet::new();
    let mut primary = 0;
    let mut out = Vec::with_capacity(raw.len());
    let mut last = 0..0;
    let mut parts: Vec<(String, Spanned<String>)> = Vec::new();
    for o in raw {
        let whole = o.span();
        let o = o.into_inner();
        let name = o.name.get_ref().clone();
        if !seen.insert(name.clone()) {
            return Err((o.name.span(), format!("outcome `{name}` is listed twice")));
        }
        if o.primary {
            primary += 1;
            if primary > 1 {
                let rule = format!(
                    "outcome `{name}` is a second primary one; exactly one decides, the others are secondary"
                );
                return Err((o.name.span(), rule));
            }
        }
        if o.kind == OutcomeKind::Duration && o.given.is_none() {
            let rule = format!(
                "outcome `{name}` is a duration: `given` must name the 0/1 column that says whether the event happened"
            );
            return Err((o.name.span(), rule));
        }
        if let Some(g) = &o.given
            && o.kind != OutcomeKind::Duration
        {
            return Err((g.span(), "`given` belongs to kind = \"duration\"".into()));
        }
        if let Some(e) = &o.exposure
            && o.kind != OutcomeKind::Count
        {
            return Err((e.span(), "`exposure` belongs to kind = \"count\"".into()));
        }
        let part_of = o.part_of;
        if let Some(whole) = &part_of {
            parts.push((name.clone(), whole.clone()));
        }
        let label = o.label.unwrap_or_else(|| name.replace('_', " "));
        out.push(OutcomeSpec {
            column: o.column.unwrap_or_else(|| name.clone()),
            kind: o.kind,
            primary: o.primary,
            phrase: o.phrase.unwrap_or_else(|| default_phrase(o.kind, &label)),
            label,
            unit: o.unit.unwrap_or_else(|| default_unit(o.kind).into()),
            better: o.better,
            given: o.given.map(Spanned::into_inner),
            exposure: o.exposure.map(Spanned::into_inner),
            part_of: part_of.map(Spanned::into_inner),
            name,
        });
        last = whole;
    }
    for (part, whole) in &parts {
        let found = out.iter().find(|o| &o.name == whole.get_ref());
        let sound = found.is_some_and(|o| o.kind == OutcomeKind::Binary && o.part_of.is_none());
        let part_is_binary = out
            .iter()
            .any(|o| &o.name == part && o.kind == OutcomeKind::Binary);
        if !sound || !part_is_binary {
            let rule = format!(
                "`part_of` of outcome `{part}` must name another outcome that is no part itself, both of kind \"binary\""
            );
            return Err((whole.span(), rule));
        }
    }
    if out.is_empty() {
        return Err((last, "no [[outcomes]]: say what is compared".into()));
    }
    if primary == 0 {
        let rule = "no outcome is primary: set primary = true on the one that decides, before any data is seen";
        return Err((last, rule.into()));
    }
    Ok(out)
}

/// How an outcome ends its sentence when the file does not say.
pub(crate) fn default_phrase(kind: OutcomeKind, label: &str) -> String {
    match kind {
        OutcomeKind::Binary => format!("with “{label}”"),
        OutcomeKind::Count | OutcomeKind::Continuous => format!("“{label}”"),
        OutcomeKind::Duration => format!("“{label}”"),
    }
}

/// The unit when the file does not say.
pub(crate) fn default_unit(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::Binary => "percentage points",
        OutcomeKind::Count => "per person",
        OutcomeKind::Duration => "days",
        OutcomeKind::Continuous => "units",
    }
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
    let mut settings = MatchSettings {
        method: raw.method,
        caliper,
        caliper_scale: raw.caliper_scale,
        exact,
        common_support: raw.common_support,
        ..MatchSettings::default()
    };
    let place = |ratio: &Option<Spanned<usize>>| ratio.as_ref().map_or(0..0, Spanned::span);
    let ratio_span = place(&raw.ratio);
    let replace_span = raw.replace.as_ref().map_or(0..0, Spanned::span);
    let order_span = raw.order.as_ref().map_or(0..0, Spanned::span);
    let se_span = raw.se.as_ref().map_or(0..0, Spanned::span);
    settings.ratio = raw.ratio.map_or(1, Spanned::into_inner);
    settings.replace = raw
        .replace
        .map_or(settings.method == Method::Radius, Spanned::into_inner);
    settings.order = raw.order.map(Spanned::into_inner);
    settings.se = raw.se.map_or(SeMethod::Matched, Spanned::into_inner);
    settings.check().map_err(|(setting, rule)| {
        let span = match setting {
            "ratio" => ratio_span,
            "replace" => replace_span,
            "order" => order_span,
            "se" => se_span,
            _ => 0..0,
        };
        (span, rule)
    })?;
    Ok(settings)
}

impl MatchSettings {
    /// Refuses combinations that mean nothing; the pair is the setting at fault and the rule.
    ///
    /// # Errors
    /// The name of the setting, and the rule with the way out.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        let rule = |setting, text: &str| Err((setting, text.to_owned()));
        match self.method {
            Method::Radius => {
                if self.caliper == Caliper::None {
                    return rule(
                        "caliper",
                        "radius matching needs a caliper; give a width or \"search\"",
                    );
                }
                if self.ratio != 1 {
                    return rule(
                        "ratio",
                        "`ratio` belongs to nearest-neighbour matching; radius takes everybody within the caliper",
                    );
                }
                if !self.replace {
                    return rule(
                        "replace",
                        "radius matching always reuses the pool; leave `replace` out",
                    );
                }
                if self.order.is_some() {
                    return rule("order", "`order` belongs to nearest-neighbour matching");
                }
                if self.se == SeMethod::Cluster {
                    return rule(
                        "se",
                        "clustered standard errors need matched sets; with radius matching use \"matched\" or \"lab\"",
                    );
                }
            }
            Method::Nearest => {
                if self.ratio == 0 || self.ratio > 1000 {
                    return rule("ratio", "`ratio` must be from 1 to 1000 neighbours");
                }
                if self.replace && self.order == Some(super::Order::Closest) {
                    return rule(
                        "order",
                        "with replacement the order changes nothing; leave `order` out",
                    );
                }
            }
        }
        if let Caliper::Width(w) = self.caliper
            && !(w.is_finite() && w > 0.0)
        {
            return rule("caliper", "`caliper` must be a finite number above 0");
        }
        if self.caliper == Caliper::Search && self.caliper_scale != CaliperScale::LpSd {
            return rule(
                "caliper",
                "the caliper search works on the lp-sd scale; leave the scale out",
            );
        }
        Ok(())
    }
}
