//! One writer at a time, whatever becomes of it.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Child;
use std::time::Duration;

use dp::ledger::sqlite::{HeldLock, Holder, Lock, StoreError, Wait, Writer};

use crate::sample::{Sandbox, holder, line_for_helper, lock, second, start, start_helper};

fn acquire(dp: &Path, wait: Wait) -> Result<HeldLock, StoreError> {
    Lock::acquire(dp, holder(), wait, &mut |_| {})
}

#[test]
fn a_second_one_is_refused_and_told_who_the_first_is() {
    let sandbox = Sandbox::new();
    let held = sandbox.lock();
    let clone = held.clone();
    let error = acquire(&sandbox.dp(), Wait::No).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "the project is locked: `dp apply` by sam on laptop, process {}, since 2023-11-14T22:13:20Z",
            std::process::id()
        )
    );
    assert_eq!(Lock::holder(&sandbox.dp()).unwrap(), Some(holder()));

    drop(held);
    acquire(&sandbox.dp(), Wait::No).unwrap_err();
    drop(clone);
    assert_eq!(Lock::holder(&sandbox.dp()).unwrap(), None);
    assert_eq!(std::fs::read(sandbox.dp().join("lock")).unwrap(), b"");
    acquire(&sandbox.dp(), Wait::No).unwrap();
}

#[test]
fn who_has_not_said_who_it_is_keeps_others_out_all_the_same() {
    let sandbox = Sandbox::new();
    drop(sandbox.lock());
    let file = std::fs::File::open(sandbox.dp().join("lock")).unwrap();
    file.lock().unwrap();
    let error = acquire(&sandbox.dp(), Wait::No).unwrap_err();
    assert!(matches!(error, StoreError::Locked { holder: None }), "{error}");
}

#[test]
fn asking_makes_nothing_and_keeps_nobody_out() {
    let sandbox = Sandbox::new();
    assert_eq!(Lock::holder(&sandbox.dp()).unwrap(), None);
    assert!(!sandbox.dp().exists());
    drop(sandbox.lock());
    std::thread::scope(|scope| {
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let dp = sandbox.dp();
        scope.spawn(move || {
            while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                Lock::holder(&dp).unwrap();
            }
        });
        for _ in 0..300 {
            drop(lock(&sandbox.dp()));
        }
        drop(stop);
    });
}

#[test]
fn a_wait_that_is_too_short_is_refused() {
    let sandbox = Sandbox::new();
    let _held = sandbox.lock();
    let error = acquire(&sandbox.dp(), Wait::UpTo(Duration::from_millis(1))).unwrap_err();
    assert!(matches!(error, StoreError::Locked { holder: Some(_) }));
}

#[test]
fn a_wait_ends_when_the_lock_is_free() {
    let sandbox = Sandbox::new();
    let mut held = Some(sandbox.lock());
    let mut told = Vec::new();
    let mut on_wait = |holder: Option<&Holder>| {
        told.extend(holder.cloned());
        held.take();
    };
    Lock::acquire(&sandbox.dp(), holder(), Wait::Forever, &mut on_wait).unwrap();
    assert_eq!(told, [holder()]);
}

#[test]
fn a_lock_file_that_was_deleted_is_made_again() {
    let sandbox = Sandbox::new();
    drop(sandbox.lock());
    std::fs::remove_file(sandbox.dp().join("lock")).unwrap();
    let _held = sandbox.lock();
    assert!(acquire(&sandbox.dp(), Wait::No).is_err());
}

#[test]
fn who_lost_the_lock_writes_nothing_more() {
    let sandbox = Sandbox::new();
    let mut lost = sandbox.writer();
    let run = lost.begin_run(&start("prod", &[])).unwrap();
    Lock::take_away(&sandbox.dp(), &holder()).unwrap();

    let other = Holder { pid: 1, ..holder() };
    let held = Lock::acquire(&sandbox.dp(), other.clone(), Wait::No, &mut |_| {}).unwrap();
    let serial = sandbox.reader().snapshot("prod").unwrap().serial;
    let error = lost.abandon_run(run, "crashed", second(1)).unwrap_err();
    assert!(matches!(&error, StoreError::LockLost { holder: Some(now) } if **now == other), "{error}");
    drop(lost);
    assert_eq!(sandbox.reader().snapshot("prod").unwrap().serial, serial);
    Writer::open(&held, &sandbox.dp()).unwrap().abandon_run(run, "crashed", second(1)).unwrap();
}

#[test]
fn a_lock_is_taken_away_from_who_was_named_only() {
    let sandbox = Sandbox::new();
    let _held = sandbox.lock();
    let other = Holder { pid: 1, ..holder() };
    Lock::take_away(&sandbox.dp(), &other).unwrap();
    acquire(&sandbox.dp(), Wait::No).unwrap_err();
    assert_eq!(std::fs::read_dir(sandbox.dp()).unwrap().count(), 1);
}

#[test]
fn a_lock_is_free_when_its_process_was_killed() {
    let sandbox = Sandbox::new();
    let mut child = Helper::start(&sandbox.dp());
    let StoreError::Locked { holder: Some(other) } = acquire(&sandbox.dp(), Wait::No).unwrap_err() else {
        panic!("the child holds the lock");
    };
    assert_eq!(other.pid, child.0.id());
    child.0.kill().unwrap();
    child.0.wait().unwrap();

    // Its name still stands there, and means nothing.
    assert_ne!(std::fs::read(sandbox.dp().join("lock")).unwrap(), b"");
    assert_eq!(Lock::holder(&sandbox.dp()).unwrap(), None);
    acquire(&sandbox.dp(), Wait::No).unwrap();
}

/// This test program, started again to hold the lock until it is killed.
struct Helper(Child);

impl Helper {
    fn start(dp: &Path) -> Self {
        let mut child = start_helper("lock::helper_that_holds_the_lock", dp);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().ends_with("held")));
        Self(child)
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
#[ignore = "started by another test, which says through stdin what to lock"]
fn helper_that_holds_the_lock() {
    let Some(folder) = line_for_helper() else {
        return;
    };
    let _held = lock(&folder);
    println!("held");
    // The other end stays open until this is killed.
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}
