use comfy_table::{Attribute, Cell as Drawn, CellAlignment, Color, ContentArrangement, LineStyle, Row, TableStyle};

use super::style::{Role, Theme};
use super::text::{one_line, width};

/// Rows under headers, without borders, never wider than the screen.
#[derive(Clone, Debug)]
pub struct Table {
    headers: Vec<String>,
    rows: Vec<Vec<Cell>>,
    overflow: Overflow,
}

/// One value in a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// Words in a style.
    Styled(Role, String),
    /// A number, to the right.
    Number(String),
    /// No value: `NULL`.
    Null,
    /// Nothing to say.
    Empty,
}

/// What becomes of values that are wider than their column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overflow {
    /// They go on in the next line.
    Wrap,
    /// They are cut, and end in an ellipsis.
    Cut,
}

/// Spaces between columns.
const GAP: usize = 2;
/// No column is squeezed below this, unless its values are shorter.
const LEAST: usize = 8;

impl Table {
    /// A table without rows.
    pub fn new<H: Into<String>>(headers: impl IntoIterator<Item = H>) -> Self {
        Self {
            headers: headers.into_iter().map(Into::into).collect(),
            rows: Vec::new(),
            overflow: Overflow::Wrap,
        }
    }

    /// Decides what becomes of values that are too wide; they are wrapped otherwise.
    #[must_use]
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.overflow = overflow;
        self
    }

    /// Adds a row.
    pub fn push(&mut self, row: impl IntoIterator<Item = Cell>) {
        self.rows.push(row.into_iter().collect());
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as text; columns for which there is no room are named below it.
    pub fn render(&self, theme: &Theme) -> String {
        let shown = self.columns_that_fit(theme.width);
        let mut table = comfy_table::Table::new();
        let rule = if theme.unicode { '─' } else { '-' };
        table
            .load_style(TableStyle::new().header_separator(LineStyle::none().fill(rule)))
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(theme.width).unwrap_or(u16::MAX))
            .set_truncation_indicator(theme.ellipsis());
        if theme.color {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        let headers = self.headers.iter().take(shown).enumerate().map(|(index, header)| {
            let header = Drawn::new(one_line(header)).set_alignment(self.alignment(index));
            if theme.color { header.add_attribute(Attribute::Bold) } else { header }
        });
        table.set_header(headers);
        for row in &self.rows {
            let mut drawn = Row::from(row.iter().take(shown).map(|cell| draw(cell, theme)));
            if self.overflow == Overflow::Cut {
                drawn.max_height(1);
            }
            table.add_row(drawn);
        }
        let gap = u16::try_from(GAP).expect("a small number");
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, if index + 1 < shown { gap } else { 0 }));
        }
        let mut text = table.trim_fmt();
        text.push('\n');
        if shown < self.headers.len() {
            let hidden: Vec<_> = self.headers.iter().skip(shown).map(|header| one_line(header)).collect();
            let note = format!("no room for {}: {}", crate::words::count(hidden.len(), "column"), hidden.join(", "));
            for line in super::text::wrap(&note, theme.width) {
                text.push_str(&theme.paint(Role::Muted, line));
                text.push('\n');
            }
        }
        text
    }

    /// The screen that it needs so that no value is wrapped or cut.
    pub fn width(&self) -> usize {
        let columns = (0..self.headers.len()).map(|index| self.widest(index));
        columns.sum::<usize>() + GAP * self.headers.len().saturating_sub(1)
    }

    fn widest(&self, index: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(index)).map(|cell| width(&content(cell)));
        cells.chain([width(&one_line(&self.headers[index]))]).max().unwrap_or_default()
    }

    /// Columns from the left that fit if each is as narrow as it may be; at least one.
    fn columns_that_fit(&self, most: usize) -> usize {
        let mut taken = 0;
        for index in 0..self.headers.len() {
            let widest = self.widest(index);
            taken += widest.clamp(1, LEAST) + if index > 0 { GAP } else { 0 };
            if taken > most && index > 0 {
                return index;
            }
        }
        self.headers.len()
    }

    /// To the right if all values are numbers.
    fn alignment(&self, index: usize) -> CellAlignment {
        let mut cells =
            self.rows.iter().filter_map(|row| row.get(index)).filter(|cell| !matches!(cell, Cell::Null | Cell::Empty));
        let has_numbers = self.rows.iter().any(|row| matches!(row.get(index), Some(Cell::Number(_))));
        if has_numbers && cells.all(|cell| matches!(cell, Cell::Number(_))) {
            CellAlignment::Right
        } else {
            CellAlignment::Left
        }
    }
}

