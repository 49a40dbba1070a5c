use std::collections::BTreeMap;

use clap::{Args, ValueEnum};

use super::error::{CliError, RequestError};
use super::exit::Exit;
use super::session::{Session, cannot_write, engine_options};
use crate::apply::{Kept, visible_relations};
use crate::fs;
use crate::project::AssetName;
use crate::state::{Version, VersionId};
use crate::view::{Cell, Table};
use crate::warehouse::duckdb::{Answer, DuckBuilder, QueryFormat, query};
use crate::warehouse::{Builder, EngineError};

/// What `dp query` takes.
#[derive(Debug, Args)]
pub(super) struct QueryArgs {
    /// The query, over names like `staging.orders`; `-` reads it from stdin
    sql: String,
    /// How to give the answer
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    format: Format,
}

/// How an answer is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Table,
    /// With a header
    Csv,
    /// One array of objects
    Json,
    /// Binary
    Parquet,
}

pub(super) fn run(args: &QueryArgs, session: &mut Session) -> Result<Exit, CliError> {
    let (project, _) = session.declared()?;
    let environment = &project.settings.environment;
    let reader = session.reader()?.ok_or_else(|| RequestError::NothingPublished {
        environment: environment.clone(),
    })?;
    let snapshot = reader.snapshot(environment)?;
    let visible: BTreeMap<AssetName, Version> =
        snapshot.published.iter().map(|(name, published)| (name.clone(), published.version.clone())).collect();
    let mut files = Vec::new();
    for version in visible.values().filter(|version| version.data.is_none()) {
        for input in version.inputs.iter().filter(|input| input.version.is_none()) {
            files.extend(project.reachable(&input.name));
        }
    }
    let temporary = project.dp_folder().join("tmp");
    fs::create_folder(&temporary, true)?;
    let mut builder = DuckBuilder::open(&engine_options(&project, files))?;
    let renamer = builder.another()?;
    let find = |id: &VersionId| reader.version(id).ok().flatten();
    let renamer = std::cell::RefCell::new(renamer);
    let relations = |named: Option<Vec<Vec<String>>>| {
        let mut rename = |tree: &str, names: &BTreeMap<AssetName, AssetName>| renamer.borrow_mut().rename(tree, names);
        let mut kept = Kept {
            find: &find,
            catalogue: &reader,
            rename: &mut rename,
        };
        let wanted: Vec<AssetName> = match named {
            Some(paths) => {
                let mut names = Vec::new();
                for path in &paths {
                    let written = path.join(".");
                    let Ok(name) = written.to_lowercase().parse::<AssetName>() else {
                        continue;
                    };
                    if !visible.contains_key(&name) {
                        let near = crate::words::did_you_mean(name.as_str(), visible.keys().map(AssetName::as_str));
                        let near = near.map(|near| format!("; {near}")).unwrap_or_default();
                        let message = format!("`{written}` is not published{near}");
                        return Err(EngineError::of_kind("catalog", message));
                    }
                    names.push(name);
                }
                names
            }
            None => visible.keys().cloned().collect(),
        };
        visible_relations(&project.root, &|name| visible.get(name), wanted.iter(), &mut kept)
    };
    let sql = if args.sql == "-" {
        std::io::read_to_string(std::io::stdin()).map_err(|source| fs::FsError {
            verb: "read",
            path: "stdin".into(),
            source,
        })?
    } else {
        args.sql.clone()
    };
    let format = match (args.format, session.global.json) {
        (Format::Table, true) | (Format::Json, _) => QueryFormat::Json,
        (Format::Table, false) => QueryFormat::Table,
        (Format::Csv, _) => QueryFormat::Csv,
        (Format::Parquet, _) => QueryFormat::Parquet,
    };
    let answer = query(&mut builder, &relations, &sql, format, &temporary).map_err(|error| {
        let message = match error.message.strip_prefix("Only SELECT") {
            Some(_) => "only queries can be asked: SELECT, FROM, VALUES, DESCRIBE, SUMMARIZE".to_owned(),
            None => error.relative_to(&project.root).message,
        };
        CliError::from(RequestError::Query { message })
    })?;
    match answer {
        Answer::File(file) => {
            let bytes = fs::read(&file);
            fs::remove_file(&file)?;
            session.ui.out_bytes(&bytes?).map_err(cannot_write)?;
        }
        Answer::Rows(rows) => {
            let headings: Vec<&str> = rows.columns.iter().map(String::as_str).collect();
            let mut table = Table::new(headings);
            for row in &rows.rows {
                let cells = row
                    .iter()
                    .zip(&rows.types)
                    .map(|(value, data_type)| Cell::value(value.as_deref(), is_number(data_type)));
                table.push(cells);
            }
            let mut text = table.render(&session.theme());
            text.push_str(&format!("{}\n", crate::words::count(rows.rows.len(), "row")));
            session.out(&text)?;
        }
    }
    Ok(Exit::Done)
}

fn is_number(data_type: &str) -> bool {
    let base = data_type.split('(').next().unwrap_or(data_type);
    ["INT", "DECIMAL", "FLOAT", "DOUBLE", "BIGNUM"].iter().any(|word| base.contains(word))
        && !data_type.ends_with(']')
        && base != "INTERVAL"
}
