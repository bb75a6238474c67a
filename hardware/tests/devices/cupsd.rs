//! A print spooler of our own: the real `cupsd` in a folder of its own on a free port, with raw queues.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use hardware::spooler::{Server, Spooler};

use crate::eventually;

/// A private spooler; ended and waited for when dropped.
pub struct Cupsd {
    folder: tempfile::TempDir,
    port: u16,
    child: Option<Child>,
}

impl Cupsd {
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("cupsd").tempdir().unwrap();
        // The spooler's own user writes below it.
        std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut cupsd = Self { folder, port, child: None };
        cupsd.configure();
        cupsd.run();
        cupsd
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn configure(&self) {
        let at = self.path().display();
        let conf = format!(
            "Listen 127.0.0.1:{}\nBrowsing Off\nDefaultAuthType None\nPreserveJobHistory Yes\nPreserveJobFiles No\nDirtyCleanInterval 0\n\
             <Location />\nOrder allow,deny\nAllow all\n</Location>\n<Location /admin>\nOrder allow,deny\nAllow all\n</Location>\n\
             <Policy default>\n<Limit All>\nOrder allow,deny\nAllow all\n</Limit>\n</Policy>\n",
            self.port
        );
        let files = format!(
            "ServerRoot {at}\nRequestRoot {at}/spool\nCacheDir {at}/cache\nStateDir {at}/state\nTempDir {at}\nAccessLog {at}/access\nErrorLog {at}/error\n\
             PageLog {at}/page\nServerBin /usr/lib/cups\nDataDir /usr/share/cups\nFileDevice Yes\nUser lp\nGroup lp\n"
        );
        std::fs::write(self.path().join("cupsd.conf"), conf).unwrap();
        std::fs::write(self.path().join("cups-files.conf"), files).unwrap();
    }

    /// Starts it, or starts it again.
    pub fn run(&mut self) {
        let mut command = Command::new("/usr/sbin/cupsd");
        command.arg("-f").arg("-c").arg(self.path().join("cupsd.conf"));
        command.arg("-s").arg(self.path().join("cups-files.conf"));
        self.child = Some(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        eventually("the spooler listens", || TcpStream::connect(("127.0.0.1", self.port)).ok());
    }

    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// The name that `CUPS_SERVER` takes.
    pub fn name(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn spooler(&self) -> Spooler {
        Spooler::at(Server::Tcp { host: "127.0.0.1".to_owned(), port: self.port })
    }

    /// Runs one of the spooler's own tools.
    pub fn tool(&self, program: &str, arguments: &[&str]) {
        let mut command = Command::new(program);
        let output = command.args(arguments).env("CUPS_SERVER", self.name()).output().unwrap();
        assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// A raw queue to a TCP port.
    pub fn queue(&self, name: &str, port: u16) {
        let device = format!("socket://127.0.0.1:{port}");
        self.tool("/usr/sbin/lpadmin", &["-p", name, "-E", "-v", &device, "-m", "raw"]);
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.path().join("error")).unwrap_or_default()
    }
}

impl Drop for Cupsd {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.log());
        }
        self.kill();
    }
}

/// A far side that keeps every byte of every connection.
pub struct Catcher {
    port: u16,
    jobs: Arc<Mutex<Vec<Vec<u8>>>>,
    thread: Option<JoinHandle<()>>,
    stop: Arc<std::sync::atomic::AtomicBool>,
}

impl Catcher {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (jobs, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(std::sync::atomic::AtomicBool::new(false)));
        let (kept, stopped) = (Arc::clone(&jobs), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                if stopped.load(std::sync::atomic::Ordering::Acquire) {
                    return;
                }
                let mut job = Vec::new();
                let _ = std::io::Read::read_to_end(&mut stream, &mut job);
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(job);
            }
        });
        Self { port, jobs, thread: Some(thread), stop }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    fn jobs(&self) -> Vec<Vec<u8>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The jobs when there are this many.
    pub fn await_jobs(&self, count: usize) -> Vec<Vec<u8>> {
        eventually("the jobs arrive", || Some(self.jobs()).filter(|jobs| jobs.len() >= count))
    }
}

impl Drop for Catcher {
    fn drop(&mut self) {
        self.stop.store(true, std::sync::atomic::Ordering::Release);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A deadline that a machine under load keeps.
pub fn soon() -> Instant {
    Instant::now() + Duration::from_secs(15)
}
