use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::session::Session;
use crate::ops::OpError;
use crate::project::{self, FileKind};

/// What `dp schema` takes.
#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// Kind of file
    which: Which,
}

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Which {
    /// `dp.toml`
    Project,
    /// The files in `assets`
    Asset,
}

pub(super) fn run(args: &SchemaArgs, session: &mut Session) -> Result<Exit, OpError> {
    let file = match args.which {
        Which::Project => FileKind::Project,
        Which::Asset => FileKind::Asset,
    };
    session.json(&project::schema(file))?;
    Ok(Exit::Done)
}
