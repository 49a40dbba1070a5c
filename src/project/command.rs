use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::diagnostic::Span;
use crate::model::{AssetName, ExportFormat, Format, OptionValue, Scalar, Template};

/// A program that dp runs.
#[derive(Clone, Debug)]
pub struct Command {
    /// The program and its arguments, as written; at least one word. No shell interprets them.
    pub run: Vec<String>,
    /// The place of `run`.
    pub run_span: Span,
    /// Code that is part of the definition: patterns relative to the project, with their places.
    pub code: Vec<(String, Span)>,
    /// The input assets, with their places.
    pub inputs: Vec<(AssetName, Span)>,
    /// The format of the input files.
    pub input_format: ExportFormat,
    /// The variables that the program gets.
    pub variables: BTreeMap<String, Scalar>,
    /// Its environment variables, in addition to those of every command, by name.
    pub environment: BTreeMap<String, Template>,
    /// The place of `env`, or of `run`.
    pub environment_span: Span,
    /// The time limit of one attempt, in seconds.
    pub timeout: Option<u64>,
    /// The number of retries after a failure.
    pub retries: u64,
    /// The working folder, relative to the project; by default the project.
    pub working_dir: Option<String>,
    /// The format of its table; `None` if it has no table.
    pub output: Option<Output>,
    /// Further tables, each a separate asset, by the program's names for them.
    pub outputs: BTreeMap<String, AssetName>,
    /// Further files of the program.
    pub files: Vec<MadeFile>,
    /// How dp treats undeclared effects.
    pub judgement: Judgement,
    /// Allowed effects outside its inputs and outputs.
    pub allow: Allow,
}

/// The format in which a program leaves a table.
#[derive(Clone, Debug)]
pub struct Output {
    /// The format of the file: `csv`, `ndjson` or `parquet`.
    pub format: Format,
    /// Named parameters of the engine's reader, by name.
    pub options: Vec<(String, OptionValue)>,
    /// The span for errors.
    pub span: Span,
}

/// One of several tables of a program.
#[derive(Clone, Debug)]
pub struct OutputTable {
    /// The asset with the program.
    pub command: AssetName,
    /// The program's name for the table: `$DP_OUTPUT_<NAME>`.
    pub name: String,
    /// The format of the table.
    pub output: Output,
}

/// A file that a program makes in addition to its tables.
#[derive(Clone, Debug)]
pub struct MadeFile {
    /// The program's name for the file: `$DP_FILE_<NAME>`.
    pub name: String,
    /// The published place of the file, relative to the project.
    pub path: String,
    /// The place of the declaration.
    pub span: Span,
}

/// Allowed effects of an asset in addition to its inputs and outputs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allow {
    /// Files and folders that it may read: relative to the project, absolute, or below `~`.
    pub read: Vec<String>,
    /// Files and folders that it may change, in the same form.
    pub write: Vec<String>,
    /// `host:port`, `host` or `:port`.
    pub connect: Vec<String>,
    /// The place in the file; `None` if nothing is allowed.
    pub span: Option<Span>,
}

impl Allow {
    /// Returns the paths that are not relative to the project.
    pub fn outside(&self) -> impl Iterator<Item = &String> {
        self.read.iter().chain(&self.write).filter(|path| path.starts_with(['/', '~']))
    }
}

/// How dp treats undeclared effects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Judgement {
    /// They are recorded.
    Record,
    /// They are recorded and reported as warnings.
    #[default]
    Warn,
    /// They are denied.
    Deny,
}

impl Judgement {
    /// All values, as written in TOML.
    pub const WORDS: [(&str, Self); 3] = [("record", Self::Record), ("warn", Self::Warn), ("deny", Self::Deny)];

    /// Returns the word in TOML.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, judgement)| *judgement == self).map_or("warn", |(word, _)| word)
    }
}
