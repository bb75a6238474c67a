//! How a segment's body is packed. Codec 1 is zstd; codec 2 is zstd with a dictionary of what events begin with and repeat,
//! which halves a segment of one event, and is used where it is smaller.

use crate::Refusal;
use crate::segment::MAX_UNPACKED_BYTES;
use std::io::Read;
use std::sync::LazyLock;
use zstd::dict::{DecoderDictionary, EncoderDictionary};

/// Plain zstd.
pub(crate) const ZSTD: u8 = 1;
/// zstd with `segments-1.dict`.
pub(crate) const ZSTD_DICTIONARY: u8 = 2;

const LEVEL: i32 = 3;
/// A body larger than this has taught zstd more than the dictionary knows: trying both costs time and saves nothing.
const WORTH_A_DICTIONARY: usize = 32 << 10;
/// Trained by `examples/train_segments.rs`; never changed, only followed by a next codec.
const DICTIONARY: &[u8] = include_bytes!("segments-1.dict");

/// Digesting a dictionary takes longer than packing an event.
static ENCODER: LazyLock<EncoderDictionary<'static>> = LazyLock::new(|| EncoderDictionary::copy(DICTIONARY, LEVEL));
static DECODER: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(DICTIONARY));

/// Packs a body: by which codec, and the bytes.
pub(crate) fn pack(plain: &[u8]) -> Result<(u8, Vec<u8>), Refusal> {
    let without = pack_with(ZSTD, plain)?;
    if plain.len() > WORTH_A_DICTIONARY {
        return Ok((ZSTD, without));
    }
    let with = pack_with(ZSTD_DICTIONARY, plain)?;
    Ok(if with.len() < without.len() { (ZSTD_DICTIONARY, with) } else { (ZSTD, without) })
}

/// Packs a body by this codec.
pub(crate) fn pack_with(codec: u8, plain: &[u8]) -> Result<Vec<u8>, Refusal> {
    // zstd fails only when it is out of memory.
    let fault = |_| too_large();
    match codec {
        ZSTD => zstd::bulk::compress(plain, LEVEL).map_err(fault),
        ZSTD_DICTIONARY => {
            let mut compressor = zstd::bulk::Compressor::with_prepared_dictionary(&ENCODER).map_err(fault)?;
            // The codec names the dictionary, so that its id (4 bytes) need not.
            compressor.set_parameter(zstd::zstd_safe::CParameter::DictIdFlag(false)).map_err(fault)?;
            compressor.compress(plain).map_err(fault)
        }
        other => Err(Refusal::Version { got: other.into() }),
    }
}

/// Unpacks a body, never more than [`MAX_UNPACKED_BYTES`].
pub(crate) fn unpack(codec: u8, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let fault = |_| Refusal::malformed("a body that does not unpack");
    match codec {
        ZSTD => bounded(zstd::Decoder::with_buffer(body).map_err(fault)?),
        ZSTD_DICTIONARY => bounded(zstd::Decoder::with_prepared_dictionary(body, &DECODER).map_err(fault)?),
        other => Err(Refusal::Version { got: other.into() }),
    }
}

fn bounded(decoder: impl Read) -> Result<Vec<u8>, Refusal> {
    let mut plain = Vec::new();
    // One byte more than allowed is read, so that a bomb is told from a body of exactly the limit.
    let limit = MAX_UNPACKED_BYTES as u64 + 1;
    let read = decoder.take(limit).read_to_end(&mut plain);
    read.map_err(|_| Refusal::malformed("a body that does not unpack"))?;
    if plain.len() > MAX_UNPACKED_BYTES { Err(too_large()) } else { Ok(plain) }
}

fn too_large() -> Refusal {
    Refusal::TooLarge { what: "unpacked segment".into(), limit_bytes: MAX_UNPACKED_BYTES as u64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_by_either_codec_unpacks() {
        let small = b"\0\0\0\x10TicketIssued site:00004 Dossier".repeat(3);
        let large: Vec<u8> = small.iter().copied().cycle().take(200_000).collect();
        for plain in [small.as_slice(), &large, b""] {
            for codec in [ZSTD, ZSTD_DICTIONARY] {
                assert_eq!(unpack(codec, &pack_with(codec, plain).unwrap()).unwrap(), plain);
            }
        }
        assert_eq!(pack(&large).unwrap().0, ZSTD, "a large body teaches zstd enough");
    }

    #[test]
    fn a_bomb_and_an_unknown_codec_are_named() {
        let bomb = vec![0; MAX_UNPACKED_BYTES + 1];
        for codec in [ZSTD, ZSTD_DICTIONARY] {
            assert_eq!(unpack(codec, &pack_with(codec, &bomb).unwrap()), Err(too_large()));
            assert!(matches!(unpack(codec, b"no frame"), Err(Refusal::Malformed { .. })));
        }
        assert_eq!(unpack(3, b""), Err(Refusal::Version { got: 3 }));
        assert_eq!(pack_with(3, b""), Err(Refusal::Version { got: 3 }));
    }
}
