//! A sandbox with an envelope at one vendor, and the built command to try on it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use countersign::provider::{Descriptor, Feature};
use countersign_sandbox::{
    Act, ActOutcome, Configuration, DropWhen, EnvelopeView, Fault, FaultKind, NewEnvelope, NewRecipient,
    Options, Sandbox, Secret, SignIn, Vendor, World,
};
use tokio::runtime::Runtime;

pub(crate) const VENDORS: [(&str, Vendor); 2] =
    [("docusign", Vendor::DOCUSIGN), ("boldsign", Vendor::BOLDSIGN)];
/// Of the variables of the account.
pub(crate) const PREFIX: &str = "COUNTERSIGN_ACCOUNTS__TRIAL__";
pub(crate) const BACK: &str = "https://app.example.com/signed";
/// Anna of [`Stage::envelope`].
pub(crate) const ANNA: &str = "email:anna+sign@example.com";

/// Whether the vendor has access codes.
pub(crate) fn codes(vendor: &Descriptor) -> bool {
    vendor.facts.offers(Feature::ChangeAccessCode).is_ok()
}

/// What a run of the command came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) line: String,
}

impl Ran {
    /// The document on standard output.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Checks the exit code.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    /// Checks that standard error has this.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.err.contains(text), "{text}: {self:?}");
        self
    }

    /// Checks that standard output has this.
    #[track_caller]
    pub(crate) fn prints(self, text: &str) -> Self {
        assert!(self.out.contains(text), "{text}: {self:?}");
        self
    }

    /// Checks that standard output begins with this.
    #[track_caller]
    pub(crate) fn begins(self, text: &str) -> Self {
        assert!(self.out.starts_with(text), "{text}: {self:?}");
        self
    }

    /// Checks that this shows nowhere.
    #[track_caller]
    pub(crate) fn hides(self, text: &str) -> Self {
        assert!(!self.out.contains(text) && !self.err.contains(text), "{text}: {self:?}");
        self
    }

    /// Checks that nothing is on standard error.
    #[track_caller]
    pub(crate) fn quiet(self) -> Self {
        assert_eq!(self.err, "", "{self:?}");
        self
    }

    /// Checks that nothing is on standard output.
    #[track_caller]
    pub(crate) fn blank(self) -> Self {
        assert_eq!(self.out, "", "{self:?}");
        self
    }

    /// Everything, for a snapshot.
    pub(crate) fn shown(&self) -> String {
        format!(
            "$ countersign {}\n[exit {}]\n[stdout]\n{}[stderr]\n{}",
            self.line, self.code, self.out, self.err
        )
    }
}

/// A folder of this test's own.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// A file in a folder of this test's own; its name as it is typed.
pub(crate) fn written(folder_name: &str, name: &str, text: impl AsRef<[u8]>) -> String {
    let file = folder(folder_name).join(name);
    std::fs::write(&file, text).expect("a file");
    typed(&file).to_owned()
}

/// A name as it is typed.
pub(crate) fn typed(path: &Path) -> &str {
    path.to_str().expect("a name")
}

/// Checks that only its owner can read a file.
pub(crate) fn is_private(path: impl AsRef<Path>) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let about = std::fs::metadata(path).expect("the file");
        assert_eq!(about.permissions().mode() & 0o777, 0o600);
    }
}

/// Sends a signal such as `-TERM`.
pub(crate) fn signal(child: &Child, name: &str) {
    let asked = Command::new("kill").args([name, &child.id().to_string()]).status().expect("kill");
    assert!(asked.success());
}

/// The command with nothing of the surroundings but what it needs to start.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command
        .args(arguments)
        .env_clear()
        .env("HOME", env!("CARGO_TARGET_TMPDIR"))
        .current_dir(env!("CARGO_TARGET_TMPDIR"));
    // Coverage tools and sanitizers of the surroundings may need these.
    for name in ["PATH", "LLVM_PROFILE_FILE", "LD_LIBRARY_PATH", "SYSTEMROOT"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// The command under a limit of the shell's `ulimit`, such as `-n 24` open files.
#[cfg(unix)]
pub(crate) fn limited(command: &Command, limit: &str) -> Command {
    let mut limited = Command::new("sh");
    limited.args(["-c", &format!("ulimit {limit}; exec \"$0\" \"$@\"")]).arg(command.get_program());
    limited.args(command.get_args()).env_clear().current_dir(env!("CARGO_TARGET_TMPDIR"));
    limited.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    limited
}

/// A command that is run to its end.
pub(crate) trait Run {
    /// With this on standard input. What it prints with `--json` has to be as its schema says.
    fn ran(&mut self, input: &str) -> Ran;
}

impl Run for Command {
    fn ran(&mut self, input: &str) -> Ran {
        let ran = ended(self, input);
        crate::schema::check(&ran);
        ran
    }
}

fn ended(command: &mut Command, input: &str) -> Ran {
    let line = command.get_args().map(|argument| argument.to_string_lossy()).collect::<Vec<_>>().join(" ");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command");
    // A command that refuses earlier does not read its input.
    let _ = child.stdin.take().expect("its input").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("its end");
    Ran {
        code: output.status.code().expect("a code"),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
        line,
    }
}

/// Runs the command without any configuration.
pub(crate) fn run(arguments: &[&str]) -> Ran {
    command(arguments).ran("")
}

/// As [`run`], whatever it prints.
pub(crate) fn unchecked(arguments: &[&str]) -> Ran {
    ended(&mut command(arguments), "")
}

fn variables(account: Configuration) -> Vec<(String, String)> {
    let name = |key: &str| format!("{PREFIX}{}", key.replace('.', "__").to_uppercase());
    account.into_iter().map(|(key, value)| (name(key), value.expose().to_owned())).collect()
}

/// A sandbox and an account at one of its vendors.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) vendor: Vendor,
    pub(crate) name: &'static str,
    sandbox: Option<Sandbox>,
    runtime: Runtime,
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(sandbox) = self.sandbox.take() {
            self.runtime.block_on(sandbox.stop());
        }
    }
}

