//! The centre over HTTP: the client's end of the protocol.

use crate::auth::RequestSigner;
use crate::blob::protocol::{Blobs, GetAsk, Held, Named, Part, path as blob_path};
use crate::checkpoint::Checkpoint;
use crate::frame;
use crate::protocol::{
    Centre, EnrolAsk, Enrolment, LeaseAsk, MAX_BODY_BYTES, MAX_WAIT_MS, PublicState, PullAnswer, PullAsk,
    SegmentOutcome, SegmentWithGrants, path,
};
use crate::refusal::{CentreFault, Refusal, Untrusted};
use crate::stream::Heads;
use crate::tls;
use crate::wire::{Bytes, from_cbor, to_cbor};
use intake::event::Scope;
use intake::moment::Moment;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::Read;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// No answer to a connection within this is no network.
const CONNECT: Duration = Duration::from_secs(5);
/// A whole call, without the waiting that was asked for.
const CALL: Duration = Duration::from_secs(20);
/// A call that carries a part of a blob, also over a slow line.
const PART_CALL: Duration = Duration::from_secs(60);
/// What a centre that is busy without saying for how long is given.
const BUSY_MS: u64 = 2_000;

/// The wall clock, as it is passed in.
pub type Clock = Box<dyn Fn() -> Moment + Send + Sync>;

/// A centre at an address. Keeps its connections alive; can be used from several threads.
pub struct HttpCentre {
    agent: ureq::Agent,
    address: String,
    signer: Option<RequestSigner>,
    clock: Clock,
    offset_ms: AtomicI64,
}

impl HttpCentre {
    /// A centre at `address`, such as `http://127.0.0.1:8080`. Without a signer it can be asked to enrol, and for what is public.
    pub fn new(address: &str, clock: Clock) -> Self {
        let address = address.trim_end_matches('/').to_owned();
        Self { agent: agent(None), address, signer: None, clock, offset_ms: AtomicI64::new(0) }
    }

    /// The same, over TLS where the address says `https`: this authority's certificate (DER) vouches for the centre, and
    /// no other. Without one no `https` address is believed.
    #[must_use]
    pub fn trusting(mut self, authority: Option<&[u8]>) -> Self {
        self.agent = agent(authority);
        self
    }

    /// Meets a centre for the first time, with the token as it was typed: the centre, the token itself, and over TLS the
    /// authority's certificate, which is to be kept.
    ///
    /// # Errors
    /// [`CentreFault::Untrusted`], [`CentreFault::Unreachable`]. The token was not sent then.
    pub fn first_met(address: &str, typed: &str, clock: Clock) -> Result<(Self, String, Option<Vec<u8>>), CentreFault> {
        let (token, fingerprint) = tls::split_token(typed)?;
        let token = token.to_owned();
        let is_tls = address.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"));
        if !is_tls {
            return Ok((Self::new(address, clock), token, None));
        }
        let authority = tls::meet(address, fingerprint.ok_or(Untrusted::NoFingerprint)?, clock(), CONNECT)?;
        Ok((Self::new(address, clock).trusting(Some(&authority)), token, Some(authority)))
    }

    /// The same, with requests signed by a station.
    #[must_use]
    pub fn signed(mut self, signer: RequestSigner) -> Self {
        self.signer = Some(signer);
        self
    }

