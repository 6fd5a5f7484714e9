//! From calls to operations.

use std::rc::Rc;

use trueup_model::history::Opaque;

use crate::python::value::Arguments;
use crate::python::{Kind, Unknown, Value, World};

use super::arguments::{Expect, Given};
use super::field_call::{field, named, unknown};
use super::index::{Called, called, constraint, index};
use super::literal::{Literal, literal};
use super::operation::{
    Collation, CreateModel, Hints, OldIndex, Operation, Options, Parameters, Placed, Sql, Together,
};
use super::run_python::{self, Work};
use super::{Operation as Op, field::Target};

type Read<T> = Result<T, Rc<Unknown>>;

/// An operation; what cannot be read is one that is opaque.
pub fn operation(world: &World, value: &Value) -> Placed {
    let operation = read(world, value).unwrap_or_else(|unknown| opaque(&unknown));
    Placed { operation, place: value.place() }
}

fn opaque(unknown: &Unknown) -> Operation {
    Op::Opaque(Opaque { reason: unknown.reason.clone(), place: unknown.place.clone() })
}

/// Django's operations, with the names of their positional arguments.
const OPERATIONS: &[(&str, &[&str])] = &[
    ("CreateModel", &["name", "fields", "options", "bases", "managers"]),
    ("DeleteModel", &["name"]),
    ("RenameModel", &["old_name", "new_name"]),
    ("AlterModelTable", &["name", "table"]),
    ("AlterModelTableComment", &["name", "table_comment"]),
    ("AlterUniqueTogether", &["name", "unique_together"]),
    ("AlterIndexTogether", &["name", "index_together"]),
    ("AlterOrderWithRespectTo", &["name", "order_with_respect_to"]),
    ("AlterModelOptions", &["name", "options"]),
    ("AlterModelManagers", &["name", "managers"]),
    ("AddField", &["model_name", "name", "field", "preserve_default"]),
    ("RemoveField", &["model_name", "name", "field"]),
    ("AlterField", &["model_name", "name", "field", "preserve_default"]),
    ("RenameField", &["model_name", "old_name", "new_name"]),
    ("AddIndex", &["model_name", "index"]),
    ("AddIndexConcurrently", &["model_name", "index"]),
    ("RemoveIndex", &["model_name", "name"]),
    ("RemoveIndexConcurrently", &["model_name", "name"]),
    ("RenameIndex", &["model_name", "new_name", "old_name", "old_fields"]),
    ("AddConstraint", &["model_name", "constraint"]),
    ("AddConstraintNotValid", &["model_name", "constraint"]),
    ("RemoveConstraint", &["model_name", "name"]),
    ("AlterConstraint", &["model_name", "name", "constraint"]),
    ("ValidateConstraint", &["model_name", "name"]),
    ("SeparateDatabaseAndState", &["database_operations", "state_operations"]),
    ("RunSQL", &["sql", "reverse_sql", "state_operations", "hints", "elidable"]),
    ("RunPython", &["code", "reverse_code", "atomic", "hints", "elidable"]),
    ("CreateExtension", &["name", "hints"]),
    ("BloomExtension", &["hints"]),
    ("BtreeGinExtension", &["hints"]),
    ("BtreeGistExtension", &["hints"]),
    ("CITextExtension", &["hints"]),
    ("CryptoExtension", &["hints"]),
    ("HStoreExtension", &["hints"]),
    ("TrigramExtension", &["hints"]),
    ("UnaccentExtension", &["hints"]),
    ("CreateCollation", &["name", "locale"]),
    ("RemoveCollation", &["name", "locale"]),
    ("Operation", &[]),
];

fn last(dotted: &str) -> &str {
    dotted.rsplit('.').next().unwrap_or(dotted)
}

fn read(world: &World, value: &Value) -> Read<Operation> {
    let known = |dotted: &str| {
        dotted.starts_with("django.") && OPERATIONS.iter().any(|(name, _)| *name == last(dotted))
    };
    let called = called(value, known)?;
    let name = last(&called.class).to_owned();
    match own_work(world, value, &called, &name)? {
        Some(own) => Ok(own),
        None => from_call(world, value, &called, &name),
    }
}

