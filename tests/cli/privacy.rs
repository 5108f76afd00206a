//! A list whose file name and cells name a person: whatever happens, neither is printed or kept.

use crate::kit::{Folder, Said, counterpart, root};
use std::path::Path;

/// Unmistakable: no other text holds these.
const PERSONAL: [&str; 6] = [
    "Zebedee",
    "Quux",
    "14/03/1977",
    "1977-03-14",
    "1977/",
    "ZQ9 9QZ",
];
const FILE: &str = "Zebedee Quux referrals.csv";
const ROW: &str = "Zebedee,Quux,14/03/1977,M,ZQ9 9QZ,1977/1234567X,Z1234QX,02/03/2022,10/08/2022\n";

fn nothing_personal(text: &str, place: &str) {
    for value in PERSONAL {
        assert!(!text.contains(value), "`{value}` in {place}:\n{text}");
    }
}

#[track_caller]
fn quiet(said: &Said) {
    nothing_personal(&said.stdout, "stdout");
    nothing_personal(&said.stderr, "stderr");
    assert!(said.code <= 3, "{}", said.stderr);
}

/// Nothing personal in any file below the folder, names of files included.
fn nothing_personal_below(folder: &Path) -> usize {
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            seen += nothing_personal_below(&path);
            continue;
        }
        nothing_personal(&path.file_name().unwrap().to_string_lossy(), "a file name");
        let bytes = std::fs::read(&path).unwrap();
        nothing_personal(
            &String::from_utf8_lossy(&bytes),
            &path.display().to_string(),
        );
        seen += 1;
    }
    seen
}

fn clean() -> String {
    std::fs::read_to_string(root().join("sample_data/cohorts/clean.csv")).unwrap()
}

fn both(list: &str, out: &str) -> [Said; 3] {
    let study = ["--study", "models/reoffending.toml"];
    let evaluate = [
        "evaluate",
        list,
        study[0],
        study[1],
        "--register",
        "sample_data/register",
        "--out",
        out,
    ];
    [
        counterpart(&evaluate),
        counterpart(&["check", list, study[0], study[1]]),
        counterpart(&["check", list, study[0], study[1], "--json"]),
    ]
}

#[test]
fn a_report_names_nobody_and_not_the_file() {
    let folder = Folder::new();
    let list = folder.write(
        FILE,
        clean() + ROW + "Zebedee,Quux,31/02/1977,,,,,02/03/2022,\n",
    );
    let out = folder.path("out");
    for said in both(&list, &out) {
        assert_eq!(said.code, 0, "{}", said.stderr);
        quiet(&said);
    }
    assert_eq!(nothing_personal_below(Path::new(&out)), 2);
}

/// Sixty strangers and one person: a count of those found would tell whether that one is held.
#[test]
fn a_refusal_does_not_tell_whether_one_person_is_on_the_register() {
    let list = clean();
    let mut lines = list.lines();
    let head = lines.next().unwrap();
    let target = lines.next().unwrap();
    let strangers: String = (0..70)
        .map(|i| {
            let (a, b) = (b'a' + i % 10, b'k' + i / 10);
            let name = format!("Quux{}{}", char::from(a), char::from(b));
            format!(
                "Zebedee,{name},{:02}/03/1977,M,,,,02/03/2022,\n",
                1 + i % 28
            )
        })
        .collect();
    let refusal = |list: String| {
        let folder = Folder::new();
        let list = folder.write(FILE, list);
        let [said, _, _] = both(&list, &folder.path("out"));
        said.refuses(1, "too few people: fewer than 30");
        quiet(&said);
        said.stderr
    };
    let with = refusal(format!("{head}\n{target}\n{strangers}"));
    let without = refusal(format!("{head}\n{strangers}"));
    assert_eq!(with, without);
}

