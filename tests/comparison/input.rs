//! Files of results: what is read of them, what is left out and why, and what is refused.

use counterpart::comparison::input::*;
use counterpart::comparison::*;

const PUBLISHED: &[u8] = include_bytes!("../../sample_data/published/results.csv");
const OUTCOME: &str = "one-year proven reoffending rate";

fn file<'a>(name: &'a str, bytes: &'a [u8]) -> File<'a> {
    File {
        name,
        bytes,
        about: About::default(),
    }
}

fn asked(outcome: Option<&str>) -> Ask {
    Ask {
        outcome: outcome.map(str::to_owned),
        ..Ask::default()
    }
}

fn read(text: &str) -> Result<Gathered, InputError> {
    gather(
        &[file("t.csv", text.as_bytes())],
        &Ask {
            better: Some(Better::Lower),
            ..Ask::default()
        },
    )
}

fn compared(text: &str) -> Comparison {
    compare(read(text).unwrap(), Order::Name, &rules()).unwrap()
}

fn rules() -> Rules {
    Rules::read(RULES).unwrap()
}

fn published() -> Comparison {
    let files = [file("results.csv", PUBLISHED)];
    let found = gather(&files, &asked(Some(OUTCOME))).unwrap();
    compare(found, Order::Name, &rules()).unwrap()
}

#[track_caller]
fn near(found: f64, wanted: f64) {
    assert!((found - wanted).abs() < 1e-9, "{found} and not {wanted}");
}

#[track_caller]
fn refused(text: &str, code: &str, row: Option<usize>, column: Option<&str>) -> InputError {
    let e = read(text).unwrap_err();
    assert_eq!(
        (e.problem.code(), e.row, e.column.as_deref()),
        (code, row, column),
        "{e}"
    );
    assert!(!e.problem.remedy().is_empty());
    e
}

#[test]
fn every_published_row_is_used_or_left_out_with_its_reason() {
    let found = published();
    let c = &found.counts;
    assert_eq!((c.rows, c.used + c.left_out), (42, 42));
    assert_eq!(found.providers.len(), c.used);
    assert_eq!(found.left_out.len(), c.left_out);
    let by: usize = c.left_out_by_reason.values().sum();
    assert_eq!(by, c.left_out);
    // Counted by hand: 26 rows are about this outcome.
    assert_eq!(c.left_out_by_reason["another_outcome"], 16);
    let v = found.portfolio.by_interval;
    assert_eq!(v.helps + v.harms + v.cannot_tell, c.used);
    assert_eq!((v.helps, v.harms, v.cannot_tell), (8, 0, 2));
    assert_eq!(found.portfolio.likelier_harm, Some(0));
    for l in &found.left_out {
        assert!(l.next_step.is_some() && !l.result.reason.words().is_empty());
    }
    assert!(found.providers.iter().all(|p| p.next_step.is_some()));
}

#[test]
fn what_can_be_recovered_is_worked_by_hand() {
    let found = published();
    let of = |name: &str| {
        let found = found.providers.iter().find(|p| p.result.name == name);
        found.map(|p| p.result.clone()).unwrap()
    };
    // An interval alone: -23 to -1, each rounded to a whole point. The rates' difference (31 - 43)
    // is not the interval's middle by more than rounding, so the middle stands.
    let blue = of("Blue Sky (employment after custody)");
    near(blue.estimate, -0.12);
    let rounding = (1e-4 / 12.0 + 1e-4 / 12.0) / 4.0;
    near(blue.rounding_se, f64::sqrt(rounding));
    near(blue.se, f64::sqrt((0.11f64 / 1.96).powi(2) + rounding));
    assert_eq!(blue.provenance, Provenance::IntervalOnly);
    // Rates and one size: 26 of 621 against 39 of 113,554, both sizes given.
    let sw = of("NOMS CFO South West A4e (community)");
    near(sw.estimate, -0.13);
    let sampling = 0.26 * 0.74 / 621.0 + 0.39 * 0.61 / 113_554.0;
    near(sw.se, f64::sqrt(sampling + 2.0 * 1e-4 / 12.0));
    assert_eq!(sw.provenance, Provenance::RatesAndSizes);
    // Only the participants: ten times as many counterparts are assumed.
    let city = of("City & Guilds (any course)");
    let sampling = 0.40 * 0.60 / 8513.0 + 0.42 * 0.58 / 85_130.0;
    near(city.se, f64::sqrt(sampling + 2.0 * 1e-4 / 12.0));
    assert_eq!(city.provenance, Provenance::RatesAndParticipants);
    assert!(city.note.contains("ten times"), "{}", city.note);
}

