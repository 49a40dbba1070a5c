//! Derives the lineage of a query from its operators.

use std::rc::Rc;

use super::sources::{Sources, Walk, add, add_through, checked};
use super::{ColumnLineage, How, Hows, Unknown};
use crate::sql::ir::{Expr, JoinKind, Plan, SetKind};

/// The columns of an operator, each with its sources.
type Columns = Vec<Rc<Sources>>;

/// Returns where the columns and the rows of a query come from; `outputs` are the names of its columns.
///
/// # Errors
/// If the plan is not whole; the caller converts that to [`ColumnLineage::unknown`].
pub fn of<'a>(plan: &Plan, outputs: impl IntoIterator<Item = &'a str>) -> Result<ColumnLineage, Unknown> {
    let mut walk = Walk::default();
    let columns = walk.plan(plan)?;
    let names: Vec<&str> = outputs.into_iter().collect();
    if names.len() != columns.len() {
        return Err(Unknown(format!("the plan has {} columns, and the result {}", columns.len(), names.len())));
    }
    Ok(walk.finish(&names, &columns))
}

impl Walk {
    /// Returns the columns of an operator.
    fn plan(&mut self, plan: &Plan) -> Result<Columns, Unknown> {
        match plan {
            Plan::Scan { table, names, columns } => self.scan(table, names, columns),
            Plan::Values { input, width, rows } => {
                let seen = input.as_ref().map_or(Ok(Vec::new()), |input| self.plan(input))?;
                let mut columns = vec![Sources::new(); *width];
                for row in rows {
                    for (column, value) in columns.iter_mut().zip(self.each(row, &seen)?) {
                        add(column, &value);
                    }
                }
                Ok(shared(columns))
            }
            Plan::Project { input, outputs } => {
                let seen = self.plan(input)?;
                self.each(outputs, &seen)
            }
            Plan::Filter { input, conditions } => {
                let seen = self.plan(input)?;
                self.decide_by(conditions, &seen, How::Filter)?;
                Ok(seen)
            }
            Plan::Join {
                kind,
                left,
                right,
                conditions,
            } => self.join(*kind, left, right, conditions),
            Plan::Aggregate {
                input,
                groups,
                sets,
                aggregates,
                masks,
                is_correlation,
            } => {
                let seen = self.plan(input)?;
                let mut columns = self.each(groups, &seen)?;
                let how = if *is_correlation { How::Join } else { How::Group };
                for group in &columns {
                    self.decide(group, how);
                }
                let mut shown = Vec::new();
                for mask in masks {
                    let mut sources = Sources::new();
                    for group in mask {
                        add_through(&mut sources, checked(&columns, *group)?, How::Transformation);
                    }
                    shown.push(Rc::new(sources));
                }
                if *sets {
                    columns = columns.iter().map(|group| through(group, How::Transformation)).collect();
                }
                columns.extend(self.each(aggregates, &seen)?);
                columns.extend(shown);
                Ok(columns)
            }
            Plan::Window { input, functions } => {
                let mut columns = self.plan(input)?;
                columns.extend(self.each(functions, &columns)?);
                Ok(columns)
            }
            Plan::Unnest { input, lists } => {
                let mut columns = self.plan(input)?;
                let more = self.each(lists, &columns)?;
                // The list decides how often its row occurs.
                for list in &more {
                    self.decide(list, How::Join);
                }
                columns.extend(more);
                Ok(columns)
            }
            Plan::Distinct { input, on, order } => {
                let seen = self.plan(input)?;
                match on {
                    Some(on) => self.decide_by(on, &seen, How::Distinct)?,
                    None => seen.iter().for_each(|column| self.decide(column, How::Distinct)),
                }
                self.decide_by(order, &seen, How::Order)?;
                Ok(seen)
            }
            Plan::Sort { input, order } => {
                let seen = self.plan(input)?;
                self.decide_by(order, &seen, How::Order)?;
                Ok(seen)
            }
            Plan::Limit { input, bounds } => {
                let seen = self.plan(input)?;
                self.decide_by(bounds, &seen, How::Filter)?;
                Ok(seen)
            }
            Plan::Sample { input } => self.plan(input),
            Plan::SetOp { kind, all, inputs } => self.set_operation(*kind, *all, inputs),
            Plan::With {
                table,
                definition,
                query,
            } => {
                let columns = self.plan(definition)?;
                self.common.insert(*table, columns);
                self.plan(query)
            }
            Plan::Recursion {
                table,
                first,
                step,
                all,
            } => self.recursion(*table, first, step, *all),
            Plan::Common { table } => {
                let columns = self.common.get(table).cloned();
                columns.ok_or_else(|| Unknown(format!("common table {table} is not in sight")))
            }
        }
    }

    fn each(&mut self, expressions: &[Expr], seen: &[Rc<Sources>]) -> Result<Columns, Unknown> {
        expressions.iter().map(|expression| self.expression(expression, seen)).collect()
    }

    /// Notes that expressions decide the row set.
    fn decide_by(&mut self, expressions: &[Expr], seen: &[Rc<Sources>], how: How) -> Result<(), Unknown> {
        for sources in self.each(expressions, seen)? {
            self.decide(&sources, how);
        }
        Ok(())
    }

