//! Which statements of a script become one migration, and which part of the way back belongs to it.
//!
//! A statement that may not run in a transaction stands alone: when it fails, what was done before it is recorded, and
//! the tool goes on with it. That also suits tools that send a file as a whole, where only a single statement is
//! outside of a transaction.

use std::ops::Range;

use trueup_model::repair::{Script, ScriptPart};

pub(crate) struct Division {
    pub up: Range<usize>,
    pub down: WayBack,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WayBack {
    Parts(Vec<ScriptPart>),
    Elsewhere,
    None(String),
}

const UNFIT: &str = "its statements outside of a transaction do not fit the migrations of this repair";

pub(crate) fn divide(script: &Script) -> Vec<Division> {
    let down = match &script.down {
        Ok(down) => down,
        Err(reason) => return without_way_back(&script.up, reason),
    };
    if down.len() == script.up.len() {
        return mirrored(&script.up, down);
    }
    let ups = chunks(&script.up);
    let downs = chunks(down);
    if downs.len() > ups.len() {
        return without_way_back(&script.up, UNFIT);
    }
    // The last migration is taken back first. Nothing says which statement belongs to which migration, so that all of
    // it goes to the migrations that are taken back last.
    let spare = ups.len() - downs.len();
    let count = ups.len();
    // To some tools a migration is inside of a transaction in both directions or in none.
    let fits = |(up, back): (&Range<usize>, &Range<usize>)| {
        script.up[up.start].transactional == down[back.start].transactional
            || (up.len() == 1 && back.len() == 1)
    };
    if !ups[..downs.len()].iter().zip(downs.iter().rev()).all(fits) {
        return without_way_back(&script.up, UNFIT);
    }
    ups.into_iter()
        .enumerate()
        .map(|(at, up)| {
            let back = count - 1 - at;
            let way = match back.checked_sub(spare).map(|chunk| &downs[chunk]) {
                Some(chunk) => WayBack::Parts(down[chunk.clone()].to_vec()),
                None => WayBack::Elsewhere,
            };
            Division { up, down: way }
        })
        .collect()
}

fn without_way_back(up: &[ScriptPart], reason: &str) -> Vec<Division> {
    chunks(up).into_iter().map(|up| Division { up, down: WayBack::None(reason.to_owned()) }).collect()
}

/// As many statements back as there are up: each takes back its own, in the opposite order.
fn mirrored(up: &[ScriptPart], down: &[ScriptPart]) -> Vec<Division> {
    let count = up.len();
    let alone = |at: usize| !up[at].transactional || !down[count - 1 - at].transactional;
    runs(count, alone)
        .into_iter()
        .map(|range| {
            let back = down[count - range.end..count - range.start].to_vec();
            Division { up: range, down: WayBack::Parts(back) }
        })
        .collect()
}

fn chunks(parts: &[ScriptPart]) -> Vec<Range<usize>> {
    runs(parts.len(), |at| !parts[at].transactional)
}

/// Positions in runs, some of which stand alone.
fn runs(count: usize, alone: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for at in 0..count {
        match runs.last_mut() {
            Some(run) if !alone(at) && !alone(run.start) => run.end = at + 1,
            Some(_) | None => runs.push(at..at + 1),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(word: &str) -> ScriptPart {
        ScriptPart::new("", word, word.starts_with('t'))
    }

    /// `t1 t2 n3 / …`: up and down; the result is `up: down | …` per migration.
    #[track_caller]
    fn check(up: &str, down: &str, expected: &str) {
        let parts = |words: &str| words.split_whitespace().map(part).collect::<Vec<_>>();
        let down = if down == "none" { Err("why".to_owned()) } else { Ok(parts(down)) };
        let script = Script { title: String::new(), head: Vec::new(), up: parts(up), down };
        let shown: Vec<String> = divide(&script)
            .into_iter()
            .map(|division| {
                let words = |parts: &[ScriptPart]| {
                    parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(" ")
                };
                let back = match division.down {
                    WayBack::Parts(parts) => words(&parts),
                    WayBack::Elsewhere => "elsewhere".to_owned(),
                    WayBack::None(_) => "none".to_owned(),
                };
                format!("{}: {back}", words(&script.up[division.up]))
            })
            .collect();
        assert_eq!(shown.join(" | "), expected);
    }

    #[test]
    fn statements_outside_of_a_transaction_stand_alone() {
        check("t1 t2", "t2' t1'", "t1 t2: t2' t1'");
        check("t1 n2 n3 t4", "none", "t1: none | n2: none | n3: none | t4: none");
    }

    #[test]
    fn each_migration_takes_back_its_own_statements() {
        check("t1 t2 n3 t4", "t4' n3' t2' t1'", "t1 t2: t2' t1' | n3: n3' | t4: t4'");
        check("t1 t2 t3", "t3' n2' t1'", "t1: t1' | t2: n2' | t3: t3'");
        check("n1", "t1'", "n1: t1'");
    }

    #[test]
    fn where_the_counts_differ_the_first_migration_takes_back_everything() {
        check("t1 t2", "t'", "t1 t2: t'");
        check("t1 n2 t3", "t' t''", "t1: t' t'' | n2: elsewhere | t3: elsewhere");
        check("t1 n2 t3", "n' t'", "t1: t' | n2: n' | t3: elsewhere");
        check("t1 t2 t3", "n' t'", "t1 t2 t3: none");
        check("t1 t2 n3", "n'", "t1 t2: none | n3: none");
        check("t1 t2", "", "t1 t2: elsewhere");
    }
}
