//! What installed packages offer to each other: `entry_points(group="shop.plugins")`.

use std::collections::BTreeSet;

use super::super::evaluate::Evaluated;
use super::super::source::Spot;
use super::super::value::{Arguments, ClassRef, Kind, Object, Value};
use super::super::world::World;

/// The class of an entry point.
pub(super) const ENTRY_POINT: &str = "importlib.metadata.EntryPoint";

impl World {
    /// What an entry point stands for: `entry_point.load()`.
    pub(super) fn load_entry_point(&self, object: &Object, spot: &Spot) -> Evaluated {
        let text = |name: &str| {
            object.attributes.get(&name.into()).and_then(|value| value.as_str().map(str::to_owned))
        };
        let (Some(module), Some(attributes)) = (text("module"), text("attr")) else {
            return Ok(self.unknown("what this entry point stands for is not known", spot));
        };
        let mut found = self.import(&module, spot)?;
        for name in attributes.split('.').filter(|name| !name.is_empty()) {
            found = self.attribute_of(&found, name, spot)?;
        }
        Ok(found)
    }

    /// The entry points of a group, from the metadata of what is installed.
    pub(super) fn entry_points(&self, group: Option<&Value>, spot: &Spot) -> Value {
        let Some(group) = group.and_then(Value::as_str) else {
            return self.unknown("entry points of no certain group are not followed", spot);
        };
        if !self.surroundings.complete {
            return self.unknown("what is installed is not known", spot);
        }
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        for folder in &self.surroundings.installed {
            // Python takes them as they lie on the disk, and of two of a name the first.
            for package in self.surroundings.files.list_unsorted(folder) {
                if distribution(&package).is_none_or(|name| !seen.insert(name)) {
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
        Value::tuple(found, spot)
    }

    fn entry_point(&self, group: &str, name: &str, value: &str, spot: &Spot) -> Value {
        let bare = value.split('[').next().unwrap_or(value).trim();
        let (module, attribute) = bare.split_once(':').unwrap_or((bare, ""));
        let class = ClassRef::Name(ENTRY_POINT.into());
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

/// The name of what is installed, by the folder of its metadata.
fn distribution(folder: &str) -> Option<String> {
    let stem = folder.strip_suffix(".dist-info").or_else(|| folder.strip_suffix(".egg-info"))?;
    let name = stem.split('-').next().unwrap_or(stem);
    Some(name.to_lowercase().replace(['.', '_'], "-"))
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
    use super::{distribution, in_group};

    #[test]
    fn spellings_of_a_name_are_one_distribution() {
        assert_eq!(distribution("Shop_plugin-1.2.dist-info").as_deref(), Some("shop-plugin"));
        assert_eq!(distribution("shop.plugin.egg-info").as_deref(), Some("shop-plugin"));
        assert_eq!(distribution("shop_plugin"), None);
    }

    #[test]
    fn lines_of_a_group_are_found() {
        let text = "[console_scripts]\na = b:c\n\n[shop.plugins]\n# no\nx = y.z:Plugin\n";
        assert_eq!(in_group(text, "shop.plugins"), [("x".to_owned(), "y.z:Plugin".to_owned())]);
        assert_eq!(in_group(text, "other"), []);
    }
}
