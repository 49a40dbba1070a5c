//! What can't be beaten: the least work that has to be done, done with nothing around it.
//!
//! Each runs in a process of its own, so that its CPU time and memory are its own. The benchmark starts itself again
//! for that, with [`WORD`] first.

use std::fs;
use std::path::{Path, PathBuf};

use duckdb::Connection;
use rayon::prelude::*;
use walkdir::WalkDir;

use crate::generate::Pipeline;
use crate::measure::Result;

/// The first argument of a benchmark that is to be a floor.
pub(crate) const WORD: &str = "__floor";

pub(crate) const START: &str = "floor: an empty process (`/bin/true`)";
pub(crate) const HASH: &str = "floor: all files of the project read and hashed";
pub(crate) const SQL: &str = "floor: the same SQL straight through DuckDB";

/// Does what the arguments after [`WORD`] say: `hash FOLDER` or `sql FOLDER OUT ASSETS`.
pub(crate) fn run(args: &[String], pipeline: Pipeline) -> Result<()> {
    match args {
        [what, folder] if what == "hash" => hash(Path::new(folder)),
        [what, folder, out, assets] if what == "sql" => {
            let pipeline = Pipeline {
                assets: assets.parse()?,
                ..pipeline
            };
            sql(Path::new(folder), Path::new(out), &pipeline)
        }
        other => Err(format!("no such floor: {other:?}").into()),
    }
}

/// Reads all that people wrote, and hashes it with BLAKE3 on all cores.
fn hash(folder: &Path) -> Result<()> {
    let mut files: Vec<PathBuf> = vec![folder.join("dp.toml")];
    for part in ["assets", "data"] {
        for entry in WalkDir::new(folder.join(part)) {
            let entry = entry?;
            if entry.file_type().is_file() {
                files.push(entry.into_path());
            }
        }
    }
    let hashes: std::io::Result<Vec<blake3::Hash>> =
        files.par_iter().map(|file| fs::read(file).map(|bytes| blake3::hash(&bytes))).collect();
    assert_eq!(hashes?.len(), files.len(), "each file has a hash");
    Ok(())
}

/// Runs all queries in one process, over views of the Parquet files that those before wrote; nothing is synced.
fn sql(folder: &Path, out: &Path, pipeline: &Pipeline) -> Result<()> {
    let engine = Connection::open_in_memory()?;
    let mut made: Vec<String> = Vec::new();
    let mut make = |schema: &str, name: &str, sql: &str| -> Result<()> {
        if !made.iter().any(|known| known == schema) {
            made.push(schema.to_owned());
            fs::create_dir_all(out.join(schema))?;
            engine.execute_batch(&format!("create schema {schema}"))?;
        }
        let file = out.join(schema).join(format!("{name}.parquet"));
        let file = file.display();
        engine.execute_batch(&format!(
            "copy ({sql}) to '{file}' (format parquet); create view {schema}.{name} as from read_parquet('{file}')"
        ))?;
        Ok(())
    };
    for source in 0..pipeline.sources() {
        let csv = folder.join(format!("data/s{source}.csv"));
        make("raw", &format!("s{source}"), &format!("from read_csv('{}')", csv.display()))?;
    }
    for query in pipeline.queries() {
        make(&query.schema, &query.name, &query.sql)?;
    }
    Ok(())
}
