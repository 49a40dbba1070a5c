//! Settings of an asset that only affect dp's behaviour: a change of them never rebuilds the asset.

use super::{Asset, Refresh};
use crate::base::text;
use crate::model::{AssetSettings, Severity};

impl Asset {
    /// Returns the declared settings that do not affect the rows, as text; unset ones are left out.
    pub fn behaviour(&self) -> AssetSettings {
        let mut settings = AssetSettings::default();
        let mut set = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                settings.0.insert(name.to_owned(), value);
            }
        };
        set(AssetSettings::PROTECT, self.protect.then(|| "true".to_owned()));
        set("description", self.description.clone());
        set("owner", self.owner.clone());
        set("tags", (!self.tags.is_empty()).then(|| text::and(&self.tags)));
        set(
            "refresh",
            self.refresh.as_ref().map(|refresh| match refresh {
                Refresh::Always => "always".to_owned(),
                Refresh::After { written, .. } => written.clone(),
            }),
        );
        for column in &self.columns {
            set(&format!("description of {}", column.name), column.description.clone());
        }
        for check in &self.checks {
            let warns = check.severity == Severity::Warn;
            set(&format!("severity of {}", check.name), warns.then(|| "warn".to_owned()));
        }
        if let Some(command) = self.command() {
            set("timeout", command.timeout.map(|seconds| text::duration_ms(seconds.saturating_mul(1000))));
            set("retries", (command.retries > 0).then(|| command.retries.to_string()));
            set("effects", Some(command.judgement.word().to_owned()));
            let allow = &command.allow;
            for (name, paths) in [("read", &allow.read), ("write", &allow.write), ("connect", &allow.connect)] {
                set(&format!("allow {name}"), (!paths.is_empty()).then(|| text::and(paths)));
            }
        }
        settings
    }
}
