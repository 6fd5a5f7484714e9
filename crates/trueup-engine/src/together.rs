//! The same work on many things, by all processors: most of what is done with large catalogs is done with each object by itself.

use std::sync::LazyLock;
use std::thread::{available_parallelism, scope};

/// Fewer are not worth a thread.
const FEW: usize = 64;

/// The system looks into several files to tell.
static PROCESSORS: LazyLock<usize> = LazyLock::new(|| available_parallelism().map_or(1, usize::from));

/// What `work` makes of each item, in their order.
pub(crate) fn for_each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let processors = *PROCESSORS;
    if items.len() < FEW || processors < 2 {
        return items.iter().map(work).collect();
    }
    let work = &work;
    scope(|scope| {
        let parts: Vec<_> = items
            .chunks(items.len().div_ceil(processors))
            .map(|part| scope.spawn(move || part.iter().map(work).collect::<Vec<R>>()))
            .collect();
        let joined = |part: std::thread::ScopedJoinHandle<'_, Vec<R>>| {
            part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        parts.into_iter().flat_map(joined).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::for_each;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        for count in [0, 1, 63, 64, 1_001] {
            let items: Vec<usize> = (0..count).collect();
            let doubled: Vec<usize> = items.iter().map(|item| item * 2).collect();
            assert_eq!(for_each(&items, |item| item * 2), doubled);
        }
    }
}
