//! Files that others change: the versions of dp, and the sources while they are read.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::Stdio;

use crate::sandbox::Sandbox;
use crate::{stories, world};

/// Replaces a stored file, as somebody would who knows nothing of dp.
fn replace(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).expect("the stored file");
    fs::write(path, bytes).expect("another file");
}

/// Damages what is published of an asset; it is found, built anew beside, and never written over.
fn is_found_and_built_anew(sandbox: &Sandbox, asset: &str, damage: impl FnOnce(&Path)) {
    let stored = sandbox.stored(asset);
    let before = sandbox.versions()[asset].clone();
    damage(&sandbox.path(&stored));
    let left = fs::read(sandbox.path(&stored)).ok();

    let plan = sandbox.dp(["plan", "--json"]).success().json();
    assert_eq!(plan["drift"][0]["asset"], asset, "{plan}");
    assert_eq!(plan["drift"][0]["path"], stored.as_str(), "{plan}");
    assert_eq!(plan["drift"][0]["action"], "rebuild", "{plan}");
    drop(sandbox.dp(["plan"]).success().says("Changed outside dp").says(asset));

    drop(sandbox.apply());
    let after = sandbox.versions()[asset].clone();
    assert_ne!(before, after, "a version of its own");
    let reason = if left.is_some() { "its file was changed outside dp" } else { "its file is missing" };
    let state = sandbox.record(&format!("select state, state_reason from versions where version = '{before}'"));
    assert_eq!(state, [["damaged", reason]]);
    assert_eq!(fs::read(sandbox.path(&stored)).ok(), left, "what was damaged is never written over");
    assert_eq!(world::of_query(sandbox, "prod"), 2);
    drop(sandbox.dp(["plan", "--detailed-exitcode"]).success());
}

#[test]
fn a_version_was_damaged() {
    let sandbox = stories::project();
    stories::applied(&sandbox, 2, "prod");
    is_found_and_built_anew(&sandbox, "staging.orders", |path| {
        let bytes = fs::read(path).expect("the stored file");
        replace(path, &bytes[..bytes.len() / 2]);
    });
    is_found_and_built_anew(&sandbox, "staging.orders", |path| replace(path, b"no Parquet at all"));
    is_found_and_built_anew(&sandbox, "raw.orders", |path| {
        // Sound, of the right type, and of another table.
        let other = fs::read(sandbox.path(&sandbox.stored("marts.report"))).expect("another version");
        replace(path, &other);
    });
    is_found_and_built_anew(&sandbox, "marts.report", |path| {
        fs::remove_file(path).expect("the stored file");
    });
    is_found_and_built_anew(&sandbox, "marts.report", |path| {
        // In place: the same inode, and the same size.
        let size = fs::metadata(path).expect("the stored file").len();
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).expect("the mode");
        fs::write(path, vec![b'x'; usize::try_from(size).expect("a small file")]).expect("other bytes");
    });
}

#[test]
fn a_version_that_nobody_can_build_again_was_damaged() {
    let sandbox = stories::project().sql("marts.drawn", "select generation, random() as drawn from staging.orders");
    stories::applied(&sandbox, 2, "prod");
    is_found_and_built_anew(&sandbox, "marts.drawn", |path| replace(path, b"no Parquet at all"));
}

#[test]
fn what_a_power_loss_tore_is_not_believed() {
    let sandbox = stories::project();
    stories::applied(&sandbox, 2, "prod");
    stories::generation(&sandbox, 3);
    let gone = sandbox
        .command(["apply", "--auto-approve", "-j", "1"])
        .env("__DP_TEST_FAULT", "after-version:2:abort")
        .output()
        .expect("dp runs");
    assert_eq!(gone.status.code(), None);
    // Two versions have their names; one lost its end, as can happen before it was synced.
    let recorded = sandbox.record("select id from version_record where path is not null");
    let folder = sandbox.path(".dp/store/staging.orders");
    let is_new = |name: &String| !recorded.iter().any(|row| row[0] == *name);
    let entries = fs::read_dir(&folder).expect("the store");
    let torn = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).find(is_new);
    let data = folder.join(torn.expect("a finished version")).join("data.parquet");
    let bytes = fs::read(&data).expect("its data");
    replace(&data, &bytes[..bytes.len() - 20]);
    let next = sandbox.dp(["status"]).success();
    assert!(next.stderr.contains("1 finished version kept; 1 unfinished build removed"), "{next}");
    drop(sandbox.apply());
    assert_eq!(world::of_query(&sandbox, "prod"), 3);
    world::nothing_is_left(&sandbox);
}

/// Applies, and does something each time that the engine wrote data and dp has not looked at the sources again yet.
fn applied_with(sandbox: &Sandbox, mut meanwhile: impl FnMut(usize)) -> (i32, String) {
    let mut child = sandbox
        .command(["apply", "--auto-approve", "-j", "1"])
        .env("__DP_TEST_FAULT", "after-build:1:pause")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("dp starts");
    let mut go_on = child.stdin.take().expect("a pipe");
    let mut pauses = 0;
    let mut text = String::new();
    for line in BufReader::new(child.stderr.take().expect("a pipe")).lines() {
        let line = line.expect("dp writes UTF-8");
        if line.starts_with("fault: ") {
            pauses += 1;
            meanwhile(pauses);
            go_on.write_all(b"\n").expect("dp reads its input");
        } else {
            text.push_str(&line);
            text.push('\n');
        }
    }
    (child.wait().expect("dp ends").code().unwrap_or(-1), text)
}

#[test]
fn a_source_changes_once_while_it_is_read() {
    let sandbox = stories::project();
    stories::applied(&sandbox, 2, "prod");
    stories::generation(&sandbox, 3);
    let (code, text) = applied_with(&sandbox, |pause| {
        if pause == 1 {
            stories::generation(&sandbox, 4);
        }
    });
    assert_eq!(code, 0, "{text}");
    assert_eq!(world::of_query(&sandbox, "prod"), 4, "what was read at last");
    let key = "select count(distinct key), count(*) from version_record where asset = 'raw.orders'";
    assert_eq!(sandbox.record(key), [["2", "2"]], "nothing of generation 3 is on record");
    drop(sandbox.dp(["plan", "--detailed-exitcode"]).success());
    world::nothing_is_left(&sandbox);
}

#[test]
fn a_source_changes_all_the_time() {
    let sandbox = stories::project();
    stories::applied(&sandbox, 2, "prod");
    stories::generation(&sandbox, 3);
    let (code, text) = applied_with(&sandbox, |pause| {
        stories::generation(&sandbox, 3 + u32::try_from(pause).expect("a small number"));
    });
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("`data/orders.csv` changed while dp read it"), "{text}");
    assert_eq!(world::of_query(&sandbox, "prod"), 2, "nothing was published");
    drop(sandbox.apply());
    assert_eq!(world::of_query(&sandbox, "prod"), 5);
    world::nothing_is_left(&sandbox);
}
