//! SQL that stands in migrations.

use std::rc::Rc;

use trueup_sql::classify::{Effect, classify};
use trueup_sql::split::{SplitMode, split as split_text};

use super::super::read::{Literal, Options, Parameters, Sql, TABLE_MARK};
use super::editor::Editor;
use super::expression::Writer;
use super::names::split;
use super::state::{Attempt, Model, State, Stop};
use super::statement::pieces_text;

pub fn run(editor: &mut Editor<'_>, state: &State, texts: &[Sql]) -> Attempt<()> {
    for sql in texts {
        let text = match &sql.parameters {
            None => sql.text.to_string(),
            Some(parameters) => filled(editor, state, &sql.text, parameters)?,
        };
        let text = with_tables(editor, state, &text)?;
        let file: std::sync::Arc<str> = sql.place.file.clone();
        let parts = split_text(&file, &text, SplitMode::PLAIN);
        if let Some(fault) = parts.faults.first() {
            return Err(Stop::at(
                format!("SQL that ends in the middle of something: {}", fault.message),
                &sql.place,
            ));
        }
        for statement in parts.statements() {
            doubt(editor, &statement.text);
            editor.send(statement.text.to_string());
        }
    }
    Ok(())
}

/// The text with the tables of the models that are named in it.
fn with_tables(editor: &Editor<'_>, state: &State, text: &str) -> Attempt<String> {
    let mut filled = String::new();
    for (index, part) in text.split(TABLE_MARK).enumerate() {
        if index % 2 == 0 {
            filled.push_str(part);
            continue;
        }
        let (app, model) = part.split_once('.').ok_or_else(|| Stop::new("a model without an app"))?;
        filled.push_str(&editor.view(state).table(state.model(app, model)?)?);
    }
    Ok(filled)
}

/// What the statement may have changed behind our back.
fn doubt(editor: &mut Editor<'_>, text: &str) {
    match classify(text).effect {
        Effect::Unknown => editor.book.doubt_all(),
        Effect::Schema => {
            let text = text.to_lowercase();
            let named: Vec<String> = editor
                .book
                .tables()
                .filter(|table| text.contains(&split(table).1.to_lowercase()))
                .cloned()
                .collect();
            let touches_index = text.contains("index");
            for table in named {
                editor.book.doubt(&table);
            }
            if touches_index {
                // `DROP INDEX` and `ALTER INDEX` name no table.
                editor.book.doubt_named(&text);
            }
        }
        Effect::Data | Effect::Session | Effect::Transaction | Effect::Query => {}
    }
}

fn filled(editor: &Editor<'_>, state: &State, text: &str, parameters: &Parameters) -> Attempt<String> {
    let nobody = Model {
        app: "".into(),
        name: "".into(),
        fields: Vec::new(),
        bases: Vec::new(),
        options: Options::default(),
        through: false,
    };
    let writer = Writer::new(editor.view(state), &nobody);
    match parameters {
        Parameters::InOrder(values) => writer.filled(text, values),
        Parameters::ByName(values) => by_name(&writer, text, values),
    }
}

fn by_name(writer: &Writer<'_>, text: &str, values: &[(Rc<str>, Literal)]) -> Attempt<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        filled.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if let Some(after) = after.strip_prefix('%') {
            filled.push('%');
            rest = after;
            continue;
        }
        let (name, after) = after
            .strip_prefix('(')
            .and_then(|after| after.split_once(")s"))
            .ok_or_else(|| Stop::new("a % that stands for nothing"))?;
        let found = values.iter().find(|(known, _)| **known == *name);
        let (_, literal) = found.ok_or_else(|| Stop::new(format!("the parameter {name} is missing")))?;
        filled.push_str(&pieces_text(&writer.plain_value(literal)?));
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}