/// What Django's own class makes of the arguments.
fn from_call(world: &World, value: &Value, called: &Called, name: &str) -> Read<Operation> {
    let positional = OPERATIONS.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, names)| names);
    let mut given = Given::new(&called.arguments, positional);
    let mut part =
        |name: &str| given.take(name).ok_or_else(|| value.wrong(&format!("an operation with {name}")));
    Ok(match name {
        "CreateModel" => Op::CreateModel(create_model(world, &mut given, value)?),
        "DeleteModel" => Op::DeleteModel { name: part("name")?.text()? },
        "RenameModel" => Op::RenameModel { old: part("old_name")?.text()?, new: part("new_name")?.text()? },
        "AlterModelTable" => {
            let name = part("name")?.text()?;
            Op::AlterModelTable { name, table: optional_text(&part("table")?)? }
        }
        "AlterModelTableComment" => {
            let name = part("name")?.text()?;
            Op::AlterModelTableComment { name, comment: optional_text(&part("table_comment")?)? }
        }
        "AlterUniqueTogether" => Op::AlterUniqueTogether {
            name: part("name")?.text()?,
            fields: together(&part("unique_together")?)?,
        },
        "AlterIndexTogether" => Op::AlterIndexTogether {
            name: part("name")?.text()?,
            fields: together(&part("index_together")?)?,
        },
        "AlterOrderWithRespectTo" => {
            let name = part("name")?.text()?;
            Op::AlterOrderWithRespectTo { name, field: optional_text(&part("order_with_respect_to")?)? }
        }
        "AlterModelOptions" => {
            let name = part("name")?.text()?;
            let options = part("options")?;
            if options.is_unknown() {
                return Err(options.wrong("options"));
            }
            let managed = options.entry("managed").map(|value| value.flag()).transpose()?;
            Op::AlterModelOptions { name, managed }
        }
        "AlterModelManagers" => Op::AlterModelManagers,
        "AddField" | "AlterField" => {
            let (model, named) = (part("model_name")?.text()?, part("name")?.text()?);
            let field = Box::new(field(world, &part("field")?)?);
            let preserve_default = given.take("preserve_default").map_or(Ok(true), |value| value.flag())?;
            if name == "AddField" {
                Op::AddField { model, name: named, field, preserve_default }
            } else {
                Op::AlterField { model, name: named, field, preserve_default }
            }
        }
        "RemoveField" => Op::RemoveField { model: part("model_name")?.text()?, name: part("name")?.text()? },
        "RenameField" => Op::RenameField {
            model: part("model_name")?.text()?,
            old: part("old_name")?.text()?,
            new: part("new_name")?.text()?,
        },
        "AddIndex" | "AddIndexConcurrently" => Op::AddIndex {
            model: part("model_name")?.text()?,
            index: Box::new(index(world, &part("index")?)?),
            concurrently: name != "AddIndex",
        },
        "RemoveIndex" | "RemoveIndexConcurrently" => Op::RemoveIndex {
            model: part("model_name")?.text()?,
            name: part("name")?.text()?,
            concurrently: name != "RemoveIndex",
        },
        "RenameIndex" => {
            let (model, new) = (part("model_name")?.text()?, part("new_name")?.text()?);
            let old = match given.take_some("old_name") {
                Some(name) => OldIndex::Name(name.text()?),
                None => {
                    let fields =
                        given.take("old_fields").ok_or_else(|| value.wrong("old_name or old_fields"))?;
                    OldIndex::Fields(fields.list()?.iter().map(Expect::text).collect::<Read<_>>()?)
                }
            };
            Op::RenameIndex { model, new, old }
        }
        "AddConstraint" | "AddConstraintNotValid" => Op::AddConstraint {
            model: part("model_name")?.text()?,
            constraint: Box::new(constraint(world, &part("constraint")?)?),
            not_valid: name != "AddConstraint",
        },
        "RemoveConstraint" => {
            Op::RemoveConstraint { model: part("model_name")?.text()?, name: part("name")?.text()? }
        }
        "AlterConstraint" => Op::AlterConstraint {
            model: part("model_name")?.text()?,
            name: part("name")?.text()?,
            constraint: Box::new(constraint(world, &part("constraint")?)?),
        },
        "ValidateConstraint" => {
            Op::ValidateConstraint { model: part("model_name")?.text()?, name: part("name")?.text()? }
        }
        "SeparateDatabaseAndState" => Op::Separate {
            database: operations(world, given.take("database_operations"))?,
            state: operations(world, given.take("state_operations"))?,
        },
        "RunSQL" => {
            let sql = run_sql(&part("sql")?)?;
            let state = operations(world, given.take("state_operations"))?;
            Op::RunSql { sql, state, hints: hints(&mut given)? }
        }
        "RunPython" => {
            let code = part("code")?;
            let hints = hints(&mut given)?;
            match run_python::work(world, &code) {
                // Whatever it does to the tables, the models stay as they are.
                Work::Opaque(why) => Op::Separate {
                    database: vec![Placed { operation: Op::Opaque(why), place: value.place() }],
                    state: Vec::new(),
                },
                // What else it does is known to nobody but Django.
                Work::Sql(sql) => {
                    let function = code.dotted().unwrap_or_else(|| "a function".into());
                    let both = [
                        Op::RunSql { sql, state: Vec::new(), hints: hints.clone() },
                        Op::RunPython { function, hints },
                    ];
                    let database = both.map(|operation| Placed { operation, place: value.place() }).to_vec();
                    Op::Separate { database, state: Vec::new() }
                }
                Work::Rows => {
                    Op::RunPython { function: code.dotted().unwrap_or_else(|| "a function".into()), hints }
                }
            }
        }
        "CreateExtension" => Op::CreateExtension { name: part("name")?.text()? },
        "BloomExtension" => Op::CreateExtension { name: "bloom".into() },
        "BtreeGinExtension" => Op::CreateExtension { name: "btree_gin".into() },
        "BtreeGistExtension" => Op::CreateExtension { name: "btree_gist".into() },
        "CITextExtension" => Op::CreateExtension { name: "citext".into() },
        "CryptoExtension" => Op::CreateExtension { name: "pgcrypto".into() },
        "HStoreExtension" => Op::CreateExtension { name: "hstore".into() },
        "TrigramExtension" => Op::CreateExtension { name: "pg_trgm".into() },
        "UnaccentExtension" => Op::CreateExtension { name: "unaccent".into() },
        "CreateCollation" => Op::CreateCollation(Collation {
            name: part("name")?.text()?,
            locale: part("locale")?.text()?,
            provider: given.take_some("provider").map_or(Ok("libc".into()), |value| value.text())?,
            deterministic: given.take("deterministic").map_or(Ok(true), |value| value.flag())?,
        }),
        "RemoveCollation" => Op::RemoveCollation { name: part("name")?.text()? },
        _ => return Err(unknown(format!("the operation {} is not known", called.class), value)),
    })
}

