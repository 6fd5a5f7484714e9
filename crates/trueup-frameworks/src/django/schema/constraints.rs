//! Constraints: unique, check, exclusion.

use super::super::read::{Constraint, Deferrable, Exclusion, Unique};
use super::editor::Editor;
use super::environment::Environment;
use super::expression::Writer;
use super::indexes::push_include;
use super::names::quoted;
use super::state::{Attempt, Model, State};
use super::statement::{IndexColumn, Makes, Name, Part, Piece, Statement, pieces_text};

/// `ADD CONSTRAINT … UNIQUE`; without a name it gets the one that Django makes.
pub fn unique_statement(
    table: &str,
    columns: Vec<String>,
    name: Option<&str>,
    deferrable: Option<Deferrable>,
) -> Statement {
    unique_with(table, columns, name, deferrable, None)
}

fn unique_with(
    table: &str,
    columns: Vec<String>,
    name: Option<&str>,
    deferrable: Option<Deferrable>,
    nulls_distinct: Option<bool>,
) -> Statement {
    let name = match name {
        Some(name) => Name::Given(name.to_owned()),
        None => {
            Name::OfColumns { table: table.to_owned(), columns: columns.clone(), suffix: "_uniq".to_owned() }
        }
    };
    Statement {
        parts: vec![
            Part::Text("ALTER TABLE ".to_owned()),
            Part::Table(table.to_owned()),
            Part::Text(" ADD CONSTRAINT ".to_owned()),
            Part::Name(name),
            Part::Text(format!(" UNIQUE{} (", nulls(nulls_distinct))),
            Part::Columns {
                table: table.to_owned(),
                columns: columns.iter().map(|column| IndexColumn::plain(column)).collect(),
            },
            Part::Text(format!("){}", deferrable_sql(deferrable))),
        ],
        makes: Some(Makes::Unique),
    }
}

fn nulls(distinct: Option<bool>) -> &'static str {
    match distinct {
        None => "",
        Some(true) => " NULLS DISTINCT",
        Some(false) => " NULLS NOT DISTINCT",
    }
}

fn deferrable_sql(deferrable: Option<Deferrable>) -> &'static str {
    match deferrable {
        None => "",
        Some(Deferrable::Deferred) => " DEFERRABLE INITIALLY DEFERRED",
        Some(Deferrable::Immediate) => " DEFERRABLE INITIALLY IMMEDIATE",
    }
}

/// Whether a unique constraint is made as an index.
pub fn is_index(environment: &Environment, unique: &Unique) -> bool {
    is_made_by_index(unique) || !is_supported(environment, unique)
}

fn is_made_by_index(unique: &Unique) -> bool {
    unique.condition.is_some()
        || !unique.include.is_empty()
        || !unique.opclasses.is_empty()
        || !unique.expressions.is_empty()
}

/// Older servers do not know what to do with nulls, and Django leaves such constraints out.
fn is_supported(environment: &Environment, unique: &Unique) -> bool {
    unique.nulls_distinct.is_none() || environment.server >= 15
}

/// The constraint as it stands in `CREATE TABLE`; what is made as an index waits for the end.
pub fn constraint_inline(
    editor: &mut Editor<'_>,
    state: &State,
    model: &Model,
    constraint: &Constraint,
) -> Attempt<Option<String>> {
    let writer = Writer::new(editor.view(state), model);
    Ok(match constraint {
        Constraint::Check { name, condition } => {
            Some(format!("CONSTRAINT {} CHECK ({})", quoted(name), writer.condition(condition)?))
        }
        Constraint::Unique(unique) => {
            if !is_supported(editor.environment, unique) {
                return Ok(None);
            }
            if is_made_by_index(unique) || unique.nulls_distinct.is_some() {
                let statement = unique_constraint(editor, state, model, unique)?;
                editor.defer(statement);
                return Ok(None);
            }
            let columns = editor.columns_of(state, model, &unique.fields)?;
            let columns: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
            let deferrable = deferrable_sql(unique.deferrable);
            Some(format!("CONSTRAINT {} UNIQUE ({}){deferrable}", quoted(&unique.name), columns.join(", ")))
        }
        Constraint::Exclusion(exclusion) => Some(exclusion_text(editor, state, model, exclusion)?),
    })
}

/// The statement that adds a constraint; `None` where the server does not have such.
pub fn create_constraint(
    editor: &Editor<'_>,
    state: &State,
    model: &Model,
    constraint: &Constraint,
) -> Attempt<Option<Statement>> {
    let view = editor.view(state);
    let table = view.table(model)?;
    Ok(Some(match constraint {
        Constraint::Check { name, condition } => {
            let check = Writer::new(view, model).condition(condition)?;
            check_statement(&table, name, &check, Vec::new())
        }
        Constraint::Unique(unique) => {
            if !is_supported(editor.environment, unique) {
                return Ok(None);
            }
            unique_constraint(editor, state, model, unique)?
        }
        Constraint::Exclusion(exclusion) => Statement {
            parts: vec![
                Part::Text("ALTER TABLE ".to_owned()),
                Part::Table(table.clone()),
                Part::Text(" ADD ".to_owned()),
                Part::Text(exclusion_text(editor, state, model, exclusion)?),
            ],
            makes: None,
        },
    }))
}

