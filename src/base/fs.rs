//! The only module that accesses the file system directly.
//!
//! Every error contains the operation and the path. A file that must survive a crash is written beside its place,
//! synced and renamed ([`write_atomic`]). Accesses can be recorded with [`noted`].

pub mod noted;
mod opened;
mod own;

use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

pub use self::opened::{Opened, open};
use crate::base::fault::{self, Point};

/// A failed file operation, with the operation and the path.
#[derive(Debug, Error, Diagnostic)]
#[error("cannot {verb} `{}`: {source}", path.display())]
#[diagnostic(code(dp::fs::failed), help("{}", self.advice()))]
pub struct FsError {
    /// The operation, as an infinitive: "read", "rename".
    pub verb: &'static str,
    /// The path.
    pub path: PathBuf,
    /// The error from the operating system.
    #[source]
    pub source: io::Error,
}

impl FsError {
    /// Returns the help, depending on the error from the operating system.
    pub fn advice(&self) -> &'static str {
        if own::is_link_in_the_way(&self.source) {
            return "remove the link: dp keeps its files in `.dp` itself; to use another disk, mount it at `.dp`";
        }
        match self.source.kind() {
            io::ErrorKind::NotFound => "correct the path, or create the missing file or folder",
            io::ErrorKind::PermissionDenied => "give the user of dp permission to read and write it and its folder",
            io::ErrorKind::ReadOnlyFilesystem => "mount the disk writable, or use another folder",
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free space on the disk, and try again",
            io::ErrorKind::AlreadyExists => "move the existing file or folder away",
            io::ErrorKind::IsADirectory => "name a file; this is a folder",
            io::ErrorKind::NotADirectory => "correct the path: a part of it is a file, not a folder",
            io::ErrorKind::InvalidFilename => "use a shorter name, with characters that the file system supports",
            io::ErrorKind::InvalidData => "save the file as UTF-8",
            io::ErrorKind::CrossesDevices => {
                "mount the disk at `.dp` itself, not at a folder inside it: all of `.dp` must be on one disk"
            }
            _ => "check the path, its permissions and the space on the disk; then try again",
        }
    }

    /// Whether the path does not exist.
    pub fn is_missing(&self) -> bool {
        matches!(self.source.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
    }
}

type Result<T> = std::result::Result<T, FsError>;

fn failed(verb: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FsError {
    let path = path.to_owned();
    move |source| FsError { verb, path, source }
}

/// Changes something on the disk, between two points at which a test can inject a fault.
fn change<T>(verb: &'static str, path: &Path, work: impl FnOnce() -> io::Result<T>) -> Result<T> {
    fault::note(|| format!("{verb} {}", path.display()));
    let changed = || {
        fault::hit(Point::BeforeFile)?;
        own::expect_no_link_before(path)?;
        let value = work()?;
        fault::hit(Point::AfterFile)?;
        Ok(value)
    };
    changed().map_err(failed(verb, path))
}

/// Marks a point at which a test can inject a fault; `path` is the path of the current step.
pub fn reached(point: Point, path: &Path) -> Result<()> {
    fault::hit(point).map_err(failed("go on with", path))
}

/// The data that shows, without reading a file, whether it may have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Stamp {
    /// The device of the file.
    pub device: u64,
    /// The inode on that device.
    pub inode: u64,
    /// Size in bytes.
    pub size: u64,
    /// Modification time in nanoseconds since 1970.
    pub mtime_ns: i128,
    /// The time of the inode's last change in nanoseconds since 1970; users can't set it.
    pub ctime_ns: i128,
}

impl Stamp {
    fn of(metadata: &fs::Metadata) -> Self {
        let nanoseconds = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.len(),
            mtime_ns: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            ctime_ns: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Returns the later of the modification and the inode change, in nanoseconds since 1970.
    pub fn last_touched_ns(&self) -> i128 {
        self.mtime_ns.max(self.ctime_ns)
    }
}

/// Reads the whole file as text.
///
/// # Errors
/// If the file can't be read, is not a regular file, or is not UTF-8.
pub fn read_to_string(path: &Path) -> Result<String> {
    noted::note(path);
    opened::regular(path).and_then(io::read_to_string).map_err(failed("read", path))
}

/// Reads the whole file.
///
/// # Errors
/// If the file can't be read, or is not a regular file.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    noted::note(path);
    let whole = |mut file: fs::File| {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map(|_| bytes)
    };
    opened::regular(path).and_then(whole).map_err(failed("read", path))
}

