use serde::{Deserialize, Serialize};

use crate::project::AssetName;

/// What was changed outside dp.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// Whose output; `None` for what belongs to a whole environment, such as its catalogue.
    pub asset: Option<AssetName>,
    /// `missing`, `changed`, `replaced`, `moved` or `added`.
    pub what: String,
    /// Which file, relative to the project.
    pub path: String,
    /// When, in seconds since 1970, if the file is there.
    pub mtime: Option<i64>,
    /// What the plan does about it: the word of an action, `mend` for a link or the catalogue, or `none`.
    pub action: String,
}
