//! Foreign keys.

use trueup_model::catalog::{Deferral, Entry, FireState, ForeignKey, ForeignKeyAction, ForeignKeyMatch};
use trueup_model::name::Ident;
use trueup_model::path::ObjectPath;

use super::constraints::{add, come_from_parent, deferral_clause, validity_clause};
use super::names::{alter_relation, object, relation};
use super::text::{ident, idents, literal, qualified};
use super::{Alteration, Written};
use crate::findings::Sides;

pub(super) fn create(entry: &Entry, key: &ForeignKey, sides: &Sides<'_>) -> Written {
    if key.inherited {
        return Written::Statements(Vec::new());
    }
    let mut statements = vec![add(&entry.path, &foreign_key_clause(key), sides)];
    if key.fires != FireState::Origin {
        statements.push(set_fire_state(&entry.path, key.fires));
    }
    Written::Statements(statements)
}

fn foreign_key_clause(key: &ForeignKey) -> String {
    let ForeignKey {
        columns,
        references,
        referenced_columns,
        matching,
        on_update,
        on_delete,
        on_delete_columns,
        period,
        deferral,
        validated,
        enforced,
        fires: _,
        inherited: _,
    } = key;
    let with_period = |columns: &[Ident]| match columns.split_last() {
        Some((last, others)) if *period => {
            let mut parts: Vec<String> = others.iter().map(ident).collect();
            parts.push(format!("PERIOD {}", ident(last)));
            parts.join(", ")
        }
        _ => idents(columns),
    };
    let mut clause = format!(
        "FOREIGN KEY ({}) REFERENCES {} ({})",
        with_period(columns),
        qualified(references),
        with_period(referenced_columns)
    );
    match matching {
        ForeignKeyMatch::Simple => {}
        ForeignKeyMatch::Full => clause.push_str(" MATCH FULL"),
        ForeignKeyMatch::Partial => clause.push_str(" MATCH PARTIAL"),
    }
    if *on_update != ForeignKeyAction::NoAction {
        clause.push_str(&format!(" ON UPDATE {}", action(*on_update)));
    }
    if *on_delete != ForeignKeyAction::NoAction {
        clause.push_str(&format!(" ON DELETE {}", action(*on_delete)));
        if !on_delete_columns.is_empty() {
            clause.push_str(&format!(" ({})", idents(on_delete_columns)));
        }
    }
    clause.push_str(deferral_clause(*deferral));
    clause.push_str(validity_clause(*enforced, *validated));
    clause
}

fn action(action: ForeignKeyAction) -> &'static str {
    match action {
        ForeignKeyAction::NoAction => "NO ACTION",
        ForeignKeyAction::Restrict => "RESTRICT",
        ForeignKeyAction::Cascade => "CASCADE",
        ForeignKeyAction::SetNull => "SET NULL",
        ForeignKeyAction::SetDefault => "SET DEFAULT",
    }
}

/// The triggers that make a foreign key work have names that differ in each database: they have to be looked up. Both
/// tables have some; those of the referencing one are switched off, those of both switched on again.
fn set_fire_state(path: &ObjectPath, fires: FireState) -> String {
    let own_only = match fires {
        FireState::Origin => "",
        FireState::Disabled | FireState::Replica | FireState::Always => " and t.tgrelid = c.conrelid",
    };
    let verb = match fires {
        FireState::Origin => "enable",
        FireState::Disabled => "disable",
        FireState::Replica => "enable replica",
        FireState::Always => "enable always",
    };
    format!(
        "DO {}",
        super::dollar_quoted(&format!(
            "declare statement text; begin for statement in select pg_catalog.format('alter table %s {verb} trigger \
             %I', t.tgrelid::pg_catalog.regclass, t.tgname) from pg_catalog.pg_trigger t \
             join pg_catalog.pg_constraint c on c.oid = t.tgconstraint \
             where c.conrelid = {}::pg_catalog.regclass and c.conname = {}{own_only} \
             loop execute statement; end loop; end",
            literal(&object(path)),
            literal(path.part.as_str()),
        ))
    )
}

pub(super) fn alter(aspect: &str, (after, key): (&Entry, &ForeignKey), sides: &Sides<'_>) -> Alteration {
    let prefix = alter_relation(sides.expected, &relation(&after.path));
    let name = ident(&after.path.part);
    let one = |statement: String| Alteration::Statements(vec![statement]);
    match aspect {
        "enabled" => one(set_fire_state(&after.path, key.fires)),
        "inherited" => come_from_parent(after, key.inherited, sides),
        // It changes with the parent's.
        _ if key.inherited => Alteration::Statements(Vec::new()),
        "deferrable" => one(format!(
            "{prefix} ALTER CONSTRAINT {name} {}",
            match key.deferral {
                Deferral::NotDeferrable => "NOT DEFERRABLE",
                Deferral::InitiallyImmediate => "DEFERRABLE INITIALLY IMMEDIATE",
                Deferral::InitiallyDeferred => "DEFERRABLE INITIALLY DEFERRED",
            }
        )),
        "validated" if key.validated => one(format!("{prefix} VALIDATE CONSTRAINT {name}")),
        "enforced" if sides.found.major() >= 18 && (!key.enforced || key.validated) => {
            let enforced = if key.enforced { "ENFORCED" } else { "NOT ENFORCED" };
            one(format!("{prefix} ALTER CONSTRAINT {name} {enforced}"))
        }
        _ => Alteration::Rebuild,
    }
}