    /// How far the centre's clock is ahead of ours, as it was last measured, in milliseconds. Requests carry the
    /// corrected time, so a station whose clock is a day off still syncs; whoever shows the skew reads it here.
    pub fn clock_offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::Relaxed)
    }

    /// Sends a message and reads the answer's one message.
    pub(crate) fn call<Q: Serialize, A: DeserializeOwned>(
        &self,
        path: &str,
        ask: &Q,
        wait_ms: u64,
    ) -> Result<A, CentreFault> {
        let answer = self.exchange(path, path::CBOR, &to_cbor(ask), wait_ms)?;
        from_cbor(&answer).map_err(|refusal| unreachable_by(&refusal))
    }

    /// The same, with so much patience in all.
    pub(crate) fn call_within<Q: Serialize, A: DeserializeOwned>(
        &self,
        path: &str,
        ask: &Q,
        patience: Duration,
    ) -> Result<A, CentreFault> {
        let answer = self.exchange_within(path, path::CBOR, &to_cbor(ask), patience)?;
        from_cbor(&answer).map_err(|refusal| unreachable_by(&refusal))
    }

    /// Calls once more when the centre only minds the clock, with the time that it told.
    fn exchange(&self, path: &str, content: &str, body: &[u8], wait_ms: u64) -> Result<Vec<u8>, CentreFault> {
        self.exchange_within(path, content, body, CALL + Duration::from_millis(wait_ms.min(MAX_WAIT_MS)))
    }

    fn exchange_within(
        &self,
        path: &str,
        content: &str,
        body: &[u8],
        patience: Duration,
    ) -> Result<Vec<u8>, CentreFault> {
        match self.post(path, content, body, patience) {
            Err(CentreFault::Refused(Refusal::ClockSkew { server_time })) => {
                self.offset_ms.store(server_time.0 - (self.clock)().0, Ordering::Relaxed);
                self.post(path, content, body, patience)
            }
            answer => answer,
        }
    }

    fn post(&self, path: &str, content: &str, body: &[u8], patience: Duration) -> Result<Vec<u8>, CentreFault> {
        let mut request = self
            .agent
            .post(format!("{}{path}", self.address))
            .config()
            .timeout_global(Some(patience))
            .build()
            .content_type(content);
        if let Some(signer) = &self.signer {
            let now = (self.clock)().plus_ms(self.clock_offset_ms());
            let signature = signer.sign("POST", path, now, body).map_err(|none| unreachable_by(&none))?;
            for (name, value) in signature.headers() {
                request = request.header(name, value);
            }
        }
        read(request.send(body))
    }
}

impl Centre for HttpCentre {
    fn enrol(&self, ask: &EnrolAsk) -> Result<Enrolment, CentreFault> {
        self.call(path::ENROL, ask, 0)
    }

    fn heads(&self, scopes: &[Scope]) -> Result<Heads, CentreFault> {
        self.call(path::HEADS, &scopes, 0)
    }

    fn push(&self, segments: &[SegmentWithGrants]) -> Result<Vec<SegmentOutcome>, CentreFault> {
        let body = frame::encode_push(segments);
        let answer = self.exchange(path::PUSH, path::FRAMES, &body, 0)?;
        // An answer that was cut names the first segments of the push: the others are pushed again.
        frame::decode_outcomes(&answer).map_err(|refusal| unreachable_by(&refusal))
    }

    fn pull(&self, ask: &PullAsk) -> Result<PullAnswer, CentreFault> {
        let answer = self.exchange(path::PULL, path::CBOR, &to_cbor(ask), ask.wait_ms)?;
        frame::decode_pull(&answer).map_err(|refusal| unreachable_by(&refusal))
    }

    fn push_meanwhile(
        &self,
        segments: &[SegmentWithGrants],
        meanwhile: &mut dyn FnMut(),
    ) -> Result<Vec<SegmentOutcome>, CentreFault> {
        beside(|| self.push(segments), meanwhile)
    }

    fn pull_meanwhile(&self, ask: &PullAsk, meanwhile: &mut dyn FnMut()) -> Result<PullAnswer, CentreFault> {
        beside(|| self.pull(ask), meanwhile)
    }

    fn lease(&self, ask: &LeaseAsk) -> Result<(), CentreFault> {
        self.call(path::LEASE, ask, 0)
    }

    fn checkpoint(&self, checkpoint: &Checkpoint) -> Result<Checkpoint, CentreFault> {
        self.call(path::CHECKPOINT, checkpoint, 0)
    }

