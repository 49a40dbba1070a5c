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
                "{} did not end, so links, the catalogue or exports may be outdated; the next command that writes, \
                 such as `dp apply`, updates them",
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
                self.0.warning(&format!("could not recover the previous run: {error}; the next command that writes, such as `dp apply`, tries again"));
            }
            Notice::ChecksLeftOut(Some(files)) => self.0.status(&format!(
                "dp did not run the checks of {files}, which contain mistakes; `dp validate` lists them.\n"
            )),
            Notice::ChecksLeftOut(None) => {
                self.0.status("dp did not run the checks, because the project has mistakes; `dp validate` lists them.\n");
            }
            Notice::LinksLeft(environment, why) => self.0.warning(&format!(
                "the links of `{environment}` still lead to the versions from before the restore, until the next apply there: {why}"
            )),
            Notice::Changed { is_plan: true } => {
                self.0.status("The project changed since the plan was shown. New plan:");
            }
            Notice::Changed { is_plan: false } => self.0.status("The state changed since this was shown. New result:"),
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
