//! The scanner by itself: what it sees of a process, as which user, and what it does not see.

use crate::programme::Programme;
use crate::roles::{self, hear, say};
use crate::service;
use base64::Engine;
use counterpart::custody;
use counterpart::custody::scan::{Memory, Target, nameless, seen_for_a_moment};
use std::path::Path;

const ENCODINGS: [&str; 10] = [
    "UTF-8",
    "UTF-16LE",
    "UTF-16BE",
    "upper case",
    "lower case",
    "base64 at 0",
    "base64 at 1",
    "base64 at 2",
    "hexadecimal",
    "JSON",
];

/// One name in that encoding, and nothing else of it.
fn encoded(name: &str, encoding: &str) -> Vec<u8> {
    let base64 = |before: &str| {
        let engine = base64::engine::general_purpose::STANDARD;
        engine.encode(format!("{before}{name}\n")).into_bytes()
    };
    match encoding {
        "UTF-16LE" => name.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "UTF-16BE" => name.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        "upper case" => name.to_uppercase().into_bytes(),
        "lower case" => name.to_lowercase().into_bytes(),
        "base64 at 0" => base64(""),
        "base64 at 1" => base64("x"),
        "base64 at 2" => base64("xy"),
        "hexadecimal" => name
            .bytes()
            .flat_map(|b| format!("{b:02x}").into_bytes())
            .collect(),
        "JSON" => serde_json::to_vec(name).unwrap(),
        _ => name.as_bytes().to_vec(),
    }
}

/// Derives prints, looks at itself, plants one copy, looks again, drops it, looks again.
pub fn look_at_self(encoding: &str, privileged: &str) {
    let memory = Memory::of_self().unwrap();
    custody::refuse_dumps().unwrap();
    if privileged == "no" {
        // SAFETY: takes nothing, gives a number.
        assert_eq!(unsafe { libc::geteuid() }, 65534);
        assert!(
            std::fs::File::open("/proc/self/mem").is_err(),
            "closed by now"
        );
    }
    let (kept, mut pipe) = std::io::pipe().unwrap();
    std::io::Write::write_all(&mut pipe, b"something").unwrap();
    assert!(!nameless().unwrap().is_empty(), "its own may be had");
    drop((kept, pipe));
    let programme = Programme::of("self");
    let mut looks = Vec::new();
    looks.push(look(&memory, &programme));
    let copy = encoded(&programme.a_name(), encoding);
    looks.push(look(&memory, &programme));
    drop(copy);
    looks.push(look(&memory, &programme));
    say(&format!("looks {}", serde_json::to_string(&looks).unwrap()));
}

fn look(memory: &Memory, programme: &Programme) -> Vec<u32> {
    let memory = memory.again().unwrap();
    let target = Target::Memory {
        name: "self".into(),
        mem: memory.mem,
        maps: memory.maps,
    };
    let sets = programme.sets().into();
    let scanned = service::scanner().scan(vec![target], sets).unwrap();
    assert!(scanned[0].complete, "{:?}", scanned[0].note);
    assert!(scanned[0].bytes > 1 << 20);
    scanned[0].found.clone()
}

#[test]
fn making_prints_leaves_nothing_and_one_copy_in_any_encoding_is_seen() {
    for encoding in ENCODINGS {
        let told = roles::command("self").arg(encoding).arg("yes").output_of();
        assert!(
            told.contains("looks [[0,0],[0,1],[0,0]]"),
            "{encoding}: {told}"
        );
    }
}

#[test]
fn no_privilege_is_needed_to_look_at_oneself_or_at_a_child_that_refuses_dumps() {
    let told = roles::command("self")
        .arg("UTF-8")
        .arg("no")
        .by_nobody()
        .output_of();
    assert!(told.contains("looks [[0,0],[0,1],[0,0]]"), "{told}");
    let told = roles::command("parent").arg("no").by_nobody().output_of();
    assert!(told.contains("looks [0,1] gone"), "{told}");
}

/// Starts a child, opens its memory while it may, looks when it refuses, and when it has ended.
pub fn look_at_child(_: &str) {
    let mut child = roles::command("child").piped();
    child.wait_for("look");
    let memory = Memory::of(child.child.id()).unwrap();
    child.say(b"!");
    child.wait_for("closed");
    assert!(Memory::of(child.child.id()).is_err(), "refused by now");
    let programme = Programme::of("self");
    let seen = look(&memory, &programme);
    child.end();
    let again = memory.again().unwrap();
    let target = Target::Memory {
        name: "child".into(),
        mem: again.mem,
        maps: again.maps,
    };
    let sets = programme.sets().into();
    let scanned = service::scanner().scan(vec![target], sets).unwrap();
    let gone = scanned[0].bytes == 0 && scanned[0].found == [0, 0] && !scanned[0].complete;
    say(&format!(
        "looks {} {}",
        serde_json::to_string(&seen).unwrap(),
        if gone { "gone" } else { "still there" }
    ));
}

pub fn be_looked_at() {
    custody::refuse_dumps().unwrap();
    seen_for_a_moment(|| {
        say("look");
        assert!(hear(&mut [0]));
    })
    .unwrap();
    let copy = Programme::of("self").a_name();
    say("closed");
    while hear(&mut [0]) {}
    std::hint::black_box(copy);
}

#[test]
fn a_confined_worker_reads_a_register_with_as_many_threads_as_it_likes() {
    use counterpart::synth::register::{self, RegisterPlan};

    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("register");
    register::make(&RegisterPlan::new(4_000, 7), &folder, &mut |_| {}).unwrap();
    let told = roles::command("register").arg(&folder).output_of();
    assert!(told.contains("read 4000 in threads"), "{told}");
}

/// Confines itself, then reads the register's files with the library that the stages use.
pub fn read_register(folder: &str) {
    use counterpart::register::ParquetRegister;
    use polars::prelude::{ParquetReader, SerReader};
    use rayon::prelude::*;

    let folder = Path::new(folder);
    let confined = custody::confine_worker(folder, 2 << 30, 120).unwrap();
    assert!(confined.fully(), "{confined:?}");
    assert!(std::fs::File::open("/etc/passwd").is_err());
    ParquetRegister::open(folder).unwrap();
    let persons = std::fs::File::open(folder.join("persons.parquet")).unwrap();
    let rows = ParquetReader::new(persons).finish().unwrap().height();
    let threads: std::collections::BTreeSet<i32> = (0..10_000)
        .into_par_iter()
        // SAFETY: takes nothing, gives a number.
        .map(|_| unsafe { libc::gettid() })
        .collect();
    assert!(!threads.is_empty());
    say(&format!("read {rows} in threads"));
}
