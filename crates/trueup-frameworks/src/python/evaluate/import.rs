//! Imports.

use std::rc::Rc;

use super::super::modules::{Imported, Module};
use super::super::source::Spot;
use super::super::syntax::Alias;
use super::super::value::{Kind, Lazy, Value};
use super::super::world::{ProblemKind, World};
use super::{Evaluated, Frame, Stop};

impl World {
    pub(super) fn run_import(&self, frame: &Frame, aliases: &[Alias]) -> Result<(), Stop> {
        for alias in aliases {
            let spot = frame.spot(alias.span);
            let whole = self.import(&alias.name, &spot)?;
            if whole.is_unknown() {
                self.note_missing(frame, &alias.name, &spot);
            }
            match &alias.bound_to {
                Some(name) => self.bind(frame, name, whole),
                None => {
                    // `import a.b` gives `a`, which then has `b`.
                    let first: Rc<str> = alias.name.split('.').next().unwrap_or_default().into();
                    let value = if *first == *alias.name || whole.is_unknown() {
                        whole
                    } else {
                        self.import(&first, &spot)?
                    };
                    self.bind(frame, &first, value);
                }
            }
        }
        Ok(())
    }

    /// A module by its path, as a value.
    pub(in super::super) fn import(&self, name: &str, spot: &Spot) -> Evaluated {
        match self.find(name, spot) {
            Imported::Module(module) => {
                self.load_if_eager(&module, spot)?;
                Ok(Value::new(Kind::Module(module), spot))
            }
            Imported::Opaque(name) => Ok(self.dotted(&name, spot)),
            Imported::Missing(reason) if self.is_caught("ModuleNotFoundError", spot) => {
                Err(self.raise("ModuleNotFoundError", reason, spot))
            }
            Imported::Missing(reason) => Ok(self.unknown(reason, spot)),
            Imported::Undecided(unknown) => Ok(self.still_unknown(&unknown, spot)),
        }
    }

    /// A module that is not there keeps the one that imports it from being imported, where nobody catches that and the
    /// import surely runs: at the top of the module, under no condition that is not known.
    fn note_missing(&self, frame: &Frame, name: &str, spot: &Spot) {
        let of_module = frame.function.is_none() && Rc::ptr_eq(&frame.scope, &frame.module.scope);
        // What a package imports may depend on the system; whoever installed it has seen it work.
        if !of_module
            || !frame.module.of_project
            || self.journal.depth() > 1
            || self.is_caught("ModuleNotFoundError", spot)
        {
            return;
        }
        let Some(missing) = self.surely_missing(name, spot) else { return };
        self.note(format!("no module named {missing}"), spot, ProblemKind::Import);
        if let Some(class) = super::super::library::builtin("ModuleNotFoundError") {
            frame.module.raised.replace(Some(Value::new(Kind::Builtin(class), spot)));
        }
    }

    /// The first package or module of a path that Python does not find either.
    fn surely_missing(&self, name: &str, spot: &Spot) -> Option<String> {
        // Parts of Python that are not listed, nor stand in a file.
        if name.starts_with('_') {
            return None;
        }
        let ends = name.match_indices('.').map(|(end, _)| end).chain([name.len()]);
        for end in ends {
            match self.find(&name[..end], spot) {
                Imported::Module(module) if !module.of_project && finds_modules_itself(&module) => {
                    return None;
                }
                Imported::Module(_) => {}
                Imported::Missing(_) => return Some(name[..end].to_owned()),
                Imported::Opaque(_) | Imported::Undecided(_) => return None,
            }
        }
        None
    }

    /// A module is read at once where its effects count, or where somebody would catch what keeps it from being read.
    fn load_if_eager(&self, module: &Rc<Module>, spot: &Spot) -> Result<(), Stop> {
        let caught = self.is_caught("ImportError", spot);
        if (self.eager.get() && module.of_project) || caught {
            self.load(module);
        }
        if caught && let Some(class) = module.raised.borrow().clone() {
            let is_import_error = matches!(&class.kind, Kind::Builtin(builtin) if super::super::library::descends(builtin.name(), "ImportError"));
            if is_import_error {
                return Err(self.raise("ImportError", format!("{} cannot be imported", module.name), spot));
            }
        }
        Ok(())
    }

