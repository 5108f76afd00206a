//! Hostile workbooks.

use crate::books::*;
use crate::hostile::{End, Group};
use rand::RngExt;
use rand::rand_core::SeedableRng;
use rand_chacha::ChaCha12Rng;
use zip::CompressionMethod;

const SHEET: &str = "xl/worksheets/sheet1.xml";
const WORKBOOK: &str = "xl/workbook.xml";
const LINKS: &str = "xl/_rels/workbook.xml.rels";

/// The good workbook with these rows below the headings.
fn rows(rows: &str) -> Vec<u8> {
    book_of(&worksheet(&(heading_row() + rows))).zip()
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    let mut group = Group::new();
    let spaces = |n: usize| " ".repeat(n);
    group.unreadable(
        "100 MB of spaces in a sheet",
        book_of(&worksheet(&(heading_row() + &spaces(100 << 20)))).zip(),
    );
    group.unreadable("60 MB of blank rows", rows(&"<row/>".repeat(10 << 20)));
    group.unreadable(
        "a shared text of 60 MB",
        shared_book(&format!(
            "<sst><si><t>{}</t></si></sst>",
            CANARY.repeat(4 << 20)
        ))
        .zip(),
    );
    group.unreadable(
        "5 million shared texts",
        shared_book(&format!(
            "<sst>{}</sst>",
            "<si><t>x</t></si>".repeat(5_000_000)
        ))
        .zip(),
    );
    group.unreadable(
        "a comment of 40 MB",
        rows(&format!("<!--{}-->", "x".repeat(40 << 20))),
    );
    group.unreadable(
        "an attribute of 20 MB",
        rows(&format!("<row r=\"2\" x=\"{}\"/>", "x".repeat(20 << 20))),
    );
    group.unreadable(
        "a tag's name of 20 MB",
        rows(&format!("<{0}></{0}>", "x".repeat(10 << 20))),
    );
    group.unreadable(
        "a style sheet of 60 MB",
        book()
            .with(
                "xl/styles.xml",
                format!(
                    "<styleSheet><cellXfs>{}</cellXfs></styleSheet>",
                    "<xf numFmtId=\"14\"/>".repeat(3 << 20)
                ),
            )
            .zip(),
    );
    group.unreadable(
        "relations without end",
        book()
            .with(
                LINKS,
                format!(
                    "<Relationships>{}</Relationships>",
                    "<Relationship Id=\"a\" Type=\"b\" Target=\"c\"/>".repeat(500_000)
                ),
            )
            .zip(),
    );
    group.unreadable(
        "content.xml of 100 MB",
        ods_of(&(ods_table(&ods_people()) + &spaces(100 << 20))).zip(),
    );
    group.unreadable(
        "a workbook in a zip",
        Parts(Vec::new()).with("list.xlsx", book().zip()).zip(),
    );
    group.unreadable(
        "10 zips within each other",
        (0..10).fold(book().zip(), |inner, _| {
            Parts(Vec::new()).with("inner.zip", inner).zip()
        }),
    );
    group.check(12);
}

