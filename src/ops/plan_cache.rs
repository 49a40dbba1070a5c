//! Detects "nothing to do" without a new plan: everything that an earlier plan read is unchanged.
//!
//! A plan with nothing to do records every path that it read, with device, inode, size, mtime and ctime: the project's
//! files and folders, sources, versions, links, exports, and the state. While all of these are the same, so is the
//! answer. Everything else that a plan depends on is either part of the key (the dp binary, the environment,
//! variables) or prevents the answer from being stored: time and programs.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::OpError;
use super::known::Known;
use super::workspace::Workspace;
use crate::base::fs::{self, noted};
use crate::base::trace;
use crate::ledger::sqlite;
use crate::model::Digest;
use crate::plan::{Plan, PlanRequest};
use crate::seam::Snapshot;

/// The file with the answer of one environment, and its key.
pub struct PlanCache {
    dp_folder: PathBuf,
    file: PathBuf,
    key: Digest,
    /// When recording of paths started, in nanoseconds since 1970.
    begun_ns: i128,
}

/// The first line of the file. The paths follow, each terminated by a zero byte.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    key: Digest,
    /// The BLAKE3 hash of these paths: after a power loss the file may contain anything.
    paths: Digest,
    /// A hash of the stamps of these paths.
    stamps: Digest,
    answer: Answer,
}

/// The output of a plan with nothing to do.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    /// The number of assets.
    pub unchanged: usize,
    /// The JSON output.
    pub json: Value,
}

impl PlanCache {
    /// For a request for the whole project; `None` for any other.
    pub fn of(workspace: &Workspace, request: &PlanRequest) -> Result<Option<Self>, OpError> {
        if !request.selectors.is_empty()
            || !request.replace.is_empty()
            || request.destroy
            || request.resume
            || request.keep_going
        {
            return Ok(None);
        }
        let dp_folder = workspace.dp_folder()?;
        // Another build of dp may decide differently, even with the same version.
        let Some(program) = fs::stamp(Path::new("/proc/self/exe"))? else {
            return Ok(None);
        };
        let key = (&program, env!("CARGO_PKG_VERSION"), &dp_folder, &request.environment, &request.variables);
        Ok(Some(Self {
            // The name of an environment is not validated until the project is read.
            file: dp_folder.join("unmoved").join(Digest::of("environment/1", [request.environment.as_str()]).short()),
            key: Digest::of_json("unmoved/1", &key),
            dp_folder,
            begun_ns: 0,
        }))
    }

    /// Returns the answer if nothing changed since it was stored; `None` if anything can't be read.
    pub fn answer(&self) -> Option<Answer> {
        let _phase = trace::phase("check for changes");
        if sqlite::has_log(&self.dp_folder) {
            return None;
        }
        let kept = fs::read(&self.file).ok()?;
        let end = kept.iter().position(|byte| *byte == b'\n')?;
        let header: Header = serde_json::from_slice(&kept[..end]).ok()?;
        let paths = &kept[end + 1..];
        if header.key != self.key || header.paths != Digest::from(blake3::hash(paths)) {
            return None;
        }
        let paths = paths.split(|byte| *byte == 0).filter(|path| !path.is_empty()).map(path_of).collect();
        let noted = noted::Noted {
            paths,
            stamps: blake3::Hash::from_hex(header.stamps.as_str()).ok()?,
        };
        noted.is_so_still().then_some(header.answer)
    }

    /// Starts recording the paths that are read.
    pub fn watch(&mut self, workspace: &Workspace) {
        self.begun_ns = workspace.now().as_nanosecond();
        noted::start();
    }

    /// Stores the answer of a plan with nothing to do, if it depends only on the recorded paths.
    pub fn keep(&self, known: &Known, snapshot: &Snapshot, plan: &Plan, json: Value) {
        let _phase = trace::phase("save the read log");
        let noted = noted::end(self.begun_ns, |path| self.is_own(path));
        // The stamps of the state do not show what is in its log.
        let has_log = sqlite::has_log(&self.dp_folder);
        let Some(noted) =
            noted.filter(|_| !has_log && plan.is_empty() && plan.warnings.is_empty() && is_still(known, snapshot))
        else {
            return;
        };
        let mut paths = Vec::new();
        for path in &noted.paths {
            paths.extend_from_slice(path.as_os_str().as_bytes());
            paths.push(0);
        }
        let header = Header {
            key: self.key.clone(),
            paths: Digest::from(blake3::hash(&paths)),
            stamps: Digest::from(noted.stamps),
            answer: Answer {
                unchanged: plan.summary().unchanged,
                json,
            },
        };
        let mut text = serde_json::to_vec(&header).expect("dp's own values have a JSON form");
        text.push(b'\n');
        text.extend(paths);
        let folder = self.dp_folder.join("unmoved");
        // If the answer can't be stored, the next plan runs as usual.
        drop(fs::create_folder(&folder, true).and_then(|()| fs::write_disposable(&self.file, &text)));
    }

    /// Whether plans themselves change the path, and no decision depends on it.
    fn is_own(&self, path: &Path) -> bool {
        path.strip_prefix(&self.dp_folder).is_ok_and(|within| {
            let first = within.components().next().map(|part| part.as_os_str().to_owned());
            first.is_none_or(|first| {
                ["cache.db", "cache.db-journal", "lock", "tmp", "unmoved"].iter().any(|own| first == *own)
            })
        })
    }
}

fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(bytes))
}

/// Whether the plan is independent of the time and of programs.
fn is_still(known: &Known, snapshot: &Snapshot) -> bool {
    let assets = known.project.assets.values();
    let has_programs = assets.clone().any(|asset| asset.command().is_some())
        || snapshot.published.values().any(|published| published.version.program.is_some());
    let facts = known.analysis.facts.values();
    let tells_time = assets.clone().any(|asset| asset.refresh.is_some())
        || facts.clone().any(|facts| facts.reads_clock || facts.checks.iter().any(|check| check.reads_clock));
    !has_programs && !tells_time
}
