//! Finds the files that a query names, and reads each exactly or refuses it.

use std::collections::BTreeSet;
use std::path::Path;

use super::reader;
use super::session::Session;
use super::syntax::{self, FileReader};
use crate::intake::Refusal;
use crate::model::OptionValue;
use crate::seam::{EngineError, ErrorKind, FileFinder, NamedFiles, NamedFilesError, ReadError, SourceReader};
use crate::sql::{edited, lex};

/// Returns the files that a query names, in the order of its text.
///
/// # Errors
/// The error of the first reader whose files can't be read exactly.
pub(super) fn read(session: &Session, sql: &str, finder: &FileFinder<'_>) -> Result<Vec<NamedFiles>, NamedFilesError> {
    let at_start = |error: EngineError| NamedFilesError {
        offset: 0,
        error: error.into(),
    };
    // A text that can't be parsed is refused where the query is bound.
    let tree = syntax::tree(session, sql).map_err(at_start)?;
    // The name of an asset does not contain these characters.
    let is_file = |path: &str| path.contains(['.', '/']) && !(finder.find)(path).is_empty();
    let found = syntax::find_readers(&tree, &is_file).into_iter();
    found
        .map(|found| {
            let offset = found.at;
            named(session, sql, finder, found).map_err(|error| NamedFilesError { offset, error })
        })
        .collect()
}

/// Returns a query that reads its files exactly.
///
/// # Errors
/// As [`read`].
pub(super) fn exact(session: &Session, sql: &str, finder: &FileFinder<'_>) -> Result<String, EngineError> {
    let edits: Vec<_> = read(session, sql, finder)
        .map_err(NamedFilesError::into_engine_error)?
        .iter()
        .map(NamedFiles::reading)
        .collect();
    Ok(edited(sql, &edits))
}

fn named(session: &Session, sql: &str, finder: &FileFinder<'_>, found: FileReader) -> Result<NamedFiles, ReadError> {
    let refused = |message: String| EngineError::of_kind(ErrorKind::Syntax, message);
    let end = lex::reader_end(sql, found.at, found.is_call)
        .ok_or_else(|| refused("declare the files as a source, and read the source".to_owned()))?;
    if found.is_numbered {
        let message = "remove WITH ORDINALITY, because rows of files have no numbers; number them with \
                       `row_number() over (order by …)` over a key";
        return Err(refused(message.to_owned()).into());
    }
    let shown =
        |path: &String| Path::new(path).strip_prefix(finder.root).unwrap_or(Path::new(path)).display().to_string();
    let paths: Vec<String> = found.paths.iter().map(shown).collect();
    let format = found.format.ok_or_else(|| {
        refused(format!("call a reader, such as `read_csv(…)`: the name of `{}` does not show its format", paths[0]))
    })?;
    let files = found.paths.iter().flat_map(|path| (finder.find)(path));
    let mut files: Vec<_> = files.collect();
    files.sort();
    files.dedup();
    if files.is_empty() {
        return Err(refused(format!("no file of the project matches `{}`", paths.join("`, `"))).into());
    }
    let read = reader::read(
        session,
        &SourceReader {
            format,
            files,
            options: options(&found)?,
            types: Vec::new(),
            lenient: BTreeSet::new(),
            kept: Vec::new(),
            root: finder.root.to_path_buf(),
        },
    )?;
    Ok(NamedFiles {
        range: found.at..end,
        alias: (!found.is_named).then_some(found.name),
        paths: paths.into_iter().map(|path| format!("./{path}")).collect(),
        read,
    })
}

fn options(found: &FileReader) -> Result<Vec<(String, OptionValue)>, Refusal> {
    let option = |(name, value): &(String, Option<OptionValue>)| match value {
        Some(value) => Ok((name.clone(), value.clone())),
        None => Err(Refusal::Option {
            name: name.clone(),
            why: "is not a constant".to_owned(),
            help: "write the value itself".to_owned(),
        }),
    };
    found.options.iter().map(option).collect()
}
