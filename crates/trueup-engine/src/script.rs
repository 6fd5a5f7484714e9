//! A repair as text that runs anywhere: each step in a block that looks at the definition before it acts.
//!
//! What is already as it should be is left alone; what is neither as it was nor as it should be stops the run with a
//! message that says what was found. `IF NOT EXISTS` is never the guard: it would take a wrong object of the same name
//! for the right one.

mod ways;

use trueup_model::repair::{Guard, Inverse, Repair, Script, ScriptPart, Step};
use trueup_model::{ObjectKind, ObjectPath};
use trueup_sql::{quote_ident, quote_literal};

use crate::dialect::{SETTINGS, definition_query, dollar_quoted};

pub use ways::guard_by_what_it_makes_way_for;

/// The script of a repair whose guards were measured.
pub fn script(repair: &Repair, title: &str, head: Vec<String>) -> Script {
    Script {
        title: title.to_owned(),
        head,
        up: (0..repair.steps.len()).flat_map(|index| parts(&repair.steps, index, Direction::Up)).collect(),
        down: way_back(repair),
    }
}

/// Asks for the definition of an object, without what servers of different versions write differently.
pub(crate) fn guard_query(object: &ObjectPath) -> String {
    let spelling = match object.kind {
        ObjectKind::View
        | ObjectKind::MaterializedView
        | ObjectKind::Rule
        | ObjectKind::Policy
        | ObjectKind::Statistics => VIEWS,
        _ => EXPRESSIONS,
    };
    let definition = definition_query(object);
    format!("SELECT regexp_replace({definition}::text, {}, '\\1', 'g')", quote_literal(spelling))
}

/// White space, brackets and casts, outside of literals: these are found first, and put back.
const EXPRESSIONS: &str = r#"('(?:[^']|'')*')|[\s()]|::(character varying|timestamp with(out)? time zone|time with(out)? time zone|double precision|bit varying|[a-zA-Z0-9_."]+)(\[\])*"#;

/// Besides, the names of relations before those of columns: only some versions write them where they need not.
const VIEWS: &str = r#"('(?:[^']|'')*')|[\s()]|::(character varying|timestamp with(out)? time zone|time with(out)? time zone|double precision|bit varying|[a-zA-Z0-9_."]+)(\[\])*|("[^"]+"|[a-zA-Z0-9_$]+)\."#;

#[derive(Clone, Copy, PartialEq)]
enum Direction {
    Up,
    Down,
}

fn way_back(repair: &Repair) -> Result<Vec<ScriptPart>, String> {
    let reasons: Vec<String> = repair
        .steps
        .iter()
        .filter_map(|step| match &step.inverse {
            Inverse::Impossible(reason) => Some(format!("{}: {reason}", step.title())),
            Inverse::Statements(_) => None,
        })
        .collect();
    if !reasons.is_empty() {
        return Err(reasons.join("; "));
    }
    Ok((0..repair.steps.len()).rev().flat_map(|index| parts(&repair.steps, index, Direction::Down)).collect())
}

/// Other definitions of the same object that a step may meet.
struct Around<'a> {
    later: Vec<&'a Option<String>>,
    still: Vec<&'a Option<String>>,
}

/// What the steps that come after one make of the same object: found so, there is nothing to do for the earlier one
/// either.
fn later(steps: &[Step], index: usize, direction: Direction) -> Vec<&Option<String>> {
    let query = &steps[index].guard.query;
    let same = |step: &&Step| step.guard.query == *query;
    match direction {
        Direction::Up => {
            steps[index + 1..].iter().filter(same).filter_map(|step| step.guard.after.as_ref()).collect()
        }
        Direction::Down => {
            steps[..index].iter().filter(same).filter_map(|step| step.guard.before.as_ref()).collect()
        }
    }
}

/// What steps have made of the object since and no step takes back: a validated constraint stays validated until it is
/// dropped.
fn still(steps: &[Step], index: usize, direction: Direction) -> Vec<&Option<String>> {
    let query = &steps[index].guard.query;
    match direction {
        Direction::Up => Vec::new(),
        Direction::Down => steps[index + 1..]
            .iter()
            .filter(|step| step.guard.query == *query && step.inverse == Inverse::Statements(Vec::new()))
            .filter_map(|step| step.guard.after.as_ref())
            .collect(),
    }
}

