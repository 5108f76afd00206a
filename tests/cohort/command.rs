//! `counterpart check` as it is run: exit codes, what is printed and what never is.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

/// The sample study, with people found by exact keys: rows are unusable soonest there.
static STUDY: LazyLock<PathBuf> = LazyLock::new(|| {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/models/reoffending.toml");
    let text = std::fs::read_to_string(file).unwrap();
    let kept = text.lines().filter(|line| !line.starts_with("threshold"));
    let exact = kept.collect::<Vec<_>>().join("\n");
    let exact = exact.replace("method = \"probabilistic\"", "method = \"exact\"");
    assert_ne!(text, exact);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("exact.toml");
    std::fs::write(&path, exact).unwrap();
    path
});

fn check(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_counterpart"))
        .arg("check")
        .arg("--study")
        .arg(&*STUDY)
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A list of so many people, and one row nobody can be made of.
fn list(people: usize) -> String {
    let mut list = String::from("forename,surname,dob,programme_start\n");
    for i in 0..people {
        let tail = "ab".repeat(i % 7 + 1);
        list += &format!(
            "Wilfrida{tail},Quuxley,{:02}/{:02}/1980,05/06/2023\n",
            i % 28 + 1,
            i / 28 + 1
        );
    }
    list + "Wilfrida,Quuxley,31/02/1980,05/06/2023\n"
}

#[test]
fn exit_codes_say_whether_the_file_can_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let exit = |content: &[u8]| {
        std::fs::write(folder.path().join("list.csv"), content).unwrap();
        check(folder.path(), &["list.csv"]).status.code()
    };
    assert_eq!(exit(list(60).as_bytes()), Some(0));
    assert_eq!(exit(list(59).as_bytes()), Some(1));
    assert_eq!(exit(b"forename,surname\nAda,Quux\n"), Some(1));
    assert_eq!(exit(b"Ada,Quux\n"), Some(1));
    assert_eq!(exit(b"PK\x03\x04"), Some(3));
    assert_eq!(exit(b""), Some(3));
    assert_eq!(
        check(folder.path(), &["missing.csv"]).status.code(),
        Some(3)
    );
    assert_eq!(check(folder.path(), &[]).status.code(), Some(2));
}

#[test]
fn nothing_printed_names_a_person_or_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let name = "Wilfrida Quuxley.csv";
    for content in [
        list(70),
        list(3),
        "Wilfrida,Quuxley".into(),
        "PK\u{3}\u{4}Wilfrida".into(),
    ] {
        std::fs::write(folder.path().join(name), content).unwrap();
        for extra in [&["--json"][..], &["--problems", "problems.csv"], &[]] {
            let out = check(folder.path(), &[&[name], extra].concat());
            let said = text(&out.stdout) + &text(&out.stderr);
            assert!(
                !said.contains("Wilfrida") && !said.contains("Quuxley"),
                "{said}"
            );
        }
    }
    let gone = check(folder.path(), &["Quuxley elsewhere.csv"]);
    assert!(!text(&gone.stderr).contains("Quuxley"));
}

#[test]
fn the_summary_comes_first_and_json_says_the_same() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("list.csv"), list(60)).unwrap();
    let out = text(&check(folder.path(), &["list.csv"]).stdout);
    assert!(
        out.lines()
            .next()
            .unwrap()
            .ends_with("61 rows, 60 people usable."),
        "{out}"
    );
    assert!(out.contains("This file can be used"));
    assert!(out.contains("error    dob (column C)"), "{out}");
    assert!(out.contains("the date is not a day of the calendar"));
    let json = check(folder.path(), &["list.csv", "--json"]).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["usable"], true);
    assert_eq!(
        (json["submitted"].as_u64(), json["people"].as_u64()),
        (Some(61), Some(60))
    );
    assert_eq!(json["problems"][0]["row"], 62);
    assert_eq!(json["problems"][0]["severity"], "error");
    assert_eq!(json["flow"][2]["step"], "unique");
}

