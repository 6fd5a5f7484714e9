//! Triggers, rules, policies and event triggers.

use trueup_model::catalog::{Entry, EventTrigger, FireState, Policy, PolicyCommand, Rule, Trigger};
use trueup_model::path::ObjectPath;

use super::constraints::{come_from_parent, deferral_clause};
use super::names::{object, role};
use super::text::{ident, idents, literal, qualified};
use super::{Alteration, Written};
use crate::findings::Sides;

pub(super) fn create(entry: &Entry, trigger: &Trigger) -> Written {
    if trigger.inherited {
        return Written::Statements(Vec::new());
    }
    let mut statements = vec![statement(&entry.path, trigger)];
    if trigger.fires != FireState::Origin {
        statements.push(set_fire_state(&entry.path, "TRIGGER", trigger.fires));
    }
    Written::Statements(statements)
}

fn statement(path: &ObjectPath, trigger: &Trigger) -> String {
    let Trigger {
        timing,
        events,
        columns,
        for_each_row,
        function,
        arguments,
        condition,
        old_table,
        new_table,
        constraint,
        from_table,
        fires: _,
        inherited: _,
    } = trigger;
    let events: Vec<String> = events
        .iter()
        .map(|event| match (event.as_str(), columns.is_empty()) {
            ("UPDATE", false) => format!("UPDATE OF {}", idents(columns)),
            (other, _) => other.to_owned(),
        })
        .collect();
    let kind = if constraint.is_some() { "CONSTRAINT TRIGGER" } else { "TRIGGER" };
    let mut text =
        format!("CREATE {kind} {} {timing} {} ON {}", ident(&path.part), events.join(" OR "), object(path));
    if let Some(table) = from_table {
        text.push_str(&format!(" FROM {}", qualified(table)));
    }
    if let Some(deferral) = constraint {
        text.push_str(deferral_clause(*deferral));
    }
    if old_table.is_some() || new_table.is_some() {
        text.push_str(" REFERENCING");
        for (word, name) in [("OLD", old_table), ("NEW", new_table)] {
            if let Some(name) = name {
                text.push_str(&format!(" {word} TABLE AS {}", ident(name)));
            }
        }
    }
    text.push_str(if *for_each_row { " FOR EACH ROW" } else { " FOR EACH STATEMENT" });
    if let Some(condition) = condition {
        text.push_str(&format!(" WHEN ({condition})"));
    }
    let arguments: Vec<String> = arguments.iter().map(|argument| literal(argument.as_str())).collect();
    text.push_str(&format!(" EXECUTE FUNCTION {}({})", qualified(function), arguments.join(", ")));
    text
}

fn state(fires: FireState) -> &'static str {
    match fires {
        FireState::Origin => "ENABLE",
        FireState::Disabled => "DISABLE",
        FireState::Replica => "ENABLE REPLICA",
        FireState::Always => "ENABLE ALWAYS",
    }
}

fn set_fire_state(path: &ObjectPath, kind: &str, fires: FireState) -> String {
    // Views and tables alike: only ALTER TABLE knows these words.
    format!("ALTER TABLE {} {} {kind} {}", object(path), state(fires), ident(&path.part))
}

pub(super) fn alter(aspect: &str, (after, trigger): (&Entry, &Trigger), sides: &Sides<'_>) -> Alteration {
    match aspect {
        "enabled" => Alteration::Statements(vec![set_fire_state(&after.path, "TRIGGER", trigger.fires)]),
        // A namesake on the partition is in the way of the parent's.
        "inherited" if trigger.inherited => Alteration::Rebuild,
        "inherited" => come_from_parent(after, trigger.inherited, sides),
        _ if trigger.inherited => Alteration::Statements(Vec::new()),
        _ => Alteration::Rebuild,
    }
}

