//! The report: its words, its numbers, its figures, its page.

#[path = "report/fixtures.rs"]
mod fixtures;

#[path = "report/charts.rs"]
mod charts;

#[path = "report/faces.rs"]
mod faces;

#[path = "report/paper.rs"]
mod paper;

#[path = "report/reading_age.rs"]
mod reading_age;

#[path = "report/sentences.rs"]
mod sentences;

#[path = "report/times.rs"]
mod times;

use counterpart::disclosure::Findings;
use counterpart::disclosure::findings::Specification;
use counterpart::report::Report;
use fixtures::*;
use serde_json::Value;

fn report(findings: Findings) -> Report {
    Report::new(released(findings))
}

/// The text of everything between `open` and `close`, for each time they occur.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    text.split(open)
        .skip(1)
        .filter_map(|rest| rest.split_once(close).map(|(inside, _)| inside))
        .collect()
}

/// A page as a reader has it: no tags, one space between words.
fn plain(html: &str) -> String {
    let body = html.split_once("<body>").map_or(html, |(_, body)| body);
    let mut text = String::new();
    let mut inside = false;
    for c in body.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push(' ');
            }
            c if !inside => text.push(c),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn json_keeps_every_key_of_the_contract() {
    let json: Value = serde_json::from_str(&report(better()).json()).unwrap();
    let has = |at: &str, keys: &str| {
        let object = json.pointer(at).unwrap_or_else(|| panic!("no {at}"));
        for key in keys.split_whitespace() {
            assert!(object.get(key).is_some(), "{at} has no {key}");
        }
    };
    has(
        "",
        "schema study run flow analyses sensitivity quality disclosure erasure warnings",
    );
    has("/study", "id title domain spec_digest");
    has("/run", "engine_version seed started finished design_digest");
    has("/flow/0", "step reason people percent_of_submitted");
    has(
        "/analyses/0",
        "id title headline pool design balance outcomes",
    );
    has(
        "/analyses/0/design",
        "estimand method caliper caliper_scale replace ratio exact propensity participants participants_matched comparison_pool comparison_matched comparison_ess",
    );
    has(
        "/analyses/0/design/propensity",
        "converged iterations c_statistic terms",
    );
    has("/analyses/0/design/propensity/terms/0", "term estimate se");
    has(
        "/analyses/0/balance/0",
        "term mean_treated mean_pool mean_matched smd_before smd_after variance_ratio ks light",
    );
    has(
        "/analyses/0/outcomes/0",
        "name kind primary unit treated comparison difference ratio adjusted number_needed detectable can_say cannot_say suppressed",
    );
    has(
        "/analyses/0/outcomes/0/difference",
        "estimate se se_method df ci_low ci_high p p_holm",
    );
    has(
        "/sensitivity",
        "rosenbaum_gamma e_value placebo specifications",
    );
    has(
        "/sensitivity/specifications/0",
        "method caliper estimate ci_low ci_high",
    );
    has("/quality", "cohort register linkage");
    has("/disclosure", "policy rules_applied suppressed_cells");
    has("/erasure", "certificate_id digest");
    has("/warnings/0", "code message");
    assert_eq!(json["schema"], "counterpart.report/1");
    assert_eq!(json["flow"][0]["step"], "submitted");
    let last = json["flow"].as_array().unwrap().last().unwrap();
    assert_eq!(last["step"], "analysed");
}

#[test]
fn json_reads_back_as_the_same_findings_with_words_filled_in() {
    for (name, findings) in all() {
        let r = report(findings.clone());
        let back: Findings = serde_json::from_str(&r.json()).unwrap();
        assert_eq!(&back, r.findings(), "{name}");
        for o in back.analyses.iter().flat_map(|a| &a.outcomes) {
            assert!(!o.can_say.is_empty() && !o.cannot_say.is_empty(), "{name}");
        }
    }
}