#[test]
fn long_lists_of_problems_are_cut_and_go_whole_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let bad = "Ada,Quux,31/02/1980,05/06/2023\n".repeat(50);
    std::fs::write(folder.path().join("list.csv"), list(60) + &bad).unwrap();
    let out = text(&check(folder.path(), &["list.csv"]).stdout);
    assert!(
        out.contains("rows 62, 63, 64, 65, 66, 67, 68, 69 and 43 more"),
        "{out}"
    );
    assert!(
        out.contains("and 86 more; use --problems FILE for all"),
        "{out}"
    );
    check(folder.path(), &["list.csv", "--problems", "all.csv"]);
    let all = std::fs::read_to_string(folder.path().join("all.csv")).unwrap();
    assert_eq!(all.lines().count(), 1 + 2 * 51);
    assert!(all.starts_with("row,column,letter,severity,rule,remedy\n62,dob,C,error,"));
}

#[test]
fn no_file_of_the_charity_is_ever_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.csv");
    std::fs::write(&path, list(60)).unwrap();
    let template = check(folder.path(), &["--template", "list.csv"]);
    assert_eq!(template.status.code(), Some(3));
    let problems = check(folder.path(), &["list.csv", "--problems", "./list.csv"]);
    assert_eq!(problems.status.code(), Some(1));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), list(60));
}

#[test]
fn the_template_has_headings_and_no_people() {
    let folder = tempfile::tempdir().unwrap();
    let made = check(folder.path(), &["--template", "new.csv"]);
    assert_eq!(made.status.code(), Some(0));
    let template = std::fs::read_to_string(folder.path().join("new.csv")).unwrap();
    assert_eq!(template.lines().count(), 1);
    assert!(template.contains("forename,surname,dob"));
    assert_eq!(check(folder.path(), &["new.csv"]).status.code(), Some(1));
}

fn power(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_counterpart"))
        .arg("power")
        .args(arguments)
        .output()
        .unwrap()
}

/// By hand: 2.8 x sqrt(0.24/60 + 0.24/600) = 2.8 x 0.0663325 = 0.185731.
#[test]
fn power_tells_the_smallest_difference_and_the_people_needed() {
    let out = power(&["--people", "60", "--rate", "40%", "--json"]).stdout;
    let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert!((json["detectable_points"].as_f64().unwrap() - 18.5731).abs() < 1e-4);
    // 0.24 x 1.1 / (0.05/2.8)^2 = 827.9
    assert_eq!(json["people_for_five_points"], 828);
    assert_eq!(json["table"].as_array().unwrap().len(), 7);
    let said = text(&power(&["--people", "60", "--rate", "0.4"]).stdout);
    assert!(
        said.contains("by about 19 percentage points (to 21% or less, or to 59% or more)"),
        "{said}"
    );
    assert!(said.contains("828 people are needed"));
}

#[test]
fn power_says_when_a_fall_or_any_change_cannot_be_shown() {
    let rare = text(&power(&["--people", "60", "--rate", "5"]).stdout);
    assert!(rare.contains("a fall could not be shown"), "{rare}");
    let frequent = text(&power(&["--people", "60", "--rate", "95%"]).stdout);
    assert!(frequent.contains("a rise could not be shown"), "{frequent}");
    let few = text(&power(&["--people", "2", "--rate", "50%"]).stdout);
    assert!(few.contains("no change at all could be shown"), "{few}");
    let small_pool = text(&power(&["--people", "60", "--rate", "50%", "--pool", "300"]).stdout);
    assert!(
        small_pool.contains("No number of people is enough"),
        "{small_pool}"
    );
}

#[test]
fn power_refuses_rates_and_numbers_that_cannot_be() {
    for bad in [
        ["--people", "60", "--rate", "0"],
        ["--people", "60", "--rate", "100"],
        ["--people", "60", "--rate", "1"],
        ["--people", "60", "--rate", "NaN"],
        ["--people", "0", "--rate", "40"],
        ["--people", "-5", "--rate", "40"],
    ] {
        assert_eq!(power(&bad).status.code(), Some(2), "{bad:?}");
    }
}
