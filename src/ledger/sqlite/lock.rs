//! One writer per project: `.dp/lock`.
//!
//! The operating system holds the lock, so it is free as soon as its process ends, however it ends. The content of the
//! file only tells users who holds the lock. The file itself stays.
//!
//! A query ([`Lock::holder`]) takes the lock *shared* for a moment. A process that wants the exclusive lock
//! distinguishes such a query from a real holder by trying to share the lock too, so a query never causes a refusal.
//!
//! When a lock is taken away from its holder ([`Lock::take_away`]), dp replaces the lock file. Each write of the state
//! checks the file within its transaction, so of two processes that believe they hold the lock only one writes.

use std::fmt;
use std::fs::{File, TryLockError};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::base::fault::{self, Point};
use crate::base::fs::{self, FsError};

const POLL: Duration = Duration::from_millis(50);

/// Report the wait after this long, even if the holder is unknown.
const TELL: Duration = Duration::from_millis(300);
/// How long a holder may take to write its name, or to release the lock after it erased its name.
const GRACE: Duration = Duration::from_secs(1);
const GRACE_POLL: Duration = Duration::from_millis(2);

/// The holder of the lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The login name.
    pub user: String,
    /// The machine.
    pub host: String,
    /// The process id on that machine.
    pub pid: u32,
    /// The command, such as `dp apply`.
    pub command: String,
    /// When it acquired the lock.
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
        write!(f, "`{command}` by {user} on {host}, process {pid}, since {since:.0}")
    }
}

/// Whether to wait for a lock that another process holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Fail at once.
    No,
    /// Fail after this time.
    UpTo(Duration),
    /// Wait until it is free.
    Forever,
}

/// The lock of a project. [`HeldLock`] is a lock that is held.
#[derive(Debug)]
pub struct Lock;

/// The right to write the state. The lock is released when the last clone is dropped.
#[derive(Clone, Debug)]
pub struct HeldLock(Arc<Held>);

#[derive(Debug)]
struct Held {
    folder: PathBuf,
    file: File,
}

/// The result of an attempt to acquire the lock.
enum Attempt {
    Held(File),
    /// Another process holds the lock; `None` if it has not written its name.
    Refused(Option<Holder>),
}

impl Lock {
    /// Acquires the lock of the project with this `.dp` folder, and creates the folder if it is missing.
    ///
    /// `on_wait` is called once, as soon as the holder is known or it is clear that the holder has not written its
    /// name.
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
                // A holder without a name has just acquired the lock or is about to release it.
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

    /// Takes the lock away from a holder that can't release it, such as a machine that is gone: on some network file
    /// systems its lock remains.
    ///
    /// If the holder is still alive, its next write is refused. Nothing happens if another holder has the lock by now.
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

    /// Returns the holder of the lock; `None` if the lock is free, if the holder has not written its name yet, or if
    /// the file can't be opened.
    ///
    /// Does not wait, and does not stop another process from acquiring the lock.
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
    /// Returns the `.dp` folder that the lock belongs to.
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// Returns an error if the lock was taken away.
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
        // If this fails, the name of a former holder remains in the file, which does no harm.
        drop(fault::hit(Point::BeforeUnlock).and_then(|()| self.file.set_len(0)));
        // Closing the file is not enough: a child process that is being started has it open until its exec.
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
            // Other processes would not find a file that was deleted in between.
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

/// Whether no process holds the exclusive lock. Shares the lock only during this call.
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
    let opened = file.metadata().map_err(failed("inspect", path))?;
    Ok(fs::stamp(path)?.is_some_and(|stamp| (stamp.device, stamp.inode) == (opened.dev(), opened.ino())))
}

fn write_holder(file: &mut File, holder: &Holder) -> std::io::Result<()> {
    let mut json = serde_json::to_vec(holder).expect("a holder has a JSON form");
    json.push(b'\n');
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(&json)
}

/// Reads the holder from the file; `None` if nothing or only a part of it has been written.
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
