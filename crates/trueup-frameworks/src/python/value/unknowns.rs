//! What is not known within a value.

use std::rc::Rc;

use super::{ClassRef, Kind, Unknown, Value};

/// More than this is not looked through; what is left then counts as unknown.
const MOST: usize = 200_000;

/// Everything that is not known in a value: in items, entries and arguments, however deep. Objects of the project are
/// looked through as they were called, and not what stands in their classes.
pub fn unknowns_within(value: &Value) -> Vec<Rc<Unknown>> {
    let mut found: Vec<Rc<Unknown>> = Vec::new();
    let mut note = |unknown: Rc<Unknown>| {
        if !found.contains(&unknown) {
            found.push(unknown);
        }
    };
    let mut waiting = vec![value.clone()];
    let mut looked_at = 0;
    while let Some(value) = waiting.pop() {
        looked_at += 1;
        if looked_at > MOST {
            let reason = "too much to follow: the value is too large".to_owned();
            note(Rc::new(Unknown { reason, place: value.place() }));
            break;
        }
        if let Some(unknown) = value.why_unknown() {
            note(unknown);
            continue;
        }
        match &value.kind {
            Kind::Tuple(items) => waiting.extend(items.iter().rev().cloned()),
            Kind::List(cell) | Kind::Iterator(cell) => {
                waiting.extend(cell.known().unwrap_or_default().into_iter().rev());
            }
            Kind::Dict(cell) => {
                let dict = cell.known().unwrap_or_default();
                waiting.extend(dict.entries().rev().flat_map(|(key, value)| [value.clone(), key.clone()]));
            }
            Kind::Set(cell) => waiting.extend(cell.known().unwrap_or_default().values().rev().cloned()),
            Kind::Object(object) => {
                waiting.extend(object.kwargs.iter().rev().map(|(_, value)| value.clone()));
                waiting.extend(object.args.iter().rev().cloned());
                if let ClassRef::Attribute(attribute) = &object.class {
                    waiting.push(attribute.of.clone());
                }
            }
            Kind::Attribute(attribute) => waiting.push(attribute.of.clone()),
            Kind::Partial(partial) => {
                waiting.extend(partial.kwargs.iter().rev().map(|(_, value)| value.clone()));
                waiting.extend(partial.args.iter().rev().cloned());
                waiting.push(partial.function.clone());
            }
            Kind::Slice(parts) => waiting.extend(parts.iter().rev().cloned()),
            Kind::None
            | Kind::Ellipsis
            | Kind::NotImplemented
            | Kind::Bool(_)
            | Kind::Int(_)
            | Kind::Float(_)
            | Kind::Str(_)
            | Kind::Bytes(_)
            | Kind::Range { .. }
            | Kind::Path(_)
            | Kind::Name(_)
            | Kind::Function(_)
            | Kind::Method(_)
            | Kind::Builtin(_)
            | Kind::Class(_)
            | Kind::Module(_)
            | Kind::Super(_)
            | Kind::Lazy(_)
            | Kind::Unknown(_) => {}
        }
    }
    found
}
