//! View `network`: the dealers with their markets, time zones and brands, as they were and as they were
//! known. What is said about a dealer holds from then on, all of it; the last in history order wins.
//!
//! | table | key | value |
//! |---|---|---|
//! | `d` | dealer, history key | what was said about it |

mod names;

pub use names::unknown_name;
pub(crate) use names::{FilterNames, refuse_unknown_dealer, refuse_unknown_market};

use std::collections::BTreeMap;

use ownerline_proto::time::Instant;
use ownerline_proto::v1::touchpoint::Payload;
use prost::Message;

use crate::fold::state::{StateError, StateMap, StateRead};
use crate::fold::table::{HistoryTable, Scan};
use crate::fold::{FoldError, Kinds, ViewDef, history_tail};
use crate::{Recorded, Validity};

static DEALERS: HistoryTable<Dealer> = HistoryTable::new(VIEW.name, b'd');

/// The view. See the [module documentation](self).
pub const VIEW: ViewDef = ViewDef {
    name: "network",
    version: 2,
    kinds: Kinds::Named(&["dealer_registered", "dealer_changed"]),
    apply: &apply,
};

/// What is said about a dealer. A text that nobody said is empty.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Dealer {
    /// Its name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Its market.
    #[prost(string, tag = "2")]
    pub market: String,
    /// IANA time zone.
    #[prost(string, tag = "3")]
    pub time_zone: String,
    /// The brands it carries.
    #[prost(string, repeated, tag = "4")]
    pub brands: Vec<String>,
}

fn apply(recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
    let touchpoint = &recorded.touchpoint;
    let dealer = match &touchpoint.payload {
        Some(Payload::DealerRegistered(said)) => Dealer {
            name: said.name.clone(),
            market: said.market.clone(),
            time_zone: said.time_zone.clone(),
            brands: said.brands.clone(),
        },
        Some(Payload::DealerChanged(said)) => Dealer {
            name: said.name.clone(),
            market: said.market.clone(),
            time_zone: said.time_zone.clone(),
            brands: said.brands.clone(),
        },
        _ => return Ok(()),
    };
    let subjects = touchpoint.subjects.as_ref();
    let dealer_id = subjects.map_or("", |subjects| &subjects.dealer_id);
    let tail = history_tail(recorded, &[dealer_id])?;
    DEALERS.put(state, [dealer_id], &tail, &dealer);
    Ok(())
}

/// The dealers as they were up to an instant, as known at a position.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// Per dealer: from when on what holds, ascending; one entry an instant.
    dealers: BTreeMap<String, Vec<(i64, Dealer)>>,
}

impl Network {
    /// Every dealer, by what counts and occurred at or before `as_of` (nanoseconds since the Unix epoch).
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn load(
        state: &dyn StateRead,
        validity: &Validity<'_>,
        as_of: Instant,
    ) -> Result<Self, StateError> {
        let mut network = Self::default();
        network.read(state, validity, DEALERS.all().occurred_by(as_of))?;
        Ok(network)
    }

    /// One dealer, as [`Self::load`].
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn load_dealer(
        state: &dyn StateRead,
        validity: &Validity<'_>,
        as_of: Instant,
        dealer_id: &str,
    ) -> Result<Self, StateError> {
        let mut network = Self::default();
        network.read(state, validity, DEALERS.up_to([dealer_id], as_of))?;
        Ok(network)
    }

    fn read(
        &mut self,
        state: &dyn StateRead,
        validity: &Validity<'_>,
        statements: Scan<'_, Dealer, 1>,
    ) -> Result<(), StateError> {
        statements.counted(state, validity, |key, entry| {
            let [dealer_id] = entry.texts;
            let statements = self.dealers.entry(dealer_id.to_owned()).or_default();
            // Of one instant the last wins.
            statements.pop_if(|(from, _)| *from == key.occurred_at);
            statements.push((key.occurred_at, entry.row()?));
            Ok(())
        })
    }

    /// What held about a dealer at an instant (nanoseconds since the Unix epoch); `None` if nothing was
    /// said about it by then.
    #[must_use]
    pub fn dealer(&self, dealer_id: &str, at: i64) -> Option<&Dealer> {
        let told = self.told(dealer_id);
        let behind = told.partition_point(|(from, _)| *from <= at);
        let (_, dealer) = told.get(behind.checked_sub(1)?)?;
        Some(dealer)
    }

    /// The IANA zone that a dealer was in at an instant (nanoseconds since the Unix epoch); empty if nobody had said so by
    /// then.
    #[must_use]
    pub fn time_zone(&self, dealer_id: &str, at: i64) -> &str {
        let dealer = self.dealer(dealer_id, at);
        dealer.map_or("", |dealer| &dealer.time_zone)
    }

    /// What was said about a dealer: from when on (nanoseconds since the Unix epoch) what holds,
    /// ascending.
    #[must_use]
    pub fn told(&self, dealer_id: &str) -> &[(i64, Dealer)] {
        self.dealers.get(dealer_id).map_or(&[], Vec::as_slice)
    }

    /// Every dealer with what was said about it, as [`Self::told`]; never nothing.
    pub fn dealers(&self) -> impl Iterator<Item = (&str, &[(i64, Dealer)])> {
        let dealers = self.dealers.iter();
        dealers.map(|(dealer_id, told)| (dealer_id.as_str(), told.as_slice()))
    }
}
