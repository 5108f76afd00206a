//! Files of older and odder make: DOS text, XML in UTF-16, headings that only a mapping knows.

use crate::books::{CANARY, book, ods};
use crate::kit::*;
use counterpart::cohort::{self, Cohort, CohortError, Mapping, Reading};

const UNKNOWN: &str =
    "Vorn,Nachn,Geb,Anf\nAda,Quux,03/04/1980,05/06/2023\nBob,Quux,04/04/1980,06/06/2023\n";
const BY_HEADING: &str = "[[columns]]\nheading = \"Vorn\"\nfield = \"forename\"\n[[columns]]\nheading = \"Nachn\"\nfield = \"surname\"\n[[columns]]\nheading = \"Geb\"\nfield = \"dob\"\n[[columns]]\nheading = \"Anf\"\nfield = \"programme_start\"\n";
const BY_PLACE: &str = "[[columns]]\ncolumn = \"A\"\nfield = \"forename\"\n[[columns]]\ncolumn = \"B\"\nfield = \"surname\"\n[[columns]]\ncolumn = \"C\"\nfield = \"dob\"\n[[columns]]\ncolumn = \"D\"\nfield = \"programme_start\"\n";

fn mapped(bytes: &[u8], mapping: &str) -> Result<Cohort, CohortError> {
    let mapping = Mapping::parse(mapping).unwrap();
    let sheet = mapping.sheet;
    let reading = Reading::of(&study_asking_for(1)).mapped(Some(mapping));
    cohort::read(&cohort::decode(bytes, sheet)?, &reading, TODAY)
}

fn forename(cohort: &Cohort) -> &str {
    cohort.participants[0].forename.as_ref().unwrap().expose()
}

/// In bytes of an encoding, given the few that are not ASCII.
fn bytes(text: &str, upper: &[(char, u8)]) -> Vec<u8> {
    let byte = |c: char| match upper.iter().find(|(of, _)| *of == c) {
        Some((_, byte)) => *byte,
        None => u8::try_from(c).ok().filter(u8::is_ascii).unwrap(),
    };
    text.chars().map(byte).collect()
}

#[test]
fn names_from_dos_from_a_mac_and_from_windows_read_alike() {
    let list = |name: &str| format!("{HEAD}{name},Quux,03/04/1980,,05/06/2023\n");
    let dos = [
        ('é', 0x82),
        ('ë', 0x89),
        ('ü', 0x81),
        ('ñ', 0xA4),
        ('ø', 0x9B),
        ('á', 0xA0),
        ('è', 0x8A),
        ('ö', 0x94),
    ];
    let mac = [
        ('é', 0x8E),
        ('ë', 0x91),
        ('ü', 0x9F),
        ('ñ', 0x96),
        ('ø', 0xBF),
        ('á', 0x87),
        ('è', 0x8F),
        ('ö', 0x9A),
    ];
    let windows = [
        ('é', 0xE9),
        ('ë', 0xEB),
        ('ü', 0xFC),
        ('ñ', 0xF1),
        ('ø', 0xF8),
        ('á', 0xE1),
        ('è', 0xE8),
        ('ö', 0xF6),
    ];
    for (upper, encoding) in [
        (dos, "code page 850"),
        (mac, "Mac OS Roman"),
        (windows, "Windows-1252"),
    ] {
        for name in [
            "José", "Zoë", "Jürgen", "Begoña", "Søren", "Seán", "Adèle", "Björn", "Noël",
        ] {
            let cohort = read(bytes(&list(name), &upper));
            assert_eq!(cohort.quality.encoding, encoding, "{name}");
            assert_eq!(forename(&cohort), name, "{encoding}");
        }
    }
}

#[test]
fn an_apostrophe_of_windows_is_no_letter_of_a_mac() {
    for name in ["O\u{2019}Neil", "O\u{2019}neil", "D\u{2019}Arcy"] {
        let text = format!("{HEAD}Ada,{name},03/04/1980,,05/06/2023\n");
        let cohort = read(bytes(&text, &[('\u{2019}', 0x92)]));
        assert_eq!(cohort.quality.encoding, "Windows-1252", "{name}");
    }
    let text = format!("{HEAD}Ada,García,03/04/1980,,05/06/2023\n");
    let cohort = read(bytes(&text, &[('í', 0x92)]));
    assert_eq!(cohort.quality.encoding, "Mac OS Roman");
}

