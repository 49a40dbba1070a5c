//! One writer a project: `.dp/lock`.
//!
//! The lock is the operating system's, so it is free as soon as its process is gone, however that
//! ended. What stands in the file is for people only: who holds it. The file itself stays.
//!
//! An asker ([`Lock::holder`]) takes the lock *shared* for a moment. Whoever wants it for himself
//! tells such a moment from a real holder by trying to share it too, so asking never refuses anyone.
//!
//! A lock that is taken away from its holder ([`Lock::take_away`]) is another file from then on. Each write of the state
//! looks for that within its transaction, so of two that believe they hold the lock only one writes.

use std::fmt;
use std::fs::{File, TryLockError};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::fault::{self, Point};
use crate::fs::{self, FsError};

const POLL: Duration = Duration::from_millis(50);

/// After so long a wait is told of, though it is not known for whom.
const TELL: Duration = Duration::from_millis(300);
/// How long a holder may take to write who it is, or to let go after wiping that out.
const GRACE: Duration = Duration::from_secs(1);
const GRACE_POLL: Duration = Duration::from_millis(2);

/// Who holds the lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Login name.
    pub user: String,
    /// Machine.
    pub host: String,
    /// Process on that machine.
    pub pid: u32,
    /// What it does, such as `dp apply`.
    pub command: String,
    /// Since when.
    pub since: Timestamp,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            user,
            host,
            pid,
            command,
            since,
        } = self;
        write!(f, "`{command}` by {user} on {host}, process {pid}, holds it since {since:.0}")
    }
}

/// Whether to wait for a lock that another process holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Refuse at once.
    No,
    /// Refuse after this time.
    UpTo(Duration),
    /// Wait until it is free.
    Forever,
}

/// The lock of a project; see [`HeldLock`] for one that is held.
#[derive(Debug)]
pub struct Lock;

/// The right to write the state. Free again when the last clone of it is dropped.
#[derive(Clone, Debug)]
pub struct HeldLock(Arc<Held>);

#[derive(Debug)]
struct Held {
    folder: PathBuf,
    file: File,
}

/// What trying came to.
enum Attempt {
    Held(File),
    /// Another process has it; who, if it has said so.
    Refused(Option<Holder>),
}

impl Lock {
    /// Takes the lock of the project whose `.dp` folder is given, which is made if it is missing.
    ///
    /// `on_wait` is called once, as soon as it is known whom the wait is for, or that it does not say who it is.
    pub fn acquire(
        dp_folder: &Path,
        holder: Holder,
        wait: Wait,
        on_wait: &mut dyn FnMut(Option<&Holder>),
    ) -> Result<HeldLock, StoreError> {
        fs::create_folder(dp_folder, false)?;
        let path = lock_path(dp_folder);
        fs::reached(Point::BeforeLock, &path)?;
        let begun = Instant::now();
        let mut told = false;
        loop {
            let other = match attempt(&path)? {
                Attempt::Held(mut file) => {
                    write_holder(&mut file, &holder).map_err(failed("write", &path))?;
                    fs::reached(Point::AfterLock, &path)?;
                    return Ok(HeldLock(Arc::new(Held {
                        folder: dp_folder.to_owned(),
                        file,
                    })));
                }
                Attempt::Refused(other) => other,
            };
            let waited = begun.elapsed();
            let pause = match wait {
                // One that has not said who it is has just come or is just going.
                Wait::No if other.is_none() && waited < GRACE => GRACE_POLL,
                Wait::UpTo(most) if waited < most => POLL.min(most.saturating_sub(waited)),
                Wait::Forever => POLL,
                Wait::No | Wait::UpTo(_) => {
                    return Err(StoreError::Locked {
                        holder: other.map(Box::new),
                    });
                }
            };
            if wait != Wait::No && !told && (other.is_some() || waited >= TELL) {
                on_wait(other.as_ref());
                told = true;
            }
            std::thread::sleep(pause);
        }
    }

