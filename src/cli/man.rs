//! The manual pages, generated from the command line.

use std::path::PathBuf;

use clap::Args;
use clap_mangen::Man;
use serde_json::json;

use super::exit::Exit;
use super::session::Session;
use crate::base::fs;
use crate::ops::OpError;
use crate::view;

/// What `dp man` takes.
#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Folder for the pages, created if it does not exist, such as `~/.local/share/man/man1`
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(super) fn run(args: &ManArgs, session: &mut Session) -> Result<Exit, OpError> {
    let folder = session.absolute(&args.out);
    fs::create_folder(&folder, false)?;
    let mut command = super::command();
    command.build();
    let mut pages = Vec::new();
    collect(&command, &mut pages);
    for (name, page) in &pages {
        fs::write_new(&folder.join(name), page, 0o666)?;
    }
    if session.global.json {
        let names: Vec<&String> = pages.iter().map(|(name, _)| name).collect();
        session.json(&json!({ "format_version": view::FORMAT_VERSION, "folder": folder, "pages": names }))?;
    } else {
        session.out(&format!("Wrote {}.\n", crate::base::text::count(pages.len(), "page")))?;
    }
    Ok(Exit::Done)
}

/// Adds a page for a command and for each of its subcommands; clap has set their full names.
fn collect(command: &clap::Command, pages: &mut Vec<(String, Vec<u8>)>) {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let mut page = Vec::new();
    Man::new(command.clone())
        .title(name)
        .source(concat!("dp ", env!("CARGO_PKG_VERSION")))
        .render(&mut page)
        .expect("a list of bytes takes them");
    pages.push((format!("{name}.1"), page));
    for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help" && !verb.is_hide_set()) {
        collect(verb, pages);
    }
}