pub(super) fn create_rule(entry: &Entry, rule: &Rule) -> Written {
    let mut statements = vec![rule.definition.as_str().trim_end().trim_end_matches(';').to_owned()];
    if rule.fires != FireState::Origin {
        statements.push(set_fire_state(&entry.path, "RULE", rule.fires));
    }
    Written::Statements(statements)
}

pub(super) fn alter_rule(aspect: &str, (after, rule): (&Entry, &Rule)) -> Alteration {
    match aspect {
        "definition" => {
            let definition = rule.definition.as_str().trim_end().trim_end_matches(';');
            match definition.strip_prefix("CREATE RULE ") {
                Some(rest) => Alteration::Statements(vec![format!("CREATE OR REPLACE RULE {rest}")]),
                None => Alteration::Rebuild,
            }
        }
        "enabled" => Alteration::Statements(vec![set_fire_state(&after.path, "RULE", rule.fires)]),
        other => Alteration::unknown(other, after),
    }
}

pub(super) fn create_policy(entry: &Entry, policy: &Policy, sides: &Sides<'_>) -> Written {
    let Policy { command, permissive, roles: _, using, with_check } = policy;
    let command = match command {
        PolicyCommand::All => "ALL",
        PolicyCommand::Select => "SELECT",
        PolicyCommand::Insert => "INSERT",
        PolicyCommand::Update => "UPDATE",
        PolicyCommand::Delete => "DELETE",
    };
    let mut text = format!(
        "CREATE POLICY {} ON {} AS {} FOR {command} TO {}",
        ident(&entry.path.part),
        object(&entry.path),
        if *permissive { "PERMISSIVE" } else { "RESTRICTIVE" },
        policy_roles(policy, sides)
    );
    if let Some(using) = using {
        text.push_str(&format!(" USING ({using})"));
    }
    if let Some(with_check) = with_check {
        text.push_str(&format!(" WITH CHECK ({with_check})"));
    }
    Written::Statements(vec![text])
}

fn policy_roles(policy: &Policy, sides: &Sides<'_>) -> String {
    policy.roles.iter().map(|each| role(sides, each)).collect::<Vec<_>>().join(", ")
}

pub(super) fn alter_policy(
    aspect: &str,
    (after, policy): (&Entry, &Policy),
    sides: &Sides<'_>,
) -> Alteration {
    let clause = match (aspect, &policy.using, &policy.with_check) {
        ("roles", ..) => format!("TO {}", policy_roles(policy, sides)),
        ("using", Some(using), _) => format!("USING ({using})"),
        ("with-check", _, Some(with_check)) => format!("WITH CHECK ({with_check})"),
        // Neither the command nor an absent condition can be said later.
        _ => return Alteration::Rebuild,
    };
    Alteration::Statements(vec![format!(
        "ALTER POLICY {} ON {} {clause}",
        ident(&after.path.part),
        object(&after.path)
    )])
}

pub(super) fn create_event_trigger(entry: &Entry, trigger: &EventTrigger) -> Written {
    let EventTrigger { event, tags, function, fires } = trigger;
    let tags: Vec<String> = tags.iter().map(|tag| literal(tag.as_str())).collect();
    let when = if tags.is_empty() { String::new() } else { format!(" WHEN TAG IN ({})", tags.join(", ")) };
    let mut statements = vec![format!(
        "CREATE EVENT TRIGGER {} ON {event}{when} EXECUTE FUNCTION {}()",
        object(&entry.path),
        qualified(function)
    )];
    if *fires != FireState::Origin {
        statements.push(format!("ALTER EVENT TRIGGER {} {}", object(&entry.path), state(*fires)));
    }
    Written::Statements(statements)
}

pub(super) fn alter_event_trigger(aspect: &str, (after, trigger): (&Entry, &EventTrigger)) -> Alteration {
    match aspect {
        "enabled" => Alteration::Statements(vec![format!(
            "ALTER EVENT TRIGGER {} {}",
            object(&after.path),
            state(trigger.fires)
        )]),
        _ => Alteration::Rebuild,
    }
}
