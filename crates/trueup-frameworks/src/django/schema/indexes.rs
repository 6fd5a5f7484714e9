//! Indexes: of single fields, of several, with expressions and conditions.

use std::rc::Rc;

use super::super::read::{Column, Geometry, Index};
use super::editor::Editor;
use super::expression::Writer;
use super::names::{digest, index_name, quoted, split, unquoted};
use super::state::{Attempt, Local, Model, State, Stop, View};
use super::statement::{IndexColumn, Makes, Name, Part, Statement};

/// The name that Django gives to an index of `Meta` that has none.
pub fn automatic_index_name(view: &View<'_>, model: &Model, index: &Index) -> Attempt<Rc<str>> {
    let table = view.table(model)?;
    let (_, table) = split(&table);
    let mut columns = Vec::new();
    for (field, is_turned) in &index.fields {
        let column = view.local(model, field)?.column;
        columns.push((column.clone(), if *is_turned { format!("-{column}") } else { column }));
    }
    let Some((first, _)) = columns.first() else {
        return Err(Stop::new("an index without fields needs a name"));
    };
    let suffix = index.method.as_deref().unwrap_or("idx");
    let hashed: Vec<&str> = std::iter::once(table)
        .chain(columns.iter().map(|(_, turned)| turned.as_str()))
        .chain([suffix])
        .collect();
    let cut = |text: &str, length: usize| text.chars().take(length).collect::<String>();
    let name = format!("{}_{}_{}_{suffix}", cut(table, 11), cut(first, 7), digest(&hashed, 6));
    // Oracle takes no other beginning.
    let mut characters = name.chars();
    Ok(match characters.next() {
        Some(begin) if begin == '_' || begin.is_numeric() => format!("D{}", characters.as_str()).into(),
        Some(_) | None => name.into(),
    })
}

/// Everything that is not the columns.
pub struct Shape<'a> {
    pub name: Name,
    pub method: Option<&'a str>,
    pub include: Vec<String>,
    /// `WITH (…)` and the tablespace.
    pub extra: String,
    pub has_parameters: bool,
    pub condition: Option<String>,
    pub concurrently: bool,
}

/// The statement for an index.
pub fn create_index(table: &str, columns: Part, shape: Shape<'_>) -> Statement {
    let how = if shape.concurrently { "CREATE INDEX CONCURRENTLY " } else { "CREATE INDEX " };
    let mut parts = vec![
        Part::Text(how.to_owned()),
        Part::Name(shape.name),
        Part::Text(" ON ".to_owned()),
        Part::Table(table.to_owned()),
    ];
    let using = shape.method.map_or_else(String::new, |method| format!(" USING {method}"));
    parts.push(Part::Text(format!("{using} (")));
    parts.push(columns);
    parts.push(Part::Text(")".to_owned()));
    push_include(&mut parts, table, &shape.include);
    let condition = shape.condition.map_or_else(String::new, |condition| format!(" WHERE {condition}"));
    parts.push(Part::Text(format!("{}{condition}", shape.extra)));
    let makes = Makes::Index {
        unique: false,
        method: shape.method.unwrap_or_default().to_owned(),
        has_parameters: shape.has_parameters,
        include: shape.include,
    };
    Statement { parts, makes: Some(makes) }
}

pub fn push_include(parts: &mut Vec<Part>, table: &str, include: &[String]) {
    if include.is_empty() {
        return;
    }
    let columns = include.iter().map(|column| IndexColumn::plain(column)).collect();
    parts.push(Part::Text(" INCLUDE (".to_owned()));
    parts.push(Part::Columns { table: table.to_owned(), columns });
    parts.push(Part::Text(")".to_owned()));
}

/// ` TABLESPACE …` behind an index; `fields` are those of an index over fields.
fn tablespace(editor: &Editor<'_>, model: &Model, field: Option<&Local>, given: Option<&str>) -> String {
    let of_field = field.and_then(|local| local.field.tablespace.clone());
    // A field's own falls back to the setting, too.
    let of_field =
        of_field.or_else(|| field.and_then(|_| editor.environment.default_index_tablespace.clone()));
    let of_setting = editor.environment.default_index_tablespace.clone();
    let of_model = model.options.tablespace.clone().or_else(|| editor.environment.default_tablespace.clone());
    let found = given.map(Rc::from).or(of_field).or(of_setting).or(of_model);
    found.map_or_else(String::new, |name: Rc<str>| format!(" TABLESPACE {}", quoted(&name)))
}

