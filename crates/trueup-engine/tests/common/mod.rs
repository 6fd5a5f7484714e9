//! Catalogs by hand.

#![allow(dead_code, reason = "each file of tests uses some of it")]

use trueup_engine::findings::{Sides, judge};
use trueup_engine::{Claims, compare};
use trueup_model::catalog::{
    Column, Deferral, Entry, FireState, ForeignKey, ForeignKeyAction, ForeignKeyMatch, Index, IndexKey, Key,
    NotNull, Object, OwnedBy, Parallel, Persistence, ReplicaIdentity, Routine, RoutineKind, Sequence,
    SequenceOptions, Table, View, Volatility,
};
use trueup_model::history::{MigrationKind, TransactionMode};
use trueup_model::journal::Journal;
use trueup_model::{
    Catalog, Finding, History, Ident, Ledger, Migration, ObjectKind, ObjectPath, Place, QualifiedName,
    Statement, Text,
};

pub const VERSION: u32 = 170_005;

pub fn entry(path: ObjectPath, object: Object, owner: Option<&str>) -> Entry {
    let owner = owner.map(Ident::new);
    Entry { path, owner, comment: None, granted: Vec::new(), revoked: Vec::new(), object }
}

pub fn plain_table() -> Table {
    Table {
        persistence: Persistence::Permanent,
        partitioned_by: None,
        partition_of: None,
        inherits: Vec::new(),
        of_type: None,
        row_security: false,
        force_row_security: false,
        replica_identity: ReplicaIdentity::Default,
        options: Vec::new(),
        access_method: None,
        tablespace: None,
        clustered_on: None,
        foreign_server: None,
        foreign_options: Vec::new(),
    }
}

pub fn column(position: u16, data_type: &str, not_null: bool, default: bool) -> Column {
    Column {
        position,
        data_type: Text::new(data_type),
        collation: None,
        not_null: not_null.then_some(NotNull { name: None, no_inherit: false, validated: true }),
        default: default.then(|| Text::new("NULL")),
        serial: false,
        identity: None,
        generated: None,
        storage: None,
        compression: None,
        statistics_target: None,
        options: Vec::new(),
        foreign_options: Vec::new(),
        inherited: false,
    }
}

pub fn index(column: usize, count: usize) -> Index {
    Index {
        method: Ident::new("btree"),
        unique: false,
        nulls_not_distinct: false,
        keys: vec![IndexKey {
            expression: Text::new(format!("c{column}")),
            collation: None,
            operator_class: None,
            operator_class_options: Vec::new(),
            descending: false,
            nulls_first: false,
        }],
        include: Vec::new(),
        // The number keeps two indexes of one table from being the same.
        predicate: Some(Text::new(format!("(c{column} IS DISTINCT FROM {count})"))),
        valid: true,
        options: Vec::new(),
        tablespace: None,
        statistics_targets: Vec::new(),
        inherited: false,
    }
}

pub fn findings(expected: &Catalog, found: &Catalog) -> Vec<Finding> {
    findings_of(&[], expected, found)
}

/// With a history of one migration.
pub fn findings_of(statements: &[&str], expected: &Catalog, found: &Catalog) -> Vec<Finding> {
    let history = history(&[("0001_all", statements)]);
    let (ledger, journal) = (Ledger::default(), Journal::default());
    let claims = Claims::new(&history, &ledger, &journal);
    judge(&compare(expected, found), &Sides { expected, found }, &claims)
}

pub fn history(migrations: &[(&str, &[&str])]) -> History {
    let migrations = migrations.iter().map(|(id, statements)| {
        let file = format!("{id}.sql");
        let statement = |(line, text): (u32, &&str)| Statement {
            text: (**text).into(),
            place: Place::new(file.as_str(), line, 1),
            copy_data: None,
        };
        Migration {
            id: Text::new(id),
            key: Text::new(id),
            kind: MigrationKind::Versioned,
            parents: Vec::new(),
            replaces: Vec::new(),
            file: file.as_str().into(),
            transaction: TransactionMode::Single,
            up: (1..).zip(statements.iter()).map(statement).collect(),
            down: None,
            checksum: None,
            opaque: None,
            reach: trueup_model::Reach::Nothing,
            only_by_tool: None,
        }
    });
    History {
        framework: "plain",
        root: Text::new("migrations"),
        preparation: trueup_model::Preparation::default(),
        migrations: migrations.collect(),
        handlers: Vec::new(),
        findings: Vec::new(),
    }
}

/// What is said, in short: `renamed-table public.a`, `different-column public.a.b type`.
pub fn said(expected: &Catalog, found: &Catalog) -> Vec<String> {
    let mut said: Vec<String> = findings(expected, found)
        .iter()
        .map(|finding| {
            let object = finding.object.as_ref().map(ToString::to_string).unwrap_or_default();
            let aspect = finding.aspect.map(|aspect| format!(" {aspect}")).unwrap_or_default();
            format!("{} {object}{aspect}", finding.code)
        })
        .collect();
    said.sort();
    said
}

pub fn table_path(schema: &str, name: &str) -> ObjectPath {
    ObjectPath::in_schema(ObjectKind::Table, &Ident::new(schema), name)
}

