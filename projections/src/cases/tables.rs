//! The tables of the view `cases`. Default values take no space.
//!
//! | table | key | value |
//! |---|---|---|
//! | `c` | case, history key | [`CaseRow`]: a touchpoint of the stream of the case, or one elsewhere that names the case |
//! | `d` | dealer, case | empty: a touchpoint of the stream names the dealer, or reassigns the case from or to them |
//! | `o` | owner, case | empty: a touchpoint of the stream names the owner |
//! | `v` | VIN, case | empty: a touchpoint of the stream names the vehicle |
//! | `a` | agent, case | empty: the agent was assigned as advocate or released |
//! | `f` | feedback, case | empty: a touchpoint of the stream names the feedback, or the case came from it |
//! | `u` | case, empty text | empty: the case is [unfinished](super::fold) by everything recorded so far |
//! | `h` | case, empty text | [`Head`](super::head): what decides that |
//! | `i` | owner, history key | empty: a contact that the owner began |
//! | `x` | source, id | [`CaseRow`]: a correction elsewhere that names no case, and may inherit one |

use super::row::CaseRow;
use crate::fold::pairs::PairTable;
use crate::fold::table::HistoryTable;

/// The name of the view.
pub(super) const NAME: &str = "cases";

pub(super) static FACTS: HistoryTable<CaseRow> = HistoryTable::new(NAME, b'c');
pub(super) const DEALERS: PairTable = PairTable::new(DEALER_TABLE);
pub(super) const DEALER_TABLE: u8 = b'd';
pub(super) const OWNERS: PairTable = PairTable::new(b'o');
pub(super) const VEHICLES: PairTable = PairTable::new(b'v');
pub(super) const ADVOCATES: PairTable = PairTable::new(b'a');
pub(super) const FEEDBACK: PairTable = PairTable::new(b'f');
pub(super) const UNFINISHED: PairTable = PairTable::new(UNFINISHED_TABLE);
pub(super) const UNFINISHED_TABLE: u8 = b'u';
pub(super) const HEAD: u8 = b'h';
pub(super) static INBOUND: HistoryTable<()> = HistoryTable::new(NAME, b'i');
pub(super) const CORRECTIONS: u8 = b'x';
