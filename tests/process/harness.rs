//! A folder, programs in C for it, and what running them came to.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use dp::process::{Access, Ended, Fence, ProcessError, Seen, Stop, Stream, Task, Watch, What, run};
use tempfile::TempDir;

pub(crate) const SEARCH: &str = "/usr/local/bin:/usr/bin:/bin";

/// A folder to work in, and one beside it for what is no subject of the test.
pub(crate) struct Place {
    folder: TempDir,
}

/// What a run came to.
pub(crate) struct Report {
    pub(crate) ended: Ended,
    pub(crate) output: String,
    pub(crate) error: String,
    root: PathBuf,
}

pub(crate) type Facts = BTreeSet<(What, String)>;

impl Place {
    pub(crate) fn new() -> Self {
        let place = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        for folder in [place.root(), place.tools()] {
            std::fs::create_dir(folder).unwrap();
        }
        place
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("work")
    }

    pub(crate) fn tools(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("tools")
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.root().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The program, or nothing where there is no compiler or it can't do what the flags ask for.
    pub(crate) fn compile(&self, source: &str, flags: &[&str]) -> Option<String> {
        let (text, program) = (self.tools().join("a.c"), self.tools().join("a.out"));
        std::fs::write(&text, format!("{HEAD}\n{source}")).unwrap();
        let Ok(compiled) =
            Command::new("cc").args(["-w", "-o"]).arg(&program).arg(&text).args(flags).arg("-pthread").output()
        else {
            eprintln!("skipped: there is no cc");
            return None;
        };
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
        Some(program.to_str().unwrap().to_owned())
    }

    pub(crate) fn task(&self, command: &[&str]) -> Task {
        let mark = format!("DP_MARK={}", self.root().display());
        let (name, value) = mark.split_once('=').unwrap();
        let program = if command[0].starts_with('/') {
            PathBuf::from(command[0])
        } else {
            SEARCH.split(':').map(|folder| Path::new(folder).join(command[0])).find(|path| path.exists()).unwrap()
        };
        Task {
            program,
            name: command[0].into(),
            arguments: command[1..].iter().map(OsString::from).collect(),
            folder: self.root(),
            environment: vec![
                ("PATH".into(), SEARCH.into()),
                ("PYTHONDONTWRITEBYTECODE".into(), "1".into()),
                (name.into(), value.into()),
            ],
            mark: mark.clone().into(),
            outputs: Vec::new(),
            timeout: Some(Duration::from_mins(1)),
            watch: Watch::Kernel,
            fence: None,
        }
    }

    pub(crate) fn run(&self, command: &[&str]) -> Report {
        self.carry_out(&self.task(command)).unwrap()
    }

    pub(crate) fn carry_out(&self, task: &Task) -> Result<Report, ProcessError> {
        self.carry_out_until(task, &Stop::new().unwrap(), &|_| ())
    }

    /// `wrote` is told of each piece of standard output.
    pub(crate) fn carry_out_until(
        &self,
        task: &Task,
        stop: &Stop,
        wrote: &(dyn Fn(&[u8]) + Send + Sync),
    ) -> Result<Report, ProcessError> {
        let written = Mutex::new((Vec::new(), Vec::new()));
        let output = |stream: Stream, bytes: &[u8]| {
            let mut written = written.lock().unwrap();
            match stream {
                Stream::Output => {
                    written.0.extend_from_slice(bytes);
                    wrote(bytes);
                }
                Stream::Error => written.1.extend_from_slice(bytes),
            }
        };
        let ended = run(task, &output, stop)?;
        let (output, error) = written.into_inner().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ok(Report {
            ended,
            output: text(output),
            error: text(error),
            root: self.root(),
        })
    }

    /// Enough to start programs, to work in the folder and no more.
    pub(crate) fn fence(&self) -> Fence {
        let system = ["/usr", "/lib", "/lib64", "/bin", "/etc", "/dev/null", "/proc"];
        let read = system.iter().map(PathBuf::from).chain([self.tools()]).collect();
        Fence {
            read,
            list: Vec::new(),
            write: vec![self.root()],
            connect: Vec::new(),
        }
    }
}

impl Report {
    /// What was done below the folder, relative to it.
    pub(crate) fn within(&self) -> Facts {
        self.accesses().filter_map(|(access, name)| Some((access.what, name?))).collect()
    }

    /// The same with how often.
    pub(crate) fn counted(&self) -> BTreeSet<(What, String, u64)> {
        self.accesses().filter_map(|(access, name)| Some((access.what, name?, access.count))).collect()
    }

    /// The same in order.
    pub(crate) fn in_order(&self) -> Vec<(What, String)> {
        self.accesses().filter_map(|(access, name)| Some((access.what, name?))).collect()
    }

    fn accesses(&self) -> impl Iterator<Item = (&Access, Option<String>)> {
        self.ended.accesses.iter().map(|access| {
            let name = access.path.strip_prefix(&self.root).ok().filter(|name| !name.as_os_str().is_empty());
            (access, name.map(|name| name.to_str().unwrap().to_owned()))
        })
    }

    pub(crate) fn all(&self, what: What) -> Vec<&Access> {
        self.ended.accesses.iter().filter(|access| access.what == what).collect()
    }

    pub(crate) fn denied(&self) -> Facts {
        let denied = self.ended.accesses.iter().filter(|access| access.denied);
        denied.map(|access| (access.what, access.path.to_str().unwrap().to_owned())).collect()
    }

    pub(crate) fn expect_all_seen(&self) -> &Self {
        assert_eq!(self.ended.seen, Seen::All);
        self
    }
}

pub(crate) fn facts<const N: usize>(facts: [(What, &str); N]) -> Facts {
    facts.into_iter().map(|(what, name)| (what, name.to_owned())).collect()
}

/// What the programs may use.
const HEAD: &str = r"
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
";