#[test]
fn json_has_no_minus_zero_and_leaves_words_alone() {
    let mut findings = better();
    findings.analyses[0].balance[0].smd_after = Some(-0.0);
    findings.warnings[0].message = "from 1.0 to -0.0".into();
    let json = report(findings).json();
    assert!(!json.contains("-0.0,") && !json.contains("-0.0\n"));
    assert!(json.contains("from 1.0 to -0.0\""));
    let back: Value = serde_json::from_str(&json).unwrap();
    assert!(
        back["analyses"][0]["balance"][0]["smd_after"]
            .as_f64()
            .unwrap()
            .is_sign_positive()
    );
}

#[test]
fn the_page_asks_for_nothing_from_outside() {
    for (name, findings) in all() {
        let html = report(findings).html().unwrap();
        for outside in [
            "http://", "https://", "src=", "@import", "url(", "<script", "<link", "<iframe",
        ] {
            assert!(!html.contains(outside), "{name} has {outside}");
        }
    }
}

/// Every text of the study and the data replaced by one that tries to break out.
fn hostile() -> Findings {
    let evil = "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)>";
    let mut findings = better();
    findings.study.title = evil.into();
    findings.study.words.people = evil.into();
    findings.study.words.support = evil.into();
    findings.study.words.event = evil.into();
    findings.flow[3].reason = evil.into();
    findings.flow[3].step = evil.into();
    findings.warnings[0].message = evil.into();
    findings
        .quality
        .cohort
        .insert(evil.into(), Value::from(evil));
    let a = &mut findings.analyses[0];
    a.title = evil.into();
    a.id = evil.into();
    a.pool = evil.into();
    a.design.method = evil.into();
    a.design.exact = vec![evil.into()];
    a.balance[0].label = evil.into();
    a.design.propensity.terms[0].term = evil.into();
    for o in &mut a.outcomes {
        o.label = evil.into();
        o.phrase = evil.into();
        o.unit = evil.into();
        o.name = evil.into();
    }
    a.outcomes[4].suppressed = Some(evil.into());
    findings.sensitivity.specifications[0].method = evil.into();
    findings
}

#[test]
fn hostile_labels_are_escaped_in_words_tables_and_figures() {
    let html = report(hostile()).html().unwrap();
    assert!(!html.contains("<script") && !html.contains("<img"));
    assert!(html.contains("&#60;script&#62;") || html.contains("&lt;script&gt;"));
}

#[test]
fn every_figure_has_a_title_a_description_and_a_table() {
    for (name, findings) in all() {
        let html = report(findings).html().unwrap();
        let figures = between(&html, "<figure", "</figure>");
        assert_eq!(html.matches("<svg").count(), figures.len(), "{name}");
        for figure in figures {
            let svg = &between(figure, "<svg", "</svg>")[0];
            assert!(svg.contains("role=\"img\"") && svg.contains("viewBox=\"0 0 "));
            assert!(!svg[..svg.find('>').unwrap()].contains("width="));
            let named = between(svg, "aria-labelledby=\"", "\"")[0];
            for id in named.split(' ') {
                assert_eq!(
                    html.matches(&format!("id=\"{id}\"")).count(),
                    1,
                    "{name}: {id}"
                );
            }
            assert!(!between(svg, "<title id=", "</title>").is_empty());
            assert!(!between(svg, "<desc id=", "</desc>").is_empty());
            assert!(
                figure.contains("<table") && figure.contains("<caption"),
                "{name}"
            );
        }
    }
}

