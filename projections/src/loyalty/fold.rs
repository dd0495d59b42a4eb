//! View `loyalty`: what was said about buying again, where owners come from, and what was charged; by both clocks.
//!
//! Cars and orders are in other views: this one keeps what they do not say. Personal data is not kept.
//!
//! | table | key | value |
//! |---|---|---|
//! | `e` | owner, history key | what a touchpoint of the owner says of it |
//! | `w` | visit, history key | work that was performed: for whom, on which car, for how much |

use ownerline_proto::time::Instant;
use ownerline_proto::v1::repurchased::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use prost::{Message, Oneof};

use crate::fold::corrections::{Inherited, Inherits, fill};
use crate::fold::state::{StateError, StateMap, StateRead};
use crate::fold::table::HistoryTable;
use crate::fold::{FoldError, Kinds, ViewDef, history_tail};
use crate::{HistoryKey, Recorded, Validity};

static STATEMENTS: HistoryTable<Row> = HistoryTable::new(VIEW.name, b'e');
static WORK: HistoryTable<Work> = HistoryTable::new(VIEW.name, b'w');

/// The view. See the [module documentation](self).
pub const VIEW: ViewDef = ViewDef {
    name: "loyalty",
    version: 2,
    kinds: Kinds::Named(&[
        "work_performed",
        "repurchased",
        "defected",
        "acquisition_source_stated",
        "owner_registered",
    ]),
    apply: &apply,
};

/// The owner bought or leased again.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Again {
    /// By which order; empty: not said.
    #[prost(string, tag = "1")]
    pub order_id: String,
    /// Bought or leased.
    #[prost(enumeration = "Kind", tag = "2")]
    pub kind: i32,
    /// Of which make; empty: not said.
    #[prost(string, tag = "3")]
    pub make: String,
}

/// What a touchpoint of an owner says.
#[derive(Clone, PartialEq, Eq, Oneof)]
pub enum Statement {
    /// They bought or leased again.
    #[prost(message, tag = "1")]
    Again(Again),
    /// They went to this other make; empty: not said.
    #[prost(string, tag = "2")]
    Left(String),
    /// They came by a recommendation, or not.
    #[prost(bool, tag = "3")]
    Earned(bool),
    /// Their market.
    #[prost(string, tag = "4")]
    Market(String),
}

#[derive(Clone, PartialEq, Eq, Message)]
struct Row {
    #[prost(oneof = "Statement", tags = "1, 2, 3, 4")]
    said: Option<Statement>,
}

/// Work that was performed. A text that the touchpoint does not say is empty.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Work {
    /// For whom.
    #[prost(string, tag = "1")]
    pub owner_id: String,
    /// On which car.
    #[prost(string, tag = "2")]
    pub vin: String,
    /// For how much, in minor units.
    #[prost(sint64, tag = "3")]
    pub minor_units: i64,
    /// ISO 4217; empty: no amount is known.
    #[prost(string, tag = "4")]
    pub currency: String,
}

impl Inherits for Row {
    fn inherit(&mut self, inherited: &Inherited) {
        if let Some(Statement::Again(again)) = &mut self.said {
            fill(&mut again.order_id, &inherited.subjects.order_id);
        }
    }
}

impl Inherits for Work {
    fn inherit(&mut self, inherited: &Inherited) {
        fill(&mut self.owner_id, &inherited.subjects.owner_id);
        fill(&mut self.vin, &inherited.subjects.vin);
    }
}

fn apply(recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
    let Some(subjects) = recorded.touchpoint.subjects.as_ref() else {
        return Ok(());
    };
    let payload = recorded.touchpoint.payload.as_ref();
    if let Some(Payload::WorkPerformed(it)) = payload {
        let amount = it.amount.as_ref();
        let work = Work {
            owner_id: subjects.owner_id.clone(),
            vin: subjects.vin.clone(),
            minor_units: amount.map_or(0, |it| it.minor_units),
            currency: amount.map_or_else(String::new, |it| it.currency.clone()),
        };
        let tail = history_tail(recorded, &[&subjects.visit_id])?;
        WORK.put(state, [&subjects.visit_id], &tail, &work);
        return Ok(());
    }
    let said = match payload {
        // The door made the payload's order agree with the subject.
        Some(Payload::Repurchased(it)) => Statement::Again(Again {
            order_id: subjects.order_id.clone(),
            kind: it.kind,
            make: it.brand.clone(),
        }),
        Some(Payload::Defected(it)) => Statement::Left(it.brand.clone()),
        Some(Payload::AcquisitionSourceStated(it)) => Statement::Earned(it.earned),
        Some(Payload::OwnerRegistered(it)) if !it.market.is_empty() => {
            Statement::Market(it.market.clone())
        }
        _ => return Ok(()),
    };
    let tail = history_tail(recorded, &[&subjects.owner_id])?;
    let row = Row { said: Some(said) };
    STATEMENTS.put(state, [&subjects.owner_id], &tail, &row);
    Ok(())
}

/// Every statement that counts and occurred at or before `as_of` (nanoseconds since the Unix epoch): owner by owner,
/// each in history order.
///
/// # Errors
/// If the state cannot be read, or the visitor fails.
pub fn every_statement(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    as_of: Instant,
    mut visit: impl FnMut(&str, &HistoryKey, Statement) -> Result<(), StateError>,
) -> Result<(), StateError> {
    let statements = STATEMENTS.all().occurred_by(as_of);
    statements.counted(state, validity, |key, entry| {
        let [owner_id] = entry.texts;
        let Row { said } = entry.inherited(validity, &key)?;
        said.map_or(Ok(()), |said| visit(owner_id, &key, said))
    })
}

/// All work that counts, visit by visit, as [`every_statement`].
///
/// # Errors
/// If the state cannot be read, or the visitor fails.
pub fn every_work(
    state: &dyn StateRead,
    validity: &Validity<'_>,
    as_of: Instant,
    mut visit: impl FnMut(&str, &HistoryKey, Work) -> Result<(), StateError>,
) -> Result<(), StateError> {
    WORK.all()
        .occurred_by(as_of)
        .counted(state, validity, |key, entry| {
            let [visit_id] = entry.texts;
            visit(visit_id, &key, entry.inherited(validity, &key)?)
        })
}