#[test]
fn every_byte_of_dos_is_the_character_it_was() {
    let cohort = read(
        [
            HEAD.as_bytes(),
            b"Zo\x89,O\xEFQuux \x80\xF5\xFF,03/04/1980,,05/06/2023\nJos\x82,Quux,04/04/1980,,05/06/2023\n",
        ]
        .concat(),
    );
    assert_eq!(cohort.quality.encoding, "code page 850");
    let surname = cohort.participants[0].surname.as_ref().unwrap().expose();
    assert!(surname.starts_with("O´Quux Ç§"), "{surname}");
}

#[test]
fn workbooks_with_parts_in_utf_16_are_read() {
    for (parts, names) in [
        (
            book(),
            ["xl/workbook.xml", "xl/worksheets/sheet1.xml"].as_slice(),
        ),
        (ods(), &["content.xml"]),
    ] {
        for (little, mark) in [(true, true), (false, true), (true, false)] {
            let mut wide = parts.clone();
            for name in names {
                let old = wide.0.iter().find(|(n, _)| n == name).unwrap();
                let text = String::from_utf8(old.1.clone()).unwrap();
                let text = text.replace("\"UTF-8\"", "\"UTF-16\"");
                let marked = if mark {
                    format!("\u{FEFF}{text}")
                } else {
                    text
                };
                let unit = |u: u16| {
                    if little {
                        u.to_le_bytes()
                    } else {
                        u.to_be_bytes()
                    }
                };
                wide = wide.with(
                    name,
                    marked.encode_utf16().flat_map(unit).collect::<Vec<u8>>(),
                );
            }
            let cohort = read(wide.zip());
            assert_eq!(forename(&cohort), CANARY);
        }
    }
}

#[test]
fn a_list_whose_headings_only_a_mapping_knows_is_read_by_it() {
    for delimiter in [",", ";", "\t", "|"] {
        let text = UNKNOWN.replace(',', delimiter);
        for mapping in [BY_HEADING, BY_PLACE] {
            let cohort = mapped(text.as_bytes(), mapping).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(cohort.participants.len(), 2, "{delimiter:?}");
            assert_eq!(forename(&cohort), "Ada");
        }
        let error = refused(&text);
        assert_eq!(error, CohortError::NoHeadings);
        assert!(error.hint().contains("--mapping") && error.hint().contains("column = \"A\""));
    }
}

#[test]
fn of_a_workbook_the_sheet_that_was_named_is_read_whatever_its_headings() {
    let book = book()
        .edited("xl/worksheets/sheet1.xml", ">forename<", ">Vorn<")
        .edited("xl/worksheets/sheet1.xml", ">surname<", ">Nachn<")
        .edited("xl/worksheets/sheet1.xml", ">dob<", ">Geb<")
        .edited("xl/worksheets/sheet1.xml", ">programme_start<", ">Anf<")
        .zip();
    assert_eq!(refused(&book), CohortError::NoHeadings);
    let cohort =
        mapped(&book, &format!("sheet = 1\n{BY_HEADING}")).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(forename(&cohort), CANARY);
}

#[test]
fn a_saved_mapping_names_the_sheet_of_a_workbook_and_none_of_a_text() {
    let once = read(book().zip());
    assert_eq!(Mapping::parse(&once.mapping).unwrap().sheet, Some(1));
    let again = mapped(&book().zip(), &once.mapping).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(again.mapping, once.mapping);
    assert_eq!(Mapping::parse(&read(HEAD).mapping).unwrap().sheet, None);
}

#[test]
fn no_break_spaces_at_the_ends_of_cells_do_not_make_a_windows_file_one_of_dos() {
    let spaced = "Ada\u{a0},Quux\u{a0},04/04/1980,,06/06/2023\n".repeat(9);
    let list = format!("{HEAD}René,Mary\u{a0}Quux,03/04/1980,,05/06/2023\n{spaced}");
    let windows = bytes(&list, &[('é', 0xE9), ('\u{a0}', 0xA0)]);
    let table = cohort::decode(&windows, None).unwrap();
    assert_eq!(table.about().encoding.name(), "Windows-1252");
    let reading = Reading::of(&study_asking_for(1));
    let cohort = cohort::read(&table, &reading, TODAY).unwrap();
    assert_eq!(forename(&cohort), "René");
}