#[test]
fn a_list_of_problems_names_rows_and_columns_only() {
    let folder = Folder::new();
    let list = folder.write(
        FILE,
        clean() + "Zebedee,Quux,14/33/1977,Quux,,Zebedee,Quux,Zebedee,\n",
    );
    let problems = folder.path("problems/list.csv");
    std::fs::create_dir(folder.path("problems")).unwrap();
    let said = counterpart(&[
        "check",
        &list,
        "--study",
        "models/reoffending.toml",
        "--problems",
        &problems,
    ]);
    quiet(&said);
    assert_eq!(
        nothing_personal_below(Path::new(&folder.path("problems"))),
        1
    );
    let text = std::fs::read_to_string(problems).unwrap();
    assert!(
        text.lines().skip(1).all(|l| l.starts_with("1002,")),
        "{text}"
    );
}

#[test]
fn every_broken_list_is_refused_without_a_word_of_it() {
    let head = clean().lines().next().unwrap().to_owned() + "\n";
    let broken: Vec<Vec<u8>> = vec![
        Vec::new(),
        head.clone().into_bytes(),
        ROW.repeat(80).into_bytes(),
        (head.clone() + "Zebedee,Quux\n\"Quux,14/03/1977\n").into_bytes(),
        (head.clone() + "Zebedee\0Quux\n").into_bytes(),
        b"PK\x03\x04Zebedee Quux".to_vec(),
        b"%PDF-1.4 Zebedee Quux".to_vec(),
        vec![b'\xff'; 300],
        ("Zebedee,Quux\n".repeat(100)).into_bytes(),
        (head.clone() + &"Zebedee,Quux,14/03/1977,,,,,,\n".repeat(80)).into_bytes(),
        (head.replace("Surname", "Zebedee Quux") + ROW).into_bytes(),
        (head.replace("Surname", "Forename") + ROW).into_bytes(),
        (head + &"Q".repeat(100_000) + "uux,Zebedee\n").into_bytes(),
    ];
    for bytes in broken {
        let folder = Folder::new();
        let list = folder.write(FILE, &bytes);
        let out = folder.path("out");
        for said in both(&list, &out) {
            assert!(said.code == 1 || said.code == 3, "{}", said.stderr);
            quiet(&said);
        }
        assert!(!Path::new(&out).exists());
    }
}

#[test]
fn a_list_that_is_not_there_or_given_in_the_wrong_place_is_not_named() {
    let folder = Folder::new();
    let list = folder.path(FILE);
    for said in both(&list, &folder.path("out")) {
        said.refuses(3, "no such file");
        quiet(&said);
    }
    let list = folder.write(FILE, clean());
    let gone = folder.path("Zebedee Quux, gone.csv");
    let study = "models/reoffending.toml";
    let register = "sample_data/register";
    for args in [
        vec![list.as_str()],
        vec!["evaluate", &list],
        vec![
            "evaluate",
            &list,
            &list,
            "--study",
            study,
            "--register",
            register,
            "--out",
            "x",
        ],
        vec![
            "evaluate",
            &list,
            "--study",
            study,
            "--register",
            register,
            "--out",
            &list,
        ],
        vec![
            "evaluate",
            &list,
            "--study",
            study,
            "--register",
            register,
            "--out",
            "x",
            "--seed",
            &list,
        ],
        vec![
            "evaluate",
            &list,
            "--study",
            study,
            "--register",
            register,
            "--out",
            "x",
            "--format",
            &list,
        ],
        vec![
            "evaluate",
            study,
            "--study",
            &list,
            "--register",
            register,
            "--out",
            "x",
        ],
        vec![
            "evaluate",
            "x.csv",
            "--study",
            &gone,
            "--register",
            register,
            "--out",
            "x",
        ],
        vec!["register", "describe", &list],
        vec!["evaluate", "--cohort", &list, "--study", study],
        vec!["check", &list, &list, "--study", study],
        vec!["check", &list, "--study", study, "--problems", &list],
        vec!["check", "--study", study, "--template", &list],
        vec!["power", "--people", &list, "--rate", &list],
        vec!["power", &list],
        vec!["synth", &list],
        vec!["register", "describe", register, &list],
        vec!["--Zebedee Quux.csv"],
        vec!["check", "--Zebedee=Quux", "--study", study],
    ] {
        let said = counterpart(&args);
        assert!((1..=3).contains(&said.code), "{args:?}");
        quiet(&said);
    }
    assert_eq!(
        std::fs::read_to_string(&list).unwrap(),
        clean(),
        "untouched"
    );
}
