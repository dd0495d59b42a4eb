//! The state of the disk: the changes that were made, which of them are durable, and the planned fault.

use std::collections::BTreeMap;
use std::ffi::CStr;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::vfs;

/// The size of a sector, which reaches the disk completely or not at all.
const SECTOR: usize = 512;

/// A fault of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The call fails without any effect. Changes that a failed sync should have made durable stay unsafe for
    /// ever, as on Linux since 4.13: every open handle of the file reports the failure once, at its next sync, and
    /// handles that are opened later never do.
    Fails,
    /// Half of a write is done, and it fails.
    Short,
    /// The call fails because the disk is full.
    Full,
    /// The power fails first: this and every later call fails.
    PowerCut,
}

/// The effect of a power cut on unsynced changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// All of them are lost.
    Everything,
    /// Each is kept or lost independently, whatever their order; the last may be torn. The value is the seed.
    AtRandom(u64),
}

/// A disk, mounted as its own VFS. Clones are the same disk.
#[derive(Clone)]
pub struct Disk {
    name: Arc<str>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
pub(crate) struct State {
    calls: u64,
    fault: Option<(u64, Fault)>,
    struck: bool,
    dead: bool,
    /// Whether every write fails for lack of space; syncs still succeed.
    full: bool,
    /// The duration of every sync.
    pub(crate) sync_delay: Duration,
    /// Whether no changes are remembered for a power cut.
    forgetful: bool,
    unsafe_writes: BTreeMap<PathBuf, Vec<Unsafe>>,
    /// The number of failed syncs of each file. A handle compares it with the number that it has reported.
    failed_syncs: BTreeMap<PathBuf, u64>,
}

/// A change of a file that a power cut may undo.
struct Unsafe {
    change: Change,
    /// The overwritten bytes, as far as the file reached.
    before: Vec<u8>,
    /// The former length of the file.
    length: u64,
    fate: Fate,
}

/// The effect of a power cut on a change.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// No sync followed: it may be lost.
    Open,
    /// A sync of it failed: it may be lost, whatever is synced later.
    Doomed,
    /// A sync made it durable. It is remembered because an earlier change is not.
    Safe,
}

enum Change {
    Write { at: u64, bytes: Vec<u8> },
    Truncate { to: u64 },
}

/// The action of the VFS on a call.
pub(crate) enum Verdict {
    /// Does it.
    Pass,
    /// Does half of it, then fails.
    Half,
    /// Fails.
    Fail,
    /// Fails because the disk is full.
    Full,
}

