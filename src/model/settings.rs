use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Settings of an asset that only affect dp's behaviour, as text by name. Unset settings are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AssetSettings(pub BTreeMap<String, String>);

/// A changed setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingChange {
    /// The name, such as `protect`.
    pub setting: String,
    /// The value in force; `None` if it was not set.
    pub before: Option<String>,
    /// The declared value; `None` if it is not set.
    pub after: Option<String>,
}

impl AssetSettings {
    /// The name of the setting that protects an asset from being destroyed.
    pub const PROTECT: &'static str = "protect";

    /// Whether the asset is protected from being destroyed.
    pub fn protects(&self) -> bool {
        self.0.contains_key(Self::PROTECT)
    }

    /// Sets or unsets the protection from being destroyed.
    pub fn set_protects(&mut self, protects: bool) {
        if protects {
            self.0.insert(Self::PROTECT.to_owned(), "true".to_owned());
        } else {
            self.0.remove(Self::PROTECT);
        }
    }

    /// Returns the differences to `after`, by name.
    pub fn changes(&self, after: &Self) -> Vec<SettingChange> {
        let names: BTreeSet<&String> = self.0.keys().chain(after.0.keys()).collect();
        names
            .into_iter()
            .filter(|name| self.0.get(*name) != after.0.get(*name))
            .map(|name| SettingChange {
                setting: name.clone(),
                before: self.0.get(name).cloned(),
                after: after.0.get(name).cloned(),
            })
            .collect()
    }
}

impl SettingChange {
    /// "`protect` is true, and was not set".
    pub fn words(&self) -> String {
        let value = |value: &Option<String>| match value {
            None => "not set".to_owned(),
            // A long text is not repeated.
            Some(text) if text.chars().count() > LONGEST => "a long text".to_owned(),
            Some(text) => format!("\"{text}\""),
        };
        format!("`{}` is {}, and was {}", self.setting, value(&self.after), value(&self.before))
    }
}

/// The longest value that is shown, in characters.
const LONGEST: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> AssetSettings {
        AssetSettings(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn changes_say_what_was_and_what_is() {
        let before = settings(&[("owner", "ada"), ("tags", "daily"), ("description", "x")]);
        let after = settings(&[("owner", "bob"), ("protect", "true"), ("description", "x")]);
        let words: Vec<String> = before.changes(&after).iter().map(SettingChange::words).collect();
        assert_eq!(
            words,
            [
                "`owner` is \"bob\", and was \"ada\"",
                "`protect` is \"true\", and was not set",
                "`tags` is not set, and was \"daily\"",
            ]
        );
        assert!(before.changes(&before).is_empty());
        assert!(after.protects() && !before.protects());
        let long = settings(&[("description", &"y".repeat(61))]);
        assert_eq!(before.changes(&long)[0].words(), "`description` is a long text, and was \"x\"");
    }
}
