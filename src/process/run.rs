//! Runs a program from its start until none of its processes is left.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::mpsc::{self, Receiver, SyncSender};

use rustix::fs::{CWD, FileType, Mode, OFlags, fcntl_setfl, openat, statat};
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};

use super::attend::attend;
use super::child::{self, Plan, Told};
use super::error::system;
use super::fence::Allowed;
use super::kill;
use super::listener::{Heard, Shared, listen};
use super::{Ended, ProcessError, Seen, Stop, Stream, Task, Watch};

/// The receiver of a program's output.
pub(super) type Output<'a> = &'a (dyn Fn(Stream, &[u8]) + Send + Sync);

/// Runs a program, and waits until it and all its descendants have ended.
///
/// Its standard input is empty. `output` gets what it writes as it arrives. If the program starts, the result is `Ok`,
/// however the program ends.
pub fn run(task: &Task, output: Output<'_>, stop: &Stop) -> Result<Ended, ProcessError> {
    let watch = task.watch == Watch::Kernel || task.fence.is_some();
    let refused = if watch { can_watch().err() } else { None };
    if let (Some(reason), Some(_)) = (&refused, &task.fence) {
        return Err(ProcessError::NoFence {
            program: task.program.clone(),
            reason: reason.clone(),
        });
    }
    let mut ended = run_watched(task, watch && refused.is_none(), output, stop)?.0?;
    if let Some(reason) = refused {
        ended.seen = Seen::Nothing(reason);
    }
    Ok(ended)
}

/// Returns whether the kernel reports what programs do, or why not. Tested once.
pub fn can_watch() -> Result<(), String> {
    static ANSWER: OnceLock<Result<(), String>> = OnceLock::new();
    ANSWER.get_or_init(try_watching).clone()
}

/// Starts a program that does not exist: the kernel must report the look-up.
fn try_watching() -> Result<(), String> {
    let missing = PathBuf::from("/dp-looks-whether-it-can-watch");
    let task = Task {
        program: missing.clone(),
        name: OsString::new(),
        arguments: Vec::new(),
        folder: PathBuf::from("/"),
        environment: Vec::new(),
        mark: OsString::new(),
        outputs: Vec::new(),
        timeout: None,
        watch: Watch::Kernel,
        fence: None,
    };
    let stop = Stop::new().map_err(|error| error.to_string())?;
    let (_, heard) = run_watched(&task, true, &|_, _| (), &stop).map_err(|error| error.to_string())?;
    if heard.accesses.iter().any(|access| access.path == missing) {
        return Ok(());
    }
    let unreadable = "the memory of programs can't be read (process_vm_readv is forbidden)".to_owned();
    Err(heard.blind.into_iter().next().unwrap_or(unreadable))
}

/// The result, and what was recorded even for a program that did not start.
type Watched = (Result<Ended, ProcessError>, Heard);

fn run_watched(task: &Task, watch: bool, output: Output<'_>, stop: &Stop) -> Result<Watched, ProcessError> {
    kill::become_reaper();
    check_folder(task)?;
    let allowed = task.fence.as_ref().map(Allowed::by);
    let no_fence = |reason| ProcessError::NoFence {
        program: task.program.clone(),
        reason,
    };
    let barrier = allowed.as_ref().map(Allowed::barrier).transpose().map_err(no_fence)?;
    let input = openat(CWD, "/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
        .map_err(system("open `/dev/null`"))?;
    let pipe = || pipe_with(PipeFlags::CLOEXEC).map_err(system("create a pipe"));
    let ((out_read, out_write), (error_read, error_write)) = (pipe()?, pipe()?);
    for reader in [&out_read, &error_read] {
        fcntl_setfl(reader, OFlags::NONBLOCK).map_err(system("read from a pipe"))?;
    }
    let plan = Plan {
        task,
        input,
        output: out_write,
        error: error_write,
        watch,
        barrier,
    };
    let shared = Shared::default();
    // The channel has room for all messages of the thread, so that it never waits for this one.
    let (tell, told): (SyncSender<Told>, Receiver<Told>) = mpsc::sync_channel(4);
    let (stay, stayed) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let over = shared.over.clone();
        let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
        let no_thread = |source| ProcessError::System {
            what: "start a thread",
            source,
        };
        let starter = thread("start").spawn_scoped(scope, move || child::start(plan, &tell, &stayed, &over));
        drop(starter.map_err(no_thread)?);
        let mut listening = None;
        let mut seen = if watch { Seen::All } else { Seen::Nothing("nobody asked for it".to_owned()) };
        let mut allowed = allowed;
        let started = loop {
            match told.recv() {
                Ok(Told::Watching {
                    listener,
                    thread: starter,
                }) => {
                    let (allowed, shared) = (allowed.take(), shared.clone());
                    let outputs = &task.outputs;
                    let listens = move || listen(listener, starter, allowed, shared, outputs);
                    match thread("listen").spawn_scoped(scope, listens) {
                        Ok(thread) => listening = Some(thread),
                        Err(source) => break Err(no_thread(source)),
                    }
                }
                Ok(Told::Blind(reason)) => seen = Seen::Nothing(reason),
                Ok(Told::Unfenced(reason)) => break Err(no_fence(reason)),
                Ok(Told::Started(result)) => {
                    break result.map_err(|source| ProcessError::NotStarted {
                        program: task.program.clone(),
                        source,
                    });
                }
                Err(_) => break Err(system("start a thread")(Errno::AGAIN)),
            }
        };
        let ended = started.and_then(|program| {
            let readers = vec![(Stream::Output, out_read), (Stream::Error, error_read)];
            attend(task, program, readers, &shared, output, stop)
        });
        drop(stay);
        let heard = listening.map(|thread| thread.join().unwrap_or_default()).unwrap_or_default();
        let ended = ended.map(|attended| Ended {
            how: attended.how,
            accesses: heard.accesses.clone(),
            seen: match seen {
                Seen::All if !heard.blind.is_empty() => Seen::Partly(heard.blind.clone()),
                seen => seen,
            },
            strays: attended.strays,
            stray_names: attended.stray_names,
            writers: attended.writers,
            user_ms: attended.usage.user_ms,
            system_ms: attended.usage.system_ms,
            peak_memory_bytes: attended.usage.peak_memory_bytes,
        });
        Ok((ended, heard))
    })
}

fn check_folder(task: &Task) -> Result<(), ProcessError> {
    let wrong = match statat(CWD, &task.folder, rustix::fs::AtFlags::empty()) {
        Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Directory => return Ok(()),
        Ok(_) => Errno::NOTDIR,
        Err(error) => error,
    };
    Err(ProcessError::NoFolder {
        program: task.program.clone(),
        folder: task.folder.clone(),
        source: wrong.into(),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn watching_is_tried_once() {
        assert_eq!(can_watch(), can_watch());
        assert!(!Path::new("/dp-looks-whether-it-can-watch").exists());
    }
}
