//! Small workbooks: sheets of one table each, headings in row 1 and frozen, no merged cells. Every
//! cell is written as text, so that none can be a formula.

use rust_xlsxwriter::{
    DataValidation, DataValidationRule, DocProperties, ExcelDateTime, Format, FormatAlign, Table,
    TableColumn, Workbook, Worksheet, XlsxError,
};
use spreadsheet_ods::condition::Condition;
use spreadsheet_ods::format::{ValueFormatText, create_date_iso_format};
use spreadsheet_ods::validation::Validation;
use spreadsheet_ods::{CellRef, CellStyle, Length, Sheet as OdsSheet, WorkBook, write_ods_buf};

/// A sheet to be written.
pub(super) struct Sheet {
    pub name: &'static str,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<String>>,
}

/// A column of it.
pub(super) struct Column {
    pub heading: String,
    /// Characters.
    pub width: u16,
    pub holds: Holds,
}

/// What is to be filled in below the heading.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// Text as it is typed: leading zeros stay.
    Text,
    /// Dates, shown as yyyy-mm-dd, from 1900 on.
    Date,
    /// One of the words.
    OneOf(&'static [&'static str]),
}

/// A workbook could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot make the workbook")]
pub struct NotMade;

impl From<XlsxError> for NotMade {
    fn from(_: XlsxError) -> Self {
        NotMade
    }
}

/// Rows to be filled in that are checked as somebody types.
const ROWS_TO_FILL: u32 = 1_000;
/// Every workbook says it was made on this day: the same input, the same bytes.
const MADE: (u16, u8, u8) = (2020, 1, 1);

/// An Office Open XML workbook.
pub(super) fn xlsx(sheets: &[Sheet]) -> Result<Vec<u8>, NotMade> {
    let mut book = Workbook::new();
    let made = ExcelDateTime::from_ymd(MADE.0, MADE.1, MADE.2)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    for sheet in sheets {
        xlsx_sheet(book.add_worksheet(), sheet)?;
    }
    Ok(book.save_to_buffer()?)
}

fn xlsx_sheet(out: &mut Worksheet, sheet: &Sheet) -> Result<(), NotMade> {
    let heading = Format::new().set_bold();
    let text = Format::new().set_num_format("@");
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    out.set_name(sheet.name)?;
    out.set_freeze_panes(1, 0)?;
    for (at, column) in (0_u16..).zip(&sheet.columns) {
        out.set_column_width(at, f64::from(column.width))?;
        if sheet.rows.is_empty() {
            let format = if column.holds == Holds::Date {
                &date
            } else {
                &text
            };
            out.set_column_format(at, format)?;
            if let Some(rule) = xlsx_rule(column.holds)? {
                out.add_data_validation(1, at, ROWS_TO_FILL, at, &rule)?;
            }
        }
        out.write_string_with_format(0, at, &column.heading, &heading)?;
    }
    for (row, cells) in (1_u32..).zip(&sheet.rows) {
        for (at, cell) in (0_u16..).zip(cells) {
            out.write_string_with_format(row, at, cell, &wrapped)?;
        }
    }
    if !sheet.rows.is_empty() && !sheet.columns.is_empty() {
        let columns: Vec<TableColumn> = sheet
            .columns
            .iter()
            .map(|c| TableColumn::new().set_header(&c.heading))
            .collect();
        let table = Table::new().set_name(sheet.name).set_columns(&columns);
        let last = sheet.columns.len() as u16 - 1;
        out.add_table(0, 0, sheet.rows.len() as u32, last, &table)?;
    }
    Ok(())
}

fn xlsx_rule(holds: Holds) -> Result<Option<DataValidation>, NotMade> {
    Ok(match holds {
        Holds::Text => None,
        Holds::OneOf(words) => Some(
            DataValidation::new()
                .allow_list_strings(words)?
                .set_error_message(format!(
                    "Write one of {}, or leave it blank.",
                    words.join(", ")
                ))?,
        ),
        Holds::Date => Some(
            DataValidation::new()
                .allow_date(DataValidationRule::GreaterThan(ExcelDateTime::from_ymd(
                    1900, 3, 1,
                )?))
                .set_error_message("Write a date, such as 2024-06-30, or leave it blank.")?,
        ),
    })
}

/// An OpenDocument spreadsheet.
pub(super) fn ods(sheets: &[Sheet]) -> Result<Vec<u8>, NotMade> {
    let mut book = WorkBook::new_empty();
    let mut text = ValueFormatText::new_named("as_typed");
    text.part_text_content().build();
    let text = book.add_text_format(text);
    let date = book.add_datetime_format(create_date_iso_format("iso_date"));
    let typed = book.add_cellstyle(CellStyle::new("typed", &text));
    let dated = book.add_cellstyle(CellStyle::new("dated", &date));
    let mut bold = CellStyle::new("heading", &text);
    bold.set_font_bold();
    let bold = book.add_cellstyle(bold);
    let mut wrapped = CellStyle::new("wrapped", &text);
    wrapped.set_wrap_option(spreadsheet_ods::style::units::WrapOption::Wrap);
    let wrapped = book.add_cellstyle(wrapped);
    for sheet in sheets {
        let mut out = OdsSheet::new(sheet.name);
        for (at, column) in (0_u32..).zip(&sheet.columns) {
            out.set_styled_value(0, at, column.heading.as_str(), &bold);
            out.set_col_width(at, Length::Cm(f64::from(column.width) * 0.2));
            if !sheet.rows.is_empty() {
                continue;
            }
            let style = if column.holds == Holds::Date {
                &dated
            } else {
                &typed
            };
            out.set_col_cellstyle(at, style);
            if let Some(mut rule) = ods_rule(column.holds) {
                rule.set_name(format!("rule_{at}"));
                rule.set_base_cell(CellRef::remote(sheet.name, 1, at));
                let rule = book.add_validation(rule);
                for row in 1..=ROWS_TO_FILL {
                    out.set_validation(row, at, &rule);
                    out.set_cellstyle(row, at, style);
                }
            }
        }
        for (row, cells) in (1_u32..).zip(&sheet.rows) {
            for (at, cell) in (0_u32..).zip(cells) {
                out.set_styled_value(row, at, cell.as_str(), &wrapped);
            }
        }
        out.set_header_rows(0, 0);
        out.split_row_header(0);
        book.push_sheet(out);
    }
    write_ods_buf(&mut book, Vec::new()).map_err(|_| NotMade)
}

fn ods_rule(holds: Holds) -> Option<Validation> {
    let condition = match holds {
        Holds::Text => return None,
        Holds::OneOf(words) => Condition::content_is_in_list(words),
        // 61 is 1900-03-01 in every spreadsheet program.
        Holds::Date => Condition::content_is_date_and(Condition::content_gt(61)),
    };
    let mut rule = Validation::new();
    rule.set_condition(condition);
    rule.set_allow_empty(true);
    Some(rule)
}
