//! A plan as a comment on a pull request.

use std::fmt::Write as _;

use similar::{ChangeTag, TextDiff};

use super::plan::{rows, summary_parts};
use super::text::{one_line, plain};
use crate::base::text;
use crate::plan::{Consequences, Forecast, Plan, Reached, Reason, SqlChange, Step};

/// GitHub allows 65,536 characters in a comment; these are the limits of each part, in bytes.
const STEPS: usize = 20_000;
const HELD: usize = 2_000;
const EDITS: usize = 20_000;
const REACHED: usize = 9_000;
const CHECKS: usize = 5_000;
const DRIFT: usize = 3_000;
const WARNINGS: usize = 3_000;
const LEFT_OUT: usize = 1_000;
/// The maximum length of an entry, in bytes.
const ENTRY: usize = 1_500;
/// The maximum number of lines of one edit.
const DIFF_LINES: usize = 80;

/// Returns the plan in GitHub's Markdown, short enough for a comment.
pub fn plan_markdown(plan: &Plan, consequences: &Consequences, forecast: Option<&Forecast>, next: &str) -> String {
    let mut out = format!("### dp plan: {} in {}\n\n", code(&plan.project), code(&plan.environment));
    if plan.is_empty() && plan.left_out.is_empty() {
        let unchanged = text::count(plan.summary().unchanged, "asset");
        let _ = writeln!(out, "Nothing to do: {unchanged} up to date.");
        return out;
    }
    let parts = summary_parts(plan);
    let parts = if parts.is_empty() { "Nothing to build".to_owned() } else { parts.join(", ") };
    let _ = writeln!(out, "**{parts}.** {}\n", estimate(plan, forecast));
    let steps: Vec<String> = plan.actions().map(|step| step_row(plan, step)).collect();
    table(&mut out, "", &["", "asset", "why", "usually"], &steps, STEPS, "action");
    let held: Vec<String> = plan.held_back().map(|step| step_row(plan, &step.without_hold())).collect();
    table(&mut out, "Held back", &["", "asset", "why", "usually"], &held, HELD, "asset");
    if !held.is_empty() {
        let _ = writeln!(
            out,
            "A rollback holds back these assets until you edit them or run {}.\n",
            code("dp apply --resume")
        );
    }
    let left_out: Vec<String> = plan.left_out.iter().map(|one| row(&[code(&one.asset), text(&one.why())])).collect();
    table(&mut out, "Left out because of mistakes", &["asset", "why"], &left_out, LEFT_OUT, "asset");
    let edits: Vec<String> = plan.actions().filter_map(edit).collect();
    list(&mut out, "Edits", &edits, EDITS, "edit");
    let reached: Vec<String> = consequences.reached.iter().map(reached_row).collect();
    table(&mut out, "Consequences", &["asset", "", "because of", "what may change"], &reached, REACHED, "asset");
    let checks: Vec<String> = consequences
        .checks
        .iter()
        .map(|(asset, checks)| {
            row(&[code(asset.as_str()), checks.iter().map(|check| text(check)).collect::<Vec<_>>().join(", ")])
        })
        .collect();
    table(&mut out, "Checks that would run", &["asset", "checks"], &checks, CHECKS, "asset");
    let drift: Vec<String> = plan
        .drift
        .iter()
        .map(|drift| {
            row(&[
                drift.asset.as_ref().map(|asset| code(asset.as_str())).unwrap_or_default(),
                code(&drift.path),
                text(&drift.what),
                text(&drift.action),
            ])
        })
        .collect();
    table(&mut out, "Changed outside dp", &["asset", "path", "what", "what dp does"], &drift, DRIFT, "file");
    let warnings: Vec<String> = plan
        .warnings
        .iter()
        .map(|warning| {
            let place = match (&warning.file, warning.line) {
                (Some(file), Some(line)) => format!("{file}:{line}"),
                (Some(file), None) => file.clone(),
                _ => String::new(),
            };
            row(&[text(&warning.message), if place.is_empty() { place } else { code(&place) }])
        })
        .collect();
    table(&mut out, "Warnings", &["", "where"], &warnings, WARNINGS, "warning");
    let _ = writeln!(out, "Next: {}", code(next));
    out
}