#[test]
fn what_a_file_says_of_its_size_is_not_believed() {
    let mut group = Group::new();
    let far = |reference: &str, row: &str| {
        rows(&format!(
            "<row r=\"{row}\">{}</row>",
            inline(reference, CANARY)
        ))
    };
    group.unreadable("two cells far apart", far("XFD1048576", "1048576"));
    group.unreadable("a cell in the last column", far("XFD2", "2"));
    group.unreadable(
        "a row of number 10^18",
        far("A1000000000000000000", "1000000000000000000"),
    );
    group.unreadable(
        "a row of number 10^30",
        far("A1", "1000000000000000000000000000000"),
    );
    group.unreadable(
        "a column of letters without end",
        far("ZZZZZZZZZZZZZZZZ2", "2"),
    );
    group.unreadable("a reference without letters", far("2", "2"));
    group.unreadable("a negative row", far("A2", "-2"));
    let lying =
        "<sst count=\"4294967295\" uniqueCount=\"18446744073709551615\"><si><t>Ada</t></si></sst>";
    group.unusable("a lying uniqueCount", shared_book(lying).zip());
    group.unreadable(
        "a shared text that is not there",
        shared_book("<sst/>").zip(),
    );
    group.unreadable(
        "a shared text of number -1",
        book()
            .edited(
                SHEET,
                "t=\"inlineStr\"><is><t>forename</t></is>",
                "t=\"s\"><v>-1</v>",
            )
            .zip(),
    );
    group.unusable(
        "a lying dimension",
        book()
            .edited(
                SHEET,
                "<sheetData>",
                "<dimension ref=\"A1:XFD1048576\"/><sheetData>",
            )
            .zip(),
    );
    group.unusable("hidden columns to the end of time", book().edited(SHEET, "<sheetData>", "<cols><col min=\"1\" max=\"18446744073709551615\" hidden=\"1\"/></cols><sheetData>").zip());
    group.unreadable("rows out of order", rows(&(person_row(9) + &person_row(3))));
    group.unreadable(
        "the same row twice",
        rows(&(person_row(3) + &person_row(3))),
    );
    group.unreadable(
        "cells out of order",
        rows(&format!(
            "<row r=\"2\">{}{}</row>",
            inline("B2", "x"),
            inline("A2", "x")
        )),
    );
    group.unreadable(
        "200,000 sheets",
        book()
            .edited(
                WORKBOOK,
                "</sheets>",
                &("<sheet name=\"x\" sheetId=\"2\" r:id=\"rId1\"/>".repeat(200_000) + "</sheets>"),
            )
            .zip(),
    );
    group.unreadable(
        "5,000 parts",
        (0..5_000)
            .fold(book(), |b, i| {
                let mut b = b;
                b.0.push((format!("x{i}"), Vec::new()));
                b
            })
            .packed(CompressionMethod::Stored),
    );
    let odd = |attributes: &str, cell: &str| {
        ods_of(&ods_table(&format!(
            "{}<table:table-row {attributes}>{cell}</table:table-row>",
            ods_people()
        )))
        .zip()
    };
    let repeated = |n: &str| {
        ods_cell(CANARY).replacen(
            "<table:table-cell",
            &format!("<table:table-cell table:number-columns-repeated=\"{n}\""),
            1,
        )
    };
    group.unreadable("a cell repeated 16,384 times", odd("", &repeated("16384")));
    group.unreadable(
        "10^9 repeated cells",
        odd("table:number-rows-repeated=\"1048576\"", &repeated("1000")),
    );
    group.unreadable(
        "a person repeated 10^15 times",
        odd(
            "table:number-rows-repeated=\"1000000000000000\"",
            &ods_cell(CANARY),
        ),
    );
    group.unreadable(
        "repeated 0 times",
        odd("table:number-rows-repeated=\"0\"", &ods_cell(CANARY)),
    );
    group.unreadable("repeated -1 times", odd("", &repeated("-1")));
    group.unusable(
        "blank cells repeated 10^18 times",
        odd(
            "table:number-rows-repeated=\"1000000000000000000\"",
            "<table:table-cell table:number-columns-repeated=\"1000000000000000000\"/>",
        ),
    );
    group.unreadable(
        "many long cells repeated",
        odd(
            "table:number-rows-repeated=\"190000\"",
            &ods_cell(&CANARY.repeat(700)).repeat(100),
        ),
    );
    group.unusable("dates beyond every calendar", rows(&format!("<row r=\"2\">{}{}<c r=\"C2\"><v>1e300</v></c><c r=\"D2\"><v>-99999999999</v></c></row>", inline("A2", CANARY), inline("B2", CANARY))));
    group.check(25);
}