#[test]
fn figures_and_their_tables_carry_the_same_numbers() {
    let html = report(better()).html().unwrap();
    let banded = Report::new(controlled(better())).html().unwrap();
    let figures = between(&html, "<figure id=\"", "</figure>");
    let of_banded = between(&banded, "<figure id=\"", "</figure>");
    let find = |id: &str| {
        let start = format!("{id}\"");
        let figures = if id == "flow" { &of_banded } else { &figures };
        let figure = figures.iter().find(|f| f.starts_with(&start)).unwrap();
        let (drawn, told) = figure.split_once("</svg>").unwrap();
        (plain(drawn), plain(told))
    };
    for (id, numbers) in [
        ("per-hundred", vec!["38", "46"]),
        (
            "primary-effect",
            vec!["\u{2212}8", "\u{2212}12 to \u{2212}4"],
        ),
        (
            "flow",
            vec![
                // Exact as far as the list alone decides; then to the nearest five.
                "300", "298", "291", "250", "230", "220", "210", "83%", "70%",
            ],
        ),
        (
            "choices-figure",
            vec!["\u{2212}10 to \u{2212}1", "\u{2212}5"],
        ),
        (
            "effects-1-2",
            vec!["\u{2212}0.25", "\u{2212}0.41 to \u{2212}0.09"],
        ),
    ] {
        let (drawn, told) = find(id);
        for number in numbers {
            assert!(drawn.contains(number), "{id}: {number} is not drawn");
            assert!(told.contains(number), "{id}: {number} is not in the table");
        }
    }
    // A dot a person, filled as often as the number says.
    let dots = figures
        .iter()
        .find(|f| f.starts_with("per-hundred\""))
        .unwrap();
    let full = |colour: &str| {
        dots.matches(&format!("r=\"7\" fill=\"{colour}\" stroke=\"none\""))
            .count()
    };
    assert_eq!((full("#0B556B"), full("#9A6A1C")), (38, 46));
}

#[test]
fn minus_zero_never_occurs() {
    use counterpart::study::OutcomeKind::*;
    let mut pages: Vec<Findings> = all().into_iter().map(|(_, f)| f).collect();
    for kind in [Binary, Count, Duration, Continuous, Survival] {
        for (t, c, se) in [
            (0.3999, 0.4, 0.001),
            (0.4, 0.4001, 1e-5),
            (1e-9, 2e-9, 1e-9),
        ] {
            let mut f = worse();
            f.analyses[0].outcomes = vec![outcome(kind, t, c, se)];
            pages.push(f);
        }
    }
    let bad = |text: &str| {
        let text = text.replace('\u{2212}', "-");
        let bytes = text.as_bytes();
        text.match_indices("-0").any(|(i, _)| {
            let before = if i == 0 { b' ' } else { bytes[i - 1] };
            let rest: String = text[i + 2..]
                .chars()
                .take_while(|c| c.is_ascii_digit() || *c == '.')
                .collect();
            // "-0", "-0.0", "-0.00": a minus sign before nothing but zeros.
            !before.is_ascii_alphanumeric()
                && rest.chars().all(|c| c == '0' || c == '.')
                && !rest.ends_with('1')
        })
    };
    assert!(bad("x -0 y") && bad("(\u{2212}0.00)") && !bad("-0.04") && !bad("2026-01"));
    for f in pages {
        let r = report(f);
        assert!(!bad(&plain(&r.html().unwrap())));
        assert!(!bad(&r.headline()));
    }
}

