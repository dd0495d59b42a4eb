//! `health`: whether a server takes calls, for probes and for people.

use std::time::Duration;

use clap::Args;
use serde::Serialize;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::connect::connect;
use super::report::{Column, FormatArgs, Report, Table};
use super::{CliError, FOUND, Output, SUCCESS};
use crate::grpc::SERVICES;

pub(super) const LONG_ABOUT: &str = "\
Asks a server whether it takes calls, over the protocol that Kubernetes and load balancers use (grpc.health.v1).

Without a name it asks about the server as a whole. A service has a health of its own: TouchpointService takes no calls
when nothing can be recorded any more, while the others go on answering.";

pub(super) const EXAMPLES: &str = "Examples:\n  \
    ownerline health\n  \
    ownerline health --service TimelineService\n  \
    ownerline health --all --json\n\n\
    Exit codes:\n  \
    0  it is serving\n  \
    1  it could not be asked, or knows no such service\n  \
    2  it is not serving (with --all: at least one is not)";

/// How long a probe waits for its answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Services may be named without it.
const PACKAGE: &str = "ownerline.v1.";

/// What `health` takes.
#[derive(Debug, Args)]
pub struct HealthArgs {
    /// The service to ask about, with or without `ownerline.v1.` [default: the server as a whole]
    #[arg(long, value_name = "NAME", conflicts_with = "all")]
    pub service: Option<String>,
    /// Ask about the server and each of its services
    #[arg(long)]
    pub all: bool,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// One service, and whether it takes calls.
#[derive(Serialize)]
struct Answer {
    /// Empty: the server as a whole.
    service: String,
    status: &'static str,
}

#[derive(Serialize)]
struct Answers {
    services: Vec<Answer>,
}

/// Asks, and answers with the exit code of a probe.
pub(super) async fn run(
    server: &str,
    args: &HealthArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let asking = ask(server, services(args));
    let asked = tokio::time::timeout(PATIENCE, asking).await;
    let services = asked.map_err(|_| CliError::Silent {
        server: server.to_owned(),
        patience: PATIENCE,
    })??;
    let serving = ServingStatus::Serving.as_str_name();
    let all_serve = services.iter().all(|answer| answer.status == serving);
    let columns = [
        Column::<Answer>::of("service", "service", |it| match it.service.as_str() {
            "" => "the server".into(),
            name => name.into(),
        }),
        Column::<Answer>::of("status", "status", |it| it.status.into()),
    ];
    let table = Table::new(&columns, &services);
    let lines = services.iter().map(line);
    let report = Report::new()
        .text(lines.collect::<String>())
        .for_programs(table);
    output.own_answer(&Answers { services }, args.format, report)?;
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

async fn ask(server: &str, services: Vec<String>) -> Result<Vec<Answer>, CliError> {
    let mut client = HealthClient::new(connect(server).await?);
    let mut answers = Vec::with_capacity(services.len());
    for service in services {
        let request = HealthCheckRequest {
            service: service.clone(),
        };
        let status = client.check(request).await?.into_inner().status();
        answers.push(Answer {
            service,
            status: status.as_str_name(),
        });
    }
    Ok(answers)
}

fn line(answer: &Answer) -> String {
    match answer.service.is_empty() {
        true => format!("{}\n", answer.status),
        false => format!("{} {}\n", answer.status, answer.service),
    }
}
