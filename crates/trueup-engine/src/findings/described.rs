//! What an object is, in a few words.

use trueup_model::catalog::Object;
use trueup_model::{Catalog, ObjectPath};

use crate::spoken::Spoken;

/// A short definition of an object: what it is, in the words of the server.
pub fn described(catalog: &Catalog, path: &ObjectPath) -> String {
    let Some(entry) = catalog.find(path) else { return path.kind.word().replace('-', " ") };
    match &entry.object {
        Object::Table(_) => {
            let columns = catalog.columns_of(path).len();
            if columns == 1 {
                "a table with 1 column".to_owned()
            } else {
                format!("a table with {columns} columns")
            }
        }
        Object::Column(column) => {
            let mut text = column.data_type.to_string();
            if column.not_null.is_some() {
                text.push_str(" not null");
            }
            if column.serial {
                text.push_str(" serial");
            } else if let Some(default) = &column.default {
                text.push_str(&format!(" default {default}"));
            }
            if let Some(identity) = &column.identity {
                text.push_str(&format!(" {}", identity.spoken()));
            }
            if let Some(generated) = &column.generated {
                text.push_str(&format!(" generated as {}", generated.spoken()));
            }
            text
        }
        Object::Key(key) => format!("({})", key.columns.spoken()),
        Object::Check(check) => check.expression.to_string(),
        Object::ForeignKey(key) => format!(
            "({}) references {} ({})",
            key.columns.spoken(),
            key.references,
            key.referenced_columns.spoken()
        ),
        Object::Exclusion(exclusion) => exclusion.definition.to_string(),
        Object::Index(index) => {
            let keys: Vec<String> = index
                .keys
                .iter()
                .map(|key| {
                    let order = if key.descending { " desc" } else { "" };
                    format!("{}{order}", key.expression)
                })
                .collect();
            let unique = if index.unique { "unique " } else { "" };
            let predicate =
                index.predicate.as_ref().map(|predicate| format!(" where {predicate}")).unwrap_or_default();
            format!("{unique}{} ({}){predicate}", index.method, keys.join(", "))
        }
        Object::Enum(labels) => labels.labels.spoken(),
        Object::Domain(domain) => domain.base.to_string(),
        Object::Routine(routine) => match &routine.result {
            Some(result) => format!("({}) returns {result}", routine.arguments),
            None => format!("({})", routine.arguments),
        },
        Object::Trigger(trigger) => {
            format!("{} {} calls {}", trigger.timing, trigger.events.spoken(), trigger.function)
        }
        Object::Policy(policy) => format!("for {} to {}", policy.command.spoken(), policy.roles.spoken()),
        Object::Sequence(sequence) => sequence.options.spoken(),
        Object::Extension(extension) => format!("version {} in {}", extension.version, extension.schema),
        Object::Schema(_)
        | Object::CompositeType(_)
        | Object::RangeType(_)
        | Object::BaseType(_)
        | Object::View(_)
        | Object::MaterializedView(_)
        | Object::Statistics(_)
        | Object::Rule(_)
        | Object::Aggregate(_)
        | Object::EventTrigger(_)
        | Object::DefaultPrivileges(_)
        | Object::Plain(_) => path.kind.word().replace('-', " "),
    }
}