#[test]
fn the_interval_the_word_and_p_never_disagree() {
    use counterpart::study::OutcomeKind::*;
    let t = 1.971_270_646_126; // about t(0.975, 211): just at the line
    for kind in [Binary, Count, Duration, Continuous, Survival] {
        for step in -60..=60 {
            let effect = t * 0.02 * (1.0 + f64::from(step) / 2000.0);
            let mut f = worse();
            f.analyses[0].outcomes = vec![outcome(kind, 0.4 - effect, 0.4, 0.02)];
            f.analyses[0].outcomes[0].primary = true;
            let html = report(f).html().unwrap();
            let table = between(&html, "<table id=\"results-table-1\"", "</table>")[0];
            let cells: Vec<String> = between(table, "<td", "</td>")
                .iter()
                .map(|c| {
                    c.split_once('>')
                        .unwrap()
                        .1
                        .replace("&#60;", "<")
                        .replace('\u{2212}', "-")
                })
                .collect();
            let (low, high) = cells[4].split_once(" to ").unwrap();
            let read = |limit: &str| match limit {
                "just under 0" => -1e-9,
                digits => digits.parse::<f64>().unwrap(),
            };
            let (low, high) = (read(low), read(high));
            let (yes, p) = (cells[5] == "Yes", &cells[6]);
            assert_eq!(yes, low > 0.0 || high < 0.0, "{cells:?}");
            let small = p.starts_with('<') || p.parse::<f64>().unwrap() < 0.05;
            assert_eq!(yes, small, "{cells:?}");
            let said = plain(&html);
            assert_eq!(
                yes,
                said.contains("This is a statistically significant result.")
            );
            assert_eq!(!yes, said.contains("in order to determine the direction"));
        }
    }
}

#[test]
fn what_is_not_significant_is_never_called_nothing() {
    let r = report(cannot_tell());
    let said = format!("{} {}", r.headline(), plain(&r.html().unwrap())).to_lowercase();
    for wrong in [
        "no effect",
        "had no impact",
        "does not work",
        "did not work",
        "made no difference to people",
    ] {
        assert!(!said.contains(wrong), "{wrong}");
    }
    for o in &r.findings().analyses[0].outcomes {
        assert!(!o.can_say.contains("no difference"), "{}", o.can_say);
    }
}

#[test]
fn groups_that_are_not_alike_are_named_in_the_headline_and_their_numbers_are_not_in_it() {
    let r = report(not_matched());
    assert!(r.headline().starts_with("Not well enough matched to say: "));
    let html = r.html().unwrap();
    let answer = between(&html, "<main id=\"main\">", "</section>")[0];
    assert!(answer.contains("not well enough matched to say"));
    let digits = plain(answer).replace("(0-100)", "");
    assert!(!digits.contains("38") && !digits.contains("per-hundred"));
    assert!(!html.contains("id=\"per-hundred\"") && !html.contains("id=\"primary-effect\""));
}

#[test]
fn a_withheld_result_is_nowhere_on_the_page() {
    let mut f = better();
    let o = &mut f.analyses[0].outcomes[0];
    o.suppressed = Some("fewer than 10 people in a group had this outcome".into());
    // Even if a number were left in by mistake upstream, the page must not print it.
    o.treated.as_mut().unwrap().mean = 0.5519;
    o.difference.as_mut().unwrap().estimate = 0.2768;
    f.analyses.truncate(1);
    let r = report(f);
    let said = plain(&r.html().unwrap());
    assert!(!said.contains("55%") && !said.contains("55 of 100"));
    assert!(
        r.headline()
            .starts_with("No result can be given for reoffending rate")
    );
    assert!(said.contains("withheld"));
}

#[test]
fn findings_without_analyses_still_make_a_page() {
    let mut f = better();
    f.analyses.clear();
    f.flow.clear();
    let html = report(f).html().unwrap();
    assert!(plain(&html).contains("no result can be given"));
}

#[test]
fn the_page_has_one_h1_a_language_and_headings_in_order() {
    for (name, findings) in all() {
        let html = report(findings).html().unwrap();
        assert_eq!(html.matches("<h1").count(), 1, "{name}");
        assert!(html.contains("<html lang=\"en-GB\">"));
        let mut last = 1;
        for heading in html.split("<h").skip(1) {
            if let Some(level) = heading.chars().next().and_then(|c| c.to_digit(10)) {
                assert!(level <= last + 1, "{name}: h{level} after h{last}");
                last = level;
            }
        }
        let mut ids = between(&html, " id=\"", "\"");
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "{name}: an id occurs twice");
    }
}

