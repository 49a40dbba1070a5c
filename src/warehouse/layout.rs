//! Where things lie, relative to the project. The only module that puts paths of the store together.

use std::path::{Path, PathBuf};

use crate::id::is_hex;
use crate::project::{AssetName, EnvironmentName, Project, ProjectPath};
pub use crate::state::STORE;
use crate::state::VersionId;

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

/// The folder that links are put in, as it is recorded.
pub fn shown_at(project: &Project) -> ProjectPath {
    project.settings.connection.path.parse().expect("a project with a path that leads out of it is refused")
}

/// A file in the folder of a version, as it is recorded; its name is one that dp gives.
pub fn stored_file(folder: &Path, name: &str) -> ProjectPath {
    folder.join(name).to_string_lossy().into_owned().try_into().expect("a version's folder and dp's own name")
}

/// The folder in which a version is built, before it is renamed to [`version_folder`].
pub fn building_folder(version: &VersionId) -> PathBuf {
    [TEMPORARY, version.as_str()].iter().collect()
}

/// Whether a name in [`TEMPORARY`] is that of a building folder.
pub fn is_building(name: &str) -> bool {
    name.parse::<VersionId>().is_ok()
}

/// What processes put in [`TEMPORARY`]: the engine what does not fit in memory, a program its work, a query its answer.
const OF_PROCESSES: [&str; 3] = ["spill", "work", "answer"];

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
    debug_assert!(OF_PROCESSES.contains(&what), "else it is never taken for left over");
    format!("{what}-{process}-{}", crate::id::random_hex(4))
}

/// Whether something in [`TEMPORARY`] is of no use to anybody: a build, for the holder of the lock, or what a process
/// put down that is gone. A query needs no lock, so others may be at work. What has no name that dp gives is not dp's.
pub fn is_left_over(name: &str) -> bool {
    if is_building(name) || name == "spill" {
        return true;
    }
    let parts: Vec<&str> = name.split('-').collect();
    let [what, process, mark] = parts[..] else {
        return false;
    };
    let is_number = process.parse::<u32>().is_ok_and(|number| number.to_string() == process);
    OF_PROCESSES.contains(&what) && is_number && is_hex(mark, 8) && !crate::fs::is_process(process)
}

/// The folder of an environment's releases.
pub fn published_folder(environment: &EnvironmentName) -> PathBuf {
    [PUBLISHED, environment.as_str()].iter().collect()
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
    fn only_what_dp_puts_there_is_left_over() {
        let gone = u32::MAX;
        for name in ["0123456789abcdef", "spill", &of_process("spill", gone), &of_process("answer", gone)] {
            assert!(is_left_over(name), "{name}");
        }
        let own = of_process("work", std::process::id());
        let (other, longer) = (format!("photos-{gone}-00000000"), format!("{}-x", of_process("work", gone)));
        for name in ["my-photos", "spill-", "spill-0x1-00000000", "0123456789ABCDEF", "a", &own, &other, &longer] {
            assert!(!is_left_over(name), "{name}");
        }
    }

    #[test]
    fn a_recorded_query_moves_with_the_project() {
        let sql = "SELECT * FROM read_csv(['/home/it''s/data/a.csv'])";
        let recorded = portable(sql, Path::new("/home/it's"));
        assert_eq!(recorded, "SELECT * FROM read_csv(['${root}/data/a.csv'])");
        assert_eq!(located(&recorded, Path::new("/srv")), "SELECT * FROM read_csv(['/srv/data/a.csv'])");
    }
}
