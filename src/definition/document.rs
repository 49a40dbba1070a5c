use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::{Digest, ExportFormat, Format, OptionValue, Scalar, Template};

/// What the user wrote that can change an asset's content, in canonical form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// `source`, `sql` or `command`.
    pub kind: String,
    /// `table`, `view` or `file`; for a file also its format.
    pub materialize: String,
    /// The engine that computes it.
    pub engine: String,
    /// The session's settings that change results, by name.
    pub settings: BTreeMap<String, String>,
    /// A hash of the query's canonical tree.
    pub query: Option<Digest>,
    /// The names in `depends_on`, sorted.
    pub depends_on: Vec<String>,
    /// The format of a source's files.
    pub format: Option<Format>,
    /// The options of the reader, by name.
    pub options: Vec<(String, OptionValue)>,
    /// The types that are passed to the reader, by column.
    pub types: BTreeMap<String, String>,
    /// The columns whose values the reader may change in a conversion.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub lenient: BTreeSet<String>,
    /// How dp reads files that a query names and Parquet sources that are not copied: another method can give other
    /// rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_place: Option<String>,
    /// The program of a command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<CommandDefinition>,
    /// For one of several tables of a program: its name there, and its format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<(String, OutputDefinition)>,
}

/// The part of a command's declaration that can change its result. Timeout, retries and the places of its files are
/// not part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommandDefinition {
    /// The command line.
    pub run: Vec<String>,
    /// The file that the first word of the command resolves to.
    pub program: String,
    /// The hash of that file.
    pub program_hash: Digest,
    /// The input assets, sorted.
    pub inputs: Vec<String>,
    /// The format of the input files.
    pub input_format: ExportFormat,
    /// The hashes of its code, by path.
    pub code: BTreeMap<String, Digest>,
    /// The environment variables as written, by name.
    pub environment: BTreeMap<String, Template>,
    /// The hashes of the values of dp's own environment in it, by variable.
    pub secrets: BTreeMap<String, Digest>,
    /// The variables that the program gets.
    pub variables: BTreeMap<String, Scalar>,
    /// The working folder.
    pub working_dir: Option<String>,
    /// The format of its table.
    pub output: Option<OutputDefinition>,
    /// The names of its further tables.
    pub outputs: Vec<String>,
    /// The names of its further files.
    pub files: Vec<String>,
}

/// The format in which a program leaves a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputDefinition {
    /// `csv`, `ndjson` or `parquet`.
    pub format: Format,
    /// The options of the reader, by name.
    pub options: Vec<(String, OptionValue)>,
}

/// The setting for the version of the time zone database.
///
/// Only definitions with a session time zone other than UTC contain it, because the rules of UTC never change.
pub const ZONE_DATA: &str = "time zone data";

impl Definition {
    /// Creates the definition of an asset with this kind and materialization; all other fields are empty.
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

    /// Declares that it reads Parquet files in place, without their statistics unless the engine wrote them.
    pub fn set_in_place(&mut self) {
        self.in_place = Some("parquet/1".to_owned());
    }

    /// Declares that its query names files, which are read as exactly as those of a source.
    pub fn set_names_files(&mut self) {
        self.in_place = Some("exact/1".to_owned());
    }

    /// Returns D, the definition fingerprint.
    pub fn fingerprint(&self) -> Digest {
        Digest::of_json("definition/2", self)
    }
}

/// A definition, with its text for the user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DefinitionDocument {
    /// The part that counts.
    pub definition: Definition,
    /// The text as the user wrote it.
    pub written: Written,
}

/// The text of a definition when it was first recorded.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Written {
    /// The query with its placeholders.
    pub sql: Option<String>,
    /// The canonical tree of a view's query, once it is recorded; older records have the tree of any query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree: Option<String>,
    /// The variables that the query used.
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
