use std::collections::BTreeMap;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::style::Theme;
use super::text::one_line;
use crate::base::text;
use crate::model::AssetName;

/// Shorter runs show no bar.
pub const DELAY: Duration = Duration::from_millis(250);
const TICK: Duration = Duration::from_millis(100);
/// The maximum number of running assets with their own line.
const MOST_LINES: usize = 8;

/// One bar for the run and a line per running asset.
///
/// A thread animates them, because a long step sends no event. The thread ends when the value is dropped.
pub(super) struct Bars {
    state: Arc<Mutex<State>>,
    clock: Option<(Sender<()>, JoinHandle<()>)>,
}

struct State {
    all: MultiProgress,
    theme: Theme,
    started: Option<Instant>,
    total: u64,
    finished: u64,
    running: BTreeMap<AssetName, Running>,
    overall: Option<ProgressBar>,
}

struct Running {
    work: String,
    since: Instant,
    line: Option<ProgressBar>,
}

impl Bars {
    pub(super) fn new(target: ProgressDrawTarget, theme: Theme) -> Self {
        let is_hidden = target.is_hidden();
        let state = Arc::new(Mutex::new(State {
            all: MultiProgress::with_draw_target(target),
            theme,
            started: None,
            total: 0,
            finished: 0,
            running: BTreeMap::new(),
            overall: None,
        }));
        let clock = (!is_hidden).then(|| tick_until_dropped(Arc::clone(&state)));
        Self { state, clock }
    }

    pub(super) fn start(&mut self, steps: usize) {
        let mut state = lock(&self.state);
        state.total = steps as u64;
        state.started = Some(Instant::now());
    }

    pub(super) fn begin(&mut self, asset: &AssetName, work: &str) {
        let running = Running {
            work: one_line(work).into_owned(),
            since: Instant::now(),
            line: None,
        };
        lock(&self.state).running.insert(asset.clone(), running);
    }

    pub(super) fn end(&mut self, asset: &AssetName) {
        let mut state = lock(&self.state);
        state.finished += 1;
        if let Some(line) = state.running.remove(asset).and_then(|running| running.line) {
            line.finish_and_clear();
            state.all.remove(&line);
        }
    }

    /// Removes everything from the screen until the next start.
    pub(super) fn finish(&mut self) {
        lock(&self.state).clear();
    }

    /// Runs a function that writes to the screen, with the bars hidden.
    pub(super) fn without(&self, write: impl FnOnce()) {
        lock(&self.state).all.suspend(write);
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        self.finish();
        if let Some((stop, thread)) = self.clock.take() {
            drop(stop);
            // A panic of this thread only affects the bars.
            drop(thread.join());
        }
    }
}

impl State {
    fn clear(&mut self) {
        self.started = None;
        for running in std::mem::take(&mut self.running).into_values() {
            if let Some(line) = running.line {
                line.finish_and_clear();
            }
        }
        if let Some(overall) = self.overall.take() {
            overall.finish_and_clear();
        }
        // If the screen can't be cleared, nothing else can be done.
        drop(self.all.clear());
    }

    fn tick(&mut self, now: Instant) {
        let Some(started) = self.started.filter(|started| now.duration_since(*started) >= DELAY) else {
            return;
        };
        let overall = self.overall.get_or_insert_with(|| {
            let bar = ProgressBar::new(self.total).with_style(overall_style(&self.theme));
            self.all.add(bar)
        });
        overall.set_position(self.finished);
        overall.set_message(elapsed(now, started));
        let style = line_style(&self.theme);
        let mut lines = self.running.values().filter(|running| running.line.is_some()).count();
        for (asset, running) in &mut self.running {
            if running.line.is_none() && lines < MOST_LINES {
                lines += 1;
                running.line = Some(self.all.add(ProgressBar::new_spinner().with_style(style.clone())));
            }
            if let Some(line) = &running.line {
                line.set_message(format!("{} {asset}  {}", running.work, elapsed(now, running.since)));
                line.tick();
            }
        }
    }
}

pub(super) fn elapsed(now: Instant, since: Instant) -> String {
    let ms = u64::try_from(now.duration_since(since).as_millis()).unwrap_or(u64::MAX);
    text::duration_ms(ms)
}

fn overall_style(theme: &Theme) -> ProgressStyle {
    let template =
        if theme.color { "  {bar:24.green} {pos}/{len}  {wide_msg}" } else { "  {bar:24} {pos}/{len}  {wide_msg}" };
    ProgressStyle::with_template(template).expect("dp's own template").progress_chars(theme.either("━╸─", "=>-"))
}

pub(super) fn line_style(theme: &Theme) -> ProgressStyle {
    ProgressStyle::with_template("  {spinner} {wide_msg}")
        .expect("dp's own template")
        .tick_chars(theme.either("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ", "-\\|/ "))
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn tick_until_dropped(state: Arc<Mutex<State>>) -> (Sender<()>, JoinHandle<()>) {
    let (stop, stopped) = channel();
    let thread = std::thread::spawn(move || {
        while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
            lock(&state).tick(Instant::now());
        }
    });
    (stop, thread)
}

#[cfg(test)]
mod tests {
    use std::io;

    use indicatif::TermLike;

    use super::*;

    #[derive(Clone, Debug, Default)]
    struct Screen(Arc<Mutex<String>>);

    impl Screen {
        fn write(&self, text: &str) {
            self.0.lock().unwrap().push_str(text);
        }
    }

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            60
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write(&format!("{text}\n"));
            Ok(())
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.write(text);
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            self.write("<clear>");
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    fn bars(screen: &Screen) -> Bars {
        let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
        let mut bars = Bars::new(target, Theme::plain(60));
        // The test controls the time.
        let (stop, thread) = bars.clock.take().unwrap();
        drop(stop);
        thread.join().unwrap();
        bars
    }

    #[test]
    fn bars_appear_after_a_while_and_go_away() {
        let screen = Screen::default();
        let mut bars = bars(&screen);
        bars.start(2);
        bars.begin(&"staging.orders".parse().unwrap(), "build");
        let now = Instant::now();
        lock(&bars.state).tick(now);
        assert_eq!(*screen.0.lock().unwrap(), "");
        lock(&bars.state).tick(now + DELAY);
        let shown = screen.0.lock().unwrap().clone();
        assert!(shown.contains("build staging.orders"), "{shown:?}");
        assert!(shown.contains("0/2"), "{shown:?}");
        bars.without(|| screen.write("<a line>"));
        let shown = screen.0.lock().unwrap().clone();
        let before = &shown[..shown.find("<a line>").unwrap()];
        assert!(before.trim_end().ends_with("<clear>"), "{before:?}");
        bars.end(&"staging.orders".parse().unwrap());
        bars.finish();
        screen.0.lock().unwrap().clear();
        lock(&bars.state).tick(now + DELAY * 9);
        assert_eq!(*screen.0.lock().unwrap(), "");
    }

    #[test]
    fn the_clock_ends_with_the_bars() {
        let screen = Screen::default();
        let mut bars = Bars::new(ProgressDrawTarget::term_like(Box::new(screen.clone())), Theme::plain(60));
        bars.start(1);
        drop(bars);
        assert_eq!(Arc::strong_count(&screen.0), 1);
        assert!(Bars::new(ProgressDrawTarget::hidden(), Theme::plain(60)).clock.is_none());
    }
}
