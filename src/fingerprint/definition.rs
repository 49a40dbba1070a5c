use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::project::{Format, OptionValue, Scalar};
use crate::state::Digest;

/// What the user wrote that can change an asset's content, in canonical form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// `source` or `sql`.
    pub kind: String,
    /// `table`, `view` or `file`, and for a file its format.
    pub materialize: String,
    /// The engine that computes it.
    pub engine: String,
    /// Settings of the session that change results, by name.
    pub settings: BTreeMap<String, String>,
    /// The query's canonical tree.
    pub query: Option<String>,
    /// Names in `depends_on`, sorted.
    pub depends_on: Vec<String>,
    /// How a source's files are written.
    pub format: Option<Format>,
    /// Options of the reader, by name.
    pub options: Vec<(String, OptionValue)>,
    /// Types that are handed to the reader, by column.
    pub types: BTreeMap<String, String>,
}

impl Definition {
    /// D.
    pub fn fingerprint(&self) -> Digest {
        Digest::of_json("definition/1", self)
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
    /// The variables that it used.
    pub variables: BTreeMap<String, Scalar>,
    /// A source's pattern.
    pub path: Option<String>,
}
