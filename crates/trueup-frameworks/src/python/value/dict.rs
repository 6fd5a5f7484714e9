//! A dictionary: entries in the order in which their keys came.

use std::collections::HashMap;

use super::{Key, Value};

#[derive(Clone, Default)]
pub struct Dict {
    entries: Vec<Option<(Value, Value)>>,
    places: HashMap<Key, usize>,
}

impl Dict {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub fn contains(&self, key: &Key) -> bool {
        self.places.contains_key(key)
    }

    pub fn get(&self, key: &Key) -> Option<&Value> {
        let place = self.places.get(key)?;
        self.entries[*place].as_ref().map(|(_, value)| value)
    }

    /// The key that came first stays, as in Python.
    pub fn insert(&mut self, key: Key, shown: Value, value: Value) {
        match self.places.get(&key) {
            Some(place) => {
                if let Some(entry) = &mut self.entries[*place] {
                    entry.1 = value;
                }
            }
            None => {
                self.places.insert(key, self.entries.len());
                self.entries.push(Some((shown, value)));
            }
        }
    }

    pub fn insert_str(&mut self, key: &str, value: Value) {
        let shown = Value::str(key, &value.spot);
        self.insert(Key::Str(key.into()), shown, value);
    }

    pub fn remove(&mut self, key: &Key) -> Option<Value> {
        let place = self.places.remove(key)?;
        let removed = self.entries[place].take().map(|(_, value)| value);
        // Holes are closed when they are the greater part.
        if self.entries.len() > 16 && self.places.len() * 2 < self.entries.len() {
            self.close_holes();
        }
        removed
    }

    fn close_holes(&mut self) {
        let mut moved = vec![0; self.entries.len()];
        let mut next = 0;
        for (index, entry) in self.entries.iter().enumerate() {
            moved[index] = next;
            next += usize::from(entry.is_some());
        }
        self.entries.retain(Option::is_some);
        for place in self.places.values_mut() {
            *place = moved[*place];
        }
    }

    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &(Value, Value)> {
        self.entries.iter().flatten()
    }

    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.places.keys()
    }

    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Value> {
        self.entries().map(|(_, value)| value)
    }

    pub(super) fn into_values(self) -> impl Iterator<Item = Value> {
        self.entries.into_iter().flatten().flat_map(|(key, value)| [key, value])
    }
}
