//! Which file a path means that a program uses.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, open, readlinkat};

use super::look::{self, path};

/// `AT_FDCWD`.
const WORKING_FOLDER: i32 = -100;

/// The absolute path that a thread means, while it is stopped. `None` if it means none, such as one in a socket.
///
/// `.`, `..` and double slashes are removed as if no folder were a link, except where that would name another file.
pub(super) fn absolute(thread: u32, folder: Option<i32>, text: &[u8]) -> Option<Vec<u8>> {
    if text.is_empty() {
        return None;
    }
    let mut full;
    if text[0] == b'/' {
        full = text.to_vec();
    } else {
        full = match folder {
            None | Some(WORKING_FOLDER) => link(&format!("/proc/{thread}/cwd"))?,
            Some(descriptor) => opened(thread, descriptor)?,
        };
        full.push(b'/');
        full.extend_from_slice(text);
    }
    if let Some(given) = given(thread, &full) {
        return Some(given);
    }
    if !has_detours(&full) {
        return Some(full);
    }
    let clean = normal(&full);
    let climbs = full.split(|byte| *byte == b'/').any(|part| part == b"..");
    if climbs && full.rsplit(|byte| *byte == b'/').next() != Some(b"..") {
        // `link/../name` is not beside the link, but beside what it leads to.
        if let (Some(meant), said) = (real_folder(look::parent(&full)), real_folder(look::parent(&clean)))
            && Some(&meant) != said.as_ref()
        {
            return Some(join(&meant, name(&full)));
        }
    }
    Some(clean)
}

/// The path of an open descriptor of a thread, if it is a file.
pub(super) fn opened(thread: u32, descriptor: i32) -> Option<Vec<u8>> {
    link(&format!("/proc/{thread}/fd/{descriptor}")).filter(|path| path.first() == Some(&b'/'))
}

/// File name of the program that a thread runs.
pub(super) fn program(thread: u32) -> Option<String> {
    let file = link(&format!("/proc/{thread}/exe"))?;
    let file = file.strip_suffix(b" (deleted)").unwrap_or(&file);
    Some(String::from_utf8_lossy(name(file)).into_owned())
}

/// The process that a thread belongs to.
pub(super) fn process_of(thread: u32) -> Option<u32> {
    let status = super::processes::read_small(Path::new(&format!("/proc/{thread}/status")))?;
    let line = status.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"Tgid:\t"))?;
    std::str::from_utf8(line).ok()?.parse().ok()
}

/// What a path into the program's own descriptors leads to, which for dp would lead elsewhere.
fn given(thread: u32, full: &[u8]) -> Option<Vec<u8>> {
    let rest = match full {
        b"/dev/stdin" => b"0",
        b"/dev/stdout" => b"1",
        b"/dev/stderr" => b"2",
        _ => full.strip_prefix(b"/dev/fd/").or_else(|| full.strip_prefix(b"/proc/self/fd/"))?,
    };
    opened(thread, std::str::from_utf8(rest).ok()?.parse().ok()?)
}

fn link(at: &str) -> Option<Vec<u8>> {
    readlinkat(CWD, at, Vec::with_capacity(256)).ok().map(std::ffi::CString::into_bytes)
}

fn has_detours(full: &[u8]) -> bool {
    full.len() > 1 && full.split(|byte| *byte == b'/').skip(1).any(|part| matches!(part, b"" | b"." | b".."))
}

/// Without `.`, `..` and double slashes.
pub(super) fn normal(full: &[u8]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in full.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let mut clean = Vec::with_capacity(full.len());
    for part in parts {
        clean.push(b'/');
        clean.extend_from_slice(part);
    }
    if clean.is_empty() {
        clean.push(b'/');
    }
    clean
}

fn name(at: &[u8]) -> &[u8] {
    at.rsplit(|byte| *byte == b'/').find(|part| !part.is_empty()).unwrap_or_default()
}

fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    let mut joined = folder.to_vec();
    if folder != b"/" && !name.is_empty() {
        joined.push(b'/');
    }
    joined.extend_from_slice(name);
    joined
}

