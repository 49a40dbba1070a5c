use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::session::{Session, cannot_write};
use crate::base::fs;
use crate::engine::duckdb::{Answer, DuckBuilder, QueryFormat, query};
use crate::ledger::sqlite::Reader;
use crate::model::{AssetName, RunId, Version, VersionId};
use crate::observe;
use crate::ops::open::engine_options;
use crate::ops::{OpError, RequestError};
use crate::run::{Inspection, Kept, visible_relations};
use crate::seam::{Builder, EngineError, FileFinder};
use crate::view::{Cell, Table};

/// What `dp query` takes.
#[derive(Debug, Args)]
pub(super) struct QueryArgs {
    /// SQL query over names such as `staging.orders`; `-` reads it from stdin
    #[arg(allow_hyphen_values = true, required_unless_present = "file", conflicts_with = "file")]
    sql: Option<String>,
    /// Read the query from this file
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Query what was published right after this run, such as r7
    #[arg(long, value_name = "RUN")]
    at: Option<RunId>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    format: Format,
    /// Print at most N rows [default: 500 in a table on a terminal, otherwise all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
}

/// The default number of rows that a terminal shows.
const ON_TERMINAL: usize = 500;

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

pub(super) fn run(args: &QueryArgs, session: &mut Session) -> Result<Exit, OpError> {
    let (project, _) = session.declared()?;
    let environment = &project.settings.environment;
    let reader = session.reader()?.ok_or_else(|| RequestError::NothingPublished {
        environment: environment.to_string(),
    })?;
    let visible = if let Some(run) = args.at {
        past(&reader, environment, run)?
    } else {
        let published = reader.snapshot(environment)?.published;
        published.into_iter().map(|(name, published)| (name, published.version)).collect()
    };
    let files = read_in_place(&visible, &reader)?;
    // A recorded path may be a link now.
    let is_inside =
        |path: &&String| fs::canonicalize(&project.absolute(path)).is_ok_and(|to| to.starts_with(&project.root));
    let files = files.iter().filter(is_inside).flat_map(|path| project.reachable(path)).collect();
    let temporary = project.dp_folder().join("tmp");
    fs::create_folder(&temporary, true)?;
    let mut builder = DuckBuilder::open(&engine_options(&project, files))?;
    let renamer = builder.another()?;
    let find = |id: &VersionId| reader.version(id).ok().flatten();
    let renamer = RefCell::new(renamer);
    let inspection = RefCell::new(Inspection::quick(&project.root, &reader));
    let gone: RefCell<Option<OpError>> = RefCell::new(None);
    let relations = |named: Option<Vec<Vec<String>>>| {
        let mut rename = |sql: &str, names: &BTreeMap<AssetName, AssetName>| renamer.borrow_mut().rename(sql, names);
        let mut kept = Kept {
            find: &find,
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
                        let near =
                            crate::base::text::did_you_mean(name.as_str(), visible.keys().map(AssetName::as_str));
                        let near = near.map(|near| format!("; {near}")).unwrap_or_default();
                        let then = args.at.map_or_else(
                            || "is not published".to_owned(),
                            |run| format!("was not published in {environment} after {run}"),
                        );
                        let message = format!("`{written}` {then}{near}");
                        return Err(EngineError::other(message));
                    }
                    names.push(name);
                }
                names
            }
            None => visible.keys().cloned().collect(),
        };
        if let Some(run) = args.at {
            for version in wanted.iter().filter_map(|name| visible.get(name)) {
                let lost = match inspection.borrow_mut().lost(version) {
                    Ok(None) => continue,
                    Ok(Some(why)) => RequestError::PastGone {
                        asset: version.asset.to_string(),
                        run: run.to_string(),
                        why: why.to_string(),
                    }
                    .into(),
                    Err(error) => error.into(),
                };
                *gone.borrow_mut() = Some(lost);
                return Err(EngineError::other("the version published then no longer exists"));
            }
        }
        visible_relations(&project.root, &|name| visible.get(name), wanted.iter(), &mut kept)
    };
    let sql = text(args)?;
    let format = match (args.format, session.global.json) {
        (Format::Table, true) | (Format::Json, _) => QueryFormat::Json,
        (Format::Table, false) => QueryFormat::Table,
        (Format::Csv, _) => QueryFormat::Csv,
        (Format::Parquet, _) => QueryFormat::Parquet,
    };
    let finder = FileFinder {
        root: &project.root,
        find: &|path| {
            let path = path.strip_prefix(&format!("{}/", project.root.display())).unwrap_or(path);
            // The engine reports files that can't be found.
            let found = observe::matching(&project.root, path).unwrap_or_default();
            found.iter().map(|file| project.absolute(file)).collect()
        },
    };
    let asked = args.limit.and_then(|limit| usize::try_from(limit).ok());
    let default = (format == QueryFormat::Table && session.ui.is_terminal()).then_some(ON_TERMINAL);
    // One more than the default, to detect further rows.
    let limit = asked.or(default.map(|most| most + 1));
    let answer = query(&mut builder, &relations, &finder, &sql, format, limit, &temporary).map_err(|error| {
        if let Some(gone) = gone.take() {
            return gone;
        }
        let message = match error.message.strip_prefix("Only SELECT") {
            Some(_) => "dp runs only queries: SELECT, FROM, VALUES, DESCRIBE, SUMMARIZE, EXPLAIN; PIVOT needs its \
                        values, `in (…)`"
                .to_owned(),
            None => error.relative_to(&project.root).message,
        };
        OpError::from(RequestError::Query { message })
    })?;
    match answer {
        Answer::File(file) => {
            let bytes = fs::read(&file);
            fs::remove_file(&file)?;
            let bytes = bytes?;
            match (format, String::from_utf8(bytes)) {
                (QueryFormat::Json, Ok(text)) => session.out(&crate::view::shown(text))?,
                (QueryFormat::Csv, Ok(text)) => session.out_exact(&text)?,
                (_, Ok(text)) => session.ui.out_bytes(text.as_bytes()).map_err(cannot_write)?,
                (_, Err(binary)) => session.ui.out_bytes(binary.as_bytes()).map_err(cannot_write)?,
            }
        }
        Answer::Plan(text) => session.out(&text)?,
        Answer::Rows(rows) => {
            let headings: Vec<&str> = rows.columns.iter().map(String::as_str).collect();
            let most = if asked.is_none() { default } else { None };
            let shown = rows.rows.len().min(most.unwrap_or(usize::MAX));
            let mut table = Table::new(headings).breaking_words();
            for row in &rows.rows[..shown] {
                let cells = row
                    .iter()
                    .zip(&rows.types)
                    .map(|(value, data_type)| Cell::value(value.as_deref(), is_number(data_type)));
                table.push(cells);
            }
            let mut text = table.render(&session.theme());
            if shown < rows.rows.len() {
                let count = crate::base::text::count(shown, "row");
                text.push_str(&format!(
                    "Showing the first {count}. `--limit N` shows more; a pipe or `--format csv` shows all.\n"
                ));
            } else {
                text.push_str(&format!("{}\n", crate::base::text::count(shown, "row")));
            }
            session.out(&text)?;
        }
    }
    Ok(Exit::Done)
}

