//! The paths that dp uses, relative to the project. Only this module builds paths of the store.

use std::path::{Path, PathBuf};

pub use crate::model::STORE;
use crate::model::{AssetName, EnvironmentName, ProjectPath, VersionId, is_hex};

/// The folder for unfinished work.
pub const TEMPORARY: &str = ".dp/tmp";
/// The folder of program logs and of the complete lists of their effects, by run.
pub const LOGS: &str = ".dp/logs";
/// The folder that the links of `warehouse/` lead to.
pub const PUBLISHED: &str = ".dp/published";
/// The file with the data of a version.
pub const DATA_FILE: &str = "data.parquet";
/// The file that describes a version, beside its data.
pub const MANIFEST_FILE: &str = "manifest.json";

/// Returns the folder of one version.
pub fn version_folder(asset: &AssetName, version: &VersionId) -> PathBuf {
    [STORE, asset.as_str(), version.as_str()].iter().collect()
}

/// Returns the recorded path of a file in the folder of a version. dp chose the file's name.
pub fn stored_file(folder: &Path, name: &str) -> ProjectPath {
    folder.join(name).to_string_lossy().into_owned().try_into().expect("a version's folder and dp's own name")
}

/// Returns the folder in which a version is built before it is renamed to [`version_folder`].
pub fn building_folder(version: &VersionId) -> PathBuf {
    [TEMPORARY, version.as_str()].iter().collect()
}

/// Whether a name in [`TEMPORARY`] is the name of a building folder.
pub fn is_building(name: &str) -> bool {
    name.parse::<VersionId>().is_ok()
}

/// What processes put in [`TEMPORARY`]: data that the engine spills, the work of a program, the result of a query.
const OF_PROCESSES: [&str; 3] = ["spill", "work", "answer"];

/// Returns a new folder for the temporary data of one process.
///
/// It is not shared, because the engine uses the same file names in every process.
pub fn spill_folder(process: u32) -> PathBuf {
    [TEMPORARY, &of_process("spill", process)].iter().collect()
}

/// Returns a new folder for one build by a program.
pub fn work_folder(process: u32) -> PathBuf {
    [TEMPORARY, &of_process("work", process)].iter().collect()
}

/// Returns a name in [`TEMPORARY`] that contains the id of its process.
pub fn of_process(what: &str, process: u32) -> String {
    debug_assert!(OF_PROCESSES.contains(&what), "else it is never taken for left over");
    format!("{what}-{process}-{}", crate::base::random::hex(4))
}

/// Whether an entry of [`TEMPORARY`] is left over: any build, if the caller holds the lock, or the data of an ended
/// process. A query needs no lock, so other processes may be running. An entry with another name is not dp's.
pub fn is_left_over(name: &str) -> bool {
    if is_building(name) || name == "spill" {
        return true;
    }
    let parts: Vec<&str> = name.split('-').collect();
    let [what, process, mark] = parts[..] else {
        return false;
    };
    let is_number = process.parse::<u32>().is_ok_and(|number| number.to_string() == process);
    OF_PROCESSES.contains(&what) && is_number && is_hex(mark, 8) && !crate::base::fs::is_process(process)
}

/// Returns the folder of an environment's releases.
pub fn published_folder(environment: &EnvironmentName) -> PathBuf {
    [PUBLISHED, environment.as_str()].iter().collect()
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
}
