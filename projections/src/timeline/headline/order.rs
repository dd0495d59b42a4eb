//! Headlines about orders and production.

use ownerline_proto::v1::ProductionStage;
use ownerline_proto::v1::order_placed::SaleType;

use super::lines;
use super::text::{aside, joined, quoted, reassigned, when, with};

lines! {
    OrderPlaced(e) => aside(
        &with("Order placed", &joined(" ", &[&e.brand, &e.model])),
        when(e.sale_type() == SaleType::ApprovedUsed, "approved used"),
    );
    OrderChanged(e) => with("Order changed", &e.summary);
    ConfigurationFrozen(_) => "Configuration frozen: nothing can be changed any more";
    VinAssigned(e) => with("The car has its VIN", &e.vin);
    VinWithdrawn(e) => with("VIN withdrawn", &e.vin);
    OrderHeld(e) => with(
        &aside(
            "Order held",
            &joined(" ", &[when(!e.expected_release.is_empty(), "until about"), &e.expected_release]),
        ),
        &e.reason,
    );
    OrderHoldLifted(_) => "Hold of the order lifted";
    OrderReassigned(e) => reassigned("Order", &e.from_dealer_id, &e.to_dealer_id);
    DeliveryWindowPlanned(e) => aside(
        &joined(" ", &["Delivery planned for", &window(&e.date, &e.until_date)]),
        &e.basis,
    );
    DeliveryDatePromised(e) => aside(
        &joined(" ", &["Delivery promised for", &window(&e.date, &e.until_date)]),
        &e.basis,
    );
    DeliveryDateRevised(e) => with(
        &aside(
            &joined(
                " ",
                &[
                    "Delivery moved",
                    when(!e.previous.is_empty(), "from"),
                    &e.previous,
                    "to",
                    &window(&e.date, &e.until_date),
                ],
            ),
            &joined(", ", &[&e.basis, when(!e.owner_notified, "owner not told")]),
        ),
        &e.reason,
    );
    ProductionStageReached(e) => match e.stage() {
        ProductionStage::Unspecified => with("Production reported the plant's code", &e.raw_code),
        named => aside(&format!("Production reached {}", stage(named)), &e.raw_code),
    };
    StagePhotographed(e) => with(&format!("Photograph from {}", stage(e.stage())), &quoted(&e.caption));
    HandoverCompleted(_) => "Handover: the owner has the car";
    OrderCancelled(e) => with("Order cancelled", &e.reason);
}

/// The days of a window: `2025-05-10 – 2025-05-20`, or the day.
fn window(date: &str, until_date: &str) -> String {
    match until_date {
        "" => date.to_owned(),
        same if same == date => date.to_owned(),
        last => format!("{date} – {last}"),
    }
}

/// The stage in capitals, as the domain writes it: `PAINT`.
fn stage(stage: ProductionStage) -> &'static str {
    match stage {
        ProductionStage::Unspecified => "an unnamed stage",
        named => {
            let name = named.as_str_name();
            name.strip_prefix("PRODUCTION_STAGE_").unwrap_or(name)
        }
    }
}
