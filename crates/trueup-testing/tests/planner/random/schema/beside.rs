//! What stands on tables, and beside them: indexes, constraints, triggers, policies, rights, statistics.

use super::{Column, Schema, Table};
use crate::random::names::name;
use crate::random::tape::Tape;
use crate::random::types::{Type, Values};

impl Schema {
    pub(super) fn index(&mut self, tape: &mut Tape<'_>) {
        let index = name("i", self.count, tape);
        let Some(table) = tape.maybe_of(&self.tables) else { return };
        let column = tape.of(&table.columns);
        let indexable =
            !matches!(column.of.written.as_str(), "json") && !column.of.written.starts_with("json[");
        if !indexable {
            return;
        }
        let key = match (tape.below(5), &column.of.values, tape.maybe_of(&self.functions)) {
            (0, Values::Text, _) => format!("lower({}::text)", column.name),
            (1, _, Some(function)) => format!("({function}(1))"),
            (2, _, _) => format!("{} desc nulls last", column.name),
            _ => column.name.clone(),
        };
        let predicate = match tape.below(3) {
            0 => format!(" where {}", column.of.condition(&column.name, tape)),
            _ => String::new(),
        };
        let statement = format!("create index {index} on {} ({key}){predicate}", table.name);
        self.run(statement);
    }

    pub(super) fn unique(&mut self, tape: &mut Tape<'_>) {
        let constraint = name("u", self.count, tape);
        let tables: Vec<&Table> = self.tables.iter().filter(|table| !table.partitioned).collect();
        let Some(table) = tape.maybe_of(&tables) else { return };
        let columns: Vec<&Column> = table
            .columns
            .iter()
            .filter(|column| column.of.is_number() || column.of.written == "text")
            .collect();
        let Some(column) = tape.maybe_of(&columns) else { return };
        let deferrable = if tape.one_in(4) { " deferrable initially deferred" } else { "" };
        let statement = match tape.below(3) {
            0 => format!("create unique index {constraint} on {} ({})", table.name, column.name),
            _ => format!(
                "alter table {} add constraint {constraint} unique ({}){deferrable}",
                table.name, column.name
            ),
        };
        self.run(statement);
    }

    pub(super) fn check(&mut self, tape: &mut Tape<'_>) {
        let constraint = name("ck", self.count, tape);
        let Some(table) = tape.maybe_of(&self.tables) else { return };
        let column = tape.of(&table.columns);
        let condition = match (tape.below(5), tape.maybe_of(&self.functions)) {
            (0, Some(function)) => format!("{function}(1) is not null"),
            _ => column.of.condition(&column.name, tape),
        };
        let unchecked = if tape.one_in(6) { " not valid" } else { "" };
        let statement =
            format!("alter table {} add constraint {constraint} check ({condition}){unchecked}", table.name);
        self.run(statement);
    }

    pub(super) fn reference(&mut self, tape: &mut Tape<'_>) {
        let keyed: Vec<&Table> = self.tables.iter().filter(|table| table.has_key).collect();
        let (Some(table), Some(target)) = (tape.maybe_of(&self.tables), tape.maybe_of(&keyed)) else {
            return;
        };
        let action =
            *tape.of(&["", " on delete cascade", " on update cascade on delete set null", " deferrable"]);
        let column = format!("\"r{}\"", self.count);
        let of = target.columns[0].of.clone();
        let statement = format!(
            "alter table {} add column {column} {} references {} (id){action}",
            table.name, of.written, target.name
        );
        let table = table.name.clone();
        self.run(statement);
        self.new_column(&table, Column { name: column, of, by_itself: false });
    }

    fn new_column(&mut self, table: &str, column: Column) {
        if let Some(table) = self.tables.iter_mut().find(|other| other.name == table) {
            table.columns.push(column);
        }
    }

    pub(super) fn trigger(&mut self, tape: &mut Tape<'_>) {
        let trigger = name("tg", self.count, tape);
        let (Some(table), Some(function)) =
            (tape.maybe_of(&self.tables), tape.maybe_of(&self.trigger_functions))
        else {
            return;
        };
        let column = tape.of(&table.columns);
        let when = *tape.of(&["after insert", "before update", "after delete", "before insert or update"]);
        let when = match tape.below(4) {
            0 => format!("after update of {}", column.name),
            _ => when.to_owned(),
        };
        let condition = if when == "before update" {
            format!(" when (new.{0} is not null)", column.name)
        } else {
            String::new()
        };
        let statement = format!(
            "create trigger {trigger} {when} on {} for each row{condition} execute function {function}()",
            table.name
        );
        self.run(statement);
    }

    pub(super) fn policy(&mut self, tape: &mut Tape<'_>) {
        let policy = name("po", self.count, tape);
        let Some(table) = tape.maybe_of(&self.tables) else { return };
        let column = tape.of(&table.columns);
        let role = *tape.of(&["public", "app_reader", "\"Reporting Team\""]);
        let condition = column.of.condition(&column.name, tape);
        let statements = [
            format!("create policy {policy} on {} to {role} using ({condition})", table.name),
            format!("alter table {} enable row level security", table.name),
        ];
        self.statements.extend(statements);
    }

