//! What apps do to a database with every `migrate`: handlers of Django's `pre_migrate` and `post_migrate`. Nearly all of
//! them change rows. What one of them may do to the schema is expected by no migration, and is not held against the
//! database.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use trueup_model::Text;
use trueup_model::history::{Handler, Opaque};

use super::project::{App, Project};
use super::reach;
use super::read::{Work, work_with};
use super::schema::Schema;
use crate::python::syntax::{
    Argument, Expression, ExpressionKind, Statement, StatementKind, expressions, statements,
};
use crate::python::value::{Arguments, Bound, Class, ClassRef, Function};
use crate::python::{Kind, Module, Object, Spot, Value, World};
use crate::reach::{words, words_of};

/// What Django sends around the migrations.
struct Signal {
    name: &'static str,
    comes_first: bool,
}

const SIGNALS: [Signal; 2] =
    [Signal { name: "pre_migrate", comes_first: true }, Signal { name: "post_migrate", comes_first: false }];

/// A handler that may change the schema.
pub(super) struct Suspect {
    signal: &'static Signal,
    app: String,
    why: Opaque,
    words: BTreeSet<Text>,
}

/// The handlers of all apps that may change the schema of a database. Those of Django's own apps do not.
pub(super) fn handlers(project: &Project, alias: &str) -> Vec<Suspect> {
    let apps = project.apps.iter().filter(|app| !app.name.starts_with("django."));
    apps.flat_map(|app| SIGNALS.iter().flat_map(|signal| of_app(signal, project, app, alias))).collect()
}

fn of_app(signal: &'static Signal, project: &Project, app: &App, alias: &str) -> Vec<Suspect> {
    let world = &*project.world;
    let configuration = app.configuration.as_ref().map(|path| world.by_path(path));
    let class = configuration.as_ref().and_then(Value::as_class);
    let mut found: Vec<Result<Value, Opaque>> = Vec::new();
    let mut modules = Vec::new();
    if let Some(class) = class {
        let classes = followed(class);
        modules.extend(classes.iter().filter_map(|class| world.module_of(&class.spot)));
        modules.extend(classes.iter().filter_map(ready).flat_map(|ready| imported(world, &ready)));
        if modules.iter().any(|module| signal.stands_in(module)) {
            found.extend(signal.connected(world, class));
        }
    }
    modules.extend(module(world, &format!("{}.models", app.name)));
    let mut seen: BTreeSet<Rc<str>> = BTreeSet::new();
    for module in modules {
        if signal.stands_in(&module) && seen.insert(module.name.clone()) {
            found.extend(signal.received(world, &module).into_iter().map(Ok));
        }
    }
    found
        .into_iter()
        .filter_map(|handler| match handler {
            Ok(handler) => judged(signal, project, app, &handler, alias),
            Err(why) => {
                let words = words_of([&*project.root.join(&*why.place.file)]);
                Some(Suspect { signal, app: app.label.clone(), why, words })
            }
        })
        .collect()
}

