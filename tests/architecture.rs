//! The house rules that no compiler checks: which room may name which, and what a stage never does.

use std::path::{Path, PathBuf};

/// Everything of a room, or the names given.
enum May {
    All(&'static str),
    Only(&'static str, &'static [&'static str]),
}
use May::{All, Only};

/// The rooms from left to right, and what each may name: always something to its left.
const ROOMS: &[(&str, &[May])] = &[
    ("custody", &[]),
    ("study", &[]),
    ("numeric", &[]),
    ("identity", &[All("custody")]),
    ("cohort", &[All("custody"), All("study"), All("identity")]),
    (
        "register",
        &[
            All("custody"),
            All("study"),
            All("numeric"),
            All("identity"),
            // An identifier is named in one place, whoever holds it.
            Only("cohort", &["Field"]),
        ],
    ),
    (
        "linkage",
        &[
            All("custody"),
            All("study"),
            All("numeric"),
            All("identity"),
            All("cohort"),
            All("register"),
        ],
    ),
    ("covariates", &[All("study"), All("numeric")]),
    (
        "propensity",
        &[All("study"), All("numeric"), All("covariates")],
    ),
    (
        "matching",
        &[
            All("study"),
            All("numeric"),
            All("covariates"),
            All("propensity"),
        ],
    ),
    (
        "balance",
        &[
            All("study"),
            All("numeric"),
            All("covariates"),
            All("propensity"),
            All("matching"),
            // The proof that a design is fixed is the register's to define and the design's to give.
            Only("register", &["FixedDesign", "sealed"]),
        ],
    ),
    (
        "effect",
        &[
            All("study"),
            All("numeric"),
            All("matching"),
            All("covariates"),
        ],
    ),
    (
        "bootstrap",
        &[
            All("study"),
            All("numeric"),
            All("covariates"),
            All("propensity"),
            All("matching"),
            All("balance"),
            All("effect"),
        ],
    ),
    // Pure rules on counts: nobody in there is a person.
    ("quality", &[]),
    (
        "disclosure",
        &[
            All("study"),
            All("numeric"),
            All("balance"),
            All("effect"),
            All("quality"),
        ],
    ),
    // A report sees nothing that was not released.
    ("report", &[All("study"), All("disclosure")]),
    (
        "comparison",
        &[
            All("numeric"),
            All("report"),
            // Several tests at once are adjusted for in one way, wherever they come from.
            Only("effect", &["holm"]),
        ],
    ),
];

/// Beside the way from cohort to report.
const ASIDE: &[(&str, &[May])] = &[(
    "synth",
    &[
        All("study"),
        All("numeric"),
        // Synthetic people have valid identifiers.
        All("identity"),
    ],
)];

/// A source file: its path below src/, its room, its code without tests and comments.
struct Source {
    path: String,
    room: String,
    lines: Vec<(usize, String)>,
    text: Vec<String>,
}

fn sources() -> Vec<Source> {
    let src = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    below(&src, &mut files);
    let sources: Vec<Source> = files.iter().map(|f| source(&src, f)).collect();
    assert!(sources.len() > 80, "only {} files", sources.len());
    sources
}

fn below(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            below(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

fn source(src: &Path, file: &Path) -> Source {
    let path = file.strip_prefix(src).unwrap().to_str().unwrap().to_owned();
    let room = path.split('/').next().unwrap().trim_end_matches(".rs");
    let text = std::fs::read_to_string(file).unwrap();
    let text: Vec<String> = text.lines().map(str::to_owned).collect();
    let tests = text.iter().position(|l| l.trim() == "#[cfg(test)]");
    let lines = text[..tests.unwrap_or(text.len())]
        .iter()
        .enumerate()
        .filter(|(_, l)| !l.trim_start().starts_with("//"))
        .map(|(i, l)| (i + 1, l.clone()))
        .collect();
    Source {
        room: room.to_owned(),
        path,
        lines,
        text,
    }
}

/// What is named after `crate::`: room, and the first names inside it.
fn named(code: &str) -> Vec<(String, Vec<String>)> {
    let word = |s: &str| -> String {
        s.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    code.split("crate::")
        .skip(1)
        .map(|rest| {
            let room = word(rest);
            let rest = rest[room.len()..].strip_prefix("::").unwrap_or("");
            let names = match rest.strip_prefix('{') {
                Some(list) => list
                    .split(['}', ';'])
                    .next()
                    .unwrap()
                    .split(',')
                    .map(|n| word(n.trim()))
                    .filter(|n| !n.is_empty())
                    .collect(),
                None => vec![word(rest)],
            };
            (room, names)
        })
        .collect()
}

fn fail(broken: Vec<String>) {
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn every_room_is_on_the_plan() {
    for s in sources() {
        let known = ROOMS.iter().chain(ASIDE).any(|(room, _)| *room == s.room)
            || ["lib", "main", "evaluation", "cli", "service"].contains(&s.room.as_str());
        assert!(known, "{}: which room is this?", s.path);
    }
}

#[test]
fn the_plan_itself_runs_from_left_to_right() {
    let place = |room: &str| ROOMS.iter().position(|(r, _)| *r == room).expect("a room");
    for (room, may) in ROOMS {
        for m in may.iter() {
            let (All(other) | Only(other, _)) = m;
            assert!(place(other) < place(room), "{room} names {other}");
        }
    }
}

#[test]
fn no_arrow_runs_backwards() {
    let mut broken = Vec::new();
    for s in sources() {
        let Some((_, may)) = ROOMS.iter().chain(ASIDE).find(|(room, _)| *room == s.room) else {
            continue;
        };
        let code: Vec<&str> = s.lines.iter().map(|(_, l)| l.as_str()).collect();
        for (room, names) in named(&code.join("\n")) {
            if room == s.room {
                continue;
            }
            let allowed = may.iter().any(|m| match m {
                All(r) => *r == room,
                Only(r, only) => *r == room && names.iter().all(|n| only.contains(&n.as_str())),
            });
            if !allowed {
                broken.push(format!(
                    "src/{}: may not name crate::{room}::{names:?}",
                    s.path
                ));
            }
        }
    }
    fail(broken);
}

#[test]
fn evaluation_names_the_stages_and_no_shell() {
    for s in sources().iter().filter(|s| s.room == "evaluation") {
        for (_, line) in &s.lines {
            assert!(
                !line.contains("crate::cli") && !line.contains("crate::synth"),
                "src/{}: {line}",
                s.path
            );
        }
    }
}

#[test]
fn unsafe_code_stays_in_custody() {
    let mut broken = Vec::new();
    for s in sources().iter().filter(|s| s.room != "custody") {
        for (n, line) in &s.lines {
            // A word of browsers' content policies.
            let line = line.replace("'unsafe-inline'", "");
            if line
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .any(|w| w == "unsafe")
            {
                broken.push(format!("src/{}, line {n}: unsafe", s.path));
            }
        }
    }
    fail(broken);
}

#[test]
fn stages_open_no_file_and_read_no_clock() {
    /// Who may, and why.
    const MAY: [(&str, &str); 19] = [
        ("cli/", "the shell loads, saves and reads the clock"),
        (
            "register/",
            "held data are files; they are mapped, not loaded by a caller",
        ),
        (
            "synth/",
            "writes registers too large for memory as it makes them",
        ),
        (
            "study/parse.rs",
            "a study is loaded by its path, so that errors can name it",
        ),
        (
            "custody/",
            "reads /proc and sets limits to guard the process",
        ),
        (
            "disclosure/releases/file.rs",
            "keeps what was released on the disk before it leaves",
        ),
        ("main.rs", "hands over"),
        ("service/clock.rs", "is the service's clock"),
        ("service/api/door.rs", "knows callers by their address"),
        ("service/api/recording.rs", "waits a while for the database"),
        ("service/config.rs", "says where to listen"),
        (
            "service/custodian/",
            "has files looked through that were changed since a list came",
        ),
        ("service/limits.rs", "counts what callers do in a minute"),
        ("service/log.rs", "tells how long an answer took"),
        ("service/log_file.rs", "writes the log"),
        (
            "service/server.rs",
            "listens, and makes its key for this user alone",
        ),
        ("service/metrics.rs", "counts times"),
        (
            "service/worker/",
            "limits a worker's time, and looks in /proc whether it is gone",
        ),
        (
            "service/store/open.rs",
            "makes the database's file for this user alone",
        ),
    ];
    const SIGNS: [&str; 10] = [
        "std::fs",
        "fs::",
        "File::",
        "OpenOptions",
        "SystemTime",
        "Instant::",
        "Timestamp::now",
        "Zoned::now",
        "std::net",
        "std::env::",
    ];
    let mut broken = Vec::new();
    for s in sources() {
        if MAY.iter().any(|(place, _)| s.path.starts_with(place)) {
            continue;
        }
        for (n, line) in &s.lines {
            if let Some(sign) = SIGNS.iter().find(|sign| line.contains(**sign)) {
                broken.push(format!("src/{}, line {n}: {sign}", s.path));
            }
        }
    }
    fail(broken);
}

#[test]
fn only_the_shell_prints() {
    let mut broken = Vec::new();
    for s in sources() {
        if s.room == "cli" || s.room == "main" {
            continue;
        }
        for (n, line) in &s.lines {
            for sign in ["println!(", "print!(", "dbg!("] {
                if line.contains(sign) {
                    broken.push(format!("src/{}, line {n}: {sign}", s.path));
                }
            }
        }
    }
    fail(broken);
}

#[test]
fn what_may_panic_has_its_proof_above_it() {
    const SIGNS: [&str; 6] = [
        ".unwrap()",
        ".expect(",
        "panic!(",
        "unreachable!(",
        "todo!(",
        "unimplemented!(",
    ];
    let mut broken = Vec::new();
    for s in sources() {
        for (n, line) in &s.lines {
            let Some(sign) = SIGNS.iter().find(|sign| line.contains(**sign)) else {
                continue;
            };
            // A comment within the statement, or above it.
            let from = n.saturating_sub(5);
            let proven = s.text[from..*n]
                .iter()
                .any(|l| l.contains("// ") || l.trim_start().starts_with("/// # Panics"));
            if !proven {
                broken.push(format!(
                    "src/{}, line {n}: {sign} without a comment that proves it",
                    s.path
                ));
            }
        }
    }
    fail(broken);
}
