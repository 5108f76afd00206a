//! Which rows stay in sight while a sheet is scrolled.

use super::document;
use super::xml::Xml;
use crate::report::workbook::Book;
use std::io;

/// `settings.xml`.
pub fn write(book: &Book) -> io::Result<Vec<u8>> {
    document("office:document-settings", |xml| {
        xml.element("office:settings", &[], |xml| {
            let set = [("config:name", "ooo:view-settings")];
            xml.element("config:config-item-set", &set, |xml| views(xml, book))
        })
    })
}

fn views(xml: &mut Xml, book: &Book) -> io::Result<()> {
    let views = [("config:name", "Views")];
    xml.element("config:config-item-map-indexed", &views, |xml| {
        xml.element("config:config-item-map-entry", &[], |xml| {
            item(xml, "ViewId", "string", "view1")?;
            item(
                xml,
                "ActiveTable",
                "string",
                book.sheets.first().map_or("", |s| s.name),
            )?;
            let tables = [("config:name", "Tables")];
            xml.element("config:config-item-map-named", &tables, |xml| {
                for sheet in book.sheets.iter().filter(|s| s.is_long()) {
                    let rows = (sheet.lines().len() + 1).to_string();
                    let named = [("config:name", sheet.name)];
                    xml.element("config:config-item-map-entry", &named, |xml| {
                        item(xml, "HorizontalSplitMode", "short", "0")?;
                        // 2: frozen.
                        item(xml, "VerticalSplitMode", "short", "2")?;
                        item(xml, "VerticalSplitPosition", "int", &rows)?;
                        item(xml, "ActiveSplitRange", "short", "2")?;
                        item(xml, "PositionBottom", "int", &rows)
                    })?;
                }
                Ok(())
            })
        })
    })
}

fn item(xml: &mut Xml, name: &str, kind: &str, value: &str) -> io::Result<()> {
    let said = [("config:name", name), ("config:type", kind)];
    xml.element("config:config-item", &said, |xml| xml.text(value))
}
