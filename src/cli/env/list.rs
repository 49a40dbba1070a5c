use clap::Args;
use serde_json::json;

use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::ops::OpError;
use crate::ops::environment_names;
use crate::view::{self, Cell, Table};

/// What `dp env list` takes: nothing of its own.
#[derive(Debug, Args)]
pub(super) struct ListArgs {}

pub(super) fn run(_args: &ListArgs, session: &mut Session) -> Result<Exit, OpError> {
    let (project, _) = session.declared()?;
    let reader = session.reader()?;
    let on_record = match &reader {
        Some(reader) => reader.environments()?,
        None => Vec::new(),
    };
    let mut rows = Vec::new();
    for name in environment_names(&project, reader.as_ref())? {
        let declared = project.settings.environments.contains(&name);
        let row = on_record.iter().find(|row| row.environment == name.as_str());
        let last = match (&reader, row) {
            (Some(reader), Some(_)) => reader.last_publication(&name)?,
            _ => None,
        };
        rows.push((name, declared, row, last));
    }
    let path = |name: &str| format!("{}/{name}", project.settings.connection.path);
    if session.global.json {
        let environments: Vec<_> = rows
            .iter()
            .map(|(name, declared, row, last)| {
                json!({
                    "environment": name,
                    "declared": declared,
                    "assets": row.map_or(0, |row| row.assets),
                    "run": last.as_ref().map(|last| last.run),
                    "published": last.as_ref().map(|last| last.at),
                    "path": row.map(|_| path(name)),
                })
            })
            .collect();
        session.json(&json!({ "format_version": view::FORMAT_VERSION, "environments": environments }))?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(["environment", "assets", "last run", "published", "where"]);
    for (name, declared, row, last) in &rows {
        let place = match (declared, row) {
            (_, None) => String::new(),
            (true, Some(_)) => path(name),
            (false, Some(_)) => format!("{} (not declared)", path(name)),
        };
        table.push([
            Cell::text(name.clone()),
            Cell::count(row.map_or(0, |row| row.assets)),
            Cell::text(last.as_ref().map_or_else(String::new, |last| last.run.to_string())),
            Cell::text(last.as_ref().map_or_else(|| "never applied".to_owned(), |last| view::moment(last.at))),
            Cell::text(place),
        ]);
    }
    session.out(&table.render(&session.theme()))?;
    Ok(Exit::Done)
}