fn estimate(plan: &Plan, forecast: Option<&Forecast>) -> String {
    let Some(forecast) = forecast else {
        return "No estimate: none of these assets was built before.".to_owned();
    };
    let most = if plan.summary().maybe > 0 { "at most " } else { "" };
    let unknown = match forecast.unknown {
        0 => String::new(),
        some => format!("; {} without a history", text::count(some, "build")),
    };
    format!("Estimate: {most}{}, {}{unknown}.", text::duration_ms(forecast.ms), rows(forecast.rows))
}

fn step_row(plan: &Plan, step: &Step) -> String {
    let reasons = step.reasons.iter().map(|reason| {
        let place = reason.place().map(|(file, line)| format!(" ({})", code(&format!("{file}:{line}"))));
        format!("{}{}", words_of(&reason.detail()), place.unwrap_or_default())
    });
    let usually = plan.estimates.get(&step.asset).map(|estimate| {
        let parts = [Some(text::duration_ms(estimate.ms)), estimate.rows.map(rows)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    });
    row(&[
        step.action.word().to_owned(),
        code(step.asset.as_str()),
        reasons.collect::<Vec<_>>().join("<br>"),
        usually.unwrap_or_default(),
    ])
}

/// Returns the effect of an edit on the columns, and the edit itself, folded.
fn edit(step: &Step) -> Option<String> {
    let reason = step.reasons.iter().find(|reason| matches!(reason, Reason::DefinitionChanged { .. }))?;
    let (file, line) = reason.place()?;
    let mut out = format!(
        "<details><summary>{}: {} ({})</summary>\n\n",
        code(step.asset.as_str()),
        limited(&words_of(&reason.detail())),
        code(&format!("{file}:{line}"))
    );
    for column in step.columns.iter().take(20) {
        let _ = writeln!(out, "- {}", words_of(column));
    }
    if step.columns.len() > 20 {
        let _ = writeln!(out, "- {} more", step.columns.len() - 20);
    }
    if let Some(change) = &step.change {
        let gap = if step.columns.is_empty() { "" } else { "\n" };
        let _ = write!(out, "{gap}{}", diff(change));
    }
    out.push_str("\n</details>\n");
    Some(out)
}

/// Returns the edit as a block that GitHub colours; its fence is longer than any fence in it.
fn diff(change: &SqlChange) -> String {
    let diff = TextDiff::from_lines(&change.before, &change.after);
    let mut lines = Vec::new();
    for (index, group) in diff.grouped_ops(2).iter().enumerate() {
        if index > 0 {
            lines.push("@@".to_owned());
        }
        for row in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match row.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            let line = one_line(row.value().trim_end_matches(['\r', '\n'])).into_owned();
            let line: String = line.chars().take(300).collect();
            lines.push(format!("{sign} {line}"));
        }
    }
    let more = lines.len().saturating_sub(DIFF_LINES);
    lines.truncate(DIFF_LINES);
    let longest = lines.iter().map(|line| longest_run(line, '`')).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let more = if more > 0 { format!("\n{more} more lines\n") } else { String::new() };
    format!("{fence}diff\n{}\n{fence}\n{more}", lines.join("\n"))
}

fn longest_run(text: &str, wanted: char) -> usize {
    text.split(|char| char != wanted).map(str::len).max().unwrap_or_default()
}

fn reached_row(reached: &Reached) -> String {
    let by: Vec<String> = reached.by.iter().take(5).map(|asset| code(asset.as_str())).collect();
    let more = reached.by.len() - by.len();
    let by = if more > 0 { format!("{} and {more} more", by.join(", ")) } else { by.join(", ") };
    let what = match &reached.columns {
        None => "the set of rows".to_owned(),
        Some(columns) => {
            let shown: Vec<String> = columns.iter().take(12).map(|column| code(column)).collect();
            let more = columns.len() - shown.len();
            if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
        }
    };
    row(&[code(reached.asset.as_str()), reached.action.word().to_owned(), by, what])
}

fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.iter().map(|cell| limited(cell)).collect::<Vec<_>>().join(" | "))
}

