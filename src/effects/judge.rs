use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use super::git;
use super::kept::{self, Keeping, Kept};
use super::noise::{INTERPRETER, Noise};
use super::notice::Notice;
use super::owners::{Owner, Owners};
use crate::base::text;
use crate::model::{AssetName, Effect, Seen, Sighting};
use crate::process::{Access, Contact, Endpoint, Seen as SeenBy, Stamp, What};
use crate::project::Judgement;

/// The expected behaviour of a program.
#[derive(Debug)]
pub struct Expected<'a> {
    /// The project, absolute, links resolved.
    pub root: &'a Path,
    /// The rules for noise.
    pub noise: &'a Noise,
    /// The owners of paths.
    pub owners: &'a Owners,
    /// The asset that the program builds.
    pub asset: &'a AssetName,
    /// Its own folder for outputs and temporary files.
    pub own: &'a Path,
    /// Input files, with the assets whose rows they contain.
    pub inputs: &'a BTreeMap<PathBuf, AssetName>,
    /// The code in its definition, and the program itself.
    pub code: &'a BTreeSet<PathBuf>,
    /// Files and folders that it may read.
    pub read: &'a [PathBuf],
    /// Files and folders that it may change.
    pub write: &'a [PathBuf],
    /// Peers that it may contact.
    pub connect: &'a [Endpoint],
    /// `files` as the user wrote them, for the suggested line.
    pub written_files: &'a [String],
    /// `inputs` as the user wrote them.
    pub written_inputs: &'a [String],
    /// The folders in which programs are searched for.
    pub search: &'a [PathBuf],
    /// How dp treats all other effects.
    pub judgement: Judgement,
    /// Whether the result becomes stale with time.
    pub refreshes: bool,
    /// How the accesses are known.
    pub seen: Seen,
}

/// An undeclared input that the result of a program depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dependence {
    /// The bytes of a file, with its stamp at the first use.
    Content(Option<Stamp>),
    /// The names in a folder, with its stamp at the first listing.
    Names(Option<Stamp>),
    /// The kind of the entry, and size, times and mode of a file, with its stamp at the first look.
    Stat(Option<Stamp>),
    /// Whether it is a link, and its target, with the link's own stamp if it was one.
    Link(Option<Stamp>),
    /// That something exists.
    Presence,
    /// That nothing exists.
    Absence,
    /// Something that can't be found again.
    Unknown,
}

impl Dependence {
    /// Returns the way of a dependence, and its strength. A program can depend on a path in several ways; per way the
    /// strongest dependence counts.
    fn way(&self) -> (u8, u8) {
        match self {
            Self::Unknown => (0, 4),
            Self::Content(_) => (0, 3),
            Self::Names(_) => (0, 2),
            Self::Absence => (0, 1),
            Self::Presence => (0, 0),
            Self::Stat(_) => (1, 0),
            Self::Link(_) => (2, 0),
        }
    }
}

/// The result of the judgement.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// The effects to record: everything except noise, and one row per rule for the noise.
    pub effects: Vec<Effect>,
    /// All effects, including noise.
    pub everything: Vec<Effect>,
    /// The undeclared dependences of the result, by absolute path.
    pub depends: BTreeMap<PathBuf, Vec<Dependence>>,
    /// Paths that the program itself changed.
    pub changed: BTreeSet<PathBuf>,
    /// Remote hosts that the program contacted.
    pub contacted: BTreeSet<String>,
    /// The notices for the user.
    pub notices: Vec<Notice>,
    /// Whether an access was denied that is not noise.
    pub denied: bool,
    /// Denied accesses that are noise.
    pub refused_noise: BTreeSet<String>,
}

/// Compares the observed accesses with what the asset declares.
pub fn judge(accesses: &[Access], seen: &SeenBy, expected: &Expected<'_>) -> Judged {
    let mut judge = Judge {
        expected,
        judged: Judged::default(),
        folded: BTreeMap::new(),
        reads: BTreeSet::new(),
        writes: BTreeSet::new(),
        foreign: BTreeMap::new(),
        contacts: BTreeSet::new(),
        denied: BTreeMap::new(),
        made: BTreeSet::new(),
        gone: BTreeSet::new(),
        stamps: BTreeMap::new(),
        keeping: Keeping::new(expected, accesses),
    };
    for access in accesses {
        judge.stamps.entry(access.path.clone()).or_insert(access.stamp);
    }
    for access in accesses {
        judge.access(access);
    }
    judge.finish(seen)
}

struct Judge<'a> {
    expected: &'a Expected<'a>,
    judged: Judged,
    /// The noise that each rule combines, by kind of access.
    folded: BTreeMap<(String, &'static str), (u64, u64)>,
    reads: BTreeSet<PathBuf>,
    writes: BTreeSet<PathBuf>,
    foreign: BTreeMap<PathBuf, String>,
    contacts: BTreeSet<String>,
    /// Denied accesses, by the word for their kind.
    denied: BTreeMap<&'static str, BTreeSet<String>>,
    /// Paths that the program created: it may read them later without a dependence.
    made: BTreeSet<PathBuf>,
    /// Created paths that the program removed or renamed: they were only temporary.
    gone: BTreeSet<PathBuf>,
    /// The state of each path at its first use.
    stamps: BTreeMap<PathBuf, Option<Stamp>>,
    /// The accesses to dp's own files in the project.
    keeping: Keeping<'a>,
}

