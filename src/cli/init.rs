use std::path::{Path, PathBuf};

use clap::Args;

use super::error::{CliError, RequestError};
use super::exit::Exit;
use super::session::Session;
use crate::fs;
use crate::view::one_line;

/// What `dp init` takes.
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The folder of the project, made if it is not there [default: here]
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// The files of a first project.
const FILES: [(&str, &str); 7] = [
    (".gitignore", include_str!("init/gitignore")),
    ("assets/marts/customers.toml", include_str!("init/marts_customers.toml")),
    ("assets/raw/customers.toml", include_str!("init/raw_customers.toml")),
    ("assets/raw/orders.toml", include_str!("init/raw_orders.toml")),
    ("assets/staging/orders.toml", include_str!("init/staging_orders.toml")),
    ("data/customers.csv", include_str!("init/customers.csv")),
    ("data/orders.csv", include_str!("init/orders.csv")),
];

pub(super) fn run(args: &InitArgs, session: &mut Session) -> Result<Exit, CliError> {
    let folder = session.absolute(args.folder.as_deref().unwrap_or(Path::new(".")));
    let taken: Vec<String> = fs::names_in(&folder)?.into_iter().filter(|name| name != ".git").collect();
    if !taken.is_empty() {
        return Err(RequestError::NotEmpty {
            folder: folder.display().to_string(),
        }
        .into());
    }
    fs::create_folder(&folder, false)?;
    let folder = fs::canonicalize(&folder)?;
    let name = project_name(&folder);
    write(&folder, "dp.toml", &format!("[project]\nname = \"{name}\"\n\n[vars]\nmin_amount = 0\n"))?;
    for (path, text) in FILES {
        write(&folder, path, text)?;
    }
    let enter = args
        .folder
        .as_ref()
        .map(|folder| format!("cd {} && ", one_line(&folder.display().to_string())))
        .unwrap_or_default();
    if session.global.json {
        session.json(&serde_json::json!({
            "format_version": crate::view::FORMAT_VERSION,
            "folder": folder,
            "project": name,
        }))?;
    } else {
        session.out(&format!(
            "Made the project `{name}`: two sources, a staging table and a mart.\nNext: {enter}dp plan\n"
        ))?;
    }
    Ok(Exit::Done)
}

fn write(folder: &Path, path: &str, text: &str) -> Result<(), CliError> {
    let path = folder.join(path);
    fs::create_folder(path.parent().unwrap_or(folder), false)?;
    Ok(fs::write_new(&path, text.as_bytes(), 0o666)?)
}

/// The folder's name, as far as it can stand in TOML without quoting.
fn project_name(folder: &Path) -> String {
    let name: String = folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .chars()
        .map(|char| if char.is_ascii_alphanumeric() || "-_".contains(char) { char } else { '_' })
        .collect();
    if name.is_empty() { "project".to_owned() } else { name }
}
