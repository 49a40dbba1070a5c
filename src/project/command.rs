use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AssetName, ExportFormat, Format, OptionValue, Scalar};
use crate::diagnostic::Span;

/// A program that dp runs.
#[derive(Clone, Debug)]
pub struct Command {
    /// The program and its arguments, as written; there is at least one word. No shell reads them.
    pub run: Vec<String>,
    /// Where `run` stands.
    pub run_span: Span,
    /// Code that is part of the definition: patterns relative to the project, with their places.
    pub code: Vec<(String, Span)>,
    /// Assets that are handed over, with their places.
    pub inputs: Vec<(AssetName, Span)>,
    /// How they are written.
    pub input_format: ExportFormat,
    /// Variables that reach it.
    pub variables: BTreeMap<String, Scalar>,
    /// What its environment holds beside what every command gets, by name.
    pub environment: BTreeMap<String, Template>,
    /// Where `env` stands, or `run`.
    pub environment_span: Span,
    /// Longest time that one attempt may take, in seconds.
    pub timeout: Option<u64>,
    /// How often it is tried again after a failure.
    pub retries: u64,
    /// Its working folder, relative to the project; the project itself unless given.
    pub working_dir: Option<String>,
    /// How it leaves its table; `None` if it has none of its own.
    pub output: Option<Output>,
    /// Further tables, each an asset of its own, by the name that the program knows them by.
    pub outputs: BTreeMap<String, AssetName>,
    /// Further files that it makes.
    pub files: Vec<MadeFile>,
    /// What becomes of effects that it does not declare.
    pub judgement: Judgement,
    /// Effects outside its inputs and outputs that are allowed.
    pub allow: Allow,
}

/// How a program leaves a table.
#[derive(Clone, Debug)]
pub struct Output {
    /// How the file is written: `csv`, `ndjson` or `parquet`.
    pub format: Format,
    /// Named parameters of the engine's reader, by name.
    pub options: Vec<(String, OptionValue)>,
    /// What to point at.
    pub span: Span,
}

/// One of several tables that a program makes.
#[derive(Clone, Debug)]
pub struct OutputTable {
    /// The asset whose program makes it.
    pub command: AssetName,
    /// What the program calls it: `$DP_OUTPUT_<NAME>`.
    pub name: String,
    /// How it is left.
    pub output: Output,
}

/// A file that a program makes beside its tables.
#[derive(Clone, Debug)]
pub struct MadeFile {
    /// What the program calls it: `$DP_FILE_<NAME>`.
    pub name: String,
    /// Where it is put when it is published, relative to the project.
    pub path: String,
    /// Where that is written.
    pub span: Span,
}

/// Effects that an asset may have beside reading its inputs and leaving its outputs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allow {
    /// Files and folders, relative to the project, absolute, or below `~`.
    pub read: Vec<String>,
    /// The same for what it may change.
    pub write: Vec<String>,
    /// `host:port`, `host` or `:port`.
    pub connect: Vec<String>,
    /// Where it stands; `None` without any.
    pub span: Option<Span>,
}

impl Allow {
    /// Those of its paths that are not relative to the project.
    pub fn outside(&self) -> impl Iterator<Item = &String> {
        self.read.iter().chain(&self.write).filter(|path| path.starts_with(['/', '~']))
    }
}

/// What becomes of effects that are not declared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Judgement {
    /// They are recorded.
    Record,
    /// And warned about.
    #[default]
    Warn,
    /// They do not happen.
    Deny,
}

impl Judgement {
    /// All of them, as written in TOML.
    pub const WORDS: [(&str, Self); 3] = [("record", Self::Record), ("warn", Self::Warn), ("deny", Self::Deny)];

    /// As written in TOML.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, judgement)| *judgement == self).map_or("warn", |(word, _)| word)
    }
}

/// A text in which `${env.NAME}` stands for a value that dp's own environment has. `$${` is a literal `${`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    Text(String),
    Secret(String),
}

impl Template {
    /// Reads a text as a user wrote it.
    ///
    /// # Errors
    /// The placeholder that is none, as it was written.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            plain.push_str(&rest[..at]);
            rest = &rest[at..];
            if let Some(after) = rest.strip_prefix("$${") {
                plain.push_str("${");
                rest = after;
            } else if let Some(after) = rest.strip_prefix("${") {
                let end = after.find('}').ok_or_else(|| rest.to_owned())?;
                let name = after[..end].strip_prefix("env.").filter(|name| is_variable(name));
                let name = name.ok_or_else(|| rest[..end + 3].to_owned())?;
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(Part::Secret(name.to_owned()));
                rest = &after[end + 1..];
            } else {
                plain.push('$');
                rest = &rest[1..];
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self(parts))
    }

    /// Names of the variables of dp's environment that it takes values from.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Secret(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The text with each value in its place; `value` gives them.
    ///
    /// # Errors
    /// The name of the first variable that has no value.
    pub fn filled(&self, value: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Secret(name) => text.push_str(&value(name).ok_or_else(|| name.clone())?),
            }
        }
        Ok(text)
    }
}

/// Whether a text can be the name of a variable of the environment.
pub(super) fn is_variable(name: &str) -> bool {
    name.bytes().next().is_some_and(|first| first == b'_' || first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Result<String, String> {
        Template::parse(text)?.filled(&|name| (name == "TOKEN").then(|| "s3cret".to_owned()))
    }

    #[test]
    fn values_of_the_environment_are_put_in_their_places() {
        assert_eq!(filled("Bearer ${env.TOKEN}!").as_deref(), Ok("Bearer s3cret!"));
        assert_eq!(filled("$${env.TOKEN} costs $5").as_deref(), Ok("${env.TOKEN} costs $5"));
        assert_eq!(filled("").as_deref(), Ok(""));
        assert_eq!(Template::parse("a${env.A}${env.B}").unwrap().secrets().collect::<Vec<_>>(), ["A", "B"]);
    }

    #[test]
    fn what_has_no_value_is_named() {
        assert_eq!(filled("${env.OTHER}"), Err("OTHER".to_owned()));
    }

    #[test]
    fn other_placeholders_are_refused() {
        for text in ["${var.x}", "${env.}", "${env.a-b}", "${", "${env.A"] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
