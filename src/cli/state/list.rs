use clap::Args;
use serde_json::json;

use crate::base::text;
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::ops::{OpError, snapshot};
use crate::view::{self, Cell, Table};

/// What `dp state list` takes: nothing of its own.
#[derive(Debug, Args)]
pub(super) struct ListArgs {}

pub(super) fn run(_args: &ListArgs, session: &mut Session) -> Result<Exit, OpError> {
    let environment = session.global.env.clone();
    let snapshot = snapshot(session.reader()?.as_ref(), &environment)?;
    if session.global.json {
        let assets: Vec<_> = snapshot
            .published
            .iter()
            .map(|(name, published)| {
                json!({
                    "asset": name,
                    "version": published.version.id,
                    "run": published.run,
                    "since": published.since,
                    "rows": published.version.rows,
                    "bytes": published.version.bytes(),
                    "path": published.version.data.as_ref().map(|data| &data.path),
                })
            })
            .collect();
        session.json(&json!({
            "format_version": view::FORMAT_VERSION,
            "environment": environment,
            "state_id": snapshot.state_id,
            "serial": snapshot.serial,
            "assets": assets,
        }))?;
        return Ok(Exit::Done);
    }
    if snapshot.published.is_empty() {
        session.say(&format!("Nothing is published in `{environment}`. Next: dp apply\n"))?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(["asset", "version", "run", "since", "rows", "size"]);
    for (name, published) in &snapshot.published {
        let version = &published.version;
        table.push([
            Cell::text(name.to_string()),
            Cell::text(version.id.to_string()),
            Cell::text(published.run.to_string()),
            Cell::text(view::moment(published.since)),
            Cell::Number(version.rows.map(text::grouped).unwrap_or_default()),
            Cell::Number(version.data.as_ref().map(|_| text::bytes(version.bytes())).unwrap_or_default()),
        ]);
    }
    let text = table.render(&session.theme());
    session.out(&text)?;
    session.ui.status(&format!(
        "{} in {environment}; state {}, serial {}.",
        text::count(snapshot.published.len(), "asset"),
        snapshot.state_id,
        snapshot.serial
    ));
    Ok(Exit::Done)
}
