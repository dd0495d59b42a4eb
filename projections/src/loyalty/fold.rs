//! View `loyalty`: repurchases and defections, how owners came to the brand, and charged work, as it was and as it was
//! known.
//!
//! Cars and orders are in other views. This one stores no personal data.
//!
//! | table | key | value |
//! |---|---|---|
//! | `e` | owner, history key | `Row`: the statement of a touchpoint of the owner |
//! | `w` | visit, history key | [`Work`]: performed work with owner, car and amount |

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
pub struct Repurchase {
    /// The order; empty if unknown.
    #[prost(string, tag = "1")]
    pub order_id: String,
    /// Bought or leased.
    #[prost(enumeration = "Kind", tag = "2")]
    pub kind: i32,
    /// The make; empty if unknown.
    #[prost(string, tag = "3")]
    pub make: String,
}

/// The statement of a touchpoint of an owner.
#[derive(Clone, PartialEq, Eq, Oneof)]
pub enum Statement {
    /// The owner bought or leased again.
    #[prost(message, tag = "1")]
    Repurchased(Repurchase),
    /// The owner went to this other make; empty if unknown.
    #[prost(string, tag = "2")]
    Defected(String),
    /// Whether the owner came by a recommendation.
    #[prost(bool, tag = "3")]
    Earned(bool),
    /// The owner's market.
    #[prost(string, tag = "4")]
    Market(String),
}

#[derive(Clone, PartialEq, Eq, Message)]
struct Row {
    #[prost(oneof = "Statement", tags = "1, 2, 3, 4")]
    statement: Option<Statement>,
}

/// Performed work. Unknown texts are empty.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Work {
    /// The owner.
    #[prost(string, tag = "1")]
    pub owner_id: String,
    /// The car.
    #[prost(string, tag = "2")]
    pub vin: String,
    /// The amount, in minor units.
    #[prost(sint64, tag = "3")]
    pub minor_units: i64,
    /// ISO 4217; empty if no amount is known.
    #[prost(string, tag = "4")]
    pub currency: String,
}

impl Inherits for Row {
    fn inherit(&mut self, inherited: &Inherited) {
        if let Some(Statement::Repurchased(repurchase)) = &mut self.statement {
            fill(&mut repurchase.order_id, &inherited.subjects.order_id);
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
    let statement = match payload {
        // Validation made sure that the payload's order agrees with the subject.
        Some(Payload::Repurchased(it)) => Statement::Repurchased(Repurchase {
            order_id: subjects.order_id.clone(),
            kind: it.kind,
            make: it.brand.clone(),
        }),
        Some(Payload::Defected(it)) => Statement::Defected(it.brand.clone()),
        Some(Payload::AcquisitionSourceStated(it)) => Statement::Earned(it.earned),
        Some(Payload::OwnerRegistered(it)) if !it.market.is_empty() => {
            Statement::Market(it.market.clone())
        }
        _ => return Ok(()),
    };
    let tail = history_tail(recorded, &[&subjects.owner_id])?;
    let row = Row {
        statement: Some(statement),
    };
    STATEMENTS.put(state, [&subjects.owner_id], &tail, &row);
    Ok(())
}

/// Visits every statement in force that occurred at or before `as_of`: owner by owner, each in history order.
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
        let Row { statement } = entry.inherited(validity, &key)?;
        statement.map_or(Ok(()), |statement| visit(owner_id, &key, statement))
    })
}

/// Visits all work in force, visit by visit, like [`every_statement`].
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
