//! A table as data: made once, shown on the page, beside the figure it belongs to, or in a file.

/// A table with a caption, column headings and rows whose first cell heads the row.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Unique on the page.
    pub id: String,
    /// What it shows.
    pub caption: String,
    /// Column headings.
    pub head: Vec<String>,
    /// Rows.
    pub rows: Vec<Vec<Cell>>,
    /// Notes below.
    pub notes: Vec<String>,
}

/// A cell: text, or a light (a word with a symbol and a colour).
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// The head of a row and, smaller, what more there is to know of it.
    Named(String, String),
    /// Digits, set right.
    Number(String),
    /// A traffic light.
    Light(Light),
}

/// How alike the groups are on one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Light {
    /// |SMD| at most 5 %.
    Green,
    /// At most 10 %.
    Amber,
    /// Above.
    Red,
}

impl Light {
    /// From the word in the findings. An unknown word is never a pass.
    pub fn of(word: &str) -> Light {
        match word {
            "green" => Light::Green,
            "amber" => Light::Amber,
            _ => Light::Red,
        }
    }

    /// In words.
    pub fn text(self) -> &'static str {
        match self {
            Light::Green => "Alike",
            Light::Amber => "Nearly alike",
            Light::Red => "Not alike",
        }
    }

    /// A shape that needs no colour.
    pub fn symbol(self) -> &'static str {
        match self {
            Light::Green => "\u{25cf}",
            Light::Amber => "\u{25b2}",
            Light::Red => "\u{25c6}",
        }
    }

    /// CSS class.
    pub fn class(self) -> &'static str {
        match self {
            Light::Green => "green",
            Light::Amber => "amber",
            Light::Red => "red",
        }
    }
}

impl Table {
    /// An empty table.
    pub fn new(id: impl Into<String>, caption: impl Into<String>, head: &[&str]) -> Table {
        Table {
            id: id.into(),
            caption: caption.into(),
            head: head.iter().map(|h| h.to_string()).collect(),
            rows: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Are the digits of this column set right? Then its heading is too.
    pub fn numeric(&self, column: &usize) -> bool {
        self.rows
            .iter()
            .filter_map(|r| r.get(*column))
            .any(Cell::is_number)
    }

    /// Adds a row: its head, then its cells.
    pub fn row(&mut self, head: impl Into<String>, cells: Vec<Cell>) {
        let mut row = vec![Cell::Text(head.into())];
        row.extend(cells);
        self.rows.push(row);
    }
}

/// A cell of digits.
pub fn number(text: impl Into<String>) -> Cell {
    Cell::Number(text.into())
}

/// A cell of words.
pub fn text(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

impl Cell {
    /// What it says.
    pub fn words(&self) -> &str {
        match self {
            Cell::Text(words) | Cell::Number(words) | Cell::Named(words, _) => words,
            Cell::Light(light) => light.text(),
        }
    }

    /// Its light, if it is one.
    pub fn light(&self) -> Option<Light> {
        match self {
            Cell::Light(light) => Some(*light),
            _ => None,
        }
    }

    /// Digits are set right.
    pub fn is_number(&self) -> bool {
        matches!(self, Cell::Number(_))
    }

    /// The smaller line below a row's head.
    pub fn below(&self) -> Option<&str> {
        match self {
            Cell::Named(_, below) if !below.is_empty() => Some(below),
            _ => None,
        }
    }
}
