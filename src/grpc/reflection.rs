//! `grpc.reflection`: the contract, for clients that have none. A name that is not in it is answered inside the stream,
//! as the protocol asks, and the stream goes on.

use std::collections::BTreeMap;
use std::future::ready;
use std::sync::Arc;

use futures::{Stream, StreamExt as _, stream};
use prost::{DecodeError, Message};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest as Question;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse as Answered;
use tonic_reflection::pb::v1::server_reflection_server::ServerReflection;
use tonic_reflection::pb::v1::{
    ErrorResponse, ExtensionNumberResponse, FileDescriptorResponse, ListServiceResponse,
    ServerReflectionRequest, ServerReflectionResponse, ServiceResponse,
};
use tonic_reflection::pb::v1alpha;

use super::paced::Answers;
use super::problem::Problem;
use super::status::status;

/// A descriptor set whose files stay encoded: prost would drop their custom options.
#[derive(Clone, PartialEq, Message)]
struct EncodedFiles {
    #[prost(bytes = "vec", repeated, tag = "1")]
    file: Vec<Vec<u8>>,
}

type File = Arc<[u8]>;

/// Every file of the contract, and where each name is declared.
#[derive(Debug, Default)]
struct Contract {
    files: BTreeMap<String, File>,
    symbols: BTreeMap<String, File>,
    /// By the extended message and the number.
    extensions: BTreeMap<(String, i32), File>,
    messages: Vec<String>,
    services: Vec<String>,
}

impl Contract {
    fn new(sets: &[&[u8]]) -> Result<Self, DecodeError> {
        let mut contract = Self::default();
        for set in sets {
            for encoded in EncodedFiles::decode(*set)?.file {
                let file = FileDescriptorProto::decode(encoded.as_slice())?;
                contract.file(&file, &encoded.into());
            }
        }
        Ok(contract)
    }

    /// Adds a file; what several sets import is there once.
    fn file(&mut self, file: &FileDescriptorProto, encoded: &File) {
        let name = file.name().to_owned();
        if self.files.insert(name, encoded.clone()).is_some() {
            return;
        }
        let package = file.package();
        for message in &file.message_type {
            self.message(package, message, encoded);
        }
        for declared in &file.enum_type {
            self.enumeration(package, declared, encoded);
        }
        for field in &file.extension {
            self.extension(package, field, encoded);
        }
        for service in &file.service {
            let name = self.symbol(package, service.name(), encoded);
            for method in &service.method {
                self.symbol(&name, method.name(), encoded);
            }
            self.services.push(name);
        }
    }

    fn message(&mut self, scope: &str, message: &DescriptorProto, file: &File) {
        let name = self.symbol(scope, message.name(), file);
        for field in &message.field {
            self.symbol(&name, field.name(), file);
        }
        for oneof in &message.oneof_decl {
            self.symbol(&name, oneof.name(), file);
        }
        for nested in &message.nested_type {
            self.message(&name, nested, file);
        }
        for declared in &message.enum_type {
            self.enumeration(&name, declared, file);
        }
        for field in &message.extension {
            self.extension(&name, field, file);
        }
        self.messages.push(name);
    }

    fn enumeration(&mut self, scope: &str, declared: &EnumDescriptorProto, file: &File) {
        let name = self.symbol(scope, declared.name(), file);
        for value in &declared.value {
            // A value belongs to the scope around its enum; clients ask for it either way.
            self.symbol(scope, value.name(), file);
            self.symbol(&name, value.name(), file);
        }
    }

    fn extension(&mut self, scope: &str, field: &FieldDescriptorProto, file: &File) {
        self.symbol(scope, field.name(), file);
        let extended = field.extendee().trim_start_matches('.').to_owned();
        self.extensions
            .insert((extended, field.number()), file.clone());
    }

    fn symbol(&mut self, scope: &str, name: &str, file: &File) -> String {
        let full = match scope {
            "" => name.to_owned(),
            scope => format!("{scope}.{name}"),
        };
        self.symbols.insert(full.clone(), file.clone());
        full
    }

