//! Records changes of the state that a user makes by hand.

use serde_json::{Value, json};

use super::error::OpError;
use super::lock::start;
use super::workspace::Workspace;
use crate::ledger::sqlite::{Batch, EventEntry, Writer};
use crate::model::{AssetName, RunId};

/// Records the start of a manual change.
pub fn begin(workspace: &Workspace, writer: &mut Writer, command: &str) -> Result<RunId, OpError> {
    Ok(writer.begin_run(&start(workspace, command, &workspace.environment()?, ""))?)
}

/// Records the end of a manual change, with the last batch.
pub fn finish(workspace: &Workspace, writer: &mut Writer, run: RunId, batch: &Batch) -> Result<(), OpError> {
    Ok(writer.finish_run(run, "done", &json!({}), workspace.now(), batch)?)
}

/// Returns the entry of the event log for a manual change; `reason` is what the user gave.
pub fn event(
    workspace: &Workspace,
    word: &str,
    asset: Option<&AssetName>,
    reason: Option<&str>,
    mut data: Value,
) -> EventEntry {
    data["reason"] = json!(reason);
    EventEntry {
        time: workspace.now(),
        event: word.to_owned(),
        asset: asset.cloned(),
        data,
    }
}
