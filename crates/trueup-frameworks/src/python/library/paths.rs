//! `os.path` and `pathlib`, by the letter, as on a system with forward slashes. The disk is asked about files of the project
//! and of installed packages only: what lies elsewhere is another machine's business.

use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};

use super::super::evaluate::Evaluated;
use super::super::source::Spot;
use super::super::value::{Kind, Value};
use super::super::world::World;

/// `os.path.join`, and `/` between paths.
pub(in super::super) fn join_paths(left: &str, right: &str) -> String {
    if right.starts_with('/') || left.is_empty() {
        right.to_owned()
    } else if left.ends_with('/') {
        format!("{left}{right}")
    } else {
        format!("{left}/{right}")
    }
}

/// `os.path.dirname`.
pub(super) fn folder_of(path: &str) -> &str {
    let at = path.rfind('/').map_or(0, |at| at + 1);
    let head = &path[..at];
    let bare = head.trim_end_matches('/');
    if bare.is_empty() { head } else { bare }
}

/// `os.path.basename`.
pub(super) fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// `os.path.splitext`.
pub(super) fn split_extension(path: &str) -> (&str, &str) {
    let name = name_of(path);
    let bare = name.trim_start_matches('.');
    match bare.rfind('.') {
        Some(at) => path.split_at(path.len() - bare.len() + at),
        None => (path, ""),
    }
}

/// `os.path.normpath`.
pub(super) fn normal(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&"..") | None if !absolute => parts.push(".."),
                Some(_) => drop(parts.pop()),
                None => {}
            },
            other => parts.push(other),
        }
    }
    let joined = parts.join("/");
    match (absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// What `pathlib` makes of a text: no doubled slashes, no `.`, but `..` stays.
pub(super) fn pure(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let joined = parts.join("/");
    match (path.starts_with('/'), joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

fn parent(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) => "/",
        Some((parent, _)) => parent,
        None => ".",
    }
}

/// An attribute of a path that is no method.
pub(in super::super) fn path_attribute(path: &str, name: &str) -> Option<Kind> {
    let text = |text: &str| Some(Kind::Str(text.into()));
    let last = if path == "/" || path == "." { "" } else { name_of(path) };
    let (stem, suffix) = match last.rfind('.') {
        Some(at) if at > 0 && at + 1 < last.len() => last.split_at(at),
        _ => (last, ""),
    };
    match name {
        "parent" => Some(Kind::Path(parent(path).into())),
        "name" => text(last),
        "stem" => text(stem),
        "suffix" => text(suffix),
        "parts" | "parents" => {
            let spot = Spot::outside("");
            let mut items = Vec::new();
            if name == "parts" {
                if path.starts_with('/') {
                    items.push(Value::str("/", &spot));
                }
                let parts = path.split('/').filter(|part| !part.is_empty() && *part != ".");
                items.extend(parts.map(|part| Value::str(part, &spot)));
            } else {
                let mut here = path;
                while parent(here) != here {
                    here = parent(here);
                    items.push(Value::new(Kind::Path(here.into()), &spot));
                }
            }
            Some(Kind::Tuple(super::super::value::Items::new(items)))
        }
        _ => None,
    }
}

impl World {
    /// A text or path as a text.
    pub(super) fn as_path(value: &Value) -> Option<Rc<str>> {
        match &value.kind {
            Kind::Str(path) | Kind::Path(path) => Some(path.clone()),
            _ => None,
        }
    }

    /// Whether the disk may be asked about a path.
    pub(super) fn is_ours(&self, path: &str) -> bool {
        let path = Utf8PathBuf::from(normal(path));
        let inside = |folder: &Utf8Path| path.starts_with(folder);
        path.is_absolute()
            && (inside(&self.surroundings.project)
                || self
                    .surroundings
                    .roots
                    .iter()
                    .chain(&self.surroundings.installed)
                    .any(|folder| inside(folder)))
    }

    /// Whether there is such a file or folder; unknown elsewhere than in the project.
    pub(super) fn exists(&self, path: &str, file: bool, folder: bool, spot: &Spot) -> Value {
        if !self.is_ours(path) {
            return self.unknown(format!("whether {path} exists where the project runs is not known"), spot);
        }
        let path = Utf8PathBuf::from(normal(path));
        let files = &self.surroundings.files;
        Value::bool((file && files.is_file(&path)) || (folder && files.is_folder(&path)), spot)
    }

    pub(super) fn method_of_path(
        &self,
        path: &Rc<str>,
        name: &str,
        args: Vec<Value>,
        spot: &Spot,
    ) -> Evaluated {
        if let Some(unknown) = args.iter().find_map(Value::why_unknown) {
            return Ok(self.still_unknown(&unknown, spot));
        }
        let made = |path: String| Ok(Value::new(Kind::Path(path.into()), spot));
        let texts: Vec<Option<Rc<str>>> = args.iter().map(Self::as_path).collect();
        match (name, &texts[..]) {
            ("as_posix", []) => Ok(Value::str(path.clone(), spot)),
            ("is_absolute", []) => Ok(Value::bool(path.starts_with('/'), spot)),
            ("resolve" | "absolute", _) if path.starts_with('/') => {
                made(if name == "resolve" { normal(path) } else { path.to_string() })
            }
            ("joinpath", parts) if parts.iter().all(Option::is_some) => {
                let joined =
                    parts.iter().flatten().fold(path.to_string(), |path, part| join_paths(&path, part));
                self.text_room(joined.len(), spot)?;
                made(pure(&joined))
            }
            ("exists", []) => Ok(self.exists(path, true, true, spot)),
            ("is_file", []) => Ok(self.exists(path, true, false, spot)),
            ("is_dir", []) => Ok(self.exists(path, false, true, spot)),
            ("with_name", [Some(new)]) => made(pure(&join_paths(parent(path), new))),
            ("with_suffix", [Some(suffix)]) => {
                let last = name_of(path);
                let stem = match last.rfind('.') {
                    Some(at) if at > 0 && at + 1 < last.len() => &last[..at],
                    _ => last,
                };
                made(pure(&join_paths(parent(path), &format!("{stem}{suffix}"))))
            }
            ("relative_to", [Some(base)]) => {
                let (path, base) = (pure(path), pure(base));
                match Utf8Path::new(&path).strip_prefix(&base) {
                    Ok(rest) => made(pure(rest.as_str())),
                    Err(_) => {
                        Err(self.raise("ValueError", format!("{path} is not in the subpath of {base}"), spot))
                    }
                }
            }
            ("is_relative_to", [Some(base)]) => {
                Ok(Value::bool(Utf8Path::new(&pure(path)).starts_with(pure(base)), spot))
            }
            ("open", _) => self.open(&Value::new(Kind::Path(path.clone()), spot), args.first(), spot),
            ("read_text" | "read_bytes", _) => {
                let file = self.open(&Value::new(Kind::Path(path.clone()), spot), None, spot)?;
                match super::files::text_of(&file) {
                    Some(text) if name == "read_text" => Ok(text),
                    Some(text) => match text.as_str() {
                        Some(text) => Ok(Value::new(Kind::Bytes(text.as_bytes().into()), spot)),
                        None => Ok(text),
                    },
                    None => Ok(file),
                }
            }
            _ => self.other_arguments(name, &args, spot),
        }
    }
}
