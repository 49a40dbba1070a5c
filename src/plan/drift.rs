use serde::{Deserialize, Serialize};

use super::Step;
use crate::model::{AssetName, Observed, ShownChange};

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

/// Returns what was changed outside dp, with what the steps do about it.
pub(super) fn of(observed: &Observed, steps: &[Step]) -> Vec<Drift> {
    let step_of = |asset: &AssetName| steps.iter().find(|step| step.asset == *asset);
    let outputs = observed.outputs.iter().map(|(asset, output)| Drift {
        asset: Some(asset.clone()),
        what: output.what.to_owned(),
        path: output.path.clone(),
        mtime: output.mtime,
        action: step_of(asset).map_or("none", |step| step.action.word()).to_owned(),
    });
    let shown = observed.shown.iter().map(|state| Drift {
        asset: state.asset.clone(),
        what: state.what.word().to_owned(),
        path: state.path.clone(),
        mtime: state.mtime,
        action: match state.what {
            ShownChange::Occupied => "blocked",
            what if what.is_mended() => "mend",
            _ => "none",
        }
        .to_owned(),
    });
    outputs.chain(shown).collect()
}
