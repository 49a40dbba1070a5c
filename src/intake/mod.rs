//! The intake of foreign data: reads it exactly, or refuses it with a place.
//!
//! A *look* inspects every row of every file of a source before the engine reads it. It decides the dialect and the
//! types over all bytes, never over a sample. The engine is then told everything and guesses nothing. Data that would
//! have to be rounded, cut, shifted, dropped or guessed is a [`Refusal`].
//!
//! | file | idea |
//! |---|---|
//! | `number`, `time` | texts of numbers and times, compared by value |
//! | `exact` | whether a type holds a text without changing it |
//! | `infer` | the type that reproduces every text of a column |
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
use crate::model::{Format, OptionValue};

/// Files to read, and what is known about them in advance.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The format of the files.
    pub format: Format,
    /// The folder that messages and the file name column are relative to.
    pub root: &'a Path,
    /// The absolute paths of the files, sorted.
    pub files: &'a [PathBuf],
    /// Named parameters, as [`canonical_options`] returns them.
    pub options: &'a [(String, OptionValue)],
    /// The columns with a given type.
    pub wanted: &'a [Wanted],
}

/// A column with a given type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// Its type, as the engine writes it.
    pub data_type: String,
    /// The structure of the type.
    pub shape: Shape,
    /// How binding the type is.
    pub bond: Bond,
    /// Texts that the engine is known to change.
    pub except: Vec<String>,
}

/// How binding the type of a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bond {
    /// Every value must be exactly one of the type; otherwise the source is refused.
    Exact,
    /// The engine may change values in a conversion to the type.
    Lenient,
    /// The type of an earlier reading: it is kept if it fits all values; otherwise another type is chosen.
    Kept,
}

/// How files are read: everything that the engine must be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The columns of the source, in order.
    pub columns: Vec<ReadColumn>,
    /// The files, grouped by format.
    pub parts: Parts,
    /// The number of rows.
    pub rows: u64,
    /// Columns from the paths of the files, not from their content.
    pub partitions: Vec<String>,
    /// The column with the path of each row's file.
    pub filename: Option<String>,
}

/// A column to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadColumn {
    /// Its name.
    pub name: String,
    /// Its type, as the engine writes it.
    pub data_type: String,
    /// Whether the engine must still confirm that the type reproduces every text.
    pub unjudged: bool,
    /// Whether it contains quoted empty texts, which types other than text read as NULL.
    pub empty_text: bool,
    /// Whether it has any value. The type of a column without values means nothing.
    pub seen: bool,
    /// The first place that contains the column.
    pub place: Option<Place>,
    /// The first value that does not fit its kept type.
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

/// Files, grouped by format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parts {
    /// Delimiter-separated values.
    Csv(Vec<CsvPart>),
    /// JSON documents.
    Json(Vec<JsonPart>),
}

/// Inspects all rows of text files.
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
    /// Returns the name of a file in messages.
    fn shown(&self, file: &Path) -> String {
        file.strip_prefix(self.root).unwrap_or(file).display().to_string()
    }

    /// Returns the given type of a column, if there is one.
    fn wanted(&self, name: &str) -> Option<&Wanted> {
        self.wanted.iter().find(|wanted| wanted.name.eq_ignore_ascii_case(name))
    }
}