fn parts(steps: &[Step], index: usize, direction: Direction) -> Vec<ScriptPart> {
    let step = &steps[index];
    let around = Around { later: later(steps, index, direction), still: still(steps, index, direction) };
    let (statements, guard) = match (direction, &step.inverse) {
        (Direction::Up, _) => (step.statements.clone(), step.guard.clone()),
        (Direction::Down, Inverse::Statements(statements)) => (statements.clone(), turned(&step.guard)),
        (Direction::Down, Inverse::Impossible(_)) => return Vec::new(),
    };
    let comment = match direction {
        Direction::Up => step.title(),
        Direction::Down => format!("take back: {}", step.title()),
    };
    if statements.is_empty() {
        return Vec::new();
    }
    if step.transactional {
        let body = block(&comment, step, &guard, &around, &statements);
        return vec![ScriptPart::new(comment, body, true)];
    }
    // No block can hold such a statement. It is made harmless where there is nothing to do, and a block before it
    // makes sure that this is so because of the definition.
    let before = format!("look before: {comment}");
    let look = block(&before, step, &guard, &around, &[]);
    let mut parts = vec![ScriptPart::new(before, look, true)];
    parts.extend(
        statements.iter().map(|statement| ScriptPart::new(comment.clone(), harmless(statement), false)),
    );
    parts
}

fn turned(guard: &Guard) -> Guard {
    Guard {
        query: guard.query.clone(),
        before: guard.after.clone(),
        after: guard.before.clone(),
        // Where the way back ends, an object may be absent under the name that it has here: that says nothing.
        finally: None,
    }
}

/// A block that does nothing, does everything, or stops.
fn block(comment: &str, step: &Step, guard: &Guard, around: &Around<'_>, statements: &[String]) -> String {
    // Those who run it show the first line.
    let comment = comment.replace(['\n', '\r'], " ");
    let mut body = format!(" -- {comment}\nDECLARE\n    found text;\n");
    for (name, _) in SETTINGS {
        body.push_str(&format!("    old_{name} text := current_setting({});\n", quote_literal(name)));
    }
    body.push_str("BEGIN\n");
    for (name, value) in SETTINGS {
        let value = value.trim_matches('\'');
        body.push_str(&format!(
            "    PERFORM set_config({}, {}, true);\n",
            quote_literal(name),
            quote_literal(value)
        ));
    }
    if let (Some(before), Some(after)) = (&guard.before, &guard.after) {
        body.push_str(&look(step, guard, (before.as_deref(), after.as_deref()), around, statements));
    } else {
        body.push_str(&execute(statements, "    "));
    }
    for (name, _) in SETTINGS {
        body.push_str(&format!("    PERFORM set_config({}, old_{name}, true);\n", quote_literal(name)));
    }
    body.push_str("END\n");
    format!("DO {}", dollar_quoted(&body))
}

fn look(
    step: &Step,
    guard: &Guard,
    (before, after): (Option<&str>, Option<&str>),
    around: &Around<'_>,
    statements: &[String],
) -> String {
    let mut text = String::new();
    if !step.transactional && before.is_none() {
        text.extend(remove_broken_build(step));
    }
    text.push_str(&format!("    found := ({});\n", guard.query));
    // As it should be now, after a later step of its own, or when all steps have run.
    let mut ends: Vec<Option<&str>> = vec![after];
    for end in around.later.iter().copied().chain(&guard.finally).map(Option::as_deref) {
        if end != before && !ends.contains(&end) {
            ends.push(end);
        }
    }
    let ends: Vec<String> =
        ends.into_iter().map(|end| format!("found IS NOT DISTINCT FROM {}", literal(end))).collect();
    let done = ends.join(" OR ");
    if before == after {
        // What this step changes is no part of the definition (an owner, a comment): doing it again is harmless.
        text.push_str(&format!("    IF NOT ({done}) THEN\n"));
        text.push_str(&stop(step, before, after));
        text.push_str("    END IF;\n");
        text.push_str(&execute(statements, "    "));
        return text;
    }
    text.push_str(&format!("    IF {done} THEN\n"));
    text.push_str("        NULL; -- as it should be\n");
    let mut open = format!("found IS NOT DISTINCT FROM {}", literal(before));
    for definition in &around.still {
        open.push_str(&format!(" OR found IS NOT DISTINCT FROM {}", literal(definition.as_deref())));
    }
    text.push_str(&format!("    ELSIF {open} THEN\n"));
    text.push_str(&match statements {
        [] => "        NULL; -- what follows does it\n".to_owned(),
        statements => execute(statements, "        "),
    });
    text.push_str("    ELSE\n");
    text.push_str(&stop(step, before, after));
    text.push_str("    END IF;\n");
    text
}

