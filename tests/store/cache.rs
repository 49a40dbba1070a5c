//! A cache may be lost at any time, and never lies.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use dp::base::fs::Stamp;
use dp::cache::{Cache, StampedFile};
use dp::model::Digest;
use rusqlite::Connection;

use crate::sample::{Sandbox, digest};

fn file(content: &str) -> StampedFile {
    StampedFile {
        stamp: Stamp {
            device: u64::MAX,
            inode: 1 << 63,
            size: 5,
            mtime_ns: -1,
            ctime_ns: 1_700_000_000_000_000_001,
        },
        hash: digest(content),
        hashed_at_ns: 1_700_000_009_000_000_000,
    }
}

/// Puts something in and expects to find it.
fn works(dp: &Path, text: &str) {
    let mut cache = Cache::open(dp);
    cache.put_many("plan", &[(digest("k"), text.to_owned())]);
    assert_eq!(cache.get("plan", &digest("k")).as_deref(), Some(text));
    assert_eq!(Cache::open(dp).get("plan", &digest("k")).as_deref(), Some(text));
}

#[test]
fn what_was_put_in_is_found_by_kind_and_key() {
    let sandbox = Sandbox::new();
    let mut cache = Cache::open(&sandbox.dp());
    let entry = |key: &str, value: &str| (digest(key), value.to_owned());
    cache.put_many("plan", &[entry("a", "1"), entry("b", "2")]);
    cache.put_many("plan", &[entry("b", "3")]);
    cache.put_many("tree", &[entry("a", "4")]);
    assert_eq!(cache.get("plan", &digest("b")).as_deref(), Some("3"));
    assert_eq!(cache.get("plan", &digest("c")), None);
    let keys: Vec<Digest> = ["a", "b", "c"].map(digest).into();
    let found = cache.get_many("plan", &keys);
    assert_eq!(found, [entry("a", "1"), entry("b", "3")].into());

    cache.put_stamps(&[("data/a.csv".to_owned(), file("a")), ("data/b.csv".to_owned(), file("b"))]);
    cache.put_stamps(&[("data/b.csv".to_owned(), file("c"))]);
    let stamps = cache.stamps(["data/b.csv", "data/none.csv"]);
    assert_eq!(stamps, [("data/b.csv".to_owned(), file("c"))].into());
}

#[test]
fn a_cache_that_is_damaged_or_of_another_format_is_begun_anew() {
    let sandbox = Sandbox::new();
    works(&sandbox.dp(), "first");
    let path = sandbox.dp().join("cache.db");
    fs::write(&path, b"no database".repeat(1000)).unwrap();
    works(&sandbox.dp(), "second");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    works(&sandbox.dp(), "third");
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 9).unwrap();
    assert_eq!(Cache::open(&sandbox.dp()).get("plan", &digest("k")), None);
    works(&sandbox.dp(), "fourth");
    fs::remove_file(&path).unwrap();
    works(&sandbox.dp(), "fifth");
}

#[test]
fn damage_that_shows_late_is_a_miss_and_then_begun_anew() {
    let sandbox = Sandbox::new();
    works(&sandbox.dp(), "first");
    let path = sandbox.dp().join("cache.db");
    let mut bytes = fs::read(&path).unwrap();
    bytes[4096..].fill(0xee);
    fs::write(&path, bytes).unwrap();
    let mut cache = Cache::open(&sandbox.dp());
    assert_eq!(cache.get("plan", &digest("k")), None);
    cache.put_many("plan", &[(digest("k"), "second".to_owned())]);
    assert_eq!(cache.get("plan", &digest("k")).as_deref(), Some("second"));
}

#[test]
fn a_row_that_was_tampered_with_is_a_miss() {
    let sandbox = Sandbox::new();
    works(&sandbox.dp(), "first");
    let mut cache = Cache::open(&sandbox.dp());
    cache.put_stamps(&[("a".to_owned(), file("a"))]);
    let connection = Connection::open(sandbox.dp().join("cache.db")).unwrap();
    connection.execute("update answer set value = 'other'", []).unwrap();
    connection.execute("update stamped_file set size = 6", []).unwrap();
    assert_eq!(cache.get("plan", &digest("k")), None);
    assert!(cache.stamps(["a"]).is_empty());
}

#[test]
fn two_use_it_at_once() {
    let sandbox = Sandbox::new();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let dp = sandbox.dp();
            scope.spawn(move || {
                let mut cache = Cache::open(&dp);
                for number in 0..20 {
                    cache.put_many("n", &[(digest(&format!("{writer} {number}")), number.to_string())]);
                }
            });
        }
    });
    let cache = Cache::open(&sandbox.dp());
    for writer in 0..4 {
        for number in 0..20 {
            assert_eq!(cache.get("n", &digest(&format!("{writer} {number}"))), Some(number.to_string()));
        }
    }
}

#[test]
fn where_nothing_can_be_kept_it_is_empty() {
    let sandbox = Sandbox::new();
    // A file in the place of the folder keeps even the superuser out.
    fs::write(sandbox.dp(), "").unwrap();
    let mut cache = Cache::open(&sandbox.dp());
    cache.put_many("plan", &[(digest("k"), "x".to_owned())]);
    cache.put_stamps(&[("a".to_owned(), file("a"))]);
    assert_eq!(cache.get("plan", &digest("k")), None);
    assert!(cache.stamps(["a"]).is_empty());
}

#[test]
fn a_folder_that_may_not_be_written_is_read() {
    let sandbox = Sandbox::new();
    works(&sandbox.dp(), "first");
    let path = sandbox.dp().join("cache.db");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    fs::set_permissions(sandbox.dp(), fs::Permissions::from_mode(0o500)).unwrap();
    let mut cache = Cache::open(&sandbox.dp());
    assert_eq!(cache.get("plan", &digest("k")).as_deref(), Some("first"));
    cache.put_many("plan", &[(digest("l"), "x".to_owned())]);
    fs::set_permissions(sandbox.dp(), fs::Permissions::from_mode(0o700)).unwrap();
}
