//! The codec of every service: prost, except that a field a client sends and this schema does not have is refused with
//! its path instead of being dropped silently.

use std::marker::PhantomData;

use bytes::Buf;
use prost::{Message, Name};
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder};
use tonic_prost::ProstEncoder;

use crate::schema::Schema;
use crate::{Reason, Violation, malformed};

/// Encodes with prost and decodes strictly.
#[derive(Debug, Clone)]
pub struct StrictCodec<T, U> {
    types: PhantomData<(T, U)>,
}

impl<T, U> Default for StrictCodec<T, U> {
    fn default() -> Self {
        Self { types: PhantomData }
    }
}

impl<T, U> Codec for StrictCodec<T, U>
where
    T: Message + Send + 'static,
    U: Message + Name + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = StrictDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstEncoder::default()
    }

    fn decoder(&mut self) -> Self::Decoder {
        StrictDecoder {
            message: PhantomData,
        }
    }
}

/// Decodes requests strictly, and everything else (what a client reads) leniently: a newer server may return fields
/// that an older client does not have.
#[derive(Debug, Clone)]
pub struct StrictDecoder<U> {
    message: PhantomData<U>,
}

impl<U: Message + Name + Default> Decoder for StrictDecoder<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, buf: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        let bytes = buf.copy_to_bytes(buf.remaining());
        let decoded = U::decode(bytes.clone()).map_err(|error| {
            malformed(&Violation::new("", Reason::Malformed, error.to_string()).into())
        })?;
        if U::NAME.ends_with("Request") {
            let unknown = Schema::get().unknown_fields(&U::full_name(), &bytes);
            if !unknown.is_empty() {
                return Err(malformed(&unknown));
            }
        }
        Ok(Some(decoded))
    }
}
