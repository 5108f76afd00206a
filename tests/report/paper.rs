//! The report on paper, read back: its tags, its words, and what is not in it.

use super::faces::hostile;
use super::fixtures::*;
use counterpart::disclosure::findings::{Findings, GroupValue};
use counterpart::report::{Face, Report};
use lopdf::{Dictionary, Document, Object};

/// A PDF read back.
struct Paper(Document);

impl Paper {
    fn of(report: &Report) -> Paper {
        let bytes = report.face(Face::Pdf).unwrap();
        Paper(Document::load_mem(&bytes).unwrap())
    }

    fn catalog(&self) -> &Dictionary {
        self.0.catalog().unwrap()
    }

    fn seen<'d>(&'d self, object: &'d Object) -> &'d Object {
        self.0.dereference(object).unwrap().1
    }

    /// What is said about the whole document, as XML.
    fn metadata(&self) -> String {
        let stream = self.seen(self.catalog().get(b"Metadata").unwrap());
        let stream = stream.as_stream().unwrap();
        let plain = stream.decompressed_content();
        String::from_utf8(plain.unwrap_or_else(|_| stream.content.clone())).unwrap()
    }

    /// The elements of the structure: what a screen reader walks.
    fn elements(&self) -> Vec<(String, &Dictionary)> {
        let dictionaries = self.0.objects.values().filter_map(|o| o.as_dict().ok());
        let element = |d: &'_ Dictionary| d.has(b"S") && d.has(b"P") && d.has(b"K");
        dictionaries
            .filter(|d| element(d))
            .map(|d| {
                let kind = d.get(b"S").unwrap().as_name().unwrap();
                (String::from_utf8(kind.to_vec()).unwrap(), d)
            })
            .collect()
    }

    fn count(&self, kind: &str) -> usize {
        self.elements().iter().filter(|(k, _)| k == kind).count()
    }

    fn pages(&self) -> usize {
        self.0.get_pages().len()
    }

    /// All words, without the spaces between them: lines break where they like.
    fn words(&self) -> String {
        let pages: Vec<u32> = self.0.get_pages().keys().copied().collect();
        joined(&self.0.extract_text(&pages).unwrap())
    }

    fn says(&self, words: &str) -> bool {
        self.words().contains(&joined(words))
    }
}

fn joined(words: &str) -> String {
    words.split_whitespace().collect()
}

fn text_of(object: &Object) -> String {
    lopdf::decode_text_string(object).unwrap()
}

#[test]
fn it_is_tagged_and_says_its_title_and_language() {
    for (name, findings) in all() {
        let title = findings.study.title.clone();
        let report = Report::new(controlled(findings));
        let paper = Paper::of(&report);
        let catalog = paper.catalog();
        let marked = paper.seen(catalog.get(b"MarkInfo").unwrap());
        let marked = marked.as_dict().unwrap().get(b"Marked").unwrap();
        assert!(marked.as_bool().unwrap(), "{name}");
        assert_eq!(text_of(catalog.get(b"Lang").unwrap()), "en-GB", "{name}");
        assert!(catalog.has(b"StructTreeRoot"), "{name}");
        let shown = paper.seen(catalog.get(b"ViewerPreferences").unwrap());
        let shown = shown.as_dict().unwrap().get(b"DisplayDocTitle").unwrap();
        assert!(
            shown.as_bool().unwrap(),
            "{name}: the title, not the file's name"
        );
        let said = paper.metadata();
        assert!(
            said.contains("pdfuaid:part") && said.contains(&title),
            "{name}: {said}"
        );
        let pages = paper.pages();
        assert!((2..=40).contains(&pages), "{name}: {pages} pages");
    }
}

#[test]
fn headings_tables_and_pictures_are_what_they_are() {
    let report = Report::new(controlled(better()));
    let paper = Paper::of(&report);
    assert!(paper.count("H1") >= 9 && paper.count("H2") >= 5, "headings");
    assert!(paper.count("Table") >= 6, "tables");
    assert!(paper.count("TH") > 60 && paper.count("TD") > 100, "cells");
    let figures: Vec<_> = paper
        .elements()
        .into_iter()
        .filter(|(k, _)| k == "Figure")
        .collect();
    assert!(figures.len() >= 6, "{} pictures", figures.len());
    for (_, figure) in &figures {
        let told = text_of(figure.get(b"Alt").unwrap());
        assert!(told.len() > 20, "{told}");
    }
    let all: Vec<String> = figures
        .iter()
        .map(|(_, f)| text_of(f.get(b"Alt").unwrap()))
        .collect();
    assert!(
        all.iter().any(|told| told.starts_with("Submitted: 300.")),
        "{all:?}"
    );
}

#[test]
fn it_says_what_the_page_says() {
    for (name, findings) in all() {
        let report = Report::new(controlled(findings));
        let paper = Paper::of(&report);
        assert!(paper.metadata().contains(&report.headline()), "{name}");
        for outcome in &report.findings().analyses[0].outcomes {
            assert!(paper.says(&outcome.can_say), "{name}: {}", outcome.can_say);
            assert!(
                paper.says(&outcome.cannot_say),
                "{name}: {}",
                outcome.cannot_say
            );
        }
        for rule in &report.findings().disclosure.rules_applied {
            assert!(paper.says(rule), "{name}: {rule}");
        }
    }
}

#[test]
fn what_is_withheld_is_not_on_paper() {
    // As no release leaves it: withheld, its numbers still there.
    let mut findings = better();
    let outcome = findings.analyses[0].outcomes.last_mut().unwrap();
    assert!(outcome.suppressed.is_some());
    let group = |mean| {
        Some(GroupValue {
            people: 7_654_321,
            mean,
        })
    };
    outcome.treated = group(0.9173);
    outcome.comparison = group(0.8264);
    outcome.difference = Some(difference(0.0909, 0.01, 90.0));
    let paper = Paper::of(&Report::new(controlled(findings.clone())));
    assert!(paper.says("withheld"));
    for number in ["7,654,321", "7654321", "91.7", "82.6", "92%"] {
        assert!(!paper.says(number), "{number}");
    }
}

fn hostile_paper(title: &str) -> Paper {
    let findings: Findings = hostile(title);
    Paper::of(&Report::new(controlled(findings)))
}

#[test]
fn words_are_never_mark_up_and_read_nothing() {
    let title = "#read(\"/etc/passwd\") #image(\"/picture-1.svg\") *b* _i_ `c` $x$ <label> @ref // no \\ #{1+1}";
    let paper = hostile_paper(title);
    assert!(paper.says(title), "{}", &paper.words()[..200]);
    assert!(!paper.says("root:x:0"));
    assert!(paper.metadata().contains("pdfuaid:part"));
}

#[test]
fn letters_from_right_to_left_unknown_ones_and_very_many_are_set() {
    let long = "very long ".repeat(2_000);
    let unbroken = "x".repeat(5_000);
    for title in [
        "\u{202e}\u{5d0}\u{5d1}\u{5d2} \u{627}\u{644}\u{639}\u{631}\u{628}\u{64a}\u{629}",
        "\u{4e2d}\u{6587} \u{1f600} \u{e000} \u{feff} \u{0} \u{301}\u{301}",
        "\u{928}\u{92e}\u{938}\u{94d}\u{924}\u{947}",
        "",
        long.as_str(),
        unbroken.as_str(),
    ] {
        let paper = hostile_paper(title);
        assert!(paper.count("H1") >= 9, "{title:.20?}");
        let said = paper.metadata();
        assert!(said.contains("pdfuaid:part"), "{title:.20?}");
    }
}
