//! One command, run and measured; and what comes of running it more than once.

use std::error::Error;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// GNU time tells the peak memory of a command.
const TIME: &str = "/usr/bin/time";

/// One timed run.
pub(crate) struct Run {
    pub(crate) output: Output,
    pub(crate) elapsed: Duration,
    /// User and system time, in seconds.
    pub(crate) cpu: Option<f64>,
    pub(crate) peak_kib: Option<u64>,
}

impl Run {
    /// Runs a program in a folder; `usage` is a file that GNU time may write to.
    pub(crate) fn of<S: AsRef<OsStr>>(program: &Path, args: &[S], folder: &Path, usage: &Path) -> Result<Self> {
        let mut command = if Path::new(TIME).exists() {
            let mut command = Command::new(TIME);
            command.args(["-q", "-f", "%M %U %S", "-o"]).arg(usage).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.args(args).current_dir(folder).env("NO_COLOR", "1").env_remove("DP_PROJECT").env_remove("DP_ENV");
        let start = Instant::now();
        let output = command.output()?;
        let elapsed = start.elapsed();
        let usage = fs::read_to_string(usage).unwrap_or_default();
        let mut usage = usage.split_whitespace();
        let peak_kib = usage.next().and_then(|text| text.parse().ok());
        let cpu: Vec<f64> = usage.filter_map(|text| text.parse().ok()).collect();
        Ok(Self {
            output,
            elapsed,
            cpu: (cpu.len() == 2).then(|| cpu.iter().sum()),
            peak_kib,
        })
    }

    /// The run itself if it exits so, and else what it said.
    pub(crate) fn expect(self, exit: i32, what: &str) -> Result<Self> {
        if self.output.status.code() == Some(exit) {
            return Ok(self);
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).chars().take(4000).collect::<String>();
        let (stdout, stderr) = (text(&self.output.stdout), text(&self.output.stderr));
        Err(format!("{what}: {}, not {exit}\n{stdout}\n{stderr}", self.output.status).into())
    }
}

/// What is known of a command after all its runs; `vs` names what it is held against.
pub(crate) struct Line {
    pub(crate) what: &'static str,
    /// From the fastest to the slowest.
    pub(crate) times: Vec<Duration>,
    /// Of the median run.
    pub(crate) cpu: Option<f64>,
    /// The most of all runs.
    pub(crate) peak_kib: Option<u64>,
    /// The `what` of the floor that it is held against.
    pub(crate) floor: Option<&'static str>,
}

impl Line {
    pub(crate) fn new(what: &'static str, floor: Option<&'static str>, mut runs: Vec<Run>) -> Self {
        runs.sort_by_key(|run| run.elapsed);
        Self {
            what,
            cpu: runs[runs.len() / 2].cpu,
            peak_kib: runs.iter().filter_map(|run| run.peak_kib).max(),
            times: runs.iter().map(|run| run.elapsed).collect(),
            floor,
        }
    }

    pub(crate) fn median(&self) -> f64 {
        self.times[self.times.len() / 2].as_secs_f64()
    }

    /// As a row of the table; ratios are by the clock and by CPU.
    fn row(&self, lines: &[Self]) -> String {
        let seconds = |time: &Duration| show(time.as_secs_f64());
        let spread = match &self.times[..] {
            [first, .., last] => format!("{} – {} ({})", seconds(first), seconds(last), self.times.len()),
            _ => "(1)".to_owned(),
        };
        let dash = || "–".to_owned();
        let cpu = self.cpu.map_or_else(dash, show);
        let peak = self.peak_kib.map_or_else(dash, |kib| format!("{} MiB", kib / 1024));
        let ratio =
            self.floor.and_then(|floor| lines.iter().find(|line| line.what == floor)).map_or_else(dash, |floor| {
                let ratio =
                    |own: f64, floor: f64| if floor > 0.0 { format!("{:.1}", own / floor) } else { "–".to_owned() };
                let cpu = self.cpu.zip(floor.cpu).map_or_else(dash, |(own, floor)| ratio(own, floor));
                format!("{} · {cpu}", ratio(self.median(), floor.median()))
            });
        format!("| {} | {} | {spread} | {cpu} | {peak} | {ratio} |", self.what, show(self.median()))
    }
}

/// All lines as a table in Markdown.
pub(crate) fn table(lines: &[Line]) -> String {
    let mut text = "| command | median | fastest – slowest (runs) | CPU | peak memory | × its floor: clock · CPU |\n\
                    |---|---:|---:|---:|---:|---:|\n"
        .to_owned();
    for line in lines {
        text.push_str(&line.row(lines));
        text.push('\n');
    }
    text
}

pub(crate) fn show(seconds: f64) -> String {
    if seconds < 1.0 { format!("{:.0} ms", seconds * 1000.0) } else { format!("{seconds:.2} s") }
}
