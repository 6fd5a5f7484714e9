//! Sorting, and the least and the greatest.

use std::cmp::Ordering;
use std::rc::Rc;

use super::super::evaluate::{Evaluated, Ordered, Outcome};
use super::super::source::Spot;
use super::super::value::{Unknown, Value};
use super::super::world::World;

/// Why two values have no order.
enum NoOrder {
    Impossible,
    Unknown(Rc<Unknown>),
}

impl World {
    pub(super) fn sorted(&self, value: &Value, key: Option<&Value>, reverse: bool, spot: &Spot) -> Evaluated {
        let items = match self.members_of(value, spot)? {
            Ok(items) => items,
            Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
        };
        Ok(match self.sort(items, key, reverse, spot)? {
            Ok(items) => Value::list(items, spot),
            Err(unknown) => self.still_unknown(&unknown, spot),
        })
    }

    pub(super) fn sort(
        &self,
        items: Vec<Value>,
        key: Option<&Value>,
        reverse: bool,
        spot: &Spot,
    ) -> Outcome<Vec<Value>> {
        let mut keyed = Vec::with_capacity(items.len());
        for item in items {
            keyed.push((self.sort_key(&item, key, spot)?, item));
        }
        self.spend(keyed.len(), || spot.clone())?;
        match self.merge_sort(keyed, reverse, spot) {
            Ok(sorted) => Ok(Ok(sorted.into_iter().map(|(_, item)| item).collect())),
            Err(NoOrder::Unknown(unknown)) => Ok(Err(unknown)),
            Err(NoOrder::Impossible) => Err(self.raise("TypeError", "'<' not supported between these", spot)),
        }
    }

    fn sort_key(&self, item: &Value, key: Option<&Value>, spot: &Spot) -> Evaluated {
        match key {
            Some(key) if !key.is_none() => self.call_positional(key, vec![item.clone()], spot),
            Some(_) | None => Ok(item.clone()),
        }
    }

    /// Rust's own sort may panic where an order is none; values of somebody else's program can be like that.
    fn merge_sort(
        &self,
        mut items: Vec<(Value, Value)>,
        reverse: bool,
        spot: &Spot,
    ) -> Result<Vec<(Value, Value)>, NoOrder> {
        if items.len() < 2 {
            return Ok(items);
        }
        let right = items.split_off(items.len() / 2);
        let left = self.merge_sort(items, reverse, spot)?;
        let right = self.merge_sort(right, reverse, spot)?;
        let mut merged = Vec::with_capacity(left.len() + right.len());
        let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
        while let (Some((first, _)), Some((second, _))) = (left.peek(), right.peek()) {
            // Equal ones keep their order, in both directions.
            let order = self.ordering(second, first, spot)?;
            let take_right = if reverse { order.is_gt() } else { order.is_lt() };
            merged.extend(if take_right { right.next() } else { left.next() });
        }
        merged.extend(left);
        merged.extend(right);
        Ok(merged)
    }

    fn ordering(&self, left: &Value, right: &Value, spot: &Spot) -> Result<Ordering, NoOrder> {
        match self.order(left, right, 0) {
            Ordered::Known(Some(order)) => Ok(order),
            Ordered::Impossible => Err(NoOrder::Impossible),
            Ordered::Known(None) | Ordered::Unknown => {
                let known = left.why_unknown().or_else(|| right.why_unknown());
                Err(NoOrder::Unknown(
                    known.unwrap_or_else(|| self.reason("the order of these is not known", spot)),
                ))
            }
        }
    }

    /// `min` and `max`: the first of the least, or of the greatest.
    pub(super) fn extreme(
        &self,
        items: &[Value],
        greatest: bool,
        key: Option<&Value>,
        default: Option<&Value>,
        spot: &Spot,
    ) -> Evaluated {
        let mut best: Option<(Value, &Value)> = None;
        for item in items {
            let key = self.sort_key(item, key, spot)?;
            let better = match &best {
                None => true,
                Some((known, _)) => match self.ordering(&key, known, spot) {
                    Ok(order) => {
                        if greatest {
                            order.is_gt()
                        } else {
                            order.is_lt()
                        }
                    }
                    Err(NoOrder::Unknown(unknown)) => return Ok(self.still_unknown(&unknown, spot)),
                    Err(NoOrder::Impossible) => {
                        return Err(self.raise("TypeError", "'<' not supported between these", spot));
                    }
                },
            };
            if better {
                best = Some((key, item));
            }
        }
        match (best, default) {
            (Some((_, item)), _) => Ok(item.clone()),
            (None, Some(default)) => Ok(default.clone()),
            (None, None) => Err(self.raise("ValueError", "the sequence is empty", spot)),
        }
    }
}
