use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::fence::{Allowed, fence};
use super::given::{Given, InputFile, Place, extension};
use super::log::Log;
use super::mask::Mask;
use super::settle::settle;
use super::version::version;
use crate::base::{fs, layout, text};
use crate::effects::{Expected, Judged, Notice, judge};
use crate::model::{Aspect, Effect, ExportFormat, Format, PathState, ProgramRun, Seen, Sighting};
use crate::observe::FileHasher;
use crate::process::{self, Access, Ended, Exit, ProcessError, Seen as SeenBy, Snapshot, Task, Watch, What};
use crate::project::{Judgement, Output};
use crate::run::job::JobError;
use crate::seam::{BuildTask, Builder, Built, ExportTask, ReadError, SourceReader};

/// The outputs of a program, and what it did.
#[derive(Debug)]
pub(in crate::run) struct Made {
    pub left: Left,
    pub program: ProgramRun,
    pub effects: Vec<Effect>,
    pub notices: Vec<Notice>,
}

/// The outputs of a program, in the version's building folder.
#[derive(Debug, Default)]
pub(in crate::run) struct Left {
    /// The table, if the program has one.
    pub built: Option<Built>,
    /// Further files: name, file name in the building folder, and place in the project.
    pub files: Vec<(String, String, String)>,
    /// Further tables: name, and file name in the building folder.
    pub tables: Vec<(String, String)>,
}

/// Why a program made nothing usable.
#[derive(Debug)]
pub(in crate::run) struct Trouble {
    pub message: String,
    pub interrupted: bool,
    pub effects: Vec<Effect>,
    pub notices: Vec<Notice>,
}

/// The longest wait between two attempts, in seconds.
const LONGEST_WAIT: u64 = 60;

/// Runs the program of `given` until it leaves its outputs, at most as often as allowed. The outputs go to `folder`.
pub(in crate::run) fn run(
    given: &Given,
    folder: &Path,
    lists: &[BTreeSet<String>],
    export: Option<ExportTask>,
    builder: &mut dyn Builder,
) -> Result<Made, JobError> {
    let mask = Mask::new(given.program.environment.values().flat_map(|value| value.secrets.iter().cloned()));
    let logs = Path::new(layout::LOGS).join(given.run.to_string());
    let log = Log::create(&given.root, &logs.join(format!("{}.log", given.asset)), &mask)?;
    let work = given.root.join(layout::work_folder(std::process::id()));
    let place = Place::new(work.clone());
    let mut runner = Runner {
        given,
        place: &place,
        folder,
        mask: &mask,
        log: &log,
        builder,
        did: Did::default(),
    };
    let outcome = runner.attempts(lists, export.as_ref());
    log.finish()?;
    let everything = runner.outcome_of(outcome, &logs);
    fs::remove_folder(&work)?;
    everything
}

/// The result of one attempt.
struct Attempt {
    /// What this attempt and those before it did.
    judged: Judged,
    seen: Seen,
    /// Whether the program was started.
    started: bool,
    /// The outputs, or what is wrong with them.
    left: Result<Left, String>,
    interrupted: bool,
}

/// What all attempts did so far: each may have changed what the next one found.
#[derive(Debug, Default)]
struct Did {
    accesses: Vec<Access>,
    /// How completely the program was observed; `None` before the first attempt.
    seen: Option<SeenBy>,
    processor_ms: u64,
    peak_memory_bytes: u64,
}

impl Did {
    fn add(&mut self, ended: &mut Ended) {
        self.accesses.append(&mut ended.accesses);
        self.seen = Some(match self.seen.take() {
            Some(seen) => seen.and(ended.seen.clone()),
            None => ended.seen.clone(),
        });
        self.processor_ms += ended.user_ms + ended.system_ms;
        self.peak_memory_bytes = self.peak_memory_bytes.max(ended.peak_memory_bytes);
    }

    fn started(&self) -> Vec<PathBuf> {
        let started = self.accesses.iter().filter(|access| access.what == What::Started && !access.denied);
        started.map(|access| access.real.clone()).collect()
    }
}

struct Runner<'a> {
    given: &'a Given,
    place: &'a Place,
    folder: &'a Path,
    mask: &'a Mask,
    log: &'a Log,
    builder: &'a mut dyn Builder,
    did: Did,
}

