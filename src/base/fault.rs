//! Named points at which a test makes dp crash, fail or wait; without a test they do nothing.
//!
//! `__DP_TEST_FAULT=after-pointers:2:abort` acts when the point is reached for the second time:
//!
//! - `abort` ends the process at once, as a crash would;
//! - `error` makes the operation fail. At a point *after* an effect the effect has happened, but its caller gets an
//!   error;
//! - `hang` reports the point on standard error and waits until the process is killed;
//! - `pause` does the same, each time the point is reached from then on, until a line arrives on standard input.
//!
//! `__DP_TEST_FAULT=trace` prints every point on standard error as it is reached, and every change of a file.
//! `tests/crash` goes through [`Point::ALL`]; a point that none of its scenarios reaches makes it fail.

use std::io::{self, Write as _};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

macro_rules! points {
    ($($(#[$what:meta])* $point:ident $word:literal,)*) => {
        /// A point before or after an effect.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Point { $($(#[$what])* $point,)* }

        impl Point {
            /// Every point.
            pub const ALL: &[Self] = &[$(Self::$point,)*];

            /// Returns its name.
            pub fn word(self) -> &'static str {
                match self { $(Self::$point => $word,)* }
            }
        }
    };
}

points! {
    /// The lock is about to be acquired.
    BeforeLock "before-lock",
    /// The lock is held, and its file names the holder.
    AfterLock "after-lock",
    /// The lock is about to be released.
    BeforeUnlock "before-unlock",
    /// The lock is free.
    AfterUnlock "after-unlock",
    /// A new state is complete beside its place.
    BeforeStateMade "before-state-made",
    /// A new state is in its place.
    AfterStateMade "after-state-made",
    /// The state was read; the files that it names are not inspected yet.
    BeforeLook "before-look",
    /// Nothing of a run is recorded.
    BeforeRunBegun "before-run-begun",
    /// A run and its intents are recorded.
    AfterRunBegun "after-run-begun",
    /// The folder for a build exists and is empty.
    BeforeBuild "before-build",
    /// The engine or the program wrote the data; nothing is recorded yet.
    AfterBuild "after-build",
    /// Data without a manifest.
    BeforeManifest "before-manifest",
    /// Data with a manifest, still in its building folder.
    AfterManifest "after-manifest",
    /// A version is about to be renamed into the store.
    BeforeVersion "before-version",
    /// A version is finished.
    AfterVersion "after-version",
    /// Finished versions may not be on the disk yet.
    BeforeSync "before-sync",
    /// Finished versions are on the disk.
    AfterSync "after-sync",
    /// A run's batch is not recorded yet.
    BeforeBatch "before-batch",
    /// A run's batch is recorded.
    AfterBatch "after-batch",
    /// The folder of a schema's links is complete, beside its place.
    BeforeSchemaFolder "before-schema-folder",
    /// The folder of a schema's links is in its place.
    AfterSchemaFolder "after-schema-folder",
    /// The catalogue is about to be changed.
    BeforeCatalogue "before-catalogue",
    /// The catalogue was changed; its content file is not written yet.
    AfterCatalogue "after-catalogue",
    /// A release is complete, beside its place.
    BeforeRelease "before-release",
    /// A release is in its place.
    AfterRelease "after-release",
    /// The new link is about to be created beside its place.
    BeforeLinkStaged "before-link-staged",
    /// The new link exists beside its place.
    AfterLinkStaged "after-link-staged",
    /// The release and its link are complete; the stored files are about to be inspected for the last time.
    BeforePublished "before-published",
    /// The pointers have not moved yet.
    BeforePointers "before-pointers",
    /// The pointers have moved; the links have not.
    AfterPointers "after-pointers",
    /// The link has not moved yet.
    BeforeLink "before-link",
    /// The link has moved.
    AfterLink "after-link",
    /// Old releases are about to be removed.
    BeforeOldReleases "before-old-releases",
    /// Old releases are removed.
    AfterOldReleases "after-old-releases",
    /// An export is not copied beside its place yet.
    BeforeExportCopied "before-export-copied",
    /// An export is complete beside its place.
    AfterExportCopied "after-export-copied",
    /// An export is in its place.
    AfterExport "after-export",
    /// The export of a withdrawn asset is about to be removed.
    BeforeExportRemoved "before-export-removed",
    /// The export is removed.
    AfterExportRemoved "after-export-removed",
    /// The run has done everything; its end is not recorded yet.
    BeforeRunEnded "before-run-ended",
    /// The end of a run is recorded.
    AfterRunEnded "after-run-ended",
    /// An unfinished run was found.
    BeforeRecovery "before-recovery",
    /// What the run finished is recorded, and its links and exports are in place; its end is not recorded yet.
    BeforeRunAbandoned "before-run-abandoned",
    /// The end of an unfinished run is recorded.
    AfterRunAbandoned "after-run-abandoned",
    /// The unfinished files of a run are about to be removed.
    BeforeCleaned "before-cleaned",
    /// The unfinished files of a run are removed.
    AfterCleaned "after-cleaned",
    /// A transaction of the state without its own points is about to commit.
    BeforeCommit "before-commit",
    /// The transaction has committed.
    AfterCommit "after-commit",
    /// A file or folder is about to be changed.
    BeforeFile "before-file",
    /// A file or folder was changed.
    AfterFile "after-file",
}

#[derive(Debug)]
enum Mode {
    Abort,
    Error,
    Hang,
    Pause,
}

#[derive(Debug)]
enum Fault {
    Trace,
    At { point: Point, occurrence: usize, mode: Mode, seen: AtomicUsize },
}

static FAULT: OnceLock<Fault> = OnceLock::new();

/// Parses and sets the fault that a test requests; once per process.
///
/// # Panics
/// If the text is invalid: a test that requests nothing must not pass.
pub fn arm(text: &str) {
    let fault = parse(text).unwrap_or_else(|| panic!("`{text}` is neither `trace` nor POINT:OCCURRENCE:MODE"));
    drop(FAULT.set(fault));
}

fn parse(text: &str) -> Option<Fault> {
    if text == "trace" {
        return Some(Fault::Trace);
    }
    let mut parts = text.split(':');
    let (point, occurrence, mode) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Fault::At {
        point: *Point::ALL.iter().find(|known| known.word() == point)?,
        occurrence: occurrence.parse().ok()?,
        mode: match mode {
            "abort" => Mode::Abort,
            "error" => Mode::Error,
            "hang" => Mode::Hang,
            "pause" => Mode::Pause,
            _ => return None,
        },
        seen: AtomicUsize::new(0),
    })
}

