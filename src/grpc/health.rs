//! `grpc.health.v1`: which services take calls. Its streams say so before anything else ends, and end last.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::stream;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_server::Health as HealthProtocol;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use super::open::Open;
use super::paced::Answers;
use super::problem::Problem;
use super::services::SERVICES;
use super::status::status;

/// What is said about every service.
#[derive(Debug)]
struct Statuses {
    of: BTreeMap<&'static str, ServingStatus>,
    /// Nothing is said any more.
    are_final: bool,
}

/// Says per service whether it takes calls. Clones share what is said.
#[derive(Debug, Clone)]
pub struct Health {
    statuses: Arc<watch::Sender<Statuses>>,
}

impl Health {
    /// Nothing takes calls yet.
    #[must_use]
    pub fn new() -> Self {
        let statuses = SERVICES.map(|service| (service, ServingStatus::NotServing));
        Self {
            statuses: Arc::new(watch::Sender::new(Statuses {
                of: statuses.into(),
                are_final: false,
            })),
        }
    }

    /// Nothing takes calls any more, whatever is said from here on.
    pub fn stopping(&self) {
        self.say(|_| ServingStatus::NotServing, true);
    }

    /// Everything takes calls but these services, and then the server as a whole does not either.
    pub fn all_but(&self, refused: &[&str]) {
        let status = |service: &str| {
            let whole = service.is_empty() && !refused.is_empty();
            match whole || refused.contains(&service) {
                true => ServingStatus::NotServing,
                false => ServingStatus::Serving,
            }
        };
        self.say(status, false);
    }

    fn say(&self, status: impl Fn(&str) -> ServingStatus, are_final: bool) {
        self.statuses.send_if_modified(|statuses| {
            if statuses.are_final {
                return false;
            }
            statuses.are_final = are_final;
            for (service, said) in &mut statuses.of {
                *said = status(service);
            }
            true
        });
    }
}

impl Default for Health {
    fn default() -> Self {
        Self::new()
    }
}

/// The service.
pub(super) struct HealthApi {
    pub(super) health: Health,
    /// Cancelled when streams must end.
    pub(super) drain: CancellationToken,
    /// Every call of the server but the watches of this service.
    pub(super) others: Arc<Open>,
}

#[tonic::async_trait]
impl HealthProtocol for HealthApi {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let service = request.into_inner().service;
        let statuses = self.health.statuses.borrow();
        let found = statuses.of.get(service.as_str()).copied();
        drop(statuses);
        let found = found.ok_or_else(|| status(unknown(service)))?;
        Ok(Response::new(answer(found)))
    }

    type WatchStream = Answers<HealthCheckResponse>;

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let watching = Watching {
            service: request.into_inner().service,
            statuses: self.health.statuses.subscribe(),
            told: None,
            drain: self.drain.clone(),
            others: self.others.clone(),
        };
        let answers = stream::unfold(Some(watching), async |watching| watching?.next().await);
        Ok(Response::new(Box::pin(answers)))
    }
}

/// One watch of one service.
struct Watching {
    service: String,
    statuses: watch::Receiver<Statuses>,
    told: Option<ServingStatus>,
    drain: CancellationToken,
    others: Arc<Open>,
}

impl Watching {
    fn current(&mut self) -> ServingStatus {
        let statuses = self.statuses.borrow_and_update();
        let found = statuses.of.get(self.service.as_str()).copied();
        // The protocol's word for a name that may become known later.
        found.unwrap_or(ServingStatus::ServiceUnknown)
    }

    async fn next(mut self) -> Option<(Result<HealthCheckResponse, Status>, Option<Self>)> {
        loop {
            let found = self.current();
            if self.told != Some(found) {
                self.told = Some(found);
                return Some((Ok(answer(found)), Some(self)));
            }
            tokio::select! {
                // First, so that NOT_SERVING is told before the end.
                biased;
                changed = self.statuses.changed() => changed.ok()?,
                () = ended(&self.drain, &self.others) => {
                    return Some((Err(status(Problem::stopping())), None));
                }
            }
        }
    }
}

/// Waits until the server drains and every other call has ended.
async fn ended(drain: &CancellationToken, others: &Open) {
    drain.cancelled().await;
    others.none().await;
}

fn answer(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse {
        status: status.into(),
    }
}

fn unknown(service: String) -> Problem {
    let message = format!("no service {service:?} is served here");
    let mut problem = Problem::new(Code::NotFound, "NOT_FOUND", message);
    problem.resource = Some(("service", service));
    problem
}
