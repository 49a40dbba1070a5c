use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::project::{ExportFormat, Format, OptionValue, Scalar, Template};
use crate::state::Digest;

/// What the user wrote that can change an asset's content, in canonical form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// `source`, `sql` or `command`.
    pub kind: String,
    /// `table`, `view` or `file`, and for a file its format.
    pub materialize: String,
    /// The engine that computes it.
    pub engine: String,
    /// Settings of the session that change results, by name.
    pub settings: BTreeMap<String, String>,
    /// A hash of the query's canonical tree.
    pub query: Option<Digest>,
    /// Names in `depends_on`, sorted.
    pub depends_on: Vec<String>,
    /// How a source's files are written.
    pub format: Option<Format>,
    /// Options of the reader, by name.
    pub options: Vec<(String, OptionValue)>,
    /// Types that are handed to the reader, by column.
    pub types: BTreeMap<String, String>,
    /// Columns whose values the reader may change while it converts them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub lenient: BTreeSet<String>,
    /// How files that a query names, and Parquet sources that are not copied, are read: another way can give other rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_place: Option<String>,
    /// The program of a command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<CommandDefinition>,
    /// Of one of several tables of a program: what that calls it, and how it is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<(String, OutputDefinition)>,
}

/// What a user wrote of a program that can change what it makes. How long it may take and how often it is tried again
/// is not in it, nor where its files are put.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommandDefinition {
    /// The command line.
    pub run: Vec<String>,
    /// The file that its first word leads to.
    pub program: String,
    /// Hash of that file.
    pub program_hash: Digest,
    /// Assets that are handed over, sorted.
    pub inputs: Vec<String>,
    /// How they are written.
    pub input_format: ExportFormat,
    /// Hashes of its code, by path.
    pub code: BTreeMap<String, Digest>,
    /// Its environment as written, by name.
    pub environment: BTreeMap<String, Template>,
    /// What stands for the values of dp's own environment that are in it, by their names.
    pub secrets: BTreeMap<String, Digest>,
    /// Variables that reach it.
    pub variables: BTreeMap<String, Scalar>,
    /// Its working folder.
    pub working_dir: Option<String>,
    /// How its table is left.
    pub output: Option<OutputDefinition>,
    /// Names of its further tables.
    pub outputs: Vec<String>,
    /// Names of its further files.
    pub files: Vec<String>,
}

/// How a program leaves a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputDefinition {
    /// `csv`, `ndjson` or `parquet`.
    pub format: Format,
    /// Options of the reader, by name.
    pub options: Vec<(String, OptionValue)>,
}

/// The setting that is the version of the time zone database.
///
/// It is only in the definitions of what is computed in another zone than UTC, whose rules never change.
pub const ZONE_DATA: &str = "time zone data";

impl Definition {
    /// Of an asset of this kind that is kept as `materialize` says, and of which nothing else is said yet.
    pub fn new(kind: &str, materialize: String, settings: &BTreeMap<String, String>) -> Self {
        let mut settings = settings.clone();
        if settings.get("TimeZone").is_none_or(|zone| zone == "UTC") {
            settings.remove(ZONE_DATA);
        }
        Self {
            kind: kind.to_owned(),
            materialize,
            engine: "duckdb".to_owned(),
            settings,
            query: None,
            depends_on: Vec::new(),
            format: None,
            options: Vec::new(),
            types: BTreeMap::new(),
            lenient: BTreeSet::new(),
            in_place: None,
            command: None,
            output: None,
        }
    }

    /// Says that it reads Parquet files where they lie, without their statistics unless the engine wrote them.
    pub fn set_in_place(&mut self) {
        self.in_place = Some("parquet/1".to_owned());
    }

    /// Says that its query names files, which are read as exactly as a source is.
    pub fn set_names_files(&mut self) {
        self.in_place = Some("exact/1".to_owned());
    }

    /// D.
    pub fn fingerprint(&self) -> Digest {
        Digest::of_json("definition/2", self)
    }
}

/// A definition together with what people can read in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DefinitionDocument {
    /// What counts.
    pub definition: Definition,
    /// How it was written.
    pub written: Written,
}

/// How a definition was written when it was recorded first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Written {
    /// The query with its placeholders.
    pub sql: Option<String>,
    /// The canonical tree of a view's query, once it is on record; older records have that of any query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree: Option<String>,
    /// The variables that it used.
    pub variables: BTreeMap<String, Scalar>,
    /// A source's pattern.
    pub path: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_the_zone_data_counts_where_zones_do() {
        let definition = |zone: &str| {
            let settings = [("TimeZone", zone), (ZONE_DATA, "2026f")];
            let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
            Definition::new("sql", "table".to_owned(), &settings)
        };
        assert_eq!(definition("UTC").settings.get(ZONE_DATA), None);
        assert_eq!(definition("Europe/Berlin").settings.get(ZONE_DATA).map(String::as_str), Some("2026f"));
    }
}