    fn answer(&self, request: ServerReflectionRequest) -> ServerReflectionResponse {
        let answered = match &request.message_request {
            Some(Question::FileByFilename(name)) => {
                file_response(self.files.get(name), "file", name)
            }
            Some(Question::FileContainingSymbol(name)) => {
                file_response(self.symbols.get(name), "symbol", name)
            }
            Some(Question::FileContainingExtension(asked)) => {
                let (extended, number) = (asked.containing_type.clone(), asked.extension_number);
                let name = format!("{extended} {number}");
                file_response(self.extensions.get(&(extended, number)), "extension", &name)
            }
            Some(Question::AllExtensionNumbersOfType(name)) => self.extension_numbers(name),
            Some(Question::ListServices(_)) => {
                let services = self.services.iter().cloned();
                let service = services.map(|name| ServiceResponse { name }).collect();
                Answered::ListServicesResponse(ListServiceResponse { service })
            }
            None => error(Code::InvalidArgument, "nothing is asked for".to_owned()),
        };
        ServerReflectionResponse {
            valid_host: request.host.clone(),
            original_request: Some(request),
            message_response: Some(answered),
        }
    }

    fn extension_numbers(&self, name: &str) -> Answered {
        if !self.messages.iter().any(|message| message == name) {
            return not_found("message", name);
        }
        let all = self.extensions.keys();
        let of_this = all.filter(|(extended, _)| extended == name);
        Answered::AllExtensionNumbersResponse(ExtensionNumberResponse {
            base_type_name: name.to_owned(),
            extension_number: of_this.map(|(_, number)| *number).collect(),
        })
    }
}

fn file_response(file: Option<&File>, what: &str, name: &str) -> Answered {
    let Some(file) = file else {
        return not_found(what, name);
    };
    Answered::FileDescriptorResponse(FileDescriptorResponse {
        file_descriptor_proto: vec![file.to_vec()],
    })
}

fn not_found(what: &str, name: &str) -> Answered {
    error(
        Code::NotFound,
        format!("no {what} {name:?} is declared here"),
    )
}

fn error(code: Code, error_message: String) -> Answered {
    Answered::ErrorResponse(ErrorResponse {
        error_code: code.into(),
        error_message,
    })
}

/// The service, in both versions of its protocol.
#[derive(Debug, Clone)]
pub(super) struct Reflection {
    contract: Arc<Contract>,
    drain: CancellationToken,
}

impl Reflection {
    /// Answers about the files of these descriptor sets, until `drain` is cancelled.
    pub(super) fn new(sets: &[&[u8]], drain: CancellationToken) -> Result<Self, DecodeError> {
        Ok(Self {
            contract: Arc::new(Contract::new(sets)?),
            drain,
        })
    }

    fn answers<Q, A>(
        &self,
        requests: Streaming<Q>,
        answer: impl Fn(&Contract, Q) -> Result<A, Status> + Send + 'static,
    ) -> Answers<A>
    where
        Q: Send + 'static,
        A: Send + 'static,
    {
        let contract = self.contract.clone();
        let answers = requests.map(move |request| answer(&contract, request?));
        Box::pin(until_drained(answers, self.drain.clone()))
    }
}

/// The answers until the server drains, and then the word for it.
fn until_drained<A: Send>(
    answers: impl Stream<Item = Result<A, Status>> + Send,
    drain: CancellationToken,
) -> impl Stream<Item = Result<A, Status>> + Send {
    let drained = drain.clone();
    let ending = stream::once(async move {
        let stopping = || Err(status(Problem::stopping()));
        drained.is_cancelled().then(stopping)
    });
    answers
        .take_until(drain.cancelled_owned())
        .chain(ending.filter_map(ready))
}

#[tonic::async_trait]
impl ServerReflection for Reflection {
    type ServerReflectionInfoStream = Answers<ServerReflectionResponse>;

    async fn server_reflection_info(
        &self,
        request: Request<Streaming<ServerReflectionRequest>>,
    ) -> Result<Response<Self::ServerReflectionInfoStream>, Status> {
        let answer = |contract: &Contract, request| Ok(contract.answer(request));
        Ok(Response::new(self.answers(request.into_inner(), answer)))
    }
}

#[tonic::async_trait]
impl v1alpha::server_reflection_server::ServerReflection for Reflection {
    type ServerReflectionInfoStream = Answers<v1alpha::ServerReflectionResponse>;

    async fn server_reflection_info(
        &self,
        request: Request<Streaming<v1alpha::ServerReflectionRequest>>,
    ) -> Result<Response<Self::ServerReflectionInfoStream>, Status> {
        // The messages of both versions are the same on the wire.
        let answer = |contract: &Contract, request: v1alpha::ServerReflectionRequest| {
            let request = ServerReflectionRequest::decode(request.encode_to_vec().as_slice());
            let answer = contract.answer(request.unwrap_or_default()).encode_to_vec();
            let answer = v1alpha::ServerReflectionResponse::decode(answer.as_slice());
            answer.map_err(|_| status(Problem::internal()))
        };
        Ok(Response::new(self.answers(request.into_inner(), answer)))
    }
}
