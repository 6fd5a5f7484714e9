//! `match`.

use std::rc::Rc;

use super::super::syntax::{Case, Expression, Pattern, PatternKind};
use super::super::value::{Dict, Key, Kind, Unknown, Value};
use super::super::world::World;
use super::statement::Ran;
use super::{Frame, Stop, Truth};

enum Matches {
    Yes,
    No,
    Unknown(Rc<Unknown>),
}

impl World {
    pub(super) fn run_match(&self, frame: &Frame, subject: &Expression, cases: &[Case]) -> Ran {
        let value = self.expression(frame, subject)?;
        self.run_cases(frame, &value, cases)
    }

    fn run_cases(&self, frame: &Frame, value: &Value, cases: &[Case]) -> Ran {
        let Some((case, others)) = cases.split_first() else { return Ok(super::statement::Flow::Next) };
        let spot = frame.spot(case.pattern.span);
        let mut matches = self.matches(frame, &case.pattern, value)?;
        if let (Matches::Yes, Some(guard)) = (&matches, &case.guard) {
            let guard = self.expression(frame, guard)?;
            matches = match self.truth(&guard)? {
                Truth::Yes => Matches::Yes,
                Truth::No => Matches::No,
                Truth::Unknown(unknown) => Matches::Unknown(unknown),
            };
        }
        match matches {
            Matches::Yes => self.block(frame, &case.body),
            Matches::No => self.run_cases(frame, value, others),
            Matches::Unknown(unknown) => self.either(
                &unknown,
                &spot,
                || {
                    self.capture_unknown(frame, &case.pattern, &unknown);
                    self.block(frame, &case.body)
                },
                || self.run_cases(frame, value, others),
            ),
        }
    }

    /// Everything that the pattern would bind is unknown.
    fn capture_unknown(&self, frame: &Frame, pattern: &Pattern, unknown: &Rc<Unknown>) {
        let spot = frame.spot(pattern.span);
        let bind = |name: &Option<Rc<str>>| {
            if let Some(name) = name {
                self.bind(frame, name, Value::still_unknown(unknown, &spot));
            }
        };
        match &pattern.kind {
            PatternKind::Value(_) | PatternKind::Singleton(_) | PatternKind::Class => {}
            PatternKind::Sequence(patterns) | PatternKind::Or(patterns) => {
                patterns.iter().for_each(|pattern| self.capture_unknown(frame, pattern, unknown));
            }
            PatternKind::Star(name) => bind(name),
            PatternKind::Mapping { entries, rest } => {
                entries.iter().for_each(|(_, pattern)| self.capture_unknown(frame, pattern, unknown));
                bind(rest);
            }
            PatternKind::As { pattern, name } => {
                pattern.iter().for_each(|pattern| self.capture_unknown(frame, pattern, unknown));
                bind(name);
            }
        }
    }

    fn matches(&self, frame: &Frame, pattern: &Pattern, value: &Value) -> Result<Matches, Stop> {
        let spot = frame.spot(pattern.span);
        self.step(|| spot.clone())?;
        let unknown =
            || value.why_unknown().unwrap_or_else(|| self.reason("whether this matches is not known", &spot));
        Ok(match &pattern.kind {
            PatternKind::Value(expression) => {
                let wanted = self.expression(frame, expression)?;
                match self.equal(value, &wanted) {
                    Some(true) => Matches::Yes,
                    Some(false) => Matches::No,
                    None => Matches::Unknown(unknown()),
                }
            }
            PatternKind::Singleton(wanted) => match (&value.kind, wanted) {
                (Kind::Unknown(unknown), _) => Matches::Unknown(unknown.clone()),
                (Kind::None, None) => Matches::Yes,
                (Kind::Bool(value), Some(wanted)) if value == wanted => Matches::Yes,
                (Kind::Name(_) | Kind::Attribute(_), _) => Matches::Unknown(unknown()),
                _ => Matches::No,
            },
            PatternKind::Class => Matches::Unknown(self.reason("matching on a class is not followed", &spot)),
            PatternKind::Star(name) => {
                if let Some(name) = name {
                    self.bind(frame, name, value.clone());
                }
                Matches::Yes
            }
            PatternKind::As { pattern, name } => {
                if let Some(pattern) = pattern {
                    match self.matches(frame, pattern, value)? {
                        Matches::Yes => {}
                        other => return Ok(other),
                    }
                }
                if let Some(name) = name {
                    self.bind(frame, name, value.clone());
                }
                Matches::Yes
            }
            PatternKind::Or(patterns) => {
                for pattern in patterns {
                    match self.matches(frame, pattern, value)? {
                        Matches::No => {}
                        other => return Ok(other),
                    }
                }
                Matches::No
            }
            PatternKind::Sequence(patterns) => {
                let items = match &value.kind {
                    Kind::List(_) | Kind::Tuple(_) | Kind::Range { .. } => {
                        match self.items_of(value, &spot)? {
                            Ok(items) => items,
                            Err(unknown) => return Ok(Matches::Unknown(unknown)),
                        }
                    }
                    kind if super::compare::is_symbol(kind) => return Ok(Matches::Unknown(unknown())),
                    _ => return Ok(Matches::No),
                };
                let star = patterns.iter().position(|pattern| matches!(pattern.kind, PatternKind::Star(_)));
                let needed = patterns.len() - usize::from(star.is_some());
                if items.len() < needed || (star.is_none() && items.len() != needed) {
                    return Ok(Matches::No);
                }
                let middle = items.len() - needed;
                let mut next = 0;
                for (index, pattern) in patterns.iter().enumerate() {
                    let given = if Some(index) == star {
                        next += middle;
                        Value::list(items[next - middle..next].to_vec(), &spot)
                    } else {
                        next += 1;
                        items[next - 1].clone()
                    };
                    match self.matches(frame, pattern, &given)? {
                        Matches::Yes => {}
                        other => return Ok(other),
                    }
                }
                Matches::Yes
            }
            PatternKind::Mapping { entries, rest } => {
                let dict = match &value.kind {
                    Kind::Dict(cell) => match cell.known() {
                        Ok(dict) => dict,
                        Err(unknown) => return Ok(Matches::Unknown(unknown)),
                    },
                    kind if super::compare::is_symbol(kind) => return Ok(Matches::Unknown(unknown())),
                    _ => return Ok(Matches::No),
                };
                let mut left: Dict = dict.clone();
                for (key, pattern) in entries {
                    let key = self.expression(frame, key)?;
                    let Ok(key) = Key::of(&key) else { return Ok(Matches::Unknown(unknown())) };
                    let Some(found) = dict.get(&key) else { return Ok(Matches::No) };
                    match self.matches(frame, pattern, found)? {
                        Matches::Yes => {}
                        other => return Ok(other),
                    }
                    left.remove(&key);
                }
                if let Some(rest) = rest {
                    self.bind(frame, rest, Value::dict(left, &spot));
                }
                Matches::Yes
            }
        })
    }
}
