//! Resolves paths through `/proc` to the folders and open files of a process, as the program would.
//!
//! The kernel calls these magic links. dp can't resolve them by their text: for dp, `/proc/self` is dp.

use super::paths::{link, process_of};

/// The entries of a process's folder that lead to a file or a folder.
const LEADING: [&[u8]; 3] = [b"cwd", b"root", b"exe"];
/// The folders of a process that contain such entries.
const LEADING_FOLDERS: [&[u8]; 2] = [b"fd", b"map_files"];

/// Returns the path behind the first magic link in a path that a thread uses; `None` if there is none, or if it leads
/// to something other than a file, such as a pipe.
///
/// `follow` says whether the last part of the path is followed.
pub(super) fn hop(thread: u32, full: &[u8], follow: bool) -> Option<Vec<u8>> {
    let standard = match full {
        b"/dev/stdin" => Some(&b"0"[..]),
        b"/dev/stdout" => Some(&b"1"[..]),
        b"/dev/stderr" => Some(&b"2"[..]),
        _ => None,
    };
    let parts: Vec<&[u8]> = if let Some(number) = standard {
        vec![b"proc", b"self", b"fd", number]
    } else {
        let mut parts = parts(full);
        if parts.starts_with(&[b"dev", b"fd"]) {
            parts.splice(..2, [&b"proc"[..], b"self", b"fd"]);
        }
        parts
    };
    let [b"proc", owner, within @ ..] = parts.as_slice() else {
        return None;
    };
    let owner = match *owner {
        b"self" => process_of(thread)?.to_string(),
        b"thread-self" => thread.to_string(),
        number if !number.is_empty() && number.iter().all(u8::is_ascii_digit) => {
            String::from_utf8_lossy(number).into_owned()
        }
        _ => return None,
    };
    let (owner, within) = match within {
        [b"task", task, within @ ..] => (format!("{owner}/task/{}", String::from_utf8_lossy(task)), within),
        within => (owner, within),
    };
    let (leading, rest) = match within {
        [part, rest @ ..] if LEADING.contains(part) => (String::from_utf8_lossy(part).into_owned(), rest),
        [folder, part, rest @ ..] if LEADING_FOLDERS.contains(folder) => {
            (format!("{}/{}", String::from_utf8_lossy(folder), String::from_utf8_lossy(part)), rest)
        }
        _ => return None,
    };
    if rest.is_empty() && !follow && standard.is_none() {
        return None;
    }
    let mut next = link(&format!("/proc/{owner}/{leading}")).filter(|path| path.first() == Some(&b'/'))?;
    for part in rest {
        next.push(b'/');
        next.extend_from_slice(part);
    }
    Some(next)
}

/// Returns the parts of a path, keeping `..` after a part that may be a magic link.
fn parts(full: &[u8]) -> Vec<&[u8]> {
    let mut parts: Vec<&[u8]> = Vec::new();
    if !full.starts_with(b"/proc/") && !full.starts_with(b"/dev/fd/") && !full.starts_with(b"//") {
        return parts;
    }
    for part in full.split(|byte| *byte == b'/') {
        if !matches!(part, b"" | b".") {
            parts.push(part);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_through_a_process_are_resolved() {
        let thread = std::process::id();
        let here = std::env::current_dir().unwrap();
        let here = here.as_os_str().as_encoded_bytes();
        let below = [here, b"/x"].concat();
        for way in ["/proc/self/cwd/x", "/proc/thread-self/cwd//./x", &format!("/proc/{thread}/task/{thread}/cwd/x")] {
            assert_eq!(hop(thread, way.as_bytes(), false), Some(below.clone()), "{way}");
        }
        assert_eq!(hop(thread, b"/proc/self/cwd", true), Some(here.to_vec()));
        assert_eq!(hop(thread, b"/proc/self/cwd", false), None, "the link itself");
        assert_eq!(hop(thread, b"/proc/self/root/etc", true), Some(b"//etc".to_vec()));
        for way in ["/proc/self/maps", "/proc/meminfo", "/etc/proc/self/cwd/x", "/proc/self/fd/999"] {
            assert_eq!(hop(thread, way.as_bytes(), true), None, "{way}");
        }
    }
}
