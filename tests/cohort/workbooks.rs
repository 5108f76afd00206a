//! Good workbooks: the people in them are the people of the same list as CSV.

use crate::books::*;
use crate::kit::*;
use counterpart::cohort::{self, Cohort, CohortError, Reading};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

const HEAD: [&str; 6] = [
    "Forename",
    "Surname",
    "Date of birth",
    "Postcode",
    "PNC id",
    "Start date",
];
/// Name, surname, birthday, postcode, PNC id, start.
const PEOPLE: [[&str; 6]; 4] = [
    [
        "Ada",
        "O'Quux",
        "1980-04-03",
        "M1 1AE",
        "2003/1234567Q",
        "2023-06-05",
    ],
    [
        "Zoë",
        "Ó Búrca & <Sons>",
        "1899-12-31",
        "",
        "",
        "2023-06-06",
    ],
    [
        "李",
        "Quux",
        "1975-02-28",
        "ls12 3ab",
        "79/163001B",
        "2023-06-07",
    ],
    [
        "  Bob ",
        "de  la Cruz",
        "2000-02-29",
        "NFA",
        "",
        "2023-06-08",
    ],
];

fn csv() -> String {
    let mut text = HEAD.join(",") + "\n";
    for person in PEOPLE {
        text += &(person.join(",") + "\n");
    }
    text
}

/// Everything a person is known by, in one line.
fn people(cohort: &Cohort) -> Vec<String> {
    let shown = |p: &Option<counterpart::custody::Personal>| {
        p.as_ref()
            .map_or_else(String::new, |p| p.expose().to_owned())
    };
    let line = |p: &cohort::Participant| {
        let dob = p.dob.map_or(0, |d| d.expose_days());
        let texts = [
            &p.forename,
            &p.surname,
            &p.postcode,
            &p.pnc_id,
            &p.prison_number,
            &p.sex,
        ];
        format!("{} {dob} {} {:?}", p.row, p.start, texts.map(shown))
    };
    cohort.participants.iter().map(line).collect()
}

fn read_sheet(bytes: &[u8], sheet: Option<u32>) -> Result<Cohort, CohortError> {
    let reading = Reading::of(&study_asking_for(1));
    cohort::read(&cohort::decode(bytes, sheet)?, &reading, TODAY)
}

fn ymd(text: &str) -> (u16, u8, u8) {
    let part = |from, to| text[from..to].parse::<u16>().unwrap();
    (part(0, 4), part(5, 7) as u8, part(8, 10) as u8)
}

/// The list as a spreadsheet program saves it, real date cells where there can be any.
fn xlsx(above: u32, decorate: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut book = Workbook::new();
    let day = Format::new().set_num_format("[$-809]dd mmmm yyyy;@");
    let sheet = book.add_worksheet();
    for (column, heading) in HEAD.iter().enumerate() {
        sheet.write(above, column as u16, *heading).unwrap();
    }
    for (row, person) in PEOPLE.iter().enumerate() {
        let row = above + 1 + row as u32;
        for (column, text) in person.iter().enumerate() {
            let column = column as u16;
            let is_date = matches!(column, 2 | 5) && ymd(text).0 >= 1900;
            match is_date {
                true => {
                    let (y, m, d) = ymd(text);
                    let date = ExcelDateTime::from_ymd(y, m, d).unwrap();
                    sheet.write_with_format(row, column, &date, &day).unwrap();
                }
                false if text.is_empty() => {
                    sheet.write_blank(row, column, &day).unwrap();
                }
                false => {
                    sheet.write(row, column, *text).unwrap();
                }
            }
        }
    }
    decorate(&mut book);
    book.save_to_buffer().unwrap()
}

fn ods_file() -> Vec<u8> {
    use spreadsheet_ods::{Sheet, WorkBook, write_ods_buf};
    let mut book = WorkBook::new_empty();
    let mut sheet = Sheet::new("a sheet");
    for (column, heading) in HEAD.iter().enumerate() {
        sheet.set_value(0, column as u32, *heading);
    }
    for (row, person) in PEOPLE.iter().enumerate() {
        for (column, text) in person.iter().enumerate() {
            sheet.set_value(row as u32 + 1, column as u32, *text);
        }
    }
    book.push_sheet(sheet);
    write_ods_buf(&mut book, Vec::new()).unwrap()
}

