//! What is in tables, by the numbers that the server has for tables and columns: names may change.

use std::collections::BTreeMap;

use trueup_database::Session;
use trueup_model::ObjectKind;
use trueup_model::repair::Repair;
use trueup_sql::quote_ident;

const LOST: &str = "rows or values are lost";

pub struct Rows {
    tables: BTreeMap<String, Table>,
}

struct Table {
    name: String,
    rows: String,
    columns: BTreeMap<String, Column>,
}

struct Column {
    name: String,
    data_type: String,
    filled: String,
    checksum: String,
}

impl Rows {
    pub fn now(session: &mut Session) -> Self {
        let listed = session
            .rows(
                "select c.oid, n.nspname, c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod)
                 from pg_catalog.pg_class c
                 join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                 left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                   and a.attgenerated = ''
                 where c.relkind = 'r' and c.oid >= 16384
                 order by 1, 4",
            )
            .expect("the columns of all tables");
        let mut tables: BTreeMap<String, Table> = BTreeMap::new();
        for row in listed {
            let mut values = row.into_iter().map(Option::unwrap_or_default);
            let mut next = || values.next().unwrap_or_default();
            let (oid, schema, name) = (next(), next(), next());
            let name = format!("{}.{}", quote_ident(&schema), quote_ident(&name));
            let table = tables.entry(oid).or_insert_with(|| Table {
                name,
                rows: String::new(),
                columns: BTreeMap::new(),
            });
            let (number, name, data_type) = (next(), next(), next());
            // A table may have no columns at all.
            if number.is_empty() {
                continue;
            }
            let column = Column { name, data_type, filled: String::new(), checksum: String::new() };
            table.columns.insert(number, column);
        }
        let questions: Vec<String> = tables
            .iter()
            .map(|(oid, table)| {
                let columns: Vec<String> = table
                    .columns
                    .iter()
                    .map(|(number, column)| {
                        let name = quote_ident(&column.name);
                        format!(
                            "'{number}|' || count({name}) || '|' || md5(coalesce(string_agg({name}::text, '|' \
                             order by {name}::text collate \"C\"), ''))"
                        )
                    })
                    .collect();
                let columns = if columns.is_empty() { vec!["''".to_owned()] } else { columns };
                format!(
                    "select '{oid}', count(*)::text, {} from only {}",
                    columns.join(" || ' ' || "),
                    table.name
                )
            })
            .collect();
        if questions.is_empty() {
            return Rows { tables };
        }
        for row in session.rows(&questions.join(" union all ")).expect("the rows of all tables") {
            let mut values = row.into_iter().map(Option::unwrap_or_default);
            let mut next = || values.next().unwrap_or_default();
            let (oid, rows, columns) = (next(), next(), next());
            let Some(table) = tables.get_mut(&oid) else { continue };
            table.rows = rows;
            for column in columns.split(' ') {
                let parts: Vec<&str> = column.split('|').collect();
                if let ([number, filled, checksum], column) = (parts.as_slice(), &mut table.columns)
                    && let Some(column) = column.get_mut(*number)
                {
                    (column.filled, column.checksum) = ((*filled).to_owned(), (*checksum).to_owned());
                }
            }
        }
        Rows { tables }
    }

    /// What is gone and was not said to go.
    pub fn kept(&self, after: &Rows, repair: &Repair, nothing_allowed: bool) -> Result<(), String> {
        let loses = |kind: ObjectKind, name: &str| {
            !nothing_allowed
                && repair.steps.iter().any(|step| {
                    step.object.kind == kind
                        && step.safety.loses.is_some()
                        && step.object.name().as_str() == name
                })
        };
        // Labels and attributes that get other names are shown by these.
        let other_texts = repair.steps.iter().any(|step| {
            matches!(step.object.kind, ObjectKind::Enum | ObjectKind::CompositeType | ObjectKind::RangeType)
        });
        for (oid, table) in &self.tables {
            let Some(now) = after.tables.get(oid) else {
                let dropped = repair.steps.iter().any(|step| {
                    step.object.kind == ObjectKind::Table
                        && step.safety.loses.is_some()
                        && table.name.ends_with(&quote_ident(step.object.head.as_str()))
                });
                if dropped && !nothing_allowed {
                    continue;
                }
                return Err(format!("{LOST}: the table {} is gone with {} rows", table.name, table.rows));
            };
            if table.rows != now.rows {
                return Err(format!("{LOST}: {} had {} rows and has {}", table.name, table.rows, now.rows));
            }
            for (number, column) in &table.columns {
                let Some(then) = now.columns.get(number) else {
                    if loses(ObjectKind::Column, &column.name) {
                        continue;
                    }
                    return Err(format!("{LOST}: the column {} of {} is gone", column.name, table.name));
                };
                if loses(ObjectKind::Column, &then.name) {
                    continue;
                }
                let same_type = column.data_type == then.data_type && !other_texts;
                if column.filled != then.filled || same_type && column.checksum != then.checksum {
                    return Err(format!("{LOST}: {} of {} has other values", column.name, table.name));
                }
            }
        }
        Ok(())
    }
}
