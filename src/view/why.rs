use serde_json::{Map, Value, json};

use super::diff::sql_change;
use super::style::{Role, Theme};
use super::text::{one_line, push_indented, width, wrap};
use crate::base::text;
use crate::plan::{Cause, Compared, Why};
use crate::report::FORMAT_VERSION;

/// The maximum number of lines of an edit.
const DIFF_LINES: usize = 40;
/// The width to which the names of compared items are aligned.
const NAME_COLUMN: usize = 32;

/// Returns the chain of evidence as text.
pub fn why(why: &Why, theme: &Theme) -> String {
    let mut out = String::new();
    let head = format!("{} {}", theme.paint(Role::Heading, &why.asset), verdict(why));
    for line in wrap(&head, theme.width) {
        push_indented(&mut out, 0, &line);
    }
    if !why.causes.is_empty() {
        push_indented(&mut out, 0, &format!("\n{}", theme.paint(Role::Heading, "Because")));
        for cause in &why.causes {
            cause_lines(&mut out, cause, 2, why, theme);
        }
    }
    if why.outcome == "held_back" {
        let next = format!("To publish the declared version again: dp apply --resume {}", why.asset);
        push_indented(&mut out, 0, &format!("\n{next}"));
    }
    if !why.compared.is_empty() {
        let title = if why.run.is_some() { "Inputs" } else { "Compared" };
        push_indented(&mut out, 0, &format!("\n{}", theme.paint(Role::Heading, title)));
        let names = why.compared.iter().map(|compared| width(&compared.what)).filter(|name| *name <= NAME_COLUMN);
        let column = names.max().unwrap_or_default();
        for compared in &why.compared {
            compared_lines(&mut out, compared, column, theme);
        }
    }
    out
}

fn verdict(why: &Why) -> String {
    let built = match (&why.version, why.built_by) {
        (Some(version), Some(run)) => format!(" (version {version}, built by {run})"),
        (Some(version), None) => format!(" (version {version})"),
        _ => String::new(),
    };
    let Some(run) = why.run else {
        return match why.outcome.as_str() {
            "create" => "would be built: it is not published here".to_owned(),
            "rebuild" => "would be rebuilt".to_owned(),
            "maybe" => "may be rebuilt, depending on the data".to_owned(),
            "reuse" => "would be published from the store, without a build".to_owned(),
            "check" => "stays the same; checks are due".to_owned(),
            "settings" => format!("stays the same{built}; changed settings would be recorded"),
            "destroy" => "would be withdrawn".to_owned(),
            "held_back" => {
                format!("stays the same{built}: a rollback holds it until you edit or resume it")
            }
            _ => format!("stays the same{built}: nothing that it was built from changed"),
        };
    };
    match why.outcome.as_str() {
        "built" => format!("was built by {run}"),
        "cut_off" => format!("was cut off in {run}: the data that it reads did not change{built}"),
        "reused" => format!("was published from the store by {run}{built}"),
        "checked" => format!("was only checked by {run}{built}"),
        "settings" => format!("got new settings from {run}{built}"),
        "destroyed" => format!("was withdrawn by {run}"),
        "failed" => format!("failed in {run}"),
        "skipped" => format!("was skipped in {run}"),
        "untouched" => format!("was not part of {run}{built}; these are the reasons for that build"),
        other => format!("is {} in {run}", one_line(other)),
    }
}