impl Runner<'_> {
    fn attempts(&mut self, lists: &[BTreeSet<String>], export: Option<&ExportTask>) -> Result<Attempt, JobError> {
        let most = self.given.command.retries;
        for number in 0_u64.. {
            let attempt = self.attempt(lists, export)?;
            self.log.end_attempt();
            let Err(why) = &attempt.left else {
                return Ok(attempt);
            };
            if number >= most || attempt.interrupted || attempt.judged.denied {
                return Ok(attempt);
            }
            let seconds = 2_u64.saturating_pow(u32::try_from(number).unwrap_or(u32::MAX)).min(LONGEST_WAIT);
            self.log.line(&format!(
                "attempt {} of {} failed: {}; again in {seconds} s",
                number + 1,
                most + 1,
                self.mask.text(why)
            ));
            if self.given.stop.wait(Duration::from_secs(seconds)) {
                return Ok(Attempt {
                    interrupted: true,
                    ..attempt
                });
            }
        }
        unreachable!("the loop ends with the last attempt")
    }

    fn attempt(&mut self, lists: &[BTreeSet<String>], export: Option<&ExportTask>) -> Result<Attempt, JobError> {
        let given = self.given;
        fs::remove_folder(self.folder)?;
        fs::create_folder(self.folder, false)?;
        fs::remove_folder(self.place.folder())?;
        for folder in ["tmp", "tables", "files", "inputs"] {
            fs::create_folder(&self.place.folder().join(folder), true)?;
        }
        for (name, file) in &given.inputs {
            let format = given.command.input_format;
            let place = self.place.input(name, format);
            match file {
                // The program gets its own copy, so that its changes affect nothing else. File systems that can share
                // the blocks of two files do so.
                InputFile::Stored(stored) => {
                    fs::copy_plain(stored, &place, 0o444)?;
                }
                InputFile::Query(sql) => {
                    let is_parquet = format == ExportFormat::Parquet;
                    let task = BuildTask {
                        sql: sql.clone(),
                        schema: None,
                        file: if is_parquet { place.clone() } else { self.place.computed() },
                        lists: Vec::new(),
                        export: (!is_parquet).then_some(ExportTask {
                            file: place,
                            style: format.into(),
                        }),
                    };
                    self.builder.build(&task)?;
                    fs::remove_file(&self.place.computed())?;
                }
            }
        }
        let allowed = Allowed::of(given);
        let task = self.task(&allowed);
        let compares = given.surroundings.compare_only || process::can_watch().is_err();
        let left_out = [given.root.join(".dp"), given.root.join(".git")];
        let before = if compares && task.fence.is_none() { Some(Snapshot::of(&given.root, &left_out)?) } else { None };
        let output = |stream: process::Stream, bytes: &[u8]| self.log.push(stream, bytes);
        let mut ended = match process::run(&task, &output, &given.stop) {
            Ok(ended) => ended,
            Err(error) => {
                return Ok(Attempt {
                    judged: self.judged(Seen::Declared, &allowed),
                    seen: Seen::Declared,
                    started: false,
                    left: Err(format!("{error}{}", next_step(&error))),
                    interrupted: false,
                });
            }
        };
        let mut seen = Seen::Observed;
        if let SeenBy::Nothing(_) = &ended.seen {
            seen = Seen::Declared;
            if let Some(before) = before {
                ended.accesses = before.changes(&Snapshot::of(&given.root, &left_out)?);
                seen = Seen::Compared;
            }
        }
        self.did.add(&mut ended);
        let mut judged = self.judged(seen, &allowed);
        let only_left = matches!(ended.how, Exit::Code(_)) && ended.strays > 0 && ended.writers.is_empty();
        if only_left && given.command.judgement != Judgement::Record {
            judged.notices.push(Notice::left_running(&given.asset, ended.strays, &ended.stray_names));
        }
        let interrupted = ended.how == Exit::Stopped;
        let left = match failure(&ended, given) {
            Some(why) => Err(why),
            None if judged.denied => Err("it did something that is not allowed".to_owned()),
            None => self.left(lists, export)?,
        };
        Ok(Attempt {
            judged,
            seen,
            started: true,
            left,
            interrupted,
        })
    }

    fn task(&self, allowed: &Allowed) -> Task {
        let given = self.given;
        Task {
            program: given.program.found.clone(),
            name: OsString::from(&given.command.run[0]),
            arguments: given.command.run[1..].iter().map(OsString::from).collect(),
            folder: given.working_folder(),
            environment: given.environment(self.place),
            mark: Given::mark(self.place),
            outputs: given.outputs(self.place),
            timeout: given.command.timeout.map(Duration::from_secs),
            watch: if given.surroundings.compare_only { Watch::Nothing } else { Watch::Kernel },
            fence: fence(given, self.place, allowed),
        }
    }

    /// Compares what all attempts so far did with what the asset declares.
    fn judged(&self, seen: Seen, allowed: &Allowed) -> Judged {
        let given = self.given;
        let mut noise = given.surroundings.noise.clone();
        let home = given.surroundings.home.as_deref();
        noise.add_program(&given.program.file, &given.root, home);
        noise.add_program(&given.program.found, &given.root, home);
        for program in self.did.started() {
            noise.add_program(&program, &given.root, home);
        }
        let inputs: BTreeMap<PathBuf, _> =
            given.inputs.iter().map(|(name, _)| (given.input_file(self.place, name), name.clone())).collect();
        let code = given.program.code.iter().map(|file| given.root.join(&file.path));
        let written_files: Vec<String> = given.command.code.iter().map(|(path, _)| path.clone()).collect();
        let written_inputs: Vec<String> = given.command.inputs.iter().map(|(name, _)| name.to_string()).collect();
        let environment = given.environment(self.place);
        let path =
            environment.iter().find(|(name, _)| name == "PATH").map(|(_, value)| value.to_string_lossy().into_owned());
        let search: Vec<PathBuf> = path.unwrap_or_default().split(':').map(PathBuf::from).collect();
        let code = code.flat_map(|path| [fs::canonicalize(&path).ok(), Some(path)]).flatten();
        judge(
            &self.did.accesses,
            self.did.seen.as_ref().unwrap_or(&SeenBy::All),
            &Expected {
                root: &given.root,
                noise: &noise,
                owners: &given.surroundings.owners,
                asset: &given.asset,
                own: self.place.folder(),
                inputs: &inputs,
                code: &code.chain([given.program.file.clone(), given.program.found.clone()]).collect(),
                read: &allowed.read,
                write: &allowed.write,
                connect: &allowed.connect,
                written_files: &written_files,
                written_inputs: &written_inputs,
                search: &search,
                judgement: given.command.judgement,
                refreshes: given.refreshes,
                seen,
            },
        )
    }

    /// Whether the program itself may read the file: dp is not fenced, and a link can lead anywhere.
    fn may_read(&self, file: &Path) -> bool {
        let Some(fence) = fence(self.given, self.place, &Allowed::of(self.given)) else {
            return true;
        };
        let Ok(real) = fs::canonicalize(file) else {
            return false;
        };
        let is_in = |place: &PathBuf| fs::canonicalize(place).is_ok_and(|place| real.starts_with(place));
        fs::is_plain_file(file) || fence.read.iter().chain(&fence.write).any(is_in)
    }

    /// Takes the program's outputs into the building folder. The inner error is the program's fault.
    fn left(
        &mut self,
        lists: &[BTreeSet<String>],
        export: Option<&ExportTask>,
    ) -> Result<Result<Left, String>, JobError> {
        let command = &self.given.command;
        let mut left = Left::default();
        if let Some(output) = &command.output {
            let file = self.place.output(output);
            if !fs::is_file(&file) {
                return Ok(Err("it wrote no file to $DP_OUTPUT".to_owned()));
            }
            if !self.may_read(&file) {
                return Ok(Err("it wrote a link to $DP_OUTPUT, to a file that it may not read".to_owned()));
            }
            match self.table(output, &file, lists, export) {
                Ok(built) => left.built = Some(built),
                Err(error) if error.is_interrupt() => return Err(error.into()),
                Err(error) => {
                    let place = self.place.folder().display().to_string();
                    let message = error.message.replace(&format!("{place}/"), "");
                    return Ok(Err(format!("the file at $DP_OUTPUT is not valid {}: {message}", extension(output))));
                }
            }
            let lacks = left.built.as_ref().map(|built| built.schema.lacks(&self.given.contract)).unwrap_or_default();
            if !lacks.is_empty() {
                return Ok(Err(lacks.join("; ")));
            }
        }
        for name in command.outputs.keys() {
            let file = self.place.table(name);
            if !fs::is_file(&file) {
                return Ok(Err(format!("it wrote no file to $DP_OUTPUT_{}", crate::project::upper(name))));
            }
            if !self.may_read(&file) {
                let name = crate::project::upper(name);
                return Ok(Err(format!("it wrote a link to $DP_OUTPUT_{name}, to a file that it may not read")));
            }
            let stored = format!("table-{name}");
            fs::take(&file, &self.folder.join(&stored))?;
            left.tables.push((name.clone(), stored));
        }
        for made in &command.files {
            let file = self.place.file(&made.name);
            if !fs::is_file(&file) {
                return Ok(Err(format!("it wrote no file to $DP_FILE_{}", crate::project::upper(&made.name))));
            }
            if !self.may_read(&file) {
                let name = crate::project::upper(&made.name);
                return Ok(Err(format!("it wrote a link to $DP_FILE_{name}, to a file that it may not read")));
            }
            let stored = format!("file-{}", made.name);
            fs::take(&file, &self.folder.join(&stored))?;
            left.files.push((made.name.clone(), stored, made.path.clone()));
        }
        Ok(Ok(left))
    }

    fn table(
        &mut self,
        output: &Output,
        file: &Path,
        lists: &[BTreeSet<String>],
        export: Option<&ExportTask>,
    ) -> Result<Built, crate::seam::EngineError> {
        let reader = SourceReader {
            lenient: self.given.lenient.clone(),
            ..reader(output, file, &self.given.root, &self.given.contract)
        };
        let sql = self.builder.look(&reader).map_err(ReadError::into_engine_error)?.sql;
        self.builder.build(&BuildTask {
            sql,
            schema: None,
            file: self.folder.join(layout::DATA_FILE),
            lists: lists.to_vec(),
            export: export.cloned(),
        })
    }

    /// Turns the last attempt into the result, with messages and effects. The whole list of what the program did is
    /// written beside the log.
    fn outcome_of(&mut self, outcome: Result<Attempt, JobError>, logs: &Path) -> Result<Made, JobError> {
        let attempt = outcome?;
        let given = self.given;
        let mut effects: Vec<Effect> = attempt.judged.effects.iter().map(|effect| self.masked(effect)).collect();
        effects.extend(attempt.started.then(|| self.printed()));
        let list: String = attempt
            .judged
            .everything
            .iter()
            .map(|effect| serde_json::to_string(&self.masked(effect)).expect("dp's own values have a JSON form") + "\n")
            .collect();
        let mut file = fs::create_private(&given.root.join(logs).join(format!("{}.effects", given.asset)))?;
        file.write(list.as_bytes())?;
        let mask = |text: &str| self.mask.text(text);
        let notices: Vec<Notice> = attempt.judged.notices.iter().map(|notice| notice.clone().map(&mask)).collect();
        let why = match attempt.left {
            Ok(left) => {
                let mut hasher = FileHasher::new(&given.root, BTreeMap::new());
                let (depends, changed) = (&attempt.judged.depends, &attempt.judged.changed);
                let mut observed = settle(&given.root, &given.surroundings.noise, depends, changed, &mut hasher);
                for effect in &mut effects {
                    effect.content = effect.path.as_ref().and_then(|path| self.content(effect, path, &mut hasher));
                }
                for input in &mut observed {
                    let shown = self.mask.text(&input.path);
                    if shown != input.path {
                        // A path with a secret in it is not recorded, so dp can't inspect it again.
                        input.path = shown;
                        input.state = PathState::Unsettled;
                    }
                }
                let program = ProgramRun {
                    file: given
                        .program
                        .file
                        .strip_prefix(&given.root)
                        .unwrap_or(&given.program.file)
                        .display()
                        .to_string(),
                    version: version(given, self.place, &self.did.started()).map(|text| self.mask.text(&text)),
                    seen: attempt.seen,
                    observed,
                    contacted: attempt.judged.contacted.iter().map(|host| mask(host)).collect(),
                };
                return Ok(Made {
                    left,
                    program,
                    effects,
                    notices,
                });
            }
            Err(why) => why,
        };
        let mut message = self.mask.text(&why);
        if !attempt.judged.refused_noise.is_empty() {
            let refused = text::named(attempt.judged.refused_noise.iter().map(|path| mask(path)), 3);
            message.push_str(&format!("; it was denied access to {refused}, which `[allow]` can permit"));
        }
        if attempt.started && !attempt.judged.denied {
            let lines = self.log.last_lines();
            if lines.is_empty() {
                message.push_str("; it printed nothing");
            } else {
                message.push_str(&format!("; its last output:\n{}", lines.join("\n")));
                message.push_str(&format!("\n(full output: {})", self.log.path().display()));
            }
        }
        let told: Vec<String> = notices.iter().filter(|_| attempt.judged.denied).map(told).collect();
        if !told.is_empty() {
            message = told.join("\n");
        }
        Err(JobError::Program(Box::new(Trouble {
            message,
            interrupted: attempt.interrupted,
            effects,
            notices: notices.into_iter().filter(|notice| !matches!(notice, Notice::Denied { .. })).collect(),
        })))
    }

    /// Returns the hash of a file that the program wrote, or that it read inside the project.
    fn content(&self, effect: &Effect, path: &str, hasher: &mut FileHasher) -> Option<crate::model::Digest> {
        let is_change = matches!(effect.kind.as_str(), "wrote" | "created");
        if !is_change && (effect.kind != "read" || path.starts_with('/')) {
            return None;
        }
        let root = &self.given.root;
        match crate::observe::path_state(root, &self.given.surroundings.noise, path, Aspect::Content, hasher) {
            PathState::File(hash) => Some(hash),
            _ => None,
        }
    }

    fn masked(&self, effect: &Effect) -> Effect {
        let mut effect = effect.clone();
        effect.path = effect.path.map(|path| self.mask.text(&path));
        if let Some(sighting) = &mut effect.sighting {
            sighting.detail = sighting.detail.as_ref().map(|detail| self.mask.text(detail));
        }
        effect
    }

    /// Returns the program's output and resource use as an effect.
    fn printed(&self) -> Effect {
        let spent = format!(
            "{} of processor time, at most {} of memory",
            text::duration_ms(self.did.processor_ms),
            text::bytes(self.did.peak_memory_bytes)
        );
        Effect {
            asset: self.given.asset.clone(),
            kind: "printed".to_owned(),
            path: Some(self.log.path().display().to_string()),
            version: None,
            replaced: None,
            rows: None,
            bytes: Some(self.log.bytes()),
            ms: Some(self.did.processor_ms),
            content: None,
            sighting: Some(Sighting {
                seen: Seen::Observed,
                count: 1,
                declared: true,
                noise: None,
                detail: Some(spent),
            }),
        }
    }
}

