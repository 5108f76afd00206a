//! The sheets themselves, and how their cells look.

use super::document;
use super::xml::Xml;
use crate::report::numbers::fixed;
use crate::report::workbook::{Book, Sheet, Shown, Value};
use std::collections::BTreeSet;
use std::io;

/// Centimetres that a character takes.
const CHARACTER: f64 = 0.21;
/// Characters across a sheet without a table.
const PAGE: u8 = 100;

/// `content.xml`.
pub fn write(book: &Book) -> io::Result<Vec<u8>> {
    document("office:document-content", |xml| {
        xml.element("office:automatic-styles", &[], |xml| looks(xml, book))?;
        xml.element("office:body", &[], |xml| {
            xml.element("office:spreadsheet", &[], |xml| {
                for sheet in &book.sheets {
                    one(xml, sheet)?;
                }
                xml.element("table:database-ranges", &[], |xml| ranges(xml, book))
            })
        })
    })
}

fn looks(xml: &mut Xml, book: &Book) -> io::Result<()> {
    let columns = book.sheets.iter().flat_map(|s| &s.columns);
    let widths: BTreeSet<u8> = columns.map(|c| c.width).chain([PAGE]).collect();
    for width in widths {
        let wide = format!("{:.2}cm", f64::from(width) * CHARACTER);
        let name = column_style(width);
        style(xml, &name, "table-column", &[], |xml| {
            xml.empty(
                "style:table-column-properties",
                &[("style:column-width", &wide)],
            )
        })?;
    }
    style(xml, "row", "table-row", &[], |xml| {
        let grows = [("style:use-optimal-row-height", "true")];
        xml.empty("style:table-row-properties", &grows)
    })?;
    let bold = [("fo:font-weight", "bold")];
    let large = [("fo:font-weight", "bold"), ("fo:font-size", "15pt")];
    cell_style(xml, "title", &[], false, &large)?;
    cell_style(xml, "line", &[], false, &[])?;
    cell_style(xml, "heading", &[], true, &bold)?;
    cell_style(xml, "words", &[], true, &[])?;
    for shown in shown(book) {
        let name = number_style(shown);
        number_format(xml, &format!("{name}-format"), shown)?;
        let format = format!("{name}-format");
        cell_style(
            xml,
            &name,
            &[("style:data-style-name", &format)],
            false,
            &[],
        )?;
    }
    Ok(())
}

fn shown(book: &Book) -> BTreeSet<Shown> {
    let cells = book.sheets.iter().flat_map(|s| &s.rows).flatten();
    let of = |value: &Value| match value {
        Value::Number(_, shown) => Some(*shown),
        _ => None,
    };
    cells.filter_map(of).collect()
}

fn style(
    xml: &mut Xml,
    name: &str,
    family: &str,
    more: &[(&str, &str)],
    fill: impl FnOnce(&mut Xml) -> io::Result<()>,
) -> io::Result<()> {
    let mut said = vec![("style:name", name), ("style:family", family)];
    said.extend_from_slice(more);
    xml.element("style:style", &said, fill)
}

fn cell_style(
    xml: &mut Xml,
    name: &str,
    more: &[(&str, &str)],
    wrap: bool,
    text: &[(&str, &str)],
) -> io::Result<()> {
    style(xml, name, "table-cell", more, |xml| {
        let mut cell = vec![("style:vertical-align", "top")];
        if wrap {
            cell.push(("fo:wrap-option", "wrap"));
        }
        xml.empty("style:table-cell-properties", &cell)?;
        match text {
            [] => Ok(()),
            text => xml.empty("style:text-properties", text),
        }
    })
}

fn number_format(xml: &mut Xml, name: &str, shown: Shown) -> io::Result<()> {
    let (element, decimals, grouped) = match shown {
        Shown::Plain => ("number:number-style", None, "false"),
        Shown::Whole => ("number:number-style", Some(0), "true"),
        Shown::Decimals(n) => ("number:number-style", Some(n), "true"),
        Shown::Percent(n) => ("number:percentage-style", Some(n), "false"),
    };
    xml.element(element, &[("style:name", name)], |xml| {
        let decimals = decimals.map(|n| n.to_string());
        let mut said = vec![
            ("number:min-integer-digits", "1"),
            ("number:grouping", grouped),
        ];
        if let Some(decimals) = &decimals {
            said.push(("number:decimal-places", decimals));
            said.push(("number:min-decimal-places", decimals));
        }
        xml.empty("number:number", &said)?;
        match shown {
            Shown::Percent(_) => xml.words("number:text", "%"),
            _ => Ok(()),
        }
    })
}

