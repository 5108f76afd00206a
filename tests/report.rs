//! The report: words, numbers, figures, page.

#[path = "report/fixtures.rs"]
mod fixtures;

use counterpart::report::Report;
use fixtures::*;

fn report(findings: counterpart::disclosure::Findings) -> Report {
    Report::new(released(findings))
}

#[test]
fn pages_can_be_written_out_for_looking() {
    let Ok(dir) = std::env::var("REPORT_PAGES") else {
        return;
    };
    std::fs::create_dir_all(&dir).unwrap();
    for (name, findings) in all() {
        let r = report(findings);
        println!("{name}: {}", r.headline());
        std::fs::write(format!("{dir}/{name}.html"), r.html().unwrap()).unwrap();
        std::fs::write(format!("{dir}/{name}.json"), r.json()).unwrap();
    }
}
