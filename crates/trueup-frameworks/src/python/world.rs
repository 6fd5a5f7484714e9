//! Everything that is known while Python is read: modules, the environment, and how much work is left.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use camino::Utf8PathBuf;
use trueup_model::Place;

use super::files::Files;
use super::journal::Journal;
use super::limits;
use super::modules::{Imported, Module};
use super::source::Spot;
use super::value::{Arguments, ListCell, Scope, Unknown, Value};

/// In what surroundings the modules would run.
pub struct Surroundings {
    pub files: Rc<dyn Files>,
    /// Paths are shown relative to this.
    pub project: Utf8PathBuf,
    /// Folders in which modules of the project are looked for, in this order.
    pub roots: Vec<Utf8PathBuf>,
    /// Folders in which packages are installed.
    pub installed: Vec<Utf8PathBuf>,
    /// Whether a module that is in none of these folders is missing to Python as well. Else it is not known.
    pub complete: bool,
    /// Packages that are not followed: what is imported from them stays a name.
    pub opaque: Vec<String>,
    /// Decorators of these that give back what they are put on, by their dotted path.
    pub transparent: Vec<String>,
    /// Variables of the environment. The one of this process is not looked at.
    pub environment: BTreeMap<String, String>,
    /// `sys.argv`.
    pub arguments: Vec<String>,
    /// The version of Python.
    pub python: (u32, u32),
    /// Modules of the project are read when they are imported, as Python does it.
    pub eager: bool,
    pub answers: Option<Rc<dyn Answers>>,
}

impl Surroundings {
    pub fn new(files: Rc<dyn Files>, project: impl Into<Utf8PathBuf>) -> Self {
        let project = project.into();
        Self {
            files,
            roots: vec![project.clone()],
            project,
            installed: Vec::new(),
            complete: false,
            opaque: Vec::new(),
            transparent: Vec::new(),
            environment: BTreeMap::new(),
            arguments: vec!["manage.py".to_owned()],
            python: (3, 12),
            eager: false,
            answers: None,
        }
    }
}

/// What the caller knows about names that are not followed.
pub trait Answers {
    /// The value of a name such as `django.conf.settings.DEBUG`, where the caller knows better than that it is a name.
    fn name(&self, world: &World, dotted: &str, spot: &Spot) -> Option<Value>;

    /// What a call of such a name comes to.
    fn call(&self, world: &World, dotted: &str, arguments: &Arguments, spot: &Spot) -> Option<Value>;

    /// What a method of an object that is not followed comes to; `__call__` where it is called itself.
    fn call_method(
        &self,
        _world: &World,
        _of: &Value,
        _name: &str,
        _arguments: &Arguments,
        _spot: &Spot,
    ) -> Option<Value> {
        None
    }

    /// An attribute of something that is not followed.
    fn attribute(&self, _world: &World, _of: &Value, _name: &str, _spot: &Spot) -> Option<Value> {
        None
    }

    /// What something that is not followed is where it becomes part of a text, and only there.
    fn text(&self, _of: &Value) -> Option<String> {
        None
    }

    /// The names that `from module import *` brings of a module that is not followed.
    fn exported(&self, _module: &str) -> Option<Vec<Rc<str>>> {
        None
    }

    /// The program gives such a name a value.
    fn set_name(&self, _world: &World, _dotted: &str, _value: Value) {}

    /// Whether there is certainly no such name, so that asking for it raises `AttributeError`.
    fn lacks(&self, _world: &World, _dotted: &str, _spot: &Spot) -> bool {
        false
    }
}

/// Something wrong with a file: it does not parse, or it raises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub message: String,
    pub place: Place,
    /// The line that stands there.
    pub line: String,
    pub kind: ProblemKind,
}

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// It does not parse: nothing of it is known.
    Syntax,
    /// It raises an exception where it is imported.
    Raises,
    /// It imports what is not there, so that Python cannot import it either.
    Import,
}

/// Variables of the environment that a program set.
pub struct SetVariables {
    pub known: Vec<(String, Value)>,
    /// Why there may be others, if that is so.
    pub more: Option<Rc<Unknown>>,
}

pub struct World {
    pub(super) surroundings: Surroundings,
    pub(super) modules: RefCell<BTreeMap<Rc<str>, Rc<Module>>>,
    pub(super) journal: Journal,
    /// Steps that the present entry may still take, and the world.
    pub(super) steps: Cell<u64>,
    pub(super) all_steps: Cell<u64>,
    pub(super) calls: Cell<usize>,
    /// Exceptions that the `try` statements around would catch, the innermost last.
    pub(super) catching: RefCell<Vec<Vec<Value>>>,
    pub(super) problems: RefCell<Vec<Problem>>,
    pub(super) asked: RefCell<BTreeSet<String>>,
    /// Imported names that are being looked up: the module and the name.
    pub(super) resolving: RefCell<Vec<(Rc<str>, Rc<str>)>>,
    /// How many things turned out unknown so far.
    pub(super) unknowns: Cell<u64>,
    /// `sys.path`, which settings change.
    pub(super) path: Rc<ListCell>,
    /// What was set in `os.environ`.
    pub(super) variables: Rc<Scope>,
    /// Whether modules of the project are read when they are imported.
    pub(super) eager: Cell<bool>,
    /// What is called, where somebody wants to know.
    pub(super) watch: RefCell<Option<super::evaluate::Watch>>,
    pub(super) nowhere: Spot,
}

