//! How people are found on the register: `[linkage]` of a study file.

use super::parse::Broken;
use super::raw::RawLinkage;
use serde::{Deserialize, Serialize};
use toml::Spanned;

/// The probability from which a link is believed, when the study does not say.
pub const THRESHOLD: f64 = 0.95;
/// The thresholds at which the effect is shown, when the study does not say.
pub const THRESHOLDS: [f64; 3] = [0.80, 0.95, 0.99];

/// The ways of finding a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Linkage {
    /// Keys in the order they are tried.
    pub keys: Vec<LinkageKey>,
    /// What decides when an identifier does not.
    pub method: LinkageMethod,
    /// A link is believed from this probability on; above 0.5 and below 1.
    pub threshold: f64,
    /// Three thresholds, ascending, one of them [`Linkage::threshold`]: the answer is given at each.
    pub thresholds: [f64; 3],
    /// The linkage model; `None` = the built-in one, adapted to the cohort.
    pub model: Option<ModelFile>,
}

/// A linkage model named by a study.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFile {
    /// Its name; it lies beside the study file.
    pub name: String,
    /// What it says; empty until the study is loaded from its own file.
    pub text: String,
}

impl Default for Linkage {
    fn default() -> Self {
        Linkage {
            keys: vec![
                LinkageKey::PncId,
                LinkageKey::PrisonNumber,
                LinkageKey::NameAndDob,
            ],
            method: LinkageMethod::default(),
            threshold: THRESHOLD,
            thresholds: THRESHOLDS,
            model: None,
        }
    }
}

/// What decides who somebody is.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq, Hash, Default)]
#[serde(rename_all = "snake_case")]
pub enum LinkageMethod {
    /// The keys alone: each either fits or does not.
    Exact,
    /// Identifiers first; for everybody else the probability that the two are one person, from how
    /// well every field agrees (Fellegi and Sunter 1969).
    #[default]
    Probabilistic,
}

impl LinkageMethod {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            LinkageMethod::Exact => "exact",
            LinkageMethod::Probabilistic => "probabilistic",
        }
    }
}

/// A way of finding a person.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "snake_case")]
pub enum LinkageKey {
    /// Police National Computer id, with a valid check letter.
    PncId,
    /// Prison number.
    PrisonNumber,
    /// Forename, surname and date of birth, exactly, after normalising.
    NameAndDob,
}

/// Checks the table; a rule broken comes with its place.
pub(super) fn linkage(raw: Option<Spanned<RawLinkage>>) -> Result<Linkage, Broken> {
    let Some(raw) = raw else {
        return Ok(Linkage::default());
    };
    let whole = raw.span();
    let raw = raw.into_inner();
    let default = Linkage::default();
    let keys = raw.keys.unwrap_or(default.keys);
    if keys.is_empty() {
        let rule =
            "`keys` is empty: name at least one way of finding people, such as `name_and_dob`";
        return Err((whole, rule.into()));
    }
    let method = raw.method.unwrap_or_default();
    if method == LinkageMethod::Exact {
        let set = [
            ("threshold", raw.threshold.as_ref().map(Spanned::span)),
            ("thresholds", raw.thresholds.as_ref().map(Spanned::span)),
            ("model", raw.model.as_ref().map(Spanned::span)),
        ];
        for (setting, span) in set {
            if let Some(span) = span {
                let rule = format!(
                    "`{setting}` belongs to method \"probabilistic\"; leave it out, or leave out `method`"
                );
                return Err((span, rule));
            }
        }
    }
    let at = raw.threshold.as_ref().map_or(whole.clone(), Spanned::span);
    let threshold = raw.threshold.map_or(THRESHOLD, Spanned::into_inner);
    if !a_threshold(threshold) {
        let rule = "`threshold` must be a probability above 0.5 and below 1, such as 0.95";
        return Err((at, rule.into()));
    }
    let thresholds = match raw.thresholds {
        Some(given) => three(&given, threshold)?,
        None if THRESHOLDS.contains(&threshold) => THRESHOLDS,
        None => around(threshold),
    };
    let model = match raw.model {
        Some(name) => Some(ModelFile {
            name: beside(&name)?,
            text: String::new(),
        }),
        None => None,
    };
    Ok(Linkage {
        keys,
        method,
        threshold,
        thresholds,
        model,
    })
}

fn a_threshold(t: f64) -> bool {
    t > 0.5 && t < 1.0
}

fn three(given: &Spanned<Vec<f64>>, threshold: f64) -> Result<[f64; 3], Broken> {
    let rule = |rule: String| Err((given.span(), rule));
    let Ok(three) = <[f64; 3]>::try_from(given.get_ref().as_slice()) else {
        return rule(format!(
            "`thresholds` must be three probabilities, such as [0.80, 0.95, 0.99]; there are {}",
            given.get_ref().len()
        ));
    };
    if !three.iter().all(|&t| a_threshold(t)) || three.windows(2).any(|w| w[0] >= w[1]) {
        return rule("`thresholds` must be above 0.5, below 1 and in ascending order".into());
    }
    if !three.contains(&threshold) {
        return rule(format!(
            "`thresholds` must contain `threshold`, {threshold}: the other two are compared with it"
        ));
    }
    Ok(three)
}

/// One threshold looser and one stricter than a threshold of the study's own: four times the doubt,
/// at most half the way to 0.5, and a fifth of it.
fn around(threshold: f64) -> [f64; 3] {
    let doubt = 1.0 - threshold;
    let loose = (1.0 - 4.0 * doubt).max((threshold + 0.5) / 2.0);
    [loose, threshold, 1.0 - doubt / 5.0]
}

/// A file beside the study: one name, no way out of its folder.
fn beside(name: &Spanned<String>) -> Result<String, Broken> {
    let text = name.get_ref();
    let plain = !text.is_empty() && !text.starts_with('.') && !text.contains(['/', '\\', ':']);
    if !plain || !text.ends_with(".toml") {
        let rule = "`model` must be the name of a linkage model beside the study file, such as \
                    \"linkage.toml\"";
        return Err((name.span(), rule.into()));
    }
    Ok(text.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_of_ones_own_gets_a_looser_and_a_stricter_neighbour() {
        // 1 - 4 * 0.1 = 0.6 is looser than halfway, 0.7.
        let [low, main, high] = around(0.9);
        assert!((low - 0.7).abs() < 1e-12 && main == 0.9 && (high - 0.98).abs() < 1e-12);
        for t in [0.501, 0.6, 0.97, 0.999_999] {
            let [low, main, high] = around(t);
            assert!(0.5 < low && low < main && main < high && high < 1.0, "{t}");
        }
    }
}
