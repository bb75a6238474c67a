//! One HTTP exchange with the spooler, before a deadline, over TCP or its local socket. No more of HTTP than CUPS needs.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Instant;

use crate::transport::remaining;

/// The longest answer that is taken, in bytes.
const LONGEST_ANSWER: usize = 4 * 1024 * 1024;
/// How much is handed over in one write.
const CHUNK_BYTES: usize = 64 * 1024;

/// Where a spooler listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Server {
    /// The local socket of the system's own.
    Socket(PathBuf),
    /// A host and port.
    Tcp {
        /// Its name or number.
        host: String,
        /// 631, as a rule.
        port: u16,
    },
}

/// An exchange that failed.
#[derive(Debug)]
pub(super) struct Failed {
    /// Whether every byte of the request had left: the far side may have acted on it.
    pub(super) request_left: bool,
    pub(super) cause: io::Error,
}

/// What came back.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Server {
    /// Sends a request and waits for its answer.
    pub(super) fn post(
        &self,
        path: &str,
        parts: [&[u8]; 2],
        authorization: Option<&str>,
        deadline: Instant,
    ) -> Result<Reply, Failed> {
        let failed = |request_left| move |cause| Failed { request_left, cause };
        let mut line = self.connect(deadline).map_err(failed(false))?;
        let length = parts[0].len() + parts[1].len();
        let authorization = authorization.map_or(String::new(), |value| format!("Authorization: {value}\r\n"));
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ipp\r\nContent-Length: {length}\r\n{authorization}Connection: close\r\n\r\n"
        );
        for part in [head.as_bytes(), parts[0], parts[1]] {
            line.send(part, deadline).map_err(failed(false))?;
        }
        line.receive(deadline).map_err(failed(true))
    }

    fn connect(&self, deadline: Instant) -> io::Result<Line> {
        match self {
            // Connecting to a local socket is done at once, or refused.
            Self::Socket(path) => Ok(Line::Socket(UnixStream::connect(path)?)),
            Self::Tcp { host, port } => {
                let mut last = io::Error::from(io::ErrorKind::NotFound);
                for address in (host.trim_matches(['[', ']']), *port).to_socket_addrs()? {
                    match TcpStream::connect_timeout(&address, remaining(deadline)) {
                        Ok(stream) => return Ok(Line::Tcp(stream)),
                        Err(error) => last = error,
                    }
                }
                Err(last)
            }
        }
    }
}

enum Line {
    Socket(UnixStream),
    Tcp(TcpStream),
}

