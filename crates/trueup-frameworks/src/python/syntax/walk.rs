//! Going through a tree.

use std::rc::Rc;

use super::{
    Argument, Block, Body, Comprehension, ComprehensionKind, Expression, ExpressionKind, FormatPart,
    FunctionDefinition, Pattern, PatternKind, Statement, StatementKind,
};
use crate::python::stack::with_room;

/// The expressions and blocks directly within a statement.
pub(crate) fn parts(statement: &Statement) -> (Vec<&Expression>, Vec<&Block>) {
    let mut expressions: Vec<&Expression> = Vec::new();
    let mut blocks: Vec<&Block> = Vec::new();
    match &statement.kind {
        StatementKind::Expression(value) => expressions.push(value),
        StatementKind::Assign { targets, value } => {
            expressions.push(value);
            expressions.extend(targets);
        }
        StatementKind::Augment { target, operator: _, value } => expressions.extend([target, value]),
        StatementKind::Delete(targets) => expressions.extend(targets),
        StatementKind::If(branches) => {
            for (condition, block) in branches {
                expressions.extend(condition);
                blocks.push(block);
            }
        }
        StatementKind::For { target, iterable, body, otherwise, asynchronous: _ } => {
            expressions.extend([iterable, target]);
            blocks.extend([body, otherwise]);
        }
        StatementKind::While { condition, body, otherwise } => {
            expressions.push(condition);
            blocks.extend([body, otherwise]);
        }
        StatementKind::With { items, body, asynchronous: _ } => {
            for (context, target) in items {
                expressions.push(context);
                expressions.extend(target);
            }
            blocks.push(body);
        }
        StatementKind::Try(given) => {
            blocks.push(&given.body);
            for handler in &given.handlers {
                expressions.extend(&handler.exceptions);
                blocks.push(&handler.body);
            }
            blocks.extend([&given.otherwise, &given.finally]);
        }
        StatementKind::Raise { exception } | StatementKind::Return(exception) => {
            expressions.extend(exception);
        }
        StatementKind::Assert { condition } => expressions.push(condition),
        StatementKind::Function(function) => expressions.extend(&function.decorators),
        StatementKind::Class(class) => {
            expressions.extend(&class.decorators);
            expressions.extend(class.arguments.iter().map(value_of));
            blocks.push(&class.body);
        }
        StatementKind::Match { subject, cases } => {
            expressions.push(subject);
            for case in cases {
                expressions.extend(&case.guard);
                blocks.push(&case.body);
            }
        }
        StatementKind::Import(_)
        | StatementKind::ImportFrom { .. }
        | StatementKind::Global(_)
        | StatementKind::Nonlocal(_)
        | StatementKind::Break
        | StatementKind::Continue
        | StatementKind::Pass
        | StatementKind::Other(_) => {}
    }
    (expressions, blocks)
}

/// The statements of blocks and those within them, functions left aside.
pub(crate) fn statements<'a>(blocks: impl IntoIterator<Item = &'a Block>) -> Vec<&'a Statement> {
    let mut open: Vec<&Block> = blocks.into_iter().collect();
    let mut found = Vec::new();
    while let Some(block) = open.pop() {
        for statement in block.iter() {
            found.push(statement);
            open.extend(parts(statement).1);
        }
    }
    found
}

/// Expressions and those within them.
pub(crate) fn expressions<'a>(outer: impl IntoIterator<Item = &'a Expression>) -> Vec<&'a Expression> {
    let mut open: Vec<&Expression> = outer.into_iter().collect();
    let mut found = Vec::new();
    while let Some(expression) = open.pop() {
        found.push(expression);
        open.extend(operands(expression));
    }
    found
}

impl FunctionDefinition {
    /// What is written within the function, other functions left aside.
    pub(crate) fn statements(&self) -> Vec<&Statement> {
        match &self.body {
            Body::Block(block) => statements([block]),
            Body::Lambda(_) => Vec::new(),
        }
    }

    pub(crate) fn expressions(&self) -> Vec<&Expression> {
        match &self.body {
            Body::Block(_) => expressions(self.statements().into_iter().flat_map(|one| parts(one).0)),
            Body::Lambda(expression) => expressions([expression]),
        }
    }
}

