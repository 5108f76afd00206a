//! What a file is, by how it begins.

/// Kinds of file that are no list, and what to do with each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherKind {
    /// Old Excel, or a workbook behind a password: both are in the same container.
    OldExcel,
    /// Excel's binary form.
    BinaryExcel,
    /// A text document, drawing or presentation of an office program.
    OfficeDocument,
    /// A zip file without a workbook.
    Zip,
    /// PDF.
    Pdf,
    /// gzip, 7z, RAR and their like.
    Compressed,
    /// RTF.
    Rtf,
    /// Parquet.
    Parquet,
    /// SQLite.
    Database,
    /// PNG, JPEG, GIF, TIFF and their like.
    Picture,
    /// XML.
    Xml,
    /// HTML.
    WebPage,
    /// A program.
    Program,
    /// JSON.
    Json,
}

impl OtherKind {
    /// All of them.
    pub(super) const ALL: [OtherKind; 14] = [
        OtherKind::OldExcel,
        OtherKind::BinaryExcel,
        OtherKind::OfficeDocument,
        OtherKind::Zip,
        OtherKind::Pdf,
        OtherKind::Compressed,
        OtherKind::Rtf,
        OtherKind::Parquet,
        OtherKind::Database,
        OtherKind::Picture,
        OtherKind::Xml,
        OtherKind::WebPage,
        OtherKind::Program,
        OtherKind::Json,
    ];

    /// For people, with its article.
    pub fn name(self) -> &'static str {
        match self {
            OtherKind::OldExcel => "an old or encrypted Excel workbook (XLS)",
            OtherKind::BinaryExcel => "a binary Excel workbook (XLSB)",
            OtherKind::OfficeDocument => "a document and no spreadsheet",
            OtherKind::Zip => "a zip file without a workbook",
            OtherKind::Pdf => "a PDF document",
            OtherKind::Compressed => "a compressed file (gzip, 7z, RAR or the like)",
            OtherKind::Rtf => "a text document (RTF)",
            OtherKind::Parquet => "a Parquet file",
            OtherKind::Database => "a database",
            OtherKind::Picture => "a picture",
            OtherKind::Xml => "an XML document",
            OtherKind::WebPage => "a web page",
            OtherKind::Program => "a program",
            OtherKind::Json => "a JSON document",
        }
    }

    pub(super) fn hint(self) -> &'static str {
        match self {
            OtherKind::OldExcel | OtherKind::BinaryExcel => {
                "open it in a spreadsheet program, remove a password if there is one, choose `Save as`, then `Excel workbook (.xlsx)`; or save as CSV UTF-8"
            }
            OtherKind::Zip | OtherKind::Compressed => {
                "unpack it and give the list inside; if that is no CSV, XLSX or ODS file, open it in a spreadsheet program and save as CSV UTF-8"
            }
            _ => {
                "open it in a spreadsheet program, choose `Save as`, then `CSV UTF-8 (comma separated)` or XLSX: save as CSV, XLSX or ODS"
            }
        }
    }
}

/// How other kinds of file begin. White space before it is passed over.
const SIGNATURES: [(&[u8], OtherKind); 24] = [
    (b"\xD0\xCF\x11\xE0", OtherKind::OldExcel),
    // Excel 2 to 4, before there were containers.
    (b"\x09\x00\x04\x00", OtherKind::OldExcel),
    (b"\x09\x02\x06\x00", OtherKind::OldExcel),
    (b"\x09\x04\x06\x00", OtherKind::OldExcel),
    (b"%PDF", OtherKind::Pdf),
    (b"\x1F\x8B", OtherKind::Compressed),
    (b"7z\xBC\xAF", OtherKind::Compressed),
    (b"Rar!", OtherKind::Compressed),
    (b"BZh", OtherKind::Compressed),
    (b"\xFD7zXZ", OtherKind::Compressed),
    (b"\x28\xB5\x2F\xFD", OtherKind::Compressed),
    (b"{\\rtf", OtherKind::Rtf),
    (b"PAR1", OtherKind::Parquet),
    (b"SQLite format 3", OtherKind::Database),
    (b"\x00\x01\x00\x00Standard", OtherKind::Database),
    (b"\x89PNG", OtherKind::Picture),
    (b"\xFF\xD8\xFF", OtherKind::Picture),
    (b"GIF8", OtherKind::Picture),
    (b"II*\x00", OtherKind::Picture),
    (b"\x7FELF", OtherKind::Program),
    (b"<?xml", OtherKind::Xml),
    (b"<!DOCTYPE", OtherKind::WebPage),
    (b"<html", OtherKind::WebPage),
    (b"<table", OtherKind::WebPage),
];

/// The kind a file says it is; none for what may be text.
pub(super) fn of(bytes: &[u8]) -> Option<OtherKind> {
    let body = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let begins = |body: &[u8], start: &[u8]| {
        body.get(..start.len())
            .is_some_and(|b| b.eq_ignore_ascii_case(start))
    };
    // A tab is white space, and the first byte of old Excel files.
    let found = [bytes, body.trim_ascii_start()].into_iter().find_map(|b| {
        let known = SIGNATURES.iter().find(|(start, _)| begins(b, start));
        known.map(|&(_, kind)| kind)
    });
    let body = body.trim_ascii_start();
    let json = [&b"{\""[..], b"[{", b"[["]
        .iter()
        .any(|s| body.starts_with(s));
    found.or(json.then_some(OtherKind::Json))
}

/// Does it begin like a zip container, as XLSX and ODS files do?
pub(super) fn is_zip(bytes: &[u8]) -> bool {
    [&b"PK\x03\x04"[..], b"PK\x05\x06", b"PK\x07\x08"]
        .iter()
        .any(|s| bytes.starts_with(s))
}
