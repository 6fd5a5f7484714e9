//! Modules: where they are found, and when they are read.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};

use super::evaluate::{Frame, Stop};
use super::library::is_of_python;
use super::limits::{MODULES, TOO_MUCH};
use super::source::{Source, Span, Spot};
use super::syntax::Block;
use super::value::{Kind, Scope, Unknown, Value};
use super::world::{Problem, ProblemKind, World};

/// A module of the project, or of a package that is followed.
pub struct Module {
    pub name: Rc<str>,
    pub scope: Rc<Scope>,
    /// What it is read from: an empty text for a folder without `__init__.py`.
    pub source: Rc<Source>,
    /// Where its submodules are, if it is a package.
    pub folders: Vec<Utf8PathBuf>,
    pub(super) state: Cell<State>,
    /// Whether it lies in the project, and not among the installed packages.
    pub of_project: bool,
    /// Why nothing of it is known, where it does not parse.
    pub(super) broken: RefCell<Option<Rc<Unknown>>>,
    /// What it raised, where that would keep Python from importing it.
    pub(super) raised: RefCell<Option<Value>>,
    /// The statements, kept for as long as functions may need them.
    pub(super) body: RefCell<Option<Block>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Found,
    Reading,
    Read,
}

/// What an import comes to.
pub(super) enum Imported {
    Module(Rc<Module>),
    /// Not followed.
    Opaque(Rc<str>),
    /// Python would not find it either.
    Missing(String),
    /// Whether Python would find it is not known.
    Undecided(Rc<Unknown>),
}

enum Place {
    File {
        path: Utf8PathBuf,
        package: Option<Utf8PathBuf>,
    },
    /// A folder without `__init__.py`: all folders of that name together.
    Namespace(Vec<Utf8PathBuf>),
    /// Compiled code.
    Compiled,
    Nowhere,
}

impl Module {
    pub(super) fn is_package(&self) -> bool {
        !self.folders.is_empty()
    }

    /// Whether its names are known.
    pub fn is_read(&self) -> bool {
        self.state.get() == State::Read
    }

    /// `__package__`.
    pub(super) fn package(&self) -> &str {
        if self.is_package() {
            &self.name
        } else {
            self.name.rsplit_once('.').map_or("", |(package, _)| package)
        }
    }

    pub fn spot(self: &Rc<Self>, span: Span) -> Spot {
        Spot { source: self.source.clone(), span }
    }

    /// The statements; `None` where it was not read or does not parse.
    pub fn statements(&self) -> Option<Block> {
        self.body.borrow().clone()
    }

    /// Why nothing of it is known, where it does not parse.
    pub fn why_broken(&self) -> Option<Rc<Unknown>> {
        self.broken.borrow().clone()
    }
}