#[test]
fn the_same_people_come_from_csv_xlsx_and_ods() {
    let expected = people(&read(csv()));
    assert_eq!(expected.len(), 3, "the oldest is no calendar's to have");
    let book = read(xlsx(0, |_| {}));
    assert_eq!(people(&book), expected);
    assert_eq!((book.quality.kind, book.quality.delimiter), ("XLSX", None));
    let ods = read(ods_file());
    assert_eq!(people(&ods), expected);
    assert_eq!(ods.quality.kind, "ODS");
    let faults = |c: &Cohort| {
        c.problems
            .iter()
            .map(|p| (p.row, p.rule.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(faults(&book), faults(&ods));
}

#[test]
fn a_merged_title_above_and_rubbish_below_change_nobody() {
    let expected: Vec<String> = people(&read("\n\n".to_owned() + &csv()));
    let bytes = xlsx(2, |book| {
        let grey = Format::new().set_background_color("#DDDDDD");
        let sheet = book.worksheet_from_index(0).unwrap();
        sheet
            .merge_range(0, 0, 0, 5, "Referrals, confidential", &grey)
            .unwrap();
        sheet.write(9, 0, "Total").unwrap();
        sheet
            .write_formula(9, 1, Formula::new("=COUNTA(A4:A7)").set_result("4"))
            .unwrap();
        for column in 0..1_000 {
            sheet.write_blank(500, column, &grey).unwrap();
        }
        sheet.write_blank(1_000_000, 16_000, &grey).unwrap();
    });
    let cohort = read(bytes);
    assert_eq!(people(&cohort), expected);
    assert_eq!((cohort.submitted, cohort.quality.other_rows), (4, 1));
}

#[test]
fn hidden_rows_and_columns_are_read_and_told() {
    let cohort = read(xlsx(0, |book| {
        let sheet = book.worksheet_from_index(0).unwrap();
        sheet.set_row_hidden(2).unwrap();
        sheet.set_row_hidden(3).unwrap();
        sheet.set_column_hidden(4).unwrap();
        sheet.set_column_hidden(40).unwrap();
    }));
    assert_eq!(people(&cohort), people(&read(csv())));
    assert!(says(&cohort, "2 hidden rows in the workbook"));
    assert!(says(&cohort, "1 hidden column in the workbook"));
}

#[test]
fn the_sheet_of_people_is_chosen_and_two_of_them_are_a_question() {
    let with_lists = xlsx(0, |book| {
        let lists = book.add_worksheet();
        lists.write(0, 0, "Postcode").unwrap();
        lists.write(1, 0, "M1 1AE").unwrap();
        let hidden = book.add_worksheet();
        hidden.set_hidden(true);
        for (column, heading) in HEAD.iter().enumerate() {
            hidden.write(0, column as u16, *heading).unwrap();
        }
        hidden.write(1, 0, "Ada").unwrap();
    });
    let cohort = read(&with_lists);
    assert_eq!((cohort.quality.sheet, cohort.quality.sheets), (1, 3));
    assert_eq!(people(&cohort), people(&read(csv())));
    assert!(says(&cohort, "1 hidden sheet in the workbook"));
    let asked = read_sheet(&with_lists, Some(3)).ok().unwrap();
    assert_eq!((asked.quality.sheet, asked.submitted), (3, 1));
    let none = read_sheet(&with_lists, Some(4)).err();
    assert_eq!(
        none,
        Some(CohortError::NoSuchSheet {
            asked: 4,
            sheets: 3
        })
    );

    let two = xlsx(0, |book| {
        let more = book.add_worksheet();
        for (column, heading) in HEAD.iter().enumerate() {
            more.write(0, column as u16, *heading).unwrap();
        }
        more.write(1, 0, "Ada").unwrap();
    });
    let question = read_sheet(&two, None).err().unwrap();
    assert_eq!(
        question,
        CohortError::SeveralSheets {
            first: 1,
            second: 2,
            sheets: 2
        }
    );
    assert!(question.hint().contains("--sheet N"));
    assert_eq!(
        people(&read_sheet(&two, Some(1)).ok().unwrap()),
        people(&read(csv()))
    );
}

fn cells(cells: &str) -> String {
    format!("<row r=\"2\">{cells}</row>")
}

/// One row below the headings of the made workbook, styles 1 a date's.
fn one_row(row: &str, date1904: bool) -> Cohort {
    let styles = "<styleSheet><numFmts><numFmt numFmtId=\"170\" formatCode=\"d\\-mmm\\-yy\"/></numFmts><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"170\"/></cellXfs></styleSheet>";
    let book = book_of(&worksheet(&(heading_row() + row))).with("xl/styles.xml", styles);
    let book = match date1904 {
        true => book.edited(
            "xl/workbook.xml",
            "<sheets>",
            "<workbookPr date1904=\"1\"/><sheets>",
        ),
        false => book,
    };
    read(book.zip())
}

fn dob_and_start(cohort: &Cohort) -> (String, String) {
    let person = &cohort.participants[0];
    (iso(person.dob.unwrap().expose_days()), iso(person.start))
}

/// By hand: 29,314 and 45,082 days after 1899-12-30; four years and a day fewer from 1904.
#[test]
fn dates_of_both_calendars_are_read_with_and_without_a_date_format() {
    let expected = ("1980-04-03".to_owned(), "2023-06-05".to_owned());
    for (dob, start, date1904) in [(29_314, 45_082, false), (27_852, 43_620, true)] {
        for style in ["", " s=\"1\""] {
            let row = cells(&format!(
                "{}{}<c r=\"C2\"{style}><v>{dob}</v></c><c r=\"D2\"{style}><v>{start}.0</v></c>",
                inline("A2", "Ada"),
                inline("B2", "Quux")
            ));
            assert_eq!(dob_and_start(&one_row(&row, date1904)), expected);
        }
    }
}

#[test]
fn numbers_of_eight_digits_are_dates_year_first() {
    for dob in ["19150614", "1.9150614E7", "19150614.0"] {
        let row = cells(&format!(
            "{}{}<c r=\"C2\"><v>{dob}</v></c><c r=\"D2\"><v>20230605</v></c>",
            inline("A2", "Ada"),
            inline("B2", "Quux")
        ));
        let expected = ("1915-06-14".to_owned(), "2023-06-05".to_owned());
        assert_eq!(dob_and_start(&one_row(&row, false)), expected);
    }
}

#[test]
fn formulas_give_their_value_and_those_without_one_are_told() {
    let row = cells(
        "<c r=\"A2\" t=\"str\"><f>X1</f><v>Ada</v></c><c r=\"B2\" t=\"str\"><f>PROPER(X2)</f><v>Quux</v></c><c r=\"C2\"><f>DATE(1980,4,3)</f><v>29314</v></c><c r=\"D2\"><f>TODAY()</f></c>",
    );
    let cohort = one_row(&row, false);
    assert!(cohort.participants.is_empty());
    let start = about(&cohort, "programme_start");
    assert!(
        start[0].rule.contains("formula without the value"),
        "{}",
        start[0].rule
    );
    let row = row.replace("<f>TODAY()</f>", "<f>TODAY()</f><v>45082</v>");
    assert_eq!(one_row(&row, false).participants.len(), 1);
}

#[test]
fn cells_that_show_an_error_are_blank_and_told() {
    let row = cells(&format!(
        "{}{}<c r=\"C2\" t=\"e\"><v>#REF!</v></c>{}",
        inline("A2", "Ada"),
        inline("B2", "Quux"),
        inline("D2", "05/06/2023")
    ));
    let cohort = one_row(&row, false);
    assert!(about(&cohort, "dob")[0].rule.contains("shows an error"));
    assert_eq!(about(&cohort, "dob")[0].row, 2);
}

#[test]
fn rich_text_is_joined_and_phonetic_guides_are_dropped() {
    let texts = "<sst uniqueCount=\"7\"><si><r><t>Ad</t></r><r><rPr><b/></rPr><t xml:space=\"preserve\">a </t></r><r><t>Jane</t></r><rPh sb=\"0\" eb=\"1\"><t>guide</t></rPh></si></sst>";
    let cohort = read(shared_book(texts).zip());
    assert_eq!(
        cohort.participants[0].forename.as_ref().unwrap().expose(),
        "Ada Jane"
    );
}

#[test]
fn other_programs_dialects_are_read() {
    let prefixed = |text: &str| {
        let mut out = text
            .replace("</", "</x:")
            .replace('<', "<x:")
            .replace("<x:/x:", "</x:");
        out = out
            .replace("<x:?xml", "<?xml")
            .replace("xmlns=", "xmlns:x=");
        out
    };
    let sheet = prefixed(&worksheet(&(heading_row() + &person_row(2))));
    assert_eq!(
        read(book_of(&sheet).zip()).participants.len(),
        1,
        "prefixes"
    );

    let strict = |name: &str, parts: Parts| {
        let old = parts.0.iter().find(|(n, _)| n == name).unwrap().1.clone();
        let new = String::from_utf8(old).unwrap().replace(
            "http://schemas.openxmlformats.org/officeDocument/2006",
            "http://purl.oclc.org/ooxml/officeDocument",
        );
        parts.with(name, new)
    };
    let names = [
        "_rels/.rels",
        "xl/_rels/workbook.xml.rels",
        "xl/workbook.xml",
    ];
    let book = names.iter().fold(book(), |parts, name| strict(name, parts));
    assert_eq!(read(book.zip()).participants.len(), 1, "strict");

    let bare = worksheet(&(heading_row() + &person_row(2)));
    let bare = ["1", "2"].iter().fold(bare, |s, row| {
        ["A", "B", "C", "D"]
            .iter()
            .fold(s, |s, c| s.replace(&format!(" r=\"{c}{row}\""), ""))
            .replace(&format!("<row r=\"{row}\">"), "<row>")
    });
    assert!(!bare.contains("r=\""));
    assert_eq!(
        read(book_of(&bare).zip()).participants.len(),
        1,
        "no references"
    );

    let absolute = crate::books::book().edited(
        "xl/_rels/workbook.xml.rels",
        "worksheets/",
        "/xl/worksheets/",
    );
    assert_eq!(
        read(absolute.zip()).participants.len(),
        1,
        "absolute targets"
    );
}

#[test]
fn ods_values_repeats_and_comments_are_read_as_they_are_shown() {
    let head = ods_row(["forename", "surname", "dob", "start"]);
    let rows = "<table:table-row><table:table-cell office:value-type=\"string\"><office:annotation><text:p>a comment</text:p></office:annotation><text:p>Ada<text:s text:c=\"3\"/><text:span>Jane</text:span></text:p></table:table-cell>\
        <table:table-cell office:value-type=\"string\"><text:p>Quux</text:p></table:table-cell>\
        <table:table-cell office:value-type=\"date\" office:date-value=\"1980-04-03\"><text:p>3 April</text:p></table:table-cell>\
        <table:table-cell office:value-type=\"date\" office:date-value=\"2023-06-05T00:00:00\"><text:p>5.6.</text:p></table:table-cell>\
        <table:table-cell table:number-columns-repeated=\"16380\"/></table:table-row>\
        <table:table-row table:visibility=\"filter\"><table:table-cell office:value-type=\"string\" table:number-columns-repeated=\"2\"><text:p>Bob</text:p></table:table-cell>\
        <table:table-cell office:value-type=\"float\" office:value=\"19800403\"><text:p>1.98E+07</text:p></table:table-cell>\
        <table:table-cell office:value-type=\"float\" office:value=\"45082\"/></table:table-row>\
        <table:table-row table:number-rows-repeated=\"1048570\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>";
    let cohort = read(ods_of(&ods_table(&(head + rows))).zip());
    assert_eq!(cohort.participants.len(), 2);
    assert_eq!(
        dob_and_start(&cohort),
        ("1980-04-03".into(), "2023-06-05".into())
    );
    let forename = |at: usize| {
        cohort.participants[at]
            .forename
            .as_ref()
            .unwrap()
            .expose()
            .to_owned()
    };
    assert_eq!(
        (forename(0), forename(1)),
        ("Ada Jane".into(), "Bob".into())
    );
    assert!(says(&cohort, "1 hidden row in the workbook"));
    assert_eq!(cohort.quality.blank_rows, 0);
}

#[test]
fn linkage_reads_people_without_a_programme() {
    let reading = Reading::for_linkage();
    let read = |text: &str| {
        let table = cohort::decode(text.as_bytes(), None).ok().unwrap();
        cohort::read(&table, &reading, TODAY).ok().unwrap()
    };
    let cohort = read(
        "given_name,surname,postcode,date_of_birth,pnc\nAda,Quux,4510,19801301,\n,Quux,,19150614,\nBob,,,,\n,,,,530-4218\n,Quux,2602,,\n",
    );
    assert!(cohort.verdict.is_usable());
    let rows: Vec<u32> = cohort.participants.iter().map(|p| p.row).collect();
    assert_eq!(rows, [2, 3, 5, 6]);
    let first = cohort.participants[0].identity();
    assert!(first.record().dob.expose() == 19_801_301 && first.record().postcode == "4510");
    let second = cohort.participants[1].identity();
    assert!(second.record().dob.expose() == 19_150_614);
    assert!(cohort.participants[2].identity().record().pnc_id == "5304218");
    assert!(says(&cohort, "not a day of the calendar"));
    assert_adds_up(&cohort);
}
