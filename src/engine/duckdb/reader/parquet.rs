//! The query that reads Parquet files: by name, with types that fit the values of all files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::analyst::describe;
use super::super::foreign;
use super::super::session::Session;
use super::super::types::widest;
use super::{PATH, files, shown_path};
use crate::intake::{At, Place, Refusal};
use crate::model::{OptionValue, Reading, Scalar, Schema};
use crate::seam::{EngineError, ReadError, SourceRead, SourceReader};
use crate::sql::quote;

/// Files with the same metadata.
struct Group {
    files: Vec<PathBuf>,
    schema: Schema,
}

/// Returns the columns of a source, and the query that reads its files.
pub(super) fn read(session: &Session, source: &SourceReader) -> Result<SourceRead, ReadError> {
    let shown = |file: &Path| Place {
        file: file.strip_prefix(&source.root).unwrap_or(file).display().to_string(),
        at: At::Whole,
    };
    let options = Options::parse(source)?;
    let mut groups: Vec<Group> = Vec::new();
    for files in alike(session, source)? {
        let mut schema = describe(session, &format!("SELECT * FROM {}", options.from(&files[..1])))?;
        schema.0.retain(|column| options.is_read(&column.name));
        groups.push(Group { files, schema });
    }
    let columns = columns(&groups, &shown)?;
    let is_plain = |group: &Group| {
        group.schema.0.len() == columns.len()
            && group
                .schema
                .0
                .iter()
                .zip(&columns)
                .all(|(found, (name, data_type, _))| found.name == *name && found.data_type == *data_type)
    };
    let parts: Vec<String> = groups
        .iter()
        .map(|group| {
            let from = options.from(&group.files);
            // Files of other programs are read without their statistics.
            let guarded = match foreign::columns(session, &from, &files(&group.files))? {
                Some(columns) => format!("SELECT {columns} FROM {from}"),
                None => format!("SELECT * FROM {from}"),
            };
            if is_plain(group) && options.is_plain() {
                return Ok(guarded);
            }
            let mut read: Vec<String> = columns
                .iter()
                .map(|(name, data_type, _)| {
                    let quoted = quote::identifier(name);
                    match group.schema.0.iter().find(|column| column.name == *name) {
                        None => format!("CAST(NULL AS {data_type}) AS {quoted}"),
                        Some(column) if column.data_type == *data_type => quoted,
                        Some(_) => format!("CAST({quoted} AS {data_type}) AS {quoted}"),
                    }
                })
                .collect();
            read.extend(shown_path(source, options.filename.as_deref()));
            Ok(format!("SELECT {} FROM ({guarded})", read.join(", ")))
        })
        .collect::<Result<_, EngineError>>()?;
    let sql = parts.join("\nUNION ALL ");
    Ok(SourceRead {
        schema: describe(session, &sql)?,
        places: columns.iter().map(|(name, _, place)| (name.clone(), place.to_string())).collect(),
        misfits: BTreeMap::new(),
        reading: Reading::default(),
        sql,
    })
}

/// Returns the columns of all groups by name, in order of first occurrence: name, type, and the first file that has
/// it.
fn columns(groups: &[Group], shown: &dyn Fn(&Path) -> Place) -> Result<Vec<(String, String, Place)>, Refusal> {
    let mut found: Vec<(&str, Vec<(&str, Place)>)> = Vec::new();
    for group in groups {
        let place = shown(&group.files[0]);
        for column in &group.schema.0 {
            let of_file = (column.data_type.as_str(), place.clone());
            match found.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(&column.name)) {
                None => found.push((&column.name, vec![of_file])),
                Some((name, types)) if *name == column.name => types.push(of_file),
                Some((name, types)) => {
                    return Err(Refusal::SameName {
                        first: (*name).to_owned(),
                        place: Box::new(types[0].1.clone()),
                        second: column.name.clone(),
                        other: Box::new(place),
                    });
                }
            }
        }
    }
    let column = |(name, mut types): (&str, Vec<(&str, Place)>)| {
        let all: Vec<&str> = types.iter().map(|(data_type, _)| *data_type).collect();
        if let Some(wide) = widest(&all) {
            return Ok((name.to_owned(), wide, types.swap_remove(0).1));
        }
        // Two types without a common one. There may be no such pair: three decimals can be too wide together.
        let pairs = (0..all.len()).flat_map(|one| (one + 1..all.len()).map(move |other| (one, other)));
        let mut pairs = pairs.filter(|(one, other)| widest(&[all[*one], all[*other]]).is_none());
        let (one, other) = pairs.next().unwrap_or((0, all.len() - 1));
        let other = types.swap_remove(other);
        let one = types.swap_remove(one);
        Err(Refusal::Types {
            column: name.to_owned(),
            one: Box::new((one.0.to_owned(), one.1)),
            other: Box::new((other.0.to_owned(), other.1)),
        })
    };
    found.into_iter().map(column).collect()
}

/// The options of a Parquet source.
struct Options {
    /// Arguments that are passed to the engine.
    handed_on: Vec<String>,
    /// The column with each row's file.
    filename: Option<String>,
    /// Columns that the engine creates from folders above the project.
    above: Option<Vec<String>>,
}

