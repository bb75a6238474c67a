//! Which spooler this machine prints with, and in whose name.

use std::path::Path;

use super::Server;

const CLIENT_CONF: &str = "/etc/cups/client.conf";
const LOCAL_SOCKET: &str = "/run/cups/cups.sock";
const PORT: u16 = 631;

pub(super) fn configured() -> Server {
    let named = std::env::var("CUPS_SERVER").ok().filter(|name| !name.trim().is_empty());
    let named = named.or_else(|| std::fs::read_to_string(CLIENT_CONF).ok().as_deref().and_then(server_name));
    match named {
        Some(name) => parse(&name),
        None if Path::new(LOCAL_SOCKET).exists() => Server::Socket(LOCAL_SOCKET.into()),
        None => Server::Tcp { host: "localhost".to_owned(), port: PORT },
    }
}

/// The user whose jobs these are.
pub(super) fn user() -> String {
    #[expect(unsafe_code, reason = "geteuid(2) has no safe form in std; it takes nothing and cannot fail")]
    let id = unsafe { libc::geteuid() };
    let named = std::fs::read_to_string("/etc/passwd").ok().and_then(|passwd| user_of(&passwd, id));
    named.or_else(|| std::env::var("USER").ok()).unwrap_or_else(|| "anonymous".to_owned())
}

fn user_of(passwd: &str, id: u32) -> Option<String> {
    let mut lines = passwd.lines().map(|line| line.split(':').collect::<Vec<_>>());
    lines
        .find(|fields| fields.get(2).and_then(|field| field.parse().ok()) == Some(id))
        .map(|fields| fields[0].to_owned())
}

/// The `ServerName` of a client.conf.
fn server_name(conf: &str) -> Option<String> {
    let mut settings = conf.lines().filter_map(|line| line.trim().split_once(char::is_whitespace));
    settings.find(|(name, _)| name.eq_ignore_ascii_case("ServerName")).map(|(_, value)| value.trim().to_owned())
}

/// `/path`, `host`, `host:port`, `[::1]:port`, each perhaps with `/version=1.1`.
fn parse(name: &str) -> Server {
    let name = name.trim();
    if name.starts_with('/') {
        return Server::Socket(name.into());
    }
    let name = name.split('/').next().unwrap_or(name);
    let port = name.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
    match port {
        // Without brackets, more than one colon is an address and no port.
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => Server::Tcp { host: host.to_owned(), port },
        _ => Server::Tcp { host: name.to_owned(), port: PORT },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn servers_are_named_as_cups_names_them() {
        let tcp = |host: &str, port| Server::Tcp { host: host.to_owned(), port };
        for (name, expected) in [
            ("/run/cups/cups.sock", Server::Socket("/run/cups/cups.sock".into())),
            ("print.lan", tcp("print.lan", 631)),
            (" 127.0.0.1:16311 ", tcp("127.0.0.1", 16311)),
            ("print.lan:8631/version=1.1", tcp("print.lan", 8631)),
            ("[::1]:631", tcp("[::1]", 631)),
            ("fe80::1", tcp("fe80::1", 631)),
        ] {
            assert_eq!(parse(name), expected, "{name}");
        }
        assert_eq!(server_name("# x\n servername  print.lan:1 \n"), Some("print.lan:1".to_owned()));
        assert_eq!(server_name("Encryption Never\n"), None);
        assert_eq!(user_of("root:x:0:0::/root:/bin/sh\nlp:x:7:7::/x:/y\nbad", 7), Some("lp".to_owned()));
        assert_eq!(user_of("", 7), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in ".{0,60}") {
            let _ = (parse(&text), server_name(&text), user_of(&text, 0));
        }
    }
}