/// Returns the recorded word for an access.
fn word(what: What) -> &'static str {
    match what {
        What::Read => "read",
        What::Wrote => "wrote",
        What::Created => "created",
        What::Renamed => "renamed",
        What::Removed => "removed",
        What::Listed => "listed",
        What::Looked => "looked",
        What::Absent => "missed",
        What::Metadata => "changed",
        What::Started => "started",
        What::Contacted => "contacted",
    }
}

/// Rules without a pattern.
const OWN_FOLDER: &str = "its own temporary folder";
const OWN_FILES: &str = "files that it made itself";
const SEARCH: &str = "the search for programs";
const ON_THE_WAY: &str = "folders on the way";

impl Judge<'_> {
    fn access(&mut self, access: &Access) {
        match access.what {
            What::Contacted => self.contact(access),
            What::Read | What::Listed | What::Looked | What::Absent | What::Started => self.use_of(access),
            What::Wrote | What::Created | What::Renamed | What::Removed | What::Metadata => self.change_of(access),
        }
    }

    /// Handles an access to something that may have decided about the result, whether it existed or not.
    fn use_of(&mut self, access: &Access) {
        let expected = self.expected;
        let compiled = source_of_bytecode(&access.path).filter(|_| access.what == What::Read);
        if let Some(source) = compiled.filter(|source| !expected.code.contains(source)) {
            let first = self.stamps.get(&source).copied().flatten();
            self.depend(source, Dependence::Content(first));
        }
        let rule = self.rule_of(access);
        if access.denied {
            return self.refused(access, "reading", rule);
        }
        if access.real.starts_with(expected.own) {
            return self.note(access, Some(OWN_FOLDER), true);
        }
        let declared = expected.inputs.contains_key(&access.real)
            || expected.code.contains(&access.real)
            || expected.code.contains(&access.path);
        if declared {
            // The bytes are declared; the targets of links are not.
            self.depend_on_links(access);
            return self.note(access, None, true);
        }
        let kept = self.keeping.of(access);
        if kept == Some(Kept::Own) {
            return self.note(access, Some(kept::RULE), true);
        }
        if let Some(rule) = rule {
            let is_interpreter = access.what == What::Started && rule == INTERPRETER;
            if is_interpreter {
                // The rule exists because the program was started; the program file itself counts nevertheless.
                self.depend(access.path.clone(), Dependence::Content(access.stamp));
            }
            if let Some(dependence) = git::dependence(access).or_else(|| choice_of_version(access, &rule)) {
                self.depend(access.path.clone(), dependence);
            }
            // Each started program gets its own row, unless an interpreter's rule covers it.
            let rule = Some(rule).filter(|_| access.what != What::Started || is_interpreter);
            return self.note(access, rule.as_deref(), true);
        }
        // A path through the attempt's folder no longer exists afterwards, and a path that is noise is not inspected
        // again.
        let through = access.path.starts_with(expected.own) || expected.noise.rule_of(&access.path).is_some();
        let subject = match &kept {
            Some(Kept::Counts(path) | Kept::Bytes(path)) => path,
            _ if through => &access.real,
            _ => &access.path,
        };
        let is_searched = subject.parent().is_some_and(|folder| expected.search.iter().any(|search| search == folder));
        if access.what == What::Absent && is_searched && !subject.starts_with(expected.root) {
            return self.note(access, Some(SEARCH), true);
        }
        // The project's parent folders are inspected on the way to every file.
        if matches!(access.what, What::Looked) && expected.root.starts_with(subject) {
            return self.note(access, Some(ON_THE_WAY), true);
        }
        if self.made.contains(&access.path) {
            // What the program left there counts as it left it; what it removed does not count.
            let dependence = match access.what {
                What::Listed => Dependence::Names(access.stamp),
                What::Looked => Dependence::Presence,
                _ => Dependence::Content(access.stamp),
            };
            self.depend(subject.clone(), dependence);
            return self.note(access, Some(OWN_FILES), true);
        }
        let allowed = below_one_of(&access.real, expected.read) || below_one_of(&access.real, expected.write);
        let surprising = access.what == What::Read && !allowed;
        let met = kept.as_ref().filter(|_| !matches!(access.what, What::Read | What::Started)).map(|_| kept::RULE);
        self.note(access, met, !surprising);
        if surprising {
            self.reads.insert(subject.clone());
        }
        self.depend_on_links(access);
        let leads_anywhere = is_of_a_process(subject) || is_of_a_process(&access.real) || is_process_link(access);
        let dependence = match access.what {
            _ if leads_anywhere => Dependence::Unknown,
            What::Listed => Dependence::Names(access.stamp),
            What::Looked if matches!(kept, Some(Kept::Bytes(_))) => Dependence::Content(None),
            // A size, or being a link, implies that it exists.
            What::Looked if access.asked.stat => Dependence::Stat(access.stamp),
            What::Looked if access.asked.link => return,
            What::Looked => Dependence::Presence,
            What::Absent => Dependence::Absence,
            _ => Dependence::Content(access.stamp),
        };
        self.depend(subject.clone(), dependence);
    }

    /// Adds dependences on the targets of links in a path, and on whether the path itself is a link if the program
    /// asked.
    fn depend_on_links(&mut self, access: &Access) {
        let expected = self.expected;
        let asked = access.asked.link.then_some((&access.path, access.stamp));
        let passed = access.links.iter().map(|link| (&link.path, Some(link.stamp)));
        for (path, stamp) in passed.chain(asked).collect::<Vec<_>>() {
            // Folders above the project are inspected on the way to every file. Entries in the attempt's folder, or
            // made by dp or the program, can't be inspected again. It does not matter that a link is noise: its target
            // is not.
            let is_above = expected.root.starts_with(path);
            let is_its_own = path.starts_with(expected.own) || self.made.contains(path);
            let is_of_system = ["/proc", "/dev", "/sys"].iter().any(|folder| path.starts_with(folder));
            if !is_above && !is_its_own && !is_of_system && !self.keeping.is_own_link(path) {
                self.depend(path.clone(), Dependence::Link(stamp));
            }
        }
    }

    /// Returns the rule by which an access is noise: it must cover both the used path and its target.
    fn rule_of(&self, access: &Access) -> Option<String> {
        let noise = self.expected.noise;
        let real = noise.rule_of(&access.real)?;
        let by_path = access.path.starts_with(self.expected.own) || noise.rule_of(&access.path).is_some();
        (by_path && !is_of_a_process(&access.real)).then(|| real.to_owned())
    }

    /// Handles a denied access. Programs usually can do without noise; if the program fails, the noise is listed.
    fn refused(&mut self, access: &Access, verb: &'static str, rule: Option<String>) {
        let path = self.shown(&access.path);
        self.note(access, rule.as_deref(), rule.is_some());
        if rule.is_some() {
            self.judged.refused_noise.insert(path);
        } else {
            self.denied.entry(verb).or_default().insert(path);
        }
    }

    /// Adds a dependence. Per way of depending on a path, the strongest dependence counts.
    fn depend(&mut self, path: PathBuf, dependence: Dependence) {
        let known = self.judged.depends.entry(path).or_default();
        let (way, strength) = dependence.way();
        match known.iter_mut().find(|known| known.way().0 == way) {
            Some(known) if known.way().1 >= strength => {}
            Some(known) => *known = dependence,
            None => known.push(dependence),
        }
    }

    fn change_of(&mut self, access: &Access) {
        let expected = self.expected;
        let rule = self.rule_of(access);
        if access.denied {
            return self.refused(access, "changing", rule);
        }
        if access.what == What::Renamed && !self.made.contains(&access.path) && !access.real.starts_with(expected.own) {
            // The file has the same content under its new name.
            self.depend(access.path.clone(), Dependence::Content(access.stamp));
        }
        let paths: Vec<&PathBuf> = std::iter::once(&access.path).chain(&access.to).collect();
        for path in &paths {
            self.judged.changed.insert((*path).clone());
        }
        let was_made = self.made.contains(&access.path);
        match access.what {
            What::Created => self.is_there(&access.path),
            What::Renamed if was_made => {
                self.gone.insert(access.path.clone());
                access.to.iter().for_each(|to| self.is_there(to));
            }
            What::Removed if was_made => {
                self.gone.insert(access.path.clone());
            }
            _ => {}
        }
        // The attempt's folder, also as the target of renames of files that the program created elsewhere.
        let is_own = |to: &PathBuf| to.starts_with(expected.own);
        let comes_in = was_made && access.what == What::Renamed && access.to.as_ref().is_some_and(is_own);
        if comes_in || self.is_own(access) && access.to.as_ref().is_none_or(is_own) {
            return self.note(access, Some(OWN_FOLDER), true);
        }
        if let Some(rule) = rule {
            return self.note(access, Some(&rule), true);
        }
        if is_temporary(&access.path, expected.root) && self.made.contains(&access.path) {
            return self.note(access, Some("temporary files"), true);
        }
        let allowed =
            paths.iter().all(|path| below_one_of(path, expected.write)) || below_one_of(&access.real, expected.write);
        self.note(access, None, allowed);
        for path in paths.into_iter().filter(|path| !is_own(path)) {
            match self.owner(path).or_else(|| self.owner(&access.real)) {
                Some(Owner::Asset(other)) if other != *expected.asset => {
                    self.foreign.insert(path.clone(), format!("`{other}`"));
                }
                Some(Owner::Source(other)) => {
                    self.foreign.insert(path.clone(), format!("the source `{other}`"));
                }
                Some(Owner::Dp) => {
                    self.foreign.insert(path.clone(), "dp itself".to_owned());
                }
                _ if allowed => {}
                _ => {
                    self.writes.insert(path.clone());
                }
            }
        }
    }

    /// Notes that the program created something that exists now.
    fn is_there(&mut self, path: &Path) {
        self.made.insert(path.to_owned());
        for folder in path.ancestors() {
            self.gone.remove(folder);
        }
    }

    fn owner(&self, path: &Path) -> Option<Owner> {
        self.expected.owners.owner(path.strip_prefix(self.expected.root).ok()?)
    }

    fn contact(&mut self, access: &Access) {
        let Some(contact) = &access.contact else {
            return;
        };
        let shown = contact_text(contact);
        // The answers of other processes on this machine can change like those of a remote host.
        let beyond = match contact {
            Contact::Network { address, port, .. } => {
                !is_loopback(*address) || !(access.own_peer || *port == NAME_SERVER)
            }
            Contact::Unix(path) => {
                !is_plumbing(path) && !self.made.contains(path) && !access.real.starts_with(self.expected.own)
            }
            Contact::Abstract(_) | Contact::Other(_) => false,
        };
        let noise = match contact {
            Contact::Unix(path) if !beyond => self.expected.noise.rule_of(path).map(str::to_owned),
            _ => None,
        };
        let allowed = self.expected.connect.iter().any(|endpoint| admits(endpoint, contact));
        let expected = !beyond || allowed || self.expected.refreshes;
        self.note(access, noise.as_deref(), (expected && !access.denied) || noise.is_some());
        if access.denied && noise.is_none() {
            self.denied.entry("contacting").or_default().insert(shown);
        } else if beyond {
            self.judged.contacted.insert(shown.clone());
            if !self.expected.refreshes {
                self.contacts.insert(shown);
            }
        }
    }

    /// Whether the access is inside the attempt's folder, with links resolved.
    fn is_own(&self, access: &Access) -> bool {
        access.real.starts_with(self.expected.own)
    }

    /// Records an access, combined with others if a rule applies.
    fn note(&mut self, access: &Access, rule: Option<&str>, declared: bool) {
        let kind = word(access.what);
        let bytes = access.stamp.filter(|_| matches!(access.what, What::Read | What::Wrote)).map(|stamp| stamp.size);
        let path = match &access.contact {
            Some(contact) => contact_text(contact),
            None => self.shown(&access.path),
        };
        let mut details = Vec::new();
        details.extend(access.to.as_ref().map(|to| format!("to {}", self.shown(to))));
        if access.arguments.len() > 1 {
            let words: Vec<_> = access.arguments[1..].iter().map(|word| word.to_string_lossy()).collect();
            details.push(words.join(" "));
        }
        details.extend(self.expected.inputs.get(&access.real).map(|asset| format!("rows of {asset}")));
        details.extend(access.denied.then(|| "denied".to_owned()));
        details.extend((!access.by.is_empty()).then(|| format!("by {}", access.by)));
        let effect = self.effect(kind, Some(path), access.count, bytes, declared, rule, details.join("; "));
        match rule {
            None => self.push(effect.clone()),
            Some(rule) => {
                let (count, all) = self.folded.entry((rule.to_owned(), kind)).or_default();
                *count += 1;
                *all += bytes.unwrap_or(0);
            }
        }
        self.judged.everything.push(effect);
    }

    /// Adds an effect. A program that was started several times has one row, with the arguments of the first start.
    fn push(&mut self, effect: Effect) {
        let known = self
            .judged
            .effects
            .iter_mut()
            .find(|known| effect.kind == "started" && known.kind == effect.kind && known.path == effect.path);
        match (known.and_then(|known| known.sighting.as_mut()), &effect.sighting) {
            (Some(known), Some(again)) if known.declared == again.declared => known.count += again.count,
            _ => self.judged.effects.push(effect),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "each is a column of the record")]
    fn effect(
        &self,
        kind: &str,
        path: Option<String>,
        count: u64,
        bytes: Option<u64>,
        declared: bool,
        noise: Option<&str>,
        detail: String,
    ) -> Effect {
        Effect {
            asset: self.expected.asset.clone(),
            kind: kind.to_owned(),
            path,
            version: None,
            replaced: None,
            rows: None,
            bytes,
            ms: None,
            content: None,
            sighting: Some(Sighting {
                seen: self.expected.seen,
                count,
                declared,
                noise: noise.map(str::to_owned),
                detail: (!detail.is_empty()).then_some(detail),
            }),
        }
    }

    fn shown(&self, path: &Path) -> String {
        shown(path, self.expected.root)
    }

    fn finish(mut self, seen: &SeenBy) -> Judged {
        let folded = std::mem::take(&mut self.folded);
        for ((rule, kind), (paths, bytes)) in folded {
            let detail = text::count(usize::try_from(paths).unwrap_or(usize::MAX), "path");
            let bytes = (bytes > 0).then_some(bytes);
            let effect = self.effect(kind, None, paths, bytes, true, Some(&rule), detail);
            self.judged.effects.push(effect);
        }
        self.judged.denied = !self.denied.is_empty();
        let gone = std::mem::take(&mut self.gone);
        self.writes.retain(|path| !path.ancestors().any(|path| gone.contains(path)));
        self.notices(seen);
        self.judged
    }

    fn notices(&mut self, seen: &SeenBy) {
        let asset = self.expected.asset.to_string();
        let mut notices = Vec::new();
        for (verb, what) in &self.denied {
            notices.push(Notice::Denied {
                asset: asset.clone(),
                what: format!("{verb} {}", text::named(what, 5)),
                help: format!("to permit this, add `[allow]` with `{}`", allow_line(verb, what)),
            });
        }
        if self.expected.judgement == Judgement::Warn {
            for (path, owner) in &self.foreign {
                notices.push(Notice::ForeignWrite {
                    asset: asset.clone(),
                    what: format!("`{}`", self.shown(path)),
                    owner: owner.clone(),
                    help: "let it write to `$DP_OUTPUT` or to a separate file; run `dp plan` to see what the change affects".to_owned(),
                });
            }
            if !self.writes.is_empty() {
                let paths: Vec<String> = self.writes.iter().map(|path| self.shown(path)).collect();
                notices.push(Notice::UndeclaredWrite {
                    asset: asset.clone(),
                    what: text::named(&paths, 5),
                    help: format!(
                        "write the file to `$DP_FILE_<NAME>` and declare it under [[files]], or add `[allow]` with `write = {}`",
                        list(&paths)
                    ),
                });
            }
            if !self.reads.is_empty() {
                let paths: Vec<String> = self.reads.iter().map(|path| self.shown(path)).collect();
                notices.push(Notice::UndeclaredRead {
                    asset: asset.clone(),
                    what: text::named(&paths, 5),
                    help: self.read_help(),
                });
            }
            if !self.contacts.is_empty() {
                notices.push(Notice::contacted(self.expected.asset, &self.contacts));
            }
        }
        if self.expected.judgement != Judgement::Record {
            let hidden = match seen {
                SeenBy::All => None,
                SeenBy::Partly(means) => Some(text::and(means)),
                SeenBy::Nothing(why) => Some(format!("its reads and contacts ({why})")),
            };
            notices.extend(hidden.map(|what| Notice::PartlySeen { asset, what }));
        }
        self.judged.notices = notices;
    }

    /// Returns the lines that would declare what was read.
    fn read_help(&self) -> String {
        let (mut inputs, mut files, mut outside) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for path in &self.reads {
            match self.owner(path) {
                // An asset can't be its own input.
                Some(Owner::Asset(asset)) if asset == *self.expected.asset => {
                    outside.insert(self.shown(path));
                }
                // The rows of the source are already an input; the program reads the file in addition.
                Some(Owner::Source(asset)) if self.expected.written_inputs.contains(&asset.to_string()) => {
                    files.insert(self.shown(path));
                }
                Some(Owner::Asset(asset) | Owner::Source(asset)) => {
                    inputs.insert(asset.to_string());
                }
                None if path.starts_with(self.expected.root) => {
                    files.insert(self.shown(path));
                }
                Some(Owner::Dp) | None => {
                    outside.insert(self.shown(path));
                }
            }
        }
        let mut lines = Vec::new();
        let with = |known: &[String], found: &BTreeSet<String>| {
            list(&known.iter().chain(found.iter().take(5)).cloned().collect::<Vec<_>>())
        };
        if !files.is_empty() {
            lines.push(format!("`files = {}` under [command]", with(self.expected.written_files, &files)));
        }
        if !inputs.is_empty() {
            lines.push(format!("`inputs = {}` under [command]", with(self.expected.written_inputs, &inputs)));
        }
        if !outside.is_empty() {
            lines.push(format!("`[allow]` with `read = {}`", with(&[], &outside)));
        }
        format!("add {}; until then dp watches it as an observed input", text::and(lines))
    }
}

