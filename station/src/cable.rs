//! A cable that can be pulled: passes bytes between the stations and the centre, or breaks every socket.

use crate::core::lock;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// A cable between `from`, where clients connect, and `to`, where the service is.
pub struct Cable {
    shared: Arc<Shared>,
}

struct Shared {
    to: String,
    up: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

impl Cable {
    /// Lays the cable, plugged in.
    ///
    /// # Errors
    /// When `from` is taken or the system gives no thread.
    pub fn lay(from: &str, to: &str) -> io::Result<Self> {
        let listener = TcpListener::bind(from)?;
        let shared = Arc::new(Shared { to: to.into(), up: AtomicBool::new(true), open: Mutex::default() });
        let accepting = shared.clone();
        let body = move || listener.incoming().flatten().for_each(|client| accepting.accept(client));
        std::thread::Builder::new().name("cable".into()).spawn(body)?;
        Ok(Self { shared })
    }

    /// Whether it is plugged in.
    pub fn is_up(&self) -> bool {
        self.shared.up.load(Ordering::SeqCst)
    }

    /// Plugs it in, or pulls it: every open socket breaks at once, and every new one.
    pub fn set_up(&self, up: bool) {
        self.shared.up.store(up, Ordering::SeqCst);
        if !up {
            for socket in lock(&self.shared.open).drain(..) {
                // A socket that is closed already is as broken as it can be.
                let _ = socket.shutdown(Shutdown::Both);
            }
        }
    }
}

impl Shared {
    fn accept(self: &Arc<Self>, client: TcpStream) {
        if !self.up.load(Ordering::SeqCst) {
            return;
        }
        if let Err(error) = self.join(client) {
            tracing::debug!(%error, "a connection over the cable did not come about");
        }
    }

    fn join(self: &Arc<Self>, client: TcpStream) -> io::Result<()> {
        let service = TcpStream::connect(&self.to)?;
        client.set_nodelay(true)?;
        service.set_nodelay(true)?;
        {
            let mut open = lock(&self.open);
            if !self.up.load(Ordering::SeqCst) {
                return Ok(());
            }
            open.retain(|socket| socket.peer_addr().is_ok());
            open.extend([client.try_clone()?, service.try_clone()?]);
        }
        pump("cable-out", client.try_clone()?, service.try_clone()?)?;
        pump("cable-back", service, client)
    }
}

fn pump(name: &str, mut from: TcpStream, mut to: TcpStream) -> io::Result<()> {
    let body = move || {
        let mut buffer = [0; 16 * 1024];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            if to.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        // Both ends learn that the other is gone.
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    };
    std::thread::Builder::new().name(name.into()).spawn(body).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn echo() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                std::thread::spawn(move || {
                    let mut byte = [0];
                    while client.read_exact(&mut byte).is_ok() && client.write_all(&byte).is_ok() {}
                });
            }
        });
        address
    }

    fn free_address() -> String {
        TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
    }

    #[test]
    fn a_pulled_cable_breaks_open_sockets_and_a_plugged_one_heals() {
        let from = free_address();
        let cable = Cable::lay(&from, &echo()).unwrap();
        let talk = |client: &mut TcpStream| {
            let mut byte = [0];
            client.write_all(b"x").is_ok() && client.read_exact(&mut byte).is_ok()
        };
        let mut client = TcpStream::connect(&from).unwrap();
        assert!(talk(&mut client));
        cable.set_up(false);
        assert!(!talk(&mut client));
        assert!(!TcpStream::connect(&from).is_ok_and(|mut late| talk(&mut late)));
        cable.set_up(true);
        assert!(talk(&mut TcpStream::connect(&from).unwrap()));
    }
}
