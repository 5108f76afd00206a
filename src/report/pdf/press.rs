//! Setting the type: a world for typst that holds two fonts, one template, one document and its
//! pictures, and nothing else.

use super::blocks::Document;
use std::sync::LazyLock;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Feature, Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

const TEMPLATE: &str = include_str!("../templates/report.typ");
/// Characters of a text that are set; nothing that a report says is longer.
const MOST_TEXT: usize = 2_000;
/// Stands for a character that no font here has.
const UNKNOWN: char = '\u{25a1}';

/// The fonts: a sans serif of DejaVu, regular and bold.
static FONTS: LazyLock<Vec<Font>> = LazyLock::new(|| {
    let files = [
        dejavu::sans_condensed::regular(),
        dejavu::sans_condensed::bold(),
    ];
    let files = files.into_iter();
    files
        .flat_map(|file| Font::iter(Bytes::new(file)))
        .collect()
});

struct Press {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    template: Source,
    files: Vec<(FileId, Bytes)>,
}

/// Sets the document.
///
/// # Errors
/// What typst says is the matter.
pub fn set(document: Document) -> Result<Vec<u8>, String> {
    let press = Press::new(document)?;
    let set = typst::compile::<PagedDocument>(&press).output;
    let pdf = set
        .map_err(|e| said(&e))
        .and_then(|set| print(&set, Some(PdfStandard::Ua_1)).or_else(|_| print(&set, None)));
    // What it remembers for the next time would only grow, and there may be none.
    typst::comemo::evict(0);
    pdf
}

/// Tagged in any case; a document that the standard's own check refuses (there may be scripts whose
/// letters cannot be told apart again) is better had without its mark than not at all.
fn print(set: &PagedDocument, standard: Option<PdfStandard>) -> Result<Vec<u8>, String> {
    let standards: Vec<PdfStandard> = standard.into_iter().collect();
    let options = PdfOptions {
        standards: PdfStandards::new(&standards).map_err(|e| e.message().to_string())?,
        creator: Smart::Custom(Some("counterpart".into())),
        ..PdfOptions::default()
    };
    typst_pdf::pdf(set, &options).map_err(|e| said(&e))
}

fn said(errors: &[SourceDiagnostic]) -> String {
    let first = errors.first();
    first.map_or("no reason given".into(), |e| e.message.to_string())
}

impl Press {
    fn new(document: Document) -> Result<Press, String> {
        let mut value = serde_json::to_value(&document).map_err(|e| e.to_string())?;
        settable(&mut value);
        let value = serde_json::to_vec(&value).map_err(|e| e.to_string())?;
        let mut files = vec![(id("/document.json")?, Bytes::new(value))];
        for (path, picture) in document.pictures {
            let picture: String = picture.chars().map(known).collect();
            files.push((id(&path)?, Bytes::new(picture.into_bytes())));
        }
        let features = [Feature::A11yExtras].into_iter().collect();
        Ok(Press {
            library: LazyHash::new(Library::builder().with_features(features).build()),
            book: LazyHash::new(FontBook::from_fonts(FONTS.iter())),
            template: Source::new(id("/report.typ")?, TEMPLATE.into()),
            files,
        })
    }
}

fn id(path: &str) -> Result<FileId, String> {
    let path = VirtualPath::new(path).map_err(|_| "a name that is none".to_owned())?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

impl World for Press {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        match id == self.template.id() {
            true => Ok(self.template.clone()),
            false => Err(FileError::AccessDenied),
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let found = self.files.iter().find(|(known, _)| *known == id);
        found
            .map(|(_, bytes)| bytes.clone())
            .ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// Every text below, so that each of its letters can be set.
fn settable(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(words) => {
            let mut kept: String = words.chars().take(MOST_TEXT).map(known).collect();
            if words.chars().nth(MOST_TEXT).is_some() {
                kept.push('\u{2026}');
            }
            *words = kept;
        }
        serde_json::Value::Array(list) => list.iter_mut().for_each(settable),
        serde_json::Value::Object(map) => map.values_mut().for_each(settable),
        _ => {}
    }
}

/// The character, if a font here has it. Those that turn the reading order around are left out:
/// they can make a text look like another.
fn known(c: char) -> char {
    let turns =
        matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if c.is_control() || turns {
        return ' ';
    }
    if c.is_ascii() {
        return c;
    }
    let private = matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..);
    let bad = private || matches!(c, '\u{feff}' | '\u{fff0}'..='\u{ffff}');
    let has = |font: &Font| font.info().coverage.contains(c.into());
    match !bad && FONTS.iter().any(has) {
        true => c,
        false => UNKNOWN,
    }
}
