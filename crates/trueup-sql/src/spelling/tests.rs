//! Pairs of texts of two majors that say the same, and pairs that do not.

use super::*;

type Same = fn(&str, u32, &str, u32) -> bool;

/// The text up to the major before `since`, and from `since` on. They are the same over that border, whichever
/// was expected, and different where the border does not lie between the two servers.
#[track_caller]
fn changed(same: Same, since: u32, before: &str, after: &str) {
    assert!(same(before, since - 1, after, since), "{before}\n{after}");
    assert!(same(after, since, before, since - 1), "{before}\n{after}");
    assert!(same(before, 13, after, 18), "{before}\n{after}");
    assert!(!same(before, since, after, since), "the same major: {before}\n{after}");
    assert!(!same(before, since, after, since + 1), "both after the change: {before}\n{after}");
    if since > 14 {
        assert!(!same(before, since - 2, after, since - 1), "both before the change: {before}\n{after}");
    }
}

#[track_caller]
fn different(same: Same, older: &str, newer: &str) {
    for (first, second) in [(13, 18), (13, 14), (14, 15), (15, 16), (16, 17), (17, 18)] {
        assert!(!same(older, first, newer, second), "{first} {second}: {older}\n{newer}");
        assert!(!same(newer, first, older, second), "{first} {second}: {newer}\n{older}");
    }
}

#[test]
fn equal_texts_are_the_same() {
    for same in [same_expression, same_view, same_body, same_rule] {
        assert!(same("date_part('year'::text, d)", 13, "date_part('year'::text, d)", 18));
        assert!(same("a", 15, "a", 15));
        assert!(!same("a", 15, "b", 15));
        assert!(!same("(a)", 15, "a", 15));
    }
}