#[test]
fn the_average_of_published_results_is_that_of_what_was_recovered() {
    let found = published();
    let results: Vec<ProgrammeResult> = found
        .providers
        .iter()
        .map(|p| ProgrammeResult {
            name: p.result.name.clone(),
            estimate: p.result.estimate,
            se: p.result.se,
        })
        .collect();
    let again = pool(&results, Between::Reml, IntervalKind::HartungKnapp).unwrap();
    let average = found.average.as_ref().unwrap();
    near(average.estimate, again.estimate);
    near(average.interval.low, again.interval.low);
    assert!(average.tau2 > 0.0);
    // Every estimator is there, each with each interval.
    assert_eq!(found.averages.len(), 12);
}

#[test]
fn the_order_of_rows_changes_nothing() {
    let text = std::str::from_utf8(PUBLISHED).unwrap();
    let mut rows: Vec<&str> = text.lines().collect();
    let head = rows.remove(0);
    rows.reverse();
    let turned = format!("{head}\n{}\n", rows.join("\n"));
    let files = [file("results.csv", turned.as_bytes())];
    let turned = gather(&files, &asked(Some(OUTCOME))).unwrap();
    let turned = compare(turned, Order::Name, &rules()).unwrap();
    let found = published();
    assert_eq!(turned.conclusion, found.conclusion);
    let of = |c: &Comparison| -> Vec<(String, f64, f64)> {
        let each = c.providers.iter();
        each.map(|p| (p.result.name.clone(), p.result.estimate, p.result.se))
            .collect()
    };
    assert_eq!(of(&turned), of(&found));
}

#[test]
fn several_outcomes_ask_for_one_and_an_unknown_one_lists_them() {
    let all = gather(&[file("results.csv", PUBLISHED)], &asked(None)).unwrap_err();
    assert_eq!(all.problem.code(), "mixed_outcomes");
    assert!(all.to_string().contains("NEET at 1 year"), "{all}");
    let none = gather(&[file("results.csv", PUBLISHED)], &asked(Some("happiness")));
    assert_eq!(none.unwrap_err().problem.code(), "no_such_outcome");
    // Days and weeks are no shares of people.
    let days = gather(
        &[file("results.csv", PUBLISHED)],
        &Ask {
            better: Some(Better::Higher),
            ..asked(Some("days employed in 12 months"))
        },
    );
    let said = days.unwrap_err();
    assert_eq!(said.problem.code(), "nothing_usable");
    assert!(said.to_string().contains("not_a_rate (1)"), "{said}");
}

#[test]
fn bad_rows_are_refused_with_row_column_and_rule() {
    let head = "name,unit,n_treatment,treat_value,comp_value,estimate,ci_low,ci_high\n";
    let one = |row: &str| format!("{head}Fine,pct,100,30,40,-10,-20,0\n{row}\n");
    for (row, code, column) in [
        ("A,pct,100,130,40,,,", "rate_range", "treat_value"),
        ("A,pct,100,30,-4,,,", "rate_range", "comp_value"),
        ("A,pct,,,,-150,-160,-140", "difference_range", "ci_low"),
        ("A,pct,100,,,5,-20,-1", "estimate_outside", "estimate"),
        ("A,pct,100,,,-5,-1,-20", "upside_down", "ci_low"),
        ("A,pct,100,,,-5,-20,", "half_interval", "ci_high"),
        ("A,pct,100,30,40,-25,,", "disagrees", "estimate"),
        ("A,pct,100,0,0,,,", "zero_variance", "treat_value"),
        ("A,pct,100,,,-5,-5,-5", "zero_variance", "ci_low"),
        ("A,pct,0,30,40,,,", "size", "n_treatment"),
        ("A,pct,1.5,30,40,,,", "size", "n_treatment"),
        ("A,pct,100,abc,40,,,", "not_a_number", "treat_value"),
        ("A,pct,100,inf,40,,,", "not_a_number", "treat_value"),
        (",pct,100,30,40,,,", "no_name", "name"),
    ] {
        let e = refused(&one(row), code, Some(3), Some(column));
        // What stands in the cell is not repeated.
        assert!(!e.to_string().contains("abc"), "{e}");
    }
    refused(&one("A,pct,100"), "width", Some(3), None);
    refused("", "empty", None, None);
    refused(head, "no_rows", None, None);
    refused(
        "name,colour\nA,red\n",
        "unknown_column",
        Some(1),
        Some("colour"),
    );
    refused("name,estimate\nA,1\n", "missing_column", Some(1), None);
    refused(
        "name,name,estimate,se\n",
        "column_twice",
        Some(1),
        Some("name"),
    );
    let not_text = gather(
        &[file("t.csv", b"name,estimate,se\n\xff,1,1\n")],
        &asked(None),
    );
    assert_eq!(not_text.unwrap_err().row, Some(2));
}

