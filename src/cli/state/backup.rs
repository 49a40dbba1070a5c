use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::base::fs;
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::ledger::sqlite;
use crate::ops::{OpError, RequestError};
use crate::view;

/// What `dp state backup` takes.
#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// New file for the backup [default: `.dp/backups/by-hand-N.db`]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

pub(super) fn run(args: &BackupArgs, session: &mut Session) -> Result<Exit, OpError> {
    let folder = session.dp_folder()?;
    let Some(reader) = session.reader()? else {
        return Err(RequestError::NothingPublished {
            environment: session.global.env.clone(),
        }
        .into());
    };
    drop(reader);
    let file = match &args.file {
        Some(file) => session.absolute(file),
        None => sqlite::free_name(&folder)?,
    };
    if fs::exists(&file) {
        return Err(RequestError::Exists {
            file: file.display().to_string(),
        }
        .into());
    }
    sqlite::back_up(&folder, &file)?;
    let contents = sqlite::contents(&file)?;
    let bytes = fs::size(&file)?;
    let shown = session.shown(&file);
    if session.global.json {
        session.json(&json!({
            "format_version": view::FORMAT_VERSION,
            "file": shown,
            "bytes": bytes,
            "state_id": contents.state_id,
            "serial": contents.serial,
        }))?;
        return Ok(Exit::Done);
    }
    session.say(&format!("Backed up the whole state to {shown}.\n"))?;
    Ok(Exit::Done)
}
