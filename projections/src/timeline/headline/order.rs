//! Headlines about orders and production.

use ownerline_proto::v1::ProductionStage;
use ownerline_proto::v1::order_placed::SaleType;

use super::lines;
use super::text::{aside, joined, quoted, when, with};

lines! {
    OrderPlaced(e) => aside(
        &with("Order placed", &joined(" ", &[&e.brand, &e.model])),
        when(e.sale_type() == SaleType::ApprovedUsed, "approved used"),
    );
    OrderChanged(e) => with("Order changed", &e.summary);
    ConfigurationFrozen(_) => "Configuration frozen: nothing can be changed any more";
    VinAssigned(e) => with("The car has its VIN", &e.vin);
    DeliveryDatePromised(e) => with("Delivery promised for", &e.date).replacen(':', "", 1);
    DeliveryDateRevised(e) => with(
        &aside(
            &joined(" ", &["Delivery moved", when(!e.previous.is_empty(), "from"), &e.previous, "to", &e.date]),
            when(!e.owner_notified, "owner not told"),
        ),
        &e.reason,
    );
    ProductionStageReached(e) => aside(&format!("Production reached {}", stage(e.stage())), &e.raw_code);
    StagePhotographed(e) => with(&format!("Photograph from {}", stage(e.stage())), &quoted(&e.caption));
    HandoverCompleted(_) => "Handover: the owner has the car";
    OrderCancelled(e) => with("Order cancelled", &e.reason);
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