fn allow_line(verb: &str, what: &BTreeSet<String>) -> String {
    let key = match verb {
        "reading" => "read",
        "changing" => "write",
        _ => "connect",
    };
    format!("{key} = {}", list(&what.iter().take(5).cloned().collect::<Vec<_>>()))
}

/// Returns a TOML array.
fn list(items: &[String]) -> String {
    let items: Vec<_> = items.iter().map(|item| format!("{item:?}")).collect();
    format!("[{}]", items.join(", "))
}

/// Returns a path for display and for the state: relative to the project if it is inside it.
pub(super) fn shown(path: &Path, root: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    if path.as_os_str().is_empty() { ".".to_owned() } else { path.to_string_lossy().into_owned() }
}

/// Returns the Python source of a cached bytecode file.
fn source_of_bytecode(path: &Path) -> Option<PathBuf> {
    let folder = path.parent().filter(|folder| folder.ends_with("__pycache__"))?;
    let name = path.file_name()?.to_str()?.strip_suffix(".pyc")?;
    let module = name.split('.').next()?;
    Some(folder.parent()?.join(format!("{module}.py")))
}

/// Whether a path leads through the `/proc` folders of a process, which don't exist after it has ended.
fn is_of_a_process(path: &Path) -> bool {
    let parts: Vec<&str> = path.iter().filter_map(|part| part.to_str()).collect();
    let Some(within) = parts.strip_prefix(&["/", "proc"]) else {
        return false;
    };
    within.iter().position(|part| ["cwd", "root"].contains(part)).is_some_and(|place| place + 1 < within.len())
}

