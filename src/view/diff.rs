use similar::{ChangeTag, TextDiff};

use super::style::{Role, Theme};
use super::text::{chunks, one_line};
use crate::plan::SqlChange;

const CONTEXT: usize = 2;

/// Returns the edit of a query as lines, numbered as in the current file; at most `most` lines.
///
/// Removed lines have no number, because they are not in the file any more.
pub(super) fn sql_change(change: &SqlChange, indent: usize, most: usize, theme: &Theme) -> Vec<String> {
    let before: Vec<&str> = change.before.lines().collect();
    let after: Vec<&str> = change.after.lines().collect();
    let digits = (change.line + after.len()).to_string().len();
    // The indentation, the number, a space, the sign, and a space.
    let room = theme.width.saturating_sub(indent + digits + 3).max(20);
    let diff = TextDiff::from_slices(&before, &after);
    let mut lines = Vec::new();
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if index > 0 {
            lines.push(theme.paint(Role::Muted, format!("{:indent$}{:>digits$}", "", theme.ellipsis())));
        }
        for row in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (sign, role) = match row.tag() {
                ChangeTag::Equal => (' ', None),
                ChangeTag::Delete => ('-', Some(Role::Removed)),
                ChangeTag::Insert => ('+', Some(Role::Added)),
            };
            let number = row.new_index().map_or_else(String::new, |at| (change.line + at).to_string());
            let text = row.value().replace('\t', "    ");
            for (part, text) in chunks(&one_line(&text), room).iter().enumerate() {
                let number = if part == 0 { number.as_str() } else { "" };
                let gutter = theme.paint(Role::Muted, format!("{:indent$}{number:>digits$}", ""));
                let text = format!("{sign} {text}");
                let text = text.trim_end();
                let text = role.map_or_else(|| text.to_owned(), |role| theme.paint(role, text));
                lines.push(format!("{gutter} {text}").trim_end().to_owned());
            }
        }
    }
    if lines.len() > most {
        let more = lines.len() - most;
        lines.truncate(most);
        let note = format!("{:indent$}{} {more} more lines; --all shows them", "", theme.ellipsis());
        lines.push(theme.paint(Role::Muted, note));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(before: &str, after: &str) -> SqlChange {
        SqlChange {
            before: before.to_owned(),
            after: after.to_owned(),
            file: "assets/a/b.toml".to_owned(),
            line: 8,
            outputs: None,
        }
    }

    #[test]
    fn lines_have_the_numbers_of_the_file_as_it_is() {
        let change = change("select a,\n  b,\n  c\nfrom t\nwhere x", "select a,\n  b,\n  d\nfrom t\nwhere x\n");
        assert_eq!(
            sql_change(&change, 2, 99, &Theme::plain(80)),
            ["   8   select a,", "   9     b,", "     -   c", "  10 +   d", "  11   from t", "  12   where x",]
        );
    }

    #[test]
    fn long_lines_and_long_edits_are_kept_in_bounds() {
        let long = change("", &format!("select {}\n", "x, ".repeat(40)));
        let lines = sql_change(&long, 4, 99, &Theme::plain(40));
        assert!(lines.len() > 2);
        assert!(lines.iter().all(|line| line.chars().count() <= 40), "{lines:#?}");
        let many = change("", &"x\n".repeat(50));
        let lines = sql_change(&many, 2, 3, &Theme::plain(80));
        assert_eq!(lines[3], "  … 47 more lines; --all shows them");
    }

    #[test]
    fn hostile_sql_is_escaped() {
        let change = change("a", "a -- \u{1b}[2J\rselect 1");
        let lines = sql_change(&change, 0, 99, &Theme::plain(80));
        assert_eq!(lines, ["  - a", "8 + a -- \\u{1b}[2J\\rselect 1"]);
    }
}
