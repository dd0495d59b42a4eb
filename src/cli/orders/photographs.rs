//! The photographs of an order as rows.

use ownerline_proto::v1::Order;
use ownerline_proto::v1::order::Photograph;

use crate::cli::report::{Column, Table, word};

type Of<'a> = Column<'a, Photograph>;

/// One row per photograph, in history order.
pub(super) fn table(order: &Order) -> Table {
    let columns = [
        Of::hidden("order_id", |_| (&order.order_id).into()),
        Of::of("taken", "occurred_at", |it| {
            it.fact.as_ref().and_then(|it| it.occurred_at).into()
        }),
        Of::of("stage", "stage", |it| {
            word(it.stage().as_str_name(), "PRODUCTION_STAGE_")
        }),
        Of::of("shown from", "visible_from", |it| it.visible_from.into()),
        Of::of("viewed", "viewed_at", |it| it.viewed_at.into()),
        Of::of("caption", "caption", |it| (&it.caption).into()),
        Of::of("picture", "uri", |it| (&it.uri).into()),
        Of::hidden("media_type", |it| (&it.media_type).into()),
        Of::hidden("sha256", |it| (&it.sha256).into()),
    ];
    Table::new(&columns, &order.photographs)
}