impl Line {
    fn send(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<()> {
        for chunk in bytes.chunks(CHUNK_BYTES) {
            self.limit(deadline)?;
            match self {
                Self::Socket(stream) => stream.write_all(chunk)?,
                Self::Tcp(stream) => stream.write_all(chunk)?,
            }
        }
        Ok(())
    }

    fn receive(&mut self, deadline: Instant) -> io::Result<Reply> {
        let mut bytes = Vec::new();
        let mut buffer = [0; 8 * 1024];
        loop {
            self.limit(deadline)?;
            let count = match self {
                Self::Socket(stream) => stream.read(&mut buffer)?,
                Self::Tcp(stream) => stream.read(&mut buffer)?,
            };
            bytes.extend_from_slice(&buffer[..count]);
            let ended = if count == 0 { Ended::Yes } else { Ended::No };
            match parse(&bytes, ended) {
                Parsed::Whole(reply) => return Ok(reply),
                Parsed::Partial if count > 0 && bytes.len() <= LONGEST_ANSWER => {}
                Parsed::Partial => return Err(io::ErrorKind::UnexpectedEof.into()),
                Parsed::Broken => return Err(io::ErrorKind::InvalidData.into()),
            }
        }
    }

    /// The time that the next read or write may take.
    fn limit(&self, deadline: Instant) -> io::Result<()> {
        if Instant::now() >= deadline {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let time = Some(remaining(deadline));
        match self {
            Self::Socket(stream) => stream.set_read_timeout(time).and_then(|()| stream.set_write_timeout(time)),
            Self::Tcp(stream) => stream.set_read_timeout(time).and_then(|()| stream.set_write_timeout(time)),
        }
    }
}

/// Whether the far side closed its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Yes,
    No,
}

#[derive(Debug, PartialEq, Eq)]
enum Parsed {
    Whole(Reply),
    Partial,
    Broken,
}

/// Reads an answer as far as it has come. An interim `100 Continue` is passed over.
fn parse(mut bytes: &[u8], ended: Ended) -> Parsed {
    while let Some(rest) = bytes.strip_prefix(b"HTTP/1.1 100") {
        let Some(end) = rest.windows(4).position(|window| window == b"\r\n\r\n") else { return Parsed::Partial };
        bytes = &rest[end + 4..];
    }
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Parsed::Partial };
    let head = String::from_utf8_lossy(&bytes[..end]);
    let body = &bytes[end + 4..];
    let Some(status) = head.split("\r\n").next().and_then(status_of) else { return Parsed::Broken };
    let header = |wanted: &str| {
        let mut fields = head.split("\r\n").skip(1).filter_map(|line| line.split_once(':'));
        fields.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim().to_owned())
    };
    let body = match (header("transfer-encoding"), header("content-length")) {
        (Some(encoding), _) if encoding.eq_ignore_ascii_case("chunked") => match unchunked(body) {
            Ok(body) => body,
            Err(parsed) => return parsed,
        },
        (_, Some(length)) => match length.parse::<usize>() {
            Ok(length) if body.len() >= length => Some(body[..length].to_vec()),
            Ok(_) => None,
            Err(_) => return Parsed::Broken,
        },
        _ => (ended == Ended::Yes).then(|| body.to_vec()),
    };
    body.map_or(Parsed::Partial, |body| Parsed::Whole(Reply { status, body }))
}

fn status_of(line: &str) -> Option<u16> {
    line.strip_prefix("HTTP/1.")?.get(1..)?.trim_start().split(' ').next()?.parse().ok()
}

/// The body of chunks; `Ok(None)` when its end has not come yet.
fn unchunked(mut rest: &[u8]) -> Result<Option<Vec<u8>>, Parsed> {
    let mut body = Vec::new();
    loop {
        let Some(end) = rest.windows(2).position(|window| window == b"\r\n") else { return Ok(None) };
        let line = String::from_utf8_lossy(&rest[..end]);
        let length = line.split(';').next().and_then(|hex| usize::from_str_radix(hex.trim(), 16).ok());
        let Some(length) = length.filter(|length| *length <= LONGEST_ANSWER) else { return Err(Parsed::Broken) };
        if length == 0 {
            return Ok(Some(body));
        }
        let Some((chunk, after)) = rest[end + 2..].split_at_checked(length) else { return Ok(None) };
        body.extend_from_slice(chunk);
        rest = after.strip_prefix(b"\r\n").unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole(status: u16, body: &[u8]) -> Parsed {
        Parsed::Whole(Reply { status, body: body.to_vec() })
    }

    #[test]
    fn answers_are_read_however_their_end_is_told() {
        for (bytes, ended, expected) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", Ended::No, whole(200, b"abc")),
            ("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabc", Ended::No, Parsed::Partial),
            ("HTTP/1.0 200 OK\r\n\r\nabc", Ended::No, Parsed::Partial),
            ("HTTP/1.0 200 OK\r\n\r\nabc", Ended::Yes, whole(200, b"abc")),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 401 Un\r\nContent-Length: 0\r\n\r\n", Ended::No, whole(401, b"")),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x\r\nc\r\n0\r\n\r\n",
                Ended::No,
                whole(200, b"abc"),
            ),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", Ended::No, Parsed::Partial),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", Ended::No, Parsed::Broken),
            ("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", Ended::No, Parsed::Broken),
            ("220 mail\r\n\r\n", Ended::No, Parsed::Broken),
            ("HTTP/1.1 200", Ended::No, Parsed::Partial),
        ] {
            assert_eq!(parse(bytes.as_bytes(), ended), expected, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&bytes, Ended::Yes);
            let mut after_head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
            after_head.extend(bytes);
            let _ = parse(&after_head, Ended::No);
        }
    }
}
