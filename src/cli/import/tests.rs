//! A whole import against a server that breaks the connection, replays and refuses.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use ownerline_proto::v1::touchpoint_service_server::{TouchpointService, TouchpointServiceServer};
use ownerline_proto::v1::*;
use tokio::sync::mpsc;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::{Code, Request, Response, Status, Streaming};

use super::*;
use crate::cli::report::FormatArgs;

type Answers<T> = Pin<Box<dyn tokio_stream::Stream<Item = Result<T, Status>> + Send>>;

/// A server that stores ids and breaks as many connections as it is told to.
#[derive(Clone, Default)]
struct Fake {
    stored: Arc<Mutex<BTreeSet<String>>>,
    breaks: Arc<Mutex<u32>>,
    connections: Arc<Mutex<u32>>,
    refusal: Option<Code>,
    /// Once this many touchpoints are stored, further ones are refused with this code and reason, as often as `outages`
    /// says.
    outage: Option<(usize, Code, &'static str)>,
    outages: Arc<Mutex<u32>>,
}

impl Fake {
    fn decide(&self, touchpoint: Touchpoint, validate_only: bool) -> RecordResult {
        use record_result::Result as Decided;
        let decided = if let Some((code, reason)) = self.outage_now() {
            Decided::Refused(Refusal {
                code: code.into(),
                reason: reason.to_owned(),
                message: "not now".to_owned(),
                ..Refusal::default()
            })
        } else if validate_only && !touchpoint.id.starts_with("bad") {
            Decided::Recorded(RecordResponse::default())
        } else if touchpoint.id.starts_with("bad") {
            Decided::Refused(Refusal {
                code: Code::AlreadyExists.into(),
                reason: String::new(),
                message: "same id, other content".to_owned(),
                ..Refusal::default()
            })
        } else {
            Decided::Recorded(RecordResponse {
                replayed: !self.stored.lock().unwrap().insert(touchpoint.id),
                ..RecordResponse::default()
            })
        };
        RecordResult {
            result: Some(decided),
        }
    }

    fn outage_now(&self) -> Option<(Code, &'static str)> {
        let (from, code, reason) = self.outage?;
        let mut left = self.outages.lock().unwrap();
        if self.stored.lock().unwrap().len() < from || *left == 0 {
            return None;
        }
        *left -= 1;
        Some((code, reason))
    }

    fn breaks_now(&self) -> bool {
        let mut left = self.breaks.lock().unwrap();
        let breaks = *left > 0;
        *left = left.saturating_sub(1);
        breaks
    }
}

#[tonic::async_trait]
impl TouchpointService for Fake {
    type ImportStream = Answers<ImportResponse>;
    type ReadStreamStream = Answers<ReadStreamResponse>;
    type RecordStreamStream = Answers<RecordStreamResponse>;
    type SubscribeStream = Answers<SubscribeResponse>;

    async fn import(
        &self,
        request: Request<Streaming<ImportRequest>>,
    ) -> Result<Response<Self::ImportStream>, Status> {
        *self.connections.lock().unwrap() += 1;
        if let Some(code) = self.refusal {
            return Err(Status::new(code, "not you"));
        }
        let mut batches = request.into_inner();
        let (queue, answers) = mpsc::channel(1);
        let fake = self.clone();
        tokio::spawn(async move {
            while let Ok(Some(batch)) = batches.message().await {
                let validate_only = batch.validate_only;
                let touchpoints = batch.touchpoints.into_iter();
                let decided = touchpoints.map(|it| fake.decide(it, validate_only));
                let results = decided.collect();
                // The touchpoints are stored, but the answer is lost with the connection.
                if fake.breaks_now() {
                    let _ = queue.send(Err(Status::unavailable("gone"))).await;
                    return;
                }
                let _ = queue.send(Ok(ImportResponse { results })).await;
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(answers))))
    }

    async fn record(&self, _: Request<RecordRequest>) -> Result<Response<RecordResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn record_batch(
        &self,
        _: Request<RecordBatchRequest>,
    ) -> Result<Response<RecordBatchResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn record_stream(
        &self,
        _: Request<Streaming<RecordStreamRequest>>,
    ) -> Result<Response<Self::RecordStreamStream>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn get_touchpoint(
        &self,
        _: Request<GetTouchpointRequest>,
    ) -> Result<Response<GetTouchpointResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn list_touchpoints(
        &self,
        _: Request<ListTouchpointsRequest>,
    ) -> Result<Response<ListTouchpointsResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn list_owners(
        &self,
        _: Request<ListOwnersRequest>,
    ) -> Result<Response<ListOwnersResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn list_dealers(
        &self,
        _: Request<ListDealersRequest>,
    ) -> Result<Response<ListDealersResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn read_stream(
        &self,
        _: Request<ReadStreamRequest>,
    ) -> Result<Response<Self::ReadStreamStream>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn subscribe(
        &self,
        _: Request<SubscribeRequest>,
    ) -> Result<Response<Self::SubscribeStream>, Status> {
        Err(Status::unimplemented(""))
    }
}

fn line(id: &str) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"//t","type":"com.ownerline.case_reopened.v1","time":"2024-01-01T00:00:00Z","caseid":"c"}}"#
    )
}

