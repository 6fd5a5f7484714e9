//! Many cases, from one seed on: what is asked for by the environment, and what came of them.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::{Bench, Outcome, numbers};

/// Where the cases of a run begin of which nothing else is asked: the same ones every time, so that a run that fails
/// fails by what was changed. It was chosen before anybody knew what came of them.
const FIRST_SEED: u64 = 20_000_000;

/// So many wrong plans end the run, unless somebody asks for fewer.
const WRONG_SHOWN: usize = usize::MAX;

/// Of so many cases one may be of a kind that cannot be repaired, or not be shown to be.
const REFUSED_ONE_IN: usize = 60;

/// So often a wrong case is made smaller at most: about as many seconds as there are dozens.
const SHRINKS: u32 = 120;

/// What a run is asked for by the environment.
#[derive(Clone, Copy)]
struct Asked {
    cases: usize,
    seed: u64,
    shrinks: u32,
    wrong_shown: usize,
}

impl Asked {
    fn of_environment(usual: usize) -> Self {
        let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
        let of = |name: &str, usual: usize| number(name).map_or(usual, |number| number as usize);
        Asked {
            cases: of("PROPTEST_CASES", usual),
            seed: first_seed(std::env::var("DAMAGE_SEED").ok().as_deref()),
            shrinks: number("PROPTEST_MAX_SHRINK_ITERS").map_or(SHRINKS, |most| most as u32),
            wrong_shown: of("DAMAGE_WRONG", WRONG_SHOWN),
        }
    }
}

/// A number, or `random` for cases that no other run has had.
fn first_seed(asked: Option<&str>) -> u64 {
    match asked {
        None => FIRST_SEED,
        Some("random") => {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time");
            now.as_secs() * 100_000
        }
        Some(number) => number.parse().expect("DAMAGE_SEED is a number, or `random`"),
    }
}

/// What came of the cases of a run.
#[derive(Default)]
struct Tally {
    /// The seeds of each.
    outcomes: BTreeMap<Outcome, Vec<u64>>,
    wrong: Vec<String>,
}

/// One case, which its seed alone decides: made small, where it is wrong.
fn check_one(bench: &mut Bench, seed: u64, shrinks: u32) -> Result<Outcome, String> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut tree =
        numbers().new_tree(&mut TestRunner::new_with_rng(Config::default(), rng)).expect("numbers");
    let mut error = match bench.check(&tree.current()) {
        Ok(outcome) => return Ok(outcome),
        Err(error) => error,
    };
    let mut smaller = tree.simplify();
    for _ in 0..shrinks {
        if !smaller {
            break;
        }
        smaller = match bench.check(&tree.current()) {
            Ok(_) => tree.complicate(),
            Err(other) => {
                error = other;
                tree.simplify()
            }
        };
    }
    Err(format!("wrong: DAMAGE_SEED={seed} PROPTEST_CASES=1\n{error}"))
}

/// The cases from one seed on, on two connections at once. PROPTEST_CASES says how many, DAMAGE_SEED which,
/// DAMAGE_WRONG how many wrong ones end the run. The seed of a wrong one is printed.
pub fn check_random(major: u32, usual: usize) {
    let asked = Asked::of_environment(usual);
    println!("PostgreSQL {major}: {} cases from DAMAGE_SEED={}", asked.cases, asked.seed);
    let next = AtomicUsize::new(0);
    let tally = Mutex::new(Tally::default());
    let work = |mut bench: Bench| loop {
        let case = next.fetch_add(1, Ordering::Relaxed);
        let enough = tally.lock().expect("a tally").wrong.len() >= asked.wrong_shown;
        if case >= asked.cases || enough {
            return;
        }
        if case > 0 && case.is_multiple_of(500) {
            println!("{case} cases");
        }
        let seed = asked.seed + case as u64;
        let outcome = check_one(&mut bench, seed, asked.shrinks);
        let mut tally = tally.lock().expect("a tally");
        match outcome {
            Ok(outcome) => tally.outcomes.entry(outcome).or_default().push(seed),
            Err(error) => {
                println!("{error}");
                tally.wrong.push(error);
            }
        }
    };
    let benches = [Bench::new(major), Bench::new(major)];
    std::thread::scope(|scope| {
        for bench in benches {
            scope.spawn(|| work(bench));
        }
    });
    let Tally { outcomes, wrong } = tally.into_inner().expect("a tally");
    for (outcome, seeds) in &outcomes {
        let some: Vec<String> = seeds.iter().take(3).map(ToString::to_string).collect();
        println!("{:5} {outcome:?} (such as {})", seeds.len(), some.join(", "));
    }
    assert!(
        wrong.is_empty(),
        "{} of {} are planned wrongly, from DAMAGE_SEED={} (above)",
        wrong.len(),
        asked.cases,
        asked.seed
    );
    let unhelpful = outcomes
        .iter()
        .filter(|(outcome, _)| matches!(outcome, Outcome::Refused(_) | Outcome::NotRehearsed(_)))
        .map(|(_, seeds)| seeds.len())
        .sum::<usize>();
    // Of few cases nothing can be said.
    assert!(
        asked.cases < 500 || unhelpful * REFUSED_ONE_IN <= asked.cases,
        "{unhelpful} of {} are refused or cannot be rehearsed, from DAMAGE_SEED={}",
        asked.cases,
        asked.seed
    );
}
