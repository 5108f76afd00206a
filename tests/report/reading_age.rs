//! The parts that everybody reads, measured: the grade after Kincaid et al. (1975, Derivation of new
//! readability formulas, Naval Technical Training Command report 8-75), which is a year of school;
//! an age of about 12 is grade 7.

use super::fixtures::{self, *};
use super::{between, plain, report};
use counterpart::disclosure::findings::Findings;
use counterpart::study::{OutcomeKind, Words};

/// Sounds of a word, by its vowels: good to a tenth on ordinary words.
fn syllables(word: &str) -> usize {
    let word = word.to_lowercase();
    let vowel = |c: char| "aeiouy".contains(c);
    let mut count = 0;
    let mut last = false;
    for c in word.chars() {
        if vowel(c) && !last {
            count += 1;
        }
        last = vowel(c);
    }
    let silent = word.ends_with('e') && !word.ends_with("le")
        || word.ends_with("ed") && !word.ends_with("ted") && !word.ends_with("ded")
        || word.ends_with("es") && !word.ends_with("ses") && !word.ends_with("ces");
    (count - usize::from(silent && count > 1)).max(1)
}

/// The Flesch-Kincaid grade of a text. Numbers are one sound a digit group: they are read as such.
fn grade(text: &str) -> f64 {
    let sentences = text
        .split(['.', '!', '?', ':', ';'])
        .filter(|s| s.chars().any(char::is_alphabetic))
        .count()
        .max(1);
    let words: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '\u{2019}')
        .filter(|w| !w.is_empty())
        .collect();
    let sounds: usize = words.iter().map(|w| syllables(w)).sum();
    let n = words.len().max(1) as f64;
    0.39 * n / sentences as f64 + 11.8 * sounds as f64 / n - 15.59
}

#[test]
fn the_measure_is_right_on_texts_of_known_grade() {
    // By hand: 6 words, 1 sentence, 6 sounds; 0.39 * 6 + 11.8 - 15.59 = -1.45.
    assert!((grade("The cat sat on the mat.") + 1.45).abs() < 1e-9);
    // 7 words, 1 sentence, 23 sounds.
    let hard = "Administrative proportionality necessitates interdepartmental reconciliation of documentation.";
    assert!(grade(hard) > 20.0);
    for (word, sounds) in [
        ("people", 2),
        ("reoffended", 4),
        ("programme", 2),
        ("range", 1),
        ("likely", 2),
    ] {
        assert!(syllables(word).abs_diff(sounds) <= 1, "{word}");
    }
}

/// What stands at the top of the page: headline, answer, how sure. (The ready sentences below it keep
/// the words that data labs have agreed on.)
fn headline_part(findings: Findings) -> String {
    let page = report(findings).html().unwrap();
    let top = page.split_once("<h1").map_or("", |(_, rest)| rest);
    let top = top.split_once("<nav ").map_or(top, |(top, _)| top);
    plain(&format!("<body><h1{top}"))
}

#[test]
fn the_headline_parts_can_be_read_at_twelve() {
    let domains = [
        ("justice", "people", "support", "release"),
        ("health", "patients", "care", "stay"),
        ("education", "pupils", "lessons", "term"),
        ("employment", "people", "training", "claim"),
    ];
    for (name, findings) in fixtures::all() {
        for (domain, people, support, event) in domains {
            let mut findings = findings.clone();
            findings.study.domain = domain.into();
            findings.study.words = Words {
                people: people.into(),
                support: support.into(),
                event: event.into(),
            };
            let part = headline_part(findings);
            let grade = grade(&part);
            println!("{name}, {domain}: grade {grade:.1}");
            assert!(grade <= 8.0, "{name}, {domain}: grade {grade:.1}: {part}");
        }
    }
}

/// Each of the four answers for each kind of outcome, in the words of each domain, says which way it
/// points and nothing about another domain.
#[test]
fn four_answers_for_every_kind_in_every_domain() {
    let kinds = [
        OutcomeKind::Binary,
        OutcomeKind::Count,
        OutcomeKind::Duration,
        OutcomeKind::Continuous,
        OutcomeKind::Survival,
        OutcomeKind::Ordered,
        OutcomeKind::Categories,
    ];
    let cases: [(&str, Findings); 4] = [
        ("better", better()),
        ("worse", worse()),
        ("cannot tell", cannot_tell()),
        ("too small", too_small()),
    ];
    for (people, support) in [
        ("patients", "care"),
        ("pupils", "lessons"),
        ("people", "support"),
    ] {
        for kind in kinds {
            let mut said = Vec::new();
            for (case, findings) in &cases {
                let mut findings = findings.clone();
                findings.study.words.people = people.into();
                findings.study.words.support = support.into();
                for a in &mut findings.analyses {
                    a.outcomes.retain(|o| o.kind == kind);
                }
                let page = report(findings).html().unwrap();
                let can = between(&page, "<div class=\"can\">", "</div>");
                for one in &can {
                    let one = plain(&format!("<body>{one}"));
                    assert!(!one.is_empty() && !one.contains("{"), "{case} {kind:?}");
                    said.push(one);
                }
            }
            for one in &said {
                for other in ["patients", "pupils"] {
                    assert!(other == people || !one.contains(other), "{one}");
                }
            }
        }
    }
}
