use clap::Args;
use serde_json::json;

use super::exit::Exit;
use super::session::Session;
use crate::base::text;
use crate::ops::OpError;
use crate::view;

/// What `dp validate` takes: nothing of its own.
#[derive(Debug, Args)]
pub(super) struct ValidateArgs {}

pub(super) fn run(_args: &ValidateArgs, session: &mut Session) -> Result<Exit, OpError> {
    let request = session.request(&[], &[], false);
    let known = session.known(&request)?;
    let assets = known.project.assets.len();
    let problems = &known.analysis.problems;
    if session.global.json {
        let mut json = view::problems_json(problems);
        json["assets"] = json!(assets);
        session.json(&json)?;
        return Ok(Exit::Done);
    }
    if !problems.is_empty() {
        let text = view::problems(problems, &session.theme_of_errors());
        session.ui.status(&text);
    }
    session.out(&format!("Valid: {}.\n", text::count(assets, "asset")))?;
    Ok(Exit::Done)
}