#[test]
fn rows_that_contradict_each_other_are_refused_and_repeated_ones_count_once() {
    let head = "name,published,estimate,se\n";
    let e = refused(
        &format!("{head}A,2014,-0.05,0.01\nB,2014,0.01,0.02\na ,2014,-0.06,0.01\n"),
        "contradiction",
        Some(4),
        None,
    );
    assert!(e.to_string().contains("row 2"), "{e}");
    let twice = compared(&format!(
        "{head}A,2014,-0.05,0.01\nA,2014,-0.05,0.01\nB,2014,0,0.02\n"
    ));
    assert_eq!(twice.counts.left_out_by_reason["duplicate"], 1);
    assert_eq!(twice.providers.len(), 2);
}

#[test]
fn one_two_and_fifty_identical_results_have_a_stated_way_out() {
    let head = "name,estimate,se\n";
    let one = compared(&format!("{head}A,-0.05,0.01\n"));
    assert!(one.average.is_none() && one.funnel.is_none());
    assert!(one.conclusion[0].contains("nothing to compare it with"));
    assert_eq!(one.warnings[0].code, "one_programme");
    let two = compared(&format!("{head}A,-0.05,0.01\nB,-0.02,0.01\n"));
    assert!(two.warnings.iter().any(|w| w.code == "two_programmes"));
    assert_eq!(two.average.as_ref().unwrap().prediction, None);
    let fifty: String = (0..50).map(|i| format!("P{i:02},-0.05,0.02\n")).collect();
    let fifty = compared(&format!("{head}{fifty}"));
    let average = fifty.average.as_ref().unwrap();
    near(average.estimate, -0.05);
    near(average.se, 0.02 / f64::sqrt(50.0));
    assert_eq!(average.tau2, 0.0);
    assert!(fifty.warnings.iter().any(|w| w.code == "agreement_by_luck"));
    assert_eq!(fifty.small_studies, None);
    let middle = fifty
        .providers
        .iter()
        .map(|p| p.drawn.as_ref().unwrap().better_than_middle);
    assert!(
        middle.into_iter().all(|m| m.is_none()),
        "no ground to tell them apart"
    );
    let funnel = fifty.funnel.unwrap();
    assert!(funnel.outside_95.is_empty() && !funnel.over_dispersed);
}

#[test]
fn a_programme_with_several_dates_counts_once_and_gets_a_course() {
    let text = "name,kind,published,n_treatment,estimate,se\n\
        Open door,mentoring,2018,100,-0.02,0.01\n\
        Open door,mentoring,2022,300,-0.10,0.01\n\
        Other,mentoring,2020,200,-0.04,0.02\n\
        Third,mentoring,2020,200,-0.06,0.02\n";
    let found = compared(text);
    assert_eq!(found.counts.left_out_by_reason["part_of"], 1);
    let course = &found.over_time[0];
    assert_eq!(
        (course.name.as_str(), course.points.len()),
        ("Open door", 2)
    );
    near(course.change, -0.08);
    assert_eq!(course.verdict, Change::Better);
    // The others of its kind: two equally exact results.
    near(course.others.unwrap(), -0.05);
    let context = in_context(&found, "Open door");
    assert!(
        context[0].starts_with("Over time: It got better"),
        "{context:?}"
    );
    assert!(in_context(&found, "nobody").is_empty());
}

#[test]
fn kinds_are_named_and_the_order_is_neutral_unless_asked() {
    let text =
        "name,kind,estimate,se\nZ,a,-0.09,0.01\nB,b,0.03,0.01\nC,a,-0.07,0.01\nD,b,0.02,0.01\n";
    let names = |order| {
        let found = compare(read(text).unwrap(), order, &rules()).unwrap();
        let each = found.providers.iter();
        each.map(|p| p.result.name.clone()).collect::<String>()
    };
    assert_eq!(names(Order::Name), "BCDZ");
    assert_eq!(names(Order::Kind), "CZBD");
    assert_eq!(names(Order::Estimate), "ZCDB");
    let found = compare(read(text).unwrap(), Order::Estimate, &rules()).unwrap();
    assert!(found.warnings.iter().any(|w| w.code == "order_by_estimate"));
    let kinds = found.kinds.unwrap();
    assert_eq!(kinds.kinds.len(), 2);
    assert!(kinds.differ_p < 0.05, "{}", kinds.differ_p);
    let none = read("name,estimate,se\nA,-0.09,0.01\nB,0.03,0.01\n").unwrap();
    assert!(compare(none, Order::Kind, &rules()).is_err());
}

