//! Signed requests: `Ed25519(method, path, station, time, nonce, BLAKE3(body))` in four headers, used by both ends.

use crate::wire::{Fixed, PublicKey, Signature, hex, to_cbor, unhex};
use crate::wrap::{NoRandomness, random};
use crate::{Refusal, sign};
use ed25519_dalek::SigningKey;
use intake::ids::StationId;
use intake::moment::Moment;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// Which station asks: its id as text.
pub const STATION: &str = "Motcua-Station";
/// When, by the station's clock with the centre's correction: milliseconds since 1970.
pub const TIME: &str = "Motcua-Time";
/// Sixteen random bytes in hexadecimal; each is taken once.
pub const NONCE: &str = "Motcua-Nonce";
/// The signature in hexadecimal.
pub const SIGNATURE: &str = "Motcua-Signature";
/// How far a request's time may be from the centre's.
pub const MAX_SKEW_MS: i64 = 5 * 60 * 1000;

/// The four headers of a signed request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestSignature {
    /// Which station asks.
    pub station: StationId,
    /// When.
    pub time: Moment,
    /// Taken once.
    pub nonce: Fixed<16>,
    /// Over all of it and the body.
    pub signature: Signature,
}

/// Signs a station's requests. Holds the signing key, which is wiped when the last copy is dropped.
#[derive(Clone)]
pub struct RequestSigner {
    station: StationId,
    key: Arc<SigningKey>,
}

/// Checks requests at the centre and remembers nonces for as long as their time would be accepted.
///
/// What it remembers is lost with the process: a request repeated after a restart is caught by the messages
/// themselves, all of which can be repeated without a second effect.
#[derive(Default)]
pub struct RequestGuard {
    seen: HashSet<(StationId, Fixed<16>)>,
    by_time: BTreeSet<(Moment, StationId, Fixed<16>)>,
}

impl RequestSigner {
    /// A signer for `station`.
    pub fn new(station: StationId, key: SigningKey) -> Self {
        Self { station, key: Arc::new(key) }
    }

    /// Which station signs.
    pub fn station(&self) -> StationId {
        self.station
    }

    /// Signs one request with a new nonce. `path` is the path without the address, as the service sees it.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn sign(&self, method: &str, path: &str, time: Moment, body: &[u8]) -> Result<RequestSignature, NoRandomness> {
        let nonce = Fixed(random()?);
        let bytes = signed_bytes(method, path, self.station, time, &nonce, body);
        Ok(RequestSignature { station: self.station, time, nonce, signature: sign::sign(&self.key, &bytes) })
    }
}

impl RequestSignature {
    /// The headers, name and value.
    pub fn headers(&self) -> [(&'static str, String); 4] {
        [
            (STATION, self.station.to_string()),
            (TIME, self.time.0.to_string()),
            (NONCE, hex(&self.nonce.0)),
            (SIGNATURE, hex(&self.signature.0)),
        ]
    }

    /// Checks that this station signed this request.
    ///
    /// # Errors
    /// [`Refusal::BadSignature`].
    pub fn check_signature(&self, method: &str, path: &str, body: &[u8], public: &PublicKey) -> Result<(), Refusal> {
        let Self { station, time, nonce, signature } = self;
        sign::check(public, &signed_bytes(method, path, *station, *time, nonce, body), signature)
    }

    /// Reads the headers; `get` gives a header's value by its name.
    ///
    /// # Errors
    /// [`Refusal::BadSignature`] when one is missing or is not in its form.
    pub fn from_headers<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Result<Self, Refusal> {
        let read = || {
            Some(Self {
                station: get(STATION)?.parse().ok()?,
                time: Moment(get(TIME)?.parse().ok()?),
                nonce: Fixed::from_slice(&unhex(get(NONCE)?)?)?,
                signature: Fixed::from_slice(&unhex(get(SIGNATURE)?)?)?,
            })
        };
        read().ok_or(Refusal::BadSignature)
    }
}

impl RequestGuard {
    /// Checks a request against its station's key, the centre's clock and what was seen before.
    ///
    /// # Errors
    /// [`Refusal::BadSignature`]; [`Refusal::ClockSkew`] with the centre's time when the clocks differ by more than
    /// [`MAX_SKEW_MS`]; [`Refusal::Replay`] when the nonce was used.
    pub fn check(
        &mut self,
        request: &RequestSignature,
        method: &str,
        path: &str,
        body: &[u8],
        public: &PublicKey,
        now: Moment,
    ) -> Result<(), Refusal> {
        request.check_signature(method, path, body, public)?;
        self.admit(request, now)
    }

    /// Lets a request in whose signature was checked.
    ///
    /// # Errors
    /// [`Refusal::ClockSkew`], [`Refusal::Replay`]; see [`RequestGuard::check`].
    pub fn admit(&mut self, request: &RequestSignature, now: Moment) -> Result<(), Refusal> {
        let RequestSignature { station, time, nonce, .. } = request;
        if now.0.abs_diff(time.0) > MAX_SKEW_MS as u64 {
            return Err(Refusal::ClockSkew { server_time: now });
        }
        self.forget_before(now.plus_ms(-MAX_SKEW_MS));
        if !self.seen.insert((*station, *nonce)) {
            return Err(Refusal::Replay);
        }
        self.by_time.insert((*time, *station, *nonce));
        Ok(())
    }

    fn forget_before(&mut self, oldest: Moment) {
        while let Some(&(time, station, nonce)) = self.by_time.first() {
            if time >= oldest {
                break;
            }
            self.by_time.pop_first();
            self.seen.remove(&(station, nonce));
        }
    }
}

fn signed_bytes(method: &str, path: &str, station: StationId, time: Moment, nonce: &Fixed<16>, body: &[u8]) -> Vec<u8> {
    let body_hash = Fixed(*blake3::hash(body).as_bytes());
    sign::tagged("motcua/request/1", &to_cbor(&(method, path, station, time, nonce, body_hash)))
}
