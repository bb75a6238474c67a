//! Where a driver finds an emulated device: a listening socket, or a pty and its link.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::line::{LOOK, Line, LineSpec};
use super::pty::Pty;
use crate::address::Address;
use crate::transport::{TcpTransport, Transport, wait_readable};

/// Where a pty is that is not plugged in.
const UNPLUGGED: &str = "/dev/pts/unplugged";

/// What a driver can open.
pub(super) enum Port {
    Tcp {
        at: SocketAddr,
        listener: Option<TcpListener>,
    },
    /// `next` was made and is not yet used.
    Pty {
        link: Option<PathBuf>,
        next: Option<Pty>,
    },
}

impl Port {
    /// Makes the place where a driver will find the line.
    pub(super) fn open(spec: &LineSpec) -> io::Result<(Self, Address)> {
        match spec {
            LineSpec::Tcp(at) => {
                let listener = listen(*at)?;
                let at = listener.local_addr()?;
                let address = Address::Tcp { host: at.ip().to_string(), port: at.port() };
                Ok((Self::Tcp { at, listener: Some(listener) }, address))
            }
            LineSpec::Pty { link } => {
                let (pty, address) = linked_pty(link.as_deref())?;
                Ok((Self::Pty { link: link.clone(), next: Some(pty) }, address))
            }
        }
    }

    /// Waits for a driver; `None` when there is none yet.
    pub(super) fn accept(&mut self, line: &Line) -> io::Result<Option<Box<dyn Transport>>> {
        match self {
            Self::Tcp { at, listener } => {
                let open = match listener.take() {
                    Some(open) => open,
                    None => listen(*at)?,
                };
                let open = listener.insert(open);
                let looked = wait_readable(open.as_raw_fd(), Some(line.waker()), Instant::now() + LOOK);
                match (looked, open.accept()) {
                    (Ok(()), Ok((stream, _))) => {
                        Ok(TcpTransport::from_stream(stream).ok().map(|line| Box::new(line) as _))
                    }
                    (_, Err(error)) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
                    _ => Ok(None),
                }
            }
            Self::Pty { link, next } => {
                let pty = match next.take() {
                    Some(pty) => pty,
                    None => moved_pty(link.as_deref(), line)?,
                };
                Ok(Some(Box::new(pty)))
            }
        }
    }

    /// Makes the next place before the last one goes: the path of a pty that went belongs to whoever makes the next one, and a driver that still knew it
    /// would find another's device there.
    pub(super) fn renew(&mut self, line: &Line) -> io::Result<()> {
        if let Self::Pty { link, next: next @ None } = self {
            *next = Some(moved_pty(link.as_deref(), line)?);
        }
        Ok(())
    }

    /// Makes opening fail until the next [`Port::accept`]. A pty without a link is nowhere then: its path may soon be another's.
    pub(super) fn refuse(&mut self, line: &Line) {
        if let Self::Pty { link: None, .. } = self {
            line.moved_to(Address::serial(UNPLUGGED));
        }
        self.close();
    }

    fn close(&mut self) {
        match self {
            Self::Tcp { listener, .. } => *listener = None,
            Self::Pty { link, next } => {
                *next = None;
                if let Some(link) = link.as_ref().filter(|link| link.is_symlink()) {
                    // If it is gone already, so much the better.
                    let _ = std::fs::remove_file(link);
                }
            }
        }
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.close();
    }
}

fn moved_pty(link: Option<&Path>, line: &Line) -> io::Result<Pty> {
    let (pty, address) = linked_pty(link)?;
    line.moved_to(address);
    Ok(pty)
}

fn linked_pty(link: Option<&Path>) -> io::Result<(Pty, Address)> {
    let pty = Pty::open()?;
    if let Some(link) = link {
        pty.link(link)?;
    }
    let address = Address::serial(link.unwrap_or(&pty.slave_path));
    Ok((pty, address))
}

fn listen(at: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(at)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