fn hints(given: &mut Given) -> Read<Hints> {
    let Some(value) = given.take_some("hints") else { return Ok(Vec::new()) };
    let entries = value.entries().ok_or_else(|| value.wrong("hints"))?;
    entries.into_iter().map(|(name, value)| Ok((name.text()?, value))).collect()
}

fn optional_text(value: &Value) -> Read<Option<Rc<str>>> {
    if value.is_none() { Ok(None) } else { value.text().map(Some) }
}

/// What a class of the project does by itself instead of Django's: opaque if that may change the schema in ways that are
/// not known.
fn own_work(world: &World, value: &Value, called: &Called, name: &str) -> Read<Option<Operation>> {
    let class = || called.own.first().map_or("an operation".into(), |class| class.dotted.clone());
    let not_followed = |method: &str| Err(unknown(format!("{} has a {method} of its own", class()), value));
    let is_plain = name == "Operation";
    if let Some(own) = called.attribute("state_forwards") {
        let as_usual = !is_plain && run_python::calls_ancestor(&own, "state_forwards");
        let alone = matches!(method_work(world, value, "state_forwards"), Work::Rows);
        if !alone || !(as_usual || does_nothing(world, value, "state_forwards")) {
            return not_followed("state_forwards");
        }
    }
    let Some(own) = called.attribute("database_forwards") else {
        return if is_plain { not_followed("way") } else { Ok(None) };
    };
    let as_usual = !is_plain && run_python::calls_ancestor(&own, "database_forwards");
    match method_work(world, value, "database_forwards") {
        Work::Opaque(why) => Ok(Some(Op::Opaque(why))),
        Work::Sql(sql) if is_plain => Ok(Some(Op::RunSql { sql, state: Vec::new(), hints: Vec::new() })),
        Work::Rows if is_plain => Ok(Some(Op::RunPython { function: class(), hints: Vec::new() })),
        Work::Rows if as_usual => Ok(None),
        Work::Rows if does_nothing(world, value, "database_forwards") => {
            let usual = from_call(world, value, called, name)?;
            let state = vec![Placed { operation: usual, place: value.place() }];
            Ok(Some(Op::Separate { database: Vec::new(), state }))
        }
        Work::Rows | Work::Sql(_) => not_followed("database_forwards"),
    }
}

