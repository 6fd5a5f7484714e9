//! Compares functions, procedures, aggregates, triggers, rules, policies and event triggers.

use trueup_model::catalog::{Aggregate, EventTrigger, Policy, Routine, Rule, Trigger};
use trueup_model::name::{Role, Text};

use trueup_sql::spelling::Kind;

use super::aspects::{Aspects, Sides};

pub(super) fn routine(aspects: &mut Aspects<'_>, expected: &Routine, found: &Routine) {
    let Routine {
        kind,
        arguments,
        result,
        language,
        body,
        body_is_parsed,
        library,
        volatility,
        strict,
        security_definer,
        leakproof,
        parallel,
        cost,
        rows,
        support,
        settings,
        transforms,
    } = expected;
    let sides = aspects.sides;
    aspects
        .plain("kind", kind, &found.kind)
        .expression(
            "arguments",
            Some(&with_mode(arguments, sides)),
            Some(&with_mode(&found.arguments, sides)),
        )
        .opt_text("result", result.as_ref(), found.result.as_ref())
        .plain("language", language, &found.language)
        .opt_text("library", library.as_ref(), found.library.as_ref())
        .plain("volatility", volatility, &found.volatility)
        .plain("strict", strict, &found.strict)
        .plain("security-definer", security_definer, &found.security_definer)
        .plain("leakproof", leakproof, &found.leakproof)
        .plain("parallel", parallel, &found.parallel)
        .plain("cost", cost, &found.cost)
        .plain("rows", rows, &found.rows)
        .opt_text("support", support.as_ref(), found.support.as_ref())
        .plain("settings", settings, &found.settings)
        .texts("transforms", transforms, &found.transforms);
    if *body_is_parsed && found.body_is_parsed {
        aspects.body("body", body, &found.body);
    } else {
        aspects.plain("body", body, &found.body);
    }
}

/// From PostgreSQL 14 on the arguments of a procedure say `IN`; before, that went without saying.
fn with_mode(arguments: &Text, sides: &Sides<'_>) -> Text {
    if sides.both_from(14) {
        return arguments.clone();
    }
    let text = arguments.as_str();
    Text::new(text.strip_prefix("IN ").unwrap_or(text).replace(", IN ", ", "))
}

pub(super) fn aggregate(aspects: &mut Aspects<'_>, expected: &Aggregate, found: &Aggregate) {
    let Aggregate { arguments, result, properties, parallel } = expected;
    aspects
        .text("arguments", arguments, &found.arguments)
        .text("result", result, &found.result)
        .texts("definition", properties, &found.properties)
        .plain("parallel", parallel, &found.parallel);
}

pub(super) fn trigger(aspects: &mut Aspects<'_>, expected: &Trigger, found: &Trigger) {
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
        fires,
        inherited,
    } = expected;
    aspects
        .plain("timing", timing, &found.timing)
        .plain("events", events, &found.events)
        .plain("columns", columns, &found.columns)
        .plain("for-each-row", for_each_row, &found.for_each_row)
        .name("function", function, &found.function)
        .plain("arguments", arguments, &found.arguments)
        .expression("condition", condition.as_ref(), found.condition.as_ref())
        .plain("old-table", old_table, &found.old_table)
        .plain("new-table", new_table, &found.new_table)
        .plain("deferrable", constraint, &found.constraint)
        .plain("inherited", inherited, &found.inherited)
        .plain("enabled", fires, &found.fires);
    match (from_table, &found.from_table) {
        (Some(expected), Some(found)) => {
            aspects.name("from-table", expected, found);
        }
        (expected, found) => {
            aspects.plain("from-table", expected, found);
        }
    }
}

pub(super) fn rule(aspects: &mut Aspects<'_>, expected: &Rule, found: &Rule) {
    let Rule { definition, fires } = expected;
    // The definition begins with the name of the rule, which is told apart by its path.
    let (Some(own), Some(others)) = (without_name(definition), without_name(&found.definition)) else {
        aspects.rule("definition", definition, &found.definition).plain("enabled", fires, &found.fires);
        return;
    };
    if !aspects.sides.same_text(own, others, Some(Kind::Rule)) {
        aspects.push_text("definition", definition, &found.definition, Some(Kind::Rule));
    }
    aspects.plain("enabled", fires, &found.fires);
}

/// What follows `CREATE RULE name AS`.
fn without_name(definition: &Text) -> Option<&str> {
    definition.as_str().split_once(" AS\n").map(|(_, rest)| rest)
}

pub(super) fn policy(aspects: &mut Aspects<'_>, expected: &Policy, found: &Policy) {
    let Policy { command, permissive, roles, using, with_check } = expected;
    aspects
        .plain("command", command, &found.command)
        .plain("permissive", permissive, &found.permissive)
        .expression("using", using.as_ref(), found.using.as_ref())
        .expression("with-check", with_check.as_ref(), found.with_check.as_ref());
    if !same_roles(aspects, roles, &found.roles) {
        aspects.plain("roles", roles, &found.roles);
    }
}

/// Roles as sets: the role that migrates has another name, and so another place, in each environment.
fn same_roles(aspects: &Aspects<'_>, expected: &[Role], found: &[Role]) -> bool {
    let sides = aspects.sides;
    expected.len() == found.len()
        && expected
            .iter()
            .all(|role| found.iter().any(|other| sides.expected.same_role(role, sides.found, other)))
}

pub(super) fn event_trigger(aspects: &mut Aspects<'_>, expected: &EventTrigger, found: &EventTrigger) {
    let EventTrigger { event, tags, function, fires } = expected;
    aspects
        .plain("event", event, &found.event)
        .plain("tags", tags, &found.tags)
        .name("function", function, &found.function)
        .plain("enabled", fires, &found.fires);
}
