//! Loyalty through a whole server: asked, known then, of generated histories, refused, and for people.

mod command_line;
mod service;

use ownerline_proto::time;
use ownerline_proto::v1::advocacy_service_client::AdvocacyServiceClient;
use ownerline_proto::v1::repurchased::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::vehicle_acquired::Role;
use ownerline_proto::v1::{
    GetLoyaltyRequest, GetLoyaltyResponse, Repurchased, Subjects, Touchpoint, VehicleAcquired,
    VehicleRegistered,
};
use tonic::Status;

use crate::remote::Remote;
use crate::support::NOW;

const DAY: i64 = 86_400;

/// Asks, standing on everything that is recorded.
async fn ask(remote: &Remote, request: GetLoyaltyRequest) -> Result<GetLoyaltyResponse, Status> {
    let request = GetLoyaltyRequest {
        at_least: remote.head().await,
        ..request
    };
    let mut client = AdvocacyServiceClient::new(remote.channel());
    Ok(client.get_loyalty(request).await?.into_inner())
}

fn at(seconds: i64) -> pbjson_types::Timestamp {
    time::timestamp(seconds * 1_000_000_000)
}

fn touchpoint(id: &str, day: i64, subjects: Subjects, payload: Payload) -> Touchpoint {
    Touchpoint {
        id: id.to_owned(),
        source: "//crm".to_owned(),
        occurred_at: Some(at(NOW + day * DAY)),
        subjects: Some(subjects),
        payload: Some(payload),
        ..Touchpoint::default()
    }
}

/// A car becomes an owner's.
fn car(day: i64, owner: &str, vin: &str) -> Vec<Touchpoint> {
    let subjects = Subjects {
        owner_id: owner.to_owned(),
        vin: vin.to_owned(),
        ..Subjects::default()
    };
    let registered = Payload::VehicleRegistered(VehicleRegistered {
        brand: "Halden".to_owned(),
        ..VehicleRegistered::default()
    });
    let acquired = Payload::VehicleAcquired(VehicleAcquired {
        owner_id: owner.to_owned(),
        role: Role::Owner.into(),
    });
    vec![
        touchpoint(
            &format!("{vin}/registered"),
            day,
            subjects.clone(),
            registered,
        ),
        touchpoint(&format!("{vin}/acquired"), day, subjects, acquired),
    ]
}

fn leased_again(day: i64, owner: &str) -> Touchpoint {
    let subjects = Subjects {
        owner_id: owner.to_owned(),
        ..Subjects::default()
    };
    let payload = Payload::Repurchased(Repurchased {
        kind: Kind::Lease.into(),
        brand: "Halden".to_owned(),
        ..Repurchased::default()
    });
    touchpoint(&format!("{owner}/again"), day, subjects, payload)
}

/// Two owners with a car each, some years ago.
fn two_owners() -> Vec<Touchpoint> {
    [
        car(-1_500, "ann", "1G4AH59H45G118341"),
        car(-1_000, "ben", "1M8GDM9AXKP042788"),
    ]
    .concat()
}