    /// Takes the lock away from a holder that can't let go of it, such as a machine that is gone: on some network file
    /// systems its lock outlives it.
    ///
    /// Whoever holds it in truth finds out at its next write, which is refused. Nothing happens if it is no longer this
    /// holder who has it.
    pub fn take_away(dp_folder: &Path, holder: &Holder) -> Result<(), StoreError> {
        let path = lock_path(dp_folder);
        let fresh = fs::beside(&path);
        drop(fs::open_private(&fresh)?);
        if read_holder(&path)?.as_ref() == Some(holder) {
            fs::rename(&fresh, &path)?;
            fs::sync_folder(dp_folder)?;
        } else {
            fs::remove_file(&fresh)?;
        }
        Ok(())
    }

    /// Who holds the lock; `None` if it is free, if its holder has not said yet who it is, or if
    /// the file can't be opened.
    ///
    /// Neither waits nor keeps anyone from taking it.
    pub fn holder(dp_folder: &Path) -> Result<Option<Holder>, StoreError> {
        let path = lock_path(dp_folder);
        if !fs::exists(&path) {
            return Ok(None);
        }
        let Ok(file) = fs::open_private(&path) else {
            return Ok(None);
        };
        if try_shared(&file, &path)? {
            return Ok(None);
        }
        read_holder(&path)
    }
}

impl HeldLock {
    /// The `.dp` folder that it is the lock of.
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// Refuses if it was taken away.
    pub(super) fn expect_held(&self) -> Result<(), StoreError> {
        let path = lock_path(&self.0.folder);
        if is_at(&self.0.file, &path)? {
            return Ok(());
        }
        Err(StoreError::LockLost {
            holder: read_holder(&path)?.map(Box::new),
        })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // Should this fail, the name stays of a holder that is gone, which deceives nobody.
        drop(fault::hit(Point::BeforeUnlock).and_then(|()| self.file.set_len(0)));
        // Not left to closing: a program that is just being started has the file open until its exec.
        drop(self.file.unlock());
        drop(fault::hit(Point::AfterUnlock));
    }
}

fn lock_path(dp_folder: &Path) -> PathBuf {
    dp_folder.join("lock")
}

fn attempt(path: &Path) -> Result<Attempt, StoreError> {
    let begun = Instant::now();
    loop {
        let file = fs::open_private(path)?;
        match file.try_lock() {
            // A file that was deleted in between is not the one that others would meet.
            Ok(()) if is_at(&file, path)? => return Ok(Attempt::Held(file)),
            Ok(()) => {}
            Err(TryLockError::Error(source)) => return Err(failed("lock", path)(source)),
            Err(TryLockError::WouldBlock) => {
                let only_asked = try_shared(&file, path)?;
                if !only_asked || begun.elapsed() > GRACE {
                    return Ok(Attempt::Refused(read_holder(path)?));
                }
                std::thread::sleep(GRACE_POLL);
            }
        }
    }
}

/// Whether nobody holds the lock for himself. It is shared for no longer than this call.
fn try_shared(file: &File, path: &Path) -> Result<bool, StoreError> {
    match file.try_lock_shared() {
        Ok(()) => {
            file.unlock().map_err(failed("unlock", path))?;
            Ok(true)
        }
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(source)) => Err(failed("lock", path)(source)),
    }
}

fn is_at(file: &File, path: &Path) -> Result<bool, StoreError> {
    use std::os::unix::fs::MetadataExt;
    let opened = file.metadata().map_err(failed("look at", path))?;
    Ok(fs::stamp(path)?.is_some_and(|stamp| (stamp.device, stamp.inode) == (opened.dev(), opened.ino())))
}

fn write_holder(file: &mut File, holder: &Holder) -> std::io::Result<()> {
    let mut json = serde_json::to_vec(holder).expect("a holder has a JSON form");
    json.push(b'\n');
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(&json)
}

/// What stands in the file, unless nothing or not all of it has been written yet.
fn read_holder(path: &Path) -> Result<Option<Holder>, StoreError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(serde_json::from_str(&text).ok()),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn failed(verb: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::Fs(FsError { verb, path, source })
}
