//! Receives the kernel's notifications, and answers them.
//!
//! A program waits from its call until the answer. An access that only reads is therefore answered as soon as its path
//! is known, and inspected afterwards (see [`Desk`]). A later change by the program is answered, and so happens, only
//! after that inspection.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::calls::{Meanings, Means};
use super::contact::Exchange;
use super::desk::Desk;
use super::exchange::Exchanges;
use super::fence::Allowed;
use super::intent::{self, Act, Told};
use super::notify::{Answer, answer, receive, wake_here};
use super::{Access, Contact, contact, look, paths};

/// The flag to copy the tree.
const OPEN_TREE_CLONE: u64 = 1;
/// The maximum number of cached thread names.
const MOST_NAMES: usize = 10_000;

/// What the other threads of a run know of the listener.
#[derive(Clone, Debug, Default)]
pub(super) struct Shared {
    /// Set before the last call.
    pub over: Arc<AtomicBool>,
    /// The reported threads.
    pub seen: Arc<Mutex<BTreeSet<u32>>>,
    /// Processes that opened an output for writing.
    pub writers: Arc<Mutex<BTreeSet<u32>>>,
}

/// Everything that the listener recorded.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub accesses: Vec<Access>,
    /// What can't be observed of the program.
    pub blind: BTreeSet<String>,
}

/// Listens until the thread that starts the program signals the end.
///
/// `outputs` are the files and folders whose writers are noted.
pub(super) fn listen(
    listener: OwnedFd,
    starter: u32,
    allowed: Option<Allowed>,
    shared: Shared,
    outputs: &[PathBuf],
) -> Heard {
    wake_here(&listener);
    let desk = Desk::default();
    let blind = std::thread::scope(|scope| {
        let attending = std::thread::Builder::new().name("take down".to_owned());
        // Without this thread, the listener records everything itself at the end.
        drop(attending.spawn_scoped(scope, || desk.attend()));
        let mut ears = Ears {
            listener: Arc::new(listener),
            meanings: Meanings::here(),
            desk: &desk,
            names: BTreeMap::new(),
            blind: BTreeSet::new(),
            exchanges: Exchanges::default(),
            allowed,
            shared,
            outputs,
        };
        ears.listen(starter);
        ears.exchanges.end();
        desk.close();
        ears.blind
    });
    Heard {
        accesses: desk.into_accesses(),
        blind,
    }
}

struct Ears<'a> {
    listener: Arc<OwnedFd>,
    meanings: Meanings,
    desk: &'a Desk,
    /// The file names of the programs that threads run.
    names: BTreeMap<u32, Arc<str>>,
    blind: BTreeSet<String>,
    exchanges: Exchanges,
    allowed: Option<Allowed>,
    shared: Shared,
    outputs: &'a [PathBuf],
}