impl Stage {
    pub(crate) fn at(name: &'static str, vendor: Vendor) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let sandbox = runtime.block_on(Sandbox::start(Options::new())).expect("a sandbox");
        Self { world: sandbox.world(), vendor, name, sandbox: Some(sandbox), runtime }
    }

    /// Every vendor, each in a sandbox of its own.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        VENDORS.into_iter().map(|(name, vendor)| Self::at(name, vendor))
    }

    pub(crate) fn sandbox(&self) -> &Sandbox {
        self.sandbox.as_ref().expect("a sandbox")
    }

    /// The account as variables: no file is needed. With a token where the vendor has one that needs no sign-in.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let token = self.sandbox().account_with(self.vendor, SignIn::Token);
        variables(token.unwrap_or_else(|| self.sandbox().account(self.vendor)))
    }

    /// The command with these credentials instead.
    pub(crate) fn command_with(&self, sign_in: SignIn, arguments: &[&str]) -> Command {
        let mut command = command(arguments);
        let account = self.sandbox().account_with(self.vendor, sign_in);
        command.envs(variables(account.expect("an account of this kind")));
        command
    }

    /// The command with another key or token than the account's.
    pub(crate) fn command_with_wrong_key(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(arguments);
        let variables = self.variables().into_iter();
        let keys = variables.filter(|(name, _)| name.ends_with("TOKEN") || name.ends_with("API_KEY"));
        command.envs(keys.map(|(name, _)| (name, "not-the-key")));
        command
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(arguments);
        command.envs(self.variables());
        command
    }

    /// Runs the command with the account.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.command(arguments).ran("")
    }

    /// Asks for a link, with these options.
    pub(crate) fn view(&self, envelope: &str, recipient: &str, more: &[&str]) -> Ran {
        self.run(&[&["view", envelope, "--recipient", recipient, "--return-url", BACK], more].concat())
    }

    /// Does what needs the sandbox's own runtime.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Anna and Ben, in this order, embedded where the vendor knows that, each with an access code.
    pub(crate) fn envelope(&self) -> EnvelopeView {
        let anna = NewRecipient::new("Anna Zoë Müller", "anna+sign@example.com")
            .with_embedded("77")
            .with_access_code("Anna2345");
        let ben = NewRecipient::new("Ben", "ben@example.com")
            .with_order(2)
            .with_embedded("78")
            .with_access_code("Ben23456");
        self.contract([anna, ben])
    }

    /// An envelope of these recipients.
    pub(crate) fn contract<const N: usize>(&self, recipients: [NewRecipient; N]) -> EnvelopeView {
        let new = NewEnvelope::new(self.vendor, "Contract");
        self.make(recipients.into_iter().fold(new, NewEnvelope::with_recipient))
    }

    pub(crate) fn make(&self, new: NewEnvelope) -> EnvelopeView {
        self.world.make_envelope(new).expect("an envelope")
    }

    /// Breaks the connection of calls that change a code, after the vendor has done them.
    pub(crate) fn cut_code_changes(&self, times: u32) {
        let (method, path) = self.code_change();
        let cut = FaultKind::Drop { drop: DropWhen::AfterWork };
        self.world.inject(Fault::on(method, path, cut).times(times));
    }

    /// Method and a part of the path of the call that changes a code.
    pub(crate) fn code_change(&self) -> (&'static str, &'static str) {
        if self.name == "docusign" { ("PUT", "/recipients") } else { ("PATCH", "/changeAccessCode") }
    }

    pub(crate) fn enter(&self, envelope: &str, recipient: &str, code: &str) -> ActOutcome {
        let entered = self.world.act(envelope, recipient, Act::EnterCode { code: Secret::new(code) });
        entered.expect("an answer").outcome
    }

    /// Whether a code lets the first recipient in.
    pub(crate) fn accepts(&self, envelope: &str, code: &str) -> bool {
        self.enter(envelope, "1", code) == ActOutcome::CodeAccepted
    }

    /// Types wrong codes until the vendor has had enough.
    pub(crate) fn lock(&self, envelope: &str, recipient: &str) {
        for _ in 0..3 {
            self.enter(envelope, recipient, "wrong");
        }
    }

    pub(crate) fn sign(&self, envelope: &str, recipient: &str, code: &str) {
        self.enter(envelope, recipient, code);
        self.world.act(envelope, recipient, Act::Sign { new_name: None }).expect("a signature");
    }

    /// Snapshots what was shown, under the vendor's name; ids, ports and times are taken out.
    pub(crate) fn snapshot(&self, name: &str, shown: &str) {
        let name = format!("{name}@{}", self.name);
        snapshot(&name, shown);
    }
}

pub(crate) fn snapshot(name: &str, shown: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(r"127\.0\.0\.1:\d+", "[sandbox]");
    settings.add_filter(r"/sign/[0-9a-f]+", "/sign/[token]");
    // Until the full hour.
    settings.add_filter(r"after \d+ s\b", "after [wait] s");
    settings.add_filter(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[uuid]");
    settings.add_filter(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC", "[time]");
    settings.add_filter(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "[time]");
    settings.bind(|| insta::assert_snapshot!(name, shown));
}