    pub(super) fn grant(&mut self, tape: &mut Tape<'_>) {
        let role = *tape.of(&["app_reader", "app_writer", "public"]);
        let Some(table) = tape.maybe_of(&self.tables) else { return };
        let statement = match tape.below(4) {
            0 => format!("grant select ({}) on {} to {role}", tape.of(&table.columns).name, table.name),
            1 => format!("alter table {} owner to app_owner", table.name),
            2 => format!("grant select, insert on {} to {role} with grant option", table.name),
            _ => format!("grant select, update, delete on {} to {role}", table.name),
        };
        let statement = statement.replace("to public with grant option", "to public");
        self.run(statement);
    }

    pub(super) fn schema(&mut self, tape: &mut Tape<'_>) {
        let schema = name("n", self.count, tape);
        self.run(format!("create schema {schema}"));
        self.schemas.push(schema);
    }

    pub(super) fn comment(&mut self, tape: &mut Tape<'_>) {
        let Some(table) = tape.maybe_of(&self.tables) else { return };
        let statement = match tape.below(2) {
            0 => format!("comment on table {} is 'it''s \\ a $$ table'", table.name),
            _ => format!("comment on column {}.{} is 'a column'", table.name, tape.of(&table.columns).name),
        };
        self.run(statement);
    }

    pub(super) fn generated(&mut self, tape: &mut Tape<'_>) {
        let Some(table) = tape.maybe_of(&self.tables) else { return };
        let numbers: Vec<&Column> = table
            .columns
            .iter()
            .filter(|column| column.of.written == "integer" && !column.by_itself)
            .collect();
        let Some(of) = tape.maybe_of(&numbers) else { return };
        let function = tape.maybe_of(&self.functions).map_or("abs", String::as_str);
        let column = format!("\"g{}\"", self.count);
        let statement = format!(
            "alter table {} add column {column} integer generated always as ({function}({})) stored",
            table.name, of.name
        );
        let table = table.name.clone();
        self.run(statement);
        let of = Type::new("integer", Values::Number);
        self.new_column(&table, Column { name: column, of, by_itself: true });
    }

    pub(super) fn default_by_function(&mut self, tape: &mut Tape<'_>) {
        let Some(table) = tape.maybe_of(&self.tables) else { return };
        let column = format!("\"f{}\"", self.count);
        let default = match (tape.below(2), tape.maybe_of(&self.functions), tape.maybe_of(&self.sequences)) {
            (0, Some(function), _) => format!("{function}(3)"),
            (_, _, Some(sequence)) => format!("nextval('{}')", sequence.replace('\'', "''")),
            _ => "42".to_owned(),
        };
        let statement = format!("alter table {} add column {column} integer default {default}", table.name);
        let table = table.name.clone();
        self.run(statement);
        let of = Type::new("integer", Values::Number);
        self.new_column(&table, Column { name: column, of, by_itself: false });
    }

    pub(super) fn statistics(&mut self, tape: &mut Tape<'_>) {
        let statistics = self.named("st", tape);
        let Some(table) = tape.maybe_of(&self.tables) else { return };
        let columns: Vec<&Column> =
            table.columns.iter().filter(|column| !column.of.written.starts_with("json")).collect();
        let [one, other, ..] = columns.as_slice() else { return };
        let statement =
            format!("create statistics {statistics} on {}, {} from {}", one.name, other.name, table.name);
        self.run(statement);
    }

    pub(super) fn other_routine(&mut self, tape: &mut Tape<'_>) {
        let routine = self.named("r", tape);
        let statement = match tape.below(3) {
            0 => format!("create procedure {routine}(n integer) language sql as 'select n'"),
            1 => format!(
                "create aggregate {routine}(integer) (sfunc = int4larger, stype = integer, initcond = '0')"
            ),
            _ => match tape.maybe_of(&self.tables) {
                Some(table) => format!(
                    "create function {routine}() returns setof {} language sql stable as 'select * from {}'",
                    table.name,
                    table.name.replace('\'', "''")
                ),
                None => format!(
                    "create function {routine}(text, integer default 4) returns text language sql as 'select $1'"
                ),
            },
        };
        self.run(statement);
    }

    pub(super) fn rule(&mut self, tape: &mut Tape<'_>) {
        let rule = name("ru", self.count, tape);
        let plain: Vec<&Table> = self.tables.iter().filter(|table| !table.partitioned).collect();
        let Some(table) = tape.maybe_of(&plain) else { return };
        let statement = format!(
            "create rule {rule} as on delete to {} where old.{} is null do also select 1",
            table.name,
            tape.of(&table.columns).name
        );
        self.run(statement);
    }
}
