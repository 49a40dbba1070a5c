use serde::Serialize;

use crate::model::{Column, Digest, FileInput, Schema, VersionId};

/// The content of one input table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct InputContent {
    /// The asset.
    pub asset: String,
    /// C of the columns that are read.
    pub content: Digest,
}

/// Everything that a version's key consists of.
#[derive(Debug, Serialize)]
pub struct KeyParts<'a> {
    /// D, the definition fingerprint.
    pub definition: &'a Digest,
    /// The normalized bound plan; `None` if the engine returns none.
    pub plan: Option<&'a Digest>,
    /// The names and types of the outputs.
    pub schema: &'a Schema,
    /// The inputs, sorted by name; a computed view is represented by the key of what it computes.
    pub inputs: Vec<InputContent>,
    /// For a view: the versions directly below it, sorted by name.
    pub versions: Vec<(String, VersionId)>,
    /// Path and hash of the input files, sorted by path.
    pub files: Vec<(&'a str, &'a Digest)>,
}

impl KeyParts<'_> {
    /// Returns V, the version's key.
    pub fn key(&self) -> Digest {
        Digest::of_json("key/1", self)
    }

    /// Returns the files of a source or query as parts of a key.
    pub fn files(files: &[FileInput]) -> Vec<(&str, &Digest)> {
        let mut parts: Vec<_> = files.iter().map(|file| (file.path.as_str(), &file.hash)).collect();
        parts.sort();
        parts
    }
}

/// Everything that some columns of a computed view depend on.
#[derive(Debug, Serialize)]
pub struct ViewColumns<'a> {
    /// The row set.
    pub rows: &'a Digest,
    /// The columns, with the hashes of what they compute.
    pub outputs: Vec<(&'a Column, &'a Digest)>,
    /// The inputs of these columns, sorted by name.
    pub inputs: Vec<InputContent>,
    /// Path and hash of the files that the view reads, sorted by path.
    pub files: Vec<(&'a str, &'a Digest)>,
}

impl ViewColumns<'_> {
    /// Returns the key that stands for the rows of the view in these columns.
    pub fn key(&self) -> Digest {
        Digest::of_json("view-columns/1", self)
    }
}

/// Everything that a check's result depends on.
#[derive(Debug, Serialize)]
pub struct CheckKey<'a> {
    /// The check's own definition.
    pub definition: &'a Digest,
    /// The inputs, including the asset itself, sorted by name.
    pub inputs: Vec<InputContent>,
}

impl CheckKey<'_> {
    /// Returns the check's key.
    pub fn key(&self) -> Digest {
        Digest::of_json("check/1", self)
    }
}
