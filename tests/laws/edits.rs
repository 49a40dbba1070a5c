//! What a person may do to a project between two runs.

use crate::generate::{NAMES, check, query, row};
use crate::model::{Asset, Body, Check, Column, Item, MARK, Project, Source, Sql, Type};
use crate::tape::Tape;

/// One edit, in words.
pub(crate) struct Edit {
    pub(crate) title: String,
    /// Nothing that dp makes can depend on it.
    pub(crate) cosmetic: bool,
    /// A published version to take away behind dp's back.
    pub(crate) damage: Option<String>,
}

/// Changes the project; `past` is what it was before each edit so far.
pub(crate) fn edit(tape: &mut Tape, project: &mut Project, past: &[Project]) -> Edit {
    let (title, cosmetic) = match tape.pick(20) {
        0 => cosmetic(tape, project),
        1 | 2 => literal(tape, project),
        3..=6 => columns(tape, project),
        7..=10 => rows(tape, project),
        11 => files(tape, project),
        12 => source_columns(tape, project),
        13 => materialization(tape, project),
        14 => add_asset(tape, project),
        15 => remove_asset(tape, project),
        16 => rename_asset(tape, project),
        17 => {
            project.variable = (project.variable + 1) % 5;
            (format!("variable `least` is {}", project.variable), false)
        }
        18 => checks(tape, project),
        _ if past.is_empty() || tape.rarely(3) => {
            let name = tape.of(&project.assets).full_name();
            let title = format!("what is stored of {name} is deleted");
            return Edit {
                title,
                cosmetic: false,
                damage: Some(name),
            };
        }
        _ => {
            let back = tape.pick(past.len());
            *project = past[past.len() - 1 - back].clone();
            (format!("back to {} edits ago", back + 1), false)
        }
    };
    Edit {
        title,
        cosmetic,
        damage: None,
    }
}

fn sources(project: &mut Project) -> Vec<&mut Source> {
    (project.assets.iter_mut())
        .filter_map(|asset| match &mut asset.body {
            Body::Source(source) => Some(source),
            Body::Sql(_) => None,
        })
        .collect()
}

fn queries(project: &mut Project) -> Vec<(String, &mut Sql)> {
    (project.assets.iter_mut())
        .filter_map(|asset| {
            let name = asset.full_name();
            match &mut asset.body {
                Body::Source(_) => None,
                Body::Sql(sql) => Some((name, sql)),
            }
        })
        .collect()
}

/// Whether a query says this word.
fn used(project: &Project, word: &str) -> bool {
    let says = |text: String| text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|part| part == word);
    project.assets.iter().filter_map(Asset::sql).any(says)
}

fn cosmetic(tape: &mut Tape, project: &mut Project) -> (String, bool) {
    match tape.pick(3) {
        0 if !queries(project).is_empty() => {
            let mut queries = queries(project);
            let at = tape.pick(queries.len());
            let (name, sql) = &mut queries[at];
            sql.style += 1 + tape.pick(2);
            (format!("comments, spacing, keyword case or the place of the SQL of {name}"), true)
        }
        1 => {
            let at = tape.pick(project.assets.len());
            let asset = &mut project.assets[at];
            asset.description += 1 + tape.pick(2);
            (format!("description, owner or tags of {}", asset.full_name()), true)
        }
        _ => {
            project.remarks += 1;
            ("a comment or an unused variable in dp.toml".to_owned(), true)
        }
    }
}

fn literal(tape: &mut Tape, project: &mut Project) -> (String, bool) {
    let mut queries = queries(project);
    queries.retain(|(_, sql)| !sql.literals.is_empty());
    if queries.is_empty() {
        return ("nothing".to_owned(), true);
    }
    let at = tape.pick(queries.len());
    let (name, sql) = &mut queries[at];
    let at = tape.pick(sql.literals.len());
    let value = (sql.literals[at] + 1) % 6;
    sql.literals[at] = value;
    (format!("literal {at} of {name} is {value}"), false)
}

