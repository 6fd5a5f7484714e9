//! What is made: as expected or as it was found, and what is settled by that.

use trueup_model::difference::Change;
use trueup_model::path::{ObjectKind, ObjectPath};

use super::{Causes, Draft};

impl Draft<'_> {
    /// What is made as expected has no differences left, whichever were chosen.
    pub fn settle_by_creation(&mut self, wanted: &Causes) {
        self.choose_definitions();
        let made = |draft: &Self, path: &ObjectPath| -> Option<ObjectPath> {
            let is_new =
                |path: &ObjectPath| draft.creations.get(path).is_some_and(|creation| !creation.as_found);
            let relation = draft.relation_of(path);
            if is_new(path) {
                Some(path.clone())
            } else {
                relation.filter(|relation| path.kind == ObjectKind::Column && is_new(relation))
            }
        };
        for (number, difference) in self.request.differences.iter().enumerate() {
            match &difference.change {
                Change::Different(_) => {}
                // What belongs to a relation that is made anew comes with it, whatever it was called.
                Change::Renamed { .. } if self.comes_anew(&difference.path) => {}
                Change::Renamed { .. } | Change::Misplaced { .. } | Change::Missing | Change::Unexpected => {
                    continue;
                }
            }
            let renamed = matches!(difference.change, Change::Renamed { .. });
            let comes_again =
                || Some(difference.path.clone()).filter(|path| renamed && self.creations.contains_key(path));
            let Some(by) = made(self, &difference.path).or_else(comes_again) else { continue };
            // What could not be changed comes with the creation. Where that is what cannot be, it stays refused.
            if self.creations.get(&by).is_some_and(|creation| !creation.causes.contains(&number)) {
                self.refused.remove(&number);
            }
            self.silent.remove(&number);
            if let Some(creation) = self.creations.get_mut(&by) {
                creation.settles.insert(number);
                if wanted.contains(&number) {
                    creation.causes.insert(number);
                }
            }
        }
        let gone: Vec<ObjectPath> =
            self.changes.keys().filter(|path| made(self, path).is_some()).cloned().collect();
        for path in gone {
            self.changes.remove(&path);
        }
    }

    /// What is put up again becomes as expected where all that it then needs is there.
    fn choose_definitions(&mut self) {
        let paths: Vec<ObjectPath> = self.creations.keys().cloned().collect();
        for path in paths {
            let itself = self.creations.get(&path).is_some_and(|creation| creation.for_itself);
            if itself || !self.removals.contains_key(&path) {
                continue;
            }
            let expected = self.sides.expected.contains(&path);
            let complete = || {
                self.needed_to_create(&path).all(|needed| {
                    self.sides.found.contains(needed)
                        || self.is_created(needed)
                        || !self.sides.expected.contains(needed)
                })
            };
            let as_found = !expected || !complete();
            if let Some(creation) = self.creations.get_mut(&path) {
                creation.as_found = as_found;
            }
        }
    }
}