/// A build outside of a transaction that was broken off leaves an index that nobody uses under the name of the new one.
fn remove_broken_build(step: &Step) -> Option<String> {
    let relation = step.object.relation().filter(|_| step.object.kind == ObjectKind::Index)?;
    let name =
        format!("{}.{}", quote_ident(relation.schema.as_str()), quote_ident(step.object.name().as_str()));
    Some(format!(
        "    IF EXISTS (SELECT FROM pg_catalog.pg_index WHERE indexrelid = to_regclass({}) AND NOT indisvalid) THEN\n        \
         EXECUTE {};\n    END IF;\n",
        quote_literal(&name),
        dollar_quoted(&format!("DROP INDEX {name}"))
    ))
}

fn execute(statements: &[String], indent: &str) -> String {
    statements.iter().map(|statement| format!("{indent}EXECUTE {};\n", dollar_quoted(statement))).collect()
}

fn stop(step: &Step, before: Option<&str>, after: Option<&str>) -> String {
    let kind = step.object.kind.spoken();
    let what = quote_literal(&format!("{kind} {}", step.object));
    let mut expected: Vec<&str> = vec![before.unwrap_or("absent"), after.unwrap_or("absent")];
    expected.dedup();
    let expected = quote_literal(&expected.join(" or "));
    format!(
        "        RAISE EXCEPTION 'trueup: % is not what this repair was made for', {what}\n            \
         USING DETAIL = 'found: ' || coalesce(found, 'absent') || '; made for: ' || {expected},\n            \
         HINT = 'nothing was changed; look at the database again and make a new repair', ERRCODE = '55000';\n"
    )
}

fn literal(text: Option<&str>) -> String {
    text.map_or_else(|| "NULL".to_owned(), quote_literal)
}

/// Statements that cannot run in a transaction, so that they do nothing where there is nothing to do.
fn harmless(statement: &str) -> String {
    for (written, wanted) in [
        ("CREATE INDEX CONCURRENTLY ", "CREATE INDEX CONCURRENTLY IF NOT EXISTS "),
        ("CREATE UNIQUE INDEX CONCURRENTLY ", "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "),
        ("DROP INDEX CONCURRENTLY ", "DROP INDEX CONCURRENTLY IF EXISTS "),
    ] {
        if let Some(rest) = statement.strip_prefix(written)
            && !rest.starts_with("IF ")
        {
            return format!("{wanted}{rest}");
        }
    }
    statement.to_owned()
}

#[cfg(test)]
mod tests {
    use trueup_model::QualifiedName;
    use trueup_model::repair::{Safety, Verb};

    use super::*;

    fn step(guard: Guard, transactional: bool) -> Step {
        Step {
            verb: Verb::Create,
            object: ObjectPath::part_of(ObjectKind::Index, &QualifiedName::new("shop", "orders"), "it's"),
            settles: vec![0],
            makes_way_for: None,
            statements: vec!["CREATE INDEX CONCURRENTLY \"it's\" ON shop.orders (id)".to_owned()],
            inverse: Inverse::Statements(vec!["DROP INDEX CONCURRENTLY shop.\"it's\"".to_owned()]),
            transactional,
            safety: Safety::default(),
            guard,
        }
    }

