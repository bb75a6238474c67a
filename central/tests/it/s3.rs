//! Attachments in S3, against an emulator that we did not write (moto).

use crate::blobs::{attached, scan, send_all, taken_in};
use crate::world::{World, now, wait_for};
use central::Options;
use central::blobs::BlobPlace;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use sync::CentreFault;
use sync::blob::budget::{Budget, Choice};
use sync::blob::protocol::{Blobs, Held};
use sync::blob::transfer::{Sender, TransferFault, fetch};
use sync::protocol::StationRole::Counter;

const BUCKET: &str = "motcua-blobs";
/// moto takes any key, and wants to see one.
const AS_SOMEBODY: &str = "AWS4-HMAC-SHA256 Credential=x/20261125/us-east-1/s3/aws4_request";

/// `moto_server` on a port; ended when it is dropped. It keeps everything in memory.
struct Moto {
    child: Child,
    port: u16,
}

impl Moto {
    fn start(program: &Path, port: u16) -> Self {
        let mut command = Command::new(program);
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let moto = Self { child, port };
        wait_for("moto", || ureq::get(moto.url("moto-api/data.json")).call().ok());
        ureq::put(moto.url(BUCKET)).header("Authorization", AS_SOMEBODY).send_empty().unwrap();
        moto
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    /// An object's bytes, as another client of S3 gets them.
    fn object(&self, key: &str) -> Option<Vec<u8>> {
        let ask = ureq::get(self.url(&format!("{BUCKET}/{key}"))).header("Authorization", AS_SOMEBODY);
        ask.call().ok()?.body_mut().with_config().limit(64 << 20).read_to_vec().ok()
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where `scripts/moto.sh` put it, or on the path.
fn program() -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/moto/bin/moto_server");
    let on_path = std::env::var_os("PATH")?;
    let mut places = std::iter::once(target).chain(std::env::split_paths(&on_path).map(|dir| dir.join("moto_server")));
    places.find(|place| place.is_file())
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn place(port: u16) -> BlobPlace {
    let endpoint = format!("http://127.0.0.1:{port}");
    let settings = [("aws_endpoint_url", endpoint.as_str()), ("aws_allow_http", "true"), ("aws_region", "us-east-1")];
    let keys = [("aws_access_key_id", "x"), ("aws_secret_access_key", "x")];
    let place = BlobPlace::s3(BUCKET, "hanoi");
    settings.into_iter().chain(keys).fold(place, |place, (name, value)| place.with(name, value))
}

#[test]
fn attachments_are_objects_of_their_own_name_in_s3_and_wait_on_the_disk_while_it_is_away() {
    let Some(program) = program() else {
        println!("not tried: there is no moto_server; scripts/moto.sh installs it");
        return;
    };
    let port = free_port();
    let moto = Moto::start(&program, port);
    let world = World::run(Options { blobs: Some(place(port)), ..Options::default() });
    let (first, second) = (world.enrol(Counter, "first"), world.enrol(Counter, "second"));
    let subject = taken_in(&first, 1);
    // One that is put at once, and one in pieces.
    let pictures = [scan(40_000), scan(17 << 20)];
    let named = pictures.each_ref().map(|picture| attached(&first, &subject, picture));
    first.sync();
    second.sync();
    let mut sender = Sender::open(&first.store).unwrap();
    assert_eq!(send_all(&first, &mut sender), 0);
    for ((of, size), picture) in named.iter().zip(&pictures) {
        assert_eq!(first.centre.held(of), Ok(Held::Whole { bytes: *size }));
        let name = of.blob.to_string();
        let object = moto.object(&format!("hanoi/{}/{name}", &name[..2])).unwrap();
        assert_eq!(blake3::hash(&object).to_hex().as_str(), name);
        fetch(&second.store, &second.centre, of).unwrap();
        let mut opened = Vec::new();
        second.store.lock().unwrap().open_blob(of.blob, &mut opened).unwrap();
        assert!(opened == *picture);
    }
    // S3 goes away: parts are taken, nothing is called whole, and records go on.
    drop(moto);
    let (third, size) = attached(&first, &subject, &scan(300_000));
    first.sync();
    let step = |sender: &mut Sender| sender.step(&first.store, &first.centre, &Budget([u64::MAX; 24]), now(), false);
    let away = step(&mut sender);
    assert!(matches!(away, Err(TransferFault::Centre(CentreFault::Busy { .. }))), "{away:?}");
    // It is back, as empty as it was at first: what it lost is its own affair, what waits goes in.
    let moto = Moto::start(&program, port);
    assert!(matches!(step(&mut sender), Ok(Choice::Send { .. })));
    drop(moto);
    let last = step(&mut sender);
    assert!(matches!(last, Err(TransferFault::Centre(CentreFault::Busy { .. }))), "{last:?}");
    let staged = world.dir.path().join("central.db.blobs-arriving").join(third.blob.to_string());
    assert_eq!(std::fs::metadata(&staged).unwrap().len(), size, "all of it waits on the disk");
    let before = sender.spent().clone();
    let moto = Moto::start(&program, port);
    assert_eq!(send_all(&first, &mut sender), 0);
    assert_eq!(
        (first.centre.held(&third), sender.spent()),
        (Ok(Held::Whole { bytes: size }), &before),
        "nothing is sent again"
    );
    let name = third.blob.to_string();
    assert_eq!(moto.object(&format!("hanoi/{}/{name}", &name[..2])).unwrap().len() as u64, size);
    assert!(!staged.exists());
}
