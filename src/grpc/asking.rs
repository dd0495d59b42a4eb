//! What is the same for every read: who asks, the bounds and the page of the request, and what the answer reflects.

use futures::TryStreamExt as _;
use ownerline_projections::Viewer;
use ownerline_proto::conversions::{BasedAnswer, BoundedRequest, PagedRequest};
use ownerline_proto::field_class::FieldClasses;
use ownerline_proto::redaction::redact;
use ownerline_proto::time;
use prost::{Message, Name};
use tonic::{Code, Request, Response, Status};

use super::convert;
use super::paced::Answers;
use super::problem::{Problem, RETRY_VIEW};
use super::status::status;
use crate::query::{Answer, Bounds, NotYet, PageAsk, PositionText};

impl From<NotYet> for Problem {
    fn from(error: NotYet) -> Self {
        let NotYet {
            view,
            wanted,
            reached,
            text,
            ..
        } = error;
        let missing = wanted.0.saturating_sub(reached.0);
        let message =
            format!("the read model {view} has not applied what the answer needs in time");
        Self::new(Code::Unavailable, "NOT_YET_VISIBLE", message)
            .with("view", view)
            .with("reached", text.write(reached))
            .with("missing_events", missing.to_string())
            .retry(RETRY_VIEW)
    }
}

/// Who asks, and what. Until identities exist whoever asks sees everything, unless a layer in front of the services says who
/// they are.
pub(super) fn caller<R>(request: Request<R>) -> (Viewer, R) {
    let viewer = request.extensions().get::<Viewer>().cloned();
    (viewer.unwrap_or_default(), request.into_inner())
}

/// An answer as the viewer may read it: the one place where fields of withheld classes are left out.
pub(super) fn answered<M: Message + Name + Default>(
    viewer: &Viewer,
    answer: Result<M, Problem>,
) -> Result<Response<M>, Status> {
    let mut message = answer.map_err(status)?;
    redact(&mut message, viewer.readable);
    Ok(Response::new(message))
}

/// A stream of answers as the viewer may read them.
pub(super) fn streamed<M: Message + Name + Default + 'static>(
    viewer: &Viewer,
    answers: Result<Answers<M>, Problem>,
) -> Result<Response<Answers<M>>, Status> {
    let answers = answers.map_err(status)?;
    let readable = viewer.readable;
    if readable == FieldClasses::ALL {
        return Ok(Response::new(answers));
    }
    let redacted = answers.map_ok(move |mut message| {
        redact(&mut message, readable);
        message
    });
    Ok(Response::new(Box::pin(redacted)))
}

/// Implements RPCs of one answer: who asks is read from the request, the answer is computed for them, and they are shown what
/// they may read. `then` completes what they are shown from what is left.
///
/// ```text
/// get_timeline: GetTimelineRequest => GetTimelineResponse,
///     |api, request, viewer| api.page(request, viewer) => then headlines::of_page;
/// ```
macro_rules! answers {
    ($($rpc:ident: $request:ty => $response:ty,
        |$api:ident, $ask:ident, $viewer:ident| $answer:expr $(=> then $complete:path)?;)+) => {$(
        fn $rpc<'s, 'f>(
            &'s self,
            request: tonic::Request<$request>,
        ) -> futures::future::BoxFuture<'f, Result<tonic::Response<$response>, tonic::Status>>
        where
            's: 'f,
            Self: 'f,
        {
            Box::pin(async move {
                let (caller, $ask) = $crate::grpc::asking::caller(request);
                let ($api, $viewer) = (self, &caller);
                let answer = $answer.await;
                $crate::grpc::asking::answered($viewer, answer)
                    $(.map(|response| response.map(|it| $complete(it, caller.readable))))?
            })
        }
    )+};
}
pub(super) use answers;

/// The bounds of a request.
pub(super) fn bounds(text: PositionText, request: &impl BoundedRequest) -> Result<Bounds, Problem> {
    let known_at = request.known_at().cloned();
    let as_of = request.as_of().copied();
    convert::bounds(text, request.at_least(), known_at, as_of)
}

/// The page that a request asks for.
pub(super) fn page<R: BoundedRequest + PagedRequest>(
    text: PositionText,
    request: &R,
) -> Result<PageAsk, Problem> {
    let token = request.page_token();
    Ok(PageAsk {
        bounds: bounds(text, request)?,
        size: page_size(request),
        token: (!token.is_empty()).then(|| token.to_owned()),
        query: query(request),
    })
}

