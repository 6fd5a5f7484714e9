//! Methods of lists, tuples, dictionaries, sets and numbers.

use std::rc::Rc;

use super::super::evaluate::{Evaluated, Outcome, Truth, place_in};
use super::super::source::Spot;
use super::super::value::{Arguments, Content, Dict, Kind, SetCell, Unknown, Value};
use super::super::world::World;
use super::builtin::iterator;

impl World {
    pub(super) fn method_of_list(
        &self,
        receiver: &Value,
        name: &str,
        args: Vec<Value>,
        kwargs: Vec<(Rc<str>, Value)>,
        spot: &Spot,
    ) -> Evaluated {
        let Kind::List(cell) = &receiver.kind else { return self.other_arguments(name, &args, spot) };
        let none = Ok(Value::none(spot));
        let lose = |unknown: Rc<Unknown>| {
            cell.replace(&self.journal, Content::Unknown(unknown));
        };
        let length = || match &*cell.content() {
            Content::Known(items) => items.len(),
            Content::Unknown(_) => 0,
        };
        match (name, &args[..]) {
            ("sort", []) => {
                let arguments = Arguments { args, kwargs };
                let Some([key, reverse]) = super::places(&arguments, ["key", "reverse"]) else {
                    return self.other_arguments(name, &arguments.args, spot);
                };
                let reverse = match reverse.map_or(Ok(Truth::No), |reverse| self.truth(&reverse))? {
                    Truth::Yes => true,
                    Truth::No => false,
                    Truth::Unknown(unknown) => {
                        lose(unknown);
                        return none;
                    }
                };
                match self.sort(cell.known().unwrap_or_default(), key.as_ref(), reverse, spot)? {
                    Ok(items) => drop(cell.replace(&self.journal, Content::Known(items))),
                    Err(unknown) => lose(unknown),
                }
                none
            }
            _ if !kwargs.is_empty() => {
                Err(self.wrong_type(format!("{name}() takes no keyword arguments"), spot))
            }
            ("append", [item]) => {
                self.room_for(length() + 1, spot)?;
                let _ = cell.change(&self.journal, |items| items.push(item.clone()));
                none
            }
            ("extend", [other]) => {
                match self.items_of(other, spot)? {
                    Ok(more) => {
                        self.room_for(length() + more.len(), spot)?;
                        let _ = cell.change(&self.journal, |items| items.extend(more));
                    }
                    Err(unknown) => lose(unknown),
                }
                none
            }
            ("insert", [at, item]) => {
                match at.as_int() {
                    Some(at) => {
                        self.room_for(length() + 1, spot)?;
                        self.spend(length() / 64, || spot.clone())?;
                        let _ = cell.change(&self.journal, |items| {
                            let size = items.len() as i128;
                            let at = if at < 0 { at.saturating_add(size) } else { at }.clamp(0, size);
                            items.insert(usize::try_from(at).unwrap_or_default(), item.clone());
                        });
                    }
                    None => lose(
                        at.why_unknown()
                            .unwrap_or_else(|| self.reason("where this is inserted is not known", spot)),
                    ),
                }
                none
            }
            ("pop", []) => match cell.change(&self.journal, Vec::pop) {
                Ok(Some(item)) => Ok(item),
                Ok(None) => Err(self.raise("IndexError", "pop from empty list", spot)),
                Err(unknown) => Ok(self.still_unknown(&unknown, spot)),
            },
            ("pop", [at]) => match at.as_int() {
                Some(at) => {
                    self.spend(length() / 64, || spot.clone())?;
                    let taken = cell
                        .change(&self.journal, |items| place_in(at, items.len()).map(|at| items.remove(at)));
                    match taken {
                        Ok(Some(item)) => Ok(item),
                        Ok(None) => Err(self.raise("IndexError", "pop index out of range", spot)),
                        Err(unknown) => Ok(self.still_unknown(&unknown, spot)),
                    }
                }
                None => {
                    let unknown =
                        at.why_unknown().unwrap_or_else(|| self.reason("what is taken is not known", spot));
                    lose(unknown.clone());
                    Ok(self.still_unknown(&unknown, spot))
                }
            },
            ("clear", []) => {
                cell.replace(&self.journal, Content::Known(Vec::new()));
                none
            }
            ("copy", []) => Ok(Value::list(cell.known().unwrap_or_default(), spot)),
            ("reverse", []) => {
                let _ = cell.change(&self.journal, |items| items.reverse());
                none
            }
            ("remove", [item]) => match self.position(&cell.known().unwrap_or_default(), item, spot)? {
                Ok(Some(at)) => {
                    let _ = cell.change(&self.journal, |items| items.remove(at));
                    none
                }
                Ok(None) => Err(self.raise("ValueError", "list.remove(x): x not in list", spot)),
                Err(unknown) => {
                    lose(unknown);
                    none
                }
            },
            ("index" | "count", _) => self.method_of_tuple(receiver, name, args, spot),
            _ => {
                lose(self.reason(format!("{name} with these arguments is not followed"), spot));
                self.other_arguments(name, &args, spot)
            }
        }
    }

