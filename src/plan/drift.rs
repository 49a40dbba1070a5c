use serde::{Deserialize, Serialize};

use crate::project::AssetName;

/// What was changed outside dp.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// Whose output.
    pub asset: AssetName,
    /// `missing` or `changed`.
    pub what: String,
    /// Which file, relative to the project.
    pub path: String,
    /// When, in seconds since 1970, if the file is there.
    pub mtime: Option<i64>,
    /// What the plan does about it: the word of an action.
    pub action: String,
}
