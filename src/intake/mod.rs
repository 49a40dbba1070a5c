//! The door through which foreign data comes in: reads it exactly, or refuses it with a place.
//!
//! A *look* goes over every row of every file of a source before the engine reads it. It decides the dialect and the types,
//! over all bytes and never over a sample, and the engine is then told everything and guesses nothing. What would have to be
//! rounded, cut, shifted, dropped or guessed is a [`Refusal`].
//!
//! | file | idea |
//! |---|---|
//! | `number`, `time` | texts of numbers and moments, compared by value |
//! | `exact` | whether a type holds a text without changing it |
//! | `infer` | the type that gives every text of a column back |
//! | `column` | one column of one file, with its misfits |
//! | `union` | the columns of several files, by name |
//! | `partition` | columns from folders `name=value` |
//! | `csv`, `json` | the formats |
//! | `option` | values of the readers' options |
//! | `place`, `refusal` | where and why something is refused |

mod bytes;
mod column;
mod csv;
mod exact;
mod infer;
mod json;
mod number;
mod option;
mod partition;
mod place;
mod refusal;
mod shape;
mod time;
mod union;

use std::path::{Path, PathBuf};

pub use self::csv::{CsvDialect, CsvPart};
pub use self::json::{JsonForm, JsonPart};
pub use self::option::canonical as canonical_options;
pub use self::place::{At, Place};
pub use self::refusal::{Door, Refusal};
pub use self::shape::Shape;
use crate::project::{Format, OptionValue};

/// Files that are to be read, and what is known about them beforehand.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// How they are written.
    pub format: Format,
    /// The folder to which messages and the file name column are relative.
    pub root: &'a Path,
    /// Absolute paths, sorted.
    pub files: &'a [PathBuf],
    /// Named parameters, as [`canonical_options`] gives them.
    pub options: &'a [(String, OptionValue)],
    /// Columns whose type is given.
    pub wanted: &'a [Wanted],
}

/// A column whose type is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// Its type, as the engine writes it.
    pub data_type: String,
    /// The same type, taken apart.
    pub shape: Shape,
    /// How binding it is.
    pub bond: Bond,
    /// Texts that the engine is known to change.
    pub except: Vec<String>,
}

/// How binding the type of a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bond {
    /// Each value is exactly one of the type, or the source is refused.
    Exact,
    /// The engine may convert values to it that it changes.
    Lenient,
    /// The type is that of an earlier reading: it is kept if it holds all values, and else another one is found.
    Kept,
}

/// How files are read: everything that the engine has to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The columns of the source, in order.
    pub columns: Vec<ReadColumn>,
    /// The files, by how they are written.
    pub parts: Parts,
    /// How many rows there are.
    pub rows: u64,
    /// Columns that come from the paths of the files, and not from what is in them.
    pub partitions: Vec<String>,
    /// The column with the path of each row's file.
    pub filename: Option<String>,
}

/// A column as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadColumn {
    /// Its name.
    pub name: String,
    /// Its type, as the engine writes it.
    pub data_type: String,
    /// Whether the engine still has to confirm that the type gives every text back.
    pub unjudged: bool,
    /// Whether it contains quoted empty texts, which a type other than text reads as NULL.
    pub empty_text: bool,
    /// Whether it has any value. The type of a column without values says nothing.
    pub seen: bool,
    /// The first place that has the column.
    pub place: Option<Place>,
    /// The first value that its kept type does not hold.
    pub misfit: Option<(Place, String)>,
}

impl ReadColumn {
    fn without_values(name: String, data_type: String) -> Self {
        Self {
            name,
            data_type,
            unjudged: false,
            empty_text: false,
            seen: false,
            place: None,
            misfit: None,
        }
    }
}

/// Files, by how they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parts {
    /// Separated values.
    Csv(Vec<CsvPart>),
    /// JSON documents.
    Json(Vec<JsonPart>),
}

/// Looks at all rows of some text files.
///
/// # Errors
/// The first thing that can't be read exactly.
pub fn look(question: &Question<'_>) -> Result<Reading, Refusal> {
    match question.format {
        Format::Csv => csv::read(question),
        Format::Json | Format::Ndjson => json::read(question),
        Format::Parquet => unreachable!("Parquet says itself what it holds; the engine reads its metadata"),
    }
}

impl Question<'_> {
    /// A file as messages name it.
    fn shown(&self, file: &Path) -> String {
        file.strip_prefix(self.root).unwrap_or(file).display().to_string()
    }

    /// What is wanted of a column.
    fn wanted(&self, name: &str) -> Option<&Wanted> {
        self.wanted.iter().find(|wanted| wanted.name.eq_ignore_ascii_case(name))
    }
}
