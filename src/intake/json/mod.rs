//! Reads JSON documents exactly: all keys of all rows of all files count, and types are decided over all values.

mod file;
mod judge;
mod options;
mod rows;
mod tree;
mod value;

use std::fmt;
use std::path::PathBuf;

use rayon::prelude::*;

use self::options::JsonOptions;
use self::rows::{Rows, Wish};
use super::place::At;
use super::union::{How, Union, wish};
use super::{Bond, Parts, Question, ReadColumn, Reading, Refusal, Shape, Wanted, partition};
use crate::model::Format;

/// The layout of JSON files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonForm {
    /// One object per line.
    Lines,
    /// One array of objects.
    Array,
    /// A sequence of objects.
    Objects,
}

impl fmt::Display for JsonForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lines => "one object per line",
            Self::Array => "one array of objects",
            Self::Objects => "objects",
        })
    }
}

/// JSON files with the same layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPart {
    /// The absolute paths.
    pub files: Vec<PathBuf>,
    /// The layout.
    pub form: JsonForm,
    /// The longest object, in bytes.
    pub longest: u64,
}

/// Inspects all files of a source.
pub(super) fn read(question: &Question<'_>) -> Result<Reading, Refusal> {
    let options = JsonOptions::parse(question.options)?;
    let partitions = if options.hive { partition::columns(question)? } else { Vec::new() };
    let declared = |name: &str| {
        let columns = options.columns.as_ref()?;
        columns.iter().find(|(column, _)| column == name).map(|(_, data_type)| data_type.clone())
    };
    let wishes = |name: &str| match (question.wanted(name), &options.columns) {
        (
            Some(Wanted {
                bond: Bond::Lenient, ..
            }),
            _,
        ) => Some(Wish::Lenient),
        (
            Some(Wanted {
                bond: Bond::Exact,
                shape,
                ..
            }),
            _,
        ) => Some(Wish::Exactly(shape.clone())),
        (
            Some(Wanted {
                bond: Bond::Kept,
                shape,
                ..
            }),
            None,
        ) => Some(Wish::Keep(shape.clone())),
        (_, Some(_)) => declared(name).map(|data_type| Wish::Exactly(Shape::Scalar(data_type))),
        (None, None) => Some(Wish::Infer),
    };
    let form = if question.format == Format::Ndjson { Some(JsonForm::Lines) } else { options.form };
    let look = |path: &PathBuf| {
        let text = options.open(path)?;
        file::look(text, &question.shown(path), form, &wishes)
    };
    let found: Vec<Option<(Rows, JsonForm)>> = question.files.par_iter().map(look).collect::<Result<_, _>>()?;
    let mut union = Union::new();
    let mut parts: Vec<JsonPart> = Vec::new();
    let mut rows = 0;
    for (path, found) in question.files.iter().zip(found) {
        let Some((found, form)) = found else {
            continue;
        };
        rows += found.records;
        match parts.iter_mut().find(|part| part.form == form) {
            Some(part) => {
                part.files.push(path.clone());
                part.longest = part.longest.max(found.longest);
            }
            None => parts.push(JsonPart {
                files: vec![path.clone()],
                form,
                longest: found.longest,
            }),
        }
        for column in found.columns {
            union.add(&question.shown(path), column.found())?;
        }
    }
    let mut columns = union.read(|name| match question.wanted(name) {
        Some(wanted) if wanted.bond != Bond::Kept => Some((wanted.data_type.clone(), How::Judged)),
        Some(wanted) if options.columns.is_none() => Some((wanted.data_type.clone(), How::Kept)),
        _ => Some((declared(name)?, How::Judged)),
    })?;
    // A column in the options or the contract always exists, as NULL if no file contains it.
    if let Some(declared) = &options.columns {
        for (name, data_type) in declared {
            if !columns.iter().any(|column| column.name == *name) {
                columns.push(ReadColumn::without_values(name.clone(), data_type.clone()));
            }
        }
    }
    if columns.is_empty() {
        let wanted = question.wanted.iter().filter(|wanted| wanted.bond != Bond::Kept);
        columns =
            wanted.map(|wanted| ReadColumn::without_values(wanted.name.clone(), wanted.data_type.clone())).collect();
        parts.clear();
    }
    if columns.is_empty() {
        let file = question.files.first().map(|path| question.shown(path)).unwrap_or_default();
        return Err(Refusal::Empty(At::Whole.of(&file)));
    }
    columns.extend(partition_columns(question, &partitions, &columns)?);
    Ok(Reading {
        columns,
        parts: Parts::Json(parts),
        rows,
        partitions,
        filename: options.filename,
    })
}

/// Returns the values in the paths as text columns.
fn partition_columns(
    question: &Question<'_>,
    partitions: &[String],
    columns: &[ReadColumn],
) -> Result<Vec<ReadColumn>, Refusal> {
    let mut union = Union::new();
    partition::add(question, partitions, &mut union, &|name| wish(question, name, None))?;
    if let Some(column) = columns.iter().find(|column| union.has(&column.name)) {
        return Err(Refusal::Partition {
            column: column.name.clone(),
            why: "is also a key of the rows".to_owned(),
            place: At::Whole.of(&question.files.first().map(|path| question.shown(path)).unwrap_or_default()),
        });
    }
    union.read(|name| Some((question.wanted(name)?.data_type.clone(), wish(question, name, None).how()?)))
}
