//! Random projects: sources with awkward values, and SQL of every shape that reads them.
//!
//! Every query binds when it is made, and gives the same rows each time: windows and limits have a total
//! order, and sums are exact.

use crate::model::{Asset, Body, Check, Column, Item, MARK, Project, Rule, Source, Sql, Type};
use crate::tape::Tape;

/// Few names, so that a new column often has the name of an alias somewhere.
pub(crate) const NAMES: [&str; 8] = ["x", "y", "k", "v", "d", "t", "total", "n"];

const MOST_ROWS: usize = 200;

/// A column as the query under construction can say it.
#[derive(Clone)]
struct Term {
    sql: String,
    name: String,
    data_type: Type,
}

pub(crate) fn project(sources: &[Vec<u16>], queries: &[Vec<u16>]) -> Project {
    let mut project = Project {
        variable: 2,
        remarks: 0,
        assets: Vec::new(),
        rates: vec![10, 20, 30],
    };
    for (i, cells) in sources.iter().enumerate() {
        let asset = source(&mut Tape::new(cells), i);
        project.assets.push(asset);
    }
    for (i, cells) in queries.iter().enumerate() {
        let asset = query(&mut Tape::new(cells), i, &project.assets);
        project.assets.push(asset);
    }
    project
}

fn source(tape: &mut Tape, index: usize) -> Asset {
    let json = tape.rarely(4);
    let mut columns = vec![
        Column {
            name: "id".to_owned(),
            data_type: Type::Int,
        },
        Column {
            name: "k".to_owned(),
            data_type: Type::Text,
        },
    ];
    for name in ["v", "d", "t"] {
        let types: &[Type] = if json {
            &[Type::Decimal, Type::Date, Type::Int, Type::List, Type::Struct]
        } else {
            &[Type::Decimal, Type::Date, Type::Int, Type::Bool, Type::Text]
        };
        if tape.pick(3) > 0 {
            columns.push(Column {
                name: name.to_owned(),
                data_type: *tape.of(types),
            });
        }
    }
    let files = 1 + tape.pick(3);
    let contract = tape.rarely(2);
    let parts: Vec<Vec<_>> = (0..files)
        .map(|file| (0..=tape.pick(5)).map(|row| self::row(tape, &columns, file + row > 0)).collect())
        .collect();
    let rows = parts.iter().map(Vec::len).sum();
    Asset {
        schema: "raw".to_owned(),
        name: format!("s{index}"),
        body: Body::Source(Source {
            json,
            contract,
            columns,
            parts,
        }),
        view: tape.rarely(5),
        description: 0,
        checks: Vec::new(),
        rows,
    }
}

/// A row; the first of a source has no NULL, so that its types can be guessed.
pub(crate) fn row(tape: &mut Tape, columns: &[Column], nulls: bool) -> Vec<Option<String>> {
    (columns.iter())
        .map(|column| {
            let choice = tape.pick(6);
            if choice == 5 && nulls {
                return None;
            }
            let n = choice % 5;
            Some(match column.data_type {
                Type::Int | Type::Other => n.to_string(),
                Type::Text => ["a", "b", "B", "x y", "é"][n].to_owned(),
                Type::Decimal => ["1.50", "0.10", "-2.25", "100.00", "0.00"][n].to_owned(),
                Type::Date => format!("2024-0{}-1{n}", n + 1),
                Type::Bool => (n.is_multiple_of(2)).to_string(),
                Type::List => ["[1, 2]", "[]", "[3, null]", "[2, 1]", "[1]"][n].to_owned(),
                Type::Struct => format!("{{\"a\": {n}, \"b\": \"{}\"}}", ["p", "q"][n % 2]),
            })
        })
        .collect()
}

/// A query over some of these assets.
pub(crate) fn query(tape: &mut Tape, index: usize, assets: &[Asset]) -> Asset {
    let mut build = Build {
        tape,
        assets,
        literals: Vec::new(),
        rows: 0,
    };
    let (head, distinct, items, rest) = build.shape();
    let (literals, rows) = (build.literals, build.rows);
    let schema = *tape.of(&["staging", "marts", "main"]);
    let view = tape.rarely(3);
    let mut asset = Asset {
        schema: schema.to_owned(),
        name: format!("a{index}"),
        body: Body::Sql(Sql {
            head,
            distinct,
            items,
            rest,
            literals,
            style: 0,
        }),
        view,
        description: 0,
        checks: Vec::new(),
        rows,
    };
    if tape.rarely(3) {
        let check = check(tape, &asset);
        asset.checks.push(check);
    }
    asset
}

