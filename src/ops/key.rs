//! The random key of a project, with which dp hashes secrets.

use std::path::Path;

use crate::base::fs::{self, FsError};

/// Reads `.dp/key`, and creates it if it does not exist. If other users may read an existing key, its mode is
/// restricted to the owner.
///
/// If two processes create it at the same time, both use the key of the first.
pub(super) fn of_project(dp_folder: &Path) -> Result<[u8; 32], FsError> {
    let path = dp_folder.join("key");
    if let Some(key) = read(&path)? {
        return Ok(key);
    }
    fs::create_folder(dp_folder, false)?;
    let made = crate::base::random::hex(32);
    let beside = fs::beside(&path);
    fs::write_new(&beside, made.as_bytes(), 0o600)?;
    let placed = fs::second_name(&beside, &path);
    fs::remove_file(&beside)?;
    match read(&path)? {
        Some(key) => Ok(key),
        None => Err(placed.err().unwrap_or_else(|| FsError {
            verb: "read",
            path,
            source: std::io::Error::other("it contains no key of 64 hexadecimal digits"),
        })),
    }
}

fn read(path: &Path) -> Result<Option<[u8; 32]>, FsError> {
    if !fs::exists(path) {
        return Ok(None);
    }
    // A copy or a checkout may have made it readable for other users.
    if fs::mode(path)? & 0o077 != 0 {
        fs::set_mode(path, 0o600)?;
    }
    let text = fs::read_to_string(path)?;
    let hash = blake3::Hash::from_hex(text.trim()).map_err(|_| FsError {
        verb: "use",
        path: path.to_owned(),
        source: std::io::Error::other("it contains no key of 64 hexadecimal digits"),
    })?;
    Ok(Some(*hash.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_is_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let first = of_project(folder.path()).unwrap();
        assert_eq!(of_project(folder.path()).unwrap(), first);
        assert_ne!(first, [0; 32]);
        let key = folder.path().join("key");
        let mode = || key.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        fs::set_mode(&key, 0o644).unwrap();
        assert_eq!(of_project(folder.path()).unwrap(), first);
        assert_eq!(mode(), 0o600);
    }
}