/// Reads all text from a path, which may also be a pipe or a terminal. Waits until its writer closes it.
pub fn read_stream(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(failed("read", path))
}

/// Returns the stamp of the target of `path`, or `None` if it does not exist.
pub fn stamp(path: &Path) -> Result<Option<Stamp>> {
    noted::note(path);
    match fs::metadata(path) {
        Ok(metadata) => Ok(Some(Stamp::of(&metadata))),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(failed("inspect", path)(error)),
    }
}

/// Returns the stamp of `path` itself, even of a link, or `None` if it does not exist.
pub fn own_stamp(path: &Path) -> Result<Option<Stamp>> {
    noted::note(path);
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(Stamp::of(&metadata))),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(failed("inspect", path)(error)),
    }
}

/// The kind of an entry, without following links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// The entry does not exist.
    Missing,
    /// A regular file.
    File(Stamp),
    /// A link, a folder or something else.
    Other(Stamp),
}

/// Returns the kind of an entry, without following links.
pub fn entry(path: &Path) -> Result<Entry> {
    noted::note(path);
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(Entry::File(Stamp::of(&metadata))),
        Ok(metadata) => Ok(Entry::Other(Stamp::of(&metadata))),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(Entry::Missing)
        }
        Err(error) => Err(failed("inspect", path)(error)),
    }
}

/// Whether `path` exists; a dangling link counts.
pub fn exists(path: &Path) -> bool {
    noted::note(path);
    fs::symlink_metadata(path).is_ok()
}

/// Whether `path` leads to a folder.
pub fn is_folder(path: &Path) -> bool {
    noted::note(path);
    fs::metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// Whether `path` leads to an ordinary file.
pub fn is_file(path: &Path) -> bool {
    noted::note(path);
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}

/// Whether the file at `path` is marked as executable for anyone.
pub fn is_executable(path: &Path) -> bool {
    noted::note(path);
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
}

/// Whether a process with this number may be running on this machine.
pub fn is_process(number: &str) -> bool {
    let processes = Path::new("/proc");
    // Without that folder, nothing is known.
    !exists(&processes.join("self")) || exists(&processes.join(number))
}

/// Returns the path with all links resolved.
pub fn canonicalize(path: &Path) -> Result<PathBuf> {
    noted::note(path);
    fs::canonicalize(path).map_err(failed("resolve", path))
}

/// Whether a file at this path would be outside the project, because of a link.
pub fn leads_out(root: &Path, path: &Path) -> bool {
    let path = root.join(path);
    let there = path.ancestors().skip(1).find_map(|folder| canonicalize(folder).ok());
    there.is_none_or(|folder| !folder.starts_with(root))
}

/// Returns the BLAKE3 hash of a file, with its stamp before and after the read.
///
/// The two stamps differ if the file changed meanwhile; the caller decides what to do.
pub fn hash_file(path: &Path) -> Result<(blake3::Hash, Stamp, Stamp)> {
    noted::note(path);
    let mut file = opened::regular(path).map_err(failed("read", path))?;
    let before = Stamp::of(&file.metadata().map_err(failed("inspect", path))?);
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 17];
    loop {
        let read = file.read(&mut buffer).map_err(failed("read", path))?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
    }
    let after = Stamp::of(&fs::metadata(path).map_err(failed("inspect", path))?);
    Ok((hasher.finalize(), before, after))
}

/// Creates a folder and its parents; if `private`, only the owner can read them.
pub fn create_folder(path: &Path, private: bool) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    if private {
        builder.mode(0o700);
    }
    if is_folder(path) {
        return Ok(());
    }
    change("create the folder", path, || builder.create(path))
}

/// Writes a file that only its owner can read, in one step, without a sync: after a power loss it may contain
/// anything.
pub fn write_disposable(path: &Path, bytes: &[u8]) -> Result<()> {
    let temporary = beside(path);
    write_new(&temporary, bytes, 0o600).and_then(|()| rename(&temporary, path))
}

/// Writes a file in one step: beside its place, synced, and renamed over it.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    let temporary = beside(path);
    let written = write_new(&temporary, bytes, 0o666)
        .and_then(|()| sync_file(&temporary))
        .and_then(|()| rename(&temporary, path));
    if let Err(error) = written {
        // On a full disk the temporary file would take the remaining space. The first error is the one to report.
        drop(remove_file(&temporary));
        return Err(error);
    }
    if let Some(parent) = path.parent() {
        sync_folder(parent)?;
    }
    Ok(())
}

