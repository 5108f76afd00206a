//! What `docs/asvs.md` says is shown by a test has that test.

use std::path::Path;

/// Each test that a line names: file and function.
fn named(line: &str) -> Vec<(&str, &str)> {
    let quoted = line.split('`').skip(1).step_by(2);
    quoted.filter_map(|q| q.split_once(".rs::")).collect()
}

/// Whether a file has a test of that name: by an attribute, or in a list of tests.
fn has_test(text: &str, function: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let call = format!("fn {function}(");
    let Some(at) = lines.iter().position(|l| {
        let plain = l.trim_start_matches("async ");
        plain.starts_with(&call)
    }) else {
        return false;
    };
    let marked = lines[..at].iter().rev().take(4);
    let mut marked = marked.take_while(|l| l.starts_with('#') || l.starts_with("//"));
    let listed = text
        .split_once("on_both!(")
        .and_then(|(_, rest)| rest.split_once(");"))
        .is_some_and(|(list, _)| list.split(',').any(|name| name.trim() == function));
    listed || marked.any(|l| l.starts_with("#[test]") || l.starts_with("#[tokio::test"))
}

#[test]
fn every_test_that_is_named_exists() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(home.join("docs/asvs.md")).unwrap();
    let mut count = 0;
    for (file, function) in page.lines().flat_map(named) {
        let path = home.join(format!("{file}.rs"));
        let text = std::fs::read_to_string(&path);
        let text = text.unwrap_or_else(|_| panic!("{file}.rs is not there"));
        assert!(
            has_test(&text, function),
            "{file}.rs has no test {function}"
        );
        count += 1;
    }
    assert!(count > 50, "{count}");
    assert!(!has_test("#[test]\nfn another() {}", "this"));
    assert!(!has_test("fn this() {}", "this"), "a helper is no test");
}

#[test]
fn every_line_is_shown_or_says_that_it_is_not() {
    let page = include_str!("../../docs/asvs.md");
    let rows: Vec<&str> = page.lines().filter(|l| l.starts_with("| V")).collect();
    for row in &rows {
        let honest = ["not met", "not applicable", "no test"];
        let said = honest.iter().any(|h| row.contains(h));
        assert!(said || !named(row).is_empty(), "{row}");
    }
    for chapter in 1..=17 {
        let start = format!("| V{chapter} ");
        assert!(rows.iter().any(|r| r.starts_with(&start)), "V{chapter}");
    }
}
