//! Derives plain names: files become assets, and columns get a plain second name.

use std::collections::BTreeSet;

/// The longest name that an asset may have.
const LONGEST: usize = 63;

/// Returns a text in lower-case letters, digits and `_`; `fallback` if nothing remains.
pub(super) fn plain(text: &str, fallback: &str) -> String {
    let mut name = String::new();
    for char in text.chars().flat_map(char::to_lowercase) {
        if char.is_ascii_lowercase() || char.is_ascii_digit() {
            name.push(char);
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    let name = name.trim_end_matches('_');
    let begins_with_digit = name.starts_with(|char: char| char.is_ascii_digit());
    let name = if begins_with_digit { format!("_{name}") } else { name.to_owned() };
    let name = if name.is_empty() { fallback.to_owned() } else { name };
    shortened(&name, LONGEST).to_owned()
}

/// Returns the name, with a number appended if it is taken, and marks it as taken.
pub(super) fn distinct(name: &str, taken: &mut BTreeSet<String>) -> String {
    if taken.insert(name.to_owned()) {
        return name.to_owned();
    }
    let mut number = 2_usize;
    loop {
        let end = format!("_{number}");
        let other = format!("{}{end}", shortened(name, LONGEST - end.len()));
        if taken.insert(other.clone()) {
            return other;
        }
        number += 1;
    }
}

/// The names are ASCII here.
fn shortened(name: &str, most: usize) -> &str {
    &name[..name.len().min(most)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_becomes_a_name() {
        let cases = [
            ("orders", "orders"),
            ("Order Date", "order_date"),
            ("  a--b  ", "a_b"),
            ("2024 orders", "_2024_orders"),
            ("größe", "gr_e"),
            ("заказы", "data"),
            ("", "data"),
            ("_x_", "x"),
            ("select", "select"),
            ("a\"; drop table b; --\n", "a_drop_table_b"),
        ];
        for (text, name) in cases {
            assert_eq!(plain(text, "data"), name, "{text:?}");
        }
        assert_eq!(plain(&"x".repeat(100), "data").len(), 63);
    }

    #[test]
    fn names_that_are_taken_get_numbers() {
        let mut taken = BTreeSet::new();
        let long = "x".repeat(63);
        let names: Vec<String> = ["a", "a", "a_2", "a", &long, &long].map(|name| distinct(name, &mut taken)).into();
        assert_eq!(names[..4], ["a", "a_2", "a_2_2", "a_3"]);
        assert_eq!(names[5], format!("{}_2", "x".repeat(61)));
    }
}
