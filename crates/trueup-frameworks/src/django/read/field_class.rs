//! Django's own field classes: what they are called, what their arguments mean, and what they make of them.

/// A field class of Django.
#[derive(Clone, Copy, Debug)]
pub struct FieldClass {
    pub name: &'static str,
    /// What `get_internal_type` says.
    pub internal: &'static str,
    pub family: Family,
    pub max_length: Option<i128>,
    pub empty_strings_allowed: bool,
}

/// What a field class makes of its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// The type is the one of the internal type.
    Plain,
    /// `models.Field` itself: the internal type is the name of the class.
    Abstract,
    Char,
    Text,
    DateTime,
    Decimal,
    File,
    Image,
    FilePath,
    Address,
    Json,
    Url,
    Binary,
    NullBoolean,
    Fixed(&'static str),
    /// `citext`, as long as Django has it (until 5.0).
    CaseInsensitive,
    Array,
    Geometry(&'static str),
    Raster,
    ForeignKey,
    OneToOne,
    ManyToMany,
    Generated,
    Composite,
    Nothing,
}

const FIELD: &[&str] = &[
    "verbose_name",
    "name",
    "primary_key",
    "max_length",
    "unique",
    "blank",
    "null",
    "db_index",
    "rel",
    "default",
    "editable",
    "serialize",
    "unique_for_date",
    "unique_for_month",
    "unique_for_year",
    "choices",
    "help_text",
    "db_column",
    "db_tablespace",
    "auto_created",
    "validators",
    "error_messages",
    "db_comment",
    "db_default",
];

impl Family {
    /// What its positional arguments are called.
    pub fn positional(self) -> &'static [&'static str] {
        match self {
            Self::Plain
            | Self::Abstract
            | Self::Char
            | Self::Text
            | Self::Binary
            | Self::NullBoolean
            | Self::Fixed(_)
            | Self::CaseInsensitive
            | Self::Nothing => FIELD,
            Self::DateTime => &["verbose_name", "name", "auto_now", "auto_now_add"],
            Self::Decimal => &["verbose_name", "name", "max_digits", "decimal_places"],
            Self::File => &["verbose_name", "name", "upload_to", "storage"],
            Self::Image => &["verbose_name", "name", "width_field", "height_field"],
            Self::FilePath => {
                &["verbose_name", "name", "path", "match", "recursive", "allow_files", "allow_folders"]
            }
            Self::Address => &["verbose_name", "name", "protocol", "unpack_ipv4"],
            Self::Json => &["verbose_name", "name", "encoder", "decoder"],
            Self::Url => &["verbose_name", "name"],
            Self::Array => &["base_field", "size"],
            Self::Geometry(_) => &["verbose_name", "dim", "geography"],
            Self::Raster => &["verbose_name", "srid", "spatial_index"],
            Self::ForeignKey => &[
                "to",
                "on_delete",
                "related_name",
                "related_query_name",
                "limit_choices_to",
                "parent_link",
                "to_field",
                "db_constraint",
            ],
            Self::OneToOne => &["to", "on_delete", "to_field"],
            Self::ManyToMany => &[
                "to",
                "related_name",
                "related_query_name",
                "limit_choices_to",
                "symmetrical",
                "through",
                "through_fields",
                "db_constraint",
                "db_table",
                "swappable",
            ],
            Self::Generated | Self::Composite => &[],
        }
    }
}

const fn class(name: &'static str, internal: &'static str, family: Family) -> FieldClass {
    FieldClass { name, internal, family, max_length: None, empty_strings_allowed: false }
}

const fn text(
    name: &'static str,
    internal: &'static str,
    family: Family,
    max_length: Option<i128>,
) -> FieldClass {
    FieldClass { name, internal, family, max_length, empty_strings_allowed: true }
}