/// Adds a table with as many rows as there is room for, and the number of further rows.
fn table(out: &mut String, title: &str, heads: &[&str], rows: &[String], room: usize, noun: &str) {
    if rows.is_empty() {
        return;
    }
    let head = format!("| {} |\n|{}\n", heads.join(" | "), "---|".repeat(heads.len()));
    let title = if title.is_empty() { String::new() } else { format!("#### {title}\n\n") };
    let _ = write!(out, "{title}{head}");
    limited_list(out, rows, room, noun);
}

fn list(out: &mut String, title: &str, entries: &[String], room: usize, noun: &str) {
    if entries.is_empty() {
        return;
    }
    let _ = write!(out, "#### {title}\n\n");
    limited_list(out, entries, room, noun);
}

fn limited_list(out: &mut String, entries: &[String], room: usize, noun: &str) {
    let mut taken = 0;
    let mut shown = 0;
    for entry in entries {
        if taken + entry.len() > room {
            break;
        }
        taken += entry.len();
        shown += 1;
        out.push_str(entry);
    }
    out.push('\n');
    let more = entries.len() - shown;
    if more > 0 {
        let _ =
            writeln!(out, "{} not shown; `dp plan` shows everything.\n", text::count(more, &format!("more {noun}")));
    }
}

/// Returns a cell, cut with an ellipsis if it is too long; tags and entities are never cut.
fn limited(cell: &str) -> String {
    if cell.len() <= ENTRY {
        return cell.to_owned();
    }
    let mut end = ENTRY;
    while !cell.is_char_boundary(end) {
        end -= 1;
    }
    let mut cut = cell[..end].to_owned();
    for (open, close) in [('<', '>'), ('&', ';')] {
        if let Some(begin) = cut.rfind(open)
            && !cut[begin..].contains(close)
        {
            cut.truncate(begin);
        }
    }
    if cut.matches("<code>").count() > cut.matches("</code>").count() {
        cut.push_str("</code>");
    }
    cut.push('…');
    cut
}

/// Returns a text without active Markdown, HTML, mentions or references.
fn text(written: &str) -> String {
    let mut safe = String::with_capacity(written.len() + 16);
    for char in one_line(&plain(written)).chars() {
        if char.is_ascii_punctuation() && !matches!(char, '.' | ',' | ':' | ';' | '/' | '-' | '\'' | '"' | '=' | '?') {
            let _ = write!(safe, "&#{};", u32::from(char));
        } else {
            safe.push(char);
        }
    }
    // Prevents automatic links.
    safe.replace("://", "&#58;//").replace("www.", "www&#46;")
}

/// Formats a name, an address or a command.
fn code(written: &str) -> String {
    format!("<code>{}</code>", text(written))
}

