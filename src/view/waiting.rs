//! A line that shows the current work while there is no other output.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget};

use super::bars::{elapsed, line_style};
use super::style::Theme;

/// Shorter work shows no line.
const DELAY: Duration = Duration::from_millis(500);
const TICK: Duration = Duration::from_millis(100);

/// Shows the line until it is dropped; a thread animates it.
#[derive(Debug)]
pub struct Waiting(Option<(Sender<()>, JoinHandle<()>)>);

impl Waiting {
    /// Shows the line on `target`, which may be hidden; `says` returns the text, or `None` to show nothing.
    pub fn new(target: ProgressDrawTarget, theme: &Theme, says: impl Fn() -> Option<String> + Send + 'static) -> Self {
        if target.is_hidden() {
            return Self(None);
        }
        let line = ProgressBar::with_draw_target(None, target).with_style(line_style(theme));
        let (stop, stopped) = channel();
        let begun = Instant::now();
        let thread = std::thread::spawn(move || {
            while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                let now = Instant::now();
                let words = if now.duration_since(begun) >= DELAY { says() } else { None };
                if let Some(words) = words {
                    line.set_message(format!("{words}  {}", elapsed(now, begun)));
                    line.tick();
                }
            }
            line.finish_and_clear();
        });
        Self(Some((stop, thread)))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.0.take() {
            drop(stop);
            // A panic of this thread only affects the line.
            drop(thread.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nobody_looks_nothing_runs() {
        let waiting = Waiting::new(ProgressDrawTarget::hidden(), &Theme::plain(60), || None);
        assert!(waiting.0.is_none());
    }
}
