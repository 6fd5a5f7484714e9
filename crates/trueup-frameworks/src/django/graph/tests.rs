//! Small graphs with the order that Django gives them.

use super::*;

fn key(text: &str) -> Key {
    let (app, name) = text.split_once('.').expect("app.name");
    Key::new(app, name)
}

fn depends(texts: &[&str]) -> Vec<Dependency> {
    texts.iter().map(|text| Dependency { on: key(text), place: Place::new("f.py", 3, 1) }).collect()
}

fn node(text: &str, dependencies: &[&str]) -> Node {
    Node {
        key: key(text),
        place: Place::start_of(format!("{text}.py").as_str()),
        dependencies: depends(dependencies),
        run_before: Vec::new(),
        replaces: Vec::new(),
        is_placed: true,
    }
}

fn squash(text: &str, dependencies: &[&str], replaces: &[&str]) -> Node {
    Node { replaces: replaces.iter().map(|text| key(text)).collect(), ..node(text, dependencies) }
}

fn made(nodes: &[Node], applied: &[&str]) -> Graph {
    let apps = Apps {
        with_migrations: nodes.iter().map(|node| node.key.app.clone()).collect(),
        without_migrations: BTreeSet::from(["bare".to_owned()]),
    };
    graph(nodes, &apps, &applied.iter().map(|text| key(text)).collect())
}

fn order(graph: &Graph) -> Vec<String> {
    graph.order.iter().map(Key::to_string).collect()
}

fn said(graph: &Graph) -> Vec<String> {
    let text = |finding: &Finding| format!("{}: {}", finding.code, finding.found.clone().unwrap_or_default());
    graph.findings.iter().map(text).collect()
}

#[test]
fn apps_come_by_name_and_what_they_need_before_them() {
    let nodes = [
        node("shop.0001", &["users.__first__"]),
        node("shop.0002", &["shop.0001", "users.0002"]),
        node("users.0001", &[]),
        node("users.0002", &["users.0001"]),
        node("alpha.0001", &["shop.__latest__", "bare.__first__"]),
    ];
    let graph = made(&nodes, &[]);
    assert_eq!(order(&graph), ["users.0001", "users.0002", "shop.0001", "shop.0002", "alpha.0001"]);
    assert_eq!(said(&graph), [""; 0]);
}

#[test]
fn run_before_turns_a_dependency_around() {
    let mut second = node("zoo.0001", &[]);
    second.run_before = depends(&["ape.0001"]);
    assert_eq!(order(&made(&[node("ape.0001", &[]), second], &[])), ["zoo.0001", "ape.0001"]);
}

#[test]
fn a_squashed_migration_counts_unless_only_a_part_of_what_it_replaces_is_applied() {
    let nodes = [
        node("a.0001", &[]),
        node("a.0002", &["a.0001"]),
        squash("a.0001_squashed_0002", &[], &["a.0001", "a.0002"]),
        node("a.0003", &["a.0002"]),
        node("b.0001", &["a.0001"]),
    ];
    for applied in [&[][..], &["a.0001", "a.0002"]] {
        let graph = made(&nodes, applied);
        assert_eq!(order(&graph), ["a.0001_squashed_0002", "a.0003", "b.0001"], "{applied:?}");
        assert_eq!(said(&graph), [""; 0]);
    }
    let graph = made(&nodes, &["a.0001"]);
    assert_eq!(order(&graph), ["a.0001", "a.0002", "a.0003", "b.0001"]);
    assert!(graph.replacing.is_empty());
}

#[test]
fn a_dependency_on_a_replaced_migration_without_a_file_leads_to_the_squashed_one() {
    let nodes = [squash("a.0001_squashed", &[], &["a.0001", "a.0002"]), node("b.0001", &["a.0002"])];
    let graph = made(&nodes, &["a.0001", "a.0002"]);
    assert_eq!(order(&graph), ["a.0001_squashed", "b.0001"]);
    assert_eq!(said(&graph), [""; 0]);
}

#[test]
fn what_is_missing_is_said_where_it_is_named_and_the_rest_is_ordered() {
    let nodes =
        [node("a.0001", &[]), node("a.0003", &["a.0002", "gone.0001"]), node("b.0001", &["c.__first__"])];
    let graph = made(&nodes, &[]);
    assert_eq!(order(&graph), ["a.0001", "a.0003", "b.0001"]);
    assert_eq!(
        said(&graph),
        [
            "missing-parent: depends on a.0002, which no file defines",
            "missing-parent: depends on gone.0001, which no file defines",
            "missing-parent: depends on the app c, which is not installed",
        ]
    );
}

#[test]
fn a_circle_is_said_once_and_cut() {
    let nodes = [node("a.0001", &["b.0001"]), node("b.0001", &["a.0001"]), node("c.0001", &["a.0001"])];
    let graph = made(&nodes, &[]);
    assert_eq!(graph.order.len(), 3);
    assert_eq!(said(&graph), ["dependency-cycle: these wait for each other: a.0001 → b.0001 → a.0001"]);
}

#[test]
fn two_last_migrations_of_an_app_are_a_conflict() {
    let graph =
        made(&[node("a.0001", &[]), node("a.0002_x", &["a.0001"]), node("a.0002_y", &["a.0001"])], &[]);
    assert_eq!(said(&graph), ["several-heads: the app a ends in 2 migrations: 0002_x, 0002_y"]);
}