pub fn check_statement(table: &str, name: &str, check: &str, columns: Vec<String>) -> Statement {
    // The columns are for the book alone; they stand in the text of the condition.
    let columns = columns.iter().map(|column| IndexColumn::plain(column)).collect();
    let mut statement = Statement {
        parts: vec![
            Part::Text("ALTER TABLE ".to_owned()),
            Part::Table(table.to_owned()),
            Part::Text(" ADD CONSTRAINT ".to_owned()),
            Part::Name(Name::Given(name.to_owned())),
            Part::Text(format!(" CHECK ({check})")),
        ],
        makes: Some(Makes::Check { columns }),
    };
    statement.parts.shrink_to_fit();
    statement
}

fn unique_constraint(
    editor: &Editor<'_>,
    state: &State,
    model: &Model,
    unique: &Unique,
) -> Attempt<Statement> {
    let view = editor.view(state);
    let table = view.table(model)?;
    let columns = editor.columns_of(state, model, &unique.fields)?;
    if !is_made_by_index(unique) {
        return Ok(unique_with(
            &table,
            columns,
            Some(&unique.name),
            unique.deferrable,
            unique.nulls_distinct,
        ));
    }
    let writer = Writer::new(view, model);
    let include = editor.columns_of(state, model, &unique.include)?;
    let part = if unique.expressions.is_empty() {
        let opclass = |position: usize| unique.opclasses.get(position).map_or("", |name| name).to_owned();
        let column = |(position, name): (usize, &String)| IndexColumn {
            name: name.clone(),
            opclass: opclass(position),
            suffix: String::new(),
        };
        Part::Columns { table: table.clone(), columns: columns.iter().enumerate().map(column).collect() }
    } else {
        Part::Expressions { table: table.clone(), pieces: writer.index_expressions(&unique.expressions)? }
    };
    let mut parts = vec![
        Part::Text("CREATE UNIQUE INDEX ".to_owned()),
        Part::Name(Name::Given(unique.name.to_string())),
        Part::Text(" ON ".to_owned()),
        Part::Table(table.clone()),
        Part::Text(" (".to_owned()),
        part,
        Part::Text(")".to_owned()),
    ];
    push_include(&mut parts, &table, &include);
    let condition = unique.condition.as_ref().map(|condition| writer.condition(condition)).transpose()?;
    let condition = condition.map_or_else(String::new, |condition| format!(" WHERE {condition}"));
    parts.push(Part::Text(format!("{}{condition}", nulls(unique.nulls_distinct))));
    let makes = Makes::Index { unique: true, method: String::new(), has_parameters: false, include };
    Ok(Statement { parts, makes: Some(makes) })
}

fn exclusion_text(
    editor: &Editor<'_>,
    state: &State,
    model: &Model,
    exclusion: &Exclusion,
) -> Attempt<String> {
    let writer = Writer::new(editor.view(state), model);
    let mut pieces: Vec<Piece> = Vec::new();
    for (position, (expression, operator)) in exclusion.expressions.iter().enumerate() {
        if position > 0 {
            pieces.push(Piece::Text(", ".to_owned()));
        }
        pieces.extend(writer.excluded(expression, exclusion.opclasses.get(position).map(AsRef::as_ref))?);
        pieces.push(Piece::Text(format!(" WITH {operator}")));
    }
    let include = editor.columns_of(state, model, &exclusion.include)?;
    let include: Vec<String> = include.iter().map(|column| quoted(column)).collect();
    let include =
        if include.is_empty() { String::new() } else { format!(" INCLUDE ({})", include.join(", ")) };
    let condition = exclusion.condition.as_ref().map(|condition| writer.condition(condition)).transpose()?;
    let condition = condition.map_or_else(String::new, |condition| format!(" WHERE ({condition})"));
    Ok(format!(
        "CONSTRAINT {} EXCLUDE USING {} ({}){include}{condition}{}",
        quoted(&exclusion.name),
        exclusion.index_type,
        pieces_text(&pieces),
        deferrable_sql(exclusion.deferrable)
    ))
}

impl Editor<'_> {
    /// `RemoveConstraint`.
    pub fn remove_constraint(&mut self, table: &str, constraint: &Constraint) {
        match constraint {
            Constraint::Unique(unique) => {
                if !is_supported(self.environment, unique) {
                    return;
                }
                if is_made_by_index(unique) {
                    self.book.drop_name(table, &unique.name);
                    self.send(format!("DROP INDEX IF EXISTS {}", quoted(&unique.name)));
                } else {
                    self.drop_constraint(table, &unique.name);
                }
            }
            Constraint::Check { .. } | Constraint::Exclusion(_) => {
                self.drop_constraint(table, constraint.name());
            }
        }
    }
}
