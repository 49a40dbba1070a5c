//! Where things lie, relative to the project. The only module that puts paths of the store together.

use std::path::{Path, PathBuf};

use crate::project::AssetName;
use crate::state::VersionId;

/// Folder of all versions.
pub const STORE: &str = ".dp/store";
/// Folder for what is not finished.
pub const TEMPORARY: &str = ".dp/tmp";
/// Folder of what programs printed and of the whole lists of what they did, by run.
pub const LOGS: &str = ".dp/logs";
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

/// Whether a name in [`TEMPORARY`] is that of a building folder.
pub fn is_building(name: &str) -> bool {
    name.len() == 16 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A folder of its own for what one process puts down while it computes.
///
/// Not shared: the engine gives its files the same names in every process.
pub fn spill_folder(process: u32) -> PathBuf {
    [TEMPORARY, &of_process("spill", process)].iter().collect()
}

/// A folder of its own for one build by a program.
pub fn work_folder(process: u32) -> PathBuf {
    [TEMPORARY, &of_process("work", process)].iter().collect()
}

/// A name in [`TEMPORARY`] that tells whose it is.
pub fn of_process(what: &str, process: u32) -> String {
    format!("{what}-{process}-{}", crate::id::random_hex(4))
}

/// Whether something in [`TEMPORARY`] is of no use to anybody: a build, for the holder of the lock, or what a process
/// put down that is gone. A query needs no lock, so others may be at work.
pub fn is_left_over(name: &str) -> bool {
    match name.split('-').nth(1) {
        Some(process) => !crate::fs::is_process(process),
        None => is_building(name) || name == "spill",
    }
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