/// The value of an argument, whatever its form.
pub(crate) fn value_of(argument: &Argument) -> &Expression {
    match argument {
        Argument::Positional(value)
        | Argument::Star(value)
        | Argument::Keyword(_, value)
        | Argument::Keywords(value) => value,
    }
}

/// The expressions directly within an expression. A lambda is a function of its own and has none.
pub(crate) fn operands(expression: &Expression) -> Vec<&Expression> {
    match &expression.kind {
        ExpressionKind::None
        | ExpressionKind::Ellipsis
        | ExpressionKind::Bool(_)
        | ExpressionKind::Int(_)
        | ExpressionKind::Float(_)
        | ExpressionKind::Str(_)
        | ExpressionKind::Bytes(_)
        | ExpressionKind::Name(_)
        | ExpressionKind::Lambda(_)
        | ExpressionKind::Other(_) => Vec::new(),
        ExpressionKind::Format(parts) => parts.iter().flat_map(formatted).collect(),
        ExpressionKind::Attribute(value, _)
        | ExpressionKind::Negation(_, value)
        | ExpressionKind::Named(_, value)
        | ExpressionKind::Star(value)
        | ExpressionKind::YieldFrom(value) => vec![value],
        ExpressionKind::Yield(value) => value.iter().map(|value| &**value).collect(),
        ExpressionKind::Subscript(value, index) => vec![value, index],
        ExpressionKind::Slice(parts) => parts.iter().flatten().collect(),
        ExpressionKind::Call(call) => {
            std::iter::once(&call.function).chain(call.arguments.iter().map(value_of)).collect()
        }
        ExpressionKind::Operation(first, others) => {
            std::iter::once(&**first).chain(others.iter().map(|(_, other)| other)).collect()
        }
        ExpressionKind::Comparison(first, others) => {
            std::iter::once(&**first).chain(others.iter().map(|(_, other)| other)).collect()
        }
        ExpressionKind::Logic(_, operands)
        | ExpressionKind::Tuple(operands)
        | ExpressionKind::List(operands)
        | ExpressionKind::Set(operands) => operands.iter().collect(),
        ExpressionKind::Choice(parts) => parts.iter().collect(),
        ExpressionKind::Dict(entries) => {
            entries.iter().flat_map(|(key, value)| key.iter().chain(std::iter::once(value))).collect()
        }
        ExpressionKind::Comprehension(comprehension) => within_comprehension(comprehension),
    }
}

fn within_comprehension(comprehension: &Comprehension) -> Vec<&Expression> {
    let mut found = match &comprehension.kind {
        ComprehensionKind::List(value)
        | ComprehensionKind::Set(value)
        | ComprehensionKind::Generator(value) => {
            vec![value]
        }
        ComprehensionKind::Dict(key, value) => vec![key, value],
    };
    for clause in &comprehension.clauses {
        found.extend([&clause.target, &clause.iterable]);
        found.extend(&clause.conditions);
    }
    found
}

fn formatted(part: &FormatPart) -> Vec<&Expression> {
    match part {
        FormatPart::Text(_) => Vec::new(),
        FormatPart::Value { value, shown: _, conversion: _, specification } => {
            std::iter::once(value).chain(specification.iter().flat_map(formatted)).collect()
        }
    }
}

/// Whether a block has a `yield` that belongs to its own function.
pub fn yields_in(block: &Block) -> bool {
    block.iter().any(|statement| {
        let is_class = matches!(statement.kind, StatementKind::Class(_));
        let (expressions, blocks) = parts(statement);
        expressions.into_iter().any(yields_within)
            || (!is_class && blocks.into_iter().any(|block| with_room(|| yields_in(block))))
    })
}

/// The same for an expression.
pub fn yields_within(expression: &Expression) -> bool {
    matches!(expression.kind, ExpressionKind::Yield(_) | ExpressionKind::YieldFrom(_))
        || operands(expression).into_iter().any(|operand| with_room(|| yields_within(operand)))
}

