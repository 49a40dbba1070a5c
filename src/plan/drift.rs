use serde::{Deserialize, Serialize};

use crate::model::AssetName;

/// A change made outside dp.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// The asset; `None` for a change of a whole environment, such as its catalogue.
    pub asset: Option<AssetName>,
    /// `missing`, `changed`, `replaced`, `moved` or `added`.
    pub what: String,
    /// The file, relative to the project.
    pub path: String,
    /// When it changed, in seconds since 1970, if the file exists.
    pub mtime: Option<i64>,
    /// What the plan does about it: the word of an action, `mend` for a link or the catalogue, or `none`.
    pub action: String,
}
