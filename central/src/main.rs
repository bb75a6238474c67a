//! `motcua-central`: the central service and its administrator's commands.

mod cli;

use clap::Parser;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_env("MOTCUA_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match cli::run(cli::Arguments::parse()) {
        Ok(code) => code,
        Err(fault) => {
            eprintln!("motcua-central: {fault}");
            ExitCode::FAILURE
        }
    }
}
