use clap::Args;
use serde_json::json;

use super::exit::Exit;
use super::session::Session;
use crate::base::text;
use crate::ops::OpError;
use crate::view::{self, Cell, Table};

/// What `dp history` takes.
#[derive(Debug, Args)]
pub(super) struct HistoryArgs {
    /// Show at most N runs
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    limit: usize,
}

pub(super) fn run(args: &HistoryArgs, session: &mut Session) -> Result<Exit, OpError> {
    let runs = match session.reader()? {
        Some(reader) => reader.runs(args.limit)?,
        None => Vec::new(),
    };
    if session.global.json {
        session.json(&json!({ "format_version": view::FORMAT_VERSION, "runs": runs }))?;
        return Ok(Exit::Done);
    }
    if runs.is_empty() {
        session.out("No runs yet. Next: dp apply\n")?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(["run", "started", "took", "command", "env", "user", "outcome", "what"]);
    for run in runs {
        let took = run.finished.map(|finished| {
            let ms = finished.duration_since(run.started).as_millis();
            text::duration_ms(u64::try_from(ms).unwrap_or(0))
        });
        table.push([
            Cell::text(run.run.to_string()),
            Cell::text(view::moment(run.started)),
            Cell::text(took.unwrap_or_default()),
            Cell::text(run.command),
            Cell::text(run.environment),
            Cell::text(run.user),
            Cell::text(run.outcome.unwrap_or_else(|| "not ended".to_owned())),
            Cell::text(view::counts(run.counts.as_ref())),
        ]);
    }
    let text = table.render(&session.theme());
    session.out(&text)?;
    Ok(Exit::Done)
}