    /// The first place of an item; the reason where it is not known.
    fn position(&self, items: &[Value], item: &Value, spot: &Spot) -> Outcome<Option<usize>> {
        self.spend(items.len() / 8, || spot.clone())?;
        for (at, known) in items.iter().enumerate() {
            match self.equal(known, item) {
                Some(true) => return Ok(Ok(Some(at))),
                Some(false) => {}
                None => {
                    let unknown = known.why_unknown().or_else(|| item.why_unknown());
                    return Ok(Err(
                        unknown.unwrap_or_else(|| self.reason("whether these are equal is not known", spot))
                    ));
                }
            }
        }
        Ok(Ok(None))
    }

    pub(super) fn method_of_tuple(
        &self,
        receiver: &Value,
        name: &str,
        args: Vec<Value>,
        spot: &Spot,
    ) -> Evaluated {
        let items = match self.items_of(receiver, spot)? {
            Ok(items) => items,
            Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
        };
        match (name, &args[..]) {
            ("index", [item]) => match self.position(&items, item, spot)? {
                Ok(Some(at)) => Ok(Value::int(at as i128, spot)),
                Ok(None) => Err(self.raise("ValueError", "x not in sequence", spot)),
                Err(unknown) => Ok(self.still_unknown(&unknown, spot)),
            },
            ("count", [item]) => {
                let mut count = 0;
                for known in &items {
                    match self.equal(known, item) {
                        Some(equal) => count += i128::from(equal),
                        None => return self.other_arguments(name, &args, spot),
                    }
                }
                Ok(Value::int(count, spot))
            }
            _ => self.other_arguments(name, &args, spot),
        }
    }

