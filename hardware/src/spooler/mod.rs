//! The system's print spooler (CUPS), asked in its own protocol: queues, jobs, and why they wait. It needs no command line tool, answers in numbers
//! instead of translated sentences, and every question has a deadline.

mod follow;
mod http;
pub mod protocol;
mod server;
mod state;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

pub use follow::Fate;
pub use http::Server;
pub use state::{JobState, Queue, SpoolJob};

use crate::transport::{LineError, Refusal};
use protocol::{Answer, Operation, Request, escaped};

const NOT_FOUND: u16 = 0x0406;
const NOT_ACCEPTING: u16 = 0x0506;
const FORBIDDEN: [u16; 3] = [0x0401, 0x0402, 0x0403];

/// The print service of this machine, or another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spooler {
    server: Server,
    user: String,
}

/// A document for a queue.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SpoolDocument<'a> {
    /// The whole document.
    pub bytes: &'a [u8],
    /// What it is: `application/pdf`, or `application/vnd.cups-raw` for bytes that reach the printer as they are.
    pub mime_type: &'a str,
    /// Its name in the queue. Every user of the spooler sees it: nothing of a person belongs there.
    pub title: &'a str,
    /// How many.
    pub copies: u16,
    /// Further wishes, such as `("media", "iso_a4_210x297mm")`.
    pub keywords: &'a [(&'a str, &'a str)],
}

/// The kind of bytes that no filter of the spooler touches.
pub const RAW: &str = "application/vnd.cups-raw";

/// A job that the spooler did not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotSubmitted {
    /// Whether the whole job had left all the same, so that the spooler may print it.
    pub may_print: bool,
    /// Why.
    pub cause: LineError,
}

impl Spooler {
    /// The spooler that `CUPS_SERVER` names, else that of `/etc/cups/client.conf`, else that of this machine.
    #[must_use]
    pub fn system() -> Self {
        Self { server: server::configured(), user: server::user() }
    }

    /// A spooler elsewhere.
    #[must_use]
    pub fn at(server: Server) -> Self {
        Self { server, user: server::user() }
    }

    /// All queues.
    ///
    /// # Errors
    /// [`Refusal::SpoolerDown`] when nothing answers.
    pub fn queues(&self, deadline: Instant) -> Result<Vec<Queue>, LineError> {
        let request = self.request(Operation::CupsGetPrinters, None).wanting(&state::QUEUE_ATTRIBUTES);
        let answer = self.ask("/", request, deadline)?;
        // A spooler with no queues says "not found".
        if answer.status == NOT_FOUND {
            Ok(Vec::new())
        } else {
            Ok(answer.printers().filter_map(Queue::read).collect())
        }
    }

    /// One queue.
    ///
    /// # Errors
    /// [`Refusal::NoQueue`], [`Refusal::SpoolerDown`], [`Refusal::NotAllowed`].
    pub fn queue(&self, name: &str, deadline: Instant) -> Result<Queue, LineError> {
        let request =
            self.request(Operation::GetPrinterAttributes, Some(&queue_uri(name))).wanting(&state::QUEUE_ATTRIBUTES);
        let answer = done(self.ask(&queue_path(name), request, deadline)?)?;
        let queue = answer.printers().find_map(Queue::read);
        queue.ok_or(LineError::Failed(std::io::ErrorKind::InvalidData))
    }

    /// Hands a whole document over. Nothing is printed of a document that was not handed over whole.
    ///
    /// # Errors
    /// [`NotSubmitted`] says whether it may be printed all the same.
    pub fn submit(&self, queue: &str, document: &SpoolDocument, deadline: Instant) -> Result<SpoolJob, NotSubmitted> {
        let request = self
            .request(Operation::PrintJob, Some(&queue_uri(queue)))
            .document(document.title, document.mime_type)
            .job(document.copies, document.keywords);
        let answer = self.exchange(&queue_path(queue), &request.finish(), document.bytes, deadline)?;
        let answer = done(answer).map_err(|cause| NotSubmitted { may_print: false, cause })?;
        let job = answer.job().and_then(SpoolJob::read);
        // It was taken, and we cannot ask after it.
        job.ok_or(NotSubmitted { may_print: true, cause: LineError::Failed(std::io::ErrorKind::InvalidData) })
    }