/// Since, before, after: as read from real servers.
const EXPRESSIONS: &[(u32, &str, &str)] = &[
    (14, "date_part('year'::text, d)", "EXTRACT(year FROM d)"),
    (14, "date_part('epoch'::text, (tz - now()))", "EXTRACT(epoch FROM (tz - now()))"),
    (14, "(date_part('dow'::text, d) = (0)::double precision)", "(EXTRACT(dow FROM d) = (0)::numeric)"),
    (
        14,
        "(date_part('dow'::text, d) = ANY (ARRAY[(0)::double precision, (6)::double precision]))",
        "(EXTRACT(dow FROM d) = ANY (ARRAY[(0)::numeric, (6)::numeric]))",
    ),
    (
        14,
        "(date_part('year'::text, d) = ANY ((ARRAY[2020, 2021])::double precision[]))",
        "(EXTRACT(year FROM d) = ANY ((ARRAY[2020, 2021])::numeric[]))",
    ),
    (
        14,
        "(date_part('year'::text, d) IS DISTINCT FROM (5)::double precision)",
        "(EXTRACT(year FROM d) IS DISTINCT FROM (5)::numeric)",
    ),
    (14, "(date_part('year'::text, d) * (1.5)::double precision)", "(EXTRACT(year FROM d) * 1.5)"),
    (14, "(date_part('year'::text, d) * (c)::double precision)", "(EXTRACT(year FROM d) * c)"),
    (14, "(date_part('year'::text, d) + f)", "((EXTRACT(year FROM d))::double precision + f)"),
    (
        14,
        "COALESCE(date_part('year'::text, d), (0)::double precision)",
        "COALESCE(EXTRACT(year FROM d), (0)::numeric)",
    ),
    (
        14,
        "CASE WHEN (a > 1) THEN date_part('year'::text, d) ELSE (c)::double precision END",
        "CASE WHEN (a > 1) THEN EXTRACT(year FROM d) ELSE c END",
    ),
    (14, "timezone('UTC'::text, tz)", "(tz AT TIME ZONE 'UTC'::text)"),
    (
        14,
        "timezone('Europe/Berlin'::text, timezone('UTC'::text, ts))",
        "((ts AT TIME ZONE 'UTC'::text) AT TIME ZONE 'Europe/Berlin'::text)",
    ),
    (14, "(timezone('UTC'::text, tz))::date", "((tz AT TIME ZONE 'UTC'::text))::date"),
    (14, "timezone('UTC'::text, (d)::timestamp with time zone)", "(d AT TIME ZONE 'UTC'::text)"),
    (14, "\"substring\"(b, 2)", "SUBSTRING(b FROM 2)"),
    (14, "\"substring\"(b, 2, 3)", "SUBSTRING(b FROM 2 FOR 3)"),
    (14, "\"substring\"((v)::text, 2)", "SUBSTRING(v FROM 2)"),
    (14, "\"substring\"(b, 'a(.)c'::text, '#'::text)", "SUBSTRING(b SIMILAR 'a(.)c'::text ESCAPE '#'::text)"),
    (14, "btrim(b)", "TRIM(BOTH FROM b)"),
    (14, "(btrim(b) || btrim((v)::text))", "(TRIM(BOTH FROM b) || TRIM(BOTH FROM v))"),
    (14, "ltrim(b, 'x'::text)", "TRIM(LEADING 'x'::text FROM b)"),
    (14, "rtrim(b, 'x'::text)", "TRIM(TRAILING 'x'::text FROM b)"),
    (14, "\"overlay\"(b, 'x'::text, 2, 3)", "OVERLAY(b PLACING 'x'::text FROM 2 FOR 3)"),
    (14, "\"position\"((b || v), 'x'::text)", "POSITION(('x'::text) IN ((b || v)))"),
    (14, "\"overlaps\"(a, b, c, d)", "((a, b) OVERLAPS (c, d))"),
    (
        14,
        "\"overlaps\"((d)::timestamp with time zone, ((d + 1))::timestamp with time zone, ts, iv)",
        "((d, (d + 1)) OVERLAPS (ts, iv))",
    ),
    (14, "\"normalize\"(b)", "NORMALIZE(b)"),
    (14, "\"normalize\"(b, 'nfkc'::text)", "NORMALIZE(b, NFKC)"),
    (14, "is_normalized(b)", "(b IS NORMALIZED)"),
    (14, "(NOT is_normalized(b, 'nfc'::text))", "(NOT (b IS NFC NORMALIZED))"),
    (14, "pg_collation_for((a || b))", "COLLATION FOR ((a || b))"),
    (14, "\"xmlexists\"('//a'::text, x)", "XMLEXISTS(('//a'::text) PASSING (x))"),
    (16, "XMLSERIALIZE(CONTENT x AS text)", "XMLSERIALIZE(CONTENT x AS text NO INDENT)"),
    (16, "(system_user = 'x'::text)", "(\"system_user\" = 'x'::text)"),
    (17, "((json -> 'a'::text) IS NULL)", "((\"json\" -> 'a'::text) IS NULL)"),
    (17, "(b)::json", "JSON(b)"),
    (17, "((a || b))::json", "JSON((a || b))"),
    (17, "'{}'::json", "JSON('{}'::text)"),
];

#[test]
fn expressions() {
    for (since, before, after) in EXPRESSIONS {
        changed(same_expression, *since, before, after);
        changed(same_rule, *since, before, after);
        let check = |text: &str| format!("CHECK ((({text}) IS NOT NULL))");
        changed(same_expression, *since, &check(before), &check(after));
        let body = |text: &str| format!("BEGIN ATOMIC\n SELECT {text} AS v\n   FROM t;\nEND");
        changed(same_body, *since, &body(before), &body(after));
    }
}

#[test]
fn index_keys() {
    changed(same_expression, 14, "date_part('year'::text, d)", "((EXTRACT(year FROM d))::double precision)");
    changed(same_expression, 14, "timezone('UTC'::text, ts)", "((ts AT TIME ZONE 'UTC'::text))");
}

