//! `health`: whether a server is serving, for probes and for people.

use std::time::Duration;

use clap::Args;
use serde::Serialize;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::connect::connect;
use super::error::CliError;
use super::exit_code::{FOUND, SUCCESS};
use super::output::Output;
use super::report::{Column, FormatArgs, Report, Table};
use crate::grpc::SERVICES;

/// The long help of `health`.
pub(super) const ABOUT: &str = "Checks whether a server is serving, over the protocol that Kubernetes and load balancers use \
    (grpc.health.v1).\n\n\
    Without --service it checks the server as a whole. Each service also has a health of its own: \
    TouchpointService stops serving when nothing can be recorded any more, while the others go on answering. \
    They stop serving while a view they answer from catches up after a start, while TouchpointService goes on \
    recording; `ownerline projections list` says how far each view is.";

/// The examples of `health`.
pub(super) const EXAMPLES: &str = "Examples:\n  \
    ownerline health\n  \
    ownerline health --service TimelineService\n  \
    ownerline health --all --json\n\n\
    Exit codes:\n  \
    0  serving\n  \
    1  no answer, or no such service\n  \
    2  not serving; with --all: at least one service is not serving";

/// How long a probe waits for an answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The package of the services, which may be left out.
const PACKAGE: &str = "ownerline.v1.";

/// The arguments of `health`.
#[derive(Debug, Args)]
pub struct HealthArgs {
    /// The service to check, with or without `ownerline.v1.` [default: the server as a whole]
    #[arg(long, value_name = "NAME", conflicts_with = "all")]
    pub service: Option<String>,
    /// Check the server and each of its services
    #[arg(long)]
    pub all: bool,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// The health of one service.
#[derive(Serialize)]
struct ServiceHealth {
    /// Empty for the server as a whole.
    service: String,
    status: &'static str,
}

#[derive(Serialize)]
struct Answer {
    services: Vec<ServiceHealth>,
}

/// Checks the health of services and returns the exit code of a probe.
pub(super) async fn run(
    server: &str,
    args: &HealthArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let checking = check(server, services(args));
    let checked = tokio::time::timeout(PATIENCE, checking).await;
    let services = checked.map_err(|_| CliError::Silent {
        server: server.to_owned(),
        patience: PATIENCE,
    })??;
    let serving = ServingStatus::Serving.as_str_name();
    let all_serve = services.iter().all(|it| it.status == serving);
    let columns = [
        Column::<ServiceHealth>::of("service", "service", |it| match it.service.as_str() {
            "" => "the server".into(),
            name => name.into(),
        }),
        Column::<ServiceHealth>::of("status", "status", |it| it.status.into()),
    ];
    let table = Table::new(&columns, &services);
    let lines = services.iter().map(line);
    let report = Report::new()
        .text(lines.collect::<String>())
        .for_programs(table);
    output.own_answer(&Answer { services }, args.format, report)?;
    Ok(if all_serve { SUCCESS } else { FOUND })
}

fn services(args: &HealthArgs) -> Vec<String> {
    if args.all {
        return SERVICES.map(str::to_owned).into();
    }
    let named = args.service.clone().unwrap_or_default();
    vec![match named.is_empty() || named.contains('.') {
        true => named,
        false => format!("{PACKAGE}{named}"),
    }]
}

async fn check(server: &str, services: Vec<String>) -> Result<Vec<ServiceHealth>, CliError> {
    let mut client = HealthClient::new(connect(server).await?);
    let mut checked = Vec::with_capacity(services.len());
    for service in services {
        let request = HealthCheckRequest {
            service: service.clone(),
        };
        let status = client.check(request).await?.into_inner().status();
        checked.push(ServiceHealth {
            service,
            status: status.as_str_name(),
        });
    }
    Ok(checked)
}

fn line(health: &ServiceHealth) -> String {
    match health.service.is_empty() {
        true => format!("{}\n", health.status),
        false => format!("{} {}\n", health.status, health.service),
    }
}