/// An index over columns without anything else; `field` where it is only one.
pub fn plain_index(
    editor: &Editor<'_>,
    model: &Model,
    table: &str,
    columns: &[String],
    suffix: &str,
    field: Option<&Local>,
) -> Statement {
    if let Some((local, geometry)) = field.and_then(|local| Some((local, editor.geometry(local)?))) {
        return spatial_index(editor, model, table, (local, geometry), None);
    }
    let parts = columns.iter().map(|column| IndexColumn::plain(column)).collect();
    let name =
        Name::OfColumns { table: table.to_owned(), columns: columns.to_vec(), suffix: suffix.to_owned() };
    let extra = tablespace(editor, model, field, None);
    let shape = Shape {
        name,
        method: None,
        include: Vec::new(),
        extra,
        has_parameters: false,
        condition: None,
        concurrently: false,
    };
    create_index(table, Part::Columns { table: table.to_owned(), columns: parts }, shape)
}

/// An entry of `index_together`.
pub fn index_over(
    editor: &Editor<'_>,
    state: &State,
    model: &Rc<Model>,
    table: &str,
    fields: &[Rc<str>],
) -> Attempt<Statement> {
    let columns = editor.columns_of(state, model, fields)?;
    let single = match fields {
        [field] => Some(editor.view(state).local(model, field)?),
        _ => None,
    };
    Ok(plain_index(editor, model, table, &columns, "_idx", single.as_ref()))
}

/// What `db_index` and `unique` make besides the constraint.
pub fn field_indexes(
    editor: &Editor<'_>,
    state: &State,
    model: &Model,
    local: &Local,
) -> Attempt<Vec<Statement>> {
    let table = editor.view(state).table(model)?;
    let mut statements = Vec::new();
    let is_spatial = editor.geometry(local).is_some_and(|geometry| geometry.spatial_index);
    if is_spatial || local.field.db_index && !local.field.is_unique() {
        let columns = std::slice::from_ref(&local.column);
        statements.push(plain_index(editor, model, &table, columns, "", Some(local)));
    }
    statements.extend(like_index(editor, state, model, local)?);
    Ok(statements)
}

/// The second index of texts, for comparisons by pattern.
pub fn like_index(
    editor: &Editor<'_>,
    state: &State,
    model: &Model,
    local: &Local,
) -> Attempt<Option<Statement>> {
    let field = &local.field;
    if !(field.db_index || field.is_unique()) {
        return Ok(None);
    }
    let view = editor.view(state);
    let Some(kind) = view.db_type(&local.model, field)? else { return Ok(None) };
    if kind.contains('[') {
        return Ok(None);
    }
    let version = editor.environment.version;
    let mut collation = field.collation.clone();
    if let (None, Some(relation), true) = (&collation, field.relation(), version.at_least(5, 0)) {
        collation = view.target(&local.model, relation)?.field.collation.clone();
    }
    if let (Some(collation), true) = (collation, version.at_least(4, 2))
        && !editor.is_deterministic(&collation)
    {
        return Ok(None);
    }
    let opclass = if kind.starts_with("varchar") {
        "varchar_pattern_ops"
    } else if kind.starts_with("text") {
        "text_pattern_ops"
    } else {
        return Ok(None);
    };
    let table = view.table(model)?;
    let mut statement =
        plain_index(editor, model, &table, std::slice::from_ref(&local.column), "_like", Some(local));
    for part in &mut statement.parts {
        if let Part::Columns { table: _, columns } = part {
            for column in columns {
                opclass.clone_into(&mut column.opclass);
            }
        }
    }
    Ok(Some(statement))
}

impl Editor<'_> {
    /// What lies on a map, where the database is one for maps.
    pub fn geometry<'l>(&self, local: &'l Local) -> Option<&'l Geometry> {
        match &local.field.column {
            Column::Geometry(geometry) if self.environment.spatial => Some(geometry),
            _ => None,
        }
    }
}