/// Before 16 and from 16 on: as read from real servers.
const VIEWS: &[(&str, &str)] = &[
    (" SELECT t2.id,\n    t2.a\n   FROM public.t2;", " SELECT id,\n    a\n   FROM public.t2;"),
    (" SELECT x.id FROM public.t2 x WHERE (x.a > 1);", " SELECT id FROM public.t2 x WHERE (a > 1);"),
    (" SELECT x.i FROM public.t2 x(i, b, val, a);", " SELECT i FROM public.t2 x(i, b, val, a);"),
    ("SELECT \"T 2\".\"A\" FROM \"S\".\"T 2\";", "SELECT \"A\" FROM \"S\".\"T 2\";"),
    (
        "SELECT q.x FROM ( SELECT t2.a AS x FROM public.t2) q WHERE (q.x > 1);",
        "SELECT x FROM ( SELECT t2.a AS x FROM public.t2) q WHERE (x > 1);",
    ),
    (
        "WITH w AS ( SELECT t2.a FROM public.t2 ) SELECT w.a FROM w;",
        "WITH w AS ( SELECT t2.a FROM public.t2 ) SELECT a FROM w;",
    ),
    (
        "SELECT t2.a FROM public.t2 WHERE (EXISTS ( SELECT 1 FROM public.t3 WHERE (t3.a = t2.a)));",
        "SELECT a FROM public.t2 WHERE (EXISTS ( SELECT 1 FROM public.t3 WHERE (t3.a = t2.a)));",
    ),
    (
        "SELECT t2.a FROM public.t2 WHERE (( SELECT t3.a FROM public.t3 LIMIT 1) = t2.a);",
        "SELECT a FROM public.t2 WHERE (( SELECT t3.a FROM public.t3 LIMIT 1) = a);",
    ),
    (
        "VALUES (1,'a'::text), (2,'b'::text) ORDER BY \"*VALUES*\".column1;",
        "VALUES (1,'a'::text), (2,'b'::text) ORDER BY column1;",
    ),
    (
        "SELECT g.x FROM ROWS FROM(f(1), g(2)) WITH ORDINALITY g(x, y, n);",
        "SELECT x FROM ROWS FROM(f(1), g(2)) WITH ORDINALITY g(x, y, n);",
    ),
    (
        "SELECT t2.a FROM ONLY public.t2 TABLESAMPLE bernoulli (10) REPEATABLE (1) GROUP BY t2.a;",
        "SELECT a FROM ONLY public.t2 TABLESAMPLE bernoulli (10) REPEATABLE (1) GROUP BY a;",
    ),
    (
        "SELECT (t2.ct).x, t2.*::t2 AS t2, t2.arr[t2.a] FROM public.t2 WHERE (t2.a IS DISTINCT FROM t2.id);",
        "SELECT (ct).x, t2.*::t2 AS t2, arr[a] FROM public.t2 WHERE (a IS DISTINCT FROM id);",
    ),
    (
        "SELECT s.a, s.f(s.a) AS f, s.m::s.mood AS m, s.b COLLATE s.c AS c FROM s.s;",
        "SELECT a, s.f(a) AS f, m::s.mood AS m, b COLLATE s.c AS c FROM s.s;",
    ),
    // The name would be the one of an output column: it stays qualified.
    (
        "SELECT t2.val AS a, t2.a AS val FROM public.t2 ORDER BY t2.a;",
        "SELECT val AS a, a AS val FROM public.t2 ORDER BY t2.a;",
    ),
];

#[test]
fn views_over_a_single_relation() {
    for (before, after) in VIEWS {
        changed(same_view, 16, before, after);
    }
}

#[test]
fn only_views_lost_their_qualification() {
    different(same_rule, "SELECT t2.a FROM public.t2", "SELECT a FROM public.t2");
    different(same_body, "SELECT t2.a FROM public.t2", "SELECT a FROM public.t2");
}