/// Marks that a point is reached.
///
/// # Errors
/// Only if a test requests one.
pub fn hit(reached: Point) -> io::Result<()> {
    match FAULT.get() {
        None => Ok(()),
        Some(Fault::Trace) => {
            say(reached);
            Ok(())
        }
        Some(Fault::At {
            point,
            occurrence,
            mode,
            seen,
        }) => {
            if *point != reached {
                return Ok(());
            }
            let now = seen.fetch_add(1, Ordering::SeqCst) + 1;
            if now != *occurrence && !(matches!(mode, Mode::Pause) && now > *occurrence) {
                return Ok(());
            }
            match mode {
                Mode::Abort => std::process::abort(),
                Mode::Error => Err(io::Error::other(format!("a test asked for an error at `{}`", reached.word()))),
                Mode::Hang => {
                    say(reached);
                    loop {
                        std::thread::park();
                    }
                }
                Mode::Pause => {
                    say(reached);
                    io::stdin().read_line(&mut String::new()).map(drop)
                }
            }
        }
    }
}

/// Reports a change of a file; `what` returns the operation and the path.
pub fn note(what: impl FnOnce() -> String) {
    if matches!(FAULT.get(), Some(Fault::Trace)) {
        drop(writeln!(io::stderr(), "change: {}", what()));
    }
}

fn say(point: Point) {
    // If the test no longer listens, the message is not needed.
    drop(writeln!(io::stderr(), "fault: {}", point.word()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_are_read_back() {
        for point in Point::ALL {
            assert_eq!(Point::ALL.iter().filter(|other| other.word() == point.word()).count(), 1);
            assert!(matches!(
                parse(&format!("{}:3:error", point.word())),
                Some(Fault::At { point: read, occurrence: 3, mode: Mode::Error, .. }) if read == *point
            ));
        }
        for wrong in ["", "after-pointers", "after-pointers:1", "after-pointers:1:sleep", "nowhere:1:abort"] {
            assert!(parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn nothing_happens_unless_it_is_asked_for() {
        for point in Point::ALL {
            hit(*point).unwrap();
        }
    }
}
