//! `[linkage]` of a study file: what it may say, and what it is told when it may not.

use crate::kit::*;
use counterpart::study::{LinkageMethod, Study, THRESHOLDS};

/// The sample study with other linkage settings, which begin on line 2 of the table.
fn with(settings: &str) -> Result<Study, String> {
    let text = std::fs::read_to_string(root().join("models/reoffending.toml")).unwrap();
    let from = text.find("[linkage]").unwrap();
    let to = from + text[from..].find("\n[[covariates]]").unwrap();
    let text = format!("{}[linkage]\n{settings}\n{}", &text[..from], &text[to..]);
    Study::parse("s.toml", &text).map_err(|e| e.to_string())
}

#[test]
fn nothing_said_means_probabilities_at_the_three_usual_thresholds() {
    let linkage = with("").unwrap().linkage;
    assert_eq!(linkage.method, LinkageMethod::Probabilistic);
    assert_eq!((linkage.threshold, linkage.thresholds), (0.95, THRESHOLDS));
    assert_eq!(linkage.model, None);
    assert_eq!(linkage.keys.len(), 3);
}

#[test]
fn what_is_said_is_kept() {
    let linkage = with(
        "threshold = 0.9\nthresholds = [0.6, 0.9, 0.999]\nmodel = \"linkage.toml\"\nkeys = [\"pnc_id\"]",
    )
    .unwrap()
    .linkage;
    assert_eq!(linkage.thresholds, [0.6, 0.9, 0.999]);
    assert_eq!(linkage.model.unwrap().name, "linkage.toml");
    // A threshold of one's own is among the three even when those are not given.
    let own = with("threshold = 0.9").unwrap().linkage;
    assert!(own.thresholds.contains(&0.9));
    let exact = with("method = \"exact\"").unwrap().linkage;
    assert_eq!(exact.method, LinkageMethod::Exact);
}

#[test]
fn what_cannot_be_is_refused_with_its_line_and_the_rule() {
    let line = |settings: &str| {
        let text = std::fs::read_to_string(root().join("models/reoffending.toml")).unwrap();
        let table = text.find("[linkage]").unwrap();
        1 + text[..table].matches('\n').count() + 1 + settings.matches('\n').count()
    };
    for (settings, rule) in [
        ("keys = []", "`keys` is empty"),
        ("threshold = 0.5", "above 0.5 and below 1"),
        ("threshold = 1.0", "above 0.5 and below 1"),
        ("threshold = nan", "above 0.5 and below 1"),
        (
            "threshold = 0.95\nthresholds = [0.8, 0.95]",
            "must be three",
        ),
        ("\nthresholds = [0.95, 0.8, 0.99]", "ascending"),
        ("thresholds = [0.95, 0.95, 0.99]", "ascending"),
        ("thresholds = [0.4, 0.95, 0.99]", "above 0.5"),
        (
            "thresholds = [0.8, 0.9, 0.99]",
            "must contain `threshold`, 0.95",
        ),
        ("model = \"../linkage.toml\"", "beside the study file"),
        ("model = \"/etc/passwd\"", "beside the study file"),
        ("model = \"\"", "beside the study file"),
        ("model = \".toml\"", "beside the study file"),
        (
            "method = \"exact\"\nthreshold = 0.9",
            "belongs to method \"probabilistic\"",
        ),
        (
            "method = \"exact\"\nmodel = \"m.toml\"",
            "belongs to method \"probabilistic\"",
        ),
        ("method = \"guess\"", "unknown choice"),
        ("treshold = 0.9", "unknown setting"),
    ] {
        let message = with(settings).unwrap_err();
        assert!(message.contains(rule), "{settings}: {message}");
        if rule != "`keys` is empty" {
            let at = format!("line {}:", line(settings));
            assert!(message.contains(&at), "{settings}: {message}; {at}");
        }
    }
}

#[test]
fn a_model_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(root().join("models/reoffending.toml")).unwrap();
    let text = text.replace("[linkage]", "[linkage]\nmodel = \"ours.toml\"");
    let study = folder.path().join("s.toml");
    std::fs::write(&study, text).unwrap();
    let message = Study::load(&study).unwrap_err().to_string();
    assert!(message.contains("linkage model"), "{message}");
    assert!(
        message.contains("ours.toml: there is no such file"),
        "{message}"
    );
    std::fs::write(folder.path().join("ours.toml"), "x = 1\n").unwrap();
    let linkage = Study::load(&study).unwrap().linkage;
    assert_eq!(linkage.model.unwrap().text, "x = 1\n");
}