    fn public_state(&self, code: &str) -> Result<Option<PublicState>, CentreFault> {
        // A dossier code holds letters, digits, dots and hyphens; nothing else may reach the path. A temporary code
        // begins with TẠM, which the centre reads without its accent too.
        let code: String =
            code.replace('Ạ', "A").chars().filter(|c| c.is_ascii_alphanumeric() || ".-".contains(*c)).collect();
        let url = format!("{}{}{code}", self.address, path::PUBLIC_STATE);
        match read(self.agent.get(url).header("Accept", path::CBOR).call()) {
            Ok(state) => from_cbor(&state).map(Some).map_err(|refusal| unreachable_by(&refusal)),
            Err(CentreFault::Refused(Refusal::NotFound { .. })) => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}

/// Waits for an answer in a thread of its own, and does something meanwhile.
fn beside<T: Send>(
    call: impl FnOnce() -> Result<T, CentreFault> + Send,
    meanwhile: &mut dyn FnMut(),
) -> Result<T, CentreFault> {
    std::thread::scope(|scope| {
        let waiting = scope.spawn(call);
        meanwhile();
        waiting.join().unwrap_or_else(|_| Err(CentreFault::Unreachable("the call ended in a panic".into())))
    })
}

impl Blobs for HttpCentre {
    fn held(&self, of: &Named) -> Result<Held, CentreFault> {
        self.call(blob_path::HELD, of, 0)
    }

    fn put(&self, part: &Part) -> Result<Held, CentreFault> {
        self.call_within(blob_path::PUT, part, PART_CALL)
    }

    fn get(&self, ask: &GetAsk) -> Result<Bytes, CentreFault> {
        self.call_within(blob_path::GET, ask, PART_CALL)
    }
}

fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Vec<u8>, CentreFault> {
    let mut answer = answer.map_err(|error| fault_of(&error))?;
    let status = answer.status().as_u16();
    let framed = answer.headers().get("Content-Type").is_some_and(|kind| kind.as_bytes() == path::FRAMES.as_bytes());
    let mut body = Vec::new();
    let limit = MAX_BODY_BYTES as u64 + 1;
    let whole = answer.body_mut().as_reader().take(limit).read_to_end(&mut body);
    match (status, whole) {
        _ if body.len() > MAX_BODY_BYTES => Err(CentreFault::Unreachable("an answer without end".into())),
        // Whole frames of an answer that was cut are good.
        (200, Err(_)) if framed && !body.is_empty() => Ok(body),
        (_, Err(error)) => Err(unreachable_by(&error)),
        (200, Ok(_)) => Ok(body),
        (429 | 503, _) => Err(CentreFault::Busy { retry_after_ms: retry_after(&answer) }),
        // Whatever is not in our words (a proxy's page) is not the centre.
        _ => match from_cbor::<Refusal>(&body) {
            Ok(refusal) => Err(CentreFault::Refused(refusal)),
            Err(_) => Err(CentreFault::Unreachable(format!("status {status}"))),
        },
    }
}

fn agent(authority: Option<&[u8]>) -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_connect(Some(CONNECT))
        .timeout_global(Some(CALL))
        .tls_config(tls::trusting(authority))
        .build();
    config.into()
}

fn fault_of(error: &ureq::Error) -> CentreFault {
    match error {
        ureq::Error::Io(fault) => tls::fault_of_io(fault),
        ureq::Error::Rustls(fault) => {
            tls::untrusted(fault).map_or_else(|| unreachable_by(fault), CentreFault::Untrusted)
        }
        error => unreachable_by(error),
    }
}

fn retry_after(answer: &ureq::http::Response<ureq::Body>) -> u64 {
    let seconds = answer.headers().get("Retry-After").and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    seconds.map_or(BUSY_MS, |seconds| seconds.min(3_600) * 1_000)
}

fn unreachable_by(error: &dyn std::fmt::Display) -> CentreFault {
    CentreFault::Unreachable(error.to_string())
}