/// Entries of a page, if the request says how many.
pub(super) fn page_size(request: &impl PagedRequest) -> Option<usize> {
    match request.page_size() {
        0 => None,
        size => Some(usize::try_from(size).unwrap_or(usize::MAX)),
    }
}

/// The digest that the tokens of a query are bound to.
pub(super) fn query(request: &impl PagedRequest) -> blake3::Hash {
    blake3::hash(&request.query().encode_to_vec())
}

/// A text, if one is given.
pub(super) fn non_empty(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// The message of an answer, with what it reflects.
pub(super) fn based<T, M: BasedAnswer>(
    text: PositionText,
    answer: Answer<T>,
    message: impl FnOnce(T) -> M,
) -> M {
    let (basis, stale) = (answer.basis, answer.stale);
    let mut message = message(answer.value);
    let as_of = time::timestamp(basis.as_of);
    message.set_basis(as_of, text.write(basis.known_at), stale);
    message
}

#[cfg(test)]
mod tests {
    use futures::StreamExt as _;
    use ownerline_proto::field_class::FieldClass;
    use ownerline_proto::v1::touchpoint::Payload;
    use ownerline_proto::v1::{
        FeedbackReceived, GetTouchpointResponse, RecordedTouchpoint, Subjects, Touchpoint,
    };

    use super::*;

    fn viewer() -> Viewer {
        let readable = FieldClasses::NONE
            .with(FieldClass::Id)
            .with(FieldClass::Fact);
        Viewer {
            readable,
            ..Viewer::unrestricted()
        }
    }

    fn message() -> GetTouchpointResponse {
        GetTouchpointResponse {
            recorded: Some(RecordedTouchpoint {
                touchpoint: Some(Touchpoint {
                    subjects: Some(Subjects {
                        owner_id: "owner-22".to_owned(),
                        ..Subjects::default()
                    }),
                    payload: Some(Payload::FeedbackReceived(FeedbackReceived {
                        verbatim: "never again".to_owned(),
                        score: Some(2),
                        ..FeedbackReceived::default()
                    })),
                    ..Touchpoint::default()
                }),
                ..RecordedTouchpoint::default()
            }),
        }
    }

    fn feedback(message: &GetTouchpointResponse) -> (&str, &FeedbackReceived) {
        let recorded = message.recorded.as_ref().unwrap();
        let touchpoint = recorded.touchpoint.as_ref().unwrap();
        let owner = &touchpoint.subjects.as_ref().unwrap().owner_id;
        match &touchpoint.payload {
            Some(Payload::FeedbackReceived(feedback)) => (owner, feedback),
            _ => panic!("the kind of a payload stays known"),
        }
    }

    #[test]
    fn the_caller_is_whom_a_layer_says_and_otherwise_sees_everything() {
        let mut request = Request::new(());
        assert_eq!(caller(Request::new(())).0, Viewer::unrestricted());
        request.extensions_mut().insert(viewer());
        assert_eq!(caller(request).0, viewer());
    }

    #[test]
    fn an_answer_leaves_out_what_its_viewer_may_not_read() {
        let whole = answered(&Viewer::unrestricted(), Ok(message())).unwrap();
        assert_eq!(whole.into_inner(), message());
        let redacted = answered(&viewer(), Ok(message())).unwrap().into_inner();
        let (owner, feedback) = feedback(&redacted);
        assert_eq!(
            (owner, &*feedback.verbatim, feedback.score),
            ("owner-22", "", None)
        );
    }

    #[tokio::test]
    async fn a_stream_leaves_it_out_of_every_message() {
        let messages = || futures::stream::iter([Ok(message()), Ok(message())]);
        let whole = streamed(
            &Viewer::unrestricted(),
            Ok(Box::pin(messages()) as Answers<_>),
        );
        let whole: Vec<_> = whole.unwrap().into_inner().collect().await;
        assert!(whole.iter().all(|it| *it.as_ref().unwrap() == message()));
        let redacted = streamed(&viewer(), Ok(Box::pin(messages()) as Answers<_>));
        let redacted: Vec<_> = redacted.unwrap().into_inner().collect().await;
        assert_eq!(redacted.len(), 2);
        for message in redacted {
            assert_eq!(feedback(&message.unwrap()).1.score, None);
        }
    }
}
