use std::collections::BTreeSet;

use comfy_table::{
    Attribute, Cell as Drawn, CellAlignment, Color, ColumnConstraint, ContentArrangement, LineStyle, Row, TableStyle,
    Width,
};

use super::style::{Role, Theme};
use super::text::{one_line, width};

/// A table with headers and without borders, never wider than the screen.
#[derive(Clone, Debug)]
pub struct Table {
    headers: Vec<String>,
    rows: Vec<Vec<Cell>>,
    overflow: Overflow,
    keeps_words: bool,
}

/// One value in a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Text.
    Text(String),
    /// Text in a style.
    Styled(Role, String),
    /// A number, aligned to the right.
    Number(String),
    /// No value: `NULL`.
    Null,
    /// An empty cell.
    Empty,
}

/// How values that are wider than their column are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overflow {
    /// They continue on the next line.
    Wrap,
    /// They are cut and end in an ellipsis.
    Cut,
}

/// The number of spaces between columns.
const GAP: usize = 2;
/// The minimum width of a column, unless its values are shorter.
const LEAST: usize = 8;

impl Table {
    /// Creates a table without rows.
    pub fn new<H: Into<String>>(headers: impl IntoIterator<Item = H>) -> Self {
        Self {
            headers: headers.into_iter().map(Into::into).collect(),
            rows: Vec::new(),
            overflow: Overflow::Wrap,
            keeps_words: true,
        }
    }

    /// Sets how values that are too wide are shown; the default is to wrap them.
    #[must_use]
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.overflow = overflow;
        self
    }

    /// Allows line breaks inside words that are wider than their column. Without it, a name or path that does not fit
    /// gets its own line, so that it can be copied.
    #[must_use]
    pub fn breaking_words(mut self) -> Self {
        self.keeps_words = false;
        self
    }

    /// Adds a row.
    pub fn push(&mut self, row: impl IntoIterator<Item = Cell>) {
        self.rows.push(row.into_iter().collect());
    }

    /// Whether the table has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the table as text; columns that do not fit are listed below it.
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
        let apart = Apart::of(self, shown, theme.width);
        for (index, row) in self.rows.iter().enumerate() {
            let kept = |column: usize, cell: &Cell| match (apart.has(index, column), column) {
                (true, _) => Drawn::new(if column == 0 { ROW } else { "" }),
                // Marks the start of the row in the drawn text.
                (false, 0) if !apart.is_empty() => draw_text(&format!("{ROW}{}", content(cell)), cell, theme),
                _ => draw(cell, theme),
            };
            let mut drawn = Row::from(row.iter().take(shown).enumerate().map(|(column, cell)| kept(column, cell)));
            if self.overflow == Overflow::Cut {
                drawn.max_height(1);
            }
            table.add_row(drawn);
        }
        let gap = u16::try_from(GAP).expect("a small number");
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, if index + 1 < shown { gap } else { 0 }));
            if let Some(least) = apart.least(index) {
                let least = least + if index + 1 < shown { GAP } else { 0 };
                let least = Width::Fixed(u16::try_from(least).unwrap_or(u16::MAX));
                column.set_constraint(ColumnConstraint::LowerBoundary(least));
            }
        }
        let mut text = apart.put_in(&table.trim_fmt(), self, theme);
        text.push('\n');
        if shown < self.headers.len() {
            let hidden: Vec<_> = self.headers.iter().skip(shown).map(|header| one_line(header)).collect();
            let note =
                format!("no room for {}: {}", crate::base::text::count(hidden.len(), "column"), hidden.join(", "));
            for line in super::text::wrap(&note, theme.width) {
                text.push_str(&theme.paint(Role::Muted, line));
                text.push('\n');
            }
        }
        text
    }

    /// Returns the width at which no value is wrapped or cut.
    pub fn width(&self) -> usize {
        let columns = (0..self.headers.len()).map(|index| self.widest(index));
        columns.sum::<usize>() + GAP * self.headers.len().saturating_sub(1)
    }

    fn widest(&self, index: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(index)).map(|cell| width(&content(cell)));
        cells.chain([width(&one_line(&self.headers[index]))]).max().unwrap_or_default()
    }

    /// Returns how many columns from the left fit at their minimum width; at least one.
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

    /// Aligns a column to the right if all its values are numbers.
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
    /// Creates a text cell.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Creates a cell for a count, with commas between thousands.
    pub fn count(number: u64) -> Self {
        Self::Number(crate::base::text::grouped(number))
    }

    /// Creates a cell for a query's value: `NULL` for none, a number if `is_number`. The text `NULL` is quoted.
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
        Cell::Text(text) | Cell::Styled(_, text) | Cell::Number(text) if text.contains(ROW) => {
            one_line(text).replace(ROW, "").into()
        }
        Cell::Text(text) | Cell::Styled(_, text) | Cell::Number(text) => one_line(text),
        Cell::Null => "NULL".into(),
        Cell::Empty => "".into(),
    }
}