    pub(in super::super) fn method_of_dict(
        &self,
        receiver: &Value,
        name: &str,
        args: Vec<Value>,
        kwargs: Vec<(Rc<str>, Value)>,
        spot: &Spot,
    ) -> Evaluated {
        let Kind::Dict(cell) = &receiver.kind else { return self.other_arguments(name, &args, spot) };
        let lose = |unknown: Rc<Unknown>| {
            cell.replace(&self.journal, Content::Unknown(unknown));
        };
        let dict = match cell.known() {
            Ok(dict) => dict,
            Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
        };
        if !kwargs.is_empty() && name != "update" {
            return Err(self.wrong_type(format!("{name}() takes no keyword arguments"), spot));
        }
        match (name, &args[..]) {
            ("get", [key, rest @ ..]) => match self.key(key, spot)? {
                Ok(place) => Ok(dict
                    .get(&place)
                    .map(|found| self.resolve(found))
                    .or_else(|| rest.first().cloned())
                    .unwrap_or_else(|| Value::none(spot))),
                Err(unknown) => Ok(self.still_unknown(&unknown, spot)),
            },
            ("setdefault", [key, rest @ ..]) => match self.key(key, spot)? {
                Ok(place) => match dict.get(&place) {
                    Some(found) => Ok(self.resolve(found)),
                    None => {
                        let value = rest.first().cloned().unwrap_or_else(|| Value::none(spot));
                        let _ =
                            cell.change(&self.journal, |dict| dict.insert(place, key.clone(), value.clone()));
                        Ok(value)
                    }
                },
                Err(unknown) => {
                    lose(unknown.clone());
                    Ok(self.still_unknown(&unknown, spot))
                }
            },
            ("pop", [key, rest @ ..]) => match self.key(key, spot)? {
                Ok(place) => match (cell.change(&self.journal, |dict| dict.remove(&place)), rest.first()) {
                    (Ok(Some(found)), _) => Ok(self.resolve(&found)),
                    (Ok(None), Some(default)) => Ok(default.clone()),
                    (Ok(None), None) => Err(self.raise("KeyError", super::super::shown::shown(key), spot)),
                    (Err(unknown), _) => Ok(self.still_unknown(&unknown, spot)),
                },
                Err(unknown) => {
                    lose(unknown.clone());
                    Ok(self.still_unknown(&unknown, spot))
                }
            },
            ("popitem", []) => {
                let Some((key, value)) = dict.entries().next_back().cloned() else {
                    return Err(self.raise("KeyError", "popitem(): dictionary is empty", spot));
                };
                if let Ok(place) = self.key(&key, spot)? {
                    let _ = cell.change(&self.journal, |dict| dict.remove(&place));
                }
                Ok(Value::tuple(vec![key, value], spot))
            }
            ("items", []) => {
                let items = dict
                    .entries()
                    .map(|(key, value)| Value::tuple(vec![key.clone(), self.resolve(value)], spot));
                Ok(Value::list(items.collect(), spot))
            }
            ("keys", []) => Ok(Value::list(dict.entries().map(|(key, _)| key.clone()).collect(), spot)),
            ("values", []) => Ok(Value::list(dict.values().map(|value| self.resolve(value)).collect(), spot)),
            ("copy", []) => Ok(Value::dict(dict, spot)),
            ("clear", []) => {
                cell.replace(&self.journal, Content::Known(Dict::new()));
                Ok(Value::none(spot))
            }
            ("fromkeys", _) => self.dict_of_keys(&args, spot),
            ("update", [] | [_]) => {
                let mut entries = Vec::new();
                if let Some(other) = args.first() {
                    match self.pairs_of(other, spot)? {
                        Ok(given) => entries = given,
                        Err(unknown) => {
                            lose(unknown);
                            return Ok(Value::none(spot));
                        }
                    }
                }
                self.room_for(dict.len() + entries.len(), spot)?;
                for (shown, value) in entries {
                    match self.key(&shown, spot)? {
                        Ok(key) => {
                            let _ = cell.change(&self.journal, |dict| dict.insert(key, shown, value));
                        }
                        Err(unknown) => lose(unknown),
                    }
                }
                for (name, value) in kwargs {
                    let _ = cell.change(&self.journal, |dict| dict.insert_str(&name, value));
                }
                Ok(Value::none(spot))
            }
            _ => {
                lose(self.reason(format!("{name} with these arguments is not followed"), spot));
                self.other_arguments(name, &args, spot)
            }
        }
    }

    /// Keys and values of what a dictionary can be made of.
    fn pairs_of(&self, value: &Value, spot: &Spot) -> Outcome<Vec<(Value, Value)>> {
        if let Kind::Dict(_) = &value.kind {
            return Ok(self
                .entries_of(value, spot)?
                .map(|entries| entries.into_iter().map(|(_, key, value)| (key, value)).collect()));
        }
        let items = match self.items_of(value, spot)? {
            Ok(items) => items,
            Err(unknown) => return Ok(Err(unknown)),
        };
        let mut pairs = Vec::with_capacity(items.len());
        for item in items {
            match self.items_of(&item, spot)? {
                Ok(pair) => match <[Value; 2]>::try_from(pair) {
                    Ok([key, value]) => pairs.push((key, value)),
                    Err(_) => return Err(self.raise("ValueError", "a dictionary is made of pairs", spot)),
                },
                Err(unknown) => return Ok(Err(unknown)),
            }
        }
        Ok(Ok(pairs))
    }

