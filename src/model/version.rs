use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{ContentLists, Digest, ListContent, ObservedInput, ProgramRun, Reading, Schema};
use crate::model::{AssetName, Columns, ExportFormat, ProjectPath};

/// The number of a run, from 1; a state never uses a number twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub u64);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("r{}", self.0))
    }
}

/// A text that is not the id of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a run is written as `r12`")]
pub struct NoRunId;

impl std::str::FromStr for RunId {
    type Err = NoRunId;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_prefix('r').unwrap_or(text).parse().map(Self).map_err(|_| NoRunId)
    }
}

/// The unique id of a version: 16 random hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VersionId(String);

/// A text that is not the id of a version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a version: 16 hexadecimal digits", .0.escape_debug())]
pub struct NoVersionId(String);

impl VersionId {
    /// Returns the digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for VersionId {
    type Err = NoVersionId;
    fn from_str(text: &str) -> Result<Self, NoVersionId> {
        text.to_owned().try_into()
    }
}

impl TryFrom<String> for VersionId {
    type Error = NoVersionId;
    fn try_from(text: String) -> Result<Self, NoVersionId> {
        if crate::model::is_hex(&text, 16) { Ok(Self(text)) } else { Err(NoVersionId(text)) }
    }
}

impl From<VersionId> for String {
    fn from(id: VersionId) -> Self {
        id.0
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The folder of all versions, relative to the project.
pub const STORE: &str = ".dp/store";

/// One immutable result of one build of an asset. Its JSON is also the manifest beside its data.
///
/// A version that is parsed from JSON names only files in its folder in the store, and inputs by asset or by path in
/// the project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
// The implementations below call the derived functions and check the result.
#[serde(remote = "Self")]
pub struct Version {
    /// The version's id.
    pub id: VersionId,
    /// The asset.
    pub asset: AssetName,
    /// The key: definition, bound plan and content of everything that was read.
    pub key: Digest,
    /// The definition fingerprint.
    pub definition: Digest,
    /// The run that built it.
    pub run: RunId,
    /// When it was finished.
    pub created: Timestamp,
    /// The columns in order, with the engine's types.
    pub schema: Schema,
    /// Rows; `None` for a view.
    pub rows: Option<u64>,
    /// The content fingerprint over all columns; for a source that is read in place the key, `None` for other views.
    pub content: Option<Digest>,
    /// C over lists of columns that readers use; for a computed view, the keys of what it computes in them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<ListContent>,
    /// The normalised bound plan, if the engine could give it.
    pub plan: Option<Digest>,
    /// The data; `None` for a view.
    pub data: Option<StoredFile>,
    /// The exported file in the store.
    pub export: Option<Export>,
    /// Further files that the program made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<PlacedFile>,
    /// Files that the program left for its further tables, by table name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tables: BTreeMap<String, StoredFile>,
    /// How the files of a source were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<Reading>,
    /// The program that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<ProgramRun>,
    /// A view's query, as the engine reads it.
    pub view_sql: Option<String>,
    /// Everything that the version read.
    pub inputs: Vec<InputRead>,
    /// The engine and its version, "duckdb v2.0.0".
    pub engine: String,
    /// Whether another build would give the same rows. If not, the key does not guarantee the rows.
    pub deterministic: bool,
    /// Whether the asset was protected from being destroyed when this version was built.
    #[serde(default)]
    pub protected: bool,
    /// Who says that these rows belong to the key, if dp did not compute them. dp never reuses such a version by its
    /// key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<ByHand>,
}

/// Why rows that dp did not compute are a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByHand {
    /// `accepted` or `adopted`.
    pub how: String,
    /// The reason that the user gave.
    pub reason: String,
    /// The file with the rows, relative to the project if it is inside it.
    pub path: String,
}

/// A file in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFile {
    /// The path, relative to the project.
    pub path: ProjectPath,
    /// The size in bytes.
    pub bytes: u64,
    /// The BLAKE3 hash of its bytes.
    pub hash: Digest,
    /// The modification time in nanoseconds since 1970, as text because JSON numbers are too short.
    pub mtime_ns: String,
    /// The time of the inode's last change, which users can't set; `None` if an older version of dp wrote the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ctime_ns: Option<String>,
}