/// Returns the query from the argument, the file or stdin.
fn text(args: &QueryArgs) -> Result<String, OpError> {
    match (&args.file, args.sql.as_deref()) {
        (Some(file), _) => Ok(fs::read_stream(file)?),
        (None, Some("-")) => Ok(std::io::read_to_string(std::io::stdin()).map_err(|source| fs::FsError {
            verb: "read",
            path: "stdin".into(),
            source,
        })?),
        // A comment must be followed by another line; otherwise there is no query.
        (None, Some(sql)) if sql.starts_with('-') && !sql.contains('\n') => Err(RequestError::Usage {
            message: format!("unexpected argument `{sql}`"),
            help: "`dp query --help` lists the options; a query that starts with a comment needs a second line"
                .to_owned(),
        }
        .into()),
        (None, sql) => Ok(sql.unwrap_or_default().to_owned()),
    }
}

/// Returns what was published in an environment right after a run.
fn past(reader: &Reader, environment: &str, run: RunId) -> Result<BTreeMap<AssetName, Version>, OpError> {
    if reader.run(run)?.is_none() {
        return Err(RequestError::NotFound {
            name: run.to_string(),
            help: "`dp history` lists the runs".to_owned(),
        }
        .into());
    }
    let mut visible = BTreeMap::new();
    for (name, id) in reader.set_before(environment, RunId(run.0 + 1))? {
        let version = reader.version(&id)?.ok_or_else(|| crate::ledger::sqlite::StoreError::UnknownVersion {
            version: id,
            asset: Some(name.clone()),
        })?;
        visible.insert(name, version);
    }
    Ok(visible)
}

/// Returns the files that views read in place, also through versions that only the views show.
fn read_in_place(visible: &BTreeMap<AssetName, Version>, reader: &Reader) -> Result<BTreeSet<String>, OpError> {
    let mut files = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut views: Vec<Version> = visible.values().filter(|version| version.is_view()).cloned().collect();
    while let Some(view) = views.pop() {
        for input in &view.inputs {
            match &input.version {
                None => {
                    files.insert(input.name.clone());
                }
                Some(id) if seen.insert(id.clone()) => {
                    views.extend(reader.version(id)?.filter(Version::is_view));
                }
                Some(_) => {}
            }
        }
    }
    Ok(files)
}

fn is_number(data_type: &str) -> bool {
    let base = data_type.split('(').next().unwrap_or(data_type);
    ["INT", "DECIMAL", "FLOAT", "DOUBLE", "BIGNUM"].iter().any(|word| base.contains(word))
        && !data_type.ends_with(']')
        && base != "INTERVAL"
}