    pub(super) fn method_of_set(
        &self,
        receiver: &Value,
        name: &str,
        args: Vec<Value>,
        spot: &Spot,
    ) -> Evaluated {
        let Kind::Set(cell) = &receiver.kind else { return self.other_arguments(name, &args, spot) };
        let own = match cell.known() {
            Ok(own) => own,
            Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
        };
        let lose = |unknown: Rc<Unknown>| {
            cell.replace(&self.journal, Content::Unknown(unknown));
        };
        let made = |items: Dict| Value::new(Kind::Set(SetCell::new(items, cell.frozen)), spot);
        match (name, &args[..]) {
            ("copy", []) => return Ok(made(own)),
            ("clear", []) => {
                cell.replace(&self.journal, Content::Known(Dict::new()));
                return Ok(Value::none(spot));
            }
            ("add" | "discard" | "remove", [item]) => {
                match self.key(item, spot)? {
                    Ok(key) if name == "add" => {
                        if !own.contains(&key) {
                            self.room_for(own.len() + 1, spot)?;
                            let _ = cell
                                .change(&self.journal, |items| items.insert(key, item.clone(), item.clone()));
                        }
                    }
                    Ok(key) => {
                        if name == "remove" && !own.contains(&key) {
                            return Err(self.raise("KeyError", super::super::shown::shown(item), spot));
                        }
                        let _ = cell.change(&self.journal, |items| items.remove(&key));
                    }
                    Err(unknown) => lose(unknown),
                }
                return Ok(Value::none(spot));
            }
            _ => {}
        }
        let mut others = Vec::new();
        for other in &args {
            let set = match self.members_of(other, spot)? {
                Ok(items) => self.set_of(items, false, spot)?,
                Err(unknown) => self.still_unknown(&unknown, spot),
            };
            match &set.kind {
                Kind::Set(other) => others.push(other.known().unwrap_or_default()),
                _ => {
                    let unknown =
                        set.why_unknown().unwrap_or_else(|| self.reason("a set that is not known", spot));
                    if name.ends_with("update") {
                        lose(unknown.clone());
                        return Ok(Value::none(spot));
                    }
                    return Ok(self.still_unknown(&unknown, spot));
                }
            }
        }
        let kept = |test: &dyn Fn(&super::super::value::Key) -> bool| {
            let mut kept = Dict::new();
            for (item, _) in own.entries() {
                if let Ok(key) = super::super::value::Key::of(item)
                    && test(&key)
                {
                    kept.insert(key, item.clone(), item.clone());
                }
            }
            kept
        };
        let union = || {
            let mut all = own.clone();
            for (item, _) in others.iter().flat_map(Dict::entries) {
                if let Ok(key) = super::super::value::Key::of(item)
                    && !all.contains(&key)
                {
                    all.insert(key, item.clone(), item.clone());
                }
            }
            all
        };
        let in_all = |key: &super::super::value::Key| others.iter().all(|other| other.contains(key));
        let in_none = |key: &super::super::value::Key| !others.iter().any(|other| other.contains(key));
        let one = |test: &dyn Fn(&Dict) -> bool| match &others[..] {
            [other] => Ok(Value::bool(test(other), spot)),
            _ => self.other_arguments(name, &args, spot),
        };
        match name {
            "union" => Ok(made(union())),
            "intersection" => Ok(made(kept(&in_all))),
            "difference" => Ok(made(kept(&in_none))),
            "update" => {
                cell.replace(&self.journal, Content::Known(union()));
                Ok(Value::none(spot))
            }
            "intersection_update" => {
                cell.replace(&self.journal, Content::Known(kept(&in_all)));
                Ok(Value::none(spot))
            }
            "difference_update" => {
                cell.replace(&self.journal, Content::Known(kept(&in_none)));
                Ok(Value::none(spot))
            }
            "issubset" => one(&|other| own.keys().all(|key| other.contains(key))),
            "issuperset" => one(&|other| other.keys().all(|key| own.contains(key))),
            "isdisjoint" => one(&|other| !own.keys().any(|key| other.contains(key))),
            "symmetric_difference" => match &args[..] {
                [other] if matches!(other.kind, Kind::Set(_)) => {
                    self.operate(super::super::syntax::Operator::Xor, receiver.clone(), other.clone(), spot)
                }
                _ => self.other_arguments(name, &args, spot),
            },
            _ => {
                lose(self.reason(format!("{name} with these arguments is not followed"), spot));
                self.other_arguments(name, &args, spot)
            }
        }
    }

    pub(super) fn method_of_number(
        &self,
        receiver: &Value,
        name: &str,
        args: Vec<Value>,
        spot: &Spot,
    ) -> Evaluated {
        match (name, &receiver.kind, receiver.as_int(), &args[..]) {
            ("is_integer", Kind::Float(number), _, []) => {
                Ok(Value::bool(number.is_finite() && number.fract() == 0.0, spot))
            }
            ("bit_length", _, Some(number), []) => {
                Ok(Value::int(i128::from(128 - number.unsigned_abs().leading_zeros()), spot))
            }
            _ => self.other_arguments(name, &args, spot),
        }
    }

    /// Something that is gone through once.
    pub(super) fn once(&self, items: Vec<Value>, spot: &Spot) -> Value {
        iterator(items, spot)
    }
}
