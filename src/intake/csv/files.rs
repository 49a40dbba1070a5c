//! All files of a CSV source: inspected in parallel, joined by the names of their columns.

use std::path::PathBuf;

use rayon::prelude::*;

use super::super::column::Wish;
use super::super::exact::Exact;
use super::super::place::At;
use super::super::refusal::Refusal;
use super::super::union::{Union, wish};
use super::super::{Bond, Parts, Question, ReadColumn, Reading, partition};
use super::{CsvDialect, CsvFile, CsvOptions, look};

/// Files with the same dialect and the same columns in the same order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvPart {
    /// The absolute paths.
    pub files: Vec<PathBuf>,
    /// The dialect.
    pub dialect: CsvDialect,
    /// The columns.
    pub names: Vec<String>,
    /// The longest record, in bytes.
    pub longest: u64,
}

/// Inspects all files of a source.
pub(in crate::intake) fn read(question: &Question<'_>) -> Result<Reading, Refusal> {
    let options = CsvOptions::parse(question.options)?;
    let partitions = if options.hive { partition::columns(question)? } else { Vec::new() };
    let written = |name: &str, position: Option<usize>| {
        let named = options.types.iter().find(|(column, _)| column.eq_ignore_ascii_case(name));
        let named = named.map(|(_, data_type)| data_type.clone());
        let in_order = || options.types_in_order.get(position?).cloned();
        let text = || options.all_text.then(|| "VARCHAR".to_owned());
        named.or_else(in_order).or_else(text)
    };
    let wished = |name: &str, position: Option<usize>| {
        let written = written(name, position);
        match wish(question, name, written.as_deref()) {
            // Only the engine parses dates in a format from the options.
            Wish::Exactly(exact)
                if !matches!(exact, Exact::Except(_)) && has_format(question, &options, name, written.as_deref()) =>
            {
                Wish::Unjudged
            }
            wish => wish,
        }
    };
    expect_formatted_columns(question, &options)?;
    let found: Vec<Option<CsvFile>> = question
        .files
        .par_iter()
        .map(|path| look(path, &question.shown(path), &options, &|name, position| wished(name, Some(position))))
        .collect::<Result<_, _>>()?;
    let mut union = Union::new();
    let mut parts: Vec<CsvPart> = Vec::new();
    let mut rows = 0;
    let mut in_order = Vec::new();
    for (path, file) in question.files.iter().zip(found) {
        let Some(file) = file else {
            continue;
        };
        if in_order.is_empty() {
            in_order.clone_from(&file.names);
        }
        let shown = question.shown(path);
        for (name, column) in file.names.iter().zip(file.columns) {
            union.add(&shown, column.found(name.clone(), At::Line(file.line)))?;
        }
        rows += file.records;
        let same = |part: &&mut CsvPart| part.dialect == file.dialect && part.names == file.names;
        match parts.iter_mut().find(same) {
            Some(part) => {
                part.files.push(path.clone());
                part.longest = part.longest.max(file.longest);
            }
            None => parts.push(CsvPart {
                files: vec![path.clone()],
                dialect: file.dialect,
                names: file.names,
                longest: file.longest,
            }),
        }
    }
    if union.is_empty() {
        return empty(question, &options);
    }
    if let Some(column) = partitions.iter().find(|column| union.has(column)) {
        return Err(Refusal::Partition {
            column: column.clone(),
            why: "is also a column of the files".to_owned(),
            place: At::Whole.of(&question.files.first().map(|path| question.shown(path)).unwrap_or_default()),
        });
    }
    partition::add(question, &partitions, &mut union, &|name| wished(name, None))?;
    let columns = union.read(|name| {
        let position = in_order.iter().position(|column| column == name);
        let written = written(name, position);
        let how = wished(name, position).how()?;
        let wanted = question.wanted(name).filter(|wanted| wanted.bond != Bond::Kept || written.is_none());
        Some((wanted.map(|wanted| wanted.data_type.clone()).or(written)?, how))
    })?;
    if let Some(filename) = &options.filename
        && columns.iter().any(|column| column.name.eq_ignore_ascii_case(filename))
    {
        return Err(Refusal::Option {
            name: "filename".to_owned(),
            why: format!("would add a second column `{filename}`"),
            help: "give it another name: `filename = \"file\"`".to_owned(),
        });
    }
    Ok(Reading {
        columns,
        parts: Parts::Csv(parts),
        rows,
        partitions,
        filename: options.filename,
    })
}

/// Whether the column has a type for which the options set a format.
fn has_format(question: &Question<'_>, options: &CsvOptions, name: &str, written: Option<&str>) -> bool {
    let wanted = question.wanted(name).filter(|wanted| wanted.bond != Bond::Kept);
    let data_type = wanted.map(|wanted| wanted.data_type.as_str()).or(written);
    data_type.is_some_and(|data_type| options.format_of(data_type).is_some())
}

/// Refuses a format for a type that no column has: it would have no effect.
fn expect_formatted_columns(question: &Question<'_>, options: &CsvOptions) -> Result<(), Refusal> {
    let declared = question.wanted.iter().filter(|wanted| wanted.bond != Bond::Kept);
    let declared = declared.map(|wanted| &wanted.data_type);
    let of_options = options.types.iter().map(|(_, data_type)| data_type).chain(&options.types_in_order);
    let types: Vec<&String> = declared.chain(of_options).collect();
    for (option, data_type) in [("dateformat", "DATE"), ("timestampformat", "TIMESTAMP")] {
        let is_used = types.iter().any(|known| known.eq_ignore_ascii_case(data_type));
        if options.format_of(data_type).is_some() && !is_used {
            return Err(Refusal::Option {
                name: option.to_owned(),
                why: format!("has no effect, because no column is declared as {data_type}"),
                help: format!("declare its column: `[columns.NAME] type = \"{data_type}\"`"),
            });
        }
    }
    Ok(())
}

/// Returns an empty table for files without rows and header, if the columns are declared.
fn empty(question: &Question<'_>, options: &CsvOptions) -> Result<Reading, Refusal> {
    let wanted = question.wanted.iter().filter(|wanted| wanted.bond != Bond::Kept);
    let mut columns: Vec<ReadColumn> =
        wanted.map(|wanted| ReadColumn::without_values(wanted.name.clone(), wanted.data_type.clone())).collect();
    for (name, data_type) in &options.types {
        if !columns.iter().any(|column| column.name.eq_ignore_ascii_case(name)) {
            columns.push(ReadColumn::without_values(name.clone(), data_type.clone()));
        }
    }
    if columns.is_empty() {
        let file = question.files.first().map(|path| question.shown(path)).unwrap_or_default();
        return Err(Refusal::Empty(At::Whole.of(&file)));
    }
    Ok(Reading {
        columns,
        parts: Parts::Csv(Vec::new()),
        rows: 0,
        partitions: Vec::new(),
        filename: options.filename.clone(),
    })
}