impl Options {
    fn parse(source: &SourceReader) -> Result<Self, Refusal> {
        let mut options = Self {
            handed_on: Vec::new(),
            filename: None,
            above: None,
        };
        for (name, value) in &source.options {
            match (name.as_str(), value) {
                ("filename" | "hive_partitioning", OptionValue::Scalar(Scalar::Boolean(false)))
                | ("union_by_name", OptionValue::Scalar(Scalar::Boolean(true))) => {}
                ("filename", OptionValue::Scalar(Scalar::Boolean(true))) => {
                    options.filename = Some("filename".to_owned());
                }
                ("filename", OptionValue::Scalar(Scalar::String(name))) => options.filename = Some(name.clone()),
                ("hive_partitioning", _) => options.above = Some(partitions_above(source)),
                ("union_by_name", _) => {
                    return Err(Refusal::Option {
                        name: name.clone(),
                        why: "has no effect: dp reads the columns of every file".to_owned(),
                        help: "remove it".to_owned(),
                    });
                }
                _ => options.handed_on.push(format!("{} = {}", quote::identifier(name), value.sql())),
            }
        }
        Ok(options)
    }

    /// Returns the table function over the given files.
    fn from(&self, paths: &[PathBuf]) -> String {
        let mut arguments = vec![files(paths)];
        arguments.extend(self.handed_on.iter().cloned());
        // Otherwise every `name=value` folder above the file, even above the project, adds a column.
        arguments.push(format!("hive_partitioning = {}", self.above.is_some()));
        if self.filename.is_some() {
            arguments.push(format!("filename = {}", quote::literal(PATH)));
        }
        format!("read_parquet({})", arguments.join(", "))
    }

    /// Whether the engine's columns are the columns of the source.
    fn is_plain(&self) -> bool {
        self.filename.is_none() && self.above.as_ref().is_none_or(Vec::is_empty)
    }

    /// Whether a column from the engine belongs to the source.
    fn is_read(&self, name: &str) -> bool {
        name != PATH && !self.above.iter().flatten().any(|above| above == name)
    }
}

/// Returns the names of the `name=value` folders above the project.
fn partitions_above(source: &SourceReader) -> Vec<String> {
    let folders = source.root.components().filter_map(|folder| folder.as_os_str().to_str()?.split_once('='));
    folders.map(|(name, _)| name.to_owned()).collect()
}

/// Groups the files by equal metadata, in the order of their first files.
///
/// # Errors
/// If a column holds values that the engine would change, unless its conversion is declared lenient.
fn alike(session: &Session, source: &SourceReader) -> Result<Vec<Vec<PathBuf>>, ReadError> {
    let rows = session.texts(&format!(
        "SELECT file_name::VARCHAR, name::VARCHAR, coalesce(num_children, 0)::VARCHAR, type::VARCHAR, precision::VARCHAR, \
         concat_ws(' ', type, type_length, repetition_type, converted_type, scale, precision, logical_type) \
         FROM parquet_schema({})",
        files(&source.files)
    ))?;
    let mut signatures: BTreeMap<String, String> = BTreeMap::new();
    let mut at = Position::default();
    for row in rows {
        let [Some(file), Some(name), Some(children), data_type, precision, signature] = row.as_slice() else {
            continue;
        };
        at.enter(file, name, children.parse().unwrap_or_default());
        let lenient = source.lenient.contains(&at.column);
        let digits: u32 = precision.as_deref().and_then(|digits| digits.parse().ok()).unwrap_or_default();
        let why = match data_type.as_deref() {
            Some("INT96") => Some("is INT96, and the engine truncates its nanoseconds"),
            _ if digits > 38 => Some("has more than 38 decimal digits, which the engine rounds"),
            _ => None,
        };
        if let (Some(why), false) = (why, lenient) {
            let file = Path::new(file);
            return Err(Refusal::Unreadable {
                column: at.column.clone(),
                why: why.to_owned(),
                place: Place {
                    file: file.strip_prefix(&source.root).unwrap_or(file).display().to_string(),
                    at: At::Whole,
                },
            }
            .into());
        }
        let text = signatures.entry(file.clone()).or_default();
        text.push_str(&format!("{name:?} {children} {}\n", signature.as_deref().unwrap_or_default()));
    }
    let mut groups: Vec<(&str, Vec<PathBuf>)> = Vec::new();
    for file in &source.files {
        let signature = signatures.get(file.to_string_lossy().as_ref()).map(String::as_str).unwrap_or_default();
        match groups.iter_mut().find(|(known, _)| *known == signature) {
            Some((_, files)) => files.push(file.clone()),
            None => groups.push((signature, vec![file.clone()])),
        }
    }
    Ok(groups.into_iter().map(|(_, files)| files).collect())
}

/// The position of a row of the metadata: the file and the column.
#[derive(Default)]
struct Position {
    file: String,
    /// The column of the table, even for a nested part of it.
    column: String,
    /// The number of remaining children of each open node.
    open: Vec<u64>,
}

impl Position {
    fn enter(&mut self, file: &str, name: &str, children: u64) {
        if self.file != file {
            // The first row is the root.
            file.clone_into(&mut self.file);
            self.open = vec![children];
            self.column.clear();
            return;
        }
        while self.open.last() == Some(&0) {
            self.open.pop();
        }
        if self.open.len() == 1 {
            name.clone_into(&mut self.column);
        }
        if let Some(last) = self.open.last_mut() {
            *last = last.saturating_sub(1);
        }
        if children > 0 {
            self.open.push(children);
        }
    }
}