/// What a handler may do to the schema; `None` where it only changes rows.
fn judged(
    signal: &'static Signal,
    project: &Project,
    app: &App,
    handler: &Value,
    alias: &str,
) -> Option<Suspect> {
    let spot = &handler.spot;
    let name = |dotted: &str| Value::name(dotted, spot);
    let given = [
        ("sender", name("django.apps.config")),
        ("app_config", name("django.apps.config")),
        ("verbosity", Value::int(1, spot)),
        ("interactive", Value::bool(true, spot)),
        ("using", Value::str(alias, spot)),
        ("stdout", name("sys.stdout")),
        ("plan", Value::unknown("which migrations run with it is not known", spot)),
        ("apps", name("django.db.migrations.apps")),
        ("signal", name(&format!("django.db.models.signals.{}", signal.name))),
    ];
    let kwargs = given.into_iter().map(|(name, value)| (name.into(), value)).collect();
    let when = if signal.comes_first { "before" } else { "after" };
    let told = |reason: String| format!("{} runs {when} every migrate: {reason}", called(handler));
    let (why, words) = match work_with(&project.world, handler, Arguments { args: Vec::new(), kwargs }) {
        Work::Rows => return None,
        Work::Sql(sent) => {
            let place = sent.first().map_or_else(|| handler.place(), |first| first.place.clone());
            let words = sent.iter().flat_map(|sql| words(&sql.text)).collect();
            (Opaque { reason: told("it changes the schema".to_owned()), place }, words)
        }
        Work::Opaque(why) => {
            let files = BTreeSet::from([handler.place().file, why.place.file.clone()]);
            let files: Vec<_> = files.iter().map(|file| project.root.join(&**file)).collect();
            let words = words_of(files.iter().map(|file| &**file));
            (Opaque { reason: told(why.reason), place: why.place }, words)
        }
    };
    Some(Suspect { signal, app: app.label.clone(), why, words })
}

fn called(handler: &Value) -> Rc<str> {
    match &handler.kind {
        Kind::Method(method) => match &method.function {
            Bound::Function(function) => function.dotted.clone(),
            Bound::Builtin(name) => name.clone(),
        },
        Kind::Partial(partial) => called(&partial.function),
        _ => handler.dotted().unwrap_or_else(|| handler.type_name()),
    }
}

impl Suspect {
    /// As it stands beside all migrations, with the models that they lead to.
    pub fn told(&self, schema: &Schema) -> Handler {
        let id = format!("{}.{}", self.app, self.signal.name);
        let reach = reach::of_handler(&self.words, &self.app, schema);
        Handler { id: Text::new(id), why: self.why.clone(), reach, comes_first: self.signal.comes_first }
    }
}

impl Signal {
    fn stands_in(&self, module: &Module) -> bool {
        module.source.text().contains(self.name)
    }

    /// What `ready` of a configuration connects to the signal.
    fn connected(&self, world: &World, class: &Rc<Class>) -> Vec<Result<Value, Opaque>> {
        let Some(own) = followed(class).iter().find_map(ready) else { return Vec::new() };
        let object = Object::new(ClassRef::Class(class.clone()), Arguments::default());
        let method = world.attribute(&Value::new(Kind::Object(object), &class.spot), "ready");
        let witnessed = world.witnessed(&method, Arguments::default());
        let mut places = BTreeSet::new();
        let connect = format!(".signals.{}.connect", self.name);
        let mut found = Vec::new();
        for call in &witnessed.seen {
            let is_signal = call.function.dotted().is_some_and(|name| name.ends_with(&connect));
            if !is_signal || !places.insert(call.spot.place()) {
                continue;
            }
            let receiver = call.arguments.args.first().or_else(|| call.arguments.keyword("receiver"));
            found.extend(receiver.cloned().map(Ok));
        }
        let written = own.definition.expressions().into_iter().filter(|one| self.connection(one).is_some());
        let spans: BTreeMap<_, _> =
            written.map(|expression| (expression.span.start, expression.span)).collect();
        for span in spans.into_values() {
            let place = Spot { source: own.module.source.clone(), span }.place();
            if !places.contains(&place) {
                let reason = format!("what is connected to {} is not known", self.name);
                found.push(Err(Opaque { reason, place }));
            }
        }
        found
    }

