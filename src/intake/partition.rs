//! Columns from path folders named `name=value`.

use std::path::Path;

use super::Question;
use super::column::{Column, Wish};
use super::infer::Seen;
use super::place::At;
use super::refusal::Refusal;
use super::union::Union;

/// Hive's name for a partition without a value.
const DEFAULT: &str = "__HIVE_DEFAULT_PARTITION__";

/// Returns name and value of each such folder of a path; `None` is NULL.
pub(super) fn of(path: &Path) -> Vec<(String, Option<String>)> {
    let folders = path.parent().into_iter().flat_map(Path::components);
    folders
        .filter_map(|folder| {
            let (name, value) = folder.as_os_str().to_str()?.split_once('=')?;
            Some((name.to_owned(), (value != DEFAULT).then(|| value.to_owned())))
        })
        .collect()
}

/// Returns the names of the partition columns of all files.
///
/// # Errors
/// If a file lacks one, if a folder above the project has the same name, or if a value is encoded.
pub(super) fn columns(question: &Question<'_>) -> Result<Vec<String>, Refusal> {
    let above: Vec<String> = of(&question.root.join("file")).into_iter().map(|(name, _)| name.to_lowercase()).collect();
    let mut names: Option<Vec<String>> = None;
    for file in question.files {
        let shown = question.shown(file);
        let refuse = |column: &str, why: &str| {
            Err(Refusal::Partition {
                column: column.to_owned(),
                why: why.to_owned(),
                place: At::Whole.of(&shown),
            })
        };
        let found = of(Path::new(&shown));
        for (name, value) in &found {
            if above.contains(&name.to_lowercase()) {
                return refuse(
                    name,
                    "has the same name as a folder above the project, and the engine can't tell them apart",
                );
            }
            if value.as_ref().is_some_and(|value| value.contains('%')) {
                return refuse(name, "has a value with `%`, which could be an encoded character");
            }
        }
        let found: Vec<String> = found.into_iter().map(|(name, _)| name).collect();
        match &names {
            None => names = Some(found),
            Some(names) if *names == found => {}
            Some(names) => {
                let differing = names.iter().chain(&found).find(|name| !names.contains(name) || !found.contains(name));
                return refuse(differing.unwrap_or(&names[0]), "is not in the path of every file, in the same order");
            }
        }
    }
    Ok(names.unwrap_or_default())
}

/// Adds the values in the paths of all files as columns.
pub(super) fn add(
    question: &Question<'_>,
    partitions: &[String],
    union: &mut Union<Seen>,
    wish: &dyn Fn(&str) -> Wish,
) -> Result<(), Refusal> {
    for path in question.files.iter().filter(|_| !partitions.is_empty()) {
        let shown = question.shown(path);
        for (name, value) in of(Path::new(&shown)) {
            let mut column = Column::new(wish(&name));
            if let Some(value) = value {
                column.add(&value, || At::Whole);
            }
            union.add(&shown, column.found(name, At::Whole))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_give_columns() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            of(Path::new("data/y=2026/m=05/f=x.csv")),
            [("y".to_owned(), some("2026")), ("m".to_owned(), some("05"))]
        );
        assert_eq!(of(Path::new("data/y=__HIVE_DEFAULT_PARTITION__/a.csv")), [("y".to_owned(), None)]);
    }
}