impl Ears<'_> {
    fn listen(&mut self, starter: u32) {
        loop {
            let told = match receive(&self.listener) {
                Ok(told) => told,
                // The thread was interrupted, or died before its call was reported.
                Err(error) if matches!(error.raw_os_error(), Some(libc::EINTR | libc::ENOENT)) => continue,
                Err(_) => return,
            };
            if told.thread != starter {
                self.hear(&told);
                continue;
            }
            drop(self.answer(&told, Answer::Continue));
            if self.shared.over.load(Ordering::SeqCst) {
                return;
            }
        }
    }

    fn hear(&mut self, told: &Told) {
        let by = self.name(told.thread);
        let (machine, means) = self.meanings.of(told.audit, told.number);
        let (Some(machine), Some(means)) = (machine, means) else {
            let what = if machine.is_some() { "calls of a newer kernel" } else { "programs for another processor" };
            self.blind.insert(what.to_owned());
            // A call that can't be checked is denied, as by a kernel that does not have it.
            let refused = machine.is_some() && self.allowed.is_some();
            drop(self.answer(told, if refused { Answer::Error(libc::ENOSYS) } else { Answer::Continue }));
            return;
        };
        if matches!(means, Means::Tree(_, flags) if told.arguments[usize::from(flags)] & OPEN_TREE_CLONE != 0) {
            self.blind.insert("its own mount namespace".to_owned());
        }
        if let Means::Refused(what) | Means::Blind(what) = means {
            let refused = matches!(means, Means::Refused(_));
            self.blind.insert(what.to_owned());
            drop(self.answer(told, if refused { Answer::Error(libc::ENOSYS) } else { Answer::Continue }));
            return;
        }
        match intent::read(told, machine, means) {
            Ok(acts) => self.act(told, acts, by),
            Err(error) => {
                // An invalid address makes the call fail as well, and a dead thread does nothing more.
                if !matches!(error.raw_os_error(), Some(libc::EFAULT | libc::ESRCH | libc::EIO)) {
                    self.blind.insert("programs whose memory can't be read".to_owned());
                }
                let answer = match (&self.allowed, error.raw_os_error()) {
                    (None, _) => Answer::Continue,
                    (Some(_), number) => Answer::Error(number.unwrap_or(libc::EACCES)),
                };
                drop(self.answer(told, answer));
            }
        }
    }

    fn act(&mut self, told: &Told, mut acts: Vec<Act>, by: Arc<str>) {
        for act in &mut acts {
            if let Act::Contact(exchange) = act {
                find_protocol(told.thread, exchange);
            }
        }
        self.note_writer(told.thread, &acts);
        let starts = acts.iter().any(|act| matches!(act, Act::Start { .. }));
        if let Some(allowed) = self.allowed.take() {
            self.judge(told, &acts, &allowed, &by);
            self.allowed = Some(allowed);
        } else if acts.iter().any(Act::changes_what_is_there) {
            let mut record = self.desk.record();
            let outcomes = record.outcomes(&acts);
            if self.answer(told, Answer::Continue).is_ok() {
                record.add(outcomes, false, &by);
            }
        } else if self.answer(told, Answer::Continue).is_ok() && !acts.is_empty() {
            self.desk.leave(acts, by);
        }
        if starts {
            // The programs of threads are about to change.
            self.names.clear();
        }
    }

    /// Notes which process is about to open an output for writing.
    fn note_writer(&self, thread: u32, acts: &[Act]) {
        let is_output = |path: &[u8]| {
            // The outputs' folder contains no links; a new link to it is detected by the open files.
            self.outputs.iter().any(|output| look::path(path).starts_with(output))
        };
        let writes = acts.iter().any(|act| match act {
            Act::Open { path, flags } => flags & libc::O_ACCMODE.cast_unsigned() != 0 && is_output(path),
            _ => false,
        });
        if writes && let Some(process) = paths::process_of(thread) {
            self.shared.writers.lock().unwrap_or_else(PoisonError::into_inner).insert(process);
        }
    }

    /// Answers only what the fence allows.
    fn judge(&mut self, told: &Told, acts: &[Act], allowed: &Allowed, by: &str) {
        let mut record = self.desk.record();
        let (good, bad) = record.judge(acts, allowed);
        if !bad.is_empty() {
            if self.answer(told, Answer::Error(libc::EACCES)).is_ok() {
                record.add(bad, true, by);
            }
            return;
        }
        // dp makes the call itself, because the program could change the address between the check and the call.
        let exchange = acts.iter().find_map(|act| match act {
            Act::Contact(exchange) if !exchange.address.is_empty() => Some(exchange),
            _ => None,
        });
        let answered = match exchange {
            Some(exchange) => self.exchanges.carry_out(&self.listener, told, exchange),
            None => self.answer(told, Answer::Continue),
        };
        if answered.is_ok() {
            record.add(good, false, by);
        }
    }

    fn name(&mut self, thread: u32) -> Arc<str> {
        if let Some(name) = self.names.get(&thread) {
            return name.clone();
        }
        if self.names.len() >= MOST_NAMES {
            self.names.clear();
        }
        if self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(thread)
            && paths::sees_other_mounts(thread)
        {
            self.blind.insert("its own namespaces".to_owned());
        }
        let name: Arc<str> = paths::program(thread).unwrap_or_default().into();
        self.names.insert(thread, name.clone());
        name
    }

    fn answer(&self, told: &Told, what: Answer) -> io::Result<()> {
        answer(&self.listener, told.id, what)
    }
}

fn find_protocol(thread: u32, exchange: &mut Exchange) {
    if let Some(Contact::Network { protocol, .. }) = &mut exchange.contact
        && let Ok(socket) = contact::socket(thread, exchange.socket)
    {
        *protocol = contact::protocol(socket.as_fd());
    }
}