impl Disk {
    /// Mounts a disk under its own name. It stays mounted until the process ends.
    ///
    /// # Panics
    /// If SQLite does not accept the VFS.
    #[must_use]
    pub fn mount(name: &str) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        vfs::register(name, state.clone());
        Self {
            name: name.into(),
            state,
        }
    }

    /// The name of the VFS, to open databases with.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of writes, truncations and syncs so far.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.state().calls
    }

    /// Makes the `nth` call from now (the next is 1) fail.
    pub fn fail(&self, nth: u64, fault: Fault) {
        let mut state = self.state();
        state.fault = Some((state.calls + nth, fault));
        state.struck = false;
    }

    /// Returns whether the planned fault has happened.
    #[must_use]
    pub fn was_struck(&self) -> bool {
        self.state().struck
    }

    /// Fills the disk: every write fails until there is [room](Self::make_room) again.
    pub fn fill(&self) {
        self.state().full = true;
    }

    /// Makes room again.
    pub fn make_room(&self) {
        self.state().full = false;
    }

    /// Makes every sync take at least this long from now on.
    pub fn slow_down(&self, delay: Duration) {
        self.state().sync_delay = delay;
    }

    /// Stops remembering writes, so that a long run needs no memory or file descriptors for them. A power cut can no
    /// longer be simulated.
    pub fn forget_writes(&self) {
        self.state().forgetful = true;
    }

    /// Cuts the power now.
    pub fn cut_power(&self) {
        self.state().dead = true;
    }

    /// Restores the power: changes that were not durable are lost according to `loss`, and calls work again. All
    /// handles of the files must be closed. Returns the number of lost changes.
    ///
    /// # Errors
    /// If the files cannot be written.
    pub fn restore_power(&self, loss: Loss) -> io::Result<usize> {
        let mut state = self.state();
        let mut lost = 0;
        for (path, changes) in std::mem::take(&mut state.unsafe_writes) {
            if path.exists() {
                lost += settle(&path, &changes, loss)?;
            }
        }
        state.dead = false;
        state.fault = None;
        Ok(lost)
    }

    /// Kills the process but not the machine: every later call fails, and what was written stays.
    pub fn kill(&self) {
        self.state().dead = true;
    }

    /// Lets another process take over: calls work again, and unsafe changes are still there and stay unsafe.
    pub fn forget_fault(&self) {
        let mut state = self.state();
        state.dead = false;
        state.fault = None;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

pub(crate) fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// Counts a call and returns what to do with it.
    pub(crate) fn next(&mut self) -> Verdict {
        self.calls += 1;
        if self.dead {
            return Verdict::Fail;
        }
        let Some((_, fault)) = self.fault.filter(|(at, _)| *at == self.calls) else {
            return Verdict::Pass;
        };
        self.struck = true;
        match fault {
            Fault::Fails => Verdict::Fail,
            Fault::Short => Verdict::Half,
            Fault::Full => Verdict::Full,
            Fault::PowerCut => {
                self.dead = true;
                Verdict::Fail
            }
        }
    }

    /// Does the same as [`Self::next`] for a write, which needs room.
    pub(crate) fn next_write(&mut self) -> Verdict {
        match self.next() {
            Verdict::Pass if self.full => Verdict::Full,
            verdict => verdict,
        }
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.dead
    }

    /// Remembers a write that is about to happen.
    pub(crate) fn writing(&mut self, path: &Path, at: u64, bytes: &[u8]) -> io::Result<()> {
        if self.forgetful {
            return Ok(());
        }
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut before = vec![0; bytes.len()];
        let read = read_up_to(&file, &mut before, at)?;
        before.truncate(read);
        let change = Change::Write {
            at,
            bytes: bytes.to_vec(),
        };
        self.remember(path, change, before, length);
        Ok(())
    }

    /// Remembers a truncation that is about to happen.
    pub(crate) fn truncating(&mut self, path: &Path, to: u64) -> io::Result<()> {
        if self.forgetful {
            return Ok(());
        }
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let cut = usize::try_from(length.saturating_sub(to)).unwrap_or(0);
        let mut before = vec![0; cut];
        let read = read_up_to(&file, &mut before, to)?;
        before.truncate(read);
        self.remember(path, Change::Truncate { to }, before, length);
        Ok(())
    }

    fn remember(&mut self, path: &Path, change: Change, before: Vec<u8>, length: u64) {
        let changes = self.unsafe_writes.entry(path.to_owned()).or_default();
        changes.push(Unsafe {
            change,
            before,
            length,
            fate: Fate::Open,
        });
    }

    /// Notes that a sync succeeded.
    pub(crate) fn synced(&mut self, path: &Path) {
        let Some(changes) = self.unsafe_writes.get_mut(path) else {
            return;
        };
        if changes.iter().all(|change| change.fate != Fate::Doomed) {
            changes.clear();
        }
        for change in changes
            .iter_mut()
            .filter(|change| change.fate == Fate::Open)
        {
            change.fate = Fate::Safe;
        }
    }

    /// Notes that a sync failed: the changes before it will never be durable.
    pub(crate) fn sync_failed(&mut self, path: &Path) {
        *self.failed_syncs.entry(path.to_owned()).or_default() += 1;
        let changes = self.unsafe_writes.get_mut(path).into_iter().flatten();
        for change in changes.filter(|change| change.fate == Fate::Open) {
            change.fate = Fate::Doomed;
        }
    }

    /// The number of failed syncs of a file so far.
    pub(crate) fn failed_syncs(&self, path: &Path) -> u64 {
        self.failed_syncs.get(path).copied().unwrap_or(0)
    }

    /// Forgets a deleted file.
    pub(crate) fn deleted(&mut self, path: &Path) {
        self.unsafe_writes.remove(path);
    }
}

/// Undoes every change, then repeats those that reached the disk. Returns the number of lost changes.
fn settle(path: &Path, changes: &[Unsafe], loss: Loss) -> io::Result<usize> {
    let file = File::options().read(true).write(true).open(path)?;
    for change in changes.iter().rev() {
        let at = match &change.change {
            Change::Write { at, .. } => *at,
            Change::Truncate { to } => *to,
        };
        file.set_len(change.length)?;
        file.write_all_at(&change.before, at)?;
    }
    let mut dice = match loss {
        Loss::Everything => None,
        Loss::AtRandom(seed) => Some(Dice(seed)),
    };
    let mut lost = 0;
    for (number, change) in changes.iter().enumerate() {
        let is_last = number + 1 == changes.len();
        let kept =
            change.fate == Fate::Safe || dice.as_mut().is_some_and(|dice| dice.below(2) == 0);
        match (kept, &change.change) {
            (true, Change::Write { at, bytes }) => file.write_all_at(bytes, *at)?,
            (true, Change::Truncate { to }) => file.set_len(*to)?,
            (false, Change::Write { at, bytes }) => {
                lost += 1;
                if let Some(dice) = dice.as_mut().filter(|_| is_last) {
                    let sectors = dice.below((bytes.len() / SECTOR) as u64 + 1) as usize;
                    file.write_all_at(&bytes[..sectors * SECTOR], *at)?;
                }
            }
            (false, Change::Truncate { .. }) => lost += 1,
        }
    }
    Ok(lost)
}

fn read_up_to(file: &File, into: &mut [u8], at: u64) -> io::Result<usize> {
    let mut read = 0;
    while read < into.len() {
        match file.read_at(&mut into[read..], at + read as u64)? {
            0 => break,
            some => read += some,
        }
    }
    Ok(read)
}

/// A SplitMix64 generator, which gives the same losses for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// The path in a file name of SQLite.
pub(crate) fn path_of(name: &CStr) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(std::ffi::OsStr::from_bytes(name.to_bytes()))
}