/// A file that only its owner can read, written piece by piece.
#[derive(Debug)]
pub struct PrivateFile {
    file: fs::File,
    path: PathBuf,
}

impl PrivateFile {
    /// Appends bytes, without a sync.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(failed("write", &self.path))
    }
}

/// Creates a file that only its owner can read; an existing file is truncated.
pub fn create_private(path: &Path) -> Result<PrivateFile> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let file = change("write", path, || open_itself(&mut options, path))?;
    Ok(PrivateFile {
        file,
        path: path.to_owned(),
    })
}

/// Writes a file with `mode` under the umask, without a sync; an existing file is truncated.
pub fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(mode);
    change("write", path, || open_itself(&mut options, path)?.write_all(bytes))
}

/// Writes a file, unless the path exists already.
pub fn write_first(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    change("write", path, || {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
        file.write_all(bytes)
    })
}

/// Writes a file that only its owner can read, in one step.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let temporary = beside(path);
    write_new(&temporary, bytes, 0o600)?;
    rename(&temporary, path)
}

/// Opens a file for reading and writing; creates it with mode 0600 if it does not exist. Refuses a link.
pub fn open_private(path: &Path) -> Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    own::expect_no_link_before(path).and_then(|()| open_itself(&mut options, path)).map_err(failed("open", path))
}

/// Opens `path` itself; refuses a link.
fn open_itself(options: &mut fs::OpenOptions, path: &Path) -> io::Result<fs::File> {
    let no_follow = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    options.custom_flags(no_follow).open(path).map_err(|error| {
        let is_link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
        if is_link { own::LinkInTheWay(path.to_owned()).into() } else { error }
    })
}

/// Returns the `.dp` folder, or the first entry in it, that is a link; `None` if there is none.
pub fn own_link(dp_folder: &Path) -> Result<Option<PathBuf>> {
    if fs::symlink_metadata(dp_folder).is_ok_and(|metadata| metadata.is_symlink()) {
        return Ok(Some(dp_folder.to_owned()));
    }
    let entries = match fs::read_dir(dp_folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("list", dp_folder)(error)),
    };
    for entry in entries {
        let entry = entry.map_err(failed("list", dp_folder))?;
        if entry.file_type().map_err(failed("inspect", dp_folder))?.is_symlink() {
            return Ok(Some(entry.path()));
        }
    }
    Ok(None)
}

/// The number of random bytes in the names of [`beside`].
const MARK: usize = 6;

/// The maximum length of a file name, in bytes.
pub const LONGEST_NAME: usize = 255;

/// Returns the start of temporary names beside `path`: its name, cut if the result would be too long.
fn start_of_names_beside(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let room = LONGEST_NAME - 2 * MARK - 2;
    if name.len() <= room {
        return format!(".{name}.");
    }
    let hash = &blake3::hash(name.as_bytes()).to_hex()[..16];
    let cut = name.floor_char_boundary(room - hash.len() - 1);
    format!(".{}~{hash}.", &name[..cut])
}

/// Returns a name beside `path` that no other process uses.
pub fn beside(path: &Path) -> PathBuf {
    path.with_file_name(format!("{}{}", start_of_names_beside(path), crate::base::random::hex(MARK)))
}

/// Returns the files that ended processes left [`beside`] `path`.
pub fn left_beside(path: &Path) -> Result<Vec<PathBuf>> {
    let is_mark = |mark: &str| mark.len() == 2 * MARK && mark.bytes().all(|byte| byte.is_ascii_hexdigit());
    let start = start_of_names_beside(path);
    let folder = path.parent().unwrap_or(Path::new(""));
    let left = names_in(folder)?.into_iter().filter(|name| name.strip_prefix(&start).is_some_and(is_mark));
    Ok(left.map(|name| folder.join(name)).collect())
}

/// Syncs a file's content to the disk.
pub fn sync_file(path: &Path) -> Result<()> {
    let file = fs::File::open(path).map_err(failed("open", path))?;
    change("sync", path, || file.sync_all())
}

/// Syncs a folder's entries to the disk.
pub fn sync_folder(path: &Path) -> Result<()> {
    let folder = fs::File::open(path).map_err(failed("open", path))?;
    change("sync", path, || folder.sync_all())
}

