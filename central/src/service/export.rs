//! The open part of the whole log as JSON, for an auditor or a checker that shares no code with us.

use super::Service;
use intake::event::Event;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};
use sync::store::StoreFault;
use sync::stream::Heads;
use sync::wire::{from_cbor, hex};
use uuid::Uuid;

/// All that the log says openly, for an auditor or a checker.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Export {
    /// The export's version.
    pub version: u32,
    /// Every event once, in canonical order.
    pub events: Vec<ExportedEvent>,
    /// How far each stream goes.
    pub streams: Vec<ExportedStream>,
}

/// The open part of an event.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ExportedEvent {
    /// Its id.
    pub id: String,
    /// When, by the writer's hybrid logical clock.
    pub at: u64,
    /// The same as a civil time in Vietnam.
    pub at_civil: String,
    /// Who wrote it.
    pub station: String,
    /// The officer's account, where an officer did it.
    pub officer: Option<String>,
    /// What it is about.
    pub subject: String,
    /// Where it stands.
    pub scopes: Vec<String>,
    /// What happened.
    pub kind: String,
    /// The fact; null when this version cannot show it as JSON.
    pub body: serde_json::Value,
    /// Whether it has a sealed part, which is not exported.
    pub has_personal: bool,
}

/// How far a stream goes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ExportedStream {
    /// Who wrote it.
    pub station: String,
    /// In which life of its disk.
    pub incarnation: String,
    /// For which readers.
    pub scope: String,
    /// The number of its last event.
    pub no: u64,
    /// The chain's hash there, in hexadecimal.
    pub hash: String,
}

impl Service {
    /// All that the log says openly.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn export(&self) -> Result<Export, StoreFault> {
        let (events, heads) = (self.store.events()?, self.store.streams()?);
        Ok(Export { version: 1, events: events.iter().map(exported).collect(), streams: streams(&heads) })
    }
}

fn exported(event: &Event) -> ExportedEvent {
    ExportedEvent {
        id: event.id.to_string(),
        at: event.at.0,
        at_civil: event.at.wall().to_string(),
        station: event.station.to_string(),
        officer: event.officer.as_ref().map(ToString::to_string),
        subject: event.subject.to_string(),
        scopes: event.scopes.iter().map(|scope| scope.0.clone()).collect(),
        kind: event.fact.kind().to_owned(),
        body: body(&event.fact.encode()),
        has_personal: event.has_personal,
    }
}

fn streams(heads: &Heads) -> Vec<ExportedStream> {
    let mut streams: Vec<_> = heads.0.iter().collect();
    streams.sort_by(|(a, _), (b, _)| a.cmp(b));
    streams
        .into_iter()
        .map(|(stream, head)| ExportedStream {
            station: stream.station.to_string(),
            incarnation: stream.incarnation.to_string(),
            scope: stream.scope.0.clone(),
            no: head.no,
            hash: head.hash.to_string(),
        })
        .collect()
}

fn body(bytes: &[u8]) -> Value {
    from_cbor(bytes).map_or(Value::Null, json)
}

/// Identifiers are sixteen bytes in the log and text in JSON; other bytes are shown in hexadecimal.
fn json(value: ciborium::Value) -> Value {
    use ciborium::Value as Cbor;
    match value {
        Cbor::Bool(value) => value.into(),
        Cbor::Text(text) => text.into(),
        Cbor::Integer(number) => i64::try_from(number).map_or(Value::Null, Value::from),
        Cbor::Float(number) => Number::from_f64(number).map_or(Value::Null, Value::Number),
        Cbor::Bytes(bytes) => Uuid::from_slice(&bytes).map_or_else(|_| hex(&bytes), |id| id.to_string()).into(),
        Cbor::Array(items) => items.into_iter().map(json).collect(),
        Cbor::Map(fields) => {
            let text = |name: Cbor| name.into_text().unwrap_or_default();
            Value::Object(fields.into_iter().map(|(name, value)| (text(name), json(value))).collect::<Map<_, _>>())
        }
        Cbor::Tag(_, inner) => json(*inner),
        _ => Value::Null,
    }
}
