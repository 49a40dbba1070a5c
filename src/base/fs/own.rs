//! Accesses files in `.dp` without following links, and removes them through descriptors below `.dp`.
//!
//! A project may come from another user, together with a `.dp` folder. Whatever links are in it, no change to dp's own
//! files affects a place outside it.

use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Dir, Mode, OFlags, openat, unlinkat};
use rustix::io::Errno;

/// The folder in which dp keeps its files.
const OWN: &str = ".dp";

/// The maximum nesting of folders that dp or a program created.
const DEEPEST: usize = 1000;

const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// A link where dp follows no links.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is a link, and dp follows no links inside `.dp`", .0.display())]
pub(super) struct LinkInTheWay(pub PathBuf);

impl From<LinkInTheWay> for io::Error {
    fn from(link: LinkInTheWay) -> Self {
        Self::other(link)
    }
}

/// Whether an error means that a link is in the way to dp's own files.
pub(super) fn is_link_in_the_way(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|cause| cause.downcast_ref::<LinkInTheWay>().is_some())
}

/// Splits a path into its `.dp` folder and the rest; `None` if it is not below such a folder.
fn split(path: &Path) -> Option<(PathBuf, PathBuf)> {
    let parts: Vec<Component<'_>> = path.components().collect();
    let own = parts.iter().rposition(|part| *part == Component::Normal(OsStr::new(OWN)))?;
    let (above, below) = parts.split_at(own + 1);
    let is_plain = below.iter().all(|part| matches!(part, Component::Normal(_)));
    (!below.is_empty() && is_plain).then(|| (above.iter().collect(), below.iter().collect()))
}

/// Returns an error if the `.dp` folder of a path, or a folder between it and the path, is a link.
pub(super) fn expect_no_link_before(path: &Path) -> io::Result<()> {
    let Some((mut folder, below)) = split(path) else {
        return Ok(());
    };
    let mut parts = below.components();
    loop {
        if std::fs::symlink_metadata(&folder).is_ok_and(|metadata| metadata.is_symlink()) {
            return Err(LinkInTheWay(folder).into());
        }
        let Some(part) = parts.next() else {
            return Ok(());
        };
        if parts.as_path().as_os_str().is_empty() {
            return Ok(());
        }
        folder.push(part);
    }
}

/// Removes a path below `.dp` with its content; a link is removed itself. A missing path is not an error.
///
/// # Errors
/// If the path is not below a `.dp` folder, or leads through a link.
pub(super) fn remove_tree(path: &Path) -> io::Result<()> {
    let (own, below) = split(path).ok_or_else(|| io::Error::other("dp removes folders only below `.dp`"))?;
    let (Some(folder), Some(name)) = (parent(&own, &below)?, below.file_name()) else {
        return Ok(());
    };
    remove_at(folder.as_fd(), name, DEEPEST)
}