/// A report with what a comparison reads of one.
fn report(age: f64, difference: f64) -> String {
    format!(
        r#"{{"schema":"counterpart.report/1","study":{{"id":"s","title":"T","spec_digest":"aa"}},
        "run":{{"design_digest":"d{age}"}},"disclosure":{{"policy":"controlled"}},
        "analyses":[{{"headline":true,"well_matched":true,
        "design":{{"participants":100,"comparison_pool":1000}},
        "overlap":{{"edges":[-3,-2,-1],"participants":[0.5,0.5]}},
        "balance":[{{"term":"age","label":"Age","mean_treated":{age},"mean_pool":40.0,"smd_before":{smd},"variance_ratio":1.0,"light":"green"}},
                   {{"term":"sex=F","label":"Sex: F","mean_treated":0.2,"mean_pool":0.3,"smd_before":-0.2,"variance_ratio":null,"light":"amber"}}],
        "outcomes":[{{"name":"again","label":"Again","kind":"binary","primary":true,"better":"lower","unit":"",
        "treated":{{"people":100}},"comparison":{{"people":90}},
        "difference":{{"estimate":{difference},"se":0.02,"ci_low":{low},"ci_high":{high}}},"suppressed":null}}]}}]}}"#,
        smd = (age - 40.0) / 8.0,
        low = difference - 0.04,
        high = difference + 0.04,
    )
}

fn of_reports(reports: &[(&str, String)]) -> Comparison {
    let files: Vec<File<'_>> = reports
        .iter()
        .map(|(name, text)| file(name, text.as_bytes()))
        .collect();
    compare(gather(&files, &asked(None)).unwrap(), Order::Name, &rules()).unwrap()
}

#[test]
fn unlike_clients_are_told_of_first() {
    let unlike = of_reports(&[
        ("a/report.json", report(30.0, -0.05)),
        ("b/report.json", report(36.0, -0.06)),
    ]);
    let first = &unlike.conclusion[0];
    assert!(
        first.starts_with("These programmes worked with unlike people"),
        "{first}"
    );
    let pair = &unlike.like_with_like.as_ref().unwrap().pairs[0];
    near(pair.distance, 0.75);
    assert_eq!(
        (pair.terms, pair.unlike, pair.furthest.as_str()),
        (2, 1, "Age")
    );
    near(pair.overlap.unwrap(), 1.0);
    let lights = unlike.providers[0].result.clients.as_ref().unwrap().lights;
    assert_eq!((lights.green, lights.amber, lights.red), (1, 1, 0));
    let page = page(&unlike).unwrap();
    assert!(page.contains("Did they work with the same sort of people?"));
    let alike = of_reports(&[
        ("a/report.json", report(30.0, -0.05)),
        ("b/report.json", report(30.5, -0.06)),
    ]);
    assert!(
        alike.conclusion[0].starts_with("Taken together"),
        "{:?}",
        alike.conclusion
    );
}

#[test]
fn a_report_that_holds_its_number_back_is_left_out() {
    let whole = report(30.0, -0.05);
    let held = report(31.0, -0.02).replace("\"suppressed\":null", "\"suppressed\":\"too few\"");
    let bad = report(32.0, -0.02).replace("\"well_matched\":true", "\"well_matched\":false");
    let found = of_reports(&[("a.json", whole), ("b.json", held), ("c.json", bad)]);
    let reasons = &found.counts.left_out_by_reason;
    assert_eq!((reasons["withheld"], reasons["not_well_matched"]), (1, 1));
    let text = serde_json::to_string(&found).unwrap();
    assert!(
        !text.contains("-0.02"),
        "a number that is held back is nowhere"
    );
    let steps: Vec<&str> = found
        .left_out
        .iter()
        .map(|l| l.next_step.as_ref().unwrap().rule.as_str())
        .collect();
    assert_eq!(steps, ["hand_in_more", "match_better"]);
    let e = gather(&[file("x.json", b"{\"schema\":\"other\"}")], &asked(None)).unwrap_err();
    assert_eq!(e.problem.code(), "not_a_report");
    let e = gather(&[file("x.json", b"{\"schema\":")], &asked(None)).unwrap_err();
    assert_eq!(e.problem.code(), "not_json");
}

#[test]
fn of_very_many_reports_the_page_shows_the_pairs_furthest_apart() {
    let reports: Vec<(String, String)> = (0..30)
        .map(|i| {
            (
                format!("p{i:02}/report.json"),
                report(30.0 + f64::from(i) / 10.0, -0.05),
            )
        })
        .collect();
    let named: Vec<(&str, String)> = reports
        .iter()
        .map(|(n, r)| (n.as_str(), r.clone()))
        .collect();
    let found = of_reports(&named);
    assert_eq!(
        found.like_with_like.as_ref().unwrap().pairs.len(),
        30 * 29 / 2
    );
    let page = page(&found).unwrap();
    assert!(page.contains("The 60 pairs furthest apart, of 435."));
    assert!(page.contains("p00 and p29") && !page.contains("id=\"profiles\""));
}
