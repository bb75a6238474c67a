//! The W3C WebDriver protocol over HTTP, as far as a window needs it.

use crate::fault::{Doing, Fault, Outcome};
use serde_json::{Value, json};
use std::time::Duration;

/// The longest that one command may take; starting an app on a busy machine is the slowest.
const COMMAND_LIMIT: Duration = Duration::from_secs(60);
/// Room for a screenshot in base64.
const MAX_ANSWER_BYTES: u64 = 64 << 20;

/// The address of a driver or of a session on it.
#[derive(Debug, Clone)]
pub struct Wire {
    agent: ureq::Agent,
    base: String,
}

impl Wire {
    /// A driver that listens on this port of the loopback.
    pub fn to_port(port: u16) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(COMMAND_LIMIT));
        Self { agent: config.build().into(), base: format!("http://127.0.0.1:{port}") }
    }

    /// The same driver, with all paths below `path`.
    pub fn below(&self, path: &str) -> Self {
        Self { agent: self.agent.clone(), base: format!("{}/{path}", self.base) }
    }

    /// Asks for something.
    ///
    /// # Errors
    /// When the driver does not answer, or answers with a WebDriver error.
    pub fn get(&self, path: &str) -> Outcome<Value> {
        let answer = self.agent.get(format!("{}/{path}", self.base)).call();
        read(path, answer)
    }

    /// Has something done.
    ///
    /// # Errors
    /// As [`Wire::get`].
    pub fn post(&self, path: &str, body: &Value) -> Outcome<Value> {
        let request = self.agent.post(format!("{}/{path}", self.base)).header("content-type", "application/json");
        read(path, request.send(body.to_string()))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// As [`Wire::get`].
    pub fn delete(&self) -> Outcome<Value> {
        read("session", self.agent.delete(self.base.as_str()).call())
    }
}

fn read(path: &str, answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Outcome<Value> {
    let mut answer = answer.doing(format_args!("WebDriver {path}"))?;
    let text = answer.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_string();
    let mut body: Value = text.doing(path).and_then(|text| serde_json::from_str(&text).doing(path))?;
    let value = body["value"].take();
    match value["error"].as_str() {
        Some(error) if !answer.status().is_success() => {
            Err(Fault::new(format_args!("WebDriver {path}"), format_args!("{error}: {}", value["message"])))
        }
        _ => Ok(value),
    }
}

/// The capabilities that start `binary` with WebKit's automation on.
pub fn capabilities(binary: &str, args: &[String]) -> Value {
    json!({ "capabilities": { "alwaysMatch": {
        "webkitgtk:browserOptions": { "binary": binary, "args": args },
        "timeouts": { "script": 30_000, "pageLoad": 30_000, "implicit": 0 },
    } } })
}
