//! The tables of the view `orders`. Default values take no space.
//!
//! | table | key | value |
//! |---|---|---|
//! | `f` | order, history key | [`OrderRow`]: a touchpoint of the stream of the order, or one elsewhere that names the order |
//! | `d` | dealer, order | empty: a touchpoint of the stream names the dealer, or reassigns the order from or to them |
//! | `o` | owner, order | empty: a touchpoint of the stream names the owner |
//! | `v` | VIN, order | empty: the order was assigned the VIN, lost it, or was handed over with it |
//! | `n` | commission number, order | empty: the order was placed under the number |
//! | `a` | source, id, history key | [`OrderRow`]: a notice or a look, elsewhere, that names no order, by the touchpoint that it is about |
//! | `x` | source, id | [`OrderRow`]: a correction elsewhere that names no order, and may inherit one |

use super::row::OrderRow;
use crate::fold::pairs::PairTable;
use crate::fold::table::HistoryTable;

/// The name of the view.
pub(super) const NAME: &str = "orders";

pub(super) static FACTS: HistoryTable<OrderRow> = HistoryTable::new(NAME, b'f');
pub(super) static ABOUT: HistoryTable<OrderRow, 2> = HistoryTable::new(NAME, b'a');
pub(super) const DEALERS: PairTable = PairTable::new(b'd');
pub(super) const OWNERS: PairTable = PairTable::new(b'o');
pub(super) const VINS: PairTable = PairTable::new(b'v');
pub(super) const NUMBERS: PairTable = PairTable::new(b'n');
pub(super) const CORRECTIONS: u8 = b'x';
