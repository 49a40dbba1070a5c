//! "Nothing to do", known without asking anything again: all that an earlier plan looked at is as it was.
//!
//! A plan that finds nothing to do notes every path that it looked at, with device, inode, size, mtime and ctime of what is
//! there: the project's files and folders, sources, versions, links, exports, the record. As long as all of these are
//! the same, so is the answer. What else a plan may depend on either is in the key under which that is kept (the
//! program itself, the environment, variables), or keeps it from being kept: time and programs.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::CliError;
use super::session::{Known, Session};
use crate::fs::{self, noted};
use crate::plan::{Plan, PlanRequest};
use crate::state::{Digest, Snapshot};
use crate::store;
use crate::trace;

/// Where answers are kept, one for each environment, and under which key.
pub(super) struct Unmoved {
    dp_folder: PathBuf,
    file: PathBuf,
    key: Digest,
    /// When it began to be noted what is looked at, in nanoseconds since 1970.
    begun_ns: i128,
}

/// The first line of the file; the paths follow, each with a zero byte behind it.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    key: Digest,
    /// BLAKE3 of the paths as they follow: after a power loss the file may hold anything.
    paths: Digest,
    /// What was at these paths.
    stamps: Digest,
    answer: Answer,
}

/// What a plan with nothing to do says.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Answer {
    /// How many assets there are.
    pub unchanged: usize,
    /// The same for programs.
    pub json: Value,
}

impl Unmoved {
    /// For a request that is about the whole project; `None` for any other.
    pub(super) fn of(session: &Session, request: &PlanRequest) -> Result<Option<Self>, CliError> {
        if !request.selectors.is_empty()
            || !request.replace.is_empty()
            || request.destroy
            || request.resume
            || request.keep_going
        {
            return Ok(None);
        }
        let dp_folder = session.dp_folder()?;
        // Another build of the program may decide otherwise, whatever its version says.
        let Some(program) = fs::stamp(Path::new("/proc/self/exe"))? else {
            return Ok(None);
        };
        let key = (&program, env!("CARGO_PKG_VERSION"), &dp_folder, &request.environment, &request.variables);
        Ok(Some(Self {
            // An environment's name may be anything until the project is read.
            file: dp_folder.join("unmoved").join(Digest::of("environment/1", [request.environment.as_str()]).short()),
            key: Digest::of_json("unmoved/1", &key),
            dp_folder,
            begun_ns: 0,
        }))
    }

    /// The answer, if nothing has moved since it was kept. Whatever can't be read or looked at is no answer.
    pub(super) fn answer(&self) -> Option<Answer> {
        let _phase = trace::phase("look whether anything moved");
        if store::has_log(&self.dp_folder) {
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

    /// From here on it is noted what is looked at.
    pub(super) fn watch(&mut self, session: &Session) {
        self.begun_ns = session.now().as_nanosecond();
        noted::start();
    }

    /// Keeps what a plan says that found nothing to do, if only what was looked at decides that.
    pub(super) fn keep(&self, known: &Known, snapshot: &Snapshot, plan: &Plan, json: Value) {
        let _phase = trace::phase("note what was looked at");
        let noted = noted::end(self.begun_ns, |path| self.is_own(path));
        // What is in the log does not show in the stamps of the record.
        let has_log = store::has_log(&self.dp_folder);
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
        // Where it can't be kept, the next plan looks again.
        drop(fs::create_folder(&folder, true).and_then(|()| fs::write_disposable(&self.file, &text)));
    }

    /// What plans themselves touch, and what decides nothing.
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

/// Whether the same plan would be made at any other time, and whoever asks.
fn is_still(known: &Known, snapshot: &Snapshot) -> bool {
    let assets = known.project.assets.values();
    let has_programs = assets.clone().any(|asset| asset.command().is_some())
        || snapshot.published.values().any(|published| published.version.program.is_some());
    let facts = known.analysis.facts.values();
    let tells_time = assets.clone().any(|asset| asset.refresh.is_some())
        || facts.clone().any(|facts| facts.reads_clock || facts.checks.iter().any(|check| check.reads_clock));
    !has_programs && !tells_time
}