/// Whether a path outside `/proc` leads into it: the target depends on the process that follows it.
fn is_process_link(access: &Access) -> bool {
    let is_there = |path: &Path| path.starts_with("/proc") || path.starts_with("/dev");
    access.real.starts_with("/proc") && !is_there(&access.path)
}

/// Returns the dependence on a file from which a shim chooses the version to start, such as `~/.pyenv/version`.
fn choice_of_version(access: &Access, rule: &str) -> Option<Dependence> {
    let is_choice = rule == INTERPRETER && access.path.file_name().is_some_and(|name| name == "version");
    match access.what {
        What::Read if is_choice => Some(Dependence::Content(access.stamp)),
        What::Absent if is_choice => Some(Dependence::Absence),
        _ => None,
    }
}

fn below_one_of(path: &Path, folders: &[PathBuf]) -> bool {
    folders.iter().any(|folder| path.starts_with(folder))
}

/// The port of name servers. Most machines have a local one that forwards queries.
const NAME_SERVER: u16 = 53;

/// System sockets that libraries use: to resolve names and users, to write to the log, to reach the desktop.
const PLUMBING: [&str; 15] = [
    "/dev/log",
    "/run/systemd",
    "/run/dbus",
    "/run/nscd",
    "/run/nslcd",
    "/run/udev",
    "/run/uuidd",
    "/run/user",
    "/run/avahi-daemon",
    "/run/samba/winbindd",
    "/var/lib/sss",
    "/var/run/nscd",
    "/var/run/dbus",
    "/var/run/nslcd",
    "/tmp/.X11-unix",
];