impl World {
    pub fn new(surroundings: Surroundings) -> Self {
        let nowhere = Spot::outside("the surroundings");
        let folders = surroundings.roots.iter().chain(&surroundings.installed);
        let path = folders.map(|folder| Value::str(folder.as_str(), &nowhere)).collect();
        Self {
            modules: RefCell::default(),
            journal: Journal::default(),
            steps: Cell::new(limits::STEPS),
            all_steps: Cell::new(limits::ALL_STEPS),
            calls: Cell::new(0),
            catching: RefCell::default(),
            problems: RefCell::default(),
            asked: RefCell::default(),
            resolving: RefCell::default(),
            unknowns: Cell::new(0),
            path: ListCell::new(path),
            variables: Scope::new(None),
            eager: Cell::new(surroundings.eager),
            watch: RefCell::default(),
            nowhere,
            surroundings,
        }
    }

    /// A module by its dotted path, read; the reason where there is none that can be followed.
    pub fn module(&self, name: &str) -> Result<Rc<Module>, Rc<Unknown>> {
        let unknown = |reason: String| Rc::new(Unknown { reason, place: self.nowhere.place() });
        match self.find(name, &self.nowhere) {
            Imported::Module(module) => {
                self.load(&module);
                Ok(module)
            }
            Imported::Opaque(name) => Err(unknown(format!("{name} is not followed"))),
            Imported::Missing(reason) => Err(unknown(reason)),
            Imported::Undecided(reason) => Err(reason),
        }
    }

    /// A module by its dotted path, not read; `None` where there is none that can be followed.
    pub fn found_module(&self, name: &str) -> Option<Rc<Module>> {
        match self.find(name, &self.nowhere) {
            Imported::Module(module) => Some(module),
            Imported::Opaque(_) | Imported::Missing(_) | Imported::Undecided(_) => None,
        }
    }

    /// A file, read as the module of this name, whether or not its package is followed.
    pub fn module_in(&self, name: &str, file: &camino::Utf8Path) -> Result<Rc<Module>, Rc<Unknown>> {
        let known = self.modules.borrow().get(name).cloned();
        let found = match known {
            Some(module) => Imported::Module(module),
            None => self.register(name, file.to_owned(), Vec::new(), &self.nowhere),
        };
        match found {
            Imported::Module(module) => {
                self.load(&module);
                Ok(module)
            }
            Imported::Opaque(name) => Err(Rc::new(Unknown {
                reason: format!("{name} is not followed"),
                place: self.nowhere.place(),
            })),
            Imported::Missing(reason) => Err(Rc::new(Unknown { reason, place: self.nowhere.place() })),
            Imported::Undecided(reason) => Err(reason),
        }
    }

    /// The line that stands at a place in a module that was found.
    pub fn line_at(&self, place: &Place) -> Option<String> {
        let modules = self.modules.borrow();
        let module = modules.values().find(|module| *module.source.shown == *place.file)?;
        let line = usize::try_from(place.line).ok()?.checked_sub(1)?;
        module.source.text().lines().nth(line).map(str::to_owned)
    }

    /// The modules that were found so far, by their names; not all of them were read.
    pub fn found_modules(&self) -> Vec<Rc<Module>> {
        self.modules.borrow().values().cloned().collect()
    }

    /// The value of a name of a module.
    pub fn get(&self, module: &Rc<Module>, name: &str) -> Option<Value> {
        self.entry(|| {
            let value = module.scope.get(&name.into())?;
            Some(self.resolve(&value))
        })
    }

    /// An attribute of a value, bound as Python binds it; unknown where there is none or it cannot be known.
    pub fn attribute(&self, value: &Value, name: &str) -> Value {
        self.entry(|| self.settle(self.attribute_of(value, name, &value.spot), &value.spot))
    }

    /// What a call comes to.
    pub fn call(&self, function: &Value, arguments: Arguments) -> Value {
        self.entry(|| {
            let given = self.call_value(function, arguments, &function.spot);
            self.settle(given, &function.spot)
        })
    }

    /// The items that a loop over a value would go through; the reason where they cannot be known.
    pub fn iterate(&self, value: &Value) -> Result<Vec<Value>, Rc<Unknown>> {
        self.entry(|| match self.items_of(value, &value.spot) {
            Ok(items) => items,
            Err(stop) => Err(self.reason_of(&stop, &value.spot)),
        })
    }

    /// Whether modules of the project are read when they are imported, as Python does it, from here on.
    pub fn set_eager(&self, eager: bool) {
        self.eager.set(eager);
    }