#[test]
fn views_with_changed_expressions() {
    assert!(same_view(
        "SELECT date_part('year'::text, t.d) AS y, btrim(t.b) AS btrim FROM t WHERE (date_part('year'::text, t.d) > (5)::double precision);",
        13,
        "SELECT EXTRACT(year FROM d) AS y, TRIM(BOTH FROM b) AS btrim FROM t WHERE (EXTRACT(year FROM d) > (5)::numeric);",
        16,
    ));
    // The type of a column of a sub-select follows.
    assert!(same_view(
        "WITH w AS ( SELECT date_part('year'::text, t.d) AS y FROM t ) SELECT (w.y + (1)::double precision) AS z FROM w;",
        13,
        "WITH w AS ( SELECT EXTRACT(year FROM t.d) AS y FROM t ) SELECT (w.y + (1)::numeric) AS z FROM w;",
        14,
    ));
    assert!(same_view(
        "SELECT q.date_part FROM ( SELECT date_part('year'::text, t.d) AS date_part FROM t) q;",
        13,
        "SELECT \"extract\" FROM ( SELECT EXTRACT(year FROM t.d) AS \"extract\" FROM t) q;",
        18,
    ));
}

#[test]
fn different_meanings_stay_different() {
    for (older, newer) in [
        ("date_part('year'::text, d)", "EXTRACT(month FROM d)"),
        ("date_part('year'::text, d)", "EXTRACT(year FROM e)"),
        ("other.date_part('year'::text, d)", "EXTRACT(year FROM d)"),
        ("(date_part('year'::text, d) = (1)::double precision)", "(EXTRACT(year FROM d) = (2)::numeric)"),
        ("(date_part('year'::text, d) = (1)::double precision)", "(EXTRACT(year FROM d) <> (1)::numeric)"),
        ("(date_part('year'::text, d))::integer", "(EXTRACT(year FROM d))::bigint"),
        (
            "((date_part('day'::text, d) > (1)::double precision) AND (a = (b)::numeric))",
            "((EXTRACT(day FROM d) > (1)::numeric) AND (a = b))",
        ),
        ("((date_part('year'::text, d))::integer = (a)::numeric)", "((EXTRACT(year FROM d))::integer = a)"),
        (
            "CASE WHEN (date_part('day'::text, d) > (1)::double precision) THEN (a)::numeric ELSE b END",
            "CASE WHEN (EXTRACT(day FROM d) > (1)::numeric) THEN a ELSE b END",
        ),
        ("(a)::numeric", "(a)::double precision"),
        ("timezone('UTC'::text, tz)", "(tz AT TIME ZONE 'CET'::text)"),
        ("timezone('UTC'::text, tz)", "(ts AT TIME ZONE 'UTC'::text)"),
        (
            "timezone('UTC'::text, (b)::timestamp with time zone)",
            "((b)::timestamp without time zone AT TIME ZONE 'UTC'::text)",
        ),
        ("\"substring\"(b, 2, 3)", "SUBSTRING(b FROM 3 FOR 2)"),
        ("\"substring\"(b, 2, 3)", "SUBSTRING(b FROM 2)"),
        ("btrim(b)", "TRIM(LEADING FROM b)"),
        ("btrim(b, 'x'::text)", "TRIM(BOTH FROM b)"),
        ("btrim(b, 'x'::text)", "TRIM(BOTH 'X'::text FROM b)"),
        ("\"position\"(b, 'x'::text)", "POSITION((b) IN ('x'::text))"),
        ("\"overlaps\"(a, b, c, d)", "((a, c) OVERLAPS (b, d))"),
        ("\"normalize\"(b, 'nfc'::text)", "NORMALIZE(b, NFD)"),
        ("is_normalized(b)", "(NOT (b IS NORMALIZED))"),
        ("(b)::json", "JSON(b WITH UNIQUE KEYS)"),
        ("(b)::jsonb", "JSON(b)"),
        ("XMLSERIALIZE(CONTENT x AS text)", "XMLSERIALIZE(CONTENT x AS text INDENT)"),
        ("(a = ANY (( SELECT q.arr FROM q)))", "(a = ANY ( SELECT q.arr FROM q))"),
        ("(a = 'x y'::text)", "(a = 'x  y'::text)"),
        ("(a = 1)", "(b = 1)"),
        ("(a = 1)", "(a = 2)"),
        ("(a < 1)", "(a <= 1)"),
        ("((a AND b) OR c)", "(a AND (b OR c))"),
        ("ROW(a, b)", "ROW(b, a)"),
        ("\"A\"", "a"),
    ] {
        different(same_expression, older, newer);
        different(
            same_view,
            &format!("SELECT {older} AS v FROM t;"),
            &format!("SELECT {newer} AS v FROM t;"),
        );
    }
}

