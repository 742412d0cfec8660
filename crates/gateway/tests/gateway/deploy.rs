//! The commands that the files in `deploy` run, in a temporary folder and with its paths.

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::config::free_port;
use crate::program::{Running, folder, program, ran, until};

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name);
    // A line that ends with a backslash goes on.
    std::fs::read_to_string(path).unwrap().replace("\\\n", " ")
}

/// What stands behind these words at the begin of a line, once for each.
fn behind(text: &str, begin: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.trim().strip_prefix(begin))
        .map(|rest| rest.trim().to_owned())
        .collect()
}

/// The words of a list such as `["serve"]`.
fn words(list: &str) -> Vec<String> {
    serde_json::from_str(&list[list.find('[').unwrap()..]).unwrap()
}

struct Machine {
    folder: PathBuf,
    port: u16,
    variables: Vec<(String, String)>,
}

impl Machine {
    fn new(name: &str, variables: &str) -> Self {
        let (folder, port) = (folder(name), free_port());
        std::fs::create_dir_all(folder.join("var/lib/countersign")).unwrap();
        let mut machine = Self { folder, port, variables: Vec::new() };
        for variable in variables.split_whitespace() {
            let (name, value) = variable.split_once('=').unwrap();
            machine.variables.push((name.to_owned(), machine.here(value)));
        }
        machine
    }

    /// Paths of the machine are below the folder, and its port is a free one.
    fn here(&self, text: &str) -> String {
        let root = self.folder.display();
        let text = text.replace("%d/", "/run/secrets/").replace("8790", &self.port.to_string());
        let text = text.replace("/run/secrets", &format!("{root}/run/secrets"));
        let text = text.replace("/etc/countersign", &format!("{root}/etc/countersign"));
        text.replace("/var/lib", &format!("{root}/var/lib"))
    }

    fn run(&self, words: &[String]) -> Output {
        self.command(words).output().unwrap()
    }

    fn command(&self, words: &[String]) -> Command {
        let mut command = program();
        command.current_dir("/").envs(self.variables.clone()).args(words.iter().map(|word| self.here(word)));
        command
    }

    /// A new sealing key, the service, its health, its end.
    fn serves(&self, migrate: &[&str], serve: &[String], health: &[String]) {
        std::fs::create_dir_all(self.folder.join("run/secrets")).unwrap();
        let migrate: Vec<String> = migrate.iter().map(|word| (*word).to_owned()).collect();
        ran(&self.run(&migrate));
        let (mut gateway, _out) = Running::start(self.command(serve));
        let mut log = BufReader::new(gateway.0.stderr.take().unwrap());
        until(&mut log, "\"message\":\"serving\"");
        ran(&self.run(health));
        let id = gateway.0.id().to_string();
        assert!(Command::new("kill").args(["-HUP", &id]).status().unwrap().success());
        until(&mut log, "the configuration was reloaded");
        assert!(gateway.stop());
        assert!(!self.run(health).status.success(), "it is gone");
        std::fs::remove_dir_all(&self.folder).unwrap();
    }
}

#[test]
fn the_container_starts_and_is_healthy() {
    let text = file("Containerfile");
    let variables = behind(&text, "ENV ").join(" ");
    let machine = Machine::new("container", &variables);
    assert_eq!(machine.variables.len(), 3, "{variables}");
    let entry = words(behind(&text, "ENTRYPOINT ").last().unwrap());
    let serve = words(behind(&text, "CMD ").last().unwrap());
    let health = words(&behind(&text, "HEALTHCHECK ")[0]);
    assert_eq!(
        (entry, &health[..1]),
        (vec!["countersign-gateway".to_owned()], &["countersign-gateway".to_owned()][..])
    );
    // A drain would only make this test wait.
    let serve = [serve, vec!["--drain".to_owned(), "0".to_owned()]].concat();
    machine.serves(&["migrate", "--create-key"], &serve, &health[1..]);
    let compose = file("compose.yaml");
    for command in behind(&compose, "command: ") {
        assert!(
            program().args(words(&command)).arg("--help").output().unwrap().status.success(),
            "{command}"
        );
    }
}

#[test]
fn the_service_starts_with_its_configuration_and_is_reloaded() {
    let unit = file("countersign-gateway.service");
    let machine = Machine::new("service", &behind(&unit, "Environment=").join(" "));
    let configuration = machine.folder.join("etc/countersign");
    std::fs::create_dir_all(&configuration).unwrap();
    let admin = free_port().to_string();
    let text = machine.here(&file("gateway.toml")).replace("8791", &admin);
    std::fs::write(configuration.join("gateway.toml"), text + "drain = \"0s\"\n").unwrap();
    let start = behind(&unit, "ExecStart=/usr/bin/countersign-gateway ");
    let serve: Vec<String> = start[0].split_whitespace().map(str::to_owned).collect();
    let health = ["health", "--config", "/etc/countersign/gateway.toml"].map(str::to_owned);
    let migrate = ["migrate", "--create-key", "--config", "/etc/countersign/gateway.toml"];
    machine.serves(&migrate, &serve, &health);
}