/// An exported file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// The copy in the store.
    pub file: StoredFile,
    /// The place of the export, relative to the project.
    pub path: ProjectPath,
    /// The format of the file.
    pub format: ExportFormat,
}

/// A file that a program made, with its copy in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedFile {
    /// The program's name for the file.
    pub name: String,
    /// The copy in the store.
    pub file: StoredFile,
    /// The place of the file, relative to the project.
    pub path: ProjectPath,
}

/// What a version read: an asset in one version, or a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputRead {
    /// The asset's name, or the file's path relative to the project.
    pub name: String,
    /// The version read; `None` for a file.
    pub version: Option<VersionId>,
    /// C of what was read: of the asset's rows in `columns`, or the hash of the file's bytes.
    pub content: Option<Digest>,
    /// The columns that `content` covers; they include all columns that were read.
    #[serde(default, skip_serializing_if = "Columns::is_all")]
    pub columns: Columns,
    /// C over exactly the columns that were read, if the input had no C over them and `columns` are therefore more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<ListContent>,
    /// Whether a query named the input; otherwise it was read through a view.
    pub direct: bool,
    /// Whether the order of rows counts, as for a program; `content` is then the hash of the file with the rows.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ordered: bool,
}

impl InputRead {
    /// Returns the columns by which a later version of the input is compared with the one that was read.
    pub fn compared_by(&self) -> Columns {
        self.read.as_ref().map_or_else(|| self.columns.clone(), |read| Columns::Only(read.columns.clone()))
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let version = Self::deserialize(deserializer)?;
        version.misplaced().map_or(Ok(version), |why| Err(D::Error::custom(why)))
    }
}

impl Version {
    /// Returns a path or name in the version that is not its own; `None` if there is none.
    fn misplaced(&self) -> Option<String> {
        let folder = format!("{STORE}/{}/{}/", self.asset, self.id);
        let is_own = |path: &str| {
            path.strip_prefix(&folder).is_some_and(|name| !matches!(name, "" | ".") && !name.contains('/'))
        };
        if let Some(file) = self.stored_files().find(|file| !is_own(&file.path)) {
            return Some(format!("{:?} is not a file of the version {}", file.path, self.id));
        }
        let is_input = |input: &&InputRead| match input.version {
            Some(_) => input.name.parse::<AssetName>().is_ok(),
            None => input.name.parse::<ProjectPath>().is_ok(),
        };
        let wrong = self.inputs.iter().find(|input| !is_input(input));
        wrong.map(|input| format!("{:?} is neither an asset nor a path inside the project", input.name))
    }

    /// Returns what is known of the version's rows.
    pub fn contents(&self) -> ContentLists {
        ContentLists {
            whole: self.content.clone(),
            lists: self.lists.clone(),
            bytes: self.data.as_ref().map(|file| file.hash.clone()),
        }
    }

    /// Returns what the version read of an asset.
    pub fn input(&self, name: &AssetName) -> Option<&InputRead> {
        self.inputs.iter().find(|input| input.version.is_some() && input.name == name.as_str())
    }

    /// Returns the total size of the version's files in the store, in bytes.
    pub fn bytes(&self) -> u64 {
        self.stored_files().map(|file| file.bytes).sum()
    }

    /// Returns all files of the version in the store.
    pub fn stored_files(&self) -> impl Iterator<Item = &StoredFile> {
        self.data.iter().chain(self.placed().map(|(_, file)| file)).chain(self.tables.values())
    }

    /// Returns the placed files: the place, relative to the project, and the copy in the store.
    pub fn placed(&self) -> impl Iterator<Item = (&ProjectPath, &StoredFile)> {
        let export = self.export.iter().map(|export| (&export.path, &export.file));
        export.chain(self.files.iter().map(|made| (&made.path, &made.file)))
    }

    /// Whether the version is computed by its readers or read in place, so that it stores no rows.
    pub fn is_view(&self) -> bool {
        self.view_sql.is_some()
    }

    /// Returns what its program depends on in addition to its inputs.
    pub fn observed(&self) -> &[ObservedInput] {
        self.program.as_ref().map_or(&[], |program| &program.observed)
    }
}
