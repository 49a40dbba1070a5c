//! Resolves the paths that a program uses.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::sync::OnceLock;

use rustix::fs::{CWD, Mode, OFlags, open, readlinkat};

use super::look::{self, path};
use super::{Stamp, magic};

/// The maximum number of links that are followed, as in the kernel.
const MOST_HOPS: usize = 40;
/// `AT_FDCWD`.
const WORKING_FOLDER: i32 = -100;

/// Returns the absolute path that a stopped thread means; `None` if there is none, for example for a socket.
///
/// `.`, `..` and double slashes are removed as if no folder were a link, except where that would name another file. A
/// path through the folders and open files of a process, such as `/proc/self/cwd/x`, is replaced by its target;
/// `follow` says whether the last part of the path is followed too.
pub(super) fn absolute(thread: u32, folder: Option<i32>, text: &[u8], follow: bool) -> Option<Vec<u8>> {
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
    for _ in 0..MOST_HOPS {
        match magic::hop(thread, &full, follow) {
            Some(next) => full = next,
            None => break,
        }
    }
    if !has_detours(&full) {
        return Some(full);
    }
    let clean = without_detours(&full);
    // The cleaned path may lead through a process.
    if is_about_a_process(&clean) && !is_about_a_process(&full) {
        return absolute(thread, None, &clean, follow);
    }
    Some(clean)
}

/// Returns a path without `.`, `..` and double slashes that names the same file.
fn without_detours(full: &[u8]) -> Vec<u8> {
    let clean = normal(full);
    let climbs = full.split(|byte| *byte == b'/').any(|part| part == b"..");
    if climbs && full.rsplit(|byte| *byte == b'/').next() != Some(b"..") {
        // `link/../name` is not beside the link, but beside its target.
        if let (Some(meant), said) = (real_folder(look::parent(full)), real_folder(look::parent(&clean)))
            && Some(&meant) != said.as_ref()
        {
            return join(&meant, name(full));
        }
    }
    clean
}

/// Returns the path of a thread's open descriptor, if it is a file.
pub(super) fn opened(thread: u32, descriptor: i32) -> Option<Vec<u8>> {
    link(&format!("/proc/{thread}/fd/{descriptor}")).filter(|path| path.first() == Some(&b'/'))
}

/// Returns the file name of the program that a thread runs.
pub(super) fn program(thread: u32) -> Option<String> {
    let file = link(&format!("/proc/{thread}/exe"))?;
    let file = file.strip_suffix(b" (deleted)").unwrap_or(&file);
    Some(String::from_utf8_lossy(name(file)).into_owned())
}

/// Whether a thread has mounts that dp does not see, so that its paths lead elsewhere.
pub(super) fn sees_other_mounts(thread: u32) -> bool {
    static OWN: OnceLock<Option<Vec<u8>>> = OnceLock::new();
    let own = OWN.get_or_init(|| link("/proc/self/ns/mnt"));
    let its = link(&format!("/proc/{thread}/ns/mnt"));
    matches!((own, its), (Some(own), Some(its)) if *own != its)
}

/// Returns the process that a thread belongs to.
pub(super) fn process_of(thread: u32) -> Option<u32> {
    let status = super::processes::read_small(Path::new(&format!("/proc/{thread}/status")))?;
    let line = status.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"Tgid:\t"))?;
    std::str::from_utf8(line).ok()?.parse().ok()
}

pub(super) fn link(at: &str) -> Option<Vec<u8>> {
    readlinkat(CWD, at, Vec::with_capacity(256)).ok().map(std::ffi::CString::into_bytes)
}

fn has_detours(full: &[u8]) -> bool {
    full.len() > 1 && full.split(|byte| *byte == b'/').skip(1).any(|part| matches!(part, b"" | b"." | b".."))
}

/// Removes `.`, `..` and double slashes.
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
    let flags = OFlags::PATH | OFlags::CLOEXEC | OFlags::DIRECTORY;
    let opened = open(path(at), flags, Mode::empty()).ok()?;
    link(&format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&opened)))
}

/// A link that a path leads through: its path, with the links above it resolved, and its own stamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Passed {
    pub path: Vec<u8>,
    pub stamp: Stamp,
}

/// The resolved form of a path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Real {
    /// The path with links resolved. A missing part stays as it is, and so does a part that only the process itself
    /// can resolve.
    pub path: Vec<u8>,
    /// The links in the path.
    pub links: Vec<Passed>,
}

/// Resolves links, and caches the targets of folders.
#[derive(Debug, Default)]
pub(super) struct Resolver {
    folders: BTreeMap<Vec<u8>, Real>,
    /// The depth of nested resolutions: links may form a cycle.
    depth: usize,
}

impl Resolver {
    /// Clears the cache, because it may be outdated.
    pub(super) fn forget(&mut self) {
        self.folders.clear();
    }

