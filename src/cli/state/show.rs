use clap::Args;
use serde_json::json;

use crate::base::text;
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::ledger::sqlite::{PointerRow, VersionState};
use crate::model::{AssetName, Version};
use crate::ops::{OpError, RequestError};
use crate::view::{self, Cell, Role, Table};

/// What `dp state show` takes.
#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// Asset, declared or not
    #[arg(value_name = "ASSET")]
    asset: String,
    /// Show at most N versions, newest first
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    limit: usize,
}

/// A version with its state and the reason for the state.
type Kept = (Version, VersionState, Option<String>);

pub(super) fn run(args: &ShowArgs, session: &mut Session) -> Result<Exit, OpError> {
    let name = args.asset.parse::<AssetName>().ok();
    let (pointers, versions) = match (&name, session.reader()?) {
        (Some(name), Some(reader)) => reader.at_one_moment::<_, OpError>(|| {
            let mut versions: Vec<Kept> = Vec::new();
            for version in reader.versions_of(name, args.limit)? {
                if let Some((state, reason)) = reader.version_state(&version.id)? {
                    versions.push((version, state, reason));
                }
            }
            Ok((reader.pointers_of(name)?, versions))
        })?,
        _ => (Vec::new(), Vec::new()),
    };
    let Some(name) = name.filter(|_| !versions.is_empty()) else {
        return Err(RequestError::NotFound {
            name: args.asset.clone(),
            help: "`dp state list` lists the recorded assets".to_owned(),
        }
        .into());
    };
    if session.global.json {
        let versions: Vec<_> = versions
            .iter()
            .map(|(version, state, reason)| {
                let mut json = serde_json::to_value(version).expect("dp's own values have a JSON form");
                json["state"] = json!(state);
                json["state_reason"] = json!(reason);
                json
            })
            .collect();
        session.json(&json!({
            "format_version": view::FORMAT_VERSION,
            "asset": name,
            "published": pointers,
            "versions": versions,
        }))?;
        return Ok(Exit::Done);
    }
    let text = text(&name, &pointers, &versions, session);
    session.out(&text)?;
    Ok(Exit::Done)
}

fn text(name: &AssetName, pointers: &[PointerRow], versions: &[Kept], session: &Session) -> String {
    let theme = session.theme();
    let mut text = format!("{}\n", theme.paint(Role::Heading, name));
    let mut section = |title: &str, table: &Table| {
        if !table.is_empty() {
            text.push_str(&format!("\n{}\n{}", theme.paint(Role::Heading, title), table.render(&theme)));
        }
    };
    let mut table = Table::new(["environment", "version", "run", "since"]);
    for pointer in pointers {
        table.push([
            Cell::text(pointer.environment.to_string()),
            Cell::text(pointer.version.to_string()),
            Cell::text(pointer.run.to_string()),
            Cell::text(view::moment(pointer.since)),
        ]);
    }
    section("Published", &table);
    let mut table = Table::new(["version", "state", "run", "finished", "rows", "size", "why"]);
    for (version, state, reason) in versions {
        table.push([
            Cell::text(version.id.to_string()),
            Cell::text(state.word()),
            Cell::text(version.run.to_string()),
            Cell::text(view::moment(version.created)),
            Cell::Number(version.rows.map(text::grouped).unwrap_or_default()),
            Cell::Number(version.data.as_ref().map(|_| text::bytes(version.bytes())).unwrap_or_default()),
            Cell::text(reason.clone().unwrap_or_default()),
        ]);
    }
    section("Versions", &table);
    let mut table = Table::new(["version", "input", "its version"]);
    for (version, ..) in versions {
        if !pointers.iter().any(|pointer| pointer.version == version.id) {
            continue;
        }
        for input in version.inputs.iter().filter(|input| input.direct) {
            table.push([
                Cell::text(version.id.to_string()),
                Cell::text(input.name.clone()),
                Cell::text(input.version.as_ref().map(ToString::to_string).unwrap_or_default()),
            ]);
        }
    }
    section("Inputs of the published versions", &table);
    text
}
