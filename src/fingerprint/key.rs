use serde::Serialize;

use crate::state::{Column, Digest, FileInput, Schema, VersionId};

/// The content of one table that is read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct InputContent {
    /// The asset.
    pub asset: String,
    /// C of it, over the columns that are read.
    pub content: Digest,
}

/// Everything that a version's key is made of.
#[derive(Debug, Serialize)]
pub struct KeyParts<'a> {
    /// D.
    pub definition: &'a Digest,
    /// The bound plan in normal form; `None` where the engine gives none.
    pub plan: Option<&'a Digest>,
    /// Names and types of the outputs.
    pub schema: &'a Schema,
    /// What is read, sorted by name; a computed view by the key of what it computes.
    pub inputs: Vec<InputContent>,
    /// For a view: the versions directly below it, sorted by name.
    pub versions: Vec<(String, VersionId)>,
    /// Path and hash of the files that are read, sorted by path.
    pub files: Vec<(&'a str, &'a Digest)>,
}

impl KeyParts<'_> {
    /// V.
    pub fn key(&self) -> Digest {
        Digest::of_json("key/1", self)
    }

    /// The files of a source or query as parts of a key.
    pub fn files(files: &[FileInput]) -> Vec<(&str, &Digest)> {
        let mut parts: Vec<_> = files.iter().map(|file| (file.path.as_str(), &file.hash)).collect();
        parts.sort();
        parts
    }
}

/// Everything that some columns of a computed view depend on.
#[derive(Debug, Serialize)]
pub struct ViewColumns<'a> {
    /// Which rows there are.
    pub rows: &'a Digest,
    /// The columns with the hashes of what they compute.
    pub outputs: Vec<(&'a Column, &'a Digest)>,
    /// What is read for them, sorted by name.
    pub inputs: Vec<InputContent>,
    /// Path and hash of the files that the view reads, sorted by path.
    pub files: Vec<(&'a str, &'a Digest)>,
}

impl ViewColumns<'_> {
    /// What stands for the rows of the view in these columns.
    pub fn key(&self) -> Digest {
        Digest::of_json("view-columns/1", self)
    }
}

/// Everything that a check's result depends on.
#[derive(Debug, Serialize)]
pub struct CheckKey<'a> {
    /// The check's own definition.
    pub definition: &'a Digest,
    /// What it reads, the asset itself among it, sorted by name.
    pub inputs: Vec<InputContent>,
}

impl CheckKey<'_> {
    /// The check's key.
    pub fn key(&self) -> Digest {
        Digest::of_json("check/1", self)
    }
}
