//! What an object is, in a few words.

use trueup_model::catalog::{Deferral, ForeignKey, ForeignKeyAction, ForeignKeyMatch, Index, Object};
use trueup_model::{Catalog, Ident, ObjectPath};

use crate::spoken::Spoken;

/// A short definition of an object: what it is, in the words of the server.
pub fn described(catalog: &Catalog, path: &ObjectPath) -> String {
    let Some(entry) = catalog.find(path) else { return path.kind.spoken() };
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
        Object::Key(key) => {
            let mut text = format!("({}", key.columns.spoken());
            push_if(&mut text, key.without_overlaps, " without overlaps");
            text.push(')');
            push_if(&mut text, key.nulls_not_distinct, " nulls not distinct");
            push_included(&mut text, &key.include);
            push_deferral(&mut text, key.deferral);
            text
        }
        Object::Check(check) => {
            let mut text = check.expression.to_string();
            push_if(&mut text, check.no_inherit, " no inherit");
            push_if(&mut text, !check.enforced, " not enforced");
            push_if(&mut text, check.enforced && !check.validated, " not valid");
            text
        }
        Object::ForeignKey(key) => foreign_key(key),
        Object::Exclusion(exclusion) => {
            let mut text = exclusion.definition.to_string();
            push_deferral(&mut text, exclusion.deferral);
            text
        }
        Object::Index(index) => indexed(index),
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
        | Object::Plain(_) => path.kind.spoken(),
    }
}

fn foreign_key(key: &ForeignKey) -> String {
    let period = if key.period { " with period" } else { "" };
    let mut text = format!(
        "({}) references {} ({}){period}",
        key.columns.spoken(),
        key.references,
        key.referenced_columns.spoken()
    );
    if key.matching != ForeignKeyMatch::Simple {
        text.push_str(&format!(" match {}", key.matching.spoken()));
    }
    if key.on_update != ForeignKeyAction::NoAction {
        text.push_str(&format!(" on update {}", key.on_update.spoken()));
    }
    if key.on_delete != ForeignKeyAction::NoAction {
        text.push_str(&format!(" on delete {}", key.on_delete.spoken()));
        if !key.on_delete_columns.is_empty() {
            text.push_str(&format!(" ({})", key.on_delete_columns.spoken()));
        }
    }
    push_deferral(&mut text, key.deferral);
    push_if(&mut text, !key.enforced, " not enforced");
    push_if(&mut text, key.enforced && !key.validated, " not valid");
    text
}

fn indexed(index: &Index) -> String {
    let keys: Vec<String> = index
        .keys
        .iter()
        .map(|key| {
            let mut text = key.expression.to_string();
            if let Some(collation) = &key.collation {
                text.push_str(&format!(" collate {collation}"));
            }
            if let Some(class) = &key.operator_class {
                text.push_str(&format!(" {class}"));
            }
            push_if(&mut text, key.descending, " desc");
            // The other place than the one that comes with the direction.
            if key.nulls_first != key.descending {
                text.push_str(if key.nulls_first { " nulls first" } else { " nulls last" });
            }
            text
        })
        .collect();
    let unique = if index.unique { "unique " } else { "" };
    let mut text = format!("{unique}{} ({})", index.method, keys.join(", "));
    push_included(&mut text, &index.include);
    push_if(&mut text, index.nulls_not_distinct, " nulls not distinct");
    if let Some(predicate) = &index.predicate {
        text.push_str(&format!(" where {predicate}"));
    }
    text
}

fn push_if(text: &mut String, condition: bool, words: &str) {
    if condition {
        text.push_str(words);
    }
}

fn push_included(text: &mut String, columns: &Vec<Ident>) {
    if !columns.is_empty() {
        text.push_str(&format!(" include ({})", columns.spoken()));
    }
}

fn push_deferral(text: &mut String, deferral: Deferral) {
    if deferral != Deferral::NotDeferrable {
        text.push_str(&format!(" {}", deferral.spoken()));
    }
}
