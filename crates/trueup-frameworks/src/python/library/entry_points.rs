//! What installed packages offer to each other: `entry_points(group="shop.plugins")`.

use super::super::source::Spot;
use super::super::value::{Arguments, ClassRef, Kind, Object, Value};
use super::super::world::World;

impl World {
    /// The entry points of a group, from the metadata of what is installed.
    pub(super) fn entry_points(&self, group: Option<&Value>, spot: &Spot) -> Value {
        let Some(group) = group.and_then(Value::as_str) else {
            return self.unknown("entry points of no certain group are not followed", spot);
        };
        if !self.surroundings.complete {
            return self.unknown("what is installed is not known", spot);
        }
        let mut found = Vec::new();
        for folder in &self.surroundings.installed {
            for package in self.surroundings.files.list(folder) {
                if !package.ends_with(".dist-info") && !package.ends_with(".egg-info") {
                    continue;
                }
                let path = folder.join(package).join("entry_points.txt");
                let text =
                    self.surroundings.files.read(&path).and_then(|bytes| String::from_utf8(bytes).ok());
                for (name, value) in in_group(&text.unwrap_or_default(), group) {
                    found.push(self.entry_point(group, &name, &value, spot));
                }
            }
        }
        if found.len() > 1 {
            return self.unknown(format!("the order of the entry points of {group} is not known"), spot);
        }
        Value::tuple(found, spot)
    }

    fn entry_point(&self, group: &str, name: &str, value: &str, spot: &Spot) -> Value {
        let bare = value.split('[').next().unwrap_or(value).trim();
        let (module, attribute) = bare.split_once(':').unwrap_or((bare, ""));
        let class = ClassRef::Name("importlib.metadata.EntryPoint".into());
        let object = Object::new(class, Arguments::default());
        for (key, text) in [
            ("name", name),
            ("value", value),
            ("group", group),
            ("module", module.trim()),
            ("attr", attribute.trim()),
        ] {
            object.attributes.restore(&key.into(), Some(Value::str(text, spot)));
        }
        Value::new(Kind::Object(object), spot)
    }
}

/// The lines `name = value` below `[group]`.
fn in_group(text: &str, group: &str) -> Vec<(String, String)> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            inside = name.trim() == group;
        } else if let Some((name, value)) =
            line.split_once('=').filter(|_| inside && !line.starts_with(['#', ';']))
        {
            found.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::in_group;

    #[test]
    fn lines_of_a_group_are_found() {
        let text = "[console_scripts]\na = b:c\n\n[shop.plugins]\n# no\nx = y.z:Plugin\n";
        assert_eq!(in_group(text, "shop.plugins"), [("x".to_owned(), "y.z:Plugin".to_owned())]);
        assert_eq!(in_group(text, "other"), []);
    }
}
