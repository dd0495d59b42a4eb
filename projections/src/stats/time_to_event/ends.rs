//! The ways in which the time of an item ends.

/// The way in which the time of an item ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// By the awaited event: an answer, a return.
    Awaited,
    /// By a competing event, after which the awaited one cannot come: closed without an answer, a return to another make.
    Competing,
    /// Not, as far as observed: still open, or excluded.
    Censored,
}

/// The number of items by the way they ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Ended by the event.
    pub awaited: u64,
    /// Ended by the competing event.
    pub competing: u64,
    /// Not ended, as far as observed.
    pub censored: u64,
}

impl Counts {
    /// All items.
    #[must_use]
    pub fn n(self) -> u64 {
        self.awaited + self.competing + self.censored
    }

    pub(super) fn add(&mut self, end: End, items: u64) {
        match end {
            End::Awaited => self.awaited += items,
            End::Competing => self.competing += items,
            End::Censored => self.censored += items,
        }
    }
}