/// Formats a text of dp in which names are in backticks.
fn words_of(detail: &str) -> String {
    let parts: Vec<&str> = detail.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return text(detail);
    }
    let shown = parts.iter().enumerate().map(|(index, part)| if index % 2 == 1 { code(part) } else { text(part) });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::plan::tests::{plan_of, step_of};
    use super::*;
    use crate::plan::{Action, Warning};

    fn edited(asset: &str, detail: &str, before: &str, after: &str) -> Step {
        Step {
            reasons: vec![Reason::DefinitionChanged {
                changes: vec![detail.to_owned()],
                file: format!("assets/{}.toml", asset.replace('.', "/")),
                line: 7,
            }],
            columns: vec!["column `total` added".to_owned()],
            change: Some(SqlChange {
                before: before.to_owned(),
                after: after.to_owned(),
                file: "x".to_owned(),
                line: 7,
                outputs: None,
            }),
            ..step_of(asset, Action::Rebuild)
        }
    }

    #[test]
    fn a_plan_is_a_comment() {
        let plan = plan_of(vec![
            edited("staging.orders", "sql changed: `total` added", "select id\n", "select id, 1 as total\n"),
            Step {
                reasons: vec![Reason::InputMayChange {
                    input: "staging.orders".parse().unwrap(),
                }],
                ..step_of("marts.daily", Action::Maybe)
            },
            step_of("marts.same", Action::Unchanged),
        ]);
        let consequences = Consequences {
            reached: vec![Reached {
                asset: "marts.daily".parse().unwrap(),
                action: Action::Maybe,
                by: BTreeSet::from(["staging.orders".parse().unwrap()]),
                columns: Some(BTreeSet::from(["day".to_owned()])),
            }],
            checks: vec![("staging.orders".parse().unwrap(), vec!["not_null(id)".to_owned()])],
        };
        let expected = "\
### dp plan: <code>shop</code> in <code>prod</code>

**1 to rebuild, 1 maybe, 1 unchanged.** No estimate: none of these assets was built before.

|  | asset | why | usually |
|---|---|---|---|
| rebuild | <code>staging.orders</code> | sql changed: <code>total</code> added (<code>assets/staging/orders.toml:7</code>) |  |
| maybe | <code>marts.daily</code> | skipped if staging.orders does not change |  |

#### Edits

<details><summary><code>staging.orders</code>: sql changed: <code>total</code> added (<code>assets/staging/orders.toml:7</code>)</summary>

- column <code>total</code> added

```diff
- select id
+ select id, 1 as total
```

</details>

#### Consequences

| asset |  | because of | what may change |
|---|---|---|---|
| <code>marts.daily</code> | maybe | <code>staging.orders</code> | <code>day</code> |

#### Checks that would run

| asset | checks |
|---|---|
| <code>staging.orders</code> | not&#95;null&#40;id&#41; |

Next: <code>dp apply</code>
";
        assert_eq!(plan_markdown(&plan, &consequences, None, "dp apply"), expected);
    }

    #[test]
    fn nothing_in_names_and_sql_is_markup() {
        let sql = "select '```' as a, '</details><script>' -- @team #12\n";
        let mut plan = plan_of(vec![edited("a.b", "type of `x|y` added <img> @team #12 *b* www.x.org", "", sql)]);
        plan.warnings.push(Warning {
            code: "dp::x::y".to_owned(),
            message: "a | b\n<b>\u{1b}[2J [x](https://evil.example)".to_owned(),
            file: Some("assets/a|b.toml".to_owned()),
            line: None,
            column: None,
        });
        let shown = plan_markdown(&plan, &Consequences::default(), None, "dp apply");
        assert!(shown.contains("\n````diff\n"), "{shown}");
        assert_eq!(shown.matches("\n````\n").count(), 1, "{shown}");
        let outside = shown.replace(&format!("+ {}", sql.trim_end()), "");
        for bad in ["<script", "<img", "@team", " #12", "*b*", "](", "://", "\u{1b}", "<b>", "www."] {
            assert!(!outside.contains(bad), "{bad}\n{outside}");
        }
        for line in outside.lines().filter(|line| line.starts_with('|')) {
            assert!(!line.contains("a|b") && !line.contains("x|y"), "{line}");
        }
    }

    #[test]
    fn a_plan_of_any_size_fits_and_says_what_is_left_out() {
        let long = "select 'x' as y, -- ```\n".repeat(3_000);
        let steps: Vec<Step> = (0..3_000)
            .map(|index| edited(&format!("{}.t{index}", "s".repeat(60)), &"`|&<é".repeat(900), &long, "select 1"))
            .collect();
        let mut plan = plan_of(steps);
        let reached = plan.steps.iter().map(|step| Reached {
            asset: step.asset.clone(),
            action: Action::Maybe,
            by: plan.steps.iter().map(|step| step.asset.clone()).collect(),
            columns: Some((0..900).map(|column| format!("column {column}")).collect()),
        });
        let consequences = Consequences {
            reached: reached.take(100).collect(),
            checks: plan.steps.iter().map(|step| (step.asset.clone(), vec!["|".repeat(900); 90])).collect(),
        };
        let warning = Warning {
            code: "dp::x::y".to_owned(),
            message: "|".repeat(10_000),
            file: None,
            line: None,
            column: None,
        };
        plan.warnings = vec![warning; 1_000];
        let shown = plan_markdown(&plan, &consequences, None, &"x".repeat(100));
        assert!(shown.len() < 65_536, "{}", shown.len());
        assert!(shown.contains("more actions not shown; `dp plan` shows everything."), "{shown}");
        assert_eq!(shown.matches("<details>").count(), shown.matches("</details>").count());
        assert_eq!(shown.matches("<code>").count(), shown.matches("</code>").count());
    }
}
