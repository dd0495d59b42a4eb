//! Scores of advocacy through a whole server: evidence, model, and known_at.

mod advocates;
mod asked;
mod clock_keeper;
mod command_line;
mod histories;
mod months;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use ownerline::command::{Door, Recorder, RecorderLimits};
use ownerline::config::Schemes;
use ownerline::runtime::ManualClock;
use ownerline::store::Expected;
use ownerline::store::embedded::{EmbeddedOptions, EmbeddedStore};
use ownerline_proto::v1::advocacy_service_client::AdvocacyServiceClient;
use ownerline_proto::v1::get_policy_request::{Version, Which};
use ownerline_proto::v1::policy_published::Body;
use ownerline_proto::v1::policy_service_client::PolicyServiceClient;
use ownerline_proto::v1::{
    AdvocacyModel, GetOwnerAdvocacyRequest, GetOwnerAdvocacyResponse, GetPolicyRequest, Touchpoint,
};
use ownerline_proto::{DESCRIPTOR_SET, time};
use tonic::Status;

use crate::remote::Remote;

async fn ask(
    remote: &Remote,
    request: GetOwnerAdvocacyRequest,
) -> Result<GetOwnerAdvocacyResponse, Status> {
    let mut client = AdvocacyServiceClient::new(remote.channel());
    Ok(client.get_owner_advocacy(request).await?.into_inner())
}

/// An owner's score at an instant (seconds since the Unix epoch), standing on everything there is.
fn at(owner: &str, as_of: i64, at_least: &str) -> GetOwnerAdvocacyRequest {
    GetOwnerAdvocacyRequest {
        owner_id: owner.to_owned(),
        as_of: Some(time::timestamp(as_of * 1_000_000_000)),
        at_least: at_least.to_owned(),
        ..GetOwnerAdvocacyRequest::default()
    }
}

/// The model that ships with the server, as the server answers it.
async fn shipped(remote: &Remote) -> AdvocacyModel {
    let mut client = PolicyServiceClient::new(remote.channel());
    let mut model = AdvocacyModel::default();
    for name in ["scoring", "lexicon"] {
        let version = Version {
            name: name.to_owned(),
            version: 0,
        };
        let request = GetPolicyRequest {
            which: Some(Which::Version(version)),
            ..GetPolicyRequest::default()
        };
        let answer = client.get_policy(request).await.unwrap().into_inner();
        match answer.policy.unwrap().published.unwrap().body {
            Some(Body::Scoring(scoring)) => model.scoring = Some(scoring),
            Some(Body::Lexicon(lexicon)) => model.lexicon = Some(lexicon),
            other => panic!("{other:?}"),
        }
    }
    model
}

/// A score without the positions of its evidence and the policy versions.
fn said(mut answer: GetOwnerAdvocacyResponse) -> GetOwnerAdvocacyResponse {
    answer.position.clear();
    answer.stale = false;
    (answer.scoring, answer.lexicon) = (None, None);
    for component in &mut answer.components {
        for contribution in &mut component.contributions {
            contribution.position.clear();
        }
    }
    answer
}

/// Writes a log whose touchpoints were recorded when they were reported, as a server does that runs for years;
/// so many at once, when the last of them was.
async fn live_through(data: &Path, history: &[Touchpoint], at_once: usize) {
    let clock = Arc::new(ManualClock::at(0));
    let options = EmbeddedOptions::new(data, Bytes::from_static(DESCRIPTOR_SET));
    let store = Arc::new(EmbeddedStore::open(&options, clock.clone()).unwrap());
    let limits = RecorderLimits {
        touchpoint_bytes: 65_536,
        text_characters: 10_000,
        future_tolerance: Duration::from_secs(60),
        photograph_schemes: Schemes::none(),
    };
    let recorder = Recorder::new(store.clone(), clock.clone(), limits);
    for batch in history.chunks(at_once) {
        let reported = batch.iter().map(|it| it.received_at.or(it.occurred_at));
        let reported = reported.map(|at| time::nanos_clamped(&at.unwrap()));
        clock.set(reported.max().unwrap());
        let recording = batch.iter().map(|touchpoint| {
            let prepared = recorder.prepare(touchpoint.clone(), Door::Import).unwrap();
            recorder.append(prepared, Expected::Any)
        });
        futures::future::try_join_all(recording).await.unwrap();
    }
    drop(recorder);
    assert!(store.close());
}