    /// How a job is; `None` when the spooler no longer knows it.
    ///
    /// # Errors
    /// [`Refusal::SpoolerDown`] when nothing answers.
    pub fn job(&self, id: i32, deadline: Instant) -> Result<Option<SpoolJob>, LineError> {
        let request = self.request(Operation::GetJobAttributes, Some(&job_uri(id))).wanting(&state::JOB_ATTRIBUTES);
        let answer = self.ask("/jobs/", request, deadline)?;
        if answer.status == NOT_FOUND {
            return Ok(None);
        }
        Ok(done(answer)?.job().and_then(SpoolJob::read))
    }

    /// Withdraws a job.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] when it is another's, [`Refusal::Job`] when it has ended already.
    pub fn cancel(&self, id: i32, deadline: Instant) -> Result<(), LineError> {
        let request = self.request(Operation::CancelJob, Some(&job_uri(id)));
        done(self.ask("/jobs/", request, deadline)?).map(|_| ())
    }

    fn request(&self, operation: Operation, target: Option<&str>) -> Request {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        Request::new(operation, NUMBER.fetch_add(1, Ordering::Relaxed) & 0x7FFF_FFFF, target, &self.user)
    }

    fn ask(&self, path: &str, request: Request, deadline: Instant) -> Result<Answer, LineError> {
        self.exchange(path, &request.finish(), &[], deadline).map_err(|failed| failed.cause)
    }

    fn exchange(&self, path: &str, request: &[u8], document: &[u8], deadline: Instant) -> Result<Answer, NotSubmitted> {
        let authorization = match self.server {
            // The kernel vouches for the user at the other end of a local socket.
            Server::Socket(_) => Some(format!("PeerCred {}", self.user)),
            Server::Tcp { .. } => None,
        };
        let reply = self
            .server
            .post(path, [request, document], authorization.as_deref(), deadline)
            .map_err(|failed| NotSubmitted { may_print: failed.request_left, cause: down(&failed.cause) })?;
        match (reply.status, Answer::parse(&reply.body)) {
            (200, Some(answer)) => Ok(answer),
            (401 | 403, _) => Err(NotSubmitted { may_print: false, cause: LineError::Refused(Refusal::NotAllowed) }),
            // An answer that is none says nothing about what was done.
            (status, _) => Err(NotSubmitted {
                may_print: status == 200,
                cause: LineError::Failed(std::io::ErrorKind::InvalidData),
            }),
        }
    }
}

impl From<NotSubmitted> for LineError {
    fn from(not_submitted: NotSubmitted) -> Self {
        not_submitted.cause
    }
}

fn queue_path(name: &str) -> String {
    format!("/printers/{}", escaped(name))
}

fn queue_uri(name: &str) -> String {
    format!("ipp://localhost{}", queue_path(name))
}

fn job_uri(id: i32) -> String {
    format!("ipp://localhost/jobs/{id}")
}

/// A spooler that cannot be reached is one and the same thing, whatever the system calls it.
fn down(error: &std::io::Error) -> LineError {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => LineError::Refused(Refusal::NotAllowed),
        _ => LineError::Refused(Refusal::SpoolerDown),
    }
}

fn done(answer: Answer) -> Result<Answer, LineError> {
    match answer.status {
        _ if answer.done() => Ok(answer),
        NOT_FOUND => Err(LineError::Refused(Refusal::NoQueue)),
        NOT_ACCEPTING => Err(LineError::Refused(Refusal::Rejecting)),
        status if FORBIDDEN.contains(&status) => Err(LineError::Refused(Refusal::NotAllowed)),
        _ => Err(LineError::Refused(Refusal::Job)),
    }
}