/// The index of one geometry. Of an index that was asked for, Django takes the name and the parameters, and nothing else.
pub fn spatial_index(
    editor: &Editor<'_>,
    model: &Model,
    table: &str,
    (local, geometry): (&Local, &Geometry),
    asked: Option<&Index>,
) -> Statement {
    let old = editor.environment.version.before(4, 0);
    let name = match asked {
        Some(index) => index.name.to_string(),
        None if old => format!("{table}_{}_id", local.column),
        None => spatial_index_name(table, &local.column),
    };
    let columns = if geometry.raster {
        let pieces = vec![
            super::statement::Piece::Text("ST_ConvexHull(".to_owned()),
            super::statement::Piece::Column(local.column.clone()),
            super::statement::Piece::Text(")".to_owned()),
        ];
        Part::Expressions { table: table.to_owned(), pieces }
    } else {
        let mut column = IndexColumn::plain(&local.column);
        if geometry.dimensions > 2 && !geometry.geography {
            "GIST_GEOMETRY_OPS_ND".clone_into(&mut column.opclass);
        }
        Part::Columns { table: table.to_owned(), columns: vec![column] }
    };
    let field = if geometry.raster { None } else { Some(local) };
    let mut extra = asked.map(with_parameters).unwrap_or_default();
    if !old {
        extra.push_str(&tablespace(editor, model, field, None));
    }
    let shape = Shape {
        name: Name::Given(name),
        method: Some("GIST"),
        include: Vec::new(),
        extra,
        has_parameters: asked.is_some_and(|index| !index.parameters.is_empty()),
        condition: None,
        concurrently: false,
    };
    create_index(table, columns, shape)
}

pub fn spatial_index_name(table: &str, column: &str) -> String {
    index_name(unquoted(table), &[column.to_owned()], "_id")
}

/// ` WITH (…)`
fn with_parameters(index: &Index) -> String {
    if index.parameters.is_empty() {
        return String::new();
    }
    let parameters: Vec<String> =
        index.parameters.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    format!(" WITH ({})", parameters.join(", "))
}

/// `Meta.indexes` and `AddIndex`.
pub fn index_statement(
    editor: &Editor<'_>,
    state: &State,
    model: &Rc<Model>,
    index: &Index,
    concurrently: bool,
) -> Attempt<Statement> {
    let view = editor.view(state);
    let table = view.table(model)?;
    if let ([(name, _)], []) = (&index.fields[..], &index.expressions[..]) {
        let local = view.local(model, name)?;
        if let Some(geometry) = editor.geometry(&local) {
            return Ok(spatial_index(editor, model, &table, (&local, geometry), Some(index)));
        }
    }
    let writer = Writer::new(view, model);
    let include = editor.columns_of(state, model, &index.include)?;
    let condition = index.condition.as_ref().map(|condition| writer.condition(condition)).transpose()?;
    let mut single = None;
    let columns = if index.expressions.is_empty() {
        let mut columns = Vec::new();
        for (position, (name, descending)) in index.fields.iter().enumerate() {
            let local = view.local(model, name)?;
            let mut column = IndexColumn::plain(&local.column);
            if let Some(opclass) = index.opclasses.get(position) {
                opclass.as_ref().clone_into(&mut column.opclass);
            }
            if *descending {
                "DESC".clone_into(&mut column.suffix);
            }
            columns.push(column);
            single = (index.fields.len() == 1).then_some(local);
        }
        Part::Columns { table: table.clone(), columns }
    } else {
        Part::Expressions { table: table.clone(), pieces: writer.index_expressions(&index.expressions)? }
    };
    let mut extra = with_parameters(index);
    extra.push_str(&tablespace(editor, model, single.as_ref(), index.tablespace.as_deref()));
    let shape = Shape {
        name: Name::Given(index.name.to_string()),
        method: index.method.as_deref(),
        include,
        extra,
        has_parameters: !index.parameters.is_empty(),
        condition,
        concurrently,
    };
    Ok(create_index(&table, columns, shape))
}