/// Imports a text; returns the exit code or error, the summary as JSON, and the refused lines.
async fn import(fake: &Fake, text: &str) -> (Result<u8, CliError>, serde_json::Value, String) {
    import_with(fake, text.as_bytes(), |_| {}).await
}

async fn import_with(
    fake: &Fake,
    input: &[u8],
    change: impl FnOnce(&mut ImportArgs),
) -> (Result<u8, CliError>, serde_json::Value, String) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(
        tonic::transport::Server::builder()
            .add_service(TouchpointServiceServer::new(fake.clone()))
            .serve_with_incoming(TcpListenerStream::new(listener)),
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("in.ndjson");
    std::fs::write(&file, input).unwrap();
    let mut args = ImportArgs {
        file,
        refused: Some(folder.path().join("refused")),
        warnings: None,
        from_line: 1,
        dry_run: false,
        no_wait: true,
        format: FormatArgs::json(),
    };
    change(&mut args);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut output = Output {
        out: Box::new(&mut out),
        err: Box::new(&mut err),
        width: 80,
        is_terminal: true,
    };
    let ended = run(&server, &args, &mut output).await;
    drop(output);
    serving.abort();
    let summary = if out.is_empty() { err } else { out };
    let summary = serde_json::from_slice(&summary).unwrap();
    let refused = std::fs::read_to_string(folder.path().join("refused")).unwrap_or_default();
    (ended, summary, refused)
}

#[tokio::test]
async fn refused_lines_are_kept_and_the_run_goes_on() {
    let text = [&*line("1"), "nonsense", &line("bad-1"), "", &line("2")].join("\n");
    let (ended, summary, refused) = import(&Fake::default(), &text).await;
    assert_eq!(ended.unwrap(), SOME_REFUSED);
    assert_eq!(
        (&summary["stored"], &summary["refused"]),
        (&2.into(), &2.into())
    );
    let refused: Vec<serde_json::Value> = refused
        .lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    let field = |index: usize, name: &str| refused[index][name].clone();
    assert_eq!(
        (field(0, "number"), field(0, "reason")),
        (2.into(), "MALFORMED_LINE".into())
    );
    assert_eq!(
        (field(1, "number"), field(1, "reason")),
        (3.into(), "ALREADY_EXISTS".into())
    );
    assert_eq!(
        (field(1, "id"), field(1, "line")),
        ("bad-1".into(), line("bad-1").into())
    );
}

#[tokio::test]
async fn broken_connections_lose_nothing_and_store_nothing_twice() {
    let fake = Fake::default();
    *fake.breaks.lock().unwrap() = 3;
    let text: String = (0..4_200).map(|id| line(&id.to_string()) + "\n").collect();
    let (ended, summary, refused) = import(&fake, &text).await;
    assert_eq!(ended.unwrap(), SUCCESS);
    assert_eq!(refused, "");
    assert_eq!(fake.stored.lock().unwrap().len(), 4_200);
    let counted = summary["stored"].as_u64().unwrap() + summary["replayed"].as_u64().unwrap();
    assert_eq!(counted, 4_200, "every line is counted once");
    assert_eq!(*fake.connections.lock().unwrap(), 4);
}

#[tokio::test]
async fn a_server_that_refuses_deliberately_is_not_asked_again() {
    let fake = Fake {
        refusal: Some(Code::PermissionDenied),
        ..Fake::default()
    };
    let (ended, summary, _) = import(&fake, &line("1")).await;
    assert!(matches!(ended, Err(CliError::Server(_))));
    assert_eq!(summary["stored"], 0);
    assert_eq!(*fake.connections.lock().unwrap(), 1);
}

