//! View `network`: the dealers with their markets, time zones and brands, as they were and as they were known. A
//! registration or change replaces everything said about the dealer before; the last in history order wins.
//!
//! | table | key | value |
//! |---|---|---|
//! | `d` | dealer, history key | [`Dealer`]: a registration or change |

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

/// A dealer as registered or changed. Unknown texts are empty.
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
        Some(Payload::DealerRegistered(it)) => Dealer {
            name: it.name.clone(),
            market: it.market.clone(),
            time_zone: it.time_zone.clone(),
            brands: it.brands.clone(),
        },
        Some(Payload::DealerChanged(it)) => Dealer {
            name: it.name.clone(),
            market: it.market.clone(),
            time_zone: it.time_zone.clone(),
            brands: it.brands.clone(),
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
    /// By dealer: the registrations, each with the instant from which it holds; ascending, one per instant.
    dealers: BTreeMap<String, Vec<(i64, Dealer)>>,
}

impl Network {
    /// Loads every dealer, by the registrations in force that occurred at or before `as_of`.
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

    /// Loads one dealer, like [`Self::load`].
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
        rows: Scan<'_, Dealer, 1>,
    ) -> Result<(), StateError> {
        rows.counted(state, validity, |key, entry| {
            let [dealer_id] = entry.texts;
            let registrations = self.dealers.entry(dealer_id.to_owned()).or_default();
            // The last registration of an instant wins.
            registrations.pop_if(|(from, _)| *from == key.occurred_at);
            registrations.push((key.occurred_at, entry.row()?));
            Ok(())
        })
    }

    /// Returns a dealer as registered at an instant (nanoseconds since the Unix epoch); `None` if not registered by then.
    #[must_use]
    pub fn dealer(&self, dealer_id: &str, at: i64) -> Option<&Dealer> {
        let registrations = self.registrations(dealer_id);
        let later = registrations.partition_point(|(from, _)| *from <= at);
        let (_, dealer) = registrations.get(later.checked_sub(1)?)?;
        Some(dealer)
    }

    /// Returns the IANA zone of a dealer at an instant (nanoseconds since the Unix epoch); empty if unknown then.
    #[must_use]
    pub fn time_zone(&self, dealer_id: &str, at: i64) -> &str {
        let dealer = self.dealer(dealer_id, at);
        dealer.map_or("", |dealer| &dealer.time_zone)
    }

    /// Returns the registrations of a dealer, each with the instant from which it holds (nanoseconds since the Unix
    /// epoch); ascending.
    #[must_use]
    pub fn registrations(&self, dealer_id: &str) -> &[(i64, Dealer)] {
        self.dealers.get(dealer_id).map_or(&[], Vec::as_slice)
    }

    /// Every dealer with its [registrations](Self::registrations), of which there is at least one.
    pub fn dealers(&self) -> impl Iterator<Item = (&str, &[(i64, Dealer)])> {
        let dealers = self.dealers.iter();
        dealers.map(|(dealer_id, registrations)| (dealer_id.as_str(), registrations.as_slice()))
    }
}
