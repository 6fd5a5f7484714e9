//! What functions in migrations do: nearly all change rows; some make tables, and these cannot be read.

use std::rc::Rc;

use trueup_model::history::Opaque;
use trueup_sql::classify::{Effect, classify};

use super::literal::literal;
use super::operation::{Parameters, Sql};
use super::operation_call::read_parameters;

use crate::python::syntax::{
    Argument, Call, Expression, ExpressionKind, FormatPart, FunctionDefinition, StatementKind,
};
use crate::python::value::{Arguments, Bound, Function, Method};
use crate::python::{Kind, Seen, Spot, Value, World, shown};

/// Methods of Django's schema editor that change the schema.
const EDITS: &[&str] = &[
    "create_model",
    "delete_model",
    "add_field",
    "remove_field",
    "alter_field",
    "add_index",
    "remove_index",
    "rename_index",
    "add_constraint",
    "remove_constraint",
    "alter_db_table",
    "alter_unique_together",
    "alter_index_together",
    "alter_db_tablespace",
    "alter_db_table_comment",
    "_alter_field",
];

/// How deep calls of the project's own functions are followed.
const DEPTH: usize = 6;

/// What a function does, as far as that is known before it runs.
pub enum Work {
    Rows,
    /// It surely sends these, and nothing else that changes the schema.
    Sql(Vec<Sql>),
    Opaque(Opaque),
}

/// The schema editor that Django gives to functions of migrations.
pub const EDITOR: &str = "django.db.connection.schema_editor";

/// What a function of a migration does: found by a search through its text, and by following its calls. Only where
/// nothing of it depends on what is not known, the SQL that it sends is the migration's own.
pub fn work(world: &World, code: &Value) -> Work {
    let names = ["django.db.migrations.apps", EDITOR].map(|name| Value::name(name, &code.spot));
    work_of(world, code, names.to_vec())
}

/// The same for a function with other arguments.
pub fn work_of(world: &World, code: &Value, arguments: Vec<Value>) -> Work {
    work_with(world, code, Arguments { args: arguments, kwargs: Vec::new() })
}

/// The same for a function that is called with names.
pub fn work_with(world: &World, code: &Value, arguments: Arguments) -> Work {
    let why = makes_schema(world, code);
    if !matches!(code.kind, Kind::Function(_) | Kind::Method(_) | Kind::Partial(_)) {
        return why.map_or(Work::Rows, Work::Opaque);
    }
    let witnessed = world.witnessed(code, arguments);
    let sent: Result<Vec<Option<Sql>>, Opaque> = witnessed.seen.iter().map(sent).collect();
    let sent: Result<Vec<Sql>, Opaque> = sent.map(|sent| sent.into_iter().flatten().collect());
    // What is handed on may be called later: `transaction.on_commit(…)`.
    let given = witnessed.seen.iter().flat_map(|call| {
        call.arguments.args.iter().chain(call.arguments.kwargs.iter().map(|(_, value)| value))
    });
    let functions =
        given.filter(|value| matches!(value.kind, Kind::Function(_) | Kind::Method(_) | Kind::Partial(_)));
    if let Some(later) = functions.into_iter().find_map(|function| makes_schema(world, function)) {
        return Work::Opaque(later);
    }
    match (why, sent) {
        (None, Ok(sent)) if sent.is_empty() => Work::Rows,
        (Some(why), _) if witnessed.lost.is_some() => Work::Opaque(why),
        (_, Ok(sent)) if sent.is_empty() => Work::Rows,
        (_, Ok(sent)) => Work::Sql(sent),
        (Some(why), Err(_)) => Work::Opaque(why),
        // The search has seen more of it than there is to be followed, unless this is plain.
        (None, Err(unsure)) => Work::Opaque(unsure),
    }
}