pub(crate) fn check(tape: &mut Tape, asset: &Asset) -> Check {
    let column = asset.columns().first().map_or_else(|| "k".to_owned(), |column| column.name.clone());
    let rule = match tape.pick(4) {
        0 => Rule::RowCount(1000),
        1 => Rule::Rows(5),
        2 => Rule::NotNull(column),
        _ => Rule::Unique(column),
    };
    // What may well fail is nearly always a warning: a failed error check ends the story.
    let warn = matches!(rule, Rule::NotNull(_) | Rule::Unique(_)) && !tape.rarely(8);
    Check { rule, warn }
}

type Shape = (String, bool, Vec<Item>, String);

struct Build<'a, 'b, 'c> {
    tape: &'a mut Tape<'b>,
    assets: &'c [Asset],
    literals: Vec<i64>,
    rows: usize,
}

impl<'c> Build<'_, '_, 'c> {
    fn literal(&mut self) -> String {
        let value = i64::try_from(self.tape.pick(5)).unwrap_or(0);
        self.literals.push(value);
        format!("{MARK}{}{MARK}", self.literals.len() - 1)
    }

    /// One of the assets, most often a late one.
    fn input(&mut self) -> &'c Asset {
        let last = self.assets.len() - 1;
        &self.assets[last - self.tape.pick(last + 1)]
    }

    fn terms(asset: &Asset, qualifier: &str) -> Vec<Term> {
        (asset.columns().into_iter())
            .map(|column| Term {
                sql: format!("{qualifier}{}", column.name),
                name: column.name,
                data_type: column.data_type,
            })
            .collect()
    }

    /// A star over all of an asset.
    fn star(asset: &Asset, prefix: &str) -> Item {
        Item::Star {
            prefix: prefix.to_owned(),
            exclude: Vec::new(),
            rename: Vec::new(),
            columns: asset.columns(),
        }
    }

    /// A column with a name that is still free.
    fn named(items: &[Item], wish: &str, sql: String, data_type: Type) -> Item {
        let taken: Vec<_> = items.iter().flat_map(Item::columns).map(|column| column.name).collect();
        let free = |name: &String| !taken.contains(name);
        let name = (std::iter::once(wish.to_owned()))
            .chain((2..100).map(|i| format!("{wish}{i}")))
            .find(free)
            .unwrap_or_default();
        Item::Expression {
            sql,
            column: Column { name, data_type },
        }
    }

    fn term(&mut self, terms: &[Term], wanted: &[Type]) -> Option<Term> {
        let fitting: Vec<_> = terms.iter().filter(|term| wanted.contains(&term.data_type)).collect();
        (!fitting.is_empty()).then(|| (*self.tape.of(&fitting)).clone())
    }

    /// A name and an expression over the terms.
    fn expression(&mut self, terms: &[Term]) -> (String, String, Type) {
        let term = self.tape.of(terms).clone();
        let Term {
            sql: c,
            name,
            data_type,
        } = term;
        let form = self.tape.pick(7);
        if form == 0 {
            return (name, c, data_type);
        }
        let n = self.literal();
        let new = (*self.tape.of(&NAMES)).to_owned();
        let (sql, data_type) = match (data_type, form) {
            (Type::Int, 1) => (format!("{c} + {n}"), Type::Int),
            (Type::Int, 2) => {
                (format!("case when {c} > {n} then 'big' when {c} is null then null else 'small' end"), Type::Text)
            }
            (Type::Int, 3) => (format!("[{c}, {n}]"), Type::List),
            (Type::Int, 4) => (format!("struct_pack(a := {c}, b := 'z')"), Type::Struct),
            (Type::Int, 5) => (format!("{c}::decimal(10,2) / 4"), Type::Other),
            (Type::Int, _) => (format!("{c}::hugeint * {n}"), Type::Other),
            (Type::Text, 1) => (format!("upper({c})"), Type::Text),
            (Type::Text, 2) => (format!("{c} || '-' || {n}"), Type::Text),
            (Type::Text, 3) => (format!("length({c})"), Type::Int),
            (Type::Text, 4) => (format!("coalesce({c}, 'none')"), Type::Text),
            (Type::Text, 5) => (format!("map {{{c}: {n}}}"), Type::Other),
            (Type::Text, _) => (format!("nullif({c}, 'a')"), Type::Text),
            (Type::Decimal, 1) => (format!("({c} * {n})::decimal(18,2)"), Type::Decimal),
            (Type::Decimal, 2) => (format!("round({c}, 1)"), Type::Other),
            (Type::Decimal, 3) => (format!("{c}::bigint"), Type::Int),
            (Type::Decimal, _) => (format!("{c}::double"), Type::Other),
            (Type::Date, 1) => (format!("{c} + {n}"), Type::Date),
            (Type::Date, 2) => (format!("year({c})"), Type::Int),
            (Type::Date, 3) => (format!("date_trunc('month', {c})"), Type::Other),
            (Type::Date, 4) => (format!("{c}::timestamp + interval '{n} hours'"), Type::Other),
            (Type::Date, _) => (format!("date '2024-03-01' - {c}"), Type::Int),
            (Type::Bool, 1) => (format!("not {c}"), Type::Bool),
            (Type::Bool, _) => (format!("{c}::bigint"), Type::Int),
            (Type::List, 1) => (format!("len({c})"), Type::Int),
            (Type::List, 2) => (format!("{c}[1]"), Type::Int),
            (Type::List, 3) => (format!("list_transform({c}, lambda i: i + {n})"), Type::List),
            (Type::List, _) => (format!("{{'deep': {c}}}"), Type::Other),
            (Type::Struct, 1) => (format!("struct_extract({c}, 'a')"), Type::Int),
            (Type::Struct, 2) => (format!("struct_extract({c}, 'b')"), Type::Text),
            (Type::Struct, _) => (format!("[{c}]"), Type::Other),
            (Type::Other, 1) => ("null".to_owned(), Type::Other),
            (Type::Other, 2) => (format!("{c}::varchar"), Type::Text),
            (Type::Other, 3) => ("interval '1 month'".to_owned(), Type::Other),
            (Type::Other, 4) => (n, Type::Int),
            (Type::Other, _) => (format!("{c} is null"), Type::Bool),
        };
        (new, sql, data_type)
    }

    fn projection(&mut self, terms: &[Term]) -> Vec<Item> {
        let mut items = Vec::new();
        for _ in 0..=self.tape.pick(4) {
            let (name, sql, data_type) = self.expression(terms);
            let item = Self::named(&items, &name, sql, data_type);
            items.push(item);
        }
        if let (true, Some(Item::Expression { column, .. })) = (self.tape.rarely(4), items.first())
            && column.data_type == Type::Int
        {
            // An alias of the same list: a column of that name in the input would win over it.
            let sql = format!("{} * 2", column.name);
            let item = Self::named(&items, "total", sql, Type::Int);
            items.push(item);
        }
        items
    }

    fn predicate(&mut self, terms: &[Term]) -> String {
        let term = self.tape.of(terms).clone();
        let c = term.sql;
        let form = self.tape.pick(4);
        match (term.data_type, form) {
            (_, 0) => format!("{c} is not null"),
            (Type::Int, 1) => format!("{c} >= {}", self.literal()),
            (Type::Int, 2) => format!("{c} <= ${{var.least}}"),
            (Type::Int, _) => format!("{c} in (1, 2, {})", self.literal()),
            (Type::Text, 1) => format!("{c} <> 'b'"),
            (Type::Text, _) => format!("{c} like '%a%' or length({c}) > {}", self.literal()),
            (Type::Decimal, _) => format!("{c} > {}", self.literal()),
            (Type::Date, _) => format!("{c} > date '2024-02-01' + {}", self.literal()),
            (Type::Bool, _) => c,
            _ => format!("{c} is null or {} > ${{var.least}}", self.literal()),
        }
    }

    /// Every column that has an order, for windows and limits.
    fn total(terms: &[Term]) -> String {
        terms.iter().map(|term| term.sql.as_str()).collect::<Vec<_>>().join(", ")
    }

    fn shape(&mut self) -> Shape {
        let form = self.tape.pick(26);
        let input = self.input();
        let name = input.reference();
        let terms = Self::terms(input, "");
        self.rows = input.rows;
        let plain = |items: Vec<Item>, rest: String| (String::new(), false, items, rest);
        match form {
            0 => {
                let items = self.projection(&terms);
                let predicate = self.predicate(&terms);
                plain(items, format!("from {name} where {predicate}"))
            }
            1 => plain(vec![Self::star(input, "")], format!("from {name}")),
            2 => {
                let mut items = vec![Self::star(input, "")];
                let (_, sql, data_type) = self.expression(&terms);
                let item = Self::named(&items, "total", sql, data_type);
                items.push(item);
                plain(items, format!("from {name}"))
            }
            3 | 4 => self.join(input),
            5 => self.union_all(input),
            6 => self.union_by_name(input),
            7 => {
                let keys = Self::total(&terms[..1]);
                let other = self.input();
                let word = *self.tape.of(&["union", "except", "intersect", "except all"]);
                let item = Self::named(&[], "x", format!("{keys}::varchar"), Type::Text);
                let other_key = &other.columns()[0].name;
                self.rows += other.rows;
                let rest = format!("from {name} {word} select {other_key}::varchar from {}", other.reference());
                plain(vec![item], rest)
            }
            8 | 9 => self.group(input),
            10 | 11 => self.window(input),
            12 => {
                let predicate = self.predicate(&terms);
                let items = self.projection(&terms);
                // The name of another asset, where it has one without a schema: the CTE hides it.
                let cte = self.input().name.clone();
                let head = format!("with {cte} as (select * from {name} where {predicate})\n");
                plain(items, format!("from {cte}")).with_head(head)
            }
            13 => {
                let items = self.projection(&terms);
                let head = format!(
                    "with one as (select * from {name}), two as (from one), x as materialized (select * from two)\n"
                );
                plain(items, "from x".to_owned()).with_head(head)
            }
            14 => self.correlated(input),
            15 => {
                let word = *self.tape.of(&["semi join", "anti join"]);
                let other = self.input();
                let key = terms[0].sql.clone();
                let rest = format!(
                    "from {name} where {}exists (from {} o where o.{}::varchar = {name}.{key}::varchar)",
                    if word == "anti join" { "not " } else { "" },
                    other.reference(),
                    other.columns()[0].name
                );
                plain(vec![Self::star(input, "")], rest)
            }
            16 => {
                let items = self.projection(&terms);
                let (head, _, items, rest) = plain(items, format!("from {name}"));
                (head, true, items, rest)
            }
            17 => {
                let (a, b) = (self.literal(), self.literal());
                let columns = [("x", Type::Int), ("k", Type::Text), ("d", Type::Date)];
                let columns = columns
                    .map(|(name, data_type)| Column {
                        name: name.to_owned(),
                        data_type,
                    })
                    .to_vec();
                let star = Item::Star {
                    prefix: String::new(),
                    exclude: Vec::new(),
                    rename: Vec::new(),
                    columns,
                };
                self.rows = 2;
                plain(
                    vec![star],
                    format!("from (values ({a}, 'a', date '2024-01-01'), ({b}, null, null)) as made(x, k, d)"),
                )
            }
            18 => {
                let mut items = self.projection(&terms);
                let n = self.literal();
                let list = self.term(&terms, &[Type::List]).map_or_else(|| format!("[1, {n}]"), |term| term.sql);
                let item = Self::named(&items, "n", format!("unnest({list})"), Type::Int);
                items.push(item);
                self.rows *= 2;
                plain(items, format!("from {name}"))
            }
            19 => {
                let n = self.literal();
                let total = Self::total(&terms);
                plain(vec![Self::star(input, "")], format!("from {name} order by {total} limit {n} + 1"))
            }
            20 => {
                let total = Self::total(&terms);
                let key = terms[0].sql.clone();
                plain(
                    vec![Self::star(input, "")],
                    format!("from {name} qualify row_number() over (partition by {key} order by {total}) = 1"),
                )
            }
            21 => {
                // The file by a reader function, or by its name.
                let reader = *self.tape.of(&["read_csv('data/rates.csv')", "'data/rates.csv'"]);
                let n = self.literal();
                let items = vec![
                    Self::named(&[], "code", String::new(), Type::Int),
                    Self::named(&[], "rate", format!("rate * {n}"), Type::Int),
                ];
                self.rows = 3;
                plain(items, format!("from {reader}"))
            }
            22 => {
                // Whole rows as values: they hold every column of the input.
                let items = vec![
                    Self::named(&[], "x", "whole".to_owned(), Type::Other),
                    Self::named(&[], "y", "struct_pack(w := [whole])".to_owned(), Type::Other),
                ];
                plain(items, format!("from {name} whole"))
            }
            23 => {
                let Term {
                    name: column,
                    data_type,
                    ..
                } = terms[0].clone();
                let mut items = vec![Self::named(&[], &column, format!("columns('^{column}$')"), data_type)];
                let (new, sql, data_type) = self.expression(&terms);
                let item = Self::named(&items, &new, sql, data_type);
                items.push(item);
                plain(items, format!("from {name}"))
            }
            24 => {
                let items = vec![Self::named(&[], "x", "#1".to_owned(), terms[0].data_type)];
                plain(items, format!("from (select * from {name})"))
            }
            _ => {
                let n = self.literal();
                self.rows = 8;
                let items = vec![
                    Self::named(&[], "n", String::new(), Type::Int),
                    Self::named(&[], "v", format!("(select count(*) from {name}) + n"), Type::Int),
                ];
                plain(items, "from steps".to_owned()).with_head(format!(
                    "with recursive steps as (select 1::bigint as n union all select n + 1 from steps where n < {n})\n"
                ))
            }
        }
    }

    fn join(&mut self, left: &Asset) -> Shape {
        let right = self.input();
        let how = *self.tape.of(&["join", "left join", "full join", "right join"]);
        let (l, r) = (Self::terms(left, "l."), Self::terms(right, "r."));
        let key = self.term(&l, &[Type::Int, Type::Text, Type::Date]);
        let other = key.as_ref().and_then(|key| self.term(&r, &[key.data_type]));
        let on = match (key, other) {
            (Some(a), Some(b)) => format!("{} = {}", a.sql, b.sql),
            _ => "1 = 1".to_owned(),
        };
        let wide = left.rows * right.rows > MOST_ROWS;
        let from_right = if wide {
            format!("(select * from {} order by all limit 1)", right.reference())
        } else {
            right.reference()
        };
        self.rows = if wide { left.rows + 1 } else { left.rows * right.rows + left.rows + right.rows };
        let both: Vec<_> = l.iter().chain(&r).cloned().collect();
        let items = if self.tape.rarely(4) {
            let exclude: Vec<_> = (right.columns().into_iter())
                .map(|column| column.name)
                .filter(|name| l.iter().any(|term| term.name == *name))
                .collect();
            let mut items = vec![Self::star(left, "l.")];
            if exclude.len() < r.len() {
                items.push(Item::Star {
                    prefix: "r.".to_owned(),
                    exclude,
                    rename: Vec::new(),
                    columns: right.columns(),
                });
            }
            items
        } else {
            self.projection(&both)
        };
        let rest = format!("from {} l {how} {from_right} r on {on}", left.reference());
        (String::new(), false, items, rest)
    }

    /// By position, each column with one of the same type.
    fn union_all(&mut self, left: &Asset) -> Shape {
        let right = self.input();
        let whole = left.full_name() == right.full_name() || self.tape.rarely(3);
        self.rows = left.rows + right.rows;
        let (left_name, right_name) = (left.reference(), right.reference());
        if whole {
            let rest = format!("from (select * from {left_name} union all select * from {left_name})");
            return (String::new(), false, vec![Self::star(left, "")], rest);
        }
        let columns = left.columns();
        let others = right.columns();
        let from_right: Vec<_> = (columns.iter())
            .map(|column| {
                let fitting: Vec<_> = others
                    .iter()
                    .filter(|other| other.data_type == column.data_type && other.data_type != Type::Other)
                    .collect();
                if fitting.is_empty() { "null".to_owned() } else { self.tape.of(&fitting).name.clone() }
            })
            .collect();
        let rest =
            format!("from (select * from {left_name} union all select {} from {right_name})", from_right.join(", "));
        (String::new(), false, vec![Self::star(left, "")], rest)
    }

    fn union_by_name(&mut self, left: &Asset) -> Shape {
        let right = self.input();
        let word = *self.tape.of(&["union all by name", "union by name"]);
        let mut columns = left.columns();
        let mut clash = Vec::new();
        for other in right.columns() {
            match columns.iter().find(|column| column.name == other.name) {
                None => columns.push(other),
                Some(column) if column.data_type == other.data_type && other.data_type != Type::Other => {}
                Some(_) => clash.push(other.name),
            }
        }
        let all = if clash.len() == right.columns().len() {
            format!("1 as {}", "extra")
        } else if clash.is_empty() {
            "*".to_owned()
        } else {
            format!("* exclude ({})", clash.join(", "))
        };
        if all.ends_with("extra") && !columns.iter().any(|column| column.name == "extra") {
            columns.push(Column {
                name: "extra".to_owned(),
                data_type: Type::Int,
            });
        }
        self.rows = left.rows + right.rows;
        let rest = format!("from (select * from {} {word} select {all} from {})", left.reference(), right.reference());
        let star = Item::Star {
            prefix: String::new(),
            exclude: Vec::new(),
            rename: Vec::new(),
            columns,
        };
        (String::new(), false, vec![star], rest)
    }

    fn group(&mut self, input: &Asset) -> Shape {
        let terms = Self::terms(input, "");
        let key = self.tape.of(&terms).clone();
        let mut items = vec![Self::named(&[], &key.name, key.sql.clone(), key.data_type)];
        for _ in 0..=self.tape.pick(3) {
            let term = self.tape.of(&terms).clone();
            let c = &term.sql;
            let (sql, data_type) = match (term.data_type, self.tape.pick(7)) {
                (_, 0) => ("count(*)".to_owned(), Type::Int),
                (Type::Other, _) | (_, 1) => (format!("count({c})"), Type::Int),
                (Type::Int | Type::Decimal, 2 | 3) => (format!("sum({c})"), Type::Other),
                (data_type, 2) => (format!("max({c})"), data_type),
                (_, 3) => (format!("count(distinct {c})"), Type::Int),
                (_, 4) => (format!("list({c} order by {c})"), Type::Other),
                (_, 5) => (format!("string_agg({c}::varchar, ',' order by {c}::varchar)"), Type::Text),
                (data_type, _) => (format!("min({c}) filter (where {c} is not null)"), data_type),
            };
            let item = Self::named(&items, "n", sql, data_type);
            items.push(item);
        }
        let by = match self.tape.pick(5) {
            0 => format!("group by {}", key.sql),
            1 => "group by 1".to_owned(),
            2 => "group by all".to_owned(),
            3 => format!("group by {} having count(*) > {}", key.sql, self.literal()),
            _ => format!("group by rollup ({})", key.sql),
        };
        self.rows += 1;
        (String::new(), false, items, format!("from {} {by}", input.reference()))
    }

    fn window(&mut self, input: &Asset) -> Shape {
        let terms = Self::terms(input, "");
        let total = Self::total(&terms);
        let key = self.tape.of(&terms).sql.clone();
        let value = self.tape.of(&terms).clone();
        let c = &value.sql;
        let mut items = if self.tape.rarely(2) { vec![Self::star(input, "")] } else { self.projection(&terms) };
        let (sql, data_type) = match self.tape.pick(6) {
            0 => (format!("row_number() over (order by {total})"), Type::Int),
            1 => (format!("rank() over (partition by {key} order by {c})"), Type::Int),
            2 => (format!("lag({c}, 1) over (partition by {key} order by {total})"), value.data_type),
            3 => (format!("count({c}) over (order by {total} rows between 1 preceding and current row)"), Type::Int),
            4 => (format!("first_value({c}) over w"), value.data_type),
            _ => (format!("max({c}) over (partition by {key})"), value.data_type),
        };
        let named = if sql.ends_with(" w") { format!(" window w as (order by {total})") } else { String::new() };
        let item = Self::named(&items, "n", sql, data_type);
        items.push(item);
        (String::new(), false, items, format!("from {}{named}", input.reference()))
    }

    /// A sub-query in the list whose names may be the outer or the inner one's.
    fn correlated(&mut self, input: &Asset) -> Shape {
        let terms = Self::terms(input, "");
        let other = self.input();
        let inner = &other.columns()[0];
        let outer = &terms[0];
        let mut items = self.projection(&terms);
        let sql = format!(
            "(select count(*) from {} i where i.{}::varchar = {}::varchar)",
            other.reference(),
            inner.name,
            outer.sql
        );
        let item = Self::named(&items, "n", sql, Type::Int);
        items.push(item);
        (String::new(), false, items, format!("from {}", input.reference()))
    }
}

trait WithHead {
    fn with_head(self, head: String) -> Self;
}

impl WithHead for Shape {
    fn with_head(self, head: String) -> Self {
        (head, self.1, self.2, self.3)
    }
}
