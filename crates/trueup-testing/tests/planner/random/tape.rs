//! Numbers that decide what is made: proptest shortens the tape and lowers its numbers, and what it makes gets simpler.

pub struct Tape<'a> {
    numbers: &'a [u16],
    at: usize,
}

impl<'a> Tape<'a> {
    pub fn new(numbers: &'a [u16]) -> Self {
        Self { numbers, at: 0 }
    }

    /// Below `end`; 0 behind the end of the tape.
    pub fn below(&mut self, end: usize) -> usize {
        let number = self.numbers.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(number) % end.max(1)
    }

    pub fn one_in(&mut self, number: usize) -> bool {
        self.below(number) + 1 == number
    }

    pub fn of<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        assert!(!list.is_empty(), "there is nothing to choose from");
        &list[self.below(list.len())]
    }

    pub fn maybe_of<'l, T>(&mut self, list: &'l [T]) -> Option<&'l T> {
        let at = self.below(list.len());
        list.get(at)
    }
}
