//! A whole import against a server that breaks the connection, replays and refuses.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use ownerline_proto::v1::touchpoint_service_server::{TouchpointService, TouchpointServiceServer};
use ownerline_proto::v1::*;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::{Code, Request, Response, Status, Streaming};

use super::*;
use crate::cli::report::FormatArgs;

type Answers<T> = Pin<Box<dyn tokio_stream::Stream<Item = Result<T, Status>> + Send>>;

/// Stores ids; breaks each connection after so many batches as long as there are breaks left.
#[derive(Clone, Default)]
struct Fake {
    stored: Arc<Mutex<BTreeSet<String>>>,
    breaks: Arc<Mutex<u32>>,
    connections: Arc<Mutex<u32>>,
    refusal: Option<Code>,
}

impl Fake {
    fn decide(&self, touchpoint: Touchpoint) -> RecordResult {
        use record_result::Result as Decided;
        let decided = if touchpoint.id.starts_with("bad") {
            Decided::Refused(Refusal {
                code: Code::AlreadyExists.into(),
                reason: String::new(),
                message: "same id, other content".to_owned(),
                violations: Vec::new(),
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
                let decided = batch.touchpoints.into_iter().map(|it| fake.decide(it));
                let results = decided.collect();
                // Stored, but the answer is lost with the connection.
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

/// Imports the text; answers exit code or error, the summary as JSON, and the refused lines.
async fn import(fake: &Fake, text: &str) -> (Result<u8, CliError>, serde_json::Value, String) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(
        tonic::transport::Server::builder()
            .add_service(TouchpointServiceServer::new(fake.clone()))
            .serve_with_incoming(TcpListenerStream::new(listener)),
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("in.ndjson");
    std::fs::write(&file, text).unwrap();
    let args = ImportArgs {
        file,
        refused: Some(folder.path().join("refused")),
        format: FormatArgs::json(),
    };
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
    let told = if out.is_empty() { err } else { out };
    let summary = serde_json::from_slice(&told).unwrap();
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
    let told = |index: usize, name: &str| refused[index][name].clone();
    assert_eq!(
        (told(0, "number"), told(0, "reason")),
        (2.into(), "MALFORMED_LINE".into())
    );
    assert_eq!(
        (told(1, "number"), told(1, "reason")),
        (3.into(), "ALREADY_EXISTS".into())
    );
    assert_eq!(
        (told(1, "id"), told(1, "line")),
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
async fn a_server_that_refuses_on_purpose_is_not_asked_again() {
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