    fn guard() -> Guard {
        Guard {
            query: "select pg_get_indexdef(1)".to_owned(),
            before: Some(None),
            after: Some(Some("createindex$body$".to_owned())),
            finally: None,
        }
    }

    fn repair(step: Step) -> Repair {
        Repair { steps: vec![step], left: Vec::new() }
    }

    #[test]
    fn a_step_does_nothing_does_all_or_stops() {
        let script = script(&repair(step(guard(), true)), "repair", Vec::new());
        let text = &script.up[0].text;
        assert!(text.contains("IF found IS NOT DISTINCT FROM 'createindex$body$' THEN"), "{text}");
        assert!(text.contains("ELSIF found IS NOT DISTINCT FROM NULL THEN"), "{text}");
        assert!(text.contains("'index shop.orders.it''s'"), "{text}");
        assert!(text.contains("made for: ' || 'absent or createindex$body$'"), "{text}");
        let back = script.down.expect("a way back");
        assert!(back[0].text.contains("IF found IS NOT DISTINCT FROM NULL THEN"), "{}", back[0].text);
        assert!(back[0].text.contains("DROP INDEX"), "{}", back[0].text);
    }

    #[test]
    fn what_cannot_be_in_a_block_stands_behind_one() {
        let script = script(&repair(step(guard(), false)), "repair", Vec::new());
        let kinds: Vec<bool> = script.up.iter().map(|part| part.transactional).collect();
        assert_eq!(kinds, [true, false]);
        assert_eq!(script.up[1].text, "CREATE INDEX CONCURRENTLY IF NOT EXISTS \"it's\" ON shop.orders (id)");
        assert!(!script.up[0].text.contains("CREATE"), "{}", script.up[0].text);
        assert!(script.up[0].text.contains("NOT indisvalid"), "{}", script.up[0].text);
    }

    #[test]
    fn what_a_later_step_makes_is_done_as_well() {
        let guarded = |before: Option<&str>, after: Option<&str>| Guard {
            query: "select 1".to_owned(),
            before: Some(before.map(str::to_owned)),
            after: Some(after.map(str::to_owned)),
            finally: None,
        };
        let steps = vec![
            step(guarded(None, Some("notvalid")), true),
            step(guarded(Some("notvalid"), Some("valid")), true),
        ];
        let script = script(&Repair { steps, left: Vec::new() }, "repair", Vec::new());
        let wanted = "IF found IS NOT DISTINCT FROM 'notvalid' OR found IS NOT DISTINCT FROM 'valid' THEN";
        assert!(script.up[0].text.contains(wanted), "{}", script.up[0].text);
        assert!(
            script.up[1].text.contains("IF found IS NOT DISTINCT FROM 'valid' THEN"),
            "{}",
            script.up[1].text
        );
    }

    #[test]
    fn what_nobody_takes_back_is_taken_back_with_the_rest() {
        let guarded = |before: Option<&str>, after: Option<&str>| Guard {
            query: "select 1".to_owned(),
            before: Some(before.map(str::to_owned)),
            after: Some(after.map(str::to_owned)),
            finally: None,
        };
        let validate = Step {
            inverse: Inverse::Statements(Vec::new()),
            ..step(guarded(Some("notvalid"), Some("valid")), true)
        };
        let steps = vec![step(guarded(None, Some("notvalid")), true), validate];
        let back =
            script(&Repair { steps, left: Vec::new() }, "repair", Vec::new()).down.expect("a way back");
        assert_eq!(back.len(), 1);
        let wanted = "ELSIF found IS NOT DISTINCT FROM 'notvalid' OR found IS NOT DISTINCT FROM 'valid' THEN";
        assert!(back[0].text.contains(wanted), "{}", back[0].text);
    }

    #[test]
    fn without_a_way_back_the_reason_is_said() {
        let lossy =
            Step { inverse: Inverse::Impossible("its rows are gone".to_owned()), ..step(guard(), true) };
        let script = script(&repair(lossy), "repair", Vec::new());
        assert_eq!(script.down, Err("create index shop.orders.it's: its rows are gone".to_owned()));
    }
}
