//! The XML of a part, event by event, refusing what no workbook needs: document types, entities,
//! encodings other than UTF-8 and UTF-16, deep nesting.

use super::package::{Part, fault};
use crate::cohort::error::{CohortError, WorkbookFault};
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesEnd, BytesStart, Event};
use std::borrow::Cow;

/// Elements within each other; workbooks have about ten.
const MAX_DEPTH: u32 = 64;

/// What comes next. Empty elements come as a start and an end.
pub(super) enum Node<'b> {
    Start(BytesStart<'b>),
    End(BytesEnd<'b>),
    Text(Cow<'b, str>),
    /// A comment, an instruction.
    Nothing,
    Eof,
}

/// A part as XML.
pub(super) struct Xml<'p> {
    reader: Reader<Part<'p>>,
    buffer: Vec<u8>,
    depth: u32,
}

impl<'p> Xml<'p> {
    pub fn new(part: Part<'p>) -> Xml<'p> {
        let mut reader = Reader::from_reader(part);
        reader.config_mut().expand_empty_elements = true;
        Xml {
            reader,
            buffer: Vec::new(),
            depth: 0,
        }
    }

    /// Elements that are open.
    pub fn depth(&self) -> u32 {
        self.depth
    }

    /// # Errors
    /// When it is no well-formed XML, damaged, or beyond a limit.
    pub fn next(&mut self) -> Result<Node<'_>, CohortError> {
        self.buffer.clear();
        self.reader.get_mut().next_event()?;
        let event = match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(_) => {
                let why = self.reader.get_mut().fault();
                return Err(fault(why.unwrap_or(WorkbookFault::Xml)));
            }
        };
        Ok(match event {
            Event::Start(e) => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(fault(WorkbookFault::Shape));
                }
                Node::Start(e)
            }
            Event::End(e) => {
                self.depth = self.depth.saturating_sub(1);
                Node::End(e)
            }
            Event::Text(t) => Node::Text(t.into_inner()),
            Event::CData(t) => Node::Text(t.into_inner()),
            Event::GeneralRef(name) => Node::Text(resolve(&name)?),
            Event::DocType(_) => return Err(fault(WorkbookFault::Entity)),
            Event::Decl(d) => {
                let wide = self.reader.get_ref().is_wide();
                let plain = |name: &str| {
                    if wide {
                        return name.eq_ignore_ascii_case("utf-16");
                    }
                    ["utf-8", "utf8", "us-ascii", "ascii"]
                        .iter()
                        .any(|n| n.eq_ignore_ascii_case(name))
                };
                match d.encoding() {
                    Some(Ok(name)) if !plain(&name) => {
                        return Err(fault(WorkbookFault::Encoding));
                    }
                    _ => Node::Nothing,
                }
            }
            Event::Eof if self.depth > 0 => return Err(fault(WorkbookFault::Xml)),
            Event::Eof => Node::Eof,
            Event::Empty(_) | Event::Comment(_) | Event::PI(_) => Node::Nothing,
        })
    }

    /// After a start: passes over everything up to and with its end.
    pub fn skip(&mut self) -> Result<(), CohortError> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            if let Node::Eof = self.next()? {
                break;
            }
        }
        Ok(())
    }

    /// After a start: adds all text up to its end to `into`, which keeps at most `limit` bytes more.
    pub fn text(&mut self, into: &mut String, limit: usize) -> Result<(), CohortError> {
        let outside = self.depth.saturating_sub(1);
        let most = into.len() + limit;
        while self.depth > outside {
            match self.next()? {
                Node::Text(t) if into.len() < most => into.push_str(&t),
                Node::Eof => break,
                _ => {}
            }
        }
        Ok(())
    }
}

/// `&amp;`, `&#233;`: what XML itself has, and nothing that a file declares.
fn resolve(name: &quick_xml::events::BytesRef<'_>) -> Result<Cow<'static, str>, CohortError> {
    Ok(Cow::Borrowed(match &**name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => match name.resolve_char_ref() {
            Ok(Some(c)) => return Ok(Cow::Owned(c.to_string())),
            Ok(None) => return Err(fault(WorkbookFault::Entity)),
            Err(_) => return Err(fault(WorkbookFault::Xml)),
        },
    }))
}

/// The attributes of an element by their local names, values with references resolved.
///
/// # Errors
/// When they are not well-formed.
pub(super) fn each_attribute(
    element: &BytesStart<'_>,
    mut see: impl FnMut(&str, &str),
) -> Result<(), CohortError> {
    for attribute in element.attributes().with_checks(false) {
        let Ok(attribute) = attribute else {
            return Err(fault(WorkbookFault::Xml));
        };
        let name = attribute.key.local_name();
        match attribute.value.contains('&') {
            false => see(name.as_ref(), &attribute.value),
            true => match unescape(&attribute.value) {
                Ok(value) => see(name.as_ref(), &value),
                Err(_) => return Err(fault(WorkbookFault::Entity)),
            },
        }
    }
    Ok(())
}

/// One attribute's value.
pub(super) fn attribute(
    element: &BytesStart<'_>,
    wanted: &str,
) -> Result<Option<String>, CohortError> {
    let mut found = None;
    each_attribute(element, |name, value| {
        if name == wanted {
            found = Some(value.to_owned());
        }
    })?;
    Ok(found)
}

/// `1` or `true`.
pub(super) fn is_true(value: &str) -> bool {
    matches!(value.trim(), "1" | "true" | "on")
}
