//! The configuration: which source wins, what mistakes say, and what SIGHUP changes.

use std::io::BufReader;
use std::path::Path;
use std::process::Command;

use crate::program::{Running, folder, program, ran, shell, until};

const FILE: &str = r#"
[server]
listen = "127.0.0.2:8000"
drain = "0s"
public_url = "https://sign.example.com/gw/"

[store]
url = "sqlite:data/state.db"
pooler = "transaction"

[seal]
keys = ["new.key", "old.key"]

[accounts]
allow_hosts = ["sign.example.com"]

[calls]
reconcile = false

[log]
level = "warn"
"#;

/// Signals a process.
pub(crate) fn signal(running: &Running, name: &str) {
    let id = running.0.id().to_string();
    assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
}

fn said(output: &std::process::Output) -> String {
    assert!(!output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_command_line_wins_over_variables_and_variables_win_over_the_file() {
    let folder = folder("config");
    let file = folder.join("gateway.toml");
    std::fs::write(&file, FILE).unwrap();
    let check = |options: &[&str], variables: &[(&str, &str)]| {
        let mut command = program();
        command.args(["config", "check"]).args(options);
        command.env("COUNTERSIGN_GATEWAY_CONFIG", &file);
        command.envs(variables.iter().copied()).output().unwrap()
    };
    // Names of files start at the folder of the file, not at that of the process.
    let shown = ran(&check(&[], &[]));
    let beside = |name: &str| folder.join(name).display().to_string();
    for line in [
        "listen = \"127.0.0.2:8000\"".to_owned(),
        "drain = \"0s\"".to_owned(),
        "max_connections = 4096".to_owned(),
        "public_url = \"https://sign.example.com/gw\"".to_owned(),
        format!("url = \"sqlite:{}\"", beside("data/state.db")),
        "pooler = \"transaction\"".to_owned(),
        format!("keys = [\"{}\", \"{}\"]", beside("new.key"), beside("old.key")),
        "allow_hosts = [\"sign.example.com\"]".to_owned(),
        "reconcile = false".to_owned(),
        "level = \"warn\"".to_owned(),
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}\n{shown}");
    }
    // What it shows is a file with the same effect.
    let again = folder.join("again.toml");
    std::fs::write(&again, &shown).unwrap();
    assert_eq!(ran(&check(&["--config", &again.display().to_string()], &[])), shown);

    let variables = [
        ("COUNTERSIGN_GATEWAY__SERVER__LISTEN", "127.0.0.3:8000"),
        ("COUNTERSIGN_GATEWAY__ACCOUNTS__ALLOW_HOSTS", "one.example.com, two.example.com"),
        ("COUNTERSIGN_GATEWAY_STATE", "variable.db"),
        ("COUNTERSIGN_GATEWAY_PORT", "tcp://10.0.0.1:8790"),
    ];
    let shown = ran(&check(&[], &variables));
    assert!(shown.contains("127.0.0.3:8000") && shown.contains("\"sqlite:variable.db\""), "{shown}");
    assert!(shown.contains(r#"["one.example.com", "two.example.com"]"#), "{shown}");
    let shown = ran(&check(&["--listen", "127.0.0.4:8000", "--state", "option.db"], &variables));
    assert!(shown.contains("127.0.0.4:8000") && shown.contains("\"sqlite:option.db\""), "{shown}");
    let shown =
        ran(&check(&[], &[("COUNTERSIGN_GATEWAY_STATE", "postgres://user:planted@db.example.com/state")]));
    assert!(shown.contains("db.example.com") && !shown.contains("planted"), "{shown}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn mistakes_name_the_key_its_place_and_the_nearest_one_and_no_value() {
    let folder = folder("mistakes");
    let file = folder.join("gateway.toml");
    let check = |text: &str, variable: (&str, &str)| {
        std::fs::write(&file, text).unwrap();
        let mut command = program();
        said(&command.args(["config", "check", "--config"]).arg(&file).envs([variable]).output().unwrap())
    };
    let none = ("COUNTERSIGN_TEST", "");
    let text = check("[server]\nlitsen = \"planted\"", none);
    assert!(text.contains("`server.litsen` in ") && text.contains("did you mean `listen`?"), "{text}");
    assert!(text.contains("gateway.toml") && !text.contains("planted"), "{text}");
    let text = check("[sever]\nlisten = \"planted\"", none);
    assert!(text.contains("`sever`") && text.contains("did you mean `server`?"), "{text}");
    let text = check("", ("COUNTERSIGN_GATEWAY__LOG__LEVEL", "planted"));
    assert!(text.contains("variable COUNTERSIGN_GATEWAY__LOG__LEVEL"), "{text}");
    assert!(text.contains("error, warn, info") && !text.contains("planted"), "{text}");
    let text = check("[server]\npublic_url = \"http://planted.example.com\"", none);
    assert!(text.contains("`server.public_url`") && text.contains("an https URL"), "{text}");
    let text = check("[store]\nurl = \"mysql://planted@host/db\"", none);
    assert!(text.contains("`store.url`") && !text.contains("planted"), "{text}");
    for (table, key, right) in [
        ("accounts", "allow_hosts", "sign.example.com or 127.0.0.1:8080: no scheme"),
        ("events", "allow_private", "hooks.internal or 10.0.0.7: no scheme"),
        ("server", "trusted_proxies", "127.0.0.1 or 10.0.0.0/8"),
    ] {
        let text = check(&format!("[{table}]\n{key} = [\"10.0.0.1\", \"https://u:planted@host\"]"), none);
        assert!(text.contains(&format!("`{table}.{key}` in ")) && text.contains("gateway.toml"), "{text}");
        assert!(text.contains("number 2") && text.contains(right) && !text.contains("planted"), "{text}");
    }
    let text = check("", ("COUNTERSIGN_GATEWAY__ACCOUNTS__ALLOW_HOSTS", "a.example.com,*"));
    assert!(text.contains("variable COUNTERSIGN_GATEWAY__ACCOUNTS__ALLOW_HOSTS"), "{text}");
    for (variable, option) in [
        ("COUNTERSIGN_GATEWAY_ALLOW_HOST", "--allow-host"),
        ("COUNTERSIGN_GATEWAY_ALLOW_PRIVATE", "--allow-private"),
    ] {
        let text = check("", (variable, "10.0.0.7, https://u:planted@host"));
        assert!(text.contains(option) && text.contains("number 2") && text.contains("no scheme"), "{text}");
        assert!(!text.contains("planted"), "{text}");
    }
    let text = check("", ("COUNTERSIGN_GATEWAY_LISTEN", "planted"));
    assert!(text.contains("give an address and port, such as 0.0.0.0:8790"), "{text}");
    let text = check("[log]\nlevel = planted", none);
    assert!(text.contains("line 2, column 9") && !text.contains("planted"), "{text}");
    let missing = program().args(["tenant", "list", "--config", "missing.toml"]).output().unwrap();
    let text = said(&missing);
    assert!(text.contains("missing.toml cannot be read") && text.contains("next: check the name"), "{text}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_faulty_database_url_is_refused_without_its_password() {
    let mut command = program();
    command.args(["config", "check", "--state", "postgres://gw:planted-word@db/x?sslmode=prefer"]);
    let said = said(&command.output().unwrap());
    assert!(!said.contains("planted-word"), "{said}");
}

/// Starts a gateway on a free port with this configuration, and reads its log until it serves.
pub(crate) fn serving(
    folder: &Path,
    config: &str,
    port: u16,
) -> (Running, BufReader<std::process::ChildStderr>) {
    std::fs::write(folder.join("gateway.toml"), config).unwrap();
    let run = |args: &[&str]| program().current_dir(folder).args(args).output().unwrap();
    ran(&run(&["migrate", "--create-key", "--config", "gateway.toml"]));
    let mut command = program();
    command.current_dir(folder).args(["serve", "--config", "gateway.toml"]);
    let (mut gateway, _out) = Running::start(command);
    let log = BufReader::new(gateway.0.stderr.take().unwrap());
    // Its log may be off, so a probe says when it serves.
    let at = format!("127.0.0.1:{port}");
    while !run(&["health", "--at", &at, "--config", "gateway.toml"]).status.success() {
        assert!(gateway.0.try_wait().unwrap().is_none(), "it ended");
    }
    (gateway, log)
}

pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn a_reload_changes_what_it_can_and_keeps_the_former_settings_of_a_faulty_file() {
    let folder = folder("reload");
    let port = free_port();
    let config =
        |port: u16, rest: &str| format!("[server]\nlisten = \"127.0.0.1:{port}\"\ndrain = \"0s\"\n{rest}");
    let (mut gateway, mut log) = serving(&folder, &config(port, "[log]\nlevel = \"warn\"\n"), port);
    let ask =
        || ran(&shell(&format!("curl -sS -o /dev/null -w '%{{http_code}}' http://127.0.0.1:{port}/livez")));
    let write = |text: &str| std::fs::write(folder.join("gateway.toml"), text).unwrap();

    write(&config(port.wrapping_add(1), "[log]\nlevel = \"info\"\n"));
    signal(&gateway, "-HUP");
    let lines = until(&mut log, "the configuration was reloaded");
    assert!(lines.contains("server.listen") && lines.contains("after a restart"), "{lines}");
    assert!(!lines.contains("countersign_gateway::request"), "the level was warn: {lines}");
    assert_eq!(ask(), "204", "it listens where it did");
    until(&mut log, "countersign_gateway::request");

    // A host that is allowed now, by settings that were refused before.
    let run = |args: &[&str]| ran(&program().current_dir(&folder).args(args).output().unwrap());
    run(&["tenant", "add", "acme"]);
    let key = run(&["key", "add", "acme"]);
    let account = |name: &str| {
        let body = format!(
            r#"{{"name":"{name}","vendor":"boldsign","settings":{{"base_url":"http://127.0.0.1:9","auth":{{"kind":"api_key","api_key":"k"}}}}}}"#
        );
        let headers = format!("-H 'Authorization: Bearer {key}' -H 'Content-Type: application/json'");
        ran(&shell(&format!("curl -sS {headers} http://127.0.0.1:{port}/v1/accounts -d '{body}'")))
    };
    assert!(account("early").contains("not allowed"));
    let endpoint = || {
        let headers = format!("-H 'Authorization: Bearer {key}' -H 'Content-Type: application/json'");
        let body = r#"{"url":"http://127.0.0.1:9/events"}"#;
        ran(&shell(&format!("curl -sS {headers} http://127.0.0.1:{port}/v1/endpoints -d '{body}'")))
    };
    assert!(endpoint().contains("is not https"));
    let hosts = "[accounts]\nallow_hosts = [\"127.0.0.1:9\"]\n[events]\nallow_private = [\"127.0.0.1\"]\n";
    write(&config(port, &format!("{hosts}[calls]\nreconcile = false\n")));
    signal(&gateway, "-HUP");
    let lines = until(&mut log, "the configuration was reloaded");
    assert!(!lines.contains("after a restart"), "{lines}");
    let late = account("late");
    assert!(late.contains("\"name\":\"late\""), "{late}");
    assert!(endpoint().contains("\"secret\""));
    // Of two faulty lists, neither is applied.
    write(&config(port, "[events]\nallow_private = [\"127.0.0.1:9\"]\n"));
    signal(&gateway, "-HUP");
    until(&mut log, "former settings stay");
    assert!(account("last").contains("\"name\":\"last\""));

    write("[log]\nlevle = \"error\"\n");
    signal(&gateway, "-HUP");
    let lines = until(&mut log, "former settings stay");
    assert!(lines.contains("did you mean `level`?"), "{lines}");
    assert_eq!(ask(), "204");
    until(&mut log, "countersign_gateway::request");
    assert!(gateway.stop());
    std::fs::remove_dir_all(&folder).unwrap();
}
