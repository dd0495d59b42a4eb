//! Touchpoints found by their correlation id.
//!
//! Nearly every touchpoint may have one, and few are ever looked for: a row for each, in the order of hashes, would cost
//! every writer more than the whole timeline. So touchpoints are noted in the order of the log, many to a row, and sorted
//! by hash once so many have come that looking through them would take long.
//!
//! | table | key | value |
//! |---|---|---|
//! | `o` | – | the number of the open epoch |
//! | `b` | number of a block of the open epoch | [entries](Entry) in the order of positions |
//! | `e` | number of a closed epoch, first byte of the hash | [entries](Entry) in the order of hashes |
//!
//! A block is [`BLOCK`] positions, an epoch [`EPOCH`]. An epoch is closed when the first touchpoint of a later one comes.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::name_hash::NameHash;
use crate::Position;
use crate::fold::FoldError;
use crate::fold::key::{KeyReader, KeyWriter};
use crate::fold::state::{ScanOrder, StateError, StateMap, StateRead, try_scan};

const OPEN: u8 = b'o';
const BLOCKS: u8 = b'b';
const CLOSED: u8 = b'e';

/// Every touchpoint writes the row of its block again, so blocks are small.
const BLOCK: u64 = 128;
/// Whoever looks reads the open epoch and one row of each closed one, so epochs are neither long nor many.
const EPOCH: u64 = 1 << 16;

/// A touchpoint: four bytes of the hash of its correlation id, and two of its place in its epoch; big-endian, so that
/// they sort as bytes.
type Entry = [u8; 6];

fn hash_of(correlation_id: &str) -> [u8; 4] {
    let [a, b, c, d, ..] = NameHash::of(2).text(correlation_id).finish().to_be_bytes();
    [a, b, c, d]
}

fn entry(hash: [u8; 4], position: Position) -> Entry {
    let [a, b, c, d] = hash;
    let [.., high, low] = (position.0 % EPOCH).to_be_bytes();
    [a, b, c, d, high, low]
}

/// The hash of an entry, and its position in an epoch.
fn parts(entry: Entry, epoch: u64) -> ([u8; 4], Position) {
    let [a, b, c, d, high, low] = entry;
    let place = u64::from(u16::from_be_bytes([high, low]));
    ([a, b, c, d], Position(epoch * EPOCH + place))
}

fn entries(value: &[u8]) -> Result<&[Entry], StateError> {
    match value.as_chunks() {
        (entries, []) => Ok(entries),
        _ => Err(StateError::Damaged {
            reason: "a row of correlation ids ends within an entry".to_owned(),
        }),
    }
}

fn block_key(block: u64) -> Vec<u8> {
    KeyWriter::table(BLOCKS).number(block).finish()
}

fn closed_key(epoch: u64, first: u8) -> Vec<u8> {
    KeyWriter::table(CLOSED)
        .number(epoch)
        .raw(&[first])
        .finish()
}

/// Notes that a touchpoint has a correlation id. Positions only grow.
pub(super) fn add(
    state: &mut dyn StateMap,
    position: Position,
    correlation_id: &str,
) -> Result<(), FoldError> {
    let key = block_key(position.0 / BLOCK);
    let mut row = match state.get(&key)? {
        Some(row) => row,
        None => {
            open_epoch(state, position.0 / EPOCH)?;
            Vec::new()
        }
    };
    row.extend_from_slice(&entry(hash_of(correlation_id), position));
    state.put(key, row);
    Ok(())
}

/// Closes the open epoch unless it is this one: its entries move from blocks to rows in the order of hashes.
fn open_epoch(state: &mut dyn StateMap, epoch: u64) -> Result<(), StateError> {
    let former = read_open(state)?;
    if former == Some(epoch) {
        return Ok(());
    }
    if let Some(former) = former {
        let mut sorted: Vec<Entry> = Vec::new();
        let mut blocks = Vec::new();
        scan_blocks(state, former, |block, entries| {
            blocks.push(block);
            sorted.extend_from_slice(entries);
        })?;
        sorted.sort_unstable();
        for row in sorted.chunk_by(|one, next| one.first() == next.first()) {
            if let [[first, ..], ..] = row {
                state.put(closed_key(former, *first), row.as_flattened().to_vec());
            }
        }
        for block in blocks {
            state.delete(&block_key(block));
        }
    }
    state.put(vec![OPEN], epoch.to_be_bytes().to_vec());
    Ok(())
}

fn read_open(state: &dyn StateRead) -> Result<Option<u64>, StateError> {
    let Some(value) = state.get(&[OPEN])? else {
        return Ok(None);
    };
    let epoch = value.try_into().map_err(|_| StateError::Damaged {
        reason: "the number of the open epoch is malformed".to_owned(),
    })?;
    Ok(Some(u64::from_be_bytes(epoch)))
}

fn scan_blocks(
    state: &dyn StateRead,
    epoch: u64,
    mut visit: impl FnMut(u64, &[Entry]),
) -> Result<(), StateError> {
    let blocks = EPOCH / BLOCK;
    let (start, end) = (block_key(epoch * blocks), block_key((epoch + 1) * blocks));
    try_scan(state, &*start..&*end, ScanOrder::Ascending, |key, value| {
        visit(KeyReader::table(key, BLOCKS)?.number()?, entries(value)?);
        Ok(ControlFlow::Continue(()))
    })
}