    /// The module in which something stands.
    pub fn module_of(&self, spot: &Spot) -> Option<Rc<Module>> {
        self.modules.borrow().values().find(|module| Rc::ptr_eq(&module.source, &spot.source)).cloned()
    }

    /// A module or something in one, by its dotted path: `shop.fields.Money`.
    pub fn by_path(&self, dotted: &str) -> Value {
        self.entry(|| {
            let (module, name) = match self.import(dotted, &self.nowhere) {
                Ok(module) if !module.is_unknown() => return module,
                _ => match dotted.rsplit_once('.') {
                    Some(parts) => parts,
                    None => return self.unknown(format!("there is no module {dotted}"), &self.nowhere),
                },
            };
            let module = self.settle(self.import(module, &self.nowhere), &self.nowhere);
            self.settle(self.attribute_of(&module, name, &self.nowhere), &self.nowhere)
        })
    }

    /// A variable of the environment as the program would see it: what it set itself comes first.
    pub fn variable(&self, name: &str) -> Option<Value> {
        if let Some(set) = self.variables.get(&name.into()) {
            return Some(set);
        }
        // It may be one of those that it set under a name that is not known.
        match self.variables.may_have_more() {
            Some(unknown) => Some(self.still_unknown(&unknown, &self.nowhere)),
            None => self.given_variable(name, &self.nowhere),
        }
    }

    /// A variable that the program did not set itself. What a function that is watched finds there is decided when it
    /// runs, and not now.
    pub(super) fn given_variable(&self, name: &str, spot: &Spot) -> Option<Value> {
        self.asked.borrow_mut().insert(name.to_owned());
        if self.watch.borrow().is_some() {
            let reason = format!("what the environment variable {name} is when this runs is not known");
            return Some(self.unknown(reason, spot));
        }
        let given = self.surroundings.environment.get(name)?;
        Some(Value::str(given.as_str(), spot))
    }

    /// The variables whose names begin so, as the program would see them; the reason where they cannot be known.
    pub fn variables_with(&self, prefix: &str) -> Result<BTreeMap<String, Value>, Rc<Unknown>> {
        self.asked.borrow_mut().insert(format!("{prefix}*"));
        if self.watch.borrow().is_some() {
            let reason = format!("what the environment variables {prefix}* are when this runs is not known");
            return Err(Rc::new(Unknown { reason, place: self.nowhere.place() }));
        }
        if let Some(unknown) = self.variables.may_have_more() {
            return Err(unknown);
        }
        let given = self.surroundings.environment.iter();
        let given = given.map(|(name, value)| (name.clone(), Value::str(value.as_str(), &self.nowhere)));
        let all = given.chain(self.set_variables().known);
        Ok(all.filter(|(name, _)| name.starts_with(prefix)).collect())
    }

    /// `sys.path` as it is now, as far as it is known.
    pub fn search_path(&self) -> Vec<String> {
        let path = self.path.known().unwrap_or_default();
        path.iter().filter_map(|folder| folder.as_str().map(str::to_owned)).collect()
    }

    /// The variables that the program itself set.
    pub fn set_variables(&self) -> SetVariables {
        let known = self.variables.entries().into_iter();
        SetVariables {
            known: known.map(|(name, value)| (name.to_string(), value)).collect(),
            more: self.variables.may_have_more(),
        }
    }

    /// Goes on with what another program left in the environment.
    pub fn inherit_variables(&self, left: &SetVariables) {
        for (name, value) in &left.known {
            self.set_variable(name, value.clone());
        }
        if left.more.is_some() {
            self.variables.expect_more(&self.journal, left.more.clone());
        }
    }

    /// Sets a variable of the environment, as the program would do it.
    pub fn set_variable(&self, name: &str, value: Value) {
        self.variables.set(&self.journal, &name.into(), value);
    }

    /// Gives a name of a module, or an attribute of an object, a value, as the program would do it.
    pub fn set_name(&self, scope: &Rc<Scope>, name: &str, value: Value) {
        scope.set(&self.journal, &name.into(), value);
    }

    /// Every name of a module or an object may have got another value, and others may have come.
    pub fn lose_names(&self, scope: &Rc<Scope>, unknown: &Rc<Unknown>, spot: &Spot) {
        self.blur_scope(scope, unknown, spot);
    }

    /// What is wrong with the files that were read, in the order in which that was found.
    pub fn problems(&self) -> Vec<Problem> {
        self.problems.borrow().clone()
    }

    /// The variables of the environment that were asked for, known or not; `SHOP_*` stands for all that begin so.
    pub fn asked(&self) -> BTreeSet<String> {
        self.asked.borrow().clone()
    }

    pub fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// Something that somebody outside asks for: with steps of its own.
    pub(super) fn entry<R>(&self, run: impl FnOnce() -> R) -> R {
        let steps = self.steps.replace(limits::STEPS);
        let result = run();
        self.steps.set(steps);
        result
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for module in self.modules.take().into_values() {
            module.scope.clear();
        }
    }
}
