//! The tables as an OpenDocument spreadsheet (OASIS OpenDocument 1.3). Written here rather than by
//! the library that writes the template for a list: that keeps its styles in a map of random order,
//! so that the same findings would not give the same bytes, and cannot mark a table as one.

mod content;
mod settings;
mod xml;

use super::workbook::{Book, LANGUAGE};
use std::io::{Cursor, Write};
use xml::Xml;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Its media type, and the first file of the package.
const KIND: &str = "application/vnd.oasis.opendocument.spreadsheet";
const VERSION: &str = "1.3";
/// A name in XML, and what it stands for.
const NAMES: [(&str, &str); 11] = [
    (
        "xmlns:office",
        "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    ),
    (
        "xmlns:table",
        "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    ),
    (
        "xmlns:text",
        "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    ),
    (
        "xmlns:style",
        "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    ),
    (
        "xmlns:number",
        "urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0",
    ),
    (
        "xmlns:fo",
        "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
    ),
    (
        "xmlns:config",
        "urn:oasis:names:tc:opendocument:xmlns:config:1.0",
    ),
    (
        "xmlns:meta",
        "urn:oasis:names:tc:opendocument:xmlns:meta:1.0",
    ),
    ("xmlns:xlink", "http://www.w3.org/1999/xlink"),
    ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
    ("xmlns:ooo", "http://openoffice.org/2004/office"),
];

/// The file's bytes.
///
/// # Errors
/// None that a buffer in memory could give.
pub fn write(book: &Book) -> std::io::Result<Vec<u8>> {
    let mut package = ZipWriter::new(Cursor::new(Vec::new()));
    // The first entry is stored as it is, so that the kind can be seen in the file's first bytes.
    let stored = options(CompressionMethod::Stored);
    package.start_file("mimetype", stored)?;
    package.write_all(KIND.as_bytes())?;
    for (name, part) in [
        ("META-INF/manifest.xml", manifest()?),
        ("meta.xml", meta(book)?),
        ("settings.xml", settings::write(book)?),
        ("styles.xml", styles()?),
        ("content.xml", content::write(book)?),
    ] {
        package.start_file(name, options(CompressionMethod::Deflated))?;
        package.write_all(&part)?;
    }
    Ok(package.finish()?.into_inner())
}

/// No entry says when it was made: the same findings, the same bytes.
fn options(method: CompressionMethod) -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(method)
        .last_modified_time(DateTime::default())
}

/// A document of the package: its root says which names and which version.
fn document(
    root: &str,
    fill: impl FnOnce(&mut Xml) -> std::io::Result<()>,
) -> std::io::Result<Vec<u8>> {
    let mut attributes = NAMES.to_vec();
    attributes.push(("office:version", VERSION));
    let mut xml = Xml::new()?;
    xml.element(root, &attributes, fill)?;
    Ok(xml.finish())
}

fn manifest() -> std::io::Result<Vec<u8>> {
    const NAME: &str = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0";
    let mut xml = Xml::new()?;
    let root = [("xmlns:manifest", NAME), ("manifest:version", VERSION)];
    xml.element("manifest:manifest", &root, |xml| {
        let parts = ["meta.xml", "settings.xml", "styles.xml", "content.xml"];
        let parts = parts.map(|part| (part, "text/xml"));
        for (path, kind) in std::iter::once(("/", KIND)).chain(parts) {
            let said = [("manifest:full-path", path), ("manifest:media-type", kind)];
            xml.empty("manifest:file-entry", &said)?;
        }
        Ok(())
    })?;
    Ok(xml.finish())
}

fn meta(book: &Book) -> std::io::Result<Vec<u8>> {
    document("office:document-meta", |xml| {
        xml.element("office:meta", &[], |xml| {
            xml.words("dc:title", &book.title)?;
            xml.words("dc:description", &book.description)?;
            xml.words("dc:language", LANGUAGE)?;
            if let Some(made) = book.made {
                let made = made.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
                xml.words("meta:creation-date", &made)?;
                xml.words("dc:date", &made)?;
            }
            xml.words("meta:generator", "counterpart")
        })
    })
}

/// How every cell looks unless it says otherwise; its language before all.
fn styles() -> std::io::Result<Vec<u8>> {
    let (language, country) = LANGUAGE.split_once('-').unwrap_or((LANGUAGE, "none"));
    document("office:document-styles", |xml| {
        xml.element("office:styles", &[], |xml| {
            xml.element(
                "style:default-style",
                &[("style:family", "table-cell")],
                |xml| {
                    let text = [
                        ("fo:language", language),
                        ("fo:country", country),
                        ("fo:font-size", "11pt"),
                    ];
                    xml.empty("style:text-properties", &text)
                },
            )
        })
    })
}