/// `REPORT_PAGES=DIR cargo test --test report` leaves the pages in DIR for looking at.
#[test]
fn pages_can_be_written_out_for_looking() {
    let Ok(dir) = std::env::var("REPORT_PAGES") else {
        return;
    };
    std::fs::create_dir_all(&dir).unwrap();
    for (name, findings) in all().into_iter().chain([("hostile", hostile())]) {
        let r = report(findings);
        println!("{name}: {}", r.headline());
        std::fs::write(format!("{dir}/{name}.html"), r.html().unwrap()).unwrap();
        std::fs::write(format!("{dir}/{name}.json"), r.json()).unwrap();
    }
}

#[test]
fn the_other_choices_are_counted_and_a_lonely_answer_is_called_likely() {
    let f = better();
    let d = f.analyses[0].outcomes[0].difference.clone().unwrap();
    assert!(d.ci_high < 0.0, "a clear difference to begin with");
    let other = |ci_high: f64| Specification {
        method: "nearest".into(),
        caliper: Some(0.2),
        estimate: d.estimate,
        ci_low: d.ci_low,
        ci_high,
        participants_matched: 100,
        chosen: false,
        estimand: "att".into(),
        largest_smd: Some(0.03),
        comparison_ess: Some(90.0),
        note: None,
    };
    let unlike = || Specification {
        largest_smd: Some(0.3),
        ..other(0.01)
    };
    let said = |others: Vec<Specification>| {
        let mut f = f.clone();
        f.sensitivity.specifications = others;
        let r = report(f);
        (plain(&r.html().unwrap()), r.headline())
    };
    let (page, headline) = said(vec![other(0.01), other(0.02), other(-0.01), unlike()]);
    assert!(
        page.contains("in 4 other ways; 3 gave groups that were alike enough to ask. The best estimate points the same way in all of these, and 1 of them shows a clear difference in that direction. So the answer hangs on the choice"),
        "{page}"
    );
    // The answer itself says so.
    let caution = "The answer hangs on how they were compared: of 3 other ways of choosing the comparison people that gave groups alike enough, only one shows the same.";
    assert!(headline.contains(caution), "{headline}");
    assert!(page.contains(caution) && !page.contains("We are fairly sure"));
    let (page, headline) = said(vec![other(-0.01), other(-0.02), unlike()]);
    assert!(page.contains("all of them show a clear difference"));
    assert!(page.contains("We are fairly sure") && !headline.contains("hangs on"));
    // Those that could not know say nothing either way.
    let (page, headline) = said(vec![unlike(), unlike()]);
    assert!(page.contains("None of them gave groups that were alike enough"));
    assert!(!headline.contains("hangs on"));
    // One clearly the other way is enough.
    let against = Specification {
        estimate: 0.05,
        ci_low: 0.01,
        ci_high: 0.09,
        ..other(0.0)
    };
    let mut many = vec![other(-0.01); 9];
    many.push(against);
    assert!(
        said(many)
            .1
            .contains("one shows a clear difference the other way")
    );
}

#[test]
fn a_difference_before_the_start_stands_beside_the_answer() {
    let quiet = report(better());
    assert!(!quiet.headline().contains("before the start"));
    assert!(plain(&quiet.html().unwrap()).contains("did not clearly differ in what was measured"));
    let mut f = better();
    f.sensitivity.placebo[0].p = Some(0.01);
    f.sensitivity.placebo[0].p_holm = Some(0.01);
    let loud = report(f.clone());
    let warned = "already differed in earlier weeks in work before the start";
    assert!(loud.headline().contains(warned), "{}", loud.headline());
    let warning = loud
        .findings()
        .warnings
        .iter()
        .find(|w| w.code == "placebo");
    assert!(warning.is_some_and(|w| w.message.contains(warned)));
    // Of several, what counts is p after Holm.
    f.sensitivity.placebo[0].p_holm = Some(0.08);
    assert!(!report(f).headline().contains("before the start"));
}