#[tokio::test]
async fn an_outage_is_not_the_fault_of_a_line_and_says_where_to_continue() {
    let fake = Fake {
        outage: Some((3, Code::Unavailable, "STORE_POISONED")),
        ..Fake::default()
    };
    *fake.outages.lock().unwrap() = u32::MAX;
    let text: String = (1..=6).map(|id| line(&id.to_string()) + "\n").collect();
    let (ended, summary, refused) = import(&fake, &text).await;
    let error = ended.unwrap_err();
    assert!(
        matches!(error, CliError::Outage { lasting: true, .. }),
        "{error}"
    );
    assert!(error.explanation().contains("STORE_POISONED"));
    assert_eq!(refused, "");
    let number = |name: &str| summary[name].as_u64();
    assert_eq!(
        (number("stored"), number("refused"), number("undecidedFrom")),
        (Some(3), Some(0), Some(4))
    );
    assert_eq!(
        *fake.connections.lock().unwrap(),
        1,
        "waiting does not help"
    );

    *fake.outages.lock().unwrap() = 0;
    let (ended, summary, _) = import_with(&fake, text.as_bytes(), |args| args.from_line = 4).await;
    assert_eq!(ended.unwrap(), SUCCESS);
    assert_eq!(
        (&summary["stored"], &summary["replayed"]),
        (&3.into(), &0.into())
    );
}

#[tokio::test]
async fn a_server_that_is_busy_for_a_while_is_waited_for() {
    let fake = Fake {
        outage: Some((2, Code::ResourceExhausted, "BUSY")),
        ..Fake::default()
    };
    // Everything in a batch after the first refusal is refused, too.
    *fake.outages.lock().unwrap() = 5;
    let text: String = (1..=6).map(|id| line(&id.to_string()) + "\n").collect();
    let (ended, summary, refused) = import(&fake, &text).await;
    assert_eq!(ended.unwrap(), SUCCESS);
    assert_eq!(refused, "");
    assert_eq!(fake.stored.lock().unwrap().len(), 6);
    // What was stored after a refusal is sent again with it, and replayed.
    let counted = summary["stored"].as_u64().unwrap() + summary["replayed"].as_u64().unwrap();
    assert_eq!(counted, 6);
    assert!(summary.get("undecidedFrom").is_none(), "{summary}");
}

#[tokio::test]
async fn a_dry_run_stores_nothing_and_refuses_what_would_be_refused() {
    let fake = Fake::default();
    let text = [&*line("1"), "nonsense", &line("bad-1"), &line("2")].join("\n");
    let (ended, summary, refused) =
        import_with(&fake, text.as_bytes(), |args| args.dry_run = true).await;
    assert_eq!(ended.unwrap(), SOME_REFUSED);
    assert_eq!(refused.lines().count(), 2);
    assert_eq!(
        (&summary["stored"], &summary["dryRun"]),
        (&2.into(), &true.into())
    );
    assert!(fake.stored.lock().unwrap().is_empty());
}

#[tokio::test]
async fn whole_lines_before_damage_are_stored_and_its_line_is_reported() {
    use std::io::Write as _;
    let text: String = (1..=2_000).map(|id| line(&id.to_string()) + "\n").collect();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    let whole = encoder.finish().unwrap();
    let fake = Fake::default();
    let (ended, summary, refused) = import_with(&fake, &whole[..whole.len() - 20], |_| {}).await;
    let Err(CliError::Unreadable { source, .. }) = ended else {
        panic!("{ended:?}");
    };
    assert!(source.line > 1_900, "{source}");
    assert_eq!(refused, "");
    assert_eq!(summary["stored"], source.line - 1);
    assert_eq!(summary["undecidedFrom"], source.line);
}

#[tokio::test]
async fn a_batch_of_events_in_one_array_is_imported() {
    let fake = Fake::default();
    let text = format!("[\n{},\n{}]", line("1"), line("2").replace(',', ",\n"));
    let (ended, summary, _) = import(&fake, &text).await;
    assert_eq!(ended.unwrap(), SUCCESS);
    assert_eq!(summary["stored"], 2);
}

#[tokio::test]
async fn an_empty_file_needs_no_server() {
    let fake = Fake::default();
    let (ended, summary, _) = import(&fake, "\n\n").await;
    assert_eq!(ended.unwrap(), SUCCESS);
    assert_eq!(summary["stored"], 0);
    assert_eq!(*fake.connections.lock().unwrap(), 0);
}

#[tokio::test]
async fn real_data_of_a_help_desk_is_imported() {
    let Some(folder) = std::env::var_os("OWNERLINE_DATA") else {
        println!("SKIPPED: OWNERLINE_DATA does not name the folder with the help-desk data");
        return;
    };
    let path = Path::new(&folder).join("helpdesk.touchpoints.ndjson.gz");
    let mut text = String::new();
    flate2::read::GzDecoder::new(File::open(path).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    let (ended, summary, _) = import(&Fake::default(), &text).await;
    assert_eq!(ended.unwrap(), SUCCESS);
    assert_eq!(summary["stored"], 40_142);
}
