use super::{Cell, Table, Theme};
use crate::base::text;
use crate::report::Gc;

/// Returns the text of a collection. `verb` says what happens to the garbage: "freed", "can be deleted".
pub fn gc(report: &Gc, verb: &str, theme: &Theme) -> String {
    let kept = text::bytes(report.kept.bytes);
    let stay = format!("Kept: {}, {kept}", text::count(report.kept.versions, "version"));
    if report.is_nothing() {
        return format!("Nothing to delete. {stay}.\n");
    }
    let mut rendered = String::new();
    let mut parts = Vec::new();
    if !report.assets.is_empty() {
        let mut table = Table::new(["asset", "versions", "size"]);
        for freed in &report.assets {
            table.push([
                Cell::text(freed.asset.to_string()),
                Cell::count(freed.versions.len() as u64),
                Cell::Number(text::bytes(freed.bytes)),
            ]);
        }
        rendered = format!("{}\n", table.render(theme));
        parts.push(text::count(report.freed.versions, "version"));
    }
    // Each release has a file beside it that belongs to it, and schema folders that only releases use count as part of
    // them.
    let is_release = |path: &std::path::Path| {
        path.extension().is_none() && path.parent().is_none_or(|parent| !parent.ends_with("schemas"))
    };
    let releases = report.releases.iter().filter(|release| is_release(&release.path)).count();
    if releases > 0 {
        parts.push(text::count(releases, "old release"));
    }
    if !report.orphans.is_empty() {
        let count = report.orphans.len();
        parts.push(format!("{count} unrecorded {}", if count == 1 { "folder" } else { "folders" }));
    }
    if !report.logs.is_empty() {
        parts.push(format!("the logs of {}", text::count(report.logs.len(), "run")));
    }
    if parts.is_empty() {
        parts.push("files of old releases".to_owned());
    }
    let freed = text::bytes(report.freed.bytes);
    rendered.push_str(&format!("{}, {freed}, {verb}.\n{stay}.\n", text::and(parts)));
    rendered
}
