//! Health and reflection answer names that they do not know as their protocols say.

use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest as Asked;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse as Answered;
use tonic_reflection::pb::v1::{ExtensionRequest, ServerReflectionRequest};
use tonic_reflection::pb::v1alpha;
use tonic_types::StatusExt as _;

use crate::support::{Server, reason};

#[tokio::test(flavor = "multi_thread")]
async fn health_of_an_unknown_service_is_not_found_when_checked_and_unknown_when_watched() {
    let server = Server::start().await;
    let mut health = HealthClient::new(server.channel());
    let unknown = HealthCheckRequest {
        service: "no.such.Service".to_owned(),
    };
    let refused = health.check(unknown.clone()).await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::NotFound, "NOT_FOUND")
    );
    let details = refused.get_error_details();
    assert_eq!(
        details.resource_info().unwrap().resource_name,
        "no.such.Service"
    );
    let mut watch = health.watch(unknown).await.unwrap().into_inner();
    let first = watch.message().await.unwrap().unwrap();
    assert_eq!(first.status(), ServingStatus::ServiceUnknown);
    for service in [
        "",
        "ownerline.v1.TouchpointService",
        "ownerline.v1.AdvocacyService",
    ] {
        let request = HealthCheckRequest {
            service: service.to_owned(),
        };
        let answer = health.check(request).await.unwrap().into_inner();
        assert_eq!(answer.status(), ServingStatus::Serving, "{service}");
    }
    server.stop().await;
}

fn asked(asked: Asked) -> ServerReflectionRequest {
    ServerReflectionRequest {
        host: "here".to_owned(),
        message_request: Some(asked),
    }
}

/// One stream of questions, and the answer to each.
async fn reflected(server: &Server, questions: Vec<ServerReflectionRequest>) -> Vec<Answered> {
    let mut client = ServerReflectionClient::new(server.channel());
    let answers = client.server_reflection_info(tokio_stream::iter(questions.clone()));
    let mut answers = answers.await.unwrap().into_inner();
    let mut all = Vec::new();
    for question in questions {
        let answer = answers.message().await.unwrap().unwrap();
        assert_eq!(answer.valid_host, question.host);
        assert_eq!(answer.original_request, Some(question));
        all.push(answer.message_response.unwrap());
    }
    assert!(
        answers.message().await.unwrap().is_none(),
        "it ends with the questions"
    );
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn reflection_of_an_unknown_name_is_an_answer_and_the_stream_goes_on() {
    let server = Server::start().await;
    let name = |name: &str| name.to_owned();
    let unknown = vec![
        asked(Asked::FileByFilename(name("no/such.proto"))),
        asked(Asked::FileContainingSymbol(name("no.such.Message"))),
        asked(Asked::AllExtensionNumbersOfType(name("no.such.Message"))),
        asked(Asked::FileContainingExtension(ExtensionRequest {
            containing_type: name("google.protobuf.FieldOptions"),
            extension_number: 1,
        })),
    ];
    let count = unknown.len();
    let mut questions = unknown;
    questions.push(ServerReflectionRequest::default());
    questions.push(asked(Asked::ListServices(String::new())));
    let mut answers = reflected(&server, questions).await;
    let Some(Answered::ListServicesResponse(list)) = answers.pop() else {
        panic!("services are listed behind the errors");
    };
    let listed: Vec<_> = list
        .service
        .into_iter()
        .map(|service| service.name)
        .collect();
    for service in [
        "ownerline.v1.TouchpointService",
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
    ] {
        assert!(
            listed.iter().any(|name| name == service),
            "{service} in {listed:?}"
        );
    }
    for (number, answer) in answers.into_iter().enumerate() {
        let Answered::ErrorResponse(error) = answer else {
            panic!("{number} is answered with {answer:?}");
        };
        let expected = if number < count {
            Code::NotFound
        } else {
            Code::InvalidArgument
        };
        assert_eq!(error.error_code, i32::from(expected), "{error:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reflection_finds_every_kind_of_name_with_the_options_of_its_file() {
    let server = Server::start().await;
    let symbols = [
        "ownerline.v1.TouchpointService",
        "ownerline.v1.TouchpointService.Record",
        "ownerline.v1.Touchpoint",
        "ownerline.v1.Touchpoint.occurred_at",
        "ownerline.v1.Touchpoint.payload",
        "ownerline.v1.Visibility",
        "ownerline.v1.VISIBILITY_OWNER",
        "ownerline.v1.field_rules",
        "google.protobuf.Timestamp",
    ];
    let questions = symbols.map(|symbol| asked(Asked::FileContainingSymbol(symbol.to_owned())));
    let answers = reflected(&server, questions.into()).await;
    for (symbol, answer) in symbols.iter().zip(answers) {
        let Answered::FileDescriptorResponse(files) = answer else {
            panic!("{symbol}: {answer:?}");
        };
        assert_eq!(files.file_descriptor_proto.len(), 1);
        let set = ownerline_proto::DESCRIPTOR_SET;
        let file = &files.file_descriptor_proto[0];
        assert!(
            set.windows(file.len()).any(|window| window == file),
            "{symbol} is changed"
        );
    }
    let extended = "google.protobuf.FieldOptions".to_owned();
    let answers = reflected(
        &server,
        vec![asked(Asked::AllExtensionNumbersOfType(extended.clone()))],
    )
    .await;
    let Answered::AllExtensionNumbersResponse(numbers) = &answers[0] else {
        panic!("{answers:?}");
    };
    let number = *numbers.extension_number.first().expect("fields have rules");
    let extension = Asked::FileContainingExtension(ExtensionRequest {
        containing_type: extended,
        extension_number: number,
    });
    let answers = reflected(&server, vec![asked(extension)]).await;
    assert!(
        matches!(answers[0], Answered::FileDescriptorResponse(_)),
        "{answers:?}"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_older_version_of_reflection_says_the_same() {
    let server = Server::start().await;
    let mut client =
        v1alpha::server_reflection_client::ServerReflectionClient::new(server.channel());
    let question = |asked| v1alpha::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(asked),
    };
    use v1alpha::server_reflection_request::MessageRequest as Asked;
    use v1alpha::server_reflection_response::MessageResponse as Answered;
    let questions = [
        question(Asked::FileContainingSymbol("no.such.Message".to_owned())),
        question(Asked::FileContainingSymbol(
            "ownerline.v1.Touchpoint".to_owned(),
        )),
    ];
    let answers = client.server_reflection_info(tokio_stream::iter(questions));
    let mut answers = answers.await.unwrap().into_inner();
    let first = answers.message().await.unwrap().unwrap().message_response;
    assert!(matches!(first, Some(Answered::ErrorResponse(error)) if error.error_code == 5));
    let second = answers.message().await.unwrap().unwrap().message_response;
    assert!(
        matches!(second, Some(Answered::FileDescriptorResponse(_))),
        "{second:?}"
    );
    server.stop().await;
}