#[test]
fn different_views_stay_different() {
    for (older, newer) in [
        ("SELECT t2.id FROM public.t2;", "SELECT a FROM public.t2;"),
        ("SELECT x.id FROM public.t2 x;", "SELECT id FROM public.t2 y;"),
        ("SELECT t2.id FROM public.t2;", "SELECT id FROM public.t3;"),
        ("SELECT t2.id FROM public.t2;", "SELECT id FROM other.t2;"),
        ("SELECT t2.id FROM public.t2;", "SELECT id AS b FROM public.t2;"),
        ("SELECT t2.id FROM public.t2, public.t3;", "SELECT t3.id FROM public.t2, public.t3;"),
        ("SELECT t2.id FROM (t2 JOIN t3 ON (true));", "SELECT t3.id FROM (t2 JOIN t3 ON (true));"),
        ("SELECT t2.id FROM t2 UNION SELECT t3.id FROM t3;", "SELECT id FROM t2 UNION SELECT t3.id FROM t3;"),
        (
            "SELECT t2.a FROM t2 WHERE (EXISTS ( SELECT 1 FROM t3 WHERE (t3.a = t2.a)));",
            "SELECT a FROM t2 WHERE (EXISTS ( SELECT 1 FROM t3 WHERE (t3.a = t3.a)));",
        ),
        (
            "SELECT t2.a FROM t2 WHERE (EXISTS ( SELECT 1 FROM t3 WHERE (t2.a = 1)));",
            "SELECT a FROM t2 WHERE (EXISTS ( SELECT 1 FROM t3 WHERE (a = 1)));",
        ),
        ("SELECT t2.f(1) AS f FROM t2;", "SELECT f(1) AS f FROM t2;"),
        ("SELECT NULL::t2.mood AS f FROM t2;", "SELECT NULL::mood AS f FROM t2;"),
    ] {
        different(same_view, older, newer);
    }
}

#[test]
fn what_is_no_sql_is_compared_all_the_same() {
    for text in
        ["(", ")", "EXTRACT", "EXTRACT()", "TRIM(", "((", "SELECT a FROM", "FROM", "JSON()", "x.y FROM x."]
    {
        assert!(same_view(text, 13, &format!("{text} "), 18), "{text}");
        assert!(!same_view(text, 13, &format!("{text} a"), 18), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn never_panics(
        older in r#"(SELECT |FROM |EXTRACT|TRIM|BOTH |AT TIME ZONE |IN |AS |[a-c.,:()' \[\]]|numeric|date_part|VALUES)*"#,
        newer in r#"([a-c(,)]|JSON|OVERLAPS |IS NORMALIZED|IS |NORMALIZE|::)*"#,
    ) {
        same_view(&older, 13, &newer, 18);
        proptest::prop_assert!(same_view(&older, 13, &older, 18));
    }
}

/// What differs between two majors by spelling alone is not shown as a difference.
#[test]
fn texts_are_told_apart_without_their_spelling() {
    let old = " SELECT users.id,\n    users.name\n   FROM users\n  WHERE users.active;";
    let new = " SELECT id,\n    name\n   FROM users\n  WHERE NOT active;";
    let (expected, found) = told_apart(Kind::View, old, 15, new, 17);
    assert_eq!(expected, "SELECT id,\n    name\nFROM users\nWHERE active;");
    assert_eq!(found, "SELECT id,\n    name\nFROM users\nWHERE NOT active;");
    // Nothing to bring to one form: as written.
    let as_written = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(told_apart(Kind::View, old, 17, new, 17), as_written(old, new));
    assert_eq!(
        told_apart(Kind::Expression, "(a  > 1)", 15, "(a > 2)", 17),
        as_written("(a  > 1)", "(a > 2)")
    );
}
