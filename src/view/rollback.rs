use std::collections::BTreeMap;

use super::text::{in_environment, moment};
use super::{Cell, Table, Theme};
use crate::base::text;
use crate::model::{RunId, VersionId};
use crate::report::{Rollback, Size};

/// Returns the text that shows the effect of a rollback beforehand.
pub fn rollback(report: &Rollback, theme: &Theme) -> String {
    if report.is_nothing() {
        let environment = &report.environment;
        return format!(
            "Nothing to undo: {environment} already publishes the versions from before {}.\n",
            report.before
        );
    }
    let mut runs = Table::new(["undoes", "command", "started", "what"]);
    for run in &report.undone {
        runs.push([
            Cell::text(run.run.to_string()),
            Cell::text(run.command.clone()),
            Cell::text(moment(run.started)),
            Cell::text(counts(run.counts.as_ref())),
        ]);
    }
    let mut assets = Table::new(["asset", "", "rows now", "rows then", "version then"]);
    let mut lines = BTreeMap::new();
    for back in &report.published {
        lines.insert(&back.asset, ("back", back.replaced_size, Some(back.size), Some(&back.version)));
    }
    for withdrawn in &report.withdrawn {
        lines.insert(&withdrawn.asset, ("withdrawn", Some(withdrawn.size), None, None));
    }
    for (asset, (what, now, then, version)) in lines {
        let version = Cell::text(version.map_or("", VersionId::as_str));
        assets.push([Cell::text(asset.to_string()), Cell::text(what), rows(now), rows(then), version]);
    }
    format!("{}\n{}", runs.render(theme), assets.render(theme))
}

/// Returns the text that shows what `run` rolled back.
pub fn rolled_back(report: &Rollback, run: RunId) -> String {
    let environment = &report.environment;
    let mut parts = Vec::new();
    if !report.published.is_empty() {
        parts.push(format!("{} published again", text::count(report.published.len(), "asset")));
    }
    if !report.withdrawn.is_empty() {
        parts.push(format!("{} withdrawn", text::count(report.withdrawn.len(), "asset")));
    }
    let done = text::and(parts);
    let mut text = format!("\n{environment} is as it was before {}: {done} ({run}).\n", report.before);
    if !report.held_back.is_empty() {
        text.push_str("`dp apply` keeps these versions until you edit the assets or pass --resume.\n");
    }
    text.push_str(&format!("Next: {}\n", in_environment("dp plan", environment)));
    text
}

/// Returns the cell with the size of a version.
pub(super) fn rows(size: Option<Size>) -> Cell {
    match size {
        Some(Size::View) => Cell::text("view"),
        Some(Size::Rows(rows)) => Cell::count(rows),
        Some(Size::Unknown) | None => Cell::Empty,
    }
}

/// Formats the counts of a run: "3 built, 1 cut off".
pub fn counts(counts: Option<&serde_json::Value>) -> String {
    let names = ["built", "cut_off", "reused", "checked", "settings", "destroyed", "failed", "skipped"];
    let parts: Vec<_> = names
        .iter()
        .filter_map(|name| {
            let number = counts?.get(*name)?.as_u64().filter(|number| *number > 0)?;
            Some(format!("{number} {}", name.replace('_', " ")))
        })
        .collect();
    parts.join(", ")
}