/// All of them, by the name of the class.
pub const FIELD_CLASSES: &[FieldClass] = &[
    text("Field", "Field", Family::Abstract, None),
    class("AutoField", "AutoField", Family::Plain),
    class("BigAutoField", "BigAutoField", Family::Plain),
    class("SmallAutoField", "SmallAutoField", Family::Plain),
    text("BinaryField", "BinaryField", Family::Binary, None),
    class("BooleanField", "BooleanField", Family::Plain),
    class("NullBooleanField", "BooleanField", Family::NullBoolean),
    text("CharField", "CharField", Family::Char, None),
    text("EmailField", "CharField", Family::Char, Some(254)),
    text("URLField", "CharField", Family::Url, Some(200)),
    text("CommaSeparatedIntegerField", "CharField", Family::Char, None),
    text("SlugField", "SlugField", Family::Char, Some(50)),
    text("TextField", "TextField", Family::Text, None),
    class("DateField", "DateField", Family::DateTime),
    class("DateTimeField", "DateTimeField", Family::DateTime),
    class("TimeField", "TimeField", Family::DateTime),
    class("DecimalField", "DecimalField", Family::Decimal),
    class("DurationField", "DurationField", Family::Plain),
    text("FileField", "FileField", Family::File, Some(100)),
    text("ImageField", "FileField", Family::Image, Some(100)),
    text("FilePathField", "FilePathField", Family::FilePath, Some(100)),
    class("FloatField", "FloatField", Family::Plain),
    class("IntegerField", "IntegerField", Family::Plain),
    class("BigIntegerField", "BigIntegerField", Family::Plain),
    class("SmallIntegerField", "SmallIntegerField", Family::Plain),
    class("PositiveBigIntegerField", "PositiveBigIntegerField", Family::Plain),
    class("PositiveIntegerField", "PositiveIntegerField", Family::Plain),
    class("PositiveSmallIntegerField", "PositiveSmallIntegerField", Family::Plain),
    class("OrderWrt", "IntegerField", Family::Plain),
    class("IPAddressField", "IPAddressField", Family::Plain),
    class("GenericIPAddressField", "GenericIPAddressField", Family::Address),
    class("JSONField", "JSONField", Family::Json),
    class("UUIDField", "UUIDField", Family::Plain),
    class("ForeignKey", "ForeignKey", Family::ForeignKey),
    class("OneToOneField", "OneToOneField", Family::OneToOne),
    class("ManyToManyField", "ManyToManyField", Family::ManyToMany),
    text("RelatedField", "RelatedField", Family::Nothing, None),
    text("ForeignObject", "ForeignObject", Family::Nothing, None),
    class("GeneratedField", "GeneratedField", Family::Generated),
    class("CompositePrimaryKey", "CompositePrimaryKey", Family::Composite),
    // django.contrib.contenttypes
    class("GenericForeignKey", "GenericForeignKey", Family::Nothing),
    class("GenericRelation", "GenericRelation", Family::Nothing),
    // django.contrib.postgres
    class("ArrayField", "ArrayField", Family::Array),
    class("HStoreField", "HStoreField", Family::Fixed("hstore")),
    text("CICharField", "CICharField", Family::CaseInsensitive, None),
    text("CIEmailField", "CICharField", Family::CaseInsensitive, Some(254)),
    text("CITextField", "CITextField", Family::CaseInsensitive, None),
    class("IntegerRangeField", "IntegerRangeField", Family::Fixed("int4range")),
    class("BigIntegerRangeField", "BigIntegerRangeField", Family::Fixed("int8range")),
    class("DecimalRangeField", "DecimalRangeField", Family::Fixed("numrange")),
    class("FloatRangeField", "FloatRangeField", Family::Fixed("numrange")),
    class("DateTimeRangeField", "DateTimeRangeField", Family::Fixed("tstzrange")),
    class("DateRangeField", "DateRangeField", Family::Fixed("daterange")),
    text("SearchVectorField", "SearchVectorField", Family::Fixed("tsvector"), None),
    text("SearchQueryField", "SearchQueryField", Family::Fixed("tsquery"), None),
    // django.contrib.gis
    text("GeometryField", "GeometryField", Family::Geometry("GEOMETRY"), None),
    text("PointField", "PointField", Family::Geometry("POINT"), None),
    text("LineStringField", "LineStringField", Family::Geometry("LINESTRING"), None),
    text("PolygonField", "PolygonField", Family::Geometry("POLYGON"), None),
    text("MultiPointField", "MultiPointField", Family::Geometry("MULTIPOINT"), None),
    text("MultiLineStringField", "MultiLineStringField", Family::Geometry("MULTILINESTRING"), None),
    text("MultiPolygonField", "MultiPolygonField", Family::Geometry("MULTIPOLYGON"), None),
    text("GeometryCollectionField", "GeometryCollectionField", Family::Geometry("GEOMETRYCOLLECTION"), None),
    text("RasterField", "RasterField", Family::Raster, None),
];

/// The class that a dotted path of Django's stands for, however it was imported.
pub fn field_class(dotted: &str) -> Option<&'static FieldClass> {
    let (module, name) = dotted.rsplit_once('.')?;
    let known = module == "django.db.models"
        || module.starts_with("django.db.models.fields")
        || module.starts_with("django.contrib.postgres")
        || module.starts_with("django.contrib.gis.db.models")
        || module.starts_with("django.contrib.contenttypes")
        || module.starts_with("django.db.models.proxy")
        || module == "django.db";
    FIELD_CLASSES.iter().find(|class| known && class.name == name)
}

/// What the class would have to be called for the internal type to be this one.
pub fn by_internal(internal: &str) -> Option<&'static FieldClass> {
    FIELD_CLASSES.iter().find(|class| class.name == internal)
}

/// Whether Django derives one of its field classes from another.
pub fn descends(class: &FieldClass, from: &FieldClass) -> bool {
    let mut name = class.name;
    while name != from.name {
        name = match name {
            "EmailField" | "URLField" | "SlugField" | "CommaSeparatedIntegerField" | "CICharField" => {
                "CharField"
            }
            "CIEmailField" => "EmailField",
            "CITextField" => "TextField",
            "DateTimeField" => "DateField",
            "ImageField" => "FileField",
            "NullBooleanField" => "BooleanField",
            "AutoField"
            | "BigIntegerField"
            | "SmallIntegerField"
            | "PositiveIntegerField"
            | "PositiveSmallIntegerField"
            | "OrderWrt" => "IntegerField",
            "BigAutoField" | "PositiveBigIntegerField" => "BigIntegerField",
            "SmallAutoField" => "SmallIntegerField",
            "OneToOneField" => "ForeignKey",
            "ForeignKey" => "ForeignObject",
            "ForeignObject" | "ManyToManyField" => "RelatedField",
            "PointField"
            | "LineStringField"
            | "PolygonField"
            | "MultiPointField"
            | "MultiLineStringField"
            | "MultiPolygonField"
            | "GeometryCollectionField" => "GeometryField",
            "Field" => return false,
            _ => "Field",
        };
    }
    class.name != from.name
}
