//! XML, an element at a time; whatever is said is escaped.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use std::io;

/// A document being written.
pub struct Xml(Writer<Vec<u8>>);

impl Xml {
    /// Begins one.
    pub fn new() -> io::Result<Xml> {
        let mut writer = Writer::new(Vec::new());
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        Ok(Xml(writer))
    }

    /// An element, and what is in it.
    pub fn element(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        fill: impl FnOnce(&mut Xml) -> io::Result<()>,
    ) -> io::Result<()> {
        self.0.write_event(Event::Start(start(name, attributes)))?;
        fill(self)?;
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }

    /// An element with nothing in it.
    pub fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.0.write_event(Event::Empty(start(name, attributes)))
    }

    /// An element with words in it.
    pub fn words(&mut self, name: &str, words: &str) -> io::Result<()> {
        self.element(name, &[], |xml| xml.text(words))
    }

    /// Words.
    pub fn text(&mut self, words: &str) -> io::Result<()> {
        self.0.write_event(Event::Text(BytesText::new(words)))
    }

    /// The whole document.
    pub fn finish(self) -> Vec<u8> {
        self.0.into_inner()
    }
}

fn start<'a>(name: &'a str, attributes: &[(&'a str, &'a str)]) -> BytesStart<'a> {
    BytesStart::new(name).with_attributes(attributes.iter().copied())
}
