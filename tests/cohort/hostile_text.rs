//! Hostile files that are, or pretend to be, text.

use crate::books::CANARY;
use crate::hostile::{End, Group};
use rand::rand_core::SeedableRng;
use rand::{Rng, RngExt};
use rand_chacha::ChaCha12Rng;

const HEAD: &str = "forename,surname,dob,programme_start\n";

fn person() -> String {
    format!("{CANARY},{CANARY},03/04/1980,05/06/2023\n")
}

#[test]
fn other_kinds_of_file_are_refused_whatever_their_name() {
    let mut group = Group::new();
    let kinds: [(&str, &[u8]); 20] = [
        ("old Excel", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"),
        ("Excel 2", b"\x09\x00\x04\x00\x02\x00"),
        ("Excel 3", b"\x09\x02\x06\x00\x00\x00"),
        ("PDF", b"%PDF-1.7\n"),
        ("gzip", b"\x1F\x8B\x08\x00"),
        ("7z", b"7z\xBC\xAF\x27\x1C"),
        ("RAR", b"Rar!\x1A\x07\x01\x00"),
        ("bzip2", b"BZh91AY&SY"),
        ("xz", b"\xFD7zXZ\x00"),
        ("zstd", b"\x28\xB5\x2F\xFD"),
        ("RTF", b"{\\rtf1\\ansi "),
        ("Parquet", b"PAR1"),
        ("SQLite", b"SQLite format 3\0"),
        ("Access", b"\x00\x01\x00\x00Standard Jet DB\0"),
        ("PNG", b"\x89PNG\r\n\x1a\n"),
        ("JPEG", b"\xFF\xD8\xFF\xE0"),
        ("GIF", b"GIF89a"),
        ("program", b"\x7FELF\x02\x01\x01"),
        ("HTML named XLS", b"\xEF\xBB\xBF\r\n <html><table><tr><td>"),
        ("XML with an entity", b"<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><x>&a;</x>"),
    ];
    for (what, start) in kinds {
        group.unreadable(what, [start, CANARY.as_bytes()].concat());
    }
    group.unreadable("JSON", format!("[{{\"surname\": \"{CANARY}\"}}]"));
    group.check(21);
}

#[test]
fn text_that_breaks_the_reader_s_rules_is_refused() {
    let mut group = Group::new();
    group.unreadable("nothing", "");
    group.unreadable("white space", " \n\t\r\n".repeat(1000));
    group.unreadable("a lone quote in 50 MB", {
        let mut text = format!("{HEAD}\"{CANARY}");
        while text.len() < 50 << 20 {
            text += ",03/04/1980\n";
        }
        text
    });
    group.unreadable(
        "a quote in mid-cell",
        format!("{HEAD}\"{CANARY}\" x,b,c,d\n"),
    );
    group.unreadable("NUL bytes", format!("{HEAD}{CANARY}\0,b,c,d\n"));
    group.unreadable("bells", format!("{HEAD}{CANARY}\x07,b,c,d\n"));
    group.unreadable(
        "terminal escapes",
        format!("{HEAD}{CANARY}\x1B]0;x\x07,b,c,d\n"),
    );
    group.unreadable(
        "a million columns",
        format!("{HEAD}{CANARY}{}\n", ",x".repeat(1_000_000)),
    );
    group.unreadable(
        "a million headings",
        format!("forename{}\n", ",surname".repeat(1_000_000)),
    );
    group.unreadable(
        "a giant cell",
        format!("{HEAD}{}\n", CANARY.repeat(100_000)),
    );
    group.unreadable(
        "a giant quoted cell",
        format!("{HEAD}\"{}\"\n", "\"\"".repeat(2_000_000)),
    );
    group.unreadable(
        "a million rows",
        format!("{HEAD}{}", person().repeat(250_000)),
    );
    group.unreadable("101 MB", vec![b'a'; (100 << 20) + 1]);
    group.unreadable(
        "30 million cells",
        format!(
            "{HEAD}{}",
            format!("{CANARY}{}\n", ",".repeat(190)).repeat(150_000)
        ),
    );
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    group.unreadable(
        "UTF-16 with a lone surrogate",
        [b"\xFF\xFE", &wide(HEAD)[..], b"\x00\xD8"].concat(),
    );
    group.unreadable(
        "UTF-16 with half a character",
        [b"\xFF\xFE", &wide(HEAD)[..], b"\x41"].concat(),
    );
    group.unreadable(
        "UTF-32 beyond Unicode",
        [&b"\xFF\xFE\0\0"[..], b"\xFF\xFF\xFF\x7F"].concat(),
    );
    group.unreadable(
        "bad UTF-8 behind a mark",
        b"\xEF\xBB\xBFsurname,\xFF\xFE\xFD\n",
    );
    group.unusable("no headings", person());
    group.unusable(
        "a heading and 30,000 people of faults",
        format!(
            "{HEAD}{}",
            format!("{CANARY}1,=cmd|x,99/99/9999,x\n").repeat(30_000)
        ),
    );
    group.unusable(
        "formulas for names",
        format!("{HEAD}=HYPERLINK(\"{CANARY}\"),@x,03/04/1980,05/06/2023\n"),
    );
    group.unusable(
        "a person's name for a heading",
        format!("surname,{CANARY},dob,start\nx,y,03/04/1980,05/06/2023\n"),
    );
    group.unusable(
        "direction marks",
        format!("{HEAD}\u{202E}{CANARY}\u{202C},b,c,d\n"),
    );
    group.check(23);
}

#[test]
fn random_bytes_are_refused() {
    let mut group = Group::new();
    for seed in 0..20 {
        let mut random = ChaCha12Rng::seed_from_u64(seed);
        let mut bytes = vec![0; random.random_range(1..100_000)];
        random.fill_bytes(&mut bytes);
        // Half of them pretend to be a workbook.
        if seed % 2 == 0 {
            bytes.splice(0..0, *b"PK\x03\x04");
        }
        group.add(format!("random bytes {seed}"), bytes, End::Either);
    }
    group.check(20);
}
