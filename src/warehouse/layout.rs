//! Where things lie, relative to the project. The only module that puts paths of the store together.

use std::path::{Path, PathBuf};

use crate::project::AssetName;
use crate::state::VersionId;

/// Folder of all versions.
pub const STORE: &str = ".dp/store";
/// Folder for what is not finished.
pub const TEMPORARY: &str = ".dp/tmp";
/// Folder of what the links of `warehouse/` lead to.
pub const PUBLISHED: &str = ".dp/published";
/// The data of a version.
pub const DATA_FILE: &str = "data.parquet";
/// What is known of a version, beside its data.
pub const MANIFEST_FILE: &str = "manifest.json";

/// The folder of one version.
pub fn version_folder(asset: &AssetName, version: &VersionId) -> PathBuf {
    [STORE, asset.as_str(), version.as_str()].iter().collect()
}

/// The folder in which a version is built, before it is renamed to [`version_folder`].
pub fn building_folder(version: &VersionId) -> PathBuf {
    [TEMPORARY, version.as_str()].iter().collect()
}

/// The folder of an environment's releases.
pub fn published_folder(environment: &str) -> PathBuf {
    [PUBLISHED, environment].iter().collect()
}

const ROOT_MARK: &str = "'${root}/";

/// A reader's query without the place of the project, so that it can be moved.
pub fn portable(sql: &str, root: &Path) -> String {
    sql.replace(&quoted_root(root), ROOT_MARK)
}

/// A recorded query with the place of the project.
pub fn located(sql: &str, root: &Path) -> String {
    sql.replace(ROOT_MARK, &quoted_root(root))
}

fn quoted_root(root: &Path) -> String {
    let literal = crate::sql::quote::literal(&root.to_string_lossy());
    format!("{}/", literal.trim_end_matches('\''))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_query_moves_with_the_project() {
        let sql = "SELECT * FROM read_csv(['/home/it''s/data/a.csv'])";
        let recorded = portable(sql, Path::new("/home/it's"));
        assert_eq!(recorded, "SELECT * FROM read_csv(['${root}/data/a.csv'])");
        assert_eq!(located(&recorded, Path::new("/srv")), "SELECT * FROM read_csv(['/srv/data/a.csv'])");
    }
}
