//! `counterpart link`: real lists against the sample register.

use crate::kit::{Folder, counterpart};

const REGISTER: &str = "sample_data/register";
const CLEAN: &str = "sample_data/cohorts/clean.csv";
const MESSY: &str = "sample_data/cohorts/messy.csv";

#[test]
fn a_clean_list_is_found_row_by_row_and_its_answer_is_private() {
    let folder = Folder::new();
    let out = folder.path("links.csv");
    let said = counterpart(&[
        "link",
        CLEAN,
        "--register",
        REGISTER,
        "--out",
        &out,
        "--json",
    ]);
    said.ends_with(0)
        .says("rows found with a probability of at least 0.5");
    let text = std::fs::read_to_string(&out).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("row,person_id,probability"));
    let rows: Vec<Vec<&str>> = lines.map(|l| l.split(',').collect()).collect();
    let found = rows.iter().filter(|r| !r[1].is_empty()).count();
    assert!(found * 100 >= rows.len() * 97, "{found} of {}", rows.len());
    assert_eq!(said.json()["found"], found);
    for (i, row) in rows.iter().enumerate() {
        assert_eq!(row[0], (i + 2).to_string());
        assert_eq!(row[1].is_empty(), row[2].is_empty());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&out).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn of_the_messy_list_everybody_on_the_register_is_found_and_hardly_a_stranger() {
    let folder = Folder::new();
    let out = folder.path("links.csv");
    counterpart(&["link", MESSY, "--register", REGISTER, "--out", &out]).ends_with(0);
    let text = std::fs::read_to_string(&out).unwrap();
    let links = text
        .lines()
        .skip(1)
        .map(|l| l.split(',').collect::<Vec<_>>());
    let sure = links.filter(|l| l[2].parse::<f64>().is_ok_and(|p| p >= 0.95));
    let found: std::collections::BTreeSet<String> = sure.map(|l| l[1].to_owned()).collect();
    let truth = std::fs::read_to_string(MESSY.replace(".csv", ".truth.json")).unwrap();
    let truth: serde_json::Value = serde_json::from_str(&truth).unwrap();
    let on_register = truth["on_register"].as_u64().unwrap() as usize;
    // Of 32 strangers one has a namesake born in the same year: said to be 97 % sure.
    assert!(
        (on_register..=on_register + 1).contains(&found.len()),
        "{} found, {on_register} there",
        found.len()
    );
}

#[test]
fn a_trained_model_links_the_list_again() {
    let folder = Folder::new();
    let (model, out) = (folder.path("model.toml"), folder.path("links.csv"));
    let said = counterpart(&[
        "link",
        "train",
        MESSY,
        "--register",
        REGISTER,
        "--out",
        &model,
        "--json",
    ]);
    assert_eq!(said.ends_with(0).json()["converged"], true);
    counterpart(&[
        "link",
        MESSY,
        "--register",
        REGISTER,
        "--model",
        &model,
        "--out",
        &out,
    ])
    .ends_with(0)
    .says("expected to be on the register at all");
}

#[test]
fn match_weights_name_levels_and_no_value() {
    let folder = Folder::new();
    let out = folder.path("links.csv");
    let args = ["link", CLEAN, "--register", REGISTER, "--out", &out];
    let said = counterpart(&[&args[..], &["--explain", "2"]].concat());
    said.ends_with(0);
    for word in ["prior", "surname", "exact", "relatives", "probability"] {
        assert!(
            said.stdout.contains(word),
            "{word} is not in:\n{}",
            said.stdout
        );
    }
    for value in [
        "Mark", "mark", "Jones", "jones", "1983", "CO5", "8647057", "O4089KF",
    ] {
        said.never_says(value);
    }
    counterpart(&[&args[..], &["--explain", "1"]].concat())
        .refuses(1, "row 1 of the list has nobody who can be looked for");
    counterpart(&[&args[..], &["--explain", "2:nobody"]].concat())
        .refuses(1, "nobody on the register has the person id");
}

#[test]
fn what_cannot_be_used_is_refused() {
    let folder = Folder::new();
    let out = folder.path("links.csv");
    let link = |list: &str, more: &[&str]| {
        let args = ["link", list, "--register", REGISTER, "--out", &out];
        counterpart(&[&args[..], more].concat())
    };
    let bad = folder.write("bad.toml", "schema = 2\nfriends = 2\n");
    link(CLEAN, &["--model", &bad]).refuses(1, "linkage model, line");
    link(CLEAN, &["--model", "nowhere.toml"]).refuses(3, "cannot read the linkage model");
    link(CLEAN, &["--threshold", "2"]).ends_with(2);
    let nobody = folder.write("list.csv", "forename,surname,dob\n,,\nAnn,,\n");
    link(&nobody, &[]).refuses(1, "nobody in the list can be looked for");
    let list = folder.write("own.csv", std::fs::read(CLEAN).unwrap());
    counterpart(&["link", &list, "--register", REGISTER, "--out", &list])
        .refuses(1, "would overwrite the cohort file");
    assert!(!std::path::Path::new(&out).exists());
}
