//! What is imported from Python's library.

use std::rc::Rc;

use super::super::evaluate::{Evaluated, Stop, Truth};
use super::super::modules::Imported;
use super::super::source::Spot;
use super::super::syntax::Operator;
use super::super::value::{Arguments, Kind, Partial, Value};
use super::super::world::World;
use super::files::ENVIRONMENT;
use super::paths;

/// Texts of the module `string`.
const STRINGS: &[(&str, &str)] = &[
    ("string.ascii_lowercase", "abcdefghijklmnopqrstuvwxyz"),
    ("string.ascii_uppercase", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("string.ascii_letters", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("string.digits", "0123456789"),
    ("string.hexdigits", "0123456789abcdefABCDEF"),
    ("string.punctuation", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
    ("os.sep", "/"),
    ("os.path.sep", "/"),
    ("os.pathsep", ":"),
    ("os.linesep", "\n"),
];

impl World {
    /// The value of a name of Python's library; `None` where it stays a name.
    pub(in super::super) fn library_value(&self, dotted: &str, spot: &Spot) -> Option<Value> {
        if let Some((_, text)) = STRINGS.iter().find(|(name, _)| *name == dotted) {
            return Some(Value::str(*text, spot));
        }
        Some(match dotted {
            "os.environ" => self.scope_object(ENVIRONMENT, &self.variables, spot),
            "sys.path" => Value::new(Kind::List(self.path.clone()), spot),
            "sys.argv" => {
                let arguments = self.surroundings.arguments.iter();
                Value::list(arguments.map(|argument| Value::str(argument.as_str(), spot)).collect(), spot)
            }
            "sys.version_info" => {
                let (major, minor) = self.surroundings.python;
                let unknown = Value::unknown("which release of Python this is is not known", spot);
                let items = vec![
                    Value::int(i128::from(major), spot),
                    Value::int(i128::from(minor), spot),
                    unknown.clone(),
                    unknown.clone(),
                    unknown,
                ];
                Value::tuple(items, spot)
            }
            "sys.maxsize" => Value::int(i128::from(i64::MAX), spot),
            "typing.TYPE_CHECKING" | "typing_extensions.TYPE_CHECKING" => Value::bool(false, spot),
            "math.pi" => Value::new(Kind::Float(std::f64::consts::PI), spot),
            // These are what they are called.
            "posixpath.join" | "posixpath.dirname" => Value::name(format!("os.path.{}", &dotted[10..]), spot),
            _ => return None,
        })
    }

    /// What a call of something of Python's library comes to; `None` where it stays a call.
    pub(in super::super) fn call_library(
        &self,
        dotted: &str,
        arguments: &Arguments,
        spot: &Spot,
    ) -> Result<Option<Value>, Stop> {
        if !super::is_of_python(dotted) {
            return Ok(None);
        }
        if let Some(name) = dotted.strip_prefix("os.path.") {
            return self.call_os_path(name, arguments, spot);
        }
        let args = &arguments.args[..];
        let unknown = args.iter().find_map(Value::why_unknown);
        let made = match (dotted, args) {
            ("os.getenv", [_] | [_, _]) => {
                let environment = self.dotted("os.environ", spot);
                let get = self.attribute_of(&environment, "get", spot)?;
                self.call_value(&get, arguments.clone(), spot)?
            }
            ("os.fspath", [value]) => match Self::as_path(value) {
                Some(path) => Value::str(path, spot),
                None => return Ok(None),
            },
            ("os.listdir" | "os.scandir" | "os.walk" | "glob.glob" | "glob.iglob", _) => {
                self.unknown(format!("the order of {dotted} is not known"), spot)
            }
            ("os.getcwd", []) => self.unknown("the folder in which this runs is not known", spot),
            ("pathlib.Path" | "pathlib.PurePath" | "pathlib.PosixPath" | "pathlib.PurePosixPath", parts) => {
                if let Some(unknown) = unknown {
                    return Ok(Some(self.still_unknown(&unknown, spot)));
                }
                let Some(parts) = parts.iter().map(Self::as_path).collect::<Option<Vec<_>>>() else {
                    return Ok(None);
                };
                let joined = parts.iter().fold(String::new(), |path, part| paths::join_paths(&path, part));
                Value::new(Kind::Path(paths::pure(&joined).into()), spot)
            }
            ("functools.partial", [function, rest @ ..]) => {
                let partial = Partial {
                    function: function.clone(),
                    args: rest.to_vec(),
                    kwargs: arguments.kwargs.clone(),
                };
                Value::new(Kind::Partial(Rc::new(partial)), spot)
            }
            ("functools.reduce", [function, values, rest @ ..]) => {
                self.reduce(function, values, rest.first(), spot)?
            }
            ("textwrap.dedent", [text]) if text.as_str().is_some() => {
                match dedent(text.as_str().unwrap_or_default()) {
                    Some(text) => Value::str(text, spot),
                    None => return Ok(None),
                }
            }
            ("collections.OrderedDict", _) => match super::names::builtin("dict") {
                Some(dict) => self.call_builtin(dict, arguments.clone(), spot)?,
                None => return Ok(None),
            },
            ("itertools.chain", iterables) => self.chain(iterables, spot)?,
            ("itertools.chain.from_iterable", [iterable]) => match self.items_of(iterable, spot)? {
                Ok(iterables) => self.chain(&iterables, spot)?,
                Err(unknown) => self.still_unknown(&unknown, spot),
            },
            ("itertools.product", iterables) if arguments.kwargs.is_empty() => {
                self.product(iterables, spot)?
            }
            ("importlib.import_module", [name, rest @ ..]) => self.import_module(name, rest.first(), spot)?,
            ("importlib.metadata.entry_points", []) => self.entry_points(arguments.keyword("group"), spot),
            ("importlib.util.find_spec", [name]) => match name.as_str() {
                Some(name) => match self.find(name, spot) {
                    Imported::Missing(_) => Value::none(spot),
                    Imported::Module(_) => Value::name("importlib.machinery.ModuleSpec.found", spot),
                    Imported::Opaque(_) | Imported::Undecided(_) => {
                        self.unknown(format!("whether {name} is there is not known"), spot)
                    }
                },
                None => return Ok(None),
            },
            ("copy.copy" | "copy.deepcopy", [value]) => {
                match self.copied(value, dotted == "copy.deepcopy", 0, spot) {
                    Some(copy) => copy,
                    None => self.unknown(format!("{dotted} of this is not followed"), spot),
                }
            }
            ("typing.cast", [_, value]) => value.clone(),
            (
                "warnings.warn"
                | "warnings.simplefilter"
                | "warnings.filterwarnings"
                | "sys.stdout.write"
                | "sys.stderr.write",
                _,
            ) => Value::none(spot),
            ("operator.itemgetter" | "operator.attrgetter", _) => return Ok(None),
            (_, [left, right]) if operator(dotted).is_some() => match operator(dotted) {
                Some(operator) => self.operate(operator, left.clone(), right.clone(), spot)?,
                None => return Ok(None),
            },
            ("sys.exit" | "os._exit", _) => return Err(self.raise("SystemExit", "", spot)),
            ("os.path", _) => return Ok(None),
            _ => return Ok(None),
        };
        Ok(Some(made))
    }

    /// A method of what is not followed, where it is known all the same: `operator.itemgetter(0)(x)`.
    pub(in super::super) fn call_library_method(
        &self,
        of: &Value,
        name: &str,
        arguments: &Arguments,
        spot: &Spot,
    ) -> Result<Option<Value>, Stop> {
        let Kind::Object(object) = &of.kind else { return Ok(None) };
        if name != "__call__" {
            return Ok(None);
        }
        let [value] = &arguments.args[..] else { return Ok(None) };
        let [wanted] = &object.args[..] else { return Ok(None) };
        match &*object.class.dotted() {
            "operator.itemgetter" => self.item_of(value, wanted, spot).map(Some),
            "operator.attrgetter" => match wanted.as_str() {
                Some(path) => {
                    let mut found = value.clone();
                    for part in path.split('.') {
                        found = self.attribute_of(&found, part, spot)?;
                    }
                    Ok(Some(found))
                }
                None => Ok(None),
            },
            _ => Ok(None),
        }
    }

    fn call_os_path(&self, name: &str, arguments: &Arguments, spot: &Spot) -> Result<Option<Value>, Stop> {
        if let Some(unknown) = arguments.args.iter().find_map(Value::why_unknown) {
            return Ok(Some(self.still_unknown(&unknown, spot)));
        }
        let Some(texts) = arguments.args.iter().map(Self::as_path).collect::<Option<Vec<_>>>() else {
            return Ok(None);
        };
        let made = |text: &str| Ok(Some(Value::str(text, spot)));
        match (name, &texts[..]) {
            ("join", [first, rest @ ..]) => {
                let joined = rest.iter().fold(first.to_string(), |path, part| paths::join_paths(&path, part));
                self.text_room(joined.len(), spot)?;
                made(&joined)
            }
            ("dirname", [path]) => made(paths::folder_of(path)),
            ("basename", [path]) => made(paths::name_of(path)),
            ("split", [path]) => {
                let parts = [paths::folder_of(path), paths::name_of(path)];
                Ok(Some(Value::tuple(parts.iter().map(|part| Value::str(*part, spot)).collect(), spot)))
            }
            ("splitext", [path]) => {
                let (root, extension) = paths::split_extension(path);
                Ok(Some(Value::tuple(vec![Value::str(root, spot), Value::str(extension, spot)], spot)))
            }
            ("normpath", [path]) => made(&paths::normal(path)),
            ("abspath" | "realpath", [path]) if path.starts_with('/') => made(&paths::normal(path)),
            ("abspath" | "realpath", [_]) => {
                Ok(Some(self.unknown("the folder in which this runs is not known", spot)))
            }
            ("isabs", [path]) => Ok(Some(Value::bool(path.starts_with('/'), spot))),
            ("exists" | "lexists", [path]) => Ok(Some(self.exists(path, true, true, spot))),
            ("isfile", [path]) => Ok(Some(self.exists(path, true, false, spot))),
            ("isdir", [path]) => Ok(Some(self.exists(path, false, true, spot))),
            ("expanduser", [path]) if !path.starts_with('~') => made(path),
            ("expandvars", [path]) if !path.contains('$') => made(path),
            _ => Ok(Some(self.unknown(format!("os.path.{name} is not followed here"), spot))),
        }
    }

    fn reduce(&self, function: &Value, values: &Value, start: Option<&Value>, spot: &Spot) -> Evaluated {
        let items = match self.items_of(values, spot)? {
            Ok(items) => items,
            Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
        };
        let mut items = items.into_iter();
        let Some(mut total) = start.cloned().or_else(|| items.next()) else {
            return Err(self.raise("TypeError", "reduce() of empty iterable with no initial value", spot));
        };
        for item in items {
            total = self.call_positional(function, vec![total, item], spot)?;
        }
        Ok(total)
    }

    fn chain(&self, iterables: &[Value], spot: &Spot) -> Evaluated {
        let mut all = Vec::new();
        for iterable in iterables {
            match self.items_of(iterable, spot)? {
                Ok(items) => {
                    self.room_for(all.len() + items.len(), spot)?;
                    all.extend(items);
                }
                Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
            }
        }
        Ok(self.once(all, spot))
    }

    fn product(&self, iterables: &[Value], spot: &Spot) -> Evaluated {
        let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
        for iterable in iterables {
            let items = match self.items_of(iterable, spot)? {
                Ok(items) => items,
                Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
            };
            self.room_for(rows.len().saturating_mul(items.len()), spot)?;
            self.spend(rows.len().saturating_mul(items.len()), || spot.clone())?;
            rows = rows
                .iter()
                .flat_map(|row| items.iter().map(move |item| row.iter().chain([item]).cloned().collect()))
                .collect();
        }
        Ok(self.once(rows.into_iter().map(|row| Value::tuple(row, spot)).collect(), spot))
    }

    fn import_module(&self, name: &Value, package: Option<&Value>, spot: &Spot) -> Evaluated {
        let (Some(given), package) = (name.as_str(), package.map(Value::as_str)) else {
            return self.other_arguments("importlib.import_module", std::slice::from_ref(name), spot);
        };
        let level = given.len() - given.trim_start_matches('.').len();
        let absolute = match (level, package) {
            (0, _) => given.to_owned(),
            (_, Some(Some(package))) => {
                let mut package = package;
                for _ in 1..level {
                    match package.rsplit_once('.') {
                        Some((above, _)) => package = above,
                        None => {
                            return self.other_arguments(
                                "importlib.import_module",
                                std::slice::from_ref(name),
                                spot,
                            );
                        }
                    }
                }
                format!("{package}.{}", given.trim_start_matches('.'))
            }
            _ => return self.other_arguments("importlib.import_module", std::slice::from_ref(name), spot),
        };
        self.import(&absolute, spot)
    }

    /// A copy of plain data; `None` where an object is in it.
    fn copied(&self, value: &Value, deep: bool, depth: usize, spot: &Spot) -> Option<Value> {
        if depth > super::super::limits::NESTING {
            return None;
        }
        let one =
            |item: &Value| if deep { self.copied(item, true, depth + 1, spot) } else { Some(item.clone()) };
        match &value.kind {
            Kind::List(cell) => {
                let items: Option<Vec<Value>> = cell.known().ok()?.iter().map(one).collect();
                Some(Value::list(items?, spot))
            }
            Kind::Tuple(items) => {
                let items: Option<Vec<Value>> = items.iter().map(one).collect();
                Some(Value::tuple(items?, spot))
            }
            Kind::Dict(cell) => {
                let mut copy = cell.known().ok()?;
                if deep {
                    for (key, value) in cell.known().ok()?.entries() {
                        let place = super::super::value::Key::of(key).ok()?;
                        copy.insert(place, key.clone(), one(value)?);
                    }
                }
                Some(Value::dict(copy, spot))
            }
            Kind::Set(cell) => {
                let copy = super::super::value::SetCell::new(cell.known().ok()?, cell.frozen);
                Some(Value::new(Kind::Set(copy), spot))
            }
            Kind::Object(_) | Kind::Iterator(_) => None,
            _ => Some(value.clone()),
        }
    }

    /// Whether a condition that came from outside holds.
    pub fn is_true(&self, value: &Value) -> Option<bool> {
        match self.truth(value) {
            Ok(Truth::Yes) => Some(true),
            Ok(Truth::No) => Some(false),
            Ok(Truth::Unknown(_)) | Err(_) => None,
        }
    }
}

fn operator(dotted: &str) -> Option<Operator> {
    Some(match dotted {
        "operator.add" | "operator.concat" | "operator.iadd" => Operator::Add,
        "operator.sub" => Operator::Subtract,
        "operator.mul" => Operator::Multiply,
        "operator.or_" | "operator.ior" => Operator::Or,
        "operator.and_" | "operator.iand" => Operator::And,
        "operator.xor" => Operator::Xor,
        "operator.mod" => Operator::Modulo,
        _ => return None,
    })
}

/// `textwrap.dedent`; `None` where tabs and blanks are mixed.
fn dedent(text: &str) -> Option<String> {
    let is_blank = |line: &str| line.chars().all(|character| matches!(character, ' ' | '\t'));
    let mut margin: Option<&str> = None;
    for line in text.split('\n').filter(|line| !is_blank(line)) {
        let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        margin = Some(match margin {
            None => indent,
            Some(known) => {
                let common = known.bytes().zip(indent.bytes()).take_while(|(a, b)| a == b).count();
                if common < known.len() && common < indent.len() {
                    return None;
                }
                &known[..common]
            }
        });
    }
    let margin = margin.unwrap_or_default();
    let lines: Vec<&str> = text
        .split('\n')
        .map(|line| if is_blank(line) { "" } else { line.strip_prefix(margin).unwrap_or(line) })
        .collect();
    Some(lines.join("\n"))
}
