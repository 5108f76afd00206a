//! The tables as an Office Open XML workbook.

use super::workbook::{Book, LANGUAGE, Sheet, Shown, Value};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, Table, TableColumn, TableStyle, Url,
    Workbook, Worksheet, XlsxError,
};

/// Said where the findings do not say when they were made: the same findings, the same bytes.
const MADE: (u16, u8, u8) = (2020, 1, 1);
/// Characters across a sheet without a table.
const PAGE: f64 = 100.0;

/// The file's bytes.
///
/// # Errors
/// What the library says; a book of [`Book::of`] gives it no reason.
pub fn write(book: &Book) -> Result<Vec<u8>, XlsxError> {
    let mut file = Workbook::new();
    let said = DocProperties::new()
        .set_title(&book.title)
        .set_comment(&book.description)
        .set_custom_property("Language", LANGUAGE);
    let made = match book.made {
        Some(made) => ExcelDateTime::from_timestamp(made.as_second())?,
        None => ExcelDateTime::from_ymd(MADE.0, MADE.1, MADE.2)?,
    };
    file.set_properties(&said.set_creation_datetime(&made));
    for sheet in &book.sheets {
        one(file.add_worksheet(), sheet)?;
    }
    file.save_to_buffer()
}

fn one(out: &mut Worksheet, sheet: &Sheet) -> Result<(), XlsxError> {
    let lines = sheet.lines();
    let head = lines.len() as u32;
    out.set_name(sheet.name)?;
    out.set_landscape().set_print_fit_to_pages(1, 0);
    for (row, line) in (0_u32..).zip(&lines) {
        cell(out, (row, 0), line, &line_format(row == 0, sheet))?;
    }
    if !sheet.has_table() {
        out.set_column_width(0, PAGE)?;
        return Ok(());
    }
    let top = Format::new().set_align(FormatAlign::Top).set_text_wrap();
    for (at, column) in (0_u16..).zip(&sheet.columns) {
        out.set_column_width(at, f64::from(column.width))?;
    }
    for (row, cells) in (head + 1..).zip(&sheet.rows) {
        for (at, value) in (0_u16..).zip(cells) {
            cell(out, (row, at), value, &top)?;
        }
    }
    table(out, sheet, head)?;
    if sheet.is_long() {
        out.set_freeze_panes(head + 1, 0)?;
    }
    out.set_repeat_rows(head, head)?;
    Ok(())
}

/// Marks the table as one, its headings with it.
fn table(out: &mut Worksheet, sheet: &Sheet, head: u32) -> Result<(), XlsxError> {
    let bold = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::Top);
    let columns: Vec<TableColumn> = sheet
        .columns
        .iter()
        .map(|c| {
            TableColumn::new()
                .set_header(c.heading)
                .set_header_format(&bold)
        })
        .collect();
    let table = Table::new()
        .set_name(sheet.name)
        .set_columns(&columns)
        .set_style(TableStyle::Light1)
        .set_banded_rows(false)
        .set_autofilter(false)
        .set_alt_text_title(&sheet.title);
    let last = sheet.columns.len().saturating_sub(1) as u16;
    out.add_table(head, 0, head + sheet.rows.len() as u32, last, &table)?;
    Ok(())
}

fn line_format(title: bool, sheet: &Sheet) -> Format {
    let format = Format::new();
    let format = match title {
        true => format.set_bold().set_font_size(15),
        false => format,
    };
    // Above a table they run on over the columns; alone they have a column wide enough.
    match sheet.has_table() {
        true => format,
        false => format.set_text_wrap().set_align(FormatAlign::Top),
    }
}

fn cell(
    out: &mut Worksheet,
    (row, at): (u32, u16),
    value: &Value,
    format: &Format,
) -> Result<(), XlsxError> {
    match value {
        Value::Text(words) => out.write_string_with_format(row, at, words, format)?,
        Value::Number(x, shown) => {
            let format = format.clone().set_num_format(number_format(*shown));
            out.write_number_with_format(row, at, *x, &format)?
        }
        Value::Missing(missing) => {
            let format = format.clone().set_align(FormatAlign::Right);
            out.write_string_with_format(row, at, missing.shorthand(), &format)?
        }
        Value::Link(sheet) => {
            let to = Url::new(format!("internal:'{sheet}'!A1")).set_text(*sheet);
            out.write_url(row, at, to)?
        }
    };
    Ok(())
}

fn number_format(shown: Shown) -> String {
    match shown {
        Shown::Plain => "General".into(),
        Shown::Whole | Shown::Decimals(0) => "#,##0".into(),
        Shown::Decimals(n) => format!("#,##0.{}", "0".repeat(n.into())),
        Shown::Percent(0) => "0%".into(),
        Shown::Percent(n) => format!("0.{}%", "0".repeat(n.into())),
    }
}