#[test]
fn xml_that_no_workbook_needs_is_refused() {
    let mut group = Group::new();
    let bomb = format!(
        "<!DOCTYPE x [<!ENTITY a \"{CANARY}\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">]>"
    );
    let outside = "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>";
    let from_afar = "<!DOCTYPE x SYSTEM \"http://127.0.0.1:9/x.dtd\">";
    for (what, declared) in [
        ("a billion laughs", bomb.as_str()),
        ("an outside entity", outside),
        ("a DTD from afar", from_afar),
    ] {
        for part in [SHEET, WORKBOOK, LINKS] {
            let old = book().0.into_iter().find(|(n, _)| n == part).unwrap().1;
            let old = String::from_utf8(old).unwrap();
            let old = old.trim_start_matches("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
            group.unreadable(
                format!("{what} in {part}"),
                book().with(part, format!("{declared}{old}")).zip(),
            );
        }
    }
    group.unreadable(
        "a billion laughs in shared texts",
        shared_book(&format!("{bomb}<sst><si><t>&c;</t></si></sst>")).zip(),
    );
    group.unreadable(
        "an outside entity in ODS",
        ods()
            .edited(
                "content.xml",
                "<office:document-content",
                &format!("{outside}<office:document-content"),
            )
            .zip(),
    );
    group.unreadable(
        "an entity that is not declared",
        book().edited(SHEET, CANARY, "&secret;").zip(),
    );
    group.unreadable(
        "a reference to character 0",
        book().edited(SHEET, CANARY, "&#0;").zip(),
    );
    group.unreadable(
        "a reference to a surrogate",
        book().edited(SHEET, CANARY, "&#xD800;").zip(),
    );
    group.unreadable(
        "a reference beyond Unicode",
        book().edited(SHEET, CANARY, "&#x110000;").zip(),
    );
    group.unreadable(
        "100,000 elements in each other",
        rows(&("<x>".repeat(100_000) + &"</x>".repeat(100_000))),
    );
    group.unreadable(
        "100,000 spans in each other",
        ods()
            .edited(
                "content.xml",
                CANARY,
                &("<text:span>".repeat(100_000) + &"</text:span>".repeat(100_000)),
            )
            .zip(),
    );
    group.unreadable(
        "tags that do not match",
        book().edited(SHEET, "</row>", "</wor>").zip(),
    );
    group.unreadable(
        "a sheet that breaks off",
        book().edited(SHEET, "</sheetData></worksheet>", "").zip(),
    );
    group.unreadable(
        "two attributes in one",
        book().edited(SHEET, "<row r=\"1\"", "<row r=\"1").zip(),
    );
    group.unreadable(
        "another root",
        book().with(SHEET, format!("<html>{CANARY}</html>")).zip(),
    );
    group.unreadable("no XML at all", book().with(WORKBOOK, CANARY).zip());
    group.unreadable(
        "UTF-16 XML",
        book()
            .with(SHEET, b"\xFF\xFE<\0?\0x\0m\0l\0".to_vec())
            .zip(),
    );
    group.unreadable(
        "another encoding declared",
        book().edited(SHEET, "UTF-8", "EBCDIC-CP-US").zip(),
    );
    let mut bad = worksheet(&(heading_row() + &person_row(2))).into_bytes();
    bad.splice(200..200, *b"\xFF\xC0\x80");
    group.unreadable("bad UTF-8", book().with(SHEET, bad).zip());
    group.check(25);
}

#[test]
fn workbooks_without_their_parts_are_refused() {
    let mut group = Group::new();
    group.unreadable("no workbook.xml", book().without(WORKBOOK).zip());
    group.unreadable("no sheet", book().without(SHEET).zip());
    group.unreadable("no relations", book().without(LINKS).zip());
    group.unreadable(
        "an empty sheet list",
        book()
            .with(WORKBOOK, format!("<workbook xmlns=\"{MAIN}\"/>"))
            .zip(),
    );
    group.unreadable(
        "a sheet in a file outside",
        book()
            .edited(
                LINKS,
                "worksheets/sheet1.xml\"",
                "file:///etc/passwd\" TargetMode=\"External\"",
            )
            .zip(),
    );
    group.unreadable(
        "a sheet above the container",
        book()
            .edited(LINKS, "worksheets/sheet1.xml", "../../../../etc/passwd")
            .zip(),
    );
    group.unreadable(
        "relations in a circle",
        book()
            .edited("_rels/.rels", "xl/workbook.xml", "_rels/.rels")
            .zip(),
    );
    group.unreadable(
        "the workbook is its own sheet",
        book()
            .edited(LINKS, "worksheets/sheet1.xml", "workbook.xml")
            .zip(),
    );
    group.unreadable(
        "a binary workbook",
        book()
            .edited("_rels/.rels", "xl/workbook.xml", "xl/workbook.bin")
            .zip(),
    );
    group.unreadable(
        "a text document",
        book()
            .edited("_rels/.rels", "xl/workbook.xml", "word/document.xml")
            .zip(),
    );
    group.unreadable(
        "an ODT",
        ods()
            .with("mimetype", "application/vnd.oasis.opendocument.text")
            .zip(),
    );
    group.unreadable("an ODS without content", ods().without("content.xml").zip());
    group.unreadable(
        "an ODS without a spreadsheet",
        ods()
            .edited("content.xml", "office:spreadsheet", "office:text")
            .edited("content.xml", "/office:spreadsheet", "/office:text")
            .zip(),
    );
    group.unreadable(
        "an ODS behind a password",
        ods()
            .edited(
                "META-INF/manifest.xml",
                "/>",
                "><m:encryption-data/></manifest:manifest>",
            )
            .zip(),
    );
    group.unreadable("an ODS without sheets", ods_of("").zip());
    group.unreadable(
        "a zip of pictures",
        Parts(Vec::new()).with("a.png", CANARY).zip(),
    );
    group.unreadable("an empty zip", Parts(Vec::new()).zip());
    group.unusable(
        "a sheet without headings",
        book_of(&worksheet(&person_row(1))).zip(),
    );
    group.unusable("an empty sheet", book_of(&worksheet("")).zip());
    let sheet = ods_table(&ods_people());
    group.unusable(
        "people on two sheets",
        ods_of(&(sheet.clone() + &sheet)).zip(),
    );
    group.check(20);
}