/// Marks the start of a row in the drawn text. It has no width, and no value contains it.
const ROW: &str = "\u{2060}";

/// The minimum width to which other columns are reduced to keep words whole.
const LEAST_WHOLE: usize = 16;

/// Words that are wider than their column can be, and get their own lines.
struct Apart {
    /// The width that the other words of each column need.
    least: Vec<usize>,
    /// The row and column of these words.
    cells: BTreeSet<(usize, usize)>,
}

impl Apart {
    /// Moves the widest words out, one after the other, until the others fit on the screen.
    fn of(table: &Table, shown: usize, screen: usize) -> Self {
        let none = Self {
            least: Vec::new(),
            cells: BTreeSet::new(),
        };
        if !table.keeps_words || table.overflow == Overflow::Cut || table.width() <= screen {
            return none;
        }
        let mut words: Vec<Vec<(usize, usize)>> = Vec::new();
        let mut least: Vec<usize> = Vec::new();
        for column in 0..shown {
            let cells = table.rows.iter().enumerate();
            let mut of_column: Vec<(usize, usize)> =
                cells.filter_map(|(row, cells)| Some((longest_word(&content(cells.get(column)?)), row))).collect();
            of_column.sort_unstable();
            least.push(longest_word(&one_line(&table.headers[column])));
            words.push(of_column);
        }
        let header = least.clone();
        let needed = |words: &[Vec<(usize, usize)>], column: usize| {
            words[column].last().map_or(0, |(width, _)| *width).max(header[column])
        };
        let mut cells = BTreeSet::new();
        let gaps = GAP * shown.saturating_sub(1);
        loop {
            let widths: Vec<usize> = (0..shown).map(|column| needed(&words, column)).collect();
            if widths.iter().sum::<usize>() + gaps <= screen {
                return Self { least: widths, cells };
            }
            let widest = (0..shown).max_by_key(|column| words[*column].last().map_or(0, |(width, _)| *width));
            let Some((width, row)) = widest.and_then(|column| words[column].last().copied()) else {
                return none;
            };
            if width <= LEAST_WHOLE {
                return none;
            }
            let column = widest.unwrap_or_default();
            words[column].pop();
            cells.insert((row, column));
        }
    }

    fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    fn has(&self, row: usize, column: usize) -> bool {
        self.cells.contains(&(row, column))
    }

    fn least(&self, column: usize) -> Option<usize> {
        self.least.get(column).copied()
    }

    /// Returns the drawn table with each of these words on its own line: the row's first column above the row, others
    /// below it.
    fn put_in(&self, drawn: &str, table: &Table, theme: &Theme) -> String {
        if self.is_empty() {
            return drawn.to_owned();
        }
        let mut lines: Vec<String> = Vec::new();
        let below = |row: usize, lines: &mut Vec<String>| {
            for (_, column) in self.cells.range((row, 1)..(row + 1, 0)) {
                lines.push(format!("  {}", theme.paint(Role::Path, content(&table.rows[row][*column]))));
            }
        };
        let mut row = None;
        for line in drawn.lines() {
            if line.contains(ROW) {
                if let Some(row) = row {
                    below(row, &mut lines);
                }
                let now = row.map_or(0, |row| row + 1);
                row = Some(now);
                if self.has(now, 0) {
                    lines.push(content(&table.rows[now][0]).into_owned());
                }
            }
            let line = line.replace(ROW, "");
            if !line.trim().is_empty() {
                lines.push(line.trim_end().to_owned());
            }
        }
        if let Some(row) = row {
            below(row, &mut lines);
        }
        lines.join("\n")
    }
}

fn longest_word(text: &str) -> usize {
    text.split(' ').map(width).max().unwrap_or_default()
}

fn draw(cell: &Cell, theme: &Theme) -> Drawn {
    draw_text(&content(cell), cell, theme)
}

fn draw_text(text: &str, cell: &Cell, theme: &Theme) -> Drawn {
    let drawn = Drawn::new(text);
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
raw.orders  1,234  NULL
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
        let table = table.breaking_words();
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
    fn names_and_paths_are_whole() {
        let mut table = Table::new(["asset", "where", "rows"]);
        let (name, path) = ("n".repeat(60), format!(".dp/{}", "p".repeat(60)));
        table.push([Cell::text("raw.orders"), Cell::text(path.clone()), Cell::count(1)]);
        table.push([Cell::text(name.clone()), Cell::text("short"), Cell::count(2)]);
        table.push([Cell::text("x"), Cell::text("short"), Cell::count(3)]);
        let expected = format!(
            "\
asset       where  rows
───────────────────────
raw.orders            1
  {path}
{name}
            short     2
x           short     3
"
        );
        assert_eq!(table.render(&Theme::plain(70)), expected);
        let broken = table.breaking_words().render(&Theme::plain(70));
        assert!(!broken.contains(&path), "values of a query go on in the next line: {broken}");
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