fn real_folder(at: &[u8]) -> Option<Vec<u8>> {
    real_of(at, OFlags::DIRECTORY)
}

fn real_of(at: &[u8], flags: OFlags) -> Option<Vec<u8>> {
    let opened = open(path(at), OFlags::PATH | OFlags::CLOEXEC | flags, Mode::empty()).ok()?;
    link(&format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&opened)))
}

/// Resolves links, and remembers what the folders lead to.
#[derive(Debug, Default)]
pub(super) struct Resolver {
    folders: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Resolver {
    /// What was found so far may no longer hold.
    pub(super) fn forget(&mut self) {
        self.folders.clear();
    }

    /// The path with all links resolved, or all but the last part; what is not there stays as it is.
    pub(super) fn real(&mut self, at: &[u8], follow: bool) -> Vec<u8> {
        // What stands there is about dp where it is not about a process by number.
        if at == b"/" || at.starts_with(b"/proc/") {
            return at.to_vec();
        }
        let plain = join(&self.folder(look::parent(at)), name(at));
        if !follow || readlinkat(CWD, path(&plain), Vec::new()).is_err() {
            return plain;
        }
        match real_of(&plain, OFlags::empty()) {
            Some(real) if real.first() == Some(&b'/') => real,
            // A link that leads nowhere yet.
            _ => self.hop(&plain).unwrap_or(plain),
        }
    }

    fn hop(&mut self, at: &[u8]) -> Option<Vec<u8>> {
        let target = readlinkat(CWD, path(at), Vec::new()).ok()?.into_bytes();
        let full = if target.first() == Some(&b'/') { target } else { join(look::parent(at), &target) };
        let full = normal(&full);
        Some(join(&self.folder(look::parent(&full)), name(&full)))
    }

    fn folder(&mut self, at: &[u8]) -> Vec<u8> {
        if at == b"/" {
            return at.to_vec();
        }
        if let Some(known) = self.folders.get(at) {
            return known.clone();
        }
        let Some(real) = real_folder(at) else {
            return join(&self.folder(look::parent(at)), name(at));
        };
        self.folders.insert(at.to_vec(), real.clone());
        real
    }
}

/// As the types of the outside want it.
pub(super) fn owned(bytes: Vec<u8>) -> std::path::PathBuf {
    std::ffi::OsString::from_vec(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detours_are_removed() {
        for (full, clean) in
            [("/a/b", "/a/b"), ("//a///b/", "/a/b"), ("/a/./b/../c", "/a/c"), ("/../..", "/"), ("/", "/")]
        {
            assert_eq!(normal(full.as_bytes()), clean.as_bytes(), "{full}");
        }
        assert!(!has_detours(b"/a/.b/c..d"));
        assert!(has_detours(b"/a/"));
        assert!(!has_detours(b"/"));
    }

    #[test]
    fn links_are_resolved_and_what_is_missing_stays() {
        let folder = tempfile::tempdir().unwrap();
        let root = real_folder(folder.path().as_os_str().as_encoded_bytes()).unwrap();
        let at = |name: &str| join(&root, name.as_bytes());
        rustix::fs::mkdir(path(&at("real")), Mode::RWXU).unwrap();
        rustix::fs::symlink("real", path(&at("link"))).unwrap();
        rustix::fs::symlink("nothing", path(&at("real/dangling"))).unwrap();
        let mut resolver = Resolver::default();
        assert_eq!(resolver.real(&at("link/x"), true), at("real/x"));
        assert_eq!(resolver.real(&at("link"), true), at("real"));
        assert_eq!(resolver.real(&at("link"), false), at("link"));
        assert_eq!(resolver.real(&at("link/none/y"), true), at("real/none/y"));
        assert_eq!(resolver.real(&at("link/dangling"), true), at("real/nothing"));
        let thread = std::process::id();
        assert_eq!(absolute(thread, None, &at("link/../x")).unwrap(), at("x"));
        rustix::fs::symlink(path(&at("real")), path(&at("real/back"))).unwrap();
        rustix::fs::symlink("/", path(&at("top"))).unwrap();
        assert_eq!(absolute(thread, None, &at("top/../x")).unwrap(), b"/x");
    }
}
