//! The timeline of a person through gRPC: linked ids, and vehicles that change hands.

use ownerline_proto::time;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    GetTimelineRequest, OdometerRead, OwnerIdentityLinked, Subjects, Touchpoint, VehicleAcquired,
    vehicle_acquired::Role,
};

use crate::support::{Server, all_of, feedback};

const NOW: i64 = 1_700_000_000;
const VIN: &str = "11111111111111111";

fn vehicle(id: &str, seconds: i64, owner: &str, payload: Payload) -> Touchpoint {
    Touchpoint {
        id: id.to_owned(),
        source: "//test".to_owned(),
        occurred_at: Some(time::timestamp(seconds * 1_000_000_000)),
        subjects: Some(Subjects {
            vin: VIN.to_owned(),
            owner_id: owner.to_owned(),
            ..Subjects::default()
        }),
        payload: Some(payload),
        ..Touchpoint::default()
    }
}

pub(crate) fn acquired(id: &str, seconds: i64, owner: &str) -> Touchpoint {
    let acquired = VehicleAcquired {
        owner_id: owner.to_owned(),
        role: Role::Owner.into(),
    };
    vehicle(id, seconds, owner, Payload::VehicleAcquired(acquired))
}

pub(crate) fn read(id: &str, seconds: i64) -> Touchpoint {
    let payload = Payload::OdometerRead(OdometerRead {
        distance_metres: 28_968,
    });
    vehicle(id, seconds, "", payload)
}

async fn ids(server: &Server, owner: &str, at_least: &str) -> Vec<(String, String)> {
    let page = server.timeline(GetTimelineRequest {
        at_least: at_least.to_owned(),
        page_size: 2,
        ..all_of(owner)
    });
    let entries = page.await.unwrap_or_default().entries.into_iter();
    let told = entries.map(|entry| {
        let recorded = entry.recorded.unwrap_or_default();
        (
            recorded.touchpoint.unwrap_or_default().id,
            entry.owner_id.clone(),
        )
    });
    told.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn linked_ids_are_one_timeline_and_a_sold_vehicle_changes_it() {
    let server = Server::start().await;
    let mut link = feedback("ann", "link", NOW);
    link.subjects = Some(Subjects {
        owner_id: "ann".to_owned(),
        ..Subjects::default()
    });
    link.payload = Some(Payload::OwnerIdentityLinked(OwnerIdentityLinked {
        other_owner_id: "crm~ann".to_owned(),
    }));
    for touchpoint in [
        read("before", NOW + 5),
        acquired("bought", NOW + 10, "ann"),
        read("ann's", NOW + 15),
        acquired("sold", NOW + 20, "ben"),
        read("ben's", NOW + 25),
        feedback("crm~ann", "said", NOW + 30),
    ] {
        server.record(touchpoint).await.unwrap();
    }
    let at_least = server.record(link).await.unwrap().position;
    let entry = |id: &str, owner: &str| (id.to_owned(), owner.to_owned());
    let anns = [
        entry("link", "ann"),
        entry("bought", "ann"),
        entry("ann's", "ann"),
        entry("said", "crm~ann"),
    ];
    assert_eq!(ids(&server, "ann", &at_least).await, anns);
    assert_eq!(ids(&server, "crm~ann", &at_least).await, anns);
    assert_eq!(
        ids(&server, "ben", &at_least).await,
        [entry("sold", "ben"), entry("ben's", "ben")]
    );
    server.stop().await;
}