fn cause_lines(out: &mut String, cause: &Cause, indent: usize, why: &Why, theme: &Theme) {
    let mut text = format!("{}: {}", cause.asset, one_line(&cause.reason.detail()));
    if let Some(run) = cause.run.filter(|run| Some(*run) != why.run) {
        text.push_str(&format!(", in {run}"));
    }
    if let Some(columns) = cause.reads.as_ref().filter(|columns| !columns.is_empty()) {
        text.push_str(&format!("; it reads {}", text::named(columns, 8)));
    }
    if cause.is_above {
        text.push_str(" (see above)");
    }
    let branch = if theme.unicode { "└ " } else { "- " };
    // Leaves room for text, however deep the graph is.
    let indent = indent.min(theme.width / 2);
    let room = theme.width.saturating_sub(indent + 2);
    for (index, line) in wrap(&text, room).iter().enumerate() {
        let branch = if index == 0 { branch } else { "  " };
        push_indented(out, indent, &format!("{}{line}", theme.paint(Role::Muted, branch)));
    }
    if let Some((file, line)) = cause.reason.place() {
        push_indented(out, indent + 2, &theme.paint(Role::Path, format!("{}:{line}", one_line(file))));
    }
    for column in &cause.columns {
        push_indented(out, indent + 4, &one_line(column));
    }
    if let Some(change) = &cause.change {
        for line in sql_change(change, indent + 4, DIFF_LINES, theme) {
            out.push_str(&line);
            out.push('\n');
        }
    }
    for from in &cause.from {
        cause_lines(out, from, indent + 2, why, theme);
    }
}

fn compared_lines(out: &mut String, compared: &Compared, column: usize, theme: &Theme) {
    let (sign, role) = match compared.same {
        Some(true) => ("=", Role::Muted),
        Some(false) if theme.unicode => ("≠", Role::Changed),
        Some(false) => ("!", Role::Changed),
        None => ("?", Role::Warning),
    };
    let what = one_line(&compared.what);
    let head = format!("{} {what}", theme.paint(role, sign));
    let beside = 4 + column + 2;
    let detail = one_line(&compared.detail);
    if width(&what) <= column && beside + 24 <= theme.width {
        let gap = column - width(&what) + 2;
        let lines = wrap(&detail, theme.width.saturating_sub(beside));
        for (index, line) in lines.iter().enumerate() {
            if index == 0 {
                push_indented(out, 2, &format!("{head}{:gap$}{}", "", theme.paint(Role::Muted, line)));
            } else {
                push_indented(out, beside, &theme.paint(Role::Muted, line));
            }
        }
        return;
    }
    push_indented(out, 2, &head);
    for line in wrap(&detail, theme.width.saturating_sub(6)) {
        push_indented(out, 6, &theme.paint(Role::Muted, line));
    }
}

/// Returns the chain of evidence as JSON.
pub fn why_json(why: &Why, environment: &str) -> Value {
    let compared = why
        .compared
        .iter()
        .map(|compared| json!({ "what": compared.what, "same": compared.same, "detail": compared.detail }));
    json!({
        "format_version": FORMAT_VERSION,
        "asset": why.asset,
        "environment": environment,
        "run": why.run.map(|run| run.to_string()),
        "outcome": why.outcome,
        "version": why.version,
        "built_by": why.built_by.map(|run| run.to_string()),
        "causes": why.causes.iter().map(cause_json).collect::<Vec<_>>(),
        "compared": compared.collect::<Vec<_>>(),
    })
}

fn cause_json(cause: &Cause) -> Value {
    let mut value = Map::new();
    value.insert("asset".to_owned(), json!(cause.asset));
    value.insert("outcome".to_owned(), json!(cause.outcome));
    value.insert("code".to_owned(), json!(cause.reason.code()));
    value.insert("detail".to_owned(), json!(cause.reason.detail()));
    if let Some(run) = cause.run {
        value.insert("run".to_owned(), json!(run.to_string()));
    }
    if let Some((file, line)) = cause.reason.place() {
        value.insert("file".to_owned(), json!(file));
        value.insert("line".to_owned(), json!(line));
    }
    if let Some(columns) = &cause.reads {
        value.insert("reads".to_owned(), json!(columns));
    }
    if !cause.columns.is_empty() {
        value.insert("columns".to_owned(), json!(cause.columns));
    }
    if cause.is_above {
        value.insert("see_above".to_owned(), json!(true));
    }
    value.insert("causes".to_owned(), cause.from.iter().map(cause_json).collect());
    Value::Object(value)
}
