//! The job whose traces are looked for: a whole evaluation, as `counterpart evaluate` runs it.

use crate::planted::Plan;
use counterpart::cohort;
use counterpart::evaluation::{self, Context, Stage};
use counterpart::register::ParquetRegister;
use counterpart::report::Report;
use counterpart::study::Study;
use std::cell::RefCell;
use std::path::Path;

/// Evaluates the cohort and writes the report; calls `during` when the people have been linked and
/// are still in memory.
pub fn run(plan: &Plan, during: &mut dyn FnMut()) {
    let study = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/reoffending.toml");
    let study = Study::load(&study).unwrap();
    let bytes = std::fs::read(&plan.cohort).unwrap();
    // 2026-11-22: later than every programme on the synthetic register.
    let cohort = cohort::read_bytes(&bytes, &study, 20_779).unwrap();
    drop(bytes);
    assert_eq!(cohort.participants.len(), 200);
    let register = ParquetRegister::open(&plan.register).unwrap();
    let during = RefCell::new(during);
    let context = Context {
        seed: 1,
        now: &|| "2026-11-22T00:00:00Z".into(),
        progress: &|stage| {
            eprintln!("{}", stage.sentence());
            if stage == Stage::IndexEvents {
                (during.borrow_mut())();
            }
        },
        specifications: true,
        leave_one_out: true,
    };
    let released = evaluation::evaluate(cohort, &register, &study, &context).unwrap();
    let report = Report::new(released);
    let analysed = report.findings().flow.last().unwrap().people;
    assert!(analysed > 150, "only {analysed} of 200 analysed");
    std::fs::create_dir_all(&plan.out).unwrap();
    std::fs::write(plan.out.join("report.json"), report.json()).unwrap();
    std::fs::write(plan.out.join("report.html"), report.html().unwrap()).unwrap();
}
