//! The event log as JSON lines; optionally follows the log.

use std::convert::Infallible;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::exit::Exit;
use super::session::Session;
use crate::base::text;
use crate::ledger::sqlite::{EventFilter, EventRow, Reader};
use crate::model::{AssetName, RunId};
use crate::ops::{OpError, RequestError};
use crate::project::parse_duration;

/// What `dp events` takes.
#[derive(Debug, Args)]
pub(super) struct EventsArgs {
    /// Keep printing events as they happen, until Ctrl-C
    #[arg(short, long)]
    follow: bool,
    /// Print only events after WHEN: a duration ago (`2h`), a time (`2026-01-05T10:00:00Z`) or the `id` of an event
    #[arg(long, value_name = "WHEN")]
    since: Option<Since>,
    /// Print only events of this run
    #[arg(long, value_name = "RUN")]
    run: Option<RunId>,
    /// Print only events about this asset
    #[arg(long, value_name = "ASSET")]
    asset: Option<AssetName>,
}

/// The start of the requested events as the user wrote it. It is interpreted when the clock is available.
#[derive(Clone, Debug)]
struct Since(String);

impl FromStr for Since {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

/// The number of events per read, which limits how long the state is held.
const BATCH: usize = 1_000;

/// How long a follower waits between two reads.
const PAUSE: Duration = Duration::from_millis(200);

/// The progress through the log.
struct Told {
    filter: EventFilter,
    /// The last event that was read.
    last: i64,
    /// Whether any event was printed.
    any: bool,
}

pub(super) fn run(args: &EventsArgs, session: &mut Session) -> Result<Exit, OpError> {
    let (last, since) = args.since.as_ref().map_or(Ok((0, None)), |since| beginning(since, session.now()))?;
    let mut told = Told {
        filter: EventFilter {
            since,
            run: args.run,
            asset: args.asset.clone(),
        },
        last,
        any: false,
    };
    // Installed before any output, so that a signal finds the handler.
    let stop = args.follow.then(stop_on_signals);
    let reader = session.reader()?;
    if let Some(reader) = &reader {
        told.tell(reader, session)?;
    }
    let Some(stop) = stop else {
        expect_known(args, &told, reader.as_ref(), session)?;
        return Ok(Exit::Done);
    };
    drop(reader);
    let folder = session.dp_folder()?;
    while !stop.load(Ordering::SeqCst) && !session.ui.reader_leaves_within(PAUSE) {
        // Opened again each time: a restored state is another file.
        if let Some(reader) = Reader::open(&folder)? {
            told.tell(&reader, session)?;
        }
    }
    Ok(Exit::Done)
}

/// Returns the id after which events are requested, or the time of the first one.
fn beginning(since: &Since, now: Timestamp) -> Result<(i64, Option<Timestamp>), OpError> {
    let text = since.0.trim();
    if let Ok(id) = text.parse::<i64>()
        && id >= 0
    {
        return Ok((id, None));
    }
    let ago = parse_duration(text).and_then(|seconds| i64::try_from(seconds).ok());
    if let Some(moment) = ago.and_then(|seconds| now.checked_sub(SignedDuration::from_secs(seconds)).ok()) {
        return Ok((0, Some(moment)));
    }
    match text.parse::<Timestamp>() {
        Ok(moment) => Ok((0, Some(moment))),
        Err(_) => Err(RequestError::Since {
            written: since.0.clone(),
        }
        .into()),
    }
}

impl Told {
    /// Prints the new events.
    fn tell(&mut self, reader: &Reader, session: &Session) -> Result<(), OpError> {
        let end = reader.last_event()?;
        // After a restore the log may be shorter; later events are new.
        if self.any {
            self.last = self.last.min(end);
        }
        while self.last < end && !session.ui.reader_is_gone() {
            let rows = reader.events_like(&self.filter, self.last, BATCH)?;
            let whole = rows.len() < BATCH;
            let mut lines = String::new();
            for row in rows {
                self.last = row.id;
                self.any = true;
                lines.push_str(&crate::view::json_line(&line(row)));
                lines.push('\n');
            }
            if !lines.is_empty() {
                session.out(&lines)?;
            }
            if whole {
                self.last = self.last.max(end);
            }
        }
        Ok(())
    }
}

/// Returns the line that `dp apply --json` printed, with the id.
fn line(row: EventRow) -> Value {
    let mut event = json!({ "id": row.id, "time": row.time, "run": row.run, "event": row.event });
    if let Some(asset) = row.asset {
        event["asset"] = json!(asset);
    }
    if let (Some(event), Value::Object(data)) = (event.as_object_mut(), row.data) {
        event.extend(data);
    }
    event
}

/// Returns an error if the requested asset or run does not exist.
fn expect_known(args: &EventsArgs, told: &Told, reader: Option<&Reader>, session: &Session) -> Result<(), OpError> {
    if told.any {
        return Ok(());
    }
    let not_found = |name: String, help: String| Err(RequestError::NotFound { name, help }.into());
    if let Some(run) = args.run
        && reader.map(|reader| reader.run(run)).transpose()?.flatten().is_none()
    {
        return not_found(run.to_string(), "`dp history` lists the runs".to_owned());
    }
    if let Some(asset) = &args.asset {
        let (project, broken) = session.declared()?;
        let recorded = reader.map(|reader| reader.last_effect_run(asset)).transpose()?.flatten();
        if recorded.is_none() && !project.assets.contains_key(asset) && !broken.contains(asset) {
            let help = text::did_you_mean(asset.as_str(), project.assets.keys().map(AssetName::as_str))
                .unwrap_or_else(|| "`dp status` lists the assets".to_owned());
            return not_found(asset.to_string(), help);
        }
    }
    Ok(())
}

/// Handles Ctrl-C and SIGTERM as the normal end of a follower.
fn stop_on_signals() -> Arc<AtomicBool> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // If the signal can't be handled, it ends the process, which is harmless.
        drop(signal_hook::flag::register(signal, Arc::clone(&stop)));
    }
    stop
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_are_ids_durations_and_moments() {
        let now: Timestamp = "2026-01-05T10:00:00Z".parse().unwrap();
        let of = |text: &str| beginning(&Since(text.to_owned()), now).ok();
        let at = |text: &str| Some((0, Some(text.parse::<Timestamp>().unwrap())));
        assert_eq!(of("17"), Some((17, None)));
        assert_eq!(of("0"), Some((0, None)));
        assert_eq!(of("2h"), at("2026-01-05T08:00:00Z"));
        assert_eq!(of("1h 30m"), at("2026-01-05T08:30:00Z"));
        assert_eq!(of("2026-01-04T09:00:00+01:00"), at("2026-01-04T08:00:00Z"));
        for text in ["", "yesterday", "-1", "2026-01-04"] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
