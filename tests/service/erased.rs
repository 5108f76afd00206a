//! Sixteen lists at once, of two hundred people each who are nobody, and then nobody of them
//! anywhere: not in the server's memory, not on its disk, not in what it said.

use crate::kit::{Service, folder};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// Surnames that stand nowhere else.
fn surname(list: usize, person: usize) -> String {
    let letter = |n: usize| char::from(b'a' + (n % 26) as u8);
    let mut name = String::from("Qz");
    for (n, digit) in format!("{list:02}{person:03}").bytes().enumerate() {
        name.push(letter(usize::from(digit) * 7 + n * 5));
        name.push(letter(usize::from(digit) + n * 3));
    }
    name + "wyx"
}

fn list(number: usize) -> Vec<u8> {
    let mut text = String::from("forename,surname,dob,sex,postcode,programme_start\n");
    for person in 0..200 {
        let (day, month) = (person % 28 + 1, person % 12 + 1);
        let surname = surname(number, person);
        let _ = writeln!(
            text,
            "Zebedee,{surname},{day:02}/{month:02}/1980,M,,05/03/2022"
        );
    }
    text.into_bytes()
}

/// A way to write a text.
type Form = fn(&str) -> Vec<u8>;

/// How many of the people are found in the files below a folder, in UTF-8, either UTF-16, hexadecimal
/// or in capitals or small letters.
fn found(folder: &Path) -> usize {
    let mut bytes = Vec::new();
    collect(folder, &mut bytes);
    let mut here = BTreeSet::new();
    for list in 0..16 {
        for person in 0..200 {
            here.insert(surname(list, person));
        }
    }
    // All have the same first letters: one pass finds where to look.
    let forms: [Form; 6] = [
        |s| s.as_bytes().to_vec(),
        |s| s.to_uppercase().into_bytes(),
        |s| s.to_lowercase().into_bytes(),
        |s| s.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        |s| s.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        |s| {
            s.bytes()
                .flat_map(|b| format!("{b:02x}").into_bytes())
                .collect()
        },
    ];
    let mut seen = BTreeSet::new();
    for form in forms {
        let names: BTreeSet<Vec<u8>> = here.iter().map(|n| form(n)).collect();
        let (start, length) = (form("Qz"), form(here.first().unwrap()).len());
        let mut at = 0;
        while let Some(next) = memfind(&bytes[at..], &start) {
            at += next;
            if let Some(window) = bytes.get(at..at + length)
                && names.contains(window)
            {
                seen.insert(window.to_vec());
            }
            at += 1;
        }
    }
    seen.len()
}

fn memfind(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|w| w == what)
}

fn collect(folder: &Path, to: &mut Vec<u8>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        to.extend(path.file_name().unwrap().as_encoded_bytes());
        match path.is_dir() {
            true => collect(&path, to),
            // A database's own lock files come and go.
            false => to.extend(std::fs::read(&path).unwrap_or_default()),
        }
    }
}

/// A dump of a process's memory, in a folder of its own.
fn dump(process: u32, folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    let done = Command::new("gcore")
        .arg("-a")
        .arg("-o")
        .arg(folder.join("core"))
        .arg(process.to_string())
        .output()
        .unwrap();
    assert!(done.status.success(), "gcore");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_sixteen_lists_at_once_nobody_is_left_anywhere() {
    let dir = folder();
    let service = Service::start(&dir.path().join("data"));
    let charity = service.sign_in("ann@hand.org", "Hand", "charity").await;
    let programme = charity.programme("Mentoring").await;
    let uploads = (0..16).map(|n| {
        let (charity, programme) = (charity.clone(), programme.clone());
        tokio::spawn(async move { charity.submit(&programme, &n.to_string(), list(n)).await })
    });
    let uploads: Vec<_> = uploads.collect();
    let mut ids = Vec::new();
    for upload in uploads {
        let (status, accepted) = upload.await.unwrap();
        assert_eq!(status, 202, "{accepted}");
        ids.push(accepted["id"].as_str().unwrap().to_owned());
    }
    for id in &ids {
        let ended = charity.end_of(id).await;
        assert_eq!(ended["state"], "erased", "{ended}");
        let evidence = charity.verified(id, &service).await;
        assert_eq!(evidence["canaries"]["found_after"], 0);
    }
    let after = dir.path().join("after");
    dump(service.process.id(), &after);
    // That the search can see: the same people in a file.
    let shown = dir.path().join("shown");
    std::fs::create_dir(&shown).unwrap();
    let half: Vec<u8> = (0..8).flat_map(list).collect();
    std::fs::write(shown.join("lists"), half).unwrap();
    assert_eq!(found(&shown), 8 * 200);
    assert_eq!(found(&after), 0, "in the server's memory");
    assert_eq!(found(&service.data), 0, "on its disk");
    let said = std::fs::read(service.data.with_extension("stderr")).unwrap();
    assert!(memfind(&said, b"Qz").is_none(), "in what it said");
}
