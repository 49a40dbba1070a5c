//! A value that stays JSON until it is used.

use std::ops::Deref;
use std::sync::OnceLock;

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};

/// A value that stays JSON until it is used: most of a cached project is never used.
#[derive(Clone, Debug)]
pub struct LazyJson<T> {
    value: OnceLock<T>,
    json: Box<str>,
}

impl<T> LazyJson<T> {
    /// Wraps a value that is already parsed.
    pub fn now(value: T) -> Self {
        Self {
            value: OnceLock::from(value),
            json: Box::default(),
        }
    }
}

impl<T: Default> Default for LazyJson<T> {
    fn default() -> Self {
        Self::now(T::default())
    }
}

impl<T: Serialize + DeserializeOwned> LazyJson<T> {
    /// Wraps the JSON of a value, which [`LazyJson::json`] of the same version of dp returned.
    pub fn from_json(json: impl Into<Box<str>>) -> Self {
        Self {
            value: OnceLock::new(),
            json: json.into(),
        }
    }

    /// Returns the JSON of the value.
    pub fn json(&self) -> String {
        match self.value.get() {
            Some(value) => serde_json::to_string(value).expect("dp's own values have a JSON form"),
            None => self.json.to_string(),
        }
    }

    /// Changes the value.
    pub fn change(&mut self, how: impl FnOnce(&mut T)) {
        let _: &T = self;
        if let Some(value) = self.value.get_mut() {
            how(value);
        }
    }
}

impl<T: DeserializeOwned> Deref for LazyJson<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // Callers cache the JSON under dp's version and a hash of the whole text.
        self.value.get_or_init(|| serde_json::from_str(&self.json).expect("dp's own JSON"))
    }
}

impl<T: DeserializeOwned + PartialEq> PartialEq for LazyJson<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: DeserializeOwned + Eq> Eq for LazyJson<T> {}

impl<T: DeserializeOwned + Serialize> Serialize for LazyJson<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_the_same_now_and_later() {
        let now = LazyJson::now(vec![1, 2]);
        let mut later: LazyJson<Vec<u8>> = LazyJson::from_json(now.json());
        assert_eq!(later.json(), "[1,2]");
        assert_eq!(later, now);
        later.change(|value| value.push(3));
        assert_eq!((later.len(), later.json()), (3, "[1,2,3]".to_owned()));
        assert_eq!(serde_json::to_string(&later).unwrap(), "[1,2,3]");
    }
}
