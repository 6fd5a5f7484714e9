//! Publications and subscriptions.

use trueup_model::catalog::Plain;
use trueup_model::path::ObjectPath;

use super::super::Alteration;
use super::super::names::{named, object};
use super::super::text::{find_outside, literal, split_list};
use super::{is_set, value};

pub(super) fn publication(path: &ObjectPath, plain: &Plain) -> String {
    let mut text = format!("CREATE {}", named(path));
    if is_set(plain, "all-tables") {
        text.push_str(" FOR ALL TABLES");
    } else {
        let objects = objects(plain);
        if !objects.is_empty() {
            text.push_str(&format!(" FOR {objects}"));
        }
    }
    text.push_str(&format!(" WITH ({})", parameters(plain).join(", ")));
    text
}

fn parameters(plain: &Plain) -> Vec<String> {
    let mut parameters = vec![
        format!("publish = {}", literal(value(plain, "operations").unwrap_or_default())),
        format!("publish_via_partition_root = {}", is_set(plain, "via-root")),
    ];
    if let Some(generated) = value(plain, "generated-columns") {
        parameters.push(format!("publish_generated_columns = {generated}"));
    }
    parameters
}

/// `TABLE ONLY shop.a (id), ONLY shop.b WHERE (x > 1), TABLES IN SCHEMA shop`. Each table is listed by itself.
fn objects(plain: &Plain) -> String {
    let mut parts = Vec::new();
    let tables: Vec<String> =
        split_list(value(plain, "tables").unwrap_or_default(), ", ").into_iter().map(table).collect();
    if !tables.is_empty() {
        parts.push(format!("TABLE {}", tables.join(", ")));
    }
    if let Some(schemas) = value(plain, "schemas") {
        parts.push(format!("TABLES IN SCHEMA {schemas}"));
    }
    parts.join(", ")
}

fn table(text: &str) -> String {
    match find_outside(text, " where ") {
        Some(at) => format!("ONLY {} WHERE ({})", &text[..at], &text[at + 7..]),
        None => format!("ONLY {text}"),
    }
}

pub(super) fn alter_publication(aspect: &str, path: &ObjectPath, plain: &Plain) -> Alteration {
    let one = |clause: String| Alteration::Statements(vec![format!("ALTER {} {clause}", named(path))]);
    match aspect {
        "operations" | "via-root" => one(format!("SET ({})", parameters(plain).join(", "))),
        "generated-columns" => one(format!(
            "SET (publish_generated_columns = {})",
            value(plain, "generated-columns").unwrap_or("none")
        )),
        "tables" | "schemas" => {
            let objects = objects(plain);
            // A publication of nothing cannot be said by setting.
            if objects.is_empty() || is_set(plain, "all-tables") {
                Alteration::Rebuild
            } else {
                one(format!("SET {objects}"))
            }
        }
        _ => Alteration::Rebuild,
    }
}

/// `disable-on-error` is `disable_on_error`; a property that says `none` means the word.
fn subscription_option(aspect: &str, plain: &Plain) -> String {
    let setting = match value(plain, aspect) {
        Some("yes") => "true",
        Some("no") => "false",
        Some(other) => other,
        None => "none",
    };
    format!("SET ({} = {})", aspect.replace('-', "_"), literal(setting))
}

/// Without asking the other server, which need not be there.
pub(super) fn alter_subscription(aspect: &str, path: &ObjectPath, plain: &Plain) -> Alteration {
    let one = |clause: String| {
        Alteration::Statements(vec![format!("ALTER SUBSCRIPTION {} {clause}", object(path))])
    };
    match aspect {
        "publications" => one(format!(
            "SET PUBLICATION {} WITH (refresh = false)",
            value(plain, "publications").unwrap_or_default()
        )),
        "synchronous-commit" => one(format!(
            "SET (synchronous_commit = {})",
            literal(value(plain, "synchronous-commit").unwrap_or("off"))
        )),
        "enabled" => one(if is_set(plain, "enabled") { "ENABLE" } else { "DISABLE" }.to_owned()),
        "slot" => {
            one(format!("SET (slot_name = {})", value(plain, "slot").map_or("NONE".to_owned(), literal)))
        }
        "two-phase" | "failover" if value(plain, "slot").is_none() => Alteration::Impossible(format!(
            "PostgreSQL changes the {aspect} of a subscription only while it has a slot"
        )),
        "binary" | "streaming" | "two-phase" | "disable-on-error" | "password-required" | "run-as-owner"
        | "origin" | "failover" => one(subscription_option(aspect, plain)),
        // It could not be made again: what it connects to is not known.
        _ => Alteration::Impossible(format!("the {aspect} of a subscription is settled when it is made")),
    }
}