fn method_work(world: &World, value: &Value, method: &str) -> Work {
    run_python::work_of(world, &world.attribute(value, method), method_arguments(value, method))
}

/// What Django gives to a method of an operation.
fn method_arguments(value: &Value, method: &str) -> Vec<Value> {
    let names: &[&str] = match method {
        "state_forwards" => &["django.db.migrations.app_label", "django.db.migrations.state"],
        _ => &[
            "django.db.migrations.app_label",
            run_python::EDITOR,
            "django.db.migrations.from_state",
            "django.db.migrations.to_state",
        ],
    };
    names.iter().map(|name| Value::name(*name, &value.spot)).collect()
}

/// Whether a method of an operation surely calls nothing that is not followed.
fn does_nothing(world: &World, value: &Value, method: &str) -> bool {
    let args = method_arguments(value, method);
    let witnessed = world.witnessed(&world.attribute(value, method), Arguments { args, kwargs: Vec::new() });
    witnessed.lost.is_none() && witnessed.seen.is_empty()
}

fn operations(world: &World, value: Option<Value>) -> Read<Vec<Placed>> {
    let Some(value) = value else { return Ok(Vec::new()) };
    Ok(value.list()?.iter().map(|value| operation(world, value)).collect())
}

fn create_model(world: &World, given: &mut Given, value: &Value) -> Read<CreateModel> {
    let name = given.take("name").ok_or_else(|| value.wrong("a name"))?.text()?;
    let written = given.take("fields").ok_or_else(|| value.wrong("fields"))?;
    let mut fields = Vec::new();
    for pair in written.list()? {
        let parts = pair.list()?;
        let [name, written] = parts.as_slice() else { return Err(pair.wrong("a name and a field")) };
        fields.push((name.text()?, field(world, written)?));
    }
    let mut bases = Vec::new();
    if let Some(written) = given.take_some("bases") {
        for base in written.list()? {
            bases.extend(base_of(&base)?);
        }
    }
    let options =
        given.take_some("options").map_or(Ok(Options::default()), |value| options(world, &value))?;
    Ok(CreateModel { name, fields, bases, options })
}

/// A base that is a model with a table of its own. Mixins have none.
fn base_of(value: &Value) -> Read<Option<Target>> {
    if let Some(name) = value.as_str() {
        return Ok(Some(named(name)));
    }
    match &value.kind {
        Kind::Class(class) => {
            for ancestor in class.mro()? {
                let is_model = ancestor.dotted().is_some_and(|name| is_model_class(&name));
                if is_model && !is_abstract_without_fields(class) {
                    let reason = format!("{} is a model, and may bring fields", class.dotted);
                    return Err(unknown(reason, value));
                }
            }
            Ok(None)
        }
        Kind::Unknown(unknown) => Err(unknown.clone()),
        // `models.Model`, and mixins that are not followed.
        _ => Ok(None),
    }
}

fn is_model_class(name: &str) -> bool {
    matches!(name, "django.db.models.Model" | "django.db.models.base.Model")
}