/// The names that a statement may give a value in its own scope; `*` stands for an import of everything.
pub fn bound_names(statement: &Statement) -> Vec<Rc<str>> {
    let mut names = Vec::new();
    collect(statement, &mut names);
    names
}

fn collect(statement: &Statement, names: &mut Vec<Rc<str>>) {
    let (expressions, blocks) = parts(statement);
    for expression in expressions {
        named_within(expression, names);
    }
    match &statement.kind {
        StatementKind::Assign { targets, value: _ } | StatementKind::Delete(targets) => {
            targets.iter().for_each(|target| target_names(target, names));
        }
        StatementKind::Augment { target, operator: _, value: _ } | StatementKind::For { target, .. } => {
            target_names(target, names);
        }
        StatementKind::With { items, .. } => {
            items
                .iter()
                .filter_map(|(_, target)| target.as_ref())
                .for_each(|target| target_names(target, names));
        }
        StatementKind::Try(given) => {
            names.extend(given.handlers.iter().filter_map(|handler| handler.name.clone()))
        }
        StatementKind::Import(aliases) => names.extend(aliases.iter().map(|alias| {
            let first = || alias.name.split('.').next().unwrap_or_default().into();
            alias.bound_to.clone().unwrap_or_else(first)
        })),
        StatementKind::ImportFrom { module: _, level: _, names: aliases } => {
            names.extend(aliases.iter().map(|alias| alias.bound_to.as_ref().unwrap_or(&alias.name).clone()));
        }
        StatementKind::Function(function) => names.push(function.name.clone()),
        StatementKind::Class(class) => {
            names.push(class.name.clone());
            return;
        }
        StatementKind::Match { subject: _, cases } => {
            cases.iter().for_each(|case| pattern_names(&case.pattern, names));
        }
        StatementKind::Expression(_)
        | StatementKind::If(_)
        | StatementKind::While { .. }
        | StatementKind::Raise { .. }
        | StatementKind::Assert { .. }
        | StatementKind::Return(_)
        | StatementKind::Global(_)
        | StatementKind::Nonlocal(_)
        | StatementKind::Break
        | StatementKind::Continue
        | StatementKind::Pass
        | StatementKind::Other(_) => {}
    }
    for block in blocks {
        with_room(|| block.iter().for_each(|statement| collect(statement, names)));
    }
}

/// `name := value` anywhere within.
fn named_within(expression: &Expression, names: &mut Vec<Rc<str>>) {
    if let ExpressionKind::Named(name, _) = &expression.kind {
        names.push(name.clone());
    }
    for operand in operands(expression) {
        with_room(|| named_within(operand, names));
    }
}

fn target_names(target: &Expression, names: &mut Vec<Rc<str>>) {
    match &target.kind {
        ExpressionKind::Name(name) => names.push(name.clone()),
        ExpressionKind::Tuple(items) | ExpressionKind::List(items) => {
            with_room(|| items.iter().for_each(|item| target_names(item, names)));
        }
        ExpressionKind::Star(item) => target_names(item, names),
        // What is changed within something else has no name of its own; that the rest can name.
        ExpressionKind::Attribute(value, _) | ExpressionKind::Subscript(value, _) => {
            with_room(|| target_names(value, names));
        }
        _ => {}
    }
}

fn pattern_names(pattern: &Pattern, names: &mut Vec<Rc<str>>) {
    match &pattern.kind {
        PatternKind::Value(_) | PatternKind::Singleton(_) | PatternKind::Class => {}
        PatternKind::Sequence(patterns) | PatternKind::Or(patterns) => {
            with_room(|| patterns.iter().for_each(|pattern| pattern_names(pattern, names)));
        }
        PatternKind::Star(name) => names.extend(name.clone()),
        PatternKind::Mapping { entries, rest } => {
            with_room(|| entries.iter().for_each(|(_, pattern)| pattern_names(pattern, names)));
            names.extend(rest.clone());
        }
        PatternKind::As { pattern, name } => {
            pattern.iter().for_each(|pattern| pattern_names(pattern, names));
            names.extend(name.clone());
        }
    }
}