/// A table with columns, all of them `integer` unless the name says `name:type`.
pub fn table(schema: &str, name: &str, columns: &[&str]) -> Vec<Entry> {
    let relation = QualifiedName::new(schema, name);
    let mut entries =
        vec![entry(table_path(schema, name), Object::Table(Box::new(plain_table())), Some("app"))];
    for (position, text) in (1..).zip(columns) {
        let (name, data_type) = text.split_once(':').unwrap_or((text, "integer"));
        let path = ObjectPath::part_of(ObjectKind::Column, &relation, name);
        entries.push(entry(path, Object::Column(Box::new(column(position, data_type, false, false))), None));
    }
    entries
}

pub fn index_on(schema: &str, table: &str, name: &str, column: usize) -> Entry {
    let path = ObjectPath::part_of(ObjectKind::Index, &QualifiedName::new(schema, table), name);
    entry(path, Object::Index(Box::new(index(column, 0))), None)
}

pub fn key_on(schema: &str, table: &str, name: &str, column: &str) -> Entry {
    let path = ObjectPath::part_of(ObjectKind::UniqueConstraint, &QualifiedName::new(schema, table), name);
    let key = Key {
        columns: vec![Ident::new(column)],
        include: Vec::new(),
        nulls_not_distinct: false,
        without_overlaps: false,
        deferral: Deferral::NotDeferrable,
        index_options: Vec::new(),
        tablespace: None,
        index_comment: None,
        inherited: false,
    };
    entry(path, Object::Key(Box::new(key)), None)
}

pub fn foreign_key(schema: &str, table: &str, name: &str, references: &str) -> Entry {
    let path = ObjectPath::part_of(ObjectKind::ForeignKey, &QualifiedName::new(schema, table), name);
    let key = ForeignKey {
        columns: vec![Ident::new("a")],
        references: QualifiedName::new(schema, references),
        referenced_columns: vec![Ident::new("a")],
        matching: ForeignKeyMatch::Simple,
        on_update: ForeignKeyAction::NoAction,
        on_delete: ForeignKeyAction::NoAction,
        on_delete_columns: Vec::new(),
        period: false,
        deferral: Deferral::NotDeferrable,
        validated: true,
        enforced: true,
        fires: FireState::Origin,
        inherited: false,
    };
    entry(path, Object::ForeignKey(Box::new(key)), None)
}

pub fn view(schema: &str, name: &str, definition: &str) -> Entry {
    let path = ObjectPath::in_schema(ObjectKind::View, &Ident::new(schema), name);
    let view = View { definition: Text::new(definition), options: Vec::new() };
    entry(path, Object::View(view), Some("app"))
}

pub fn sequence(schema: &str, name: &str, owned_by: Option<(&str, &str)>) -> Entry {
    let path = ObjectPath::in_schema(ObjectKind::Sequence, &Ident::new(schema), name);
    let sequence = Sequence {
        options: SequenceOptions {
            data_type: Text::new("bigint"),
            start: 1,
            increment: 1,
            minimum: 1,
            maximum: i64::MAX,
            cache: 1,
            cycle: false,
        },
        owned_by: owned_by.map(|(table, column)| OwnedBy {
            table: QualifiedName::new(schema, table),
            column: Ident::new(column),
        }),
        persistence: Persistence::Permanent,
    };
    entry(path, Object::Sequence(Box::new(sequence)), Some("app"))
}

/// A table with a serial column `id`.
pub fn serial_table(schema: &str, name: &str, sequence_name: &str) -> Vec<Entry> {
    let mut entries = table(schema, name, &["id", "label:text"]);
    for entry in &mut entries {
        if let Object::Column(column) = &mut entry.object
            && column.position == 1
        {
            column.serial = true;
            column.default = Some(Text::new(format!("nextval('{schema}.{sequence_name}'::regclass)")));
        }
    }
    entries.push(sequence(schema, sequence_name, Some((name, "id"))));
    entries
}

pub fn function(schema: &str, name: &str, arguments: &str) -> Entry {
    let path =
        ObjectPath::in_schema(ObjectKind::Function, &Ident::new(schema), name).with_arguments(arguments);
    let routine = Routine {
        kind: RoutineKind::Function,
        arguments: Text::new(format!("r {arguments}")),
        result: Some(Text::new("integer")),
        language: Ident::new("sql"),
        body: Text::new("select 1"),
        body_is_parsed: false,
        library: None,
        volatility: Volatility::Stable,
        strict: false,
        security_definer: false,
        leakproof: false,
        parallel: Parallel::Unsafe,
        cost: Text::new("100"),
        rows: Text::new("0"),
        support: None,
        settings: Vec::new(),
        transforms: Vec::new(),
    };
    entry(path, Object::Routine(Box::new(routine)), Some("app"))
}

pub fn catalog_of(entries: Vec<Entry>) -> Catalog {
    Catalog::new(VERSION, entries).migrated_by(Some(Ident::new("app")))
}

/// The same with one entry changed.
pub fn changed(mut entries: Vec<Entry>, name: &str, change: impl Fn(&mut Entry)) -> Vec<Entry> {
    let entry =
        entries.iter_mut().find(|entry| entry.path.to_string() == name).expect("an entry of that name");
    change(entry);
    entries
}
