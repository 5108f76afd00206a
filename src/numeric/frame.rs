//! Named columns of equal length: the shape in which registers and tables hand data to the design.

/// One column. Missing: `NaN` in numbers, [`MISSING`] in categories.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Numbers, flags included (0.0 / 1.0).
    Number(Vec<f64>),
    /// Codes into `levels`.
    Category {
        /// One code a row, index into `levels`, or [`MISSING`].
        codes: Vec<u32>,
        /// Names, sorted; every name occurs at least once or is declared.
        levels: Vec<String>,
    },
}

/// The code of a missing category.
pub const MISSING: u32 = u32::MAX;

impl Column {
    /// Rows.
    pub fn len(&self) -> usize {
        match self {
            Column::Number(v) => v.len(),
            Column::Category { codes, .. } => codes.len(),
        }
    }

    /// No rows?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows named, in that order.
    pub fn take(&self, rows: &[u32]) -> Column {
        match self {
            Column::Number(v) => Column::Number(rows.iter().map(|&r| v[r as usize]).collect()),
            Column::Category { codes, levels } => Column::Category {
                codes: rows.iter().map(|&r| codes[r as usize]).collect(),
                levels: levels.clone(),
            },
        }
    }

    /// A category column from strings; `None` and blank are missing, levels sorted by bytes.
    pub fn category<'a>(values: impl IntoIterator<Item = Option<&'a str>>) -> Column {
        let mut levels = Levels::default();
        let mut codes: Vec<u32> = values
            .into_iter()
            .map(|v| match v.map(str::trim) {
                Some(text) if !text.is_empty() => levels.code(text),
                _ => MISSING,
            })
            .collect();
        let mut order: Vec<u32> = (0..levels.names.len() as u32).collect();
        order.sort_unstable_by_key(|&l| levels.names[l as usize]);
        let mut rank = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            rank[old as usize] = new as u32;
        }
        for code in codes.iter_mut().filter(|c| **c != MISSING) {
            *code = rank[*code as usize];
        }
        let levels = order
            .iter()
            .map(|&l| levels.names[l as usize].to_owned())
            .collect();
        Column::Category { codes, levels }
    }
}

/// Levels in order of first appearance. A few are found fastest by looking at each in turn; more
/// go through a hash.
#[derive(Default)]
struct Levels<'a> {
    names: Vec<&'a str>,
    index: std::collections::HashMap<&'a str, u32>,
}

/// Levels up to which each is looked at in turn.
const FEW: usize = 12;

impl<'a> Levels<'a> {
    fn code(&mut self, text: &'a str) -> u32 {
        if self.names.len() <= FEW
            && let Some(at) = self.names.iter().position(|n| *n == text)
        {
            return at as u32;
        }
        let next = self.names.len() as u32;
        let code = *self.index.entry(text).or_insert(next);
        if code == next {
            self.names.push(text);
        }
        code
    }
}

/// Named columns of equal length.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    names: Vec<String>,
    columns: Vec<Column>,
    rows: usize,
}

impl Frame {
    /// An empty frame of `rows` rows.
    pub fn new(rows: usize) -> Self {
        Frame {
            rows,
            ..Default::default()
        }
    }

    /// Adds a column.
    ///
    /// # Panics
    /// When the length differs from the frame's rows: a programming error, not an input error.
    pub fn push(&mut self, name: impl Into<String>, column: Column) {
        assert_eq!(column.len(), self.rows, "column length");
        self.names.push(name.into());
        self.columns.push(column);
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Column names, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The column of that name.
    pub fn get(&self, name: &str) -> Option<&Column> {
        self.names
            .iter()
            .position(|n| n == name)
            .map(|i| &self.columns[i])
    }

    /// Removes and returns the column of that name.
    pub fn remove(&mut self, name: &str) -> Option<Column> {
        let i = self.names.iter().position(|n| n == name)?;
        self.names.remove(i);
        Some(self.columns.remove(i))
    }

    /// The rows named, in that order, of every column.
    pub fn take(&self, rows: &[u32]) -> Frame {
        Frame {
            names: self.names.clone(),
            columns: self.columns.iter().map(|c| c.take(rows)).collect(),
            rows: rows.len(),
        }
    }
}
