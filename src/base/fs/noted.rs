//! Records which paths are read, so that a later command can detect whether any of them changed.
//!
//! This works for decisions that depend on paths alone: the content of a file, the names in a folder, the target of a
//! link, or a missing path. A path that changed while it was read, or less than two seconds before, proves nothing:
//! file systems store coarse times, so another change could leave them unchanged.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::Stamp;

static NOTING: AtomicBool = AtomicBool::new(false);
static PATHS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// The coarsest time resolution of a file system, in nanoseconds.
pub const COARSEST_TIME_NS: i128 = 2_000_000_000;

/// The recorded paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The paths, sorted and unique.
    pub paths: Vec<PathBuf>,
    /// The BLAKE3 hash over the stamp of each path: device, inode, size, mtime and ctime; for a link also the
    /// target's.
    pub stamps: blake3::Hash,
}

/// Starts recording each path that is read through this module, until [`end`].
pub fn start() {
    PATHS.lock().unwrap_or_else(PoisonError::into_inner).clear();
    NOTING.store(true, Ordering::SeqCst);
}

/// Records a path.
pub fn note(path: &Path) {
    if NOTING.load(Ordering::Relaxed) {
        PATHS.lock().unwrap_or_else(PoisonError::into_inner).push(path.to_owned());
    }
}

/// Returns the paths that were read since [`start`], which was at `begun_ns` (nanoseconds since 1970), except those
/// for which `left_out` holds.
///
/// Returns `None` if a path changed meanwhile, or too shortly before to be sure.
pub fn end(begun_ns: i128, left_out: impl Fn(&Path) -> bool) -> Option<Noted> {
    NOTING.store(false, Ordering::SeqCst);
    let mut paths = std::mem::take(&mut *PATHS.lock().unwrap_or_else(PoisonError::into_inner));
    paths.sort_unstable();
    paths.dedup();
    paths.retain(|path| !left_out(path));
    let (stamps, touched) = stamps(&paths)?;
    (touched + COARSEST_TIME_NS <= begun_ns).then_some(Noted { paths, stamps })
}

impl Noted {
    /// Whether everything is unchanged.
    pub fn is_so_still(&self) -> bool {
        stamps(&self.paths).is_some_and(|(stamps, _)| stamps == self.stamps)
    }
}

/// The state of a path, as bytes that differ if it differs, and the time of its last change.
struct Place {
    bytes: Vec<u8>,
    touched_ns: i128,
}

/// Returns a hash over the state of these paths, and the time of the latest change; `None` if a path can't be
/// inspected.
fn stamps(paths: &[PathBuf]) -> Option<(blake3::Hash, i128)> {
    let places: Option<Vec<Place>> = paths.par_iter().with_min_len(256).map(|path| place(path)).collect();
    let mut hasher = blake3::Hasher::new();
    let mut touched = 0;
    for place in places? {
        hasher.update(&[u8::try_from(place.bytes.len()).expect("a place takes fewer than 256 bytes")]);
        hasher.update(&place.bytes);
        touched = touched.max(place.touched_ns);
    }
    Some((hasher.finalize(), touched))
}

fn place(path: &Path) -> Option<Place> {
    let Some(own) = found(path.symlink_metadata()).ok()? else {
        // If the path was removed just now, its folder was changed just now.
        let above = path.ancestors().skip(1).find_map(|above| above.metadata().ok())?;
        return Some(Place {
            bytes: Vec::new(),
            touched_ns: Stamp::of(&above).last_touched_ns(),
        });
    };
    let mut bytes = Vec::with_capacity(112);
    let mut touched_ns = add(&own, &mut bytes);
    if own.is_symlink()
        && let Some(target) = found(path.metadata()).ok()?
    {
        touched_ns = touched_ns.max(add(&target, &mut bytes));
    }
    Some(Place { bytes, touched_ns })
}

/// Returns `None` if nothing exists.
fn found(metadata: std::io::Result<Metadata>) -> std::io::Result<Option<Metadata>> {
    match metadata {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn add(metadata: &Metadata, bytes: &mut Vec<u8>) -> i128 {
    let stamp = Stamp::of(metadata);
    for number in [stamp.device, stamp.inode, stamp.size] {
        bytes.extend(number.to_le_bytes());
    }
    for time in [stamp.mtime_ns, stamp.ctime_ns] {
        bytes.extend(time.to_le_bytes());
    }
    stamp.last_touched_ns()
}

#[cfg(test)]
mod tests {
    use super::super as fs;
    use super::*;

    /// As if everything had existed for long.
    const LATER: i128 = i128::MAX;

    fn noted(paths: &[PathBuf]) -> Noted {
        let (stamps, _) = stamps(paths).unwrap();
        Noted {
            paths: paths.to_vec(),
            stamps,
        }
    }

    #[test]
    fn whatever_moves_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write_new(&path("file"), b"1", 0o644).unwrap();
        fs::write_new(&path("other"), b"1", 0o644).unwrap();
        fs::create_folder(&path("folder"), false).unwrap();
        fs::link(Path::new("file"), &path("link")).unwrap();
        let all: Vec<PathBuf> = ["file", "folder", "link", "absent", "absent/deeper"].map(path).to_vec();
        let moves: [(&str, &dyn Fn()); 6] = [
            ("a file's bytes", &|| fs::write_new(&path("file"), b"23", 0o644).unwrap()),
            ("a file's mode", &|| fs::set_mode(&path("file"), 0o600).unwrap()),
            ("another name in a folder", &|| fs::write_new(&path("folder/x"), b"", 0o644).unwrap()),
            ("where a link leads", &|| fs::link(Path::new("other"), &path("link")).unwrap()),
            ("what was absent is there", &|| fs::create_folder(&path("absent"), false).unwrap()),
            ("a file is gone", &|| fs::remove_file(&path("file")).unwrap()),
        ];
        for (what, change) in moves {
            let before = noted(&all);
            assert!(before.is_so_still(), "{what}");
            change();
            assert!(!before.is_so_still(), "{what}");
        }
    }

    #[test]
    fn what_was_touched_just_now_proves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write_new(&file, b"1", 0o644).unwrap();
        let touched = fs::stamp(&file).unwrap().unwrap().last_touched_ns();
        for (begun, path, expected) in [
            (touched, &file, false),
            (touched + COARSEST_TIME_NS - 1, &file, false),
            (touched + COARSEST_TIME_NS, &file, true),
            (touched, &folder.path().join("absent"), false),
            (LATER, &folder.path().join("absent"), true),
        ] {
            let (_, last) = stamps(std::slice::from_ref(path)).unwrap();
            assert_eq!(last.saturating_add(COARSEST_TIME_NS) <= begun, expected, "{begun} {}", path.display());
        }
    }
}
