//! Files that a query names directly, and how they are read exactly.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{EngineError, ReadError, Relation, RelationBody, SourceRead};
use crate::intake::Door;
use crate::model::{AssetName, Digest};
use crate::sql::{Edit, quote};

/// The files that one reader in a query names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedFiles {
    /// The byte range of the query that names them.
    pub range: Range<usize>,
    /// The alias of the reader, where the query gives none.
    pub alias: Option<String>,
    /// The paths or patterns as written, relative to the project.
    pub paths: Vec<String>,
    /// How they are read.
    pub read: SourceRead,
}

/// Why the files that a query names can't be read.
#[derive(Debug)]
pub struct NamedFilesError {
    /// The byte of the query at which the reader starts.
    pub offset: usize,
    /// The error.
    pub error: ReadError,
}

/// Finds the files of a path or pattern.
pub struct FileFinder<'a> {
    /// The project's folder.
    pub root: &'a Path,
    /// Returns the files of a path or pattern of a query, absolute and sorted.
    pub find: &'a dyn Fn(&str) -> Vec<PathBuf>,
}

impl NamedFiles {
    /// Returns the edit that makes a query read the files exactly.
    pub fn reading(&self) -> Edit {
        self.replaced_by(&format!("({})", self.read.sql))
    }

    /// Returns the edit that replaces the files with a table that has their columns and no rows.
    ///
    /// A query is bound over such tables, because the engine can't serialize a bound plan that reads files.
    pub fn standing_in(&self) -> Edit {
        self.replaced_by(&quote::asset(&self.stand_in()))
    }

    fn replaced_by(&self, text: &str) -> Edit {
        let alias = self.alias.as_ref().map(|alias| format!(" AS {}", quote::identifier(alias)));
        Edit {
            range: self.range.clone(),
            text: format!("{text}{}", alias.unwrap_or_default()),
        }
    }

    /// Returns the table that stands for the files while a query is bound.
    pub fn relation(&self) -> Relation {
        Relation {
            name: self.stand_in(),
            body: RelationBody::Empty(self.read.schema.clone()),
        }
    }

    /// Returns the name of that table. It does not contain the project's path, because plans with it are compared.
    pub fn stand_in(&self) -> AssetName {
        let columns = self.read.schema.0.iter().flat_map(|column| [column.name.as_str(), column.data_type.as_str()]);
        AssetName::of_files(&Digest::of("files/1", self.paths.iter().map(String::as_str).chain(columns)))
    }
}

impl NamedFilesError {
    /// Converts the error to an engine error, with its place in the query.
    #[must_use]
    pub fn into_engine_error(self) -> EngineError {
        EngineError {
            offset: Some(self.offset),
            ..self.error.met_at(Door::Query)
        }
    }
}