impl Cell {
    /// Words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A count, with spaces between thousands.
    pub fn count(number: u64) -> Self {
        Self::Number(crate::words::grouped(number))
    }

    /// A value of a query: `NULL` for none, a number if `is_number`. The text `NULL` is in quotes.
    pub fn value(value: Option<&str>, is_number: bool) -> Self {
        match value {
            None => Self::Null,
            Some("NULL") => Self::Text("'NULL'".to_owned()),
            Some(value) if is_number => Self::Number(value.to_owned()),
            Some(value) => Self::Text(value.to_owned()),
        }
    }
}

fn content(cell: &Cell) -> std::borrow::Cow<'_, str> {
    match cell {
        Cell::Text(text) | Cell::Styled(_, text) | Cell::Number(text) => one_line(text),
        Cell::Null => "NULL".into(),
        Cell::Empty => "".into(),
    }
}

fn draw(cell: &Cell, theme: &Theme) -> Drawn {
    let drawn = Drawn::new(content(cell));
    let drawn = match cell {
        Cell::Number(_) => drawn.set_alignment(CellAlignment::Right),
        _ => drawn,
    };
    let role = match cell {
        Cell::Styled(role, _) => *role,
        Cell::Null => Role::Muted,
        _ => return drawn,
    };
    if !theme.color {
        return drawn;
    }
    match role {
        Role::Added | Role::Good => drawn.fg(Color::DarkGreen),
        Role::Removed => drawn.fg(Color::DarkRed),
        Role::Changed | Role::Warning => drawn.fg(Color::DarkYellow),
        Role::Muted => drawn.add_attribute(Attribute::Dim),
        Role::Path => drawn.fg(Color::DarkCyan),
        Role::Heading => drawn.add_attribute(Attribute::Bold),
        Role::Error => drawn.fg(Color::DarkRed).add_attribute(Attribute::Bold),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(["asset", "rows", "note"]);
        table.push([Cell::text("raw.orders"), Cell::count(1234), Cell::Null]);
        table.push([Cell::text("x"), Cell::Empty, Cell::Styled(Role::Error, "bad\n\u{1b}[2J".to_owned())]);
        table
    }

    #[test]
    fn numbers_are_to_the_right_and_controls_escaped() {
        let expected = "\
asset        rows  note
─────────────────────────────────
raw.orders  1 234  NULL
x                  bad\\n\\u{1b}[2J
";
        assert_eq!(table().render(&Theme::plain(80)), expected);
        let ascii = Theme {
            unicode: false,
            ..Theme::plain(80)
        };
        assert!(table().render(&ascii).is_ascii());
    }

    #[test]
    fn colour_is_only_there_when_it_is_on() {
        let plain = Theme::plain(80);
        assert!(!table().render(&plain).contains('\u{1b}'));
        let colored = table().render(&Theme { color: true, ..plain });
        assert!(colored.contains("\u{1b}[2mNULL"), "{colored:?}");
    }

    #[test]
    fn wide_values_are_wrapped_or_cut() {
        let mut table = Table::new(["a", "b"]);
        table.push([Cell::text("word ".repeat(30)), Cell::text("z".repeat(70))]);
        let wrapped = table.render(&Theme::plain(40));
        assert!(wrapped.lines().count() > 3);
        let cut = table.overflow(Overflow::Cut).render(&Theme::plain(40));
        assert_eq!(cut.lines().count(), 3);
        assert_eq!(cut.matches('…').count(), 2, "{cut}");
        for line in wrapped.lines().chain(cut.lines()) {
            assert!(width(line) <= 40, "{line}");
        }
    }

    #[test]
    fn columns_without_room_are_named() {
        let names: Vec<String> = (0..30).map(|n| format!("column_{n}")).collect();
        let mut table = Table::new(names);
        table.push((0..30).map(Cell::count));
        let text = table.render(&Theme::plain(60));
        assert!(text.lines().all(|line| width(line) <= 60), "{text}");
        assert!(text.contains("no room for 24 columns: column_6, column_7"), "{text}");
    }

    #[test]
    fn values_of_a_query_may_be_missing() {
        assert_eq!(Cell::value(None, true), Cell::Null);
        assert_eq!(Cell::value(Some("NULL"), false), Cell::Text("'NULL'".to_owned()));
        assert_eq!(Cell::value(Some("1"), true), Cell::Number("1".to_owned()));
    }
}