/// The statement that a call sends, if it changes the schema.
fn sent(call: &Seen) -> Result<Option<Sql>, Opaque> {
    let opaque = |reason: String| Opaque { reason, place: call.spot.place() };
    let (of, name) = match &call.function.kind {
        Kind::Name(dotted) => match dotted.rsplit_once('.') {
            Some((of, name)) => (of.to_owned(), name.to_owned()),
            None => return Ok(None),
        },
        Kind::Attribute(attribute) => (shown(&attribute.of), attribute.name.to_string()),
        _ => return Ok(None),
    };
    if EDITS.contains(&name.as_str()) && of.contains("schema_editor") {
        return Err(opaque(format!("the function calls {name} of the schema editor")));
    }
    let is_own = matches!(&call.function.kind, Kind::Attribute(attribute) if matches!(attribute.of.kind, Kind::Super(_)));
    if matches!(name.as_str(), "database_forwards" | "state_forwards") && !is_own {
        return Err(opaque(format!("{name} of another operation is called")));
    }
    if !matches!(name.as_str(), "execute" | "executescript") {
        return Ok(None);
    }
    let arguments = &call.arguments;
    let text = arguments.args.first().or_else(|| arguments.keyword("sql"));
    let Some(text) = text.and_then(Value::as_str) else {
        return Err(opaque("the function runs SQL that is not known before it runs".to_owned()));
    };
    if !may_change_schema(text) {
        return Ok(None);
    }
    if let Some(unsure) = &call.unsure {
        let reason = format!(
            "whether the function runs SQL that may change the schema ({}) is not known: {}",
            classify(text).verb,
            unsure.reason
        );
        return Err(opaque(reason));
    }
    let given = arguments.args.get(1).or_else(|| arguments.keyword("params"));
    let parameters = match given {
        Some(given) => literal(given).and_then(|_| read_parameters(given)),
        // The schema editor fills in an empty list of them, a cursor nothing.
        None => Ok((of == EDITOR).then(|| Parameters::InOrder(Vec::new()))),
    };
    let parameters = parameters.map_err(|unknown| opaque(unknown.reason.clone()))?;
    Ok(Some(Sql { text: text.into(), parameters, place: call.spot.place() }))
}

fn may_change_schema(text: &str) -> bool {
    statements(text).iter().any(|statement| match classify(statement).effect {
        Effect::Schema | Effect::Unknown => true,
        Effect::Data | Effect::Session | Effect::Transaction | Effect::Query => false,
    })
}

/// Why a function may change the schema; `None` where it only changes rows.
pub fn makes_schema(world: &World, code: &Value) -> Option<Opaque> {
    match &code.kind {
        Kind::Function(function) => Search { world, seen: Vec::new() }.function(function, 0),
        Kind::Method(method) => Search { world, seen: Vec::new() }.method(method, 0),
        Kind::Partial(partial) => makes_schema(world, &partial.function),
        // `migrations.RunPython.noop`, and functions of packages that are not followed.
        Kind::Name(_) | Kind::Builtin(_) => None,
        Kind::Attribute(_) => None,
        Kind::Object(object) => match &object.class {
            crate::python::value::ClassRef::Class(class) => match class.attribute("__call__") {
                Ok(Some(call)) => makes_schema(world, &call),
                Ok(None) | Err(_) => None,
            },
            _ => Some(Opaque {
                reason: "what this call makes is not followed".to_owned(),
                place: code.place(),
            }),
        },
        Kind::Unknown(unknown) => {
            Some(Opaque { reason: unknown.reason.clone(), place: unknown.place.clone() })
        }
        _ => Some(Opaque { reason: format!("{} is no function", code.type_name()), place: code.place() }),
    }
}

/// Whether a method calls the one of its ancestor: `super().database_forwards(…)`.
pub fn calls_ancestor(code: &Value, method: &str) -> bool {
    let Kind::Function(function) = &code.kind else { return false };
    calls(&function.definition)
        .any(|call| matches!(&call.function.kind, ExpressionKind::Attribute(_, name) if **name == *method))
}

struct Search<'a> {
    world: &'a World,
    seen: Vec<*const FunctionDefinition>,
}