/// How to read what a program left. The reader of text formats gets the types of the contract.
pub(in crate::run) fn reader(
    output: &Output,
    file: &Path,
    root: &Path,
    contract: &[(String, Option<String>)],
) -> SourceReader {
    SourceReader {
        root: root.to_owned(),
        lenient: BTreeSet::new(),
        kept: Vec::new(),
        format: output.format,
        files: vec![file.to_owned()],
        options: output.options.clone(),
        types: if output.format == Format::Parquet {
            Vec::new()
        } else {
            contract.iter().filter_map(|(name, data_type)| Some((name.clone(), data_type.clone()?))).collect()
        },
    }
}

/// Returns the help for a program that did not start.
fn next_step(error: &ProcessError) -> String {
    let help = miette::Diagnostic::help(error).map(|help| help.to_string());
    help.map(|help| format!("; {help}")).unwrap_or_default()
}

fn told(notice: &Notice) -> String {
    format!("{notice}; {}", notice.help_text())
}

/// Returns why an attempt failed, from the way in which the program ended; `None` if it ended well.
fn failure(ended: &Ended, given: &Given) -> Option<String> {
    match ended.how {
        Exit::Code(0) if !ended.writers.is_empty() => Some(format!(
            "it ended, but {} that it started still wrote an output{}; let the program wait for all writing processes (`wait` in a shell)",
            text::named(&ended.writers, 3),
            match given.command.timeout {
                Some(seconds) => format!(" after its timeout of {}", text::duration_ms(seconds * 1000)),
                None => " ten minutes later (set `timeout` to wait longer)".to_owned(),
            }
        )),
        Exit::Code(0) => None,
        Exit::Code(127) if given.command.judgement == Judgement::Deny => Some(
            "it exited with 127: a program that it starts does not exist, or it may not read the program".to_owned(),
        ),
        Exit::Code(code) => Some(format!("it exited with {code}")),
        Exit::Signal(signal) => Some(format!("signal {signal} ended it")),
        Exit::TimedOut => {
            let seconds = given.command.timeout.unwrap_or_default();
            Some(format!("it took longer than its timeout of {}", text::duration_ms(seconds * 1000)))
        }
        Exit::Stopped => Some("interrupted".to_owned()),
    }
}
