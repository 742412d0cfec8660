//! TLS on the listener, and who calls through proxies.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use crate::config::{free_port, serving, signal};
use crate::program::{folder, program, ran, shell, until};

/// Writes a self-signed certificate for localhost, and its key.
fn certificate(folder: &Path, name: &str) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join(format!("{name}.pem")), made.cert.pem()).unwrap();
    std::fs::write(folder.join(format!("{name}.key")), made.signing_key.serialize_pem()).unwrap();
}

#[test]
fn the_listener_speaks_tls_and_takes_a_new_certificate_without_a_restart() {
    let folder = folder("tls");
    let port = free_port();
    certificate(&folder, "first");
    certificate(&folder, "second");
    let write = |name: &str| {
        let tls = format!(
            "tls = {{ cert = \"{name}.pem\", key = \"{name}.key\" }}\ntrusted_proxies = [\"127.0.0.1\"]"
        );
        format!("[server]\nlisten = \"127.0.0.1:{port}\"\ndrain = \"0s\"\n{tls}\n")
    };
    let (mut gateway, mut log) = serving(&folder, &write("first"), port);
    let ask = |trusted: &str, rest: &str| {
        let file = folder.join(format!("{trusted}.pem"));
        shell(&format!("curl -sS {rest} --cacert {} https://localhost:{port}/livez", file.display()))
    };
    ran(&ask("first", "-H 'X-Forwarded-For: 198.51.100.7'"));
    assert!(until(&mut log, "198.51.100.7").contains("countersign_gateway::request"));
    assert!(!ask("second", "").status.success());
    // What is no TLS harms only itself.
    let mut plain = TcpStream::connect(("127.0.0.1", port)).unwrap();
    plain.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    let silent = TcpStream::connect(("127.0.0.1", port)).unwrap();

    std::fs::write(folder.join("gateway.toml"), write("second")).unwrap();
    signal(&gateway, "-HUP");
    until(&mut log, "the configuration was reloaded");
    ran(&ask("second", ""));
    assert!(!ask("first", "").status.success());

    // The key of another certificate: the former one stays.
    std::fs::copy(folder.join("first.key"), folder.join("second.key")).unwrap();
    signal(&gateway, "-HUP");
    assert!(until(&mut log, "former settings stay").contains("is not the key of the certificate"));
    ran(&ask("second", ""));
    let check = program()
        .current_dir(&folder)
        .args(["config", "check", "--config", "gateway.toml"])
        .output()
        .unwrap();
    assert!(
        String::from_utf8_lossy(&check.stderr).contains("is not the key of the certificate"),
        "{check:?}"
    );
    drop(silent);
    assert!(gateway.stop());
    std::fs::remove_dir_all(&folder).unwrap();
}