/// Removes the file or link at a path; below `.dp` through a descriptor. A missing file is not an error.
pub(super) fn remove_file(path: &Path) -> io::Result<()> {
    let removed = match split(path) {
        None => std::fs::remove_file(path),
        Some((own, below)) => match (parent(&own, &below)?, below.file_name()) {
            (Some(folder), Some(name)) => Ok(unlinkat(&folder, name, AtFlags::empty())?),
            _ => Ok(()),
        },
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Returns the folder that contains `below`, opened from the `.dp` folder without following links; `None` if it does
/// not exist.
fn parent(own: &Path, below: &Path) -> io::Result<Option<OwnedFd>> {
    let way = below.parent().unwrap_or(Path::new(""));
    let opened = openat(CWD, own, FOLDER, Mode::empty())
        .and_then(|own| if way.as_os_str().is_empty() { Ok(own) } else { beneath(own, way) });
    match opened {
        Ok(folder) => Ok(Some(folder)),
        Err(Errno::NOENT) => Ok(None),
        // Without following links, a link is not a folder.
        Err(error @ (Errno::LOOP | Errno::NOTDIR | Errno::XDEV)) => {
            expect_no_link_before(&own.join(below))?;
            Err(error.into())
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(target_os = "linux")]
fn beneath(own: OwnedFd, way: &Path) -> rustix::io::Result<OwnedFd> {
    use rustix::fs::{ResolveFlags, openat2};
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    match openat2(&own, way, FOLDER, Mode::empty(), resolve) {
        // Kernels before 5.6 lack the call, and some filters do not know it.
        Err(Errno::NOSYS | Errno::PERM) => step_by_step(own, way),
        opened => opened,
    }
}

#[cfg(not(target_os = "linux"))]
fn beneath(own: OwnedFd, way: &Path) -> rustix::io::Result<OwnedFd> {
    step_by_step(own, way)
}

/// Opens one folder after the other, none of which may be a link; `way` contains only names.
fn step_by_step(own: OwnedFd, way: &Path) -> rustix::io::Result<OwnedFd> {
    way.components().try_fold(own, |folder, part| openat(&folder, part.as_os_str(), FOLDER, Mode::empty()))
}

fn remove_at(folder: BorrowedFd<'_>, name: &OsStr, deepest: usize) -> io::Result<()> {
    match unlinkat(folder, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => return Ok(()),
        // A folder: Linux returns the first error, POSIX specifies the second.
        Err(Errno::ISDIR | Errno::PERM) => {}
        Err(error) => return Err(error.into()),
    }
    if deepest == 0 {
        return Err(io::Error::other("folders are nested too deep in it"));
    }
    let inside = openat(folder, name, FOLDER, Mode::empty())?;
    let mut names = Vec::new();
    for entry in Dir::read_from(&inside)? {
        let name = OsStr::from_bytes(entry?.file_name().to_bytes()).to_owned();
        if name != "." && name != ".." {
            names.push(name);
        }
    }
    for name in names {
        remove_at(inside.as_fd(), &name, deepest - 1)?;
    }
    match unlinkat(folder, name, AtFlags::REMOVEDIR) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    /// Creates a `.dp` folder with a file in a folder, beside an unrelated folder.
    fn place() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let (own, outside) = (folder.path().join(".dp"), folder.path().join("outside"));
        for path in [own.join("tmp/a/b"), outside.join("a")] {
            fs::create_dir_all(&path).unwrap();
            fs::write(path.join("file"), "x").unwrap();
        }
        (folder, own, outside)
    }

    #[test]
    fn a_folder_goes_with_all_that_is_in_it() {
        let (_folder, own, outside) = place();
        symlink(&outside, own.join("tmp/a/link")).unwrap();
        remove_tree(&own.join("tmp/a")).unwrap();
        remove_tree(&own.join("tmp/a")).unwrap();
        remove_tree(&own.join("gone/a")).unwrap();
        assert!(own.join("tmp").exists() && !own.join("tmp/a").exists());
        assert!(outside.join("a/file").exists());
    }

    #[test]
    fn nothing_is_removed_outside() {
        let (folder, own, outside) = place();
        for path in [outside.join("a"), own.join("../outside/a"), own.join("tmp/../../outside/a"), own.clone()] {
            remove_tree(&path).unwrap_err();
        }
        remove_tree(Path::new("/")).unwrap_err();
        symlink(&outside, own.join("store")).unwrap();
        fs::create_dir(own.join("real")).unwrap();
        symlink(&outside, own.join("real/link")).unwrap();
        for path in ["store/a", "store/a/file", "real/link/a", "real/link/a/file"] {
            let error = remove_tree(&own.join(path)).unwrap_err();
            assert!(error.to_string().contains("is a link"), "{path}: {error}");
            remove_file(&own.join(path)).unwrap_err();
        }
        assert!(outside.join("a/file").exists());
        // A link is removed itself.
        remove_tree(&own.join("real/link")).unwrap();
        remove_file(&own.join("store")).unwrap();
        assert!(outside.join("a/file").exists() && !own.join("store").exists());
        let linked = folder.path().join("linked");
        fs::create_dir(&linked).unwrap();
        symlink(&own, linked.join(".dp")).unwrap();
        remove_tree(&linked.join(".dp/tmp/a")).unwrap_err();
        assert!(own.join("tmp/a").exists());
    }

    #[test]
    fn an_older_kernel_opens_step_by_step() {
        let (_folder, own, outside) = place();
        let open = || openat(CWD, &own, FOLDER, Mode::empty()).unwrap();
        step_by_step(open(), Path::new("tmp/a")).unwrap();
        symlink(&outside, own.join("store")).unwrap();
        step_by_step(open(), Path::new("store/a")).unwrap_err();
        step_by_step(open(), Path::new("store")).unwrap_err();
    }

    #[test]
    fn a_link_on_the_way_is_named() {
        let (_folder, own, outside) = place();
        symlink(&outside, own.join("store")).unwrap();
        expect_no_link_before(&own.join("store")).unwrap();
        expect_no_link_before(&own.join("tmp/a/b")).unwrap();
        expect_no_link_before(&outside.join("a")).unwrap();
        let error = expect_no_link_before(&own.join("store/a/b")).unwrap_err();
        assert!(error.to_string().contains("store` is a link"), "{error}");
    }
}
