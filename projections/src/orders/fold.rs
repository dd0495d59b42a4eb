//! The fold: files each touchpoint of an order, and each elsewhere that names one or may be about a touchpoint of one.

use ownerline_proto::kind::Category;
use ownerline_proto::v1::touchpoint::Payload;
use prost::Message;

use super::kind::OrderFactKind;
use super::row::OrderRow;
use super::tables::{ABOUT, CORRECTIONS, DEALERS, FACTS, NAME, NUMBERS, OWNERS, VINS};
use crate::Recorded;
use crate::fold::key::KeyWriter;
use crate::fold::pairs::PairTable;
use crate::fold::state::StateMap;
use crate::fold::{FoldError, Kinds, ViewDef, history_tail};

/// The view. See the [module documentation](super).
pub const VIEW: ViewDef = ViewDef {
    name: NAME,
    version: 2,
    // Touchpoints of any kind may name an order.
    kinds: Kinds::All,
    apply: &apply,
};

fn apply(recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
    match Category::of_stream(&recorded.stream) {
        Some(Category::Order) => of_order(recorded, state),
        Some(_) => elsewhere(recorded, state),
        None => Ok(()),
    }
}

/// Files a touchpoint of the stream of an order.
fn of_order(recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
    let Some((_, order_id)) = recorded.stream.split_once('-') else {
        return Ok(());
    };
    let row = OrderRow::of(recorded, false);
    let (vin, number) = match row.kind() {
        OrderFactKind::VinAssigned
        | OrderFactKind::VinWithdrawn
        | OrderFactKind::HandoverCompleted => (row.vin.as_str(), ""),
        OrderFactKind::OrderPlaced => ("", row.name.as_str()),
        _ => ("", ""),
    };
    let lists: [(PairTable, &str); 6] = [
        (OWNERS, &row.owner_id),
        (DEALERS, &row.dealer_id),
        (DEALERS, &row.from_dealer),
        (DEALERS, &row.to_dealer),
        (VINS, vin),
        (NUMBERS, number),
    ];
    let named = lists.map(|(_, name)| name);
    let tail = history_tail(recorded, &[&named[..], &[order_id]].concat())?;
    if row.kind().tells() {
        for (list, name) in lists {
            if !name.is_empty() {
                list.put(state, name, order_id);
            }
        }
    }
    FACTS.put(state, [order_id], &tail, &row);
    Ok(())
}

/// Files a touchpoint elsewhere, if it names an order, may inherit one, or tells the owner of another touchpoint.
fn elsewhere(recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
    let touchpoint = &recorded.touchpoint;
    let subjects = touchpoint.subjects.as_ref();
    let order_id = subjects.map_or("", |it| it.order_id.as_str());
    if !order_id.is_empty() {
        let tail = history_tail(recorded, &[order_id])?;
        FACTS.put(state, [order_id], &tail, &OrderRow::of(recorded, true));
        return Ok(());
    }
    let is_about = matches!(
        &touchpoint.payload,
        Some(Payload::OwnerNotified(_) | Payload::UpdateViewed(_))
    );
    if !is_about && touchpoint.corrects.is_none() {
        return Ok(());
    }
    let row = OrderRow::of(recorded, true);
    let (source, id) = (row.about_source.as_str(), row.about_id.as_str());
    let tail = history_tail(recorded, &[source, id])?;
    if !id.is_empty() {
        ABOUT.put(state, [source, id], &tail, &row);
    }
    if touchpoint.corrects.is_some() {
        let key = correction_key(&touchpoint.source, &touchpoint.id);
        state.put(key, row.encode_to_vec());
    }
    Ok(())
}

/// The key of a correction elsewhere that names no order.
pub(super) fn correction_key(source: &str, id: &str) -> Vec<u8> {
    KeyWriter::table(CORRECTIONS).text(source).text(id).finish()
}
