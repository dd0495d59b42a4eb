//! An order as rows, one per stage.

use ownerline_proto::v1::Order;
use ownerline_proto::v1::order::Step;

use crate::cli::report::{Column, Table, word};

type Of<'a> = Column<'a, Step>;

/// One row per stage that was told, in history order.
pub(super) fn table(order: &Order) -> Table {
    let columns = [
        Of::of("order", "order_id", |_| (&order.order_id).into()),
        Of::of("state", "state", |_| {
            word(order.state().as_str_name(), "ORDER_STATE_")
        }),
        Of::hidden("owner_id", |_| (&order.owner_id).into()),
        Of::hidden("dealer_id", |_| (&order.dealer_id).into()),
        Of::hidden("vin", |_| (&order.vin).into()),
        Of::of("at", "occurred_at", |it| {
            it.fact.as_ref().and_then(|it| it.occurred_at).into()
        }),
        Of::of("stage", "stage", |it| {
            word(it.stage().as_str_name(), "PRODUCTION_STAGE_")
        }),
        Of::of("code", "raw_code", |it| (&it.raw_code).into()),
        Of::of("step", "step", |it| word(it.kind().as_str_name(), "KIND_")),
        Of::hidden("after_cancelling", |it| it.after_cancelling.into()),
    ];
    Table::new(&columns, &order.steps)
}
