//! Why bytes, a request or a call to the centre were not taken. Small sets of codes, each with what to do next.

use intake::ids::StationId;
use intake::moment::Moment;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a segment, a carried event, a receipt or a request was refused. Travels to the other side as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Error)]
#[serde(tag = "code")]
pub enum Refusal {
    #[error("this is not a segment or a carried event")]
    BadMagic,
    #[error("format version {got} is not known here")]
    Version { got: u64 },
    #[error("bytes are missing")]
    Truncated,
    #[error("not in the form that the format asks for: {what}")]
    Malformed { what: String },
    #[error("{what} is larger than {limit_bytes} bytes")]
    TooLarge { what: String, limit_bytes: u64 },
    #[error("station {station} is not known")]
    UnknownStation { station: StationId },
    #[error("the signature does not match")]
    BadSignature,
    /// The stream is known to `have`; the bytes begin at `want`.
    #[error("a gap: known to {have}, got from {want}")]
    Gap { have: u64, want: u64 },
    /// At `no` another event (or another history) is already held.
    #[error("a fork at {no}: another history is held")]
    Fork { no: u64 },
    #[error("the hash chain breaks at {no}")]
    BadChain { no: u64 },
    #[error("not allowed in scope {scope}")]
    NotYourScope { scope: String },
    #[error("the invitation is not known, used or expired")]
    BadToken,
    /// The sender's clock is too far off; `server_time` lets it correct itself.
    #[error("the clocks differ too much")]
    ClockSkew { server_time: Moment },
    #[error("this request was already made")]
    Replay,
    #[error("not found: {what}")]
    NotFound { what: String },
}

/// What a call to the centre can end in, other than its answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CentreFault {
    /// No answer: no network, a name that does not resolve, a time-out, a broken answer.
    #[error("the centre cannot be reached: {0}")]
    Unreachable(String),
    /// The centre answered that it cannot serve now.
    #[error("the centre is busy")]
    Busy { retry_after_ms: u64 },
    /// Somebody answered, and it is not shown that it is the centre.
    #[error("the other end is not believed: {0}")]
    Untrusted(#[from] Untrusted),
    /// The centre understood and said no.
    #[error("the centre refused: {0}")]
    Refused(#[from] Refusal),
}

/// Why the other end of a line is not taken for the centre. Nothing was sent to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Untrusted {
    /// The certificate is not of the authority that this station knows.
    #[error("a certificate of another authority")]
    Foreign,
    /// The certificate is no longer or not yet valid, by this station's clock.
    #[error("a certificate that is not valid at this time")]
    Expired,
    /// The certificate is for another name or address.
    #[error("a certificate for another name")]
    WrongName,
    /// The token does not say whom to trust.
    #[error("the token carries no fingerprint of the centre")]
    NoFingerprint,
}

/// The one question that a retry loop asks of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextStep {
    /// The same call may succeed later by itself.
    TryAgain,
    /// Repeating changes nothing: a person has to look.
    AskPerson,
}

impl Refusal {
    /// A [`Refusal::Malformed`] with its reason.
    pub fn malformed(what: impl Into<String>) -> Self {
        Self::Malformed { what: what.into() }
    }

    /// The stable code under which the catalogue of messages knows it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadMagic => "SYNC-BAD-MAGIC",
            Self::Version { .. } => "SYNC-VERSION",
            Self::Truncated => "SYNC-TRUNCATED",
            Self::Malformed { .. } => "SYNC-MALFORMED",
            Self::TooLarge { .. } => "SYNC-TOO-LARGE",
            Self::UnknownStation { .. } => "SYNC-UNKNOWN-STATION",
            Self::BadSignature => "SYNC-BAD-SIGNATURE",
            Self::Gap { .. } => "SYNC-GAP",
            Self::Fork { .. } => "SYNC-FORK",
            Self::BadChain { .. } => "SYNC-BAD-CHAIN",
            Self::NotYourScope { .. } => "SYNC-NOT-YOUR-SCOPE",
            Self::BadToken => "SYNC-BAD-TOKEN",
            Self::ClockSkew { .. } => "CLOCK-SKEW",
            Self::Replay => "SYNC-REPLAY",
            Self::NotFound { .. } => "SYNC-NOT-FOUND",
        }
    }

    /// Is it about the bytes that were handed over (and so about one stream), or about who asks?
    pub fn is_about_bytes(&self) -> bool {
        !matches!(self, Self::ClockSkew { .. } | Self::Replay | Self::BadToken)
    }

    /// The HTTP status that carries it.
    pub fn http_status(&self) -> u16 {
        match self {
            Self::UnknownStation { .. } | Self::BadSignature | Self::Replay | Self::ClockSkew { .. } => 401,
            Self::NotYourScope { .. } | Self::BadToken => 403,
            Self::NotFound { .. } => 404,
            Self::Gap { .. } | Self::Fork { .. } | Self::BadChain { .. } => 409,
            Self::TooLarge { .. } => 413,
            Self::BadMagic | Self::Version { .. } | Self::Truncated | Self::Malformed { .. } => 422,
        }
    }
}

impl Untrusted {
    /// The stable code under which the catalogue of messages knows it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Foreign => "CENTRE-FOREIGN",
            Self::Expired => "CENTRE-CERT-EXPIRED",
            Self::WrongName => "CENTRE-CERT-NAME",
            Self::NoFingerprint => "CENTRE-NO-FINGERPRINT",
        }
    }
}

impl CentreFault {
    /// The stable code under which the catalogue of messages knows it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "CENTRE-UNREACHABLE",
            Self::Busy { .. } => "CENTRE-BUSY",
            Self::Untrusted(untrusted) => untrusted.code(),
            Self::Refused(refusal) => refusal.code(),
        }
    }

    /// Is it worth trying again, or does it need a person?
    pub fn next_step(&self) -> NextStep {
        match self {
            // Who stood between may go away, a certificate may be renewed: meanwhile this station works without the centre.
            Self::Unreachable(_) | Self::Busy { .. } | Self::Untrusted(_) => NextStep::TryAgain,
            // The client corrects its clock, makes a new nonce and sends what is missing.
            Self::Refused(Refusal::ClockSkew { .. } | Refusal::Replay | Refusal::Gap { .. }) => NextStep::TryAgain,
            Self::Refused(_) => NextStep::AskPerson,
        }
    }
}