    /// Functions of a module that its text connects to the signal: `@receiver(…)`, `….connect(…)`.
    fn received(&self, world: &World, module: &Rc<Module>) -> Vec<Value> {
        let Ok(module) = world.module(&module.name) else { return Vec::new() };
        let mut found = Vec::new();
        let body = module.statements();
        let all = statements(&body);
        // A method is connected where it is handed over, and not under its name.
        let classes = all.iter().filter_map(|statement| match &statement.kind {
            StatementKind::Class(class) => Some(&class.body),
            _ => None,
        });
        let methods: BTreeSet<*const Statement> =
            statements(classes).into_iter().map(std::ptr::from_ref).collect();
        for statement in all {
            let name = match &statement.kind {
                StatementKind::Function(_) if methods.contains(&std::ptr::from_ref(statement)) => None,
                StatementKind::Function(function) => {
                    let is_receiver = |decorator: &Expression| match &decorator.kind {
                        ExpressionKind::Call(call) => call.arguments.iter().any(|argument| match argument {
                            Argument::Positional(value) => self.mentions(value),
                            Argument::Star(_) | Argument::Keyword(..) | Argument::Keywords(_) => false,
                        }),
                        _ => false,
                    };
                    function.decorators.iter().any(is_receiver).then(|| function.name.clone())
                }
                StatementKind::Expression(expression) => self.connection(expression),
                _ => None,
            };
            found.extend(name.and_then(|name| world.get(&module, &name)));
        }
        found
    }

    /// The name of what `….connect(name)` connects; an empty one where it is none.
    fn connection(&self, expression: &Expression) -> Option<Rc<str>> {
        let ExpressionKind::Call(call) = &expression.kind else { return None };
        let ExpressionKind::Attribute(of, method) = &call.function.kind else { return None };
        if &**method != "connect" || !self.mentions(of) {
            return None;
        }
        let receiver = call.arguments.iter().find_map(|argument| match argument {
            Argument::Positional(value) => Some(value),
            Argument::Keyword(name, value) if &**name == "receiver" => Some(value),
            Argument::Star(_) | Argument::Keyword(..) | Argument::Keywords(_) => None,
        });
        Some(match receiver.map(|receiver| &receiver.kind) {
            Some(ExpressionKind::Name(name)) => name.clone(),
            Some(_) | None => "".into(),
        })
    }

    /// Whether the signal is named within an expression.
    fn mentions(&self, expression: &Expression) -> bool {
        expressions([expression]).into_iter().any(|expression| match &expression.kind {
            ExpressionKind::Name(name) | ExpressionKind::Attribute(_, name) => &**name == self.name,
            _ => false,
        })
    }
}

/// Modules that a function imports, as far as they lie in files.
fn imported(world: &World, function: &Rc<Function>) -> Vec<Rc<Module>> {
    let mut found = Vec::new();
    for statement in function.definition.statements() {
        match &statement.kind {
            StatementKind::Import(aliases) => {
                found.extend(aliases.iter().filter_map(|alias| module(world, &alias.name)));
            }
            StatementKind::ImportFrom { module: named, level, names } => {
                let above = world.absolute(&function.module, *level, named.as_deref());
                let Some(package) = above.and_then(|above| module(world, &above)) else { continue };
                let files = &world.surroundings().files;
                let inside = names.iter().filter(|alias| {
                    let file = |folder: &Utf8PathBuf| folder.join(format!("{}.py", alias.name));
                    package.folders.iter().any(|folder| files.is_file(&file(folder)))
                });
                let inside = inside.map(|alias| format!("{}.{}", package.name, alias.name));
                found.extend(inside.filter_map(|name| module(world, &name)));
                found.push(package);
            }
            _ => {}
        }
    }
    found
}

fn module(world: &World, name: &str) -> Option<Rc<Module>> {
    match world.found_module(name)? {
        module if module.source.path == Utf8Path::new("") => None,
        module => Some(module),
    }
}

/// A class and those of its ancestors that are followed.
fn followed(class: &Rc<Class>) -> Vec<Rc<Class>> {
    class.mro().unwrap_or_default().iter().filter_map(|class| class.as_class().cloned()).collect()
}

fn ready(class: &Rc<Class>) -> Option<Rc<Function>> {
    match class.attributes.get(&"ready".into())?.kind {
        Kind::Function(function) => Some(function),
        _ => None,
    }
}