/// Adds, removes, renames, moves or swaps columns of a query.
fn columns(tape: &mut Tape, project: &mut Project) -> (String, bool) {
    if queries(project).is_empty() {
        return ("nothing".to_owned(), true);
    }
    let how = tape.pick(5);
    let at = {
        let queries = queries(project);
        tape.pick(queries.len())
    };
    let before = project.clone();
    let mut queries = queries(project);
    let (name, sql) = &mut queries[at];
    let all: Vec<_> = sql.items.iter().flat_map(Item::columns).collect();
    let free: Vec<_> = NAMES.iter().filter(|new| !all.iter().any(|column| column.name == **new)).collect();
    let idle: Vec<_> = all.iter().filter(|column| !used(&before, &column.name)).collect();
    match how {
        0 if !free.is_empty() => {
            let new = (**tape.of(&free)).to_owned();
            let (text, data_type) = *tape.of(&[("", Type::Int), ("'new'", Type::Text), ("null::date", Type::Date)]);
            let text = if text.is_empty() {
                sql.literals.push(7);
                format!("{MARK}{}{MARK}", sql.literals.len() - 1)
            } else {
                text.to_owned()
            };
            let items = sql.items.len();
            let place = items - tape.pick(items + 1);
            let title = format!("{name} gains `{new}` at {place}");
            sql.items.insert(
                place,
                Item::Expression {
                    sql: text,
                    column: Column { name: new, data_type },
                },
            );
            (title, false)
        }
        1 if all.len() > 1 => {
            // What somebody names is removed too, but rarely: then both builds must refuse.
            let gone =
                if idle.is_empty() || tape.rarely(6) { tape.of(&all).clone() } else { (*tape.of(&idle)).clone() };
            let at = sql.items.iter().position(|item| item.columns().iter().any(|column| column.name == gone.name));
            let several = sql.items.len() > 1;
            match at.map(|at| (at, &mut sql.items[at])) {
                Some((
                    _,
                    Item::Star {
                        rename,
                        exclude,
                        columns,
                        ..
                    },
                )) if columns.len() > exclude.len() + 1 => {
                    let from = rename.iter().find(|(_, to)| *to == gone.name).map(|(from, _)| from.clone());
                    rename.retain(|(_, to)| *to != gone.name);
                    exclude.push(from.unwrap_or_else(|| gone.name.clone()));
                }
                Some((at, _)) if several => {
                    sql.items.remove(at);
                }
                _ => return ("nothing".to_owned(), true),
            }
            (format!("{name} loses `{}`", gone.name), false)
        }
        2 if !free.is_empty() => {
            let new = (**tape.of(&free)).to_owned();
            let old = if idle.is_empty() || tape.rarely(6) { tape.of(&all).clone() } else { (*tape.of(&idle)).clone() };
            for item in &mut sql.items {
                if !item.columns().iter().any(|column| column.name == old.name) {
                    continue;
                }
                match item {
                    Item::Expression { sql, column } => {
                        if sql.is_empty() {
                            sql.clone_from(&column.name);
                        }
                        column.name.clone_from(&new);
                    }
                    Item::Star { rename, .. } => {
                        let from = rename.iter().find(|(_, to)| *to == old.name).map(|(from, _)| from.clone());
                        rename.retain(|(_, to)| *to != old.name);
                        rename.push((from.unwrap_or_else(|| old.name.clone()), new.clone()));
                    }
                }
                break;
            }
            (format!("{name} calls `{}` now `{new}`", old.name), false)
        }
        3 if sql.items.len() > 1 => {
            let (a, b) = (tape.pick(sql.items.len()), tape.pick(sql.items.len()));
            let b = if a == b { (a + 1) % sql.items.len() } else { b };
            sql.items.swap(a, b);
            (format!("{name} has its columns {a} and {b} in the other order"), false)
        }
        _ => {
            // Two columns trade their names: what reads them still binds, and means something else.
            let mut named: Vec<&mut Column> = Vec::new();
            for item in &mut sql.items {
                if let Item::Expression { sql, column } = item {
                    if sql.is_empty() {
                        sql.clone_from(&column.name);
                    }
                    named.push(column);
                }
            }
            if let [first, .., last] = &mut named[..] {
                std::mem::swap(&mut first.name, &mut last.name);
                return (format!("{name} has `{}` and `{}` the other way round", last.name, first.name), false);
            }
            sql.distinct = !sql.distinct;
            (format!("{name} is distinct: {}", sql.distinct), false)
        }
    }
}

fn rows(tape: &mut Tape, project: &mut Project) -> (String, bool) {
    if tape.rarely(6) {
        let rate = tape.pick(4);
        project.rates[0] = 10 + i64::try_from(rate).unwrap_or(0);
        return (format!("the first rate is 1{rate}"), false);
    }
    let mut sources = sources(project);
    let at = tape.pick(sources.len());
    let source = &mut *sources[at];
    let part = tape.pick(source.parts.len());
    let columns = source.columns.clone();
    let rows = &mut source.parts[part];
    let how = tape.pick(5);
    let at = tape.pick(rows.len());
    match how {
        0 if !rows.is_empty() => {
            rows[at] = row(tape, &columns, true);
            (format!("row {at} of part {part} of a source changed"), false)
        }
        1 => {
            let new = row(tape, &columns, true);
            rows.push(new);
            (format!("a row more in part {part} of a source"), false)
        }
        2 if rows.len() > 1 => {
            rows.remove(at);
            (format!("row {at} gone from part {part} of a source"), false)
        }
        3 => {
            rows.reverse();
            (format!("rows of part {part} of a source in the other order"), false)
        }
        _ => {
            let again = rows.first().cloned().into_iter();
            rows.extend(again);
            (format!("the first row of part {part} of a source twice"), false)
        }
    }
}