fn column_style(width: u8) -> String {
    format!("column{width}")
}

fn number_style(shown: Shown) -> String {
    match shown {
        Shown::Plain => "plain".into(),
        Shown::Whole => "whole".into(),
        Shown::Decimals(n) => format!("decimals{n}"),
        Shown::Percent(n) => format!("percent{n}"),
    }
}

fn one(xml: &mut Xml, sheet: &Sheet) -> io::Result<()> {
    xml.element("table:table", &[("table:name", sheet.name)], |xml| {
        let widths = sheet.columns.iter().map(|c| c.width);
        let page = (!sheet.has_table()).then_some(PAGE);
        for width in widths.chain(page) {
            let style = column_style(width);
            xml.empty("table:table-column", &[("table:style-name", &style)])?;
        }
        for (i, line) in sheet.lines().iter().enumerate() {
            let style = match (i, sheet.has_table()) {
                (0, _) => "title",
                (_, true) => "line",
                (_, false) => "words",
            };
            row(xml, |xml| cell(xml, line, style))?;
        }
        if !sheet.has_table() {
            return Ok(());
        }
        xml.element("table:table-header-rows", &[], |xml| {
            row(xml, |xml| {
                let mut headings = sheet.columns.iter();
                headings.try_for_each(|c| cell(xml, &Value::text(c.heading), "heading"))
            })
        })?;
        for cells in &sheet.rows {
            row(xml, |xml| {
                cells.iter().try_for_each(|v| cell(xml, v, "words"))
            })?;
        }
        Ok(())
    })
}

fn row(xml: &mut Xml, fill: impl FnOnce(&mut Xml) -> io::Result<()>) -> io::Result<()> {
    xml.element("table:table-row", &[("table:style-name", "row")], fill)
}

fn cell(xml: &mut Xml, value: &Value, style: &str) -> io::Result<()> {
    let words = |xml: &mut Xml, words: &str| {
        let said = [("table:style-name", style), ("office:value-type", "string")];
        xml.element("table:table-cell", &said, |xml| paragraph(xml, words))
    };
    match value {
        Value::Text(text) => words(xml, text),
        Value::Missing(missing) => words(xml, missing.shorthand()),
        Value::Link(sheet) => {
            let said = [("table:style-name", style), ("office:value-type", "string")];
            let to = format!("#{sheet}.A1");
            xml.element("table:table-cell", &said, |xml| {
                xml.element("text:p", &[], |xml| {
                    let link = [("xlink:href", to.as_str()), ("xlink:type", "simple")];
                    xml.element("text:a", &link, |xml| xml.text(sheet))
                })
            })
        }
        Value::Number(x, shown) => {
            let kind = match shown {
                Shown::Percent(_) => "percentage",
                _ => "float",
            };
            let (style, exact) = (number_style(*shown), x.to_string());
            let said = [
                ("table:style-name", style.as_str()),
                ("office:value-type", kind),
                ("office:value", &exact),
            ];
            let read = spoken(*x, *shown);
            xml.element("table:table-cell", &said, |xml| paragraph(xml, &read))
        }
    }
}

fn paragraph(xml: &mut Xml, words: &str) -> io::Result<()> {
    // More than one space in a row would be read as one.
    let words: Vec<&str> = words.split_whitespace().collect();
    xml.words("text:p", &words.join(" "))
}

/// As the format has it, for programs that do not apply it.
fn spoken(x: f64, shown: Shown) -> String {
    match shown {
        Shown::Plain => x.to_string(),
        Shown::Whole => fixed(x, 0),
        Shown::Decimals(n) => fixed(x, n.into()),
        Shown::Percent(n) => format!("{}%", fixed(100.0 * x, n.into())),
    }
}

/// Marks every table as one, by the name of its sheet, with its headings.
fn ranges(xml: &mut Xml, book: &Book) -> io::Result<()> {
    for sheet in book.sheets.iter().filter(|s| s.has_table()) {
        let (name, first) = (sheet.name, sheet.lines().len() + 1);
        let (last, end) = (column(sheet.columns.len()), first + sheet.rows.len());
        let range = format!("{name}.A{first}:{name}.{last}{end}");
        let said = [
            ("table:name", name),
            ("table:target-range-address", &range),
            ("table:contains-header", "true"),
        ];
        xml.empty("table:database-range", &said)?;
    }
    Ok(())
}

/// The letter of the last of so many columns; no table has more than there are letters.
fn column(columns: usize) -> char {
    let letters = 'A'..='Z';
    letters.take(columns.clamp(1, 26)).last().unwrap_or('A')
}
