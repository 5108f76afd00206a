//! Workbooks part by part, as no library would write them.

use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Stands in every hostile file; must be in nothing that is said.
pub const CANARY: &str = "Zebediquuxwort";

const HEADINGS: [&str; 4] = ["forename", "surname", "dob", "programme_start"];

/// The parts of a workbook in their order.
#[derive(Clone)]
pub struct Parts(pub Vec<(String, Vec<u8>)>);

impl Parts {
    pub fn with(mut self, name: &str, content: impl Into<Vec<u8>>) -> Parts {
        let content = content.into();
        match self.0.iter_mut().find(|(n, _)| n == name) {
            Some((_, old)) => *old = content,
            None => self.0.push((name.into(), content)),
        }
        self
    }

    pub fn without(mut self, name: &str) -> Parts {
        self.0.retain(|(n, _)| n != name);
        self
    }

    pub fn edited(self, name: &str, from: &str, to: &str) -> Parts {
        let old = self.0.iter().find(|(n, _)| n == name).unwrap();
        let old = String::from_utf8(old.1.clone()).unwrap();
        assert!(old.contains(from), "{from} is in {name}");
        self.with(name, old.replacen(from, to, 1))
    }

    pub fn zip(&self) -> Vec<u8> {
        self.packed(CompressionMethod::Deflated)
    }

    pub fn packed(&self, method: CompressionMethod) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(method);
        for (name, content) in &self.0 {
            zip.start_file(name.as_str(), options).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }
}

pub const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
pub const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

/// A worksheet of these rows.
pub fn worksheet(rows: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData></worksheet>"
    )
}

pub fn inline(reference: &str, text: &str) -> String {
    format!("<c r=\"{reference}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

pub fn heading_row() -> String {
    let cells = ["A1", "B1", "C1", "D1"].iter().zip(HEADINGS);
    let cells: String = cells.map(|(r, h)| inline(r, h)).collect();
    format!("<row r=\"1\">{cells}</row>")
}

pub fn person_row(row: u64) -> String {
    let cell = |column: &str, text: &str| inline(&format!("{column}{row}"), text);
    format!(
        "<row r=\"{row}\">{}{}{}{}</row>",
        cell("A", CANARY),
        cell("B", CANARY),
        cell("C", "03/04/1980"),
        cell("D", "05/06/2023")
    )
}

/// A good workbook: one sheet, one person.
pub fn book() -> Parts {
    book_of(&worksheet(&(heading_row() + &person_row(2))))
}

pub fn book_of(sheet: &str) -> Parts {
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{RELATIONS}/{kind}\" Target=\"{target}\"/>")
    };
    let list = |relations: String| {
        format!(
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{relations}</Relationships>"
        )
    };
    let workbook = format!(
        "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATIONS}\"><sheets><sheet name=\"{CANARY}\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
    );
    Parts(Vec::new())
        .with(
            "[Content_Types].xml",
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>",
        )
        .with(
            "_rels/.rels",
            list(relation("rId1", "officeDocument", "xl/workbook.xml")),
        )
        .with("xl/workbook.xml", workbook)
        .with(
            "xl/_rels/workbook.xml.rels",
            list(
                relation("rId1", "worksheet", "worksheets/sheet1.xml")
                    + &relation("rId2", "sharedStrings", "sharedStrings.xml")
                    + &relation("rId3", "styles", "styles.xml"),
            ),
        )
        .with("xl/worksheets/sheet1.xml", sheet)
}

/// A workbook whose one person's forename is a shared text.
pub fn shared_book(texts: &str) -> Parts {
    let row = person_row(2).replacen(&inline("A2", CANARY), "<c r=\"A2\" t=\"s\"><v>0</v></c>", 1);
    book_of(&worksheet(&(heading_row() + &row))).with("xl/sharedStrings.xml", texts)
}

pub fn ods_cell(text: &str) -> String {
    format!(
        "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"
    )
}

pub fn ods_row(cells: [&str; 4]) -> String {
    format!(
        "<table:table-row>{}</table:table-row>",
        cells.map(ods_cell).concat()
    )
}

pub fn ods_people() -> String {
    ods_row(HEADINGS) + &ods_row([CANARY, CANARY, "03/04/1980", "05/06/2023"])
}

/// An ODS file whose spreadsheet has this content.
pub fn ods_of(tables: &str) -> Parts {
    let names = ["office", "table", "text", "style", "calcext"];
    let names: String = names
        .iter()
        .map(|n| format!(" xmlns:{n}=\"urn:{n}\""))
        .collect();
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content{names}><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    );
    Parts(Vec::new())
        .with("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        .with(
            "META-INF/manifest.xml",
            "<manifest:manifest xmlns:manifest=\"urn:m\"/>",
        )
        .with("content.xml", content)
}

/// A table of an ODS file.
pub fn ods_table(rows: &str) -> String {
    format!("<table:table table:name=\"{CANARY}\">{rows}</table:table>")
}

pub fn ods() -> Parts {
    ods_of(&ods_table(&ods_people()))
}