fn files(tape: &mut Tape, project: &mut Project) -> (String, bool) {
    let mut sources = sources(project);
    let at = tape.pick(sources.len());
    let source = &mut *sources[at];
    if source.parts.len() > 2 || (source.parts.len() == 2 && tape.rarely(2)) {
        let at = 1 + tape.pick(source.parts.len() - 1);
        source.parts.remove(at);
        (format!("part {at} of a source is gone"), false)
    } else {
        let rows = (0..=tape.pick(3)).map(|_| row(tape, &source.columns.clone(), true)).collect();
        source.parts.push(rows);
        ("a source has one part more".to_owned(), false)
    }
}

fn source_columns(tape: &mut Tape, project: &mut Project) -> (String, bool) {
    let mut sources = sources(project);
    let at = tape.pick(sources.len());
    let source = &mut *sources[at];
    let free: Vec<_> = NAMES.iter().filter(|new| !source.columns.iter().any(|column| column.name == **new)).collect();
    match tape.pick(4) {
        0 if !free.is_empty() => {
            let name = (**tape.of(&free)).to_owned();
            let data_type = *tape.of(&[Type::Int, Type::Text]);
            let at = source.columns.len() - tape.pick(source.columns.len() + 1);
            let title = format!("a source gains `{name}` at {at}");
            source.columns.insert(at, Column { name, data_type });
            for row in source.parts.iter_mut().flatten() {
                row.insert(at, Some("1".to_owned()));
            }
            (title, false)
        }
        1 => {
            source.contract = !source.contract;
            (format!("a source declares its types: {}", source.contract), false)
        }
        2 => {
            let last = source.columns.len() - 1;
            source.columns.swap(0, last);
            for row in source.parts.iter_mut().flatten() {
                row.swap(0, last);
            }
            ("the first and last column of a source in the other order".to_owned(), false)
        }
        _ => {
            // A guess may now come out differently.
            if let Some(cell) = source.parts[0].last_mut().and_then(|row| row.first_mut()) {
                *cell = Some(if source.json { "1.25".to_owned() } else { "7.5".to_owned() });
            }
            ("a whole number of a source has a fraction".to_owned(), false)
        }
    }
}

fn materialization(tape: &mut Tape, project: &mut Project) -> (String, bool) {
    let at = tape.pick(project.assets.len());
    let asset = &mut project.assets[at];
    asset.view = !asset.view;
    (format!("{} is a view: {}", asset.full_name(), asset.view), false)
}

fn add_asset(tape: &mut Tape, project: &mut Project) -> (String, bool) {
    let taken = |i: &usize| project.assets.iter().any(|asset| asset.name == format!("a{i}"));
    let index = (0..=project.assets.len()).find(|i| !taken(i)).unwrap_or(0);
    let asset = query(tape, index, &project.assets);
    let title = format!("{} is new", asset.full_name());
    project.assets.push(asset);
    (title, false)
}

fn remove_asset(tape: &mut Tape, project: &mut Project) -> (String, bool) {
    let leaves: Vec<_> = (project.assets.iter().enumerate())
        .filter(|(_, asset)| matches!(asset.body, Body::Sql(_)) && !used(project, &asset.name))
        .map(|(at, _)| at)
        .collect();
    if leaves.is_empty() {
        return ("nothing".to_owned(), true);
    }
    let asset = project.assets.remove(*tape.of(&leaves));
    (format!("{} is gone", asset.full_name()), false)
}

fn rename_asset(tape: &mut Tape, project: &mut Project) -> (String, bool) {
    let at = project.assets.len() - 1 - tape.pick(project.assets.len());
    let old = project.assets[at].clone();
    if matches!(old.body, Body::Source(_)) {
        return ("nothing".to_owned(), true);
    }
    let schema = if old.schema == "marts" { "staging" } else { "marts" };
    schema.clone_into(&mut project.assets[at].schema);
    let new = project.assets[at].reference();
    let word = format!(" {}", old.reference());
    let replace = |text: &str| {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(&word) {
            let after = &rest[at + word.len()..];
            let whole = !after.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
            out.push_str(&rest[..at]);
            if whole {
                out.push(' ');
                out.push_str(&new);
            } else {
                out.push_str(&word);
            }
            rest = after;
        }
        out + rest
    };
    for (_, sql) in queries(project) {
        sql.rest = replace(&sql.rest);
        sql.head = replace(&sql.head);
        for item in &mut sql.items {
            if let Item::Expression { sql, .. } = item {
                *sql = replace(sql);
            }
        }
    }
    (format!("{} is now {new}", old.full_name()), false)
}

fn checks(tape: &mut Tape, project: &mut Project) -> (String, bool) {
    let at = project.assets.len() - 1 - tape.pick(project.assets.len());
    let asset = &mut project.assets[at];
    if let Some(Check { rule, .. }) = asset.checks.pop() {
        return (format!("{} is not checked for {rule:?} any more", asset.full_name()), false);
    }
    let new = check(tape, asset);
    let title = format!("{} is checked for {:?}", asset.full_name(), new.rule);
    asset.checks.push(new);
    (title, false)
}
