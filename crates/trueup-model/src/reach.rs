//! What the unread part of a migration may have made or changed.

use std::collections::BTreeSet;

use crate::name::Text;
use crate::path::ObjectPath;

/// How far what could not be read may reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Everything was read.
    #[default]
    Nothing,
    Named(Named),
    /// It asks the catalog what to work on.
    Anything,
}

/// Names that stand in what could not be read, in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Objects that are called exactly so.
    pub whole: BTreeSet<Text>,
    /// Objects whose names go on with an underscore: the tables and sequences that come along with a table.
    pub beginnings: BTreeSet<Text>,
}

impl Reach {
    /// Whether it may have to do with this object, or with the relation that the object belongs to.
    pub fn touches(&self, path: &ObjectPath) -> bool {
        self.names(path.head.as_str()) || path.is_part() && self.names(path.part.as_str())
    }

    /// Whether it may have to do with something of this name.
    pub fn names(&self, name: &str) -> bool {
        match self {
            Reach::Nothing => false,
            Reach::Named(named) => named.names(&name.to_lowercase()),
            Reach::Anything => true,
        }
    }
}

impl Named {
    fn names(&self, name: &str) -> bool {
        let mut starts = name.match_indices('_').map(|(end, _)| &name[..end]);
        self.whole.contains(name)
            || self.beginnings.contains(name)
            || starts.any(|start| self.beginnings.contains(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::QualifiedName;
    use crate::path::ObjectKind;

    #[test]
    fn names_and_what_goes_on_after_them_are_touched() {
        let words = |words: &[&str]| words.iter().map(Text::new).collect();
        let reach = Reach::Named(Named { whole: words(&["note"]), beginnings: words(&["shop_item"]) });
        let table = |name: &str| ObjectPath::in_schema(ObjectKind::Table, &"public".into(), name);
        let index = |table: &str, name: &str| {
            ObjectPath::part_of(ObjectKind::Index, &QualifiedName::new("public", table), name)
        };
        assert!(reach.touches(&table("Note")));
        assert!(reach.touches(&table("shop_item")));
        assert!(reach.touches(&table("shop_item_tags")));
        assert!(reach.touches(&index("other", "note")));
        assert!(reach.touches(&index("shop_item", "other")));
        assert!(!reach.touches(&table("shop_items")));
        assert!(!reach.touches(&table("note_tags")));
        assert!(!reach.touches(&index("other", "noted")));
        assert!(!Reach::Nothing.touches(&table("note")));
        assert!(Reach::Anything.touches(&table("other")));
    }
}
