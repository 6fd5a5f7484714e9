//! Whether a database has anything that a history makes, as far as its statements tell without being run.

use std::collections::BTreeSet;

use trueup_model::{Catalog, History, ObjectPath};
use trueup_sql::{Effect, classify, unquote_ident, words};

/// The first object of the catalog that has the name of something that the history makes.
pub fn trace<'c>(history: &History, catalog: &'c Catalog) -> Option<&'c ObjectPath> {
    let statements = history.migrations.iter().flat_map(|migration| &migration.up);
    let names: BTreeSet<String> = statements.flat_map(|statement| made(&statement.text)).collect();
    let wholes = catalog.entries().iter().map(|entry| &entry.path);
    // What is in no schema is often there before anything is migrated.
    wholes
        .filter(|path| path.schema.is_some() && !path.is_part())
        .find(|path| names.contains(path.head.as_str()))
}

/// Names that a statement gives; of code, every word.
fn made(statement: &str) -> Vec<String> {
    let class = classify(statement);
    if class.effect == Effect::Unknown {
        let is_of_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        return statement.split(|c: char| !is_of_word(c)).map(str::to_lowercase).collect();
    }
    if class.effect != Effect::Schema {
        return Vec::new();
    }
    let of_parts = ["INDEX", "TRIGGER", "RULE", "POLICY", "STATISTICS", "SCHEMA", "EXTENSION"];
    let is_part = of_parts.iter().any(|part| class.verb.ends_with(part));
    match class.verb.as_str() {
        verb if verb.starts_with("CREATE") && !is_part => words(statement)
            .skip(1)
            .take_while(|word| word != "(" && word != "as")
            .map(|word| unquote_ident(&word))
            .collect(),
        verb if verb.starts_with("ALTER") => {
            let words: Vec<String> = words(statement).collect();
            let renamed = words.windows(3).filter(|three| three[0] == "rename" && three[1] == "to");
            renamed.map(|three| unquote_ident(&three[2])).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::made;

    #[track_caller]
    fn check(statement: &str, name: &str, expected: bool) {
        assert_eq!(made(statement).iter().any(|made| made == name), expected, "{statement}");
    }

    #[test]
    fn what_is_made_is_known_by_its_name() {
        check("create table if not exists shop.\"Orders\" (id int, note text)", "Orders", true);
        check("create table orders (id int, note text)", "note", false);
        check("create view all_orders as select * from orders", "all_orders", true);
        check("create view all_orders as select * from orders", "orders", false);
        check("create index by_note on orders (note)", "orders", false);
        check("alter table orders rename to sales", "sales", true);
        check("alter table orders add column sales int", "orders", false);
        check("insert into orders values (1)", "orders", false);
        check("do $$ begin execute 'create table ' || 'Orders'; end $$", "orders", true);
    }
}