    fn scan(&mut self, table: &str, names: &[String], columns: &[Option<usize>]) -> Result<Columns, Unknown> {
        self.scanned.insert(table.to_owned());
        let mut found = Vec::new();
        for column in columns {
            let mut sources = Sources::new();
            match column {
                Some(position) => {
                    let name = checked(names, *position)?;
                    sources.insert(self.input(table, Some(name)), Hows::of(How::Identity));
                }
                // If the number of a row is used at all, it depends on every row before it.
                None => {
                    for name in names.iter().map(|name| Some(name.as_str())).chain([None]) {
                        sources.insert(self.input(table, name), Hows::of(How::Transformation));
                    }
                }
            }
            found.push(Rc::new(sources));
        }
        Ok(found)
    }

    fn join(&mut self, kind: JoinKind, left: &Plan, right: &Plan, conditions: &[Expr]) -> Result<Columns, Unknown> {
        let (mut left, right) = (self.plan(left)?, self.plan(right)?);
        let both = [left.as_slice(), &right].concat();
        let mut compared = Sources::new();
        self.from(conditions, &both, How::Transformation, &mut compared)?;
        if kind != JoinKind::Mark {
            self.decide(&compared, How::Join);
        }
        Ok(match kind {
            JoinKind::Product | JoinKind::Pairs => both,
            JoinKind::Left => left,
            JoinKind::Right => right,
            // No row is added or removed: a column contains whether there was a match.
            JoinKind::Mark => {
                left.push(Rc::new(compared));
                left
            }
        })
    }

    /// Combines the columns of all inputs by position; without the later inputs if their rows only remove others.
    fn set_operation(&mut self, kind: SetKind, all: bool, inputs: &[Plan]) -> Result<Columns, Unknown> {
        let mut columns: Vec<Sources> = Vec::new();
        for (index, input) in inputs.iter().enumerate() {
            let input = self.plan(input)?;
            if index == 0 {
                columns.resize(input.len(), Sources::new());
            }
            expect_same_width(&columns, &input)?;
            for (column, more) in columns.iter_mut().zip(&input) {
                if index == 0 || kind != SetKind::Except {
                    add(column, more);
                }
                if kind != SetKind::Union {
                    self.decide(more, How::Join);
                }
                if !all {
                    self.decide(more, How::Distinct);
                }
            }
        }
        Ok(shared(columns))
    }

    /// Repeats until no column gains a source.
    fn recursion(&mut self, table: u64, first: &Plan, step: &Plan, all: bool) -> Result<Columns, Unknown> {
        let mut columns: Vec<Sources> = self.plan(first)?.iter().map(|column| (**column).clone()).collect();
        loop {
            self.common.insert(table, columns.iter().cloned().map(Rc::new).collect());
            let more = self.plan(step)?;
            expect_same_width(&columns, &more)?;
            let before = columns.clone();
            for (column, more) in columns.iter_mut().zip(&more) {
                add(column, more);
            }
            if columns == before {
                break;
            }
        }
        if !all {
            for column in &columns {
                self.decide(column, How::Distinct);
            }
        }
        Ok(shared(columns))
    }

    /// Returns the sources of an expression, over the columns that its operator sees.
    fn expression(&mut self, expression: &Expr, seen: &[Rc<Sources>]) -> Result<Rc<Sources>, Unknown> {
        let mut sources = Sources::new();
        match expression {
            Expr::Column(position) => return checked(seen, *position).cloned(),
            Expr::Literal => {}
            Expr::Call { arguments, .. } => self.from(arguments, seen, How::Transformation, &mut sources)?,
            Expr::Lambda { captures } => self.from(captures, seen, How::Transformation, &mut sources)?,
            Expr::Cast(value) => self.from([&**value], seen, How::Transformation, &mut sources)?,
            Expr::Case { branches, otherwise } => {
                let parts = branches.iter().flat_map(|(condition, value)| [condition, value]);
                self.from(parts.chain(otherwise.as_deref()), seen, How::Transformation, &mut sources)?;
            }
            Expr::Aggregate(aggregate) => {
                let parts = aggregate.arguments.iter().chain(&aggregate.filter).chain(&aggregate.order);
                self.from(parts, seen, How::Aggregation, &mut sources)?;
            }
            Expr::Window(window) => {
                self.from(&window.arguments, seen, How::Aggregation, &mut sources)?;
                for part in self.each(&window.frame, seen)? {
                    add(&mut sources, &part.keys().map(|number| (*number, Hows::of(How::Window))).collect());
                }
            }
        }
        Ok(Rc::new(sources))
    }

    /// Adds the sources of parts of an expression, as they are used by it.
    fn from<'e>(
        &mut self,
        parts: impl IntoIterator<Item = &'e Expr>,
        seen: &[Rc<Sources>],
        how: How,
        sources: &mut Sources,
    ) -> Result<(), Unknown> {
        for part in parts {
            let found = self.expression(part, seen)?;
            add_through(sources, &found, how);
        }
        Ok(())
    }
}

fn shared(columns: Vec<Sources>) -> Columns {
    columns.into_iter().map(Rc::new).collect()
}

fn through(sources: &Sources, how: How) -> Rc<Sources> {
    let mut raised = Sources::new();
    add_through(&mut raised, sources, how);
    Rc::new(raised)
}

fn expect_same_width(columns: &[Sources], more: &[Rc<Sources>]) -> Result<(), Unknown> {
    if columns.len() == more.len() {
        return Ok(());
    }
    Err(Unknown("sides of a set operation have different numbers of columns".to_owned()))
}
