//! What lies around the command: variables, files with marks and modes, blanks.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;

use crate::support::{ANNA, Run, Stage, command, folder};

#[test]
fn variables_of_a_platform_are_warned_of_and_stop_nothing() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        for arguments in [vec!["recipients", &envelope.id], vec!["recipients", &envelope.id, "--json"]] {
            let ran = stage
                .command(&arguments)
                .env("COUNTERSIGN_PORT", "tcp://10.0.0.1:80")
                .env("COUNTERSIGN_SERVICE_HOST", "10.0.0.1")
                .ran("")
                .ends(0);
            let line = "warning: the variable COUNTERSIGN_PORT has no meaning";
            assert!(ran.err.contains(line) && !ran.err.contains("10.0.0.1"), "{ran:?}");
        }
    }
}

#[test]
fn a_key_with_a_mark_and_blanks_signs_in_and_an_open_file_is_warned_of() {
    let stage = Stage::all().nth(1).expect("a vendor");
    let key = stage.variables().into_iter().find(|(name, _)| name.ends_with("API_KEY")).expect("a key").1;
    let file = folder("surroundings").join("key.txt");
    std::fs::write(&file, format!("\u{feff}{key} \r\n")).expect("a file");
    let ran = stage
        .command(&["accounts", "--check"])
        .env_remove("COUNTERSIGN_ACCOUNTS__TRIAL__AUTH__API_KEY")
        .env("COUNTERSIGN_ACCOUNTS__TRIAL__AUTH__API_KEY_FILE", &file)
        .ran("")
        .ends(0);
    #[cfg(unix)]
    assert!(ran.err.contains("every user of this machine can read; restrict it with `chmod 600 "), "{ran:?}");
}

#[test]
fn a_code_with_blanks_around_it_is_refused_before_anything_is_sent() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        stage.world.clear_calls();
        let arguments = ["access-code", &envelope.id, "--recipient", ANNA];
        for (more, input) in [(["--code-stdin"].as_slice(), " Fresh2345 \n"), (&["--code-env", "NEW"], "")] {
            let ran = stage.command(&[&arguments, more].concat()).env("NEW", "Fresh2345 ").ran(input);
            assert_eq!((ran.code, stage.world.calls().len()), (3, 0), "{ran:?}");
            assert!(
                ran.err.contains("starts or ends with white space") && !ran.err.contains("Fresh2345"),
                "{ran:?}"
            );
        }
    }
}

#[test]
fn an_empty_variable_for_the_file_names_none() {
    let ran = command(&["accounts"]).env("COUNTERSIGN_CONFIG", "").env("COUNTERSIGN_ACCOUNT", "").ran("");
    assert!(ran.err.contains("no account is configured"), "{ran:?}");
}

#[test]
fn a_proxy_of_the_surroundings_is_used_for_vendors_and_not_for_this_machine() {
    let proxy = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", proxy.local_addr().expect("an address"));
    let asked = std::thread::spawn(move || {
        let (stream, _) = proxy.accept().expect("a connection");
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).expect("a line");
        line
    });
    let mut remote = command(&["accounts", "--check"]);
    for (key, value) in [
        ("VENDOR", "boldsign"),
        ("BASE_URL", "https://api.vendor.example"),
        ("AUTH__KIND", "api_key"),
        ("AUTH__API_KEY", "marked-key"),
    ] {
        remote.env(format!("COUNTERSIGN_ACCOUNTS__TRIAL__{key}"), value);
    }
    remote.env("HTTPS_PROXY", &url).ran("").ends(8);
    assert_eq!(asked.join().expect("a line"), "CONNECT api.vendor.example:443 HTTP/1.1\r\n");
    for stage in Stage::all() {
        let envelope = stage.envelope();
        assert_eq!(
            stage
                .command(&["recipients", &envelope.id])
                .env("HTTP_PROXY", "http://127.0.0.1:9")
                .env("http_proxy", "http://127.0.0.1:9")
                .ran("")
                .code,
            0
        );
    }
}