/// Writes a number over the bytes at every place of a mark, so far behind it.
fn patched(mut bytes: Vec<u8>, mark: &[u8], behind: usize, value: &[u8]) -> Vec<u8> {
    let places: Vec<usize> = bytes
        .windows(mark.len())
        .enumerate()
        .filter(|(_, w)| *w == mark)
        .map(|(at, _)| at + behind)
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + value.len()].copy_from_slice(value);
    }
    bytes
}

#[test]
fn containers_that_lie_are_refused() {
    const LOCAL: &[u8] = b"PK\x01\x02";
    const END: &[u8] = b"PK\x05\x06";
    let mut group = Group::new();
    let good = || book().zip();
    let stored = || book().packed(CompressionMethod::Stored);
    group.unreadable("an encrypted flag", patched(good(), LOCAL, 8, &[1, 0]));
    group.unreadable(
        "a packed size beyond the file",
        patched(good(), LOCAL, 20, &0x7FFF_FFFF_u32.to_le_bytes()),
    );
    group.unreadable(
        "a packed size of zip64 that is not there",
        patched(good(), LOCAL, 20, &u32::MAX.to_le_bytes()),
    );
    group.unreadable(
        "all parts in one place",
        patched(good(), LOCAL, 42, &0_u32.to_le_bytes()),
    );
    group.unreadable(
        "parts beyond the file",
        patched(good(), LOCAL, 42, &0x7FFF_FFFF_u32.to_le_bytes()),
    );
    group.unreadable(
        "wrong checksums",
        patched(good(), LOCAL, 16, &0xDEAD_BEEF_u32.to_le_bytes()),
    );
    group.unreadable("an unknown packing", patched(good(), LOCAL, 10, &[99, 0]));
    group.unreadable("stored as if packed", patched(stored(), LOCAL, 10, &[8, 0]));
    group.unreadable(
        "a directory of 65,535 parts",
        patched(good(), END, 10, &[0xFF, 0xFF]),
    );
    group.unreadable(
        "a directory of no parts",
        patched(patched(good(), END, 8, &[0, 0]), END, 10, &[0, 0]),
    );
    group.unreadable(
        "a directory outside the file",
        patched(good(), END, 16, &0x7FFF_FFFF_u32.to_le_bytes()),
    );
    group.unreadable(
        "a directory on another disk",
        patched(good(), END, 4, &[7, 0]),
    );
    group.unreadable(
        "a name that climbs out",
        book().with("../../../../tmp/x", CANARY).zip(),
    );
    group.unreadable(
        "a name that climbs out by backslashes",
        book().with("..\\..\\x", CANARY).zip(),
    );
    group.unreadable(
        "two parts of one name but for case",
        book().with("XL/Worksheets/Sheet1.xml", CANARY).zip(),
    );
    let twice = book().with("xl/worksheets/sheet2.xml", CANARY).zip();
    group.unreadable(
        "two parts of one name",
        patched(
            patched(twice.clone(), b"sheet2.xml", 0, b"sheet1.xml"),
            END,
            4,
            &[0],
        ),
    );
    let unsized_twice = patched(twice, b"sheet2.xml", 5, b"\0");
    group.unreadable("a NUL in a name", unsized_twice);
    group.check(17);
}

#[test]
fn workbooks_that_break_off_are_refused() {
    let mut group = Group::new();
    for (kind, whole) in [("XLSX", book().zip()), ("ODS", ods().zip())] {
        for tenth in 1..=9 {
            group.unreadable(
                format!("{tenth} tenths of {kind}"),
                &whole[..whole.len() * tenth / 10],
            );
        }
        group.unreadable(
            format!("{kind} without its last byte"),
            &whole[..whole.len() - 1],
        );
    }
    group.check(20);
}

#[test]
fn flipped_bits_are_survived() {
    let mut group = Group::new();
    for seed in 0..20 {
        let mut random = ChaCha12Rng::seed_from_u64(seed);
        let method = [CompressionMethod::Stored, CompressionMethod::Deflated][seed as usize % 2];
        let whole = if seed % 4 < 2 { book() } else { ods() };
        let mut bytes = whole.packed(method);
        for _ in 0..=seed {
            let at = random.random_range(0..bytes.len());
            bytes[at] ^= 1 << random.random_range(0..8);
        }
        group.add(format!("flipped bits {seed}"), bytes, End::Either);
    }
    group.check(20);
}
