//! Names and texts as a server writes them: identifiers without quotes, expressions as deparsed.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use arcstr::ArcStr;

/// An identifier exactly as the catalogs store it: not quoted, not folded, at most 63 bytes. Cheap to clone.
#[derive(Clone, Debug, Default, Eq)]
pub struct Ident(ArcStr);

// Names of one catalog are mostly the same few, kept once: schemas and tables, in every path. These need no look at
// their characters.
impl PartialEq for Ident {
    fn eq(&self, other: &Self) -> bool {
        ArcStr::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl Hash for Ident {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Ord for Ident {
    fn cmp(&self, other: &Self) -> Ordering {
        if ArcStr::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.cmp(&other.0) }
    }
}

impl PartialOrd for Ident {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ident {
    pub fn new(name: impl AsRef<str>) -> Self {
        Self(ArcStr::from(name.as_ref()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In quotes where SQL would take it for something else without them: what stands next to a dot stays apart.
    pub fn written(&self) -> String {
        let name = self.as_str();
        let is_plain = |c: char| c == '_' || c == '$' || (c.is_alphanumeric() && !c.is_uppercase());
        let starts_plainly = name.starts_with(|c: char| !c.is_numeric() && c != '$');
        match starts_plainly && name.chars().all(is_plain) {
            true => name.to_owned(),
            false => format!("\"{}\"", name.replace('"', "\"\"")),
        }
    }
}

impl fmt::Display for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Ident {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<&String> for Ident {
    fn from(name: &String) -> Self {
        Self::new(name)
    }
}

impl From<String> for Ident {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

impl From<&Ident> for Ident {
    fn from(name: &Ident) -> Self {
        name.clone()
    }
}

/// The same characters, kept once.
impl From<Text> for Ident {
    fn from(text: Text) -> Self {
        Self(text.0)
    }
}

/// A text that a server made: a type, an expression, a definition. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(ArcStr);

impl Text {
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(ArcStr::from(text.as_ref()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// A name in a schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QualifiedName {
    pub schema: Ident,
    pub name: Ident,
}

impl QualifiedName {
    pub fn new(schema: impl AsRef<str>, name: impl AsRef<str>) -> Self {
        Self { schema: Ident::new(schema), name: Ident::new(name) }
    }
}

impl fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

/// Who owns, may, or is addressed. Which named role stands for "whoever migrates" differs from one
/// environment to the next; a [`crate::Catalog`] says which one it is in its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Public,
    Named(Ident),
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Role::Public => f.write_str("public"),
            Role::Named(name) => name.fmt(f),
        }
    }
}