impl World {
    /// Finds a module with everything above it; reads nothing.
    pub(super) fn find(&self, name: &str, spot: &Spot) -> Imported {
        if let Some(module) = self.modules.borrow().get(name) {
            return Imported::Module(module.clone());
        }
        let unknown = |reason: String| Imported::Undecided(Rc::new(Unknown { reason, place: spot.place() }));
        if !name.split('.').all(|part| !part.is_empty() && !part.contains(['/', '\\', '\0'])) {
            return unknown(format!("{name} is no name of a module"));
        }
        if self.is_opaque(name) {
            return Imported::Opaque(name.into());
        }
        let (folders, of_python) = match name.rsplit_once('.') {
            Some((package, _)) => match self.find(package, spot) {
                Imported::Module(package) if !package.is_package() => {
                    return Imported::Missing(format!("{} is not a package", package.name));
                }
                Imported::Module(package) => (package.folders.clone(), false),
                Imported::Opaque(_) => return Imported::Opaque(name.into()),
                Imported::Missing(reason) => return Imported::Missing(reason),
                Imported::Undecided(reason) => return Imported::Undecided(reason),
            },
            None => match self.path.known() {
                Ok(path) => {
                    let folder =
                        |value: &Value| value.as_str().map(|folder| self.surroundings.project.join(folder));
                    (path.iter().filter_map(folder).collect(), is_of_python(name))
                }
                Err(unknown) => return Imported::Undecided(unknown),
            },
        };
        let last = name.rsplit('.').next().unwrap_or(name);
        // What Python itself loads before anything of the project cannot be replaced by it.
        if of_python
            && matches!(
                last,
                "sys"
                    | "os"
                    | "builtins"
                    | "time"
                    | "abc"
                    | "codecs"
                    | "io"
                    | "site"
                    | "types"
                    | "enum"
                    | "functools"
                    | "collections"
                    | "re"
                    | "warnings"
                    | "importlib"
                    | "pathlib"
            )
        {
            return Imported::Opaque(name.into());
        }
        match self.look_in(&folders, last, of_python) {
            Place::File { path, package } => self.register(name, path, package.into_iter().collect(), spot),
            Place::Namespace(_) | Place::Nowhere if of_python => Imported::Opaque(name.into()),
            Place::Namespace(folders) => self.register(name, Utf8PathBuf::new(), folders, spot),
            Place::Compiled => Imported::Opaque(name.into()),
            Place::Nowhere => {
                let inside = name.contains('.');
                if inside || self.surroundings.complete {
                    Imported::Missing(format!("no module named {name}"))
                } else {
                    unknown(format!(
                        "the module {name} is not in the project, and no environment with it was found"
                    ))
                }
            }
        }
    }