    pub(super) fn run_import_from(
        &self,
        frame: &Frame,
        name: Option<&str>,
        level: u32,
        aliases: &[Alias],
        spot: &Spot,
    ) -> Result<(), Stop> {
        if name == Some("__future__") {
            return Ok(());
        }
        let Some(absolute) = self.absolute(&frame.module, level, name) else {
            let unknown = self.unknown("a relative import beyond the package", spot);
            aliases.iter().for_each(|alias| self.bind(frame, bound(alias), unknown.clone()));
            return Ok(());
        };
        let found = self.find(&absolute, spot);
        if let Imported::Missing(_) = found {
            self.note_missing(frame, &absolute, spot);
        }
        if let [Alias { name: star, .. }] = aliases
            && &**star == "*"
        {
            return self.import_all(frame, found, spot);
        }
        for alias in aliases {
            let spot = frame.spot(alias.span);
            let value = match &found {
                Imported::Module(module) => self.import_name(module, &alias.name, &spot)?,
                Imported::Opaque(module) => self.dotted(&format!("{module}.{}", alias.name), &spot),
                Imported::Missing(reason) if self.is_caught("ModuleNotFoundError", &spot) => {
                    return Err(self.raise("ModuleNotFoundError", reason.clone(), &spot));
                }
                Imported::Missing(reason) => self.unknown(reason.clone(), &spot),
                Imported::Undecided(unknown) => self.still_unknown(unknown, &spot),
            };
            self.bind(frame, bound(alias), value);
        }
        Ok(())
    }

    fn import_name(&self, module: &Rc<Module>, name: &Rc<str>, spot: &Spot) -> Evaluated {
        self.load_if_eager(module, spot)?;
        if (self.eager.get() && module.of_project) || self.is_caught("ImportError", spot) {
            return match self.name_of_module(module, name, spot) {
                Err(Stop::Raised(raised)) if !self.is_caught("ImportError", spot) => {
                    Ok(self.unknown(raised.words(), spot))
                }
                other => other,
            };
        }
        let lazy = Lazy { module: module.clone(), name: name.clone() };
        Ok(Value::new(Kind::Lazy(Rc::new(lazy)), spot))
    }

    /// `from module import *`.
    fn import_all(&self, frame: &Frame, found: Imported, spot: &Spot) -> Result<(), Stop> {
        let module = match found {
            Imported::Module(module) => module,
            Imported::Opaque(name) => {
                let answers = self.surroundings.answers.clone();
                if let Some(names) = answers.and_then(|answers| answers.exported(&name)) {
                    for own in names {
                        self.bind(frame, &own, self.dotted(&format!("{name}.{own}"), spot));
                    }
                    return Ok(());
                }
                let unknown =
                    self.reason(format!("{name} is not followed, and everything in it is imported"), spot);
                self.blur_scope(&frame.scope, &unknown, spot);
                return Ok(());
            }
            Imported::Missing(reason) if self.is_caught("ModuleNotFoundError", spot) => {
                return Err(self.raise("ModuleNotFoundError", reason, spot));
            }
            Imported::Missing(reason) => {
                let unknown = self.reason(reason, spot);
                self.blur_scope(&frame.scope, &unknown, spot);
                return Ok(());
            }
            Imported::Undecided(unknown) => {
                self.unknowns.set(self.unknowns.get() + 1);
                self.blur_scope(&frame.scope, &unknown, spot);
                return Ok(());
            }
        };
        self.load(&module);
        self.load_if_eager(&module, spot)?;
        if let Some(unknown) = module.scope.may_have_more() {
            self.unknowns.set(self.unknowns.get() + 1);
            self.blur_scope(&frame.scope, &unknown, spot);
        }
        let entries = module.scope.entries();
        self.spend(entries.len(), || spot.clone())?;
        let wanted = match module.scope.get(&"__all__".into()) {
            Some(all) => match self.items_of(&all, spot)? {
                Ok(names) => Some(names),
                Err(unknown) => {
                    self.blur_scope(&frame.scope, &unknown, spot);
                    return Ok(());
                }
            },
            None => None,
        };
        match wanted {
            Some(names) => {
                for name in names {
                    if let Some(name) = name.as_str() {
                        let value = self.import_name(&module, &name.into(), spot)?;
                        self.bind(frame, &name.into(), value);
                    }
                }
            }
            None => {
                for (name, value) in entries.into_iter().filter(|(name, _)| !name.starts_with('_')) {
                    self.bind(frame, &name, value);
                }
            }
        }
        Ok(())
    }
}

/// Packages that give themselves modules which stand in no file, as `six.moves` does.
fn finds_modules_itself(module: &Module) -> bool {
    let text = module.source.text();
    !module.is_package() || ["sys.modules", "meta_path", "__path__"].iter().any(|word| text.contains(word))
}

fn bound(alias: &Alias) -> &Rc<str> {
    alias.bound_to.as_ref().unwrap_or(&alias.name)
}
