//! Shows on the terminal what operations say while they work.

use std::any::Any;
use std::sync::Arc;

use crate::base::{text, trace};
use crate::ops::{Listener, Notice};
use crate::run::Recovered;
use crate::ui::Ui;
use crate::view::Waiting;

/// The screen, as operations see it.
pub(super) struct Screen(Arc<Ui>);

impl Screen {
    pub(super) fn new(ui: Arc<Ui>) -> Self {
        Self(ui)
    }

    fn recovered(&self, recovered: &Recovered) {
        if let Some(sentence) = recovered.sentence() {
            self.0.status(&format!("{sentence}\n"));
        }
        if !recovered.behind.is_empty() {
            self.0.warning(&format!(
                "{} did not end: links, the catalogue or exports are not yet what is on record; the next command that writes, \
                 such as `dp apply`, puts them in place",
                text::and(&recovered.behind)
            ));
        }
        for what in &recovered.not_in_place {
            self.0.warning(what);
        }
    }
}

impl Listener for Screen {
    fn notice(&self, notice: &Notice<'_>) {
        match notice {
            Notice::Waiting(Some(holder)) => self.0.status(&format!("Waiting for {holder}.")),
            Notice::Waiting(None) => self.0.status("Waiting for another run."),
            Notice::Recovered(recovered) => self.recovered(recovered),
            Notice::NotRecovered(error) => {
                self.0.warning(&format!("what an earlier run left can't be put in order now: {error}"));
            }
            Notice::ChecksLeftOut(Some(files)) => self.0.status(&format!(
                "The checks of {files} were not run, because of mistakes; `dp validate` names them.\n"
            )),
            Notice::ChecksLeftOut(None) => {
                self.0.status("The project has mistakes, so its checks were not run; `dp validate` names them.\n");
            }
            Notice::LinksLeft(environment, why) => self.0.warning(&format!(
                "the links of `{environment}` still show what was published last, until the next apply there: {why}"
            )),
            Notice::Changed => {
                self.0.status("Something moved since this was shown; this is what it comes to now.");
            }
        }
    }

    /// Shows the current phase on a terminal.
    fn working(&self) -> Box<dyn Any> {
        let says = || {
            let doing = trace::now().filter(|doing| doing.name != "all")?;
            Some(match doing.of {
                0 => doing.name.to_owned(),
                of => {
                    let of = text::grouped(of as u64);
                    format!("{}: {} of {of}", doing.name, text::grouped(doing.done as u64))
                }
            })
        };
        Box::new(Waiting::new(self.0.bars(), self.0.status_theme(), says))
    }
}
