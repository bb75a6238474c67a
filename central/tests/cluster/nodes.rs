//! Two nodes behind haproxy over one PostgreSQL.

use crate::parts::{Node, Part, folder, free_port, status, until};
use crate::storm::{Storm, stations};
use crate::{cluster, parts};
use std::process::Command;
use std::time::Duration;

#[test]
fn a_node_killed_in_a_storm_of_pushes_loses_nothing_and_stations_need_no_hand() {
    let (_dir, dir) = folder();
    let (store, key) = (cluster::database("nodes"), dir.join("nodes.key"));
    let one = Node::start(&store, &key);
    let mut two = Node::start(&store, &key);
    let port = free_port();
    let _proxy = proxy(&dir, port, [&one.url, &two.url]);
    let url = format!("http://127.0.0.1:{port}");
    until("haproxy", Duration::from_secs(30), || (status(&format!("{url}/healthz")) == Some(200)).then_some(()));
    let stations = stations(&dir, &store, &key, &url, 4);
    let storm = Storm::default();
    std::thread::scope(|scope| {
        for station in &stations {
            scope.spawn(|| storm.blow(station));
        }
        for _ in 0..2 {
            let before = storm.acknowledged();
            until("a storm", Duration::from_secs(60), || (storm.acknowledged() >= before + 400).then_some(()));
            two.kill();
            let before = storm.acknowledged();
            until("pushes to the other node", Duration::from_secs(60), || {
                (storm.acknowledged() >= before + 400).then_some(())
            });
            // It comes back at another port, so the proxy is not told; the first carries on alone, as it did.
            two = Node::start(&store, &key);
        }
        storm.end();
    });
    let held = storm.judge(&stations, &store, &key);
    println!("{held} events over two kills, {} acknowledged", storm.acknowledged());
}

fn proxy(dir: &std::path::Path, port: u16, nodes: [&str; 2]) -> Part {
    let servers: String = nodes
        .iter()
        .enumerate()
        .map(|(at, url)| format!("  server n{at} {} check\n", url.trim_start_matches("http://")))
        .collect();
    let config = format!(
        "defaults\n  mode http\n  timeout connect 1s\n  timeout client 40s\n  timeout server 40s\n  retries 2\n  option redispatch\n\
         frontend f\n  bind 127.0.0.1:{port}\n  default_backend be\n\
         backend be\n  option httpchk GET /healthz\n  http-check expect status 200\n\
         \x20 default-server inter 200ms fall 2 rise 2\n{servers}"
    );
    let file = dir.join("haproxy.cfg");
    std::fs::write(&file, config).unwrap();
    let found = ["/usr/sbin/haproxy", "/usr/bin/haproxy"].into_iter().find(|path| std::path::Path::new(path).exists());
    parts::Part::start(Command::new(found.expect("haproxy is installed")).arg("-f").arg(file).arg("-db"))
}