/// Whether no class on the way has an attribute that may be a field.
fn is_abstract_without_fields(class: &Rc<crate::python::value::Class>) -> bool {
    let Ok(mro) = class.mro() else { return false };
    mro.iter().filter_map(Value::as_class).all(|class| {
        let plain = |value: &Value| {
            matches!(
                value.kind,
                Kind::Function(_) | Kind::Class(_) | Kind::Str(_) | Kind::None | Kind::Bool(_) | Kind::Int(_)
            )
        };
        class.attributes.entries().iter().all(|(_, value)| plain(value))
    })
}

fn options(world: &World, value: &Value) -> Read<Options> {
    let entries = value.entries().ok_or_else(|| value.wrong("options"))?;
    let mut options = Options::default();
    for (key, value) in entries {
        let key = key.text()?;
        match &*key {
            "db_table" => options.db_table = optional_text(&value)?.filter(|name| !name.is_empty()),
            "db_tablespace" => options.tablespace = optional_text(&value)?.filter(|name| !name.is_empty()),
            "db_table_comment" => options.comment = optional_text(&value)?.filter(|text| !text.is_empty()),
            "unique_together" => options.unique_together = together(&value)?,
            "index_together" => options.index_together = together(&value)?,
            "order_with_respect_to" => options.order_with_respect_to = optional_text(&value)?,
            "indexes" => {
                options.indexes =
                    value.list()?.iter().map(|value| index(world, value)).collect::<Read<_>>()?
            }
            "constraints" => {
                options.constraints =
                    value.list()?.iter().map(|value| constraint(world, value)).collect::<Read<_>>()?;
            }
            "managed" => options.managed = value.flag()?,
            "proxy" => options.proxy = value.flag()?,
            "abstract" => options.abstracted = value.flag()?,
            "swappable" => options.swappable = optional_text(&value)?,
            _ => {}
        }
    }
    Ok(options)
}

/// Sets of tuples of names, or one tuple alone. A set has no order: names are sorted for that.
pub fn together(value: &Value) -> Read<Together> {
    let items = value.list()?;
    if items.is_empty() {
        return Ok(Vec::new());
    }
    if items.iter().all(|item| item.as_str().is_some()) {
        return Ok(vec![items.iter().map(Expect::text).collect::<Read<_>>()?]);
    }
    items.iter().map(|item| item.list()?.iter().map(Expect::text).collect()).collect()
}

fn run_sql(value: &Value) -> Read<Vec<Sql>> {
    if let Kind::Name(name) = &value.kind
        && name.ends_with("RunSQL.noop")
    {
        return Ok(Vec::new());
    }
    if let Some(text) = value.as_str() {
        return Ok(vec![Sql { text: text.into(), parameters: None, place: value.place() }]);
    }
    let mut texts = Vec::new();
    for item in value.list()? {
        if let Some(text) = item.as_str() {
            texts.push(Sql { text: text.into(), parameters: None, place: item.place() });
            continue;
        }
        let parts = item.list()?;
        let [text, parameters] = parts.as_slice() else { return Err(item.wrong("SQL and its parameters")) };
        texts.push(Sql { text: text.text()?, parameters: read_parameters(parameters)?, place: item.place() });
    }
    Ok(texts)
}

pub(super) fn read_parameters(value: &Value) -> Read<Option<Parameters>> {
    match literal(value)? {
        Literal::Null => Ok(None),
        Literal::List(items) => Ok(Some(Parameters::InOrder(items))),
        Literal::Dict(entries) => {
            let named = |(key, held): (Literal, Literal)| key.text().map(|key| (Rc::from(key), held));
            let entries: Option<Vec<_>> = entries.into_iter().map(named).collect();
            entries
                .map(|entries| Some(Parameters::ByName(entries)))
                .ok_or_else(|| value.wrong("names of parameters"))
        }
        Literal::Bool(_)
        | Literal::Int(_)
        | Literal::Float(_)
        | Literal::Text(_)
        | Literal::Bytes(_)
        | Literal::Decimal(_)
        | Literal::Date(_)
        | Literal::DateTime(_)
        | Literal::Time(_)
        | Literal::Duration { .. }
        | Literal::Uuid(_)
        | Literal::Range { .. } => Err(value.wrong("parameters")),
    }
}
