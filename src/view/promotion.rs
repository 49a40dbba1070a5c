use super::rollback::rows;
use super::text::in_environment;
use super::{Cell, Table, Theme};
use crate::base::text;
use crate::model::{RunId, Version};
use crate::plan::Promoted;
use crate::report::{Promotion, Size};
use crate::seam::Snapshot;

/// Returns the text that shows the effect of a promotion from `from` to `to`, where `snapshot` is published.
pub fn promotion(promoted: &Promoted, from: &str, to: &str, snapshot: &Snapshot, theme: &Theme) -> String {
    if promoted.set.is_empty() {
        return nothing_to_promote(from, to);
    }
    let mut table = Table::new(["asset".to_owned(), String::new(), format!("rows in {from}"), format!("rows in {to}")]);
    let set = promoted.set.iter().map(|version| (version, "new definition"));
    for (version, what) in set.chain(promoted.following.iter().map(|version| (version, "follows"))) {
        let there: Option<&Version> = snapshot.published.get(&version.asset).map(|published| &published.version);
        let what = if there.is_none() { "new" } else { what };
        let sizes = (rows(Some(Size::of(version))), rows(there.map(Size::of)));
        table.push([Cell::text(version.asset.to_string()), Cell::text(what), sizes.0, sizes.1]);
    }
    let mut text = table.render(theme);
    if !promoted.due.is_empty() {
        let due = text::named(&promoted.due, 5);
        text.push_str(&format!("\nRun `dp apply` next for {due}.\n"));
    }
    text
}

/// Returns the text for a promotion that has nothing to do.
pub fn nothing_to_promote(from: &str, to: &str) -> String {
    format!("Nothing to promote: {to} has the same published definitions as {from}.\n")
}

/// Returns the text that shows what `run` promoted.
pub fn promoted(report: &Promotion, run: RunId) -> String {
    let count = text::count(report.published.len() + report.following.len(), "asset");
    let next = if report.due.is_empty() { "dp status" } else { "dp apply" };
    let (from, to) = (&report.from, &report.environment);
    format!("\n{count} of {from} published in {to} ({run}).\nNext: {}\n", in_environment(next, to))
}
