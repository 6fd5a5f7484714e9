//! Whose tables are whose: the models of a project with several databases, by the names of their tables. Routers decide
//! by app and model where an operation runs, so what a repair does to a table has to name the model.

use std::collections::BTreeMap;

use super::schema::{State, View};
use super::{alias, environment, history, on_a_deep_stack, project, read_project};
use crate::detect::Detected;

/// App and model, in lower case, by the table.
pub(super) type Owners = BTreeMap<String, (String, String)>;

/// Empty where Django asks nobody: there is one database.
pub(super) fn owners(detected: &Detected) -> Owners {
    let read = || {
        let project = read_project(detected).ok().filter(asks)?;
        let environment = environment(&project, alias(detected));
        let (state, _) = history::read_all(&project).models(environment.clone());
        Some(by_table(&state, View { state: &state, environment: &environment }))
    };
    on_a_deep_stack(read).unwrap_or_default()
}

fn asks(project: &project::Project) -> bool {
    project.databases.len() > 1 || !project.database_routers.is_empty()
}

fn by_table(state: &State, view: View<'_>) -> Owners {
    let mut owners = Owners::new();
    for model in state.models() {
        let owner = (model.app.to_string(), model.name.to_lowercase());
        let tables_between = view.own_many_to_many(model).into_iter().filter_map(|(name, field)| {
            let between = view.through(model, name, field, field.many_to_many()?).ok()?;
            view.table(&between).ok()
        });
        for table in tables_between {
            owners.insert(table, owner.clone());
        }
        if !model.options.proxy
            && let Ok(table) = view.table(model)
        {
            owners.insert(table, owner);
        }
    }
    owners
}