impl Search<'_> {
    fn method(&mut self, method: &Method, depth: usize) -> Option<Opaque> {
        match &method.function {
            Bound::Function(function) => self.function(function, depth),
            Bound::Builtin(_) => None,
        }
    }

    fn function(&mut self, function: &Rc<Function>, depth: usize) -> Option<Opaque> {
        let definition = Rc::as_ptr(&function.definition);
        if depth > DEPTH || self.seen.contains(&definition) || self.seen.len() > 500 {
            return None;
        }
        self.seen.push(definition);
        calls(&function.definition).find_map(|call| self.call(function, call, depth))
    }

    fn call(&mut self, function: &Rc<Function>, call: &Call, depth: usize) -> Option<Opaque> {
        let spot = Spot { source: function.module.source.clone(), span: call.function.span };
        let opaque = |reason: String| Some(Opaque { reason, place: spot.place() });
        match &call.function.kind {
            ExpressionKind::Attribute(of, name) if EDITS.contains(&&**name) && is_editor(of) => {
                opaque(format!("the function calls {name} of the schema editor"))
            }
            ExpressionKind::Attribute(_, name) if matches!(&**name, "execute" | "executescript") => {
                self.executed(function, call, &spot)
            }
            ExpressionKind::Name(name) => match self.world.get(&function.module, name)?.kind {
                Kind::Function(called) => self.function(&called, depth + 1),
                _ => None,
            },
            ExpressionKind::Attribute(of, name) => {
                // A function of an imported module.
                let ExpressionKind::Name(module) = &of.kind else { return None };
                match &self.world.get(&function.module, module)?.kind {
                    Kind::Module(module) => match self.world.get(module, name)?.kind {
                        Kind::Function(called) => self.function(&called, depth + 1),
                        _ => None,
                    },
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// `cursor.execute(…)` and `schema_editor.execute(…)`.
    fn executed(&mut self, function: &Rc<Function>, call: &Call, spot: &Spot) -> Option<Opaque> {
        let Some(Argument::Positional(argument)) = call.arguments.first() else { return None };
        let texts = self.texts(function, argument);
        let opaque = |reason: String| Some(Opaque { reason, place: spot.place() });
        match texts {
            None => opaque("the function runs SQL that is not known before it runs".to_owned()),
            Some(texts) => match texts.iter().find(|text| may_change_schema(text)) {
                Some(text) => {
                    let verb = classify(text).verb;
                    opaque(format!("the function runs SQL that may change the schema ({verb})"))
                }
                None => None,
            },
        }
    }

    /// The texts that an expression may be, as far as their beginnings tell what they do.
    fn texts(&self, function: &Rc<Function>, expression: &Expression) -> Option<Vec<String>> {
        match &expression.kind {
            ExpressionKind::Str(text) => Some(vec![text.to_string()]),
            ExpressionKind::Format(format) => {
                let mut text = String::new();
                for part in format {
                    match part {
                        FormatPart::Text(part) => text.push_str(part),
                        FormatPart::Value { .. } if text.trim().is_empty() => return None,
                        FormatPart::Value { .. } => text.push_str("something"),
                    }
                }
                Some(vec![text])
            }
            ExpressionKind::Operation(first, _) => self.texts(function, first),
            ExpressionKind::Choice(parts) => {
                let mut texts = self.texts(function, &parts[1])?;
                texts.extend(self.texts(function, &parts[2])?);
                Some(texts)
            }
            ExpressionKind::Call(call) => match &call.function.kind {
                // `"…".format(…)`, `dedent("…")`, `sql.SQL("…")`
                ExpressionKind::Attribute(of, name) if &**name == "format" || &**name == "strip" => {
                    self.texts(function, of)
                }
                ExpressionKind::Attribute(_, name) if matches!(&**name, "dedent" | "SQL") => {
                    self.first_argument(function, call)
                }
                ExpressionKind::Name(name) if matches!(&**name, "dedent" | "SQL" | "str") => {
                    self.first_argument(function, call)
                }
                _ => None,
            },
            ExpressionKind::Name(name) => {
                let assigned = assignments(&function.definition, name);
                if assigned.is_empty() {
                    let value = self.world.get(&function.module, name)?;
                    return value.as_str().map(|text| vec![text.to_owned()]);
                }
                let mut texts = Vec::new();
                for value in assigned {
                    // A text that is built of itself: `sql += …`.
                    texts.extend(self.texts(function, value)?);
                }
                Some(texts)
            }
            _ => None,
        }
    }

    fn first_argument(&self, function: &Rc<Function>, call: &Call) -> Option<Vec<String>> {
        match call.arguments.first()? {
            Argument::Positional(argument) => self.texts(function, argument),
            Argument::Star(_) | Argument::Keyword(..) | Argument::Keywords(_) => None,
        }
    }
}

/// What is called an editor: a parameter's name is all that is known of it.
fn is_editor(of: &Expression) -> bool {
    match &of.kind {
        ExpressionKind::Name(name) => name.contains("editor") || name.contains("schema"),
        ExpressionKind::Attribute(_, name) => name.contains("editor"),
        ExpressionKind::Call(call) => match &call.function.kind {
            ExpressionKind::Attribute(_, name) => &**name == "schema_editor",
            _ => false,
        },
        _ => false,
    }
}

fn statements(text: &str) -> Vec<String> {
    let file = "".into();
    let split = trueup_sql::split::split(&file, text, trueup_sql::split::SplitMode::PLAIN);
    split.statements().map(|statement| statement.text.to_string()).collect()
}

/// What is assigned to a name within a function.
fn assignments<'a>(definition: &'a FunctionDefinition, name: &str) -> Vec<&'a Expression> {
    let is_it =
        |target: &Expression| matches!(&target.kind, ExpressionKind::Name(target) if **target == *name);
    let assigned = definition.statements().into_iter().filter_map(|statement| match &statement.kind {
        StatementKind::Assign { targets, value } if targets.iter().any(is_it) => Some(value),
        _ => None,
    });
    assigned.collect()
}

fn calls(definition: &FunctionDefinition) -> impl Iterator<Item = &Call> {
    definition.expressions().into_iter().filter_map(|expression| match &expression.kind {
        ExpressionKind::Call(call) => Some(&**call),
        _ => None,
    })
}