    /// Returns a path with all links resolved; without `follow`, all except the last part.
    pub(super) fn real(&mut self, at: &[u8], follow: bool) -> Real {
        // Such paths refer to dp itself, unless they contain a process number.
        if at == b"/" || at.starts_with(b"/proc/") {
            return Real {
                path: at.to_vec(),
                links: Vec::new(),
            };
        }
        let mut real = self.folder(look::parent(at));
        real.path = join(&real.path, name(at));
        if !follow || is_about_a_process(&real.path) {
            return real;
        }
        for _ in 0..MOST_HOPS {
            let Ok(target) = readlinkat(CWD, path(&real.path), Vec::new()) else {
                break;
            };
            real.passes(&real.path.clone());
            let target = target.into_bytes();
            let full = if target.first() == Some(&b'/') { target } else { join(look::parent(&real.path), &target) };
            if is_about_a_process(&full) {
                real.path = full;
                break;
            }
            let full = if has_detours(&full) { self.without_detours(&full, &mut real) } else { full };
            let folder = self.folder(look::parent(&full));
            real.path = join(&folder.path, name(&full));
            real.links.extend(folder.links);
        }
        real
    }

    /// Returns a path without `..`; each `..` applies to the target of the path before it.
    fn without_detours(&mut self, full: &[u8], real: &mut Real) -> Vec<u8> {
        let mut clean = b"/".to_vec();
        for part in full.split(|byte| *byte == b'/') {
            match part {
                b"" | b"." => {}
                b".." => {
                    let folder = self.folder(&clean);
                    clean = look::parent(&folder.path).to_vec();
                    real.links.extend(folder.links);
                }
                part => clean = join(&clean, part),
            }
        }
        clean
    }

    fn folder(&mut self, at: &[u8]) -> Real {
        if at == b"/" || is_about_a_process(at) || self.depth > MOST_HOPS {
            return Real {
                path: at.to_vec(),
                links: Vec::new(),
            };
        }
        if let Some(known) = self.folders.get(at) {
            return known.clone();
        }
        // Most folders are not links and not below any, so they need no step-by-step resolution.
        let real = match real_folder(at) {
            Some(real) if real == at => Real {
                path: real,
                links: Vec::new(),
            },
            _ => {
                self.depth += 1;
                let real = self.real(at, true);
                self.depth -= 1;
                real
            }
        };
        self.folders.insert(at.to_vec(), real.clone());
        real
    }
}

impl Real {
    fn passes(&mut self, at: &[u8]) {
        if let Some(look) = look::look(at, false) {
            self.links.push(Passed {
                path: at.to_vec(),
                stamp: look.stamp,
            });
        }
    }
}

/// Whether dp can't resolve a path because it depends on the process that follows it, or on one that may have ended.
pub(super) fn is_about_a_process(at: &[u8]) -> bool {
    at.starts_with(b"/proc/")
        || at.starts_with(b"/dev/fd/")
        || matches!(at, b"/dev/stdin" | b"/dev/stdout" | b"/dev/stderr")
}

/// Converts bytes to the public path type.
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
        let leads = |resolver: &mut Resolver, from: &str, follow: bool, to: &str, links: &[&str]| {
            let real = resolver.real(&at(from), follow);
            assert_eq!(real.path, at(to), "{from}");
            let passed: Vec<Vec<u8>> = real.links.into_iter().map(|link| link.path).collect();
            assert_eq!(passed, links.iter().map(|name| at(name)).collect::<Vec<_>>(), "{from}");
        };
        leads(&mut resolver, "link/x", true, "real/x", &["link"]);
        leads(&mut resolver, "link", true, "real", &["link"]);
        leads(&mut resolver, "link", false, "link", &[]);
        leads(&mut resolver, "real/x", true, "real/x", &[]);
        leads(&mut resolver, "link/none/y", true, "real/none/y", &["link"]);
        leads(&mut resolver, "link/dangling", true, "real/nothing", &["link", "real/dangling"]);
        rustix::fs::symlink("link/../link", path(&at("around"))).unwrap();
        leads(&mut resolver, "around/x", true, "real/x", &["around", "link", "link"]);
        rustix::fs::symlink("two/x", path(&at("one"))).unwrap();
        rustix::fs::symlink("one/x", path(&at("two"))).unwrap();
        assert!(!resolver.real(&at("one/y"), true).links.is_empty(), "a circle has an end");
        rustix::fs::symlink("/proc/self/cwd", path(&at("here"))).unwrap();
        assert_eq!(resolver.real(&at("here/x"), true).path, b"/proc/self/cwd/x");
        let thread = std::process::id();
        let absolute = |thread, folder, text: &[u8]| absolute(thread, folder, text, true);
        assert_eq!(absolute(thread, None, &at("link/../x")).unwrap(), at("x"));
        rustix::fs::symlink(path(&at("real")), path(&at("real/back"))).unwrap();
        rustix::fs::symlink("/", path(&at("top"))).unwrap();
        assert_eq!(absolute(thread, None, &at("top/../x")).unwrap(), b"/x");
    }
}
