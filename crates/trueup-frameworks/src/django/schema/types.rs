//! The types of columns.

use super::super::read::{Column, Field, by_internal};
use super::state::{Attempt, Key, Stop, View};

/// What Django asks a field for the database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    /// `None`: there is no column.
    pub kind: Option<String>,
    pub check: Option<String>,
    pub collation: Option<String>,
}

impl View<'_> {
    pub fn parameters(&self, owner: &Key, column: &str, field: &Field) -> Attempt<Parameters> {
        let version = self.environment.version;
        let mut parameters = Parameters {
            kind: self.db_type(owner, field)?,
            check: field.check.as_deref().map(str::to_owned).or_else(|| check(field, column)),
            collation: None,
        };
        match &field.column {
            Column::Relation(relation) => {
                parameters.check = None;
                if version.at_least(4, 1) {
                    let target = self.target(owner, relation)?;
                    parameters.collation =
                        self.parameters(&target.model, &target.column, &target.field)?.collation;
                }
            }
            Column::Generated { expression: _, output, stored: _ } => {
                return self.parameters(owner, column, output);
            }
            Column::Array { .. } => {
                if version.at_least(4, 2) {
                    parameters.collation = field.collation.as_deref().map(str::to_owned);
                }
            }
            Column::Internal
            | Column::Fixed(_)
            | Column::Geometry(_)
            | Column::ManyToMany(_)
            | Column::Composite(_)
            | Column::Nothing => parameters.collation = field.collation.as_deref().map(str::to_owned),
        }
        Ok(parameters)
    }

    pub fn db_type(&self, owner: &Key, field: &Field) -> Attempt<Option<String>> {
        Ok(match &field.column {
            Column::Internal => self.internal_type(field)?,
            Column::Fixed(name) => Some(name.to_string()),
            Column::Array { base, size } => {
                let base = self.db_type(owner, base)?.unwrap_or_else(|| "None".to_owned());
                let size = size.map_or_else(String::new, |size| size.to_string());
                Some(format!("{base}[{size}]"))
            }
            Column::Geometry(geometry) if geometry.raster => Some("raster".to_owned()),
            Column::Geometry(geometry) => {
                let third = if geometry.dimensions == 3 { "Z" } else { "" };
                let family = if geometry.geography { "geography" } else { "geometry" };
                Some(format!("{family}({}{third},{})", geometry.kind, geometry.srid))
            }
            Column::Relation(relation) => {
                let target = self.target(owner, relation)?;
                self.rel_db_type(&target.model, &target.field)?
            }
            Column::Generated { expression: _, output, stored: _ } => self.db_type(owner, output)?,
            Column::ManyToMany(_) | Column::Composite(_) | Column::Nothing => None,
        })
    }

    /// The type of a column that refers to this one.
    pub fn rel_db_type(&self, owner: &Key, field: &Field) -> Attempt<Option<String>> {
        Ok(match &*field.internal {
            "AutoField" => Some("integer".to_owned()),
            "BigAutoField" => Some("bigint".to_owned()),
            "SmallAutoField" => Some("smallint".to_owned()),
            _ => self.db_type(owner, field)?,
        })
    }

    fn internal_type(&self, field: &Field) -> Attempt<Option<String>> {
        let version = self.environment.version;
        let serial = version.before(4, 1);
        let number =
            |number: Option<i128>| number.map_or_else(|| "None".to_owned(), |number| number.to_string());
        Ok(Some(
            match &*field.internal {
                "AutoField" if serial => "serial",
                "BigAutoField" if serial => "bigserial",
                "SmallAutoField" if serial => "smallserial",
                "AutoField" | "IntegerField" | "PositiveIntegerField" => "integer",
                "BigAutoField" | "BigIntegerField" | "PositiveBigIntegerField" => "bigint",
                "SmallAutoField" | "SmallIntegerField" | "PositiveSmallIntegerField" => "smallint",
                "BinaryField" => "bytea",
                "BooleanField" | "NullBooleanField" => "boolean",
                "CharField" if field.max_length.is_none() && version.at_least(4, 2) => "varchar",
                "CharField" | "FileField" | "FilePathField" | "SlugField" => {
                    if field.max_length.is_none() {
                        return Err(Stop::at("a text field without max_length", &field.place));
                    }
                    return Ok(Some(format!("varchar({})", number(field.max_length))));
                }
                // Fields that compare without case are plain ones since Django has them no longer.
                "CICharField" if version.at_least(5, 1) => {
                    return Ok(Some(format!("varchar({})", number(field.max_length))));
                }
                "CITextField" if version.at_least(5, 1) => "text",
                "CICharField" | "CITextField" | "CIEmailField" => "citext",
                "DateField" => "date",
                "DateTimeField" => "timestamp with time zone",
                "DecimalField" => {
                    let (digits, places) = (number(field.max_digits), number(field.decimal_places));
                    return Ok(Some(format!("numeric({digits}, {places})")));
                }
                "DurationField" => "interval",
                "FloatField" => "double precision",
                "IPAddressField" | "GenericIPAddressField" => "inet",
                "JSONField" => "jsonb",
                "TextField" => "text",
                "TimeField" => "time",
                "UUIDField" => "uuid",
                // Django knows no type for it, and makes no column.
                _ => return Ok(by_internal(&field.internal).and(None)),
            }
            .to_owned(),
        ))
    }

    /// What comes behind the type when the column is made.
    pub fn suffix(&self, field: &Field) -> Option<&'static str> {
        let identity = field.is_auto() && self.environment.version.at_least(4, 1);
        identity.then_some("GENERATED BY DEFAULT AS IDENTITY")
    }

    /// What two types are compared by when a column changes: the same text needs no cast.
    pub fn data_type(&self, owner: &Key, field: &Field) -> Attempt<String> {
        if let Column::Relation(_) = &field.column {
            return Ok(self.db_type(owner, field)?.unwrap_or_default());
        }
        Ok(match &*field.internal {
            "CharField" if self.environment.version.at_least(4, 2) => "varchar of any length".to_owned(),
            "CharField" | "FileField" | "FilePathField" | "SlugField" => "varchar(max_length)".to_owned(),
            "DecimalField" => "numeric".to_owned(),
            _ => self.db_type(owner, field)?.unwrap_or_default(),
        })
    }
}

/// The condition that a type of number brings.
pub fn check(field: &Field, column: &str) -> Option<String> {
    let positive = ["PositiveBigIntegerField", "PositiveIntegerField", "PositiveSmallIntegerField"];
    let has = matches!(field.column, Column::Internal) && positive.contains(&&*field.internal);
    has.then(|| format!("\"{column}\" >= 0"))
}
