//! What the disk was asked to do, what of it is safe, and what happens next.

use std::collections::BTreeMap;
use std::ffi::CStr;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::vfs;

/// A sector reaches the disk whole or not at all.
const SECTOR: usize = 512;

/// What happens to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It fails, and nothing of it is done. A failed sync leaves what it should have made safe unsafe for
    /// ever, as Linux does since 4.13: whoever had the file open then is told once, at their next sync, and
    /// whoever opens it later never.
    Fails,
    /// Half of a write is done, and it fails.
    Short,
    /// It fails for want of space.
    Full,
    /// The power goes before it is done: this and every later call fails.
    PowerCut,
}

/// What a power cut does to writes that no sync made safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// All of them are lost.
    Everything,
    /// Each is kept or lost by itself, in whatever order it was written; the last may be torn.
    AtRandom(u64),
}

/// A disk, mounted as a VFS of its own. Clones are the same disk.
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
    /// Every write finds no room; syncs go on.
    full: bool,
    /// Every sync takes so long.
    pub(crate) sync_delay: Duration,
    /// Nothing is remembered for a power cut.
    forgetful: bool,
    unsafe_writes: BTreeMap<PathBuf, Vec<Unsafe>>,
    /// How many syncs of a file failed: what one who has it open compares with what they were told of.
    failed_syncs: BTreeMap<PathBuf, u64>,
}

/// One change of a file that no sync made safe.
struct Unsafe {
    change: Change,
    /// What the place held before, as far as the file went.
    before: Vec<u8>,
    /// How long the file was before.
    length: u64,
    fate: Fate,
}

/// What a power cut does to a change.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// No sync was asked for since: it may be lost.
    Open,
    /// A sync failed over it: it may be lost, whatever is synced later.
    Doomed,
    /// A sync made it safe; kept in mind because something below it is not.
    Safe,
}

enum Change {
    Write { at: u64, bytes: Vec<u8> },
    Truncate { to: u64 },
}

/// What the VFS does with one call.
pub(crate) enum Verdict {
    /// Do it.
    Pass,
    /// Do the half of it, then fail.
    Half,
    /// Fail.
    Fail,
    /// Fail for want of space.
    Full,
}

impl Disk {
    /// Mounts a disk under a name of its own. It stays mounted for as long as the process lives.
    ///
    /// # Panics
    /// If SQLite does not take the VFS.
    #[must_use]
    pub fn mount(name: &str) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        vfs::register(name, state.clone());
        Self {
            name: name.into(),
            state,
        }
    }

    /// What to open databases with.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Writes, truncations and syncs so far.
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

    /// Whether the fault has happened.
    #[must_use]
    pub fn was_struck(&self) -> bool {
        self.state().struck
    }

    /// From now on no write finds room, until there is [room](Self::make_room) again.
    pub fn fill(&self) {
        self.state().full = true;
    }

    /// There is room again.
    pub fn make_room(&self) {
        self.state().full = false;
    }

    /// From now on every sync takes at least so long.
    pub fn slow_down(&self, delay: Duration) {
        self.state().sync_delay = delay;
    }

    /// Remembers no write from now on: a long run needs no memory and no descriptors for them, and no power cut
    /// can be tried any more.
    pub fn forget_writes(&self) {
        self.state().forgetful = true;
    }

    /// The power goes now.
    pub fn cut_power(&self) {
        self.state().dead = true;
    }

    /// The power comes back: what was not safe is lost as `loss` says, and calls work again. Everything
    /// that had the files open must be closed. Answers how many changes were lost.
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

    /// The process is killed, the machine goes on: every later call of it fails, and what it wrote stays.
    pub fn kill(&self) {
        self.state().dead = true;
    }

    /// Another process takes over: what is not safe is still there, and stays unsafe.
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
    /// Counts a call and says what becomes of it.
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

    /// [`Self::next`] for a write, which needs room.
    pub(crate) fn next_write(&mut self) -> Verdict {
        match self.next() {
            Verdict::Pass if self.full => Verdict::Full,
            verdict => verdict,
        }
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.dead
    }

    /// Remembers a write that is about to be done.
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

    /// Remembers a truncation that is about to be done.
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

    /// A sync succeeded.
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

    /// A sync failed: nothing that it was for will ever be made safe.
    pub(crate) fn sync_failed(&mut self, path: &Path) {
        *self.failed_syncs.entry(path.to_owned()).or_default() += 1;
        let changes = self.unsafe_writes.get_mut(path).into_iter().flatten();
        for change in changes.filter(|change| change.fate == Fate::Open) {
            change.fate = Fate::Doomed;
        }
    }

    /// How many syncs of the file failed so far.
    pub(crate) fn failed_syncs(&self, path: &Path) -> u64 {
        self.failed_syncs.get(path).copied().unwrap_or(0)
    }

    /// The file is gone.
    pub(crate) fn deleted(&mut self, path: &Path) {
        self.unsafe_writes.remove(path);
    }
}

/// Takes back every change, then does again those that reached the disk.
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

/// SplitMix64: the same losses for the same seed.
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

/// The path in a name that SQLite hands out.
pub(crate) fn path_of(name: &CStr) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(std::ffi::OsStr::from_bytes(name.to_bytes()))
}