    /// Whether a module is one of those that are not followed.
    pub fn is_opaque(&self, name: &str) -> bool {
        self.surroundings.opaque.iter().any(|opaque| {
            name.strip_prefix(opaque.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }

    fn look_in(&self, folders: &[Utf8PathBuf], name: &str, of_python: bool) -> Place {
        let files = &self.surroundings.files;
        let mut namespace = Vec::new();
        for folder in folders {
            // Python's own library comes before what is installed.
            if of_python && self.surroundings.installed.contains(folder) {
                return Place::Nowhere;
            }
            let package = folder.join(name);
            let init = package.join("__init__.py");
            if files.is_file(&init) {
                return Place::File { path: init, package: Some(package) };
            }
            let file = folder.join(format!("{name}.py"));
            if files.is_file(&file) {
                return Place::File { path: file, package: None };
            }
            // A folder beside it only describes its types.
            if self.is_compiled(folder, name) {
                return Place::Compiled;
            }
            if files.is_folder(&package) {
                namespace.push(package);
            }
        }
        if namespace.is_empty() { Place::Nowhere } else { Place::Namespace(namespace) }
    }

    fn is_compiled(&self, folder: &Utf8Path, name: &str) -> bool {
        let compiled = |file: &String| {
            file.strip_prefix(name).is_some_and(|rest| {
                rest.starts_with('.') && (rest.ends_with(".so") || rest.ends_with(".pyd"))
            })
        };
        // A folder of an installation may hold thousands of names; a module is looked for there once.
        self.surroundings.files.list(folder).iter().any(compiled)
    }

    pub(super) fn register(
        &self,
        name: &str,
        path: Utf8PathBuf,
        folders: Vec<Utf8PathBuf>,
        spot: &Spot,
    ) -> Imported {
        if self.modules.borrow().len() >= MODULES {
            let reason = format!("{TOO_MUCH}: more than {MODULES} modules");
            return Imported::Undecided(Rc::new(Unknown { reason, place: spot.place() }));
        }
        let lies_at = folders.first().unwrap_or(&path).clone();
        let installed = self.surroundings.installed.iter().any(|folder| lies_at.starts_with(folder));
        let namespace = path.as_str().is_empty();
        let shown =
            crate::folder::shown(&self.surroundings.project, if namespace { &lies_at } else { &path });
        let source = if namespace {
            Source::empty(shown)
        } else {
            Source::of_file(path, shown, self.surroundings.files.clone())
        };
        let module = Rc::new(Module {
            name: name.into(),
            scope: Scope::new(None),
            source: Rc::new(source),
            folders,
            state: Cell::new(State::Found),
            of_project: !installed,
            broken: RefCell::default(),
            raised: RefCell::default(),
            body: RefCell::default(),
        });
        self.modules.borrow_mut().insert(name.into(), module.clone());
        Imported::Module(module)
    }

    /// Runs a file under another name than its own: `manage.py` as `__main__`.
    pub fn run_file(&self, path: &Utf8Path, name: &str) -> Option<Rc<Module>> {
        if !self.surroundings.files.is_file(path) {
            return None;
        }
        match self.register(name, path.to_owned(), Vec::new(), &self.nowhere) {
            Imported::Module(module) => {
                self.load(&module);
                Some(module)
            }
            Imported::Opaque(_) | Imported::Missing(_) | Imported::Undecided(_) => None,
        }
    }

    /// Runs another file in the names of the module in which a call stands, as `include` of django-split-settings does.
    pub fn include(&self, call: &Spot, path: &Utf8Path) -> Option<()> {
        let module =
            self.modules.borrow().values().find(|known| Rc::ptr_eq(&known.source, &call.source)).cloned()?;
        let shown = crate::folder::shown(&self.surroundings.project, path);
        let files = self.surroundings.files.clone();
        let source = Rc::new(Source::of_file(path.to_owned(), shown, files));
        if source.fault().is_some() {
            return None;
        }
        let included = Rc::new(Module {
            name: module.name.clone(),
            scope: module.scope.clone(),
            source,
            folders: module.folders.clone(),
            state: Cell::new(State::Read),
            of_project: module.of_project,
            broken: RefCell::default(),
            raised: RefCell::default(),
            body: RefCell::default(),
        });
        match super::parse::parse(&included.source) {
            Ok(body) => {
                let file = module.scope.get(&"__file__".into());
                let own = Value::str(path.as_str(), call);
                module.scope.set(&self.journal, &"__file__".into(), own);
                self.run_body(&Frame::of_module(&included), &body);
                if let Some(file) = file {
                    module.scope.set(&self.journal, &"__file__".into(), file);
                }
            }
            Err(error) => {
                let spot = included.spot(error.span);
                let reason = format!("the file is not valid Python: {}", error.message);
                self.note(reason.clone(), &spot, ProblemKind::Syntax);
                let unknown = Rc::new(Unknown { reason, place: spot.place() });
                self.blur_scope(&module.scope, &unknown, &spot);
            }
        }
        Some(())
    }

    /// The folders of a package, whether or not it can be read; `None` where there is none.
    pub fn folders_of(&self, package: &str) -> Option<(Vec<Utf8PathBuf>, bool)> {
        match self.find(package, &self.nowhere) {
            Imported::Module(module) if module.is_package() => {
                Some((module.folders.clone(), !module.source.path.as_str().is_empty()))
            }
            Imported::Module(_) | Imported::Opaque(_) | Imported::Missing(_) | Imported::Undecided(_) => None,
        }
    }

    /// Reads a module, if that was not done yet.
    pub(super) fn load(&self, module: &Rc<Module>) {
        if module.state.get() != State::Found {
            return;
        }
        module.state.set(State::Reading);
        let spot = module.spot(Span::default());
        for (name, value) in [
            ("__name__", Value::str(module.name.clone(), &spot)),
            ("__file__", Value::str(module.source.path.as_str(), &spot)),
            ("__package__", Value::str(module.package(), &spot)),
            ("__doc__", Value::unknown("the text of a module is not followed", &spot)),
        ] {
            module.scope.restore(&name.into(), Some(value));
        }
        if module.is_package() {
            let folders = module.folders.iter().map(|folder| Value::str(folder.as_str(), &spot)).collect();
            module.scope.restore(&"__path__".into(), Some(Value::list(folders, &spot)));
        }
        if let Some((reason, line)) = module.source.fault() {
            let place = trueup_model::Place::new(module.source.shown.clone(), line, 1);
            let unknown = Rc::new(Unknown { reason: reason.to_owned(), place: place.clone() });
            self.problems.borrow_mut().push(Problem {
                message: reason.to_owned(),
                place,
                line: String::new(),
                kind: ProblemKind::Syntax,
            });
            module.broken.replace(Some(unknown.clone()));
            module.scope.restore_more(Some(unknown));
        } else {
            match super::parse::parse(&module.source) {
                Ok(body) => {
                    module.body.replace(Some(body.clone()));
                    self.run_module(module, &body);
                }
                Err(error) => {
                    let spot = module.spot(error.span);
                    let reason = format!("the file is not valid Python: {}", error.message);
                    self.note(reason.clone(), &spot, ProblemKind::Syntax);
                    let unknown = Rc::new(Unknown { reason, place: spot.place() });
                    module.broken.replace(Some(unknown.clone()));
                    module.scope.restore_more(Some(unknown));
                }
            }
        }
        module.state.set(State::Read);
    }

    /// What a module does is for good, whatever is only being tried around its import.
    fn run_module(&self, module: &Rc<Module>, body: &Block) {
        let around = self.journal.suspend();
        let steps = self.steps.get();
        let catching = self.catching.take();
        let calls = self.calls.replace(0);
        // What a module does when it is imported is not done by the function that asked for it.
        let watch = self.watch.take();
        let frame = Frame::of_module(module);
        super::stack::with_room(|| self.run_body(&frame, body));
        self.watch.replace(watch);
        self.calls.set(calls);
        self.catching.replace(catching);
        self.steps.set(steps);
        self.journal.resume(around);
    }

    pub(super) fn note(&self, message: String, spot: &Spot, kind: ProblemKind) {
        let line = spot.source.line(spot.span.start).to_owned();
        let problem = Problem { message, place: spot.place(), line, kind };
        let mut problems = self.problems.borrow_mut();
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }

    /// The absolute path of what `from` names.
    pub fn absolute(&self, module: &Module, level: u32, name: Option<&str>) -> Option<String> {
        if level == 0 {
            return name.map(str::to_owned);
        }
        let mut package = module.package();
        for _ in 1..level {
            package = package.rsplit_once('.').map(|(above, _)| above)?;
        }
        match name {
            _ if package.is_empty() => None,
            Some(name) => Some(format!("{package}.{name}")),
            None => Some(package.to_owned()),
        }
    }

    /// A name of a module, as `from module import name` gives it: a submodule counts.
    pub(super) fn name_of_module(&self, module: &Rc<Module>, name: &str, spot: &Spot) -> Result<Value, Stop> {
        self.load(module);
        if let Some(value) = module.scope.get(&name.into()) {
            return Ok(self.resolve(&value));
        }
        if module.is_package() {
            match self.find(&format!("{}.{name}", module.name), spot) {
                Imported::Module(module) => return Ok(Value::new(Kind::Module(module), spot)),
                Imported::Opaque(name) => return Ok(Value::name(name, spot)),
                Imported::Missing(_) => {}
                Imported::Undecided(unknown) => return Ok(Value::still_unknown(&unknown, spot)),
            }
        }
        if let Some(unknown) = module.scope.may_have_more() {
            return Ok(self.still_unknown(&unknown, spot));
        }
        if module.state.get() == State::Reading {
            return Ok(
                self.unknown(format!("{} imports itself, and {name} is not there yet", module.name), spot)
            );
        }
        if !name.starts_with("__")
            && let Some(getter) = module.scope.get(&"__getattr__".into())
        {
            return self.call_positional(&self.resolve(&getter), vec![Value::str(name, spot)], spot);
        }
        Err(self.raise("ImportError", format!("cannot import name {name} from {}", module.name), spot))
    }
}