fn is_plumbing(path: &Path) -> bool {
    PLUMBING.iter().any(|folder| path.starts_with(folder))
}

fn is_temporary(path: &Path, root: &Path) -> bool {
    !path.starts_with(root) && ["/tmp", "/var/tmp"].iter().any(|folder| path.starts_with(folder))
}

fn is_loopback(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_unspecified(),
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.to_ipv4_mapped().is_some_and(|address| address.is_loopback())
        }
    }
}

/// Returns a peer for display and for the state.
pub(super) fn contact_text(contact: &Contact) -> String {
    match contact {
        Contact::Network {
            address: IpAddr::V6(address),
            port,
            ..
        } => format!("[{address}]:{port}"),
        Contact::Network { address, port, .. } => format!("{address}:{port}"),
        Contact::Unix(path) => format!("unix:{}", path.display()),
        Contact::Abstract(name) => format!("unix:@{}", String::from_utf8_lossy(name)),
        Contact::Other(family) => format!("address family {family}"),
    }
}

fn admits(endpoint: &Endpoint, contact: &Contact) -> bool {
    match (endpoint, contact) {
        (
            Endpoint::Network { address, port },
            Contact::Network {
                address: there,
                port: at,
                ..
            },
        ) => address.is_none_or(|address| address == *there) && port.is_none_or(|port| port == *at),
        (Endpoint::Unix(folder), Contact::Unix(path)) => path.starts_with(folder),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{Asked, Link};

    const ROOT: &str = "/home/me/shop";

    fn access(what: What, path: &str) -> Access {
        let path = if path.starts_with('/') { PathBuf::from(path) } else { Path::new(ROOT).join(path) };
        Access {
            what,
            real: path.clone(),
            path,
            links: Vec::new(),
            asked: Asked::default(),
            to: None,
            contact: None,
            own_peer: false,
            arguments: Vec::new(),
            count: 1,
            first: 0,
            denied: false,
            by: "python3".to_owned(),
            stamp: None,
        }
    }

    fn contact(address: &str, port: u16) -> Access {
        Access {
            contact: Some(Contact::Network {
                address: address.parse().unwrap(),
                port,
                protocol: None,
            }),
            ..access(What::Contacted, "/")
        }
    }

    fn judged(accesses: &[Access]) -> Judged {
        let root = Path::new(ROOT);
        let noise = Noise::new(root, Some(Path::new("/home/me")), &[], []);
        let asset = AssetName::new("ml", "scores").unwrap();
        let inputs = BTreeMap::from([(
            root.join(".dp/store/staging.orders/0/data.parquet"),
            AssetName::new("staging", "orders").unwrap(),
        )]);
        let code = BTreeSet::from([root.join("scripts/score.py")]);
        judge(
            accesses,
            &SeenBy::All,
            &Expected {
                root,
                noise: &noise,
                owners: &Owners {
                    warehouse: "warehouse".into(),
                    ..Owners::default()
                },
                asset: &asset,
                own: &root.join(".dp/tmp/work-1-a"),
                inputs: &inputs,
                code: &code,
                read: &[PathBuf::from("/srv/models")],
                write: &[],
                connect: &[],
                written_files: &["scripts/score.py".to_owned()],
                written_inputs: &[],
                search: &[PathBuf::from("/home/me/bin")],
                judgement: Judgement::Warn,
                refreshes: false,
                seen: Seen::Observed,
            },
        )
    }

    #[test]
    fn what_is_declared_is_no_dependence_and_no_surprise() {
        let judged = judged(&[
            access(What::Read, "scripts/score.py"),
            access(What::Read, ".dp/store/staging.orders/0/data.parquet"),
            access(What::Created, ".dp/tmp/work-1-a/output.parquet"),
            access(What::Read, "/usr/lib/python3/os.py"),
        ]);
        assert!(judged.notices.is_empty() && judged.depends.is_empty());
        assert_eq!(judged.everything.len(), 4);
        assert_eq!(judged.effects.len(), 4, "two of them are folded, one a rule");
    }

    #[test]
    fn what_is_not_declared_counts_and_the_line_to_add_is_named() {
        let judged = judged(&[access(What::Read, "config.json"), access(What::Read, "warehouse/prod/a/b.parquet")]);
        assert_eq!(judged.depends.len(), 2);
        let help = judged.notices[0].help_text();
        assert!(
            help.contains("files = [\"scripts/score.py\", \"config.json\"]") && help.contains("inputs = [\"a.b\"]"),
            "{help}"
        );
    }

    #[test]
    fn what_is_allowed_counts_and_surprises_nobody() {
        let judged = judged(&[access(What::Read, "/srv/models/a.bin")]);
        assert!(judged.notices.is_empty());
        assert_eq!(judged.depends.len(), 1);
    }

    #[test]
    fn look_ups_that_failed_and_folders_that_were_listed_count() {
        let judged = judged(&[access(What::Absent, "override.json"), access(What::Listed, "data")]);
        assert!(judged.notices.is_empty());
        let kinds: Vec<_> = judged.depends.values().flatten().cloned().collect();
        assert_eq!(kinds, [Dependence::Names(None), Dependence::Absence]);
    }

    #[test]
    fn the_source_of_cached_bytecode_counts() {
        let judged = judged(&[access(What::Read, "lib/__pycache__/tools.cpython-311.pyc")]);
        assert_eq!(judged.depends.keys().collect::<Vec<_>>(), [&Path::new(ROOT).join("lib/tools.py")]);
    }

    #[test]
    fn what_it_made_itself_is_no_surprise_and_counts_as_it_left_it() {
        let judged = judged(&[access(What::Created, "cache.bin"), access(What::Read, "cache.bin")]);
        assert_eq!(judged.depends.len(), 1);
        assert!(judged.changed.contains(&Path::new(ROOT).join("cache.bin")));
        assert!(matches!(judged.notices[..], [Notice::UndeclaredWrite { .. }]));
    }

    #[test]
    fn no_way_around_hides_an_input() {
        let own = ".dp/tmp/work-1-a/tmp/link";
        let config = Path::new(ROOT).join("config.json");
        let through = Access {
            real: config.clone(),
            ..access(What::Read, own)
        };
        assert!(judged(&[access(What::Created, own), through]).depends.contains_key(&config), "a link of its own");
        let moved = Access {
            to: Some(Path::new(ROOT).join("c2")),
            ..access(What::Renamed, "config.json")
        };
        let found = judged(&[moved, access(What::Read, "c2")]);
        assert!(found.depends.contains_key(&config), "a file under another name");
        let process = judged(&[access(What::Read, "/proc/self/cwd/config.json")]);
        assert_eq!(process.depends.values().flatten().collect::<Vec<_>>(), [&Dependence::Unknown]);
        assert!(judged(&[access(What::Listed, "/proc/self/fd")]).depends.is_empty());
    }

    fn stamp(inode: u64) -> Stamp {
        Stamp {
            device: 1,
            inode,
            size: 1,
            mtime_ns: 1,
            ctime_ns: 1,
        }
    }

    #[test]
    fn a_path_counts_in_each_way_in_which_it_was_used() {
        let link = Path::new(ROOT).join("current");
        let through = |what, path: &str| Access {
            links: vec![Link {
                path: link.clone(),
                stamp: stamp(7),
            }],
            ..access(what, path)
        };
        let looked = |path: &str, stat, link| Access {
            asked: Asked { stat, link },
            stamp: Some(stamp(8)),
            ..access(What::Looked, path)
        };
        let found = judged(&[through(What::Read, "current/in.csv"), looked("current/in.csv", true, false)]);
        let ways = &found.depends[&link.join("in.csv")];
        assert_eq!(ways, &[Dependence::Content(None), Dependence::Stat(Some(stamp(8)))]);
        assert_eq!(found.depends[&link], [Dependence::Link(Some(stamp(7)))]);
        let found = judged(&[looked("x", false, true), access(What::Looked, "y")]);
        assert_eq!(
            found.depends.values().collect::<Vec<_>>(),
            [&vec![Dependence::Link(Some(stamp(8)))], &vec![Dependence::Presence]]
        );
        let found = judged(&[through(What::Read, "scripts/score.py")]);
        assert_eq!(found.depends.keys().collect::<Vec<_>>(), [&link], "declared bytes, behind a link");
    }

    #[test]
    fn what_dp_keeps_is_no_input_and_what_is_published_counts_by_its_lasting_path() {
        let shown = Path::new(ROOT).join("warehouse/prod/staging/orders.parquet");
        let depends = |accesses: &[Access]| judged(accesses).depends;
        let read = |path: &str| access(What::Read, path);
        let walk = [
            access(What::Listed, ".dp"),
            access(What::Listed, ".dp/tmp"),
            read(".dp/state.db"),
            read(".dp/published/prod/catalogue.duckdb"),
            read(".dp/published/prod/3f9a/prod.duckdb"),
        ];
        assert!(depends(&walk).is_empty());
        let led = [walk.as_slice(), &[read(".dp/published/prod/3f9a/staging/orders.parquet")]].concat();
        assert_eq!(depends(&led).keys().collect::<Vec<_>>(), [&shown], "it was led there");
        assert_eq!(depends(&[access(What::Read, ".dp/state.db")]).len(), 1, "it was asked for by its name");
        for path in
            [".dp/published/prod/3f9a/staging/orders.parquet", ".dp/published/prod/schemas/staging-81c2/orders.parquet"]
        {
            assert_eq!(depends(&[access(What::Read, path)]).keys().collect::<Vec<_>>(), [&shown], "{path}");
        }
        let asked = Access {
            asked: Asked {
                stat: true,
                link: true,
            },
            ..access(What::Looked, "warehouse/prod/staging/orders.parquet")
        };
        assert_eq!(depends(std::slice::from_ref(&asked))[&shown], [Dependence::Content(None)]);
        let own = Access {
            path: Path::new(ROOT).join("warehouse/prod/ml/scores.parquet"),
            ..asked
        };
        assert!(
            depends(&[own, access(What::Listed, "warehouse/prod"), access(What::Absent, "warehouse/prod/ml")])
                .is_empty()
        );
        let listed = depends(&[access(What::Listed, ".dp/published/prod/schemas/staging-81c2")]);
        assert_eq!(listed.keys().collect::<Vec<_>>(), [shown.parent().unwrap()]);
    }

    #[test]
    fn what_git_reads_counts_and_its_objects_do_not() {
        let found = judged(&[
            access(What::Read, ".git/HEAD"),
            access(What::Absent, ".git/refs/heads/main"),
            access(What::Read, ".git/packed-refs"),
            access(What::Read, ".git/objects/pack/x.pack"),
            access(What::Listed, ".git/objects/pack"),
            access(What::Looked, ".git/index"),
            access(What::Absent, ".git/index.lock"),
        ]);
        let paths: Vec<_> =
            found.depends.keys().map(|path| path.strip_prefix(ROOT).unwrap().display().to_string()).collect();
        assert_eq!(paths, [".git/HEAD", ".git/packed-refs", ".git/refs/heads/main"]);
        assert!(found.notices.is_empty(), "it surprises nobody");
    }

    #[test]
    fn what_was_refused_in_its_own_folder_is_told() {
        let refused = Access {
            real: Path::new(ROOT).join("config.json"),
            denied: true,
            ..access(What::Read, ".dp/tmp/work-1-a/link")
        };
        assert!(judged(&[refused]).denied);
    }

    #[test]
    fn a_change_of_what_belongs_to_another_is_named() {
        let judged = judged(&[access(What::Wrote, "warehouse/prod/staging/orders.parquet")]);
        let [Notice::ForeignWrite { owner, .. }] = &judged.notices[..] else {
            panic!("{:?}", judged.notices);
        };
        assert_eq!(owner, "`staging.orders`");
    }

    #[test]
    fn whoever_is_no_part_of_the_program_is_a_surprise() {
        let own = Access {
            own_peer: true,
            ..contact("127.0.0.1", 8080)
        };
        let judged_ = judged(&[own, contact("127.0.0.53", 53), contact("::1", 5432), contact("192.0.2.7", 443)]);
        assert_eq!(judged_.contacted.iter().collect::<Vec<_>>(), ["192.0.2.7:443", "[::1]:5432"]);
        assert_eq!(judged_.notices.len(), 1);
        let unix = |path: &str| Access {
            contact: Some(Contact::Unix(path.into())),
            ..access(What::Contacted, path)
        };
        let made = access(What::Created, "/tmp/own.sock");
        let peers =
            ["/run/docker.sock", "/run/systemd/resolve/io.systemd.Resolve", "/run/nscd/socket", "/tmp/own.sock"];
        let judged_ = judged(&[vec![made], peers.map(unix).to_vec()].concat());
        assert_eq!(judged_.contacted.iter().collect::<Vec<_>>(), ["unix:/run/docker.sock"]);
    }
}