/// Syncs the whole file system that contains `path`, in one call.
pub fn sync_file_system(path: &Path) -> Result<()> {
    let folder = fs::File::open(path).map_err(failed("open", path))?;
    change("sync", path, || {
        #[cfg(target_os = "linux")]
        return Ok(rustix::fs::syncfs(&folder)?);
        #[cfg(not(target_os = "linux"))]
        {
            rustix::fs::sync();
            folder.sync_all()
        }
    })
}

/// Returns an error if files can't be renamed from one folder into the other.
pub fn expect_one_disk(from: &Path, to: &Path) -> Result<()> {
    let device = |path: &Path| fs::metadata(path).map(|found| found.dev()).map_err(failed("inspect", path));
    if device(from)? == device(to)? {
        return Ok(());
    }
    let why = format!("it is on another disk than `{}`", from.display());
    Err(failed("use", to)(io::Error::new(io::ErrorKind::CrossesDevices, why)))
}

/// Renames a file or folder, replacing the target.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    change("rename into place", to, || own::expect_no_link_before(from).and_then(|()| fs::rename(from, to)))
}

/// Renames a folder into its place and removes the old one afterwards. If the file system can exchange two names, the
/// place is never empty.
pub fn replace_folder(from: &Path, to: &Path) -> Result<()> {
    if !exists(to) {
        return rename(from, to);
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        let exchanged =
            change("rename into place", to, || Ok(renameat_with(CWD, from, CWD, to, RenameFlags::EXCHANGE)?));
        match exchanged {
            Ok(()) => return remove_folder(from),
            // Not every file system supports this.
            Err(error) if matches!(error.source.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => {}
            Err(error) => return Err(error),
        }
    }
    remove_folder(to)?;
    rename(from, to)
}

/// Removes a file. A missing file is not an error.
pub fn remove_file(path: &Path) -> Result<()> {
    if !exists(path) {
        return Ok(());
    }
    change("remove", path, || own::remove_file(path))
}

/// Removes a path below `.dp`: a folder with its content, or a link itself. A missing path is not an error.
///
/// # Errors
/// If the path is not below a `.dp` folder, or leads through a link.
pub fn remove_folder(path: &Path) -> Result<()> {
    if !exists(path) {
        return Ok(());
    }
    change("remove", path, || own::remove_tree(path))
}

/// Returns the permission bits of a file.
pub fn mode(path: &Path) -> Result<u32> {
    noted::note(path);
    let found = fs::metadata(path).map_err(failed("inspect", path))?;
    Ok(found.permissions().mode() & 0o7777)
}

/// Sets the permission bits.
pub fn set_mode(path: &Path, mode: u32) -> Result<()> {
    change("set the mode of", path, || fs::set_permissions(path, fs::Permissions::from_mode(mode)))
}

/// Removes all write permissions of a file. The read permissions stay, so that the umask applies.
pub fn make_read_only(path: &Path) -> Result<()> {
    set_mode(path, mode(path)? & 0o444)
}

/// Creates a link at `path` to `target`, replacing an existing entry in one step.
pub fn link(target: &Path, path: &Path) -> Result<()> {
    rename(&link_beside(target, path)?, path)
}

/// Creates a link to `target` beside `path`, to be renamed to `path` later. Returns its name.
pub fn link_beside(target: &Path, path: &Path) -> Result<PathBuf> {
    let temporary = beside(path);
    change("create the link", path, || std::os::unix::fs::symlink(target, &temporary))?;
    Ok(temporary)
}

/// Returns the target of a link, as written in it; `None` if `path` is not a link.
pub fn link_target(path: &Path) -> Option<PathBuf> {
    noted::note(path);
    fs::read_link(path).ok()
}

/// Copies a file's bytes to a new file.
pub fn copy(from: &Path, to: &Path) -> Result<u64> {
    change("copy to", to, || {
        if fs::symlink_metadata(to).is_ok_and(|metadata| metadata.is_symlink()) {
            return Err(own::LinkInTheWay(to.to_owned()).into());
        }
        fs::copy(from, to)
    })
}

/// Copies a regular file to a new path. Refuses anything else, including a link.
pub fn copy_plain(from: &Path, to: &Path, mode: u32) -> Result<u64> {
    change("copy to", to, || {
        let mut source = open_plain(from)?;
        let mut copy = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(to)?;
        io::copy(&mut source, &mut copy)
    })
}

/// Opens a regular file for reading; refuses a link and anything else.
fn open_plain(path: &Path) -> io::Result<fs::File> {
    own::expect_no_link_before(path)?;
    // Does not wait for the other end of a pipe.
    let flags = (rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits().cast_signed();
    let is_plain = fs::symlink_metadata(path)?.is_file();
    let file = if is_plain { Some(fs::OpenOptions::new().read(true).custom_flags(flags).open(path)?) } else { None };
    match file {
        Some(file) if file.metadata()?.is_file() => Ok(file),
        _ => Err(io::Error::other(format!("`{}` is a link or not a file", path.display()))),
    }
}

/// Moves a file to a free place, so that it has no other name: a link, or a file with several names, is copied.
pub fn take(from: &Path, to: &Path) -> Result<()> {
    let metadata = fs::symlink_metadata(from).map_err(failed("inspect", from))?;
    if metadata.is_file() && metadata.nlink() == 1 {
        return rename(from, to);
    }
    change("copy to", to, || {
        let mut source = fs::File::open(from)?;
        let mut copy = fs::OpenOptions::new().write(true).create_new(true).mode(0o666).open(to)?;
        io::copy(&mut source, &mut copy)
    })?;
    remove_file(from)
}

/// Whether `path` itself is a regular file and not a link.
pub fn is_plain_file(path: &Path) -> bool {
    noted::note(path);
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
}

/// Whether `path` itself is a folder and not a link.
pub fn is_own_folder(path: &Path) -> bool {
    noted::note(path);
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// Creates a second name for a regular file; copies the file if the file system does not support this.
pub fn second_name(from: &Path, to: &Path) -> Result<()> {
    open_plain(from).map_err(failed("read", from))?;
    match fs::hard_link(from, to) {
        Ok(()) => Ok(()),
        Err(_) => copy(from, to).map(|_| ()),
    }
}

/// Returns the names in a folder, sorted; none if the folder does not exist.
pub fn names_in(path: &Path) -> Result<Vec<String>> {
    noted::note(path);
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed("list", path)(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed("list", path))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// An entry below a folder, with links followed.
#[derive(Debug)]
pub enum Below {
    /// A folder.
    Folder,
    /// A regular file.
    File(PathBuf),
    /// A pipe, a socket or a device.
    Special(PathBuf),
    /// A link whose target does not exist.
    Dangling(PathBuf),
}

/// Returns everything below a folder, following links, at most `deepest` folders deep. Entries for which `is_left_out`
/// holds are skipped, with their content.
///
/// # Errors
/// One for each folder that can't be listed, and for each link that leads back to a parent folder.
pub fn below(
    folder: &Path,
    deepest: usize,
    is_left_out: impl Fn(&std::ffi::OsStr) -> bool + Clone,
) -> impl Iterator<Item = Result<Below>> {
    let walk = walkdir::WalkDir::new(folder).follow_links(true).max_depth(deepest).into_iter();
    let leaves_out = is_left_out.clone();
    let walk = walk.filter_entry(move |entry| entry.depth() == 0 || !leaves_out(entry.file_name()));
    walk.filter_map(move |entry| match entry {
        Ok(entry) => {
            let kind = entry.file_type();
            if !kind.is_file() {
                noted::note(entry.path());
            }
            Some(Ok(match (kind.is_dir(), kind.is_file()) {
                (true, _) => Below::Folder,
                (_, true) => Below::File(entry.into_path()),
                _ => Below::Special(entry.into_path()),
            }))
        }
        Err(error) => {
            let path = error.path().unwrap_or(folder).to_owned();
            if error.depth() > 0 && path.file_name().is_some_and(&is_left_out) {
                return None;
            }
            let source =
                error.into_io_error().unwrap_or_else(|| io::Error::other("a link leads back to a folder above it"));
            let is_missing = source.kind() == io::ErrorKind::NotFound;
            if is_missing && fs::symlink_metadata(&path).is_ok_and(|found| found.is_symlink()) {
                noted::note(&path);
                return Some(Ok(Below::Dangling(path)));
            }
            Some(Err(failed("list", &path)(source)))
        }
    })
}

/// Creates the error for a link whose target does not exist.
pub fn dangling(path: &Path) -> FsError {
    failed("follow the link", path)(io::ErrorKind::NotFound.into())
}

/// Returns the size in bytes of the file at `path`.
pub fn size(path: &Path) -> Result<u64> {
    noted::note(path);
    Ok(fs::metadata(path).map_err(failed("inspect", path))?.len())
}

/// Whether `path` leads to a file with at least one byte.
pub fn has_content(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.len() > 0)
}

/// Whether processes can share memory through files in this folder. On a network file system other hosts would not see
/// it.
pub fn shares_memory(folder: &Path) -> bool {
    #[cfg(target_os = "linux")]
    return rustix::fs::statfs(folder).is_ok_and(|found| !is_network(found.f_type.cast_unsigned()));
    #[cfg(not(target_os = "linux"))]
    true
}

/// Whether a file system, by its type number from `statfs`, may be shared by several hosts. FUSE counts as shared,
/// because its backend is unknown.
#[cfg(target_os = "linux")]
fn is_network(kind: u64) -> bool {
    const NETWORK: &[u64] = &[
        0x6969,      // NFS
        0x517B,      // SMB
        0xFE53_4D42, // SMB 2 and later
        0xFF53_4D42, // CIFS
        0x0102_1997, // 9P, the disks of Windows in WSL
        0x6573_5546, // FUSE
        0x00C3_6400, // Ceph
        0x0BD0_0BD0, // Lustre
        0x4750_4653, // GPFS
        0x0116_1970, // GFS2
        0x7461_636F, // OCFS2
        0x5346_414F, // AFS
        0x7375_7245, // Coda
        0x1983_0326, // BeeGFS
    ];
    // Some architectures return it as a signed 32-bit number.
    NETWORK.contains(&(kind & 0xFFFF_FFFF))
}

/// Returns the size in bytes of everything at `path`, without following links; 0 if it does not exist.
pub fn tree_size(path: &Path) -> Result<u64> {
    noted::note(path);
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(failed("inspect", path)(error)),
    };
    if !metadata.is_dir() {
        return Ok(metadata.len());
    }
    names_in(path)?.into_iter().map(|name| tree_size(&path.join(name))).sum()
}

/// Returns the relative path from the folder `from` to `to`, both absolute and without links.
pub fn relative(from: &Path, to: &Path) -> PathBuf {
    let mut from_parts = from.components().peekable();
    let mut to_parts = to.components().peekable();
    while let (Some(left), Some(right)) = (from_parts.peek(), to_parts.peek()) {
        if left != right {
            break;
        }
        from_parts.next();
        to_parts.next();
    }
    let mut path = PathBuf::new();
    for _ in from_parts {
        path.push("..");
    }
    path.extend(to_parts);
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_goes_up_and_down() {
        assert_eq!(relative(Path::new("/a/b/c"), Path::new("/a/x/y")), Path::new("../../x/y"));
        assert_eq!(relative(Path::new("/a"), Path::new("/a/x")), Path::new("x"));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn network_file_systems_share_no_memory() {
        for (kind, expected) in [(0x6969, true), (0xFFFF_FFFF_FF53_4D42, true), (0xEF53, false), (0x0102_1994, false)] {
            assert_eq!(is_network(kind), expected, "{kind:x}");
        }
    }

    #[test]
    fn nothing_waits_for_the_writer_of_a_pipe() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        let errors = [
            read_to_string(&pipe).unwrap_err(),
            read(&pipe).unwrap_err(),
            hash_file(&pipe).unwrap_err(),
            open(&pipe).unwrap_err(),
        ];
        for error in errors {
            assert!(error.to_string().contains("it is a named pipe"), "{error}");
        }
    }

    #[test]
    fn errors_say_what_to_do() {
        let help = |kind: io::ErrorKind| {
            let error = FsError {
                verb: "write",
                path: "a".into(),
                source: kind.into(),
            };
            Diagnostic::help(&error).map(|help| help.to_string()).unwrap()
        };
        assert_eq!(help(io::ErrorKind::StorageFull), "free space on the disk, and try again");
        assert!(help(io::ErrorKind::Other).contains("try again"));
        assert!(help(io::ErrorKind::CrossesDevices).contains("mount the disk at `.dp`"));
    }

    #[test]
    fn errors_name_verb_and_path() {
        let error = read_to_string(Path::new("/nowhere/at/all")).unwrap_err();
        assert!(error.is_missing());
        assert!(error.to_string().starts_with("cannot read `/nowhere/at/all`:"));
    }

    #[test]
    fn a_link_is_replaced_in_one_step() {
        let folder = tempfile::tempdir().unwrap();
        let link_path = folder.path().join("current");
        link(Path::new("one"), &link_path).unwrap();
        link(Path::new("two"), &link_path).unwrap();
        assert_eq!(link_target(&link_path).unwrap(), Path::new("two"));
        assert_eq!(names_in(folder.path()).unwrap(), ["current"]);
    }
}
