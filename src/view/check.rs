use super::style::{Role, Theme};
use super::table::{Cell, Overflow, Table};
use super::text::{one_line, plain, push_indented, wrap};
use crate::base::text;
use crate::model::{AssetName, CheckOutcome, CheckRecord, Severity};

const INDENT: usize = 6;

/// Describes a check that did not pass: the number of failing rows, their meaning, and a sample. `None` if it passed.
pub fn failed_check(asset: &AssetName, record: &CheckRecord, theme: &Theme) -> Option<String> {
    let check = one_line(&record.check);
    if record.outcome == CheckOutcome::Passed {
        return None;
    }
    let found = one_line(&record.found()).into_owned();
    let (role, sign, meaning) = match record.severity {
        Severity::Error => (Role::Error, theme.either("✗", "x"), "blocks publishing"),
        Severity::Warn => (Role::Warning, "!", "only a warning"),
    };
    let mut out = String::new();
    let text = format!("{asset}: check {check}: {found} ({meaning})");
    for (index, line) in wrap(&text, theme.width.saturating_sub(4)).iter().enumerate() {
        match index {
            0 => push_indented(&mut out, 2, &format!("{} {line}", theme.paint(role, sign))),
            _ => push_indented(&mut out, 4, line),
        }
    }
    if let Some(message) = &record.message {
        for line in wrap(&plain(message), theme.width.saturating_sub(INDENT)) {
            push_indented(&mut out, INDENT, &line);
        }
    }
    if let Some((columns, rows)) = &record.sample
        && !rows.is_empty()
    {
        sample(&mut out, columns, rows, theme);
        let more = record.groups.unwrap_or(record.failures).saturating_sub(rows.len() as u64);
        if more > 0 {
            let what = if record.groups.is_some() { " groups" } else { "" };
            let more = format!("{} {} more{what}", theme.ellipsis(), text::grouped(more));
            push_indented(&mut out, INDENT, &theme.paint(Role::Muted, more));
        }
    }
    out.pop();
    Some(out)
}

fn sample(out: &mut String, columns: &[String], rows: &[Vec<Option<String>>], theme: &Theme) {
    let is_number = |column: usize| {
        let mut values = rows.iter().filter_map(|row| row.get(column)?.as_deref()).peekable();
        values.peek().is_some() && values.all(looks_like_a_number)
    };
    let numbers: Vec<bool> = (0..columns.len()).map(is_number).collect();
    let mut table = Table::new(columns.to_vec()).overflow(Overflow::Cut);
    for row in rows {
        table.push(row.iter().zip(&numbers).map(|(value, is_number)| Cell::value(value.as_deref(), *is_number)));
    }
    let narrower = Theme {
        width: theme.width.saturating_sub(INDENT),
        ..*theme
    };
    for line in table.render(&narrower).lines() {
        push_indented(out, INDENT, line);
    }
}

fn looks_like_a_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.') && text.parse::<f64>().is_ok()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::Digest;

    pub(in crate::view) fn record(outcome: CheckOutcome, severity: Severity) -> CheckRecord {
        CheckRecord {
            check: "not_null(order_id)".to_owned(),
            kind: "not_null".to_owned(),
            key: Digest::of("test", []),
            severity,
            outcome,
            failures: 0,
            groups: None,
            sample: None,
            message: None,
            ms: 3,
        }
    }

    fn shown(record: &CheckRecord) -> Option<String> {
        failed_check(&"staging.orders".parse().unwrap(), record, &Theme::plain(80))
    }

    #[test]
    fn failing_rows_are_shown() {
        let row = |id: Option<&str>, amount: &str| vec![id.map(ToOwned::to_owned), Some(amount.to_owned())];
        let failed = CheckRecord {
            failures: 1_003,
            sample: Some((
                vec!["order_id".to_owned(), "amount".to_owned()],
                vec![row(None, "3"), row(Some("a\u{1b}\n"), "-12.5")],
            )),
            ..record(CheckOutcome::Failed, Severity::Error)
        };
        let expected = "  ✗ staging.orders: check not_null(order_id): 1,003 rows fail (blocks
    publishing)
      order_id   amount
      ─────────────────
      NULL            3
      a\\u{1b}\\n   -12.5
      … 1,001 more";
        assert_eq!(shown(&failed).unwrap(), expected);
    }

    #[test]
    fn a_warning_says_that_it_is_one() {
        let failed = CheckRecord {
            failures: 1,
            ..record(CheckOutcome::Failed, Severity::Warn)
        };
        assert_eq!(
            shown(&failed).unwrap(),
            "  ! staging.orders: check not_null(order_id): 1 row fails (only a warning)"
        );
        assert_eq!(shown(&record(CheckOutcome::Passed, Severity::Error)), None);
    }

    #[test]
    fn what_could_not_be_run_says_why() {
        let errored = CheckRecord {
            message: Some("no such\ncolumn \u{1b}".to_owned()),
            ..record(CheckOutcome::Errored, Severity::Error)
        };
        let expected = "  ✗ staging.orders: check not_null(order_id): it could not run (blocks
    publishing)
      no such
      column \\u{1b}";
        assert_eq!(shown(&errored).unwrap(), expected);
    }
}