/// The positions of touchpoints that may have one of these correlation ids, known at a position, at most `most` for each
/// id; and whether these are all. Two ids may share a hash, so whoever looks reads the touchpoints and compares.
pub(super) fn positions_of_correlated(
    state: &dyn StateRead,
    correlation_ids: &[String],
    known_at: Position,
    most: usize,
) -> Result<(Vec<Position>, bool), StateError> {
    let Some(open) = read_open(state)?.filter(|_| !correlation_ids.is_empty()) else {
        return Ok((Vec::new(), true));
    };
    let hashes = correlation_ids.iter().map(|id| (hash_of(id), Vec::new()));
    let mut found: BTreeMap<[u8; 4], Vec<Position>> = hashes.collect();
    let last = (known_at.0 / EPOCH).min(open);
    for (hash, positions) in &mut found {
        for epoch in 0..open.min(last + 1) {
            if positions.len() > most {
                break;
            }
            let [first, ..] = *hash;
            let row = state.get(&closed_key(epoch, first))?.unwrap_or_default();
            let row = entries(&row)?;
            let from = row.partition_point(|it| parts(*it, epoch).0 < *hash);
            let same = row.iter().skip(from).map(|it| parts(*it, epoch));
            let same = same.take_while(|(it, position)| it == hash && *position <= known_at);
            positions.extend(same.map(|(_, position)| position).take(most + 1));
        }
    }
    if last == open {
        scan_blocks(state, open, |_, entries| {
            for (hash, position) in entries.iter().map(|it| parts(*it, open)) {
                if position <= known_at
                    && let Some(positions) = found.get_mut(&hash)
                {
                    positions.push(position);
                }
            }
        })?;
    }
    let is_complete = found.values().all(|positions| positions.len() <= most);
    let positions = found.into_values();
    let positions = positions.flat_map(|positions| positions.into_iter().take(most));
    Ok((positions.collect(), is_complete))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::MemoryState;

    /// One position in so many has a correlation id.
    const STEP: u64 = 37;

    /// What a log of three closed epochs and a part of an open one has: every thousandth is of process 0.
    fn noted() -> (MemoryState, Vec<(u64, String)>) {
        let positions = (1..3 * EPOCH + 5 * BLOCK).step_by(37);
        let named = positions.map(|at| match (at / STEP).is_multiple_of(1_000) {
            true => (at, "process-0".to_owned()),
            false => (at, format!("process-{}", at % 5_000)),
        });
        let named: Vec<(u64, String)> = named.collect();
        let mut state = MemoryState::default();
        for (at, id) in &named {
            add(&mut state, Position(*at), id).unwrap();
        }
        (state, named)
    }

    fn found(state: &MemoryState, ids: &[&str], known_at: u64) -> BTreeSet<u64> {
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        let (positions, is_complete) =
            positions_of_correlated(state, &ids, Position(known_at), usize::MAX - 1).unwrap();
        assert!(is_complete);
        positions.into_iter().map(|it| it.0).collect()
    }

    #[test]
    fn what_was_noted_is_found_at_every_position() {
        let (state, named) = noted();
        let ends = [
            1,
            38,
            EPOCH - 1,
            EPOCH,
            EPOCH + 1,
            2 * EPOCH + 999,
            3 * EPOCH,
        ];
        for known_at in ends.into_iter().chain([3 * EPOCH + 300, u64::MAX]) {
            for ids in [
                &["process-0"][..],
                &["process-0", "process-38", "process-75"],
            ] {
                let named = named.iter().filter(|(at, _)| *at <= known_at);
                let named = named.filter(|(_, id)| ids.contains(&id.as_str()));
                let right: BTreeSet<u64> = named.map(|(at, _)| *at).collect();
                assert_eq!(found(&state, ids, known_at), right, "{ids:?} at {known_at}");
            }
        }
        assert!(found(&state, &["never"], u64::MAX).is_empty());
        assert!(found(&state, &[], u64::MAX).is_empty());
    }

    #[test]
    fn a_closed_epoch_keeps_no_blocks() {
        let (state, _) = noted();
        for epoch in 0..3 {
            scan_blocks(&state, epoch, |block, _| panic!("block {block} is left")).unwrap();
        }
        let mut open = 0;
        scan_blocks(&state, 3, |_, entries| open += entries.len()).unwrap();
        assert!(open > 0);
    }

    #[test]
    fn an_epoch_may_be_skipped() {
        let mut state = MemoryState::default();
        for at in [5, 4 * EPOCH + 7, 9 * EPOCH] {
            add(&mut state, Position(at), "process").unwrap();
        }
        let right = BTreeSet::from([5, 4 * EPOCH + 7, 9 * EPOCH]);
        assert_eq!(found(&state, &["process"], u64::MAX), right);
    }

    #[test]
    fn more_than_asked_for_is_said() {
        let (state, named) = noted();
        let ids = ["process-0".to_owned()];
        let all = named.iter().filter(|(_, id)| *id == ids[0]).count();
        for most in [0, 1, all - 1, all, all + 1] {
            let (positions, is_complete) =
                positions_of_correlated(&state, &ids, Position(u64::MAX), most).unwrap();
            assert_eq!(positions.len(), all.min(most));
            assert_eq!(is_complete, all <= most);
        }
    }

    #[test]
    fn stored_hashes_do_not_change() {
        assert_eq!(
            hash_of("f1"),
            17_128_723_922_496_793_309_u64.to_be_bytes()[..4]
        );
    }
}
