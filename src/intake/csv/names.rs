//! The names of a CSV file's columns.

use std::collections::BTreeMap;

use super::super::place::Place;
use super::super::refusal::Refusal;
use super::options::CsvOptions;

/// Returns the names of the columns, and whether the first row is a header.
///
/// A header is the default; dp does not guess. An empty name becomes `column` and its position.
pub(super) fn of(row: &[String], options: &CsvOptions, place: &Place) -> Result<(Vec<String>, bool), Refusal> {
    let header = match (options.header, &options.names) {
        (Some(header), _) => header,
        (None, None) => true,
        (None, Some(names)) if names == row => true,
        (None, Some(_)) => {
            return Err(Refusal::Option {
                name: "header".to_owned(),
                why: format!("is missing: {place} differs from the declared names, so it could be a row or a header"),
                help: "add `header = true` to `options` if the first line contains names, or `header = false` if it is a row"
                    .to_owned(),
            });
        }
    };
    let found: &[String] = match &options.names {
        Some(names) if names.len() == row.len() => names,
        Some(names) => {
            return Err(Refusal::Fields {
                place: place.clone(),
                found: row.len(),
                expected: names.len(),
                header: true,
            });
        }
        None if header => row,
        None => &vec![String::new(); row.len()],
    };
    let name = |(index, name): (usize, &String)| if name.is_empty() { format!("column{index}") } else { name.clone() };
    let names: Vec<String> = found.iter().enumerate().map(name).collect();
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for name in &names {
        if let Some(first) = seen.insert(name.to_lowercase(), name) {
            return Err(Refusal::SameName {
                first: first.to_owned(),
                place: Box::new(place.clone()),
                second: name.clone(),
                other: Box::new(place.clone()),
            });
        }
    }
    Ok((names, header))
}

#[cfg(test)]
mod tests {
    use super::super::super::place::At;
    use super::*;
    use crate::model::{OptionValue, Scalar};

    fn of_row(row: &[&str], options: &[(&str, OptionValue)]) -> Result<(Vec<String>, bool), Refusal> {
        let row: Vec<String> = row.iter().map(|text| (*text).to_owned()).collect();
        let options: Vec<_> = options.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        of(&row, &CsvOptions::parse(&options).unwrap(), &At::Line(1).of("a.csv"))
    }

    #[test]
    fn the_first_row_is_a_header_unless_it_is_said_otherwise() {
        let no_header = ("header", OptionValue::Scalar(Scalar::Boolean(false)));
        let text = |text: &str| OptionValue::Scalar(Scalar::String(text.to_owned()));
        let names = ("names", OptionValue::List(vec![text("a"), text("b")]));
        let expect = |names: &[&str], header| (names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), header);
        assert_eq!(of_row(&["1", "2"], &[]).unwrap(), expect(&["1", "2"], true));
        assert_eq!(of_row(&["", "b"], &[]).unwrap(), expect(&["column0", "b"], true));
        assert_eq!(
            of_row(&["x", "y"], std::slice::from_ref(&no_header)).unwrap(),
            expect(&["column0", "column1"], false)
        );
        assert_eq!(of_row(&["x", "y"], &[no_header, names.clone()]).unwrap(), expect(&["a", "b"], false));
        assert_eq!(of_row(&["a", "b"], std::slice::from_ref(&names)).unwrap(), expect(&["a", "b"], true));
        assert!(matches!(of_row(&["x", "y"], std::slice::from_ref(&names)), Err(Refusal::Option { .. })));
        assert!(matches!(of_row(&["x"], &[names]), Err(Refusal::Option { .. })));
        assert!(matches!(of_row(&["a", "A"], &[]), Err(Refusal::SameName { .. })));
    }
}
